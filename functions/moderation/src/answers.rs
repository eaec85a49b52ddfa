//! What this function takes and answers with.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::{
    domain::{
        Edition, Lane, Phase, Photo, State,
        activity::Activity,
        audit::AuditEntry,
        dashboard::Dashboard,
        edition::{Banner, Changes, PhaseCommand},
        moderation::CoverBox,
        people::{Duty, Role},
        photo::{Consent, Decision, Kind, People},
        report::{Report, ReportReason},
        school::School,
        screening::Hint,
        time,
    },
    store::{
        members::{Key, Passkey, Person, Presence, Session},
        runs::Run,
    },
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
    /// What else they were asked to do.
    pub duties: Vec<Duty>,
    /// When the session ends if nothing is asked for any more; null for a key.
    #[serde(serialize_with = "time::iso::option::serialize")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    /// When a passkey last proved who it is.
    #[serde(serialize_with = "time::iso::option::serialize")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub verified_at: Option<Timestamp>,
}

impl From<&Presence> for SessionView {
    fn from(presence: &Presence) -> Self {
        Self {
            name: presence.person.name.clone(),
            role: presence.person.role,
            duties: presence.person.duties.clone(),
            until: Some(presence.until()),
            verified_at: presence.session.verified_at,
        }
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
    /// Other photos of the edition that are the same or look the same.
    pub near_duplicates: Vec<String>,
    /// What a machine noticed, and why it waits where it waits. A hint, never a verdict.
    pub hints: Vec<Hint>,
    /// What it was reported for, where nobody has decided about that yet.
    pub reported_for: Vec<ReportReason>,
    /// Whether it was hidden to protect a child, so that two people must want it back; and whether one does.
    pub safeguarding: Option<SafeguardingView>,
    /// Its renditions, largest first: signed, from the root of the site, for ten minutes.
    pub review_urls: Vec<String>,
}

/// What an uploader has sent so far.
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
pub struct UploaderView {
    /// Photos in the edition.
    pub photos: usize,
    /// Those of them that are published.
    pub published: usize,
    /// Those of them that were rejected.
    pub rejected: usize,
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
            hints: photo.moderation.hints.clone(),
            reported_for: photo.moderation.reports.iter().flat_map(|reports| reports.reasons.clone()).collect(),
            safeguarding: photo.moderation.safeguarding.as_ref().map(|way| match way.agreed {
                None => SafeguardingView::Hidden,
                Some(_) => SafeguardingView::Agreed,
            }),
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
    /// When the one that waits longest was registered.
    #[serde(serialize_with = "time::iso::option::serialize")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub oldest_at: Option<Timestamp>,
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
    /// What to quote; the same again for the same device and photo.
    pub reference: String,
}

/// What was reported and nobody has decided about.
#[derive(Serialize, ToSchema)]
pub struct ReportedAnswer {
    /// The longest waiting first.
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

/// A passkey ceremony has begun.
#[derive(Serialize, ToSchema)]
pub struct CeremonyAnswer {
    /// What finishing it must name; good once, for five minutes.
    pub ceremony: String,
    /// What the browser's call takes, as WebAuthn's JSON has it.
    #[schema(value_type = Object)]
    pub options: Value,
}

/// A passkey was used.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UsedPasskeyRequest {
    /// The ceremony that began it.
    #[schema(max_length = 100)]
    pub ceremony: String,
    /// What the browser answered, as WebAuthn's JSON has it.
    #[schema(value_type = Object)]
    pub credential: Value,
}

/// A passkey was made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPasskeyRequest {
    /// The ceremony that began it.
    #[schema(max_length = 100)]
    pub ceremony: String,
    /// What its owner calls it; at most 60 characters, as a reader counts them.
    #[serde(default)]
    pub name: String,
    /// What the browser answered, as WebAuthn's JSON has it.
    #[schema(value_type = Object)]
    pub credential: Value,
}

/// A passkey is kept.
#[derive(Serialize, ToSchema)]
pub struct PasskeyAnswer {
    /// The passkey.
    pub passkey: PasskeyView,
}

/// A passkey.
#[derive(Serialize, ToSchema)]
pub struct PasskeyView {
    /// Its credential's id.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
}

impl From<&Passkey> for PasskeyView {
    fn from(passkey: &Passkey) -> Self {
        Self { id: passkey.id.clone(), name: passkey.name.clone() }
    }
}

/// Somebody to invite.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged, deny_unknown_fields)]
pub enum InviteRequest {
    /// Somebody who is a member: they get a new code.
    Again {
        /// Who.
        person: String,
    },
    /// Somebody new.
    New {
        /// What they are called; 1 to 60 characters, as a reader counts them.
        name: String,
        /// What they may do.
        role: Role,
        /// What else they are asked to do.
        #[serde(default)]
        duties: Vec<Duty>,
    },
}

/// Somebody was invited.
#[derive(Serialize, ToSchema)]
pub struct InvitedAnswer {
    /// Who.
    pub person: PersonView,
    /// What to send them: it signs in once, within a day. It is not shown again.
    pub link: String,
}

/// What somebody may do from now on; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonRequest {
    /// The role.
    #[serde(default)]
    pub role: Option<Role>,
    /// All duties, in place of those that they have.
    #[serde(default)]
    pub duties: Option<Vec<Duty>>,
}

/// One of the members.
#[derive(Serialize, ToSchema)]
pub struct PersonView {
    /// Names them here and in the audit.
    pub id: String,
    /// What they are called.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// What else they were asked to do.
    pub duties: Vec<Duty>,
    /// Passkeys that they have.
    pub passkeys: usize,
    /// When they left.
    #[serde(serialize_with = "time::iso::option::serialize")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked_at: Option<Timestamp>,
}

impl PersonView {
    /// What is told of a person.
    pub fn of(person: &Person, passkeys: usize) -> Self {
        Self {
            id: person.id.to_string(),
            name: person.name.clone(),
            role: person.role,
            duties: person.duties.clone(),
            passkeys,
            revoked_at: person.revoked_at,
        }
    }
}

/// Everybody, every key, every session.
#[derive(Serialize, ToSchema)]
pub struct PeopleAnswer {
    /// The members, those who left too.
    pub people: Vec<PersonView>,
    /// The keys, revoked ones too.
    pub keys: Vec<KeyView>,
    /// The sessions that last.
    pub sessions: Vec<SessionItem>,
}

/// A key to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyRequest {
    /// What it is for; 1 to 60 characters, as a reader counts them.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// What else it may do.
    #[serde(default)]
    pub duties: Vec<Duty>,
    /// Days for which it works.
    #[schema(minimum = 1, maximum = 365)]
    pub days: u16,
}

/// A key was made.
#[derive(Serialize, ToSchema)]
pub struct KeyAnswer {
    /// Its name in the audit.
    pub id: String,
    /// The key. It is not shown again.
    pub key: String,
}

/// A key, without its secret.
#[derive(Serialize, ToSchema)]
pub struct KeyView {
    /// Names it in the audit.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// When it ends.
    #[serde(serialize_with = "time::iso::option::serialize")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    #[serde(serialize_with = "time::iso::option::serialize")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked_at: Option<Timestamp>,
}

impl From<&Key> for KeyView {
    fn from(key: &Key) -> Self {
        Self {
            id: key.id.to_string(),
            name: key.name.clone(),
            role: key.role,
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
        }
    }
}

/// A session, without its secret.
#[derive(Serialize, ToSchema)]
pub struct SessionItem {
    /// Names it here.
    pub id: String,
    /// Whose it is.
    pub person: String,
    /// When it began.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub seen_at: Timestamp,
}

impl From<&Session> for SessionItem {
    fn from(session: &Session) -> Self {
        Self {
            id: session.id.to_string(),
            person: session.person.to_string(),
            created_at: session.created_at,
            seen_at: session.seen_at,
        }
    }
}

/// A command about the phase of the day.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PhaseRequest {
    /// What to do.
    pub action: PhaseAction,
    /// By how many minutes to extend: 1 to 240.
    #[serde(default)]
    pub minutes: Option<i64>,
}

/// What to do with the day.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum PhaseAction {
    /// Open now, before the time of the settings.
    Open,
    /// Close later.
    Extend,
    /// Close now; what was registered in time may still arrive.
    Close,
    /// Stop uploads for the moment.
    Pause,
    /// Go on after a pause.
    Resume,
}

impl PhaseRequest {
    /// The command.
    pub fn command(self) -> PhaseCommand {
        match self.action {
            PhaseAction::Open => PhaseCommand::Open,
            PhaseAction::Extend => PhaseCommand::Extend { minutes: self.minutes.unwrap_or_default() },
            PhaseAction::Close => PhaseCommand::Close,
            PhaseAction::Pause => PhaseCommand::Pause,
            PhaseAction::Resume => PhaseCommand::Resume,
        }
    }
}

/// Switches; those that are absent stay.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SwitchesRequest {
    /// What may change.
    #[serde(default)]
    pub changes: Option<Changes>,
    /// Partitions of each feed: 1 to 16, and never fewer than there are.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 16)]
    pub feed_shards: Option<u8>,
}

/// A banner, or none.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BannerRequest {
    /// The banner; null for none.
    pub banner: Option<Banner>,
}

/// Settings of the edition; those that are absent stay.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingsRequest {
    /// Its name; at most 60 characters, as a reader counts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Bytes that one original may have: 1,000,000 to 50,000,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "uint64")]
    pub max_bytes: Option<u64>,
    /// Minutes after closing in which what was registered in time may arrive: 0 to 240.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grace_minutes: Option<i64>,
    /// The tags to post with, without `#`: at most ten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hashtags: Option<Vec<String>>,
}

/// The day as it is set now.
#[derive(Serialize, ToSchema)]
pub struct DayAnswer {
    /// The edition.
    pub edition: String,
    /// Its name.
    pub name: String,
    /// Where the day stands.
    pub phase: Phase,
    /// When it opens.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub opens_at: Timestamp,
    /// When it closes.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub closes_at: Timestamp,
    /// When the last photo that was registered in time may arrive.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub grace_ends_at: Timestamp,
    /// What may change.
    pub changes: Changes,
    /// Partitions of each feed.
    pub feed_shards: u8,
    /// What every visitor is told.
    pub banner: Option<Banner>,
    /// Bytes that one original may have.
    pub max_bytes: u64,
    /// The tags to post with.
    pub hashtags: Vec<String>,
}

impl DayAnswer {
    /// The day of `edition` at `now`.
    pub fn of(edition: &Edition, now: Timestamp) -> Self {
        Self {
            edition: edition.slug.to_string(),
            name: edition.name.clone(),
            phase: edition.phase(now),
            opens_at: edition.opens_at,
            closes_at: edition.closes_at,
            grace_ends_at: edition.grace_ends_at,
            changes: edition.day.changes,
            feed_shards: edition.feed_shards,
            banner: edition.day.banner.clone(),
            max_bytes: edition.max_bytes,
            hashtags: edition.hashtags.clone(),
        }
    }
}

/// How the day goes.
#[derive(Serialize, ToSchema)]
pub struct DashboardAnswer {
    /// The day as it is set.
    pub day: DayAnswer,
    /// The server's time.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub server_time: Timestamp,
    /// Photos that arrived.
    pub received: i64,
    /// Their originals, in bytes.
    pub received_bytes: i64,
    /// Those that wait.
    pub pending: i64,
    /// Of these, those in the held lane.
    pub held: i64,
    /// Those that somebody reported and nobody has decided about.
    pub reported: i64,
    /// When the one that waits longest was registered.
    #[serde(serialize_with = "time::iso::option::serialize")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub oldest_at: Option<Timestamp>,
    /// Public ones.
    pub published: i64,
    /// Hidden ones.
    pub hidden: i64,
    /// Deleted ones.
    pub deleted: i64,
    /// Locked-away ones.
    pub quarantined: i64,
    /// Rejected ones by reason.
    pub rejected: BTreeMap<String, i64>,
    /// Reports that ever came.
    pub reports: i64,
    /// Half of the photos waited for at most so long for their decision, in seconds, to the next power of two.
    pub median_wait_seconds: Option<i64>,
    /// Photos that the whole day will bring, if it goes on like such days do.
    pub forecast: Option<i64>,
    /// The day in twenty parts.
    pub parts: Vec<PartView>,
    /// When the schedule last did what.
    pub runs: Vec<RunView>,
}

/// A part of the day.
#[derive(Serialize, ToSchema)]
pub struct PartView {
    /// When it begins.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// Photos that came in it.
    pub received: i64,
    /// Photos that the model expects in it.
    pub expected: i64,
}

/// The last run of a task.
#[derive(Serialize, ToSchema)]
pub struct RunView {
    /// The task.
    pub task: String,
    /// When it ended.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What it did, by name; `failed` is what will be tried again.
    pub did: BTreeMap<String, u64>,
}

impl From<&Run> for RunView {
    fn from(run: &Run) -> Self {
        Self { task: run.task.clone(), at: run.at, did: run.did.clone() }
    }
}

impl DashboardAnswer {
    /// The dashboard as an answer.
    pub fn of(
        edition: &Edition,
        picture: &Dashboard,
        oldest_at: Option<Timestamp>,
        runs: Vec<RunView>,
        now: Timestamp,
    ) -> Self {
        let part = |part: &shared::domain::dashboard::Part| PartView {
            from: part.from,
            received: part.received,
            expected: part.expected,
        };
        Self {
            day: DayAnswer::of(edition, now),
            server_time: now,
            received: picture.received,
            received_bytes: picture.received_bytes,
            pending: picture.pending,
            held: picture.held,
            reported: picture.reported,
            oldest_at,
            published: picture.published,
            hidden: picture.hidden,
            deleted: picture.deleted,
            quarantined: picture.quarantined,
            rejected: picture.rejected.clone(),
            reports: picture.reports,
            median_wait_seconds: picture.median_wait_seconds,
            forecast: picture.forecast,
            parts: picture.parts.iter().map(part).collect(),
            runs,
        }
    }
}

/// What members did.
#[derive(Serialize, ToSchema)]
pub struct ActivityAnswer {
    /// The latest first.
    pub entries: Vec<ActivityView>,
    /// The first entry that does not continue the one before; null where the log is whole.
    pub broken_at: Option<u64>,
}

/// One thing that somebody did.
#[derive(Serialize, ToSchema)]
pub struct ActivityView {
    /// Its number.
    pub seq: u64,
    /// When.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Who, as the audit names them.
    pub by: String,
    /// Their name at that time.
    pub name: String,
    /// What.
    pub action: String,
    /// To whom or what.
    pub detail: String,
    /// SHA-256 that chains it to the entry before.
    pub hash: String,
}

impl From<&Activity> for ActivityView {
    fn from(activity: &Activity) -> Self {
        let Activity { seq, at, by, name, action, detail, hash } = activity.clone();
        Self { seq, at, by, name, action, detail, hash }
    }
}
