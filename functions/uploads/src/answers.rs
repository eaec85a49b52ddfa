//! What this function answers with.

use jiff::Timestamp;
use serde::Serialize;
use shared::{
    domain::{
        keys::public_path,
        photo::{Photo, State},
        time,
    },
    store::buckets::PresignedUpload,
    web::problem::ProblemBody,
};
use utoipa::ToSchema;

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
            created_at: photo.created_at,
            page: published.then(|| format!("/p/{}", photo.id)),
            thumbnail: thumbnail.map(|(revision, smallest)| public_path(&photo.id, revision, &smallest.name)),
        }
    }
}

/// Where a withdrawn photo is gone from, and by when it will be.
#[derive(Serialize, ToSchema)]
pub struct Lights {
    /// Pages, feeds and the API: at once.
    pub site: Light,
    /// The buckets.
    pub storage: Light,
    /// The caches of the delivery network.
    pub edges: Light,
    /// When the site forgot it.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub site_at: Timestamp,
    /// When the storage has, or will have.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub storage_at: Timestamp,
    /// When the edges have, or will have at the latest.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub edges_at: Timestamp,
}

/// Whether something is gone already.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Light {
    /// It is gone.
    Gone,
    /// It goes by the time that is named beside.
    Pending,
}
