//! `/mine` and `/cy/mine`: the photos of this device. Only the device knows which photos are its own, so the page is the same for
//! everybody, and `assets/js/upload/mine.js` requests the photos.

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use jiff::Timestamp;
use shared::{
    domain::{Edition, edition::Discipline},
    pages::{
        Page,
        lang::Lang,
        layout::{Layout, Nav},
        links,
    },
    web::{Cache, Problem},
};

use super::draws::DrawLink;
use crate::App;

/// The page of the device's own photos.
#[derive(Clone, Debug, Template)]
#[template(path = "mine.html")]
pub struct Mine {
    /// The layout that all pages share.
    pub layout: Layout,
    /// The disciplines to choose from.
    pub disciplines: Vec<Discipline>,
    /// The prize draws of the edition.
    pub draws: Vec<DrawLink>,
}

impl Page for Mine {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Mine {
    /// Builds the page in `lang` as it is at `now`, which is the same for everybody.
    pub fn new(edition: Option<&Edition>, now: Timestamp, lang: Lang) -> Self {
        let layout = Layout::private(lang.words().nav_mine, Nav::Mine)
            .speaking(lang, &links::mine())
            .for_edition(edition)
            .with_modules(&["js/upload/mine.js"])
            .with_styles(&["css/components/mine.css"]);
        let draws = DrawLink::all(edition, now, lang);
        let layout = if draws.is_empty() { layout } else { layout.with_modules(&["js/upload/entering.js"]) };
        Self { layout, disciplines: edition.map(|edition| lang.disciplines(edition)).unwrap_or_default(), draws }
    }
}

/// `GET /mine` and `GET /cy/mine`
pub async fn show(State(app): State<App>, lang: Lang) -> Result<Response, Problem> {
    let edition = app.editions.current().await?;
    app.page(StatusCode::OK, Cache::Text, &Mine::new(edition.as_ref(), app.clock.now(), lang)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_not_for_search_engines() {
        for lang in [Lang::En, Lang::Cy] {
            let html = Mine::new(None, Timestamp::UNIX_EPOCH, lang).render().unwrap();
            assert!(html.contains(r#"<meta name="robots" content="noindex">"#));
            // Nor do links to other languages lead search engines to it.
            assert!(!html.contains(r#"<link rel="alternate""#), "{html}");
        }
    }

    #[test]
    fn the_welsh_page_and_its_scripts_speak_welsh_and_lead_to_welsh_pages() {
        let html = Mine::new(None, Timestamp::UNIX_EPOCH, Lang::Cy).render().unwrap();
        assert!(html.contains("<h1>Fy lluniau</h1>"));
        assert!(html.contains("Llun heb bennawd"), "what the scripts say");
        assert!(html.contains(r#"data-add="/cy/add""#));
        assert!(html.contains(r#"<a href="/cy/mine" aria-current="page">"#));
        assert!(html.contains(r#"<a href="/mine" lang="en-GB" hreflang="en-GB">English</a>"#));
    }
}
