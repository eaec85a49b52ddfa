//! Those who connect and do not speak keep nobody away: neither photos, nor moderators, nor anybody who wants a photo gone.

use std::{
    collections::BTreeMap,
    fmt::Write,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};
use tests::{Device, Moderator, TestSystem, photos::small};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Longest that a person may have to wait for what is not to be kept away.
const SOON: Duration = Duration::from_secs(5);

/// Opens `count` connections that say the beginning of `requests`, one after the other, and nothing more.
async fn silent(site: &str, count: usize, requests: &[String]) -> Vec<TcpStream> {
    let address = site.trim_start_matches("http://");
    let mut open = Vec::new();
    for request in requests.iter().cycle().take(count) {
        let mut stream = TcpStream::connect(address).await.unwrap();
        // One that is not wanted may be closed by now.
        drop(stream.write_all(request.as_bytes()).await);
        open.push(stream);
    }
    open
}

/// The heads of requests that announce a body, for every function, with nothing else; half a head; and nothing at all. The first two are
/// those that a function would wait for longest: what they say so far is all right.
fn beginnings() -> Vec<String> {
    let announced = [
        "POST /api/v1/uploads",
        "POST /api/v1/photos/aaaaaaaaaaaaaaaaaaaaaaaaaa/reports",
        "POST /api/v1/session",
        "DELETE /api/v1/uploads/aaaaaaaaaaaaaaaaaaaaaaaaaa",
        "POST /api/v1/moderation/decisions",
        "GET /api/v1/moderation/queue",
        "GET /moderation/queue",
        "POST /moderation/session",
        "PUT /techognition-originals/key",
    ];
    let secret = "A".repeat(43);
    let head = |asked: &str| {
        format!(
            "{asked} HTTP/1.1\r\nhost: localhost\r\nauthorization: Uploader {secret}\r\ncontent-type: application/json\r\n\
             content-length: 100\r\n"
        )
    };
    announced.iter().map(|asked| head(asked) + "\r\n").chain([head(announced[0]), String::new()]).collect()
}

/// Registers a photo, reads the queue, decides, reports, withdraws; answers how long each took.
async fn a_day(device: &Device, moderator: &Moderator, seed: u32) -> BTreeMap<&'static str, Duration> {
    let mut took = BTreeMap::new();
    let mut note = |what, since: Instant| took.insert(what, since.elapsed());
    let began = Instant::now();
    let reserved = device.reserve(&[small(seed)]).await;
    note("register", began);
    let id = reserved[0]["id"].as_str().unwrap().to_owned();
    let began = Instant::now();
    assert_eq!(device.put(&reserved[0], &small(seed)).await.status, 200);
    note("upload", began);
    device.until(&id, "pending").await;
    let began = Instant::now();
    assert!(moderator.queue("normal", 24).await.iter().any(|photo| photo["id"] == id.as_str()));
    note("queue", began);
    let began = Instant::now();
    assert_eq!(moderator.decide(&id, 2, "publish").await["state"], "published");
    note("decide", began);
    let began = Instant::now();
    let report = json!({"reason": "other", "text": "a story"});
    let reported = device.client.json(Method::POST, &format!("/api/v1/photos/{id}/reports"), "", &report).await;
    assert_eq!(reported.status, 202, "{}", reported.text());
    note("report", began);
    let began = Instant::now();
    let withdrawn = device.call(Method::DELETE, &format!("/api/v1/uploads/{id}"), &Value::Null).await;
    assert_eq!(withdrawn.status, 200, "{}", withdrawn.text());
    note("withdraw", began);
    took
}

#[tokio::test(flavor = "multi_thread")]
async fn silent_connections_keep_nobody_away_and_end() {
    let system = TestSystem::open().await;
    let moderator = system.moderator().await;
    for (seed, count) in [(1, 0), (2, 140), (3, 1_000), (4, 2_000)] {
        let kinds = beginnings();
        // Few have to be of the worst kinds: 70 of each.
        let kinds = if count <= 140 { &kinds[..2] } else { &kinds[..] };
        let open = silent(&system.laptop.site, count, kinds).await;
        // Clients of their own: a connection that was open before proves nothing about new ones.
        let device = Device::new(&tests::Client::new(&system.laptop.site));
        let moderator = Moderator { client: device.client.clone(), ..moderator.clone() };
        let took = a_day(&device, &moderator, seed).await;
        println!("{count} silent connections: {took:?}");
        assert!(took.values().all(|time| *time < SOON), "{count}: {took:?}");
        drop(open);
    }
    // Where there is room, they are waited for, and not for ever.
    let (open, began) = (silent(&system.laptop.site, 140, &beginnings()).await, Instant::now());
    let ended = async {
        for mut stream in open {
            drop(stream.read_to_end(&mut Vec::new()).await);
        }
    };
    tokio::time::timeout(Duration::from_secs(45), ended).await.expect("each ends within half a minute");
    println!("140 silent connections ended within {:?}", began.elapsed());
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_that_are_announced_and_not_sent_keep_nobody_away() {
    let system = TestSystem::open().await;
    let moderator = system.moderator().await;
    // Each with a link of its own that is right: the storage waits for the bytes.
    let mut requests = Vec::new();
    for batch in 0..35 {
        let files: Vec<_> = (0..20).map(|n| Bytes::from(format!("photo {batch} {n}"))).collect();
        for photo in system.device().reserve(&files).await {
            let upload = &photo["upload"];
            let (host, path) = upload["url"].as_str().unwrap().trim_start_matches("http://").split_once('/').unwrap();
            let headers = upload["headers"].as_object().unwrap().iter();
            let mut request = format!("PUT /{path} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {}\r\n", files[0].len());
            for (name, value) in headers {
                write!(request, "{name}: {}\r\n", value.as_str().unwrap()).unwrap();
            }
            request.push_str("\r\n");
            requests.push(request);
        }
    }
    let open = silent(system.laptop.storage(), requests.len(), &requests).await;
    let device = Device::new(&tests::Client::new(&system.laptop.site));
    let moderator = Moderator { client: device.client.clone(), ..moderator };
    let took = a_day(&device, &moderator, 1).await;
    println!("{} silent uploads: {took:?}", open.len());
    assert!(took.values().all(|time| *time < SOON), "{took:?}");
}
