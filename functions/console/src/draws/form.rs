//! Forms of a draw's page. A refused form is answered by the page itself, with what was refused in this case.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use shared::{
    domain::{
        Refusal,
        draw::{beacon::RelayRound, steps::Reason},
        people::Member,
        text::shorten,
    },
    pages::links,
    web::{Path, Problem},
};

use super::{
    answers::{DrawPlaceAction, DrawPlaceRequest, DrawStep, DrawStepRequest},
    api,
    page::{self, Section},
};
use crate::{
    App,
    form::{Sent, back, read, saved},
    signed_in::SignedInPerson,
};

/// A step, as the forms of a draw's page send it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepForm {
    action: DrawStep,
    /// The round in the form of the beacon's relays, pasted from any device.
    #[serde(default)]
    relay: String,
    #[serde(default)]
    observer: Option<String>,
    #[serde(default)]
    sentence: Option<String>,
}

impl StepForm {
    fn request(self) -> Result<DrawStepRequest, Refusal> {
        let Self { action, relay, observer, sentence } = self;
        let (round, signature) = match action {
            DrawStep::Round => {
                let read: RelayRound = serde_json::from_str(relay.trim()).map_err(|_| Refusal::Invalid {
                    field: "relay",
                    got: shorten(&relay),
                    expected: "all of the beacon's answer, from { to }, with round and signature".to_owned(),
                })?;
                (Some(read.round), Some(read.signature.to_string()))
            }
            DrawStep::Announce | DrawStep::Freeze | DrawStep::Fetch | DrawStep::Observe | DrawStep::Reveal => {
                (None, None)
            }
        };
        Ok(DrawStepRequest { action, round, signature, observer, sentence })
    }
}

/// What became of somebody, as the forms of a draw's page send it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaceForm {
    leaf: String,
    action: DrawPlaceAction,
    #[serde(default)]
    reason: Option<Reason>,
}

/// Does a step of a draw.
pub async fn steps(
    State(app): State<App>,
    SignedInPerson(member): SignedInPerson,
    Path(id): Path<String>,
    sent: Sent<StepForm>,
) -> Response {
    let form = match read(sent) {
        Ok(form) => form,
        Err(problem) => return back::<()>(&address(&id), Err(problem)),
    };
    let done = match form.request() {
        Ok(request) => Box::pin(api::do_step(&app, &member, &id, &request)).await,
        Err(refusal) => Err(refusal.into()),
    };
    answer(&app, &member, &id, done.map(|_| Section::Draw)).await
}

/// Records what became of a winner or a reserve.
pub async fn places(
    State(app): State<App>,
    SignedInPerson(member): SignedInPerson,
    Path(id): Path<String>,
    sent: Sent<PlaceForm>,
) -> Response {
    let PlaceForm { leaf, action, reason } = match read(sent) {
        Ok(form) => form,
        Err(problem) => return back::<()>(&address(&id), Err(problem)),
    };
    let done = Box::pin(api::place(&app, &member, &id, &DrawPlaceRequest { leaf, action, reason })).await;
    answer(&app, &member, &id, done.map(|_| Section::People)).await
}

/// Rehearses a draw, and answers with its page and with what the rehearsal found.
pub async fn rehearsals(
    State(app): State<App>,
    SignedInPerson(member): SignedInPerson,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let checks = api::rehearse(&app, &member, &id).await?;
    page::rehearsed(&app, &member, &id, checks.into()).await
}

/// Redirects to the section of the draw's page that says that it was saved, or answers with the page and what was refused.
async fn answer(app: &App, member: &Member, id: &str, done: Result<Section, Problem>) -> Response {
    match done {
        Ok(section) => saved(&address(id), section.as_str()),
        Err(problem) if problem.fault.is_some() => problem.into_response(),
        Err(problem) => page::refused(app, member, id, problem).await.unwrap_or_else(IntoResponse::into_response),
    }
}

/// Returns the address of a draw's page if `id` is a draw's id, and that of the list of draws otherwise.
fn address(id: &str) -> String {
    id.parse().map_or_else(|_| links::organiser_draws(), |id| links::organiser_draw(&id))
}
