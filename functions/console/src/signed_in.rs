//! Extractors for the member who opens a page or sends a form.

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

/// The signed-in member, if the table of access allows the request. A visitor who is not signed in is redirected to the sign-in page, and
/// from there to the page that they asked for. Any other refusal becomes an error page.
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
