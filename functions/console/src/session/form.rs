//! Forms for signing in and out, and for the member's own passkeys and sessions.

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderMap, header};
use shared::{pages::links, web::Problem};

use super::{
    answers::SignInRequest,
    api::{activate, cookie, end_session},
};
use crate::{
    App,
    form::{Sent, acts, back, read},
    people::api::{end_own_session, remove_own_passkey},
};

/// Begins a session and redirects to the queue.
pub async fn sign_in(State(app): State<App>, headers: HeaderMap, sent: Sent<SignInRequest>) -> Response {
    let entered = match read(sent) {
        Ok(request) => activate(&app, &headers, &request.code).await,
        Err(problem) => Err(problem),
    };
    match entered {
        Ok((cookie, _)) => ([(header::SET_COOKIE, cookie)], Redirect::to(&links::queue())).into_response(),
        Err(problem) => back::<()>(&links::sign_in(), Err(problem)),
    }
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
