//! Files that are served as they are: assets under their digest, icons, the manifest, the service worker, QR codes, `robots.txt`.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use jiff::Timestamp;
use serde_json::json;
use shared::{
    domain::{ids::Sha256Hex, limits},
    pages::{Page, assets, lang::Lang, layout::Layout, links, message::Message},
    web::{Cache, Path, Problem, problem::NOT_FOUND, qr},
};

use crate::{
    App,
    pages::{add::Add, mine::Mine, wall::Wall},
};

/// The content security policy for scripts. A worker has the policy of its own script, not that of its page: it imports modules of this
/// site and sends requests to this site.
const SCRIPT_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; script-src 'self'; connect-src 'self'");

/// `GET /assets/{digest}/{path}`. The digest must be the present one: an old page that asks for an old file is told that it is gone,
/// instead of getting a new file that does not fit the page.
pub async fn asset(Path((digest, path)): Path<(String, String)>) -> Result<Response, Problem> {
    let bytes = assets::find(&path).filter(|_| digest == assets::digest());
    let bytes = bytes.ok_or_else(|| Problem::new(&NOT_FOUND, "There is no such file in this version of the site."))?;
    let mut response = (Cache::Immutable, [(header::CONTENT_TYPE, assets::content_type(&path))], bytes).into_response();
    if assets::content_type(&path).starts_with("text/javascript") {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, SCRIPT_POLICY);
    }
    Ok(response)
}

/// `GET /service-worker.js`: the script that keeps the pages for adding photos on a device, and the wall's page on a screen. It begins with
/// the list of files that these pages need, so the script changes whenever one of the files does.
pub async fn service_worker() -> Result<Response, Problem> {
    let script = assets::find("js/service-worker.js").and_then(|bytes| std::str::from_utf8(bytes).ok());
    let script = script.ok_or_else(|| Problem::new(&NOT_FOUND, "There is no service worker."))?;
    let (add, mine) = (links::add(), links::mine());
    let welsh = [&add, &mine].map(|page| Lang::Cy.address(page));
    // The script uses the first page for adding photos, and the last one when there is no network.
    let pages: Vec<String> = [add, mine].into_iter().chain(welsh).chain([links::offline()]).collect();
    // A page needs the same files in each language.
    let frames = [
        Add::sample().layout().clone(),
        Mine::new(None, Timestamp::UNIX_EPOCH, Lang::En).layout().clone(),
        Wall::sample_empty().layout().clone(),
    ];
    // The wall's page contains photos: it is kept only on the devices that opened it, and not on every phone.
    let screens = [links::wall()];
    let shell = json!({ "version": assets::digest(), "files": shell(&frames), "pages": pages, "screens": screens });
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, SCRIPT_POLICY),
    ];
    Ok((Cache::Text, headers, format!("self.SHELL = {shell};\n{script}")).into_response())
}

/// Returns the addresses of everything that these pages fetch, including the modules that they fetch only when needed.
fn shell(frames: &[Layout]) -> Vec<String> {
    let mut paths: Vec<&str> = vec!["css/site.css", "images/icon-192.png"];
    for layout in frames {
        let entries = layout.entries();
        paths.extend(assets::module_graph(&entries));
        paths.extend(&layout.styles);
    }
    let rooms = ["js/cover/", "js/picture/", "js/upload/"];
    paths.extend(assets::paths().filter(|path| rooms.iter().any(|room| path.starts_with(room))));
    paths.sort_unstable();
    paths.dedup();
    paths.into_iter().map(assets::url).collect()
}

/// `GET /qr/{name}`: QR codes that lead to a page of this site, for posters and for a screen beside a phone.
pub async fn qr_code(State(app): State<App>, Path(name): Path<String>) -> Result<Response, Problem> {
    let page = match name.as_str() {
        "add.svg" => links::add(),
        "add-cy.svg" => Lang::Cy.address(&links::add()),
        "home.svg" => links::home(),
        _ => return Err(Problem::new(&NOT_FOUND, "There is no such code.")),
    };
    let svg = qr::svg(&format!("{}{page}", app.site_origin))?;
    Ok((Cache::Text, [(header::CONTENT_TYPE, "image/svg+xml")], svg).into_response())
}

/// `GET /logos/{name}`: the file of a sponsor's logo, by its hash: a changed logo has another address.
pub async fn logo(State(app): State<App>, Path(name): Path<String>) -> Result<Response, Problem> {
    let absent = || Problem::new(&NOT_FOUND, "There is no such logo.");
    let hash: Sha256Hex = name.strip_suffix(".png").and_then(|hash| hash.parse().ok()).ok_or_else(absent)?;
    let png = app.logos.get(&hash).await?.ok_or_else(absent)?;
    Ok((Cache::Immutable, [(header::CONTENT_TYPE, "image/png")], png).into_response())
}

/// `GET /favicon.svg`, and `/favicon.ico` for browsers that request it by default.
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
        "id": links::add(),
        "start_url": links::add(),
        "scope": links::home(),
        "display": "standalone",
        "background_color": "#FBF7EF",
        "theme_color": "#FBF7EF",
        "icons": [
            {"src": links::favicon(), "type": "image/svg+xml", "sizes": "any", "purpose": "any"},
            {"src": assets::url("images/icon-192.png"), "type": "image/png", "sizes": "192x192", "purpose": "any"},
            {"src": assets::url("images/icon-512.png"), "type": "image/png", "sizes": "512x512", "purpose": "any"},
            {"src": assets::url("images/icon-maskable-512.png"), "type": "image/png", "sizes": "512x512", "purpose": "maskable"},
        ],
        "shortcuts": [
            {"name": "Add photos", "url": links::add()},
            {"name": "My photos", "url": links::mine()},
        ],
        // The service worker answers this address: a shared file never goes through a function.
        "share_target": {
            "action": links::share_target(),
            "method": "POST",
            "enctype": "multipart/form-data",
            "params": {"files": [{"name": "photos", "accept": limits::TYPES}]},
        },
    });
    Ok((Cache::Text, [(header::CONTENT_TYPE, "application/manifest+json")], manifest.to_string()).into_response())
}

/// `GET /robots.txt`
pub async fn robots() -> Response {
    let text = "User-agent: *\nDisallow: /moderation/\nDisallow: /mine\nDisallow: /cy/mine\nDisallow: /api/\n";
    (Cache::Text, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

/// `GET /offline`: the page that the service worker fetches once and keeps.
pub async fn offline(State(app): State<App>) -> Result<Response, Problem> {
    app.page(StatusCode::OK, Cache::Text, &Message::offline()).await
}
