//! The rules and the vocabulary of the photo day.
//!
//! Everything here is pure: `now` and new ids are arguments, nothing is read or written, and each rule has its tests beside it. A handler
//! that needs an `if` about photos, editions or people is missing a function of this module.

pub mod access;
pub mod activity;
pub mod audit;
pub mod budget;
pub mod change;
pub mod dashboard;
pub mod decision;
pub mod draw;
pub mod edge;
pub mod edition;
pub mod event_error;
pub mod event_file;
pub mod export;
pub mod feed;
pub mod fingerprint;
pub mod ids;
pub mod index;
pub mod keys;
pub mod limits;
pub mod local_time;
pub mod logo;
pub mod moderation;
pub mod moves;
pub mod organiser;
pub mod originals;
pub mod people;
pub mod photo;
pub mod reasons;
pub mod refusal;
pub mod register;
pub mod removal;
pub mod report;
pub mod request;
pub mod school;
pub mod screening;
pub mod search;
pub mod states;
pub mod stats;
pub mod text;
pub mod time;
pub mod trial;
pub mod trust;
pub mod twin;
pub mod uploader_counts;
pub mod video;
pub mod video_request;

#[cfg(test)]
mod sample;

pub use edition::Edition;
pub use fingerprint::Fingerprint;
pub use ids::{EditionSlug, PhotoId, Revision, UploaderId};
pub use photo::Photo;
pub use refusal::Refusal;
pub use states::{Lane, Phase, State};
