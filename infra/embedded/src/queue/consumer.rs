//! A consumer inside the process that works like Lambda's event source mapping.

use std::{collections::HashSet, future::Future, sync::Arc, time::Duration};

use tokio::{sync::watch, task::JoinHandle};

use super::{Message, Queues, Receive, rows::Receipt};
use crate::Error;

const WAIT: Duration = Duration::from_secs(20);

/// A running consumer. Dropping it also stops it, without waiting for the batches that are being handled.
#[derive(Debug)]
#[must_use = "dropping a consumer stops it"]
pub struct Consumer {
    stop: watch::Sender<bool>,
    workers: Vec<JoinHandle<()>>,
}

impl Consumer {
    /// Takes no new batch, and returns when the batches in progress are done and acknowledged.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        for worker in self.workers {
            if let Err(error) = worker.await {
                tracing::error!(%error, "a worker of a consumer ended badly");
            }
        }
    }

    pub(crate) fn start<F, Fut>(
        queues: &Queues,
        queue: &str,
        batch: usize,
        concurrency: usize,
        handler: F,
    ) -> Result<Self, Error>
    where
        F: Fn(Vec<Message>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Vec<String>> + Send + 'static,
    {
        queues.get(queue)?;
        let (stop, stopped) = watch::channel(false);
        let handler = Arc::new(handler);
        let limit = batch.clamp(1, 10);
        let workers = (0..concurrency.max(1)).map(|_| {
            tokio::spawn(work(queues.clone(), queue.to_owned(), limit, Arc::clone(&handler), stopped.clone()))
        });
        Ok(Self { workers: workers.collect(), stop })
    }
}

async fn work<F, Fut>(queues: Queues, queue: String, limit: usize, handler: Arc<F>, stop: watch::Receiver<bool>)
where
    F: Fn(Vec<Message>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Vec<String>> + Send + 'static,
{
    let how = Receive { limit, wait: WAIT, visibility_ms: None };
    // A dropped consumer has closed the channel.
    while !*stop.borrow() && stop.has_changed().is_ok() && !*queues.stop.borrow() && queues.stop.has_changed().is_ok() {
        let messages = match queues.receive(&queue, how, stop.clone()).await {
            Ok(messages) => messages,
            Err(Error::Stopped) => return,
            Err(error) => {
                tracing::error!(queue, error = &error as &dyn std::error::Error, "cannot receive; trying again");
                tokio::time::sleep(Duration::from_secs(1)).await;
                continue;
            }
        };
        if messages.is_empty() {
            continue;
        }
        let receipts: Vec<_> = messages.iter().map(|m| (m.message_id.clone(), m.receipt_handle.clone())).collect();
        let handler = Arc::clone(&handler);
        // A separate task, so that a panic fails the batch and does not end the consumer.
        let failed = match tokio::spawn(async move { handler(messages).await }).await {
            Ok(failed) => failed.into_iter().collect::<HashSet<_>>(),
            Err(error) => {
                tracing::error!(queue, %error, "a handler panicked; its messages come back");
                continue;
            }
        };
        let done =
            receipts.iter().filter(|(id, _)| !failed.contains(id)).filter_map(|(_, handle)| Receipt::parse(handle));
        if let Err(error) = queues.delete(&queue, done.collect()).await {
            tracing::error!(queue, error = &error as &dyn std::error::Error, "cannot delete messages; they come back");
        }
    }
}
