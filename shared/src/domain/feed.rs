//! The feed: the ordered, paged list of published photos; newest first.

use std::{fmt, str::FromStr};

use data_encoding::BASE64URL_NOPAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    ids::{BadId, DisciplineSlug, EditionSlug, PhotoId, Revision},
    photo::{Kind, Photo, Rendition, State},
    refusal::Refusal,
    school::{School, SchoolKey},
    time::millis,
};

/// All that a tile and a photo's page need of a published photo, so that no second read is made. Field names are short because
/// every row repeats them: a row stays near 400 bytes, and a page of 24 within two read units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedRow {
    /// The photo.
    #[serde(rename = "id")]
    pub id: PhotoId,
    /// Photo or video.
    #[serde(rename = "k")]
    pub kind: Kind,
    /// Its edition.
    #[serde(rename = "e")]
    pub edition: EditionSlug,
    /// Its caption.
    #[serde(rename = "c")]
    pub caption: String,
    /// Its alternative text.
    #[serde(rename = "a")]
    pub alt: String,
    /// Whom it names.
    #[serde(rename = "cr")]
    pub credit: String,
    /// Its school.
    #[serde(rename = "s")]
    pub school: Option<School>,
    /// Its discipline.
    #[serde(rename = "d")]
    pub discipline: Option<DisciplineSlug>,
    /// When it was first published.
    #[serde(rename = "at", with = "millis")]
    pub published_at: Timestamp,
    /// Width of the oriented original in pixels.
    #[serde(rename = "w")]
    pub width: u32,
    /// Height of the oriented original in pixels.
    #[serde(rename = "h")]
    pub height: u32,
    /// ThumbHash, base64.
    #[serde(rename = "ph")]
    pub placeholder: String,
    /// Dominant colour, `#rrggbb`.
    #[serde(rename = "co")]
    pub color: String,
    /// Its renditions, largest first.
    #[serde(rename = "r")]
    pub renditions: Vec<Rendition>,
    /// The random part of its renditions' addresses.
    #[serde(rename = "rv")]
    pub revision: Revision,
}

impl FeedRow {
    /// Where the row stands in each of its feeds.
    pub fn position(&self) -> Position {
        Position { published_at: self.published_at, id: self.id.clone() }
    }
}

/// One of the feeds that a photo stands in. The state lives in the key: a feed is read, never filtered.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Feed {
    /// The edition.
    pub edition: EditionSlug,
    /// Only this discipline.
    pub discipline: Option<DisciplineSlug>,
    /// Only this school.
    pub school: Option<SchoolKey>,
}

impl Feed {
    /// The feed's partition key in the table: `F#{edition}#all#{shard}`, `…#d#{discipline}#{shard}`, `…#s#{school}`,
    /// `…#s#{school}#d#{discipline}`. Feeds of one school are never so busy that they would need shards.
    pub fn partition(&self, shard: u8) -> String {
        let edition = &self.edition;
        match (&self.school, &self.discipline) {
            (None, None) => format!("F#{edition}#all#{shard}"),
            (None, Some(discipline)) => format!("F#{edition}#d#{discipline}#{shard}"),
            (Some(school), None) => format!("F#{edition}#s#{school}"),
            (Some(school), Some(discipline)) => format!("F#{edition}#s#{school}#d#{discipline}"),
        }
    }

    /// How many partitions the feed is spread over.
    pub fn shards(&self, of_edition: u8) -> u8 {
        if self.school.is_some() { 1 } else { of_edition.max(1) }
    }
}

/// A place in a feed. Places are totally ordered over all feeds, so a cursor stays good when feeds are spread wider.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// When the photo there was published.
    pub published_at: Timestamp,
    /// The photo there.
    pub id: PhotoId,
}

impl Position {
    /// The sort key in the table: milliseconds in 13 digits, then the id.
    pub fn sort_key(&self) -> String {
        format!("{:013}#{}", self.published_at.as_millisecond(), self.id)
    }
}

/// Where the next page starts; opaque to clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(pub Position);

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64URL_NOPAD.encode(self.0.sort_key().as_bytes()))
    }
}

impl FromStr for Cursor {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        let position = || {
            let sort_key = String::from_utf8(BASE64URL_NOPAD.decode(text.as_bytes()).ok()?).ok()?;
            let (millis, id) = sort_key.split_once('#')?;
            let digits = millis.len() == 13 && millis.bytes().all(|b| b.is_ascii_digit());
            let published_at = Timestamp::from_millisecond(millis.parse().ok()?).ok()?;
            digits.then_some(Position { published_at, id: id.parse().ok()? })
        };
        position().map(Self).ok_or(BadId { expected: "a cursor that an earlier answer gave as next" })
    }
}

/// One page of a feed, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its photos.
    pub photos: Vec<FeedRow>,
    /// Where the following page starts, if there is one.
    pub next: Option<Cursor>,
}

/// The row of a published photo; none in every other state.
pub fn row(photo: &Photo) -> Option<FeedRow> {
    let (State::Published, Some(rendered), Some(revision), Some(published_at)) =
        (photo.state, &photo.rendered, &photo.revision, photo.published_at)
    else {
        return None;
    };
    Some(FeedRow {
        id: photo.id.clone(),
        kind: photo.kind,
        edition: photo.edition.clone(),
        caption: photo.caption.clone(),
        alt: photo.alt.clone(),
        credit: photo.credit.clone(),
        school: photo.school.clone(),
        discipline: photo.discipline.clone(),
        published_at,
        width: rendered.width,
        height: rendered.height,
        placeholder: rendered.placeholder.clone(),
        color: rendered.color.clone(),
        renditions: rendered.renditions.clone(),
        revision: revision.clone(),
    })
}

/// What everybody may see of a photo.
///
/// # Errors
/// [`Refusal::PhotoWithdrawn`] where it was public once, [`Refusal::PhotoNotFound`] where it never was.
pub fn public(photo: &Photo) -> Result<FeedRow, Refusal> {
    let absent = if photo.published_at.is_some() { Refusal::PhotoWithdrawn } else { Refusal::PhotoNotFound };
    row(photo).ok_or(absent)
}

/// The feeds in which a row stands: all, its discipline, its school, and both together.
pub fn feeds(row: &FeedRow) -> Vec<Feed> {
    let feed = |discipline: Option<&DisciplineSlug>, school: Option<SchoolKey>| Feed {
        edition: row.edition.clone(),
        discipline: discipline.cloned(),
        school,
    };
    let (discipline, school) = (row.discipline.as_ref(), row.school.as_ref().map(School::key));
    let mut feeds = vec![feed(None, None)];
    feeds.extend(discipline.map(|d| feed(Some(d), None)));
    feeds.extend(school.clone().map(|s| feed(None, Some(s))));
    feeds.extend(discipline.zip(school).map(|(d, s)| feed(Some(d), Some(s))));
    feeds
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample;

    #[test]
    fn a_cursor_comes_back_as_it_went_out() {
        let cursor = Cursor(Position { published_at: sample::noon(), id: PhotoId::from_digest(&[1; 32]) });
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for bad in ["", "x", "====", "MTIzIzQ1Ng", "9999999999999999999999"] {
            assert!(bad.parse::<Cursor>().is_err(), "{bad}");
        }
    }

    #[test]
    fn only_a_published_photo_stands_in_feeds() {
        let published = sample::published();
        assert_eq!(feeds(&row(&published).unwrap()).len(), 4);
        for state in State::ALL.into_iter().filter(|state| *state != State::Published) {
            assert_eq!(row(&Photo { state, ..published.clone() }), None);
        }
    }

    #[test]
    fn a_row_is_small() {
        let bytes = serde_json::to_vec(&row(&sample::published()).unwrap()).unwrap().len();
        assert!(bytes < 700, "{bytes} bytes as JSON, a little less in the table");
    }

    #[test]
    fn sort_keys_are_ordered_as_positions_are() {
        let position = |millis, byte| Position {
            published_at: Timestamp::from_millisecond(millis).unwrap(),
            id: PhotoId::from_digest(&[byte; 32]),
        };
        let mut positions = [position(2, 1), position(1, 9), position(1, 3), position(1_900_000_000_000, 0)];
        positions.sort();
        let keys: Vec<_> = positions.iter().map(Position::sort_key).collect();
        assert!(keys.is_sorted());
    }
}
