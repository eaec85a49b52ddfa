//! Step 1, look: finds out the file's format, size, orientation and colour space. Our own bounded parsers read them before any decoder sees
//! a byte. They allocate nothing that grows with what a header *claims*.

mod exif;
mod foreign;
mod heic;
mod jpeg;
mod png;
mod webp;

use std::borrow::Cow;

#[cfg(feature = "heic")]
pub use self::heic::pixels as heic_pixels;
use super::{Limits, Unreadable, orient::Orientation, pixels::Size};

/// The formats that are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Baseline or progressive JPEG with 8 bits.
    Jpeg,
    /// PNG with one frame.
    Png,
    /// WebP with one frame, lossy or lossless.
    WebP,
    /// The primary picture of a HEIC file. Only if the feature `heic` is on.
    Heic,
    /// A picture of a video: see [`still`](super::still). Never the format of a photo's file.
    Video,
}

impl Format {
    /// Returns the media type, for example `image/jpeg`.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
            Self::Heic => "image/heic",
            Self::Video => "video/mp4",
        }
    }
}

/// The contents of a header that is within the limits.
#[derive(Debug)]
pub struct Header<'a> {
    pub format: Format,
    /// The size as stored, before the orientation is applied.
    pub size: Size,
    pub orientation: Orientation,
    pub profile: Profile<'a>,
    /// The bytes of the picture alone, which the decoder sees. What follows the picture in the file is not included.
    pub picture: Cow<'a, [u8]>,
    /// Whether the end marker exists.
    pub complete: bool,
}

/// The colour space of the numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Profile<'a> {
    /// Not declared: sRGB, as every browser assumes.
    Unsaid,
    Icc(Cow<'a, [u8]>),
    /// Declared by EXIF (DCF option file) rather than by a profile.
    AdobeRgb,
    /// Declared by the `gAMA` and `cHRM` chunks of a PNG, in 100,000ths: the exponent of light, and x and y of white, red, green and blue.
    Chunks {
        gamma: u32,
        chromaticities: Option<[u32; 8]>,
    },
    /// Declared by the `cICP` chunk of a PNG, or by a HEIC photo: primaries and transfer characteristics by their numbers in ITU-T H.273.
    Coded {
        primaries: u8,
        transfer: u8,
    },
}

pub fn look<'a>(original: &'a [u8], limits: &Limits) -> Result<Header<'a>, Unreadable> {
    if original.is_empty() {
        return Err(Unreadable::Empty);
    }
    match original {
        [0xFF, 0xD8, 0xFF, ..] => jpeg::look(original, limits),
        [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => png::look(original, limits),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => webp::look(original, limits),
        _ if foreign::is_heic(original) => heic::look(original, limits),
        _ => Err(foreign::named(original)),
    }
}

/// Returns a block of metadata, or an error if it is larger than the limit.
fn bounded<'a>(block: &'a [u8], limits: &Limits) -> Result<&'a [u8], Unreadable> {
    let limit_bytes = limits.max_metadata_bytes;
    if block.len() > limit_bytes { Err(Unreadable::TooMuchMetadata { limit_bytes }) } else { Ok(block) }
}

fn be_u16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn be_u32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn le_u16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn le_u32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Converts a length from a file. It always fits: a `usize` has at least 32 bits on every target that we build for.
fn length(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}
