//! What this function takes and answers with, by subject as its handlers are.

mod day;
mod export;
mod people;
mod photos;
mod queue;
mod reports;
mod session;

pub use day::*;
pub use export::*;
pub use people::*;
pub use photos::*;
pub use queue::*;
pub use reports::*;
pub use session::*;
