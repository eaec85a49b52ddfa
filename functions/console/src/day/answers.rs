//! The day: what is set about it, how it goes, and what members did.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::{
    domain::{
        Edition, Phase,
        activity::Activity,
        dashboard::Dashboard,
        edition::{Banner, Changes, PhaseCommand},
        time,
        trust::Trust,
    },
    store::runs::{Queues, Run},
};
use utoipa::ToSchema;

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
    /// When it opens. A new deployment does not undo it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub opens_at: Option<Timestamp>,
    /// When it closes: 5 minutes to 7 days after it opens. A new deployment does not undo it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub closes_at: Option<Timestamp>,
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
    /// Whose photos are shown before a person has looked at them; null where that is nobody's.
    pub trust: Option<Trust>,
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
            trust: edition.trust,
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
    /// Of these, those that are shown by trust, and that no person has looked at.
    pub unseen: i64,
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
    /// Until when reports of people who have sent no photos hide nothing, since they have hidden many within minutes; null if they do.
    /// What they report for `pupil` or `me` comes first among the reported photos meanwhile.
    #[serde(serialize_with = "time::iso::option::serialize")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub reports_braked_until: Option<Timestamp>,
    /// Half of the photos waited for at most so long for their decision, in seconds, to the next power of two.
    pub median_wait_seconds: Option<i64>,
    /// Bytes of originals that arrived in this hour by the clock, by everybody together.
    pub hour_bytes: u64,
    /// How many may be, before new photos wait for the next hour.
    pub hourly_bytes: u64,
    /// Photos that the whole day will bring, if it goes on like such days do.
    pub forecast: Option<i64>,
    /// The day in twenty parts.
    pub parts: Vec<PartView>,
    /// How many messages there were when the schedule last looked, once a minute; null where it never has.
    pub queues: Option<QueuesView>,
    /// When the schedule last did what.
    pub runs: Vec<RunView>,
}

/// How many messages there are, about.
#[derive(Serialize, ToSchema)]
pub struct QueuesView {
    /// When that was.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Originals that wait for their renditions.
    pub waiting: u64,
    /// Messages that nobody could handle: each is a fault of ours, and can be taken back once it is mended.
    pub dead_letters: u64,
}

impl From<Queues> for QueuesView {
    fn from(Queues { at, waiting, dead_letters }: Queues) -> Self {
        Self { at, waiting, dead_letters }
    }
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
        queues: Option<Queues>,
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
            unseen: picture.unseen,
            hidden: picture.hidden,
            deleted: picture.deleted,
            quarantined: picture.quarantined,
            rejected: picture.rejected.clone(),
            reports: picture.reports,
            reports_braked_until: picture.reports_braked_until,
            median_wait_seconds: picture.median_wait_seconds,
            hour_bytes: picture.hour_bytes,
            hourly_bytes: picture.hourly_bytes,
            forecast: picture.forecast,
            parts: picture.parts.iter().map(part).collect(),
            queues: queues.map(QueuesView::from),
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
