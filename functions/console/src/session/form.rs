//! Forms for signing in and out, and for the member's own passkeys and sessions.

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderMap, header};
use shared::{
    domain::{Phase, states::Role},
    pages::links,
    web::Problem,
};

use super::{
    answers::SignInRequest,
    api::{activate, cookie, end_session},
};
use crate::{
    App,
    form::{Sent, acts, back, read},
    people::api::{end_own_session, remove_own_passkey},
    signed_in::SignedInPerson,
};

/// Begins a session and redirects to the first page: [`start`].
pub async fn sign_in(State(app): State<App>, headers: HeaderMap, sent: Sent<SignInRequest>) -> Response {
    let entered = match read(sent) {
        Ok(request) => activate(&app, &headers, &request.code).await,
        Err(problem) => Err(problem),
    };
    match entered {
        Ok((cookie, _)) => ([(header::SET_COOKIE, cookie)], Redirect::to(&links::console_start())).into_response(),
        Err(problem) => back::<()>(&links::sign_in(), Err(problem)),
    }
}

/// Redirects to the page that a member needs first: before the day, organisers need the list of what is left to do; on the day, everybody who
/// may decide needs the queue.
pub async fn start(State(app): State<App>, SignedInPerson(member): SignedInPerson) -> Result<Redirect, Problem> {
    let edition = app.editions.current().await?;
    let before = edition.is_none_or(|edition| edition.phase(app.clock.now()) == Phase::Before);
    let page = match member.role {
        Role::Viewer => links::dashboard(),
        Role::Organiser | Role::Owner if before => links::dashboard(),
        Role::Moderator | Role::Organiser | Role::Owner => links::queue(),
    };
    Ok(Redirect::to(&page))
}

/// Ends the session and redirects to the home page.
pub async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Result<impl IntoResponse, Problem> {
    end_session(&app, &headers).await?;
    Ok(([(header::SET_COOKIE, cookie(&app, "", 0))], Redirect::to(&links::home())))
}

acts! {
    /// Removes one of the member's own passkeys.
    remove_passkey links::you => remove_own_passkey;
    /// Ends one of the member's own sessions.
    end_own links::you => end_own_session;
}
