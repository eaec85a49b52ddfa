//! Moderators' favourites: one press picks a published photo, everybody is told, and a photo that leaves the site is no favourite any more.

use std::time::Duration;

use http::Method;
use local::edge::CacheMode;
use serde_json::{Value, json};
use tests::{
    Answer, Moderator, TestSystem,
    photos::small,
    system::{Setting, within},
};

const LABEL: &str = "Moderators’ favourite at ";

async fn pick(moderator: &Moderator, id: &str, version: u64, picked: bool) -> Answer {
    let body = json!({"version": version, "picked": picked});
    let target = format!("/api/v1/moderation/photos/{id}/pick");
    moderator.client.json(Method::PUT, &target, &moderator.authorization, &body).await
}

/// The ids of a page of the feed.
async fn listed(system: &TestSystem, query: &str) -> Vec<String> {
    let answer = system.client.get(&format!("/api/v1/photos{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let photos = answer.json()["photos"].as_array().unwrap().clone();
    photos.iter().map(|photo| photo["id"].as_str().unwrap().to_owned()).collect()
}

/// The addresses at which the public is told of the pick.
async fn telling(system: &TestSystem, id: &str) -> Vec<String> {
    let mut found = Vec::new();
    for address in [
        "/".into(),
        "/cy/".into(),
        "/gallery".into(),
        "/gallery?picked=true".into(),
        "/s/sample-academy".into(),
        format!("/p/{id}"),
        format!("/cy/p/{id}"),
    ] {
        let page = system.client.get(&address).await.text();
        if page.contains(LABEL) || page.contains("Ffefryn y cymedrolwyr am ") {
            found.push(address);
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picked_photo_is_a_favourite_everywhere_and_can_be_taken_back() {
    let system = TestSystem::with(Setting { keeping: CacheMode::Answers, ..Setting::default() }).await;
    let (device, moderator) = (system.device(), system.moderator().await);
    let ids = device.add(&(0..6).map(small).collect::<Vec<_>>()).await;
    moderator.publish(&ids).await;
    let id = &ids[2];
    let photo = async || system.client.get(&format!("/api/v1/photos/{id}")).await.json();
    // Edges keep the pages without it.
    assert_eq!(telling(&system, id).await, Vec::<String>::new());
    assert_eq!(photo().await["picked_at"], Value::Null);
    let seq = system.client.get("/api/v1/wall").await.json()["seq"].as_i64().unwrap();

    let picked = pick(&moderator, id, 3, true).await;
    assert_eq!((picked.status.as_u16(), picked.json()["version"].as_u64()), (200, Some(4)), "{}", picked.text());
    // Edges are told within seconds.
    let told = async |addresses: usize, is_picked: bool| {
        within(Duration::from_secs(30), "edges have forgotten the answers of before", async || {
            let same = photo().await["picked_at"].is_string() == is_picked;
            (same && telling(&system, id).await.len() == addresses).then_some(())
        })
        .await;
    };
    told(7, true).await;
    assert_eq!(listed(&system, "?picked=true").await, std::slice::from_ref(id));
    assert_eq!(listed(&system, "").await.len(), 6);
    let wall = system.client.get(&format!("/api/v1/wall?since={seq}")).await.json();
    let news: Vec<_> =
        wall["photos"].as_array().unwrap().iter().filter(|photo| photo["picked_at"].is_string()).collect();
    assert_eq!(news.len(), 1, "{wall}");

    // Picked twice is picked once; what was seen before is refused.
    assert_eq!(pick(&moderator, id, 4, true).await.json()["version"], 4);
    let late = pick(&moderator, id, 3, false).await;
    assert_eq!((late.status.as_u16(), late.problem()), (409, "version-outdated".to_owned()));

    assert_eq!(pick(&moderator, id, 4, false).await.json()["version"], 5);
    told(0, false).await;
    assert!(listed(&system, "?picked=true").await.is_empty());
    let audit = moderator.get(&format!("/api/v1/moderation/photos/{id}/audit")).await.json();
    let actions: Vec<_> = audit["entries"].as_array().unwrap().iter().map(|entry| entry["action"].clone()).collect();
    assert_eq!(actions, ["reserve", "ingest", "publish", "pick", "unpick"]);
    assert_eq!(audit["whole"], true);
    system.audit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_favourite_that_leaves_the_site_is_none_any_more_and_does_not_come_back_as_one() {
    let system = TestSystem::open().await;
    let (device, moderator) = (system.device(), system.moderator().await);
    let ids = device.add(&(0..5).map(small).collect::<Vec<_>>()).await;
    moderator.publish(&ids).await;
    for id in &ids {
        assert_eq!(pick(&moderator, id, 3, true).await.status, 200);
    }
    assert_eq!(listed(&system, "?picked=true").await.len(), 5);

    assert_eq!(moderator.decide(&ids[0], 4, "hide").await["state"], "hidden");
    assert_eq!(moderator.decide(&ids[1], 4, "unpublish").await["state"], "pending");
    assert_eq!(moderator.decide(&ids[1], 5, "reject").await["state"], "rejected");
    let withdrawn = device.call(Method::DELETE, &format!("/api/v1/uploads/{}", ids[2]), &Value::Null).await;
    assert_eq!(withdrawn.status, 200, "{}", withdrawn.text());
    let edited = device.call(Method::PATCH, &format!("/api/v1/uploads/{}", ids[3]), &json!({"caption": "New"})).await;
    assert_eq!(edited.status, 200, "{}", edited.text());
    assert_eq!(listed(&system, "?picked=true").await, std::slice::from_ref(&ids[4]));

    assert_eq!(moderator.decide(&ids[0], 5, "restore").await["state"], "published");
    assert_eq!(
        listed(&system, "?picked=true").await,
        std::slice::from_ref(&ids[4]),
        "shown again, it is no favourite by itself"
    );
    let waiting = pick(&moderator, &ids[3], 5, true).await;
    assert_eq!((waiting.status.as_u16(), waiting.problem()), (409, "not-renewable".to_owned()));

    // New words of a moderator leave it a favourite.
    let words = json!({"version": 4, "caption": "Better words"});
    let target = format!("/api/v1/moderation/photos/{}", ids[4]);
    let reworded = moderator.client.json(Method::PATCH, &target, &moderator.authorization, &words).await;
    assert_eq!(reworded.status, 200, "{}", reworded.text());
    assert_eq!(listed(&system, "?picked=true").await, std::slice::from_ref(&ids[4]));
    system.audit().await;
}
