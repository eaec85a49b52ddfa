//! What the functions log, as CloudWatch would get it: every line belongs to an invocation, and no word of anybody is in any.

use std::{
    collections::BTreeSet,
    io::{self, Write},
    sync::{Arc, Mutex},
};

use http::Method;
use local::names;
use serde_json::{Value, json};
use shared::{domain::State, runtime::metrics::Figure};
use tests::{
    TestSystem,
    command::binaries,
    people::batch,
    photos::small,
    system::{Setting, eventually},
};
use tracing_subscriber::EnvFilter;

/// Words, names, addresses and secrets that people and machines hand in; none of them may be logged.
const CANARIES: [&str; 9] = [
    "canary-caption",
    "canary-alt",
    "canary-credit",
    "canary-school",
    "canary-report",
    "canary-contact@example.org",
    "canary-reason",
    "canary-agent",
    "192.0.2.77",
];

/// Where the lines go that the bootstraps print.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Lines {
    /// Each function's name with one line that it printed.
    fn printed(&self) -> Vec<(String, String)> {
        let all = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let read = all.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        read.map(|line| (text(&line["fields"]["function"]), text(&line["fields"]["message"]))).collect()
    }
}

/// What a line tells CloudWatch: the figure's name, with its photo's state. It has nothing else in it than numbers, names of our own, and
/// the time.
fn figure(line: &Value) -> Option<String> {
    let told = &line["_aws"]["CloudWatchMetrics"][0];
    assert_eq!(told["Namespace"], names::TABLE, "{line}");
    assert!(line["_aws"]["Timestamp"].is_u64(), "{line}");
    let name = told["Metrics"][0]["Name"].as_str()?.to_owned();
    assert!(
        Figure::NAMES.iter().any(|(known, dimensions)| *known == name && told["Dimensions"] == json!([dimensions])),
        "{line}"
    );
    let state = line["State"].as_str();
    assert!(state.is_none_or(|state| serde_json::from_value::<State>(state.into()).is_ok()), "{line}");
    let members: BTreeSet<_> = line.as_object()?.keys().map(String::as_str).collect();
    let known = ["_aws", &name].into_iter().chain(state.map(|_| "State")).collect();
    assert_eq!(members, known, "{line}");
    assert!(line[&name].is_u64(), "{line}");
    Some(state.map_or(name.clone(), |state| format!("{name} {state}")))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_line_of_a_log_belongs_to_an_invocation_and_holds_no_words_of_anybody() {
    let lines = Lines::default();
    let writer = lines.clone();
    tracing_subscriber::fmt()
        .json()
        .with_env_filter(EnvFilter::new("local::lambda::function=info"))
        .with_writer(move || writer.clone())
        .init();

    let system = TestSystem::with(Setting { bootstraps: Some(binaries()), ..Setting::default() }).await;
    let (device, moderator, file) = (system.device(), system.moderator().await, small(7));
    let mut wanted = batch(std::slice::from_ref(&file));
    wanted["credit"] = json!("canary-credit");
    wanted["school"] = json!({"name": "canary-school"});
    wanted["photos"][0]["caption"] = json!("canary-caption of a lathe");
    wanted["photos"][0]["alt"] = json!("canary-alt of a lathe");
    let answer = device.request(&wanted).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let reserved = answer.json()["photos"][0].clone();
    let id = reserved["id"].as_str().unwrap().to_owned();
    assert_eq!(device.put(&reserved, &file).await.status, 200);
    device.until(&id, "pending").await;
    moderator.publish(std::slice::from_ref(&id)).await;
    let report = json!({"reason": "other", "text": "canary-report", "contact": "canary-contact@example.org"});
    let stranger =
        [("user-agent", "canary-agent"), ("x-forwarded-for", "192.0.2.77"), ("content-type", "application/json")];
    let target = format!("/api/v1/photos/{id}/reports");
    let answer = system.client.send(Method::POST, &target, &stranger, report.to_string()).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    let version = moderator.get("/api/v1/moderation/reports").await.json()["photos"][0]["photo"]["version"].clone();
    let hidden = json!({"decisions": [{"id": id, "version": version, "action": "hide", "reason": "canary-reason"}]});
    let answer = moderator.decisions(&hidden).await;
    assert_eq!(answer.json()["decisions"][0]["state"], "hidden", "{}", answer.text());
    for page in ["/", "/gallery?q=canary-caption", "/mine"] {
        assert_eq!(system.client.get(page).await.status, 200);
    }
    let withdrawn = device.call(Method::DELETE, &format!("/api/v1/uploads/{id}"), &json!(null)).await;
    assert_eq!(withdrawn.status, 200, "{}", withdrawn.text());

    // A line may come a moment after the answer.
    let about = |function: &str, message: &str| {
        let of = lines.printed().into_iter().filter(|(by, line)| by == function && line.contains(message));
        of.filter_map(|(_, line)| serde_json::from_str::<Value>(&line).ok()).collect::<Vec<_>>()
    };
    eventually("every function says what it did", async || {
        let said = !about("renditions", "\"message\":\"message\"").is_empty()
            && !about("console", "decided").is_empty()
            && !about("uploads", "\"method\":\"DELETE\"").is_empty()
            && !about("housekeeping", "\"OutboxLate\"").is_empty()
            && !about("housekeeping", "\"OldestWaits\"").is_empty();
        said.then_some(())
    })
    .await;

    let made = about("renditions", "\"message\":\"message\"").remove(0);
    // By this alarms are rung.
    assert_eq!(made["fields"]["message"], json!("message"), "{made}");
    let span = &made["span"];
    assert_eq!((span["name"].as_str(), span["function"].as_str()), (Some("invocation"), Some("renditions")), "{made}");
    assert_eq!(span["photo.id"], json!(id), "{made}");
    assert_eq!(span["photo.state"], json!("pending"), "{made}");
    assert_eq!(span["size_bytes"], json!(file.len()), "{made}");
    assert_eq!(span["attempt"], json!(1), "{made}");
    assert!(span["edition"].is_string() && span["duration_ms"].is_u64(), "{made}");
    let gone = about("uploads", "\"method\":\"DELETE\"").remove(0);
    assert_eq!(gone["span"]["photo.id"], json!(id), "{gone}");
    assert_eq!(gone["span"]["photo.state"], json!("deleted"), "{gone}");
    assert!(gone["span"]["duration_ms"].is_u64(), "{gone}");

    let printed = lines.printed();
    let mut functions = BTreeSet::new();
    let mut figures = BTreeSet::new();
    for (function, line) in &printed {
        let read: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{function}: {error}: {line}"));
        if read.get("_aws").is_some() {
            figures.extend(figure(&read));
            continue;
        }
        let span = &read["span"];
        assert_eq!(span["function"], json!(function), "{line}");
        assert!(span["request.id"].as_str().is_some_and(|id| id.len() >= 16), "{line}");
        functions.insert(function.as_str());
    }
    let told = ["DecisionToEffect", "OldestWaits", "OutboxLate", "UploadToPending"].map(str::to_owned).into_iter();
    let states = ["reserved", "pending", "published", "hidden", "deleted"].map(|state| format!("PhotosMoved {state}"));
    let missing: Vec<_> = told.chain(states).filter(|name| !figures.contains(name)).collect();
    assert!(missing.is_empty(), "{missing:?} of {figures:?}");
    for function in ["console", "renditions", "uploads"] {
        assert!(functions.contains(function), "{function} says what it did");
    }
    let secret = |authorization: &str| authorization.rsplit(' ').next().unwrap().to_owned();
    let secrets = [secret(&device.authorization), secret(&moderator.authorization), "X-Amz-Signature".to_owned()];
    for figure in printed.iter().map(|(_, line)| line).filter(|line| line.contains("\"_aws\"")) {
        assert!(!figure.contains(&id), "a figure names a photo: {figure}");
    }
    let all: Vec<_> = CANARIES.iter().map(|canary| (*canary).to_owned()).chain(secrets).collect();
    for (function, line) in &printed {
        for canary in &all {
            assert!(!line.contains(canary.as_str()), "{function} logged {canary}: {line}");
        }
    }
}

/// Each file of a crate's code below `folder`.
fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

#[test]
fn every_line_that_is_logged_for_an_alarm_rings_one() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let told = std::fs::read_to_string(root.join("infra/aws/ops.tf")).unwrap();
    let told = told.split_once("  told = {").unwrap().1.split_once("\n  }\n").unwrap().0;
    let mut alarms = 0;
    for folder in ["functions", "shared/src"] {
        for file in files(&root.join(folder)) {
            let code = std::fs::read_to_string(&file).unwrap();
            for rest in code.split("alarm = \"").skip(1) {
                let name = rest.split('"').next().unwrap();
                let function = file.strip_prefix(root.join("functions")).unwrap().components().next().unwrap();
                let function = function.as_os_str().to_str().unwrap();
                let filter =
                    told.split_once(&format!("{name} = {{")).map(|(_, filter)| filter.split('}').next().unwrap());
                let filter = filter.unwrap_or_else(|| panic!("{name} has no filter in infra/aws/ops.tf"));
                assert!(filter.contains(&format!("\"{function}\"")), "{name} is logged by {function}: {filter}");
                alarms += 1;
            }
        }
    }
    assert_eq!((alarms, told.matches("function =").count()), (1, 1), "each of both has the other");
}
