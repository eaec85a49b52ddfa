//! The edge emulator: does in front of the laptop's functions what CloudFront does in front of those in the cloud.
//!
//! `infra/edge.json` says which paths go where and for whom; the infrastructure makes the distribution from it, and this front follows it.
//! What is for everybody passes without cookies, credentials and personal headers, and only for reading; so a page that forgets that it is
//! behind a cache fails on the laptop and not in the cloud. What is for one visitor carries that visitor's address. Requests to the
//! functions carry the secret without which functions refuse them. With [`CacheMode::Answers`] the edge also caches answers, for as long as
//! they say, and drops them on an invalidation, which uses CloudFront's own protocol at an address of its own.
//!
//! Followed, from the service's documentation: `s-maxage` before `max-age`; `stale-while-revalidate`; `stale-if-error`, and without it an
//! old answer rather than an error; of concurrent misses only one goes to the origin; an answer that is on its way when an invalidation
//! comes is cached all the same; cached text is compressed for clients that accept gzip; `Via`, `X-Cache` and `X-Amz-Cf-Id` are added to
//! answers, `Via` to requests, and `X-Amz-Cf-Id` to requests to an origin that is not a bucket. Not followed: several edges with answers of
//! different ages, Brotli.

mod behaviours;
mod invalidation;
mod kept;
mod ranges;

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use embedded::server::Connection;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts};
use http_body_util::BodyExt;
use shared::{
    runtime::{Clock, ids},
    web::{edge::EDGE_SECRET, viewer::VIEWER_ADDRESS},
};
use tower::ServiceExt;

use behaviours::{Behaviours, For, Origin};
use kept::{Found, Kept, Shelf};
use ranges::Wanted;

pub use invalidation::Totals;

/// Header that says whether an answer comes from the edge's cache.
pub const X_CACHE: HeaderName = HeaderName::from_static("x-cache");
/// Header with the id of a request, as at the service.
const X_AMZ_CF_ID: HeaderName = HeaderName::from_static("x-amz-cf-id");
/// The value of `Via`, with this edge's name.
const VIA: HeaderValue = HeaderValue::from_static("1.1 edge.laptop.internal (CloudFront)");
/// [`X_CACHE`] of an answer from the cache.
pub const HIT: &str = "Hit from cloudfront";
/// [`X_CACHE`] of an answer from the origin.
pub const MISS: &str = "Miss from cloudfront";
/// [`X_CACHE`] of an error, wherever it comes from.
const ERROR: &str = "Error from cloudfront";

/// Longest address in bytes, including the host: Amazon CloudFront Developer Guide, "Maximum length of a request and maximum length of a
/// URL".
const URL_BYTES: usize = 8_192;

/// Whether the edge caches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CacheMode {
    /// Nothing is cached: every answer is fresh, as a person who tries something out expects.
    #[default]
    Nothing,
    /// Answers are cached for as long as they say.
    Answers,
}

/// The edge.
#[derive(Clone)]
pub struct Edge(Arc<Inner>);

struct Inner {
    behaviours: Behaviours,
    clock: Clock,
    keeping: CacheMode,
    origin: RwLock<Router>,
    secret: HeaderValue,
    shelf: Shelf,
    invalidations: invalidation::Invalidations,
    invalidations_fail: AtomicBool,
    invalidations_take_ms: AtomicU64,
    asked: Mutex<HashMap<String, u64>>,
}

impl Edge {
    /// Builds an edge that functions recognise by `secret`.
    ///
    /// # Errors
    /// If `infra/edge.json` is malformed, which a test rules out.
    pub fn new(keeping: CacheMode, clock: &Clock, secret: HeaderValue) -> Result<Self, serde_json::Error> {
        Ok(Self(Arc::new(Inner {
            behaviours: Behaviours::read()?,
            clock: clock.clone(),
            keeping,
            origin: RwLock::default(),
            secret,
            shelf: Shelf::default(),
            invalidations: invalidation::Invalidations::default(),
            invalidations_fail: AtomicBool::new(false),
            invalidations_take_ms: AtomicU64::new(INVALIDATION_TAKES_MS),
            asked: Mutex::default(),
        })))
    }

    /// Returns the router of the edge in front of `origin`.
    pub fn in_front_of(&self, origin: Router) -> Router {
        *self.0.origin.write().unwrap_or_else(PoisonError::into_inner) = origin;
        Router::new().fallback(answer).with_state(self.clone())
    }

    /// Returns the router of CloudFront's API, as far as it is about invalidations of this edge.
    pub fn control(&self) -> Router {
        invalidation::router(self)
    }

    /// Makes every invalidation fail with the service's own error from now on, or no longer.
    pub fn let_invalidations_fail(&self, fail: bool) {
        self.0.invalidations_fail.store(fail, Ordering::Relaxed);
    }

    /// Sets how long invalidations take that begin from now on. At CloudFront it is some seconds, and now and then minutes.
    pub fn let_invalidations_take(&self, long: Duration) {
        let ms = u64::try_from(long.as_millis()).unwrap_or(u64::MAX);
        self.0.invalidations_take_ms.store(ms, Ordering::Relaxed);
    }

    /// Returns what was requested of the invalidation API so far.
    pub fn invalidations(&self) -> Totals {
        self.0.invalidations.totals()
    }

    /// Returns how often the origin was asked for a path in order to cache it.
    pub fn asked(&self, path: &str) -> u64 {
        self.0.asked.lock().unwrap_or_else(PoisonError::into_inner).get(path).copied().unwrap_or_default()
    }

    fn origin(&self) -> Router {
        self.0.origin.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn answer(State(edge): State<Edge>, mut request: Request) -> Response {
    tell_address(&mut request);
    let behaviour = edge.0.behaviours.of(request.uri().path());
    let mut response = match behaviour.audience {
        _ if length(&request) > URL_BYTES => {
            (StatusCode::PAYLOAD_TOO_LARGE, "This address is too long.").into_response()
        }
        _ if !behaviour.takes(request.method()) => refused_method(),
        For::One => edge.ask(request).await,
        For::All => edge.public(request).await,
    };
    let failed = response.status().is_client_error() || response.status().is_server_error();
    let headers = response.headers_mut();
    headers.append(header::VIA, VIA);
    headers.insert(X_AMZ_CF_ID, request_id());
    if failed {
        headers.insert(X_CACHE, HeaderValue::from_static(ERROR));
    } else {
        headers.entry(X_CACHE).or_insert(HeaderValue::from_static(MISS));
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if behaviour.origin != Origin::Api {
        // Uploaded bytes must never act as anything but an image.
        let policy = HeaderValue::from_static("default-src 'none'; sandbox");
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        let policy = HeaderName::from_static("cross-origin-resource-policy");
        headers.insert(policy, HeaderValue::from_static("cross-origin"));
    }
    response
}

/// Returns the length of the requested address in bytes.
fn length(request: &Request) -> usize {
    let host = request.headers().get(header::HOST).map_or(0, HeaderValue::len);
    "https://".len() + host + request.uri().path_and_query().map_or(0, |asked| asked.as_str().len())
}

/// Overwrites the header with the viewer's address, whatever the viewer has sent. In the cloud, `infra/aws/viewer-address.js` does this.
fn tell_address(request: &mut Request) {
    request.headers_mut().remove(VIEWER_ADDRESS);
    let peer = request.extensions().get::<SocketAddr>().map(|peer| peer.ip().to_canonical().to_string());
    if let Some(address) = peer.and_then(|peer| HeaderValue::from_str(&peer).ok()) {
        request.headers_mut().insert(VIEWER_ADDRESS, address);
    }
}

/// Answers a method that the behaviour does not allow. The service says 403 here; 405 is what the functions themselves would say, and what
/// the API description promises.
fn refused_method() -> Response {
    let words = "This path is only read.";
    (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD, OPTIONS")], words).into_response()
}

fn request_id() -> HeaderValue {
    HeaderValue::from_str(&ids::request()).unwrap_or(HeaderValue::from_static("none"))
}

impl Edge {
    async fn ask(&self, mut request: Request) -> Response {
        let origin = self.0.behaviours.of(request.uri().path()).origin;
        request.headers_mut().append(header::VIA, VIA);
        // Overwrites whatever the viewer has sent under that name; the storage gets no secret.
        request.headers_mut().remove(EDGE_SECRET);
        // Bucket origins would refuse a header that is not signed.
        if origin == Origin::Api {
            request.headers_mut().insert(EDGE_SECRET, self.0.secret.clone());
            request.headers_mut().insert(X_AMZ_CF_ID, request_id());
        }
        match self.origin().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }

    /// Answers a request that is the same for everybody: nothing about the visitor is passed on.
    async fn public(&self, request: Request) -> Response {
        let (asked, _) = request.into_parts();
        let _working = asked.extensions.get().map(Connection::working);
        match self.0.keeping {
            CacheMode::Nothing => {
                let uri = self.0.behaviours.forwarded(&asked.uri);
                let compresses = self.0.behaviours.of(uri.path()).origin == Origin::Api;
                let mut forwarded = forward(&asked.method, uri, &asked.headers, &[]);
                copy(&asked.headers, forwarded.headers_mut(), &[header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE]);
                let response = self.ask(forwarded).await;
                if asked.headers.contains_key(header::RANGE) {
                    return self.part(&asked, response, compresses).await;
                }
                response
            }
            CacheMode::Answers => self.kept(asked).await,
        }
    }

    /// Answers a request for a part of what the origin answers whole.
    async fn part(&self, asked: &Parts, response: Response, compresses: bool) -> Response {
        let (parts, body) = response.into_parts();
        let Ok(body) = body.collect().await else { return StatusCode::BAD_GATEWAY.into_response() };
        let now = self.0.clock.now();
        respond(asked, &Kept::new(parts.status, parts.headers, body.to_bytes(), now), MISS, compresses, now)
    }

    async fn kept(&self, asked: Parts) -> Response {
        let uri = self.0.behaviours.forwarded(&asked.uri);
        let key = uri.path_and_query().map_or_else(String::new, ToString::to_string);
        let (kept, hit) = match self.0.shelf.find(&key, self.0.clock.now()) {
            Found::Fresh(kept) => (kept, HIT),
            Found::Stale(kept) => {
                let (edge, headers, uri, key) = (self.clone(), asked.headers.clone(), uri.clone(), key.clone());
                tokio::spawn(async move { edge.fill(&key, &uri, &headers).await });
                (kept, HIT)
            }
            Found::Old | Found::Nothing => (self.fill(&key, &uri, &asked.headers).await, MISS),
        };
        let compresses = self.0.behaviours.of(uri.path()).origin == Origin::Api;
        respond(&asked, &kept, hit, compresses, self.0.clock.now())
    }

    /// Asks the origin, one request at a time for each address, and caches the answer if it may be cached.
    async fn fill(&self, key: &str, uri: &http::Uri, asked: &HeaderMap) -> Arc<Kept> {
        let turn = self.0.shelf.turn(key);
        let _turn = turn.lock().await;
        let old = match self.0.shelf.find(key, self.0.clock.now()) {
            Found::Fresh(kept) => return kept,
            Found::Stale(kept) => Some(kept),
            Found::Old => self.0.shelf.old(key),
            Found::Nothing => None,
        };
        *self.0.asked.lock().unwrap_or_else(PoisonError::into_inner).entry(uri.path().to_owned()).or_default() += 1;
        let etag = old.as_ref().and_then(|old| old.headers.get(header::ETAG).cloned());
        let known: Vec<_> = etag.into_iter().map(|etag| (header::IF_NONE_MATCH, etag)).collect();
        let response = self.ask(forward(&Method::GET, uri.clone(), asked, &known)).await;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map_or_else(|_| None, |body| Some(body.to_bytes()));
        let now = self.0.clock.now();
        let fresh = match (parts.status, body, old) {
            (StatusCode::NOT_MODIFIED, _, Some(old)) => old.confirmed(&parts.headers, now),
            (status, Some(body), old) => {
                let fresh = Kept::new(status, parts.headers, body, now);
                match old {
                    Some(old) if status.is_server_error() && old.may_stand_in(now) => return old,
                    _ => fresh,
                }
            }
            (_, None, Some(old)) if old.may_stand_in(now) => return old,
            (_, None, _) => Kept::new(StatusCode::BAD_GATEWAY, HeaderMap::new(), Bytes::new(), now),
        };
        let fresh = Arc::new(fresh);
        self.0.shelf.keep(key, &fresh);
        fresh
    }
}

/// Builds the request for a public page as the origin sees it: its address, and nothing about the visitor.
fn forward(method: &Method, uri: http::Uri, asked: &HeaderMap, more: &[(HeaderName, HeaderValue)]) -> Request {
    let mut request = Request::new(Body::empty());
    *request.method_mut() = method.clone();
    *request.uri_mut() = uri;
    copy(asked, request.headers_mut(), &[header::HOST]);
    for (name, value) in more {
        request.headers_mut().insert(name, value.clone());
    }
    request
}

fn copy(from: &HeaderMap, to: &mut HeaderMap, names: &[HeaderName]) {
    for name in names {
        if let Some(value) = from.get(name) {
            to.insert(name, value.clone());
        }
    }
}

fn respond(asked: &Parts, kept: &Kept, hit: &'static str, packs: bool, now: jiff::Timestamp) -> Response {
    let mut headers = kept.headers.clone();
    headers.insert(X_CACHE, HeaderValue::from_static(hit));
    if hit == HIT {
        headers.insert(header::AGE, HeaderValue::from(kept.age(now).as_secs()));
    }
    let compressed = if packs && takes_gzip(&asked.headers) { kept.compressed() } else { None };
    if compressed.is_some() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        headers.append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        // The compressed bytes differ from those that the tag names.
        let weak = kept.headers.get(header::ETAG).and_then(|etag| etag.to_str().ok()).map(weak);
        if let Some(weak) = weak.and_then(|weak| HeaderValue::from_str(&weak).ok()) {
            headers.insert(header::ETAG, weak);
        }
    }
    let etag = kept.headers.get(header::ETAG).and_then(|etag| etag.to_str().ok());
    let known = asked.headers.get(header::IF_NONE_MATCH).and_then(|known| known.to_str().ok());
    let same =
        |tag: &str| etag.is_some_and(|etag| tag.trim().trim_start_matches("W/") == etag.trim_start_matches("W/"));
    if kept.status == StatusCode::OK && known.is_some_and(|known| known.split(',').any(same)) {
        headers.remove(header::CONTENT_LENGTH);
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    let body = compressed.unwrap_or(&kept.body);
    let rangeable = kept.status == StatusCode::OK && compressed.is_none() && asked.method == Method::GET;
    let wanted = if rangeable { ranges::wanted(&asked.headers, &kept.headers, body.len()) } else { Wanted::Whole };
    let (status, body) = match wanted {
        Wanted::Whole => (kept.status, body.clone()),
        Wanted::Part(range) => {
            let said = format!("bytes {}-{}/{}", range.start, range.end.saturating_sub(1), body.len());
            headers.extend(HeaderValue::from_str(&said).map(|said| (header::CONTENT_RANGE, said)));
            (StatusCode::PARTIAL_CONTENT, body.slice(range))
        }
        Wanted::Beyond => {
            let said = format!("bytes */{}", body.len());
            headers.extend(HeaderValue::from_str(&said).map(|said| (header::CONTENT_RANGE, said)));
            (StatusCode::RANGE_NOT_SATISFIABLE, Bytes::new())
        }
    };
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    let body = if asked.method == Method::HEAD { Body::empty() } else { Body::from(body) };
    (status, headers, body).into_response()
}

fn weak(etag: &str) -> String {
    if etag.starts_with("W/") { etag.to_owned() } else { format!("W/{etag}") }
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|line| line.split(',')).any(|one| {
        let mut parts = one.split(';').map(str::trim);
        parts.next() == Some("gzip") && !parts.any(|weight| weight == "q=0")
    })
}

/// How long an invalidation takes, in milliseconds, unless [`Edge::let_invalidations_take`] changes it.
const INVALIDATION_TAKES_MS: u64 = 2_000;

#[cfg(test)]
mod tests {
    use std::io::Read;

    use axum::routing::any;
    use flate2::read::GzDecoder;

    use super::*;
    use crate::names;

    /// An edge in front of an origin that answers with the request, and 1,000 bytes more.
    fn edge() -> Router {
        let told = any(async |request: Request| {
            let headers =
                request.headers().iter().map(|(name, value)| format!("{name}: {}\n", value.to_str().unwrap()));
            let words = headers.collect::<String>() + &"x".repeat(1_000);
            let kept =
                [(header::CACHE_CONTROL, "s-maxage=60"), (header::CONTENT_TYPE, "text/plain"), (header::ETAG, "\"1\"")];
            (kept, words)
        });
        let edge =
            Edge::new(CacheMode::Answers, &Clock::system(), HeaderValue::from_static("a secret of this test")).unwrap();
        edge.in_front_of(Router::new().route("/absent", any(async || StatusCode::NOT_FOUND)).fallback(told))
    }

    async fn ask(edge: &Router, path: &str, accepts: &str) -> (HeaderMap, Bytes) {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = path.parse().unwrap();
        request.headers_mut().insert(header::ACCEPT_ENCODING, accepts.parse().unwrap());
        let (parts, body) = edge.clone().oneshot(request).await.unwrap().into_parts();
        (parts.headers, body.collect().await.unwrap().to_bytes())
    }

    #[tokio::test]
    async fn requests_and_answers_are_marked_as_the_service_marks_them() {
        let edge = edge();
        let (headers, told) = ask(&edge, "/gallery", "identity").await;
        let told = String::from_utf8_lossy(&told).into_owned();
        assert!(told.contains("x-amz-cf-id: ") && told.contains("via: 1.1 "), "{told}");
        assert_eq!((&headers[X_CACHE], headers.contains_key(header::AGE)), (&HeaderValue::from_static(MISS), false));
        assert!(headers.contains_key(header::VIA) && headers.contains_key(X_AMZ_CF_ID), "{headers:?}");
        let (headers, _) = ask(&edge, "/gallery", "identity").await;
        assert_eq!((&headers[X_CACHE], headers.contains_key(header::AGE)), (&HeaderValue::from_static(HIT), true));
        let (headers, _) = ask(&edge, "/api/v1/session", "identity").await;
        assert_eq!((&headers[X_CACHE], headers.contains_key(header::AGE)), (&HeaderValue::from_static(MISS), false));
        let (headers, _) = ask(&edge, "/absent", "identity").await;
        assert_eq!(headers[X_CACHE], ERROR);
        let (headers, told) = ask(&edge, &format!("/gallery?q={}", "x".repeat(8_192)), "identity").await;
        assert_eq!(
            (&headers[X_CACHE], told.as_ref()),
            (&HeaderValue::from_static(ERROR), b"This address is too long.".as_ref())
        );
        // S3 would refuse a header that is not signed.
        for path in [format!("/{}/a", names::REVIEW), "/m/a".to_owned()] {
            let (_, told) = ask(&edge, &path, "identity").await;
            let told = String::from_utf8_lossy(&told).into_owned();
            assert!(!told.contains("x-amz-cf-id") && told.contains("via: "), "{path}: {told}");
        }
    }

    #[tokio::test]
    async fn a_part_of_a_file_is_answered_from_what_is_kept_and_the_origin_is_asked_once() {
        let edge = edge();
        let part = async |range: &'static str, more: &[(HeaderName, &'static str)]| {
            let mut request = Request::new(Body::empty());
            *request.uri_mut() = "/m/a".parse().unwrap();
            request.headers_mut().insert(header::RANGE, HeaderValue::from_static(range));
            for (name, value) in more {
                request.headers_mut().insert(name, HeaderValue::from_static(value));
            }
            let (parts, body) = edge.clone().oneshot(request).await.unwrap().into_parts();
            let said = parts.headers.get(header::CONTENT_RANGE).map(|said| said.to_str().unwrap().to_owned());
            (parts.status.as_u16(), said.unwrap_or_default(), body.collect().await.unwrap().to_bytes(), parts.headers)
        };
        let (_, whole) = ask(&edge, "/m/a", "identity").await;
        let length = whole.len();
        let (status, said, body, headers) = part("bytes=5-9", &[]).await;
        assert_eq!((status, said, &body), (206, format!("bytes 5-9/{length}"), &whole.slice(5..10)));
        assert_eq!((&headers[X_CACHE], &headers[header::CONTENT_LENGTH]), (&HeaderValue::from_static(HIT), &5.into()));
        let (status, said, body, _) = part("bytes=-7", &[(header::IF_RANGE, "\"1\"")]).await;
        assert_eq!((status, body), (206, whole.slice(length - 7..)));
        assert_eq!(said, format!("bytes {}-{}/{length}", length - 7, length - 1));
        let (status, said, body, _) = part("bytes=-7", &[(header::IF_RANGE, "\"2\"")]).await;
        assert_eq!((status, said.as_str(), &body), (200, "", &whole));
        let (status, said, body, _) = part("bytes=99999-", &[]).await;
        assert_eq!((status, said, body.len()), (416, format!("bytes */{length}"), 0));
        let (status, ..) = part("bytes=0-1", &[(header::IF_NONE_MATCH, "\"1\"")]).await;
        assert_eq!(status, 304);
    }

    #[tokio::test]
    async fn text_is_compressed_for_whoever_takes_it() {
        let edge = edge();
        let (plain, whole) = ask(&edge, "/gallery", "br").await;
        assert!(!plain.contains_key(header::CONTENT_ENCODING), "{plain:?}");
        let (headers, packed) = ask(&edge, "/gallery", "br, gzip;q=0.8").await;
        assert_eq!(
            (&headers[header::CONTENT_ENCODING], &headers[header::ETAG]),
            (&HeaderValue::from_static("gzip"), &HeaderValue::from_static("W/\"1\""))
        );
        assert!(packed.len() < whole.len() / 2 && headers[header::CONTENT_LENGTH] == packed.len().to_string().as_str());
        let mut unpacked = Vec::new();
        GzDecoder::new(packed.as_ref()).read_to_end(&mut unpacked).unwrap();
        assert_eq!(unpacked, whole);
        for (path, accepts) in [("/gallery", "gzip;q=0"), ("/m/a", "gzip"), ("/api/v1/session", "gzip")] {
            let (headers, _) = ask(&edge, path, accepts).await;
            assert!(!headers.contains_key(header::CONTENT_ENCODING), "{path} for {accepts}");
        }
    }
}
