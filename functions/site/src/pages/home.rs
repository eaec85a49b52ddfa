//! `/`: the state of the day, the latest photos, the disciplines, and how it works.

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use jiff::Timestamp;
use shared::{
    domain::{
        Edition,
        edition::Sponsor,
        feed::{FeedRow, Filter},
    },
    pages::{
        Page,
        lang::Lang,
        layout::{Card, Layout, Nav},
        sample, sample_draws,
        tile::{self, DisciplineBadge, Tile, tiles},
    },
    web::{Cache, Problem},
};

use super::draws::DrawLink;
use crate::{App, state::StateLine};

/// Number of photos on the home page.
const LATEST: usize = 12;

/// The home page.
#[derive(Clone, Debug, Template)]
#[template(path = "home.html")]
pub struct Home {
    /// The layout that all pages share.
    pub layout: Layout,
    /// The edition's name; empty if no edition has been set up.
    pub edition_name: String,
    /// The state line of the day; `None` if no edition has been set up.
    pub state: Option<StateLine>,
    /// Whether the day is over, so that no photos can be added.
    pub over: bool,
    /// The latest photos.
    pub tiles: Vec<Tile>,
    /// The disciplines.
    pub disciplines: Vec<DisciplineBadge>,
    /// The prize draws of the edition.
    pub draws: Vec<DrawLink>,
    /// The sponsors of the day.
    pub sponsors: Vec<Sponsor>,
}

impl Page for Home {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Home {
    /// Builds the home page of `edition` at `now` with its latest photos, newest first.
    pub fn of(edition: Option<&Edition>, latest: &[FeedRow], now: Timestamp, lang: Lang, site_origin: &str) -> Self {
        let (tiles, style) = tiles(edition, latest, lang);
        let state = edition.map(|edition| StateLine::of(edition, now));
        let counts = state.as_ref().is_some_and(|state| state.countdown.is_some());
        let mut layout = Layout::public("", Nav::Home)
            .described(
                "One day a year, the technicians of schools and colleges show the work that usually nobody sees.",
            )
            .speaking(lang, "/")
            .for_edition(edition)
            .with_feed(None, &Filter::default(), "The latest photos")
            .with_modules(if counts { &["js/countdown.js"] } else { &[] });
        layout.canonical = format!("{site_origin}{}", lang.address("/"));
        layout.page_style = style;
        let name = edition.map_or_else(|| "#TECHOGNITION photo day".to_owned(), |edition| edition.name.clone());
        layout.card = Some(Card {
            kind: "website",
            title: name.clone(),
            site_name: name,
            published_iso: String::new(),
            image: latest.first().and_then(|row| tile::card_image(row, lang, site_origin)),
        });
        Self {
            layout,
            edition_name: edition.map(|edition| edition.name.clone()).unwrap_or_default(),
            over: edition.is_some_and(|edition| edition.is_over(now)),
            state,
            tiles,
            disciplines: edition
                .map(|e| {
                    e.disciplines.iter().map(|discipline| DisciplineBadge::of(Some(e), &discipline.slug, lang)).collect()
                })
                .unwrap_or_default(),
            draws: DrawLink::of(edition, lang),
            sponsors: edition
                .map(|edition| edition.sponsors.iter().cloned().map(linked_safely).collect())
                .unwrap_or_default(),
        }
    }

    /// A sample of a busy day.
    pub fn sample() -> Self {
        let edition = sample::edition().map(|edition| Edition {
            sponsors: vec![Sponsor {
                name: "Sample sponsor".into(),
                url: Some("https://example.org".into()),
                handle: None,
            }],
            draws: sample_draws::announced(),
            ..edition
        });
        Self::of(edition.as_ref(), &sample::rows(LATEST), sample::morning(), Lang::En, "https://photos.example")
    }

    /// The same sample in Welsh.
    pub fn sample_welsh() -> Self {
        let edition = sample::edition();
        Self::of(edition.as_ref(), &sample::rows(LATEST), sample::morning(), Lang::Cy, "https://photos.example")
    }

    /// A sample from months before the day, without photos.
    pub fn sample_before() -> Self {
        let edition = sample::edition();
        let early = edition
            .as_ref()
            .map_or(Timestamp::UNIX_EPOCH, |e| e.opens_at - jiff::SignedDuration::from_hours(24 * 102 + 11));
        Self::of(edition.as_ref(), &[], early, Lang::En, "https://photos.example")
    }
}

/// Removes a sponsor's address unless it is a web address, so that it does not become a link.
fn linked_safely(sponsor: Sponsor) -> Sponsor {
    let url = sponsor.url.filter(|url| url.starts_with("https://") || url.starts_with("http://"));
    Sponsor { url, ..sponsor }
}

/// `GET /` and `GET /cy/`
pub async fn show(State(app): State<App>, lang: Lang) -> Result<Response, Problem> {
    let edition = app.editions.current().await?;
    let latest = match &edition {
        Some(edition) => app.gallery.page(edition, &Filter::default(), None, LATEST).await?.photos,
        None => Vec::new(),
    };
    let home = Home::of(edition.as_ref(), &latest, app.clock.now(), lang, &app.site_origin);
    app.page(StatusCode::OK, Cache::Head, &home).await
}
