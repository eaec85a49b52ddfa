//! The embedded services, through the real SDKs over the loopback interface.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod callers;
mod crash;
mod dynamodb;
mod events;
mod links;
mod objects;
mod privacy;
mod queues;
mod start;
mod support;
