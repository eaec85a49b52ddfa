//! The edge in a box: what CloudFront does in front of the cloud's functions, in front of the laptop's.
//!
//! `infra/edge.json` says which paths go where and for whom; the infrastructure makes the distribution of it, and this front follows
//! it. What is for all passes without cookies, credentials and other people's headers, and only to read; so that a page which
//! forgets that it stands behind a cache fails on the laptop, not in the cloud. What is for one is told that one's address. To the functions
//! it sends the secret without which they answer nobody. With
//! [`Keeping::Answers`] it keeps answers too, for as long as they say, and drops them when an invalidation comes, in CloudFront's own
//! protocol, at an address of its own.
//!
//! Followed, from the service's documentation: `s-maxage` before `max-age`; `stale-while-revalidate`; `stale-if-error`, and without it an
//! old answer rather than an error; of requests that miss at once, one asks; an answer that is on its way when an invalidation comes is
//! kept all the same. Not followed: several edges with several ages of the same answer, compression.

mod behaviours;
mod invalidation;
mod kept;

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
    runtime::Clock,
    web::{edge::EDGE_SECRET, viewer::VIEWER_ADDRESS},
};
use tower::ServiceExt;

use behaviours::{Behaviours, For, Origin};
use kept::{Found, Kept, Shelf};

pub use invalidation::Totals;

/// Whether an answer comes from the edge's shelf.
pub const X_CACHE: HeaderName = HeaderName::from_static("x-cache");

/// What the edge keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keeping {
    /// Nothing: every answer is fresh, as whoever tries something out expects.
    #[default]
    Nothing,
    /// Answers, for as long as they say.
    Answers,
}

/// The edge.
#[derive(Clone)]
pub struct Edge(Arc<Inner>);

struct Inner {
    behaviours: Behaviours,
    clock: Clock,
    keeping: Keeping,
    origin: RwLock<Router>,
    secret: HeaderValue,
    shelf: Shelf,
    invalidations: invalidation::Invalidations,
    invalidations_fail: AtomicBool,
    invalidations_take_ms: AtomicU64,
    asked: Mutex<HashMap<String, u64>>,
}

impl Edge {
    /// An edge in front of nothing yet, which is known to functions by `secret`.
    ///
    /// # Errors
    /// Where `infra/edge.json` is not of its form, which a test rules out.
    pub fn new(keeping: Keeping, clock: &Clock, secret: HeaderValue) -> Result<Self, serde_json::Error> {
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

    /// The whole front: what stands behind it is `origin`.
    pub fn in_front_of(&self, origin: Router) -> Router {
        *self.0.origin.write().unwrap_or_else(PoisonError::into_inner) = origin;
        Router::new().fallback(answer).with_state(self.clone())
    }

    /// CloudFront's API, as far as it is about invalidations of this edge.
    pub fn control(&self) -> Router {
        invalidation::router(self)
    }

    /// Lets every invalidation from now on fail with the service's own error, or no longer: CloudFront's API has bad days.
    pub fn let_invalidations_fail(&self, fail: bool) {
        self.0.invalidations_fail.store(fail, Ordering::Relaxed);
    }

    /// Lets each invalidation that begins from now on take this long. At CloudFront it is some seconds, and now and then minutes.
    pub fn let_invalidations_take(&self, long: Duration) {
        let ms = u64::try_from(long.as_millis()).unwrap_or(u64::MAX);
        self.0.invalidations_take_ms.store(ms, Ordering::Relaxed);
    }

    /// What was asked of the API about invalidations so far.
    pub fn invalidations(&self) -> Totals {
        self.0.invalidations.totals()
    }

    /// How often whoever stands behind was asked for a path, to fill the shelf.
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
    if !behaviour.takes(request.method()) {
        return refused_method();
    }
    let mut response = match behaviour.audience {
        For::One => edge.ask(request).await,
        For::All => edge.public(request).await,
    };
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if behaviour.origin != Origin::Api {
        // Bytes that somebody uploaded are never more than a picture.
        let policy = HeaderValue::from_static("default-src 'none'; sandbox");
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        let policy = HeaderName::from_static("cross-origin-resource-policy");
        headers.insert(policy, HeaderValue::from_static("cross-origin"));
    }
    response
}

/// Writes the viewer's address into its header, over whatever the viewer has sent there. In the cloud, `infra/aws/viewer-address.js` does.
fn tell_address(request: &mut Request) {
    request.headers_mut().remove(VIEWER_ADDRESS);
    let peer = request.extensions().get::<SocketAddr>().map(|peer| peer.ip().to_canonical().to_string());
    if let Some(address) = peer.and_then(|peer| HeaderValue::from_str(&peer).ok()) {
        request.headers_mut().insert(VIEWER_ADDRESS, address);
    }
}

/// A method that the behaviour does not take. The service says 403 here; 405 is what the functions themselves would say, and what
/// the API's description promises.
fn refused_method() -> Response {
    let words = "This path is only read.";
    (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD, OPTIONS")], words).into_response()
}

impl Edge {
    async fn ask(&self, mut request: Request) -> Response {
        // Over whatever the viewer has sent under that name; the storage is told nothing.
        request.headers_mut().remove(EDGE_SECRET);
        if self.0.behaviours.of(request.uri().path()).origin == Origin::Api {
            request.headers_mut().insert(EDGE_SECRET, self.0.secret.clone());
        }
        match self.origin().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }

    /// What everybody is answered alike: nothing of who asks goes on.
    async fn public(&self, request: Request) -> Response {
        let (asked, _) = request.into_parts();
        let _working = asked.extensions.get().map(Connection::working);
        match self.0.keeping {
            Keeping::Nothing => {
                let mut forwarded = forward(&asked.method, asked.uri.clone(), &asked.headers, &[]);
                copy(&asked.headers, forwarded.headers_mut(), &[header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE]);
                self.ask(forwarded).await
            }
            Keeping::Answers => self.kept(asked).await,
        }
    }

    async fn kept(&self, asked: Parts) -> Response {
        let uri = self.0.behaviours.forwarded(&asked.uri);
        let key = uri.path_and_query().map_or_else(String::new, ToString::to_string);
        let (kept, hit) = match self.0.shelf.find(&key, self.0.clock.now()) {
            Found::Fresh(kept) => (kept, "Hit from edge"),
            Found::Stale(kept) => {
                let (edge, headers, uri, key) = (self.clone(), asked.headers.clone(), uri.clone(), key.clone());
                tokio::spawn(async move { edge.fill(&key, &uri, &headers).await });
                (kept, "Hit from edge")
            }
            Found::Old | Found::Nothing => (self.fill(&key, &uri, &asked.headers).await, "Miss from edge"),
        };
        respond(&asked, &kept, hit, self.0.clock.now())
    }

    /// Asks the origin, one request at a time for each address, and keeps what may be kept.
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

/// A request as the origin of everybody's pages sees it: its address, and nothing of who asks.
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

fn respond(asked: &Parts, kept: &Kept, hit: &'static str, now: jiff::Timestamp) -> Response {
    let mut headers = kept.headers.clone();
    headers.insert(header::AGE, HeaderValue::from(kept.age(now).as_secs()));
    headers.insert(X_CACHE, HeaderValue::from_static(hit));
    let etag = kept.headers.get(header::ETAG).and_then(|etag| etag.to_str().ok());
    let known = asked.headers.get(header::IF_NONE_MATCH).and_then(|known| known.to_str().ok());
    let same =
        |tag: &str| etag.is_some_and(|etag| tag.trim().trim_start_matches("W/") == etag.trim_start_matches("W/"));
    if kept.status == StatusCode::OK && known.is_some_and(|known| known.split(',').any(same)) {
        headers.remove(header::CONTENT_LENGTH);
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(kept.body.len()));
    let body = if asked.method == Method::HEAD { Body::empty() } else { Body::from(kept.body.clone()) };
    (kept.status, headers, body).into_response()
}

/// How long an invalidation takes, in milliseconds, unless [`Edge::let_invalidations_take`] says something else.
const INVALIDATION_TAKES_MS: u64 = 2_000;
