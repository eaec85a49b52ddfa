//! Messages about originals, for the ingest queue and for its isolation lane.

use jiff::Timestamp;
use serde_json::json;

use super::fault::{Fault, fault};
use crate::domain::{keys::OriginalKey, time};

/// Distinguishes messages of the isolation lane from all others: the name of the notification's configuration in them.
pub const ISOLATION: &str = "isolation";

/// A queue of messages about originals.
#[derive(Clone, Debug)]
pub struct Messages {
    client: aws_sdk_sqs::Client,
    queue_url: String,
    bucket: String,
}

impl Messages {
    /// Returns a handle to the queue at `queue_url`, for messages about objects of the originals bucket called `bucket`.
    pub fn new(client: &aws_sdk_sqs::Client, queue_url: &str, bucket: &str) -> Self {
        Self { client: client.clone(), queue_url: queue_url.to_owned(), bucket: bucket.to_owned() }
    }

    /// Sends a message about an original, in the form of S3's own event, for a photo whose event may have been lost. Repeating it is
    /// harmless: the handler acts on the photo's row.
    pub async fn original(&self, key: &OriginalKey, size_bytes: u64, now: Timestamp) -> Result<(), Fault> {
        self.send(key, size_bytes, "sweep", now).await
    }

    /// Sends an original to the isolation lane, after it has killed its worker as often as it may beside others.
    pub async fn isolate(&self, key: &OriginalKey, size_bytes: u64, now: Timestamp) -> Result<(), Fault> {
        self.send(key, size_bytes, ISOLATION, now).await
    }

    /// Returns the approximate number of waiting messages.
    pub async fn waiting(&self) -> Result<u64, Fault> {
        let visible = aws_sdk_sqs::types::QueueAttributeName::ApproximateNumberOfMessages;
        let asked = self.client.get_queue_attributes().queue_url(&self.queue_url).attribute_names(visible.clone());
        let answer = asked.send().await.map_err(fault("count messages"))?;
        let count = answer.attributes.as_ref().and_then(|attributes| attributes.get(&visible)?.parse().ok());
        Ok(count.unwrap_or_default())
    }

    /// Moves the messages of the dead-letter queue at `dead_letters` back; returns how many there were. An interruption repeats at most one
    /// message, which is harmless.
    pub async fn redrive(&self, dead_letters: &str) -> Result<u64, Fault> {
        let mut moved = 0;
        loop {
            let receive = self.client.receive_message().queue_url(dead_letters).max_number_of_messages(10);
            let received = receive.wait_time_seconds(0).send().await.map_err(fault("receive dead letters"))?;
            let messages = received.messages.unwrap_or_default();
            if messages.is_empty() {
                return Ok(moved);
            }
            for message in messages {
                let body = message.body.unwrap_or_default();
                let send = self.client.send_message().queue_url(&self.queue_url).message_body(body).send().await;
                send.map_err(fault("send message"))?;
                let receipt = message.receipt_handle.unwrap_or_default();
                let delete = self.client.delete_message().queue_url(dead_letters).receipt_handle(receipt).send().await;
                delete.map_err(fault("delete dead letter"))?;
                moved += 1;
            }
        }
    }

    async fn send(&self, key: &OriginalKey, size_bytes: u64, by: &str, now: Timestamp) -> Result<(), Fault> {
        let body = json!({"Records": [{
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": "",
            "eventTime": time::rfc3339(now),
            "eventName": "ObjectCreated:Put",
            "userIdentity": {"principalId": by},
            "requestParameters": {"sourceIPAddress": ""},
            "responseElements": {},
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": by,
                "bucket": {"name": self.bucket, "ownerIdentity": {"principalId": ""}, "arn": format!("arn:aws:s3:::{}", self.bucket)},
                "object": {"key": key.to_string(), "size": size_bytes, "eTag": "", "sequencer": "0"},
            },
        }]});
        let send = self.client.send_message().queue_url(&self.queue_url).message_body(body.to_string()).send().await;
        send.map(drop).map_err(fault("send message"))
    }
}
