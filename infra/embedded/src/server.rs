//! The HTTP server of every listener on this machine.
//!
//! It asks [`Callers`] about each request, and does not wait for silent clients: a request's head and the pauses in its body are limited in
//! time, and when all connections are in use, a new one replaces the one whose peer has been silent for longest. So silent connections,
//! however many, keep nobody out. A connection that is [working](Connection::working) keeps its place.

use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use axum::{BoxError, body::Body};
use http::{Request, Response};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{AbortHandle, Id, JoinSet},
};
use tower::{Service, ServiceExt};
use tower_http::timeout::{TimeoutBody, TimeoutError};

use crate::Callers;

/// How long running requests may take after a stop.
pub(crate) const GRACE: Duration = Duration::from_secs(2);
/// How long after a failed `accept` the next is tried. It fails if the process has too many files open.
const ACCEPT_AGAIN: Duration = Duration::from_millis(50);

/// Limits of a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest number of connections at once.
    pub connections: usize,
    /// Longest time for a request's head, from the end of the request before it.
    pub head: Duration,
    /// Longest pause within a request's body.
    pub pause: Duration,
}

impl Limits {
    /// Returns the limits of a listener that anybody may call, with so many connections at once.
    pub const fn public(connections: usize) -> Self {
        // S3 waits 20 s within a body (its error `RequestTimeout`), and so does every listener here.
        Self { connections, head: Duration::from_secs(30), pause: Duration::from_secs(20) }
    }

    /// Returns the limits of a listener that this system's own programs call. They keep idle connections for 90 s, so that they close them
    /// first.
    pub const fn internal() -> Self {
        Self { connections: 1024, head: Duration::from_mins(2), pause: Duration::from_secs(20) }
    }
}

/// A connection. Each of its requests has it among its extensions.
#[derive(Clone, Debug)]
pub struct Connection(Arc<Line>);

#[derive(Debug)]
struct Line {
    began: Instant,
    /// When the last byte was sent or received, in milliseconds since the start.
    moved_ms: AtomicU64,
    working: AtomicUsize,
}

/// While this exists, its connection does not count as silent.
#[derive(Debug)]
pub struct Working(Arc<Line>);

impl Connection {
    fn new() -> Self {
        Self(Arc::new(Line { began: Instant::now(), moved_ms: AtomicU64::new(0), working: AtomicUsize::new(0) }))
    }

    /// Marks that the server, and not the peer, has to act: the request has arrived completely.
    pub fn working(&self) -> Working {
        self.0.working.fetch_add(1, Ordering::Relaxed);
        Working(Arc::clone(&self.0))
    }

    /// Returns how long the peer has been silent; `None` if it waits for the server.
    fn silence(&self) -> Option<Duration> {
        let moved = Duration::from_millis(self.0.moved_ms.load(Ordering::Relaxed));
        let waits = self.0.working.load(Ordering::Relaxed) > 0;
        (!waits).then(|| self.0.began.elapsed().saturating_sub(moved))
    }

    fn moved(&self) {
        let ms = u64::try_from(self.0.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.0.moved_ms.store(ms, Ordering::Relaxed);
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.0.working.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Serves `listener` until `stop` is true or its sender is dropped, and then completes the running requests. Each request has its
/// [`Connection`] and the peer's [`SocketAddr`] among its extensions. An error of `service` ends the connection without an answer.
pub async fn serve<S>(
    listener: TcpListener,
    callers: Callers,
    limits: Limits,
    service: S,
    mut stop: watch::Receiver<bool>,
) where
    S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
{
    let mut open = Open::default();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(ended) = open.tasks.join_next_with_id() => {
                open.lines.remove(&ended.map_or_else(|error| error.id(), |(id, ())| id));
                continue;
            }
            () = stopped(&mut stop) => break,
        };
        match accepted {
            Ok((stream, peer)) if open.lines.len() < limits.connections || open.cut_the_most_silent() => {
                let connection = Connection::new();
                let service = (callers.clone(), service.clone());
                let task = open.tasks.spawn(answer((stream, peer), connection.clone(), limits, service, stop.clone()));
                open.lines.insert(task.id(), (connection, task));
            }
            Ok(_) => tracing::warn!("all {} connections are at work; another is turned away", limits.connections),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                open.cut_the_most_silent();
                tokio::time::sleep(ACCEPT_AGAIN).await;
            }
        }
    }
    drop(listener);
    while open.tasks.join_next().await.is_some() {}
}

/// Waits until `stop` is true or its sender is dropped.
pub(crate) async fn stopped(stop: &mut watch::Receiver<bool>) {
    drop(stop.wait_for(|stop| *stop).await);
}

/// Whether a body ended because its sender paused for too long.
pub fn is_pause(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| error.source()).any(<dyn std::error::Error>::is::<TimeoutError>)
}

/// The open connections. Dropping them closes them.
#[derive(Default)]
struct Open {
    tasks: JoinSet<()>,
    lines: HashMap<Id, (Connection, AbortHandle)>,
}

impl Open {
    /// Closes the connection whose peer has been silent for longest. Returns false if all wait for the server.
    fn cut_the_most_silent(&mut self) -> bool {
        let silent = self.lines.iter().filter_map(|(id, (connection, _))| Some((connection.silence()?, *id)));
        let Some((_, id)) = silent.max_by_key(|(silence, _)| *silence) else { return false };
        if let Some((_, task)) = self.lines.remove(&id) {
            task.abort();
        }
        true
    }
}

async fn answer<S>(
    (stream, peer): (TcpStream, SocketAddr),
    connection: Connection,
    limits: Limits,
    (callers, service): (Callers, S),
    mut stop: watch::Receiver<bool>,
) where
    S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
{
    let line = connection.clone();
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let (callers, connection, service) = (callers.clone(), line.clone(), service.clone());
        async move {
            let (mut parts, body) = request.into_parts();
            if let Some(refusal) = callers.refusal(&parts) {
                return Ok(refusal);
            }
            parts.extensions.insert(connection);
            parts.extensions.insert(peer);
            let body = if hyper::body::Body::is_end_stream(&body) {
                Body::empty()
            } else {
                Body::new(TimeoutBody::new(limits.pause, body))
            };
            // A plain error type: the compiler cannot prove that a future is `Send` which holds a boxed error that converts into itself.
            service.oneshot(Request::from_parts(parts, body)).await.map_err(io::Error::other)
        }
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .serve_connection(TokioIo::new(Watched { stream, connection }), service);
    let mut serving = pin!(serving);
    tokio::select! {
        // A broken connection is the peer's affair.
        ended = serving.as_mut() => drop(ended),
        () = stopped(&mut stop) => {
            serving.as_mut().graceful_shutdown();
            drop(serving.await);
        }
    }
}

/// A connection's bytes, recording when they moved.
struct Watched {
    stream: TcpStream,
    connection: Connection,
}

impl AsyncRead for Watched {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let read = ready!(Pin::new(&mut self.stream).poll_read(context, into));
        if into.filled().len() > before {
            self.connection.moved();
        }
        Poll::Ready(read)
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, bytes));
        self.connection.moved();
        Poll::Ready(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write_vectored(context, bytes));
        self.connection.moved();
        Poll::Ready(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use axum::{Router, extract::Request as Asked, routing::any};
    use http_body_util::BodyExt;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    const SHORT: Duration = Duration::from_millis(500);
    /// Longer than anything here takes.
    const LONG: Duration = Duration::from_secs(20);

    /// Starts a server that answers with a body's length, and works for a while first for `/work`.
    async fn start(limits: Limits) -> (std::net::SocketAddr, watch::Sender<bool>) {
        let router = Router::new().fallback(any(async |asked: Asked| {
            let (parts, body) = asked.into_parts();
            let body = match body.collect().await {
                Ok(body) => body.to_bytes(),
                Err(error) if is_pause(&error) => return "paused".to_owned(),
                Err(_) => return "broken".to_owned(),
            };
            let _working = parts.extensions.get::<Connection>().map(Connection::working);
            if parts.uri.path() == "/work" {
                tokio::time::sleep(3 * SHORT).await;
            }
            body.len().to_string()
        }));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(serve(listener, Callers::by_name(&[]), limits, router, stopped));
        (address, stop)
    }

    /// Sends text and reads until the end, or for [`LONG`].
    async fn say(address: std::net::SocketAddr, words: &str) -> String {
        listen(open(address, words).await).await
    }

    async fn open(address: std::net::SocketAddr, words: &str) -> TcpStream {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(words.as_bytes()).await.unwrap();
        stream
    }

    async fn listen(mut stream: TcpStream) -> String {
        let mut heard = Vec::new();
        // A connection that is closed also counts as an end.
        drop(tokio::time::timeout(LONG, stream.read_to_end(&mut heard)).await.expect("it ends"));
        String::from_utf8(heard).unwrap()
    }

    const GET: &str = "GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    const ANNOUNCES: &str = "POST / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: 100\r\n\r\nfew";

    fn limits(connections: usize) -> Limits {
        Limits { connections, head: LONG, pause: LONG }
    }

    #[tokio::test]
    async fn who_is_silent_is_not_waited_for() {
        let (address, _stop) = start(Limits { connections: 10, head: SHORT, pause: SHORT }).await;
        assert_eq!(say(address, "").await, "", "nothing was said, nothing is answered");
        assert_eq!(say(address, "GET / HTTP/1.1\r\nhost: loc").await, "");
        let paused = say(address, ANNOUNCES).await;
        assert!(paused.starts_with("HTTP/1.1 200") && paused.ends_with("paused"), "{paused}");
        let kept = open(address, "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
        let answered = listen(kept).await;
        assert!(answered.ends_with('0'), "answered once, and then the silence was too long: {answered}");
        // A client that keeps sending is waited for, however long it takes in total.
        let mut slow = open(address, ANNOUNCES).await;
        for _ in 0..97 {
            tokio::time::sleep(SHORT / 20).await;
            slow.write_all(b"x").await.unwrap();
        }
        let answered = listen(slow).await;
        assert!(answered.ends_with("100"), "{answered}");
    }

    #[tokio::test]
    async fn a_new_connection_takes_the_place_of_the_most_silent_one() {
        let (address, _stop) = start(limits(4)).await;
        let mut silent = Vec::new();
        for words in ["", "GET / HT", ANNOUNCES, ANNOUNCES] {
            silent.push(open(address, words).await);
            tokio::time::sleep(SHORT / 10).await;
        }
        silent.get_mut(0).unwrap().write_all(b"GET ").await.unwrap();
        tokio::time::sleep(SHORT / 10).await;
        let answered = say(address, GET).await;
        assert!(answered.starts_with("HTTP/1.1 200"), "{answered}");
        assert_eq!(listen(silent.remove(1)).await, "", "it had been silent for longest");
        for mut other in silent {
            let mut byte = [0];
            let heard = tokio::time::timeout(SHORT / 2, other.read(&mut byte)).await;
            assert!(heard.is_err(), "the others are still there: {heard:?}");
        }
    }

    #[tokio::test]
    async fn who_waits_for_us_keeps_the_place() {
        let (address, _stop) = start(limits(2)).await;
        let work = GET.replace("/ HTTP", "/work HTTP");
        let first = open(address, &work).await;
        let second = open(address, &work).await;
        tokio::time::sleep(SHORT / 2).await;
        assert_eq!(say(address, GET).await, "", "there is no place, and none to take");
        for waiting in [first, second] {
            let answered = listen(waiting).await;
            assert!(answered.starts_with("HTTP/1.1 200"), "{answered}");
        }
        assert!(say(address, GET).await.starts_with("HTTP/1.1 200"));
    }

    #[tokio::test]
    async fn a_thousand_silent_connections_keep_nobody_away() {
        let (address, _stop) = start(limits(50)).await;
        let mut silent = Vec::new();
        for n in 0..1_000 {
            silent.push(open(address, if n % 2 == 0 { "" } else { ANNOUNCES }).await);
            if n % 100 == 99 {
                assert!(say(address, GET).await.starts_with("HTTP/1.1 200"), "after {n}");
            }
        }
    }

    #[tokio::test]
    async fn a_stop_lets_running_requests_end() {
        let (address, stop) = start(limits(4)).await;
        let running = open(address, &GET.replace("/ HTTP", "/work HTTP")).await;
        tokio::time::sleep(SHORT / 2).await;
        stop.send_replace(true);
        assert!(listen(running).await.starts_with("HTTP/1.1 200"));
        assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
    }
}
