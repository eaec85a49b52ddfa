//! Emulates API Gateway's HTTP API with payload format 2.0: converts a request to an event, and a function's answer to a response.
//!
//! It differs from an ordinary proxy in the following, which is imitated because code has to cope with it:
//! - `rawPath` is percent-*decoded*, and cut at a `?` that this produces; the query string stays as it was sent;
//! - names of headers in lower case, repeated ones joined by commas, cookies in a list of their own;
//! - a body that is not text by its media type travels in Base64, forms included;
//! - an answer without `statusCode` is itself the body of a 200.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::Query;
use bytes::Bytes;
use data_encoding::BASE64;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST, HeaderName, HeaderValue, SET_COOKIE, USER_AGENT};
use http::request::Parts;
use http::{HeaderMap, Request, Response, StatusCode, Uri, Version};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::InvokeError;
use super::instance::now_ms;

/// The largest request body that API Gateway takes, in bytes.
const MAX_BODY: usize = 10 * 1024 * 1024;

/// The largest request line and header values together, in bytes.
const MAX_HEAD: usize = 10_240;

/// Headers that belong to one connection, which ends at API Gateway.
const HOP_BY_HOP: [&str; 8] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// An error answer by API Gateway itself.
#[derive(Debug)]
pub(super) enum Refusal {
    BadRequest,
    NotFound,
    BodyTooLarge,
    HeadTooLarge,
    Failed,
    TimedOut,
}

impl Refusal {
    pub(super) fn into_response(self, request_id: &str) -> Response<Body> {
        let (status, message) = match self {
            Self::BadRequest => (StatusCode::BAD_REQUEST, "Bad Request"),
            Self::NotFound => (StatusCode::NOT_FOUND, "Not Found"),
            Self::BodyTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large"),
            Self::HeadTooLarge => (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "Request Header Fields Too Large"),
            Self::Failed => (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
            Self::TimedOut => (StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
        };
        let mut response = Response::new(Body::from(json!({ "message": message }).to_string()));
        *response.status_mut() = status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        with_request_id(response, request_id)
    }
}

impl From<InvokeError> for Refusal {
    fn from(error: InvokeError) -> Self {
        tracing::error!(error = %error, "the integration of a route failed");
        match error {
            InvokeError::NoSuchFunction { .. } => Self::NotFound,
            InvokeError::RequestTooLarge { .. } => Self::BodyTooLarge,
            InvokeError::Stopped => Self::TimedOut,
            InvokeError::Init { .. }
            | InvokeError::TimedOut { .. }
            | InvokeError::Exited { .. }
            | InvokeError::Function { .. }
            | InvokeError::ResponseTooLarge { .. }
            | InvokeError::BadResponse { .. } => Self::Failed,
        }
    }
}

/// Converts a request to an event, as JSON.
pub(super) async fn event(request: Request<Body>, request_id: &str) -> Result<Bytes, Refusal> {
    let (parts, body) = request.into_parts();
    let head = parts.uri.to_string().len() + parts.headers.values().map(HeaderValue::len).sum::<usize>();
    if head > MAX_HEAD {
        return Err(Refusal::HeadTooLarge);
    }
    let body = Limited::new(body, MAX_BODY)
        .collect()
        .await
        .map_err(|error| if error.is::<LengthLimitError>() { Refusal::BodyTooLarge } else { Refusal::BadRequest })?;
    let body = body.to_bytes();

    let path = raw_path(parts.uri.path());
    let query = parts.uri.query().unwrap_or_default();
    let mut event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers(&parts, body.len(), request_id),
        "requestContext": context(&parts, &path, request_id),
        "isBase64Encoded": false,
    });
    if let Some(event) = event.as_object_mut() {
        let cookies = cookies(&parts.headers);
        if !cookies.is_empty() {
            event.insert("cookies".to_owned(), cookies.into());
        }
        if !query.is_empty() {
            event.insert("queryStringParameters".to_owned(), parameters(&parts.uri).into());
        }
        match text(&parts.headers, &body) {
            _ if body.is_empty() => {}
            Some(text) => drop(event.insert("body".to_owned(), text.into())),
            None => {
                event.insert("body".to_owned(), BASE64.encode(&body).into());
                event.insert("isBase64Encoded".to_owned(), true.into());
            }
        }
    }
    Ok(event.to_string().into())
}

/// Converts a function's answer to a response. An answer that API Gateway would not understand becomes a 500.
pub(super) fn response(function: &str, answer: &[u8], request_id: &str) -> Response<Body> {
    match parse(answer) {
        Ok(response) => with_request_id(response, request_id),
        Err(error) => {
            tracing::error!(function, error, "API Gateway does not understand the function's answer");
            Refusal::Failed.into_response(request_id)
        }
    }
}

/// An answer in payload format 2.0.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status_code: u16,
    #[serde(default)]
    headers: Option<BTreeMap<String, Value>>,
    #[serde(default)]
    cookies: Option<Vec<String>>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: Option<bool>,
}

fn parse(answer: &[u8]) -> Result<Response<Body>, String> {
    let value: Value = serde_json::from_slice(answer).map_err(|error| error.to_string())?;
    if value.get("statusCode").is_none() {
        let mut response = Response::new(Body::from(value.to_string()));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        return Ok(response);
    }
    let answer: Answer = serde_json::from_value(value).map_err(|error| error.to_string())?;
    let body = answer.body.unwrap_or_default();
    let body = match answer.is_base64_encoded {
        Some(true) => BASE64.decode(body.as_bytes()).map_err(|error| error.to_string())?,
        Some(false) | None => body.into_bytes(),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(answer.status_code).map_err(|error| error.to_string())?;
    for (name, value) in answer.headers.unwrap_or_default() {
        let name: HeaderName = name.parse().map_err(|_invalid| format!("header name {name:?}"))?;
        if name == CONTENT_LENGTH || HOP_BY_HOP.contains(&name.as_str()) {
            continue;
        }
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let value = HeaderValue::from_str(&value).map_err(|_invalid| format!("value of header {name}"))?;
        response.headers_mut().insert(name, value);
    }
    for cookie in answer.cookies.unwrap_or_default() {
        let cookie = HeaderValue::from_str(&cookie).map_err(|_invalid| "value of a cookie".to_owned())?;
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}

fn with_request_id(mut response: Response<Body>, request_id: &str) -> Response<Body> {
    if let Ok(value) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert("apigw-requestid", value);
    }
    response
}

fn context(parts: &Parts, path: &str, request_id: &str) -> Value {
    let domain = host(parts).rsplit_once(':').map_or(host(parts), |(domain, _port)| domain);
    let now = now_ms();
    let time = i64::try_from(now).ok().and_then(|now| jiff::Timestamp::from_millisecond(now).ok()).unwrap_or_default();
    json!({
        "accountId": "000000000000",
        "apiId": "local",
        "domainName": domain,
        "domainPrefix": domain.split('.').next(),
        "http": {
            "method": parts.method.as_str(),
            "path": path,
            "protocol": if parts.version == Version::HTTP_10 { "HTTP/1.0" } else { "HTTP/1.1" },
            "sourceIp": source_ip(parts),
            "userAgent": parts.headers.get(USER_AGENT).map(lossy).unwrap_or_default(),
        },
        "requestId": request_id,
        "routeKey": "$default",
        "stage": "$default",
        "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
        "timeEpoch": now,
    })
}

fn headers(parts: &Parts, length: usize, request_id: &str) -> Map<String, Value> {
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in &parts.headers {
        if name == COOKIE || HOP_BY_HOP.contains(&name.as_str()) {
            continue;
        }
        headers
            .entry(name.as_str().to_owned())
            .and_modify(|joined| {
                joined.push(',');
                joined.push_str(&lossy(value));
            })
            .or_insert_with(|| lossy(value));
    }
    let port = host(parts).rsplit_once(':').map_or("80", |(_domain, port)| port);
    let client = source_ip(parts);
    headers.insert("content-length".to_owned(), length.to_string());
    headers.insert("x-amzn-trace-id".to_owned(), format!("Root=1-{:08x}-{request_id}", now_ms() / 1000));
    headers
        .entry("x-forwarded-for".to_owned())
        .and_modify(|all| {
            all.push_str(", ");
            all.push_str(&client);
        })
        .or_insert(client);
    headers.entry("x-forwarded-port".to_owned()).or_insert_with(|| port.to_owned());
    headers.entry("x-forwarded-proto".to_owned()).or_insert_with(|| "http".to_owned());
    headers.into_iter().map(|(name, value)| (name, value.into())).collect()
}

fn cookies(headers: &HeaderMap) -> Vec<String> {
    let all = headers.get_all(COOKIE).iter().map(lossy);
    all.flat_map(|cookies| cookies.split("; ").map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// Returns the decoded parameters; those that share a name are joined by commas.
fn parameters(uri: &Uri) -> Map<String, Value> {
    let pairs = Query::<Vec<(String, String)>>::try_from_uri(uri).map(|Query(pairs)| pairs).unwrap_or_default();
    let mut joined: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in pairs {
        joined
            .entry(name)
            .and_modify(|all| {
                all.push(',');
                all.push_str(&value);
            })
            .or_insert(value);
    }
    joined.into_iter().map(|(name, value)| (name, value.into())).collect()
}

/// Returns the body as text, if its media type is one that API Gateway treats as text.
fn text<'a>(headers: &HeaderMap, body: &'a [u8]) -> Option<&'a str> {
    let kind = headers.get(CONTENT_TYPE)?.to_str().ok()?.split(';').next()?.trim().to_ascii_lowercase();
    let textual = kind.starts_with("text/")
        || ["application/json", "application/javascript", "application/xml"].contains(&kind.as_str())
        || kind.ends_with("+json")
        || kind.ends_with("+xml");
    if textual { std::str::from_utf8(body).ok() } else { None }
}

fn raw_path(path: &str) -> String {
    let mut decoded = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let byte = after.get(..2).filter(|_| first == b'%').and_then(|digits| {
            let digits = std::str::from_utf8(digits).ok()?;
            u8::from_str_radix(digits, 16).ok().filter(|_| !digits.starts_with('+'))
        });
        if let (Some(byte), Some(after)) = (byte, after.get(2..)) {
            decoded.push(byte);
            rest = after;
        } else {
            decoded.push(first);
            rest = after;
        }
    }
    let decoded = String::from_utf8_lossy(&decoded).into_owned();
    decoded.split_once('?').map_or_else(|| decoded.clone(), |(before, _)| before.to_owned())
}

fn host(parts: &Parts) -> &str {
    let header = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
    header.or_else(|| parts.uri.authority().map(http::uri::Authority::as_str)).unwrap_or("localhost")
}

fn source_ip(parts: &Parts) -> String {
    let address = parts.extensions.get::<SocketAddr>();
    address.map_or_else(|| "127.0.0.1".to_owned(), |address| address.ip().to_string())
}

fn lossy(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

#[cfg(test)]
mod tests {
    use aws_lambda_events::apigw::ApiGatewayV2httpRequest;

    use super::*;

    async fn value(request: Request<Body>) -> Value {
        serde_json::from_slice(&event(request, "id-1").await.unwrap()).unwrap()
    }

    #[tokio::test]
    async fn an_event_is_one_that_lambda_http_accepts() {
        let request = Request::post("/api/v1/uploads?kind=a&kind=b%20c&x=")
            .header("Host", "photos.example.org:8080")
            .header("Cookie", "one=1; two=2")
            .header("Cookie", "three=3")
            .header("X-Twice", "first")
            .header("X-Twice", "second")
            .header("User-Agent", "a browser")
            .header("Connection", "keep-alive")
            .header("Content-Type", "application/json; charset=utf-8")
            .body(Body::from(r#"{"caption":"ŵ"}"#))
            .unwrap();
        let event = value(request).await;
        assert_eq!(event["cookies"], json!(["one=1", "two=2", "three=3"]));
        assert_eq!(event["headers"]["x-twice"], "first,second");
        assert_eq!(event["headers"]["content-length"], "16");
        assert_eq!(event["headers"].get("cookie"), None);
        assert_eq!(event["headers"].get("connection"), None);
        assert_eq!(event["rawQueryString"], "kind=a&kind=b%20c&x=");
        assert_eq!(event["queryStringParameters"], json!({ "kind": "a,b c", "x": "" }));
        assert_eq!(event["requestContext"]["domainName"], "photos.example.org");
        assert_eq!(event["requestContext"]["domainPrefix"], "photos");
        assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!(r#"{"caption":"ŵ"}"#), &json!(false)));

        let typed: ApiGatewayV2httpRequest = serde_json::from_value(event).unwrap();
        assert_eq!(typed.request_context.http.method, http::Method::POST);
        assert_eq!(typed.request_context.http.user_agent.as_deref(), Some("a browser"));
        assert_eq!(typed.request_context.http.source_ip.as_deref(), Some("127.0.0.1"));
        assert_eq!(typed.request_context.stage.as_deref(), Some("$default"));
        assert_eq!(typed.request_context.request_id.as_deref(), Some("id-1"));
        assert!(typed.request_context.time.unwrap().ends_with(" +0000"));
    }

    #[tokio::test]
    async fn a_path_arrives_decoded_and_cut_at_a_decoded_question_mark() {
        for (sent, seen) in [
            ("/photos/a%20b", "/photos/a b"),
            ("/schools/T%C5%B7", "/schools/Tŷ"),
            ("/photos/a%3Fb", "/photos/a"),
            ("/photos/100%", "/photos/100%"),
            ("/photos/%+1", "/photos/%+1"),
        ] {
            let event = value(Request::get(sent).body(Body::empty()).unwrap()).await;
            assert_eq!(event["rawPath"], seen, "{sent}");
        }
    }

    #[tokio::test]
    async fn a_body_is_in_base64_unless_its_media_type_is_text() {
        for (kind, body, encoded) in [
            (Some("application/problem+json"), &b"{}"[..], false),
            (Some("text/plain"), b"\xff\xfe", true),
            (Some("application/x-www-form-urlencoded"), b"a=b", true),
            (Some("image/jpeg"), b"\xff\xd8", true),
            (None, b"plain", true),
        ] {
            let mut request = Request::post("/");
            if let Some(kind) = kind {
                request = request.header(CONTENT_TYPE, kind);
            }
            let event = value(request.body(Body::from(body)).unwrap()).await;
            assert_eq!(event["isBase64Encoded"], encoded, "{kind:?}");
        }
        let event = value(Request::get("/").body(Body::empty()).unwrap()).await;
        assert_eq!(event.get("body"), None);
    }

    #[tokio::test]
    async fn a_body_over_ten_megabytes_and_a_head_over_ten_kilobytes_are_refused() {
        let large = Request::post("/").body(Body::from(vec![b'a'; MAX_BODY + 1])).unwrap();
        assert!(matches!(event(large, "id").await, Err(Refusal::BodyTooLarge)));
        let wide = Request::get("/").header("x-wide", "a".repeat(MAX_HEAD)).body(Body::empty()).unwrap();
        assert!(matches!(event(wide, "id").await, Err(Refusal::HeadTooLarge)));
    }

    async fn answered(answer: Value) -> (StatusCode, HeaderMap, Bytes) {
        let (parts, body) = response("f", answer.to_string().as_bytes(), "id-1").into_parts();
        (parts.status, parts.headers, body.collect().await.unwrap().to_bytes())
    }

    #[tokio::test]
    async fn an_answer_becomes_a_response() {
        let (status, headers, body) = answered(json!({
            "statusCode": 201,
            "headers": { "Content-Type": "image/png", "x-number": 7, "content-length": "999", "connection": "close" },
            "cookies": ["a=1; HttpOnly", "b=2"],
            "body": "AAEC",
            "isBase64Encoded": true,
        }))
        .await;
        assert_eq!(status, StatusCode::CREATED);
        assert_eq!(headers[CONTENT_TYPE], "image/png");
        assert_eq!(headers["x-number"], "7");
        assert_eq!(headers["apigw-requestid"], "id-1");
        assert_eq!((headers.get("connection"), headers.get(CONTENT_LENGTH)), (None, None));
        let cookies: Vec<_> = headers.get_all(SET_COOKIE).iter().collect();
        assert_eq!(cookies, ["a=1; HttpOnly", "b=2"]);
        assert_eq!(&body[..], [0, 1, 2]);
    }

    #[tokio::test]
    async fn an_answer_without_a_status_is_the_body_and_a_bad_one_is_an_error_of_ours() {
        let (status, headers, body) = answered(json!({ "hello": "there" })).await;
        assert_eq!((status, &headers[CONTENT_TYPE]), (StatusCode::OK, &HeaderValue::from_static("application/json")));
        assert_eq!(&body[..], br#"{"hello":"there"}"#);
        for bad in [
            json!({ "statusCode": 9 }),
            json!({ "statusCode": "200" }),
            json!({ "statusCode": 200, "headers": { "x": "line\nbreak" } }),
            json!({ "statusCode": 200, "body": "not base64!", "isBase64Encoded": true }),
        ] {
            let (status, _, body) = answered(bad.clone()).await;
            assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR, "{bad}");
            assert_eq!(&body[..], br#"{"message":"Internal Server Error"}"#);
        }
    }
}
