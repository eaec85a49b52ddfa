//! The main job: a technician adds photos, a moderator publishes them, everybody sees them, and they can be taken back.

use http::Method;
use serde_json::{Value, json};
use tests::{TestSystem, photos::patterned, photos::small};

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_goes_from_the_technician_to_everybody_and_back() {
    let system = TestSystem::open().await;
    let (device, moderator) = (system.device(), system.moderator().await);
    let files = [patterned(2400, 1600, 1), patterned(900, 1200, 2), small(3)];
    let ids = device.add(&files).await;

    // Nobody sees them before somebody has decided.
    assert_eq!(system.client.get("/api/v1/photos").await.json()["photos"], json!([]));
    for id in &ids {
        assert_eq!(system.client.get(&format!("/api/v1/photos/{id}")).await.problem(), "photo-not-found");
        assert_eq!(system.client.get(&format!("/p/{id}")).await.status, 404);
    }

    // The moderator gets the oldest first, with pictures that only their links open.
    let waiting = moderator.queue("normal", 12).await;
    let waiting_ids: Vec<_> = waiting.iter().map(|photo| photo["id"].as_str().unwrap()).collect();
    assert_eq!(waiting_ids.len(), 3);
    assert!(ids.iter().all(|id| waiting_ids.contains(&id.as_str())));
    let link = waiting[0]["review_urls"][0].as_str().unwrap();
    let picture = system.client.get(link).await;
    assert_eq!((picture.status.as_u16(), picture.header("content-type")), (200, "image/jpeg"));
    let unsigned = link.split('?').next().unwrap();
    assert_eq!(system.client.get(unsigned).await.status, 403);
    moderator.publish(&ids).await;
    assert!(moderator.queue("normal", 12).await.is_empty());

    // Everybody sees them, the latest decision first, in every feed that they stand in.
    for query in ["", "?discipline=science", "?school=sample-academy", "?discipline=science&school=sample-academy"] {
        let feed = system.client.get(&format!("/api/v1/photos{query}")).await;
        let shown: Vec<_> = feed.json()["photos"].as_array().unwrap().iter().map(|p| p["id"].clone()).collect();
        assert_eq!(shown, [&ids[2], &ids[1], &ids[0]].map(|id| json!(id)), "{query}");
    }
    assert_eq!(system.client.get("/api/v1/photos?discipline=music").await.json()["photos"], json!([]));
    let photo = system.client.get(&format!("/api/v1/photos/{}", ids[0])).await.json();
    assert_eq!((&photo["width"], &photo["height"]), (&json!(2400), &json!(1600)));
    let renditions = photo["renditions"].as_array().unwrap().iter();
    let kinds: Vec<_> = renditions.map(|r| (r["width"].as_u64().unwrap(), r["type"].as_str().unwrap())).collect();
    let of_size = |width| [(width, "image/jpeg"), (width, "image/webp")];
    assert_eq!(kinds, [2016, 1280, 640, 320].map(of_size).concat());
    let url = photo["renditions"][3]["url"].as_str().unwrap().to_owned();
    let rendition = system.client.get(&url).await;
    assert_eq!(rendition.status, 200);
    assert_eq!(rendition.body.len() as u64, photo["renditions"][3]["bytes"].as_u64().unwrap());
    assert!(rendition.header("cache-control").contains("s-maxage=300"));
    assert_eq!(system.client.get(photo["page"].as_str().unwrap()).await.status, 200);
    assert_eq!(system.client.get("/api/v1/editions").await.json()["editions"][0]["photos"], 3);

    // Its technician takes one back: gone from the site at once, bytes and words.
    let withdrawn = device.call(Method::DELETE, &format!("/api/v1/uploads/{}", ids[0]), &json!(null)).await;
    assert_eq!(withdrawn.json()["site"], "gone");
    assert!(withdrawn.json()["erased_at"].is_string());
    assert_eq!(system.client.get(&format!("/api/v1/photos/{}", ids[0])).await.problem(), "photo-withdrawn");
    assert_eq!(system.client.get(&format!("/p/{}", ids[0])).await.status, 410);
    assert_eq!(system.client.get(&url).await.status, 404);
    assert_eq!(device.own().await.len(), 2);

    let recount = system.audit().await;
    assert!(recount.differences.is_zero(), "{recount:?}");
    assert_eq!(recount.photos, [("deleted".to_owned(), 1), ("published".to_owned(), 2)].into());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moderator_can_hide_restore_and_delete_and_the_audit_tells_of_it() {
    let system = TestSystem::open().await;
    let (device, moderator) = (system.device(), system.moderator().await);
    let ids = device.add(&[small(1)]).await;
    let id = &ids[0];
    let page = format!("/api/v1/photos/{id}");
    assert_eq!(moderator.decide(id, 2, "hold").await["state"], "pending");
    assert!(moderator.queue("normal", 12).await.is_empty());
    assert_eq!(moderator.queue("held", 12).await.len(), 1);
    assert_eq!(moderator.decide(id, 3, "release").await["version"], 4);
    assert_eq!(moderator.decide(id, 4, "publish").await["state"], "published");
    let first = system.client.get(&page).await.json();
    assert_eq!(moderator.decide(id, 5, "hide").await["state"], "hidden");
    assert_eq!(system.client.get(&page).await.status, 410);
    assert_eq!(system.client.get(first["renditions"][0]["url"].as_str().unwrap()).await.status, 404);
    assert_eq!(moderator.decide(id, 6, "restore").await["state"], "published");
    let second = system.client.get(&page).await.json();
    assert_eq!(first["published_at"], second["published_at"], "it comes back to its place");
    assert_ne!(first["renditions"][0]["url"], second["renditions"][0]["url"], "under an address of its own");
    assert_eq!(system.client.get(second["renditions"][0]["url"].as_str().unwrap()).await.status, 200);
    assert_eq!(moderator.decide(id, 7, "delete").await["state"], "deleted");
    assert_eq!(system.client.get(&page).await.status, 410);

    let audit = moderator.get(&format!("/api/v1/moderation/photos/{id}/audit")).await.json();
    let actions: Vec<_> = audit["entries"].as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["reserve", "ingest", "hold", "release", "publish", "hide", "restore", "delete"]);
    assert_eq!(audit["whole"], true);
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn new_words_send_a_published_photo_back_to_the_queue() {
    let system = TestSystem::open().await;
    let (device, moderator) = (system.device(), system.moderator().await);
    let ids = device.add(&[small(1)]).await;
    moderator.publish(&ids).await;
    let target = format!("/api/v1/uploads/{}", ids[0]);
    let edited = device.call(Method::PATCH, &target, &json!({"caption": "Crystals on day thirteen"})).await;
    assert_eq!(
        (&edited.json()["state"], &edited.json()["caption"]),
        (&json!("pending"), &json!("Crystals on day thirteen"))
    );
    assert_eq!(system.client.get("/api/v1/photos").await.json()["photos"], json!([]));
    assert_eq!(moderator.decide(&ids[0], 4, "publish").await["state"], "published");
    let shown = system.client.get(&format!("/api/v1/photos/{}", ids[0])).await.json();
    assert_eq!(shown["caption"], "Crystals on day thirteen");
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_that_was_sent_for_the_wrong_school_is_put_right_by_its_sender() {
    let system = TestSystem::open().await;
    let (device, moderator) = (system.device(), system.moderator().await);
    let ids = device.add(&[small(1)]).await;
    moderator.publish(&ids).await;
    let target = format!("/api/v1/uploads/{}", ids[0]);
    let edit = json!({"school": {"name": "Another Sample School"}, "discipline": "music"});
    let edited = device.call(Method::PATCH, &target, &edit).await.json();
    assert_eq!((&edited["state"], &edited["school"]["name"]), (&json!("pending"), &json!("Another Sample School")));
    assert_eq!(edited["caption"], "Crystals on day twelve", "what is absent stays");
    moderator.decide(&ids[0], 4, "publish").await;
    let shown = |discipline: &'static str| {
        let client = &system.client;
        async move { client.get(&format!("/api/v1/photos?discipline={discipline}")).await.json()["photos"].clone() }
    };
    assert_eq!(shown("science").await, json!([]));
    assert_eq!(shown("music").await[0]["id"], json!(ids[0]));
    let figures = system.client.get("/api/v1/stats").await.text();
    assert!(figures.contains("music"), "{figures}");

    let pupils = device.call(Method::PATCH, &target, &json!({"people": "pupils", "school": null})).await.json();
    assert_eq!((&pupils["people"], &pupils["school"]), (&json!("pupils"), &Value::Null));
    let held = moderator.get("/api/v1/moderation/queue?lane=held").await.json();
    assert_eq!(held["photos"][0]["id"], json!(ids[0]), "it waits for more care: {held}");
    let refused = device.call(Method::PATCH, &target, &json!({"discipline": "alchemy"})).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("science"), "what there is: {}", refused.text());
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_finds_the_same_photo() {
    let system = TestSystem::open().await;
    let device = system.device();
    let file = small(1);
    let first = device.reserve(std::slice::from_ref(&file)).await;
    let again = device.reserve(std::slice::from_ref(&file)).await;
    assert_eq!(first[0]["id"], again[0]["id"]);
    assert_eq!(device.put(&again[0], &file).await.status, 200);
    assert_eq!(
        device.put(&first[0], &file).await.status,
        412,
        "the first address is for the same bytes, which are there"
    );
    device.until(first[0]["id"].as_str().unwrap(), "pending").await;
    let after = device.reserve(std::slice::from_ref(&file)).await;
    assert_eq!((&after[0]["state"], &after[0]["upload"]), (&json!("pending"), &json!(null)));
    assert_eq!(system.audit().await.photos, [("pending".to_owned(), 1)].into());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_storage_is_reached_through_the_sites_own_host_too() {
    let system = TestSystem::open().await;
    let device = system.device();
    let file = small(1);
    let mut reserved = device.reserve(std::slice::from_ref(&file)).await.remove(0);
    let url = reserved["upload"]["url"].as_str().unwrap().to_owned();
    assert!(url.starts_with(system.laptop.storage()));
    reserved["upload"]["url"] = json!(url.replace(system.laptop.storage(), &system.laptop.site));
    assert_eq!(device.put(&reserved, &file).await.status, 200);
    device.until(reserved["id"].as_str().unwrap(), "pending").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_finds_all() {
    let system = TestSystem::open().await;
    let ids = system.device().add(&[small(1), small(2)]).await;
    system.moderator().await.publish(&ids[..1]).await;
    let folder = system.stop().await;
    let system = TestSystem::on(folder, tests::system::Setting::default()).await;
    assert_eq!(system.client.get("/api/v1/photos").await.json()["photos"][0]["id"], ids[0]);
    system.moderator().await.publish(&ids[1..]).await;
    assert_eq!(system.client.get("/api/v1/photos").await.json()["photos"].as_array().unwrap().len(), 2);
    assert!(system.audit().await.differences.is_zero());
}
