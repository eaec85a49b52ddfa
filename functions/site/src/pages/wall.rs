//! `/wall`: the page for a big screen that is opened once and never touched again. It contains its first photos; its script does the rest.

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use shared::{
    domain::{
        Edition,
        feed::{FeedRow, Filter},
    },
    pages::{
        Page, assets,
        code::Code,
        lang::Lang,
        layout::{Layout, Nav},
        links, sample, sample_draws,
        tile::{Tile, tiles},
    },
    web::{Cache, Problem},
};

use super::draws::DrawLink;
use crate::App;

/// Number of photos in the page itself: what a screen without scripts shows, and what every screen shows first.
const FIRST: usize = 6;

/// The page of the wall.
#[derive(Clone, Debug, Template)]
#[template(path = "wall.html")]
pub struct Wall {
    /// The layout that all pages share.
    pub layout: Layout,
    /// The edition's name.
    pub edition_name: String,
    /// Hashtags to post with.
    pub tags: String,
    /// The address at which photos are added.
    pub add: Way,
    /// When adding ends, in milliseconds since 1970.
    pub closes_ms: Option<i64>,
    /// The address at which the photos can be seen from then on.
    pub after: Way,
    /// This version of the site: a wall that meets a newer version reloads itself.
    pub build: &'static str,
    /// The names of the subjects by their slugs, as JSON.
    pub subjects: String,
    /// The first photos.
    pub tiles: Vec<Tile>,
    /// What can be won, and who gives it, while the organiser announces nothing; empty if the edition has no prize draw.
    pub prizes: String,
}

/// An address that the wall advertises.
#[derive(Clone, Debug)]
pub struct Way {
    /// The address, as people type it.
    pub address: String,
    /// The same address as a QR code.
    pub code: Code,
}

impl Way {
    fn of(address: &str) -> Self {
        let typed = address.trim_start_matches("https://").trim_start_matches("http://").to_owned();
        Self { address: typed, code: Code::of(address) }
    }
}

impl Page for Wall {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Wall {
    /// Builds the wall of `edition` with its first photos.
    pub fn of(edition: Option<&Edition>, rows: &[FeedRow], site_origin: &str) -> Self {
        let (tiles, style) = tiles(edition, rows, Lang::En);
        let mut layout = Layout::public("Wall", Nav::None)
            .described("The latest photos for a big screen: open it, press F11, and leave it.")
            .with_styles(&["css/components/wall.css"])
            .with_modules(&["js/wall/wall.js"]);
        layout.canonical = format!("{site_origin}{}", links::wall());
        layout.page_style = style;
        let tags = edition.iter().flat_map(|edition| &edition.hashtags).map(|tag| format!("#{tag}"));
        let subjects = edition
            .iter()
            .flat_map(|edition| &edition.disciplines)
            .map(|discipline| (discipline.slug.to_string(), serde_json::Value::from(&*discipline.name)));
        Self {
            layout,
            edition_name: edition.map(|edition| edition.name.clone()).unwrap_or_default(),
            tags: tags.collect::<Vec<_>>().join(" "),
            add: Way::of(&format!("{site_origin}{}", links::add())),
            closes_ms: edition.map(|edition| edition.closes_at.as_millisecond()),
            after: Way::of(&format!("{site_origin}{}", links::gallery())),
            build: assets::digest(),
            subjects: serde_json::Value::Object(subjects.collect()).to_string(),
            tiles,
            prizes: DrawLink::prizes(edition),
        }
    }

    /// A sample with photos.
    pub fn sample() -> Self {
        let edition = sample::edition();
        let edition = edition.map(|edition| Edition { draws: sample_draws::announced(), ..edition });
        Self::of(edition.as_ref(), &sample::rows(FIRST), "https://photos.example")
    }

    /// A sample before the first photo.
    pub fn sample_empty() -> Self {
        Self::of(sample::edition().as_ref(), &[], "https://photos.example")
    }
}

/// `GET /wall`
pub async fn show(State(app): State<App>) -> Result<Response, Problem> {
    let edition = app.editions.current().await?;
    let rows = match &edition {
        Some(edition) => app.gallery.page(edition, &Filter::default(), None, FIRST).await?.photos,
        None => Vec::new(),
    };
    app.page(StatusCode::OK, Cache::Head, &Wall::of(edition.as_ref(), &rows, &app.site_origin)).await
}
