//! Gone means gone in words, too: what was said of a photo leaves every page, feed, wall and search with it, and every edge; within
//! the limits that the delivery network really has.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::Method;
use jiff::SignedDuration;
use local::{Faults, edge::CacheMode, names};
use serde_json::{Value, json};
use shared::{
    domain::{
        Refusal,
        index::Index,
        limits,
        photo::Photo,
        states::{Duty, Role},
        time::HalfHour,
    },
    runtime::Clock,
    store::{
        Fault, Photos,
        buckets::{Fetched, Review},
        outbox::Outbox,
        photos::Applied,
    },
};
use tests::{
    Device, Moderator, TestSystem,
    people::batch,
    photos::small,
    routes,
    system::{Setting, Throttling, edition, within},
};

/// A clock that runs as many seconds ahead as its first half says.
fn ahead_of_time() -> (Arc<AtomicI64>, Clock) {
    let ahead = Arc::new(AtomicI64::new(0));
    let (seconds, system) = (Arc::clone(&ahead), Clock::system());
    let clock = Clock::new(move || system.now() + SignedDuration::from_secs(seconds.load(Ordering::SeqCst)));
    (ahead, clock)
}

async fn keeping(setting: Setting) -> TestSystem {
    TestSystem::with(Setting { keeping: CacheMode::Answers, ..setting }).await
}

/// Sends a photo whose every word is `word`, in one form or another; answers with its id.
async fn told(device: &Device, file: &Bytes, word: &str) -> String {
    let mut asked = batch(std::slice::from_ref(file));
    asked["credit"] = json!(format!("{word} credit"));
    asked["school"] = json!({"name": format!("{word} School")});
    asked["photos"][0]["caption"] = json!(format!("{word} caption"));
    asked["photos"][0]["alt"] = json!(format!("{word} alt"));
    let answer = device.request(&asked).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let reserved = answer.json()["photos"][0].clone();
    assert_eq!(device.put(&reserved, file).await.status, 200);
    let id = reserved["id"].as_str().unwrap().to_owned();
    device.until(&id, "pending").await;
    id
}

/// The addresses at which the edge has something of `word` now.
async fn telling(system: &TestSystem, all: &BTreeSet<String>, word: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for address in all {
        let answer = system.client.get(address).await;
        if answer.status == 200 && answer.text().to_lowercase().contains(&word.to_lowercase()) {
            found.insert(address.clone());
        }
    }
    found
}

/// Those of them that the edge keeps: asked again, it does not ask.
async fn kept(system: &TestSystem, all: &BTreeSet<String>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for address in all {
        // Some are kept for five seconds only: right after it was asked for, it is there.
        system.client.get(address).await;
        if system.client.get(address).await.header("x-cache") == local::edge::HIT {
            found.insert(address.clone());
        }
    }
    found
}

async fn reword(moderator: &Moderator, id: &str, version: u64, word: &str) {
    let words = json!({"version": version, "caption": format!("{word} caption"), "alt": "", "credit": ""});
    let target = format!("/api/v1/moderation/photos/{id}");
    let answer = moderator.client.json(Method::PATCH, &target, &moderator.authorization, &words).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

async fn index(system: &TestSystem, clock: &Clock) {
    let housekeeping = system.laptop.housekeeping(clock.clone()).unwrap();
    housekeeping::handle(&housekeeping, housekeeping::Task::Index).await.unwrap();
}

async fn withdraw(device: &Device, id: &str) {
    let answer = device.call(Method::DELETE, &format!("/api/v1/uploads/{id}"), &Value::Null).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wall_and_the_search_are_told_of_new_words() {
    let (ahead, clock) = ahead_of_time();
    let system = TestSystem::with(Setting { clock: Some(clock.clone()), ..Setting::default() }).await;
    let (device, moderator) = (system.device(), system.moderator().await);
    let emily = told(&device, &small(1), "Emily").await;
    moderator.publish(std::slice::from_ref(&emily)).await;
    ahead.store(60, Ordering::SeqCst);
    let other = told(&device, &small(2), "Other").await;
    moderator.publish(std::slice::from_ref(&other)).await;
    let whole = system.client.get("/api/v1/wall").await.json();
    assert_eq!(whole["photos"].as_array().unwrap().len(), 2);
    index(&system, &clock).await;
    let found = async |words: &str| {
        let found = system.client.get(&format!("/api/v1/photos?q={words}")).await.json();
        found["photos"].as_array().unwrap().len()
    };
    assert_eq!((found("somebody").await, found("emily+credit").await), (0, 1));

    ahead.store(120, Ordering::SeqCst);
    reword(&moderator, &emily, 3, "Somebody").await;
    let told = system.client.get(&format!("/api/v1/wall?since={}", whole["seq"])).await.json();
    let anew = told["photos"].as_array().unwrap().iter().find(|photo| photo["id"] == json!(emily));
    let anew = anew.unwrap_or_else(|| panic!("the wall is not told: {told}"));
    assert_eq!(anew["caption"], json!("Somebody caption"));
    assert_eq!(told["gone"], json!([]));
    assert!(told["seq"].as_i64() > whole["seq"].as_i64(), "{told}");

    index(&system, &clock).await;
    // A search goes on with an index for half a minute.
    ahead.store(200, Ordering::SeqCst);
    assert_eq!((found("somebody").await, found("emily+credit").await), (1, 0));
    assert!(system.audit().await.differences.is_zero());
}

/// Publishes so many photos; answers with their ids.
async fn published(system: &TestSystem, moderator: &Moderator, n: u32) -> Vec<String> {
    let mut ids = Vec::new();
    for first in (0..n).step_by(20) {
        let device = system.device();
        ids.extend(device.add(&(first..n.min(first + 20)).map(small).collect::<Vec<_>>()).await);
    }
    for ids in ids.chunks(48) {
        let decisions: Vec<_> = ids.iter().map(|id| json!({"id": id, "version": 2, "action": "publish"})).collect();
        let answer = moderator.decisions(&json!({"decisions": decisions})).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    ids
}

/// What the outbox still has of first rounds.
async fn first_rounds(system: &TestSystem) -> usize {
    let due = Outbox::new(&system.laptop.table).due(Clock::system().now()).await.unwrap();
    due.iter().filter(|purge| purge.round == 1).count()
}

/// Waits until nothing of these photos is at the edge, and nothing waits to be told; answers with how long that took.
async fn drained(system: &TestSystem, kept: &[String]) -> Duration {
    let begun = Instant::now();
    within(Duration::from_mins(3), "edges have forgotten them all", async || {
        if first_rounds(system).await > 0 {
            return None;
        }
        for address in kept {
            if system.client.get(address).await.status == 200 {
                return None;
            }
        }
        Some(())
    })
    .await;
    begun.elapsed()
}

/// Lets the edge keep a page, an answer and a picture of each; answers with their addresses.
async fn fill(system: &TestSystem, ids: &[String]) -> Vec<String> {
    let mut kept = Vec::new();
    for id in ids {
        let photo = system.client.get(&format!("/api/v1/photos/{id}")).await.json();
        let picture = photo["renditions"][0]["url"].as_str().unwrap().to_owned();
        for address in [format!("/p/{id}"), format!("/api/v1/photos/{id}"), picture] {
            assert_eq!(system.client.get(&address).await.status, 200, "{address}");
            kept.push(address);
        }
    }
    kept
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_photos_are_taken_down_within_the_limits_of_the_network_and_a_minute() {
    // The schedule's own minute, and invalidations that take as long as CloudFront's.
    let system = keeping(Setting { quiet: true, ..Setting::default() }).await;
    system.laptop.edge.let_invalidations_take(Duration::from_secs(10));
    let moderator = system.moderator().await;
    let ids = published(&system, &moderator, 200).await;
    let kept = fill(&system, &ids).await;
    let begun = Instant::now();
    for ids in ids.chunks(48) {
        let decisions: Vec<_> = ids
            .iter()
            .map(|id| json!({"id": id, "version": 3, "action": "hide", "reason": "because of a story"}))
            .collect();
        let answer = moderator.decisions(&json!({"decisions": decisions})).await.json();
        assert!(answer["decisions"].as_array().unwrap().iter().all(|one| one["state"] == "hidden"), "{answer}");
    }
    let decided = begun.elapsed();
    let after = drained(&system, &kept).await;
    println!(
        "200 in requests of 48: decided in {decided:.1?}, at no edge {after:.1?} later: {:?}",
        system.laptop.edge.invalidations()
    );
    assert!(after < Duration::from_mins(1), "{after:?}");
    assert!(system.audit().await.differences.is_zero());

    // The second round, after the fence, is paid by the path.
    let first = system.laptop.edge.invalidations();
    let machine = Clock::system();
    let fence = SignedDuration::from_secs(limits::PURGE_FENCE_SECONDS + 60);
    let later = system.laptop.housekeeping(Clock::new(move || machine.now() + fence)).unwrap();
    let report = housekeeping::handle(&later, housekeeping::Task::Sweep).await.unwrap();
    assert_eq!((report.purged, report.failed), (200, 0));
    let second = system.laptop.edge.invalidations();
    let paid = second.paths + second.wildcards - first.paths - first.wildcards;
    println!("200 photos, second round: {paid} paths");
    assert!(paid <= 5, "{first:?} {second:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn photos_that_are_taken_down_one_by_one_are_at_no_edge_within_a_minute() {
    let system = keeping(Setting { quiet: true, ..Setting::default() }).await;
    system.laptop.edge.let_invalidations_take(Duration::from_secs(10));
    let moderator = system.moderator().await;
    let ids = published(&system, &moderator, 60).await;
    let kept = fill(&system, &ids).await;
    let begun = Instant::now();
    for id in &ids {
        assert_eq!(moderator.decide(id, 3, "hide").await["state"], json!("hidden"));
    }
    let decided = begun.elapsed();
    let after = drained(&system, &kept).await;
    println!(
        "60 one by one: decided in {decided:.1?}, at no edge {after:.1?} later: {:?}",
        system.laptop.edge.invalidations()
    );
    assert!(after < Duration::from_secs(75), "{after:?}");
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_that_was_decided_again_reaches_walls_that_have_asked_meanwhile() {
    let (ahead, clock) = ahead_of_time();
    let system = TestSystem::with(Setting { clock: Some(clock.clone()), ..Setting::default() }).await;
    let (device, moderator) = (system.device(), system.moderator().await);
    let ids = device.add(&[small(1), small(2)]).await;
    moderator.publish(&ids[..1]).await;
    let (photos, id) = (Photos::new(&system.laptop.table), ids[0].parse().unwrap());
    let meanwhile = Mutex::new(None);
    // Somebody else moves the photo first, a minute passes, another is published, and a wall asks.
    let rule = |photo: &Photo, now| {
        let change = photo.withdraw(now)?;
        let mut seq = meanwhile.lock().unwrap_or_else(PoisonError::into_inner);
        if seq.is_none() {
            *seq = Some(tokio::task::block_in_place(|| {
                tokio::runtime::Handle::current().block_on(async {
                    reword(&moderator, &ids[0], 3, "Quick").await;
                    ahead.store(60, Ordering::SeqCst);
                    moderator.publish(&ids[1..]).await;
                    system.client.get("/api/v1/wall").await.json()["seq"].clone()
                })
            }));
        }
        Ok::<_, Error>(change)
    };
    assert!(matches!(photos.apply(&id, &clock, rule).await.unwrap(), Applied::Changed(_)));
    let seq = meanwhile.into_inner().unwrap().unwrap();
    let told = system.client.get(&format!("/api/v1/wall?since={seq}")).await.json();
    assert_eq!(told["gone"], json!([ids[0]]), "{told}");
}

/// What a rule refuses, or the table.
#[derive(Debug)]
enum Error {
    Refused,
    Failed,
}

impl From<Refusal> for Error {
    fn from(_: Refusal) -> Self {
        Self::Refused
    }
}

impl From<Fault> for Error {
    fn from(_: Fault) -> Self {
        Self::Failed
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_never_keeps_what_its_mark_says_is_gone() {
    // Three quarters of the reads that may be late are.
    let faults = Faults { seed: 3, stale: 0.75, stale_ms: 1_500, ..Faults::default() };
    let system = TestSystem::with(Setting { faults: Some(faults), quiet: true, ..Setting::default() }).await;
    let (device, moderator) = (system.device(), system.moderator().await);
    let ids = device.add(&(0..12).map(small).collect::<Vec<_>>()).await;
    let (review, clock) = (Review::new(&system.laptop.aws.s3, names::REVIEW), Clock::system());
    // As housekeeping sees the table, through all that makes it late.
    let housekeeping = system.laptop.faulted_housekeeping(clock.clone()).unwrap();
    for id in &ids {
        moderator.publish(std::slice::from_ref(id)).await;
        housekeeping::handle(&housekeeping, housekeeping::Task::Index).await.unwrap();
        assert_eq!(moderator.decide(id, 3, "hide").await["state"], json!("hidden"));
        for _ in 0..3 {
            housekeeping::handle(&housekeeping, housekeeping::Task::Index).await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(1_600)).await;
        housekeeping::handle(&housekeeping, housekeeping::Task::Index).await.unwrap();
        let index = match review.get_index(&edition().slug, None).await.unwrap() {
            Fetched::New { bytes, .. } => serde_json::from_slice::<Index>(&bytes).unwrap(),
            other @ (Fetched::Absent | Fetched::Unchanged) => panic!("{other:?}"),
        };
        assert!(index.entries.is_empty(), "{id} is hidden, and nothing else is published: {:?}", index.mark);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_are_told_the_same_of_whatever_was_public_once_by_every_page_and_call() {
    let system = TestSystem::open().await;
    let (device, moderator) = (system.device(), system.moderator().await);
    let lead = system.member_with(Role::Moderator, &[Duty::Safeguarding]).await;
    let ids = device.add(&(1..=9).map(small).collect::<Vec<_>>()).await;
    moderator.publish(&ids[..7]).await;
    let decide = async |id: &str, version: u64, action: &str| {
        let decided = lead.decide(id, version, action).await;
        assert!(decided["state"].is_string(), "{action}: {decided}");
    };
    for (id, action) in ids.iter().zip(["unpublish", "hide", "quarantine", "delete", "unpublish", "quarantine"]) {
        decide(id, 3, action).await;
    }
    decide(&ids[4], 4, "reject").await;
    decide(&ids[5], 4, "release").await;
    withdraw(&device, &ids[6]).await;
    decide(&ids[7], 2, "quarantine").await;

    let site = system.laptop.site.replace(':', "%3A").replace('/', "%2F");
    let statuses = async |id: &str| {
        let mut found = Vec::new();
        for address in [
            format!("/api/v1/photos/{id}"),
            format!("/p/{id}"),
            format!("/cy/p/{id}"),
            format!("/embed/p/{id}"),
            format!("/p/{id}/report"),
            format!("/cy/p/{id}/report"),
            format!("/oembed?url={site}%2Fp%2F{id}"),
        ] {
            found.push((system.client.get(&address).await.status.as_u16(), address.replace(id, "…")));
        }
        found
    };
    for (id, what) in
        ids.iter().zip(["unpublished", "hidden", "locked away", "deleted", "rejected", "let out", "taken back"])
    {
        let told = statuses(id).await;
        assert!(told.iter().all(|(status, _)| *status == 410), "{what}: {told:?}");
    }
    let nobodys = "aeaqcaibaeaqcaibaeaqcaibae".to_owned();
    for (id, what) in [(&ids[7], "locked away, and never public"), (&ids[8], "waiting"), (&nobodys, "absent")] {
        let told = statuses(id).await;
        assert!(told.iter().all(|(status, _)| *status == 404), "{what}: {told:?}");
    }
    // A report says no more than that; what is hidden may still be reported for something graver.
    let report = async |id: &str| {
        let target = format!("/api/v1/photos/{id}/reports");
        system.client.json(Method::POST, &target, "", &json!({"reason": "other"})).await.status.as_u16()
    };
    let mut told = Vec::new();
    for id in ids.iter().chain([&nobodys]) {
        told.push(report(id).await);
    }
    assert_eq!(told, [410, 202, 410, 410, 410, 410, 410, 404, 404, 404]);
}

/// What of a photo may be in no answer once it is gone: its id, its words, and the addresses of its pictures.
#[derive(Debug)]
struct Traces {
    id: String,
    others: Vec<String>,
}

impl Traces {
    /// What of it an answer shows, at whatever status. What the address itself names may be repeated, as in a link to the same page in
    /// another language.
    fn in_answer(&self, address: &str, body: &str) -> Vec<&str> {
        let all = std::iter::once(&self.id).chain(&self.others).map(String::as_str);
        all.filter(|trace| !address.contains(trace) && body.contains(trace)).collect()
    }
}

/// Every address below every route that is read, with these photos and the schools of these words in it: those that are about a photo or a
/// school once, all others with what a reader could ask for, too.
fn addresses(system: &TestSystem, ids: &[String], words: &[String]) -> BTreeSet<String> {
    let half = HalfHour::new(Clock::system().now());
    let mut all = BTreeSet::new();
    for route in routes::read() {
        for word in words {
            all.extend(routes::addresses(&route, ids, &format!("{word}-school")));
        }
        if route.contains("{id}") || route.contains("{school}") {
            continue;
        }
        let plain = ["?discipline=science", "?edition=2027", "?limit=5", "?since=1"].map(str::to_owned);
        let own = words.iter().flat_map(|word| [format!("?school={word}-school"), format!("?q={word}")]);
        for query in plain.into_iter().chain([format!("?half={half}")]).chain(own) {
            all.extend(routes::addresses(&route, &[], "").into_iter().map(|path| format!("{path}{query}")));
        }
    }
    for id in ids {
        let page = format!("{}/p/{id}", system.laptop.site).replace(':', "%3A").replace('/', "%2F");
        all.insert(format!("/oembed?url={page}"));
    }
    all
}

/// Publishes a photo for each of `ways`, with words of its own; answers with what may be left of it nowhere, and its pictures.
async fn shown(
    system: &TestSystem,
    device: &Device,
    moderator: &Moderator,
    ways: &[&'static str],
) -> Vec<(&'static str, Traces, Vec<String>)> {
    let mut photos = Vec::new();
    for (n, way) in (1..).zip(ways.iter().copied()) {
        let word = format!("Zq{way}zq");
        let id = told(device, &small(n), &word).await;
        moderator.publish(std::slice::from_ref(&id)).await;
        let seen = system.client.get(&format!("/api/v1/photos/{id}")).await.json();
        let pictures: Vec<_> =
            seen["renditions"].as_array().unwrap().iter().map(|one| one["url"].as_str().unwrap().to_owned()).collect();
        let revision = pictures[0].split('/').nth(3).unwrap().to_owned();
        let others = vec![format!("{word} "), word.to_lowercase(), revision];
        photos.push((way, Traces { id, others }, pictures));
    }
    photos
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_takes_a_photo_off_the_site_no_address_has_a_byte_of_it_afterwards() {
    let (ahead, clock) = ahead_of_time();
    let system =
        keeping(Setting { clock: Some(clock.clone()), throttling: Throttling::Off, ..Setting::default() }).await;
    let (device, moderator) = (system.device(), system.moderator().await);
    let lead = system.member_with(Role::Moderator, &[Duty::Safeguarding]).await;
    let ways = ["hide", "unpublish", "delete", "quarantine", "cover", "report", "withdraw", "reword", "erase"];
    let photos = shown(&system, &device, &moderator, &ways).await;
    index(&system, &Clock::system()).await;
    let ids: Vec<_> = photos.iter().map(|(_, traces, _)| traces.id.clone()).collect();
    let mut all = addresses(&system, &ids, &ways.map(|way| format!("zq{way}zq")));
    all.extend(photos.iter().flat_map(|(_, _, pictures)| pictures.iter().cloned()));
    let found = async |all: &BTreeSet<String>| {
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for address in all {
            let answer = system.client.get(address).await.unpacked();
            let body = answer.text();
            for (way, traces, pictures) in &photos {
                let seen = traces.in_answer(address, &body);
                let picture = pictures.contains(address) && answer.status == 200;
                if !seen.is_empty() || picture {
                    let what = format!("{way}: {} {seen:?}", answer.status.as_u16());
                    found.entry(address.clone()).or_default().push(what);
                }
            }
        }
        found
    };
    let begun = Instant::now();
    let before = found(&all).await;
    let shown_by: BTreeSet<_> = before.keys().cloned().collect();
    let kept_now = kept(&system, &shown_by).await;
    for page in
        ["/", "/gallery", "/wall", "/day", "/cy/", "/feed.xml", "/feed.json", "/embed/gallery", "/api/v1/photos"]
    {
        assert!(kept_now.contains(page), "{page} shows photos, and an edge keeps it: {kept_now:#?}");
    }
    for (way, traces, pictures) in &photos {
        let shown = before.values().flatten().filter(|what| what.starts_with(way)).count();
        assert!(shown > 20, "{way}: {shown}");
        for own in ["/p/", "/cy/p/", "/embed/p/", "/api/v1/photos/"].map(|page| format!("{page}{}", traces.id)) {
            assert!(kept_now.contains(&own), "{way}: an edge keeps {own}");
        }
        assert!(kept_now.contains(&pictures[0]), "{way}");
        for page in ["/s/", "/cy/s/"].map(|page| format!("{page}zq{way}zq-school")) {
            assert!(before.contains_key(&page), "{way}: {page}");
        }
    }
    println!("{} addresses, {} have something of the photos, {} are kept", all.len(), before.len(), kept_now.len());
    println!("looked at in {:.1?}", begun.elapsed());

    // A moderator says something else of one, which stays public.
    let of = |way: &str| photos.iter().find(|(name, ..)| *name == way).map(|(_, traces, _)| traces.id.clone()).unwrap();
    let told: BTreeSet<_> = telling(&system, &shown_by, "Zqhidezq caption").await;
    assert!(
        told.contains("/") && told.contains(&format!("/p/{}", of("unpublish"))),
        "its own page, and those beside it: {told:#?}"
    );
    reword(&moderator, &of("hide"), 3, "Wombat").await;
    within(Duration::from_secs(30), "no edge tells the old caption", async || {
        telling(&system, &told, "Zqhidezq caption").await.is_empty().then_some(())
    })
    .await;

    for (way, version) in [("hide", 4), ("unpublish", 3), ("delete", 3), ("quarantine", 3)] {
        let decided = lead.decide(&of(way), version, way).await;
        assert!(decided["state"].is_string(), "{decided}");
    }
    let post = async |who: &str, target: &str, body: Value| {
        let answer = system.client.json(Method::POST, target, who, &body).await;
        assert!(answer.status.is_success(), "{target}: {}", answer.text());
    };
    let boxes = json!({"version": 3, "boxes": [{"x": 0.1, "y": 0.1, "width": 0.3, "height": 0.3}]});
    post(&moderator.authorization, &format!("/api/v1/moderation/photos/{}/redact", of("cover")), boxes).await;
    post("", &format!("/api/v1/photos/{}/reports", of("report")), json!({"reason": "pupil"})).await;
    withdraw(&device, &of("withdraw")).await;
    let words = json!({"caption": "Something else"});
    let answer = device.call(Method::PATCH, &format!("/api/v1/uploads/{}", of("reword")), &words).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let housekeeping = system.laptop.housekeeping(clock.clone()).unwrap();
    let id = of("erase").parse().unwrap();
    housekeeping::requests::erase(&housekeeping, &id, housekeeping::requests::Return::Refused).await.unwrap();

    index(&system, &clock).await;
    let begun = Instant::now();
    let of_the_index = |address: &String| address.trim_start_matches("/cy").starts_with("/schools");
    let suspects: BTreeSet<_> = shown_by.iter().filter(|address| !of_the_index(address)).cloned().collect();
    within(Duration::from_mins(2), "nothing is left of them where something was", async || {
        found(&suspects).await.is_empty().then_some(())
    })
    .await;
    println!("gone {:.1?} after the last", begun.elapsed());
    // The list of schools is as old as the index that a function holds, and as its copy at the edge.
    ahead.store(75, Ordering::SeqCst);
    let after = found(&all).await;
    assert!(after.is_empty(), "{after:#?}");
    assert!(system.audit().await.differences.is_zero());
}
