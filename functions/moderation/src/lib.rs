//! The moderators' API: sessions, queue, decisions, audit of a photo.
