//! Reports, as the API takes and answers them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::domain::{
    report::{Report, ReportReason},
    time,
};
use utoipa::ToSchema;

use crate::queue::answers::QueuePhoto;

/// What is wrong with a photo.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportRequest {
    /// Which of these.
    pub reason: ReportReason,
    /// More words; at most 1,000 characters, as a reader counts them.
    #[serde(default)]
    pub text: Option<String>,
    /// Where the reporter can be told what became of it; at most 200.
    #[serde(default)]
    pub contact: Option<String>,
}

/// A report was taken.
#[derive(Serialize, ToSchema)]
pub struct ReportAnswer {
    /// What to quote; the same again for the same report of the same reporter.
    pub reference: String,
}

/// What was reported and nobody has decided about.
#[derive(Serialize, ToSchema)]
pub struct ReportedAnswer {
    /// The urgent ones first, and then the longest waiting.
    pub photos: Vec<ReportedPhoto>,
}

/// A reported photo with what was said.
#[derive(Serialize, ToSchema)]
pub struct ReportedPhoto {
    /// The photo.
    pub photo: QueuePhoto,
    /// Its reports, the oldest first; those that were decided about before, too.
    pub reports: Vec<ReportView>,
}

/// One report.
#[derive(Serialize, ToSchema)]
pub struct ReportView {
    /// What the reporter quotes.
    pub reference: String,
    /// What is wrong.
    pub reason: ReportReason,
    /// More words.
    pub text: String,
    /// Where the reporter can be reached.
    pub contact: String,
    /// When it came.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

impl From<&Report> for ReportView {
    fn from(report: &Report) -> Self {
        let Report { reference, reason, text, contact, at, .. } = report.clone();
        Self { reference, reason, text, contact, at }
    }
}
