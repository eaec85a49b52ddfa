//! DynamoDB, S3 and SQS: the only place among the functions that names the AWS SDK.
//!
//! The one row of each photo is authoritative; every change of state is one conditional transaction ([`photos::Photos::advance`]). Nothing
//! else may change a state, and no code relies on a check that was made before a delay. [`table`] lists every access pattern by number.
//!
//! Decision: each store has a constructor of its own, and the `App` of a function names those that it uses. So its fields say what it can
//! reach, beside the grants of its role. Given up: one object with all stores, which would save a line for each.

pub mod activity;
pub mod blocklist;
pub mod buckets;
pub mod budget;
pub mod cdn;
pub mod client;
pub mod counters;
pub mod cursors;
pub mod draw_rehearsal;
pub mod draw_steps;
pub mod draws;
pub mod editions;
pub mod exports;
pub mod fault;
pub mod feed;
pub mod firewall;
pub mod gallery;
pub mod indexes;
pub mod logos;
pub mod measuring;
pub mod members;
pub mod messages;
pub mod outbox;
pub mod photos;
pub mod queue;
pub mod rates;
pub mod recount;
pub mod relays;
pub mod repair;
pub mod reports;
pub mod requests;
pub mod restore;
pub mod retention;
pub mod schools;
pub mod signed;
pub mod similar_photos;
pub mod table;
pub mod task_runs;
pub mod trials;
pub mod trust_revocations;
pub mod twins;
pub mod uploader_counters;
pub mod wall_feed;

pub use client::Aws;
pub use fault::Fault;
pub use photos::{Outcome, Photos};
