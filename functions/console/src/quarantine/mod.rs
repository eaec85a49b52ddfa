//! Quarantined photos, for the safeguarding lead.

pub mod answers;
pub mod api;
pub mod form;
pub mod page;
