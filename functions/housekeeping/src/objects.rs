//! Objects → rows: renditions that no photo names, left by a worker or a moderation that died half way.

use std::collections::HashMap;

use jiff::Timestamp;
use shared::{
    domain::{
        Photo, PhotoId, State,
        keys::{public_folder, rendition_folder, review_folder},
        limits,
    },
    store::{Fault, buckets::Listed},
};

use crate::{App, Report};

/// Removes public and review folders that their photo's row does not name, once nobody can still be at work on them.
pub async fn sweep(app: &App) -> Result<Report, Fault> {
    let mut report = Report::default();
    let now = app.clock.now();
    let mut after: Option<String> = None;
    loop {
        let page = app.public.list(after.as_deref()).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.key.clone());
        let photos = rows_of(app, &page).await?;
        for listed in page.iter().filter(|listed| settled(listed, now)) {
            let Some((id, revision)) = rendition_folder(&listed.key) else { continue };
            let named = photos.get(&id).is_some_and(|photo| {
                let published = photo.state == State::Published;
                published && photo.revision.as_ref().is_some_and(|r| listed.key.starts_with(&public_folder(&id, r)))
            });
            if let (false, Ok(revision)) = (named, revision.parse()) {
                app.public.erase_revision(&id, &revision).await?;
                report.orphans += 1;
            }
        }
    }
    after = None;
    loop {
        let page = app.review.list(after.as_deref()).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.key.clone());
        let photos = rows_of(app, &page).await?;
        for listed in page.iter().filter(|listed| settled(listed, now)) {
            let Some((id, hash)) = rendition_folder(&listed.key) else { continue };
            let named = photos.get(&id).is_some_and(|photo| {
                photo.rendered.as_ref().is_some_and(|r| listed.key.starts_with(&review_folder(&id, &r.hash)))
            });
            // A reserved photo's worker may be slow, or die and be tried again: its folder is named soon.
            let coming = photos.get(&id).is_some_and(|photo| photo.state == State::Reserved);
            if !named && !coming {
                app.review.erase_folder(&id, hash).await?;
                report.orphans += 1;
            }
        }
    }
    Ok(report)
}

async fn rows_of(app: &App, page: &[Listed]) -> Result<HashMap<PhotoId, Photo>, Fault> {
    let mut ids: Vec<PhotoId> =
        page.iter().filter_map(|listed| rendition_folder(&listed.key).map(|(id, _)| id)).collect();
    ids.dedup();
    Ok(app.photos.get_many(&ids).await?.into_iter().map(|photo| (photo.id.clone(), photo)).collect())
}

fn settled(listed: &Listed, now: Timestamp) -> bool {
    now.duration_since(listed.modified_at).as_secs() > limits::PURGE_FENCE_SECONDS
}
