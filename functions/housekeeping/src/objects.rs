//! Objects → rows: renditions that no photo names, left by a worker or a moderation that died half way; originals that came after
//! all, whose photo is gone, or of which no row knows.

use std::collections::HashMap;

use jiff::Timestamp;
use shared::{
    domain::{
        Photo, PhotoId, State,
        keys::{OriginalKey, public_folder, rendition_folder, review_folder},
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
        for listed in page.iter().filter(|listed| settled(listed, now)) {
            let Some((id, revision)) = rendition_folder(&listed.key) else { continue };
            let named = photos.get(&id).is_some_and(|photo| {
                let published = photo.state == State::Published;
                published && photo.revision.as_ref().is_some_and(|r| listed.key.starts_with(&public_folder(&id, r)))
            });
            if let (false, Ok(revision)) = (named, revision.parse()) {
                app.rooms.public.erase_revision(&id, &revision).await?;
                report.orphans += 1;
            }
        }
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
        for listed in page.iter().filter(|listed| settled(listed, now)) {
            let Some((id, hash)) = rendition_folder(&listed.key) else { continue };
            let named = photos.get(&id).is_some_and(|photo| {
                photo.rendered.as_ref().is_some_and(|r| listed.key.starts_with(&review_folder(&id, &r.hash)))
            });
            // The worker of a photo whose bytes are expected may be slow, or die and be tried again: its folder is named soon.
            let coming = photos.get(&id).is_some_and(Photo::expects_bytes);
            if !named && !coming {
                app.rooms.review.erase_folder(&id, hash).await?;
                report.orphans += 1;
            }
        }
    }
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
