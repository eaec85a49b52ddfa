//! Faults, events and the clock of one run of the system under test, from a file that `techognition run --conditions FILE` reads.

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

/// Interval between two reads of the clock's file.
const GLANCE: Duration = Duration::from_millis(100);

/// The conditions of one run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Conditions {
    /// Faults of S3 and DynamoDB.
    pub faults: Option<Faults>,
    /// How the delivery of events misbehaves.
    pub events: Option<Events>,
    /// Milliseconds between two sweeps.
    pub sweep_ms: u64,
    /// A file with the number of seconds by which the functions' clock is ahead; read every 100 ms.
    pub clock: PathBuf,
}

/// How the delivery of events misbehaves; see [`Chaos`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Events {
    /// The seed of the randomness.
    pub seed: u64,
    /// Share of the events that never arrive, 0–1.
    pub drop: f64,
    /// Share of the events that arrive again, 0–1.
    pub duplicate: f64,
    /// Share of the events that are late, 0–1.
    pub delay: f64,
    /// Longest delay, in milliseconds.
    pub max_delay_ms: u64,
}

impl Conditions {
    /// Converts to the options of the embedded services.
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

    /// Returns a clock that is ahead by as many seconds as its file says. Needs a Tokio runtime, on which it reads the file.
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
        Clock::new(move || system.now() + SignedDuration::from_secs(ahead.load(Ordering::Relaxed)))
    }
}

fn seconds(path: &Path) -> i64 {
    std::fs::read_to_string(path).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}
