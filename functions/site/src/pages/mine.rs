//! `/mine`: the photos of this device. Who they belong to is known to the device alone, so the page is the same for everybody
//! and `assets/js/upload/mine.js` asks for the photos.

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use shared::web::{Cache, Problem};

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
    pub fn new() -> Self {
        let frame = Frame::private("My photos", Nav::Mine)
            .with_modules(&["js/upload/mine.js"])
            .with_styles(&["css/components/mine.css"]);
        Self { frame }
    }
}

impl Default for Mine {
    fn default() -> Self {
        Self::new()
    }
}

/// `GET /mine`
pub async fn show(State(app): State<App>) -> Result<Response, Problem> {
    app.page(StatusCode::OK, Cache::Text, &Mine::new()).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_not_for_search_engines() {
        assert!(Mine::new().render().unwrap().contains(r#"<meta name="robots" content="noindex">"#));
    }
}
