//! Every legal move of a photo from one state to another, except the decisions of moderators, which are in [`decision`](super::decision).
//!
//! ```text
//!             reserve            ingest                 publish
//!  (absent) ─────────► reserved ─────────────► pending ─────────► published
//!                         │  └─ no object ─► expired ─► pending (bytes came late)
//!                         │                            ◄─ edit ──── │
//!                         │                       ◄─ unpublish ──── │
//!                         │ unreadable        │ ▲                   │ hide
//!                         │            reject ▼ │ release           ▼
//!                         └─────────────► rejected ◄── reject ── hidden ──► published (restore)
//!  any of {reserved, pending, published, rejected, hidden} ─► deleted, quarantined
//!  (absent) ─► quarantined (an original without a row), deleted (a removal from before a restore)
//!  quarantined ─► pending (held), deleted: by the safeguarding lead alone
//! ```
//!
//! Decision: `expired` is not a final state. The storage checks a signature when a request begins, so a slow upload that began in time can
//! be acknowledged a quarter of an hour later, after the row was expired; such a photo continues as if it had come in time.
//!
//! A photo that was hidden to protect a child, and not by one stranger's report alone, becomes public again only if two people agree, by
//! whichever move; so does its picture when it is sent again as another photo ([`super::twin`]).
//!
//! Each move is a function that returns a [`Change`](super::change::Change): the photo after it, its audit entry, and every other row that must change in the same
//! transaction. Nothing else may change a state.

mod moderator;
mod reports;
mod system;
mod uploader;
mod words;

pub use reports::Reported;
pub use uploader::presigned_until;

#[cfg(test)]
mod fields;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod walks;
