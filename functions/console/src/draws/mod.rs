//! Prize draws: how winners and reserves are reached.

pub mod api;
