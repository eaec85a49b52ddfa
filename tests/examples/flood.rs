//! A flood of registrations beside 60 honest people: `cargo run -p tests --example flood [SECONDS [before]]`.
//!
//! One machine registers 100 times in a second, 20 photos with a new secret each time: first nobody does, then one behind another address
//! than theirs, then one behind the same. After it people go on for [`CALM`] with what did not pass. Prints how many uploads, withdrawals,
//! reports and decisions passed, how many of them while the flood lasted, and how long each took from its first try, half of them and 95
//! in a hundred. With `before` what stands before the functions is as it was without throttles of
//! their own for these and without a firewall.

use std::{
    collections::BTreeMap,
    env::args,
    error::Error,
    net::{IpAddr, Ipv4Addr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use futures::future::join_all;
use http::Method;
use local::{PerAddress, Throttle, Throttles};
use serde_json::{Value, json};
use shared::runtime::ids::jitter;
use tests::{
    Answer, Client, Device, Moderator, TestSystem,
    people::{batch, try_put},
    photos::small,
    system::{EVENT, Setting, Throttling},
};

/// Honest people, each with one photo to upload; half of them have not been here before.
const PEOPLE: u32 = 60;
/// Of those who have: photos that are withdrawn, as many that are reported, and as many that are decided about.
const EACH: usize = 10;
/// Between two requests of the flood.
const FLOOD: Duration = Duration::from_millis(10);
/// How long people go on after the flood: the firewall forgets an address a minute after it has calmed down.
const CALM: Duration = Duration::from_secs(90);
/// Longest that somebody waits between two tries, whatever they were told.
const PATIENCE: Duration = Duration::from_secs(5);
const SCHOOL: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 60));
const ELSEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 99));

/// What became of the requests of each kind, and when the flood ends.
#[derive(Clone)]
struct Seen {
    kinds: Arc<Mutex<BTreeMap<&'static str, Vec<Asked>>>>,
    flood_ends: Instant,
}

/// What became of one request.
struct Asked {
    /// From its first try until it passed; `None` if it never did.
    time: Option<Duration>,
    tries: u32,
    /// Whether it ended while the flood lasted.
    beside_the_flood: bool,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let seconds = args().nth(1).map_or(Ok(20), |seconds| seconds.parse())?;
    let length = Duration::from_secs(seconds);
    for (name, flood) in [
        ("no flood", None),
        ("a flood from another address", Some(ELSEWHERE)),
        ("a flood from the same address", Some(SCHOOL)),
    ] {
        Box::pin(scene(name, flood, length)).await?;
    }
    Ok(())
}

async fn scene(name: &str, flood: Option<IpAddr>, length: Duration) -> Result<(), Box<dyn Error>> {
    let system = TestSystem::with(Setting { throttling: throttling()?, quiet: true, ..Setting::default() }).await;
    let site = system.laptop.site.clone();
    let school = Client::at(SCHOOL, &site);
    let technicians: Vec<_> = (0..PEOPLE).map(|_| Device::new(&school)).collect();
    let moderator = system.moderator().await;
    let here: Vec<_> = technicians.iter().take(3 * EACH).zip(0..).collect();
    let photos: Vec<String> =
        join_all(here.iter().map(|(technician, n)| async { technician.add(&[small(*n)]).await.remove(0) })).await;
    moderator.publish(&photos[EACH..2 * EACH]).await;

    let over = Arc::new(AtomicBool::new(false));
    let flooding = flood.map(|address| tokio::spawn(pour(Client::at(address, &site), Arc::clone(&over))));
    let seen = Seen { kinds: Arc::default(), flood_ends: Instant::now() + length };
    let end = seen.flood_ends + CALM;
    // Each at a time of their own.
    let at = || {
        // Between a tenth and seven tenths of the time.
        tokio::time::sleep(length * 10_u32.saturating_add(percent(60)) / 100)
    };
    let uploads = technicians.iter().zip(1_000..).map(|(technician, n)| {
        let seen = &seen;
        async move {
            at().await;
            upload(technician, n, end, seen).await;
        }
    });
    let withdrawals = photos[..EACH].iter().zip(&technicians).map(|(id, technician)| {
        let (target, seen) = (format!("/api/v1/uploads/{id}"), &seen);
        async move {
            at().await;
            let ask = || technician.client.json(Method::DELETE, &target, &technician.authorization, &Value::Null);
            tried("withdrawals", 200, ask, end, seen).await;
        }
    });
    let reports = photos[EACH..2 * EACH].iter().map(|id| {
        let (target, seen) = (format!("/api/v1/photos/{id}/reports"), &seen);
        let reporter = Device::new(&school);
        async move {
            at().await;
            let report = json!({"reason": "other", "text": "Look again", "contact": ""});
            let ask = || reporter.client.json(Method::POST, &target, &reporter.authorization, &report);
            tried("reports", 202, ask, end, seen).await;
        }
    });
    let school_moderator = Moderator { client: school.clone(), ..moderator };
    let decisions = photos[2 * EACH..].iter().map(|id| {
        let (moderator, seen) = (&school_moderator, &seen);
        async move {
            at().await;
            let decision = json!({"decisions": [{"id": id, "version": 2, "action": "publish"}]});
            tried("decisions", 200, || moderator.decisions(&decision), end, seen).await;
        }
    });
    let calm = async {
        tokio::time::sleep(length).await;
        over.store(true, Ordering::Relaxed);
    };
    futures::join!(join_all(uploads), join_all(withdrawals), join_all(reports), join_all(decisions), calm);
    let flooded = match flooding {
        Some(flooding) => flooding.await?,
        None => BTreeMap::new(),
    };
    told(name, &seen, &flooded);
    Ok(())
}

/// What stands before the functions.
fn throttling() -> Result<Throttling, Box<dyn Error>> {
    if args().nth(2).is_none_or(|as_it_was| as_it_was != "before") {
        return Ok(Throttling::Usual);
    }
    let now = Throttles::read(EVENT)?.ok_or("settings without throttles")?;
    let write = Throttle { rate: 20, burst: 100 };
    let address_per_minute = PerAddress { register: u32::MAX, remove: u32::MAX, change: u32::MAX, read: u32::MAX };
    let before = Throttles { write, register: write, urgent: write, address_per_minute, ..now };
    Ok(Throttling::As(before))
}

/// A hundred registrations in a second, each of 20 photos by a new device. Answers with how many had which status.
async fn pour(client: Client, over: Arc<AtomicBool>) -> BTreeMap<u16, u32> {
    let one = batch(&[bytes::Bytes::from_static(b"never sent")]);
    let photo = |i: u32| {
        let mut photo = one["photos"][0].clone();
        photo["ref"] = json!(format!("a{i}"));
        photo
    };
    let mut body = one.clone();
    body["photos"] = (0..20).map(photo).collect();
    let (body, mut asking) = (body.to_string(), Vec::new());
    let mut ticks = tokio::time::interval(FLOOD);
    while !over.load(Ordering::Relaxed) {
        ticks.tick().await;
        let (client, body) = (client.clone(), body.clone());
        asking.push(tokio::spawn(async move {
            let device = Device::new(&client);
            let headers = [("content-type", "application/json"), ("authorization", device.authorization.as_str())];
            client
                .try_send(Method::POST, "/api/v1/uploads", &headers, body)
                .await
                .map_or(0, |answer| answer.status.as_u16())
        }));
    }
    let mut statuses = BTreeMap::new();
    for asked in asking {
        *statuses.entry(asked.await.unwrap_or_default()).or_default() += 1;
    }
    statuses
}

/// One photo, as a page sends it: registered, tried again when it is told to, and put.
async fn upload(device: &Device, n: u32, end: Instant, seen: &Seen) {
    let file = small(n);
    let asked = batch(std::slice::from_ref(&file));
    let registered = tried("uploads", 201, || device.request(&asked), end, seen).await;
    if let Some(answer) = registered {
        let upload = answer.json()["photos"][0]["upload"].clone();
        let put = if upload.is_object() { try_put(&device.client, &upload, &file).await.ok() } else { None };
        if put.is_none_or(|put| put.status != 200) {
            note(seen, "uploads that were not put", None, 1);
        }
    }
}

/// Asks until the answer has `status`, or the time is over.
async fn tried<F: Future<Output = Answer>>(
    kind: &'static str,
    status: u16,
    ask: impl Fn() -> F,
    end: Instant,
    seen: &Seen,
) -> Option<Answer> {
    let begun = Instant::now();
    for attempt in 1.. {
        let answer = ask().await;
        if answer.status == status {
            note(seen, kind, Some(begun.elapsed()), attempt);
            return Some(answer);
        }
        let told = answer.header("retry-after").parse().map_or(Duration::ZERO, Duration::from_secs);
        let pause_more = Duration::from_millis(10) * percent(100) * 2_u32.saturating_pow(attempt.min(6));
        let pause = (told + pause_more).min(PATIENCE);
        if Instant::now() + pause > end {
            note(seen, kind, None, attempt);
            return None;
        }
        tokio::time::sleep(pause).await;
    }
    None
}

/// A number of a hundred parts, drawn below `most`.
fn percent(most: u64) -> u32 {
    u32::try_from(jitter(most)).unwrap_or_default()
}

fn note(seen: &Seen, kind: &'static str, time: Option<Duration>, tries: u32) {
    let asked = Asked { time, tries, beside_the_flood: Instant::now() < seen.flood_ends };
    seen.kinds.lock().unwrap_or_else(PoisonError::into_inner).entry(kind).or_default().push(asked);
}

#[expect(clippy::print_stdout, reason = "its figures are what it is for")]
fn told(name: &str, seen: &Seen, flooded: &BTreeMap<u16, u32>) {
    println!("{name}; the flood was answered {flooded:?}");
    for (kind, asked) in &*seen.kinds.lock().unwrap_or_else(PoisonError::into_inner) {
        let mut times: Vec<_> = asked.iter().filter_map(|one| one.time).collect();
        times.sort();
        let at = |share: usize| times.get(times.len() * share / 100).map_or(f64::NAN, Duration::as_secs_f64);
        let passed = |how: fn(&Asked) -> bool| asked.iter().filter(|one| one.time.is_some() && how(one)).count();
        println!(
            "  {kind}: {} of {} passed, {} while the flood lasted, {} at the first try; p50 {:.2} s, p95 {:.2} s",
            times.len(),
            asked.len(),
            passed(|one| one.beside_the_flood),
            passed(|one| one.tries == 1),
            at(50),
            at(95)
        );
    }
}
