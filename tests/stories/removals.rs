//! Gone means gone: from the site at once, from every bucket, from the edges; not back by an old upload address, a slow worker, or an
//! older copy of the table.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use housekeeping::requests::{self, Erased, Return};
use http::Method;
use jiff::{SignedDuration, Timestamp};
use local::{Chaos, Faults, edge::CacheMode, names};
use renditions::{
    Source,
    ingest::{Ingested, ingest},
};
use serde_json::{Value, json};
use shared::{
    domain::{PhotoId, State, keys::OriginalKey, limits},
    runtime::Clock,
    store::Photos,
};
use tests::{Device, TestSystem, photos::small, system::Setting, system::eventually};

/// A clock that runs as many seconds ahead as its first half says.
fn ahead_of_time() -> (Arc<AtomicI64>, Clock) {
    let ahead = Arc::new(AtomicI64::new(0));
    let (seconds, system) = (Arc::clone(&ahead), Clock::system());
    let clock = Clock::new(move || system.now() + SignedDuration::from_secs(seconds.load(Ordering::SeqCst)));
    (ahead, clock)
}

fn dropped() -> Chaos {
    Chaos { seed: 1, drop: 1.0, duplicate: 0.0, delay: 0.0, max_delay_ms: 0, reorder: false }
}

async fn keys(system: &TestSystem, bucket: &str) -> Vec<String> {
    let listed = system.laptop.aws.s3.list_objects_v2().bucket(bucket).send().await.unwrap();
    listed.contents().iter().filter_map(|object| object.key.clone()).collect()
}

async fn everything(system: &TestSystem) -> Vec<String> {
    let mut all = Vec::new();
    for bucket in [names::ORIGINALS, names::REVIEW, names::PUBLIC] {
        all.extend(keys(system, bucket).await);
    }
    all
}

async fn erasure(device: &Device, id: &str) -> Value {
    device.call(Method::GET, &format!("/api/v1/uploads/{id}/removal"), &json!(null)).await.json()
}

async fn do_task(system: &TestSystem, clock: &Clock, task: &str) -> housekeeping::Report {
    let housekeeping = system.laptop.housekeeping(clock.clone()).unwrap();
    housekeeping::handle(&housekeeping, serde_json::from_value(json!({ "task": task })).unwrap()).await.unwrap()
}

fn at(step: &Value) -> Timestamp {
    step.as_str().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_three_steps_of_an_erasure_say_gone_only_once_nothing_can_come_back() {
    let (ahead, clock) = ahead_of_time();
    let system = TestSystem::with(Setting { clock: Some(clock.clone()), ..Setting::default() }).await;
    let device = system.device();
    let ids = device.add(&[small(1), small(2)]).await;
    system.moderator().await.publish(&ids[..1]).await;
    let before = device.call(Method::GET, &format!("/api/v1/uploads/{}/removal", ids[0]), &json!(null)).await;
    assert_eq!(before.status, 404, "nothing was removed yet");

    let withdrawn = device.call(Method::DELETE, &format!("/api/v1/uploads/{}", ids[0]), &json!(null)).await.json();
    assert_eq!(system.client.get(&format!("/api/v1/photos/{}", ids[0])).await.status, 410, "gone with the answer");
    assert_eq!(system.client.get("/api/v1/photos").await.json()["photos"], json!([]));
    assert!(everything(&system).await.iter().all(|key| !key.contains(&ids[0])));
    assert_eq!(
        (&withdrawn["site"], &withdrawn["storage"], &withdrawn["edges"]),
        (&json!("gone"), &json!("pending"), &json!("pending"))
    );
    assert!(withdrawn["erased_at"].is_string(), "{withdrawn}");
    let removed_at = at(&withdrawn["site_at"]);
    assert!(at(&withdrawn["storage_at"]) > removed_at + SignedDuration::from_secs(limits::PURGE_FENCE_SECONDS));

    // One that was never public was never at an edge.
    let other = device.call(Method::DELETE, &format!("/api/v1/uploads/{}", ids[1]), &json!(null)).await.json();
    assert_eq!((&other["edges"], &other["storage"]), (&json!("gone"), &json!("pending")));

    ahead.store(limits::EDGE_SECONDS + 1, Ordering::SeqCst);
    let later = erasure(&device, &ids[0]).await;
    assert_eq!((&later["edges"], &later["storage"]), (&json!("gone"), &json!("pending")), "{later}");
    ahead.store(limits::PURGE_FENCE_SECONDS + 1, Ordering::SeqCst);
    let last = eventually("the second erasure", async || {
        Some(erasure(&device, &ids[0]).await).filter(|erasure| erasure["storage"] == "gone")
    })
    .await;
    assert_eq!(last["edges"], "gone");
    let again = device.call(Method::DELETE, &format!("/api/v1/uploads/{}", ids[0]), &json!(null)).await.json();
    assert_eq!(again, last, "asking again says the same");
    let stranger =
        system.device().call(Method::GET, &format!("/api/v1/uploads/{}/removal", ids[0]), &json!(null)).await;
    assert_eq!(stranger.status, 404);
    eventually("the other's", async || (erasure(&device, &ids[1]).await["storage"] == "gone").then_some(())).await;
    let recount = system.audit().await;
    assert!(recount.differences.is_zero(), "{recount:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn edges_forget_a_photo_within_seconds_and_as_soon_as_they_can_be_told() {
    let system = TestSystem::with(Setting { keeping: CacheMode::Answers, ..Setting::default() }).await;
    let (device, moderator) = (system.device(), system.moderator().await);
    let ids = device.add(&[small(1), small(2)]).await;
    moderator.publish(&ids).await;
    let mut kept = Vec::new();
    for id in &ids {
        let photo = system.client.get(&format!("/api/v1/photos/{id}")).await.json();
        let picture = photo["renditions"][0]["url"].as_str().unwrap().to_owned();
        let paths = [format!("/p/{id}"), format!("/api/v1/photos/{id}"), picture];
        for path in &paths {
            assert_eq!(system.client.get(path).await.status, 200, "{path}");
        }
        kept.push(paths);
    }
    let gone = async |paths: &[String; 3]| {
        for path in paths {
            if system.client.get(path).await.status == 200 {
                return None;
            }
        }
        Some(())
    };
    let begun = std::time::Instant::now();
    device.call(Method::DELETE, &format!("/api/v1/uploads/{}", ids[0]), &json!(null)).await;
    eventually("no edge has it", async || gone(&kept[0]).await).await;
    println!("withdrawn, and at no edge after {} ms", begun.elapsed().as_millis());
    assert!(begun.elapsed().as_secs() < 10);

    // While edges cannot be told, nobody says that they forgot; once they can, they are told. They have forgotten all pages with the first,
    // and learn the second's anew.
    for path in &kept[1] {
        assert_eq!(system.client.get(path).await.status, 200, "{path}");
    }
    system.laptop.edge.let_invalidations_fail(true);
    let erasure = device.call(Method::DELETE, &format!("/api/v1/uploads/{}", ids[1]), &json!(null)).await.json();
    assert_eq!(erasure["edges"], "pending", "{erasure}");
    assert!(erasure["erased_at"].is_string(), "the bytes went all the same: {erasure}");
    assert_eq!(system.client.get(&kept[1][2]).await.status, 200, "the edge does not know");
    system.laptop.edge.let_invalidations_fail(false);
    eventually("no edge has the other", async || gone(&kept[1]).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_put_again_after_its_withdrawal_is_gone_again() {
    // Once its event comes, at once; and where the event is lost, after the fence.
    for (chaos, seconds) in [(None, 0), (Some(dropped()), limits::PURGE_FENCE_SECONDS + 1)] {
        let (ahead, clock) = ahead_of_time();
        let system = TestSystem::with(Setting { chaos, clock: Some(clock), ..Setting::default() }).await;
        let device = system.device();
        let reserved = device.reserve(&[small(7)]).await.remove(0);
        assert_eq!(device.put(&reserved, &small(7)).await.status, 200);
        let id = reserved["id"].as_str().unwrap().to_owned();
        if seconds == 0 {
            device.until(&id, "pending").await;
        }
        device.call(Method::DELETE, &format!("/api/v1/uploads/{id}"), &json!(null)).await;
        assert!(everything(&system).await.is_empty());
        assert_eq!(device.put(&reserved, &small(7)).await.status, 200, "the address still lives");
        ahead.store(seconds, Ordering::SeqCst);
        eventually("gone again", async || everything(&system).await.is_empty().then_some(())).await;
        assert!(device.own().await.is_empty());
        ahead.store(limits::PURGE_FENCE_SECONDS + 1, Ordering::SeqCst);
        eventually("all steps", async || (erasure(&device, &id).await["storage"] == "gone").then_some(())).await;
        assert!(system.audit().await.differences.is_zero());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_took_longer_than_any_address_lives_is_not_lost() {
    let (ahead, clock) = ahead_of_time();
    let system = TestSystem::with(Setting { clock: Some(clock), ..Setting::default() }).await;
    let device = system.device();
    let reserved = device.reserve(&[small(3)]).await.remove(0);
    let id = reserved["id"].as_str().unwrap();
    ahead.store(1_000, Ordering::SeqCst);
    device.until(id, "expired").await;
    // The storage looked at the address when the request began, a quarter of an hour ago.
    assert_eq!(device.put(&reserved, &small(3)).await.status, 200);
    ahead.store(0, Ordering::SeqCst);
    device.until(id, "pending").await;
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_nobody_knows_is_put_aside_for_somebody_to_look_at() {
    let (ahead, clock) = ahead_of_time();
    let system = TestSystem::with(Setting { clock: Some(clock.clone()), ..Setting::default() }).await;
    let key = OriginalKey { edition: "2027".parse().unwrap(), id: PhotoId::from_digest(&[9; 32]), part: None };
    let body = aws_sdk_s3::primitives::ByteStream::from(small(1));
    let put = system.laptop.aws.s3.put_object().bucket(names::ORIGINALS).key(key.to_string()).if_none_match("*");
    put.body(body).send().await.unwrap();
    assert_eq!(do_task(&system, &clock, "objects").await.quarantined, 0, "its row may still come");
    ahead.store(limits::PURGE_FENCE_SECONDS + 1, Ordering::SeqCst);
    assert_eq!(do_task(&system, &clock, "objects").await.quarantined, 1);
    assert_eq!(do_task(&system, &clock, "objects").await.quarantined, 0);
    let photo = Photos::new(&system.laptop.table).get(&key.id).await.unwrap().unwrap();
    assert_eq!(photo.state, State::Quarantined);
    assert_eq!(system.client.get(&format!("/api/v1/photos/{}", key.id)).await.status, 404);
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_of_objects_reads_rows_of_what_is_new_and_of_everything_once_a_night() {
    let (ahead, clock) = ahead_of_time();
    let faults = Some(Faults { metered: true, ..Faults::default() });
    let setting = Setting { clock: Some(clock.clone()), faults, quiet: true, ..Setting::default() };
    let system = TestSystem::with(setting).await;
    let (device, moderator) = (system.device(), system.moderator().await);
    let ids = device.add(&(1..=12).map(small).collect::<Vec<_>>()).await;
    moderator.publish(&ids).await;
    let sweeper = system.laptop.faulted_housekeeping(clock.clone()).unwrap();
    let read = async |seconds| {
        ahead.store(seconds, Ordering::SeqCst);
        system.laptop.meter.take();
        let report = housekeeping::handle(&sweeper, housekeeping::Task::Objects).await.unwrap();
        assert_eq!((report.orphans, report.quarantined, report.failed), (0, 0, 0));
        system.laptop.meter.take().read
    };
    let first = limits::PURGE_FENCE_SECONDS * 3;
    let (first, second) = (read(first).await, read(first + 900).await);
    // Twelve rows in each of three buckets, at half a unit.
    assert!(first >= 18.0, "{first}");
    assert!(second <= 4.0, "{second}");
    let night = read(limits::PURGE_FENCE_SECONDS * 3 + 36 * 3600).await;
    assert!(night <= 4.0, "it ends the pass that had begun: {night}");
    let night = read(limits::PURGE_FENCE_SECONDS * 3 + 36 * 3600 + 900).await;
    assert!(night >= 18.0, "{night}");
    println!("read units: {first} of everything, {second} of what is new");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_copy_of_the_table_brings_nothing_back() {
    let system = TestSystem::open().await;
    let device = system.device();
    let ids = device.add(&(1..=4).map(small).collect::<Vec<_>>()).await;
    let moderator = system.moderator().await;
    moderator.publish(&ids).await;
    let folder = system.stop().await;
    // The database is its file and its journal together.
    let copy = tempfile::TempDir::new().unwrap();
    let database = |of: &std::path::Path| -> Vec<_> {
        let files = std::fs::read_dir(of).unwrap().map(|file| file.unwrap().file_name());
        files.filter(|name| name.to_str().unwrap().starts_with("dynamodb.db")).collect()
    };
    for name in database(folder.path()) {
        std::fs::copy(folder.path().join(&name), copy.path().join(&name)).unwrap();
    }

    let system = TestSystem::on(folder, Setting::default()).await;
    let (device, moderator) = (Device { client: system.client.clone(), ..device }, system.moderator().await);
    device.call(Method::DELETE, &format!("/api/v1/uploads/{}", ids[0]), &json!(null)).await;
    assert_eq!(moderator.decide(&ids[1], 3, "hide").await["state"], "hidden");
    assert_eq!(moderator.decide(&ids[2], 3, "quarantine").await["state"], "quarantined");
    let late = device.add(&[small(5)]).await.remove(0);
    device.call(Method::DELETE, &format!("/api/v1/uploads/{late}"), &json!(null)).await;
    let folder = system.stop().await;
    for name in database(folder.path()) {
        std::fs::remove_file(folder.path().join(name)).unwrap();
    }
    for name in database(copy.path()) {
        std::fs::copy(copy.path().join(&name), folder.path().join(&name)).unwrap();
    }

    // It is as it was before anybody can read it.
    let system = TestSystem::on(folder, Setting::default()).await;
    let shown = system.client.get("/api/v1/photos").await.json();
    let shown: Vec<_> = shown["photos"].as_array().unwrap().iter().map(|photo| photo["id"].clone()).collect();
    assert_eq!(shown, [json!(ids[3])]);
    let photos = Photos::new(&system.laptop.table);
    for (id, state) in
        [(&ids[0], State::Deleted), (&ids[1], State::Hidden), (&ids[2], State::Quarantined), (&late, State::Deleted)]
    {
        assert_eq!(photos.get(&id.parse().unwrap()).await.unwrap().unwrap().state, state, "{id}");
    }
    eventually("what it erased again is erased", async || {
        everything(&system).await.iter().all(|key| !key.contains(&ids[0]) && !key.contains(&late)).then_some(())
    })
    .await;
    let recount = system.audit().await;
    assert!(recount.differences.is_zero(), "{recount:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_kills_its_worker_is_isolated_and_then_given_up() {
    let system = TestSystem::with(Setting { chaos: Some(dropped()), ..Setting::default() }).await;
    let device = system.device();
    let photos = Photos::new(&system.laptop.table);
    for (kills, ends) in [(3, "pending"), (4, "rejected")] {
        let file = small(40 + kills);
        let reserved = device.reserve(std::slice::from_ref(&file)).await.remove(0);
        let id = reserved["id"].as_str().unwrap();
        let photo = photos.get(&id.parse().unwrap()).await.unwrap().unwrap();
        // What is left of a worker that was killed: its attempt, counted before it began.
        for _ in 0..kills {
            assert!(photos.begin_attempt(&photo, limits::MAX_ATTEMPTS_ISOLATED).await.unwrap());
        }
        assert_eq!(device.put(&reserved, &file).await.status, 200);
        let renditions = system.laptop.renditions(Clock::system()).unwrap();
        let key = OriginalKey { edition: photo.edition.clone(), id: photo.id.clone(), part: None };
        let ingested = ingest(&renditions, &key, Source::Queue, in_time()).await.unwrap();
        assert_eq!(ingested, Ingested::Isolated);
        let own = device.until(id, ends).await;
        assert_eq!(own["reason"].is_string(), ends == "rejected", "{own}");
    }
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_organisers_erase_is_gone_from_every_copy_and_does_not_come_back() {
    let (ahead, clock) = ahead_of_time();
    let keeping = Setting { keeping: CacheMode::Answers, clock: Some(clock.clone()), ..Setting::default() };
    let system = TestSystem::with(keeping).await;
    let (device, moderator) = (system.device(), system.moderator().await);
    let ids = device.add(&[small(1), small(2)]).await;
    assert_eq!(moderator.decide(&ids[0], 2, "hold").await["state"], "pending");
    assert_eq!(moderator.decide(&ids[0], 3, "publish").await["state"], "published");
    let photo = system.client.get(&format!("/api/v1/photos/{}", ids[0])).await.json();
    let picture = photo["renditions"][0]["url"].as_str().unwrap().to_owned();
    assert_eq!(system.client.get(&picture).await.status, 200);

    let housekeeping = system.laptop.housekeeping(clock.clone()).unwrap();
    let id: PhotoId = ids[0].parse().unwrap();
    let dossier = requests::dossier(&housekeeping, &id).await.unwrap().unwrap();
    assert_eq!(
        (dossier.photo.caption.as_str(), dossier.audit.len(), dossier.feeds.len()),
        ("Crystals on day twelve", 4, 1)
    );
    assert!(dossier.audit.iter().any(|entry| entry.reason.is_some()));
    for bucket in ["originals", "review", "public"] {
        assert!(dossier.files.iter().any(|(room, _)| *room == bucket), "{bucket}");
    }

    assert_eq!(requests::erase(&housekeeping, &id, Return::Refused).await.unwrap(), Erased::Gone);
    assert!(everything(&system).await.iter().all(|key| !key.contains(&ids[0])));
    eventually("no edge has it", async || (system.client.get(&picture).await.status == 404).then_some(())).await;
    assert_eq!(system.client.get("/api/v1/photos").await.json()["photos"], json!([]));
    let photos = Photos::new(&system.laptop.table);
    let audit = photos.audit(&photos.get(&id).await.unwrap().unwrap()).await.unwrap();
    assert!(audit.iter().all(|entry| entry.reason.is_none()) && shared::domain::audit::is_whole(&audit));
    assert_eq!(requests::erase(&housekeeping, &id, Return::Refused).await.unwrap(), Erased::Already);
    let stranger = PhotoId::from_digest(&[1; 32]);
    assert_eq!(requests::erase(&housekeeping, &stranger, Return::Allowed).await.unwrap(), Erased::Absent);
    let log = shared::store::requests::Requests::new(&system.laptop.table).all().await.unwrap();
    assert_eq!(log.len(), 3, "the access and both erasures: {log:?}");

    // The same file from another device, and of a photo that was locked away.
    assert_eq!(moderator.decide(&ids[1], 2, "quarantine").await["state"], "quarantined");
    for file in [small(1), small(2)] {
        let other = system.device();
        let reserved = other.reserve(std::slice::from_ref(&file)).await.remove(0);
        assert_eq!(other.put(&reserved, &file).await.status, 200);
        let refused = other.until(reserved["id"].as_str().unwrap(), "rejected").await;
        assert!(refused["reason"].as_str().unwrap().contains("organisers"), "{refused}");
    }
    ahead.store(limits::PURGE_FENCE_SECONDS + 1, Ordering::SeqCst);
    eventually("the last erasure", async || (erasure(&device, &ids[0]).await["storage"] == "gone").then_some(())).await;
    let recount = system.audit().await;
    assert!(recount.differences.is_zero(), "{recount:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_words_of_a_decision_leave_the_audit_in_time_and_its_chain_stays_whole() {
    let (ahead, clock) = ahead_of_time();
    let system = TestSystem::open().await;
    let (device, moderator) = (system.device(), system.moderator().await);
    let id = device.add(&[small(1)]).await.remove(0);
    assert_eq!(moderator.decide(&id, 2, "hold").await["state"], "pending");
    let photos = Photos::new(&system.laptop.table);
    let housekeeping = system.laptop.housekeeping(clock).unwrap();
    let words = async || {
        let photo = photos.get(&id.parse().unwrap()).await.unwrap().unwrap();
        let audit = photos.audit(&photo).await.unwrap();
        assert!(shared::domain::audit::is_whole(&audit));
        audit.iter().filter(|entry| entry.reason.is_some()).count()
    };
    let night = async || housekeeping::handle(&housekeeping, housekeeping::Task::Audit).await.unwrap();
    for (days, silenced) in
        [(limits::AUDIT_WORDS_DAYS - 1, 0), (limits::AUDIT_WORDS_DAYS, 1), (limits::AUDIT_WORDS_DAYS, 0)]
    {
        ahead.store(days * 24 * 3600 + 60, Ordering::SeqCst);
        let report = night().await;
        assert_eq!(report.silenced, silenced, "after {days} days");
        assert!(report.audit.unwrap().differences.is_zero(), "after {days} days");
    }
    assert_eq!(words().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_given_up_can_be_tried_again() {
    let system = TestSystem::with(Setting { chaos: Some(dropped()), ..Setting::default() }).await;
    let (device, moderator) = (system.device(), system.moderator().await);
    let photos = Photos::new(&system.laptop.table);
    let reserved = device.reserve(&[small(9)]).await.remove(0);
    let id = reserved["id"].as_str().unwrap();
    let photo = photos.get(&id.parse().unwrap()).await.unwrap().unwrap();
    while photos.begin_attempt(&photo, limits::MAX_ATTEMPTS_ISOLATED).await.unwrap() {}
    assert_eq!(device.put(&reserved, &small(9)).await.status, 200);
    let renditions = system.laptop.renditions(Clock::system()).unwrap();
    let key = OriginalKey { edition: photo.edition.clone(), id: photo.id.clone(), part: None };
    let given_up = ingest(&renditions, &key, Source::Isolation, in_time()).await.unwrap();
    assert_eq!(given_up, Ingested::Rejected);
    assert_eq!(moderator.decide(id, 2, "release").await["state"], "reserved");
    let again = ingest(&renditions, &key, Source::Queue, in_time()).await.unwrap();
    assert_eq!(again, Ingested::Pending);
    assert!(system.audit().await.differences.is_zero());
}

/// A deadline that no photo of these stories comes near.
fn in_time() -> Instant {
    Instant::now() + Duration::from_mins(1)
}
