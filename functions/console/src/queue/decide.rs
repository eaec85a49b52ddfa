//! One decision, from the moderator's word to what everybody sees.
//!
//! Showing copies first and commits then: nobody is ever sent to bytes that are not there. Removing commits first and erases
//! then: from the commit on nobody is sent to them any more, and a death in between leaves the erasure in the outbox.

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

/// The name under which the audit keeps what this function notices by itself.
const ACTOR: &str = "moderation";
/// Times that a removal is decided again because somebody else moved the photo meanwhile: a removal wins.
const ATTEMPTS: usize = 8;

/// Carries one decision out; answers with the photo after it.
pub async fn decide(app: &App, member: &Member, request: &DecisionRequest) -> Result<Photo, Problem> {
    let change = commit(app, member, request).await?;
    app.purger.purge_now([&change], app.clock.now()).await;
    Ok(change.after)
}

/// Commits one decision; what it promises to erase is left to the caller, who may do that for many at once.
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
            // Whoever decided has not seen that two people must agree: they look again.
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

/// What is noticed of a photo that is about to be shown by one person, and is the twin of one that two people must agree to show.
async fn twin(app: &App, photo: &Photo, now: jiff::Timestamp) -> Result<Option<Change>, Problem> {
    if photo.moderation.safeguarding.is_some() {
        return Ok(None);
    }
    let twin = app.twins.of(photo, photo.fingerprint(), now).await?;
    Ok(twin.and_then(|twin| photo.guard(twin, ACTOR, now)))
}

/// Remembers what a moderator deleted, so that it is noticed when it comes again. That it could not be remembered does not undo the
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
