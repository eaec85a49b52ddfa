//! A function that does what its event tells it to: what the tests of `local::lambda` drive.
//!
//! With `KIND=http` it is one behind API Gateway, otherwise one that takes plain JSON or a batch of messages.

use std::time::Duration;

use lambda_http::http::{Response, StatusCode, header};
use lambda_http::{Body, Error, Request, RequestExt, service_fn};
use lambda_runtime::LambdaEvent;
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::disallowed_methods, reason = "an example without a configuration")]
async fn main() -> Result<(), Error> {
    match std::env::var("KIND").as_deref() {
        Ok("http") => lambda_http::run(service_fn(http)).await,
        Ok("broken") => Err("the configuration is incomplete".into()),
        Ok(_) | Err(_) => lambda_runtime::run(service_fn(event)).await,
    }
}

/// Tells what arrived; `?bytes=N` answers with that many, `?wait=MS` first waits, `/crash` ends the process.
async fn http(request: Request) -> Result<Response<Body>, Error> {
    let query = request.query_string_parameters();
    let number = |name| query.first(name).and_then(|value| value.parse::<usize>().ok());
    if request.uri().path() == "/crash" {
        std::process::exit(3);
    }
    if let Some(milliseconds) = number("wait") {
        tokio::time::sleep(Duration::from_millis(u64::try_from(milliseconds)?)).await;
    }
    if let Some(bytes) = number("bytes") {
        return Ok(Response::builder()
            .header(header::CONTENT_TYPE, "text/plain")
            .body(Body::Text("a".repeat(bytes)))?);
    }
    if request.uri().path() == "/bytes" {
        let sent = request.body().to_vec();
        return Ok(Response::builder().header(header::CONTENT_TYPE, "image/png").body(Body::Binary(sent))?);
    }
    let cookies: Vec<_> =
        request.headers().get_all(header::COOKIE).iter().map(|all| all.to_str()).collect::<Result<_, _>>()?;
    let told = json!({
        "method": request.method().as_str(),
        "path": request.uri().path(),
        "query": request.uri().query(),
        "host": request.uri().host(),
        "cookies": cookies,
        "length": request.body().len(),
        "process": std::process::id(),
    });
    Ok(Response::builder()
        .status(StatusCode::CREATED)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::SET_COOKIE, "first=1; Path=/")
        .header(header::SET_COOKIE, "second=2; Path=/")
        .body(Body::Text(told.to_string()))?)
}

async fn event(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let (payload, context) = event.into_parts();
    if let Some(records) = payload.get("Records").and_then(Value::as_array) {
        let failed = records.iter().filter(|record| record["body"] == "fail");
        let failed: Vec<_> = failed.map(|record| json!({ "itemIdentifier": record["messageId"] })).collect();
        let stranger = records.iter().any(|record| record["body"] == "stranger");
        let failed = if stranger { vec![json!({ "itemIdentifier": "not of this batch" })] } else { failed };
        let quiet = records.iter().all(|record| record["body"] == "quiet");
        return Ok(if quiet { Value::Null } else { json!({ "batchItemFailures": failed }) });
    }
    match payload["do"].as_str() {
        Some("fail") => Err("as you wish".into()),
        Some("exit") => {
            eprint_last_words();
            std::process::exit(3)
        }
        Some("wait") => {
            tokio::time::sleep(Duration::from_millis(payload["ms"].as_u64().unwrap_or_default())).await;
            Ok(json!(std::process::id()))
        }
        Some(_) | None => Ok(json!({
            "payload": payload,
            "request_id": context.request_id,
            "arn": context.invoked_function_arn,
            "deadline": context.deadline,
            "memory": context.env_config.memory,
            "process": std::process::id(),
            "environment": environment(),
        })),
    }
}

#[expect(clippy::print_stderr, reason = "what a crash leaves behind is what the test looks for")]
fn eprint_last_words() {
    eprintln!("last words");
}

#[expect(clippy::disallowed_methods, reason = "the test looks at all of it")]
fn environment() -> Value {
    std::env::vars().map(|(name, value)| (name, Value::from(value))).collect::<serde_json::Map<_, _>>().into()
}
