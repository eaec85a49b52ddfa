//! Requests and answers about reports.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::domain::{
    report::{Report, ReportReason},
    time,
};
use utoipa::ToSchema;

use crate::queue::answers::QueuePhoto;

/// A report about a photo.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportRequest {
    /// The reason for the report.
    pub reason: ReportReason,
    /// Details: at most 1,000 characters (grapheme clusters).
    #[serde(default)]
    pub text: Option<String>,
    /// How to reach the reporter about the outcome: at most 200 characters.
    #[serde(default)]
    pub contact: Option<String>,
}

/// The answer to a report.
#[derive(Serialize, ToSchema)]
pub struct ReportAnswer {
    /// The reference to quote. The same report from the same reporter always gets the same reference.
    pub reference: String,
}

/// Reported photos that nobody has decided about yet.
#[derive(Serialize, ToSchema)]
pub struct ReportedAnswer {
    /// The photos: urgent ones first, then the one that has waited longest.
    pub photos: Vec<ReportedPhoto>,
}

/// A reported photo with its reports.
#[derive(Serialize, ToSchema)]
pub struct ReportedPhoto {
    /// The photo.
    pub photo: QueuePhoto,
    /// Its reports, oldest first, including those that were decided about before.
    pub reports: Vec<ReportView>,
}

/// One report.
#[derive(Serialize, ToSchema)]
pub struct ReportView {
    /// The reference that the reporter quotes.
    pub reference: String,
    /// The reason for the report.
    pub reason: ReportReason,
    /// The details that the reporter gave.
    pub text: String,
    /// How to reach the reporter; empty if they did not say.
    pub contact: String,
    /// When the report arrived.
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
