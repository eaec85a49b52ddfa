//! How long it takes from a file's arrival until its photo waits for a decision, with every event and with none:
//! `cargo run -p tests --example arrival [PHOTOS]`. Without events the sweep has to find each photo by itself, in its own minute.

use std::{
    env::args,
    error::Error,
    time::{Duration, Instant},
};

use futures::future::join_all;
use local::Chaos;
use shared::{
    domain::{PhotoId, State},
    store::Photos,
};
use tests::{TestSystem, photos::small, system::Setting};

#[tokio::main]
#[expect(clippy::print_stdout, reason = "its figures are what it is for")]
async fn main() -> Result<(), Box<dyn Error>> {
    let photos = args().nth(1).map_or(Ok(200), |photos| photos.parse())?;
    let lost = Chaos { seed: 1, drop: 1.0, duplicate: 0.0, delay: 0.0, max_delay_ms: 0, reorder: false };
    for (name, chaos) in [("every event", None), ("no event", Some(lost))] {
        let crowd = chaos.is_some();
        let system = TestSystem::with(Setting { chaos, quiet: true, ..Setting::default() }).await;
        let mut times = measure(&system, photos, crowd).await?;
        times.sort();
        let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)].as_secs_f64();
        println!("{name}: {} photos, p50 {:.2} s, p99 {:.2} s, last {:.2} s", times.len(), at(50), at(99), at(100));
    }
    Ok(())
}

/// A crowd comes as fast as it is let in; else each photo is there before the next comes, and none waits for another.
async fn measure(system: &TestSystem, photos: u32, crowd: bool) -> Result<Vec<Duration>, Box<dyn Error>> {
    let rows = Photos::new(&system.laptop.table);
    let (mut waiting, mut times) = (Vec::new(), Vec::new());
    for file in (0..photos).map(small) {
        let device = system.device();
        let reserved = device.reserve(std::slice::from_ref(&file)).await.remove(0);
        let id: PhotoId = reserved["id"].as_str().ok_or("an id")?.parse()?;
        let put = device.put(&reserved, &file).await;
        if put.status != 200 {
            return Err(format!("the storage says {}", put.status).into());
        }
        let put = Instant::now();
        if crowd {
            waiting.push(tokio::spawn(arrived(rows.clone(), id, put)));
        } else {
            times.push(arrived(rows.clone(), id, put).await);
        }
    }
    for arrival in join_all(waiting).await {
        times.push(arrival?);
    }
    Ok(times)
}

async fn arrived(rows: Photos, id: PhotoId, put: Instant) -> Duration {
    loop {
        if let Ok(Some(photo)) = rows.get(&id).await
            && photo.state == State::Pending
        {
            return put.elapsed();
        }
        let pause = if put.elapsed() < Duration::from_secs(5) { 10 } else { 500 };
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
}
