//! What this function answers with.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use shared::{
    domain::{
        keys::public_path,
        limits,
        photo::{People, Photo, State},
        school::School,
        time,
    },
    store::buckets::PresignedUpload,
    web::problem::ProblemBody,
};
use utoipa::ToSchema;

/// Seconds within which a sweep comes by.
const SWEEP_SECONDS: i64 = 60;

/// The answer to a batch, photo by photo in the order of the request.
#[derive(Serialize, ToSchema)]
pub struct UploadAnswer {
    /// One for each photo.
    pub photos: Vec<Reserved>,
}

/// One photo of a batch: reserved, or the problem that it has. The others are not touched by its problem.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum Reserved {
    /// It is registered.
    Photo {
        /// The client's own name for it.
        #[serde(rename = "ref")]
        reference: String,
        /// Its id from now on.
        id: String,
        /// `reserved`; or where it stands, if an earlier request has brought it further.
        state: State,
        /// Where its bytes go; none if they are there already.
        upload: Option<PresignedUpload>,
    },
    /// It is not.
    Problem {
        /// The client's own name for it.
        #[serde(rename = "ref")]
        reference: String,
        /// Why.
        #[schema(value_type = ProblemBody)]
        problem: serde_json::Value,
    },
}

/// A photo that is still reserved, with a fresh upload address.
#[derive(Serialize, ToSchema)]
pub struct Renewed {
    /// Which photo.
    pub id: String,
    /// `reserved`.
    pub state: State,
    /// Where its bytes go.
    pub upload: PresignedUpload,
}

/// An uploader's own photos.
#[derive(Serialize, ToSchema)]
pub struct OwnPhotos {
    /// Oldest first.
    pub photos: Vec<OwnPhoto>,
}

/// One of an uploader's own photos.
#[derive(Serialize, ToSchema)]
pub struct OwnPhoto {
    /// Which photo.
    pub id: String,
    /// Its edition.
    pub edition: String,
    /// Where it stands.
    pub state: State,
    /// Why it is not shown, in words.
    pub reason: Option<String>,
    /// What it shows.
    pub caption: String,
    /// The same for those who cannot see it.
    pub alt: String,
    /// Whom it names.
    pub credit: String,
    /// Who is in the picture.
    pub people: People,
    /// Its school.
    pub school: Option<OwnSchool>,
    /// Its discipline.
    pub discipline: Option<String>,
    /// The hash of its bytes, as it was declared: by it a photo that never came is known again in the one that was registered after it.
    pub sha256: Option<String>,
    /// When it was registered.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Its page, while it is public.
    pub page: Option<String>,
    /// Its smallest rendition, while it is public.
    pub thumbnail: Option<String>,
}

impl From<&Photo> for OwnPhoto {
    fn from(photo: &Photo) -> Self {
        let published = photo.state == State::Published;
        let smallest = photo.rendered.as_ref().and_then(|rendered| rendered.renditions.last());
        let thumbnail = photo.revision.as_ref().zip(smallest).filter(|_| published);
        Self {
            id: photo.id.to_string(),
            edition: photo.edition.to_string(),
            state: photo.state,
            reason: photo.reason.clone(),
            caption: photo.caption.clone(),
            alt: photo.alt.clone(),
            credit: photo.credit.clone(),
            people: photo.people,
            school: photo.school.as_ref().map(OwnSchool::from),
            discipline: photo.discipline.as_ref().map(ToString::to_string),
            sha256: photo.sha256.as_ref().map(ToString::to_string),
            created_at: photo.created_at,
            page: published.then(|| format!("/p/{}", photo.id)),
            thumbnail: thumbnail.map(|(revision, smallest)| public_path(&photo.id, revision, &smallest.name)),
        }
    }
}

/// The school of one's own photo, in the words of a request: what was chosen or typed.
#[derive(Serialize, ToSchema)]
pub struct OwnSchool {
    /// Its number in the official register, where it was picked from there.
    pub urn: Option<String>,
    /// Its name.
    pub name: String,
}

impl From<&School> for OwnSchool {
    fn from(school: &School) -> Self {
        Self { urn: school.urn.clone(), name: school.name.clone() }
    }
}

/// Where a withdrawn photo is gone from, and by when it will be. A light says `gone` only where nothing can come back.
#[derive(Serialize, ToSchema)]
pub struct Lights {
    /// Pages, feeds and the API: at once.
    pub site: Light,
    /// The buckets: gone once they were looked through again after every upload address and every worker of before had ended.
    pub storage: Light,
    /// The caches of the delivery network.
    pub edges: Light,
    /// When the site forgot it.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub site_at: Timestamp,
    /// When the bytes were first erased; none until then. They are looked for once more, by `storage_at`.
    #[serde(serialize_with = "time::iso::option::serialize")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub erased_at: Option<Timestamp>,
    /// When the storage has, or will have.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub storage_at: Timestamp,
    /// When the edges have, or will have at the latest.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub edges_at: Timestamp,
}

impl Lights {
    /// The lights of a withdrawn photo at `now`; none of one that is not withdrawn.
    pub fn of(photo: &Photo, now: Timestamp) -> Option<Self> {
        if photo.state != State::Deleted {
            return None;
        }
        let after = |from: Timestamp, seconds: i64| from + SignedDuration::from_secs(seconds);
        let removed_at = photo.removed_at.unwrap_or(photo.created_at);
        let (storage, storage_at) = match photo.purged_at.filter(|_| photo.purged == Some(photo.version)) {
            Some(purged_at) => (Light::Gone, purged_at),
            // The next sweep that can do it, where it is late.
            None => (
                Light::Pending,
                after(removed_at, limits::PURGE_FENCE_SECONDS).max(now) + SignedDuration::from_secs(SWEEP_SECONDS),
            ),
        };
        let ended = photo.erased_at.map(|erased_at| after(erased_at, limits::EDGE_SECONDS));
        let (edges, edges_at) = match (photo.published_at, ended) {
            (None, _) => (Light::Gone, removed_at),
            (Some(_), Some(ended)) if ended <= now => (Light::Gone, ended),
            (Some(_), Some(ended)) => (Light::Pending, ended),
            (Some(_), None) => (Light::Pending, after(now, limits::EDGE_SECONDS + SWEEP_SECONDS)),
        };
        let erased_at = photo.erased_at;
        Some(Self { site: Light::Gone, storage, edges, site_at: removed_at, erased_at, storage_at, edges_at })
    }
}

/// Whether something is gone already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Light {
    /// It is gone.
    Gone,
    /// It goes by the time that is named beside.
    Pending,
}
