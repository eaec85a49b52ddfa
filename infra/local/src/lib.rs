//! The laptop: the whole system in one process. It has embedded S3, DynamoDB and queues, the same routers and handlers that Lambda runs,
//! the gateway and the edge in front of them, and the schedule. It needs no account and no containers.
//!
//! Local and cloud differ in endpoints and credentials only; no function knows where it runs.

mod admission;
mod bodies;
mod conditions;
mod connections;
pub mod edge;
pub mod faults;
pub mod functions;
mod gateway;
pub mod grants;
pub mod lambda;
mod laptop;
pub mod names;
mod running;
mod throttles;

pub use conditions::{Conditions, Events};
pub use embedded::{BucketPolicy, Chaos, Durability};
pub use faults::Faults;
pub use laptop::{LocalSystem, Mode, Options, StartError};
pub use running::{DataFolder, Running};
pub use throttles::{PerAddress, Throttle, Throttles};
