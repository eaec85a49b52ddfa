//! The header look of all formats, which reads every file before any decoder does.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pipeline::render::{Limits, probe};

fuzz_target!(|original: &[u8]| {
    drop(probe(original, &Limits::default()));
});
