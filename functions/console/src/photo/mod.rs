//! One photo: its page, texts, covers and audit.

pub mod answers;
pub mod api;
pub mod cover_page;
pub mod facts;
pub mod form;
pub mod page;
