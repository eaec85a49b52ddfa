//! Limits on a file.

use std::time::Instant;

use super::{Unreadable, pixels::Size};

/// Limits beyond which a file is refused. [`Limits::default`] is what the product promises.
///
/// A megapixel is 2²⁰ pixels here, so that a phone sold with "50 megapixels" (8192 × 6144) or "64" (9248 × 6944) is within the limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Largest number of pixels in a JPEG, which is decoded at a fraction of its size.
    pub max_jpeg_pixels: u64,
    /// Largest number of pixels in any other format, which must be decoded whole.
    pub max_pixels: u64,
    /// Longest side, in pixels.
    pub max_side_px: u32,
    /// Largest number of scans in one JPEG. Encoders in use make 1 to 12.
    pub max_scans: u32,
    /// Largest number of blocks of 8 × 8 samples that all scans together go over: the cost of decoding, known from the header. Encoders in
    /// use go 5 to 9 times over each block.
    pub max_scanned_blocks: u64,
    /// Largest size of one embedded colour profile or EXIF block after decompression, in bytes.
    pub max_metadata_bytes: usize,
    /// Largest buffer that decoding may need, in bytes.
    pub max_alloc_bytes: u64,
    /// When rendering must end; checked between steps.
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

    /// Checks a size before anything is allocated for it. `bytes_per_pixel` is what the decoder holds at once.
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
