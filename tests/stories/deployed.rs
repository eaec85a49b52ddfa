//! The deployment, against an independent AWS: the real command and the real Terraform make everything on moto, what stands is read
//! back through the services' own interfaces, and photos go the whole road through the real bootstraps on what was made.
//!
//! What moto cannot show (it checks no signature, and has neither the edge nor budgets) is asserted on the plan by `infra/aws/tests`, and
//! tried out at AWS by the trial that each deployment ends with. Of that trial itself, `trial.rs` shows on a laptop that it finds faults.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::{Duration, Instant},
};

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use axum::{Router, extract::Request, routing::any};
use http::HeaderValue;
use jiff::tz::TimeZone;
use local::{
    functions::path_of,
    lambda::{FunctionSpec, Lambda},
};
use serde_json::{Value, json};
use shared::{
    domain::states::Role,
    runtime::Clock,
    store::{
        Aws,
        members::{Members, NewKey},
        table::Table,
    },
    web::edge::EDGE_SECRET,
};
use tempfile::TempDir;
use tests::{
    Client, Device, Moderator,
    command::{binaries, release_bootstraps},
    moto::{self, ACCOUNT, Moto, NAME, REGION, ROOMS},
    photos::{patterned, small},
    skip,
    system::EVENT,
    terraform,
};
use tokio::process::Command;

/// What a second deployment wants to change although nothing did: what moto leaves out of its answers, or words otherwise.
const FORGOTTEN_BY_MOTO: [&str; 5] = [
    "aws_cloudfront_distribution.site", // the origin's access control, the certificate's kind
    "aws_lambda_event_source_mapping.", // the alias, which it resolves to a version
    "aws_s3_bucket_policy.published",   // names the distribution, which is about to change
    "aws_sqs_queue.isolation",          // the spaces in a redrive policy
    "aws_sqs_queue.originals",          // the same, and those in a policy
];
/// The checks of the trial that fail where nothing but functions and moto is: moto takes whatever a presigned address is sent, unless
/// something is there already; the policies of buckets are [taken away](Moto::take_policies); and what answers is no edge.
const NOT_WITH_MOTO: [&str; 9] = [
    "cache",            // an edge
    "compression",      // an edge
    "old-signature",    // a policy
    "own-address",      // an edge
    "public-picture",   // an edge
    "review-picture",   // an edge
    "signed-bytes",     // a signature
    "signed-condition", // a signature
    "write-once",       // a policy
];
/// Those that are not tried because of that.
const NOT_TRIED_WITH_MOTO: [&str; 2] = ["other-queries", "removal"];

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::too_many_lines, reason = "one day in the life of a deployment, in its order")]
async fn one_command_deploys_and_a_photo_goes_the_whole_road() {
    let tools = match Tools::find() {
        Ok(tools) => tools,
        Err(missing) => {
            skip("one_command_deploys_and_a_photo_goes_the_whole_road", missing);
            return;
        }
    };
    let moto = Moto::start(&tools.moto).await;
    let first = Checkout::new(&tools, &moto);

    // The first try meets something that stands in the way, half way through.
    let create = format!("c('iam').create_role(RoleName='{NAME}-gallery', AssumeRolePolicyDocument='{{}}')");
    assert!(moto.python(&create).await.status.success());
    let begun = Instant::now();
    let failed = first.run(&["deploy", "--no-smoke"]).await;
    let said = String::from_utf8_lossy(&failed.stderr).into_owned();
    assert!(!failed.status.success() && said.contains("run the same command again to continue"), "{said}");
    assert!(said.contains("EntityAlreadyExists"), "{said}");
    println!("first try: failed as it must after {:.0} s", begun.elapsed().as_secs_f64());

    // It is taken away, and the same command goes on.
    assert!(moto.python(&format!("c('iam').delete_role(RoleName='{NAME}-gallery')")).await.status.success());
    let begun = Instant::now();
    let output = first.run(&["deploy", "--no-smoke"]).await;
    let deployed = steps(&output);
    assert!(text(&last(&output)["organiser"]).contains("/moderation/sign-in#code="), "the first owner is invited");
    let made = &deployed["plan"]["made"];
    assert!(sum(made) > 100 && deployed["plan"]["losing_photos"] == json!([]), "{deployed}");
    println!("second try: {} made in {:.0} s", sum(made), begun.elapsed().as_secs_f64());
    for package in deployed["packages"].as_array().unwrap() {
        println!("package {package}");
    }

    let stands = moto.read_back().await;
    settings_are_as_described(&stands);

    // A photo on what was made.
    let policies = moto.take_policies().await;
    let stack = Stack::start(&moto, &stands).await;
    let smoke = first.run(&["smoke", "--at", &stack.site]).await;
    let checks = steps(&smoke)["try out"].clone();
    let those_with = |member: &str| -> BTreeSet<_> {
        let those = checks.as_array().unwrap().iter().filter(|check| !check[member].is_null());
        those.map(|check| text(&check["id"])).collect()
    };
    assert_eq!(those_with("wrong"), NOT_WITH_MOTO.map(str::to_owned).into(), "{checks}");
    assert_eq!(those_with("not_asked"), NOT_TRIED_WITH_MOTO.map(str::to_owned).into(), "{checks}");
    the_road(&moto, &stack).await;
    for (function, time) in stack.lambda.init_times() {
        println!("init {function}: {:.1} ms", time.as_secs_f64() * 1e3);
    }
    stack.stop().await;
    moto.put_policies(policies).await;

    // The laptop is gone; another one looks with the same command what it would change, and finds everything as it should be.
    drop(first);
    let second = Checkout::new(&tools, &moto);
    let plan = steps(&second.run(&["deploy", "--plan"]).await)["plan"].clone();
    assert_eq!((sum(&plan["made"]), &plan["deleted"], &plan["replaced"]), (0, &json!([]), &json!([])), "{plan}");
    let changed: Vec<_> = plan["changed"].as_array().unwrap().iter().map(text).collect();
    let ours = |address: &&String| !FORGOTTEN_BY_MOTO.iter().any(|known| address.starts_with(known));
    assert_eq!(changed.iter().filter(ours).collect::<Vec<_>>(), Vec::<&String>::new(), "these would change");
    println!("second machine: {} changes, all of them moto's own", changed.len());
    // Everybody is turned away, until somebody lets them in again: no deployment does.
    assert_eq!(last(&second.run(&["offline"]).await), json!({ "offline": true }));
    let status = second.run(&["status"]).await;
    assert!(!status.status.success() && last_of_any(&status)["offline"] == json!(true), "{status:?}");
    let everybody = json!([["0.0.0.0/1", "128.0.0.0/1"], ["::/1", "8000::/1"]]);
    assert_eq!(turned_away(&moto).await, everybody);
    // One function changes, and the edge sends another secret from now on: the one that functions knew already. All functions are
    // published, go live and go back together, and what went back knows the new secret, too.
    let bootstraps = second.with_another("gallery");
    let output = second.run_with(&["deploy", "--no-smoke", "--rotate-edge-secret"], &bootstraps).await;
    let again = steps(&output);
    assert_eq!(sum(&again["plan"]["made"]), 0);
    let (before, after) = (secrets_known(&stands), moto.read_back().await);
    assert_eq!((&before[0], before.len()), (&secret_of(&stands), 2));
    assert_eq!((&before[1], &before[1]), (&secret_of(&after), &secrets_known(&after)[0]));
    assert!(!before.contains(&secrets_known(&after)[1]), "the next one is new");
    let functions = again["plan"]["changed"].as_array().unwrap().iter().map(text);
    assert_eq!(functions.filter(|address| address.starts_with("aws_lambda_function.")).count(), 6, "{again}");
    let release = text(&deployed["apply"]["release"]);
    assert_ne!(again["apply"]["release"], release);
    assert_eq!(last(&output)["organiser"], Value::Null, "the first owner's link is still good");
    assert_eq!(turned_away(&moto).await, everybody);
    assert_eq!(last(&second.run(&["online"]).await), json!({ "offline": false }));
    assert_eq!(turned_away(&moto).await, json!([[], []]));
    let status = last(&second.run(&["status"]).await);
    assert_eq!((&status["offline"], &status["release"]), (&json!(false), &again["apply"]["release"]));
    let back = second.run(&["rollback"]).await;
    assert_eq!(String::from_utf8_lossy(&back.stdout).lines().count(), 6, "{back:?}");
    let status = last(&second.run(&["status"]).await);
    assert_eq!(status["release"], release);
    assert!(status["versions"].as_object().unwrap().values().all(|version| version == 1), "{status}");
    let refused = second.run(&["rollback"]).await;
    assert!(String::from_utf8_lossy(&refused.stderr).contains("a rollback from"), "{refused:?}");

    // Photos are not destroyed: not by Terraform, not by the command without its name, not by the command with it.
    let refused = second.run(&["destroy", "--yes", "techognitoin"]).await;
    assert!(String::from_utf8_lossy(&refused.stderr).contains("nothing was changed"));
    // What stands is not asked for once more: the guard is in the description.
    let variables = "-var-file=../../target/deploy/variables.tfvars.json";
    let refused = second.terraform(&["destroy", "-auto-approve", "-refresh=false", variables]).await;
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("Instance cannot be destroyed"), "{said}");
    // A machine that has built nothing can take everything else away.
    let third = Checkout::new(&tools, &moto);
    assert!(!third.folder.path().join("target/deploy/zips").exists());
    let removed = steps(&third.run(&["destroy", "--yes", NAME]).await)["plan"].clone();
    assert_eq!(removed["losing_photos"], json!([]));
    println!(
        "destroyed: {} of {} kinds of things",
        removed["deleted"].as_array().unwrap().len(),
        made.as_object().unwrap().len()
    );
    let kept = moto.aws.s3.list_objects_v2().bucket(format!("{NAME}-{ACCOUNT}-originals")).send().await.unwrap();
    assert_eq!(kept.key_count, Some(2), "the photos of the road are still there");
    for room in ["originals", "review", "removals"] {
        let policy = moto.aws.s3.get_bucket_policy().bucket(format!("{NAME}-{ACCOUNT}-{room}")).send().await.unwrap();
        let policy = policy.policy.unwrap_or_default();
        assert!(
            policy.contains("EncryptedConnectionsOnly") && policy.contains("ShortSignaturesOnly"),
            "{room}: {policy}"
        );
    }
    let table = moto.aws.dynamodb.describe_table().table_name(NAME).send().await.unwrap();
    assert!(table.table.unwrap().deletion_protection_enabled.unwrap());
}

/// Every setting that keeps photos safe, as the services themselves tell it.
fn settings_are_as_described(stands: &Value) {
    let all_blocked = json!({
        "BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true,
    });
    assert_eq!(stands["state_blocked"], all_blocked);
    assert_eq!(stands["state_versioning"], "Enabled");
    for room in ROOMS {
        let bucket = &stands["buckets"][room];
        assert_eq!(bucket["blocked"], all_blocked, "{room}");
        assert_eq!(
            (&bucket["encryption"], &bucket["ownership"]),
            (&json!("AES256"), &json!("BucketOwnerEnforced")),
            "{room}"
        );
        assert_eq!(bucket["policy"]["EncryptedConnectionsOnly"]["Effect"], "Deny", "{room}");
        assert_eq!(bucket["versioning"], Value::Null, "{room}: what is withdrawn must be gone");
        let days: &[&str] = if room == "originals" { &["unfinished", "retention"] } else { &["unfinished"] };
        let lifecycle: BTreeSet<_> = bucket["lifecycle"].as_array().unwrap().iter().map(text).collect();
        assert_eq!(lifecycle, days.iter().map(|day| (*day).to_owned()).collect(), "{room}");
    }
    let policy = &stands["buckets"]["originals"]["policy"];
    assert_eq!(policy["WriteOnce"]["Condition"], json!({"Null": {"s3:if-none-match": "true"}}));
    assert_eq!(
        policy["ShortSignaturesOnly"]["Condition"],
        json!({"NumericGreaterThan": {"s3:signatureAge": "600000"}})
    );
    let edge = &stands["buckets"]["public"]["policy"]["EdgeReads"];
    assert_eq!(edge["Principal"], json!({"Service": "cloudfront.amazonaws.com"}));
    let read: Vec<_> = edge["Resource"].as_array().unwrap().iter().map(text).collect();
    assert!(read.len() == 2 && read[0].ends_with("-public/m/*") && read[1].ends_with("-public/draws/*"), "{edge}");
    let origin = format!(
        "https://{}",
        text(&stands["functions"]["techognition-site"]["environment"]["SITE_ORIGIN"]).trim_start_matches("https://")
    );
    assert_eq!(
        stands["cors"],
        json!([{
            "AllowedHeaders": ["content-type", "if-none-match", "x-amz-checksum-sha256"], "AllowedMethods": ["PUT"],
            "AllowedOrigins": [origin], "MaxAgeSeconds": 3600,
        }])
    );
    assert_eq!(stands["notifications"][0]["Events"], json!(["s3:ObjectCreated:*"]));

    let table = &stands["table"];
    assert_eq!(table["BillingModeSummary"]["BillingMode"], "PAY_PER_REQUEST");
    assert_eq!(
        (&table["DeletionProtectionEnabled"], &table["SSEDescription"]["Status"]),
        (&json!(true), &json!("ENABLED"))
    );
    assert_eq!((&stands["table_backups"], &stands["table_ttl"]["AttributeName"]), (&json!("ENABLED"), &json!("ttl")));
    let indexes: BTreeMap<_, _> = table["GlobalSecondaryIndexes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|index| (text(&index["IndexName"]), text(&index["Projection"]["ProjectionType"])))
        .collect();
    assert_eq!(
        indexes,
        [("G1-index", "KEYS_ONLY"), ("G2-index", "KEYS_ONLY")].map(|(a, b)| (a.to_owned(), b.to_owned())).into()
    );

    let list: Value = serde_json::from_str(include_str!("../../infra/functions.json")).unwrap();
    let mut routes = BTreeSet::new();
    for function in list["functions"].as_array().unwrap() {
        let name = text(&function["name"]);
        let made = &stands["functions"][format!("{NAME}-{name}")];
        assert_eq!((&made["memory"], &made["timeout"]), (&function["memory_mb"], &function["timeout_s"]), "{name}");
        assert_eq!((&made["runtime"], &made["live"]), (&json!("provided.al2023"), &json!("1")), "{name}");
        let told: BTreeSet<_> = made["environment"].as_object().unwrap().keys().cloned().collect();
        let named = function["environment"].as_array().unwrap().iter().map(text);
        assert_eq!(told, named.chain(["RELEASE".to_owned()]).collect(), "{name}");
        assert_eq!(
            made["environment"]["RELEASE"],
            stands["functions"][format!("{NAME}-site")]["environment"]["RELEASE"]
        );
        assert_eq!(stands["retention"][format!("/aws/lambda/{NAME}-{name}")], 14, "{name}");
        let policies = made["policies"].as_object().unwrap();
        assert_eq!(policies.len(), 1, "{name}");
        for statement in policies["grants"].as_array().unwrap() {
            assert!(
                statement["Action"].as_array().unwrap().iter().all(|action| !text(action).contains('*')),
                "{name}: {statement}"
            );
            assert!(statement["Resource"].as_array().unwrap().iter().all(|on| text(on) != "*"), "{name}: {statement}");
        }
        for route in function["routes"].as_array().into_iter().flatten() {
            let route = text(route);
            assert!(text(&stands["routes"][&route]).ends_with(&format!(":{NAME}-{name}:live/invocations")), "{route}");
            assert!(stands["throttles"][&route]["ThrottlingRateLimit"].as_f64().unwrap() > 0.0, "{route}");
            if let Some((_, path)) = route.split_once(' ') {
                let others = format!("ANY {path}");
                assert!(
                    text(&stands["routes"][&others]).ends_with(&format!(":{NAME}-{name}:live/invocations")),
                    "{others}"
                );
                routes.insert(others);
            }
            routes.insert(route);
        }
        let queue = &stands["queues"][format!("{NAME}-originals")];
        if function["trigger"] == "queue" {
            let visible: u64 = text(&queue["VisibilityTimeout"]).parse().unwrap();
            assert!(visible >= 6 * function["timeout_s"].as_u64().unwrap(), "{name}");
            let redrive: Value = serde_json::from_str(&text(&queue["RedrivePolicy"])).unwrap();
            assert_eq!(redrive["maxReceiveCount"], 5);
        }
        for task in function["schedule"].as_array().into_iter().flatten() {
            let rule = &stands["schedule"][format!("{NAME}-{name}-{}", text(&task["task"]))];
            assert_eq!(rule["input"], json!({"task": task["task"]}));
            assert!(text(&rule["target"]).ends_with(&format!("{NAME}-{name}:live")), "{rule}");
        }
    }
    assert_eq!(stands["routes"].as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>(), routes);
    assert_eq!(stands["mappings"][0]["FunctionResponseTypes"], json!(["ReportBatchItemFailures"]));
    assert!(stands["alarms"].as_object().unwrap().values().all(|told| !told.as_array().unwrap().is_empty()));
    assert!(
        stands["alarms"]["techognition-dead-letters"].is_array() && stands["alarms"]["techognition-egress"].is_array()
    );
    let behaviours = stands["edge"]["CacheBehaviors"]["Items"].as_array().unwrap();
    let paths: Vec<_> = behaviours.iter().map(|behaviour| text(&behaviour["PathPattern"])).collect();
    assert!(
        paths.contains(&format!("/{NAME}-{ACCOUNT}-originals/*")) && paths.contains(&"/m/*".to_owned()),
        "{paths:?}"
    );
}

/// The secret that the edge sends to the functions.
fn secret_of(stands: &Value) -> String {
    let origins = stands["edge"]["Origins"]["Items"].as_array().unwrap();
    let sent: BTreeSet<_> = ["pages", "api"]
        .iter()
        .map(|id| &origins.iter().find(|origin| origin["Id"] == *id).unwrap()["CustomHeaders"]["Items"][0])
        .map(|header| (text(&header["HeaderName"]), text(&header["HeaderValue"])))
        .collect();
    assert_eq!(sent.len(), 1, "{sent:?}");
    let (name, secret) = sent.into_iter().next().unwrap();
    assert_eq!(name, EDGE_SECRET.as_str());
    secret
}

/// The secrets that each function takes for the edge's.
fn secrets_known(stands: &Value) -> Vec<String> {
    let told: BTreeSet<_> = ["uploads", "gallery", "console", "site"]
        .map(|name| text(&stands["functions"][format!("{NAME}-{name}")]["environment"]["EDGE_SECRETS"]))
        .into();
    assert_eq!(told.len(), 1, "each function knows the same");
    told.first().unwrap().split(',').map(str::to_owned).collect()
}

/// Added by a device, published by a moderator, seen by everybody; over HTTP as API Gateway hands it on.
async fn the_road(moto: &Moto, stack: &Stack) {
    let client = Client::new(&stack.site);
    let table = Table::new(&moto.aws.dynamodb, NAME);
    let minted = Members::new(&table).mint(&NewKey::new("story", Role::Moderator), Clock::system().now()).await;
    let (_, key) = minted.unwrap().unwrap();
    let (device, moderator) = (Device::new(&client), Moderator::new(&client, &key));
    let ids = device.add(&[patterned(2400, 1600, 1), small(2)]).await;
    assert_eq!(moderator.queue("normal", 12).await.len(), 2);
    assert_eq!(client.get(&format!("/api/v1/photos/{}", ids[0])).await.status, 404);
    moderator.publish(&ids).await;
    let feed = client.get("/api/v1/photos?discipline=science").await.json();
    assert_eq!(feed["photos"].as_array().unwrap().len(), 2);
    let photo = client.get(&format!("/api/v1/photos/{}", ids[0])).await.json();
    for rendition in photo["renditions"].as_array().unwrap() {
        // The edge reads the public bucket by the path as it is.
        let path = text(&rendition["url"]);
        let key = path.split_once("/m/").map(|(_, key)| format!("m/{key}")).unwrap();
        let object = moto.aws.s3.get_object().bucket(format!("{NAME}-{ACCOUNT}-public")).key(key).send().await.unwrap();
        assert_eq!(object.content_length.unwrap(), rendition["bytes"].as_i64().unwrap());
        assert_eq!(object.content_type.unwrap(), text(&rendition["type"]));
    }
    let page = client.get(&format!("/p/{}", ids[0])).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("Crystals on day twelve"));
}

/// The real bootstraps on what was deployed, with what each function was told and nothing else.
struct Stack {
    lambda: Lambda,
    poller: tokio::task::JoinHandle<()>,
    server: tokio::task::JoinHandle<()>,
    site: String,
}

impl Stack {
    async fn start(moto: &Moto, stands: &Value) -> Self {
        let functions = stands["functions"].as_object().unwrap();
        let specs = functions.iter().map(|(name, function)| {
            let name = name.trim_start_matches("techognition-");
            let told = function["environment"].as_object().unwrap().iter();
            let mut environment: Vec<_> = told.map(|(name, value)| (name.clone(), text(value))).collect();
            environment.extend(
                [
                    ("AWS_REGION", REGION),
                    ("AWS_ACCESS_KEY_ID", "test"),
                    ("AWS_SECRET_ACCESS_KEY", "test"),
                    ("AWS_ENDPOINT_URL", &moto.url),
                ]
                .map(|(name, value)| (name.to_owned(), value.to_owned())),
            );
            FunctionSpec {
                name: name.to_owned(),
                bootstrap: release_bootstraps().join(name),
                memory_mb: u32::try_from(function["memory"].as_u64().unwrap()).unwrap(),
                timeout: Duration::from_secs(function["timeout"].as_u64().unwrap()),
                instances: 2,
                environment,
            }
        });
        let lambda = Lambda::start(specs.collect()).await.unwrap();
        let secret: HeaderValue = secret_of(stands).parse().unwrap();
        let mut router = Router::new();
        let mut seen = BTreeSet::new();
        for (route, integration) in stands["routes"].as_object().unwrap() {
            let function =
                text(integration).split(&format!(":{NAME}-")).last().unwrap().split(':').next().unwrap().to_owned();
            let (lambda, secret) = (lambda.clone(), secret.clone());
            let call = any(async move |mut request: Request| {
                request.extensions_mut().clear();
                // What the edge does that was made.
                request.headers_mut().insert(EDGE_SECRET, secret.clone());
                lambda.http(&function, request).await
            });
            if route == "$default" {
                router = router.fallback(call);
            } else if seen.insert(path_of(route).to_owned()) {
                router = router.route(path_of(route), call);
            }
        }
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let site = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move { drop(axum::serve(listener, router).await) });
        let poller = tokio::spawn(poll(
            moto.aws.clone(),
            text(&stands["queues"]["techognition-originals"]["url"]),
            lambda.clone(),
        ));
        Self { lambda, poller, server, site }
    }

    async fn stop(self) {
        self.poller.abort();
        self.server.abort();
        self.lambda.stop().await;
    }
}

/// What Lambda's event source mapping does: batches of messages to the function, those that it finished deleted.
#[expect(clippy::print_stdout, reason = "what failed is told where the story is read")]
async fn poll(aws: Aws, queue: String, lambda: Lambda) {
    loop {
        let received =
            aws.sqs.receive_message().queue_url(&queue).max_number_of_messages(5).wait_time_seconds(1).send().await;
        let messages = received.map(|received| received.messages.unwrap_or_default()).unwrap_or_default();
        if messages.is_empty() {
            continue;
        }
        let mut event = SqsEvent::default();
        event.records = messages
            .iter()
            .map(|message| {
                let mut record = SqsMessage::default();
                record.message_id.clone_from(&message.message_id);
                record.receipt_handle.clone_from(&message.receipt_handle);
                record.body.clone_from(&message.body);
                record.event_source = Some("aws:sqs".to_owned());
                record
            })
            .collect();
        let failed = match lambda.sqs("renditions", event).await {
            Ok(failed) => failed,
            // As Lambda does: the whole batch comes again.
            Err(error) => {
                println!("renditions: {error}");
                continue;
            }
        };
        if !failed.is_empty() {
            println!("renditions failed for {} of {} messages", failed.len(), messages.len());
        }
        for message in messages.iter().filter(|message| !failed.contains(message.message_id.as_ref().unwrap())) {
            let delete =
                aws.sqs.delete_message().queue_url(&queue).receipt_handle(message.receipt_handle.as_ref().unwrap());
            delete.send().await.unwrap();
        }
    }
}

/// What this story needs beside the project.
struct Tools {
    moto: moto::Tools,
    mirror: PathBuf,
}

impl Tools {
    /// Looks for Terraform, its provider and moto; or names the first that is not here.
    fn find() -> Result<Self, &'static str> {
        Ok(Self { mirror: terraform::find()?, moto: moto::Tools::find()? })
    }
}

/// A machine with the project's folder on it, as far as deploying needs it.
struct Checkout {
    folder: TempDir,
    moto: String,
    providers: PathBuf,
}

impl Checkout {
    fn new(tools: &Tools, moto: &Moto) -> Self {
        let folder = TempDir::new().unwrap();
        let providers = terraform::checkout(folder.path(), &tools.mirror).unwrap();
        // The day is today, so that the photos of the road may come.
        let today = Clock::system().now().to_zoned(TimeZone::get("Europe/London").unwrap()).date();
        let event = EVENT
            .replace("2027-03-05", &today.to_string())
            .replace("\"08:00\"", "\"00:00\"")
            .replace("\"18:00\"", "\"23:59\"")
            .replace("alarm_email = \"\"", "alarm_email = \"alarms@example.org\"");
        fs::write(folder.path().join("infra/event.toml"), event).unwrap();
        Self { folder, moto: moto.url.clone(), providers }
    }

    /// Runs the command in the folder.
    async fn run(&self, arguments: &[&str]) -> Output {
        self.run_with(arguments, &release_bootstraps()).await
    }

    /// A folder of the same bootstraps, but for one that has something more at its end.
    fn with_another(&self, function: &str) -> PathBuf {
        let folder = self.folder.path().join("bootstraps");
        fs::create_dir(&folder).unwrap();
        for name in ["uploads", "renditions", "gallery", "console", "housekeeping", "site"] {
            symlink(release_bootstraps().join(name), folder.join(name)).unwrap();
        }
        let mut program = fs::read(folder.join(function)).unwrap();
        program.extend(b"another");
        fs::remove_file(folder.join(function)).unwrap();
        fs::write(folder.join(function), program).unwrap();
        folder
    }

    async fn run_with(&self, arguments: &[&str], bootstraps: &Path) -> Output {
        let mut command = Command::new(binaries().join("techognition"));
        command.args(arguments).arg("--json");
        if arguments[0] == "deploy" {
            let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
            command.args(["--architecture", architecture, "--bootstraps"]).arg(bootstraps);
        }
        if matches!(arguments[0], "deploy" | "destroy") {
            command.arg("--emulated");
        }
        self.tell(&mut command);
        command.output().await.unwrap()
    }

    /// Runs Terraform itself, as somebody might by hand.
    async fn terraform(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new("terraform");
        self.tell(&mut command);
        command.args(arguments).arg("-no-color").current_dir(self.folder.path().join("infra/aws"));
        command.env("TF_DATA_DIR", self.folder.path().join("target/deploy/terraform"));
        command.output().await.unwrap()
    }

    fn tell(&self, command: &mut Command) {
        command.current_dir(self.folder.path()).env("TF_CLI_CONFIG_FILE", &self.providers);
        command.envs([
            ("AWS_ENDPOINT_URL", self.moto.as_str()),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ]);
        command.env_remove("AWS_PROFILE").stdin(Stdio::null()).kill_on_drop(true);
    }
}

/// The facts of each step of a command that went well, or whose checks found something.
fn steps(output: &Output) -> Value {
    let said = String::from_utf8_lossy(&output.stdout);
    let steps: serde_json::Map<String, Value> = said
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|line| Some((line["step"].as_str()?.to_owned(), line["facts"].clone())))
        .collect();
    let failed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() || steps.contains_key("try out"), "{said}{failed}");
    Value::Object(steps)
}

/// The last line of a command that went well.
fn last(output: &Output) -> Value {
    let said = String::from_utf8_lossy(&output.stdout);
    let last = said.lines().next_back().unwrap_or_default();
    serde_json::from_str(last).unwrap_or_else(|_| panic!("{said}{}", String::from_utf8_lossy(&output.stderr)))
}

/// The last line of a command, however it went.
fn last_of_any(output: &Output) -> Value {
    let said = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(said.lines().next_back().unwrap_or_default()).unwrap_or_else(|_| panic!("{output:?}"))
}

/// The addresses of the firewall's two lists, as the service tells them.
async fn turned_away(moto: &Moto) -> Value {
    let told = moto
        .python(&format!(
            "import json\nwaf = boto3.client('wafv2', region_name='us-east-1')\nlists = {{one['Name']: one['Id'] for one in \
             waf.list_ip_sets(Scope='CLOUDFRONT')['IPSets']}}\nprint(json.dumps([waf.get_ip_set(Scope='CLOUDFRONT', \
             Name=name, Id=lists[name])['IPSet']['Addresses'] for name in ('{NAME}-offline-ipv4', '{NAME}-offline-ipv6')]))"
        ))
        .await;
    serde_json::from_slice(&told.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&told.stderr)))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn sum(made: &Value) -> u64 {
    made.as_object().unwrap().values().filter_map(Value::as_u64).sum()
}
