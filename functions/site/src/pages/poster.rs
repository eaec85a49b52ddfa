//! `/poster` and `/cy/poster`: an A4 page for the staff room, with the date and a QR code.

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use shared::{
    domain::Edition,
    pages::{
        Page,
        code::Code,
        format::time,
        lang::{Lang, filled},
        layout::{Layout, Nav},
        links, sample,
    },
    web::{Cache, Problem},
};

use crate::App;

/// The poster.
#[derive(Clone, Debug, Template)]
#[template(path = "poster.html")]
pub struct Poster {
    /// The layout that all pages share.
    pub layout: Layout,
    /// The edition's name; empty if no edition has been set up.
    pub edition_name: String,
    /// The edition's date.
    pub day: String,
    /// The hours in which photos are taken.
    pub hours: String,
    /// The address of the page that adds photos, as people type it.
    pub address: String,
    /// The same address as a QR code.
    pub code: Code,
}

impl Page for Poster {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Poster {
    /// Builds the poster of `edition`.
    pub fn new(edition: Option<&Edition>, lang: Lang, site_origin: &str) -> Self {
        let words = lang.words();
        let address = format!("{site_origin}{}", lang.address(&links::add()));
        let mut layout = Layout::public(words.poster, Nav::None)
            .described(words.poster_description)
            .speaking(lang, &links::poster())
            .with_styles(&["css/components/print.css"])
            .with_modules(&["js/gallery/print.js"]);
        layout.canonical = format!("{site_origin}{}", lang.address(&links::poster()));
        let hours = |edition: &Edition| {
            let (from, to) = (time(edition.opens_at), time(edition.closes_at));
            filled(words.half_hour, &[("from", &from), ("to", &to)])
        };
        Self {
            layout,
            edition_name: edition.map(|edition| edition.name.clone()).unwrap_or_default(),
            day: edition.map(|edition| lang.day(edition.opens_at)).unwrap_or_default(),
            hours: edition.map(hours).unwrap_or_default(),
            code: Code::new(&address),
            address: address.trim_start_matches("https://").trim_start_matches("http://").to_owned(),
        }
    }

    /// A sample: the poster of the sample edition.
    pub fn sample() -> Self {
        Self::new(sample::edition().as_ref(), Lang::En, "https://photos.example")
    }

    /// The same sample in Welsh.
    pub fn sample_welsh() -> Self {
        Self::new(sample::edition().as_ref(), Lang::Cy, "https://photos.example")
    }
}

/// `GET /poster` and `GET /cy/poster`
pub async fn show(State(app): State<App>, lang: Lang) -> Result<Response, Problem> {
    let edition = app.editions.current().await?;
    app.page(StatusCode::OK, Cache::Text, &Poster::new(edition.as_ref(), lang, &app.site_origin)).await
}
