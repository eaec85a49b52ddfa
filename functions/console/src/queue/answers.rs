//! What waits, who decides what about it, and what became of that.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::{
    domain::{
        Lane, State,
        photo::{Consent, People},
        report::ReportReason,
        school::School,
        screening::Hint,
        sender::Sender,
        states::{Decision, Kind},
        time,
    },
    web::problem::ProblemBody,
};
use utoipa::ToSchema;

use super::items::QueueItem;

/// Photos that wait for a decision.
#[derive(Serialize, ToSchema)]
pub struct QueueAnswer {
    /// Oldest first; each is the caller's alone for 90 seconds.
    pub photos: Vec<QueuePhoto>,
    /// How many wait in all lanes.
    pub pending: u64,
    /// When the one that waits longest was registered.
    #[serde(serialize_with = "time::iso::option::serialize")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub oldest_at: Option<Timestamp>,
}

/// A photo that waits for a decision.
#[derive(Serialize, ToSchema)]
pub struct QueuePhoto {
    /// Which photo.
    pub id: String,
    /// What a decision about it must name: the version that was seen.
    pub version: u64,
    /// Where it stands.
    pub state: State,
    /// Which queue it waits in.
    pub lane: Lane,
    /// Photo or video.
    pub kind: Kind,
    /// Its edition.
    pub edition: String,
    /// What it shows.
    pub caption: String,
    /// The same for those who cannot see it.
    pub alt: String,
    /// Whom it names.
    pub credit: String,
    /// Its school.
    pub school: Option<School>,
    /// Its discipline's slug.
    pub discipline: Option<String>,
    /// Who is in the picture, as its sender says.
    pub people: People,
    /// What its sender agreed to.
    pub consent: Consent,
    /// When it was registered.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Width of the oriented original in pixels.
    pub width: u32,
    /// Height of the oriented original in pixels.
    pub height: u32,
    /// ThumbHash, base64.
    pub placeholder: String,
    /// Dominant colour, `#rrggbb`.
    pub color: String,
    /// What its sender has sent so far.
    pub uploader: UploaderView,
    /// Other photos of the edition that are the same or look the same, at most six.
    pub near_duplicates: Vec<String>,
    /// What a machine noticed, and why it waits where it waits. A hint, never a verdict.
    pub hints: Vec<Hint>,
    /// What it was reported for, where nobody has decided about that yet.
    pub reported_for: Vec<ReportReason>,
    /// Whether it was hidden to protect a child, so that two people must want it back; and whether one does.
    pub safeguarding: Option<SafeguardingView>,
    /// Its renditions, largest first: signed, from the root of the site, for three minutes.
    pub review_urls: Vec<String>,
}

/// What an uploader has sent so far.
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
pub struct UploaderView {
    /// Photos of the edition that have arrived and are still there.
    pub photos: u64,
    /// Those of them that are published.
    pub published: u64,
    /// Those of them that were rejected.
    pub rejected: u64,
}

impl From<&Sender> for UploaderView {
    fn from(sender: &Sender) -> Self {
        Self { photos: sender.photos(), published: sender.published(), rejected: sender.rejected() }
    }
}

/// The way back of a photo that was hidden to protect a child.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SafeguardingView {
    /// Nobody has agreed to show it again.
    Hidden,
    /// One has; a second must, too.
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
        }
    }
}

/// Decisions, each about one photo.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionsRequest {
    /// 1 to 48.
    #[schema(min_items = 1, max_items = 48)]
    pub decisions: Vec<DecisionRequest>,
}

/// A decision about one photo.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionRequest {
    /// Which photo.
    pub id: String,
    /// The version that was seen.
    #[schema(format = "uint64")]
    pub version: u64,
    /// What is decided.
    pub action: Decision,
    /// Why; its uploader reads it; at most 300 characters, as a reader counts them.
    #[serde(default)]
    pub reason: Option<String>,
}

/// What became of the decisions, in their order. One that is refused does not touch the others.
#[derive(Serialize, ToSchema)]
pub struct DecisionsAnswer {
    /// One for each decision.
    pub decisions: Vec<Decided>,
}

/// What became of one decision.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum Decided {
    /// It is done.
    Done {
        /// Which photo.
        id: String,
        /// Where it stands now.
        state: State,
        /// Which queue it waits in now, if it waits.
        lane: Lane,
        /// Its version now.
        version: u64,
    },
    /// It is refused.
    Refused {
        /// Which photo.
        id: String,
        /// Why.
        #[schema(value_type = ProblemBody)]
        problem: serde_json::Value,
    },
}

/// How much waits in each lane.
#[derive(Serialize, ToSchema)]
pub struct WaitingAnswer {
    /// The lanes.
    pub lanes: Vec<LaneAnswer>,
}

/// One lane.
#[derive(Serialize, ToSchema)]
pub struct LaneAnswer {
    /// Which.
    pub lane: Lane,
    /// Photos in it.
    pub photos: u64,
    /// Those of them that are on other members' screens; null where the lane is too long to count them.
    pub elsewhere: Option<u64>,
    /// When the one that waits longest was registered.
    #[serde(serialize_with = "time::iso::option::serialize")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub oldest_at: Option<Timestamp>,
}
