//! Whether the API answers only what its description says: every answer that a story gets is compared.

use std::sync::LazyLock;

use http::{Method, StatusCode};
use serde_json::Value;

use crate::Answer;

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let document = include_str!("../../functions/gallery/openapi.json");
    serde_json::from_str(document).expect("the description is JSON")
});

/// Panics if a call that is described has an answer whose status, content type or type of problem its description does not name.
/// What is not described, such as another method, is not looked at.
pub fn check(method: &Method, target: &str, answer: &Answer) {
    if let Err(what) = compare(&DOCUMENT, method, target, answer) {
        panic!("{method} {target} answers {}, {what} of its description: {}", answer.status, answer.text());
    }
}

fn compare(document: &Value, method: &Method, target: &str, answer: &Answer) -> Result<(), &'static str> {
    let Some(call) = call(document, method, target) else { return Ok(()) };
    // What stands before the functions answers in its own way, as the description says.
    if answer.status == StatusCode::TOO_MANY_REQUESTS && answer.header("x-techognition").is_empty() {
        return Ok(());
    }
    // Past the edge nothing is answered, and nothing says why.
    if answer.status == StatusCode::FORBIDDEN && answer.body.is_empty() && answer.header("x-techognition").is_empty() {
        return Ok(());
    }
    let described = &call["responses"][answer.status.as_str()];
    let described = match described["$ref"].as_str() {
        Some(place) => document.pointer(place.trim_start_matches('#')).unwrap_or(&Value::Null),
        None => described,
    };
    if described.is_null() {
        return Err("which is no status");
    }
    let kind = answer.header("content-type").split(';').next().unwrap_or_default();
    if answer.body.is_empty() || method == Method::HEAD {
        return Ok(());
    }
    let content = &described["content"][kind];
    if content.is_null() {
        return Err("whose content type is not one");
    }
    if kind == "application/problem+json" {
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let slug = body["type"].as_str().and_then(|kind| kind.strip_prefix("/problems/")).unwrap_or_default();
        if content["examples"][slug].is_null() {
            return Err("whose problem is not one");
        }
    }
    Ok(())
}

/// The description of a call, if it has one: that of the path with the fewest variable parts.
fn call<'a>(document: &'a Value, method: &Method, target: &str) -> Option<&'a Value> {
    let path = target.get(target.find("/api/v1/")?..)?.split('?').next()?;
    let fits = |template: &str| {
        let (parts, given) = (template.split('/'), path.split('/'));
        parts.clone().count() == given.clone().count()
            && parts.zip(given).all(|(part, given)| part == given || part.starts_with('{') && !given.is_empty())
    };
    let paths = document["paths"].as_object()?.iter().filter(|(template, _)| fits(template));
    let (_, item) = paths.min_by_key(|(template, _)| template.matches('{').count())?;
    let method = if method == Method::HEAD { "get".to_owned() } else { method.as_str().to_lowercase() };
    item.get(&method)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, header::CONTENT_TYPE};
    use serde_json::json;

    use super::*;

    fn compared(
        method: &Method,
        target: &str,
        status: u16,
        kind: &'static str,
        body: &Value,
    ) -> Result<(), &'static str> {
        let problem = json!({"content": {"application/problem+json": {"examples": {"gone": {}}}}});
        let photo = json!({"get": {"responses": {
            "200": {"content": {"application/json": {}}},
            "404": {"$ref": "#/components/responses/gone"},
        }}});
        let document = json!({
            "paths": {"/api/v1/photos/{id}": photo, "/api/v1/photos/mine": {"get": {"responses": {"204": {}}}}},
            "components": {"responses": {"gone": problem}},
        });
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, kind.parse().unwrap())]);
        let body = Bytes::from(body.to_string());
        let answer = Answer { status: StatusCode::from_u16(status).unwrap(), headers, body };
        compare(&document, method, target, &answer)
    }

    #[test]
    fn an_answer_that_is_not_described_is_named() {
        let get = |target: &str, status, kind, body: Value| compared(&Method::GET, target, status, kind, &body);
        let (json, problem) = ("application/json; charset=utf-8", "application/problem+json");
        assert_eq!(get("http://site/api/v1/photos/a?x=1", 200, json, json!({})), Ok(()));
        assert_eq!(get("/api/v1/photos/a", 200, "text/csv", json!("")), Err("whose content type is not one"));
        assert_eq!(get("/api/v1/photos/a", 500, json, json!({})), Err("which is no status"));
        assert_eq!(get("/api/v1/photos/a", 404, problem, json!({"type": "/problems/gone"})), Ok(()));
        let other = get("/api/v1/photos/a", 404, problem, json!({"type": "/problems/late"}));
        assert_eq!(other, Err("whose problem is not one"));
        assert_eq!(get("/api/v1/photos/mine", 200, json, json!({})), Err("which is no status"), "the nearest path");
        assert_eq!(get("/api/v1/photos", 500, json, json!({})), Ok(()), "not described");
        assert_eq!(compared(&Method::PUT, "/api/v1/photos/a", 405, problem, &json!({})), Ok(()), "not described");
    }
}
