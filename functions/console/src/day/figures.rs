//! How the day goes: what the page and the API tell about it.

use jiff::Timestamp;
use shared::{
    domain::{Edition, dashboard::Dashboard},
    store::{
        Fault,
        runs::{Queues, Run},
    },
};

use crate::App;

/// How the day goes.
#[derive(Clone, Debug)]
pub struct Figures {
    /// What came and what became of it.
    pub picture: Dashboard,
    /// When the photo was registered that waits longest for a decision; `None` if none waits.
    pub oldest_at: Option<Timestamp>,
    /// What waits to be processed, as the schedule saw it last.
    pub queues: Option<Queues>,
    /// What the schedule did.
    pub runs: Vec<Run>,
}

/// Reads the figures of an edition at `now`; zeros if there is no edition.
///
/// # Errors
/// A [`Fault`] of the table.
pub async fn read(app: &App, edition: Option<&Edition>, now: Timestamp) -> Result<Figures, Fault> {
    let (runs, queues, hour_bytes) = tokio::try_join!(app.runs.all(), app.runs.queues(), app.budget.spent(now))?;
    let Some(edition) = edition else {
        return Ok(Figures { picture: Dashboard::nothing(), oldest_at: None, queues, runs });
    };
    let counters = app.counters.all(&edition.slug).await?;
    let oldest_at = app.queue.waiting(&edition.slug).await?.oldest_at;
    let reports_braked_until = app.reports.brake(&edition.slug).await?.on_until(now);
    let picture = Dashboard { hour_bytes, reports_braked_until, ..Dashboard::of(edition, &counters, now) };
    Ok(Figures { picture, oldest_at, queues, runs })
}
