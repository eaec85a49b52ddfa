//! The chunks of a WebP (RFC 9649).
//!
//! As for PNG, the decoder gets a file that is assembled from the chunks that make the picture.

use std::borrow::Cow;

use super::{Format, Header, Profile, bounded, exif, le_u16, le_u32, length};
use crate::render::{Limits, Unreadable, pixels::Size};

const FIRST_CHUNK: usize = 12;
const ANIMATION: u8 = 0b10;
const ALPHA: u8 = 0b1_0000;
/// Bytes for each pixel in the decoder's largest buffer: alpha may exist without being announced.
const CHANNELS: f64 = 4.0;

pub fn look<'a>(original: &'a [u8], limits: &Limits) -> Result<Header<'a>, Unreadable> {
    let found = Chunks::walk(original, limits)?;
    let (kind, image) = found.image.ok_or(Unreadable::Truncated)?;
    let size = match kind {
        Coding::Lossy => lossy_size(image),
        Coding::Lossless => lossless_size(image),
    }
    .ok_or(Unreadable::Corrupt)?;
    limits.admit(size, limits.max_pixels, CHANNELS)?;
    if found.canvas.is_some_and(|canvas| canvas != size) {
        return Err(Unreadable::Corrupt);
    }
    let exif = found.exif.map(exif::read).unwrap_or_default();
    Ok(Header {
        format: Format::WebP,
        size,
        orientation: exif.orientation,
        profile: match found.profile {
            Some(profile) => Profile::Icc(Cow::Borrowed(profile)),
            None if exif.adobe_rgb => Profile::AdobeRgb,
            None => Profile::Unsaid,
        },
        picture: Cow::Owned(picture(size, kind, image, found.alpha)),
        complete: true,
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Coding {
    Lossy,
    Lossless,
}

#[derive(Default)]
struct Chunks<'a> {
    canvas: Option<Size>,
    image: Option<(Coding, &'a [u8])>,
    alpha: Option<&'a [u8]>,
    profile: Option<&'a [u8]>,
    exif: Option<&'a [u8]>,
}

impl<'a> Chunks<'a> {
    fn walk(original: &'a [u8], limits: &Limits) -> Result<Self, Unreadable> {
        let riff = length(le_u32(original, 4).ok_or(Unreadable::Truncated)?);
        // What follows the RIFF chunk is ignored. (If the file is shorter, the chunk that lacks bytes will show it.)
        let file = original.get(..riff.saturating_add(8)).unwrap_or(original);
        let mut found = Self::default();
        let mut at = FIRST_CHUNK;
        while let Some((kind, rest)) = file.get(at..).and_then(<[u8]>::split_first_chunk) {
            let size = length(le_u32(rest, 0).ok_or(Unreadable::Truncated)?);
            let data = rest.get(4..).and_then(|rest| rest.get(..size)).ok_or(Unreadable::Truncated)?;
            at += 8 + size + size % 2;
            match kind {
                b"VP8X" => found.canvas = Some(canvas(data, limits)?),
                b"ANIM" | b"ANMF" => return Err(Unreadable::Animated),
                b"VP8 " if found.image.is_none() => found.image = Some((Coding::Lossy, data)),
                b"VP8L" if found.image.is_none() => found.image = Some((Coding::Lossless, data)),
                b"ALPH" if found.image.is_none() => found.alpha = Some(data),
                b"ICCP" => found.profile = Some(bounded(data, limits)?),
                b"EXIF" => found.exif = Some(bounded(data, limits)?),
                _ => {}
            }
        }
        Ok(found)
    }
}

fn canvas(data: &[u8], limits: &Limits) -> Result<Size, Unreadable> {
    let &[flags, ..] = data else { return Err(Unreadable::Corrupt) };
    if flags & ANIMATION != 0 {
        return Err(Unreadable::Animated);
    }
    let (Some(width), Some(height)) = (le_u24(data, 4), le_u24(data, 7)) else { return Err(Unreadable::Corrupt) };
    let size = Size::new(width + 1, height + 1);
    limits.admit(size, limits.max_pixels, CHANNELS)?;
    Ok(size)
}

fn le_u24(bytes: &[u8], at: usize) -> Option<u32> {
    let &[low, middle, high, ..] = bytes.get(at..)? else { return None };
    Some(u32::from_le_bytes([low, middle, high, 0]))
}

/// Reads the size of a lossy picture (RFC 6386 §9.1): frame tag, start code, 14 bits each of width and height.
fn lossy_size(data: &[u8]) -> Option<Size> {
    let &[tag, _, _, 0x9D, 0x01, 0x2A, ..] = data else { return None };
    if tag & 1 != 0 {
        return None; // not a key frame
    }
    Some(Size::new(u32::from(le_u16(data, 6)? & 0x3FFF), u32::from(le_u16(data, 8)? & 0x3FFF)))
}

/// Reads the size of a lossless picture (RFC 9649 §3.4): signature, then 14 bits each of width − 1 and height − 1.
fn lossless_size(data: &[u8]) -> Option<Size> {
    let &[0x2F, ..] = data else { return None };
    let bits = le_u32(data, 1)?;
    Some(Size::new((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1))
}

fn picture(size: Size, kind: Coding, image: &[u8], alpha: Option<&[u8]>) -> Vec<u8> {
    let mut body = b"WEBP".to_vec();
    body.reserve(image.len() + alpha.map_or(0, <[u8]>::len) + 64);
    match (kind, alpha) {
        (Coding::Lossy, Some(alpha)) => {
            let mut extended = vec![ALPHA, 0, 0, 0];
            extended.extend_from_slice(&(size.width - 1).to_le_bytes()[..3]);
            extended.extend_from_slice(&(size.height - 1).to_le_bytes()[..3]);
            append(&mut body, *b"VP8X", &extended);
            append(&mut body, *b"ALPH", alpha);
            append(&mut body, *b"VP8 ", image);
        }
        (Coding::Lossy, None) => append(&mut body, *b"VP8 ", image),
        (Coding::Lossless, _) => append(&mut body, *b"VP8L", image),
    }
    let mut file = Vec::with_capacity(body.len() + 8);
    append(&mut file, *b"RIFF", &body);
    file
}

fn append(file: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    file.extend_from_slice(&kind);
    file.extend_from_slice(&u32::try_from(data.len()).unwrap_or(u32::MAX).to_le_bytes());
    file.extend_from_slice(data);
    if data.len() % 2 == 1 {
        file.push(0);
    }
}
