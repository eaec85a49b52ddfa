//! Carries out one decision, from the moderator's request to what the public sees.
//!
//! Publishing copies first and commits then, so that no address leads to bytes that are missing. Removing commits first and erases then:
//! from the commit on, no address leads to the bytes, and if the process dies in between, the outbox still holds the erasure.

use shared::{
    domain::{
        Photo, PhotoId, Refusal, State, access, change::Change, decision::Deciding, people::Member, states::Decision,
    },
    runtime::{
        ids,
        metrics::{self, Figure},
    },
    store::Outcome,
    web::Problem,
};

use super::answers::DecisionRequest;
use crate::App;

/// The actor in the audit for what this function notices by itself.
const ACTOR: &str = "moderation";
/// How often a removal is tried again because the photo was changed meanwhile: a removal wins.
const ATTEMPTS: usize = 8;

/// Carries out one decision and returns the photo after it.
pub async fn decide(app: &App, member: &Member, request: &DecisionRequest) -> Result<Photo, Problem> {
    let change = commit(app, member, request).await?;
    app.purger.purge_now([&change], app.clock.now()).await;
    Ok(change.after)
}

/// Commits one decision. The caller purges what it removes, so that many removals can be purged at once.
pub async fn commit(app: &App, member: &Member, request: &DecisionRequest) -> Result<Change, Problem> {
    let id: PhotoId = request.id.parse().map_err(|_| Refusal::PhotoNotFound)?;
    let (by, begun) = (member.actor(), app.clock.now());
    let mut photo = app.photos.get(&id).await?.ok_or(Refusal::PhotoNotFound)?;
    for _ in 0..ATTEMPTS {
        let edition = app.editions.get(&photo.edition).await?;
        let now = app.clock.now();
        let deciding = Deciding {
            decision: request.action,
            seen_version: request.version,
            reason: request.reason.clone(),
            revision: ids::revision(),
            feed_shards: edition.as_ref().map_or(1, |edition| edition.feed_shards),
            sound: request.sound,
            person: member.person.clone(),
        };
        access::may_decide(member, photo.state, request.action)?;
        if let Some(edition) = &edition
            && (request.action == Decision::Publish || request.action == Decision::Restore)
        {
            edition.accepts_changes()?;
        }
        let change = photo.decide(&deciding, &by, now)?;
        let shows = change.after.state == State::Published && photo.state != State::Published;
        let noticed = if shows { twin(app, &photo, now).await? } else { None };
        if let Some(noticed) = noticed {
            // The moderator did not see that two people must agree; they must look again.
            match app.photos.advance(&noticed).await? {
                Outcome::Done => photo = noticed.after,
                Outcome::Lost(moved) => photo = *moved.ok_or(Refusal::PhotoNotFound)?,
            }
            continue;
        }
        let outcome = if shows {
            app.photos.show(&change, &app.public, &app.review).await?
        } else {
            app.photos.advance(&change).await?
        };
        match outcome {
            Outcome::Done => {
                if shows {
                    let ended = app.clock.now();
                    metrics::tell(Figure::DecisionToEffect(ended.duration_since(begun)), ended);
                }
                if request.action == Decision::Delete {
                    remember(app, &photo, now).await;
                }
                let (action, state) = (request.action, change.after.state);
                tracing::info!(photo.id = %id, photo.state = %state, %action, "decided");
                return Ok(change);
            }
            Outcome::Lost(moved) => photo = *moved.ok_or(Refusal::PhotoNotFound)?,
        }
    }
    Err(Refusal::VersionOutdated { id, version: photo.version, state: photo.state }.into())
}

/// Returns the change that notes that the photo has a protected twin, if `photo` is about to be shown by one person although two must agree
/// to show its twin; `None` otherwise.
async fn twin(app: &App, photo: &Photo, now: jiff::Timestamp) -> Result<Option<Change>, Problem> {
    if photo.moderation.safeguarding.is_some() {
        return Ok(None);
    }
    let twin = app.twins.of(photo, photo.fingerprint(), now).await?;
    Ok(twin.and_then(|twin| photo.guard(twin, ACTOR, now)))
}

/// Stores the hashes of a photo that a moderator deleted, so that it is noticed if it is uploaded again. A failure does not undo the
/// removal.
async fn remember(app: &App, photo: &Photo, now: jiff::Timestamp) {
    let noted = async {
        if let Some(sha256) = &photo.sha256 {
            app.blocklist.remember(sha256, now).await?;
        }
        if let Some(fingerprint) = photo.fingerprint() {
            app.look_alikes.note_removed(photo, fingerprint, now).await?;
        }
        Ok::<_, shared::store::Fault>(())
    };
    if let Err(fault) = noted.await {
        tracing::warn!(photo.id = %photo.id, fault = fault.chain(), "a removed photo is not remembered");
    }
}
