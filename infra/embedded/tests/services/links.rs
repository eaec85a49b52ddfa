//! Presigned links, which carry the upload permission.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};
use http::StatusCode;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use embedded::BucketPolicy;

use crate::support::{Emulated, ORIGINALS, PUBLIC, UPLOADS, headers, noise, send, sha256, start};

const KEY: &str = "2026/ab/photo";

async fn link(emulated: &Emulated, body: &[u8], config: PresigningConfig) -> PresignedRequest {
    let put = emulated.clients.s3.put_object().bucket(ORIGINALS).key(KEY).content_type("image/jpeg");
    let put = put.content_length(i64::try_from(body.len()).unwrap()).checksum_sha256(sha256(body)).if_none_match("*");
    put.presigned(config).await.unwrap()
}

fn ten_minutes() -> PresigningConfig {
    PresigningConfig::expires_in(Duration::from_mins(10)).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "the link has to be old by the service's clock")]
fn expired() -> PresigningConfig {
    let start = SystemTime::now() - Duration::from_secs(700);
    PresigningConfig::builder().start_time(start).expires_in(Duration::from_mins(10)).build().unwrap()
}

/// Nothing is visible, and nobody was told.
async fn assert_nothing_happened(emulated: &Emulated) {
    assert!(emulated.clients.keys(ORIGINALS).await.is_empty());
    assert!(emulated.clients.drain(&emulated.queue(UPLOADS)).await.is_empty());
    assert_eq!(std::fs::read_dir(emulated.folder.path().join("s3/tmp")).unwrap().count(), 0);
    assert_eq!(std::fs::read_dir(emulated.folder.path().join("s3/blobs")).unwrap().count(), 0);
}

#[tokio::test]
async fn the_link_signs_the_five_headers_and_uploads_the_bytes_once() {
    let emulated = start().await;
    let body = noise(100_000, 1);
    let link = link(&emulated, &body, ten_minutes()).await;
    assert!(
        link.uri().contains(
            "X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost%3Bif-none-match%3Bx-amz-checksum-sha256"
        ),
        "{}",
        link.uri()
    );
    let first = send("PUT", link.uri(), &headers(&link), &[], body.clone()).await;
    assert_eq!(first.status(), StatusCode::OK, "{:?}", first.body());
    assert_eq!(first.headers()["x-amz-checksum-sha256"], sha256(&body));
    assert!(first.headers().contains_key("etag"));
    assert_eq!(emulated.clients.get(ORIGINALS, KEY).await.unwrap(), body);
    let again = send("PUT", link.uri(), &headers(&link), &[], body.clone()).await;
    assert_eq!(again.status(), StatusCode::PRECONDITION_FAILED);
    assert!(String::from_utf8_lossy(again.body()).contains("<Code>PreconditionFailed</Code>"));
    let head = emulated.clients.s3.head_object().bucket(ORIGINALS).key(KEY);
    let head = head.checksum_mode(aws_sdk_s3::types::ChecksumMode::Enabled).send().await.unwrap();
    assert_eq!(head.checksum_sha256(), Some(sha256(&body).as_str()));
    assert_eq!(head.content_type(), Some("image/jpeg"));
    assert_eq!(head.content_length(), Some(100_000));
}

#[tokio::test]
async fn every_signed_header_counts() {
    let emulated = start().await;
    let body = noise(1000, 1);
    let link = link(&emulated, &body, ten_minutes()).await;
    let other = sha256(b"other");
    let changes: &[&[(&str, &str)]] = &[
        &[("content-type", "image/png")],
        &[("content-type", "")],
        &[("x-amz-checksum-sha256", &other)],
        &[("x-amz-checksum-sha256", "")],
        &[("if-none-match", "")],
        &[("if-none-match", "\"etag\"")],
        &[("host", "localhost:1")],
    ];
    for changes in changes {
        let answer = send("PUT", link.uri(), &headers(&link), changes, body.clone()).await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{changes:?}: {:?}", answer.body());
        assert!(String::from_utf8_lossy(answer.body()).contains("<Code>SignatureDoesNotMatch</Code>"), "{changes:?}");
    }
    let shorter = send("PUT", link.uri(), &headers(&link), &[], noise(999, 1)).await;
    assert_eq!(shorter.status(), StatusCode::FORBIDDEN);
    assert_nothing_happened(&emulated).await;
}

#[tokio::test]
async fn another_method_key_life_or_signature_is_refused() {
    let emulated = start().await;
    let body = noise(1000, 1);
    let link = link(&emulated, &body, ten_minutes()).await;
    let (kept, last) = link.uri().split_at(link.uri().len() - 1);
    let forged = format!("{kept}{}", if last == "0" { "1" } else { "0" });
    for uri in [
        link.uri().replace(KEY, "2026/ab/other"),
        link.uri().replace("X-Amz-Expires=600", "X-Amz-Expires=60000"),
        forged,
        link.uri().replace("content-type%3B", ""),
        link.uri().replace("%3Bif-none-match", ""),
    ] {
        assert_ne!(uri, link.uri());
        let answer = send("PUT", &uri, &headers(&link), &[], body.clone()).await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{uri}");
    }
    let get = send("GET", link.uri(), &headers(&link), &[], body.clone()).await;
    assert_eq!(get.status(), StatusCode::FORBIDDEN);
    assert_nothing_happened(&emulated).await;
}

#[tokio::test]
async fn the_wrong_bytes_are_refused_and_never_visible() {
    let emulated = start().await;
    let link = link(&emulated, &noise(1000, 1), ten_minutes()).await;
    let answer = send("PUT", link.uri(), &headers(&link), &[], noise(1000, 2)).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    assert!(String::from_utf8_lossy(answer.body()).contains("<Code>BadDigest</Code>"));
    assert_nothing_happened(&emulated).await;
}

#[tokio::test]
async fn an_expired_link_is_refused() {
    let emulated = start().await;
    let body = noise(1000, 1);
    let link = link(&emulated, &body, expired()).await;
    let answer = send("PUT", link.uri(), &headers(&link), &[], body).await;
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    assert!(String::from_utf8_lossy(answer.body()).contains("Request has expired"));
    assert_nothing_happened(&emulated).await;
}

#[tokio::test]
async fn the_refusal_of_a_large_upload_reaches_the_uploader() {
    let emulated = start().await;
    let body = noise(20_000_000, 1);
    let link = link(&emulated, &body, expired()).await;
    let url = link.uri().strip_prefix(&emulated.services.endpoints().s3).unwrap();
    let host = emulated.services.endpoints().s3.trim_start_matches("http://");
    let extra = lines(&link) + "content-length: 20000000\r\nconnection: close\r\n";
    // Sends all before it reads, as a browser may.
    let answer = raw(&emulated, format!("PUT {url} HTTP/1.1\r\nhost: {host}\r\n{extra}\r\n"), &body).await;
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
}

#[tokio::test]
async fn unsigned_amazon_headers_are_refused() {
    let emulated = start().await;
    let body = noise(1000, 1);
    let link = link(&emulated, &body, ten_minutes()).await;
    for header in ["x-amz-acl", "x-amz-meta-owner", "x-amz-storage-class", "x-amz-checksum-crc32"] {
        let answer = send("PUT", link.uri(), &headers(&link), &[(header, "public-read")], body.clone()).await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{header}");
        assert!(String::from_utf8_lossy(answer.body()).contains("not signed"), "{header}");
    }
    assert_nothing_happened(&emulated).await;
}

#[tokio::test]
async fn anonymous_requests_are_refused() {
    let emulated = start().await;
    emulated.clients.put(ORIGINALS, KEY, "bytes").await;
    let s3 = &emulated.services.endpoints().s3;
    for (method, path) in [("GET", KEY), ("HEAD", KEY), ("PUT", "new"), ("DELETE", KEY), ("GET", "")] {
        let answer =
            send(method, &format!("{s3}/{ORIGINALS}/{path}"), &std::collections::HashMap::new(), &[], "").await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{method} {path}");
    }
    assert_eq!(emulated.clients.keys(ORIGINALS).await, [KEY]);
}

/// Speaks HTTP itself, since no client would send these. Its own side stays open, as a browser's does: a server may take the end
/// of what it reads for the uploader's departure, and then answers nobody. So `request` asks for `connection: close`.
async fn raw(emulated: &Emulated, request: String, body: &[u8]) -> String {
    answer(send_raw(emulated, request, body).await).await
}

async fn send_raw(emulated: &Emulated, request: String, body: &[u8]) -> TcpStream {
    let address = emulated.services.endpoints().s3.trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    stream
}

async fn answer(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// The link's headers but for the length, as lines.
fn lines(link: &PresignedRequest) -> String {
    let others = link.headers().filter(|(name, _)| *name != "content-length");
    others.fold(String::new(), |lines, (name, value)| lines + name + ": " + value + "\r\n")
}

#[tokio::test]
async fn an_upload_without_a_length_is_refused() {
    let emulated = start().await;
    let put = emulated.clients.s3.put_object().bucket(ORIGINALS).key(KEY).presigned(ten_minutes()).await.unwrap();
    let url = put.uri().strip_prefix(&emulated.services.endpoints().s3).unwrap();
    let host = emulated.services.endpoints().s3.trim_start_matches("http://");
    let extra = lines(&put);
    let request =
        format!("PUT {url} HTTP/1.1\r\nhost: {host}\r\n{extra}transfer-encoding: chunked\r\nconnection: close\r\n\r\n");
    let answer = raw(&emulated, request, b"5\r\nhello\r\n0\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 411"), "{answer}");
    assert_nothing_happened(&emulated).await;
}

#[tokio::test]
async fn a_body_that_ends_early_leaves_nothing() {
    let emulated = start().await;
    let body = noise(100_000, 1);
    let link = link(&emulated, &body, ten_minutes()).await;
    let url = link.uri().strip_prefix(&emulated.services.endpoints().s3).unwrap();
    let host = emulated.services.endpoints().s3.trim_start_matches("http://");
    let extra = lines(&link) + "content-length: 100000\r\n";
    let request = format!("PUT {url} HTTP/1.1\r\nhost: {host}\r\n{extra}\r\n");
    let mut stream = send_raw(&emulated, request, &body[..60_000]).await;
    stream.shutdown().await.unwrap();
    let answer = answer(stream).await;
    assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
    let uploads = emulated.folder.path().join("s3/tmp");
    crate::support::until("the upload's removal", || async {
        (std::fs::read_dir(&uploads).unwrap().count() == 0).then_some(())
    })
    .await;
    assert_nothing_happened(&emulated).await;
}

#[tokio::test]
async fn browsers_of_allowed_origins_may_upload_and_read_the_etag() {
    let emulated = start().await;
    let body = noise(1000, 1);
    let link = link(&emulated, &body, ten_minutes()).await;
    let none = std::collections::HashMap::new();
    let ask = |origin| {
        let asked = [
            ("origin", origin),
            ("access-control-request-method", "PUT"),
            ("access-control-request-headers", "content-type,if-none-match,x-amz-checksum-sha256"),
        ];
        let (uri, none) = (link.uri(), &none);
        async move { send("OPTIONS", uri, none, &asked, "").await }
    };
    let allowed = ask("http://localhost:8080").await;
    assert_eq!(allowed.status(), StatusCode::OK);
    assert_eq!(allowed.headers()["access-control-allow-origin"], "http://localhost:8080");
    assert!(allowed.headers()["access-control-allow-methods"].to_str().unwrap().contains("PUT"));
    assert!(allowed.headers()["access-control-allow-headers"].to_str().unwrap().contains("x-amz-checksum-sha256"));
    let foreign = ask("http://evil.example").await;
    assert!(!foreign.headers().contains_key("access-control-allow-origin"));
    let put = send("PUT", link.uri(), &headers(&link), &[("origin", "http://localhost:8080")], body).await;
    assert_eq!(put.status(), StatusCode::OK);
    let exposed = put.headers()["access-control-expose-headers"].to_str().unwrap().to_ascii_lowercase();
    assert!(exposed.contains("etag") && exposed.contains("x-amz-checksum-sha256"), "{exposed}");
}

#[tokio::test]
async fn a_gateway_forwards_a_link_with_the_host_that_was_signed() {
    let emulated = start().await;
    let body = noise(300_000, 3);
    let link = link(&emulated, &body, ten_minutes()).await;
    let path = link.uri().strip_prefix(&emulated.services.endpoints().s3).unwrap();
    let host = emulated.services.endpoints().s3.trim_start_matches("http://");
    let mut request = http::Request::put(path).header("host", host).header("content-length", body.len());
    for (name, value) in headers(&link).iter().filter(|(name, _)| *name != "content-length") {
        request = request.header(name, value);
    }
    let request = request.body(axum::body::Body::from(body.clone())).unwrap();
    let answer = emulated.services.s3_service().call(request).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let stored = emulated.services.object(ORIGINALS, KEY).await.unwrap().unwrap();
    assert_eq!(std::fs::read(&stored.path).unwrap(), body);
    assert_eq!((stored.size, stored.content_type.as_str()), (300_000, "image/jpeg"));
    assert!(emulated.services.object(ORIGINALS, "absent").await.unwrap().is_none());
}

#[tokio::test]
async fn a_bucket_that_is_written_once_refuses_a_write_without_the_condition() {
    let emulated = start().await;
    emulated.services.put_bucket_policy(ORIGINALS, BucketPolicy { write_once: true, ..BucketPolicy::default() });
    emulated.clients.put(PUBLIC, "source", "bytes").await;
    let s3 = &emulated.clients.s3;
    let plain = s3.put_object().bucket(ORIGINALS).key(KEY).send().await.unwrap_err();
    assert_eq!(plain.raw_response().unwrap().status().as_u16(), 403);
    let copy = s3.copy_object().bucket(ORIGINALS).key(KEY).copy_source(format!("{PUBLIC}/source"));
    assert_eq!(copy.send().await.unwrap_err().raw_response().unwrap().status().as_u16(), 403);
    assert_nothing_happened_but(&emulated, "source").await;
    s3.put_object().bucket(ORIGINALS).key(KEY).if_none_match("*").send().await.unwrap();
    s3.delete_object().bucket(ORIGINALS).key(KEY).send().await.unwrap();
}

async fn assert_nothing_happened_but(emulated: &Emulated, key: &str) {
    assert!(emulated.clients.keys(ORIGINALS).await.is_empty());
    assert_eq!(emulated.clients.keys(PUBLIC).await, [key]);
}

#[tokio::test]
async fn a_signature_that_is_too_old_is_refused_whatever_its_life() {
    let emulated = start().await;
    emulated.clients.put(ORIGINALS, KEY, "bytes").await;
    let limit = BucketPolicy { oldest_signature: Some(Duration::from_mins(10)), ..BucketPolicy::default() };
    let get = async |minutes: u64| {
        let config = PresigningConfig::builder().start_time(ago(minutes)).expires_in(Duration::from_hours(1)).build();
        let get = emulated.clients.s3.get_object().bucket(ORIGINALS).key(KEY).presigned(config.unwrap()).await.unwrap();
        send("GET", get.uri(), &std::collections::HashMap::new(), &[], "").await.status()
    };
    assert_eq!(get(11).await, StatusCode::OK, "without a policy its life counts");
    assert_eq!(emulated.services.put_bucket_policy(ORIGINALS, limit), BucketPolicy::default());
    assert_eq!(get(9).await, StatusCode::OK);
    assert_eq!(get(11).await, StatusCode::FORBIDDEN);
    assert_eq!(emulated.clients.get(ORIGINALS, KEY).await.unwrap(), "bytes", "what is signed in a header is new");
}

#[expect(clippy::disallowed_methods, reason = "the link has to be old by the service's clock")]
fn ago(minutes: u64) -> SystemTime {
    SystemTime::now() - Duration::from_mins(minutes)
}

#[tokio::test]
async fn what_is_public_is_read_by_anybody_and_written_by_nobody() {
    let emulated = start().await;
    emulated.clients.put(PUBLIC, KEY, "bytes").await;
    emulated.services.put_bucket_policy(PUBLIC, BucketPolicy { public: true, ..BucketPolicy::default() });
    let s3 = &emulated.services.endpoints().s3;
    let none = std::collections::HashMap::new();
    let ask = async |method, path: &str| send(method, &format!("{s3}/{PUBLIC}/{path}"), &none, &[], "").await;
    let read = ask("GET", KEY).await;
    assert_eq!((read.status(), read.body().as_ref()), (StatusCode::OK, b"bytes".as_slice()));
    for (method, path) in [("PUT", KEY), ("DELETE", KEY), ("GET", "")] {
        assert_eq!(ask(method, path).await.status(), StatusCode::FORBIDDEN, "{method} {path}");
    }
}
