//! x
#![allow(clippy::all)]
pub mod catalogue;
pub mod glass;
pub mod paint;
pub mod photograph;
pub mod relief;
pub mod scenes;
pub use catalogue::{photos, draw, SamplePhoto};
