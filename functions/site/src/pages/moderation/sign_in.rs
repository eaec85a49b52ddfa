//! `/moderation/sign-in`: the one-time code. The organiser's link carries it in the fragment, which no server ever sees; a module
//! fills it into the form.

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use serde::Deserialize;
use shared::web::{Cache, Problem, Query};

use crate::{
    App,
    frame::{Frame, Nav},
    links,
    pages::{Page, Told},
};

/// The form for the one-time code.
#[derive(Clone, Debug, Template)]
#[template(path = "sign_in.html")]
pub struct SignIn {
    /// What all pages share.
    pub frame: Frame,
    /// What the form was refused for.
    pub told: Option<Told>,
    /// The page of the console to go on to.
    pub next: String,
    /// Whether somebody asked for that page and was sent here.
    ///
    /// Browsers send the session, a cookie with `SameSite=Strict`, with no request that another site or a mail led to: such a reader
    /// may be signed in all the same, and this page, which is ours, can ask again.
    pub sent_here: bool,
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
        Self { frame, told: None, next: links::queue(), sent_here: false }
    }

    /// The same for somebody who asked for `next`, if that is a page of the console.
    #[must_use]
    pub fn on_the_way_to(self, next: Option<String>) -> Self {
        match next.filter(|next| is_of_the_console(next)) {
            Some(next) => Self { next, sent_here: true, ..self },
            None => self,
        }
    }
}

impl Default for SignIn {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether an address leads to a page of the console, and nowhere else.
fn is_of_the_console(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    path == links::dashboard() || ["/moderation/", "/organiser/"].iter().any(|folder| path.starts_with(folder))
}

/// The query of the page.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The name of the problem that the form met.
    #[serde(default)]
    problem: Option<String>,
    /// The page that was asked for.
    #[serde(default)]
    next: Option<String>,
}

/// `GET /moderation/sign-in`
pub async fn show(State(app): State<App>, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let page = SignIn { told: Told::of(asked.problem.as_deref()), ..SignIn::new() }.on_the_way_to(asked.next);
    app.page(StatusCode::OK, Cache::Never, &page).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_to_pages_of_the_console_only() {
        let next = |asked: &str| SignIn::new().on_the_way_to(Some(asked.to_owned())).next;
        for page in ["/organiser", "/organiser/day", "/moderation/queue?lane=reported", "/moderation/photos/a"] {
            assert_eq!(next(page), page);
        }
        for page in
            ["", "/", "//evil.example", "https://evil.example/moderation/", "/organisers", "moderation/queue", "\\evil"]
        {
            assert_eq!(next(page), links::queue(), "{page}");
        }
    }
}
