//! The feed: the ordered, paged list of published photos, newest first.

use std::{fmt, str::FromStr};

use data_encoding::BASE64URL_NOPAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    ids::{BadId, DisciplineSlug, EditionSlug, PhotoId, Revision},
    photo::{Photo, Rendition},
    refusal::Refusal,
    school::{Nation, School, SchoolKey},
    search::SearchTerms,
    states::{Kind, State},
    time::{HalfHour, millis},
};

/// Everything that a tile and a photo's page need of a published photo, so that no second read is made. Field names are short because every
/// row repeats them: a row stays near 400 bytes, and a page of 24 within two read units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedRow {
    /// The photo's id.
    #[serde(rename = "id")]
    pub id: PhotoId,
    /// Whether it is a photo or a video.
    #[serde(rename = "k")]
    pub kind: Kind,
    /// The photo's edition.
    #[serde(rename = "e")]
    pub edition: EditionSlug,
    /// The caption.
    #[serde(rename = "c")]
    pub caption: String,
    /// The alternative text.
    #[serde(rename = "a")]
    pub alt: String,
    /// The credit line.
    #[serde(rename = "cr")]
    pub credit: String,
    /// The school, if the photo has one.
    #[serde(rename = "s")]
    pub school: Option<School>,
    /// The discipline, if the photo has one.
    #[serde(rename = "d")]
    pub discipline: Option<DisciplineSlug>,
    /// When the photo was first published.
    #[serde(rename = "at", with = "millis")]
    pub published_at: Timestamp,
    /// Width of the oriented original in pixels.
    #[serde(rename = "w")]
    pub width: u32,
    /// Height of the oriented original in pixels.
    #[serde(rename = "h")]
    pub height: u32,
    /// The ThumbHash, in base64.
    #[serde(rename = "ph")]
    pub placeholder: String,
    /// The dominant colour, `#rrggbb`.
    #[serde(rename = "co")]
    pub color: String,
    /// The photo's renditions, largest first.
    #[serde(rename = "r")]
    pub renditions: Vec<Rendition>,
    /// The random part of the renditions' addresses.
    #[serde(rename = "rv")]
    pub revision: Revision,
    /// What only a video has; `None` for a photo.
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub film: Option<FeedFilm>,
    /// When a moderator picked it as a favourite; `None` if none has.
    #[serde(rename = "p", with = "millis::option", default, skip_serializing_if = "Option::is_none")]
    pub picked_at: Option<Timestamp>,
}

/// What the public is told of a published video beside what it is told of every photo. Its file is [`FILM_NAME`](super::video::FILM_NAME).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedFilm {
    /// How long it is, in milliseconds.
    #[serde(rename = "ms")]
    pub duration_ms: u32,
    /// Size of the file in bytes.
    #[serde(rename = "b")]
    pub bytes: u64,
    /// Whether it has sound.
    #[serde(rename = "s")]
    pub sound: bool,
    /// The words for what is heard; empty if it has no sound.
    #[serde(rename = "t", default, skip_serializing_if = "String::is_empty")]
    pub transcript: String,
}

impl FeedRow {
    /// Returns the row's position, which is the same in each of its feeds.
    pub fn position(&self) -> Position {
        Position { published_at: self.published_at, id: self.id.clone() }
    }
}

/// One of the feeds that contain a photo. The partition key stands for the state: a feed is read, never filtered.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Feed {
    /// The edition.
    pub edition: EditionSlug,
    /// Which of the edition's photos the feed contains.
    pub part: FeedScope,
}

/// The scope of a feed: which photos it contains. Each kind is a partition of its own, and costs every photo in it two write units.
///
/// Decision: each feed has one filter. Feeds for two filters at once (a discipline in a nation, a discipline of a school) would cost each
/// photo two more units for each, while the whole life of a photo costs thirty, and hardly any reader would ask for them. Two filters or
/// search terms are answered by the [`index`](super::index); half an hour is a range of any feed's keys and costs nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FeedScope {
    /// All photos.
    All,
    /// The photos of one discipline.
    Discipline(DisciplineSlug),
    /// The photos of one nation's schools.
    Nation(Nation),
    /// The photos of one school.
    School(SchoolKey),
    /// The photos that moderators picked.
    Picked,
}

impl Feed {
    /// Returns the feed of all photos of an edition.
    pub fn all(edition: &EditionSlug) -> Self {
        Self { edition: edition.clone(), part: FeedScope::All }
    }

    /// Returns the feed of one school's photos.
    pub fn school(edition: &EditionSlug, school: SchoolKey) -> Self {
        Self { edition: edition.clone(), part: FeedScope::School(school) }
    }

    /// Returns the feed's partition key in the table: `F#{edition}#all#{shard}`, `…#d#{discipline}#{shard}`, `…#n#{nation}#{shard}`,
    /// `…#s#{school}`, `…#p`. Feeds of one school, and of picks, are never busy enough to need shards.
    pub fn partition(&self, shard: u8) -> String {
        let edition = &self.edition;
        match &self.part {
            FeedScope::All => format!("F#{edition}#all#{shard}"),
            FeedScope::Discipline(discipline) => format!("F#{edition}#d#{discipline}#{shard}"),
            FeedScope::Nation(nation) => format!("F#{edition}#n#{nation}#{shard}"),
            FeedScope::School(school) => format!("F#{edition}#s#{school}"),
            FeedScope::Picked => format!("F#{edition}#p"),
        }
    }

    /// The number of partitions of this feed, given the edition's setting.
    pub fn shards(&self, of_edition: u8) -> u8 {
        match self.part {
            FeedScope::All | FeedScope::Discipline(_) | FeedScope::Nation(_) => of_edition.max(1),
            FeedScope::School(_) | FeedScope::Picked => 1,
        }
    }
}

/// The filters of a gallery; the default asks for all photos.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only this discipline.
    pub discipline: Option<DisciplineSlug>,
    /// Only this nation's schools.
    pub nation: Option<Nation>,
    /// Only this school.
    pub school: Option<SchoolKey>,
    /// Only photos published in this half hour.
    pub half: Option<HalfHour>,
    /// Only photos that moderators picked.
    pub picked: bool,
    /// Only photos that match these search terms.
    pub words: SearchTerms,
}

impl Filter {
    /// Returns the one feed that answers this filter, together with [`Self::half`]. `None` if the index is needed.
    pub fn feed(&self, edition: &EditionSlug) -> Option<Feed> {
        let mut parts = [
            self.discipline.clone().map(FeedScope::Discipline),
            self.nation.map(FeedScope::Nation),
            self.school.clone().map(FeedScope::School),
            self.picked.then_some(FeedScope::Picked),
        ]
        .into_iter()
        .flatten();
        let part = parts.next().unwrap_or(FeedScope::All);
        let one = parts.next().is_none() && self.words.is_empty();
        one.then(|| Feed { edition: edition.clone(), part })
    }

    /// Whether no filter is set.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A position in a feed. Positions are totally ordered across all feeds, so a cursor stays valid when the number of partitions grows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// When the photo at this position was published.
    pub published_at: Timestamp,
    /// The photo at this position.
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
    /// The photos of this page.
    pub photos: Vec<FeedRow>,
    /// Where the following page starts, if there is one.
    pub next: Option<Cursor>,
    /// How many photos match on all pages together; `None` unless the index was searched, and a photo or so off while some are removed.
    pub found: Option<usize>,
}

/// Returns the feed row of a published photo; `None` in every other state.
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
        film: film(photo),
        picked_at: photo.moderation.picked_at,
    })
}

/// Returns what the public is told of a video.
fn film(photo: &Photo) -> Option<FeedFilm> {
    let (film, video) = (photo.rendered.as_ref()?.film.as_ref()?, photo.video.as_ref()?);
    // A file from which no sound could be kept is silent, whatever was asked for.
    let sound = video.sound && film.silent_bytes.is_some();
    Some(FeedFilm {
        duration_ms: film.duration_ms,
        bytes: film.silent_bytes.filter(|_| !sound).unwrap_or(film.bytes),
        sound,
        transcript: if sound { video.transcript.clone() } else { String::new() },
    })
}

/// Returns what the public may see of a photo, or why there is nothing to see.
///
/// Decision: this function alone determines what the public is told of a photo that is not public, on every page and in every call. A photo
/// that was public once is reported as withdrawn, whatever has become of it: hidden, unpublished, edited, covered, rejected, locked away or
/// erased, so that the public cannot tell these apart. A photo that was never public cannot be told apart from one that does not exist.
/// Given up: a photo that waits to be published again is called withdrawn meanwhile.
///
/// # Errors
/// [`Refusal::PhotoWithdrawn`] if the photo was public once; [`Refusal::PhotoNotFound`] if it never was, or does not exist.
pub fn public(photo: Option<&Photo>) -> Result<FeedRow, Refusal> {
    let photo = photo.ok_or(Refusal::PhotoNotFound)?;
    row(photo).ok_or_else(|| photo.absent())
}

/// Returns the feeds that contain a row: all photos, its discipline, its school's nation, its school, and that of picks if it is one.
pub fn feeds(row: &FeedRow) -> Vec<Feed> {
    let discipline = row.discipline.clone().map(FeedScope::Discipline);
    let nation = row.school.as_ref().and_then(|school| school.nation).map(FeedScope::Nation);
    let school = row.school.as_ref().map(|school| FeedScope::School(school.key()));
    let picked = row.picked_at.map(|_| FeedScope::Picked);
    let parts = std::iter::once(FeedScope::All).chain(discipline).chain(nation).chain(school).chain(picked);
    parts.map(|part| Feed { edition: row.edition.clone(), part }).collect()
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
        let parts: Vec<_> = feeds(&row(&published).unwrap()).into_iter().map(|feed| feed.partition(0)).collect();
        assert_eq!(parts, ["F#2027#all#0", "F#2027#d#science#0", "F#2027#s#sample-academy"]);
        let school = published.school.clone().map(|school| School { nation: Some(Nation::Wales), ..school });
        let welsh = Photo { school, ..published.clone() };
        assert!(feeds(&row(&welsh).unwrap()).iter().any(|feed| feed.partition(0) == "F#2027#n#wales#0"));
        for state in State::ALL.into_iter().filter(|state| *state != State::Published) {
            assert_eq!(row(&Photo { state, ..published.clone() }), None);
        }
        let picked = published.pick(true, published.version, &sample::moderator(), sample::noon()).unwrap().unwrap();
        let added: Vec<_> = picked
            .feed_puts
            .iter()
            .map(|(partition, _)| &**partition)
            .filter(|one| !parts.contains(&(*one).to_owned()))
            .collect();
        assert_eq!(added, ["F#2027#p"]);
    }

    #[test]
    fn what_was_public_once_is_gone_whatever_has_become_of_it() {
        use crate::domain::{
            sample::{decide, noon, published},
            states::Decision,
        };
        let withdrawn =
            |photo: &Photo| assert_eq!(public(Some(photo)), Err(Refusal::PhotoWithdrawn), "{}", photo.state);
        assert!(public(Some(&published())).is_ok());
        for decision in [Decision::Unpublish, Decision::Hide, Decision::Quarantine, Decision::Delete] {
            withdrawn(&decide(&published(), decision).after);
        }
        withdrawn(&decide(&decide(&published(), Decision::Unpublish).after, Decision::Reject).after);
        withdrawn(&decide(&decide(&published(), Decision::Quarantine).after, Decision::Release).after);
        withdrawn(&published().withdraw(noon()).unwrap().unwrap().after);
        let never = [sample::reserved(), sample::pending(), decide(&sample::pending(), Decision::Quarantine).after];
        for photo in never.iter().map(Some).chain([None]) {
            assert_eq!(public(photo), Err(Refusal::PhotoNotFound));
        }
    }

    #[test]
    fn one_filter_is_a_feed_and_two_take_the_index() {
        let edition: EditionSlug = "2027".parse().unwrap();
        let science = Filter { discipline: Some("science".parse().unwrap()), ..Filter::default() };
        assert_eq!(Filter::default().feed(&edition), Some(Feed::all(&edition)));
        assert_eq!(science.feed(&edition).unwrap().partition(3), "F#2027#d#science#3");
        let half = Some(HalfHour::new(sample::noon()));
        assert!(Filter { half, ..science.clone() }.feed(&edition).is_some());
        assert_eq!(Filter { nation: Some(Nation::Wales), ..science.clone() }.feed(&edition), None);
        let picked = Filter { picked: true, ..Filter::default() };
        assert_eq!(picked.feed(&edition).unwrap().partition(3), "F#2027#p");
        assert_eq!(Filter { picked: true, ..science.clone() }.feed(&edition), None);
        assert_eq!(Filter { words: "crystals".parse().unwrap(), ..Filter::default() }.feed(&edition), None);
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
