//! Compares rows with objects: photos that have been reserved for longer than a delivery takes.

use futures::{StreamExt, stream};
use jiff::SignedDuration;
use shared::{
    domain::{Photo, limits},
    store::{Fault, Outcome},
};

use crate::{App, Report};

/// Largest number of photos in one run. The next run continues after them, and begins again after the last. Each costs one `HEAD`, or one `LIST` for a video.
const AT_ONCE: usize = 5_000;
/// Number of messages above which the queue counts as long.
const CROWDED: u64 = 500;
/// How many photos are examined concurrently.
const SIDE_BY_SIDE: usize = 16;

enum Found {
    Resent,
    Expired,
    Waiting,
}

/// Looks for the object of each reserved photo, or for all parts of a reserved video. If all of it exists, sends the message that the lost
/// event would have been. If not, and the photo's last upload address expired long ago, the photo expires.
pub async fn sweep(app: &App, report: &mut Report) -> Result<(), Fault> {
    // A long queue has not lost its messages. Sending them again would make it longer, and looking for the objects of all its photos would
    // slow down the workers that serve it.
    let crowded = app.messages.waiting().await? > CROWDED;
    let at_once = if crowded { AT_ONCE / 10 } else { AT_ONCE };
    let before = app.clock.now() - SignedDuration::from_secs(limits::SWEEP_AFTER_SECONDS);
    for edition in app.editions.all().await? {
        let place = format!("reserved#{}", edition.slug);
        let after = app.cursors.get(&place).await?;
        let (reserved, next) = app.queue.reserved(&edition.slug, before, after.as_deref(), at_once).await?;
        let looks = reserved.into_iter().map(|photo| look(app.clone(), photo, crowded));
        let mut looks = stream::iter(looks).buffer_unordered(SIDE_BY_SIDE);
        while let Some(found) = looks.next().await {
            match found {
                Ok(Found::Resent) => report.resent += 1,
                Ok(Found::Expired) => report.expired += 1,
                Ok(Found::Waiting) => {}
                Err(fault) => {
                    tracing::warn!(fault = fault.chain(), "a reserved photo is left for the next sweep");
                    report.failed += 1;
                }
            }
        }
        if after != next {
            app.cursors.put(&place, next).await?;
        }
    }
    Ok(())
}

async fn look(app: App, photo: Photo, crowded: bool) -> Result<Found, Fault> {
    let now = app.clock.now();
    let expiry = photo.expire("housekeeping", now);
    if crowded && expiry.is_none() {
        return Ok(Found::Waiting);
    }
    let stored = app.rooms.originals.stored(&photo).await?;
    if let Some(key) = stored.keys.first().filter(|_| stored.is_whole(&photo)) {
        if crowded {
            return Ok(Found::Waiting);
        }
        app.messages.original(key, stored.size_bytes, now).await?;
        return Ok(Found::Resent);
    }
    let Some(change) = expiry else { return Ok(Found::Waiting) };
    match app.photos.advance(&change).await? {
        Outcome::Done if photo.is_video() => {
            drop_parts(&app, &photo).await?;
            Ok(Found::Expired)
        }
        Outcome::Done => Ok(Found::Expired),
        Outcome::Lost(_) => Ok(Found::Waiting),
    }
}

/// Deletes the parts of a video that has expired. Its row says so already, so that a renewal is refused and no part is acknowledged for a
/// video whose other parts are being deleted. A part that was on its way nevertheless is looked for first: it may have been the last one.
async fn drop_parts(app: &App, photo: &Photo) -> Result<(), Fault> {
    let stored = app.rooms.originals.stored(photo).await?;
    match stored.keys.first() {
        Some(first) if stored.is_whole(photo) => app.messages.original(first, stored.size_bytes, app.clock.now()).await,
        Some(_) => app.rooms.originals.erase(&photo.originals()).await,
        None => Ok(()),
    }
}
