//! The queue of photos that wait for a decision, and deciding about them.

pub mod answers;
pub mod api;
pub mod decide;
pub mod form;
pub mod items;
pub mod page;
