//! The day: its figures, its settings, the activity log, and the list of its photos.

pub mod activity_page;
pub mod answers;
pub mod api;
pub mod checklist;
pub mod dashboard_page;
pub mod export;
pub mod figures;
pub mod form;
pub mod page;
