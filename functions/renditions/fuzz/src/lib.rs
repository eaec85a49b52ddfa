//! The pipeline, as the function has it.

// What the pipeline takes from the crate `shared`, which would bring AWS and HTTP: a cover, and the card's name and size.
extern crate self as shared;

#[path = "../../src"]
mod pipeline {
    pub mod jpeg;
    pub mod render;
}
pub use pipeline::{jpeg, render};

/// Stands in for `shared::domain`.
pub mod domain {
    /// Covers.
    pub mod moderation {
        pub const PARTS: u16 = 10_000;

        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Cover {
            pub x: u16,
            pub y: u16,
            pub width: u16,
            pub height: u16,
        }
    }

    /// The card.
    pub mod limits {
        pub const CARD_NAME: &str = "card";
        pub const CARD_PX: (u32, u32) = (1200, 630);
    }
}
