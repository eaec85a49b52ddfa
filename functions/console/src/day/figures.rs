//! The figures of the day, which the dashboard page and the API both show.

use jiff::Timestamp;
use shared::{
    domain::{Edition, dashboard::Dashboard},
    store::{
        Fault,
        task_runs::{Queues, Run},
    },
};

use crate::App;

/// The figures of the day.
#[derive(Clone, Debug)]
pub struct Figures {
    /// The photos that arrived, and the states that they are in.
    pub picture: Dashboard,
    /// When the photo that has waited longest for a decision was registered; `None` if none waits.
    pub oldest_at: Option<Timestamp>,
    /// Lengths of the queues, as the schedule last measured them; `None` if it never has.
    pub queues: Option<Queues>,
    /// The last run of each scheduled task.
    pub runs: Vec<Run>,
}

/// Reads the figures of an edition at `now`. They are zero if there is no edition.
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
    let picture = Dashboard { hour_bytes, reports_braked_until, ..Dashboard::new(edition, &counters, now) };
    Ok(Figures { picture, oldest_at, queues, runs })
}
