//! `/wall`: a big screen that is opened once and never touched again. The page brings its first photos along; its module does the rest.

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
        links, sample,
        tile::{Tile, tiles},
    },
    web::{Cache, Problem},
};

use crate::App;

/// Photos that stand on the page itself: what a screen without script shows, and the first thing that any screen does.
const FIRST: usize = 6;

/// The wall.
#[derive(Clone, Debug, Template)]
#[template(path = "wall.html")]
pub struct Wall {
    /// What all pages share.
    pub layout: Layout,
    /// The edition's name.
    pub edition_name: String,
    /// The tags to post with.
    pub tags: String,
    /// Where photos are added.
    pub add: Way,
    /// When that ends, in milliseconds since 1970.
    pub closes_ms: Option<i64>,
    /// Where they can be seen from then on.
    pub after: Way,
    /// This version of the site: a wall that meets another one loads itself anew.
    pub build: &'static str,
    /// The first photos.
    pub tiles: Vec<Tile>,
}

/// An address for people to go to.
#[derive(Clone, Debug)]
pub struct Way {
    /// As people type it.
    pub address: String,
    /// The same as a code to scan.
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
    /// The wall of `edition`, beginning with these photos.
    pub fn of(edition: Option<&Edition>, rows: &[FeedRow], site_origin: &str) -> Self {
        let (tiles, style) = tiles(edition, rows, Lang::En);
        let mut layout = Layout::public("Wall", Nav::None)
            .described("The latest photos for a big screen: open it, press F11, and leave it.")
            .with_styles(&["css/components/wall.css"])
            .with_modules(&["js/wall/wall.js"]);
        layout.canonical = format!("{site_origin}{}", links::wall());
        layout.page_style = style;
        let tags = edition.iter().flat_map(|edition| &edition.hashtags).map(|tag| format!("#{tag}"));
        Self {
            layout,
            edition_name: edition.map(|edition| edition.name.clone()).unwrap_or_default(),
            tags: tags.collect::<Vec<_>>().join(" "),
            add: Way::of(&format!("{site_origin}{}", links::add())),
            closes_ms: edition.map(|edition| edition.closes_at.as_millisecond()),
            after: Way::of(&format!("{site_origin}{}", links::gallery())),
            build: assets::digest(),
            tiles,
        }
    }

    /// A wall with photos.
    pub fn sample() -> Self {
        Self::of(sample::edition().as_ref(), &sample::rows(FIRST), "https://photos.example")
    }

    /// A wall before the first photo.
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
