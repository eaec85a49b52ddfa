//! Events lost, repeated, late and out of order; moderators who collide: nothing is lost, nothing is there twice.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use futures::future::join_all;
use http::Method;
use jiff::SignedDuration;
use local::Chaos;
use serde_json::json;
use shared::runtime::Clock;
use tests::{TestSystem, photos::small, system::Setting};

fn chaos(seed: u64, drop: f64, duplicate: f64) -> Setting {
    Setting {
        chaos: Some(Chaos { seed, drop, duplicate, delay: 0.5, max_delay_ms: 1_500, reorder: true }),
        ..Setting::default()
    }
}

/// A clock that runs as many seconds ahead as its first half says.
fn ahead_of_time() -> (Arc<AtomicI64>, Clock) {
    let ahead = Arc::new(AtomicI64::new(0));
    let (seconds, system) = (Arc::clone(&ahead), Clock::system());
    let clock = Clock::new(move || system.now() + SignedDuration::from_secs(seconds.load(Ordering::SeqCst)));
    (ahead, clock)
}

#[tokio::test(flavor = "multi_thread")]
async fn photos_arrive_though_events_are_repeated_late_and_out_of_order() {
    let system = TestSystem::with(chaos(7, 0.0, 0.9)).await;
    let device = system.device();
    let files: Vec<_> = (0..20).map(small).collect();
    let ids = device.add(&files).await;
    assert_eq!(ids.len(), 20);
    // Let the late repetitions come, too.
    let moderator = system.moderator().await;
    moderator.publish(&ids).await;
    let recount = system.audit().await;
    assert_eq!(recount.photos, [("published".to_owned(), 20)].into());
    assert!(recount.differences.is_zero(), "{recount:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_whose_event_is_lost_is_found_by_the_sweep() {
    // The functions' clock is ahead, so that the sweep need not wait until a reserved photo is 45 seconds old.
    let (ahead, clock) = ahead_of_time();
    let system = TestSystem::with(Setting { clock: Some(clock), ..chaos(1, 1.0, 0.0) }).await;
    let device = system.device();
    let files: Vec<_> = (0..5).map(small).collect();
    let reserved = device.reserve(&files).await;
    for (photo, file) in reserved.iter().zip(&files) {
        assert_eq!(device.put(photo, file).await.status, 200);
    }
    assert!(device.own().await.iter().all(|photo| photo["state"] == "reserved"));
    ahead.store(60, Ordering::SeqCst);
    for photo in &reserved {
        device.until(photo["id"].as_str().unwrap(), "pending").await;
    }
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_whose_bytes_never_come_expires_and_not_before() {
    let (ahead, clock) = ahead_of_time();
    // Nothing sweeps by itself here, so that nothing depends on when it does.
    let system = TestSystem::with(Setting { clock: Some(clock.clone()), quiet: true, ..Setting::default() }).await;
    let housekeeping = system.laptop.housekeeping(clock).unwrap();
    let sweep = async || housekeeping::handle(&housekeeping, housekeeping::Task::Sweep).await.unwrap();
    let device = system.device();
    let id = device.reserve(&[small(1)]).await[0]["id"].as_str().unwrap().to_owned();
    ahead.store(890, Ordering::SeqCst);
    let renewed = device.call(Method::POST, &format!("/api/v1/uploads/{id}/renew"), &json!(null)).await;
    assert_eq!(renewed.status, 200, "{}", renewed.text());
    ahead.store(1_700, Ordering::SeqCst);
    for _ in 0..3 {
        sweep().await;
    }
    assert_eq!(device.own().await[0]["state"], "reserved", "a renewal gives it a new life");
    ahead.store(1_800, Ordering::SeqCst);
    sweep().await;
    assert_eq!(device.own().await[0]["state"], "expired");
    let late = device.call(Method::POST, &format!("/api/v1/uploads/{id}/renew"), &json!(null)).await;
    assert_eq!(late.problem(), "not-renewable");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_decisions_about_one_photo_one_is_carried_out() {
    let system = TestSystem::open().await;
    let ids = system.device().add(&(0..6).map(small).collect::<Vec<_>>()).await;
    let moderators = join_all((0..8).map(|_| system.moderator())).await;
    for id in &ids {
        let decided = join_all(moderators.iter().enumerate().map(|(i, moderator)| {
            let action = if i % 2 == 0 { "publish" } else { "reject" };
            moderator.decide(id, 2, action)
        }))
        .await;
        let done = decided.iter().filter(|outcome| outcome["state"].is_string()).count();
        assert_eq!(done, 1, "{decided:?}");
        let others =
            decided.iter().filter(|outcome| outcome["problem"]["type"] == "/problems/version-outdated").count();
        assert_eq!(others, 7, "{decided:?}");
    }
    let recount = system.audit().await;
    assert!(recount.differences.is_zero(), "{recount:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_wins_over_a_publication_at_the_same_time() {
    let system = TestSystem::open().await;
    let device = system.device();
    let ids = device.add(&(0..10).map(small).collect::<Vec<_>>()).await;
    let moderator = system.moderator().await;
    let races = ids.iter().map(|id| {
        let (device, moderator) = (device.clone(), moderator.clone());
        async move {
            let target = format!("/api/v1/uploads/{id}");
            let null = json!(null);
            tokio::join!(moderator.decide(id, 2, "publish"), device.call(Method::DELETE, &target, &null))
        }
    });
    for (_, withdrawn) in join_all(races).await {
        assert_eq!(withdrawn.json()["site"], "gone", "{}", withdrawn.text());
    }
    assert_eq!(system.client.get("/api/v1/photos").await.json()["photos"], json!([]));
    let recount = system.audit().await;
    assert_eq!(recount.photos, [("deleted".to_owned(), 10)].into());
    assert!(recount.differences.is_zero(), "{recount:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn moderators_get_different_photos() {
    let system = TestSystem::open().await;
    let ids = system.device().add(&(0..20).map(small).collect::<Vec<_>>()).await;
    let moderators = join_all((0..4).map(|_| system.moderator())).await;
    let handed = join_all(moderators.iter().map(|moderator| moderator.queue("normal", 5))).await;
    let mut seen: Vec<_> = handed.iter().flatten().map(|photo| photo["id"].as_str().unwrap().to_owned()).collect();
    seen.sort();
    let mut all = ids.clone();
    all.sort();
    assert_eq!(seen, all, "each photo once");
    let again = moderators[0].queue("normal", 5).await;
    assert_eq!(again.len(), 5, "one's own photos come again");
}
