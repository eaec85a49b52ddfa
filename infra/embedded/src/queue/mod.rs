//! SQS: standard queues with redrive, durable in SQLite.

mod consumer;
pub(crate) mod http;
pub(crate) mod rows;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use tokio::{
    sync::{Notify, watch},
    time::Instant,
};

pub use self::consumer::Consumer;
use self::rows::{Changed, Counts, Receipt, Sent};
use crate::{Error, QueueOptions, StartError, clock, database::Database};

/// A received message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The message's id, which stays the same over all receives.
    pub message_id: String,
    /// The handle that deletes the message, until it is received again.
    pub receipt_handle: String,
    /// The body as it was sent.
    pub body: String,
    /// `ApproximateReceiveCount`, `ApproximateFirstReceiveTimestamp`, `SentTimestamp` and `SenderId`; times in milliseconds.
    pub attributes: HashMap<String, String>,
    /// MD5 digest of the body in hexadecimal.
    pub md5_of_body: String,
}

/// The queues. Clones share them.
#[derive(Clone)]
pub(crate) struct Queues {
    database: Database,
    by_name: Arc<BTreeMap<String, Arc<Queue>>>,
    stop: watch::Receiver<bool>,
}

/// One queue.
pub(crate) struct Queue {
    pub(crate) name: String,
    pub(crate) visibility_ms: i64,
    pub(crate) max_receive_count: u32,
    pub(crate) dead_letter: Option<String>,
    arrived: Notify,
}

/// How to receive.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Receive {
    /// Largest number of messages: 1–10.
    pub(crate) limit: usize,
    /// How long to wait for the first message.
    pub(crate) wait: Duration,
    /// How long to hide the received messages; `None` uses the queue's setting.
    pub(crate) visibility_ms: Option<i64>,
}

impl Queues {
    pub(crate) fn new(
        database: Database,
        options: &[QueueOptions],
        stop: watch::Receiver<bool>,
    ) -> Result<Self, StartError> {
        let queues: BTreeMap<String, Arc<Queue>> = options
            .iter()
            .map(|options| {
                let queue = Queue {
                    name: options.name.clone(),
                    visibility_ms: i64::from(options.visibility_seconds) * 1000,
                    max_receive_count: options.max_receive_count,
                    dead_letter: options.dead_letter.clone(),
                    arrived: Notify::new(),
                };
                (queue.name.clone(), Arc::new(queue))
            })
            .collect();
        for queue in queues.values() {
            if let Some(dead_letter) = queue.dead_letter.as_ref().filter(|name| !queues.contains_key(*name)) {
                let message = format!("the dead-letter queue {dead_letter:?} of {:?} is not a queue", queue.name);
                return Err(StartError::Options(message));
            }
        }
        Ok(Self { database, by_name: Arc::new(queues), stop })
    }

    pub(crate) fn contains(&self, queue: &str) -> bool {
        self.by_name.contains_key(queue)
    }

    pub(crate) fn get(&self, queue: &str) -> Result<&Arc<Queue>, Error> {
        self.by_name.get(queue).ok_or_else(|| Error::NoSuchQueue(queue.to_owned()))
    }

    /// Wakes the receivers that wait for a message.
    pub(crate) fn arrived(&self, queue: &str) {
        if let Some(queue) = self.by_name.get(queue) {
            queue.arrived.notify_waiters();
        }
    }

    /// Sends bodies with their delays in milliseconds: all of them or none.
    pub(crate) async fn send(&self, queue: &str, bodies: Vec<(String, i64)>) -> Result<Vec<Sent>, Error> {
        let queue = Arc::clone(self.get(queue)?);
        let name = queue.name.clone();
        let sent = self
            .database
            .write(move |connection| {
                bodies.iter().map(|(body, delay_ms)| rows::insert(connection, &name, body, *delay_ms)).collect()
            })
            .await?;
        queue.arrived.notify_waiters();
        Ok(sent)
    }

    /// Receives messages. Waits until one is visible, the time is over or `stop` changes.
    pub(crate) async fn receive(
        &self,
        queue: &str,
        how: Receive,
        mut stop: watch::Receiver<bool>,
    ) -> Result<Vec<Message>, Error> {
        let queue = self.get(queue)?;
        let deadline = Instant::now() + how.wait;
        let mut stop_all = self.stop.clone();
        loop {
            let arrived = queue.arrived.notified();
            tokio::pin!(arrived);
            // From here on, no arrival is missed.
            arrived.as_mut().enable();
            let take = Arc::clone(queue);
            let visibility_ms = how.visibility_ms.unwrap_or(queue.visibility_ms);
            let taken =
                self.database.write(move |connection| rows::take(connection, &take, how.limit, visibility_ms)).await?;
            if taken.redriven
                && let Some(dead_letter) = &queue.dead_letter
            {
                self.arrived(dead_letter);
            }
            let stopped = *stop.borrow() || *stop_all.borrow();
            if !taken.messages.is_empty() || stopped || Instant::now() >= deadline {
                return Ok(taken.messages);
            }
            let visible = taken.next_visible_ms.map(|ms| u64::try_from(ms - clock::now_ms()).unwrap_or(0));
            let until = visible.map_or(deadline, |ms| deadline.min(Instant::now() + Duration::from_millis(ms)));
            tokio::select! {
                () = arrived => {}
                () = tokio::time::sleep_until(until) => {}
                _ = stop.changed() => return Ok(Vec::new()),
                _ = stop_all.changed() => return Ok(Vec::new()),
            }
        }
    }

    pub(crate) async fn delete(&self, queue: &str, receipts: Vec<Receipt>) -> Result<(), Error> {
        let name = self.get(queue)?.name.clone();
        self.database
            .write(move |connection| receipts.iter().try_for_each(|receipt| rows::delete(connection, &name, receipt)))
            .await
    }

    pub(crate) async fn change_visibility(
        &self,
        queue: &str,
        receipt: Receipt,
        visibility_ms: i64,
    ) -> Result<Changed, Error> {
        let queue = self.get(queue)?;
        let name = queue.name.clone();
        let changed = self
            .database
            .write(move |connection| rows::change_visibility(connection, &name, &receipt, visibility_ms))
            .await?;
        // Waiting receivers must read the clock again.
        queue.arrived.notify_waiters();
        Ok(changed)
    }

    pub(crate) async fn purge(&self, queue: &str) -> Result<(), Error> {
        let name = self.get(queue)?.name.clone();
        self.database.write(move |connection| rows::purge(connection, &name)).await
    }

    pub(crate) async fn counts(&self, queue: &str) -> Result<Counts, Error> {
        let name = self.get(queue)?.name.clone();
        self.database.read(move |connection| rows::counts(connection, &name)).await
    }
}
