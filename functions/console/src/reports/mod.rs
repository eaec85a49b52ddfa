//! Reports: anybody can report a photo, and moderators read the reports.

pub mod answers;
pub mod api;
pub mod form;
