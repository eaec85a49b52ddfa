//! EXIF blocks and colour profiles in a sound picture, which a mutation of the whole file would break first.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use libjpeg_turbo_rs::{Encoder, PixelFormat};
use pipeline::render::{Formats, Limits, Unreadable, render_as};

/// Grey, coloured and in inks, each of 8 × 8 pixels.
static PICTURES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let kinds = [(PixelFormat::Grayscale, 1), (PixelFormat::Rgb, 3), (PixelFormat::Cmyk, 4)];
    let files = kinds.iter().map(|&(format, channels)| Encoder::new(&vec![90; 64 * channels], 8, 8, format).encode());
    files.flatten().collect()
});

fuzz_target!(|block: &[u8]| {
    let segment = |marker: u8, head: &[u8]| {
        let length = u16::try_from(head.len() + block.len() + 2).ok()?;
        Some([&[0xFF, marker], &length.to_be_bytes()[..], head, block].concat())
    };
    let (Some(exif), Some(profile)) = (segment(0xE1, b"Exif\0\0"), segment(0xE2, b"ICC_PROFILE\0\x01\x01")) else { return };
    for picture in &*PICTURES {
        for carrier in [&exif, &profile] {
            let file = [&picture[..2], carrier, &picture[2..]].concat();
            let outcome = render_as(&file, &Limits::default(), Formats::JpegOnly);
            assert_ne!(outcome.err(), Some(Unreadable::Unprocessable));
        }
    }
});
