//! One handler per call; a file for each part of the API.

pub mod day;
pub mod export;
pub mod people;
pub mod photos;
pub mod queue;
pub mod reports;
pub mod session;
