//! Signing in with a one-time code or a passkey, proving again who one is, and signing out.

use axum::{extract::State, response::IntoResponse};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde_json::Value;
use shared::{
    domain::{
        Refusal,
        access::may_make_passkey,
        activity::Action,
        text::{self, Field},
    },
    store::members::{ActiveSession, NewPasskey},
    web::{Json, Problem, SignedIn},
};

use super::{
    answers::{
        CeremonyAnswer, NewPasskeyRequest, PasskeyAnswer, PasskeyView, SessionView, SignInRequest, UsedPasskeyRequest,
    },
    passkeys,
};
use crate::App;

/// How often the check of a passkey is repeated because the passkey was changed at the same time.
const ATTEMPTS: usize = 5;

/// Signs in with a one-time code.
///
/// The secret of the session is in a cookie that scripts cannot read.
#[utoipa::path(post, path = "/api/v1/session", tag = "moderation", request_body = SignInRequest,
    responses((status = 200, body = SessionView)), extensions(("x-problems" = json!(["code-refused", "cross-site"]))))]
pub async fn sign_in(
    State(app): State<App>,
    headers: HeaderMap,
    Json(request): Json<SignInRequest>,
) -> Result<impl IntoResponse, Problem> {
    let (cookie, session) = activate(&app, &headers, &request.code).await?;
    Ok(([(header::SET_COOKIE, cookie)], Json(session)))
}

/// Redeems a code. Returns the cookie of the session that it begins, and its description.
pub async fn activate(app: &App, headers: &HeaderMap, code: &str) -> Result<(HeaderValue, SessionView), Problem> {
    app.site.same_site(&Method::POST, headers)?;
    let now = app.clock.now();
    let (presence, token) = app.members.activate(code.trim(), now).await?.ok_or(Refusal::CodeRefused)?;
    entered(app, &presence, Action::SignInByCode).await?;
    Ok((cookie(app, &token, seconds(&presence)), SessionView::from(&presence)))
}

/// Records in the activity log that a person has signed in.
async fn entered(app: &App, presence: &ActiveSession, how: Action) -> Result<(), Problem> {
    tracing::info!(member = %presence.person.id, role = %presence.person.role, how = how.as_str(), "signed in");
    Ok(app.activity.note(&presence.member(), how, "", app.clock.now()).await?)
}

/// Returns for how many seconds a session's cookie lives.
fn seconds(presence: &ActiveSession) -> i64 {
    presence.session.until.duration_since(presence.session.created_at).as_secs()
}

/// Builds the session's cookie.
pub fn cookie(app: &App, token: &str, seconds: i64) -> HeaderValue {
    // A token is base64url, which always fits into a header.
    HeaderValue::from_str(&app.site.cookie(token, seconds)).unwrap_or_else(|_| HeaderValue::from_static("session="))
}

/// Returns who is signed in.
#[utoipa::path(get, path = "/api/v1/session", tag = "moderation", responses((status = 200, body = SessionView)))]
pub async fn who(
    State(app): State<App>,
    SignedIn(member): SignedIn,
    headers: HeaderMap,
) -> Result<Json<SessionView>, Problem> {
    let presence = match app.site.session_token(&headers) {
        Some(token) if !headers.contains_key(header::AUTHORIZATION) => {
            app.members.session(&token, app.clock.now()).await?
        }
        Some(_) | None => None,
    };
    Ok(Json(match presence {
        Some(presence) => SessionView::from(&presence),
        None => {
            SessionView { name: member.name, role: member.role, duties: member.duties, until: None, verified_at: None }
        }
    }))
}

/// Signs out.
///
/// It ends the session. Without a session it does nothing.
#[utoipa::path(delete, path = "/api/v1/session", tag = "moderation", security((), ("session" = [])),
    responses((status = 204, description = "The session has ended.")), extensions(("x-problems" = json!(["cross-site"]))))]
pub async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Result<impl IntoResponse, Problem> {
    end_session(&app, &headers).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie(&app, "", 0))]))
}

/// Ends the session of the request's cookie, if it has one.
pub async fn end_session(app: &App, headers: &HeaderMap) -> Result<(), Problem> {
    app.site.same_site(&Method::DELETE, headers)?;
    if let Some(token) = app.site.session_token(headers) {
        app.members.sign_out(&token).await?;
    }
    Ok(())
}

/// Begins a sign-in with a passkey.
///
/// The answer has what the browser's `navigator.credentials.get` takes. A member who is signed in already can use it to prove again who
/// they are.
#[utoipa::path(post, path = "/api/v1/session/passkey/begin", tag = "moderation",
    responses((status = 200, body = CeremonyAnswer)), extensions(("x-problems" = json!(["cross-site"]))))]
pub async fn begin_use(State(app): State<App>, headers: HeaderMap) -> Result<Json<CeremonyAnswer>, Problem> {
    app.site.same_site(&Method::POST, &headers)?;
    let (options, state) = passkeys::begin_use(app.site.origin())?;
    let ceremony = app.members.begin_ceremony(None, state, app.clock.now()).await?;
    Ok(Json(CeremonyAnswer { ceremony, options }))
}

/// Signs in with a passkey.
///
/// The session is always a new one. If there was a session before, it ends.
#[utoipa::path(post, path = "/api/v1/session/passkey/finish", tag = "moderation", request_body = UsedPasskeyRequest,
    responses((status = 200, body = SessionView)),
    extensions(("x-problems" = json!(["cross-site", "passkey-refused"]))))]
pub async fn finish_use(
    State(app): State<App>,
    headers: HeaderMap,
    Json(request): Json<UsedPasskeyRequest>,
) -> Result<impl IntoResponse, Problem> {
    app.site.same_site(&Method::POST, &headers)?;
    let now = app.clock.now();
    let ceremony = app.members.take_ceremony(&request.ceremony, now).await?.ok_or(Refusal::PasskeyRefused)?;
    let id = passkeys::credential_id(&request.credential).ok_or(Refusal::PasskeyRefused)?;
    let (presence, token) = enter(&app, &id, &request.credential, &ceremony.state).await?;
    // After proving again who they are, the member leaves the session that had fewer rights.
    end_session(&app, &headers).await?;
    entered(&app, &presence, Action::SignInByPasskey).await?;
    let cookie = cookie(&app, &token, seconds(&presence));
    Ok(([(header::SET_COOKIE, cookie)], Json(SessionView::from(&presence))))
}

/// Begins a session with a passkey. If the passkey was used or removed at the same time, everything is checked again.
async fn enter(app: &App, id: &str, credential: &Value, state: &str) -> Result<(ActiveSession, String), Problem> {
    for _ in 0..ATTEMPTS {
        let known = app.members.passkey(id).await?.ok_or(Refusal::PasskeyRefused)?;
        let record = passkeys::finish_use(app.site.origin(), credential.clone(), state, &known.record)?;
        if let Some(begun) = app.members.use_passkey(&known, record, app.clock.now()).await? {
            return Ok(begun);
        }
    }
    Err(Refusal::PasskeyRefused.into())
}

/// Begins the creation of a passkey for the signed-in member.
///
/// The answer has what the browser's `navigator.credentials.create` takes. A member who has a passkey must have used it, or have signed in
/// with a new link, within the last five minutes. A key cannot have passkeys.
#[utoipa::path(post, path = "/api/v1/session/passkeys/begin", tag = "moderation",
    responses((status = 200, body = CeremonyAnswer)),
    extensions(("x-problems" = json!(["passkey-needed", "member-not-found"]))))]
pub async fn begin_passkey(
    State(app): State<App>,
    SignedIn(member): SignedIn,
) -> Result<Json<CeremonyAnswer>, Problem> {
    let now = app.clock.now();
    let person = app.members.person(&member.key).await?.ok_or(Refusal::MemberNotFound)?;
    may_make_passkey(&member, app.members.last_made(&person).await?, now)?;
    let own = app.members.passkeys_of(&person.id).await?;
    let (options, state) = passkeys::begin_make(app.site.origin(), &person, &own)?;
    let ceremony = app.members.begin_ceremony(Some(&person.id), state, now).await?;
    Ok(Json(CeremonyAnswer { ceremony, options }))
}

/// Creates the passkey and begins a new session.
#[utoipa::path(post, path = "/api/v1/session/passkeys/finish", tag = "moderation", request_body = NewPasskeyRequest,
    responses((status = 201, body = PasskeyAnswer)),
    extensions(("x-problems" = json!(["text-too-long", "passkey-refused", "passkey-needed"]))))]
pub async fn finish_passkey(
    State(app): State<App>,
    SignedIn(member): SignedIn,
    headers: HeaderMap,
    Json(request): Json<NewPasskeyRequest>,
) -> Result<impl IntoResponse, Problem> {
    let now = app.clock.now();
    let name = text::clean(Field::Name, &request.name)?;
    let ceremony = app.members.take_ceremony(&request.ceremony, now).await?;
    let ceremony = ceremony.filter(|ceremony| ceremony.person.as_ref() == Some(&member.key));
    let ceremony = ceremony.ok_or(Refusal::PasskeyRefused)?;
    let (id, record) = passkeys::finish_make(app.site.origin(), request.credential, &ceremony.state)?;
    let name = if name.is_empty() { "Passkey".to_owned() } else { name };
    let person = member.person.clone().ok_or(Refusal::PasskeyRefused)?;
    // Checked again, because another passkey may have been created since this ceremony began.
    let rule = |last_made| may_make_passkey(&member, last_made, now).map_err(Problem::from);
    // The new passkey has just verified the person. Their rights increase, so they get a new session.
    let new = NewPasskey { id, person, name, record, made_by: member.passkey.clone() };
    let made = app.members.add_passkey(&new, rule, now).await?;
    let (passkey, presence, token) = made.ok_or(Refusal::PasskeyRefused)?;
    app.activity.note(&member, Action::AddPasskey, &passkey.name, now).await?;
    end_session(&app, &headers).await?;
    let cookie = cookie(&app, &token, seconds(&presence));
    let answer = PasskeyAnswer { passkey: PasskeyView::from(&passkey) };
    Ok((StatusCode::CREATED, [(header::SET_COOKIE, cookie)], Json(answer)))
}
