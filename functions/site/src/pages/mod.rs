//! The pages. Each has one file: the struct with exactly the values that its template prints, `sample()`, and the handler that fills it.
//!
//! A file holds, in this order: the struct (`layout` first), `impl Page`, a constructor `of` that takes the edition, what was read and
//! `now`, `sample()` for the style guide and the tests, and the handler of its route, which reads, builds the struct and answers with
//! `app.page(status, cache, &page)`. `add.rs` is a good example to copy.

pub mod add;
pub mod day;
pub mod draws;
pub mod embed;
pub mod gallery;
pub mod home;
pub mod mine;
pub mod photo;
pub mod poster;
pub mod problems;
pub mod report;
pub mod school;
pub mod schools;
pub mod stats;
pub mod styleguide;
pub mod texts;
pub mod thanks;
pub mod transparency;
pub mod wall;
