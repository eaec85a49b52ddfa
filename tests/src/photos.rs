//! Small photos, each with bytes of its own.

use bytes::Bytes;
use renditions::render::encode_jpeg;

/// A JPEG of 96 × 64 pixels whose pattern depends on `seed`.
pub fn small(seed: u32) -> Bytes {
    patterned(96, 64, seed)
}

/// A JPEG of this size whose pattern depends on `seed`.
pub fn patterned(width: u32, height: u32, seed: u32) -> Bytes {
    let mut rgb = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let mixed = (x * 7 + y * 13 + seed * 31).wrapping_mul(2_654_435_761) >> 25;
            let [low, ..] = mixed.to_le_bytes();
            let [sx, ..] = (x * 255 / width).to_le_bytes();
            let [seeded, ..] = (seed * 37).to_le_bytes();
            rgb.extend([sx, seeded, low]);
        }
    }
    encode_jpeg(width, height, &rgb, 85).expect("the pixels fill the picture").into()
}

/// A JPEG of 640 × 480 pixels in grey squares, whose look depends on `seed`: two with other seeds do not look alike.
pub fn squares(seed: u32) -> Bytes {
    let (width, height, edge) = (640, 480, 80);
    let mut rgb = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let square = (y / edge) * (width / edge) + x / edge;
            let [.., level] = (seed * 1_000 + square + 1).wrapping_mul(2_654_435_761).to_le_bytes();
            rgb.extend([level; 3]);
        }
    }
    encode_jpeg(width, height, &rgb, 85).expect("the pixels fill the picture").into()
}
