//! The same for the forms of the site's own pages: they answer with the page to go on to.

use axum::{
    extract::State,
    response::{IntoResponse, Redirect},
};
use http::{HeaderMap, header};
use serde::Deserialize;
use shared::{
    domain::{Lane, people::Role, photo::Decision},
    web::{Form, Problem, SignedIn},
};

use crate::{
    App,
    answers::{DecisionRequest, SignInRequest},
    decide,
    handlers::{activate, cookie, end_session},
};

/// A decision as the queue's page sends it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionForm {
    id: String,
    version: u64,
    action: Decision,
    #[serde(default)]
    reason: String,
    /// The lane to go back to; a decision made on a photo's own page names none and goes back there.
    #[serde(default)]
    lane: Option<Lane>,
}

/// Begins a session; goes on to the queue.
pub async fn sign_in(
    State(app): State<App>,
    headers: HeaderMap,
    Form(request): Form<SignInRequest>,
) -> Result<impl IntoResponse, Problem> {
    let (cookie, _) = activate(&app, &headers, &request.code).await?;
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to("/moderation/queue")))
}

/// Ends the session; goes on to the home page.
pub async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Result<impl IntoResponse, Problem> {
    end_session(&app, &headers).await?;
    Ok(([(header::SET_COOKIE, cookie(&app, "", 0))], Redirect::to("/")))
}

/// Carries one decision out; goes back to where it was made.
pub async fn decide(
    State(app): State<App>,
    signed_in: SignedIn,
    Form(form): Form<DecisionForm>,
) -> Result<Redirect, Problem> {
    let member = signed_in.at_least(Role::Moderator)?;
    let reason = Some(form.reason).filter(|reason| !reason.trim().is_empty());
    let request = DecisionRequest { id: form.id, version: form.version, action: form.action, reason };
    let photo = decide::decide(&app, &member, &request).await?;
    Ok(Redirect::to(&match form.lane {
        Some(lane) => format!("/moderation/queue?lane={}", lane.as_str()),
        None => format!("/moderation/photos/{}", photo.id),
    }))
}
