//! Compression of answers by the functions themselves: only of answers to one person.
//!
//! The edge compresses what it caches. An answer to one person passes under the policy `CachingDisabled`, which disables both of the flags
//! that CloudFront needs for compression: <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/ServingCompressedFiles.html>.
//! Without compression here, a moderator's queue would be transferred at six times its size.
//!
//! Decision: only pages and JSON that are read are compressed. The length of a compressed answer reveals how much of it is repeated, so it
//! can leak a secret that is next to an attacker's text (BREACH, CVE-2013-3587). That takes three things: a secret that is the same in many
//! answers, the attacker's text beside it, and many answers whose lengths the attacker sees. A moderator's queue contains such texts
//! (captions) and addresses of pictures. But each answer signs those anew, for three minutes. No other site can make a browser send a
//! request with its session, a cookie with `SameSite=Strict`, or with an uploader's secret, which our own scripts send. Forms carry no
//! token that could be guessed: the origin of a request decides. Answers that hand out a longer-lived secret (a link to sign in, a key, an
//! upload address) are answers to another method, or images, and are not compressed. If an answer to a GET ever contains a lasting secret,
//! this must not mark it.

use axum::response::Response;
use http::{Method, StatusCode, header};
use tower_http::{
    CompressionLevel,
    compression::{CompressionLayer, Predicate, predicate::SizeAbove},
};

/// The smallest answer, in bytes, that is compressed: a smaller one fits into one packet anyway.
const WORTH_IT: u16 = 1_024;

/// Marks an answer that may be compressed.
#[derive(Clone, Copy, Debug)]
struct Personal;

/// Compresses marked answers, if the client accepts it. At the fastest level: with the share of a processor that these functions have, the
/// best one takes more time than it saves in transfer.
pub(super) fn layer() -> CompressionLayer<impl Predicate> {
    let marked = |_: StatusCode, _, _: &_, extensions: &http::Extensions| extensions.get::<Personal>().is_some();
    CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(SizeAbove::new(WORTH_IT).and(marked))
}

/// Marks a finished answer to a request with `method`, if it may be compressed.
pub(super) fn mark(method: &Method, response: &mut Response) {
    let is = |name, values: &[&str]| {
        let told = response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        values.contains(&told.split(';').next().unwrap_or_default().trim())
    };
    if method == Method::GET
        && response.status() == StatusCode::OK
        && is(header::CACHE_CONTROL, &["no-store"])
        && is(header::CONTENT_TYPE, &["application/json", "text/html"])
    {
        response.extensions_mut().insert(Personal);
    }
}

#[cfg(test)]
mod tests {
    use axum::{
        Router,
        body::{Body, HttpBody},
        routing::any,
    };
    use http::{HeaderMap, HeaderValue, Request};
    use tower::ServiceExt;

    use super::{super::serve, *};
    use crate::web::edge::{EDGE_SECRET, EdgeSecrets};

    /// Returns the headers of an answer of 3,000 bytes with this status, type and cache policy, if the client accepts the encodings
    /// `takes`.
    async fn sent(
        method: Method,
        status: StatusCode,
        kind: &'static str,
        cached: &'static str,
        takes: &str,
    ) -> HeaderMap {
        let answer = any(async move || {
            (status, [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, cached)], "a word ".repeat(430))
        });
        let router: Router = serve("site", &EdgeSecrets::new("a-secret"), Router::new().route("/", answer));
        let request = Request::builder().method(method).uri("/").header(EDGE_SECRET, "a-secret");
        let request = request.header(header::ACCEPT_ENCODING, takes);
        router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap().into_parts().0.headers
    }

    #[tokio::test]
    async fn what_one_person_reads_is_compressed_and_nothing_else_is() {
        let (ok, json, html) = (StatusCode::OK, "application/json", "text/html; charset=utf-8");
        for kind in [json, html] {
            let headers = sent(Method::GET, ok, kind, "no-store", "br, gzip").await;
            assert_eq!(headers[header::CONTENT_ENCODING], "gzip", "{kind}");
            assert_eq!(headers[header::VARY], "accept-encoding", "{kind}");
            assert!(!headers.contains_key(header::CONTENT_LENGTH), "{kind}: of other bytes");
        }
        for (why, headers) in [
            ("nobody takes it", sent(Method::GET, ok, json, "no-store", "br").await),
            ("refused by weight", sent(Method::GET, ok, json, "no-store", "gzip;q=0").await),
            ("the edge keeps it", sent(Method::GET, ok, html, "public, s-maxage=5", "gzip").await),
            ("it hands something out", sent(Method::POST, ok, json, "no-store", "gzip").await),
            ("a drawing with a secret", sent(Method::GET, ok, "image/svg+xml", "no-store", "gzip").await),
            ("a problem", sent(Method::GET, StatusCode::NOT_FOUND, json, "no-store", "gzip").await),
        ] {
            assert!(!headers.contains_key(header::CONTENT_ENCODING), "{why}: {headers:?}");
        }
    }

    #[test]
    fn a_short_answer_is_not_worth_it() {
        let answer = |bytes: usize| {
            let mut answer = Response::new(Body::from("a".repeat(bytes)));
            answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            mark(&Method::GET, &mut answer);
            assert!(answer.extensions().get::<Personal>().is_some());
            answer.body().size_hint().exact()
        };
        let least = u64::from(WORTH_IT);
        assert!(answer(900).is_some_and(|size| size < least) && answer(3_000).is_some_and(|size| size > least));
    }
}
