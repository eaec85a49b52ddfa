//! Everything between the edge and the functions: API Gateway's routes, and the edge's other origins.
//!
//! | Path | Goes to |
//! |---|---|
//! | a route of `functions.json` | its function |
//! | `/m/{photo}/{revision}/{file}` | the public bucket, as the CDN reads it with its own identity |
//! | `/draws/{edition}/{draw}/{file}` | the public bucket |
//! | `/{originals or review bucket}/…` | the storage, signature and all: for networks that block storage hosts |
//! | anything else | the site |
//!
//! Functions receive whole requests, as from API Gateway: [`Bodies`] waits for slow senders, so that no function has to.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    response::{IntoResponse, Response},
    routing::any,
};
use embedded::{S3Service, Services, server::Connection};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use shared::{
    domain::keys::{public_draw_file, public_object},
    store::buckets::PUBLIC_CACHE_CONTROL,
    web::problem::{NOT_FOUND, Problem},
};
use tower::ServiceExt;

use crate::{
    admission::Admission,
    bodies::Bodies,
    functions::{Functions, Trigger, path_of},
    lambda::Lambda,
    names,
    throttles::{Gate, Throttles},
};

/// What answers for the functions that take HTTP requests.
#[derive(Clone)]
pub(crate) enum Backend {
    /// The functions' routers, in this process.
    InProcess(Arc<HashMap<String, Router>>),
    /// The functions' real bootstraps.
    Lambda(Arc<Lambda>),
}

impl Backend {
    async fn call(&self, function: &str, mut request: Request) -> Response {
        // The function's own router parses the path again, and would otherwise see the parameters twice.
        request.extensions_mut().clear();
        match self {
            Self::InProcess(routers) => match routers.get(function) {
                // As on Lambda, a function completes what it has begun, even if the client has gone.
                Some(router) => match tokio::spawn(router.clone().oneshot(request)).await {
                    Ok(Ok(response)) => response,
                    Ok(Err(never)) => match never {},
                    Err(ended) => match ended.try_into_panic() {
                        Ok(panic) => std::panic::resume_unwind(panic),
                        // The laptop is stopping.
                        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
                    },
                },
                None => Problem::new(&NOT_FOUND, "There is no such function.").into_response(),
            },
            Self::Lambda(lambda) => lambda.http(function, request).await,
        }
    }
}

/// Builds the routes of all functions, as API Gateway has them at an address of its own.
///
/// # Errors
/// If `infra/edge.json` is malformed, which a test rules out.
pub(crate) fn api(
    backend: &Backend,
    functions: &Functions,
    throttles: Option<&Throttles>,
) -> Result<Router, serde_json::Error> {
    let http = functions.functions.iter().filter(|function| function.trigger == Trigger::Http);
    let admission = Admission::new(http.clone().map(|function| function.name.as_str()));
    let gate = Gate::new(throttles, http.clone())?;
    let bodies = Bodies::new();
    let mut router = Router::new();
    for function in http {
        let name: Arc<str> = function.name.as_str().into();
        let mut paths: Vec<_> = function.routes.iter().map(|route| path_of(route)).collect();
        paths.sort_unstable();
        paths.dedup();
        for path in paths {
            let (admission, backend, name) = (admission.clone(), backend.clone(), name.clone());
            let (bodies, gate) = (bodies.clone(), gate.clone());
            let asked: Arc<str> = path.into();
            let forward = async move |request: Request| {
                let (mut request, _room) = match bodies.whole(request).await {
                    Ok(whole) => whole,
                    Err(refusal) => return refusal.into_response(),
                };
                // Only whole requests are counted: a client that announces a request and does not send it uses up nothing.
                if let Err(too_many) = gate.enter(request.method(), &asked, request.uri().path(), request.headers()) {
                    return *too_many;
                }
                let _working = request.extensions().get().map(Connection::working);
                match admission.enter(&name, request.method(), request.uri().path()).await {
                    Ok(_inside) => {
                        // The edge passes on everything that the viewer sent except `Host`, which is the API's own name and never the
                        // site's.
                        request.headers_mut().insert(header::HOST, HeaderValue::from_static(names::API_HOST));
                        backend.call(&name, request).await
                    }
                    Err(turned_away) => *turned_away,
                }
            };
            router = if path == "$default" { router.fallback(forward) } else { router.route(path, any(forward)) };
        }
    }
    Ok(router)
}

/// Builds everything that is behind the edge: the functions' routes, and its other origins.
pub(crate) fn origins(api: Router, services: &Arc<Services>, s3_host: &str) -> Router {
    let mut router = api;
    let storage = Storage { service: services.s3_service(), host: HeaderValue::from_str(s3_host).ok() };
    for bucket in [names::ORIGINALS, names::REVIEW] {
        let storage = storage.clone();
        router = router
            .route(&format!("/{bucket}/{{*key}}"), any(async move |request: Request| storage.call(request).await));
    }
    let public = any(public_rendition).with_state(Arc::clone(services));
    router.route("/m/{*key}", public.clone()).route("/draws/{edition}/{draw}/{file}", public)
}

/// The storage under the site's own host name. The request is unchanged except for the host, which is replaced by the one that was signed.
#[derive(Clone)]
struct Storage {
    service: S3Service,
    host: Option<HeaderValue>,
}

impl Storage {
    async fn call(&self, mut request: Request) -> Response {
        if let Some(host) = &self.host {
            request.headers_mut().insert(header::HOST, host.clone());
        }
        // Cookies and other things that a browser sends to its own host are none of the storage's business.
        request.headers_mut().remove(header::COOKIE);
        self.service.call(request).await
    }
}

async fn public_rendition(State(services): State<Arc<Services>>, request: Request) -> Response {
    if !request.method().is_safe() {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let absent = || Problem::new(&NOT_FOUND, "There is nothing at this address.").into_response();
    let path = request.uri().path();
    let Some(key) = public_object(path).or_else(|| public_draw_file(path)) else { return absent() };
    let object = match services.object(names::PUBLIC, key).await {
        Ok(Some(object)) => object,
        Ok(None) => return absent(),
        Err(error) => {
            tracing::error!(%error, "the public bucket failed");
            return StatusCode::BAD_GATEWAY.into_response();
        }
    };
    let Ok(bytes) = tokio::fs::read(&object.path).await else { return absent() };
    let mut headers = HeaderMap::new();
    let etag = format!("\"{}\"", object.etag);
    let cache_control = object.cache_control.as_deref().unwrap_or(PUBLIC_CACHE_CONTROL);
    for (name, value) in [
        (header::CONTENT_TYPE, object.content_type.as_str()),
        (header::CACHE_CONTROL, cache_control),
        (header::ETAG, etag.as_str()),
    ] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known.is_some_and(|known| known.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag)) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    headers.insert(header::CONTENT_LENGTH, bytes.len().into());
    let body = if request.method() == Method::HEAD { Body::empty() } else { Body::from(bytes) };
    (headers, body).into_response()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::{sync::Notify, time::timeout};

    use super::*;

    #[tokio::test]
    async fn a_function_ends_what_it_has_begun_although_its_caller_has_gone() {
        let [begun, go_on, ended] = [(); 3].map(|()| Arc::new(Notify::new()));
        let handler = {
            let (begun, go_on, ended) = (begun.clone(), go_on.clone(), ended.clone());
            move || async move {
                begun.notify_one();
                go_on.notified().await;
                ended.notify_one();
            }
        };
        let routers = HashMap::from([("site".to_owned(), Router::new().route("/", any(handler)))]);
        let backend = Backend::InProcess(Arc::new(routers));
        let request = Request::new(Body::empty());
        tokio::select! {
            response = backend.call("site", request) => panic!("it has not ended: {response:?}"),
            () = begun.notified() => {}
        }
        go_on.notify_one();
        timeout(Duration::from_secs(5), ended.notified()).await.expect("the function goes on");
    }
}
