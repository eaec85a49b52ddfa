//! Step 5, encode: each picture as JPEG and as WebP, without any metadata.
//!
//! Decision: JPEG for everything that reads images (crawlers, mail, old browsers), and WebP beside it, which browsers are offered first.
//! The README has the sum of processor time and egress by which the second format was chosen.

use bytes::Bytes;
use libjpeg_turbo_rs::{Encoder, PixelFormat, Subsampling, compress_raw};
use sha2::{Digest, Sha256};

use super::{Rendition, Unreadable, pixels::Planes};

/// The formats in which renditions are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Formats {
    /// The formats that are published.
    JpegAndWebp,
    /// JPEG alone, for comparisons.
    JpegOnly,
}

const QUALITY: u8 = 80;

/// Settings for the sizes that pages show. At this quality a WebP has a sixth fewer bytes than the JPEG, and an SSIMULACRA2 about 2 lower;
/// the README has the figures, and the sum of processor time and egress by which method 4 is worth its time: it saves 4 % of the bytes of
/// method 2.
const WEBP: webp::Settings = webp::Settings { quality: 84.0, method: 4, noise_shaping: 50, filter: 60 };

/// Settings for the largest size, which has two thirds of all pixels and is seen least: method 2 takes half of the time.
const LARGEST_WEBP: webp::Settings = webp::Settings { method: 2, ..WEBP };

/// Longest edge that pages show, in pixels.
const SHOWN: u32 = 1280;

/// Encodes all pictures, in their order: for each picture the JPEG, then the WebP.
pub fn all(pictures: &[Planes], formats: Formats) -> Result<Vec<Rendition>, Unreadable> {
    let mut renditions = Vec::with_capacity(2 * pictures.len());
    for picture in pictures {
        renditions.push(jpeg(picture)?);
        match formats {
            Formats::JpegAndWebp => renditions.push(webp(picture)?),
            Formats::JpegOnly => {}
        }
    }
    Ok(renditions)
}

fn jpeg(picture: &Planes) -> Result<Rendition, Unreadable> {
    let (width, height) = picture.size.sides();
    let planes = [&*picture.y, &*picture.cb, &*picture.cr];
    // Not `compress_from_yuv_planes`: it takes a plane of odd height for one row higher (TurboJPEG's padding), and refuses it.
    let (colours, rows) = picture.size.of_colour().sides();
    let (widths, heights) = ([width, colours, colours], [height, rows, rows]);
    let file = compress_raw(&planes, &widths, &heights, width, height, QUALITY, Subsampling::S420);
    Ok(rendition(picture, "jpg", "image/jpeg", file.map_err(|_| Unreadable::Unprocessable)?))
}

fn webp(picture: &Planes) -> Result<Rendition, Unreadable> {
    let Planes { size, y, cb, cr } = picture;
    let planes = webp::Picture { width: size.width, height: size.height, y, cb, cr };
    let settings = if size.longest() > SHOWN { &LARGEST_WEBP } else { &WEBP };
    let file = webp::encode(&planes, settings).ok_or(Unreadable::Unprocessable)?;
    Ok(rendition(picture, "webp", "image/webp", file))
}

fn rendition(picture: &Planes, extension: &str, content_type: &'static str, file: Vec<u8>) -> Rendition {
    Rendition {
        name: format!("{}.{extension}", picture.size.longest()),
        content_type,
        width: picture.size.width,
        height: picture.size.height,
        bytes: Bytes::from(file),
    }
}

/// Encodes sRGB pixels as a baseline JPEG, 4:2:0, without metadata. Sample photos are made with it.
///
/// `rgb` holds rows from the top, pixels from the left, three bytes each, `width × height × 3` in all; `quality` is on
/// libjpeg's scale from 1 to 100. The same pixels give the same bytes.
///
/// # Errors
///
/// [`Unreadable::Unprocessable`] if `rgb` has another length, or a side is 0 or above 65,535.
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

/// Returns the SHA-256 of each rendition's name, length and bytes.
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
    fn a_picture_of_any_sides_is_encoded_in_both_formats() {
        for (width, height) in [(1, 1), (2, 3), (17, 9), (320, 213), (213, 320)] {
            let size = crate::render::pixels::Size::new(width, height);
            let plane = |of: crate::render::pixels::Size| vec![90; of.sides().0 * of.sides().1];
            let (y, cb, cr) = (plane(size), plane(size.of_colour()), plane(size.of_colour()));
            let made = all(&[Planes { size, y, cb, cr }], Formats::JpegAndWebp).unwrap();
            assert_eq!(made.iter().map(|made| made.content_type).collect::<Vec<_>>(), ["image/jpeg", "image/webp"]);
        }
    }

    #[test]
    fn pixels_that_do_not_fill_the_picture_are_refused_and_those_that_do_make_a_jpeg() {
        assert!(encode_jpeg(4, 2, &[90; 24], 80).unwrap().starts_with(&[0xFF, 0xD8, 0xFF]));
        for (width, height, bytes) in [(4, 2, 23), (4, 2, 25), (0, 2, 0), (70_000, 1, 210_000)] {
            assert_eq!(encode_jpeg(width, height, &vec![90; bytes], 80), Err(Unreadable::Unprocessable));
        }
    }
}
