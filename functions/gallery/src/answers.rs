//! What this function answers with.

use jiff::Timestamp;
use serde::Serialize;
use shared::{
    domain::{
        Edition, Phase,
        edition::{self, Banner, Discipline, Sponsor},
        limits,
        register::Entry,
        school::Nation,
        stats::{self, Count, Stats},
        time::{self, HalfHour},
    },
    web::PhotoView,
};
use utoipa::ToSchema;

/// The current edition, and what a client must know to take part in it.
#[derive(Serialize, ToSchema)]
pub struct EventView {
    /// The slug of the edition.
    pub edition: String,
    /// Its name.
    pub name: String,
    /// Whether photos are taken now: new ones while it is `open`, registered ones also during `grace`.
    pub phase: Phase,
    /// The time of the server, which decides what is in time.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub server_time: Timestamp,
    /// When photos may be registered for the first time.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub opens_at: Timestamp,
    /// When no more photos are registered.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub closes_at: Timestamp,
    /// When the files of registered photos are not taken any more.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub grace_ends_at: Timestamp,
    /// The limits of a request and of a photo.
    pub limits: LimitsView,
    /// What photos can be about, in the order in which people choose.
    pub disciplines: Vec<Discipline>,
    /// What uploaders must agree to.
    pub consent: ConsentText,
    /// Tags to post with, without `#`.
    pub hashtags: Vec<String>,
    /// Who supports the day.
    pub sponsors: Vec<Sponsor>,
    /// What the organiser tells every visitor now. Null if it is nothing.
    pub banner: Option<Banner>,
    /// Prize draws. Always empty at present.
    pub draws: Vec<String>,
}

/// What uploaders agree to; a new text gets a new version.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentText {
    /// Names the text; an upload names the version that its sender saw.
    pub version: String,
    /// The words.
    pub text: String,
}

impl From<edition::ConsentText> for ConsentText {
    /// The English words: those in other languages are for pages, which name the same version.
    fn from(consent: edition::ConsentText) -> Self {
        Self { version: consent.version, text: consent.text }
    }
}

/// The limits of a request and of a photo. Characters are counted as a reader counts them.
#[derive(Serialize, ToSchema)]
pub struct LimitsView {
    /// Photos in one request.
    pub max_photos_per_request: usize,
    /// Bytes of one photo.
    pub max_bytes: u64,
    /// Bytes of one video; 0 while videos are not taken.
    pub max_video_bytes: u64,
    /// Seconds of one video; 0 while videos are not taken.
    pub max_video_seconds: u64,
    /// Characters of a caption.
    pub caption_max: usize,
    /// Characters of an alternative text.
    pub alt_max: usize,
    /// Characters of a credit.
    pub credit_max: usize,
    /// Characters of a school's name.
    pub school_max: usize,
    /// Content types that are taken.
    pub types: Vec<String>,
}

impl EventView {
    /// What `edition` is at `now`.
    pub fn of(edition: Edition, now: Timestamp) -> Self {
        Self {
            phase: edition.phase(now),
            server_time: now,
            opens_at: edition.opens_at,
            closes_at: edition.closes_at,
            grace_ends_at: edition.grace_ends_at,
            limits: LimitsView {
                max_photos_per_request: limits::MAX_PHOTOS_PER_REQUEST,
                max_bytes: edition.max_bytes,
                max_video_bytes: 0,
                max_video_seconds: 0,
                caption_max: limits::CAPTION_MAX,
                alt_max: limits::ALT_MAX,
                credit_max: limits::CREDIT_MAX,
                school_max: limits::SCHOOL_MAX,
                types: limits::TYPES.map(str::to_owned).to_vec(),
            },
            edition: edition.slug.to_string(),
            name: edition.name,
            disciplines: edition.disciplines,
            consent: edition.consent.into(),
            hashtags: edition.hashtags,
            sponsors: edition.sponsors,
            banner: edition.day.banner,
            draws: Vec::new(),
        }
    }
}

/// All editions.
#[derive(Serialize, ToSchema)]
#[schema(as = EditionsAnswer)]
pub struct Editions {
    /// The latest first.
    pub editions: Vec<EditionView>,
}

/// One edition.
#[derive(Serialize, ToSchema)]
pub struct EditionView {
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// When it opens or opened.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub opens_at: Timestamp,
    /// When it closes or closed.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub closes_at: Timestamp,
    /// Its published photos.
    pub photos: u64,
}

/// One page of published photos.
#[derive(Serialize, ToSchema)]
pub struct FeedAnswer {
    /// Newest published first.
    pub photos: Vec<PhotoView>,
    /// What to send as `after` for the next page. Null on the last page.
    pub next: Option<String>,
}

/// The schools and colleges that were found.
#[derive(Serialize, ToSchema)]
pub struct SchoolsAnswer {
    /// At most ten, the most likely first.
    pub schools: Vec<SchoolView>,
}

/// One school or college of an official register.
#[derive(Serialize, ToSchema)]
pub struct SchoolView {
    /// Its number in the register: the `urn` of a registration.
    pub urn: String,
    /// Its name.
    pub name: String,
    /// Its town; empty if the register has none.
    pub town: String,
    /// The nation whose register it is in.
    pub nation: Nation,
}

impl From<Entry> for SchoolView {
    fn from(entry: Entry) -> Self {
        Self { urn: entry.urn, name: entry.name, town: entry.town, nation: entry.nation }
    }
}

/// The figures of an edition.
#[derive(Serialize, ToSchema)]
pub struct StatsAnswer {
    /// The slug of the edition.
    pub edition: String,
    /// When it was asked for.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Published photos.
    pub photos: Figure,
    /// Schools and colleges with published photos.
    pub schools: Figure,
    /// Published photos by half hour.
    pub half_hours: HalfHours,
    /// Published photos by discipline.
    pub disciplines: Disciplines,
    /// Published photos by nation.
    pub nations: Nations,
}

/// One number.
#[derive(Serialize, ToSchema)]
pub struct Figure {
    /// How many.
    pub count: u64,
    /// How they were counted.
    pub method: &'static str,
}

/// Photos by half hour.
#[derive(Serialize, ToSchema)]
pub struct HalfHours {
    /// In order, without a gap.
    pub counts: Vec<HalfHourCount>,
    /// Photos of other times than those.
    pub other: u64,
    /// How they were counted.
    pub method: &'static str,
}

/// The photos of half an hour.
#[derive(Serialize, ToSchema)]
pub struct HalfHourCount {
    /// Its first minute in UTC, as the filter `half` takes it.
    pub half: String,
    /// How many.
    pub photos: u64,
}

/// Photos by discipline.
#[derive(Serialize, ToSchema)]
pub struct Disciplines {
    /// In the edition's order.
    pub counts: Vec<DisciplineCount>,
    /// How they were counted.
    pub method: &'static str,
}

/// The photos of one discipline.
#[derive(Serialize, ToSchema)]
pub struct DisciplineCount {
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// How many.
    pub photos: u64,
}

/// Photos by nation.
#[derive(Serialize, ToSchema)]
pub struct Nations {
    /// In the order in which they are offered.
    pub counts: Vec<NationCount>,
    /// Photos whose nation is not known.
    pub unknown: u64,
    /// How they were counted.
    pub method: &'static str,
}

/// The photos of one nation's schools.
#[derive(Serialize, ToSchema)]
pub struct NationCount {
    /// The nation.
    pub nation: Nation,
    /// How many.
    pub photos: u64,
}

impl StatsAnswer {
    /// The figures of `edition` at `now`.
    pub fn of(edition: &Edition, stats: Stats, now: Timestamp) -> Self {
        let half = |(half, photos): (HalfHour, u64)| HalfHourCount { half: half.to_string(), photos };
        let discipline = |count: Count| DisciplineCount { slug: count.slug, name: count.name, photos: count.photos };
        Self {
            edition: edition.slug.to_string(),
            at: now,
            photos: Figure { count: stats.photos, method: stats::PHOTOS_METHOD },
            schools: Figure { count: stats.schools, method: stats::SCHOOLS_METHOD },
            half_hours: HalfHours {
                counts: stats.halves.into_iter().map(half).collect(),
                other: stats.other_times,
                method: stats::HALVES_METHOD,
            },
            disciplines: Disciplines {
                counts: stats.disciplines.into_iter().map(discipline).collect(),
                method: stats::DISCIPLINES_METHOD,
            },
            nations: Nations {
                counts: stats.nations.into_iter().map(|(nation, photos)| NationCount { nation, photos }).collect(),
                unknown: stats.nation_unknown,
                method: stats::NATIONS_METHOD,
            },
        }
    }
}
