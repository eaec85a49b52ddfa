//! What functions are granted and what they do are the same. That no call goes beyond its grants, every story shows, since the laptop
//! refuses it; here the other way round: no grant without a call that needs it.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use bytes::Bytes;
use housekeeping::Task;
use http::Method;
use jiff::SignedDuration;
use local::{Chaos, names};
use serde_json::json;
use shared::{
    domain::{Edition, draw::settings::DrawSettings, event_file, limits, states::Role, trust::Trust},
    runtime::Clock,
    store::{Photos, buckets::Review, table::Table},
};
use tests::{
    Device, Moderator, TestSystem,
    photos::{patterned, small},
    system::{EVENT, Setting, edition, eventually},
};

/// Needed only where a photo is taken away while its renditions are being made, which no story can arrange for certain.
const ONLY_IN_A_RACE: [(&str, &str, &str); 3] =
    [("renditions", "review", "list"), ("renditions", "review", "delete"), ("renditions", "originals", "delete")];

/// Partitions that other stories need: a twin of a picture that two people must agree to show, a doubtful photo that is withdrawn, a
/// school by its number.
const ELSEWHERE: [(&str, &str, &str); 3] =
    [("renditions", "write", "TWO"), ("uploads", "write", "DBT#"), ("uploads", "read", "SCH#")];

#[tokio::test(flavor = "multi_thread")]
async fn every_grant_is_needed() {
    // Every event is lost, so that the sweep finds what it is there for: one that thinks it is a minute later, and need not wait.
    let lost = Chaos { seed: 1, drop: 1.0, duplicate: 0.0, delay: 0.0, max_delay_ms: 0, reorder: false };
    let trust = Some(Trust { after: 1, checked_percent: 0 });
    let edition = Some(Edition { trust, draws: draws(), video_seconds: 60, ..edition() });
    let system = TestSystem::with(Setting { edition, chaos: Some(lost), ..Setting::default() }).await;
    let sweeper = system.laptop.housekeeping(later(SignedDuration::from_mins(1))).unwrap();
    let sweeping = tokio::spawn(async move {
        loop {
            housekeeping::handle(&sweeper, task("sweep")).await.unwrap();
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    });
    let (device, owner) = (system.device(), system.member(Role::Owner).await);
    let ids = device.add(&[patterned(800, 600, 1), small(2), small(3), small(4), small(10), small(11)]).await;
    owner.publish(&ids).await;
    for page in [
        "/",
        "/gallery",
        "/mine",
        &format!("/p/{}", ids[0]),
        "/stats",
        "/api/v1/editions",
        "/api/v1/photos",
        "/api/v1/event",
        "/api/v1/stats",
        &format!("/api/v1/photos/{}", ids[0]),
        "/api/v1/schools?q=sam",
        "/api/v1/wall",
    ] {
        assert_eq!(system.client.get(page).await.status, 200, "{page}");
    }

    // The public pages look for the file of a logo.
    let logo = system.client.get(&format!("/logos/{}.png", "0".repeat(64))).await;
    assert_eq!(logo.status, 404, "{}", logo.text());

    enters_and_leaves_a_draw(&system, &owner, &device).await;

    // A file that is no photo; a photo that is put aside, one that is deleted, one that is withdrawn, one that never comes.
    let bad = Bytes::from_static(b"\xff\xd8\xff\xe0 this is no photo");
    let reserved = device.reserve(std::slice::from_ref(&bad)).await;
    assert_eq!(device.put(&reserved[0], &bad).await.status, 200);
    device.until(reserved[0]["id"].as_str().unwrap(), "rejected").await;
    hide_in_a_newer_table(&system, &owner, &ids[1]).await;
    assert_eq!(owner.decide(&ids[2], 3, "delete").await["state"], "deleted");
    // Several, since the sweep may carry out an erasure before the function comes to it.
    for id in &ids[3..] {
        let withdrawn = device.call(Method::DELETE, &format!("/api/v1/uploads/{id}"), &json!(null)).await;
        assert!(withdrawn.json()["erased_at"].is_string());
    }
    let waiting = device.reserve(&[small(5)]).await;
    let renewed = device
        .call(Method::POST, &format!("/api/v1/uploads/{}/renew", waiting[0]["id"].as_str().unwrap()), &json!({}))
        .await;
    assert_eq!(renewed.status, 200, "{}", renewed.text());

    // Of a video the storage lists the parts: for its uploader, and for the moderator who deletes it.
    let video = device.request(&crate::videos::asked(&Bytes::from_static(b"no film"))).await;
    let video = video.json()["photos"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(owner.decide(&video, 1, "delete").await["state"], "deleted");

    // One that has killed its worker three times.
    let heavy = device.reserve(&[small(7)]).await.remove(0);
    let photos = Photos::new(&system.laptop.table);
    let photo = photos.get(&heavy["id"].as_str().unwrap().parse().unwrap()).await.unwrap().unwrap();
    while photos.begin_attempt(&photo, limits::MAX_ATTEMPTS).await.unwrap() {}
    assert_eq!(device.put(&heavy, &small(7)).await.status, 200);
    device.until(photo.id.as_str(), "pending").await;
    // Covers are drawn on a public photo: its renditions are made again.
    let covers = json!({"version": 3, "boxes": [{"x": 0.1, "y": 0.1, "width": 0.5, "height": 0.5}]});
    let target = format!("/api/v1/moderation/photos/{}/redact", ids[0]);
    let covered = owner.client.json(Method::POST, &target, &owner.authorization, &covers).await;
    assert_eq!(covered.status, 202, "{}", covered.text());
    eventually("the covers are on it", async || {
        owner.queue("normal", 5).await.into_iter().find(|photo| photo["id"] == ids[0].as_str())
    })
    .await;

    // A device that is trusted.
    let trusted = system.device();
    owner.publish(&trusted.add(&[small(8)]).await).await;
    let shown = trusted.reserve(&[small(9)]).await.remove(0);
    assert_eq!(trusted.put(&shown, &small(9)).await.status, 200);
    trusted.until(shown["id"].as_str().unwrap(), "published").await;

    // Somebody signs in by a link, looks at the queue's page, and signs out.
    let pending = device.add(&[small(6)]).await;
    let link = system.laptop.organiser_link().await.unwrap();
    let code = link.split_once("#code=").unwrap().1;
    let session = system.client.json(Method::POST, "/api/v1/session", "", &json!({"code": code})).await;
    let cookie = session.header("set-cookie").split(';').next().unwrap().to_owned();
    for page in ["/moderation/queue".to_owned(), format!("/moderation/photos/{}", pending[0])] {
        let page = system.client.send(Method::GET, &page, &[("cookie", &cookie)], Bytes::new()).await;
        assert_eq!(page.status, 200, "{}", page.text());
    }
    let out = system
        .client
        .send(
            Method::DELETE,
            "/api/v1/session",
            &[("cookie", &cookie), ("sec-fetch-site", "same-origin")],
            Bytes::new(),
        )
        .await;
    assert!(out.status.is_success(), "{}", out.text());

    at_night(&system, &ids[0], sweeping).await;
    let mut unused = system.laptop.grants.unused();
    unused.retain(|(function, resource, verb)| !ONLY_IN_A_RACE.contains(&(function, resource, verb)));
    assert!(unused.is_empty(), "granted, and never needed: {unused:#?}");
    let mut partitions = system.laptop.grants.unused_partitions();
    partitions.retain(|(function, verb, key)| !ELSEWHERE.contains(&(function, verb, key)));
    assert!(partitions.is_empty(), "named in infra/functions.json, and never used: {partitions:#?}");
    let unused = system.laptop.grants.unused_actions();
    assert!(unused.is_empty(), "in infra/actions.json, and never needed: {unused:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_answers_everybody_reads_nothing_that_nobody_has_decided_about_and_changes_nothing() {
    let system = TestSystem::open().await;
    let device = system.device();
    let waiting = device.add(&[small(1)]).await.remove(0);
    let id = waiting.parse().unwrap();
    let photo = Photos::new(&system.laptop.table).get(&id).await.unwrap().unwrap();
    let rendered = photo.rendered.as_ref().unwrap();
    for function in ["site", "gallery"] {
        let aws = system.laptop.grants.clients(&system.laptop.aws, function);
        let (review, table) = (Review::new(&aws.s3, names::REVIEW), Table::new(&aws.dynamodb, names::TABLE));
        let signed = review.links(&id, rendered, Clock::system().now()).await.unwrap_err().chain();
        assert!(signed.contains(&format!("{function} may not s3:GetObject on review")), "{signed}");
        assert!(Photos::new(&table).get(&id).await.unwrap().is_some(), "{function} reads the table");
        let withdrawn = photo.withdraw(Clock::system().now()).unwrap().unwrap();
        let written = Photos::new(&table).advance(&withdrawn).await.unwrap_err().chain();
        assert!(written.contains(&format!("{function} may not dynamodb:")), "{written}");
    }
    // The function of moderators may do both.
    let aws = system.laptop.grants.clients(&system.laptop.aws, "console");
    let links = Review::new(&aws.s3, names::REVIEW).links(&id, rendered, Clock::system().now()).await.unwrap();
    assert_eq!(links.len(), rendered.renditions.len());
}

/// A draw of the day, which an observer would draw.
fn draws() -> Vec<DrawSettings> {
    let draw = "[[draws]]\nid = \"noon\"\nname = \"Noon\"\nfreezes = \"12:00\"\ndraws = \"12:30\"\nmethod = \"observer\"\n\
        who = { roles = \"Technicians\", min_age = 18, nations = [\"Wales\"] }\npromoter = \"Sample Association\"\n\
        prizes = [{ title = \"A book\" }]\n";
    event_file::read(&format!("{EVENT}\n{draw}")).unwrap().draws
}

/// Announces a draw on the console, enters it and takes the entry back, while it is open and after it was frozen, and looks at its page.
async fn enters_and_leaves_a_draw(system: &TestSystem, owner: &Moderator, device: &Device) {
    const DRAWS: &str = "/api/v1/uploads/draws";
    let announce = json!({"action": "announce"});
    let steps = "/api/v1/organiser/draws/noon/steps";
    let announced = owner.client.json(Method::POST, steps, &owner.authorization, &announce).await;
    assert_eq!(announced.status, 200, "{}", announced.text());
    let details =
        json!({"name": "Pat", "contact": "pat@example.org", "shown": "full", "eligible": true, "rules": true});
    for _ in 0..2 {
        assert_eq!(device.call(Method::POST, DRAWS, &details).await.status, 201);
        assert_eq!(device.call(Method::DELETE, DRAWS, &json!(null)).await.status, 200);
    }
    assert_eq!(device.call(Method::POST, DRAWS, &details).await.status, 201);
    let frozen = system.laptop.housekeeping(Clock::new(|| "2027-03-05T12:00:30Z".parse().unwrap())).unwrap();
    housekeeping::handle(&frozen, task("draws")).await.unwrap();
    assert_eq!(device.call(Method::DELETE, DRAWS, &json!(null)).await.status, 200);
    assert_eq!(system.client.get("/draws/noon").await.status, 200);
    let rehearsals = "/api/v1/organiser/draws/noon/rehearsals";
    let rehearsed = owner.client.json(Method::POST, rehearsals, &owner.authorization, &json!(null)).await;
    assert_eq!(rehearsed.status, 200, "{}", rehearsed.text());
}

fn later(by: SignedDuration) -> Clock {
    let system = Clock::system();
    Clock::new(move || system.now() + by)
}

fn task(name: &str) -> Task {
    serde_json::from_value(json!({ "task": name })).unwrap()
}

/// At night, days later: what nobody needs goes, and everything is counted.
async fn at_night(system: &TestSystem, id: &str, sweeping: tokio::task::JoinHandle<()>) {
    let s3 = &system.laptop.aws.s3;
    for (bucket, key) in [
        ("techognition-public", format!("m/{}/{}/640.jpg", id, "0".repeat(32))),
        ("techognition-review", format!("{}/{}/640.jpg", id, "0".repeat(32))),
        ("techognition-public", "draws/trial-dead/rehearsal-dead/rehearsal.txt".to_owned()),
    ] {
        let body = aws_sdk_s3::primitives::ByteStream::from_static(b"left behind");
        s3.put_object().bucket(bucket).key(key).if_none_match("*").body(body).send().await.unwrap();
    }
    sweeping.abort();
    let housekeeping = system.laptop.housekeeping(later(SignedDuration::from_hours(72))).unwrap();
    for name in ["sweep", "index", "objects", "audit"] {
        housekeeping::handle(&housekeeping, task(name)).await.unwrap();
    }
}

/// Hides a photo, and puts its row back as an older copy of the table has it: that knows nothing of the removal, which is done again.
async fn hide_in_a_newer_table(system: &TestSystem, moderator: &Moderator, id: &str) {
    let text = AttributeValue::S;
    let dynamodb = &system.laptop.aws.dynamodb;
    let read = dynamodb.get_item().table_name(names::TABLE).consistent_read(true);
    let read = read.key("PK", text(format!("P#{id}"))).key("SK", text("M".to_owned()));
    let before = read.send().await.unwrap().item.unwrap();
    assert_eq!(moderator.decide(id, 3, "hide").await["state"], "hidden");
    dynamodb.put_item().table_name(names::TABLE).set_item(Some(before)).send().await.unwrap();
}
