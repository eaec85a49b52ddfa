//! What stands in the way of a deployment, told before anything is made: the real command, and an AWS that gives the answers of AWS's own
//! documentation.

use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt, process::Output, sync::Arc};

use axum::{Router, body::to_bytes, extract::Request, response::IntoResponse};
use http::{StatusCode, header};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use shared::runtime::Clock;
use tempfile::TempDir;
use tests::{command::binaries, system::EVENT};
use tokio::process::Command;

/// What is asked for, by its target or path, and the answer.
type Answers = BTreeMap<&'static str, (u16, String)>;

const CONCURRENCY: &str = "/2016-08-19/account-settings";
const DISTRIBUTIONS: &str = "/2020-05-31/distribution";
const BUDGETS: &str = "AWSBudgetServiceGateway.DescribeBudgets";
const ASKED: &str = "ServiceQuotasV20190624.ListRequestedServiceQuotaChangeHistoryByQuota";
const ASK: &str = "ServiceQuotasV20190624.RequestServiceQuotaIncrease";
const BUCKET: &str = "HEAD /techognition-123456789012-state";

/// Who can be reached.
const ORGANISER: &str = "\n[organiser]\nname = \"Sample Association\"\naddress = \"1 Sample Street, Sampleton\"\n\
                         email = \"day@example.org\"\nsafeguarding = { name = \"Sample Lead\", phone = \"01632 960 000\" }\n";

/// An account in which nothing stands in the way.
fn usual() -> Answers {
    BTreeMap::from([
        (CONCURRENCY, (200, json!({ "AccountLimit": { "ConcurrentExecutions": 1_000 } }).to_string())),
        (DISTRIBUTIONS, (200, "<DistributionList><Quantity>1</Quantity></DistributionList>".to_owned())),
        (BUDGETS, (200, json!({ "Budgets": [] }).to_string())),
        (ASKED, (200, json!({ "RequestedQuotas": [] }).to_string())),
        (ASK, (200, json!({ "RequestedQuota": { "Status": "PENDING", "DesiredValue": 1_000.0 } }).to_string())),
    ])
}

async fn answer(answers: &Answers, request: Request) -> axum::response::Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, 100_000).await.unwrap();
    let target = head.headers.get("x-amz-target").map(|target| target.to_str().unwrap().to_owned());
    if String::from_utf8_lossy(&body).contains("Action=GetCallerIdentity") {
        return "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
                <Arn>arn:aws:iam::123456789012:user/deployer</Arn><UserId>A</UserId><Account>123456789012</Account>\
                </GetCallerIdentityResult></GetCallerIdentityResponse>"
            .into_response();
    }
    let (path, method) = (head.uri.path(), &head.method);
    let path = path.trim_end_matches('/');
    let named = format!("{method} {path}");
    let found = [target.as_deref().unwrap_or_default(), path, &named].iter().find_map(|asked| answers.get(*asked));
    let (status, body) = found.cloned().unwrap_or((404, "<Error><Code>NotFound</Code></Error>".to_owned()));
    let mut response = (StatusCode::from_u16(status).unwrap(), body).into_response();
    if status == 301 {
        response.headers_mut().insert("x-amz-bucket-region", "eu-west-1".parse().unwrap());
        response.headers_mut().insert(header::CONTENT_LENGTH, "0".parse().unwrap());
    }
    response
}

/// Runs a command of the deployed site against these answers; its settings are the project's own with `more` instead of what they say.
async fn run(arguments: &[&str], answers: Answers, more: &[(&str, &str)]) -> Output {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let answers = Arc::new(answers);
    let router = Router::new().fallback(move |request: Request| {
        let answers = Arc::clone(&answers);
        async move { answer(&answers, request).await }
    });
    let serving = tokio::spawn(async move { drop(axum::serve(listener, router).await) });
    let folder = TempDir::new().unwrap();
    let mut event =
        format!("{EVENT}{ORGANISER}").replace("alarm_email = \"\"", "alarm_email = \"organiser@example.org\"");
    for (from, to) in more {
        assert!(event.contains(from), "{from}");
        event = event.replace(from, to);
    }
    let (event_file, program) = (folder.path().join("event.toml"), folder.path().join("terraform"));
    fs::write(&event_file, event).unwrap();
    fs::write(&program, "#!/bin/sh\necho '{\"terraform_version\":\"1.11.4\"}'\n").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new(binaries().join("techognition"));
    command.args(arguments).arg("--event").arg(&event_file).arg("--work").arg(folder.path().join("work"));
    command.envs([
        ("AWS_ENDPOINT_URL", endpoint.as_str()),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("PATH", folder.path().to_str().unwrap()),
    ]);
    let output = command.env_remove("AWS_PROFILE").kill_on_drop(true).output().await.unwrap();
    serving.abort();
    output
}

/// What `preflight` found, by what it is about.
async fn preflight(more: &[&str], changed: &[(&'static str, u16, Value)], settings: &[(&str, &str)]) -> Value {
    let mut answers = usual();
    for (what, status, body) in changed {
        let body = body.as_str().map_or_else(|| body.to_string(), str::to_owned);
        answers.insert(what, (*status, body));
    }
    let arguments: Vec<_> = ["preflight", "--json"].iter().chain(more).copied().collect();
    let output = run(&arguments, answers, settings).await;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let steps = said.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let limits = steps.filter(|step| step["step"] == "limits").map(|step| step["facts"].clone()).next_back().unwrap();
    limits
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["about"].as_str().unwrap().to_owned(), one["says"].clone()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_in_the_way_of_a_deployment_is_told_before_anything_is_made() {
    assert_eq!(preflight(&[], &[], &[]).await, json!({}));

    // Settings that name nobody whom visitors can reach.
    let found = preflight(&[], &[], &[(ORGANISER, "")]).await;
    assert!(found["organiser"].as_str().unwrap().contains("no table [organiser]"), "{found}");
    assert_eq!(found.as_object().unwrap().len(), 1, "{found}");

    // An account that never had a distribution may have to be verified.
    let none = [(DISTRIBUTIONS, 200, json!("<DistributionList><Quantity>0</Quantity></DistributionList>"))];
    let found = preflight(&[], &none, &[]).await;
    assert!(found["edge"].as_str().unwrap().contains("open a case"), "{found}");
    assert_eq!(found.as_object().unwrap().len(), 1, "{found}");

    // One that keeps its bill from everybody but its root user.
    let denied = json!({ "__type": "AccessDeniedException", "Message": "denied" });
    let denied = [(BUDGETS, 400, denied)];
    let found = preflight(&[], &denied, &[]).await;
    assert!(found["budget"].as_str().unwrap().contains("IAM user and role access to Billing information"), "{found}");
    let nobody = [("organiser@example.org", "")];
    assert_eq!(preflight(&[], &denied, &nobody).await, json!({}), "nobody is told, so that there is no budget");

    // A new one, long before the day and right before it; and once somebody has asked.
    let new = (CONCURRENCY, 200, json!({ "AccountLimit": { "ConcurrentExecutions": 10 } }));
    let found = preflight(&[], std::slice::from_ref(&new), &[]).await;
    let says = found["functions at once"].as_str().unwrap().to_owned();
    assert!(says.contains("only 10 functions at once") && says.contains("preflight --ask"), "{says}");
    let tomorrow = Clock::system().now().to_zoned(TimeZone::UTC).tomorrow().unwrap().date().to_string();
    let found = preflight(&[], std::slice::from_ref(&new), &[("2027-03-05", &tomorrow)]).await;
    assert!(found["functions at once"].as_str().unwrap().starts_with("WARNING"), "{found}");
    assert!(!says.starts_with("WARNING"), "{says}");
    let open = json!({ "RequestedQuotas": [
        { "Status": "DENIED", "DesiredValue": 500.0 }, { "Status": "CASE_OPENED", "DesiredValue": 1_000.0 },
    ] });
    let found = preflight(&["--ask"], &[new, (ASKED, 200, open)], &[]).await;
    assert!(found["functions at once"].as_str().unwrap().contains("asked AWS for 1000"), "{found}");

    // What cannot be read is told, and stops nothing.
    let found = preflight(
        &[],
        &[(DISTRIBUTIONS, 403, json!("<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>"))],
        &[],
    )
    .await;
    assert!(found["edge"].as_str().unwrap().contains("AccessDenied"), "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_machine_lacks_to_build_is_told_before_somebody_waits_for_it() {
    // Nothing but Terraform is to be found here.
    let output = run(&["preflight", "--json"], usual(), &[]).await;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut steps = said.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let tools = steps.find(|step| step["step"] == "tools").unwrap();
    assert!(tools["facts"]["missing"].as_str().unwrap().contains("no Rust"), "{tools}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_that_is_in_another_region_is_told_by_its_name() {
    let mut answers = usual();
    answers.insert(BUCKET, (301, String::new()));
    let output = run(&["deploy", "--plan", "--json"], answers, &[]).await;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{said}");
    assert!(said.contains("techognition-123456789012-state is in eu-west-1"), "{said}");
    assert!(said.contains("cloud.region is eu-west-2"), "{said}");
}
