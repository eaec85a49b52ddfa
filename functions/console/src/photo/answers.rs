//! One photo: its audit, its words, its covers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::domain::{Photo, State, audit::AuditEntry, moderation::CoverBox, time};
use utoipa::ToSchema;

/// All that ever happened to a photo.
#[derive(Serialize, ToSchema)]
pub struct AuditAnswer {
    /// Oldest first, one per version.
    pub entries: Vec<AuditView>,
    /// Whether each entry continues the one before, from the first to the photo as it is.
    pub whole: bool,
}

/// What happened at one version.
#[derive(Serialize, ToSchema)]
pub struct AuditView {
    /// The version that this made.
    pub version: u64,
    /// When.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// What.
    pub action: String,
    /// The state before.
    pub from: Option<State>,
    /// The state after.
    pub to: State,
    /// Why.
    pub reason: Option<String>,
    /// SHA-256 that chains it to the entry before.
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

/// New words for a photo; what is absent stays.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WordsRequest {
    /// The version that was seen.
    #[schema(format = "uint64")]
    pub version: u64,
    /// What it shows; at most 200 characters, as a reader counts them.
    #[serde(default)]
    pub caption: Option<String>,
    /// The same for those who cannot see it; at most 300.
    #[serde(default)]
    pub alt: Option<String>,
    /// Whom it names; at most 60.
    #[serde(default)]
    pub credit: Option<String>,
}

/// Covers for a photo: all of them, in place of those that it has.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CoversRequest {
    /// The version that was seen.
    #[schema(format = "uint64")]
    pub version: u64,
    /// 1 to 40.
    #[schema(min_items = 1, max_items = 40)]
    pub boxes: Vec<CoverBox>,
}

/// Where a photo stands.
#[derive(Serialize, ToSchema)]
pub struct StandingAnswer {
    /// Which photo.
    pub id: String,
    /// Where it stands.
    pub state: State,
    /// Its version.
    pub version: u64,
}

impl From<&Photo> for StandingAnswer {
    fn from(photo: &Photo) -> Self {
        Self { id: photo.id.to_string(), state: photo.state, version: photo.version }
    }
}
