//! Turns originals into renditions, called through a queue by events from S3.
//!
//! The image pipeline is the crate [`pipeline`]: a pure function from the bytes of an original to its renditions, or to the reason why
//! there are none. [`ingest`] surrounds it with storage and state for one photo. [`handle`] takes a batch of messages, each of which can
//! fail separately.

pub mod ingest;

pub use pipeline::{jpeg, render};

use std::time::{Duration, Instant};

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use serde::Deserialize;
use shared::{
    domain::{keys::OriginalKey, limits},
    runtime::{Clock, Environment, telemetry},
    store::{
        Aws, Fault, Photos,
        blocklist::Blocklist,
        buckets::{Originals, Review},
        budget::Budget,
        messages::{ISOLATION, Messages},
        similar_photos::SimilarPhotos,
        table::Table,
        twins::Twins,
    },
};
use tracing::Instrument;

pub use ingest::{App, Source, VideoFiles, video_files};

// The card has the name and size by which pages and networks ask for it.
const _: () = assert!(render::CARD_PX.0 == limits::CARD_PX.0 && render::CARD_PX.1 == limits::CARD_PX.1);

/// What this function reads from its environment.
#[derive(Clone, Debug)]
pub struct Config {
    table: String,
    originals: String,
    review: String,
    isolation: String,
}

impl Config {
    /// The names of the environment variables, as `infra/functions.json` lists them.
    pub const VARS: &[&str] = &["TABLE", "ORIGINALS_BUCKET", "REVIEW_BUCKET", "ISOLATION_QUEUE_URL"];

    /// Reads the configuration from the variables in [`Self::VARS`].
    pub fn from(environment: &Environment) -> Self {
        Self {
            table: environment.get("TABLE"),
            originals: environment.get("ORIGINALS_BUCKET"),
            review: environment.get("REVIEW_BUCKET"),
            isolation: environment.get("ISOLATION_QUEUE_URL"),
        }
    }
}

impl App {
    /// Builds the function's state on these services.
    pub fn new(config: &Config, aws: &Aws, clock: Clock) -> Self {
        let table = Table::new(&aws.dynamodb, &config.table);
        Self {
            blocklist: Blocklist::new(&table),
            budget: Budget::new(&table),
            isolation: Messages::new(&aws.sqs, &config.isolation, &config.originals),
            look_alikes: SimilarPhotos::new(&table),
            photos: Photos::new(&table),
            originals: Originals::new(&aws.s3, &config.originals),
            review: Review::new(&aws.s3, &config.review),
            twins: Twins::new(&table),
            clock,
        }
    }
}

/// Least time that must be left to begin a message: most photos take well below a second.
pub const LEAST_LEFT: Duration = Duration::from_secs(8);

/// Processes a batch of messages, one after the other, because decoding uses all processors. Returns those that failed and must return to
/// the queue. If less than [`LEAST_LEFT`] is left until `deadline`, when this process ends, the other messages return unprocessed: a photo
/// that is begun and not finished counts as one that kills its worker.
///
/// A message that cannot be read, a test event and an unknown key count as done, because trying again would not help.
pub async fn handle(app: &App, event: SqsEvent, deadline: Instant) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    for message in event.records {
        let id = message.message_id.unwrap_or_default();
        let (span, begun) = (telemetry::invocation("renditions", &id), Instant::now());
        if deadline.saturating_duration_since(begun) < LEAST_LEFT {
            span.in_scope(|| tracing::warn!("a message is handed back: there is too little time left"));
            let mut back = BatchItemFailure::default();
            back.item_identifier = id;
            response.batch_item_failures.push(back);
            continue;
        }
        let taken = take(app, message.body.as_deref().unwrap_or_default(), deadline).instrument(span.clone()).await;
        telemetry::took(&span, begun);
        span.in_scope(|| tracing::info!(done = taken.is_ok(), "message"));
        if let Err(fault) = taken {
            span.in_scope(|| tracing::error!(fault = fault.chain(), retryable = fault.retryable(), "ingest failed"));
            let mut failed = BatchItemFailure::default();
            failed.item_identifier = id;
            response.batch_item_failures.push(failed);
        }
    }
    response
}

async fn take(app: &App, body: &str, deadline: Instant) -> Result<(), Fault> {
    let Ok(event) = serde_json::from_str::<Event>(body) else {
        // S3 sends one of these when the notification is set up; it has no records.
        tracing::info!("a message that is no event of an object");
        return Ok(());
    };
    for Record { s3 } in event.records {
        let key = decoded(&s3.object.key);
        if let Some(key) = OriginalKey::parse(&key) {
            let isolated = s3.configuration_id == ISOLATION;
            ingest::ingest(app, &key, if isolated { Source::Isolation } else { Source::Queue }, deadline).await?;
        } else {
            tracing::warn!("an object whose key is not ours");
        }
    }
    Ok(())
}

/// The parts of an event that are read. As few as possible: a required field that is missing would leave a photo unprocessed.
#[derive(Deserialize)]
struct Event {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

#[derive(Deserialize)]
struct Record {
    s3: Stored,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stored {
    #[serde(default)]
    configuration_id: String,
    object: Object,
}

#[derive(Deserialize)]
struct Object {
    key: String,
}

/// Decodes a key, which events carry form-encoded.
fn decoded(key: &str) -> String {
    let mut bytes = Vec::with_capacity(key.len());
    let mut rest = key.as_bytes();
    while let [first, after @ ..] = rest {
        let hex =
            |digits: &[u8]| std::str::from_utf8(digits).ok().and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (first, after.get(..2).and_then(hex)) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &after[2..];
                continue;
            }
            (b'+', _) => bytes.push(b' '),
            (byte, _) => bytes.push(*byte),
        }
        rest = after;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{decoded, limits, render};

    #[test]
    fn the_card_has_the_name_that_pages_ask_for() {
        assert_eq!(render::CARD_NAME, limits::CARD_NAME);
    }

    #[test]
    fn the_sheet_has_the_name_that_moderators_pages_ask_for() {
        assert_eq!(render::still::SHEET_NAME, shared::domain::video::SHEET_NAME);
    }

    #[test]
    fn keys_are_decoded_as_forms_are() {
        assert_eq!(decoded("2027/0a/abc"), "2027/0a/abc");
        assert_eq!(decoded("a+b%2Fc%C5%B5%"), "a b/cŵ%");
    }
}
