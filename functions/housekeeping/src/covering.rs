//! Photos whose covers were drawn a while ago but are not on their renditions yet, because the message was lost.

use shared::store::Fault;

use crate::{App, Report};

/// Largest number of photos in one run. The rest waits for the next run, a minute later.
const AT_ONCE: usize = 200;

/// Sends the message for each of these photos again.
pub async fn sweep(app: &App, report: &mut Report) -> Result<(), Fault> {
    let now = app.clock.now();
    for edition in app.editions.all().await? {
        for photo in app.queue.covering(&edition.slug, AT_ONCE).await? {
            // Sending it again is harmless: the handler acts on what the row says.
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
