//! What everybody sees: whole pages, each photo once, and nothing that nobody has decided about.

use std::collections::BTreeSet;

use http::Method;
use serde_json::Value;
use tests::{Stage, photos::small};

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_through_the_feed_meets_each_photo_that_stays_once() {
    let stage = Stage::open().await;
    let (device, moderator) = (stage.device(), stage.moderator().await);
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
        let page = stage.client.get(&format!("/api/v1/photos?limit=7{after}")).await.json();
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

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_photos_wait_and_no_public_address_gives_a_byte_of_them() {
    let stage = Stage::open().await;
    let mut ids = Vec::new();
    for batch in 0..50 {
        let device = stage.device();
        ids.extend(device.add(&(0..20).map(|i| small(batch * 20 + i)).collect::<Vec<_>>()).await);
    }
    assert_eq!(ids.len(), 1_000);
    let moderator = stage.moderator().await;
    let waiting = moderator.get("/api/v1/moderation/queue?limit=1").await.json();
    assert_eq!(waiting["pending"], 1_000);
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
        let answer = stage.client.get(path).await;
        assert_eq!(answer.status, status, "{path}");
        let text = answer.text();
        assert!(ids.iter().all(|id| !text.contains(id.as_str())), "{path} names a photo that waits");
        assert!(!text.contains("Crystals on day twelve"), "{path} has the words of a photo that waits");
        tried += 1;
    }
    let spread = |id: &str| id.parse::<shared::domain::PhotoId>().unwrap().spread();
    for id in &ids {
        for path in [format!("/api/v1/photos/{id}"), format!("/p/{id}")] {
            let answer = stage.client.get(&path).await;
            assert_eq!(answer.status, 404, "{path}");
            assert!(!answer.text().contains("Crystals"), "{path}");
            tried += 1;
        }
        for path in [
            format!("/m/{id}/{hash}/96.jpg"),
            format!("/m/{id}/{}/96.jpg", "0".repeat(32)),
            format!("/techognition-review/{id}/{hash}/96.jpg"),
            format!("/techognition-originals/2027/{}/{id}", spread(id)),
            format!("{}/techognition-review/{id}/{hash}/96.jpg", stage.laptop.storage()),
            format!("{}/techognition-originals/2027/{}/{id}", stage.laptop.storage(), spread(id)),
            format!("{}/techognition-public/{id}/{hash}/96.jpg", stage.laptop.storage()),
        ] {
            let answer = stage.client.get(&path).await;
            assert!(matches!(answer.status.as_u16(), 403 | 404), "{path}: {}", answer.status);
            assert!(!answer.body.starts_with(&[0xFF, 0xD8]), "{path} gives a picture");
            tried += 1;
        }
    }
    for bucket in ["techognition-originals", "techognition-review", "techognition-public"] {
        for path in [
            format!("/{bucket}/"),
            format!("/{bucket}?list-type=2"),
            format!("{}/{bucket}?list-type=2", stage.laptop.storage()),
        ] {
            let answer = stage.client.get(&path).await;
            assert!(matches!(answer.status.as_u16(), 403 | 404 | 308), "{path}: {}", answer.status);
            assert!(!answer.text().contains("<Key>"), "{path} lists");
            tried += 1;
        }
    }
    println!("{tried} addresses tried, none gave a byte");
    assert!(stage.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_carry_a_tag_and_are_not_sent_twice() {
    let stage = Stage::open().await;
    for path in ["/api/v1/photos", "/api/v1/editions", "/api/v1/openapi.json", "/gallery"] {
        let first = stage.client.get(path).await;
        let tag = first.header("etag").to_owned();
        assert!(!tag.is_empty(), "{path}");
        let again = stage.client.send(Method::GET, path, &[("if-none-match", &tag)], "").await;
        assert_eq!(again.status, 304, "{path}");
        assert!(again.body.is_empty());
        let head = stage.client.send(Method::HEAD, path, &[], "").await;
        assert_eq!((head.status.as_u16(), head.body.len()), (200, 0), "{path}");
    }
}
