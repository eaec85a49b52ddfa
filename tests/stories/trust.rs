//! Photos of a device that has proved itself, where the organiser trusts such devices; and the hourly budget of what is taken.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};
use shared::{
    domain::{Edition, trust::Trust},
    runtime::Clock,
    store::budget::Budget,
};
use tests::{
    Device, Moderator, TestSystem,
    people::batch,
    photos::small,
    system::{Setting, edition, eventually},
};

/// Two public photos are enough, and none is picked out for a look, so that the stories always go the same way.
async fn trusting() -> TestSystem {
    checking(0).await
}

/// The same, where so many of a hundred are picked out for a look.
async fn checking(checked_percent: u8) -> TestSystem {
    let trust = Some(Trust { after: 2, checked_percent });
    TestSystem::with(Setting { edition: Some(Edition { trust, ..edition() }), ..Setting::default() }).await
}

/// Registers one photo with pupils in it or not, and sends it; answers with its id.
async fn send(device: &Device, file: &Bytes, people: &str) -> String {
    let mut asked = batch(std::slice::from_ref(file));
    asked["photos"][0]["people"] = json!(people);
    let answer = device.request(&asked).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let reserved = answer.json()["photos"][0].clone();
    assert_eq!(device.put(&reserved, file).await.status, 200);
    id(&reserved)
}

fn id(photo: &Value) -> String {
    photo["id"].as_str().unwrap().to_owned()
}

/// Waits until a photo stands in a lane of those that nobody outside sees; answers with its version.
async fn queued(moderator: &Moderator, id: &str) -> u64 {
    eventually("it waits for a person", async || {
        let waiting = [moderator.queue("normal", 24).await, moderator.queue("held", 24).await].concat();
        waiting.iter().find(|photo| photo["id"] == *id).map(|photo| photo["version"].as_u64().unwrap())
    })
    .await
}

/// Who did what to a photo, as its audit tells it.
async fn actions(moderator: &Moderator, id: &str) -> Vec<String> {
    let audit = moderator.get(&format!("/api/v1/moderation/photos/{id}/audit")).await.json();
    audit["entries"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn after_enough_public_photos_the_next_is_shown_at_once_until_a_person_removes_one() {
    let system = trusting().await;
    let (device, moderator) = (system.device(), system.moderator().await);
    let first = device.add(&[small(1), small(2)]).await;
    assert_eq!(queued(&moderator, &first[0]).await, 2, "nobody has earned anything yet");
    moderator.publish(&first).await;

    let trusted = send(&device, &small(3), "none").await;
    device.until(&trusted, "published").await;
    let public = system.client.get(&format!("/api/v1/photos/{trusted}")).await.json();
    let image = public["renditions"][0]["url"].as_str().unwrap().to_owned();
    assert_eq!(system.client.get(&image).await.status, 200);
    assert_eq!(actions(&moderator, &trusted).await.last().map(String::as_str), Some("trust"));

    // Somebody looks at it afterwards: it stays, and is in no lane any more.
    let unseen = moderator.queue("unseen", 24).await;
    assert_eq!((unseen.len(), unseen[0]["id"].as_str()), (1, Some(trusted.as_str())));
    assert_eq!(moderator.decide(&trusted, 3, "release").await["state"], json!("published"));
    assert!(moderator.queue("unseen", 24).await.is_empty());
    assert_eq!(system.client.get(&image).await.status, 200);

    let pupils = send(&device, &small(4), "pupils").await;
    queued(&moderator, &pupils).await;
    let stranger = system.device().add(&[small(5)]).await;
    queued(&moderator, &stranger[0]).await;

    assert_eq!(moderator.decide(&trusted, 4, "delete").await["state"], json!("deleted"));
    let after = send(&device, &small(6), "none").await;
    queued(&moderator, &after).await;
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_that_is_picked_out_for_a_look_waits_for_a_person_although_its_device_is_trusted() {
    let system = checking(100).await;
    let (device, moderator) = (system.device(), system.moderator().await);
    let first = device.add(&[small(1), small(2)]).await;
    moderator.publish(&first).await;
    let picked = send(&device, &small(3), "none").await;
    queued(&moderator, &picked).await;
    let housekeeping = system.laptop.housekeeping(Clock::system()).unwrap();
    let swept = housekeeping::handle(&housekeeping, housekeeping::Task::Sweep).await.unwrap();
    assert_eq!(swept.shown, 0, "{swept:?}");
    assert_eq!(system.client.get(&format!("/api/v1/photos/{picked}")).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_come_after_the_trust_is_lost_wait_for_a_person() {
    let system = trusting().await;
    let (device, moderator) = (system.device(), system.moderator().await);
    let first = device.add(&[small(1), small(2)]).await;
    moderator.publish(&first).await;
    let late = device.reserve(&[small(3)]).await[0].clone();
    assert_eq!(moderator.decide(&first[0], 3, "hide").await["state"], json!("hidden"));
    assert_eq!(device.put(&late, &small(3)).await.status, 200);
    queued(&moderator, &id(&late)).await;
    assert_eq!(actions(&moderator, &id(&late)).await.last().map(String::as_str), Some("distrust"));
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_left_its_senders_list_is_not_forgotten() {
    let system = trusting().await;
    let moderator = system.moderator().await;
    // Not the same files twice: what was locked away does not come in again.
    for (way, n) in [("quarantine", 0), ("hide", 10)] {
        let device = system.device();
        let first = device.add(&[small(n), small(n + 1), small(n + 2)]).await;
        moderator.publish(&first).await;
        assert!(moderator.decide(&first[0], 3, way).await["state"].is_string());
        if way == "hide" {
            let target = format!("/api/v1/uploads/{}", first[0]);
            assert_eq!(device.call(Method::DELETE, &target, &Value::Null).await.status, 200);
        }
        let next = send(&device, &small(n + 3), "none").await;
        queued(&moderator, &next).await;
    }
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_hour_is_spent_new_photos_wait_for_the_next_and_known_ones_still_arrive() {
    // The storage wants the real time, so the story waits where the hour would end in the middle of it.
    let left = 3_600 - Clock::system().now().as_second().rem_euclid(3_600);
    if left < 45 {
        tokio::time::sleep(Duration::from_secs(46)).await;
    }
    let system = TestSystem::with(Setting {
        edition: Some(Edition { hourly_bytes: 1_000_000_000, ..edition() }),
        ..Setting::default()
    })
    .await;
    let device = system.device();
    let known = batch(&[small(1), small(2)]);
    let taken = device.request(&known).await;
    assert_eq!(taken.status, 201, "{}", taken.text());

    Budget::new(&system.laptop.table).spend(1_000_000_000, Clock::system().now()).await.unwrap();
    let refused = system.device().request(&batch(&[small(3)])).await;
    assert_eq!((refused.status.as_u16(), refused.problem().as_str()), (429, "budget-spent"));
    let wait: u32 = refused.header("retry-after").parse().unwrap();
    assert!((1..=3_600).contains(&wait), "{wait}");

    let again = device.request(&known).await;
    assert_eq!(again.status, 201, "what is registered is not asked for again: {}", again.text());
    for (reserved, file) in again.json()["photos"].as_array().unwrap().iter().zip([small(1), small(2)]) {
        assert_eq!(device.put(reserved, &file).await.status, 200);
        device.until(&id(reserved), "pending").await;
    }
}
