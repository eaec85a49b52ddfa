//! The table of an earlier release: this one reads it, works on it, and writes what the earlier one can read.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::{
    domain::{Edition, event_file},
    runtime::Clock,
    store::{activity::ActivityLog, members::Members, requests::Requests},
};
use tests::{
    Browser, Client, Moderator, TestSystem,
    rows::{Golden, breaks, kind, small_day, with_more, words},
    system::{Setting, edition},
};

/// Kinds of rows that a small day has none of: they want a day to pass, an hour's budget, or many reports at once.
const NOT_IN_A_SMALL_DAY: [&str; 3] = ["P expired", "BUD", "BRAKE"];

/// The kept tables, the oldest first.
fn kept() -> Vec<(PathBuf, Golden)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.file_name().unwrap().to_str().unwrap().starts_with("rows-"));
    files.sort();
    assert!(!files.is_empty());
    files.into_iter().map(|path| (path.clone(), serde_json::from_slice(&fs::read(&path).unwrap()).unwrap())).collect()
}

fn photos<'a>(golden: &'a Golden, state: &'a str) -> impl Iterator<Item = &'a str> {
    let rows = golden.rows.iter().filter(move |row| kind(row) == format!("P {state}"));
    rows.map(|row| row["id"]["S"].as_str().unwrap())
}

fn ids(list: &Value) -> BTreeSet<&str> {
    list.as_array().unwrap().iter().map(|photo| photo["id"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn functions_of_an_earlier_release_can_read_what_this_one_writes() {
    let system = TestSystem::with(Setting { quiet: true, ..Setting::default() }).await;
    let today = small_day(&system).await;
    let kinds: BTreeSet<_> = today.rows.iter().map(kind).collect();
    let all = kept();
    for (path, golden) in &all {
        let found = breaks(&golden.rows, &today.rows);
        assert!(found.is_empty(), "{}: {found:#?}", path.display());
        for (list, now) in words() {
            let new: Vec<_> = now.difference(&golden.words[&list]).collect();
            assert!(new.is_empty(), "{}: {list}: unknown to that release: {new:?}", path.display());
        }
    }
    let (path, latest) = all.last().unwrap();
    let known: BTreeSet<_> = latest.rows.iter().map(kind).collect();
    let new: Vec<_> = kinds.difference(&known).collect();
    assert!(
        new.is_empty(),
        "{} has no {new:?}: keep a table that has, see tests/examples/golden_rows.rs",
        path.display()
    );
    for missing in NOT_IN_A_SMALL_DAY {
        assert!(!kinds.contains(missing), "{missing} is in it after all");
    }
    println!("{} kinds of rows, in {} kept tables", kinds.len(), all.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_table_of_an_earlier_release_is_read_and_worked_on() {
    for (path, golden) in kept() {
        println!("{}", path.display());
        works(&golden, golden.rows.clone()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_table_of_a_later_release_is_read_and_worked_on_too() {
    // As far as that can be known: with something more in everything.
    let (_, golden) = kept().pop().unwrap();
    works(&golden, with_more(&golden.rows)).await;
}

async fn works(golden: &Golden, rows: Vec<Value>) {
    // The clock is theirs, so that nothing has run out.
    let (begun, at) = (Instant::now(), golden.at);
    let clock = Clock::new(move || at + SignedDuration::try_from(begun.elapsed()).unwrap());
    let then: Edition = event_file::opened_now(edition(), at);
    let setting = Setting { quiet: true, clock: Some(clock.clone()), edition: Some(then), ..Setting::default() };
    let system = TestSystem::with(setting).await;
    system.laptop.load(rows).await.unwrap();
    the_public_reads(&system.client, golden).await;
    people_sign_in(&system, &clock, golden).await;
    moderators_work(&system, golden).await;

    // Rows agree with each other; of the objects none is here.
    let mut differences = system.audit_at(clock).await.differences;
    let (originals, renditions) = (differences.originals_missing, differences.renditions_missing);
    assert!(originals > 0 && renditions > originals, "{differences:?}");
    (differences.originals_missing, differences.renditions_missing, differences.removals_missing) = (0, 0, 0);
    assert!(differences.is_zero(), "{differences:?}");
}

async fn the_public_reads(client: &Client, golden: &Golden) {
    let feed = client.get("/api/v1/photos").await.json();
    let published: BTreeSet<_> = photos(golden, "published").collect();
    assert!(!published.is_empty());
    assert_eq!(ids(&feed["photos"]), published);
    for id in &published {
        for page in [format!("/p/{id}"), format!("/api/v1/photos/{id}")] {
            assert_eq!(client.get(&page).await.status, 200, "{page}");
        }
    }
    for id in photos(golden, "hidden").chain(photos(golden, "deleted")).chain(photos(golden, "pending")) {
        let status = client.get(&format!("/api/v1/photos/{id}")).await.status.as_u16();
        assert!([404, 410].contains(&status), "{id}: {status}");
    }
    assert_eq!(client.get("/api/v1/schools?q=sample").await.json()["schools"].as_array().unwrap().len(), 1);
    for page in ["/", "/gallery", "/api/v1/event", "/api/v1/editions", "/api/v1/stats", "/api/v1/wall", "/feed.xml"] {
        assert_eq!(client.get(page).await.status, 200, "{page}");
    }
}

async fn people_sign_in(system: &TestSystem, clock: &Clock, golden: &Golden) {
    let owner = Browser::with(&system.client, golden.owner.clone());
    let session = owner.call(Method::GET, "/api/v1/session", &json!(null)).await;
    assert_eq!((session.status.as_u16(), session.json()["role"].clone()), (200, json!("owner")), "{}", session.text());
    for page in ["/api/v1/organiser/people", "/api/v1/organiser/activity", "/api/v1/organiser/dashboard"] {
        let answer = owner.call(Method::GET, page, &json!(null)).await;
        assert_eq!(answer.status, 200, "{page}: {}", answer.text());
    }
    let mut newcomer = Browser::with(&system.client, String::new());
    assert_eq!(newcomer.sign_in(&golden.code).await.status, 200);
    let (members, now) = (Members::new(&system.laptop.table), clock.now());
    assert!(members.people().await.unwrap().len() >= 3 && members.sessions(now).await.unwrap().len() == 2);
    assert!(!members.passkeys().await.unwrap().is_empty() && !members.keys().await.unwrap().is_empty());
    assert_eq!(Requests::new(&system.laptop.table).all().await.unwrap().len(), 1);
    assert!(!ActivityLog::new(&system.laptop.table).all().await.unwrap().is_empty());
}

async fn moderators_work(system: &TestSystem, golden: &Golden) {
    let client = &system.client;
    let moderator = Moderator { client: client.clone(), authorization: golden.moderator.clone() };
    for lane in ["/api/v1/moderation/queue", "/api/v1/moderation/reports", "/api/v1/moderation/waiting"] {
        assert_eq!(moderator.get(lane).await.status, 200, "{lane}");
    }
    let reported = moderator.get("/api/v1/moderation/reports").await.json();
    assert_eq!(reported["photos"].as_array().unwrap().len(), 1, "{reported}");
    for row in golden.rows.iter().filter(|row| kind(row).starts_with("P ") && row["SK"]["S"] == "M") {
        let id = row["id"]["S"].as_str().unwrap();
        let audit = moderator.get(&format!("/api/v1/moderation/photos/{id}/audit")).await.json();
        if row["state"]["S"] == "quarantined" {
            assert_eq!(audit["type"], json!("/problems/duty-needed"), "{id}: {audit}");
            continue;
        }
        assert_eq!(audit["whole"], json!(true), "{id}: {audit}");
    }
    let get = async |target: String| client.send(Method::GET, &target, &[("authorization", &golden.device)], "").await;
    let own = get("/api/v1/uploads".to_owned()).await;
    assert_eq!(own.status, 200, "{}", own.text());
    assert!(own.json()["photos"].as_array().unwrap().len() >= 5, "{}", own.text());
    for id in photos(golden, "deleted") {
        assert_eq!(get(format!("/api/v1/uploads/{id}/removal")).await.status, 200, "{id}");
    }

    // And they go on: a photo that waited is decided about, one that was shown is hidden, one is withdrawn.
    let pending = photos(golden, "pending").next().unwrap();
    assert_eq!(moderator.decide(pending, 2, "reject").await["state"], "rejected");
    let (shown, version) = golden
        .rows
        .iter()
        .find(|row| kind(row) == "P published" && row["lane"]["S"] == "normal")
        .map(|row| (row["id"]["S"].as_str().unwrap(), row["v"]["N"].as_str().unwrap().parse().unwrap()))
        .unwrap();
    assert_eq!(moderator.decide(shown, version, "hide").await["state"], "hidden");
    let hidden = photos(golden, "hidden").next().unwrap();
    let gone = client
        .send(Method::DELETE, &format!("/api/v1/uploads/{hidden}"), &[("authorization", &golden.device)], "")
        .await;
    assert_eq!(gone.status, 200, "{}", gone.text());
}
