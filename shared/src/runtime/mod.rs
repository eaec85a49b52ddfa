//! What every function starts with: configuration, clock, ids, logs, metrics. All but the last two are values that `main` makes and passes
//! on.

pub mod clock;
pub mod config;
pub mod ids;
pub mod metrics;
pub mod telemetry;

pub use clock::Clock;
pub use config::Environment;
pub use ids::Ids;
