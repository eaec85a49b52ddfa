//! What waits for a decision, and deciding about it.

pub mod answers;
pub mod api;
pub mod decide;
pub mod form;
pub mod items;
pub mod page;
