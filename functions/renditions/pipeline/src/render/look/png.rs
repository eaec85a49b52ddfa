//! The chunks of a PNG (W3C PNG, third edition).
//!
//! The decoder gets a PNG that is assembled from the chunks that make the picture. So it never decompresses text, profiles or anything else
//! that a PNG can contain, and an animation cannot be mistaken for a still.

use super::{Format, Header, Profile, be_u32, bounded, exif, length};
use crate::render::{Limits, Unreadable, pixels::Size};

const SIGNATURE: usize = 8;
/// The last chunk, with its checksum.
const END: [u8; 12] = *b"\0\0\0\0IEND\xAE\x42\x60\x82";

pub fn look<'a>(original: &'a [u8], limits: &Limits) -> Result<Header<'a>, Unreadable> {
    let header = chunk(original, SIGNATURE)?;
    if &header.kind != b"IHDR" {
        return Err(Unreadable::Corrupt);
    }
    let size = size(header.data, limits)?;

    let mut picture = Vec::with_capacity(original.len());
    picture.extend_from_slice(original.get(..SIGNATURE).unwrap_or_default());
    let mut exif = exif::Exif::default();
    let (mut profile, mut named) = (Profile::Unsaid, None);
    let (mut is_srgb, mut gamma, mut chromaticities) = (false, None, None);
    let mut at = SIGNATURE;
    let (mut has_data, mut has_frame, mut complete) = (false, false, false);
    let mut frames = 0;
    while !complete {
        let chunk = match chunk(original, at) {
            Ok(chunk) => chunk,
            // The decoder will tell how much of the picture exists.
            Err(Unreadable::Truncated) if has_data || original.get(at + 4..at + 8) == Some(b"IDAT") => {
                if original.get(at + 4..at + 8) == Some(b"IDAT") {
                    picture.extend_from_slice(original.get(at..).unwrap_or_default());
                }
                break;
            }
            Err(unreadable) => return Err(unreadable),
        };
        at += chunk.whole.len();
        match &chunk.kind {
            b"IEND" => complete = true,
            b"IHDR" | b"PLTE" | b"tRNS" | b"IDAT" => {
                has_data |= &chunk.kind == b"IDAT";
                picture.extend_from_slice(chunk.whole);
            }
            b"acTL" => frames = be_u32(chunk.data, 0).unwrap_or_default(),
            // The first frame is the still picture if it is announced before the data, and a separate one if not.
            b"fcTL" => has_frame |= !has_data,
            b"iCCP" => profile = unpacked(chunk.data, limits)?.map_or(Profile::Unsaid, |icc| Profile::Icc(icc.into())),
            b"cICP" => named = coded(chunk.data),
            b"sRGB" => is_srgb = true,
            b"gAMA" => gamma = be_u32(chunk.data, 0).filter(|gamma| (1000..=1_000_000).contains(gamma)),
            b"cHRM" => chromaticities = Some(std::array::from_fn(|n| be_u32(chunk.data, 4 * n).unwrap_or_default())),
            b"eXIf" => exif = exif::read(bounded(chunk.data, limits)?),
            // An upper-case first letter marks a critical chunk, without which the picture would be wrong; this one is unknown.
            [b'A'..=b'Z', ..] => return Err(Unreadable::Corrupt),
            _ => {}
        }
    }
    if frames > 1 || (frames == 1 && !has_frame) {
        return Err(Unreadable::Animated);
    }
    picture.extend_from_slice(&END);
    Ok(Header {
        format: Format::Png,
        size,
        orientation: exif.orientation,
        // The order of the specification: cICP over iCCP over sRGB over gAMA and cHRM.
        profile: match (named, profile) {
            (Some(named), _) => named,
            (None, profile) => match gamma {
                Some(gamma) if profile == Profile::Unsaid && !is_srgb => Profile::Chunks { gamma, chromaticities },
                Some(_) | None => profile,
            },
        },
        picture: picture.into(),
        complete,
    })
}

/// Reads a `cICP` chunk: primaries, transfer, matrix (only 0, RGB) and range (only 1, full). Any other is ignored.
fn coded(data: &[u8]) -> Option<Profile<'static>> {
    let &[primaries, transfer, 0, 1] = data else { return None };
    Some(Profile::Coded { primaries, transfer })
}

struct Chunk<'a> {
    kind: [u8; 4],
    data: &'a [u8],
    /// The chunk with its length, type and checksum.
    whole: &'a [u8],
}

fn chunk(original: &[u8], at: usize) -> Result<Chunk<'_>, Unreadable> {
    let rest = original.get(at..).ok_or(Unreadable::Truncated)?;
    let data = length(be_u32(rest, 0).ok_or(Unreadable::Truncated)?);
    if data > length(i32::MAX.unsigned_abs()) {
        return Err(Unreadable::Corrupt);
    }
    let whole = rest.get(..data + 12).ok_or(Unreadable::Truncated)?;
    let (Some(kind), Some(data)) = (whole.get(4..8).and_then(|kind| kind.first_chunk()), whole.get(8..8 + data)) else {
        return Err(Unreadable::Corrupt);
    };
    Ok(Chunk { kind: *kind, data, whole })
}

fn size(header: &[u8], limits: &Limits) -> Result<Size, Unreadable> {
    let (Some(width), Some(height)) = (be_u32(header, 0), be_u32(header, 4)) else { return Err(Unreadable::Corrupt) };
    let Some(&[bits, colour, ..]) = header.get(8..) else { return Err(Unreadable::Corrupt) };
    let size = Size::new(width, height);
    // A palette or a colour declared transparent may add a channel that the colour type does not mention.
    let channels = match colour {
        0 | 4 => 2.0,
        2 | 3 | 6 => 4.0,
        _ => return Err(Unreadable::Corrupt),
    };
    limits.admit(size, limits.max_pixels, if bits == 16 { 2.0 * channels } else { channels })?;
    Ok(size)
}

/// Decompresses an `iCCP` chunk: a name of at most 79 bytes, NUL, the method (0), a zlib stream. `None` if it is broken.
fn unpacked(data: &[u8], limits: &Limits) -> Result<Option<Vec<u8>>, Unreadable> {
    let Some(end) = data.iter().take(80).position(|&byte| byte == 0) else { return Ok(None) };
    let Some([0, packed @ ..]) = data.get(end + 1..) else { return Ok(None) };
    match miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(packed, limits.max_metadata_bytes) {
        Ok(profile) => Ok(Some(profile)),
        Err(error) if error.status == miniz_oxide::inflate::TINFLStatus::HasMoreOutput => {
            Err(Unreadable::TooMuchMetadata { limit_bytes: limits.max_metadata_bytes })
        }
        Err(_) => Ok(None),
    }
}
