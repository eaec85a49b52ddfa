//! What everybody sees: whole pages, each photo once, and nothing that nobody has decided about.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use http::Method;
use jiff::SignedDuration;
use serde_json::Value;
use shared::{domain::Edition, runtime::Clock, store::editions::Editions};
use tests::{
    Moderator, TestSystem,
    photos::small,
    system::{Setting, Throttling},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_through_the_feed_meets_each_photo_that_stays_once() {
    let system = TestSystem::open().await;
    let (device, moderator) = (system.device(), system.moderator().await);
    let mut ids = Vec::new();
    for batch in 0..3 {
        ids.extend(device.add(&(0..20).map(|i| small(batch * 20 + i)).collect::<Vec<_>>()).await);
    }
    let (first, later) = ids.split_at(50);
    moderator.publish(first).await;
    let mut later = later.iter();
    let mut seen: Vec<String> = Vec::new();
    let mut gone = BTreeSet::new();
    let mut after = String::new();
    loop {
        let page = system.client.get(&format!("/api/v1/photos?limit=7{after}")).await.json();
        let photos = page["photos"].as_array().unwrap();
        assert!(photos.len() == 7 || page["next"].is_null(), "no page is short but the last");
        seen.extend(photos.iter().map(|photo| photo["id"].as_str().unwrap().to_owned()));
        // Photos come above, and one that lies ahead goes.
        if let Some(new) = later.next() {
            moderator.publish(std::slice::from_ref(new)).await;
            if let Some(ahead) = first.iter().find(|id| !seen.contains(id) && !gone.contains(*id)) {
                assert_eq!(moderator.decide(ahead, 3, "hide").await["state"], "hidden");
                gone.insert(ahead.clone());
            }
        }
        let Value::String(next) = &page["next"] else { break };
        after = format!("&after={next}");
    }
    let unique: BTreeSet<_> = seen.iter().cloned().collect();
    assert_eq!(unique.len(), seen.len(), "no photo twice");
    let stayed: BTreeSet<_> = first.iter().filter(|id| !gone.contains(*id)).cloned().collect();
    assert!(unique.is_superset(&stayed), "none that stayed is missed");
    assert!(gone.len() > 3, "photos that lay ahead were hidden on the way");
    assert!(unique.is_disjoint(&gone), "none that had gone is shown");
}

/// Numbers that look random, and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }
}

/// A photo of the story, as its moderator knows it.
struct Kept {
    id: String,
    state: String,
    version: u64,
    /// Whether it has been public, or not, ever since the walk began.
    steady: bool,
}

/// Publishes, hides, shows again or takes back one of them.
async fn touch(dice: &mut Dice, moderator: &Moderator, photos: &mut [Kept]) {
    let at = dice.below(photos.len());
    let photo = &mut photos[at];
    let action = match photo.state.as_str() {
        "pending" => "publish",
        "hidden" => "restore",
        _ if dice.below(2) == 0 => "hide",
        _ => "unpublish",
    };
    let decided = moderator.decide(&photo.id, photo.version, action).await;
    let state = decided["state"].as_str().unwrap_or_else(|| panic!("{action}: {decided}"));
    state.clone_into(&mut photo.state);
    (photo.version, photo.steady) = (photo.version + 1, false);
}

#[tokio::test(flavor = "multi_thread")]
async fn walks_meet_each_photo_that_stays_once_while_feeds_are_spread_wider_and_photos_come_and_go() {
    let ahead = Arc::new(AtomicI64::new(0));
    let (seconds, system) = (Arc::clone(&ahead), Clock::system());
    let clock = Clock::new(move || system.now() + SignedDuration::from_secs(seconds.load(Ordering::SeqCst)));
    let setting = Setting { clock: Some(clock), throttling: Throttling::Off, ..Setting::default() };
    let system = TestSystem::with(setting).await;
    let (device, moderator) = (system.device(), system.moderator().await);
    let files: Vec<_> = (0..30).map(small).collect();
    let mut photos = Vec::new();
    for files in files.chunks(20) {
        let new = device.add(files).await.into_iter();
        photos.extend(new.map(|id| Kept { id, state: "pending".to_owned(), version: 2, steady: true }));
    }
    let mut dice = Dice(7);
    for _ in 0..35 {
        touch(&mut dice, &moderator, &mut photos).await;
    }
    let editions = Editions::new(&system.laptop.table, &Clock::system());
    let paths = ["/api/v1/photos?", "/api/v1/photos?discipline=science&", "/api/v1/photos?school=sample-academy&"];
    let (mut walked, mut moved) = (0, 0);
    for shards in [1, 3, 16] {
        let slug = editions.current().await.unwrap().unwrap().slug;
        let wider =
            |edition: &Edition| Ok::<_, shared::store::Fault>(Edition { feed_shards: shards, ..edition.clone() });
        assert_eq!(editions.change(&slug, wider).await.unwrap().unwrap().feed_shards, shards);
        // Functions go on for three seconds with what they have read.
        ahead.fetch_add(4, Ordering::SeqCst);
        for path in paths {
            for photo in &mut photos {
                photo.steady = true;
            }
            let mut seen: Vec<String> = Vec::new();
            let mut after = String::new();
            loop {
                let page = system.client.get(&format!("{path}limit={}{after}", 1 + dice.below(9))).await.json();
                seen.extend(
                    page["photos"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()),
                );
                let Value::String(next) = &page["next"] else { break };
                after = format!("&after={next}");
                for _ in 0..dice.below(3) {
                    touch(&mut dice, &moderator, &mut photos).await;
                    moved += 1;
                }
            }
            let unique: BTreeSet<_> = seen.iter().collect();
            // What left and came back below has another place, and may be met there once more.
            let restless = photos.iter().filter(|photo| !photo.steady).count();
            assert!(seen.len() - unique.len() <= restless, "{shards} shards, {path}: {seen:?}");
            for photo in photos.iter().filter(|photo| photo.steady) {
                let times = seen.iter().filter(|id| **id == photo.id).count();
                let expected = usize::from(photo.state == "published");
                assert_eq!(times, expected, "{shards} shards, {path}: {} is {}", photo.id, photo.state);
            }
            walked += 1;
        }
    }
    println!("{walked} walks beside {moved} decisions");
    assert!(moved > 20, "{moved}");
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_that_somebody_has_changed_is_refused_or_leads_to_what_everybody_may_see() {
    let system = TestSystem::with(Setting { throttling: Throttling::Off, ..Setting::default() }).await;
    let (device, moderator) = (system.device(), system.moderator().await);
    let ids = device.add(&(0..8).map(small).collect::<Vec<_>>()).await;
    moderator.publish(&ids[..5]).await;
    let first = system.client.get("/api/v1/photos?limit=2").await.json();
    let next = first["next"].as_str().unwrap().to_owned();
    let mut changed = BTreeSet::from([
        String::new(),
        next.repeat(2),
        next.to_uppercase(),
        format!("{next}="),
        "..%2F..%2F".to_owned(),
        "a".repeat(2_000),
        "%F0%9F%92%8E".to_owned(),
    ]);
    for at in 0..next.len() {
        changed.insert(next[..at].to_owned());
        for other in ["A", "_", "9", "%00", "%2F"] {
            changed.insert(format!("{}{other}{}", &next[..at], &next[at + 1..]));
        }
    }
    let plain = [
        "0000000000000#",
        "9999999999999#aaaaaaaaaaaaaaaaaaaaaaaaaa",
        "-000000000001#aaaaaaaaaaaaaaaaaaaaaaaaaa",
        "1#a",
        "#",
        "\u{0}",
        "8640000000000000#aaaaaaaaaaaaaaaaaaaaaaaaaa",
    ];
    changed.extend(plain.map(|text| data_encoding::BASE64URL_NOPAD.encode(text.as_bytes())));
    let (mut refused, mut answered) = (0, 0);
    let public: BTreeSet<_> = ids[..5].iter().cloned().collect();
    for cursor in &changed {
        for path in [
            "/api/v1/photos?limit=48&after=",
            "/api/v1/photos?school=sample-academy&after=",
            "/gallery?after=",
            "/s/sample-academy?after=",
        ] {
            let answer = system.client.get(&format!("{path}{cursor}")).await;
            assert!(matches!(answer.status.as_u16(), 200 | 400 | 404 | 422), "{path}{cursor}: {}", answer.status);
            assert!(ids[5..].iter().all(|id| !answer.text().contains(id.as_str())), "{path}{cursor}");
            if path.starts_with("/api/") && answer.status == 200 {
                for photo in answer.json()["photos"].as_array().unwrap() {
                    assert!(public.contains(photo["id"].as_str().unwrap()), "{path}{cursor}");
                }
                answered += 1;
            } else {
                refused += 1;
            }
        }
        let headers = [("authorization", device.authorization.as_str())];
        let own = system.client.send(Method::GET, &format!("/api/v1/uploads?after={cursor}"), &headers, "").await;
        assert!(matches!(own.status.as_u16(), 200 | 400 | 422), "{cursor}: {}", own.text());
    }
    println!("{} cursors: {refused} refused, {answered} answered", changed.len());
    assert!(refused > 400, "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_photos_wait_and_no_public_address_gives_a_byte_of_them() {
    let system = TestSystem::open().await;
    let mut ids = Vec::new();
    for batch in 0..10 {
        let device = system.device();
        ids.extend(device.add(&(0..20).map(|i| small(batch * 20 + i)).collect::<Vec<_>>()).await);
    }
    assert_eq!(ids.len(), 200);
    let moderator = system.moderator().await;
    let waiting = moderator.get("/api/v1/moderation/queue?limit=1").await.json();
    assert_eq!(waiting["pending"], 200);
    let link = waiting["photos"][0]["review_urls"][0].as_str().unwrap().split('?').next().unwrap().to_owned();
    let hash = link.split('/').nth(3).unwrap();

    let mut tried = 0;
    // A school without a published photo has no page yet.
    let quiet = [
        ("/", 200),
        ("/gallery", 200),
        ("/2027/", 200),
        ("/s/sample-academy", 404),
        ("/api/v1/photos", 200),
        ("/api/v1/photos?school=sample-academy", 200),
        ("/api/v1/photos?discipline=science", 200),
        ("/api/v1/photos?limit=48", 200),
        ("/api/v1/event", 200),
        ("/api/v1/editions", 200),
    ];
    for (path, status) in quiet {
        let answer = system.client.get(path).await;
        assert_eq!(answer.status, status, "{path}");
        let text = answer.text();
        assert!(ids.iter().all(|id| !text.contains(id.as_str())), "{path} names a photo that waits");
        assert!(!text.contains("Crystals on day twelve"), "{path} has the words of a photo that waits");
        tried += 1;
    }
    let spread = |id: &str| id.parse::<shared::domain::PhotoId>().unwrap().spread();
    for id in &ids {
        for path in [format!("/api/v1/photos/{id}"), format!("/p/{id}")] {
            let answer = system.client.get(&path).await;
            assert_eq!(answer.status, 404, "{path}");
            assert!(!answer.text().contains("Crystals"), "{path}");
            tried += 1;
        }
        for path in [
            format!("/m/{id}/{hash}/96.jpg"),
            format!("/m/{id}/{}/96.jpg", "0".repeat(32)),
            format!("/techognition-review/{id}/{hash}/96.jpg"),
            format!("/techognition-originals/2027/{}/{id}", spread(id)),
            format!("{}/techognition-review/{id}/{hash}/96.jpg", system.laptop.storage()),
            format!("{}/techognition-originals/2027/{}/{id}", system.laptop.storage(), spread(id)),
            format!("{}/techognition-public/{id}/{hash}/96.jpg", system.laptop.storage()),
        ] {
            let answer = system.client.get(&path).await;
            assert!(matches!(answer.status.as_u16(), 403 | 404), "{path}: {}", answer.status);
            assert!(!answer.body.starts_with(&[0xFF, 0xD8]), "{path} gives a picture");
            tried += 1;
        }
    }
    for bucket in ["techognition-originals", "techognition-review", "techognition-public"] {
        for path in [
            format!("/{bucket}/"),
            format!("/{bucket}?list-type=2"),
            format!("{}/{bucket}?list-type=2", system.laptop.storage()),
        ] {
            let answer = system.client.get(&path).await;
            assert!(matches!(answer.status.as_u16(), 403 | 404 | 308), "{path}: {}", answer.status);
            assert!(!answer.text().contains("<Key>"), "{path} lists");
            tried += 1;
        }
    }
    println!("{tried} addresses tried, none gave a byte");
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_carry_a_tag_and_are_not_sent_twice() {
    let system = TestSystem::open().await;
    for path in ["/api/v1/photos", "/api/v1/editions", "/api/v1/openapi.json", "/gallery"] {
        let first = system.client.get(path).await;
        let tag = first.header("etag").to_owned();
        assert!(!tag.is_empty(), "{path}");
        let again = system.client.send(Method::GET, path, &[("if-none-match", &tag)], "").await;
        assert_eq!(again.status, 304, "{path}");
        assert!(again.body.is_empty());
        let head = system.client.send(Method::HEAD, path, &[], "").await;
        assert_eq!((head.status.as_u16(), head.body.len()), (200, 0), "{path}");
    }
}
