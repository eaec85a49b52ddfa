//! Forms of signing in and out, and of one's own passkeys and sessions.

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

/// Begins a session; goes on to the queue.
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

/// Ends the session; goes on to the home page.
pub async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Result<impl IntoResponse, Problem> {
    end_session(&app, &headers).await?;
    Ok(([(header::SET_COOKIE, cookie(&app, "", 0))], Redirect::to(&links::home())))
}

acts! {
    /// Removes a passkey of one's own.
    remove_passkey links::you => remove_own_passkey;
    /// Ends a session of one's own.
    end_own links::you => end_own_session;
}
