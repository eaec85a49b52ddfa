//! What is locked away, as the API answers it.

use jiff::Timestamp;
use serde::Serialize;
use shared::domain::{Photo, time};
use utoipa::ToSchema;

/// What is locked away.
#[derive(Serialize, ToSchema)]
pub struct QuarantineAnswer {
    /// The oldest first.
    pub photos: Vec<LockedPhoto>,
}

/// A photo that is locked away: what must be known to hand it over, and nothing to look at.
#[derive(Serialize, ToSchema)]
pub struct LockedPhoto {
    /// Which photo.
    pub id: String,
    /// Its version.
    pub version: u64,
    /// The original's key in the bucket of originals.
    pub original: String,
    /// The original's hash, as it was signed.
    pub sha256: Option<String>,
    /// The device that sent it.
    pub uploader: String,
    /// When it was registered.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

impl From<&Photo> for LockedPhoto {
    fn from(photo: &Photo) -> Self {
        Self {
            id: photo.id.to_string(),
            version: photo.version,
            original: photo.original_key().to_string(),
            sha256: photo.sha256.as_ref().map(ToString::to_string),
            uploader: photo.uploader.to_string(),
            created_at: photo.created_at,
        }
    }
}
