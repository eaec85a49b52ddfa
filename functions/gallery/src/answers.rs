//! What this function answers with.

use jiff::Timestamp;
use serde::Serialize;
use shared::{
    domain::{
        Edition, Phase,
        edition::{Banner, ConsentText, Discipline, Sponsor},
        limits, time,
    },
    web::PhotoView,
};
use utoipa::ToSchema;

/// The edition that the site is about, and what is needed to take part in it.
#[derive(Serialize, ToSchema)]
pub struct EventView {
    /// The edition's slug.
    pub edition: String,
    /// Its name.
    pub name: String,
    /// Where the present instant lies in its day.
    pub phase: Phase,
    /// The present instant, by the only clock that counts.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub server_time: Timestamp,
    /// The first instant at which a photo may be registered.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub opens_at: Timestamp,
    /// The first instant at which none may be any more.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub closes_at: Timestamp,
    /// The first instant at which a registered photo can no longer finish uploading.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub grace_ends_at: Timestamp,
    /// What is allowed.
    pub limits: LimitsView,
    /// What photos can be about.
    pub disciplines: Vec<Discipline>,
    /// What uploaders agree to.
    pub consent: ConsentText,
    /// Tags to post with, without `#`.
    pub hashtags: Vec<String>,
    /// Who supports the day.
    pub sponsors: Vec<Sponsor>,
    /// What the organiser tells everybody right now.
    pub banner: Option<Banner>,
    /// Its prize draws.
    pub draws: Vec<String>,
}

/// What is allowed. Texts are counted in characters as a reader counts them.
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
            consent: edition.consent,
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

/// One page of a feed.
#[derive(Serialize, ToSchema)]
pub struct FeedAnswer {
    /// Newest published first.
    pub photos: Vec<PhotoView>,
    /// Where the next page starts: its `after`. Null on the last page.
    pub next: Option<String>,
}
