//! The pipeline, as the function has it.

#[path = "../../src"]
mod pipeline {
    pub mod jpeg;
    pub mod render;
}
pub use pipeline::{jpeg, render};
