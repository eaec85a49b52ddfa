//! The proxy: receives a whole request, determines its fate, and forwards it unchanged.

use std::{
    collections::HashMap,
    fs::{File, OpenOptions},
    io::{self, Write},
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::body::Body;
use bytes::Bytes;
use embedded::{
    Callers,
    server::{self, Limits},
    signature::Signatures,
};
use futures::stream;
use http::{HeaderMap, Method, Request, Response, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tokio::{net::TcpListener, sync::watch};
use tower::service_fn;

use super::{Dealer, Dealt, Fate, Faults, Kill, Meter, Outcome, Service, answers};

/// The proxy of one service.
pub(crate) struct Proxy {
    listener: TcpListener,
    shared: Arc<Shared>,
}

struct Shared {
    service: Service,
    upstream: String,
    /// Checks the signatures of requests; `None` leaves that to the service, which sees everything that is signed.
    signed: Option<Signatures>,
    client: Client<HttpConnector, Full<Bytes>>,
    dealer: Dealer,
    kill: Option<Kill>,
    stale_for: Duration,
    log: Option<Mutex<File>>,
    meter: Option<Meter>,
    counts: Mutex<Counts>,
    /// The last result of each query that may be answered with an earlier one.
    indexes: Mutex<HashMap<Bytes, (Instant, Response<Bytes>)>>,
}

#[derive(Default)]
struct Counts {
    by_operation: HashMap<String, u64>,
    to_kill: u64,
}

impl Proxy {
    /// Builds a proxy of `service` at `upstream`, such as `http://127.0.0.1:8000`.
    ///
    /// # Errors
    /// If no port is free, or a log cannot be read or written.
    pub(crate) async fn new(
        service: Service,
        upstream: &str,
        signed: Option<Signatures>,
        faults: &Faults,
        meter: &Meter,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let log = match &faults.log {
            Some(path) => Some(Mutex::new(OpenOptions::new().create(true).append(true).open(path)?)),
            None => None,
        };
        let shared = Shared {
            service,
            upstream: upstream.to_owned(),
            signed,
            client: Client::builder(TokioExecutor::new()).build_http(),
            dealer: faults.dealer()?,
            kill: faults.kill.clone(),
            stale_for: Duration::from_millis(faults.stale_ms),
            log,
            meter: (faults.metered && service == Service::DynamoDb).then(|| meter.clone()),
            counts: Mutex::default(),
            indexes: Mutex::default(),
        };
        Ok(Self { listener, shared: Arc::new(shared) })
    }

    /// Returns the address where it listens, such as `http://127.0.0.1:8001`.
    pub(crate) fn address(&self) -> io::Result<String> {
        let at: SocketAddr = self.listener.local_addr()?;
        Ok(format!("http://{at}"))
    }

    /// Serves requests that `callers` allow, until `stop`.
    pub(crate) async fn serve(self, callers: Callers, stop: watch::Receiver<bool>) {
        let shared = self.shared;
        let service = service_fn(move |request| Arc::clone(&shared).take(request));
        server::serve(self.listener, callers, Limits::internal(), service, stop).await;
    }
}

impl Shared {
    /// Handles one request. An error breaks the connection without an answer.
    async fn take(self: Arc<Self>, request: Request<Body>) -> Result<Response<Body>, io::Error> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        if let Some(signed) = &self.signed
            && let Err(unsigned) = signed.check(&parts, &body)
        {
            return Ok(signed.refusal(unsigned));
        }
        let operation = self.operation(&parts.method, &parts.uri, &parts.headers);
        let (fate, kill) = self.deal(&operation, &parts.uri, &body);
        if kill == Some(false) {
            die();
        }
        tokio::time::sleep(fate.delay()).await;
        match fate.outcome {
            Outcome::InternalError | Outcome::TooMany | Outcome::Conflict => {
                return Ok(answers::refused(self.service, fate.outcome, &operation, &body).map(whole));
            }
            Outcome::Stale => {
                if let Some(old) = self.remembered(&body) {
                    return Ok(old.map(whole));
                }
            }
            Outcome::Answered | Outcome::Lost | Outcome::Cut | Outcome::Trickled => {}
        }
        let index = operation == "Query" && !contains(&body, br#""ConsistentRead":true"#);
        let asked = if self.meter.is_some() { Meter::asking(&body) } else { body.clone() };
        let answer = self.forward(parts, asked).await?;
        if let Some(meter) = &self.meter {
            meter.note(&operation, answer.body());
        }
        if index {
            self.remember(body, &answer);
        }
        if kill == Some(true) {
            die();
        }
        match fate.outcome {
            Outcome::Lost => Err(io::Error::other("the answer is lost")),
            Outcome::Cut => Ok(answer.map(|body| cut(&body))),
            Outcome::Trickled => Ok(answer.map(trickle)),
            Outcome::Answered | Outcome::InternalError | Outcome::TooMany | Outcome::Conflict | Outcome::Stale => {
                Ok(answer.map(whole))
            }
        }
    }

    /// Forwards the request unchanged, including `Host`, which is signed. With another body it is signed again, including the body's
    /// length.
    async fn forward(&self, mut parts: http::request::Parts, body: Bytes) -> Result<Response<Bytes>, io::Error> {
        parts.headers.remove(header::TRANSFER_ENCODING);
        parts.headers.insert(header::CONTENT_LENGTH, body.len().into());
        let signed = self.meter.as_ref().and(self.signed.as_ref());
        if let Some(authorization) = signed.and_then(|signed| signed.of_another_body(&parts, &body).ok()) {
            parts.headers.insert(header::AUTHORIZATION, authorization);
        }
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let uri: Uri = format!("{}{path}", self.upstream).parse().map_err(io::Error::other)?;
        let mut request =
            Request::builder().method(parts.method).uri(uri).body(Full::new(body)).map_err(io::Error::other)?;
        *request.headers_mut() = parts.headers;
        let answer = self.client.request(request).await.map_err(io::Error::other)?;
        let (mut parts, body) = answer.into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        parts.headers.remove(header::TRANSFER_ENCODING);
        Ok(Response::from_parts(parts, body))
    }

    fn operation(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> String {
        if self.service == Service::DynamoDb {
            let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
            return target.rsplit('.').next().unwrap_or_default().to_owned();
        }
        let object = uri.path().trim_matches('/').contains('/');
        let copies = headers.contains_key("x-amz-copy-source");
        match (method.as_str(), object) {
            ("PUT", true) if copies => "CopyObject",
            ("PUT", true) => "PutObject",
            ("GET", true) => "GetObject",
            ("HEAD", true) => "HeadObject",
            ("POST", false) => "DeleteObjects",
            ("GET", false) => "ListObjects",
            _ => "Other",
        }
        .to_owned()
    }

    /// Returns the request's fate, and whether this process dies before (`false`) or after (`true`) the request is carried out.
    fn deal(&self, operation: &str, uri: &Uri, body: &[u8]) -> (Fate, Option<bool>) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let nth = counts.by_operation.entry(operation.to_owned()).or_default();
        *nth += 1;
        let nth = *nth;
        let fate = self.dealer.fate(self.service, operation, nth);
        if !fate.is_ordinary()
            && let Some(log) = &self.log
        {
            let dealt = Dealt { service: self.service, operation: operation.to_owned(), nth, fate: fate.clone() };
            let line = serde_json::to_string(&dealt).unwrap_or_default() + "\n";
            // A log that cannot be written must not change the run.
            drop(log.lock().unwrap_or_else(PoisonError::into_inner).write_all(line.as_bytes()));
        }
        let kill = self.kill.as_ref().filter(|kill| kill.operation == operation).and_then(|kill| {
            let of = kill.of.is_empty() || uri.path().contains(&kill.of) || contains(body, kill.of.as_bytes());
            counts.to_kill += u64::from(of);
            (of && counts.to_kill == kill.nth).then_some(kill.after)
        });
        (fate, kill)
    }

    fn remembered(&self, query: &Bytes) -> Option<Response<Bytes>> {
        let indexes = self.indexes.lock().unwrap_or_else(PoisonError::into_inner);
        indexes.get(query).filter(|(at, _)| at.elapsed() < self.stale_for).map(|(_, answer)| answer.clone())
    }

    fn remember(&self, query: Bytes, answer: &Response<Bytes>) {
        let mut indexes = self.indexes.lock().unwrap_or_else(PoisonError::into_inner);
        indexes.retain(|_, (at, _)| at.elapsed() < self.stale_for);
        indexes.entry(query).or_insert_with(|| (Instant::now(), answer.clone()));
    }
}

/// Ends this process as `kill -9` does.
fn die() -> ! {
    // Nothing can refuse the signal; if it were refused, an abort is the next best.
    rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL).ok();
    std::process::abort()
}

fn contains(body: &[u8], what: &[u8]) -> bool {
    body.windows(what.len()).any(|window| window == what)
}

fn whole(body: Bytes) -> Body {
    Body::from(body)
}

/// Returns half of the body, and then breaks the connection.
fn cut(body: &Bytes) -> Body {
    let half = body.slice(..body.len() / 2);
    Body::from_stream(stream::iter([Ok(half), Err(io::Error::other("the answer is cut"))]))
}

/// Returns the body in eight pieces, a twentieth of a second apart.
fn trickle(body: Bytes) -> Body {
    let size = body.len().div_ceil(8).max(1);
    Body::from_stream(stream::unfold(body, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        let piece = rest.split_to(size.min(rest.len()));
        Some((Ok::<_, io::Error>(piece), rest))
    }))
}
