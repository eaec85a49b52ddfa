//! Calls about one photo: its texts, covers and audit.

use axum::extract::State;
use jiff::Timestamp;
use shared::{
    domain::{
        Photo, PhotoId, Refusal, access::may_read, audit::is_whole, change::Change, moderation, people::Member,
        request::Edit,
    },
    runtime::telemetry,
    store::{Outcome, photos::Applied},
    web::{Json, Path, Problem, SignedIn},
};

use super::answers::{AuditAnswer, AuditView, CoversRequest, PhotoStatus, PickRequest, WordsRequest};
use crate::App;

/// Changes a photo's texts.
///
/// A published photo stays published: a moderator has read the new texts.
#[utoipa::path(patch, path = "/api/v1/moderation/photos/{id}", tag = "moderation", params(("id" = String, Path)),
    request_body = WordsRequest, responses((status = 200, body = PhotoStatus)),
    extensions(("x-problems" = json!(["photo-not-found", "version-outdated", "not-renewable", "text-too-long", "invalid"]))))]
pub async fn words(
    State(app): State<App>,
    SignedIn(member): SignedIn,
    Path(id): Path<String>,
    Json(request): Json<WordsRequest>,
) -> Result<Json<PhotoStatus>, Problem> {
    let photo = reword(&app, &member, &id, &request).await?;
    Ok(Json(PhotoStatus::from(&photo)))
}

/// Changes a photo's texts and returns the photo after the change.
pub async fn reword(app: &App, member: &Member, id: &str, request: &WordsRequest) -> Result<Photo, Problem> {
    let id: PhotoId = id.parse().map_err(|_| Refusal::PhotoNotFound)?;
    let WordsRequest { version, caption, alt, credit, transcript } = request.clone();
    let (edit, by) = (Edit { caption, alt, credit, transcript, ..Edit::default() }, member.actor());
    apply(app, &id, |photo, now| photo.edit_by(&edit, version, &by, now)).await
}

/// Picks a photo as one of the moderators' favourites, or takes the pick back.
///
/// The photo must be published. Its page, its place in lists and the wall say that it is a favourite, and since when. A photo that leaves
/// the site is no favourite any more.
#[utoipa::path(put, path = "/api/v1/moderation/photos/{id}/pick", tag = "moderation", params(("id" = String, Path)),
    request_body = PickRequest, responses((status = 200, body = PhotoStatus)),
    extensions(("x-problems" = json!(["photo-not-found", "version-outdated", "not-renewable", "invalid"]))))]
pub async fn pick(
    State(app): State<App>,
    SignedIn(member): SignedIn,
    Path(id): Path<String>,
    Json(request): Json<PickRequest>,
) -> Result<Json<PhotoStatus>, Problem> {
    let photo = set_pick(&app, &member, &id, &request).await?;
    Ok(Json(PhotoStatus::from(&photo)))
}

/// Picks a photo, or takes the pick back, and returns the photo after the change.
pub async fn set_pick(app: &App, member: &Member, id: &str, request: &PickRequest) -> Result<Photo, Problem> {
    let id: PhotoId = id.parse().map_err(|_| Refusal::PhotoNotFound)?;
    let (PickRequest { version, picked }, by) = (request.clone(), member.actor());
    apply(app, &id, |photo, now| photo.pick(picked, version, &by, now)).await
}

/// Changes a photo by `rule` and has edges forget what it was. Returns the photo after the change.
async fn apply(
    app: &App,
    id: &PhotoId,
    rule: impl Fn(&Photo, Timestamp) -> Result<Option<Change>, Refusal>,
) -> Result<Photo, Problem> {
    let rule = |photo: &Photo, now| Ok::<_, Problem>(rule(photo, now)?);
    match app.photos.apply(id, &app.clock, rule).await? {
        Applied::Absent => Err(Refusal::PhotoNotFound.into()),
        Applied::Unchanged(photo) => Ok(*photo),
        Applied::Changed(change) => {
            telemetry::about(&change.after);
            app.purger.purge_now([&*change], app.clock.now()).await;
            Ok(change.after)
        }
    }
}

/// Covers parts of a photo.
///
/// The answer comes at once. A few seconds later all renditions have been made again from the original, with the covers on them. A
/// published photo leaves the site until a moderator publishes it again with its covers.
#[utoipa::path(post, path = "/api/v1/moderation/photos/{id}/redact", tag = "moderation", params(("id" = String, Path)),
    request_body = CoversRequest, responses((status = 202, body = PhotoStatus)),
    extensions(("x-problems" = json!(["photo-not-found", "version-outdated", "not-renewable", "not-for-videos", "invalid"]))))]
pub async fn redact(
    State(app): State<App>,
    SignedIn(member): SignedIn,
    Path(id): Path<String>,
    Json(request): Json<CoversRequest>,
) -> Result<(http::StatusCode, Json<PhotoStatus>), Problem> {
    let photo = cover(&app, &member, &id, &request).await?;
    Ok((http::StatusCode::ACCEPTED, Json(PhotoStatus::from(&photo))))
}

/// Draws covers on a photo and returns the photo after the change.
pub async fn cover(app: &App, member: &Member, id: &str, request: &CoversRequest) -> Result<Photo, Problem> {
    let id: PhotoId = id.parse().map_err(|_| Refusal::PhotoNotFound)?;
    let covers = moderation::covers(&request.boxes)?;
    let now = app.clock.now();
    let photo = app.photos.get(&id).await?.ok_or(Refusal::PhotoNotFound)?;
    let change = photo.redact(covers, request.version, &member.actor(), now)?;
    match app.photos.advance(&change).await? {
        Outcome::Done => {}
        Outcome::Lost(now) => {
            let now = now.ok_or(Refusal::PhotoNotFound)?;
            return Err(Refusal::VersionOutdated { id, version: now.version, state: now.state }.into());
        }
    }
    telemetry::about(&change.after);
    app.purger.purge_now([&change], now).await;
    // If the process dies here or the message is lost, the sweep finds the photo: its covers are not on its renditions yet.
    app.messages.original(&photo.original_key(), photo.size_bytes, now).await?;
    Ok(change.after)
}

/// Lists everything that happened to a photo.
///
/// For a quarantined photo, this needs the duty `safeguarding`.
#[utoipa::path(get, path = "/api/v1/moderation/photos/{id}/audit", tag = "moderation", params(("id" = String, Path)),
    responses((status = 200, body = AuditAnswer)), extensions(("x-problems" = json!(["photo-not-found", "duty-needed"]))))]
pub async fn audit(
    State(app): State<App>,
    SignedIn(member): SignedIn,
    Path(id): Path<String>,
) -> Result<Json<AuditAnswer>, Problem> {
    let id: PhotoId = id.parse().map_err(|_| Refusal::PhotoNotFound)?;
    let photo = app.photos.get(&id).await?.ok_or(Refusal::PhotoNotFound)?;
    may_read(&member, photo.state)?;
    let entries = app.photos.audit(&photo).await?;
    let whole = is_whole(&entries) && entries.last().is_some_and(|last| last.hash == photo.audit_head);
    Ok(Json(AuditAnswer { entries: entries.iter().map(AuditView::from).collect(), whole }))
}
