//! `/styleguide`: every component, and every page made from its sample; served on the laptop only.

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use jiff::Timestamp;
use shared::{
    pages::{
        Page,
        lang::Lang,
        layout::{Layout, Nav},
        links,
        message::Message,
        respond,
    },
    web::{Cache, Path, Problem, problem::NOT_FOUND},
};

use super::{
    add::Add,
    day::Day,
    draws::{DrawPage, VerifyPage},
    embed::Embed,
    gallery::Gallery,
    home::Home,
    mine::Mine,
    photo::{Link, Photo},
    poster::Poster,
    problems::{ProblemPage, Problems},
    report::Report,
    school::{Print, School},
    schools::Schools,
    stats::Stats,
    texts::{Accessibility, Privacy, Rules, Safety, TakePart},
    thanks::Thanks,
    transparency::Transparency,
    wall::Wall,
};
use crate::App;

/// The page that lists the samples.
#[derive(Clone, Debug, Template)]
#[template(path = "styleguide.html")]
pub struct Styleguide {
    /// The layout that all pages share.
    pub layout: Layout,
    /// The samples of pages.
    pub pages: Vec<Link>,
    /// The names of colours.
    pub colours: [&'static str; 14],
    /// The slugs of the discipline badges.
    pub trays: [&'static str; 10],
}

impl Page for Styleguide {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Styleguide {
    /// Builds the page, which is the same for everybody.
    pub fn new() -> Self {
        Self {
            layout: Layout::private("Style guide", Nav::None).with_styles(&["css/components/styleguide.css"]),
            pages: SAMPLES
                .iter()
                .map(|(name, _)| Link { href: links::styleguide_page(name), name: (*name).to_owned() })
                .collect(),
            colours: [
                "paper", "bench", "card", "ink", "ink-2", "edge", "hair", "action", "visited", "amber", "red", "green",
                "sulphate", "focus",
            ],
            trays: ["science", "dt", "ict", "art", "food", "music", "drama", "pe", "media", "other"],
        }
    }
}

impl Default for Styleguide {
    fn default() -> Self {
        Self::new()
    }
}

/// Renders one sample for a site with this upload origin.
type Render = fn(&str) -> Result<Response, Problem>;

/// Declares the samples: the name and the page of each.
macro_rules! samples {
    ($($name:literal => $page:expr,)*) => {
        /// Every sample by its name.
        pub const SAMPLES: &[(&str, Render)] = &[$(($name, |upload_origin| sampled(upload_origin, &$page))),*];
    };
}

samples! {
    "home" => Home::sample(),
    "home-welsh" => Home::sample_welsh(),
    "gallery-welsh" => Gallery::sample_welsh(),
    "home-before" => Home::sample_before(),
    "home-after" => Home::sample_after(),
    "add" => Add::sample(),
    "add-before" => Add::sample_before(),
    "add-welsh" => Add::sample_welsh(),
    "mine" => Mine::new(None, Timestamp::UNIX_EPOCH, Lang::En),
    "mine-welsh" => Mine::new(None, Timestamp::UNIX_EPOCH, Lang::Cy),
    "gallery" => Gallery::sample(),
    "gallery-empty" => Gallery::sample_empty(),
    "gallery-search" => Gallery::sample_search(),
    "photo" => Photo::sample(),
    "photo-welsh" => Photo::sample_welsh(),
    "photo-portrait" => Photo::sample_portrait(),
    "photo-hostile" => Photo::sample_hostile(),
    "photo-video" => Photo::sample_video(),
    "school" => School::sample(),
    "school-welsh" => School::sample_welsh(),
    "certificate" => Print::sample_certificate(),
    "certificate-welsh" => Print::sample_certificate_welsh(),
    "sheet" => Print::sample_sheet(),
    "thanks" => Thanks::sample(),
    "thanks-welsh" => Thanks::sample_welsh(),
    "schools" => Schools::sample(),
    "schools-welsh" => Schools::sample_welsh(),
    "wall" => Wall::sample(),
    "wall-empty" => Wall::sample_empty(),
    "day" => Day::sample(),
    "day-welsh" => Day::sample_welsh(),
    "day-before" => Day::sample_before(),
    "stats" => Stats::sample(),
    "embed-photo" => Embed::sample_photo(),
    "embed-gallery" => Embed::sample_gallery(),
    "draw-open" => DrawPage::sample_open(),
    "draw-drawn" => DrawPage::sample_drawn(),
    "draw-drawn-welsh" => DrawPage::sample_drawn_welsh(),
    "draw-verify" => VerifyPage::sample(),
    "draw-verify-welsh" => VerifyPage::sample_welsh(),
    "poster" => Poster::sample(),
    "poster-welsh" => Poster::sample_welsh(),
    "poster-after" => Poster::sample_after(),
    "take-part" => TakePart::sample(),
    "take-part-welsh" => TakePart::sample_welsh(),
    "rules" => Rules::sample(),
    "rules-welsh" => Rules::sample_welsh(),
    "privacy" => Privacy::sample(),
    "accessibility" => Accessibility::sample(),
    "safety" => Safety::sample(),
    "safety-welsh" => Safety::sample_welsh(),
    "problems" => Problems::sample(),
    "problem" => ProblemPage::sample(),
    "not-found" => Message::sample(),
    "offline" => Message::offline(),
    "withdrawn" => Message::sample_withdrawn(),
    "fault" => Message::sample_fault(),
    "report" => Report::sample(),
    "report-taken" => Report::sample_taken(),
    "report-welsh" => Report::sample_welsh(),
    "report-taken-welsh" => Report::sample_taken_welsh(),
    "transparency" => Transparency::sample(),
    "styleguide" => Styleguide::new(),
}

fn sampled(upload_origin: &str, page: &impl Page) -> Result<Response, Problem> {
    respond::rendered(upload_origin, StatusCode::OK, Cache::Never, page, &shared::pages::sample::common())
}

/// `GET /styleguide`
pub async fn index(State(app): State<App>) -> Result<Response, Problem> {
    only_on_the_laptop(&app)?;
    app.page(StatusCode::OK, Cache::Never, &Styleguide::new()).await
}

/// `GET /styleguide/{name}`
pub async fn show(State(app): State<App>, Path(name): Path<String>) -> Result<Response, Problem> {
    only_on_the_laptop(&app)?;
    let (_, render) = SAMPLES.iter().find(|(known, _)| *known == name).ok_or_else(nothing)?;
    render(&app.upload_origin)
}

fn only_on_the_laptop(app: &App) -> Result<(), Problem> {
    if app.styleguide { Ok(()) } else { Err(nothing()) }
}

fn nothing() -> Problem {
    Problem::new(&NOT_FOUND, "There is nothing at this address.")
}
