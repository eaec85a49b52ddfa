//! Prize draws: a draw that nobody can steer and anybody can recompute.

pub mod beacon;
