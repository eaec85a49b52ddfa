//! `/moderation/…`: signing in, the queue, and all about one photo. Decisions go to the moderation function; all of it works
//! without JavaScript.

pub mod photo;
pub mod queue;
pub mod sign_in;

use axum::response::{IntoResponse, Redirect, Response};
use shared::{
    domain::{
        people::{Member, Role},
        photo::{Consent, People},
    },
    web::{Problem, SignedIn, problem::NOT_SIGNED_IN},
};

use crate::links;

/// The member who asks, if they may moderate; who is not signed in is sent to the page where that is done.
fn moderator(asks: Result<SignedIn, Problem>) -> Result<Member, Result<Response, Problem>> {
    match asks {
        Ok(signed_in) => signed_in.at_least(Role::Moderator).map_err(Err),
        Err(problem) if problem.kind == &NOT_SIGNED_IN => Err(Ok(Redirect::to(&links::sign_in()).into_response())),
        Err(problem) => Err(Err(problem)),
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
