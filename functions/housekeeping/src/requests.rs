//! What people ask of the organisers about their own photos: to see all that is kept of one, and to have it erased everywhere.

use serde::Serialize;
use shared::{
    domain::{Photo, PhotoId, audit::AuditEntry, feed::FeedRow, people::Actor},
    store::{
        Fault,
        blocklist::Blocklist,
        look_alikes::LookAlikes,
        photos::Applied,
        requests::{Answered, Asked, Requests},
    },
};

use crate::App;

/// The actor in the audit for what this module does.
const ACTOR: &str = "organiser";

/// All that is kept of a photo.
#[derive(Clone, Debug, Serialize)]
pub struct Dossier {
    /// Its row.
    pub photo: Photo,
    /// What happened to it.
    pub audit: Vec<AuditEntry>,
    /// What the feeds show of it.
    pub feeds: Vec<FeedRow>,
    /// Where its files are: bucket and key.
    pub files: Vec<(&'static str, String)>,
}

/// What became of a wish to erase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Erased {
    /// It is gone from everything that people see, and its bytes were erased; they are looked for once more after the fence.
    Gone,
    /// It was gone already.
    Already,
    /// There is no such photo.
    Absent,
}

/// Whether the same file may be added again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Return {
    /// It may.
    Allowed,
    /// It is refused from now on: somebody in it must be protected.
    Refused,
}

/// All that is kept of a photo, and a record that it was asked for; none where there is no such photo.
pub async fn dossier(app: &App, id: &PhotoId) -> Result<Option<Dossier>, Fault> {
    let Some(photo) = app.photos.get(id).await? else { return Ok(None) };
    let audit = app.photos.audit(&photo).await?;
    let feeds = shared::domain::change::feed_rows(&photo).into_iter().map(|(_, row)| row).take(1).collect();
    let mut files = Vec::new();
    if app.rooms.originals.head(&photo.original_key()).await?.is_some() {
        files.push(("originals", photo.original_key().to_string()));
    }
    files.extend(app.rooms.review.of(id).await?.into_iter().map(|key| ("review", key)));
    files.extend(app.rooms.public.of(id).await?.into_iter().map(|key| ("public", key)));
    note(app, Asked::Access, id).await?;
    Ok(Some(Dossier { photo, audit, feeds, files }))
}

/// Erases a photo from rows, buckets and edges, and the words from its audit. Doing it twice changes nothing.
pub async fn erase(app: &App, id: &PhotoId, back: Return) -> Result<Erased, Fault> {
    let now = app.clock.now();
    if let (Return::Refused, Some(sha256)) = (back, app.photos.get(id).await?.and_then(|photo| photo.sha256)) {
        Blocklist::new(&app.table).block(&sha256).await?;
    }
    let rule = |photo: &Photo, now| Ok::<_, Fault>(photo.erase(&Actor::Function(ACTOR), now));
    let erased = match app.photos.apply(id, &app.clock, rule).await? {
        Applied::Absent => return Ok(Erased::Absent),
        Applied::Unchanged(_) => Erased::Already,
        Applied::Changed(change) => {
            app.purger.purge_now([&*change], now).await;
            let before = change.before.as_ref();
            if let Some(fingerprint) = before.and_then(|photo| photo.rendered.as_ref()?.fingerprint) {
                LookAlikes::new(&app.table).forget(&change.after, fingerprint).await?;
            }
            Erased::Gone
        }
    };
    app.photos.silence_audit(id).await?;
    note(app, Asked::Erasure, id).await?;
    Ok(erased)
}

async fn note(app: &App, asked: Asked, photo: &PhotoId) -> Result<(), Fault> {
    Requests::new(&app.table).note(&Answered { asked, photo: photo.clone(), at: app.clock.now() }).await
}
