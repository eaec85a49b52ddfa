//! The front of the cloud, on the laptop: what everybody is answered alike is kept, and nothing else is.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode};
use local::{
    edge::{CacheMode, HIT, MISS, X_CACHE},
    functions::Functions,
};
use serde_json::{Value, json};
use shared::{domain::states::Role, runtime::Clock, store::signed::Request};
use tests::{
    Client, TestSystem,
    photos::small,
    system::{Setting, eventually},
};

async fn keeping(clock: Clock) -> TestSystem {
    Box::pin(TestSystem::with(Setting { keeping: CacheMode::Answers, clock: Some(clock), ..Setting::default() })).await
}

/// A clock that is moved by hand, and its hand.
fn clock() -> (Clock, std::sync::Arc<std::sync::atomic::AtomicI64>) {
    let system = Clock::system();
    let ahead = std::sync::Arc::new(std::sync::atomic::AtomicI64::new(0));
    let hand = std::sync::Arc::clone(&ahead);
    let by = move || jiff::SignedDuration::from_secs(ahead.load(std::sync::atomic::Ordering::Relaxed));
    (Clock::new(move || system.now() + by()), hand)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_is_kept_until_it_is_invalidated_or_old() {
    let (clock, hand) = clock();
    let system = keeping(clock).await;
    let (device, owner) = (system.device(), system.member(Role::Owner).await);
    let ids = device.add(&[small(1)]).await;
    owner.publish(&ids).await;
    let photo = system.client.get(&format!("/api/v1/photos/{}", ids[0])).await.json();
    let picture = photo["renditions"][0]["url"].as_str().unwrap().to_owned();
    let first = system.client.get(&picture).await;
    assert_eq!((first.status, first.header("x-cache")), (StatusCode::OK, MISS));
    assert_eq!(first.header("content-security-policy"), "default-src 'none'; sandbox");
    let second = system.client.get(&format!("{picture}?fbclid=1")).await;
    assert_eq!((second.status, second.header("x-cache")), (StatusCode::OK, HIT));
    assert_eq!(second.body, first.body);
    let etag = first.header("etag").to_owned();
    let known = system.client.send(Method::GET, &picture, &[("if-none-match", &etag)], Bytes::new()).await;
    assert_eq!((known.status, known.body.len()), (StatusCode::NOT_MODIFIED, 0));

    // The bytes go away behind the edge's back: it goes on until it is told, or its answer is too old.
    let s3 = &system.laptop.aws.s3;
    let key = picture.trim_start_matches('/');
    s3.delete_object().bucket("techognition-public").key(key).send().await.unwrap();
    assert_eq!(system.client.get(&picture).await.status, StatusCode::OK);
    let folder = format!("{}/*", picture.rsplit_once('/').unwrap().0);
    let asked = invalidate(&system, "once", &folder).await.unwrap();
    eventually("the edge has forgotten it", async || {
        (system.client.get(&picture).await.status == StatusCode::NOT_FOUND).then_some(())
    })
    .await;
    // The same reference is the same invalidation, and it is done.
    let again = invalidate(&system, "once", &folder).await.unwrap();
    assert_eq!(id(&again), id(&asked));
    let status = call(&system, "GET", &format!("/{}", id(&asked)), String::new()).await.unwrap();
    assert!(status.contains("<Status>Completed</Status>"), "{status}");
    assert_eq!(invalidate(&system, "once", "/other").await, Err(Some("InvalidArgument".to_owned())));
    // Nobody but who knows the data folder's secret may say so.
    let unsigned = Client::new(&system.laptop.edge_api);
    let unsigned = unsigned.send(Method::POST, INVALIDATIONS, &[], batch("again", &folder)).await;
    assert_eq!(unsigned.status, StatusCode::FORBIDDEN);
    assert!(unsigned.text().contains("<Code>MissingAuthenticationToken</Code>"), "{}", unsigned.text());

    // Without a word from anybody: five minutes, and not longer.
    let ids = device.add(&[small(2)]).await;
    owner.publish(&ids).await;
    let photo = system.client.get(&format!("/api/v1/photos/{}", ids[0])).await.json();
    let picture = photo["renditions"][0]["url"].as_str().unwrap().to_owned();
    assert_eq!(system.client.get(&picture).await.status, StatusCode::OK);
    s3.delete_object().bucket("techognition-public").key(picture.trim_start_matches('/')).send().await.unwrap();
    hand.store(299, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(system.client.get(&picture).await.status, StatusCode::OK);
    hand.store(301, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(system.client.get(&picture).await.status, StatusCode::NOT_FOUND);
}

/// Its clock stands still but for the seconds that the story takes, so nothing that is kept for five minutes grows old by itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_banner_that_is_set_or_removed_is_on_pages_that_are_kept_for_minutes() {
    let (clock, _) = clock();
    let system = keeping(clock).await;
    let owner = system.member(Role::Owner).await;
    let page = async || system.client.get("/rules").await;
    assert!(!page().await.text().contains("Uploads are back"));
    assert_eq!(page().await.header("x-cache"), HIT, "the page without a banner is kept");
    for (banner, there) in [(json!({"text": "Uploads are back", "kind": "info"}), true), (Value::Null, false)] {
        let answer = owner.set_banner(&banner).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        eventually("the page follows", async || {
            (page().await.text().contains("Uploads are back") == there).then_some(())
        })
        .await;
    }
    let told = system.laptop.edge.invalidations().wildcards;
    let again = owner.set_banner(&Value::Null).await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.text());
    assert_eq!(system.laptop.edge.invalidations().wildcards, told, "what has not changed is not told");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_photos_are_five_seconds_old_at_the_most_and_what_is_personal_is_never_kept() {
    let (clock, hand) = clock();
    let system = keeping(clock).await;
    let (device, owner) = (system.device(), system.member(Role::Owner).await);
    let newest = async || system.client.get("/api/v1/photos").await;
    assert_eq!(newest().await.header("x-cache"), MISS);
    let ids = device.add(&[small(1)]).await;
    assert_eq!(device.own().await.len(), 1, "an uploader's own photos are not kept");
    owner.publish(&ids).await;
    let kept = newest().await;
    assert_eq!((kept.header("x-cache"), kept.json()["photos"].as_array().unwrap().len()), (HIT, 0));
    // Past its five seconds the old answer is given once more, while a new one is fetched.
    hand.store(6, std::sync::atomic::Ordering::Relaxed);
    eventually("the feed shows it", async || {
        (newest().await.json()["photos"].as_array().unwrap().len() == 1).then_some(())
    })
    .await;
    assert!(owner.queue("normal", 10).await.is_empty(), "what was decided is not kept in the queue");
    for path in ["/api/v1/uploads", "/api/v1/moderation/queue", "/moderation/queue"] {
        let answer = system.client.get(path).await;
        assert_ne!(answer.header(X_CACHE.as_str()), HIT, "{path} came from the shelf");
        assert_eq!(answer.header("age"), "", "{path} came by way of the shelf");
    }
    // Nothing but reading reaches what is for all.
    let refused = system.client.send(Method::POST, "/gallery", &[], Bytes::new()).await;
    assert_eq!(refused.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_miss_at_once_one_asks() {
    let system = keeping(Clock::system()).await;
    let asking: Vec<_> = (0..50)
        .map(|_| {
            let client = system.client.clone();
            tokio::spawn(async move { client.get("/api/v1/event").await })
        })
        .collect();
    let mut missed = 0;
    for answer in asking {
        let answer = tokio::time::timeout(Duration::from_secs(30), answer).await.unwrap().unwrap();
        assert_eq!(answer.status, StatusCode::OK);
        missed += usize::from(answer.header("x-cache") == MISS);
    }
    assert!(missed >= 1);
    assert_eq!(system.laptop.edge.asked("/api/v1/event"), 1, "the function was asked once");
}

#[tokio::test(flavor = "multi_thread")]
async fn functions_answer_nobody_but_the_edge() {
    let system = TestSystem::open().await;
    let past = Client::new(&system.laptop.api);
    let functions = Functions::read().unwrap().functions;
    let mut tried = 0;
    for route in functions.iter().flat_map(|function| &function.routes) {
        let (method, path) = route.split_once(' ').unwrap_or(("GET", "/take-part"));
        let path = path.replace("{id}", "aeaqcaibaeaqcaibaeaqcaibae");
        for sent in [vec![], vec![("x-origin-secret", "guessed")], vec![("x-viewer-address", "192.0.2.7")]] {
            let answer = past.send(method.parse().unwrap(), &path, &sent, Bytes::new()).await;
            assert_eq!((answer.status, answer.body.len()), (StatusCode::FORBIDDEN, 0), "{route} {sent:?}");
            tried += 1;
        }
    }
    println!("{tried} requests past the edge, none was answered");
    // By the edge it answers, whatever a viewer sends under that name; and nothing of it comes back.
    for path in ["/api/v1/event", "/api/v1/uploads", "/api/v1/session"] {
        let usual = system.client.get(path).await;
        let forged = system.client.send(Method::GET, path, &[("x-origin-secret", "guessed")], Bytes::new()).await;
        assert_ne!(usual.status, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(forged.status, usual.status, "{path}");
        assert!(!format!("{:?}", usual.headers).contains("x-origin-secret"), "{path}");
    }
}

const INVALIDATIONS: &str = "/2020-05-31/distribution/ELAPTOP/invalidation";

/// The service's answer, or the code of its refusal.
async fn invalidate(system: &TestSystem, reference: &str, path: &str) -> Result<String, Option<String>> {
    call(system, "POST", "", batch(reference, path)).await
}

async fn call(system: &TestSystem, method: &'static str, below: &str, body: String) -> Result<String, Option<String>> {
    let path = format!("{INVALIDATIONS}{below}");
    let request = Request { method, path, headers: Vec::new(), body: body.into_bytes() };
    let answered = system.laptop.aws.cloudfront.send(request).await;
    let answered = answered.map_err(|error| error.as_service_error().and_then(|error| error.code().map(str::to_owned)));
    Ok(String::from_utf8(answered?).unwrap())
}

fn batch(reference: &str, path: &str) -> String {
    format!(
        "<InvalidationBatch xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\"><Paths><Quantity>1</Quantity>\
         <Items><Path>{path}</Path></Items></Paths><CallerReference>{reference}</CallerReference></InvalidationBatch>"
    )
}

fn id(invalidation: &str) -> String {
    invalidation.split("<Id>").nth(1).unwrap().split("</Id>").next().unwrap().to_owned()
}
