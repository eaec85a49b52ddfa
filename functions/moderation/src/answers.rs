//! What this function takes and answers with.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::{
    domain::{
        Lane, Photo, State,
        audit::AuditEntry,
        people::Role,
        photo::{Consent, Decision, Kind, People},
        school::School,
        time,
    },
    store::members::Session,
    web::problem::ProblemBody,
};
use utoipa::ToSchema;

/// A one-time code.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignInRequest {
    /// The code that an organiser gave.
    #[schema(max_length = 200)]
    pub code: String,
}

/// Who is signed in.
#[derive(Serialize, ToSchema)]
pub struct SessionView {
    /// The name that the code or key was made for.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// When the session ends; null for a key.
    #[serde(serialize_with = "time::iso::option::serialize")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
}

impl From<&Session> for SessionView {
    fn from(session: &Session) -> Self {
        Self { name: session.name.clone(), role: session.role, until: Some(session.until) }
    }
}

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
    /// Other photos of the very same bytes.
    pub near_duplicates: Vec<String>,
    /// Its renditions, largest first: signed, from the root of the site, for ten minutes.
    pub review_urls: Vec<String>,
}

/// What an uploader has sent so far.
#[derive(Clone, Copy, Serialize, ToSchema)]
pub struct UploaderView {
    /// Photos in the edition.
    pub photos: usize,
    /// Those of them that are published.
    pub published: usize,
}

impl QueuePhoto {
    /// What moderators see of a photo.
    pub fn of(photo: &Photo, uploader: UploaderView, near_duplicates: Vec<String>, review_urls: Vec<String>) -> Self {
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
            uploader,
            near_duplicates,
            review_urls,
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
