//! HEIC (ISO/IEC 23008-12), as some phones store photos.
//!
//! Decision: off, unless the feature `heic` is on. Browsers convert such photos to JPEG when our page asks for one, and HEVC is patented:
//! whether to decode it is for the operator of the system to decide, and not for a build's default. The decoder would be `hpvcd`, which is
//! Rust without C under the BSD or Apache licence, and young: its limits are set, and a panic is caught like any other.

use super::Header;
use crate::render::{Limits, Unreadable};

/// Refuses the file with advice, because the feature is off.
#[cfg(not(feature = "heic"))]
pub fn look<'a>(_original: &'a [u8], _limits: &Limits) -> Result<Header<'a>, Unreadable> {
    Err(Unreadable::Heic)
}

#[cfg(feature = "heic")]
pub use on::{look, pixels};

#[cfg(feature = "heic")]
mod on {
    use std::borrow::Cow;

    use hpvcd::{HeicSettings, ParseLimits, Primaries};

    use super::{Header, Limits, Unreadable};
    use crate::render::{
        look::{Format, Profile},
        orient::Orientation,
        pixels::{Channels, Pixels, Size},
    };

    /// Bytes for each pixel in the largest buffer: 16 bits in three channels.
    const BYTES: f64 = 6.0;

    /// Reads the boxes before the picture. The size is that of the upright picture, because the decoder applies the rotation.
    pub fn look<'a>(original: &'a [u8], limits: &Limits) -> Result<Header<'a>, Unreadable> {
        let info = hpvcd::read_heic_info_with_limits(original, &bounds(limits)).map_err(|_| Unreadable::Corrupt)?;
        let size = Size::new(info.width, info.height);
        limits.admit(size, limits.max_pixels, BYTES)?;
        let p3 = info.color.cicp.is_some_and(|cicp| cicp.primaries == Primaries::Smpte432);
        Ok(Header {
            format: Format::Heic,
            size,
            orientation: Orientation::default(),
            profile: match info.color.icc {
                Some(profile) => Profile::Icc(Cow::Owned(profile)),
                None if p3 => Profile::Coded { primaries: 12, transfer: 13 },
                None => Profile::Unsaid,
            },
            picture: Cow::Borrowed(original),
            complete: true,
        })
    }

    /// Decodes the whole picture.
    pub fn pixels(header: &Header<'_>, limits: &Limits) -> Result<Pixels, Unreadable> {
        let settings = HeicSettings::new().with_threads(1).with_limits(bounds(limits)).primary_only();
        let image = hpvcd::decode_heic_rgb8_with_settings(&header.picture, &settings);
        let image = image.map_err(|_| Unreadable::Corrupt)?;
        if Size::new(image.width, image.height) != header.size {
            return Err(Unreadable::Corrupt);
        }
        Ok(Pixels { size: header.size, channels: Channels::Rgb, data: image.pixels })
    }

    fn bounds(limits: &Limits) -> ParseLimits {
        ParseLimits {
            max_dimension: limits.max_side_px,
            max_pixels: limits.max_pixels,
            max_exif_size: limits.max_metadata_bytes,
            ..ParseLimits::default()
        }
    }
}
