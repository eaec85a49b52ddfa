//! All about one photo: what it is, its words, covers on it, all that ever happened to it.

pub mod answers;
pub mod api;
pub mod cover_page;
pub mod facts;
pub mod form;
pub mod page;
