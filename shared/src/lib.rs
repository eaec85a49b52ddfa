//! The common crate of all functions. Four modules; dependencies point downwards only:
//!
//! - [`runtime`]: what every function starts with: configuration, clock, ids, logs.
//! - [`web`]: how functions speak HTTP: problems, strict extractors, headers, sessions.
//! - [`store`]: DynamoDB, S3 and SQS; the only place among the functions that names the AWS SDK.
//! - [`domain`]: the rules and the words; no I/O, no async, no clock, no chance, no AWS, no HTTP.

pub mod domain;
pub mod runtime;
pub mod store;
pub mod web;
