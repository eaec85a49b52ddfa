//! Short videos: sent in parts, each its own object; one commit when all are there, whatever becomes of their events; then decided about,
//! shown and taken back as photos are.

#[path = "../../functions/renditions/film/tests/made/mod.rs"]
mod made;

use std::time::{Duration, Instant};

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use bytes::Bytes;
use housekeeping::{
    Report, Task,
    requests::{self, Erased, Return},
};
use http::{Method, header};
use jiff::SignedDuration;
use local::{Chaos, names};
use serde_json::{Value, json};
use shared::{
    domain::{Edition, ids::Sha256Hex, states::Role, trust::Trust, video::PartHashes},
    runtime::Clock,
};
use tests::{
    Device, TestSystem,
    people::{batch, put},
    photos::small,
    system::{Setting, edition},
};

use made::{CANARY, Recipe};

const PART: usize = 1 << 20;

fn with_videos() -> Edition {
    Edition { video_seconds: 60, ..edition() }
}

/// A system that accepts videos.
async fn open() -> TestSystem {
    TestSystem::with(Setting { edition: Some(with_videos()), ..Setting::default() }).await
}

/// A system that accepts videos, in which every event is lost and nothing is swept: a story delivers what it wants.
async fn silent() -> TestSystem {
    let lost = Chaos { seed: 1, drop: 1.0, duplicate: 0.0, delay: 0.0, max_delay_ms: 0, reorder: false };
    TestSystem::with(Setting { edition: Some(with_videos()), chaos: Some(lost), quiet: true, ..Setting::default() })
        .await
}

/// A film of 0.4 s or more with sound, in `parts` parts of at most 1 MiB, with a canary in every carrier of metadata.
fn film(parts: u32) -> Bytes {
    // A painted key picture of 20 × 12 blocks has some 93 kB.
    let large = Recipe { blocks: (20, 12), pictures: 12 * (parts - 1), key_every: 1, ..Recipe::default() };
    let recipe = if parts == 1 { Recipe::default() } else { large };
    let file = Recipe { planted: true, ..recipe }.file();
    assert_eq!(file.len().div_ceil(PART), usize::try_from(parts).unwrap(), "{}", file.len());
    file.into()
}

fn parts(file: &Bytes) -> Vec<Bytes> {
    (0..file.len()).step_by(PART).map(|from| file.slice(from..file.len().min(from + PART))).collect()
}

/// What a batch with one video says.
pub fn asked(file: &Bytes) -> Value {
    let mut asked = batch(std::slice::from_ref(file));
    let parts = parts(file);
    let hashes: PartHashes = parts.iter().map(|part| Sha256Hex::digest(part)).collect();
    let photo = &mut asked["photos"][0];
    photo["type"] = json!("video/mp4");
    photo["sha256"] = json!(hashes.whole());
    photo["parts"] =
        parts.iter().map(|part| json!({"size_bytes": part.len(), "sha256": Sha256Hex::digest(part)})).collect();
    photo["sound"] = json!(true);
    photo["transcript"] = json!("A pump runs, and stops.");
    asked
}

async fn reserve(device: &Device, file: &Bytes) -> Value {
    let answer = device.request(&asked(file)).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["photos"][0].clone()
}

async fn renew(device: &Device, id: &Value) -> tests::http::Answer {
    let target = format!("/api/v1/uploads/{}/renew", id.as_str().unwrap());
    device.call(Method::POST, &target, &json!({})).await
}

/// Sends these parts of a reserved video.
async fn send(device: &Device, reserved: &Value, file: &Bytes, numbers: &[usize]) {
    for number in numbers {
        let upload = &reserved["parts"].as_array().unwrap().iter().find(|part| part["part"] == *number).unwrap();
        let answer = put(&device.client, upload, &parts(file)[*number], &[]).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}

/// The keys in a bucket that contain a photo's id.
async fn stored(system: &TestSystem, bucket: &str, id: &str) -> Vec<String> {
    let listed = system.laptop.aws.s3.list_objects_v2().bucket(bucket).send().await.unwrap();
    let keys = listed.contents.unwrap_or_default().into_iter().filter_map(|object| object.key);
    keys.filter(|key| key.contains(id)).collect()
}

fn part_key(id: &str, number: usize) -> String {
    let id: shared::domain::PhotoId = id.parse().unwrap();
    format!("2027/{}/{id}/{number:02}", id.spread())
}

/// Delivers the events of these objects to the function, in this order; answers with how many came back.
async fn deliver(system: &TestSystem, keys: &[String]) -> usize {
    let message = |(n, key): (usize, &String)| {
        let mut message = SqsMessage::default();
        message.message_id = Some(n.to_string());
        message.body = Some(json!({"Records": [{"s3": {"object": {"key": key}}}]}).to_string());
        message
    };
    let mut event = SqsEvent::default();
    event.records = keys.iter().enumerate().map(message).collect();
    let renditions = system.laptop.renditions(Clock::system()).unwrap();
    let soon = Instant::now() + Duration::from_mins(5);
    renditions::handle(&renditions, event, soon).await.batch_item_failures.len()
}

async fn state(device: &Device, id: &str) -> Value {
    let own = device.own().await.into_iter().find(|photo| photo["id"] == id);
    own.map(|photo| photo["state"].clone()).unwrap_or_default()
}

async fn actions(system: &TestSystem, id: &str) -> Vec<String> {
    let moderator = system.moderator().await;
    let audit = moderator.get(&format!("/api/v1/moderation/photos/{id}/audit")).await.json();
    assert_eq!(audit["whole"], true);
    audit["entries"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap().to_owned()).collect()
}

/// Runs a task as if it were so many seconds later.
async fn sweep(system: &TestSystem, task: Task, seconds: i64) -> Report {
    let machine = Clock::system();
    let later = Clock::new(move || machine.now() + SignedDuration::from_secs(seconds));
    let housekeeping = system.laptop.housekeeping(later).unwrap();
    housekeeping::handle(&housekeeping, task).await.unwrap()
}

fn has_canary(bytes: &[u8]) -> bool {
    bytes.windows(CANARY.len()).any(|window| window == CANARY)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_video_goes_in_parts_from_its_uploader_to_everybody_and_back() {
    let system = open().await;
    let (device, moderator) = (system.device(), system.moderator().await);
    let limits = system.client.get("/api/v1/event").await.json()["limits"].clone();
    assert_eq!((&limits["max_video_seconds"], &limits["max_video_bytes"]), (&json!(60), &json!(25_165_824)));
    assert_eq!(limits["types"], json!(["image/jpeg", "image/png", "image/webp", "video/mp4"]));
    let file = film(3);
    assert!(has_canary(&file));
    let reserved = reserve(&device, &file).await;
    let id = reserved["id"].as_str().unwrap().to_owned();
    assert_eq!((&reserved["upload"], &reserved["have"]), (&json!(null), &json!([])));
    assert_eq!(reserved["parts"].as_array().unwrap().len(), 3);

    // The storage takes each part once, and nothing else in its place.
    let wrong = put(&device.client, &reserved["parts"][0], &parts(&file)[1], &[]).await;
    assert!(wrong.status.is_client_error(), "{}", wrong.text());
    send(&device, &reserved, &file, &[2, 0]).await;
    let again = put(&device.client, &reserved["parts"][0], &parts(&file)[0], &[]).await;
    assert_eq!(again.status, 412, "{}", again.text());

    // What the storage has decides which parts are asked for.
    let renewed = renew(&device, &reserved["id"]).await.json();
    assert_eq!((&renewed["have"], &renewed["state"]), (&json!([0, 2]), &json!("reserved")));
    assert_eq!((renewed["parts"].as_array().unwrap().len(), &renewed["parts"][0]["part"]), (1, &json!(1)));
    assert_eq!(renewed["upload"]["url"], renewed["parts"][0]["url"]);
    let repeated = reserve(&device, &file).await;
    assert_eq!((&repeated["id"], &repeated["have"]), (&reserved["id"], &json!([0, 2])));
    assert_eq!(state(&device, &id).await, "reserved", "a part of a video is no video");
    send(&device, &renewed, &file, &[1]).await;
    device.until(&id, "pending").await;
    assert_eq!(renew(&device, &reserved["id"]).await.problem(), "not-renewable");

    // A moderator sees a picture of it. It cannot be covered.
    let waiting = moderator.queue("normal", 12).await;
    assert_eq!(waiting[0]["id"], id.as_str());
    let picture = system.client.get(waiting[0]["review_urls"][0].as_str().unwrap()).await;
    assert_eq!((picture.status.as_u16(), picture.header("content-type")), (200, "image/jpeg"));
    for address in [&waiting[0]["video"]["video_url"], &waiting[0]["video"]["sheet_url"]] {
        assert_eq!(system.client.get(address.as_str().unwrap()).await.status, 200, "{address}");
    }
    let covers = json!({"version": 2, "boxes": [{"x": 0.1, "y": 0.1, "width": 0.5, "height": 0.5}]});
    let target = format!("/api/v1/moderation/photos/{id}/redact");
    let covered = moderator.client.json(Method::POST, &target, &moderator.authorization, &covers).await;
    assert_eq!(covered.problem(), "not-for-videos");
    let reviewed = stored(&system, names::REVIEW, &id).await;
    for name in ["film.mp4", "silent.mp4", "sheet.jpg", "320.webp"] {
        assert!(reviewed.iter().any(|key| key.ends_with(&format!("/{name}"))), "{name} in {reviewed:?}");
    }
    moderator.publish(std::slice::from_ref(&id)).await;

    // Its page plays it, with the words for what is heard; no other page may play anything.
    let page = system.client.get(&format!("/p/{id}")).await;
    let policy = page.header("content-security-policy").to_owned();
    assert!(policy.contains("media-src 'self'") && page.text().contains("A pump runs, and stops."), "{policy}");
    assert!(page.text().contains("<video controls playsinline preload=\"none\""), "{}", page.text());
    assert!(!system.client.get("/gallery").await.header("content-security-policy").contains("media-src"));
    // Feeds, previews and lists lead to its file, and say what it is.
    let folder = format!("{}/m/{id}/", system.laptop.site);
    for (target, told) in [
        ("/feed.xml".to_owned(), "medium=\"video\" type=\"video/mp4\" duration=\"1\" fileSize=".to_owned()),
        ("/feed.json".to_owned(), "\"duration_in_seconds\":1,\"mime_type\":\"video/mp4\"".to_owned()),
        (format!("/p/{id}"), format!("<meta property=\"og:video\" content=\"{folder}")),
        (format!("/cy/p/{id}"), "<meta property=\"og:video:type\" content=\"video/mp4\">".to_owned()),
        (format!("/p/{id}"), "<meta property=\"og:video:width\" content=\"320\">".to_owned()),
        (format!("/p/{id}"), "<meta property=\"og:video:height\" content=\"192\">".to_owned()),
    ] {
        let text = system.client.get(&target).await.unpacked().text();
        assert!(text.contains(&told) && text.contains("/film.mp4"), "{told} in {target}: {text}");
    }
    let oembed = format!("/oembed?url={}/p/{id}", system.laptop.site);
    assert_eq!(system.client.get(&oembed).await.json()["type"], "photo", "its picture stands for it");

    // Everybody sees it. No byte of what its phone had written about it is in the file.
    let shown = system.client.get(&format!("/api/v1/photos/{id}")).await.json();
    assert_eq!((&shown["kind"], &shown["width"], &shown["height"]), (&json!("video"), &json!(320), &json!(192)));
    let video = &shown["video"];
    assert_eq!((&video["sound"], &video["transcript"]), (&json!(true), &json!("A pump runs, and stops.")));
    assert_eq!((&video["duration_ms"], &video["type"]), (&json!(800), &json!("video/mp4")));
    let files = stored(&system, names::PUBLIC, &id).await;
    let address = files.iter().find(|key| key.ends_with("/film.mp4")).unwrap();
    assert!(!files.iter().any(|key| key.ends_with("silent.mp4") || key.ends_with("sheet.jpg")), "{files:?}");
    let address = format!("/{address}");
    assert_eq!(video["url"], address.as_str());
    let whole = system.client.get(&address).await;
    assert_eq!((whole.status.as_u16(), whole.header("content-type")), (200, "video/mp4"));
    assert!(!has_canary(&whole.body) && whole.body.len() > 2 * PART);
    assert_eq!(video["bytes"], whole.body.len());
    for (range, status, length) in [("bytes=0-99", 206, 100), ("bytes=-5", 206, 5), ("bytes=999999999-", 416, 0)] {
        let part = system.client.send(Method::GET, &address, &[("range", range)], Bytes::new()).await;
        assert_eq!(part.status.as_u16(), status, "{range}");
        assert!(status == 416 || part.body.len() == length, "{range}");
        assert!(part.header(header::CONTENT_RANGE.as_str()).ends_with(&format!("/{}", whole.body.len())), "{range}");
    }
    assert!(system.audit().await.differences.is_zero());

    // Its uploader takes it back: every part and every file is gone.
    let withdrawn = device.call(Method::DELETE, &format!("/api/v1/uploads/{id}"), &json!(null)).await;
    assert!(withdrawn.json()["erased_at"].is_string(), "{}", withdrawn.text());
    assert_eq!(system.client.get(&address).await.status, 404);
    for (target, status) in
        [(format!("/p/{id}"), 410), (oembed, 410), ("/feed.xml".into(), 200), ("/feed.json".into(), 200)]
    {
        let answer = system.client.get(&target).await.unpacked();
        assert!(
            answer.status == status && !answer.text().contains(&format!("/m/{id}/")),
            "{target}: {}",
            answer.text()
        );
    }
    for bucket in [names::ORIGINALS, names::REVIEW, names::PUBLIC] {
        assert_eq!(stored(&system, bucket, &id).await, Vec::<String>::new(), "{bucket}");
    }
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_video_waits_for_a_person_and_can_be_published_without_its_sound() {
    let trust = Some(Trust { after: 1, checked_percent: 1 });
    let edition = Edition { trust, ..with_videos() };
    let system = TestSystem::with(Setting { edition: Some(edition), ..Setting::default() }).await;
    let (device, moderator) = (system.device(), system.moderator().await);
    moderator.publish(&device.add(&[small(1)]).await).await;
    let file = film(2);
    let reserved = reserve(&device, &file).await;
    let id = reserved["id"].as_str().unwrap().to_owned();
    send(&device, &reserved, &file, &[0, 1]).await;
    device.until(&id, "pending").await;
    let row = shared::store::Photos::new(&system.laptop.table).get(&id.parse().unwrap()).await.unwrap().unwrap();
    assert!(!row.moderation.trusted && !row.is_trusted(), "its device is trusted, and no person has seen the video");
    let silent = json!({"decisions": [{"id": id, "version": 2, "action": "publish", "sound": false}]});
    let decided = moderator.decisions(&silent).await;
    assert_eq!(decided.json()["decisions"][0]["state"], "published", "{}", decided.text());
    let video = system.client.get(&format!("/api/v1/photos/{id}")).await.json()["video"].clone();
    assert_eq!((&video["sound"], &video["transcript"]), (&json!(false), &json!("")));
    let public = system.client.get(video["url"].as_str().unwrap()).await;
    assert_eq!(video["bytes"], public.body.len());
    assert!(!public.body.windows(4).any(|window| window == b"mp4a"), "no sound is in the file");
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_parts_may_be_lost_doubled_and_reordered_and_make_one_commit() {
    let system = silent().await;
    let device = system.device();
    let file = film(3);
    let reserved = reserve(&device, &file).await;
    let id = reserved["id"].as_str().unwrap().to_owned();
    let key = |number| part_key(&id, number);
    send(&device, &reserved, &file, &[1]).await;
    assert_eq!(deliver(&system, &[key(1), key(1)]).await, 0);
    send(&device, &reserved, &file, &[0]).await;
    // The event of a part that has not arrived; and a key that no part can have.
    assert_eq!(deliver(&system, &[key(2), key(0), key(23)]).await, 0);
    assert_eq!(state(&device, &id).await, "reserved");
    let photos = shared::store::Photos::new(&system.laptop.table);
    let row = photos.get(&id.parse().unwrap()).await.unwrap().unwrap();
    assert_eq!((row.attempts, row.parts().len()), (0, 3), "what is not all there is no attempt");
    send(&device, &reserved, &file, &[2]).await;
    assert_eq!(deliver(&system, &[key(2), key(0), key(1), key(2)]).await, 0);
    assert_eq!(state(&device, &id).await, "pending");
    assert_eq!(actions(&system, &id).await, ["reserve", "ingest"]);
    let row = photos.get(&id.parse().unwrap()).await.unwrap().unwrap();
    assert_eq!((row.attempts, row.parts().len()), (0, 0));
    assert!(system.audit().await.differences.is_zero());

    // All events are lost: the sweep finds that all parts are there.
    let device = system.device();
    let reserved = reserve(&device, &file).await;
    let id = reserved["id"].as_str().unwrap().to_owned();
    send(&device, &reserved, &file, &[0, 1]).await;
    assert_eq!(sweep(&system, Task::Sweep, 60).await.resent, 0);
    send(&device, &reserved, &file, &[2]).await;
    assert_eq!(sweep(&system, Task::Sweep, 60).await.resent, 1);
    device.until(&id, "pending").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_dies_at_any_call_loses_nothing() {
    let system = silent().await;
    let file = film(2);
    let mut died = 0;
    for calls in [0, 1, 2, 3, 4, 5, 6, 7, 9, 12, 15, 18, 21] {
        let device = system.device();
        let reserved = reserve(&device, &file).await;
        let id = reserved["id"].as_str().unwrap().to_owned();
        send(&device, &reserved, &file, &[0, 1]).await;
        system.laptop.grants.die_after("renditions", Some(calls));
        died += deliver(&system, &[part_key(&id, 1)]).await;
        system.laptop.grants.die_after("renditions", None);
        assert_eq!(deliver(&system, &[part_key(&id, 0)]).await, 0, "after {calls} calls");
        assert_eq!(state(&device, &id).await, "pending", "after {calls} calls");
        assert_eq!(actions(&system, &id).await, ["reserve", "ingest"], "after {calls} calls");
    }
    assert!(died >= 10, "only {died} workers died");
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_video_that_stays_unfinished_expires_with_its_parts() {
    let system = silent().await;
    let device = system.device();
    let file = film(3);
    let reserved = reserve(&device, &file).await;
    let id = reserved["id"].as_str().unwrap().to_owned();
    send(&device, &reserved, &file, &[0, 2]).await;
    // Its addresses live for ten minutes, and the slowest upload of a part for fifteen more.
    let early = sweep(&system, Task::Sweep, 24 * 60).await;
    assert_eq!((early.expired, stored(&system, names::ORIGINALS, &id).await.len()), (0, 2));
    let late = sweep(&system, Task::Sweep, 26 * 60).await;
    assert_eq!((late.expired, late.failed), (1, 0));
    assert_eq!(state(&device, &id).await, "expired");
    assert_eq!(stored(&system, names::ORIGINALS, &id).await, Vec::<String>::new());
    let refused = renew(&device, &reserved["id"]).await;
    assert_eq!((refused.problem().as_str(), &refused.json()["state"]), ("not-renewable", &json!("expired")));

    // A part that comes later still is of no use, and does not stay.
    send(&device, &reserved, &file, &[1]).await;
    assert_eq!(deliver(&system, &[part_key(&id, 1)]).await, 0);
    assert_eq!(state(&device, &id).await, "expired");
    let swept = sweep(&system, Task::Objects, 3_600).await;
    assert_eq!((swept.orphans, swept.resent, swept.failed), (1, 0, 0));
    assert_eq!(stored(&system, names::ORIGINALS, &id).await, Vec::<String>::new());
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_or_unknown_video_leaves_no_part_behind() {
    let system = silent().await;
    let (device, file) = (system.device(), film(2));
    let reserved = reserve(&device, &file).await;
    let id = reserved["id"].as_str().unwrap().to_owned();
    send(&device, &reserved, &file, &[0]).await;
    let withdrawn = device.call(Method::DELETE, &format!("/api/v1/uploads/{id}"), &json!(null)).await;
    assert_eq!(withdrawn.status, 200, "{}", withdrawn.text());
    assert_eq!(stored(&system, names::ORIGINALS, &id).await, Vec::<String>::new());
    // An address from before the withdrawal is used after it.
    send(&device, &reserved, &file, &[1]).await;
    assert_eq!(stored(&system, names::ORIGINALS, &id).await.len(), 1);
    assert_eq!(deliver(&system, &[part_key(&id, 1)]).await, 0);
    assert_eq!(stored(&system, names::ORIGINALS, &id).await, Vec::<String>::new());

    // Parts without a row are put aside as one file, which the safeguarding lead finds by its folder and can delete.
    let nobody = shared::domain::PhotoId::from_digest(&[9; 32]).to_string();
    for number in [0, 1] {
        let put = system.laptop.aws.s3.put_object().bucket(names::ORIGINALS).key(part_key(&nobody, number));
        put.if_none_match("*").body(vec![1].into()).send().await.unwrap();
    }
    assert_eq!(sweep(&system, Task::Objects, 3_600).await.quarantined, 1);
    let lead = system.member_with(Role::Moderator, &[shared::domain::states::Duty::Safeguarding]).await;
    let locked = lead.get("/api/v1/moderation/quarantine").await.json()["photos"][0].clone();
    let folder = part_key(&nobody, 0).trim_end_matches("00").to_owned();
    assert_eq!((&locked["id"], &locked["original"]), (&json!(nobody), &json!(folder)));
    assert_eq!(lead.decide(&nobody, 1, "delete").await["state"], "deleted");
    assert_eq!(stored(&system, names::ORIGINALS, &nobody).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_video_is_rejected_in_words_for_its_uploader() {
    let short = Edition { video_seconds: 1, ..edition() };
    let system = TestSystem::with(Setting { edition: Some(short), ..Setting::default() }).await;
    let device = system.device();
    let long = Recipe { pictures: 12, span: 200, ..Recipe::default() }.file();
    let mut broken = Recipe::default().file();
    broken.truncate(broken.len() / 2);
    for (file, words) in [
        (small(1), "This is a JPEG file. We can show MP4 and MOV videos with H.264."),
        (Bytes::from(long), "This video is 4 s long. Choose up to 1 s of it and add that."),
        (Bytes::from(broken), "A part of this video is missing."),
    ] {
        let reserved = reserve(&device, &file).await;
        send(&device, &reserved, &file, &[0]).await;
        let rejected = device.until(reserved["id"].as_str().unwrap(), "rejected").await;
        assert!(rejected["reason"].as_str().unwrap().starts_with(words), "{rejected}");
    }
    assert!(system.audit().await.differences.is_zero());
}

/// Adds a video of one part with sound, and waits until it can be decided about.
async fn added(system: &TestSystem, device: &Device) -> String {
    let file = film(1);
    let reserved = reserve(device, &file).await;
    let id = reserved["id"].as_str().unwrap().to_owned();
    send(device, &reserved, &file, &[0]).await;
    device.until(&id, "pending").await;
    assert!(system.audit().await.differences.is_zero());
    id
}

async fn own(device: &Device, id: &str) -> Value {
    device.own().await.into_iter().find(|photo| photo["id"] == id).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_heard_is_changed_by_its_uploader_and_corrected_by_a_moderator() {
    let system = open().await;
    let (device, moderator) = (system.device(), system.moderator().await);
    let id = added(&system, &device).await;
    let photo = device.add(&[small(1)]).await.remove(0);
    let edit = async |id: &str, text: &str| {
        device.call(Method::PATCH, &format!("/api/v1/uploads/{id}"), &json!({"transcript": text})).await
    };
    let video = own(&device, &id).await;
    assert_eq!(video["kind"], "video");
    assert_eq!(video["video"], json!({"sound": true, "transcript": "A pump runs, and stops."}));
    assert_eq!(own(&device, &photo).await["video"], json!(null));

    // It is checked as a caption is, and a video with sound is never without it.
    let edited = edit(&id, "A  pump runs, then a bell.").await;
    assert_eq!(edited.json()["video"]["transcript"], "A pump runs, then a bell.", "{}", edited.text());
    assert_eq!(edit(&id, &"x".repeat(501)).await.problem(), "text-too-long");
    for (id, text) in [(&id, " "), (&photo, "A pump.")] {
        let refused = edit(id, text).await;
        assert_eq!((refused.problem(), &refused.json()["field"]), ("invalid".into(), &json!("transcript")));
    }
    assert_eq!(edit(&photo, "").await.status, 200, "a photo has none");
    let named = edit(&id, "Tomasz of Year 9 says what he has built.").await;
    assert_eq!(named.status, 200, "{}", named.text());
    let held = moderator.queue("held", 12).await;
    assert_eq!((&held[0]["id"], &held[0]["hints"][0]["kind"]), (&json!(id), &json!("pupil-name")));

    // The moderator takes the name out, and shows the video.
    let target = format!("/api/v1/moderation/photos/{id}");
    let correct = async |version: &Value, text: &str| {
        let body = json!({"version": version, "transcript": text});
        moderator.client.json(Method::PATCH, &target, &moderator.authorization, &body).await
    };
    assert_eq!(correct(&json!(2), "Old").await.problem(), "version-outdated");
    let corrected = correct(&held[0]["version"], "Somebody says what they have built.").await.json();
    let published = moderator.decide(&id, corrected["version"].as_u64().unwrap(), "publish").await;
    assert_eq!(published["state"], "published", "{published}");
    let heard = async || {
        let shown = system.client.get(&format!("/api/v1/photos/{id}")).await;
        shown.json()["video"]["transcript"].as_str().map(str::to_owned)
    };
    assert_eq!(heard().await.as_deref(), Some("Somebody says what they have built."));
    // A moderator's words are public at once; the uploader's are looked at first.
    let again = correct(&published["version"], "Somebody tells what they have built.").await;
    assert_eq!(again.json()["state"], "published", "{}", again.text());
    assert_eq!(heard().await.as_deref(), Some("Somebody tells what they have built."));
    assert_eq!(edit(&id, "A bell.").await.json()["state"], "pending");
    assert_eq!(heard().await, None);
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_of_a_video_is_told_who_asks_counted_and_erased() {
    let system = open().await;
    let (device, moderator) = (system.device(), system.moderator().await);
    let file = film(3);
    let reserved = reserve(&device, &file).await;
    let id = reserved["id"].as_str().unwrap().to_owned();
    send(&device, &reserved, &file, &[0, 1, 2]).await;
    device.until(&id, "pending").await;
    moderator.publish(std::slice::from_ref(&id)).await;
    let stats = system.client.get("/api/v1/stats").await.json();
    assert_eq!(stats["photos"]["count"], 1, "a video is one of what is shown: {stats}");

    // Who asks what is kept gets its words and the place of each of its parts and files.
    let housekeeping = system.laptop.housekeeping(Clock::system()).unwrap();
    let photo = id.parse().unwrap();
    let dossier = requests::dossier(&housekeeping, &photo).await.unwrap().unwrap();
    let told = serde_json::to_string(&dossier).unwrap();
    assert!(told.contains("A pump runs, and stops."), "{told}");
    for (room, name) in [
        ("originals", "/00"),
        ("originals", "/02"),
        ("review", "/film.mp4"),
        ("review", "/silent.mp4"),
        ("review", "/sheet.jpg"),
        ("public", "/film.mp4"),
    ] {
        let there = dossier.files.iter().any(|(kept, key)| *kept == room && key.ends_with(name));
        assert!(there, "{room}{name}: {:?}", dossier.files);
    }

    // Erased, nothing is left of it but that it was there, and the same file is refused.
    assert_eq!(requests::erase(&housekeeping, &photo, Return::Refused).await.unwrap(), Erased::Gone);
    for bucket in [names::ORIGINALS, names::REVIEW, names::PUBLIC] {
        assert_eq!(stored(&system, bucket, &id).await, Vec::<String>::new(), "{bucket}");
    }
    let left = requests::dossier(&housekeeping, &photo).await.unwrap().unwrap();
    let told = serde_json::to_string(&left).unwrap();
    assert!(!told.contains("A pump runs") && left.files.is_empty(), "{told}");
    assert_eq!(system.client.get("/api/v1/stats").await.json()["photos"]["count"], 0);
    let other = system.device();
    let again = reserve(&other, &file).await;
    send(&other, &again, &file, &[0, 1, 2]).await;
    other.until(again["id"].as_str().unwrap(), "rejected").await;
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_video_is_rejected_for_reasons_of_its_own() {
    let system = open().await;
    let (device, moderator) = (system.device(), system.moderator().await);
    let photo = device.add(&[small(1)]).await.remove(0);
    let (loud, pupil) = (added(&system, &device).await, added(&system, &system.device()).await);
    let reject = async |id: &str, reason: &str| {
        let decision = json!({"id": id, "version": 2, "action": "reject", "reason": reason});
        let decided = moderator.decisions(&json!({"decisions": [decision]})).await;
        assert_eq!(decided.json()["decisions"][0]["state"], "rejected", "{}", decided.text());
    };
    reject(&loud, "music").await;
    let told = own(&device, &loud).await;
    let words = "Thank you for this one. Music is heard in it, and we have no right to play that. Leave out the sound and send \
                 it again.";
    assert_eq!((&told["reason"], &told["reason_name"]), (&json!(words), &json!("music")));
    // A face in a photo can be covered, and one in a video cannot.
    reject(&photo, "pupil").await;
    let told = own(&device, &photo).await;
    assert!(told["reason"].as_str().unwrap().contains("Cover or crop the face") && told["reason_name"] == "pupil");
    reject(&pupil, "name-spoken").await;
    // In the moderator's own words: there is no name for them.
    let other = added(&system, &system.device()).await;
    reject(&other, "Only the lid is seen").await;
    let counted = system.member(Role::Organiser).await.get("/api/v1/organiser/dashboard").await.json();
    let rejected = &counted["rejected"];
    assert_eq!((&rejected["other"], &rejected["pupil"]), (&json!(2), &json!(2)), "{counted}");
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_video_that_cannot_be_taken_is_refused_before_it_is_sent() {
    let problem = async |device: &Device, asked: &Value| {
        let answer = device.request(asked).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        let photo = answer.json()["photos"][0].clone();
        let kind = photo["problem"]["type"].as_str().unwrap_or_default().trim_start_matches("/problems/").to_owned();
        (kind, photo["problem"]["field"].as_str().unwrap_or_default().to_owned())
    };
    let named = |kind: &str, field: &str| (kind.to_owned(), field.to_owned());
    let file = film(1);
    let off = TestSystem::open().await;
    assert_eq!(problem(&off.device(), &asked(&file)).await, named("unsupported-type", ""));
    assert_eq!(off.client.get("/api/v1/event").await.json()["limits"]["max_video_bytes"], 0);

    let system = open().await;
    let device = system.device();
    for (field, value, expected) in [
        ("people", json!("pupils"), "people"),
        ("alt", json!(""), "alt"),
        ("transcript", json!(" "), "transcript"),
        ("parts", json!([]), "parts"),
        ("sha256", json!("0".repeat(64)), "sha256"),
    ] {
        let mut asked = asked(&file);
        asked["photos"][0][field] = value;
        assert_eq!(problem(&device, &asked).await, named("invalid", expected));
    }
    let mut several = asked(&file);
    let one = several["photos"][0].clone();
    several["photos"] = (0..4)
        .map(|n| {
            let mut video = one.clone();
            video["ref"] = json!(format!("v{n}"));
            video
        })
        .collect();
    let refused = device.request(&several).await;
    assert_eq!(refused.problem(), "wrong-count");

    // The eleventh video of a device waits until another is withdrawn; photos do not.
    let mut ids = Vec::new();
    for n in 0..10 {
        let mut asked = asked(&file);
        asked["photos"][0]["ref"] = json!(format!("video-{n}"));
        ids.push(device.request(&asked).await.json()["photos"][0]["id"].as_str().unwrap().to_owned());
    }
    let mut eleventh = asked(&file);
    eleventh["photos"][0]["ref"] = json!("video-10");
    assert_eq!(problem(&device, &eleventh).await, named("too-many-videos", ""));
    let mut known = asked(&file);
    known["photos"][0]["ref"] = json!("video-9");
    let repeated = device.request(&known).await.json();
    assert_eq!(repeated["photos"][0]["id"], ids[9].as_str(), "a repeated request finds what the first one registered");
    assert_eq!(device.reserve(&[small(1)]).await[0]["state"], "reserved");
    let withdrawn = device.call(Method::DELETE, &format!("/api/v1/uploads/{}", ids[0]), &json!(null)).await;
    assert_eq!(withdrawn.status, 200, "{}", withdrawn.text());
    let accepted = device.request(&eleventh).await.json();
    assert_eq!(accepted["photos"][0]["state"], "reserved");
    assert!(system.audit().await.differences.is_zero());
}
