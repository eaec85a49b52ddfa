//! People, keys and sessions: who may do what, and how that ends.

pub mod answers;
pub mod api;
pub mod form;
pub mod page;
