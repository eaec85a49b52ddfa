//! Step 6, encode: JPEG, quality 80, 4:2:0, and not a byte that is not the picture's.
//!
//! Decision: one format for now. WebP and AVIF save egress, and cost CPU; which of them pays is a sum to be written down with
//! measurements. The names of renditions carry their extension, so a second format can stand beside the first.

use bytes::Bytes;
use libjpeg_turbo_rs::{Encoder, PixelFormat, Subsampling};
use sha2::{Digest, Sha256};

use super::{Rendition, Unreadable, pixels::Pixels};

const QUALITY: u8 = 80;

pub fn jpeg(picture: &Pixels) -> Result<Rendition, Unreadable> {
    Ok(Rendition {
        name: format!("{}.jpg", picture.size.longest()),
        content_type: "image/jpeg",
        width: picture.size.width,
        height: picture.size.height,
        bytes: Bytes::from(encode_jpeg(picture.size.width, picture.size.height, &picture.data, QUALITY)?),
    })
}

/// Encodes sRGB pixels as a baseline JPEG, 4:2:0, without metadata. Renditions are made by this, and sample photos.
///
/// `rgb` holds rows from the top, pixels from the left, three bytes each, `width × height × 3` in all; `quality` is libjpeg's
/// scale from 1 to 100. The same pixels give the same bytes.
///
/// # Errors
///
/// [`Unreadable::Unprocessable`] where `rgb` has another length, or a side is 0 or above 65,535.
pub fn encode_jpeg(width: u32, height: u32, rgb: &[u8], quality: u8) -> Result<Vec<u8>, Unreadable> {
    let (Ok(wide), Ok(high)) = (u16::try_from(width), u16::try_from(height)) else {
        return Err(Unreadable::Unprocessable);
    };
    let (wide, high) = (usize::from(wide), usize::from(high));
    if rgb.is_empty() || rgb.len() != wide * high * 3 {
        return Err(Unreadable::Unprocessable);
    }
    Encoder::new(rgb, wide, high, PixelFormat::Rgb)
        .quality(quality)
        .subsampling(Subsampling::S420)
        .encode()
        .map_err(|_| Unreadable::Unprocessable)
}

/// SHA-256 over each rendition's name, its length and its bytes.
pub fn hash(renditions: &[Rendition]) -> String {
    let mut hasher = Sha256::new();
    for rendition in renditions {
        hasher.update(rendition.name.as_bytes());
        hasher.update([0]);
        hasher.update(u64::try_from(rendition.bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(&rendition.bytes);
    }
    data_encoding::HEXLOWER.encode(&hasher.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_that_do_not_fill_the_picture_are_refused_and_those_that_do_make_a_jpeg() {
        assert!(encode_jpeg(4, 2, &[90; 24], 80).unwrap().starts_with(&[0xFF, 0xD8, 0xFF]));
        for (width, height, bytes) in [(4, 2, 23), (4, 2, 25), (0, 2, 0), (70_000, 1, 210_000)] {
            assert_eq!(encode_jpeg(width, height, &vec![90; bytes], 80), Err(Unreadable::Unprocessable));
        }
    }
}
