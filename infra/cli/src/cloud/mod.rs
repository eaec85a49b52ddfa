//! The site in an AWS account: the implementation of `deploy` and the commands around it.
//!
//! Everything is found by the names in the settings, so any machine with this checkout and the account's credentials can continue where
//! another left off. The only thing that is stored beside the system itself is Terraform's state, in a private bucket of the account.

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
