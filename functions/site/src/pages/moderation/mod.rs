//! `/moderation/…`: signing in, the queue, and all about one photo. Decisions go to the moderation function; all of it works
//! without JavaScript.

pub mod cover;
pub mod photo;
pub mod quarantine;
pub mod queue;
pub mod sign_in;
pub mod you;

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Redirect, Response},
};
use http::{request::Parts, uri::PathAndQuery};
use shared::{
    domain::{
        people::Member,
        photo::{Consent, People},
    },
    pages::links,
    web::{SignedIn, problem::NOT_SIGNED_IN},
};

use crate::App;

/// The member who asks, if the page is for them; who is not signed in is sent to the page where that is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moderator(pub Member);

impl FromRequestParts<App> for Moderator {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        match SignedIn::from_request_parts(parts, app).await {
            Ok(SignedIn(member)) => Ok(Self(member)),
            Err(problem) if problem.kind == &NOT_SIGNED_IN => {
                let page = parts.uri.path_and_query().map_or("", PathAndQuery::as_str);
                Err(Redirect::to(&links::sign_in_for(page)).into_response())
            }
            Err(problem) => Err(problem.into_response()),
        }
    }
}

/// Who is in a picture, in words.
fn people(people: People) -> &'static str {
    match people {
        People::None => "nobody",
        People::Adults => "adults, who agree",
        People::Pupils => "pupils might be seen",
    }
}

/// What a photo may be used for, in words.
fn consent(consent: &Consent) -> String {
    let uses = [(consent.web, "this site"), (consent.social, "social networks"), (consent.press, "press")];
    uses.into_iter().filter_map(|(may, name)| may.then_some(name)).collect::<Vec<_>>().join(", ")
}
