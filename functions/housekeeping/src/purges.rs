//! Purges that are due: those whose first attempt failed, and the second round of each removal after the fence.

use std::{collections::HashSet, time::Duration};

use jiff::SignedDuration;
use shared::{
    domain::change::Purge,
    runtime::metrics::{self, Figure},
    store::Fault,
};

use crate::{App, Report};

/// Largest number of purges whose paths are invalidated together.
const TOGETHER: usize = 1_000;
/// How long a batch waits for its turn, and for a delivery network that is busy.
const PATIENCE: Duration = Duration::from_secs(30);

/// Carries out the purges that are due.
///
/// If the first round is late, the second waits for the next sweep: an edge may have begun to fetch what the first round erases, and would
/// still have it after both.
pub async fn sweep(app: &App, report: &mut Report) -> Result<(), Fault> {
    let now = app.clock.now();
    let due = app.outbox.due(now).await?;
    let latest = due.iter().map(|purge| now.duration_since(purge.due_at)).max().unwrap_or(SignedDuration::ZERO);
    metrics::tell(Figure::OutboxLate(latest), now);
    let named = |purge: &Purge| (purge.id.clone(), purge.version);
    let late: HashSet<_> = due.iter().filter(|purge| purge.round == 1).map(named).collect();
    let due: Vec<_> = due.into_iter().filter(|purge| purge.round == 1 || !late.contains(&named(purge))).collect();
    for purges in due.chunks(TOGETHER) {
        let (done, left) = app.purger.purge(purges.to_vec(), now, PATIENCE).await;
        report.purged += done;
        report.failed += left;
    }
    Ok(())
}
