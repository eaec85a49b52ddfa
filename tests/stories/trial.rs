//! The trial after a deployment, on a laptop: it passes there whole and leaves nothing, and each fault that a deployment can have is found
//! by the check that is meant for it. The faults are seeded one by one: in a proxy that stands where the edge is misconfigured, in the
//! buckets' policies, in the functions' grants.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use futures::{StreamExt, stream};
use http::{HeaderName, HeaderValue, StatusCode, Uri, header};
use hyper_util::{client::legacy, rt::TokioExecutor};
use local::{BucketPolicy, edge::CacheMode, names};
use serde_json::Value;
use tests::{
    TestSystem,
    command::techognition,
    system::{Setting, Throttling},
};

/// Trials at the same time.
const AT_ONCE: usize = 3;
/// Seconds after which a trial gives up what will not come.
const GIVES_UP_S: u32 = 8;
/// Rows that belong to the installation, and not to what a trial makes: its members' log, secrets and clocks; bytes of an hour, which are
/// counted by chance.
const OF_THE_INSTALLATION: [&str; 7] = ["LOG", "SECRET", "RUN", "QUEUES", "CURSOR", "EDGE", "BUD#"];

/// A fault of what stands between visitors and the laptop's edge.
struct Fault {
    name: &'static str,
    /// The checks that find it.
    found_by: &'static [&'static str],
    /// What the found words name.
    names: &'static str,
    change: Change,
}

enum Change {
    /// Of a request; an answer ends it.
    Request(fn(&mut Request) -> Option<Response>),
    /// Of the answer to a path.
    Answer(fn(&str, &mut Response)),
}

fn is_of(request: &Request, bucket: &str) -> bool {
    request.uri().path().starts_with(&format!("/{bucket}/"))
}

/// Refuses what is so.
fn refused(so: bool) -> Option<Response> {
    so.then(|| StatusCode::FORBIDDEN.into_response())
}

/// Rewrites the query of a request.
fn requery(request: &mut Request, rewrite: impl Fn(&str) -> Option<String>) {
    let Some(query) = request.uri().query() else { return };
    let kept: Vec<_> = query.split('&').filter_map(rewrite).collect();
    let path = request.uri().path();
    let target = if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) };
    *request.uri_mut() = target.parse().unwrap();
}

const FAULTS: [Fault; 13] = [
    Fault {
        name: "the edge does not pass Authorization on",
        found_by: &["upload-address"],
        names: "401",
        change: Change::Request(|request| {
            request.headers_mut().remove(header::AUTHORIZATION);
            None
        }),
    },
    Fault {
        name: "the edge does not pass cookies on",
        found_by: &["sign-in"],
        names: "forgotten",
        change: Change::Request(|request| {
            request.headers_mut().remove(header::COOKIE);
            None
        }),
    },
    Fault {
        name: "a gateway takes a compressed answer for text",
        found_by: &["members-pages"],
        names: "does not match",
        change: Change::Answer(|path, answer| {
            if path == "/moderation/queue" {
                for name in [header::CONTENT_LENGTH, header::TRANSFER_ENCODING] {
                    answer.headers_mut().remove(name);
                }
                *answer.body_mut() = Body::from("H4sIAAAAAAAAA6vmAgAG");
            }
        }),
    },
    Fault {
        name: "the edge drops a query",
        found_by: &["queries"],
        names: "nation",
        change: Change::Request(|request| {
            requery(request, |one| (!one.starts_with("nation=")).then(|| one.to_owned()));
            None
        }),
    },
    Fault {
        name: "the edge passes every query on",
        found_by: &["other-queries"],
        names: "fetched each answer again",
        change: Change::Request(|request| {
            requery(request, |one| Some(one.replace("trial=", "q=")));
            None
        }),
    },
    Fault {
        name: "the edge keeps nothing",
        found_by: &["cache"],
        names: "Miss",
        change: Change::Answer(|_, answer| {
            answer.headers_mut().remove(header::AGE);
            answer.headers_mut().insert("x-cache", HeaderValue::from_static("Miss from cloudfront"));
        }),
    },
    Fault {
        name: "the edge does not compress",
        found_by: &["compression"],
        names: "content-encoding",
        change: Change::Request(|request| {
            request.headers_mut().remove(header::ACCEPT_ENCODING);
            None
        }),
    },
    Fault {
        name: "the buckets are origins of the wrong kind",
        found_by: &["own-address", "review-picture"],
        names: "x-amz-cf-id",
        change: Change::Request(|request| {
            if is_of(request, names::ORIGINALS) || is_of(request, names::REVIEW) {
                let name = HeaderName::from_static("x-amz-cf-id");
                request.headers_mut().insert(name, HeaderValue::from_static("one"));
            }
            None
        }),
    },
    Fault {
        name: "the edge does not lead to the originals",
        found_by: &["own-address"],
        names: "403",
        change: Change::Request(|request| refused(is_of(request, names::ORIGINALS))),
    },
    Fault {
        name: "the edge does not lead to the pictures under review",
        found_by: &["review-picture"],
        names: "403",
        change: Change::Request(|request| refused(is_of(request, names::REVIEW))),
    },
    Fault {
        name: "the edge may not read the public bucket",
        found_by: &["public-picture"],
        names: "403",
        change: Change::Request(|request| refused(request.uri().path().starts_with("/m/"))),
    },
    Fault {
        name: "the edge takes a header of safety away",
        found_by: &["home-page"],
        names: "strict-transport-security",
        change: Change::Answer(|path, answer| {
            if path == "/" {
                answer.headers_mut().remove(header::STRICT_TRANSPORT_SECURITY);
            }
        }),
    },
    Fault {
        name: "photos are shown before they are decided about",
        found_by: &["undecided"],
        names: "200",
        change: Change::Answer(|path, answer| {
            if path.starts_with("/api/v1/photos/") {
                *answer.status_mut() = StatusCode::OK;
            }
        }),
    },
];

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_passes_on_a_laptop_and_leaves_nothing_and_each_fault_of_the_edge_is_found() {
    let system = open_system().await;
    let before = rows(&system).await;

    let begun = Instant::now();
    let checks = trial(&system, &system.laptop.site, None).await;
    assert_eq!(wrong(&checks), BTreeMap::new());
    let not_asked: Vec<_> = checks.iter().filter(|check| !check["not_asked"].is_null()).collect();
    assert_eq!(not_asked.iter().map(|check| &check["id"]).collect::<Vec<_>>(), ["alarms"], "{not_asked:?}");
    assert!(checks.len() >= 25, "{}", checks.len());
    println!("{} checks in {:.1} s", checks.len(), begun.elapsed().as_secs_f64());

    let trials = FAULTS.iter().map(|fault| async {
        let begun = Instant::now();
        let address = proxy(&system, &fault.change).await;
        let found = wrong(&trial(&system, &address, Some(GIVES_UP_S)).await);
        assert_eq!(found.keys().map(String::as_str).collect::<Vec<_>>(), fault.found_by, "{}: {found:?}", fault.name);
        assert!(found.values().all(|words| words.contains(fault.names)), "{}: {found:?}", fault.name);
        println!("{}: {:?} in {:.1} s", fault.name, fault.found_by, begun.elapsed().as_secs_f64());
    });
    stream::iter(trials).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;

    assert!(system.audit().await.differences.is_zero());
    let left: Vec<_> = rows(&system).await.difference(&before).cloned().collect();
    assert_eq!(left, Vec::<String>::new(), "rows that are left");
    for bucket in [names::ORIGINALS, names::REVIEW, names::PUBLIC, names::REMOVALS] {
        let listed = system.laptop.aws.s3.list_objects_v2().bucket(bucket).send().await.unwrap();
        let keys: Vec<_> = listed.contents().iter().filter_map(|object| object.key()).collect();
        assert!(keys.iter().all(|key| key.starts_with("index/")), "objects that are left in {bucket}: {keys:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_of_policies_and_grants_is_found() {
    type Weaker = fn(BucketPolicy) -> BucketPolicy;
    let system = open_system().await;
    let faults: [(&str, Weaker, &str); 5] = [
        (names::ORIGINALS, |policy| BucketPolicy { write_once: false, ..policy }, "write-once"),
        (names::REMOVALS, |policy| BucketPolicy { write_once: false, ..policy }, "write-once"),
        (names::ORIGINALS, |policy| BucketPolicy { oldest_signature: None, ..policy }, "old-signature"),
        (names::REVIEW, |policy| BucketPolicy { oldest_signature: None, ..policy }, "old-signature"),
        (names::ORIGINALS, |policy| BucketPolicy { public: true, ..policy }, "unsigned"),
    ];
    for (bucket, change, found_by) in faults {
        let usual = system.laptop.put_bucket_policy(bucket, BucketPolicy::default());
        system.laptop.put_bucket_policy(bucket, change(usual));
        let found = wrong(&trial(&system, &system.laptop.site, None).await);
        system.laptop.put_bucket_policy(bucket, usual);
        assert_eq!(found.keys().map(String::as_str).collect::<Vec<_>>(), [found_by], "{found:?}");
        assert!(found[found_by].contains(bucket), "{found:?}");
    }

    // AWS would find the first of these when the photo is sent: the laptop's roles are asked when an address is signed.
    for (function, resource, found_by) in [
        ("uploads", "originals", &["upload-address"][..]),
        ("renditions", "review", &["renditions"]),
        ("console", "public", &["public-picture"]),
        // What cannot be read cannot be published either.
        ("console", "review", &["public-picture", "review-picture"]),
    ] {
        let usual = system.laptop.grants.replace(function, resource, Vec::new());
        let found = wrong(&trial(&system, &system.laptop.site, Some(GIVES_UP_S)).await);
        system.laptop.grants.replace(function, resource, usual);
        assert_eq!(found.keys().map(String::as_str).collect::<Vec<_>>(), found_by, "{function}: {found:?}");
    }

    // Nobody tells the edge what it has to forget.
    system.laptop.edge.let_invalidations_fail(true);
    let found = wrong(&trial(&system, &system.laptop.site, Some(GIVES_UP_S)).await);
    assert_eq!(found.keys().map(String::as_str).collect::<Vec<_>>(), ["removal"], "{found:?}");
    system.laptop.edge.let_invalidations_fail(false);

    // Where nobody answers, that is one fault, and no reason to doubt everything.
    let checks = trial(&system, "http://127.0.0.1:1", Some(1)).await;
    assert_eq!(wrong(&checks).keys().map(String::as_str).collect::<Vec<_>>(), ["home-page"], "{checks:?}");
    let left = checks.iter().filter(|check| check["not_asked"] == "the site does not answer at its address").count();
    assert!(left > 20, "{left}: {checks:?}");

    // What only needs time is no fault.
    let asked = Arc::new(AtomicUsize::new(0));
    let address = serve(&system, move |request| {
        let late = request.uri().path() == "/" && asked.fetch_add(1, Ordering::Relaxed) < 2;
        late.then(|| StatusCode::SERVICE_UNAVAILABLE.into_response())
    })
    .await;
    assert_eq!(wrong(&trial(&system, &address, None).await), BTreeMap::new());
    assert!(system.audit().await.differences.is_zero());
}

async fn open_system() -> TestSystem {
    let setting = Setting {
        keeping: CacheMode::Answers,
        throttling: Throttling::Off,
        // The trial has an edition of its own.
        closed: true,
        ..Setting::default()
    };
    let system = Box::pin(TestSystem::with(setting)).await;
    system.laptop.edge.let_invalidations_take(Duration::from_millis(200));
    system
}

/// Tries the system out at an address, and answers with the checks.
async fn trial(system: &TestSystem, at: &str, patience_s: Option<u32>) -> Vec<Value> {
    let patience = patience_s.map(|seconds| seconds.to_string());
    let mut arguments = vec!["smoke", "--at", at, "--data", system.folder().to_str().unwrap(), "--json"];
    arguments.extend(patience.iter().flat_map(|seconds| ["--patience", seconds.as_str()]));
    let output = techognition(&arguments).await;
    let said = String::from_utf8_lossy(&output.stdout);
    let line = said.lines().last().unwrap_or_else(|| panic!("{output:?}"));
    let step: Value = serde_json::from_str(line).unwrap();
    let checks = step["facts"].as_array().unwrap().clone();
    assert_eq!(output.status.success(), wrong(&checks).is_empty(), "{output:?}");
    checks
}

/// What was found wrong, by the names of the checks.
fn wrong(checks: &[Value]) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let wrong = checks.iter().filter(|check| !check["wrong"].is_null());
    wrong
        .map(|check| {
            assert!(check["advice"].as_str().is_some_and(|advice| !advice.is_empty()), "{check}");
            (text(&check["id"]), text(&check["wrong"]))
        })
        .collect()
}

/// The keys of all rows that a trial could have made.
async fn rows(system: &TestSystem) -> BTreeSet<String> {
    let scanned = system.laptop.aws.dynamodb.scan().table_name(names::TABLE).send().await.unwrap();
    assert!(scanned.last_evaluated_key.is_none());
    let key = |row: &std::collections::HashMap<String, _>, name: &str| {
        let value: &aws_sdk_dynamodb::types::AttributeValue = &row[name];
        value.as_s().unwrap().clone()
    };
    let keys = scanned.items().iter().map(|row| format!("{} {}", key(row, "PK"), key(row, "SK")));
    keys.filter(|key| !OF_THE_INSTALLATION.iter().any(|known| key.starts_with(known))).collect()
}

/// A proxy before the system's site with this fault; answers with its address.
async fn proxy(system: &TestSystem, change: &Change) -> String {
    match *change {
        Change::Request(change) => serve(system, change).await,
        Change::Answer(change) => {
            let site = system.laptop.site.clone();
            listen(Router::new().fallback(move |request: Request| {
                let site = site.clone();
                async move {
                    let path = request.uri().path().to_owned();
                    let mut answer = forward(&site, request).await;
                    change(&path, &mut answer);
                    answer
                }
            }))
            .await
        }
    }
}

/// A proxy that changes requests, or answers them itself.
async fn serve(
    system: &TestSystem,
    change: impl Fn(&mut Request) -> Option<Response> + Clone + Send + Sync + 'static,
) -> String {
    let site = system.laptop.site.clone();
    let router = Router::new().fallback(move |mut request: Request| {
        let (site, answered) = (site.clone(), change(&mut request));
        async move {
            match answered {
                Some(answer) => answer,
                None => forward(&site, request).await,
            }
        }
    });
    listen(router).await
}

async fn listen(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { drop(axum::serve(listener, router).await) });
    address
}

async fn forward(site: &str, mut request: Request) -> Response {
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    *request.uri_mut() = format!("{site}{target}").parse::<Uri>().unwrap();
    let client: legacy::Client<_, Body> = legacy::Client::builder(TokioExecutor::new()).build_http();
    client.request(request).await.unwrap().map(Body::new)
}
