//! Requests and answers of the queue, of decisions and of their results.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::{
    domain::{
        Lane, State,
        photo::{Consent, People},
        report::ReportReason,
        school::School,
        screening::Hint,
        states::{Decision, Kind},
        time,
        uploader_counts::UploaderCounts,
    },
    web::problem::ProblemBody,
};
use utoipa::ToSchema;

use super::items::QueueItem;

/// Photos that wait for a decision.
#[derive(Serialize, ToSchema)]
pub struct QueueAnswer {
    /// The photos, oldest first. Each is reserved for the caller for 90 seconds.
    pub photos: Vec<QueuePhoto>,
    /// How many photos wait in all lanes together.
    pub pending: u64,
    /// When the photo that has waited longest was registered; null if none waits.
    #[serde(serialize_with = "time::iso::option::serialize")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub oldest_at: Option<Timestamp>,
}

/// A photo that waits for a decision.
#[derive(Serialize, ToSchema)]
pub struct QueuePhoto {
    /// The photo's id.
    pub id: String,
    /// The photo's version. A decision about it must name it.
    pub version: u64,
    /// The photo's state.
    pub state: State,
    /// The lane that the photo waits in.
    pub lane: Lane,
    /// Photo or video.
    pub kind: Kind,
    /// The slug of the photo's edition.
    pub edition: String,
    /// The caption.
    pub caption: String,
    /// The alternative text.
    pub alt: String,
    /// The credit line.
    pub credit: String,
    /// The school; null if none was named.
    pub school: Option<School>,
    /// The slug of the discipline; null if none was chosen.
    pub discipline: Option<String>,
    /// Who is in the photo, as the uploader says.
    pub people: People,
    /// What the uploader agreed to.
    pub consent: Consent,
    /// When the photo was registered.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Width of the original in pixels, after its orientation is applied.
    pub width: u32,
    /// Height of the original in pixels, after its orientation is applied.
    pub height: u32,
    /// ThumbHash in base64, to paint before an image is loaded.
    pub placeholder: String,
    /// Dominant colour, `#rrggbb`.
    pub color: String,
    /// How much the uploader has sent so far.
    pub uploader: UploaderView,
    /// Ids of other photos of the edition that are the same or look similar: at most six.
    pub near_duplicates: Vec<String>,
    /// What machines noticed, and why the photo is in this lane. Hints inform; they never decide.
    pub hints: Vec<Hint>,
    /// Reasons of the reports that nobody has decided about yet.
    pub reported_for: Vec<ReportReason>,
    /// Whether the photo was hidden to protect a child, so that two people must agree to show it, and whether one has agreed; null if two
    /// people need not agree.
    pub safeguarding: Option<SafeguardingView>,
    /// Signed addresses of the photo's renditions, largest first. They are relative to the site's root and work for three minutes.
    pub review_urls: Vec<String>,
    /// The files of a video; null for a photo.
    pub video: Option<QueueVideo>,
}

/// The files of a video that waits for a decision, and what its uploader says of its sound.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct QueueVideo {
    /// The signed address of the video, relative to the site's root. It works for ten minutes.
    pub video_url: String,
    /// The signed address of a JPEG with up to twelve of its pictures in rows of four.
    pub sheet_url: String,
    /// How long it is, in milliseconds.
    pub duration_ms: u32,
    /// Whether its uploader keeps its sound.
    pub sound: bool,
    /// What is heard, as the uploader says; empty without sound.
    pub transcript: String,
}

/// How much an uploader has sent so far.
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
pub struct UploaderView {
    /// Number of photos of the edition that have arrived and still exist.
    pub photos: u64,
    /// How many of them are published.
    pub published: u64,
    /// How many of them were rejected.
    pub rejected: u64,
}

impl From<&UploaderCounts> for UploaderView {
    fn from(sender: &UploaderCounts) -> Self {
        Self { photos: sender.photos(), published: sender.published(), rejected: sender.rejected() }
    }
}

/// The agreement of two people that is needed to show a photo again that was hidden to protect a child.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SafeguardingView {
    /// Nobody has agreed yet to show the photo again.
    Hidden,
    /// One person has agreed. A second one must agree, too.
    Agreed,
}

impl From<&QueueItem> for QueuePhoto {
    fn from(item: &QueueItem) -> Self {
        let photo = &item.photo;
        let rendered = photo.rendered.as_ref();
        Self {
            id: photo.id.to_string(),
            version: photo.version,
            state: photo.state,
            lane: photo.lane,
            kind: photo.kind,
            edition: photo.edition.to_string(),
            caption: photo.caption.clone(),
            alt: photo.alt.clone(),
            credit: photo.credit.clone(),
            school: photo.school.clone(),
            discipline: photo.discipline.as_ref().map(ToString::to_string),
            people: photo.people,
            consent: photo.consent.clone(),
            created_at: photo.created_at,
            width: rendered.map_or(0, |rendered| rendered.width),
            height: rendered.map_or(0, |rendered| rendered.height),
            placeholder: rendered.map(|rendered| rendered.placeholder.clone()).unwrap_or_default(),
            color: rendered.map(|rendered| rendered.color.clone()).unwrap_or_default(),
            uploader: UploaderView::from(&item.sender),
            near_duplicates: item.similar.iter().map(|(photo, _)| photo.id.to_string()).collect(),
            hints: photo.moderation.hints.clone(),
            reported_for: photo.moderation.reports.iter().flat_map(|reports| reports.reasons.clone()).collect(),
            safeguarding: photo.moderation.safeguarding.as_ref().map(|way| match way.first() {
                None => SafeguardingView::Hidden,
                Some(_) => SafeguardingView::Agreed,
            }),
            review_urls: item.links.clone(),
            video: item.film.as_ref().map(|film| QueueVideo {
                video_url: film.video.clone(),
                sheet_url: film.sheet.clone(),
                duration_ms: film.duration_ms,
                sound: photo.has_sound(),
                transcript: photo.video.as_ref().map(|video| video.transcript.clone()).unwrap_or_default(),
            }),
        }
    }
}

/// Decisions, each about one photo.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionsRequest {
    /// The decisions: 1 to 48.
    #[schema(min_items = 1, max_items = 48)]
    pub decisions: Vec<DecisionRequest>,
}

/// A decision about one photo.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionRequest {
    /// The photo's id.
    pub id: String,
    /// The version of the photo that was seen.
    #[schema(format = "uint64")]
    pub version: u64,
    /// The decision.
    pub action: Decision,
    /// The reason, which the uploader reads: at most 300 characters (grapheme clusters). One of `pupil`, `agreement`, `details`, `not-work`,
    /// `advert`, `unclear` and `duplicate`, and for a video also `name-spoken`, `music` and `shaky`, stands for a text that says what to do.
    #[serde(default)]
    pub reason: Option<String>,
    /// False publishes a video without its sound. It has no meaning for photos and for other decisions.
    #[serde(default)]
    pub sound: Option<bool>,
}

/// The results of the decisions, in the order of the request. A refused decision does not affect the others.
#[derive(Serialize, ToSchema)]
pub struct DecisionsAnswer {
    /// One result for each decision.
    pub decisions: Vec<Decided>,
}

/// The result of one decision.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum Decided {
    /// The decision was carried out.
    Done {
        /// The photo's id.
        id: String,
        /// The photo's new state.
        state: State,
        /// The lane that the photo is in now, if it waits.
        lane: Lane,
        /// The photo's new version.
        version: u64,
    },
    /// The decision was refused.
    Refused {
        /// The photo's id.
        id: String,
        /// The problem because of which it was refused.
        #[schema(value_type = ProblemBody)]
        problem: serde_json::Value,
    },
}

/// How many photos wait in each lane.
#[derive(Serialize, ToSchema)]
pub struct WaitingAnswer {
    /// The lanes.
    pub lanes: Vec<LaneAnswer>,
}

/// One lane of the queue.
#[derive(Serialize, ToSchema)]
pub struct LaneAnswer {
    /// The lane.
    pub lane: Lane,
    /// Number of photos in the lane.
    pub photos: u64,
    /// How many of them are on other members' screens; null if the lane is too long to count them.
    pub elsewhere: Option<u64>,
    /// When the photo that has waited longest was registered; null if none waits.
    #[serde(serialize_with = "time::iso::option::serialize")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub oldest_at: Option<Timestamp>,
}
