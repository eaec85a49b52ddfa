//! The API's answers about quarantined photos.

use jiff::Timestamp;
use serde::Serialize;
use shared::domain::{Photo, time};
use utoipa::ToSchema;

/// The quarantined photos.
#[derive(Serialize, ToSchema)]
pub struct QuarantineAnswer {
    /// The photos, oldest first.
    pub photos: Vec<LockedPhoto>,
}

/// A quarantined photo: what is needed to hand it over to the authorities, and no image.
#[derive(Serialize, ToSchema)]
pub struct LockedPhoto {
    /// The photo's id.
    pub id: String,
    /// The photo's version.
    pub version: u64,
    /// The original's key in the bucket of originals; for a video, the folder of its parts, which ends with `/`.
    pub original: String,
    /// SHA-256 of the original, as it was signed; null if it is not known.
    pub sha256: Option<String>,
    /// The id of the device that uploaded it.
    pub uploader: String,
    /// When the photo was registered.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

impl From<&Photo> for LockedPhoto {
    fn from(photo: &Photo) -> Self {
        Self {
            id: photo.id.to_string(),
            version: photo.version,
            original: photo.originals(),
            sha256: photo.sha256.as_ref().map(ToString::to_string),
            uploader: photo.uploader.to_string(),
            created_at: photo.created_at,
        }
    }
}
