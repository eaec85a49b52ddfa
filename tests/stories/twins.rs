//! What two people must agree to show is not shown by one of them when it is sent again as another photo.

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};
use shared::{
    domain::{Edition, states::Role, trust::Trust},
    runtime::Clock,
};
use tests::{
    Device, Moderator, TestSystem,
    photos::squares,
    system::{Setting, edition, eventually},
};

/// The picture, with enough in it to be known by its look.
fn picture() -> Bytes {
    squares(1)
}

/// The same picture in another file: what stands behind the end of a JPEG is not looked at.
fn saved_again() -> Bytes {
    [picture().as_ref(), b"saved again"].concat().into()
}

/// Publishes a photo; two strangers say that a pupil is in it.
async fn confirmed(system: &TestSystem, moderator: &Moderator, id: &str) {
    moderator.publish(&[id.to_owned()]).await;
    for reporter in [&system.client, &system.elsewhere(2)] {
        let target = format!("/api/v1/photos/{id}/reports");
        let taken = reporter.json(Method::POST, &target, "", &json!({"reason": "pupil"})).await;
        assert_eq!(taken.status, 202, "{}", taken.text());
    }
}

/// A photo as a lane of the queue has it.
async fn waiting(moderator: &Moderator, lane: &str, id: &str) -> Option<Value> {
    moderator.queue(lane, 24).await.into_iter().find(|photo| photo["id"] == id)
}

fn problem(outcome: &Value) -> &str {
    outcome["problem"]["type"].as_str().unwrap_or_default()
}

/// It waits in the held lane, the queue says why, and it is shown by two people and not by one.
async fn wants_two(one: &Moderator, other: &Moderator, id: &str, words: &str) {
    let held = waiting(one, "held", id).await.unwrap_or_else(|| panic!("{id} is not held"));
    let hints = held["hints"].as_array().unwrap();
    let told = hints.iter().find(|hint| hint["kind"] == "two-people").unwrap_or_else(|| panic!("{held}"));
    assert!(told["words"].as_str().unwrap().starts_with(words), "{told}");
    assert_eq!(held["safeguarding"], "hidden", "{held}");
    let page = one.get("/moderation/queue?lane=held").await.text();
    assert!(page.contains("Two people must agree to show it."), "the page says so, too");
    let version = held["version"].as_u64().unwrap();
    let first = one.decide(id, version, "publish").await;
    assert_eq!(first["state"], "pending", "{first}");
    assert_eq!(problem(&one.decide(id, version + 1, "publish").await), "/problems/second-person-needed");
    assert_eq!(other.decide(id, version + 1, "publish").await["state"], "published");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_file_and_the_same_picture_want_two_people_when_they_are_sent_again() {
    let system = TestSystem::open().await;
    let (one, other) = (system.moderator().await, system.moderator().await);
    let first = system.device().add(&[picture()]).await.remove(0);
    confirmed(&system, &one, &first).await;
    for (file, words) in [(picture(), "It is the same file as a photo"), (saved_again(), "It looks like a photo")] {
        let again = system.device().add(&[file]).await.remove(0);
        wants_two(&one, &other, &again, words).await;
    }
    let another = system.device().add(&[squares(9)]).await;
    assert_eq!(one.decide(&another[0], 2, "publish").await["state"], "published", "another picture needs one");
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_wants_two_people_even_if_its_sender_or_a_moderator_has_removed_it_in_between() {
    let system = TestSystem::open().await;
    let (one, other) = (system.moderator().await, system.moderator().await);
    let device = system.device();
    let first = device.add(&[picture()]).await.remove(0);
    confirmed(&system, &one, &first).await;
    let gone = device.call(Method::DELETE, &format!("/api/v1/uploads/{first}"), &Value::Null).await;
    assert_eq!(gone.status, 200, "{}", gone.text());
    let again = system.device().add(&[picture()]).await.remove(0);
    assert_eq!(one.decide(&again, 2, "delete").await["state"], "deleted");
    let again = system.device().add(&[saved_again()]).await.remove(0);
    wants_two(&one, &other, &again, "It looks like a photo").await;
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_waits_while_its_twin_is_reported_is_looked_at_again_by_two() {
    let system = TestSystem::open().await;
    let (one, other) = (system.moderator().await, system.moderator().await);
    let first = system.device().add(&[picture()]).await.remove(0);
    let second = system.device().add(&[picture()]).await.remove(0);
    let seen = waiting(&one, "normal", &second).await.expect("nothing is known against it");
    confirmed(&system, &one, &first).await;
    let unaware = one.decide(&second, seen["version"].as_u64().unwrap(), "publish").await;
    assert_eq!(problem(&unaware), "/problems/version-outdated", "{unaware}");
    assert_eq!(system.client.get(&format!("/api/v1/photos/{second}")).await.status, 404);
    wants_two(&one, &other, &second, "It is the same file as a photo").await;

    // Two people agree to show the first one, too: from then on nothing is known against its picture.
    let hidden = waiting(&one, "reported", &first).await.unwrap()["version"].as_u64().unwrap();
    assert_eq!(one.decide(&first, hidden, "restore").await["state"], "hidden");
    assert_eq!(other.decide(&first, hidden + 1, "restore").await["state"], "published");
    let third = system.device().add(&[picture()]).await.remove(0);
    assert_eq!(one.decide(&third, 2, "publish").await["state"], "published");
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_looks_like_a_picture_that_is_locked_away_wants_two_people() {
    let system = TestSystem::open().await;
    let (one, other) = (system.moderator().await, system.moderator().await);
    let first = system.device().add(&[picture()]).await.remove(0);
    assert_eq!(one.decide(&first, 2, "quarantine").await["state"], "quarantined");
    let again = system.device().add(&[saved_again()]).await.remove(0);
    wants_two(&one, &other, &again, "It looks like a photo").await;
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_is_trusted_is_not_trusted_with_such_a_picture() {
    let trust = Some(Trust { after: 2, checked_percent: 0 });
    let setting = Setting { edition: Some(Edition { trust, ..edition() }), quiet: true, ..Setting::default() };
    let system = TestSystem::with(setting).await;
    let (one, other) = (system.moderator().await, system.moderator().await);
    let viewer = system.member(Role::Viewer).await;
    let device: Device = system.device();
    let known = device.add(&[squares(5), squares(7)]).await;
    one.publish(&known).await;
    let first = system.device().add(&[picture()]).await.remove(0);
    // The one waits while its twin is reported, and the other comes afterwards. The one looks like a photo that is there already, so
    // that it waits for a person like any photo of a stranger.
    let before = device.add(&[saved_again()]).await.remove(0);
    confirmed(&system, &one, &first).await;
    let after = device.add(&[picture()]).await.remove(0);
    let housekeeping = system.laptop.housekeeping(Clock::system()).unwrap();
    let report = housekeeping::handle(&housekeeping, housekeeping::Task::Sweep).await.unwrap();
    assert_eq!(report.shown, 0, "{report:?}");
    for id in [&before, &after] {
        assert_eq!(system.client.get(&format!("/api/v1/photos/{id}")).await.status, 404);
    }
    eventually("one is held, the other waits", async || {
        let lanes = viewer.get("/api/v1/moderation/waiting").await.json()["lanes"].clone();
        let photos = |name: &str| {
            lanes.as_array().unwrap().iter().find(|lane| lane["lane"] == name).map(|lane| lane["photos"].clone())
        };
        (photos("held") == Some(1.into()) && photos("normal") == Some(1.into())).then_some(())
    })
    .await;
    wants_two(&one, &other, &after, "It is the same file as a photo").await;
    let seen = waiting(&one, "normal", &before).await.expect("it waits");
    let unaware = one.decide(&before, seen["version"].as_u64().unwrap(), "publish").await;
    assert_eq!(problem(&unaware), "/problems/version-outdated", "{unaware}");
    wants_two(&one, &other, &before, "It looks like a photo").await;
    assert!(system.audit().await.differences.is_zero());
}
