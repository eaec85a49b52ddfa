//! What every answer of every function has: a check that the request came through the edge, a request id, security headers, an entity tag,
//! problems in one form, and one log line.

use std::time::Instant;

use axum::{
    Router,
    body::Body,
    extract::Request,
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use data_encoding::BASE64URL_NOPAD;
use futures::FutureExt;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use http_body_util::BodyExt;
use sha2::{Digest, Sha256};
use tracing::Instrument;

use super::{
    compress,
    edge::{EDGE_SECRET, EdgeSecrets},
    problem::{INTERNAL, METHOD_NOT_ALLOWED, NOT_FOUND, Problem},
};
use crate::runtime::{ids, telemetry};

/// Distinguishes our answers from those of a filter in between: the client takes an answer without it as blocked.
pub const MARKER: HeaderName = HeaderName::from_static("x-techognition");
/// Identifies one answer in the logs.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Security headers that every answer has unless its handler set other values.
const SECURITY: [(HeaderName, &str); 7] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    ),
    (header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), interest-cohort=()"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-site"),
];

/// The id of the request that is being answered.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// Wraps a function's router: unknown addresses and methods become problems, and each answer is finished. Before anything else, requests
/// that did not come through the edge are refused.
pub fn serve<S: Clone + Send + Sync + 'static>(
    function: &'static str,
    secrets: &EdgeSecrets,
    router: Router<S>,
) -> Router<S> {
    let secrets = secrets.clone();
    router
        .fallback(async || Problem::new(&NOT_FOUND, "There is nothing at this address."))
        .method_not_allowed_fallback(async |method: Method| {
            Problem::new(&METHOD_NOT_ALLOWED, format!("This address does not accept {method}."))
        })
        .layer(middleware::from_fn(move |request, next| {
            let secrets = secrets.clone();
            async move { by_the_edge(function, &secrets, request, next).await }
        }))
        .layer(compress::layer())
}

/// Refuses requests that did not come through the edge, without a reason, so that probing addresses reveals nothing.
async fn by_the_edge(function: &'static str, secrets: &EdgeSecrets, mut request: Request, next: Next) -> Response {
    if !secrets.sent(request.headers()) {
        telemetry::invocation(function, &ids::request()).in_scope(
            || tracing::warn!(method = %request.method(), "a request that did not come by the edge is refused"),
        );
        return (StatusCode::FORBIDDEN, [(header::CACHE_CONTROL, "no-store")]).into_response();
    }
    // Handlers do not need the secret.
    request.headers_mut().remove(EDGE_SECRET);
    finish(function, request, next).await
}

async fn finish(function: &'static str, mut request: Request, next: Next) -> Response {
    let id = ids::request();
    request.extensions_mut().insert(RequestId(id.clone()));
    let (span, begun) = (telemetry::invocation(function, &id), Instant::now());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let if_none_match = request.headers().get(header::IF_NONE_MATCH).cloned();
    // A panic is a bug of ours: the caller gets a problem like any other, and the function goes on to answer the next request.
    let answer = std::panic::AssertUnwindSafe(next.run(request).instrument(span.clone())).catch_unwind().await;
    let mut response = answer.unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
        let fault = Some(format!("panic: {}", words.unwrap_or("without words")));
        Problem { fault, ..Problem::new(&INTERNAL, "Something went wrong on our side.") }.into_response()
    });
    if let Some(problem) = response.extensions().get::<Problem>().cloned() {
        if let Some(fault) = &problem.fault {
            span.in_scope(|| tracing::error!(%method, path, fault, "fault"));
        }
        if response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/problem+json") {
            *response.body_mut() = Body::from(problem.body(Some(&id)).to_string());
            response.headers_mut().remove(header::CONTENT_LENGTH);
        }
    }
    let headers = response.headers_mut();
    for (name, value) in SECURITY {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(MARKER, HeaderValue::from_static("1"));
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    let mut response = tagged(response, if_none_match.as_ref()).await;
    compress::mark(&method, &mut response);
    telemetry::took(&span, begun);
    let status = response.status().as_u16();
    // Most requests only read, and the edge has a log of its own.
    span.in_scope(|| {
        if method.is_safe() {
            tracing::debug!(%method, path, status, "request");
        } else {
            tracing::info!(%method, path, status, "request");
        }
    });
    response
}

/// Gives a cacheable answer its entity tag, and answers 304 if the caller has the answer already.
async fn tagged(response: Response, if_none_match: Option<&HeaderValue>) -> Response {
    let no_store = response.headers().get(header::CACHE_CONTROL).is_some_and(|value| value == "no-store");
    if response.status() != StatusCode::OK || no_store || response.headers().contains_key(header::ETAG) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(body) = body.collect().await else {
        return Problem::new(&INTERNAL, "Something went wrong on our side.").into_response();
    };
    let bytes = body.to_bytes();
    let tag = format!("\"{}\"", BASE64URL_NOPAD.encode(&Sha256::digest(&bytes)[..12]));
    if let Ok(value) = HeaderValue::from_str(&tag) {
        parts.headers.insert(header::ETAG, value);
    }
    let known = if_none_match.and_then(|value| value.to_str().ok()).is_some_and(|tags| {
        tags.split(',').any(|known| known.trim() == "*" || known.trim().trim_start_matches("W/") == tag)
    });
    if known {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(header::CONTENT_TYPE);
        parts.headers.remove(header::CONTENT_LENGTH);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(bytes))
}
