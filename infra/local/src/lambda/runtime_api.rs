//! The Runtime API of 2018-06-01, at a separate path for each instance.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use bytes::Bytes;
use embedded::Callers;
use embedded::server::{Connection, Limits, serve as serve_http};
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::{BodyExt, Collected, LengthLimitError, Limited};
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::MAX_RESPONSE;
use super::instance::{Instance, Outcome, lock, now_ms};

/// The instances that the Runtime API serves, by the last part of their address, which is secret.
#[derive(Default)]
pub(super) struct Registry(Mutex<BTreeMap<String, Arc<Instance>>>);

impl Registry {
    /// Starts an instance, registered before it can send its first request, and removes it when it has ended.
    pub(super) fn add(
        self: &Arc<Self>,
        spawn: impl FnOnce() -> std::io::Result<Arc<Instance>>,
    ) -> std::io::Result<Arc<Instance>> {
        let mut known = lock(&self.0);
        let instance = spawn()?;
        known.insert(instance.path.clone(), Arc::clone(&instance));
        drop(known);
        let (registry, ending) = (Arc::clone(self), Arc::clone(&instance));
        tokio::spawn(async move {
            ending.gone().await;
            lock(&registry.0).remove(&ending.path);
        });
        Ok(instance)
    }

    pub(super) fn all(&self) -> Vec<Arc<Instance>> {
        lock(&self.0).values().cloned().collect()
    }

    fn find(&self, path: &str) -> Option<Arc<Instance>> {
        lock(&self.0).get(path).cloned()
    }
}

/// Serves the Runtime API until `stop`. Only instances can use it: each is told its own address, which cannot be guessed.
pub(super) async fn serve(listener: TcpListener, registry: Arc<Registry>, stop: watch::Receiver<bool>) {
    let router = Router::new()
        .route("/{instance}/2018-06-01/runtime/invocation/next", get(next))
        .route("/{instance}/2018-06-01/runtime/invocation/{request}/response", post(response))
        .route("/{instance}/2018-06-01/runtime/invocation/{request}/error", post(error))
        .route("/{instance}/2018-06-01/runtime/init/error", post(init_error))
        .with_state(registry);
    serve_http(listener, Callers::programs(), Limits::internal(), router, stop).await;
}

async fn next(
    State(registry): State<Arc<Registry>>,
    Path(id): Path<String>,
    Extension(connection): Extension<Connection>,
) -> Response {
    let Some(instance) = registry.find(&id) else { return unknown("InvalidInstance") };
    // The instance waits for us, for as long as there is nothing to do.
    let _working = connection.working();
    let Some((request_id, payload)) = instance.next().await else { return unknown("InvalidInstance") };
    let now = now_ms();
    let timeout = u64::try_from(instance.timeout.as_millis()).unwrap_or(u64::MAX);
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("lambda-runtime-deadline-ms", now.saturating_add(timeout).to_string()),
        ("lambda-runtime-invoked-function-arn", instance.arn.clone()),
        ("lambda-runtime-trace-id", trace_id(&request_id, now)),
        ("lambda-runtime-aws-request-id", request_id),
    ];
    let headers = headers.into_iter().fold(Response::builder(), |builder, (name, value)| builder.header(name, value));
    headers.body(Body::from(payload)).unwrap_or_else(|_invalid| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

/// Takes an answer, in one piece or streamed. A stream that breaks says so in its trailers.
async fn response(
    State(registry): State<Arc<Registry>>,
    Path((id, request_id)): Path<(String, String)>,
    request: Request<Body>,
) -> Response {
    let Some(instance) = registry.find(&id) else { return unknown("InvalidInstance") };
    let Some(answer) = instance.claim(&request_id) else { return unknown("InvalidRequestID") };
    let (outcome, said) = match Limited::new(request.into_body(), MAX_RESPONSE).collect().await {
        Ok(body) => {
            let broken = body.trailers().and_then(broken_stream);
            (broken.unwrap_or_else(|| Outcome::Answer(body.to_bytes())), accepted())
        }
        Err(error) if error.is::<LengthLimitError>() => (Outcome::TooLarge, too_large()),
        Err(error) => {
            let kind = "Runtime.TruncatedResponse".to_owned();
            (Outcome::Failure { kind, message: error.to_string() }, unknown("TruncatedResponse"))
        }
    };
    let _ = answer.send(outcome); // a caller that has gone does not wait for it
    said
}

async fn error(
    State(registry): State<Arc<Registry>>,
    Path((id, request_id)): Path<(String, String)>,
    request: Request<Body>,
) -> Response {
    let Some(instance) = registry.find(&id) else { return unknown("InvalidInstance") };
    let Some(answer) = instance.claim(&request_id) else { return unknown("InvalidRequestID") };
    let Diagnostic { kind, message } = diagnostic(request).await;
    let _ = answer.send(Outcome::Failure { kind, message }); // as above
    accepted()
}

async fn init_error(State(registry): State<Arc<Registry>>, Path(id): Path<String>, request: Request<Body>) -> Response {
    let Some(instance) = registry.find(&id) else { return unknown("InvalidInstance") };
    let Diagnostic { kind, message } = diagnostic(request).await;
    instance.init_failed(format!("{kind}: {message}"));
    accepted()
}

/// A runtime's report about a failure.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Diagnostic {
    #[serde(rename = "errorType")]
    kind: String,
    #[serde(rename = "errorMessage")]
    message: String,
}

async fn diagnostic(request: Request<Body>) -> Diagnostic {
    let header = request.headers().get("lambda-runtime-function-error-type").and_then(|kind| kind.to_str().ok());
    let kind = header.unwrap_or("Unhandled").to_owned();
    let body = Limited::new(request.into_body(), MAX_RESPONSE).collect().await.map(Collected::to_bytes);
    let body: Bytes = body.unwrap_or_default();
    match serde_json::from_slice::<Diagnostic>(&body) {
        Ok(said) if !said.kind.is_empty() => said,
        Ok(said) => Diagnostic { kind, message: said.message },
        Err(_) => Diagnostic { kind, message: String::from_utf8_lossy(&body).into_owned() },
    }
}

fn broken_stream(trailers: &HeaderMap) -> Option<Outcome> {
    let text = |name| trailers.get(name).and_then(|value: &http::HeaderValue| value.to_str().ok()).map(str::to_owned);
    let kind = text("lambda-runtime-function-error-type")?;
    let message = text("lambda-runtime-function-error-body").unwrap_or_default();
    Some(Outcome::Failure { kind, message })
}

/// Returns a trace id in X-Ray's format, not sampled.
fn trace_id(request_id: &str, now_ms: u64) -> String {
    let hex: String = request_id.chars().filter(char::is_ascii_hexdigit).collect();
    format!("Root=1-{:08x}-{};Sampled=0", now_ms / 1000, hex.get(..24).unwrap_or(&hex))
}

fn accepted() -> Response {
    json(StatusCode::ACCEPTED, r#"{"status":"OK"}"#.to_owned())
}

fn unknown(kind: &str) -> Response {
    json(StatusCode::BAD_REQUEST, format!(r#"{{"errorType":"{kind}","errorMessage":"{kind}"}}"#))
}

fn too_large() -> Response {
    let message = format!("Exceeded maximum allowed payload size ({MAX_RESPONSE} bytes).");
    json(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!(r#"{{"errorType":"RequestEntityTooLarge","errorMessage":"{message}"}}"#),
    )
}

fn json(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}
