//! Delivers `ObjectCreated` events from objects' rows to messages, at least once.
//!
//! The event is a row of the outbox, written with the object. A worker converts these rows to messages; each end is one transaction.
//! [`Chaos`] makes it misbehave as S3 is allowed to.

use std::{sync::Arc, time::Duration};

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use rusqlite::{Connection, params};
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::sync::{Notify, watch};

use crate::{
    Error,
    queue::{Queues, rows as messages},
    s3::{Store, encode, rows::ObjectRow},
};

/// Largest number of events that become messages in one transaction.
const BATCH: usize = 100;
/// Largest delay of an event relative to another if events are reordered, in milliseconds.
const SHAKEN_MS: u64 = 200;

/// How the delivery of events misbehaves. The fate of an event depends only on the seed, its bucket, key and ETag.
#[derive(Clone, Debug, PartialEq)]
pub struct Chaos {
    /// The seed; the same seed gives the same event the same fate.
    pub seed: u64,
    /// Probability, 0–1, that an event never arrives.
    pub drop: f64,
    /// Probability, 0–1, that an event arrives twice; that the second time becomes three times, and so on, up to five.
    pub duplicate: f64,
    /// Probability, 0–1, that a delivery is late.
    pub delay: f64,
    /// Longest delay, in milliseconds.
    pub max_delay_ms: u64,
    /// Whether events that are close to each other are reordered.
    pub reorder: bool,
}

/// The kind of event.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Name {
    Put,
    Copy,
}

struct Event {
    id: i64,
    bucket: String,
    key: String,
    size: u64,
    etag: String,
    name: String,
    time_ms: i64,
}

impl Chaos {
    /// Returns the delay of each delivery of the event, in milliseconds; empty if it never arrives.
    pub fn fate(&self, bucket: &str, key: &str, etag: &str) -> Vec<u64> {
        let mut random = self.random(&[bucket, key, etag]);
        if random.random_bool(self.drop.clamp(0.0, 1.0)) {
            return Vec::new();
        }
        let mut deliveries = 1;
        while deliveries < 5 && random.random_bool(self.duplicate.clamp(0.0, 1.0)) {
            deliveries += 1;
        }
        let delivery = |_| {
            let late = random.random_bool(self.delay.clamp(0.0, 1.0));
            let delay = if late { random.random_range(0..=self.max_delay_ms) } else { 0 };
            delay + if self.reorder { random.random_range(0..=SHAKEN_MS) } else { 0 }
        };
        (0..deliveries).map(delivery).collect()
    }

    fn random(&self, identity: &[&str]) -> StdRng {
        let mut hash = Sha256::new();
        hash.update(self.seed.to_be_bytes());
        for part in identity {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        StdRng::from_seed(hash.finalize().into())
    }
}

impl Name {
    fn text(self) -> &'static str {
        match self {
            Self::Put => "ObjectCreated:Put",
            Self::Copy => "ObjectCreated:Copy",
        }
    }
}

/// Writes the event of a new object, in the transaction of its row.
pub(crate) fn record(
    connection: &Connection,
    bucket: &str,
    key: &str,
    object: &ObjectRow,
    name: Name,
) -> Result<(), Error> {
    connection
        .prepare_cached("INSERT INTO outbox (bucket, key, size, etag, name, time_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute(params![bucket, key, object.size, object.etag, name.text(), object.modified_ms])?;
    Ok(())
}

/// Delivers events into `queue` until `stop`.
pub(crate) async fn deliver(
    store: Store,
    queues: Queues,
    queue: String,
    chaos: Option<Chaos>,
    mut stop: watch::Receiver<bool>,
) {
    let recorded: Arc<Notify> = Arc::clone(&store.recorded);
    let chaos = Arc::new(chaos);
    loop {
        let (into, fates) = (queue.clone(), Arc::clone(&chaos));
        let moved =
            store.database.write(move |connection| move_batch(connection, &into, fates.as_ref().as_ref())).await;
        let idle = match moved {
            Ok(moved) => {
                if moved > 0 {
                    queues.arrived(&queue);
                }
                moved < BATCH
            }
            Err(Error::Stopped) => return,
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "events could not be delivered; trying again"
                );
                tokio::select! {
                    () = tokio::time::sleep(Duration::from_secs(1)) => false,
                    _ = stop.wait_for(|stop| *stop) => return,
                }
            }
        };
        // An event that was recorded meanwhile has left a permit, so none is missed during the sleep.
        let recorded = async {
            if idle {
                recorded.notified().await;
            }
        };
        tokio::select! {
            () = recorded => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

fn move_batch(connection: &Connection, queue: &str, chaos: Option<&Chaos>) -> Result<usize, Error> {
    let events = batch(connection)?;
    for event in &events {
        let deliveries = chaos.map_or_else(|| vec![0], |chaos| chaos.fate(&event.bucket, &event.key, &event.etag));
        let body = event.notification();
        for delay_ms in deliveries {
            messages::insert(connection, queue, &body, i64::try_from(delay_ms).unwrap_or(i64::MAX / 2))?;
        }
        connection.prepare_cached("DELETE FROM outbox WHERE id = ?1")?.execute([event.id])?;
    }
    Ok(events.len())
}

fn batch(connection: &Connection) -> Result<Vec<Event>, Error> {
    let mut statement = connection
        .prepare_cached("SELECT id, bucket, key, size, etag, name, time_ms FROM outbox ORDER BY id LIMIT ?1")?;
    let rows = statement.query_map([BATCH], |row| {
        Ok(Event {
            id: row.get(0)?,
            bucket: row.get(1)?,
            key: row.get(2)?,
            size: row.get(3)?,
            etag: row.get(4)?,
            name: row.get(5)?,
            time_ms: row.get(6)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

impl Event {
    /// Returns the message that S3 sends, version 2.1.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>
    fn notification(&self) -> String {
        let time = Timestamp::from_millisecond(self.time_ms).unwrap_or_default();
        let request = format!("{:016X}", self.id);
        json!({"Records": [{
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": crate::services::REGION,
            "eventTime": format!("{time:.3}"),
            "eventName": self.name,
            "userIdentity": {"principalId": "AWS:LAPTOP"},
            "requestParameters": {"sourceIPAddress": "127.0.0.1"},
            "responseElements": {"x-amz-request-id": request, "x-amz-id-2": HEXLOWER.encode(self.etag.as_bytes())},
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": "embedded",
                "bucket": {
                    "name": self.bucket,
                    "ownerIdentity": {"principalId": "LAPTOP"},
                    "arn": format!("arn:aws:s3:::{}", self.bucket),
                },
                "object": {
                    "key": encode::key(&self.key),
                    "size": self.size,
                    "eTag": self.etag,
                    "sequencer": format!("{:018X}", self.id),
                },
            },
        }]})
        .to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::Chaos;

    fn chaos(seed: u64) -> Chaos {
        Chaos { seed, drop: 0.2, duplicate: 0.3, delay: 0.5, max_delay_ms: 1000, reorder: true }
    }

    fn fates(chaos: &Chaos) -> Vec<Vec<u64>> {
        (0..200).map(|n| chaos.fate("originals", &format!("key-{n}"), "etag")).collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_fates_and_another_seed_others() {
        assert_eq!(fates(&chaos(1)), fates(&chaos(1)));
        assert_ne!(fates(&chaos(1)), fates(&chaos(2)));
    }

    #[test]
    fn every_kind_of_fate_happens_about_as_often_as_asked() {
        let fates = fates(&chaos(7));
        let dropped = fates.iter().filter(|fate| fate.is_empty()).count();
        let doubled = fates.iter().filter(|fate| fate.len() > 1).count();
        assert!((20..=60).contains(&dropped), "{dropped} of 200 dropped");
        assert!((25..=75).contains(&doubled), "{doubled} of 200 doubled");
        assert!(fates.iter().flatten().all(|delay| *delay <= 1200));
    }
}
