//! A proxy between the functions and S3 or DynamoDB that makes them fail as they may: for tests.
//!
//! Each request gets a *fate* by seed, service, operation and the request's ordinal among those of its operation. So the same seed deals
//! the same fates, and a log of what was dealt replays exactly that, whatever the seed ([`Faults::replay`]).
//!
//! | Fate | What the caller sees | What the service did |
//! |---|---|---|
//! | delay | the answer, later: mostly a little, now and then much | all of it |
//! | refused | the service's own error: 500, 503 `SlowDown`, throttled, `TransactionConflict` | nothing |
//! | lost | the connection breaks | all of it |
//! | cut | half of the answer's body, then the connection breaks | all of it |
//! | trickle | the answer's body in small pieces, slowly | all of it |
//! | stale | of a query that is not consistent: what the same one found a moment ago | nothing |
//! | kill | the end of this process, before or after the service has done it | – or all of it |

mod answers;
mod meter;
mod proxy;

use std::{
    collections::HashMap,
    fs::File,
    io::{self, BufRead, BufReader},
    path::{Path, PathBuf},
    time::Duration,
};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use meter::{Meter, Units};
pub(crate) use proxy::Proxy;

/// How often what goes wrong; probabilities are 0–1.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Faults {
    /// The same seed deals the same fates.
    pub seed: u64,
    /// An answer comes late.
    pub delayed: f64,
    /// The longest ordinary delay in milliseconds. One late answer in twenty is ten times as late.
    pub delay_ms: u64,
    /// S3 says 500 or 503 `SlowDown`.
    pub storage_errors: f64,
    /// DynamoDB says that there were too many requests.
    pub throttled: f64,
    /// DynamoDB says that another transaction has the same rows.
    pub conflicts: f64,
    /// The service does what it is asked, and its answer is lost.
    pub lost: f64,
    /// The answer's body ends in the middle.
    pub cut: f64,
    /// The answer's body comes slowly.
    pub trickled: f64,
    /// A query that is not consistent gets what it got before.
    pub stale: f64,
    /// How old that may be, in milliseconds.
    pub stale_ms: u64,
    /// Where this process ends at once.
    pub kill: Option<Kill>,
    /// Where each dealt fate is written, one line of JSON each.
    pub log: Option<PathBuf>,
    /// Whether DynamoDB is asked with each request what it costs; see [`Meter`].
    pub metered: bool,
    /// A log of before: its fates are dealt instead of new ones.
    pub replay: Option<PathBuf>,
}

/// A death at a certain request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kill {
    /// The operation, such as `PutObject` or `TransactWriteItems`.
    pub operation: String,
    /// What the request's address or body must have in it; empty for any.
    #[serde(default)]
    pub of: String,
    /// At which of them, from 1.
    pub nth: u64,
    /// Whether the service has done it by then.
    pub after: bool,
}

/// Which service a proxy stands before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// The buckets.
    S3,
    /// The table.
    DynamoDb,
}

/// What becomes of one request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fate {
    /// Milliseconds before it is handed on.
    #[serde(skip_serializing_if = "is_default")]
    pub delay_ms: u64,
    /// What else.
    #[serde(skip_serializing_if = "is_default")]
    pub outcome: Outcome,
}

/// How a request ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// As the service answers.
    #[default]
    Answered,
    /// 500 of the service.
    InternalError,
    /// 503 `SlowDown`, or throttled.
    TooMany,
    /// `TransactionConflict`.
    Conflict,
    /// No answer, though it was done.
    Lost,
    /// Half an answer.
    Cut,
    /// A slow answer.
    Trickled,
    /// An old answer.
    Stale,
}

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Dealt {
    service: Service,
    operation: String,
    nth: u64,
    #[serde(flatten)]
    fate: Fate,
}

/// Deals fates.
#[derive(Clone, Debug)]
pub(crate) enum Dealer {
    /// By seed.
    Seeded(Faults),
    /// As a log says.
    Replayed(HashMap<(Service, String, u64), Fate>),
}

impl Faults {
    /// The fates that a log of before tells, for exactly the same again.
    ///
    /// # Errors
    /// A file that is not there, or not such a log.
    pub(crate) fn dealer(&self) -> io::Result<Dealer> {
        match &self.replay {
            None => Ok(Dealer::Seeded(self.clone())),
            Some(path) => read_log(path).map(Dealer::Replayed),
        }
    }

    fn fate(&self, service: Service, operation: &str, nth: u64) -> Fate {
        let mut identity = Sha256::new();
        identity.update(self.seed.to_be_bytes());
        identity.update([u8::from(service == Service::S3)]);
        identity.update(operation.as_bytes());
        identity.update(nth.to_be_bytes());
        let mut random = StdRng::from_seed(identity.finalize().into());
        let mut hit = |probability: f64| random.random_bool(probability.clamp(0.0, 1.0));
        let late = hit(self.delayed);
        let very = hit(0.05);
        let transaction = operation == "TransactWriteItems";
        let outcome = match service {
            _ if hit(self.lost) => Outcome::Lost,
            _ if hit(self.cut) => Outcome::Cut,
            _ if hit(self.trickled) => Outcome::Trickled,
            Service::S3 if hit(self.storage_errors) => {
                if hit(0.5) {
                    Outcome::InternalError
                } else {
                    Outcome::TooMany
                }
            }
            Service::DynamoDb if hit(self.throttled) => Outcome::TooMany,
            Service::DynamoDb if transaction && hit(self.conflicts) => Outcome::Conflict,
            Service::DynamoDb if operation == "Query" && hit(self.stale) => Outcome::Stale,
            Service::S3 | Service::DynamoDb => Outcome::Answered,
        };
        let longest = self.delay_ms.saturating_mul(if very { 10 } else { 1 });
        Fate { delay_ms: if late { random.random_range(0..=longest) } else { 0 }, outcome }
    }
}

impl Dealer {
    fn fate(&self, service: Service, operation: &str, nth: u64) -> Fate {
        match self {
            Self::Seeded(faults) => faults.fate(service, operation, nth),
            Self::Replayed(fates) => fates.get(&(service, operation.to_owned(), nth)).cloned().unwrap_or_default(),
        }
    }
}

impl Fate {
    fn is_ordinary(&self) -> bool {
        *self == Self::default()
    }

    fn delay(&self) -> Duration {
        Duration::from_millis(self.delay_ms)
    }
}

fn read_log(path: &Path) -> io::Result<HashMap<(Service, String, u64), Fate>> {
    let lines = BufReader::new(File::open(path)?).lines();
    lines
        .map(|line| {
            let dealt: Dealt = serde_json::from_str(&line?)?;
            Ok(((dealt.service, dealt.operation, dealt.nth), dealt.fate))
        })
        .collect()
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(seed: u64) -> Faults {
        Faults { seed, lost: 0.1, throttled: 0.3, conflicts: 0.5, delayed: 0.2, delay_ms: 50, ..Faults::default() }
    }

    fn dealt(faults: &Faults) -> Vec<Fate> {
        (1..=1_000).map(|nth| faults.fate(Service::DynamoDb, "TransactWriteItems", nth)).collect()
    }

    #[test]
    fn the_same_seed_deals_the_same_fates_and_another_seed_others() {
        assert_eq!(dealt(&faults(1)), dealt(&faults(1)));
        assert_ne!(dealt(&faults(1)), dealt(&faults(2)));
    }

    #[test]
    fn every_fate_is_dealt_about_as_often_as_asked() {
        let fates = dealt(&faults(3));
        let share = |outcome| fates.iter().filter(|fate| fate.outcome == outcome).count();
        assert!((60..=140).contains(&share(Outcome::Lost)), "{}", share(Outcome::Lost));
        assert!((220..=320).contains(&share(Outcome::TooMany)), "{}", share(Outcome::TooMany));
        assert!((250..=380).contains(&share(Outcome::Conflict)), "{}", share(Outcome::Conflict));
        assert!(fates.iter().all(|fate| fate.delay_ms <= 500));
    }

    #[test]
    fn a_log_replays_what_it_tells() {
        let line = r#"{"service":"s3","operation":"PutObject","nth":7,"outcome":"lost"}"#;
        let dealt: Dealt = serde_json::from_str(line).unwrap();
        assert_eq!(serde_json::to_string(&dealt).unwrap(), line);
        let folder = std::env::temp_dir().join(format!("faults-{}", std::process::id()));
        std::fs::write(&folder, format!("{line}\n")).unwrap();
        let dealer = Faults { replay: Some(folder.clone()), lost: 1.0, ..Faults::default() }.dealer().unwrap();
        std::fs::remove_file(folder).unwrap();
        assert_eq!(dealer.fate(Service::S3, "PutObject", 7).outcome, Outcome::Lost);
        assert!(dealer.fate(Service::S3, "PutObject", 8).is_ordinary());
    }
}
