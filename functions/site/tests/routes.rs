//! The router, without anything behind it: each answer here needs no table.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use axum::body::Body;
use http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use shared::{
    pages::assets,
    runtime::{Clock, Environment},
    store::{Aws, client::Endpoints},
    web::edge::EDGE_SECRET,
};
use site::{App, Config, ROUTES, router};
use tower::ServiceExt;

/// By what the edge is known.
const EDGE: &str = "a-secret-of-this-test";

/// An app whose services are not there.
fn app(styleguide: bool) -> App {
    let nowhere = "http://127.0.0.1:9".to_owned();
    let endpoints = Endpoints {
        cloudfront: nowhere.clone(),
        dynamodb: nowhere.clone(),
        s3: nowhere.clone(),
        sqs: nowhere,
        region: "eu-west-2".into(),
        access_key: "test".into(),
        secret_key: "test".into(),
    };
    let environment = Environment::from(Config::VARS, |name| {
        let value = match name {
            "EDGE_SECRETS" => EDGE,
            "SITE_ORIGIN" => "https://photos.example",
            "UPLOAD_ORIGIN" => "https://storage.example",
            "STYLEGUIDE" if styleguide => "on",
            _ => "nothing",
        };
        Some(value.to_owned())
    });
    let config = Config::from(&environment.unwrap());
    App::new(&config, &Aws::at(&endpoints), Clock::new(|| "2027-03-05T12:00:00Z".parse().unwrap()))
}

async fn get(path: &str, styleguide: bool) -> (StatusCode, http::HeaderMap, String) {
    let request = Request::get(path).header(EDGE_SECRET, EDGE).body(Body::empty()).unwrap();
    let response = router(app(styleguide)).oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = String::from_utf8_lossy(&body.collect().await.unwrap().to_bytes()).into_owned();
    (parts.status, parts.headers, body)
}

#[tokio::test]
async fn what_did_not_come_by_the_edge_is_refused_without_words() {
    for sent in [None, Some("a-secret-of-another"), Some("")] {
        let mut request = Request::get("/favicon.svg");
        if let Some(secret) = sent {
            request = request.header(EDGE_SECRET, secret);
        }
        let answer = router(app(true)).oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{sent:?}");
        assert_eq!(answer.headers().get(header::CACHE_CONTROL).unwrap(), "no-store");
        assert!(answer.into_body().collect().await.unwrap().to_bytes().is_empty(), "{sent:?}");
    }
    assert_eq!(get("/favicon.svg", true).await.0, StatusCode::OK);
}

#[tokio::test]
async fn every_listed_route_is_served() {
    // All at once: each answer asks for the edition, and waits until the table has not answered often enough.
    futures::future::join_all(ROUTES.iter().map(async |route| {
        let path = route
            .strip_prefix("GET ")
            .unwrap()
            .replace("{digest}/{*path}", &format!("{}/css/site.css", assets::digest()))
            .replace("{name}", "photo-not-found")
            .replace("{id}", "aeaqcaibaeaqcaibaeaqcaibae")
            .replace("{school}", "sample-academy")
            .replace("{edition}", "2027");
        let post = Request::post(&path).header(EDGE_SECRET, EDGE).body(Body::empty()).unwrap();
        let answer = router(app(true)).oneshot(post).await.unwrap();
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED, "{route} is not a route");
    }))
    .await;
}

#[test]
fn every_welsh_page_has_an_english_one() {
    for route in ROUTES {
        if let Some(english) = route.strip_prefix("GET /cy") {
            assert!(ROUTES.contains(&format!("GET {english}").as_str()), "{route}");
        }
    }
}

#[tokio::test]
async fn an_asset_is_kept_for_a_year_under_the_present_digest_only() {
    let (status, headers, body) = get(&assets::url("css/site.css"), false).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
    assert_eq!(headers[header::CONTENT_TYPE], "text/css; charset=utf-8");
    assert!(body.starts_with("@layer reset, tokens, base, layout, components;"));
    let (status, headers, _) = get("/assets/000000000000/css/site.css", false).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(headers[header::CACHE_CONTROL], "no-store");
}

#[tokio::test]
async fn a_problem_is_a_page_with_its_status() {
    let (status, headers, body) = get("/nothing/at/all", false).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(headers[header::CONTENT_TYPE], "text/html; charset=utf-8");
    assert!(headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().contains("style-src 'self'"));
    assert!(headers.contains_key("x-content-type-options"));
    assert!(body.contains("<h1>There is nothing at this address</h1>"), "{body}");
    let (status, _, body) = get("/p/not-an-id", false).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(body.contains("This photo cannot be found"));
}

#[tokio::test]
async fn the_style_guide_is_not_there_unless_the_settings_say_so() {
    assert_eq!(get("/styleguide", false).await.0, StatusCode::NOT_FOUND);
    assert_eq!(get("/styleguide/home", false).await.0, StatusCode::NOT_FOUND);
    assert_eq!(get("/styleguide", true).await.0, StatusCode::OK);
    assert_eq!(get("/styleguide/home", true).await.0, StatusCode::OK);
}

#[tokio::test]
async fn every_problem_has_its_page() {
    // All at once: each waits for a banner that nobody sends.
    let asked = shared::web::problem::CATALOGUE.iter().map(async |kind| {
        let (status, _, body) = get(&format!("/problems/{}", kind.slug), false).await;
        assert_eq!(status, StatusCode::OK, "{}", kind.slug);
        assert!(body.contains("<h1>"));
    });
    futures::future::join_all(asked).await;
    assert_eq!(get("/problems/made-up", false).await.0, StatusCode::NOT_FOUND);
}
