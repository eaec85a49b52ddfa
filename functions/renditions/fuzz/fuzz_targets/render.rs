//! Any bytes through the whole pipeline: renditions or a reason, never a panic, however the decoders are taken in.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pipeline::render::{Formats, Limits, Unreadable, render_as};

fuzz_target!(|original: &[u8]| {
    // Small pictures only: what a large one takes is asked by tests, and here it is the paths that count.
    let limits = Limits { max_jpeg_pixels: 1 << 16, max_pixels: 1 << 16, ..Limits::default() };
    // `Unprocessable` is a panic that was caught, or a step that failed on another step's work.
    assert_ne!(render_as(original, &limits, Formats::JpegOnly).err(), Some(Unreadable::Unprocessable));
});
