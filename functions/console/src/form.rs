//! What all forms have in common. The answer to a form is a redirect to the page to show next. If the form was refused, its address names
//! the problem and the page explains it, so that people without JavaScript never see an answer that is meant for programs.

use axum::response::{IntoResponse, Redirect, Response};
use serde::{Deserialize, de::DeserializeOwned};
use shared::web::{Form, Problem};

/// A form as it arrived: read, or refused because it could not be read.
pub type Sent<T> = Result<Form<T>, Problem>;

/// Returns the content of a form.
///
/// # Errors
/// The problem, if the form could not be read.
pub fn read<T: DeserializeOwned>(sent: Sent<T>) -> Result<T, Problem> {
    sent.map(|Form(form)| form)
}

/// Redirects to `page`, which explains why the form was refused, if it was. A fault of ours is answered as an error page instead, so that
/// it appears in the log.
pub fn back<T>(page: &str, outcome: Result<T, Problem>) -> Response {
    match outcome {
        Ok(_) => Redirect::to(page).into_response(),
        Err(problem) if problem.fault.is_some() => problem.into_response(),
        Err(problem) => {
            let separator = if page.contains('?') { '&' } else { '?' };
            Redirect::to(&format!("{page}{separator}problem={}", problem.kind.slug)).into_response()
        }
    }
}

/// Redirects to the section `section` of `page`, which says that it was saved.
pub fn saved(page: &str, section: &str) -> Response {
    Redirect::to(&format!("{page}?saved={section}#{section}")).into_response()
}

/// The query of a page to which forms redirect.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProblemQuery {
    /// The name of the problem because of which the form was refused.
    #[serde(default)]
    pub problem: Option<String>,
}

/// A form with one button for one thing: a person, a key, a session or a passkey.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdForm {
    /// The thing's id.
    pub id: String,
}

/// Declares handlers that each do one thing to what the form names, and then redirect to a page.
macro_rules! acts {
    ($($(#[$doc:meta])* $name:ident $page:path => $act:path;)*) => {
        $($(#[$doc])*
        pub async fn $name(
            axum::extract::State(app): axum::extract::State<$crate::App>,
            $crate::signed_in::SignedInPerson(member): $crate::signed_in::SignedInPerson,
            sent: $crate::form::Sent<$crate::form::IdForm>,
        ) -> axum::response::Response {
            let done = match $crate::form::read(sent) {
                Ok($crate::form::IdForm { id }) => $act(&app, &member, &id).await,
                Err(problem) => Err(problem),
            };
            $crate::form::back(&$page(), done)
        })*
    };
}

pub(crate) use acts;
