//! One handler per call.

use std::collections::HashMap;

use axum::{extract::State, response::IntoResponse};
use futures::{StreamExt, stream};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
use shared::{
    domain::{Lane, PhotoId, Refusal, UploaderId, audit::is_whole, limits, people::Role, photo},
    web::{Json, Path, Problem, Query, SignedIn, session},
};
use utoipa::IntoParams;

use crate::{
    App,
    answers::{
        AuditAnswer, AuditView, Decided, DecisionsAnswer, DecisionsRequest, QueueAnswer, QueuePhoto, SessionView,
        SignInRequest, UploaderView,
    },
    decide::decide,
};

/// Decisions of one request that are carried out side by side.
const SIDE_BY_SIDE: usize = 6;

/// Which part of the queue.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct QueueQuery {
    /// The lane; `normal` if none is named.
    #[serde(default)]
    lane: Lane,
    /// How many photos, 1 to 24; 12 if not named.
    #[param(minimum = 1, maximum = 24)]
    limit: Option<usize>,
}

/// Begins a session with a one-time code; its secret is in a cookie that scripts cannot read.
#[utoipa::path(post, path = "/api/v1/session", tag = "moderation", request_body = SignInRequest,
    responses((status = 200, body = SessionView), (status = "4XX", response = shared::web::openapi::Refused)))]
pub async fn sign_in(
    State(app): State<App>,
    headers: HeaderMap,
    Json(request): Json<SignInRequest>,
) -> Result<impl IntoResponse, Problem> {
    let (cookie, session) = activate(&app, &headers, &request.code).await?;
    Ok(([(header::SET_COOKIE, cookie)], Json(session)))
}

/// Uses a code up; answers with the cookie of the session that it begins.
pub async fn activate(app: &App, headers: &HeaderMap, code: &str) -> Result<(HeaderValue, SessionView), Problem> {
    session::same_site(&http::Method::POST, headers)?;
    let now = app.clock.now();
    let (session, token) = app.members.activate(code.trim(), now).await?.ok_or(Refusal::CodeRefused)?;
    let seconds = session.until.duration_since(now).as_secs();
    tracing::info!(member = %session.id, role = %session.role, "signed in");
    Ok((cookie(app, &token, seconds), SessionView::from(&session)))
}

/// The session's cookie.
pub fn cookie(app: &App, token: &str, seconds: i64) -> HeaderValue {
    // A token is base64url and so always fits into a header.
    HeaderValue::from_str(&session::cookie(&app.site_origin, token, seconds))
        .unwrap_or_else(|_| HeaderValue::from_static("session="))
}

/// Who is signed in.
#[utoipa::path(get, path = "/api/v1/session", tag = "moderation", security(("key" = [])),
    responses((status = 200, body = SessionView), (status = "4XX", response = shared::web::openapi::Refused)))]
pub async fn who(
    State(app): State<App>,
    SignedIn(member): SignedIn,
    headers: HeaderMap,
) -> Result<Json<SessionView>, Problem> {
    let until = match session::session_token(&headers) {
        Some(token) if !headers.contains_key(header::AUTHORIZATION) => {
            app.members.session(&token, app.clock.now()).await?.map(|session| session.until)
        }
        Some(_) | None => None,
    };
    Ok(Json(SessionView { name: member.name, role: member.role, until }))
}

/// Ends the session.
#[utoipa::path(delete, path = "/api/v1/session", tag = "moderation",
    responses((status = 204), (status = "4XX", response = shared::web::openapi::Refused)))]
pub async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Result<impl IntoResponse, Problem> {
    end_session(&app, &headers).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie(&app, "", 0))]))
}

/// Ends the session of the request's cookie, if it has one.
pub async fn end_session(app: &App, headers: &HeaderMap) -> Result<(), Problem> {
    session::same_site(&http::Method::DELETE, headers)?;
    if let Some(token) = session::session_token(headers) {
        app.members.sign_out(&token).await?;
    }
    Ok(())
}

/// The photos that have waited longest. Each is the caller's alone for 90 seconds, so that moderators do not collide.
#[utoipa::path(get, path = "/api/v1/moderation/queue", tag = "moderation", security(("key" = [])), params(QueueQuery),
    responses((status = 200, body = QueueAnswer), (status = "4XX", response = shared::web::openapi::Refused)))]
pub async fn queue(
    State(app): State<App>,
    signed_in: SignedIn,
    Query(query): Query<QueueQuery>,
) -> Result<Json<QueueAnswer>, Problem> {
    let member = signed_in.at_least(Role::Moderator)?;
    let limit = query.limit.unwrap_or(12);
    if !(1..=limits::QUEUE_MAX).contains(&limit) {
        let expected = format!("1 to {}", limits::QUEUE_MAX);
        return Err(Refusal::Invalid { field: "limit", got: limit.to_string(), expected }.into());
    }
    let now = app.clock.now();
    let edition = app.editions.current().await?.ok_or(Refusal::UnknownEdition)?;
    let taken = app.queue.take(&edition.slug, query.lane, &member.key, limit, now).await?;
    let mut uploaders: HashMap<UploaderId, UploaderView> = HashMap::new();
    let mut photos = Vec::with_capacity(taken.len());
    for photo in &taken {
        let uploader = if let Some(known) = uploaders.get(&photo.uploader) {
            *known
        } else {
            let own = app.photos.own(&edition.slug, &photo.uploader).await?;
            let published = own.iter().filter(|photo| photo.state == photo::State::Published).count();
            let view = UploaderView { photos: own.len(), published };
            uploaders.insert(photo.uploader.clone(), view);
            view
        };
        let same = match &photo.sha256 {
            Some(sha256) => app.photos.same_bytes(&edition.slug, sha256).await?,
            None => Vec::new(),
        };
        let others = same.into_iter().filter(|id| *id != photo.id).map(|id| id.to_string()).collect();
        let links = match &photo.rendered {
            Some(rendered) => app.review.links(&photo.id, rendered, now).await?,
            None => Vec::new(),
        };
        photos.push(QueuePhoto::of(photo, uploader, others, links));
    }
    let waiting = app.queue.waiting(&edition.slug).await?;
    Ok(Json(QueueAnswer { photos, pending: waiting.pending, oldest_at: waiting.oldest_at }))
}

/// Decides about 1 to 48 photos; each for itself, never all or nothing.
#[utoipa::path(post, path = "/api/v1/moderation/decisions", tag = "moderation", security(("key" = [])),
    request_body = DecisionsRequest,
    responses((status = 200, body = DecisionsAnswer), (status = "4XX", response = shared::web::openapi::Refused)))]
pub async fn decisions(
    State(app): State<App>,
    signed_in: SignedIn,
    Json(request): Json<DecisionsRequest>,
) -> Result<Json<DecisionsAnswer>, Problem> {
    let member = signed_in.at_least(Role::Moderator)?;
    let got = request.decisions.len();
    if !(1..=limits::MAX_DECISIONS_PER_REQUEST).contains(&got) {
        return Err(Refusal::WrongDecisionCount { limit: limits::MAX_DECISIONS_PER_REQUEST, got }.into());
    }
    let each: Vec<_> = request.decisions.iter().map(|request| decide(&app, &member, request)).collect();
    let outcomes: Vec<_> = stream::iter(each).buffered(SIDE_BY_SIDE).collect().await;
    let mut decisions = Vec::with_capacity(outcomes.len());
    for (request, outcome) in request.decisions.iter().zip(outcomes) {
        decisions.push(match outcome {
            Ok(photo) => Decided::Done { id: photo.id.to_string(), state: photo.state, version: photo.version },
            Err(problem) => {
                if let Some(fault) = &problem.fault {
                    tracing::error!(photo.id = request.id, fault, "decision failed");
                }
                Decided::Refused { id: request.id.clone(), problem: problem.body(None) }
            }
        });
    }
    Ok(Json(DecisionsAnswer { decisions }))
}

/// All that ever happened to a photo.
#[utoipa::path(get, path = "/api/v1/moderation/photos/{id}/audit", tag = "moderation", security(("key" = [])),
    params(("id" = String, Path)),
    responses((status = 200, body = AuditAnswer), (status = "4XX", response = shared::web::openapi::Refused)))]
pub async fn audit(
    State(app): State<App>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<Json<AuditAnswer>, Problem> {
    signed_in.at_least(Role::Moderator)?;
    let id: PhotoId = id.parse().map_err(|_| Refusal::PhotoNotFound)?;
    let photo = app.photos.get(&id).await?.ok_or(Refusal::PhotoNotFound)?;
    let entries = app.photos.audit(&id).await?;
    let whole = is_whole(&entries) && entries.last().is_some_and(|last| last.hash == photo.audit_head);
    Ok(Json(AuditAnswer { entries: entries.iter().map(AuditView::from).collect(), whole }))
}
