//! `/moderation/styleguide`: every page of the console, made from its sample; served on the laptop only.

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use shared::{
    pages::{
        Page,
        layout::{Layout, Nav},
        links, respond,
    },
    web::{Cache, Path, Problem, problem::NOT_FOUND},
};

use crate::{
    App,
    day::{activity_page::Activity, dashboard_page::Dashboard, page::OrganiserDay},
    draws::{list_page::DrawList, page::DrawPage},
    people::page::PeoplePage,
    photo::{cover_page::Cover, page::ModerationPhoto},
    quarantine::page::Quarantine,
    queue::page::Queue,
    session::{account_page::You, sign_in_page::SignIn},
};

/// The page that lists the samples.
#[derive(Clone, Debug, Template)]
#[template(path = "styleguide.html")]
pub struct Styleguide {
    /// The layout that all pages share.
    pub layout: Layout,
    /// The samples: name and address of each.
    pub pages: Vec<(&'static str, String)>,
}

impl Page for Styleguide {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

/// Renders one sample.
type Render = fn() -> Result<Response, Problem>;

/// Declares the samples: the name and the page of each.
macro_rules! samples {
    ($($name:literal => $page:expr,)*) => {
        /// Every sample by its name.
        pub const SAMPLES: &[(&str, Render)] = &[$(($name, || sampled(&$page))),*];
    };
}

samples! {
    "sign-in" => SignIn::new(),
    "queue" => Queue::sample(),
    "queue-empty" => Queue::sample_empty(),
    "queue-reported" => Queue::sample_reported(),
    "photo" => ModerationPhoto::sample(),
    "cover" => Cover::sample(),
    "quarantine" => Quarantine::sample(),
    "dashboard" => Dashboard::sample(),
    "day" => OrganiserDay::sample(),
    "draws" => DrawList::sample(),
    "draws-empty" => DrawList::sample_empty(),
    "draw-incomplete" => DrawPage::sample_incomplete(),
    "draw-open" => DrawPage::sample_open(),
    "draw-awaiting" => DrawPage::sample_awaiting(),
    "draw-observed" => DrawPage::sample_observed(),
    "draw-drawn" => DrawPage::sample_drawn(),
    "draw-settled" => DrawPage::sample_settled(),
    "activity" => Activity::sample(),
    "people" => PeoplePage::sample(),
    "you" => You::sample(),
}

fn sampled(page: &impl Page) -> Result<Response, Problem> {
    respond::rendered("", StatusCode::OK, Cache::Never, page, &shared::pages::sample::common())
}

/// `GET /moderation/styleguide`
pub async fn index(State(app): State<App>) -> Result<Response, Problem> {
    only_on_the_laptop(&app)?;
    let pages = SAMPLES.iter().map(|(name, _)| (*name, links::console_styleguide_page(name))).collect();
    app.page(&Styleguide { layout: Layout::private("Pages of the console", Nav::None), pages }).await
}

/// `GET /moderation/styleguide/{name}`
pub async fn show(State(app): State<App>, Path(name): Path<String>) -> Result<Response, Problem> {
    only_on_the_laptop(&app)?;
    let (_, render) = SAMPLES.iter().find(|(known, _)| *known == name).ok_or_else(nothing)?;
    render()
}

fn only_on_the_laptop(app: &App) -> Result<(), Problem> {
    if app.styleguide { Ok(()) } else { Err(nothing()) }
}

fn nothing() -> Problem {
    Problem::new(&NOT_FOUND, "There is nothing at this address.")
}
