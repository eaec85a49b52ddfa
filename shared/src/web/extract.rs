//! Strict input: unknown, malformed or too large input is refused and named, never ignored.

use crate::domain::text;
use std::{fmt::Display, str::FromStr};

use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{header, request::Parts};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

use super::problem::{BODY_TOO_LARGE, MALFORMED, NOT_FOUND, Problem, UNSUPPORTED_MEDIA_TYPE};
use crate::domain::Refusal;

/// The most bytes of a body that are read. A full batch of 20 photos, each text at its limit, is below 200 kB.
pub(super) const BODY_MAX_BYTES: usize = 512 * 1024;

/// A JSON body of a request or an answer. A request must be an object, `application/json`, at most 512 kB; a refusal names the field that
/// does not fit.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        expect_type(&request, "application/json")?;
        let body = whole_body(request).await?;
        // Otherwise a list would be accepted as an object whose fields come without their names.
        if body.trim_ascii_start().starts_with(b"[") {
            let detail = "The request's body is a list; expected an object with named fields.";
            return Err(Problem::new(&MALFORMED, detail).with(json!({"field": "."})));
        }
        let mut json = serde_json::Deserializer::from_slice(&body);
        let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let field = error.path().to_string();
            let what = error.into_inner().to_string();
            let detail = if field == "." { what } else { format!("{field}: {what}") };
            Problem::new(&MALFORMED, detail).with(json!({"field": field}))
        })?;
        json.end().map_err(|error| Problem::new(&MALFORMED, error.to_string()))?;
        Ok(Self(value))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// The fields of a form, `application/x-www-form-urlencoded`, at most 512 kB.
#[derive(Clone, Copy, Debug)]
pub struct Form<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        expect_type(&request, "application/x-www-form-urlencoded")?;
        let (parts, body) = request.into_parts();
        let body = whole_body(Request::from_parts(parts.clone(), body)).await?;
        let request = Request::from_parts(parts, axum::body::Body::from(body));
        let form = axum::extract::Form::from_request(request, state).await;
        form.map(|axum::Form(value)| Self(value)).map_err(|error| Problem::new(&MALFORMED, error.body_text()))
    }
}

/// The query. Its type denies unknown fields, so that a misspelt filter is an error and does not select everything.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = axum::extract::Query::<T>::from_request_parts(parts, state).await;
        query.map(|axum::extract::Query(value)| Self(value)).map_err(|error| {
            let what = error.body_text();
            Problem::new(&MALFORMED, what.trim_start_matches("Failed to deserialize query string: "))
        })
    }
}

/// Parses the value of one query parameter.
///
/// # Errors
/// [`Refusal::Invalid`], which names the parameter and what is allowed.
pub fn parameter<T: FromStr<Err: Display>>(field: &'static str, text: &str) -> Result<T, Refusal> {
    text.parse().map_err(|error: T::Err| {
        let expected = error.to_string().trim_start_matches("not ").to_owned();
        Refusal::Invalid { field, got: text::shorten(text), expected }
    })
}

/// Like [`parameter`], for one that may be absent.
pub fn optional<T: FromStr<Err: Display>>(field: &'static str, text: Option<&String>) -> Result<Option<T>, Refusal> {
    text.map(|text| parameter(field, text)).transpose()
}

/// The variable parts of the path. A malformed one is answered as not found.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(value)| Self(value))
            .map_err(|_| Problem::new(&NOT_FOUND, "There is nothing at this address."))
    }
}

fn expect_type(request: &Request, expected: &str) -> Result<(), Problem> {
    let sent = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = sent.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case(expected) {
        return Ok(());
    }
    let got = if sent.is_empty() { "none" } else { essence };
    Err(Problem::new(&UNSUPPORTED_MEDIA_TYPE, format!("The content type is {got}; expected {expected}.")))
}

async fn whole_body(request: Request) -> Result<Bytes, Problem> {
    match Limited::new(request.into_body(), BODY_MAX_BYTES).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            let detail = format!("The request's body is longer than the limit of {BODY_MAX_BYTES} bytes.");
            Err(Problem::new(&BODY_TOO_LARGE, detail).with(json!({"limit_bytes": BODY_MAX_BYTES})))
        }
        Err(_) => Err(Problem::new(&MALFORMED, "The request's body ended early.")),
    }
}
