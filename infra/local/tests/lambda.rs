//! Lambda in a box, against a real binary: `examples/echo.rs`.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use axum::body::Body;
use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use local::lambda::{FunctionSpec, InvokeError, Lambda, MAX_REQUEST, StartError};
use serde_json::{Value, json};

/// Cargo builds a package's examples together with its tests.
fn echo() -> PathBuf {
    let path = std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().join("examples/echo");
    assert!(path.is_file(), "build it: cargo build -p local --example echo");
    path
}

fn function(name: &str) -> FunctionSpec {
    FunctionSpec {
        name: name.to_owned(),
        bootstrap: echo(),
        memory_mb: 256,
        timeout: Duration::from_secs(20),
        instances: 3,
        environment: vec![("KIND".to_owned(), name.to_owned())],
    }
}

async fn started(spec: FunctionSpec) -> Lambda {
    Lambda::start(vec![spec]).await.unwrap()
}

async fn invoke(lambda: &Lambda, event: Value) -> Result<Value, InvokeError> {
    let answer = lambda.invoke("events", event.to_string().into()).await?;
    Ok(serde_json::from_slice(&answer).unwrap())
}

async fn body(response: Response<Body>) -> Bytes {
    response.into_body().collect().await.unwrap().to_bytes()
}

async fn told(response: Response<Body>) -> Value {
    serde_json::from_slice(&body(response).await).unwrap()
}

#[tokio::test]
async fn a_function_gets_its_event_its_context_and_no_variable_of_this_process() {
    let lambda = started(function("events")).await;
    let answer = invoke(&lambda, json!({ "photo": "ŵ" })).await.unwrap();
    assert_eq!(answer["payload"], json!({ "photo": "ŵ" }));
    assert_eq!(answer["arn"], "arn:aws:lambda:eu-west-2:000000000000:function:events");
    assert_eq!(answer["memory"], 256);
    assert_eq!(answer["request_id"].as_str().unwrap().len(), 36);
    assert!(answer["deadline"].as_u64().unwrap() > 1_700_000_000_000);
    let environment = answer["environment"].as_object().unwrap();
    assert_eq!(environment["AWS_LAMBDA_FUNCTION_NAME"], "events");
    assert_eq!(environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"], "256");
    assert_eq!(environment["KIND"], "events");
    assert_eq!((environment.get("HOME"), environment.get("CARGO_MANIFEST_DIR")), (None, None));
    lambda.stop().await;
}

#[tokio::test]
async fn instances_start_on_demand_up_to_the_limit_and_are_used_again() {
    let lambda = started(function("events")).await;
    assert_eq!(lambda.processes(), []);
    let first = invoke(&lambda, json!({ "do": "wait", "ms": 0 })).await.unwrap();
    let second = invoke(&lambda, json!({ "do": "wait", "ms": 0 })).await.unwrap();
    assert_eq!(first, second, "a warm instance takes the next event");

    let mut running = tokio::task::JoinSet::new();
    for _ in 0..9 {
        let lambda = lambda.clone();
        running.spawn(async move { invoke(&lambda, json!({ "do": "wait", "ms": 100 })).await.unwrap().as_u64() });
    }
    let mut processes = running.join_all().await;
    processes.sort_unstable();
    processes.dedup();
    assert_eq!(processes.len(), 3);
    assert_eq!(lambda.processes().len(), 3);
    let times = lambda.init_times();
    assert_eq!(times.len(), 3);
    assert!(times.iter().all(|(name, time)| name == "events" && *time < Duration::from_secs(5)), "{times:?}");
    lambda.stop().await;
}

#[tokio::test]
async fn an_error_of_the_function_leaves_its_instance_alive() {
    let lambda = started(function("events")).await;
    let before = invoke(&lambda, json!({ "do": "wait" })).await.unwrap();
    let error = invoke(&lambda, json!({ "do": "fail" })).await.unwrap_err();
    let InvokeError::Function { function, message, .. } = error else { panic!("{error:?}") };
    assert_eq!((function.as_str(), message.as_str()), ("events", "as you wish"));
    assert_eq!(invoke(&lambda, json!({ "do": "wait" })).await.unwrap(), before);
    lambda.stop().await;
}

#[tokio::test]
async fn a_crash_fails_its_event_with_the_last_words_and_the_next_event_gets_a_new_instance() {
    let lambda = started(function("events")).await;
    let error = invoke(&lambda, json!({ "do": "exit" })).await.unwrap_err();
    let InvokeError::Exited { reason, .. } = error else { panic!("{error:?}") };
    assert!(reason.contains("exit status: 3") && reason.contains("last words"), "{reason}");
    assert!(invoke(&lambda, json!({ "do": "wait" })).await.is_ok());
    assert_eq!(lambda.init_times().len(), 2);
    lambda.stop().await;
}

#[tokio::test]
async fn an_idle_instance_that_has_ended_costs_no_event() {
    let lambda = started(function("events")).await;
    invoke(&lambda, json!({ "do": "wait" })).await.unwrap();
    let (_, process) = lambda.processes().remove(0);
    let killed = tokio::process::Command::new("kill").args(["-9", &process.to_string()]).status().await.unwrap();
    assert!(killed.success());
    // Until its end is known, an event may still be handed to it, as it may be on Lambda.
    while lambda.processes().iter().any(|(_, id)| *id == process) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let next = invoke(&lambda, json!({ "do": "wait" })).await.unwrap();
    assert_ne!(next, json!(process));
    lambda.stop().await;
}

#[tokio::test]
async fn an_instance_that_overruns_its_time_is_killed() {
    let lambda = started(FunctionSpec { timeout: Duration::from_millis(300), ..function("events") }).await;
    let process = invoke(&lambda, json!({ "do": "wait" })).await.unwrap();
    let begun = Instant::now();
    let error = invoke(&lambda, json!({ "do": "wait", "ms": 60_000 })).await.unwrap_err();
    assert!(matches!(error, InvokeError::TimedOut { after, .. } if after == Duration::from_millis(300)), "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert!(!PathBuf::from(format!("/proc/{process}")).exists());
    assert!(invoke(&lambda, json!({ "do": "wait" })).await.is_ok());
    lambda.stop().await;
}

#[tokio::test]
async fn a_bootstrap_that_cannot_start_says_why() {
    let lambda = started(function("broken")).await;
    let error = lambda.invoke("broken", Bytes::from_static(b"{}")).await.unwrap_err();
    let InvokeError::Init { reason, .. } = error else { panic!("{error:?}") };
    assert!(reason.contains("the configuration is incomplete"), "{reason}");
    lambda.stop().await;
}

#[tokio::test]
async fn what_cannot_work_is_refused_before_anything_starts() {
    let missing = FunctionSpec { bootstrap: PathBuf::from("/nowhere/bootstrap"), ..function("events") };
    assert!(matches!(Lambda::start(vec![missing]).await, Err(StartError::NoBootstrap { .. })));
    let none = FunctionSpec { instances: 0, ..function("events") };
    assert!(matches!(Lambda::start(vec![none]).await, Err(StartError::NoInstances { .. })));
    let twice = vec![function("events"), function("events")];
    assert!(matches!(Lambda::start(twice).await, Err(StartError::Twice { .. })));

    let lambda = started(function("events")).await;
    let error = lambda.invoke("another", Bytes::from_static(b"{}")).await.unwrap_err();
    assert!(matches!(error, InvokeError::NoSuchFunction { .. }));
    let error = lambda.invoke("events", Bytes::from(vec![b' '; MAX_REQUEST + 1])).await.unwrap_err();
    assert!(matches!(error, InvokeError::RequestTooLarge { .. }));
    assert_eq!(lambda.init_times(), []);
}

#[tokio::test]
async fn no_process_outlives_the_functions() {
    let lambda = started(function("events")).await;
    let process = invoke(&lambda, json!({ "do": "wait" })).await.unwrap();
    let stays = lambda.clone();
    lambda.stop().await;
    assert!(!PathBuf::from(format!("/proc/{process}")).exists());
    assert!(matches!(invoke(&stays, json!({})).await, Err(InvokeError::Stopped)));

    let lambda = started(function("events")).await;
    let process = PathBuf::from(format!("/proc/{}", invoke(&lambda, json!({ "do": "wait" })).await.unwrap()));
    drop(lambda);
    let bound = Instant::now() + Duration::from_secs(10);
    while process.exists() && Instant::now() < bound {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(!process.exists());
}

#[tokio::test]
async fn a_request_travels_through_api_gateway_and_back() {
    let lambda = started(function("http")).await;
    let request = Request::put("/photos/T%C5%B7?q=a%20b&q=c")
        .header(header::HOST, "127.0.0.1:4000")
        .header(header::COOKIE, "a=1; b=2")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from("{}"))
        .unwrap();
    let response = lambda.http("http", request).await;
    assert_eq!(response.status(), StatusCode::CREATED);
    assert!(response.headers().contains_key("apigw-requestid"));
    let cookies: Vec<_> = response.headers().get_all(header::SET_COOKIE).iter().collect();
    assert_eq!(cookies, ["first=1; Path=/", "second=2; Path=/"]);
    let told = told(response).await;
    assert_eq!(told["method"], "PUT");
    assert_eq!(told["path"], "/photos/T%C5%B7");
    assert_eq!(told["query"], "q=a%20b&q=c");
    assert_eq!(told["host"], "127.0.0.1");
    assert_eq!(told["cookies"], json!(["a=1; b=2"]));
    assert_eq!(told["length"], 2);
    lambda.stop().await;
}

#[tokio::test]
async fn bytes_survive_both_ways() {
    let lambda = started(function("http")).await;
    let bytes: Vec<u8> = (0..=255).collect();
    let request =
        Request::post("/bytes").header(header::CONTENT_TYPE, "image/jpeg").body(Body::from(bytes.clone())).unwrap();
    let response = lambda.http("http", request).await;
    assert_eq!(response.headers()[header::CONTENT_TYPE], "image/png");
    assert_eq!(body(response).await, bytes);
    lambda.stop().await;
}

#[tokio::test]
async fn the_limits_of_api_gateway_and_lambda_hold() {
    let lambda = started(function("http")).await;
    let get = |uri: &str| Request::get(uri).body(Body::empty()).unwrap();
    let post = |bytes: usize| Request::post("/").body(Body::from(vec![b'a'; bytes])).unwrap();

    let small = lambda.http("http", get("/?bytes=6000000")).await;
    assert_eq!((small.status(), body(small).await.len()), (StatusCode::OK, 6_000_000));
    assert_eq!(lambda.http("http", get("/?bytes=6300000")).await.status(), StatusCode::INTERNAL_SERVER_ERROR);
    // The instance that said too much is not to blame for the next request.
    assert_eq!(lambda.http("http", get("/")).await.status(), StatusCode::CREATED);

    assert_eq!(lambda.http("http", post(10 * 1024 * 1024 + 1)).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
    // Within API Gateway's limit, but over Lambda's once it is in Base64.
    let refused = lambda.http("http", post(5_000_000)).await;
    assert_eq!(refused.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(told(refused).await, json!({ "message": "Request Entity Too Large" }));
    assert_eq!(told(lambda.http("http", post(4_700_000)).await).await["length"], 4_700_000);
    lambda.stop().await;
}

#[tokio::test]
async fn a_function_that_crashes_or_is_late_has_the_answer_of_api_gateway() {
    let lambda = started(function("http")).await.with_integration_timeout(Duration::from_secs(2));
    let get = |uri: &str| Request::get(uri).body(Body::empty()).unwrap();
    let crashed = lambda.http("http", get("/crash")).await;
    assert_eq!(crashed.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(told(crashed).await, json!({ "message": "Internal Server Error" }));
    let late = lambda.http("http", get("/?wait=4000")).await;
    assert_eq!(late.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(told(late).await, json!({ "message": "Service Unavailable" }));
    assert_eq!(lambda.http("absent", get("/")).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(lambda.http("http", get("/")).await.status(), StatusCode::CREATED);
    lambda.stop().await;
}

fn batch(bodies: &[&str]) -> SqsEvent {
    let mut event = SqsEvent::default();
    for (number, body) in bodies.iter().enumerate() {
        let mut message = SqsMessage::default();
        message.message_id = Some(format!("m{number}"));
        message.body = Some((*body).to_owned());
        event.records.push(message);
    }
    event
}

#[tokio::test]
async fn the_messages_of_a_batch_can_fail_alone() {
    let lambda = started(function("events")).await;
    assert_eq!(lambda.sqs("events", batch(&["fine", "fail", "fine", "fail"])).await.unwrap(), ["m1", "m3"]);
    assert_eq!(lambda.sqs("events", batch(&["fine"])).await.unwrap(), [""; 0]);
    assert_eq!(lambda.sqs("events", batch(&["quiet"])).await.unwrap(), [""; 0], "no answer is a good answer");
    assert_eq!(lambda.sqs("events", batch(&["fine", "stranger"])).await.unwrap(), ["m0", "m1"]);
    lambda.stop().await;
}
