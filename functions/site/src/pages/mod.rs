//! The pages. One file each: the struct with exactly what its template prints, `sample()`, and the handler that fills it.
//!
//! The shape of a file, such as `add.rs`:
//!
//! ```ignore
//! /// The page on which photos are added.
//! #[derive(Debug, Template)]
//! #[template(path = "add.html")]
//! pub struct Add { pub frame: Frame, /* exactly what the template prints */ }
//!
//! impl Page for Add { fn frame(&self) -> &Frame { &self.frame } }
//!
//! impl Add {
//!     /// What it shows of `edition` at `now`; none is a site on which nothing has been set up.
//!     pub fn of(edition: Option<&Edition>, now: Timestamp) -> Self { … }
//!     /// For the style guide and the tests.
//!     pub fn sample() -> Self { … }
//! }
//!
//! /// `GET /add`
//! pub async fn show(State(app): State<App>) -> Result<Response, Problem> { … app.page(StatusCode::OK, Cache::Private, &page) }
//! ```

pub mod add;
pub mod gallery;
pub mod home;
pub mod message;
pub mod mine;
pub mod moderation;
pub mod photo;
pub mod problems;
pub mod school;
pub mod styleguide;
pub mod texts;

use askama::Template;

use crate::frame::Frame;

/// A page of the site.
pub trait Page: Template {
    /// What it shares with all other pages.
    fn frame(&self) -> &Frame;
}
