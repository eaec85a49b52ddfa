//! Requests and answers about the day: its settings, its figures, and what members did.

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
    store::task_runs::{Queues, Run},
};
use utoipa::ToSchema;

/// A command that changes the phase of the day.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PhaseRequest {
    /// What to do.
    pub action: PhaseAction,
    /// Minutes by which `extend` moves the closing time: 1 to 240.
    #[serde(default)]
    pub minutes: Option<i64>,
}

/// What to do to the phase of the day.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum PhaseAction {
    /// Open uploads now, before the configured time.
    Open,
    /// Move the closing time to later.
    Extend,
    /// Close uploads now. Photos that are registered already may still arrive within the grace.
    Close,
    /// Pause uploads.
    Pause,
    /// Resume uploads after a pause.
    Resume,
    /// Open uploads again after they were closed early, until the time at which they were to close.
    Reopen,
}

impl PhaseRequest {
    /// Converts the request to the domain's command.
    pub fn command(self) -> PhaseCommand {
        match self.action {
            PhaseAction::Open => PhaseCommand::Open,
            PhaseAction::Extend => PhaseCommand::Extend { minutes: self.minutes.unwrap_or_default() },
            PhaseAction::Close => PhaseCommand::Close,
            PhaseAction::Pause => PhaseCommand::Pause,
            PhaseAction::Resume => PhaseCommand::Resume,
            PhaseAction::Reopen => PhaseCommand::Reopen,
        }
    }
}

/// Switches to set. A switch that is absent keeps its value.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SwitchesRequest {
    /// Which changes are allowed at present.
    #[serde(default)]
    pub changes: Option<Changes>,
    /// Number of partitions of each feed: 1 to 16, and never less than the present number.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 16)]
    pub feed_shards: Option<u8>,
}

/// The banner to set, or its removal.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BannerRequest {
    /// The new banner; null removes the present one.
    pub banner: Option<Banner>,
}

/// The logo of a sponsor to set, or its removal.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogoRequest {
    /// The sponsor's name, as in the settings.
    pub sponsor: String,
    /// The file in base64: a PNG of at most 60,000 bytes and 600 by 300 pixels, without texts, profiles or animation; null removes the logo.
    pub png: Option<String>,
}

/// Settings of the edition to change. A setting that is absent keeps its value.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingsRequest {
    /// The edition's name: at most 60 characters (grapheme clusters).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Largest size of one original, in bytes: 1,000,000 to 50,000,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "uint64")]
    pub max_bytes: Option<u64>,
    /// When uploads open. A new deployment does not undo this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub opens_at: Option<Timestamp>,
    /// When uploads close: 5 minutes to 7 days after they open. A new deployment does not undo this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub closes_at: Option<Timestamp>,
    /// Minutes after closing in which a photo that is registered already may still arrive: 0 to 240.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grace_minutes: Option<i64>,
    /// Hashtags to post with, without `#`: at most ten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hashtags: Option<Vec<String>>,
}

/// The edition's present settings and phase.
#[derive(Serialize, ToSchema)]
pub struct DayAnswer {
    /// The edition's slug.
    pub edition: String,
    /// The edition's name.
    pub name: String,
    /// The phase that the edition is in now.
    pub phase: Phase,
    /// When uploads open.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub opens_at: Timestamp,
    /// When uploads close.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub closes_at: Timestamp,
    /// When the grace ends: the last moment at which a registered photo may arrive.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub grace_ends_at: Timestamp,
    /// Which changes are allowed at present.
    pub changes: Changes,
    /// Number of partitions of each feed.
    pub feed_shards: u8,
    /// The banner that every visitor reads; null if there is none.
    pub banner: Option<Banner>,
    /// Largest size of one original, in bytes.
    pub max_bytes: u64,
    /// Which devices' photos are published before a moderator has looked at them; null if no device is trusted.
    pub trust: Option<Trust>,
    /// Hashtags to post with, without `#`.
    pub hashtags: Vec<String>,
}

impl DayAnswer {
    /// Describes the day of `edition` at `now`.
    pub fn new(edition: &Edition, now: Timestamp) -> Self {
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

/// The figures of the day.
#[derive(Serialize, ToSchema)]
pub struct DashboardAnswer {
    /// The day's settings and phase.
    pub day: DayAnswer,
    /// The server's clock.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub server_time: Timestamp,
    /// Number of photos that have arrived.
    pub received: i64,
    /// Size of their originals together, in bytes.
    pub received_bytes: i64,
    /// Number of photos that wait for a decision.
    pub pending: i64,
    /// How many of these are in the held lane.
    pub held: i64,
    /// Number of reported photos that nobody has decided about yet.
    pub reported: i64,
    /// When the photo that has waited longest was registered; null if none waits.
    #[serde(serialize_with = "time::iso::option::serialize")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub oldest_at: Option<Timestamp>,
    /// Number of published photos.
    pub published: i64,
    /// How many of these were published by trust and have not been looked at by a moderator.
    pub unseen: i64,
    /// Number of hidden photos.
    pub hidden: i64,
    /// Number of deleted photos.
    pub deleted: i64,
    /// Number of quarantined photos.
    pub quarantined: i64,
    /// Number of rejected photos for each reason.
    pub rejected: BTreeMap<String, i64>,
    /// Number of reports received in total.
    pub reports: i64,
    /// Until when reports by strangers (reporters of whom no photo has been published) hide nothing, because such reports have hidden many
    /// photos within minutes; null if they do hide photos. Meanwhile, photos that strangers report for `pupil` or `me` come first among the
    /// reported photos.
    #[serde(serialize_with = "time::iso::option::serialize")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub reports_braked_until: Option<Timestamp>,
    /// Median time that photos waited for their decision, in seconds, rounded up to a power of two; null if nothing was decided yet.
    pub median_wait_seconds: Option<i64>,
    /// Bytes of originals that arrived from all devices in the present hour by the clock.
    pub hour_bytes: u64,
    /// The limit for `hour_bytes`. Beyond it, new photos wait for the next hour.
    pub hourly_bytes: u64,
    /// Number of photos expected by the end of the day, if it continues like a typical day; null if there is no forecast yet.
    pub forecast: Option<i64>,
    /// Uploads over the day, in twenty parts of equal length.
    pub parts: Vec<PartView>,
    /// Length of the queues when the schedule last measured them, which it does once a minute; null if it has never done so.
    pub queues: Option<QueuesView>,
    /// The last run of each scheduled task.
    pub runs: Vec<RunView>,
}

/// Approximate numbers of messages in the queues.
#[derive(Serialize, ToSchema)]
pub struct QueuesView {
    /// When they were counted.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Number of originals that wait for their renditions.
    pub waiting: u64,
    /// Number of messages that could not be handled. Each is a fault of the system; they can be taken back once it is mended.
    pub dead_letters: u64,
}

impl From<Queues> for QueuesView {
    fn from(Queues { at, waiting, dead_letters }: Queues) -> Self {
        Self { at, waiting, dead_letters }
    }
}

/// One part of the day.
#[derive(Serialize, ToSchema)]
pub struct PartView {
    /// When the part begins.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// Number of photos that arrived in it.
    pub received: i64,
    /// Number of photos that the model expects in it.
    pub expected: i64,
}

/// The last run of a scheduled task.
#[derive(Serialize, ToSchema)]
pub struct RunView {
    /// The task's name.
    pub task: String,
    /// When the run ended.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What the run did: a count for each name. `failed` counts what will be tried again.
    pub did: BTreeMap<String, u64>,
}

impl From<&Run> for RunView {
    fn from(run: &Run) -> Self {
        Self { task: run.task.clone(), at: run.at, did: run.did.clone() }
    }
}

impl DashboardAnswer {
    /// Builds the answer from the figures of the day.
    pub fn new(
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
            day: DayAnswer::new(edition, now),
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

/// The activity log of members.
#[derive(Serialize, ToSchema)]
pub struct ActivityAnswer {
    /// The entries, newest first.
    pub entries: Vec<ActivityView>,
    /// The number of the first entry that does not continue the one before it; null if the log is complete.
    pub broken_at: Option<u64>,
}

/// One thing that a member did.
#[derive(Serialize, ToSchema)]
pub struct ActivityView {
    /// The entry's number.
    pub seq: u64,
    /// When it happened.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The id of the member or key, as it stands in the audit.
    pub by: String,
    /// The name that the member or key had then.
    pub name: String,
    /// What was done.
    pub action: String,
    /// The person or thing that it was done to.
    pub detail: String,
    /// SHA-256 of this entry and the hash of the one before it.
    pub hash: String,
}

impl From<&Activity> for ActivityView {
    fn from(activity: &Activity) -> Self {
        let Activity { seq, at, by, name, action, detail, hash } = activity.clone();
        Self { seq, at, by, name, action, detail, hash }
    }
}
