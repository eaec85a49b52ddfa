//! Ten times as many people as the laptop can serve, for a while: `cargo run -p tests --example overload [SECONDS]`. Prints the goodput
//! at capacity and under overload, how fast those are turned away who must come again, and how soon all is well afterwards.

use std::{
    collections::BTreeMap,
    env::args,
    error::Error,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use futures::future::join_all;
use tests::{
    Client, TestSystem,
    people::batch,
    photos::small,
    system::{Setting, Throttling},
};

/// People who keep the laptop busy, each waiting for an answer before the next request.
const BUSY: u32 = 64;

/// What happened to the requests of one phase: by status, how many and their times.
type Seen = Arc<Mutex<BTreeMap<u16, Vec<Duration>>>>;

#[tokio::main]
#[expect(clippy::print_stdout, reason = "its figures are what it is for")]
async fn main() -> Result<(), Box<dyn Error>> {
    let seconds = args().nth(1).map_or(Ok(20), |seconds| seconds.parse())?;
    let system = TestSystem::with(Setting { quiet: true, throttling: Throttling::Off, ..Setting::default() }).await;
    let capacity = phase(&system.client, BUSY, Duration::from_secs(seconds)).await;
    told("at capacity", &capacity, seconds);
    let overload = phase(&system.client, BUSY * 10, Duration::from_secs(seconds)).await;
    told("ten times as many", &overload, seconds);
    println!("goodput under overload: {:.0} % of capacity", 100.0 * good(&overload) / good(&capacity));
    // A request that comes now must be served at once.
    let over = Instant::now();
    let mut well = None;
    while well.is_none() && over.elapsed() < Duration::from_mins(1) {
        let asked = Instant::now();
        let served = request(&system.client, 1, u32::MAX).await;
        if served == Some(201) && asked.elapsed() < Duration::from_secs(1) {
            well = Some(over.elapsed());
        }
    }
    println!("well again after {:.2} s", well.unwrap_or(over.elapsed()).as_secs_f64());
    Ok(())
}

async fn phase(client: &Client, people: u32, length: Duration) -> BTreeMap<u16, Vec<Duration>> {
    let (seen, over) = (Seen::default(), Arc::new(AtomicBool::new(false)));
    let asking = (0..people).map(|person| {
        let (client, seen, over) = (client.clone(), Arc::clone(&seen), Arc::clone(&over));
        tokio::spawn(async move {
            for n in 0.. {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                let asked = Instant::now();
                let status = request(&client, person, n).await.unwrap_or(0);
                note(&seen, status, asked.elapsed());
                // Those who were told to come again do so, if rather early.
                if status == 503 {
                    tokio::time::sleep(Duration::from_millis(500)).await;
                }
            }
        })
    });
    let asking: Vec<_> = asking.collect();
    tokio::time::sleep(length).await;
    over.store(true, Ordering::Relaxed);
    join_all(asking).await;
    std::mem::take(&mut *seen.lock().unwrap_or_else(PoisonError::into_inner))
}

fn note(seen: &Seen, status: u16, time: Duration) {
    seen.lock().unwrap_or_else(PoisonError::into_inner).entry(status).or_default().push(time);
}

/// Registers a photo: the dearest thing that people ask of the functions.
async fn request(client: &Client, person: u32, n: u32) -> Option<u16> {
    let device = tests::Device::new(client);
    let body = batch(&[small(person.wrapping_mul(1_000).wrapping_add(n))]).to_string();
    let headers = [("content-type", "application/json"), ("authorization", device.authorization.as_str())];
    let answer = client.try_send(http::Method::POST, "/api/v1/uploads", &headers, body).await.ok()?;
    assert!(answer.status != 503 || !answer.header("retry-after").is_empty(), "who is sent away is told when to come");
    Some(answer.status.as_u16())
}

fn good(seen: &BTreeMap<u16, Vec<Duration>>) -> f64 {
    seen.get(&201).map_or(0.0, |times| f64::from(u32::try_from(times.len()).unwrap_or(u32::MAX)))
}

#[expect(clippy::print_stdout, reason = "its figures are what it is for")]
fn told(name: &str, seen: &BTreeMap<u16, Vec<Duration>>, seconds: u64) {
    for (status, times) in seen {
        let mut times = times.clone();
        times.sort();
        let p99 = times[times.len() * 99 / 100].as_secs_f64();
        let rate = times.len() as u64 / seconds.max(1);
        println!(
            "{name}: {status} {rate}/s, half within {:.3} s, p99 {p99:.3} s",
            times[times.len() / 2].as_secs_f64()
        );
    }
}
