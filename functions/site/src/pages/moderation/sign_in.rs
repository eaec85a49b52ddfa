//! `/moderation/sign-in`: the one-time code. The organiser's link carries it in the fragment, which no server ever sees; a module
//! fills it into the form.

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use shared::web::{Cache, Problem, Query};

use crate::{
    App,
    frame::{Frame, Nav},
    pages::{Page, Told, organiser::Asked},
};

/// The form for the one-time code.
#[derive(Clone, Debug, Template)]
#[template(path = "sign_in.html")]
pub struct SignIn {
    /// What all pages share.
    pub frame: Frame,
    /// What the form was refused for.
    pub told: Option<Told>,
}

impl Page for SignIn {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

impl SignIn {
    /// The page; it is the same everywhere.
    pub fn new() -> Self {
        let frame = Frame::private("Sign in", Nav::None)
            .with_modules(&["js/moderation/sign-in.js"])
            .with_styles(&["css/components/moderation.css"]);
        Self { frame, told: None }
    }
}

impl Default for SignIn {
    fn default() -> Self {
        Self::new()
    }
}

/// `GET /moderation/sign-in`
pub async fn show(State(app): State<App>, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let page = SignIn { told: Told::of(asked.problem.as_deref()), ..SignIn::new() };
    app.page(StatusCode::OK, Cache::Never, &page).await
}
