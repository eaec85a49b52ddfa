//! Erasures that are due: those whose first try failed, and each take-down's second round after the fence.

use shared::store::Fault;

use crate::{App, Report};

/// Carries out what is due.
pub async fn sweep(app: &App, report: &mut Report) -> Result<(), Fault> {
    for purge in app.outbox.due(app.clock.now()).await? {
        match app.purger.purge(&purge).await {
            Ok(()) => report.purged += 1,
            Err(fault) => {
                tracing::warn!(photo.id = %purge.id, fault = fault.chain(), "a purge is left for the next sweep");
                report.failed += 1;
            }
        }
    }
    Ok(())
}
