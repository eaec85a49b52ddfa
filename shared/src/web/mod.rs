//! HTTP for the functions: one form of error, strict input, common headers, sessions.
//!
//! A function's router goes through [`serve()`], which adds what every answer has. Handlers return `Result<_, Problem>`.

pub mod cache;
mod compress;
pub mod edge;
pub mod extract;
pub mod openapi;
pub mod photo;
pub mod problem;
pub mod qr;
mod routes;
pub mod serve;
pub mod session;
pub mod viewer;

pub use cache::Cache;
pub use edge::EdgeSecrets;
pub use extract::{Form, Json, Path, Query};
pub use photo::PhotoView;
pub use problem::Problem;
pub use routes::routes;
pub use serve::serve;
pub use session::{SignedIn, Site, Uploader};
