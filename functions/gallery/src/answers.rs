//! The answers of this function.

use jiff::Timestamp;
use serde::Serialize;
use shared::{
    domain::{
        Edition, Phase,
        edition::{self, Banner, Discipline, Sponsor},
        limits,
        organiser::Organiser,
        register::Entry,
        school::Nation,
        stats::{self, Count, Stats},
        time::{self, HalfHour},
    },
    pages::links,
    web::PhotoView,
};
use utoipa::ToSchema;

/// The current edition, and what a client must know to take part in it.
#[derive(Serialize, ToSchema)]
pub struct EventView {
    /// The slug of the edition.
    pub edition: String,
    /// The edition's name.
    pub name: String,
    /// The present phase. New photos are registered only while it is `open`; the files of registered photos are accepted during `grace`,
    /// too.
    pub phase: Phase,
    /// The server's clock, which decides whether something is in time.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub server_time: Timestamp,
    /// When photos can be registered from.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub opens_at: Timestamp,
    /// When photos can no longer be registered.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub closes_at: Timestamp,
    /// When the files of registered photos are no longer accepted.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub grace_ends_at: Timestamp,
    /// The limits of a request and of a photo.
    pub limits: LimitsView,
    /// The disciplines that a photo can have, in the order in which to offer them.
    pub disciplines: Vec<Discipline>,
    /// The text that uploaders must agree to.
    pub consent: ConsentText,
    /// Hashtags to post with, without `#`.
    pub hashtags: Vec<String>,
    /// The sponsors of the day.
    pub sponsors: Vec<SponsorView>,
    /// Who is responsible for the site, and how to reach them. Null if the settings do not say it.
    pub organiser: Option<Organiser>,
    /// A message from the organiser to every visitor. Null if there is none.
    pub banner: Option<Banner>,
    /// The ids of the prize draws, in the order in which they are drawn. `/draws/{id}` is the page of each once it is announced. Empty if
    /// there is none.
    pub draws: Vec<String>,
}

/// A sponsor of the day.
#[derive(Serialize, ToSchema)]
#[schema(as = Sponsor)]
pub struct SponsorView {
    /// The sponsor's name.
    pub name: String,
    /// The address of the sponsor's website. Null if the settings do not say it.
    pub url: Option<String>,
    /// The sponsor's handle on social networks, with `@`. Null if the settings do not say it.
    pub handle: Option<String>,
    /// The sponsor's logo. Null if there is none.
    pub logo: Option<LogoView>,
}

/// The logo of a sponsor: a PNG file.
#[derive(Serialize, ToSchema)]
#[schema(as = Logo)]
pub struct LogoView {
    /// The path on the site. A changed logo has another one.
    pub url: String,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

impl SponsorView {
    /// Describes the sponsors of an edition.
    pub fn all(edition: &Edition) -> Vec<Self> {
        let view = |sponsor: &Sponsor| Self {
            name: sponsor.name.clone(),
            url: sponsor.url.clone(),
            handle: sponsor.handle.clone(),
            logo: edition.logo_of(sponsor).map(|logo| LogoView {
                url: links::logo(logo),
                width: logo.width,
                height: logo.height,
            }),
        };
        edition.sponsors.iter().map(view).collect()
    }
}

/// The text that uploaders agree to. A new text gets a new version.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentText {
    /// The version of the text. An upload names the version that its uploader saw.
    pub version: String,
    /// The text in English.
    pub text: String,
}

impl From<edition::ConsentText> for ConsentText {
    /// Takes the English text. Texts in other languages are for pages, which name the same version.
    fn from(consent: edition::ConsentText) -> Self {
        Self { version: consent.version, text: consent.text }
    }
}

/// The limits of a request and of a photo. Characters are grapheme clusters, as a reader counts them.
#[derive(Serialize, ToSchema)]
pub struct LimitsView {
    /// Largest number of photos in one request.
    pub max_photos_per_request: usize,
    /// Largest size of a photo's file, in bytes.
    pub max_bytes: u64,
    /// Largest size of a video's file, in bytes; 0 while videos are not accepted.
    pub max_video_bytes: u64,
    /// Longest video, in seconds; 0 while videos are not accepted.
    pub max_video_seconds: u64,
    /// Size of each part of a video's file but the last, in bytes.
    pub video_part_bytes: u64,
    /// Longest transcript of a video, in characters.
    pub transcript_max: usize,
    /// Longest caption, in characters.
    pub caption_max: usize,
    /// Longest alternative text, in characters.
    pub alt_max: usize,
    /// Longest credit line, in characters.
    pub credit_max: usize,
    /// Longest name of a school, in characters.
    pub school_max: usize,
    /// Content types that are accepted.
    pub types: Vec<String>,
}

impl EventView {
    /// Describes `edition` at `now`.
    pub fn new(edition: Edition, now: Timestamp) -> Self {
        let sponsors = SponsorView::all(&edition);
        let mut draws = edition.draws.clone();
        draws.sort_by_key(|settings| settings.draws_at);
        let draws = draws.into_iter().map(|settings| settings.id.to_string()).collect();
        Self {
            phase: edition.phase(now),
            server_time: now,
            opens_at: edition.opens_at,
            closes_at: edition.closes_at,
            grace_ends_at: edition.grace_ends_at,
            limits: LimitsView {
                max_photos_per_request: limits::MAX_PHOTOS_PER_REQUEST,
                max_bytes: edition.max_bytes,
                max_video_bytes: if edition.video_seconds == 0 { 0 } else { limits::MAX_VIDEO_BYTES },
                max_video_seconds: edition.video_seconds.into(),
                video_part_bytes: limits::VIDEO_PART_BYTES,
                transcript_max: limits::TRANSCRIPT_MAX,
                caption_max: limits::CAPTION_MAX,
                alt_max: limits::ALT_MAX,
                credit_max: limits::CREDIT_MAX,
                school_max: limits::SCHOOL_MAX,
                types: edition.types().iter().copied().map(str::to_owned).collect(),
            },
            edition: edition.slug.to_string(),
            name: edition.name,
            disciplines: edition.disciplines,
            consent: edition.consent.into(),
            hashtags: edition.hashtags,
            sponsors,
            organiser: edition.organiser,
            banner: edition.day.banner,
            draws,
        }
    }
}

/// All editions.
#[derive(Serialize, ToSchema)]
#[schema(as = EditionsAnswer)]
pub struct Editions {
    /// The editions, latest first.
    pub editions: Vec<EditionView>,
}

/// One edition.
#[derive(Serialize, ToSchema)]
pub struct EditionView {
    /// The edition's slug.
    pub slug: String,
    /// The edition's name.
    pub name: String,
    /// When it opens or opened.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub opens_at: Timestamp,
    /// When it closes or closed.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub closes_at: Timestamp,
    /// Number of its published photos.
    pub photos: u64,
}

/// One page of published photos.
#[derive(Serialize, ToSchema)]
pub struct FeedAnswer {
    /// The photos, newest publication first.
    pub photos: Vec<PhotoView>,
    /// The value of `after` for the next page. Null on the last page.
    pub next: Option<String>,
}

/// The schools and colleges that match a search.
#[derive(Serialize, ToSchema)]
pub struct SchoolsAnswer {
    /// At most ten schools, the best match first.
    pub schools: Vec<SchoolView>,
}

/// A school or college in an official register.
#[derive(Serialize, ToSchema)]
pub struct SchoolView {
    /// Its number in the register, for the field `urn` when registering a photo.
    pub urn: String,
    /// Its name.
    pub name: String,
    /// Its town; empty if the register has none.
    pub town: String,
    /// The nation whose register lists it.
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
    /// When the figures were requested.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Number of published photos.
    pub photos: Figure,
    /// Number of schools and colleges with published photos.
    pub schools: Figure,
    /// Published photos in each half hour.
    pub half_hours: HalfHours,
    /// Published photos in each discipline.
    pub disciplines: Disciplines,
    /// Published photos in each nation.
    pub nations: Nations,
}

/// A number, and how it was counted.
#[derive(Serialize, ToSchema)]
pub struct Figure {
    /// The number.
    pub count: u64,
    /// How it was counted.
    pub method: &'static str,
}

/// Photos in each half hour.
#[derive(Serialize, ToSchema)]
pub struct HalfHours {
    /// The half hours in chronological order, without gaps.
    pub counts: Vec<HalfHourCount>,
    /// Number of photos at other times.
    pub other: u64,
    /// How they were counted.
    pub method: &'static str,
}

/// The photos of one half hour.
#[derive(Serialize, ToSchema)]
pub struct HalfHourCount {
    /// The first minute of the half hour in UTC, as the filter `half` takes it.
    pub half: String,
    /// Number of photos.
    pub photos: u64,
}

/// Photos in each discipline.
#[derive(Serialize, ToSchema)]
pub struct Disciplines {
    /// The disciplines, in the edition's order.
    pub counts: Vec<DisciplineCount>,
    /// How they were counted.
    pub method: &'static str,
}

/// The photos of one discipline.
#[derive(Serialize, ToSchema)]
pub struct DisciplineCount {
    /// The discipline's slug.
    pub slug: String,
    /// The discipline's name.
    pub name: String,
    /// Number of photos.
    pub photos: u64,
}

/// Photos in each nation.
#[derive(Serialize, ToSchema)]
pub struct Nations {
    /// The nations, in the order in which pages offer them.
    pub counts: Vec<NationCount>,
    /// Number of photos whose nation is not known.
    pub unknown: u64,
    /// How they were counted.
    pub method: &'static str,
}

/// The photos from one nation's schools.
#[derive(Serialize, ToSchema)]
pub struct NationCount {
    /// The nation.
    pub nation: Nation,
    /// Number of photos.
    pub photos: u64,
}

impl StatsAnswer {
    /// Builds the answer from the figures of `edition` at `now`.
    pub fn new(edition: &Edition, stats: Stats, now: Timestamp) -> Self {
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
