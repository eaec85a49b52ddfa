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
    let (Ok(width), Ok(height)) = (usize::try_from(picture.size.width), usize::try_from(picture.size.height)) else {
        return Err(Unreadable::Unprocessable);
    };
    let bytes = Encoder::new(&picture.data, width, height, PixelFormat::Rgb)
        .quality(QUALITY)
        .subsampling(Subsampling::S420)
        .encode()
        .map_err(|_| Unreadable::Unprocessable)?;
    Ok(Rendition {
        name: format!("{}.jpg", picture.size.longest()),
        content_type: "image/jpeg",
        width: picture.size.width,
        height: picture.size.height,
        bytes: Bytes::from(bytes),
    })
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
