//! Who asks for a page or sends a form.

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Redirect, Response},
};
use http::{Method, request::Parts, uri::PathAndQuery};
use shared::{
    domain::people::Member,
    pages::links,
    web::{SignedIn, problem::NOT_SIGNED_IN},
};

use crate::{App, form::back};

/// The member who asks, if the table of access lets them. Somebody who is not signed in is sent to the page where that is done, and
/// from there to the page that they asked for; what else is refused becomes a page that says so.
#[derive(Clone, Debug)]
pub struct SignedInPerson(pub Member);

impl FromRequestParts<App> for SignedInPerson {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        match SignedIn::from_request_parts(parts, app).await {
            Ok(SignedIn(member)) => Ok(Self(member)),
            Err(problem) if problem.kind == &NOT_SIGNED_IN && parts.method == Method::GET => {
                let page = parts.uri.path_and_query().map_or("", PathAndQuery::as_str);
                Err(Redirect::to(&links::sign_in_for(page)).into_response())
            }
            Err(problem) if problem.kind == &NOT_SIGNED_IN => Err(back::<()>(&links::sign_in(), Err(problem))),
            Err(problem) => Err(problem.into_response()),
        }
    }
}
