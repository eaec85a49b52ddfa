//! The image pipeline: [`render`] is a pure function from the bytes of an original to its renditions, or to the reason why there are none;
//! [`jpeg`] is the decoder for most originals.
//!
//! Decision: a crate of its own, which knows nothing of rows, queues and clouds. It is optimised even in a development build, because
//! decoding a photo takes half a minute without optimisation; as part of the function, which is rebuilt after every change of the common
//! crate, it was a quarter of all that `cargo run` compiled. The price is a few types that exist on both sides ([`render::Cover`]).

pub mod jpeg;
pub mod render;
