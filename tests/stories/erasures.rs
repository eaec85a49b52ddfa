//! An erasure looks before it erases: what a photo's row names is spared, whichever erasure comes late, twice, or from another time; and
//! a photo that was let out of quarantine lives on like any other.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use http::Method;
use jiff::SignedDuration;
use local::{Faults, edge::CacheMode, names};
use renditions::{
    Source,
    ingest::{Ingested, ingest},
};
use serde_json::{Value, json};
use shared::{
    domain::{
        Edition, PhotoId, State,
        change::{Purge, PurgeScope},
        ids::Sha256Hex,
        limits,
        photo::Photo,
        states::{Duty, Role},
        trust::Trust,
    },
    runtime::Clock,
    store::{Photos, outbox::Outbox, queue::Queue, trust_revocations::TrustRevocations},
};
use tests::{
    Moderator, TestSystem,
    command::rounds,
    people::batch,
    photos::{patterned, small},
    rows::rows,
    system::{Setting, edition, eventually},
};

/// A clock that runs as many seconds ahead as its first half says.
fn ahead_of_time() -> (Arc<AtomicI64>, Clock) {
    let ahead = Arc::new(AtomicI64::new(0));
    let (seconds, system) = (Arc::clone(&ahead), Clock::system());
    let clock = Clock::new(move || system.now() + SignedDuration::from_secs(seconds.load(Ordering::SeqCst)));
    (ahead, clock)
}

async fn row(system: &TestSystem, id: &str) -> Photo {
    let id: PhotoId = id.parse().unwrap();
    Photos::new(&system.laptop.table).get(&id).await.unwrap().unwrap()
}

/// Draws boxes on a photo; each is its left edge, and a fifth of the picture wide and high.
async fn cover(system: &TestSystem, moderator: &Moderator, id: &str, boxes: &[f64]) {
    let boxes: Vec<_> = boxes.iter().map(|x| json!({"x": x, "y": 0.1, "width": 0.2, "height": 0.2})).collect();
    let body = json!({"version": row(system, id).await.version, "boxes": boxes});
    let target = format!("/api/v1/moderation/photos/{id}/redact");
    let answer = moderator.client.json(Method::POST, &target, &moderator.authorization, &body).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
}

/// The same, and waits until the renditions have them; answers with the photo's row.
async fn covered(system: &TestSystem, moderator: &Moderator, id: &str, boxes: &[f64]) -> Photo {
    cover(system, moderator, id, boxes).await;
    eventually("the renditions have the covers", async || {
        Some(row(system, id).await).filter(|photo| !photo.moderation.covering())
    })
    .await
}

/// The keys below `prefix`.
async fn keys(system: &TestSystem, bucket: &str, prefix: &str) -> Vec<String> {
    let listed = system.laptop.aws.s3.list_objects_v2().bucket(bucket).prefix(prefix).send().await.unwrap();
    listed.contents().iter().filter_map(|object| object.key.clone()).collect()
}

async fn do_task(system: &TestSystem, clock: &Clock, task: &str) -> housekeeping::Report {
    let housekeeping = system.laptop.housekeeping(clock.clone()).unwrap();
    housekeeping::handle(&housekeeping, serde_json::from_value(json!({ "task": task })).unwrap()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn covers_that_are_drawn_once_more_keep_their_renditions() {
    let (ahead, clock) = ahead_of_time();
    let system = TestSystem::with(Setting { clock: Some(clock.clone()), ..Setting::default() }).await;
    let moderator = system.moderator().await;
    let id = system.device().add(&[patterned(400, 300, 1)]).await.remove(0);
    covered(&system, &moderator, &id, &[0.1]).await;
    covered(&system, &moderator, &id, &[0.1, 0.6]).await;
    let last = covered(&system, &moderator, &id, &[0.1]).await;
    let named = last.rendered.as_ref().unwrap();
    // Both rounds of what the covers in between promised, and then the sweep of objects.
    for seconds in [60, limits::PURGE_FENCE_SECONDS + 1, 2 * limits::PURGE_FENCE_SECONDS] {
        ahead.store(seconds, Ordering::SeqCst);
        do_task(&system, &clock, "sweep").await;
        do_task(&system, &clock, "objects").await;
        assert_eq!(
            keys(&system, names::REVIEW, &format!("{id}/")).await.len(),
            named.renditions.len(),
            "after {seconds} s"
        );
    }
    assert_eq!(moderator.decide(&id, last.version, "publish").await["state"], json!("published"));
    let recount = system.audit().await;
    assert!(recount.differences.is_zero(), "{recount:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_that_is_hidden_and_shown_again_and_again_keeps_what_is_shown() {
    let (ahead, clock) = ahead_of_time();
    let system = TestSystem::with(Setting { clock: Some(clock.clone()), ..Setting::default() }).await;
    let moderator = system.moderator().await;
    let id = system.device().add(&[small(1)]).await.remove(0);
    moderator.publish(std::slice::from_ref(&id)).await;
    for (version, action) in [(3, "hide"), (4, "restore"), (5, "hide"), (6, "restore")] {
        assert!(moderator.decide(&id, version, action).await["state"].is_string(), "{action}");
        do_task(&system, &clock, "sweep").await;
    }
    for seconds in [60, limits::PURGE_FENCE_SECONDS + 1, 2 * limits::PURGE_FENCE_SECONDS] {
        ahead.store(seconds, Ordering::SeqCst);
        do_task(&system, &clock, "sweep").await;
        do_task(&system, &clock, "objects").await;
    }
    let photo = row(&system, &id).await;
    assert_eq!(photo.state, State::Published);
    let renditions = photo.rendered.as_ref().unwrap().renditions.len();
    assert_eq!(keys(&system, names::PUBLIC, &format!("m/{id}/{}/", photo.revision.unwrap())).await.len(), renditions);
    assert_eq!(keys(&system, names::PUBLIC, &format!("m/{id}/")).await.len(), renditions, "and nothing else is left");
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_edges_refuse_to_forget_stays_in_the_outbox_until_they_are_told() {
    let (ahead, clock) = ahead_of_time();
    let keeping = CacheMode::Answers;
    let system =
        TestSystem::with(Setting { clock: Some(clock.clone()), keeping, quiet: true, ..Setting::default() }).await;
    let device = system.device();
    let id = device.add(&[small(1)]).await.remove(0);
    system.moderator().await.publish(std::slice::from_ref(&id)).await;
    let photo = system.client.get(&format!("/api/v1/photos/{id}")).await.json();
    let picture = photo["renditions"][0]["url"].as_str().unwrap().to_owned();
    assert_eq!(system.client.get(&picture).await.status, 200);
    let outbox = Outbox::new(&system.laptop.table);
    let due = async || {
        let due = outbox.due(clock.now()).await.unwrap();
        due.iter().map(|purge| (purge.round, purge.erased, purge.edges.is_empty())).collect::<Vec<_>>()
    };

    system.laptop.edge.let_invalidations_fail(true);
    device.call(Method::DELETE, &format!("/api/v1/uploads/{id}"), &Value::Null).await;
    for seconds in [0, 60] {
        ahead.store(seconds, Ordering::SeqCst);
        do_task(&system, &clock, "sweep").await;
        assert_eq!(due().await, [(1, true, false)], "its bytes are erased, and edges must be told, {seconds} s later");
        assert_eq!(system.client.get(&picture).await.status, 200, "the edge has not been told");
    }
    system.laptop.edge.let_invalidations_fail(false);
    ahead.store(120, Ordering::SeqCst);
    do_task(&system, &clock, "sweep").await;
    assert_eq!(due().await, []);
    eventually("no edge has it", async || (system.client.get(&picture).await.status == 404).then_some(())).await;
}

/// Puts what `scope` names of a photo into the outbox, as if it had been promised long ago.
async fn promised(system: &TestSystem, photo: &Photo, scope: PurgeScope) {
    let (id, version, due_at) = (photo.id.clone(), photo.version, photo.created_at);
    let purge =
        Purge { id, version, round: 1, due_at, scope, edges: Vec::new(), lists: false, erased: false, removal: None };
    Outbox::new(&system.laptop.table).leave(&purge).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_was_promised_what_a_photo_names_by_now_is_spared() {
    let clock = Clock::system();
    let system = TestSystem::with(Setting { quiet: true, ..Setting::default() }).await;
    let moderator = system.moderator().await;
    let id = system.device().add(&[small(1)]).await.remove(0);
    moderator.publish(std::slice::from_ref(&id)).await;
    let photo = row(&system, &id).await;
    let (revision, hash) = (photo.revision.clone().unwrap(), photo.rendered.clone().unwrap().hash);
    let lies = async || {
        let public = keys(&system, names::PUBLIC, &format!("m/{id}/")).await.len();
        let review = keys(&system, names::REVIEW, &format!("{id}/")).await.len();
        (public, review, keys(&system, names::ORIGINALS, &photo.original_key().to_string()).await.len())
    };
    let before = lies().await;
    let renditions = photo.rendered.as_ref().unwrap().renditions.len();
    assert_eq!(before, (renditions, renditions, 1));
    let original = photo.original_key().to_string();
    for scope in [PurgeScope::Public(revision), PurgeScope::Renditions(hash), PurgeScope::Everything(original)] {
        promised(&system, &photo, scope.clone()).await;
        do_task(&system, &clock, "sweep").await;
        assert_eq!(lies().await, before, "{scope:?}");
    }
    // What it does not name goes.
    let other = format!("{id}/0000-1/640.jpg");
    let body = aws_sdk_s3::primitives::ByteStream::from(small(2));
    system.laptop.aws.s3.put_object().bucket(names::REVIEW).key(&other).body(body).send().await.unwrap();
    promised(&system, &photo, PurgeScope::Renditions("0000-1".to_owned())).await;
    do_task(&system, &clock, "sweep").await;
    assert_eq!(lies().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_leaves_the_site_is_erased_before_anybody_is_answered() {
    // No sweep runs here that would do it a moment later.
    let system = TestSystem::with(Setting { quiet: true, ..Setting::default() }).await;
    let (device, moderator) = (system.device(), system.moderator().await);
    let ids = device.add(&(1..=6).map(small).collect::<Vec<_>>()).await;
    moderator.publish(&ids).await;
    let public = async |id: &str| keys(&system, names::PUBLIC, &format!("m/{id}/")).await.len();
    for id in &ids {
        assert!(public(id).await > 0, "{id}");
    }
    let own = |id: &str| format!("/api/v1/uploads/{id}");
    assert_eq!(device.call(Method::PATCH, &own(&ids[0]), &json!({"caption": "Other words"})).await.status, 200);
    assert_eq!(public(&ids[0]).await, 0, "edited by its sender");
    assert_eq!(device.call(Method::DELETE, &own(&ids[1]), &Value::Null).await.status, 200);
    assert_eq!(public(&ids[1]).await, 0, "withdrawn");
    assert_eq!(keys(&system, names::REVIEW, &format!("{}/", ids[1])).await, Vec::<String>::new(), "withdrawn");
    assert_eq!(moderator.decide(&ids[2], 3, "hide").await["state"], json!("hidden"));
    assert_eq!(public(&ids[2]).await, 0, "hidden");
    assert_eq!(moderator.decide(&ids[3], 3, "delete").await["state"], json!("deleted"));
    assert_eq!(public(&ids[3]).await, 0, "deleted");
    let report = format!("/api/v1/photos/{}/reports", ids[4]);
    assert_eq!(system.device().call(Method::POST, &report, &json!({"reason": "pupil"})).await.status, 202);
    assert_eq!(public(&ids[4]).await, 0, "reported");
    cover(&system, &moderator, &ids[5], &[0.1]).await;
    assert_eq!(public(&ids[5]).await, 0, "its covers are being drawn");
}

#[tokio::test(flavor = "multi_thread")]
async fn renditions_are_nobodys_only_once_no_worker_can_come_to_name_them() {
    let (ahead, clock) = ahead_of_time();
    let setting = Setting { clock: Some(clock.clone()), quiet: true, ..Setting::default() };
    let system = TestSystem::with(setting).await;
    let device = system.device();
    let reserved = device.reserve(&[small(1)]).await.remove(0);
    let id = reserved["id"].as_str().unwrap().to_owned();
    let begun = format!("{id}/0000-1/640.jpg");
    let body = aws_sdk_s3::primitives::ByteStream::from(small(1));
    system.laptop.aws.s3.put_object().bucket(names::REVIEW).key(&begun).body(body).send().await.unwrap();
    ahead.store(limits::PURGE_FENCE_SECONDS + 1, Ordering::SeqCst);
    do_task(&system, &clock, "objects").await;
    assert_eq!(keys(&system, names::REVIEW, &format!("{id}/")).await, [begun], "a worker may be at work on it");
    assert_eq!(device.put(&reserved, &small(1)).await.status, 200);
    device.until(&id, "pending").await;
    ahead.store(40 * 3_600, Ordering::SeqCst);
    do_task(&system, &clock, "objects").await;
    do_task(&system, &clock, "objects").await;
    let named = row(&system, &id).await.rendered.unwrap();
    let left = keys(&system, names::REVIEW, &format!("{id}/")).await;
    assert_eq!(left.len(), named.renditions.len(), "{left:?}");
    assert!(left.iter().all(|key| key.contains(&named.hash)), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_that_was_let_out_of_quarantine_lives_on_and_so_does_its_file() {
    let system = TestSystem::open().await;
    let (moderator, lead) =
        (system.moderator().await, system.member_with(Role::Moderator, &[Duty::Safeguarding]).await);
    let file = patterned(400, 300, 7);
    let id = system.device().add(std::slice::from_ref(&file)).await.remove(0);
    assert_eq!(moderator.decide(&id, 2, "quarantine").await["state"], json!("quarantined"));
    let meanwhile = system.device();
    let refused = meanwhile.reserve(std::slice::from_ref(&file)).await.remove(0);
    assert_eq!(meanwhile.put(&refused, &file).await.status, 200);
    meanwhile.until(refused["id"].as_str().unwrap(), "rejected").await;

    assert_eq!(lead.decide(&id, 3, "release").await["state"], json!("pending"));
    let photo = covered(&system, &moderator, &id, &[0.3]).await;
    assert_eq!(moderator.decide(&id, photo.version, "publish").await["state"], json!("published"));
    // The lead found nothing wrong with the file: it may come from somebody else, too.
    let again = system.device().add(std::slice::from_ref(&file)).await;
    assert_eq!(row(&system, &again[0]).await.state, State::Pending);
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn covers_are_made_though_the_same_file_was_locked_away_elsewhere() {
    let system = TestSystem::open().await;
    let moderator = system.moderator().await;
    let file = patterned(400, 300, 8);
    let (one, other) = (system.device().add(std::slice::from_ref(&file)).await, system.device().add(&[file]).await);
    assert_eq!(moderator.decide(&one[0], 2, "quarantine").await["state"], json!("quarantined"));
    let photo = covered(&system, &moderator, &other[0], &[0.3]).await;
    assert_eq!(photo.state, State::Pending);
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_of_one_photo_lets_no_file_in_that_was_locked_away_with_another() {
    let system = TestSystem::open().await;
    let (moderator, lead) =
        (system.moderator().await, system.member_with(Role::Moderator, &[Duty::Safeguarding]).await);
    let file = small(9);
    let mut ids = Vec::new();
    for _ in 0..2 {
        ids.extend(system.device().add(std::slice::from_ref(&file)).await);
    }
    for id in &ids {
        assert_eq!(moderator.decide(id, 2, "quarantine").await["state"], json!("quarantined"));
    }
    assert_eq!(lead.decide(&ids[0], 3, "release").await["state"], json!("pending"));
    let device = system.device();
    let refused = device.reserve(std::slice::from_ref(&file)).await.remove(0);
    assert_eq!(device.put(&refused, &file).await.status, 200);
    device.until(refused["id"].as_str().unwrap(), "rejected").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_meets_a_withdrawal_is_not_forgotten_with_the_photo() {
    let trust = Trust { after: 1, checked_percent: 0 };
    let trusting = Edition { trust: Some(trust), ..edition() };
    // Answers that come late keep the withdrawal between its look and its commit for a while.
    let faults = Faults { seed: 5, delayed: 0.8, delay_ms: 12, ..Faults::default() };
    let system =
        TestSystem::with(Setting { edition: Some(trusting.clone()), faults: Some(faults), ..Setting::default() }).await;
    let moderator = system.moderator().await;
    let doubts = TrustRevocations::new(&system.laptop.table);
    let mut met = 0;
    for round in 0..u32::try_from(rounds(40)).unwrap() {
        let device = system.device();
        let ids = device.add(&[small(2 * round), small(2 * round + 1)]).await;
        moderator.publish(&ids).await;
        let reports = format!("/api/v1/photos/{}/reports", ids[0]);
        let reporter = system.device();
        let said = json!({"reason": "other", "text": "Look again", "contact": ""});
        let withdraw = format!("/api/v1/uploads/{}", ids[0]);
        let (report, withdrawal) = futures::join!(
            reporter.client.json(Method::POST, &reports, &reporter.authorization, &said),
            device.call(Method::DELETE, &withdraw, &Value::Null)
        );
        assert_eq!(withdrawal.status, 200, "{}", withdrawal.text());
        let gone = row(&system, &ids[0]).await;
        assert_eq!(gone.state, State::Deleted);
        // What the photo was when it left: reported, if the report was first.
        let first = gone.moderation.reported > 0;
        assert_eq!(report.status == 202, first, "{}", report.text());
        met += u32::from(first);
        let trusts = doubts.trusts(&trusting, &gone.uploader).await.unwrap();
        assert_eq!(trusts, !first, "round {round}: a reported photo is withdrawn, and its sender is trusted");
    }
    println!("{met} reports came before the withdrawal");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_reserved_photo_is_looked_at_however_many_are_older() {
    let (ahead, clock) = ahead_of_time();
    let system = TestSystem::with(Setting { clock: Some(clock.clone()), quiet: true, ..Setting::default() }).await;
    let mut ids = BTreeSet::new();
    for n in 0..3 {
        let reserved = system.device().reserve(&(0..20).map(|i| small(20 * n + i)).collect::<Vec<_>>()).await;
        ids.extend(reserved.iter().map(|photo| photo["id"].as_str().unwrap().to_owned()));
    }
    ahead.store(60, Ordering::SeqCst);
    let (queue, edition) = (Queue::new(&system.laptop.table), edition().slug);
    let (mut seen, mut after, mut runs) = (BTreeSet::new(), None, 0);
    loop {
        let (photos, next) = queue.reserved(&edition, clock.now(), after.as_deref(), 16).await.unwrap();
        seen.extend(photos.iter().map(|photo| photo.id.to_string()));
        (after, runs) = (next, runs + 1);
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, ids);
    println!("60 reserved photos in {runs} runs of about 16");

    // Nobody keeps a photo alive for ever: after six hours it is as good as expired, and the page registers it anew.
    let device = system.device();
    let id = device.reserve(&[small(100)]).await[0]["id"].as_str().unwrap().to_owned();
    let renew = async || device.call(Method::POST, &format!("/api/v1/uploads/{id}/renew"), &Value::Null).await;
    assert_eq!(renew().await.status, 200);
    ahead.store(60 + limits::RENEW_SECONDS, Ordering::SeqCst);
    let refused = renew().await;
    assert_eq!((refused.problem().as_str(), &refused.json()["state"]), ("not-renewable", &json!("expired")));
}

#[tokio::test(flavor = "multi_thread")]
async fn removals_that_the_table_knows_are_not_read() {
    let system = TestSystem::open().await;
    let (device, moderator) = (system.device(), system.moderator().await);
    let ids = device.add(&(0..20).map(small).collect::<Vec<_>>()).await;
    moderator.publish(&ids).await;
    for id in &ids[..18] {
        assert_eq!(moderator.decide(id, 3, "hide").await["state"], json!("hidden"));
    }
    for id in &ids[..9] {
        assert_eq!(moderator.decide(id, 4, "restore").await["state"], json!("published"));
    }
    device.call(Method::DELETE, &format!("/api/v1/uploads/{}", ids[19]), &Value::Null).await;
    let housekeeping = system.laptop.housekeeping(Clock::system()).unwrap();
    let replayed = housekeeping::removals::replay_part(&housekeeping).await.unwrap();
    assert_eq!((replayed.removals, replayed.read, replayed.applied, replayed.buried), (19, 0, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_had_too_little_time_is_no_file_that_kills_its_worker() {
    let dropped = local::Chaos { seed: 1, drop: 1.0, duplicate: 0.0, delay: 0.0, max_delay_ms: 0, reorder: false };
    let system = TestSystem::with(Setting { chaos: Some(dropped), quiet: true, ..Setting::default() }).await;
    let (device, file) = (system.device(), patterned(800, 600, 1));
    let reserved = device.reserve(std::slice::from_ref(&file)).await.remove(0);
    let id = reserved["id"].as_str().unwrap();
    assert_eq!(device.put(&reserved, &file).await.status, 200);
    let renditions = system.laptop.renditions(Clock::system()).unwrap();
    let key = row(&system, id).await.original_key();
    for _ in 0..=limits::MAX_ATTEMPTS {
        let late = ingest(&renditions, &key, Source::Queue, Instant::now()).await;
        assert!(late.is_err(), "the message comes back: {late:?}");
        let photo = row(&system, id).await;
        assert_eq!((photo.state, photo.attempts), (State::Reserved, 0));
    }
    let in_time = Instant::now() + Duration::from_mins(5);
    assert_eq!(ingest(&renditions, &key, Source::Queue, in_time).await.unwrap(), Ingested::Pending);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_for_which_too_little_time_is_left_comes_back_as_it_was() {
    let dropped = local::Chaos { seed: 1, drop: 1.0, duplicate: 0.0, delay: 0.0, max_delay_ms: 0, reorder: false };
    let system = TestSystem::with(Setting { chaos: Some(dropped), quiet: true, ..Setting::default() }).await;
    let device = system.device();
    let files: Vec<_> = (0..3).map(small).collect();
    let reserved = device.reserve(&files).await;
    let mut event = SqsEvent::default();
    for (n, (photo, file)) in reserved.iter().zip(&files).enumerate() {
        assert_eq!(device.put(photo, file).await.status, 200);
        let key = row(&system, photo["id"].as_str().unwrap()).await.original_key().to_string();
        let mut message = SqsMessage::default();
        message.message_id = Some(n.to_string());
        message.body = Some(json!({"Records": [{"s3": {"object": {"key": key}}}]}).to_string());
        event.records.push(message);
    }
    let renditions = system.laptop.renditions(Clock::system()).unwrap();
    let soon = Instant::now() + Duration::from_secs(7);
    assert!(renditions::LEAST_LEFT > Duration::from_secs(7));
    let back = renditions::handle(&renditions, event.clone(), soon).await;
    assert_eq!(back.batch_item_failures.len(), 3);
    for photo in &reserved {
        let photo = row(&system, photo["id"].as_str().unwrap()).await;
        assert_eq!((photo.state, photo.attempts), (State::Reserved, 0));
    }
    let later = Instant::now() + Duration::from_secs(20);
    assert_eq!(renditions::handle(&renditions, event, later).await.batch_item_failures.len(), 0);
    for photo in &reserved {
        device.until(photo["id"].as_str().unwrap(), "pending").await;
    }
}

/// Every row that has one of `words`, by its keys, with when it ends by itself, in seconds since 1970.
async fn rows_with(system: &TestSystem, words: &[&str]) -> Vec<(String, Option<i64>)> {
    let all = rows(&system.laptop.aws, names::TABLE).await;
    let has = |row: &Value| words.iter().any(|word| row.to_string().contains(word));
    let ends = |row: &Value| row["ttl"]["N"].as_str().map(|seconds| seconds.parse().unwrap());
    let named = |row: &Value| format!("{} {}", row["PK"]["S"].as_str().unwrap(), row["SK"]["S"].as_str().unwrap());
    all.iter().filter(|row| has(row)).map(|row| (named(row), ends(row))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_what_somebody_wrote_nothing_stands_in_any_row_once_its_time_is_over() {
    const SAID: [&str; 4] = ["canary-caption", "canary-alt", "canary-credit", "canary-school"];
    const REPORTED: [&str; 2] = ["canary-report", "canary-contact"];
    let system = TestSystem::open().await;
    let (device, moderator, files) = (system.device(), system.moderator().await, [small(71), small(72)]);
    let mut asked = batch(&files);
    (asked["credit"], asked["school"]) = (json!("canary-credit"), json!({"name": "canary-school"}));
    let mut ids = Vec::new();
    for n in 0..2 {
        asked["photos"][n]["caption"] = json!("canary-caption");
        asked["photos"][n]["alt"] = json!("canary-alt");
    }
    let answer = device.request(&asked).await.json();
    for (reserved, file) in answer["photos"].as_array().unwrap().iter().zip(&files) {
        assert_eq!(device.put(reserved, file).await.status, 200);
        let id = reserved["id"].as_str().unwrap().to_owned();
        device.until(&id, "pending").await;
        ids.push(id);
    }
    moderator.publish(&ids).await;
    let id = ids[0].clone();
    let report = json!({"reason": "other", "text": "canary-report", "contact": "canary-contact@example.org"});
    let target = format!("/api/v1/photos/{id}/reports");
    assert_eq!(system.client.json(Method::POST, &target, "", &report).await.status, 202);
    let hidden = json!({"decisions": [{"id": id, "version": 4, "action": "hide", "reason": "canary-reason"}]});
    let answer = moderator.decisions(&hidden).await;
    assert_eq!(answer.json()["decisions"][0]["state"], "hidden", "{}", answer.text());
    let hash = Sha256Hex::digest(&files[1]).to_string();
    for words in [&SAID[..], &REPORTED, &["canary-reason"], &[hash.as_str()]] {
        assert!(!rows_with(&system, words).await.is_empty(), "{words:?} are somewhere, or nothing is shown here");
    }

    let withdrawn = device.call(Method::DELETE, &format!("/api/v1/uploads/{id}"), &Value::Null).await;
    assert_eq!(withdrawn.status, 200, "{}", withdrawn.text());
    assert_eq!(moderator.decide(&ids[1], 3, "delete").await["state"], "deleted");
    let left = rows_with(&system, &SAID).await;
    assert!(left.is_empty(), "what its uploader wrote goes at once: {left:?}");
    let now = Clock::system().now().as_second();
    let within = |rows: &[(String, Option<i64>)], days: i64| {
        rows.iter().all(|(_, ends)| ends.is_some_and(|ends| ends > now && ends <= now + days * 24 * 3600 + 60))
    };
    let reports = rows_with(&system, &REPORTED).await;
    assert!(!reports.is_empty() && within(&reports, 90), "reports and contacts end after 90 days: {reports:?}");
    let hashes = rows_with(&system, &[&hash]).await;
    assert!(!hashes.is_empty() && within(&hashes, 30), "what its file is known by ends after 30 days: {hashes:?}");
    let decided = rows_with(&system, &["canary-reason"]).await;
    println!("reports {reports:?}, hashes {hashes:?}, reasons {decided:?}");

    let machine = Clock::system();
    let later = Clock::new(move || machine.now() + SignedDuration::from_hours(24 * 91));
    let housekeeping = system.laptop.housekeeping(later).unwrap();
    housekeeping::handle(&housekeeping, housekeeping::Task::Audit).await.unwrap();
    let end = now + 91 * 24 * 3600;
    let words: Vec<_> = SAID.iter().chain(&REPORTED).copied().chain(["canary-reason", hash.as_str()]).collect();
    let left: Vec<_> =
        rows_with(&system, &words).await.into_iter().filter(|(_, ends)| ends.is_none_or(|ends| ends > end)).collect();
    assert!(left.is_empty(), "after 91 days: {left:?}");
}
