//! An edition: one dated run of the event, with its window, limits, disciplines and words.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    ids::{DisciplineSlug, EditionSlug},
    refusal::Refusal,
    time::millis,
};

/// One dated run of the event.
///
/// The window is kept as instants: the organiser's local times are turned into them once, with the time zone database, when the
/// settings are read. Nothing afterwards asks what the time zone is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edition {
    /// Its short name in addresses.
    pub slug: EditionSlug,
    /// Its name for people.
    pub name: String,
    /// The first instant at which a photo may be registered.
    #[serde(with = "millis")]
    pub opens_at: Timestamp,
    /// The first instant at which none may be any more.
    #[serde(with = "millis")]
    pub closes_at: Timestamp,
    /// The first instant at which a photo registered in time can no longer finish uploading.
    #[serde(with = "millis")]
    pub grace_ends_at: Timestamp,
    /// Whether the organiser has stopped uploads for the moment.
    pub paused: bool,
    /// Bytes that one original may have.
    pub max_bytes: u64,
    /// Partitions of each feed; only ever grows. See `store::feed`.
    pub feed_shards: u8,
    /// The disciplines to choose from, in the order in which they are shown.
    pub disciplines: Vec<Discipline>,
    /// What uploaders agree to.
    pub consent: ConsentText,
    /// The tags to post with, without `#`.
    pub hashtags: Vec<String>,
    /// Who supports the day.
    pub sponsors: Vec<Sponsor>,
}

/// A subject area that photos belong to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Discipline {
    /// Its short name in addresses and rows.
    #[schema(value_type = String, example = "science")]
    pub slug: DisciplineSlug,
    /// Its name for people.
    pub name: String,
}

/// What uploaders agree to; a new text gets a new version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentText {
    /// Names the text; an upload names the version that its sender saw.
    pub version: String,
    /// The words.
    pub text: String,
}

/// Who supports the day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Sponsor {
    /// Its name.
    pub name: String,
    /// Its address on the web.
    #[serde(default)]
    pub url: Option<String>,
    /// Its handle on social networks, with `@`.
    #[serde(default)]
    pub handle: Option<String>,
}

/// Where an instant lies in an edition's day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Not open yet.
    Before,
    /// Photos may be registered.
    Open,
    /// Closed to new photos; registered ones may finish uploading.
    Grace,
    /// Over.
    Closed,
    /// Stopped for the moment by the organiser.
    Paused,
}

impl Phase {
    /// The phase's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::Open => "open",
            Self::Grace => "grace",
            Self::Closed => "closed",
            Self::Paused => "paused",
        }
    }
}

impl Edition {
    /// Where `now` lies in the day. The opening instant is inside, the closing instant is not.
    pub fn phase(&self, now: Timestamp) -> Phase {
        if now < self.opens_at {
            Phase::Before
        } else if now >= self.grace_ends_at {
            Phase::Closed
        } else if self.paused {
            Phase::Paused
        } else if now < self.closes_at {
            Phase::Open
        } else {
            Phase::Grace
        }
    }

    /// Passes while photos may be registered.
    pub fn accepts_photos(&self, now: Timestamp) -> Result<(), Refusal> {
        match self.phase(now) {
            Phase::Open => Ok(()),
            Phase::Before => Err(Refusal::EditionNotOpen { opens_at: self.opens_at }),
            Phase::Paused => Err(Refusal::EditionPaused),
            Phase::Grace | Phase::Closed => Err(Refusal::EditionClosed { closed_at: self.closes_at }),
        }
    }

    /// Passes while a photo registered in time may still be sent.
    pub fn accepts_bytes(&self, now: Timestamp) -> Result<(), Refusal> {
        match self.phase(now) {
            Phase::Open | Phase::Grace => Ok(()),
            Phase::Before => Err(Refusal::EditionNotOpen { opens_at: self.opens_at }),
            Phase::Paused => Err(Refusal::EditionPaused),
            Phase::Closed => Err(Refusal::EditionClosed { closed_at: self.closes_at }),
        }
    }

    /// The discipline of that name.
    pub fn discipline(&self, slug: &DisciplineSlug) -> Option<&Discipline> {
        self.disciplines.iter().find(|discipline| discipline.slug == *slug)
    }
}

/// The edition that the site is about: the one that opens last. Earlier ones are past editions.
pub fn current(editions: &[Edition]) -> Option<&Edition> {
    editions.iter().max_by_key(|edition| edition.opens_at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_window_has_its_opening_instant_and_not_its_closing_one() {
        let edition = sample::edition();
        for (instant, phase) in [
            ("2027-03-05T07:59:59.999Z", Phase::Before),
            ("2027-03-05T08:00:00.000Z", Phase::Open),
            ("2027-03-05T17:59:59.999Z", Phase::Open),
            ("2027-03-05T18:00:00.000Z", Phase::Grace),
            ("2027-03-05T18:29:59.999Z", Phase::Grace),
            ("2027-03-05T18:30:00.000Z", Phase::Closed),
        ] {
            assert_eq!(edition.phase(at(instant)), phase, "{instant}");
        }
    }

    #[test]
    fn a_paused_edition_refuses_and_says_so() {
        let edition = Edition { paused: true, ..sample::edition() };
        assert_eq!(edition.accepts_photos(at("2027-03-05T12:00:00Z")), Err(Refusal::EditionPaused));
        assert_eq!(edition.phase(at("2027-03-05T19:00:00Z")), Phase::Closed);
    }

    #[test]
    fn grace_is_for_bytes_only() {
        let edition = sample::edition();
        let now = at("2027-03-05T18:10:00Z");
        assert_eq!(edition.accepts_photos(now), Err(Refusal::EditionClosed { closed_at: edition.closes_at }));
        assert_eq!(edition.accepts_bytes(now), Ok(()));
    }

    #[test]
    fn the_current_edition_is_the_one_that_opens_last() {
        let this = sample::edition();
        let past = Edition { slug: "2024".parse().unwrap(), opens_at: at("2024-03-08T08:00:00Z"), ..this.clone() };
        assert_eq!(current(&[past, this.clone()]), Some(&this));
        assert_eq!(current(&[]), None);
    }
}
