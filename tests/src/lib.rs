//! What the whole-system stories stand on: the laptop on a folder of its own, and the people who use it over HTTP.
#![expect(clippy::expect_used, clippy::missing_panics_doc, reason = "a story that cannot go on fails")]

pub mod command;
pub mod compatibility;
pub mod contract;
pub mod draws;
pub mod http;
pub mod moto;
pub mod office;
pub mod passkey;
pub mod people;
pub mod photos;
pub mod routes;
pub mod rows;
mod skipped;
pub mod system;
pub mod terraform;

pub use http::{Answer, Client};
pub use office::Office;
pub use people::{Browser, Device, Moderator};
pub use skipped::skip;
pub use system::TestSystem;
