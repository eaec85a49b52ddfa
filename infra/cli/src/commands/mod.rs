//! One module per command.

pub mod audit;
pub mod key;
pub mod openapi;
pub mod render;
pub mod run;
