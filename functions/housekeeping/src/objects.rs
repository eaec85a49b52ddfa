//! Objects → rows: renditions that no photo names, left by a worker or a moderation that died half way; originals that came after
//! all, whose photo is gone, or of which no row knows.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use shared::{
    domain::{
        Photo, PhotoId, State,
        change::PurgeScope,
        keys::{OriginalKey, rendition_folder},
        limits,
    },
    store::{Fault, Outcome, buckets::Listed},
};

use crate::{App, Report};

/// The name under which the audit keeps what this does.
const ACTOR: &str = "housekeeping";

/// Looks through the three buckets, and leaves alone what somebody can still be at work on.
pub async fn sweep(app: &App) -> Result<Report, Fault> {
    let mut report = Report::default();
    originals(app, &mut report).await?;
    public(app, &mut report).await?;
    review(app, &mut report).await?;
    Ok(report)
}

async fn originals(app: &App, report: &mut Report) -> Result<(), Fault> {
    let now = app.clock.now();
    let mut after: Option<String> = None;
    loop {
        let page = app.rooms.originals.list(after.as_deref()).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.key.clone());
        let settled: Vec<_> = page.iter().filter(|listed| settled(listed, now)).collect();
        let keys: Vec<_> = settled.iter().filter_map(|listed| OriginalKey::parse(&listed.key)).collect();
        let ids: Vec<_> = keys.iter().map(|key| key.id.clone()).collect();
        let photos = by_id(app.photos.get_many(&ids).await?);
        for listed in settled {
            let Some(key) = OriginalKey::parse(&listed.key) else {
                tracing::error!("an original whose key is not ours");
                continue;
            };
            match photos.get(&key.id).map(|photo| photo.state) {
                None => {
                    let change = Photo::orphan(&key, listed.size_bytes, ACTOR, now);
                    report.quarantined += u64::from(app.photos.advance(&change).await? == Outcome::Done);
                }
                // An address of before the withdrawal was used after it, by somebody whose upload took very long.
                Some(State::Deleted) => {
                    app.rooms.originals.delete(&listed.key).await?;
                    report.orphans += 1;
                }
                Some(State::Reserved | State::Expired) => {
                    app.messages.original(&key, listed.size_bytes, now).await?;
                    report.resent += 1;
                }
                Some(State::Pending | State::Published | State::Hidden | State::Rejected | State::Quarantined) => {}
            }
        }
    }
}

async fn public(app: &App, report: &mut Report) -> Result<(), Fault> {
    let now = app.clock.now();
    let mut after: Option<String> = None;
    loop {
        let page = app.rooms.public.list(after.as_deref()).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.key.clone());
        let photos = rows_of(app, &page).await?;
        let scope = |folder: &str| folder.parse().ok().map(PurgeScope::Public);
        erase_unnamed(app, &page, &photos, now, scope, report).await?;
    }
}

async fn review(app: &App, report: &mut Report) -> Result<(), Fault> {
    let now = app.clock.now();
    let mut after: Option<String> = None;
    loop {
        let page = app.rooms.review.list(after.as_deref()).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.key.clone());
        let photos = rows_of(app, &page).await?;
        let scope = |folder: &str| Some(PurgeScope::Renditions(folder.to_owned()));
        erase_unnamed(app, &page, &photos, now, scope, report).await?;
    }
}

/// Erases the folders of a page that no row named when the page was read. Each row is read once more right before.
async fn erase_unnamed(
    app: &App,
    page: &[Listed],
    photos: &HashMap<PhotoId, Photo>,
    now: Timestamp,
    scope: impl Fn(&str) -> Option<PurgeScope>,
    report: &mut Report,
) -> Result<(), Fault> {
    let settled = page.iter().filter(|listed| settled(listed, now));
    let folders: BTreeSet<_> = settled.filter_map(|listed| rendition_folder(&listed.key)).collect();
    for (id, folder) in folders {
        let Some(scope) = scope(folder) else { continue };
        if photos.get(&id).is_some_and(|photo| photo.names(&scope)) {
            continue;
        }
        report.orphans += u64::from(app.purger.erase_orphan(&id, &scope).await?);
    }
    Ok(())
}

async fn rows_of(app: &App, page: &[Listed]) -> Result<HashMap<PhotoId, Photo>, Fault> {
    let mut ids: Vec<PhotoId> =
        page.iter().filter_map(|listed| rendition_folder(&listed.key).map(|(id, _)| id)).collect();
    ids.dedup();
    Ok(by_id(app.photos.get_many(&ids).await?))
}

fn by_id(photos: Vec<Photo>) -> HashMap<PhotoId, Photo> {
    photos.into_iter().map(|photo| (photo.id.clone(), photo)).collect()
}

fn settled(listed: &Listed, now: Timestamp) -> bool {
    now.duration_since(listed.modified_at).as_secs() > limits::PURGE_FENCE_SECONDS
}
