//! One module per command, or per family of commands.

pub mod audit;
pub mod deploy;
pub mod destroy;
pub mod draw;
pub mod import;
pub mod installation;
pub mod keep;
pub mod key;
pub mod money;
pub mod openapi;
pub mod operate;
pub mod render;
pub mod restore;
pub mod run;
