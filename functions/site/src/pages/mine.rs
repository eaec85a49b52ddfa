//! `/mine`: the photos of this device. Who they belong to is known to the device alone, so the page is the same for everybody
//! and `assets/js/upload/mine.js` asks for the photos.

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
    frame::{Frame, Nav},
};

/// The photos of this device.
#[derive(Clone, Debug, Template)]
#[template(path = "mine.html")]
pub struct Mine {
    /// What all pages share.
    pub frame: Frame,
}

impl Page for Mine {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

impl Mine {
    /// The page; it is the same for everybody.
    pub fn of(edition: Option<&Edition>) -> Self {
        let frame = Frame::private("My photos", Nav::Mine)
            .for_edition(edition)
            .with_modules(&["js/upload/mine.js"])
            .with_styles(&["css/components/mine.css"]);
        Self { frame }
    }
}

/// `GET /mine`
pub async fn show(State(app): State<App>) -> Result<Response, Problem> {
    let edition = app.editions.current().await?;
    app.page(StatusCode::OK, Cache::Text, &Mine::of(edition.as_ref())).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_not_for_search_engines() {
        assert!(Mine::of(None).render().unwrap().contains(r#"<meta name="robots" content="noindex">"#));
    }
}
