//! `/poster` and `/cy/poster`: an A4 page for the staff room, with the date and a QR code. After the day the code leads to the photos.
//!
//! No photo is on it: who sends one agrees to this site, and paper on a wall is another use.

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use jiff::Timestamp;
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

use super::draws::DrawLink;
use crate::App;

/// The poster.
#[derive(Clone, Debug, Template)]
#[template(path = "poster.html")]
pub struct Poster {
    /// The layout that all pages share.
    pub layout: Layout,
    /// The edition's name; empty if no edition has been set up.
    pub edition_name: String,
    /// The edition's date, or its first and last.
    pub day: String,
    /// The hours in which photos are taken; empty if there are several days.
    pub hours: String,
    /// Whether the day is over: the code leads to the gallery, and not to the page that adds photos.
    pub over: bool,
    /// Whether a prize draw can still be entered.
    pub draws: bool,
    /// The address that the code leads to, as people type it.
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
    /// Builds the poster of `edition` at `now`.
    pub fn new(edition: Option<&Edition>, now: Timestamp, lang: Lang, site_origin: &str) -> Self {
        let words = lang.words();
        let over = edition.is_some_and(|edition| edition.is_over(now));
        let address = format!("{site_origin}{}", lang.address(&if over { links::gallery() } else { links::add() }));
        let mut layout = Layout::public(words.poster, Nav::None)
            .described(words.poster_description)
            .speaking(lang, &links::poster())
            .with_styles(&["css/components/print.css"])
            .with_modules(&["js/gallery/print.js"]);
        layout.canonical = format!("{site_origin}{}", lang.address(&links::poster()));
        // An organiser may open earlier than planned.
        let days = |edition: &Edition| {
            let [from, to] = [edition.opens_at, edition.closes_at].map(|at| lang.day(at));
            if from == to { from } else { format!("{from} – {to}") }
        };
        let hours = |edition: &Edition| {
            let (from, to) = (time(edition.opens_at), time(edition.closes_at));
            filled(words.half_hour, &[("from", &from), ("to", &to)])
        };
        Self {
            layout,
            edition_name: edition.map(|edition| edition.name.clone()).unwrap_or_default(),
            day: edition.map(days).unwrap_or_default(),
            hours: edition.filter(|edition| days(edition) == lang.day(edition.opens_at)).map(hours).unwrap_or_default(),
            over,
            draws: !DrawLink::open(edition, now, lang).is_empty(),
            code: Code::new(&address),
            address: address.trim_start_matches("https://").trim_start_matches("http://").to_owned(),
        }
    }

    /// A sample: the poster of the sample edition.
    pub fn sample() -> Self {
        Self::new(sample::edition().as_ref(), sample::morning(), Lang::En, "https://photos.example")
    }

    /// The same sample after the day.
    pub fn sample_after() -> Self {
        let edition = sample::edition();
        let after = edition.as_ref().map_or(Timestamp::UNIX_EPOCH, |edition| edition.grace_ends_at);
        Self::new(edition.as_ref(), after, Lang::En, "https://photos.example")
    }

    /// The same sample in Welsh.
    pub fn sample_welsh() -> Self {
        Self::new(sample::edition().as_ref(), sample::morning(), Lang::Cy, "https://photos.example")
    }
}

/// `GET /poster` and `GET /cy/poster`
pub async fn show(State(app): State<App>, lang: Lang) -> Result<Response, Problem> {
    let edition = app.editions.current().await?;
    app.page(StatusCode::OK, Cache::Text, &Poster::new(edition.as_ref(), app.clock.now(), lang, &app.site_origin)).await
}
