//! People, keys and sessions: what each may do, and how each ends.

pub mod answers;
pub mod api;
pub mod form;
pub mod page;
