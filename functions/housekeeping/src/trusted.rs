//! Photos of trusted devices: published before a person has looked at them, if the organiser wants that.
//!
//! Decision: the schedule publishes them, and not the function that makes the renditions. That function opens whatever strangers send, and
//! should not be able to write where the public reads.

use std::collections::HashMap;

use shared::{
    domain::{
        Edition, Photo,
        twin::{Protection, Twin},
    },
    runtime::ids,
    store::{Fault, Outcome, twins::Twins},
};

use crate::{App, Report};

/// Largest number of photos of each edition in one run. The rest waits for the next run, a minute later.
const AT_ONCE: usize = 500;

/// Publishes each of these photos. A file may arrive long after its photo was registered, so photos are passed on to the moderators if
/// their device has lost the trust since then or the organiser has changed the setting, and so are twins of photos that two people must
/// agree to show.
pub async fn sweep(app: &App, report: &mut Report) -> Result<(), Fault> {
    for edition in app.editions.all().await? {
        if edition.accepts_changes().is_err() {
            continue;
        }
        let mut senders = HashMap::new();
        let waiting = app.queue.trusted(&edition.slug, AT_ONCE).await?;
        let protections = if waiting.is_empty() { Vec::new() } else { Twins::new(&app.table).all().await? };
        for photo in waiting {
            let trusted = match senders.get(&photo.uploader) {
                Some(trusted) => *trusted,
                None => app.doubts.trusts(&edition, &photo.uploader).await?,
            };
            senders.insert(photo.uploader.clone(), trusted);
            let twin = twin(app, &photo, &protections);
            let moved = match twin {
                Some(twin) => guard(app, &photo, twin).await,
                None if trusted => show(app, &edition, &photo).await,
                None => pass_on(app, &photo).await,
            };
            match moved {
                Ok(moved) => report.shown += u64::from(trusted && twin.is_none() && moved),
                Err(fault) => {
                    tracing::warn!(photo.id = %photo.id, fault = fault.chain(), "left for the next sweep");
                    report.failed += 1;
                }
            }
        }
    }
    Ok(())
}

/// Publishes the photo. Returns whether it is public now; if it was changed meanwhile, that decision stands.
async fn show(app: &App, edition: &Edition, photo: &Photo) -> Result<bool, Fault> {
    let (shards, now) = (edition.feed_shards, app.clock.now());
    let Some(change) = photo.show_trusted(ids::revision(), shards, "housekeeping", now) else { return Ok(false) };
    let rooms = &app.rooms;
    Ok(app.photos.show(&change, &rooms.public, &rooms.review).await? == Outcome::Done)
}

/// Returns the photo's twin among those that two people must agree to show.
fn twin(app: &App, photo: &Photo, protections: &[Protection]) -> Option<Twin> {
    Twin::new(photo, photo.fingerprint(), protections, app.clock.now())
}

/// Makes the photo wait for two people. Returns whether it does now.
async fn guard(app: &App, photo: &Photo, twin: Twin) -> Result<bool, Fault> {
    let Some(change) = photo.guard(twin, "housekeeping", app.clock.now()) else { return Ok(false) };
    Ok(app.photos.advance(&change).await? == Outcome::Done)
}

/// Passes the photo on to the moderators. Returns whether it waits for one now.
async fn pass_on(app: &App, photo: &Photo) -> Result<bool, Fault> {
    let Some(change) = photo.distrust("housekeeping", app.clock.now()) else { return Ok(false) };
    Ok(app.photos.advance(&change).await? == Outcome::Done)
}
