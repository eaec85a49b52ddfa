//! The image pipeline: [`render`] is a pure function from the bytes of an original to its renditions, or to the reason why there are none;
//! [`jpeg`] is the decoder of most of what comes.
//!
//! Decision: a crate of its own, which knows nothing of photos' rows, queues and clouds. It is optimised even in a development build, since a
//! photo decoded without takes half a minute; as part of the function, which the common crate's every change builds anew, that was a
//! quarter of all that `cargo run` compiled. The price are the few types that both sides name ([`render::Cover`]).

pub mod jpeg;
pub mod render;
