//! Reports: anybody says what is wrong with a photo; moderators read what was said.

pub mod answers;
pub mod api;
pub mod form;
