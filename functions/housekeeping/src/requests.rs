//! What people ask of the organisers about their own photos: to see everything that is stored about one, and to erase it everywhere.

use serde::Serialize;
use shared::{
    domain::{
        Photo, PhotoId,
        audit::AuditEntry,
        draw::entry::{Entrant, Entry},
        feed::FeedRow,
        ids::DrawId,
        people::Actor,
    },
    store::{
        Fault,
        blocklist::Blocklist,
        photos::Applied,
        requests::{Answered, Asked, Requests},
        similar_photos::SimilarPhotos,
    },
};

use crate::App;

/// The actor in the audit for what this module does.
const ACTOR: &str = "organiser";

/// Everything that is stored about a photo.
#[derive(Clone, Debug, Serialize)]
pub struct Dossier {
    /// The photo's row.
    pub photo: Photo,
    /// The photo's audit.
    pub audit: Vec<AuditEntry>,
    /// Its rows in the feeds.
    pub feeds: Vec<FeedRow>,
    /// Where its files are: bucket and key.
    pub files: Vec<(&'static str, String)>,
    /// The entries of the photo's device into prize draws, each with its draw.
    pub entries: Vec<(DrawId, Entry)>,
    /// Name and contact that were given with them. `None` if there are none, or they are erased.
    pub entrant: Option<Entrant>,
}

/// The result of a request to erase a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Erased {
    /// It has left everything that people see, and its bytes were erased. The storage is searched once more after the fence.
    Gone,
    /// It was erased already.
    Already,
    /// There is no such photo.
    Absent,
}

/// Whether the same file may be uploaded again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Return {
    /// It may be uploaded again.
    Allowed,
    /// It is refused from now on, to protect a person who is in it.
    Refused,
}

/// Reads everything that is stored about a photo, and records that it was requested. `None` if there is no such photo.
pub async fn dossier(app: &App, id: &PhotoId) -> Result<Option<Dossier>, Fault> {
    let Some(photo) = app.photos.get(id).await? else { return Ok(None) };
    let audit = app.photos.audit(&photo).await?;
    let feeds = shared::domain::change::feed_rows(&photo).into_iter().map(|(_, row)| row).take(1).collect();
    let stored = app.rooms.originals.stored(&photo).await?;
    let mut files: Vec<_> = stored.keys.iter().map(|key| ("originals", key.to_string())).collect();
    files.extend(app.rooms.review.of(id).await?.into_iter().map(|key| ("review", key)));
    files.extend(app.rooms.public.of(id).await?.into_iter().map(|key| ("public", key)));
    let draws = app.draws.all(&photo.edition).await?;
    let entries = app.draws.own(&photo.edition, &draws, &photo.uploader).await?;
    let entrant = app.draws.entrant(&photo.edition, &photo.uploader).await?;
    note(app, Asked::Access, id).await?;
    Ok(Some(Dossier { photo, audit, feeds, files, entries, entrant }))
}

/// Erases a photo from rows, buckets and edges, and its texts from the audit. Repeating it changes nothing.
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
                SimilarPhotos::new(&app.table).forget(&change.after, fingerprint).await?;
            }
            Erased::Gone
        }
    };
    app.photos.silence_audit(id).await?;
    leave_draws(app, id).await?;
    note(app, Asked::Erasure, id).await?;
    Ok(erased)
}

/// Takes the entries of a photo's device into prize draws back, if none of its photos is left that could carry one.
async fn leave_draws(app: &App, id: &PhotoId) -> Result<(), Fault> {
    let Some(photo) = app.photos.get(id).await? else { return Ok(()) };
    let has_draws = app.editions.get(&photo.edition).await?.is_some_and(|edition| !edition.draws.is_empty());
    if has_draws && !app.senders.get(&photo.edition, &photo.uploader).await?.may_enter() {
        app.draws.leave(&photo.edition, &photo.uploader, app.clock.now()).await?;
    }
    Ok(())
}

async fn note(app: &App, asked: Asked, photo: &PhotoId) -> Result<(), Fault> {
    Requests::new(&app.table).note(&Answered { asked, photo: photo.clone(), at: app.clock.now() }).await
}
