//! Stories that people live with the whole system, over HTTP.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a story that cannot go on fails")]

mod bootstraps;
mod command;
mod crashes;
mod deployed;
mod edge;
mod faults;
mod grants;
mod guards;
mod journey;
mod openapi;
mod public;
mod refusals;
mod removals;
mod schools;
mod storms;
