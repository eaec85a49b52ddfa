//! What a file may ask of us.

use std::time::Instant;

use super::{Unreadable, pixels::Size};

/// What a file may ask of us before it is refused. [`Limits::default`] is what the product promises.
///
/// A megapixel is 2²⁰ pixels here, so that a phone sold with "50 megapixels" (8192 × 6144) or "64" (9248 × 6944) is within.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Pixels of a JPEG, which is decoded at a fraction of its size.
    pub max_jpeg_pixels: u64,
    /// Pixels of any other format, which must be decoded whole.
    pub max_pixels: u64,
    /// Width and height, in pixels.
    pub max_side_px: u32,
    /// Passes over the picture in one JPEG. Encoders in use make 1 to 12.
    pub max_scans: u32,
    /// Blocks of 8 × 8 samples that all those passes together go over: what decoding costs, known from the header. Encoders in use
    /// go 5 to 9 times over each block.
    pub max_scanned_blocks: u64,
    /// Bytes of one embedded colour profile or EXIF block, unpacked.
    pub max_metadata_bytes: usize,
    /// The largest buffer that decoding may need, in bytes.
    pub max_alloc_bytes: u64,
    /// When the answer is wanted; looked at between steps.
    pub deadline: Option<Instant>,
}

const MEGA: u64 = 1 << 20;

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_jpeg_pixels: 64 * MEGA,
            max_pixels: 50 * MEGA,
            max_side_px: 16_384,
            max_scans: 64,
            max_scanned_blocks: 24 * MEGA,
            max_metadata_bytes: 4 << 20,
            max_alloc_bytes: 256 * MEGA,
            deadline: None,
        }
    }
}

impl Limits {
    pub(super) fn in_time(&self) -> Result<(), Unreadable> {
        match self.deadline {
            Some(deadline) if Instant::now() >= deadline => Err(Unreadable::TooSlow),
            Some(_) | None => Ok(()),
        }
    }

    /// Refuses a size before anything is allocated for it. `bytes_per_pixel` is what the decoder holds at once.
    pub(super) fn admit(&self, size: Size, max_pixels: u64, bytes_per_pixel: f64) -> Result<(), Unreadable> {
        let Size { width, height } = size;
        if width == 0 || height == 0 {
            return Err(Unreadable::Corrupt);
        }
        if size.longest() > self.max_side_px {
            return Err(Unreadable::SideTooLong { width, height, limit_px: self.max_side_px });
        }
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "limits are far below 2^52, and positive"
        )]
        let affordable = (self.max_alloc_bytes as f64 / bytes_per_pixel) as u64;
        let limit_pixels = max_pixels.min(affordable);
        if size.area() > limit_pixels {
            return Err(Unreadable::TooManyPixels { width, height, limit_pixels });
        }
        Ok(())
    }
}
