//! Photos whose covers are not on their renditions yet, though they were drawn a while ago: the message was lost.

use shared::store::Fault;

use crate::{App, Report};

/// Photos of one run; the rest waits for the next minute.
const AT_ONCE: usize = 200;

/// Sends the message again for each.
pub async fn sweep(app: &App, report: &mut Report) -> Result<(), Fault> {
    let now = app.clock.now();
    for edition in app.editions.all().await? {
        for photo in app.queue.covering(&edition.slug, AT_ONCE).await? {
            // Repeating it is harmless: the handler acts on what the row says.
            match app.messages.original(&photo.original_key(), photo.size_bytes, now).await {
                Ok(()) => report.resent += 1,
                Err(fault) => {
                    tracing::warn!(photo.id = %photo.id, fault = fault.chain(), "covers are left for the next sweep");
                    report.failed += 1;
                }
            }
        }
    }
    Ok(())
}
