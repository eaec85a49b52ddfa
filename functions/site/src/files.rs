//! What is served as it is: assets under their digest, the icon, the manifest, the word to robots.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::header;
use serde_json::json;
use shared::web::{Cache, Path, Problem, problem::NOT_FOUND};

use crate::{App, assets, links};

/// `GET /assets/{digest}/{path}`. The digest must be the present one: an old page that asks for an old file learns that it is
/// gone, instead of getting a new file that does not fit it.
pub async fn asset(Path((digest, path)): Path<(String, String)>) -> Result<Response, Problem> {
    let bytes = assets::find(&path).filter(|_| digest == assets::digest());
    let bytes = bytes.ok_or_else(|| Problem::new(&NOT_FOUND, "There is no such file in this version of the site."))?;
    Ok((Cache::Immutable, [(header::CONTENT_TYPE, assets::content_type(&path))], bytes).into_response())
}

/// `GET /favicon.svg`, and `/favicon.ico` for those who ask without looking.
pub async fn favicon() -> Result<Response, Problem> {
    let bytes = assets::find("images/favicon.svg").ok_or_else(|| Problem::new(&NOT_FOUND, "There is no icon."))?;
    Ok((Cache::Text, [(header::CONTENT_TYPE, "image/svg+xml")], bytes).into_response())
}

/// `GET /manifest.webmanifest`: the site as an application.
pub async fn manifest(State(app): State<App>) -> Result<Response, Problem> {
    let edition = app.editions.current().await?;
    let manifest = json!({
        "name": edition.map_or_else(|| "#TECHOGNITION photo day".to_owned(), |edition| edition.name),
        "short_name": "TECHOGNITION",
        "description": "The work of the technicians of schools and colleges.",
        "lang": "en-GB",
        "start_url": links::add(),
        "scope": links::home(),
        "display": "standalone",
        "background_color": "#FBF7EF",
        "theme_color": "#FBF7EF",
        "icons": [{"src": links::favicon(), "type": "image/svg+xml", "sizes": "any", "purpose": "any"}],
    });
    Ok((Cache::Text, [(header::CONTENT_TYPE, "application/manifest+json")], manifest.to_string()).into_response())
}

/// `GET /robots.txt`
pub async fn robots() -> Response {
    let text = "User-agent: *\nDisallow: /moderation/\nDisallow: /mine\nDisallow: /api/\n";
    (Cache::Text, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}
