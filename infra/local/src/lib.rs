//! The laptop: the whole system in one process. Embedded S3, DynamoDB and queue, the same routers and handlers that Lambda runs,
//! the gateway and the edge in front of them, the schedule beside them. No account, no containers.
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
pub use laptop::{Laptop, Mode, Options, StartError};
pub use running::{Running, Workshop};
pub use throttles::{PerAddress, Throttle, Throttles};
