//! The common crate of all functions. Five modules; dependencies point downwards only:
//!
//! - [`pages`]: what the functions that serve pages share: layout, languages, addresses, assets.
//! - [`runtime`]: what every function starts with: configuration, clock, ids, logs.
//! - [`web`]: how functions speak HTTP: problems, strict extractors, headers, sessions.
//! - [`store`]: DynamoDB, S3 and SQS; the only place among the functions that names the AWS SDK.
//! - [`domain`]: the rules and the words; no I/O, no async, no clock, no chance, no AWS, no HTTP.

// The templates of `pages` name it as those of the other crates do.
extern crate self as shared;

pub mod domain;
pub mod pages;
pub mod runtime;
pub mod store;
pub mod web;
