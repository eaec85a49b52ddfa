//! Prize draws: the state of each, its steps by hand, its winners and reserves, and how they are reached.

pub mod answers;
pub mod api;
pub mod form;
pub mod list_page;
pub mod page;
