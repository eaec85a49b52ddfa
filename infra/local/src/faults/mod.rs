//! A proxy between the functions and S3 or DynamoDB that makes these services fail in ways that they may fail, for tests.
//!
//! Each request gets a *fate*, which depends on the seed, the service, the operation and the request's ordinal among those of its
//! operation. So the same seed gives the same fates, and a log of them replays exactly the same, whatever the seed ([`Faults::replay`]).
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

/// How often each fault occurs. Probabilities are 0–1.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Faults {
    /// The seed; the same seed gives the same fates.
    pub seed: u64,
    /// Probability that an answer is late.
    pub delayed: f64,
    /// Longest ordinary delay, in milliseconds. One late answer in twenty is ten times as late.
    pub delay_ms: u64,
    /// Probability that S3 answers 500 or 503 `SlowDown`.
    pub storage_errors: f64,
    /// Probability that DynamoDB throttles a request.
    pub throttled: f64,
    /// Probability that DynamoDB reports a conflict with another transaction.
    pub conflicts: f64,
    /// Probability that the service does what it is asked and its answer is lost.
    pub lost: f64,
    /// Probability that the answer's body ends in the middle.
    pub cut: f64,
    /// Probability that the answer's body comes slowly.
    pub trickled: f64,
    /// Probability that an eventually consistent query gets an earlier result.
    pub stale: f64,
    /// How old that result may be, in milliseconds.
    pub stale_ms: u64,
    /// The request at which this process is killed; `None` for no kill.
    pub kill: Option<Kill>,
    /// The file to which each fate is written, one line of JSON for each.
    pub log: Option<PathBuf>,
    /// Whether every request asks DynamoDB for its cost; see [`Meter`].
    pub metered: bool,
    /// A log of an earlier run, whose fates are used instead of new ones.
    pub replay: Option<PathBuf>,
}

/// The death of this process at a certain request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kill {
    /// The operation, such as `PutObject` or `TransactWriteItems`.
    pub operation: String,
    /// A text that the request's address or body must contain; empty for any request.
    #[serde(default)]
    pub of: String,
    /// The ordinal of the matching request, from 1.
    pub nth: u64,
    /// Whether the process is killed after the service has carried the request out, and not before.
    pub after: bool,
}

/// The service behind a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// The buckets.
    S3,
    /// The table.
    DynamoDb,
}

/// What happens to one request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fate {
    /// Milliseconds before the request is forwarded.
    #[serde(skip_serializing_if = "is_default")]
    pub delay_ms: u64,
    /// How the request ends.
    #[serde(skip_serializing_if = "is_default")]
    pub outcome: Outcome,
}

/// How a request ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The service's own answer.
    #[default]
    Answered,
    /// The service's 500.
    InternalError,
    /// 503 `SlowDown`, or throttled.
    TooMany,
    /// `TransactionConflict`.
    Conflict,
    /// No answer, although the request was carried out.
    Lost,
    /// Half of the answer.
    Cut,
    /// The answer, slowly.
    Trickled,
    /// An earlier answer.
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

/// Decides the fates of requests.
#[derive(Clone, Debug)]
pub(crate) enum Dealer {
    /// By a seed.
    Seeded(Faults),
    /// By a log.
    Replayed(HashMap<(Service, String, u64), Fate>),
}

impl Faults {
    /// Returns the dealer for these faults, which uses the fates of an earlier log if one is named.
    ///
    /// # Errors
    /// If the file does not exist or is not such a log.
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
