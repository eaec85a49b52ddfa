//! S3 event through the queue: an original becomes renditions.
//!
//! [`render`] is the image pipeline: a pure function from the bytes of an original to its renditions, or to the reason why
//! there are none.

pub mod render;
