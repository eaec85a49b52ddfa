//! Prize draws: a draw that nobody can steer and anybody can recompute. `docs/DRAW.md` explains the protocol to people who check a draw.
//!
//! 1. Before a draw opens, its announcement ([`files::Announcement`]) is published with a commitment to a secret.
//! 2. When it freezes, the list of entries ([`protocol::Entries`]) is published, with tickets as [`Leaf`](super::ids::Leaf)s.
//! 3. Afterwards a public beacon, or an independent person, gives a value that nobody knew before ([`files::Beacon`]).
//! 4. Entries, secret and value together make the ranking ([`protocol::rank`]); it is published with the secret ([`files::Outcome`]).
//!
//! The organiser chose the secret before they knew the entries, and published its commitment and the entries before anybody knew the value.

pub mod bad_file;
pub mod beacon;
pub mod contact;
pub mod entry;
pub mod files;
pub mod message;
pub mod next;
pub mod protocol;
pub mod rules;
pub mod rules_cy;
pub mod settings;
pub mod states;
pub mod steps;
pub mod verify;

#[cfg(test)]
pub(crate) mod sample;
