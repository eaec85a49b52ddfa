//! Stories that people live with the whole system, over HTTP.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a story that cannot go on fails")]

mod access;
mod beside;
mod bootstraps;
mod clients;
mod command;
mod crashes;
mod deployed;
mod edge;
mod erasures;
mod export;
mod faults;
mod floods;
mod gone;
mod grants;
mod guards;
mod journey;
mod logs;
mod moderation;
mod openapi;
mod owners;
mod preflight;
mod public;
mod refusals;
mod releases;
mod removals;
mod reports;
mod restore;
mod rows;
mod schools;
mod silence;
mod stepup;
mod storms;
mod trial;
mod trust;
mod twins;
