//! What all forms have in common. A form answers with the page to go on to; if it is refused, that page says why, by the name of the
//! problem, so that nobody without JavaScript is left with an answer that is meant for programs.

use axum::response::{IntoResponse, Redirect, Response};
use serde::{Deserialize, de::DeserializeOwned};
use shared::web::{Form, Problem};

/// A form as it came, right or wrong.
pub type Sent<T> = Result<Form<T>, Problem>;

/// Reads a form.
///
/// # Errors
/// The problem that it has, if it could not be read.
pub fn read<T: DeserializeOwned>(sent: Sent<T>) -> Result<T, Problem> {
    sent.map(|Form(form)| form)
}

/// Goes to `page`, which says why if the form was refused. A fault of ours is a page of its own: it must be seen in the log.
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

/// The query of a page that forms go back to.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProblemQuery {
    /// The name of the problem that the form met.
    #[serde(default)]
    pub problem: Option<String>,
}

/// The form of a button beside one thing: a person, a key, a session, a passkey.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdForm {
    /// The thing's id.
    pub id: String,
}

/// Declares handlers that do one thing to what a form names, and go back to a page.
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
