//! Scheduled tasks: complete what a lost event, a crashed worker or a broken connection left unfinished.
//!
//! Decision: a sweep never changes a state by itself where bytes exist. It sends the message that the lost event would have been, so there
//! is only one way into `pending`.

mod covering;
mod draws;
mod events;
mod objects;
mod purges;
pub mod removals;
pub mod requests;
mod reserved;
mod trusted;

pub use events::Event;

use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use shared::{
    domain::limits,
    runtime::{
        Clock, Environment, ids,
        metrics::{self, Figure},
        telemetry,
    },
    store::{
        Aws, Fault, Photos,
        buckets::{Originals, Public, Removals, Review},
        cdn::CdnInvalidation,
        cursors::Cursors,
        draw_steps::DrawSteps,
        draws::Draws,
        editions::Editions,
        firewall::Offline,
        indexes::Indexes,
        messages::Messages,
        outbox::{Buckets, Outbox, Purger},
        queue::Queue,
        recount::{Recount, recount},
        relays::Relays,
        repair::repair_senders,
        retention,
        table::Table,
        task_runs::{Queues, Run, TaskRuns},
        trust_revocations::TrustRevocations,
        uploader_counters::UploaderCounters,
    },
};
use tracing::Instrument;

/// What this function reads from its environment.
#[derive(Clone, Debug)]
pub struct Config {
    table: String,
    originals: String,
    review: String,
    public: String,
    removals: String,
    distribution: String,
    originals_queue: String,
    dead_letters: String,
    offline_lists: String,
    original_days: i64,
    beacon_relays: String,
}

impl Config {
    /// The names of the environment variables, as `infra/functions.json` lists them.
    pub const VARS: &[&str] = &[
        "TABLE",
        "ORIGINALS_BUCKET",
        "REVIEW_BUCKET",
        "PUBLIC_BUCKET",
        "REMOVALS_BUCKET",
        "EDGE_DISTRIBUTION",
        "ORIGINALS_QUEUE_URL",
        "DEAD_LETTERS_QUEUE_URL",
        "OFFLINE_LISTS",
        "ORIGINAL_DAYS",
        "BEACON_RELAYS",
    ];

    /// Reads the configuration from the variables in [`Self::VARS`].
    pub fn from(environment: &Environment) -> Self {
        Self {
            table: environment.get("TABLE"),
            originals: environment.get("ORIGINALS_BUCKET"),
            review: environment.get("REVIEW_BUCKET"),
            public: environment.get("PUBLIC_BUCKET"),
            removals: environment.get("REMOVALS_BUCKET"),
            distribution: environment.get("EDGE_DISTRIBUTION"),
            originals_queue: environment.get("ORIGINALS_QUEUE_URL"),
            dead_letters: environment.get("DEAD_LETTERS_QUEUE_URL"),
            offline_lists: environment.get("OFFLINE_LISTS"),
            original_days: environment.number("ORIGINAL_DAYS").unwrap_or(limits::ORIGINAL_DAYS),
            beacon_relays: environment.get("BEACON_RELAYS"),
        }
    }
}

/// The state that the tasks share.
#[derive(Clone, Debug)]
pub struct App {
    clock: Clock,
    cursors: Cursors,
    dead_letters: Messages,
    doubts: TrustRevocations,
    draw_steps: DrawSteps,
    draws: Draws,
    editions: Editions,
    indexes: Indexes,
    messages: Messages,
    offline: Offline,
    original_days: i64,
    outbox: Outbox,
    photos: Photos,
    purger: Purger,
    queue: Queue,
    rooms: Buckets,
    runs: TaskRuns,
    senders: UploaderCounters,
    table: Table,
}

impl App {
    /// Builds the function's state on these services.
    pub fn new(config: &Config, aws: &Aws, clock: Clock) -> Self {
        let table = Table::new(&aws.dynamodb, &config.table);
        let rooms = Buckets {
            originals: Originals::new(&aws.s3, &config.originals),
            review: Review::new(&aws.s3, &config.review),
            public: Public::new(&aws.s3, &config.public),
            removals: Removals::new(&aws.s3, &config.removals),
        };
        Self {
            cursors: Cursors::new(&table),
            dead_letters: Messages::new(&aws.sqs, &config.dead_letters, &config.originals),
            doubts: TrustRevocations::new(&table),
            draw_steps: DrawSteps::new(&table, &aws.s3, &config.public, Relays::new(&config.beacon_relays), &clock),
            draws: Draws::new(&table),
            editions: Editions::new(&table, &clock),
            indexes: Indexes::new(&table, &rooms.review, &clock),
            messages: Messages::new(&aws.sqs, &config.originals_queue, &config.originals),
            offline: Offline::new(&aws.firewall, &config.offline_lists),
            original_days: config.original_days,
            photos: Photos::new(&table),
            outbox: Outbox::new(&table),
            purger: Purger::new(&table, rooms.clone(), CdnInvalidation::new(&aws.cloudfront, &config.distribution)),
            queue: Queue::new(&table),
            rooms,
            runs: TaskRuns::new(&table),
            senders: UploaderCounters::new(&table),
            table,
            clock,
        }
    }

    /// Returns the steps of prize draws, which the organiser's command does by hand.
    pub fn draw_steps(&self) -> &DrawSteps {
        &self.draw_steps
    }
}

/// A task, as the schedule names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "lowercase")]
pub enum Task {
    /// Every minute: reserved photos whose file has arrived or will not arrive any more, purges that are due, and photos of trusted
    /// devices.
    Sweep,
    /// Every quarter of an hour: objects that no row names, and originals that arrived late or should not exist any more.
    Objects,
    /// Every minute: rebuilds the index of each edition whose published photos have changed.
    Index,
    /// Every minute: prize draws, as far as each can be brought at this time.
    Draws,
    /// Every night: removes texts whose retention has ended, and recounts everything.
    Audit,
    /// Not scheduled: the alarm on the edge's traffic starts it. The firewall then blocks all visitors until a person lets them in again
    /// (`techognition online`).
    Offline,
}

/// What a task did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Messages sent for originals whose event was late or lost.
    pub resent: u64,
    /// Reserved photos that expired.
    pub expired: u64,
    /// Photos published because their device is trusted.
    pub shown: u64,
    /// Purges carried out.
    pub purged: u64,
    /// Rendition folders that no row named, and originals of deleted photos, that were erased.
    pub orphans: u64,
    /// Indexes rebuilt.
    pub indexed: u64,
    /// Steps of prize draws.
    pub drawn: u64,
    /// Originals without a row that were set aside for a person to examine.
    pub quarantined: u64,
    /// Removals applied again because the table did not know them.
    pub replayed: u64,
    /// Audit entries whose texts were removed because their retention has ended.
    pub silenced: u64,
    /// Failures. Each will be tried again in the next run.
    pub failed: u64,
    /// The result of the recount, if the task was the audit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit: Option<Recount>,
}

/// TaskRuns one task. Running it twice, or twice at once, does no harm.
///
/// # Errors
/// A fault only if nothing could be done at all. What fails for one photo is counted and left to the next run.
pub async fn handle(app: &App, task: Task) -> Result<Report, Fault> {
    let span = telemetry::invocation("housekeeping", &ids::request());
    let begun = Instant::now();
    let done = Box::pin(carry_out(app, task)).instrument(span.clone()).await;
    telemetry::took(&span, begun);
    if let Ok(report) = &done {
        span.in_scope(|| tell(task, report));
    }
    done
}

async fn carry_out(app: &App, task: Task) -> Result<Report, Fault> {
    let report = match task {
        Task::Offline => {
            if app.offline.is_possible() {
                app.offline.set(true).await?;
                tracing::error!("the site is offline: the edge has sent more in an hour than the settings allow");
            } else {
                tracing::error!("the site should be offline, and there is no firewall that could do it");
            }
            return Ok(Report::default());
        }
        Task::Sweep => {
            // Purges do not wait for the arrival of photos to work, nor the other way round.
            let (mut report, mut purged) = (Report::default(), Report::default());
            let arriving = async {
                reserved::sweep(app, &mut report).await?;
                covering::sweep(app, &mut report).await?;
                trusted::sweep(app, &mut report).await
            };
            let (arrived, erased) = tokio::join!(arriving, purges::sweep(app, &mut purged));
            arrived?;
            erased?;
            look_at_queues(app).await;
            tell_oldest(app).await;
            Report { purged: purged.purged, failed: report.failed + purged.failed, ..report }
        }
        Task::Objects => {
            let replayed = removals::replay_part(app).await;
            let mut report = Report::default();
            objects::sweep(app, &mut report).await?;
            match replayed {
                Ok(replayed) => report.replayed = replayed.applied + replayed.buried,
                Err(fault) => {
                    tracing::warn!(fault = fault.chain(), "removals are left for the next sweep");
                    report.failed += 1;
                }
            }
            report
        }
        Task::Index => index(app).await?,
        Task::Draws => {
            if app.editions.all().await?.iter().all(|edition| edition.draws.is_empty()) {
                return Ok(Report::default());
            }
            let mut report = Report::default();
            draws::sweep(app, &mut report).await?;
            report
        }
        Task::Audit => {
            let before = app.clock.now() - SignedDuration::from_hours(24 * limits::AUDIT_WORDS_DAYS);
            let silenced = retention::erase_texts_before(&app.table, before).await?;
            Report { silenced, audit: Some(Box::pin(audit(app)).await?), ..Report::default() }
        }
    };
    note(app, task, &report).await;
    Ok(report)
}

/// Logs what a task did, if it did anything.
fn tell(task: Task, report: &Report) {
    if *report != Report::default() {
        tracing::info!(
            ?task,
            resent = report.resent,
            expired = report.expired,
            shown = report.shown,
            purged = report.purged,
            orphans = report.orphans,
            indexed = report.indexed,
            drawn = report.drawn,
            quarantined = report.quarantined,
            replayed = report.replayed,
            silenced = report.silenced,
            failed = report.failed,
            "swept"
        );
    }
}

/// Rebuilds the indexes that are out of date, see [`Indexes::refresh`].
async fn index(app: &App) -> Result<Report, Fault> {
    let mut report = Report::default();
    for edition in app.editions.all().await? {
        match Box::pin(app.indexes.refresh(&edition)).await {
            Ok(made) => report.indexed += u64::from(made),
            Err(fault) => {
                tracing::warn!(edition = %edition.slug, fault = fault.chain(), "index left for the next minute");
                report.failed += 1;
            }
        }
    }
    Ok(report)
}

/// Records for the dashboard when the task last ran and what it did. If that fails, the task's work stays.
async fn note(app: &App, task: Task, report: &Report) {
    let task = match task {
        Task::Sweep => "sweep",
        Task::Objects => "objects",
        Task::Index => "index",
        Task::Draws => "draws",
        Task::Audit => "audit",
        Task::Offline => "offline",
    };
    let did = [
        ("resent", report.resent),
        ("expired", report.expired),
        ("shown", report.shown),
        ("purged", report.purged),
        ("orphans", report.orphans),
        ("quarantined", report.quarantined),
        ("replayed", report.replayed),
        ("indexed", report.indexed),
        ("drawn", report.drawn),
        ("silenced", report.silenced),
        ("failed", report.failed),
    ];
    let did = did.into_iter().map(|(name, n)| (name.to_owned(), n)).collect();
    if let Err(fault) = app.runs.note(&Run { task: task.to_owned(), at: app.clock.now(), did }).await {
        tracing::warn!(fault = fault.chain(), "a run is not written down");
    }
}

/// Records for the dashboard how many originals wait for their renditions, and how many messages could not be handled. If that fails, the
/// dashboard shows the earlier numbers with their age.
async fn look_at_queues(app: &App) {
    let depths = async {
        let (waiting, dead_letters) = tokio::try_join!(app.messages.waiting(), app.dead_letters.waiting())?;
        app.runs.note_queues(&Queues { at: app.clock.now(), waiting, dead_letters }).await
    };
    if let Err(fault) = depths.await {
        tracing::warn!(fault = fault.chain(), "the queues were not looked at");
    }
}

/// Reports as a metric how long the oldest photo that moderators can still decide about has waited.
async fn tell_oldest(app: &App) {
    let oldest = async {
        let mut oldest: Option<Timestamp> = None;
        for edition in app.editions.all().await?.iter().filter(|edition| edition.accepts_changes().is_ok()) {
            oldest = oldest.into_iter().chain(app.queue.oldest_at(&edition.slug).await?).min();
        }
        Ok::<_, Fault>(oldest)
    };
    let now = app.clock.now();
    match oldest.await {
        Ok(oldest) => {
            metrics::tell(Figure::OldestWaits(oldest.map_or(SignedDuration::ZERO, |at| now.duration_since(at))), now);
        }
        Err(fault) => tracing::warn!(fault = fault.chain(), "nobody knows how long the oldest photo has waited"),
    }
}

/// Corrects the counters of devices that differ from what their photos add up to, see [`repair_senders`]. Returns how many devices had
/// wrong counters.
///
/// # Errors
/// Faults of the service; the same call may be made again.
pub async fn repair(app: &App) -> Result<u64, Fault> {
    let repaired = repair_senders(&app.table).await?;
    if repaired > 0 {
        tracing::warn!(devices = repaired, "counters of devices were corrected");
    }
    Ok(repaired)
}

/// Recounts everything, see [`recount`].
pub async fn audit(app: &App) -> Result<Recount, Fault> {
    let recount = Box::pin(recount(&app.table, &app.rooms, app.original_days, app.clock.now())).await?;
    if !recount.differences.is_zero() {
        tracing::error!(differences = ?recount.differences, "the audit found differences");
    }
    Ok(recount)
}
