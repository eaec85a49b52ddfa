//! The queue of originals: one door to the renditions for S3's events and for the sweep.

use jiff::Timestamp;
use serde_json::json;

use super::fault::{Fault, fault};
use crate::domain::{keys::OriginalKey, time};

/// Sends messages about originals.
#[derive(Clone, Debug)]
pub struct Messages {
    client: aws_sdk_sqs::Client,
    queue_url: String,
    bucket: String,
}

impl Messages {
    /// Messages into the queue at `queue_url`, about objects of the originals bucket called `bucket`.
    pub fn new(client: &aws_sdk_sqs::Client, queue_url: &str, bucket: &str) -> Self {
        Self { client: client.clone(), queue_url: queue_url.to_owned(), bucket: bucket.to_owned() }
    }

    /// Tells of an original again, in the form of S3's own event, for a photo whose event may have been lost. Repeating it is
    /// harmless: the handler acts on what the row says.
    pub async fn original(&self, key: &OriginalKey, size_bytes: u64, now: Timestamp) -> Result<(), Fault> {
        let body = json!({"Records": [{
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": "",
            "eventTime": time::rfc3339(now),
            "eventName": "ObjectCreated:Put",
            "userIdentity": {"principalId": "sweep"},
            "requestParameters": {"sourceIPAddress": ""},
            "responseElements": {},
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": "sweep",
                "bucket": {"name": self.bucket, "ownerIdentity": {"principalId": ""}, "arn": format!("arn:aws:s3:::{}", self.bucket)},
                "object": {"key": key.to_string(), "size": size_bytes, "eTag": "", "sequencer": "0"},
            },
        }]});
        let send = self.client.send_message().queue_url(&self.queue_url).message_body(body.to_string()).send().await;
        send.map(drop).map_err(fault("send message"))
    }
}
