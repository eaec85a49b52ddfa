//! The list of published photos.

use serde::{Deserialize, Serialize};
use shared::domain::export::{Listed, Purpose};
use utoipa::ToSchema;

/// The form of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ExportFormat {
    /// For programs.
    #[default]
    Json,
    /// For spreadsheet programs: RFC 4180, UTF-8 with a byte-order mark.
    Csv,
}

impl ExportFormat {
    /// The form's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
        }
    }
}

/// A part of the list of published photos.
#[derive(Serialize, ToSchema)]
pub struct ExportAnswer {
    /// The edition.
    pub edition: String,
    /// What the senders of these photos agreed to.
    pub consent: Purpose,
    /// Newest first. There can be none, and yet a next part.
    pub photos: Vec<Listed>,
    /// What the next part is asked for with as `after`; null where this is the last one.
    pub next: Option<String>,
}
