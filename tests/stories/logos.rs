//! Sponsors' logos: set on the console, served by the site itself, and nothing but small PNG files.

use std::time::Duration;

use data_encoding::BASE64;
use http::Method;
use local::edge::CacheMode;
use serde_json::{Value, json};
use shared::{
    domain::{Edition, edition::Sponsor, states::Role},
    runtime::Clock,
    store::editions::Editions,
};
use tests::{
    Answer, Moderator, TestSystem,
    system::{Setting, edition, within},
};

/// One grey pixel.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNkAAAABAACrQFqUAAAAABJRU5ErkJggg==";

async fn set(organiser: &Moderator, sponsor: &str, png: &Value) -> Answer {
    let body = json!({"sponsor": sponsor, "png": png});
    organiser.client.json(Method::PUT, "/api/v1/organiser/logos", &organiser.authorization, &body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logo_is_a_small_png_that_the_site_serves_itself_until_it_is_removed() {
    let sponsor = |name: &str| Sponsor { name: name.into(), url: None, handle: None };
    let sponsored = Edition { sponsors: vec![sponsor("Sample & Sons"), sponsor("Another")], ..edition() };
    let setting = Setting { edition: Some(sponsored.clone()), keeping: CacheMode::Answers, ..Setting::default() };
    let system = TestSystem::with(setting).await;
    let organiser = system.member(Role::Organiser).await;
    let home = async || system.client.get("/").await.text();
    assert!(!home().await.contains("<img"), "the edge keeps the page without it");

    for (png, kind) in [
        (json!(BASE64.encode(b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>")), "invalid"),
        (json!("no base64"), "invalid"),
        (json!(BASE64.encode(&vec![0; 60_001])), "too-large"),
    ] {
        assert_eq!(set(&organiser, "Another", &png).await.problem(), kind, "{png}");
    }
    assert_eq!(set(&organiser, "Somebody else", &json!(PNG)).await.problem(), "invalid");

    let done = set(&organiser, "Sample & Sons", &json!(PNG)).await;
    assert_eq!(done.status, 200, "{}", done.text());
    let event = system.client.get("/api/v1/event").await.json();
    let logo = &event["sponsors"][0]["logo"];
    assert_eq!((&logo["width"], &logo["height"]), (&json!(1), &json!(1)), "{event}");
    assert_eq!(event["sponsors"][1]["logo"], Value::Null);
    let address = logo["url"].as_str().unwrap().to_owned();
    let wall = system.client.get("/api/v1/wall").await.json();
    assert_eq!(wall["slides"][0]["logo"]["url"], json!(address));
    let picture = format!("src=\"{address}\"");
    let told = async |there: bool| {
        within(Duration::from_secs(30), "edges have forgotten the page of before", async || {
            (home().await.contains(&picture) == there).then_some(())
        })
        .await;
    };
    told(true).await;
    assert!(home().await.contains("alt=\"Sample &#38; Sons\""), "{}", home().await);
    let file = system.client.get(&address).await;
    assert_eq!((file.status.as_u16(), file.header("content-type")), (200, "image/png"));
    assert_eq!(file.header("x-content-type-options"), "nosniff");
    assert_eq!(file.body, BASE64.decode(PNG.as_bytes()).unwrap());

    // A deployment keeps it, as long as the sponsor is one.
    let editions = Editions::new(&system.laptop.table, &Clock::system());
    editions.put(&sponsored).await.unwrap();
    assert_eq!(editions.current().await.unwrap().unwrap().logos.len(), 1);

    assert_eq!(set(&organiser, "Sample & Sons", &Value::Null).await.status, 200);
    told(false).await;
    // Pages that were fetched before name the file: it stays for a day, unless the logo comes back.
    assert_eq!(system.client.get(&address).await.status, 200);
    let due = async || {
        let items = system.laptop.aws.dynamodb.scan().table_name("techognition").send().await.unwrap();
        let file = items.items().iter().find(|item| item["PK"].as_s().is_ok_and(|pk| pk == "SPONSOR")).unwrap().clone();
        file.get("ttl").map(|ttl| ttl.as_n().unwrap().parse::<i64>().unwrap() - Clock::system().now().as_second())
    };
    let in_s = due().await.unwrap();
    assert!((86_000..=86_400).contains(&in_s), "deleted in {in_s} s");
    assert_eq!(set(&organiser, "Another", &json!(PNG)).await.status, 200);
    assert_eq!(due().await, None);
    assert_eq!(set(&organiser, "Another", &Value::Null).await.status, 200);
    let log = organiser.get("/api/v1/organiser/activity").await.json();
    let actions: Vec<_> = log["entries"].as_array().unwrap().iter().map(|entry| entry["action"].clone()).collect();
    assert_eq!(actions, ["remove logo", "set logo", "remove logo", "set logo"]);
}
