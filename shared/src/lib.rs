//! The common crate of all functions. Five modules; dependencies point downwards only:
//!
//! - [`pages`]: what the functions that serve pages share: layout, languages, addresses, assets.
//! - [`runtime`]: what every function starts with: configuration, clock, ids, logs.
//! - [`web`]: HTTP for the functions: problems, strict extractors, headers, sessions.
//! - [`store`]: DynamoDB, S3 and SQS; the only place among the functions that names the AWS SDK.
//! - [`domain`]: the rules and the vocabulary; no I/O, no async, no clock, no randomness, no AWS, no HTTP.

// The templates of `pages` refer to this crate as those of other crates do.
extern crate self as shared;

pub mod domain;
pub mod pages;
pub mod runtime;
pub mod store;
pub mod web;
