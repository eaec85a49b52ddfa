//! Requests and answers about one photo: its audit, texts and covers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::domain::{Photo, State, audit::AuditEntry, moderation::CoverBox, time};
use utoipa::ToSchema;

/// The audit of a photo: everything that happened to it.
#[derive(Serialize, ToSchema)]
pub struct AuditAnswer {
    /// The entries, one for each version, oldest first.
    pub entries: Vec<AuditView>,
    /// Whether each entry continues the one before it, from the first to the photo's present version.
    pub whole: bool,
}

/// What happened in one version.
#[derive(Serialize, ToSchema)]
pub struct AuditView {
    /// The version that this entry produced.
    pub version: u64,
    /// When it happened.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The id of the person, key or function that did it.
    pub by: String,
    /// What was done.
    pub action: String,
    /// The photo's state before; null if there was none.
    pub from: Option<State>,
    /// The photo's state after.
    pub to: State,
    /// The reason that was given; null if there was none.
    pub reason: Option<String>,
    /// SHA-256 of this entry and the hash of the one before it.
    pub hash: String,
}

impl From<&AuditEntry> for AuditView {
    fn from(entry: &AuditEntry) -> Self {
        Self {
            version: entry.version,
            at: entry.at,
            by: entry.by.clone(),
            action: entry.action.clone(),
            from: entry.from,
            to: entry.to,
            reason: entry.reason.clone(),
            hash: entry.hash.clone(),
        }
    }
}

/// New texts for a photo. A text that is absent stays as it is.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WordsRequest {
    /// The version of the photo that was seen.
    #[schema(format = "uint64")]
    pub version: u64,
    /// The caption: at most 200 characters (grapheme clusters).
    #[serde(default)]
    pub caption: Option<String>,
    /// The alternative text: at most 300 characters.
    #[serde(default)]
    pub alt: Option<String>,
    /// The credit line: at most 60 characters.
    #[serde(default)]
    pub credit: Option<String>,
    /// What is heard in a video that keeps its sound: at most 500 characters. It must not be empty.
    #[serde(default)]
    pub transcript: Option<String>,
}

/// All covers that a photo is to have, in place of the present ones.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CoversRequest {
    /// The version of the photo that was seen.
    #[schema(format = "uint64")]
    pub version: u64,
    /// The boxes to cover: 1 to 40.
    #[schema(min_items = 1, max_items = 40)]
    pub boxes: Vec<CoverBox>,
}

/// Whether a photo is one of the moderators' favourites.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PickRequest {
    /// The version of the photo that was seen.
    #[schema(format = "uint64")]
    pub version: u64,
    /// True picks the photo, false takes the pick back.
    pub picked: bool,
}

/// The present state of a photo.
#[derive(Serialize, ToSchema)]
pub struct PhotoStatus {
    /// The photo's id.
    pub id: String,
    /// The photo's state.
    pub state: State,
    /// The photo's version.
    pub version: u64,
}

impl From<&Photo> for PhotoStatus {
    fn from(photo: &Photo) -> Self {
        Self { id: photo.id.to_string(), state: photo.state, version: photo.version }
    }
}
