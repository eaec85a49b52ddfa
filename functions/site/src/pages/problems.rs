//! `/problems/` and `/problems/{name}`: what each problem of the API means. The `type` of every problem leads to its page here.

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use shared::{
    pages::{
        Page,
        layout::{Layout, Nav},
        links,
    },
    web::{
        Cache, Path, Problem,
        problem::{CATALOGUE, EDITION_CLOSED, NOT_FOUND, ProblemType},
    },
};

use crate::App;

/// The page that lists all problems.
#[derive(Clone, Debug, Template)]
#[template(path = "problems.html")]
pub struct Problems {
    /// The layout that all pages share.
    pub layout: Layout,
    /// The problems, in order of their status.
    pub problems: Vec<ProblemLink>,
}

/// A problem in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProblemLink {
    /// The address of its page.
    pub href: String,
    /// Its HTTP status.
    pub status: u16,
    /// Its title.
    pub title: &'static str,
}

/// The page of one problem.
#[derive(Clone, Debug, Template)]
#[template(path = "problem.html")]
pub struct ProblemPage {
    /// The layout that all pages share.
    pub layout: Layout,
    /// Its HTTP status.
    pub status: u16,
    /// What happened.
    pub title: &'static str,
    /// What the status means.
    pub meaning: &'static str,
    /// What to do about it.
    pub hint: &'static str,
}

impl Page for Problems {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Page for ProblemPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Problems {
    /// Builds the page, which is the same for everybody.
    pub fn new() -> Self {
        let link = |kind: &ProblemType| ProblemLink {
            href: links::problem(kind.slug),
            status: kind.status,
            title: kind.title,
        };
        Self { layout: Layout::public("Problems", Nav::None), problems: CATALOGUE.iter().map(link).collect() }
    }

    /// The page itself.
    pub fn sample() -> Self {
        Self::new()
    }
}

impl Default for Problems {
    fn default() -> Self {
        Self::new()
    }
}

impl ProblemPage {
    /// Builds the page of one type of problem.
    pub fn new(kind: &ProblemType) -> Self {
        Self {
            layout: Layout::public(kind.title, Nav::None),
            status: kind.status,
            title: kind.title,
            meaning: meaning(kind.status),
            hint: kind.hint,
        }
    }

    /// A sample: the edition has closed.
    pub fn sample() -> Self {
        Self::new(&EDITION_CLOSED)
    }
}

/// Says what a status means: who has to act, and what has become of what was sent.
fn meaning(status: u16) -> &'static str {
    match status {
        401 | 403 => "We understood the request, but you may not do this. Nothing has changed.",
        404 => "This does not exist, or is not public.",
        409 => "The request itself is correct, but it is not possible at the moment. Nothing has changed.",
        410 => "It was public before. Its uploader or a moderator has taken it down.",
        413 | 415 => "We cannot accept what was sent in this form. Nothing has changed.",
        429 => "Too many requests arrived in a short time. Nothing has changed.",
        500.. => "This is our fault, not yours. We have recorded it with the reference in the answer.",
        _ => "Something in the request is wrong. Nothing has changed, and you still have what you wrote.",
    }
}

/// `GET /problems/`
pub async fn index(State(app): State<App>) -> Result<Response, Problem> {
    app.page(StatusCode::OK, Cache::Text, &Problems::new()).await
}

/// `GET /problems/{name}`
pub async fn show(State(app): State<App>, Path(name): Path<String>) -> Result<Response, Problem> {
    let kind = CATALOGUE.iter().find(|kind| kind.slug == name);
    let kind = kind.ok_or_else(|| Problem::new(&NOT_FOUND, "There is no problem of this name."))?;
    app.page(StatusCode::OK, Cache::Text, &ProblemPage::new(kind)).await
}
