//! `/poster`: a page of A4 for the staff room, with the day and a code to scan.

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use shared::{
    domain::Edition,
    web::{Cache, Problem},
};

use super::Page;
use crate::{
    App,
    code::Code,
    frame::{Frame, Nav},
    links, sample, words,
};

/// The poster.
#[derive(Clone, Debug, Template)]
#[template(path = "poster.html")]
pub struct Poster {
    /// What all pages share.
    pub frame: Frame,
    /// The edition's name; empty while none has been set up.
    pub edition_name: String,
    /// Its day.
    pub day: String,
    /// Its hours.
    pub hours: String,
    /// Where photos are added, as people type it.
    pub address: String,
    /// The same as a code to scan.
    pub code: Code,
}

impl Page for Poster {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

impl Poster {
    /// The poster of `edition`.
    pub fn of(edition: Option<&Edition>, site_origin: &str) -> Self {
        let address = format!("{site_origin}{}", links::add());
        Self {
            frame: Frame::public("Poster", Nav::None)
                .described("A poster with a code to scan, to print and hang up in the staff room.")
                .with_styles(&["css/components/print.css"])
                .with_modules(&["js/gallery/print.js"]),
            edition_name: edition.map(|edition| edition.name.clone()).unwrap_or_default(),
            day: edition.map(|edition| words::day(edition.opens_at)).unwrap_or_default(),
            hours: edition
                .map(|edition| format!("{} to {}", words::time(edition.opens_at), words::time(edition.closes_at)))
                .unwrap_or_default(),
            code: Code::of(&address),
            address: address.trim_start_matches("https://").trim_start_matches("http://").to_owned(),
        }
    }

    /// The sample edition's poster.
    pub fn sample() -> Self {
        Self::of(sample::edition().as_ref(), "https://photos.example")
    }
}

/// `GET /poster`
pub async fn show(State(app): State<App>) -> Result<Response, Problem> {
    let edition = app.editions.current().await?;
    app.page(StatusCode::OK, Cache::Text, &Poster::of(edition.as_ref(), &app.config.site_origin)).await
}
