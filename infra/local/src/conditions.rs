//! The faults, the events and the clock of one run of the system under test, in a file that `techognition run --conditions FILE` reads.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use embedded::Chaos;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use shared::runtime::Clock;

use crate::Faults;

/// Time between two reads of the clock's file.
const GLANCE: Duration = Duration::from_millis(100);

/// What one run has to survive.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Conditions {
    /// Faults of S3 and DynamoDB.
    pub faults: Option<Faults>,
    /// What happens to events.
    pub events: Option<Events>,
    /// Milliseconds between two sweeps.
    pub sweep_ms: u64,
    /// A file with the seconds by which the functions' clock is ahead; read every 100 ms.
    pub clock: PathBuf,
}

/// What happens to events; see [`Chaos`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Events {
    /// The seed.
    pub seed: u64,
    /// The share that never comes.
    pub drop: f64,
    /// The share that comes again.
    pub duplicate: f64,
    /// The share that is late.
    pub delay: f64,
    /// By how much at the most, in milliseconds.
    pub max_delay_ms: u64,
}

impl Conditions {
    /// How events misbehave.
    pub fn chaos(&self) -> Option<Chaos> {
        self.events.as_ref().map(|events| Chaos {
            seed: events.seed,
            drop: events.drop,
            duplicate: events.duplicate,
            delay: events.delay,
            max_delay_ms: events.max_delay_ms,
            reorder: true,
        })
    }

    /// A clock that is ahead by as many seconds as its file says. Needs a Tokio runtime, on which it reads the file.
    pub fn clock(&self) -> Clock {
        let ahead = Arc::new(AtomicI64::new(seconds(&self.clock)));
        let (path, seen) = (self.clock.clone(), Arc::clone(&ahead));
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(GLANCE).await;
                seen.store(seconds(&path), Ordering::Relaxed);
            }
        });
        let system = Clock::system();
        Clock::of(move || system.now() + SignedDuration::from_secs(ahead.load(Ordering::Relaxed)))
    }
}

fn seconds(path: &Path) -> i64 {
    std::fs::read_to_string(path).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}
