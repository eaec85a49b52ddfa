//! The site in an account of AWS: what `deploy` and its companions do.
//!
//! Everything is found by the names that the settings give it, so that any machine with this checkout and the account's
//! credentials can go on where another left off. The one thing that is kept beside the system itself is Terraform's state, in a
//! private bucket of the account.

pub mod account;
pub mod alarms;
pub mod backups;
pub mod edge_secrets;
pub mod functions;
pub mod guard;
pub mod http;
pub mod limits;
pub mod money;
pub mod package;
pub mod progress;
pub mod releases;
pub mod settings;
pub mod terraform;
