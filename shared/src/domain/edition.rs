//! An edition: one dated run of the event, with its window, limits, disciplines and texts.

use std::{collections::BTreeMap, ops::RangeInclusive};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    draw::settings::DrawSettings,
    ids::{DisciplineSlug, EditionSlug},
    limits,
    logo::Logo,
    organiser::Organiser,
    refusal::Refusal,
    states::Phase,
    text::{self, Field},
    time::{millis, rfc3339},
    trust::Trust,
};

/// Minutes of grace after closing, as an organiser may set them.
const GRACE_MINUTES: RangeInclusive<i64> = 0..=240;
/// The most hashtags that an edition may have.
const HASHTAGS_MAX: usize = 10;
/// The number of partitions that a feed may have.
const FEED_SHARDS: RangeInclusive<u8> = 1..=16;
/// The shortest and the longest window that an organiser may set.
const SHORTEST_WINDOW: SignedDuration = SignedDuration::from_mins(5);
const LONGEST_WINDOW: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A moved window may open in the years 2000 to 2199, so that the times derived from it stay within the calendar's range.
const EARLIEST: Timestamp = Timestamp::constant(946_684_800, 0);
const LATEST: Timestamp = Timestamp::constant(7_258_118_400, 0);

/// One dated run of the event.
///
/// The window is stored as instants: the organiser's local times are converted once, with the time zone database, when the settings are
/// read. Nothing afterwards depends on the time zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edition {
    /// The edition's short name in addresses.
    pub slug: EditionSlug,
    /// The discipline's display name.
    pub name: String,
    /// The first instant at which a photo may be registered.
    #[serde(with = "millis")]
    pub opens_at: Timestamp,
    /// The first instant at which a photo may no longer be registered.
    #[serde(with = "millis")]
    pub closes_at: Timestamp,
    /// The first instant at which a photo registered in time can no longer finish uploading.
    #[serde(with = "millis")]
    pub grace_ends_at: Timestamp,
    /// Whether the organiser has paused uploads.
    pub paused: bool,
    /// The most bytes that one original may have.
    pub max_bytes: u64,
    /// The longest video that is accepted, in seconds; 0 if no videos are.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub video_seconds: u8,
    /// Bytes of originals that may arrive in one hour by the clock, from all devices together, before new ones must wait for the next hour.
    #[serde(default = "hourly_bytes")]
    pub hourly_bytes: u64,
    /// Which devices' photos are shown before a person has looked at them; `None` if no device's are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust: Option<Trust>,
    /// The number of partitions of each feed; it only ever grows. See `store::feed`.
    pub feed_shards: u8,
    /// The disciplines to choose from, in the order in which they are shown.
    pub disciplines: Vec<Discipline>,
    /// The disciplines' names on Welsh pages, by their slugs; those that are missing are shown in English. They are beside the disciplines,
    /// since an earlier release refuses what it does not know within them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub disciplines_cy: BTreeMap<DisciplineSlug, String>,
    /// The text that uploaders agree to.
    pub consent: ConsentText,
    /// The tags to post with, without `#`.
    pub hashtags: Vec<String>,
    /// Who is responsible for the site; `None` if the settings do not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organiser: Option<Organiser>,
    /// The sponsors of the day.
    pub sponsors: Vec<Sponsor>,
    /// The logos of sponsors. They are beside the sponsors, since an earlier release refuses what it does not know within them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logos: Vec<Logo>,
    /// The edition's prize draws.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub draws: Vec<DrawSettings>,
    /// The settings that the organiser changed on the console.
    #[serde(default)]
    pub day: Day,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero(n: &u8) -> bool {
    *n == 0
}

/// The budget of editions that were stored before there was a budget.
fn hourly_bytes() -> u64 {
    limits::HOURLY_BYTES
}

/// Settings that the organiser changed on the console. A deployment that reads the settings file again does not undo them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Day {
    /// Grows by one at each change, so that none of several concurrent changes is lost.
    pub revision: u64,
    /// Whether the window was moved on the console: opened early, extended or closed.
    pub window: Window,
    /// Which changes are allowed.
    pub changes: Changes,
    /// The banner that every visitor reads.
    pub banner: Option<Banner>,
    /// When the day was to close before it was closed on the console, so that it can be opened again; `None` if it was not closed there.
    #[serde(with = "millis::option", skip_serializing_if = "Option::is_none")]
    pub planned_close: Option<Timestamp>,
}

/// Where the window of an edition comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Window {
    /// From the settings.
    #[default]
    Settings,
    /// From the console.
    Console,
}

/// Which changes an edition allows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Changes {
    /// All changes.
    #[default]
    All,
    /// Photos may be removed, but not added or published: for a day on which something is wrong.
    Removals,
}

/// A line that every visitor reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Banner {
    /// The banner's text; at most 300 characters, as a reader counts them.
    pub text: String,
    /// The banner's appearance.
    pub kind: BannerKind,
}

impl Banner {
    /// Returns the banner with its text cleaned; `None` if no text is left.
    ///
    /// # Errors
    /// [`Refusal::TextTooLong`].
    pub fn cleaned(&self) -> Result<Option<Self>, Refusal> {
        let text = text::clean(Field::Banner, &self.text)?;
        Ok((!text.is_empty()).then_some(Self { text, kind: self.kind }))
    }
}

/// The appearance of a banner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum BannerKind {
    /// Information.
    Info,
    /// A warning: something is wrong.
    Warning,
}

/// Settings of an edition that an organiser changes, in the settings file or on the console. A field that is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// [`Edition::name`]; at most [`limits::NAME_MAX`] graphemes, and not blank.
    pub name: Option<String>,
    /// [`Edition::opens_at`].
    pub opens_at: Option<Timestamp>,
    /// [`Edition::closes_at`]; 5 minutes to 7 days after it opens.
    pub closes_at: Option<Timestamp>,
    /// Minutes from closing to [`Edition::grace_ends_at`]; 0 to 240.
    pub grace_minutes: Option<i64>,
    /// [`Edition::max_bytes`]; [`limits::LEAST_MAX_BYTES`] to [`limits::MAX_BYTES`].
    pub max_bytes: Option<u64>,
    /// [`Edition::hashtags`]; at most ten, of 1 to 40 letters and digits.
    pub hashtags: Option<Vec<String>>,
    /// [`Day::changes`].
    pub changes: Option<Changes>,
    /// [`Edition::feed_shards`], 1 to 16. A number below the present one changes nothing: partitions are never taken away.
    pub feed_shards: Option<u8>,
}

/// A command of the organiser that moves the edition to another phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhaseCommand {
    /// Open now, before the time in the settings.
    Open,
    /// Close later.
    Extend {
        /// By this many minutes, 1 to 240.
        minutes: i64,
    },
    /// Close now. Photos that were registered in time may still finish uploading.
    Close,
    /// Pause uploads.
    Pause,
    /// End a pause.
    Resume,
    /// Open again after [`Self::Close`], until the time at which the day was to close.
    Reopen,
}

impl PhaseCommand {
    /// The command's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Extend { .. } => "extend",
            Self::Close => "close",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Reopen => "reopen",
        }
    }
}

/// A subject area of photos.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Discipline {
    /// The discipline's short name in addresses and in the API.
    #[schema(value_type = String)]
    pub slug: DisciplineSlug,
    /// The discipline's display name.
    pub name: String,
}

/// The text that uploaders agree to. A changed text gets a new version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentText {
    /// Identifies the text in all its languages; each upload names the version that its uploader saw.
    pub version: String,
    /// The text in English.
    pub text: String,
    /// The text in Welsh, never blank; `None` if the organiser has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_cy: Option<String>,
}

/// A sponsor of the day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Sponsor {
    /// The sponsor's name.
    pub name: String,
    /// The address of the sponsor's website.
    #[serde(default)]
    pub url: Option<String>,
    /// The sponsor's handle on social networks, with `@`.
    #[serde(default)]
    pub handle: Option<String>,
}

impl Edition {
    /// Returns the phase at `now`. The window includes the opening instant and excludes the closing instant.
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

    /// Returns the content types that are accepted, in the order in which people are told of them.
    pub fn types(&self) -> &'static [&'static str] {
        if self.video_seconds == 0 { &limits::TYPES } else { &limits::TYPES_AND_VIDEO }
    }

    /// Whether it is too late to register photos.
    pub fn is_over(&self, now: Timestamp) -> bool {
        now >= self.closes_at
    }

    /// Returns the edition after the organiser's command.
    ///
    /// # Errors
    /// [`Refusal::WrongPhase`] if the command does not fit the phase; [`Refusal::Invalid`] for minutes outside 1 to 240.
    pub fn commanded(&self, command: PhaseCommand, now: Timestamp) -> Result<Self, Refusal> {
        let phase = self.phase(now);
        let wrong = || Refusal::WrongPhase { phase, action: command.as_str() };
        let day = Day { window: Window::Console, planned_close: None, ..self.day.clone() };
        match (command, phase) {
            (PhaseCommand::Open, Phase::Before) => Ok(Self { opens_at: now, day, ..self.clone() }),
            (PhaseCommand::Extend { minutes }, Phase::Before | Phase::Open | Phase::Grace | Phase::Paused) => {
                if !(1..=240).contains(&minutes) {
                    let expected = "1 to 240 minutes".to_owned();
                    return Err(Refusal::Invalid { field: "minutes", got: minutes.to_string(), expected });
                }
                let more = SignedDuration::from_mins(minutes);
                let (closes_at, grace_ends_at) = (self.closes_at + more, self.grace_ends_at + more);
                Ok(Self { closes_at, grace_ends_at, day, ..self.clone() })
            }
            (PhaseCommand::Close, Phase::Open | Phase::Paused) => {
                let day = Day { planned_close: Some(self.closes_at), ..day };
                Ok(Self { closes_at: now, grace_ends_at: now + self.grace(), paused: false, day, ..self.clone() })
            }
            (PhaseCommand::Reopen, Phase::Grace | Phase::Closed) => match self.reopens_until(now) {
                Some(closes_at) => {
                    Ok(Self { closes_at, grace_ends_at: closes_at + self.grace(), paused: false, day, ..self.clone() })
                }
                None => Err(wrong()),
            },
            (PhaseCommand::Pause, Phase::Before | Phase::Open | Phase::Grace) => {
                Ok(Self { paused: true, ..self.clone() })
            }
            (PhaseCommand::Resume, _) if self.paused => Ok(Self { paused: false, ..self.clone() }),
            (
                PhaseCommand::Open
                | PhaseCommand::Extend { .. }
                | PhaseCommand::Close
                | PhaseCommand::Pause
                | PhaseCommand::Resume
                | PhaseCommand::Reopen,
                _,
            ) => Err(wrong()),
        }
    }

    /// Returns when the day will close if it is opened again at `now`; `None` if it was not closed on the console, or if the time at which
    /// it was to close has passed.
    pub fn reopens_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.day.planned_close.filter(|planned| now < *planned && now >= self.closes_at)
    }

    fn grace(&self) -> SignedDuration {
        self.grace_ends_at.duration_since(self.closes_at)
    }

    /// Returns the logo of a sponsor; `None` if there is none.
    pub fn logo_of(&self, sponsor: &Sponsor) -> Option<&Logo> {
        self.logos.iter().find(|logo| logo.sponsor == sponsor.name)
    }

    fn has_sponsor(&self, name: &str) -> bool {
        self.sponsors.iter().any(|sponsor| sponsor.name == name)
    }

    /// Returns the edition with this logo of a sponsor in place of the present one; with `None`, without a logo of that sponsor.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] if the edition has no such sponsor.
    pub fn with_logo(&self, sponsor: &str, logo: Option<Logo>) -> Result<Self, Refusal> {
        if !self.has_sponsor(sponsor) {
            let names: Vec<_> = self.sponsors.iter().map(|known| known.name.as_str()).collect();
            let expected = format!("the name of a sponsor in the settings: {}", names.join(", "));
            return Err(Refusal::Invalid { field: "sponsor", got: text::shorten(sponsor), expected });
        }
        let others = self.logos.iter().filter(|logo| logo.sponsor != sponsor).cloned();
        Ok(Self { logos: others.chain(logo).collect(), ..self.clone() })
    }

    /// Returns this edition, as read from the settings file, with the changes from the console that `before` has: a pause, more partitions
    /// of the feeds, logos of its sponsors, and a moved window. Prize draws of `before` stay although the settings no longer have them: they were announced within
    /// a minute, and what was announced and entered stands.
    #[must_use]
    pub fn deployed_over(&self, before: &Self) -> Self {
        let (opens_at, closes_at, grace_ends_at) = match before.day.window {
            Window::Settings => (self.opens_at, self.closes_at, self.grace_ends_at),
            Window::Console => (before.opens_at, before.closes_at, before.grace_ends_at),
        };
        let gone = |draw: &&DrawSettings| self.draws.iter().all(|kept| kept.id != draw.id);
        let draws = self.draws.iter().chain(before.draws.iter().filter(gone)).cloned().collect();
        Self {
            opens_at,
            closes_at,
            grace_ends_at,
            draws,
            paused: before.paused,
            logos: before.logos.iter().filter(|logo| self.has_sponsor(&logo.sponsor)).cloned().collect(),
            feed_shards: before.feed_shards.max(self.feed_shards),
            day: before.day.clone(),
            ..self.clone()
        }
    }

    /// Returns the edition with changed settings.
    ///
    /// # Errors
    /// [`Refusal::TextTooLong`] for the name; [`Refusal::Invalid`] with the first field that breaks a rule of [`Settings`].
    pub fn with_settings(&self, settings: &Settings) -> Result<Self, Refusal> {
        let invalid = |field, got: String, expected: String| Err(Refusal::Invalid { field, got, expected });
        let Settings { name, opens_at, closes_at, grace_minutes, max_bytes, hashtags, changes, feed_shards } = settings;
        let mut edition = self.with_window(*opens_at, *closes_at)?;
        if let Some(name) = name {
            edition.name = text::clean(Field::Name, name)?;
            if edition.name.is_empty() {
                return invalid("name", name.clone(), "a name".to_owned());
            }
        }
        if let Some(minutes) = *grace_minutes {
            if !GRACE_MINUTES.contains(&minutes) {
                return invalid("grace_minutes", minutes.to_string(), "0 to 240".to_owned());
            }
            edition.grace_ends_at = edition.closes_at + SignedDuration::from_mins(minutes);
        }
        if let Some(bytes) = *max_bytes {
            if !(limits::LEAST_MAX_BYTES..=limits::MAX_BYTES).contains(&bytes) {
                let expected = format!("{} to {}", limits::LEAST_MAX_BYTES, limits::MAX_BYTES);
                return invalid("max_bytes", bytes.to_string(), expected);
            }
            edition.max_bytes = bytes;
        }
        if let Some(tags) = hashtags {
            if let Some(tag) = tags.iter().find(|tag| !is_hashtag(tag)) {
                return invalid("hashtags", tag.clone(), "letters and digits, 1 to 40, without #".to_owned());
            }
            if tags.len() > HASHTAGS_MAX {
                return invalid("hashtags", format!("{} tags", tags.len()), format!("at most {HASHTAGS_MAX}"));
            }
            edition.hashtags.clone_from(tags);
        }
        if let Some(shards) = *feed_shards {
            if !FEED_SHARDS.contains(&shards) {
                return invalid(
                    "feed_shards",
                    shards.to_string(),
                    "1 to 16; a number below the present one has no effect".to_owned(),
                );
            }
            edition.feed_shards = edition.feed_shards.max(shards);
        }
        edition.day.changes = changes.unwrap_or(edition.day.changes);
        Ok(edition)
    }

    /// Moves the window. A time that is `None` stays, and so does the length of the grace.
    fn with_window(&self, opens_at: Option<Timestamp>, closes_at: Option<Timestamp>) -> Result<Self, Refusal> {
        let (opens_at, closes_at) = (opens_at.unwrap_or(self.opens_at), closes_at.unwrap_or(self.closes_at));
        if (opens_at, closes_at) == (self.opens_at, self.closes_at) {
            return Ok(self.clone());
        }
        if !(SHORTEST_WINDOW..=LONGEST_WINDOW).contains(&closes_at.duration_since(opens_at)) {
            let (got, opens) = (rfc3339(closes_at), rfc3339(opens_at));
            let expected = format!("5 minutes to 7 days after opens_at, {opens}");
            return Err(Refusal::Invalid { field: "closes_at", got, expected });
        }
        if !(EARLIEST..LATEST).contains(&opens_at) {
            let expected = "a day from 2000 to 2199".to_owned();
            return Err(Refusal::Invalid { field: "opens_at", got: rfc3339(opens_at), expected });
        }
        let grace_ends_at = closes_at + self.grace();
        let day = Day { window: Window::Console, planned_close: None, ..self.day.clone() };
        Ok(Self { opens_at, closes_at, grace_ends_at, day, ..self.clone() })
    }

    /// Passes while photos may be added and published. Removing photos is always allowed.
    pub fn accepts_changes(&self) -> Result<(), Refusal> {
        match self.day.changes {
            Changes::All => Ok(()),
            Changes::Removals => Err(Refusal::ReadOnly),
        }
    }

    /// Passes while photos may be registered.
    pub fn accepts_photos(&self, now: Timestamp) -> Result<(), Refusal> {
        self.accepts_changes()?;
        match self.phase(now) {
            Phase::Open => Ok(()),
            Phase::Before => Err(Refusal::EditionNotOpen { opens_at: self.opens_at }),
            Phase::Paused => Err(Refusal::EditionPaused),
            Phase::Grace | Phase::Closed => Err(Refusal::EditionClosed { closed_at: self.closes_at }),
        }
    }

    /// Passes while the file of a photo that was registered in time may still be sent.
    pub fn accepts_bytes(&self, now: Timestamp) -> Result<(), Refusal> {
        self.accepts_changes()?;
        match self.phase(now) {
            Phase::Open | Phase::Grace => Ok(()),
            Phase::Before => Err(Refusal::EditionNotOpen { opens_at: self.opens_at }),
            Phase::Paused => Err(Refusal::EditionPaused),
            Phase::Closed => Err(Refusal::EditionClosed { closed_at: self.closes_at }),
        }
    }

    /// Returns the discipline with that slug, if the edition has it.
    pub fn discipline(&self, slug: &DisciplineSlug) -> Option<&Discipline> {
        self.disciplines.iter().find(|discipline| discipline.slug == *slug)
    }
}

fn is_hashtag(tag: &str) -> bool {
    (1..=40).contains(&tag.chars().count()) && tag.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// Returns the edition that the site shows: the one that opens last. All others are past editions.
pub fn current(editions: &[Edition]) -> Option<&Edition> {
    editions.iter().max_by_key(|edition| edition.opens_at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ids::Sha256Hex, sample, states::Phase};

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
    fn a_window_that_is_moved_keeps_its_grace_and_is_never_upside_down() {
        let edition = sample::edition();
        let moved = edition.with_window(Some(at("2027-03-06T09:00:00Z")), Some(at("2027-03-06T15:00:00Z"))).unwrap();
        assert_eq!(moved.grace_ends_at, at("2027-03-06T15:30:00Z"));
        assert_eq!(moved.day.window, Window::Console);
        assert_eq!(edition.with_window(None, Some(edition.closes_at)), Ok(edition.clone()));
        for (opens_at, closes_at) in [
            (Some(at("2027-03-05T18:00:00Z")), None),
            (None, Some(at("2027-03-05T08:04:59Z"))),
            (None, Some(at("2027-03-12T08:00:01Z"))),
        ] {
            let refused = edition.with_window(opens_at, closes_at);
            assert!(matches!(refused, Err(Refusal::Invalid { field: "closes_at", .. })), "{refused:?}");
        }
        for last in [Timestamp::MAX, Timestamp::MIN + SignedDuration::from_hours(2)] {
            let refused = edition.with_window(Some(last - SignedDuration::from_hours(1)), Some(last));
            assert!(matches!(refused, Err(Refusal::Invalid { field: "opens_at", .. })), "{refused:?}");
        }
    }

    #[test]
    fn each_setting_is_taken_within_its_limits_and_refused_beyond_them() {
        let edition = sample::edition();
        let none = Settings::default;
        assert_eq!(edition.with_settings(&none()), Ok(edition.clone()));
        let tags = |n: usize| Some(vec!["tag".to_owned(); n]);
        let set = edition.with_settings(&Settings {
            name: Some("  A  day ".to_owned()),
            grace_minutes: Some(240),
            max_bytes: Some(50_000_000),
            hashtags: tags(10),
            changes: Some(Changes::Removals),
            feed_shards: Some(16),
            ..none()
        });
        let set = set.unwrap();
        assert_eq!((set.name.as_str(), set.max_bytes, set.hashtags.len()), ("A day", 50_000_000, 10));
        assert_eq!(set.grace_ends_at, set.closes_at + SignedDuration::from_hours(4));
        assert_eq!((set.day.changes, set.feed_shards, set.day.window), (Changes::Removals, 16, Window::Settings));
        let narrower = set.with_settings(&Settings { feed_shards: Some(1), ..none() });
        assert_eq!(narrower, Ok(set), "feeds are only ever spread wider");
        for (settings, refused) in [
            (Settings { name: Some(" \u{200b}".to_owned()), ..none() }, "name"),
            (Settings { grace_minutes: Some(-1), ..none() }, "grace_minutes"),
            (Settings { grace_minutes: Some(241), ..none() }, "grace_minutes"),
            (Settings { max_bytes: Some(999_999), ..none() }, "max_bytes"),
            (Settings { max_bytes: Some(50_000_001), ..none() }, "max_bytes"),
            (Settings { hashtags: tags(11), ..none() }, "hashtags"),
            (Settings { hashtags: Some(vec!["#tag".to_owned()]), ..none() }, "hashtags"),
            (Settings { hashtags: Some(vec![String::new()]), ..none() }, "hashtags"),
            (Settings { hashtags: Some(vec!["t".repeat(41)]), ..none() }, "hashtags"),
            (Settings { feed_shards: Some(0), ..none() }, "feed_shards"),
            (Settings { feed_shards: Some(17), ..none() }, "feed_shards"),
        ] {
            let answer = edition.with_settings(&settings);
            assert!(
                matches!(answer, Err(Refusal::Invalid { field, .. }) if field == refused),
                "{settings:?}: {answer:?}"
            );
        }
        let long = Settings { name: Some("n".repeat(61)), ..none() };
        assert!(matches!(edition.with_settings(&long), Err(Refusal::TextTooLong { field: "name", .. })));
    }

    #[test]
    fn a_banner_without_words_is_none() {
        let banner = |text: &str| Banner { text: text.to_owned(), kind: BannerKind::Warning };
        assert_eq!(banner(" Back at  two ").cleaned(), Ok(Some(banner("Back at two"))));
        assert_eq!(banner(" \n ").cleaned(), Ok(None));
        let long = banner(&"b".repeat(301)).cleaned();
        assert!(matches!(long, Err(Refusal::TextTooLong { .. })), "{long:?}");
    }

    #[test]
    fn a_paused_edition_refuses_and_says_so() {
        let edition = Edition { paused: true, ..sample::edition() };
        assert_eq!(edition.accepts_photos(at("2027-03-05T12:00:00Z")), Err(Refusal::EditionPaused));
        assert_eq!(edition.phase(at("2027-03-05T19:00:00Z")), Phase::Closed);
    }

    #[test]
    fn the_day_can_be_opened_early_extended_closed_and_paused() {
        let edition = sample::edition();
        let early = edition.commanded(PhaseCommand::Open, at("2027-03-05T07:30:00Z")).unwrap();
        assert_eq!(early.phase(at("2027-03-05T07:30:00Z")), Phase::Open);
        let late = edition.commanded(PhaseCommand::Extend { minutes: 30 }, at("2027-03-05T18:10:00Z")).unwrap();
        assert_eq!(late.phase(at("2027-03-05T18:29:00Z")), Phase::Open, "out of grace, too");
        assert_eq!(late.phase(at("2027-03-05T18:59:00Z")), Phase::Grace);
        let closed = edition.commanded(PhaseCommand::Close, at("2027-03-05T12:00:00Z")).unwrap();
        assert_eq!(closed.phase(at("2027-03-05T12:29:59Z")), Phase::Grace);
        let paused = edition.commanded(PhaseCommand::Pause, at("2027-03-05T12:00:00Z")).unwrap();
        assert_eq!(paused.phase(at("2027-03-05T12:00:00Z")), Phase::Paused);
        assert_eq!(paused.commanded(PhaseCommand::Resume, at("2027-03-05T12:01:00Z")).unwrap(), edition);
        for (command, phase, when) in [
            (PhaseCommand::Open, Phase::Open, "2027-03-05T09:00:00Z"),
            (PhaseCommand::Close, Phase::Before, "2027-03-05T07:00:00Z"),
            (PhaseCommand::Extend { minutes: 10 }, Phase::Closed, "2027-03-05T19:00:00Z"),
            (PhaseCommand::Resume, Phase::Open, "2027-03-05T09:00:00Z"),
        ] {
            let refused = Err(Refusal::WrongPhase { phase, action: command.as_str() });
            assert_eq!(edition.commanded(command, at(when)), refused);
        }
        assert!(edition.commanded(PhaseCommand::Extend { minutes: 241 }, at("2027-03-05T09:00:00Z")).is_err());
    }

    #[test]
    fn a_day_that_was_closed_too_early_is_opened_again_until_its_planned_end() {
        let edition = sample::edition();
        let reopen = |edition: &Edition, when: &str| edition.commanded(PhaseCommand::Reopen, at(when));
        let closed = edition.commanded(PhaseCommand::Close, at("2027-03-05T12:00:00Z")).unwrap();
        for when in ["2027-03-05T12:00:00Z", "2027-03-05T12:10:00Z", "2027-03-05T17:59:59Z"] {
            let again = reopen(&closed, when).unwrap();
            let expected = Edition { day: Day { window: Window::Console, ..edition.day.clone() }, ..edition.clone() };
            assert_eq!(again, expected, "as it was, at {when}");
        }
        let refused = |phase| Err(Refusal::WrongPhase { phase, action: "reopen" });
        assert_eq!(reopen(&closed, "2027-03-05T18:00:00Z"), refused(Phase::Closed), "it would be over");
        assert_eq!(reopen(&edition, "2027-03-05T18:10:00Z"), refused(Phase::Grace), "nobody closed it early");
        assert_eq!(reopen(&edition, "2027-03-05T12:00:00Z"), refused(Phase::Open));
        // A new closing time replaces the planned one.
        let extended = closed.commanded(PhaseCommand::Extend { minutes: 60 }, at("2027-03-05T12:10:00Z")).unwrap();
        assert_eq!(extended.day.planned_close, None);
        let settings = Settings { closes_at: Some(at("2027-03-05T13:00:00Z")), ..Settings::default() };
        assert_eq!(closed.with_settings(&settings).unwrap().day.planned_close, None);
        // A deployment meanwhile takes nothing of this back.
        assert_eq!(edition.deployed_over(&closed).reopens_until(at("2027-03-05T12:10:00Z")), Some(edition.closes_at));
    }

    #[test]
    fn a_logo_is_that_of_a_sponsor_and_outlives_a_deployment() {
        let sponsor = |name: &str| Sponsor { name: name.into(), url: None, handle: None };
        let edition = Edition { sponsors: vec![sponsor("One"), sponsor("Two")], ..sample::edition() };
        let logo =
            |name: &str, n| Logo { sponsor: name.into(), sha256: Sha256Hex::digest(&[n]), width: 60, height: 30 };
        let both =
            edition.with_logo("One", Some(logo("One", 1))).unwrap().with_logo("Two", Some(logo("Two", 2))).unwrap();
        let changed = both.with_logo("One", Some(logo("One", 3))).unwrap();
        assert_eq!(changed.logo_of(&sponsor("One")).map(|logo| &logo.sha256), Some(&Sha256Hex::digest(&[3])));
        assert_eq!(changed.logos.len(), 2);
        let deployed = Edition { sponsors: vec![sponsor("Two")], ..edition.clone() }.deployed_over(&changed);
        assert_eq!(deployed.logos, [logo("Two", 2)], "of those who are still sponsors");
        assert_eq!(both.with_logo("Two", None).unwrap().logos, [logo("One", 1)]);
        let unknown = edition.with_logo("Three", None);
        assert!(matches!(unknown, Err(Refusal::Invalid { field: "sponsor", .. })), "{unknown:?}");
    }

    #[test]
    fn a_command_changes_what_it_says_and_remembers_that_the_window_was_moved() {
        let (edition, noon) = (sample::edition(), at("2027-03-05T12:00:00Z"));
        let moved = Day { window: Window::Console, ..edition.day.clone() };
        let early = at("2027-03-05T07:30:00Z");
        let opened = edition.commanded(PhaseCommand::Open, early).unwrap();
        assert_eq!(opened, Edition { opens_at: early, day: moved.clone(), ..edition.clone() });
        let extended = edition.commanded(PhaseCommand::Extend { minutes: 30 }, noon).unwrap();
        let (closes_at, grace_ends_at) = (at("2027-03-05T18:30:00Z"), at("2027-03-05T19:00:00Z"));
        assert_eq!(extended, Edition { closes_at, grace_ends_at, day: moved.clone(), ..edition.clone() });
        let paused = edition.commanded(PhaseCommand::Pause, noon).unwrap();
        assert_eq!(paused, Edition { paused: true, ..edition.clone() }, "a pause moves no window");
        let closed = paused.commanded(PhaseCommand::Close, noon).unwrap();
        let grace_ends_at = at("2027-03-05T12:30:00Z");
        let day = Day { planned_close: Some(edition.closes_at), ..moved };
        let expected = Edition { closes_at: noon, grace_ends_at, day, paused: false, ..edition.clone() };
        assert_eq!(closed, expected, "what is closed is not paused");
        for minutes in [0, 241] {
            let refused = edition.commanded(PhaseCommand::Extend { minutes }, noon);
            assert!(matches!(refused, Err(Refusal::Invalid { field: "minutes", .. })), "{minutes}");
        }
        for minutes in [1, 240] {
            assert!(edition.commanded(PhaseCommand::Extend { minutes }, noon).is_ok(), "{minutes}");
        }
        let commands = [
            PhaseCommand::Open,
            PhaseCommand::Extend { minutes: 1 },
            PhaseCommand::Close,
            PhaseCommand::Pause,
            PhaseCommand::Resume,
            PhaseCommand::Reopen,
        ];
        assert_eq!(commands.map(PhaseCommand::as_str), ["open", "extend", "close", "pause", "resume", "reopen"]);
        let phases = [Phase::Before, Phase::Open, Phase::Grace, Phase::Closed, Phase::Paused];
        assert_eq!(phases.map(Phase::as_str), ["before", "open", "grace", "closed", "paused"]);
    }

    #[test]
    fn a_row_of_before_there_was_a_budget_has_the_usual_one() {
        let mut row = serde_json::to_value(sample::edition()).unwrap();
        row.as_object_mut().unwrap().remove("hourly_bytes");
        assert_eq!(serde_json::from_value::<Edition>(row).unwrap().hourly_bytes, 100_000_000_000);
    }

    #[test]
    fn it_is_too_late_from_the_closing_instant_on() {
        let edition = sample::edition();
        assert!(!edition.is_over(at("2027-03-05T17:59:59.999Z")));
        assert!(edition.is_over(at("2027-03-05T18:00:00Z")));
    }

    #[test]
    fn a_window_that_the_console_moved_outlives_a_deployment_whole() {
        let edition = sample::edition();
        let (opens_at, closes_at) = (at("2027-03-06T09:00:00Z"), at("2027-03-06T15:00:00Z"));
        let moved = edition.with_window(Some(opens_at), Some(closes_at)).unwrap();
        assert_eq!(
            (moved.opens_at, moved.closes_at, moved.grace_ends_at),
            (opens_at, closes_at, at("2027-03-06T15:30:00Z"))
        );
        let deployed = edition.deployed_over(&moved);
        assert_eq!(
            (deployed.opens_at, deployed.closes_at, deployed.grace_ends_at),
            (opens_at, closes_at, at("2027-03-06T15:30:00Z"))
        );
        assert_eq!(deployed.day.window, Window::Console);
        // Exactly five minutes and exactly seven days are allowed.
        for closes_at in ["2027-03-05T08:05:00Z", "2027-03-12T08:00:00Z"] {
            assert!(edition.with_window(None, Some(at(closes_at))).is_ok(), "{closes_at}");
        }
    }

    #[test]
    fn a_deployment_leaves_what_the_day_has_set() {
        let settings = Edition { name: "Another name".into(), feed_shards: 1, ..sample::edition() };
        let noon = at("2027-03-05T12:00:00Z");
        let day = sample::edition().commanded(PhaseCommand::Extend { minutes: 30 }, noon).unwrap();
        let day = Edition { feed_shards: 4, ..day.commanded(PhaseCommand::Pause, noon).unwrap() };
        let both = settings.deployed_over(&day);
        assert_eq!((both.name.as_str(), both.paused, both.feed_shards), ("Another name", true, 4));
        assert_eq!((both.closes_at, both.day), (day.closes_at, day.day));
        let quiet = Edition { closes_at: noon, ..sample::edition() };
        assert_eq!(settings.deployed_over(&quiet).closes_at, settings.closes_at, "nobody moved the window");
    }

    #[test]
    fn a_deployment_takes_no_prize_draw_away() {
        let draw = |id: &str, name: &str| DrawSettings {
            id: id.parse().unwrap(),
            name: name.to_owned(),
            ..super::super::draw::sample::settings()
        };
        let before = Edition { draws: vec![draw("noon", "Noon"), draw("night", "Night")], ..sample::edition() };
        let settings =
            Edition { draws: vec![draw("evening", "Evening"), draw("noon", "At noon")], ..sample::edition() };
        let deployed = settings.deployed_over(&before);
        let names: Vec<_> = deployed.draws.iter().map(|draw| draw.name.as_str()).collect();
        assert_eq!(names, ["Evening", "At noon", "Night"]);
    }

    #[test]
    fn an_edition_that_takes_removals_only_takes_nothing_else() {
        let day = Day { changes: Changes::Removals, ..Day::default() };
        let edition = Edition { day, ..sample::edition() };
        assert_eq!(edition.accepts_photos(at("2027-03-05T12:00:00Z")), Err(Refusal::ReadOnly));
        assert_eq!(edition.accepts_bytes(at("2027-03-05T12:00:00Z")), Err(Refusal::ReadOnly));
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
