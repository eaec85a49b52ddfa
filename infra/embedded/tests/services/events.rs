//! From a new object to a message.

use std::collections::{BTreeMap, BTreeSet};

use aws_lambda_events::s3::S3Event;
use embedded::Chaos;
use futures::future::join_all;

use crate::support::{Clients, Emulated, ORIGINALS, PUBLIC, UPLOADS, start, start_with};

async fn drain_until(emulated: &Emulated, count: usize) -> Vec<String> {
    let (clients, url) = (emulated.clients.clone(), emulated.queue(UPLOADS));
    let mut bodies = Vec::new();
    for _ in 0..1000 {
        bodies.extend(clients.drain(&url).await);
        if bodies.len() >= count {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    bodies
}

fn keys(bodies: &[String]) -> Vec<String> {
    let key = |body: &String| {
        let event: S3Event = serde_json::from_str(body).unwrap();
        event.records[0].s3.object.key.clone().unwrap()
    };
    bodies.iter().map(key).collect()
}

#[tokio::test]
async fn each_new_object_is_one_event_that_lambda_can_read() {
    let emulated = start().await;
    emulated.clients.put(ORIGINALS, "2026/ab/a photo+ü.jpg", "hello").await;
    emulated.clients.put(PUBLIC, "silent", "hello").await;
    let bodies = drain_until(&emulated, 1).await;
    assert_eq!(bodies.len(), 1);
    let event: S3Event = serde_json::from_str(&bodies[0]).unwrap();
    let record = &event.records[0];
    assert_eq!(record.event_version.as_deref(), Some("2.1"));
    assert_eq!(record.event_source.as_deref(), Some("aws:s3"));
    assert_eq!(record.event_name.as_deref(), Some("ObjectCreated:Put"));
    assert_eq!(record.aws_region.as_deref(), Some("eu-west-2"));
    assert_eq!(record.s3.bucket.name.as_deref(), Some(ORIGINALS));
    assert_eq!(record.s3.bucket.arn.as_deref(), Some("arn:aws:s3:::originals"));
    assert_eq!(record.s3.object.key.as_deref(), Some("2026/ab/a+photo%2B%C3%BC.jpg"));
    assert_eq!(record.s3.object.size, Some(5));
    assert_eq!(record.s3.object.e_tag.as_deref(), Some("5d41402abc4b2a76b9719d911017c592"));
    assert!(record.s3.object.sequencer.is_some());
    // Nothing more comes.
    assert!(emulated.clients.drain(&emulated.queue(UPLOADS)).await.is_empty());
}

#[tokio::test]
async fn a_copy_is_an_event_too() {
    let emulated = start().await;
    emulated.clients.put(PUBLIC, "source", "hello").await;
    let copy = emulated.clients.s3.copy_object().copy_source("public/source").bucket(ORIGINALS).key("copy");
    copy.send().await.unwrap();
    let bodies = drain_until(&emulated, 1).await;
    assert!(bodies[0].contains("ObjectCreated:Copy"), "{bodies:?}");
}

fn chaos(seed: u64) -> Chaos {
    Chaos { seed, drop: 0.3, duplicate: 0.4, delay: 0.5, max_delay_ms: 300, reorder: true }
}

/// How often each key's event comes.
async fn deliveries(seed: u64) -> BTreeMap<String, usize> {
    let emulated = start_with(|options| options.chaos = Some(chaos(seed))).await;
    join_all((0..40).map(|n| {
        let clients: Clients = emulated.clients.clone();
        async move { clients.put(ORIGINALS, &format!("k{n:02}"), "x").await }
    }))
    .await;
    let etag = "9dd4e461268c8034f5c8564e155c67a6";
    let expected: usize = (0..40).map(|n| chaos(seed).fate(ORIGINALS, &format!("k{n:02}"), etag).len()).sum();
    let bodies = drain_until(&emulated, expected).await;
    let mut counts = BTreeMap::new();
    for key in keys(&bodies) {
        *counts.entry(key).or_default() += 1;
    }
    counts
}

#[tokio::test]
async fn chaos_drops_and_duplicates_the_same_events_for_the_same_seed() {
    let (one, again, other) = tokio::join!(deliveries(1), deliveries(1), deliveries(2));
    assert_eq!(one, again);
    assert_ne!(one, other);
    assert!(one.len() < 40, "some are dropped");
    assert!(one.values().any(|count| *count > 1), "some come more than once");
}

#[tokio::test]
async fn delayed_events_survive_a_restart() {
    let delay = Chaos { seed: 1, drop: 0.0, duplicate: 0.0, delay: 1.0, max_delay_ms: 400, reorder: false };
    let emulated = start_with(|options| options.chaos = Some(delay)).await;
    let expected: BTreeSet<String> = (0..10).map(|n| format!("k{n}")).collect();
    for key in &expected {
        emulated.clients.put(ORIGINALS, key, "x").await;
    }
    let emulated = emulated.restart().await;
    let seen = drain_until(&emulated, 10).await;
    assert_eq!(keys(&seen).into_iter().collect::<BTreeSet<_>>(), expected);
    assert_eq!(seen.len(), 10);
}

#[tokio::test]
async fn an_event_reaches_whoever_waits_for_it_at_once() {
    let emulated = start().await;
    let url = emulated.queue(UPLOADS);
    let waiting = emulated.clients.sqs.receive_message().queue_url(&url).wait_time_seconds(10);
    let waiting = tokio::spawn(waiting.send());
    // The poll has to be waiting for the test to mean anything; it is not an error if it is not.
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    let started = std::time::Instant::now();
    emulated.clients.put(ORIGINALS, "k", "x").await;
    let messages = waiting.await.unwrap().unwrap().messages.unwrap();
    assert_eq!(messages.len(), 1);
    assert!(started.elapsed().as_secs() < 2, "{:?}", started.elapsed());
}
