//! On a schedule: brings home what an event, a worker or a network left half done.
//!
//! Decision: a sweep never changes a state by itself where bytes exist. It sends the message that the lost event would have been,
//! so there is one way into `pending` only.

mod covering;
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
        cursors::Cursors,
        doubts::Doubts,
        edges::Edges,
        editions::Editions,
        firewall::Offline,
        indexes::Indexes,
        messages::Messages,
        outbox::{Outbox, Purger, Rooms},
        queue::Queue,
        recount::{Recount, recount},
        repair::repair_senders,
        retention,
        runs::{Queues, Run, Runs},
        table::Table,
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
        }
    }
}

/// What the tasks work with.
#[derive(Clone, Debug)]
pub struct App {
    clock: Clock,
    cursors: Cursors,
    dead_letters: Messages,
    doubts: Doubts,
    editions: Editions,
    indexes: Indexes,
    messages: Messages,
    offline: Offline,
    outbox: Outbox,
    photos: Photos,
    purger: Purger,
    queue: Queue,
    rooms: Rooms,
    runs: Runs,
    table: Table,
}

impl App {
    /// Builds the function's state on these services.
    pub fn new(config: &Config, aws: &Aws, clock: Clock) -> Self {
        let table = Table::new(&aws.dynamodb, &config.table);
        let rooms = Rooms {
            originals: Originals::new(&aws.s3, &config.originals),
            review: Review::new(&aws.s3, &config.review),
            public: Public::new(&aws.s3, &config.public),
            removals: Removals::new(&aws.s3, &config.removals),
        };
        Self {
            cursors: Cursors::new(&table),
            dead_letters: Messages::new(&aws.sqs, &config.dead_letters, &config.originals),
            doubts: Doubts::new(&table),
            editions: Editions::new(&table, &clock),
            indexes: Indexes::new(&table, &rooms.review, &clock),
            messages: Messages::new(&aws.sqs, &config.originals_queue, &config.originals),
            offline: Offline::new(&aws.firewall, &config.offline_lists),
            photos: Photos::new(&table),
            outbox: Outbox::new(&table),
            purger: Purger::new(&table, rooms.clone(), Edges::new(&aws.cloudfront, &config.distribution)),
            queue: Queue::new(&table),
            rooms,
            runs: Runs::new(&table),
            table,
            clock,
        }
    }
}

/// A task, as the schedule names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "lowercase")]
pub enum Task {
    /// Every minute: reserved photos whose bytes have come or will not come any more, erasures that are due, and photos whose sender
    /// is trusted.
    Sweep,
    /// Every quarter of an hour: objects that no row names, and originals that came after all or should not be there any more.
    Objects,
    /// Every minute: the index of each edition whose published photos have changed.
    Index,
    /// At night: words whose time is over leave, and everything is counted again.
    Audit,
    /// Never by itself: the alarm on the edge's bytes asks for it. The firewall turns everybody away until a person lets them in again
    /// (`techognition online`).
    Offline,
}

/// What a task did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Messages sent for originals whose event was late or lost.
    pub resent: u64,
    /// Reserved photos that are expired now.
    pub expired: u64,
    /// Photos shown because their sender is trusted.
    pub shown: u64,
    /// Erasures carried out.
    pub purged: u64,
    /// Folders of renditions removed that no row named, and originals of photos that are gone.
    pub orphans: u64,
    /// Indexes made anew.
    pub indexed: u64,
    /// Originals without a row that are put aside for somebody to look at.
    pub quarantined: u64,
    /// Removals applied again that the table had forgotten.
    pub replayed: u64,
    /// Audit entries whose words left since their time is over.
    pub silenced: u64,
    /// What failed, and will be tried again next time.
    pub failed: u64,
    /// The audit's answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit: Option<Recount>,
}

/// Does one task. Doing it twice, or two at once, does no harm.
///
/// # Errors
/// A fault only where nothing could be done at all; what fails for one photo is counted and left for the next time.
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
            // What a removal promised does not wait for the health of what is still arriving, nor the other way round.
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
        Task::Audit => {
            let before = app.clock.now() - SignedDuration::from_hours(24 * limits::AUDIT_WORDS_DAYS);
            let silenced = retention::silence_before(&app.table, before).await?;
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
            quarantined = report.quarantined,
            replayed = report.replayed,
            silenced = report.silenced,
            failed = report.failed,
            "swept"
        );
    }
}

/// Makes the indexes anew that are behind, see [`Indexes::refresh`].
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

/// Writes down for the dashboard when the task last did what. That it could not be written down does not undo it.
async fn note(app: &App, task: Task, report: &Report) {
    let task = match task {
        Task::Sweep => "sweep",
        Task::Objects => "objects",
        Task::Index => "index",
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
        ("silenced", report.silenced),
        ("failed", report.failed),
    ];
    let did = did.into_iter().map(|(name, n)| (name.to_owned(), n)).collect();
    if let Err(fault) = app.runs.note(&Run { task: task.to_owned(), at: app.clock.now(), did }).await {
        tracing::warn!(fault = fault.chain(), "a run is not written down");
    }
}

/// Writes down for the dashboard how much waits for its renditions, and how many messages nobody could handle. Where it fails, what
/// was written before says by its time how old it is.
async fn look_at_queues(app: &App) {
    let depths = async {
        let (waiting, dead_letters) = tokio::try_join!(app.messages.waiting(), app.dead_letters.waiting())?;
        app.runs.note_queues(&Queues { at: app.clock.now(), waiting, dead_letters }).await
    };
    if let Err(fault) = depths.await {
        tracing::warn!(fault = fault.chain(), "the queues were not looked at");
    }
}

/// Tells how long the oldest photo has waited of those that moderators can still decide about.
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

/// Writes the counters of devices anew that are not what their photos add up to, see [`repair_senders`]; answers how many devices had some.
///
/// # Errors
/// Faults of the service; the same call may be made again.
pub async fn repair(app: &App) -> Result<u64, Fault> {
    let repaired = repair_senders(&app.table).await?;
    if repaired > 0 {
        tracing::warn!(devices = repaired, "counters of devices were written anew");
    }
    Ok(repaired)
}

/// Counts everything again, see [`recount`].
pub async fn audit(app: &App) -> Result<Recount, Fault> {
    let recount = Box::pin(recount(&app.table, &app.rooms, app.clock.now())).await?;
    if !recount.differences.is_zero() {
        tracing::error!(differences = ?recount.differences, "the audit found differences");
    }
    Ok(recount)
}
