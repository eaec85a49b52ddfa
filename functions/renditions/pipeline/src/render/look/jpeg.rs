//! The markers of a JPEG, up to the end of its *first* picture (ITU-T T.81 Annex B).
//!
//! The parser continues through the entropy-coded data: it counts the scans and finds the end marker. So the decoder never sees what phones
//! append (a second picture, a gain map, a video), and a file that was cut off is recognised before it is decoded.

use std::borrow::Cow;

use super::{Format, Header, Profile, be_u16, exif};
use crate::{
    jpeg::data_end,
    render::{Limits, Unreadable, pixels::Size, scale::NEARLY},
};

pub fn look<'a>(original: &'a [u8], limits: &Limits) -> Result<Header<'a>, Unreadable> {
    let markers = Markers::walk(original, limits)?;
    let frame =
        markers.frame.as_ref().ok_or(if markers.complete { Unreadable::Corrupt } else { Unreadable::Truncated })?;
    if markers.scans == 0 {
        return Err(Unreadable::Truncated);
    }
    let exif = markers.exif.map(exif::read).unwrap_or_default();
    Ok(Header {
        format: Format::Jpeg,
        size: frame.size,
        orientation: exif.orientation,
        profile: match assembled(markers.profile, limits)? {
            Some(profile) => Profile::Icc(profile),
            None if exif.adobe_rgb => Profile::AdobeRgb,
            None => Profile::Unsaid,
        },
        picture: Cow::Borrowed(markers.picture),
        complete: markers.complete,
    })
}

struct Frame {
    size: Size,
    /// The id of each component, and its number of blocks.
    blocks: Vec<(u8, u64)>,
}

#[derive(Default)]
struct Markers<'a> {
    frame: Option<Frame>,
    scans: u32,
    /// Number of blocks that the scans so far go over.
    scanned: u64,
    exif: Option<&'a [u8]>,
    /// The segments of the colour profile: (number, of how many, bytes).
    profile: Vec<(u8, u8, &'a [u8])>,
    picture: &'a [u8],
    complete: bool,
}

impl<'a> Markers<'a> {
    fn walk(original: &'a [u8], limits: &Limits) -> Result<Self, Unreadable> {
        let mut found = Self { picture: original, ..Self::default() };
        let mut at = 2;
        while let Some((marker, after)) = next_marker(original, at) {
            at = match marker {
                // Markers that stand alone (TEM, left-over restart markers, a start within the picture) or have no meaning.
                0x01..=0xBF | 0xD0..=0xD8 => after,
                0xD9 => {
                    found.picture = original.get(..after).unwrap_or(original);
                    found.complete = true;
                    break;
                }
                _ => {
                    let Some(segment) = segment(original, after)? else { break };
                    let end = after + 2 + segment.len();
                    found.take(marker, segment, limits)?;
                    if marker == 0xDA { data_end(original, end) } else { end }
                }
            };
        }
        if !found.complete {
            found.picture = without_zeros(original);
        }
        Ok(found)
    }

    fn take(&mut self, marker: u8, segment: &'a [u8], limits: &Limits) -> Result<(), Unreadable> {
        match marker {
            0xC0..=0xC2 => {
                if self.frame.is_some() {
                    return Err(Unreadable::Corrupt);
                }
                self.frame = Some(frame(segment, marker == 0xC2, limits)?);
            }
            // Lossless, hierarchical and arithmetic-coded files, which no browser shows.
            0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => {
                return Err(Unreadable::UnusualJpeg);
            }
            0xDA => {
                let frame = self.frame.as_ref().ok_or(Unreadable::Corrupt)?;
                self.scans += 1;
                self.scanned += frame.blocks_of(segment);
                if self.scans > limits.max_scans || self.scanned > limits.max_scanned_blocks {
                    return Err(Unreadable::TooManyScans { limit: limits.max_scans });
                }
            }
            // Metadata counts only before the first scan, as in every decoder.
            0xE1 if self.scans == 0 && self.exif.is_none() && segment.starts_with(b"Exif\0\0") => {
                self.exif = Some(segment);
            }
            0xE2 if self.scans == 0 => {
                if let Some([number, of, bytes @ ..]) = segment.strip_prefix(b"ICC_PROFILE\0") {
                    self.profile.push((*number, *of, bytes));
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// Removes the zeros at the end of a file: a copy that was interrupted may have its full length, and the zeros would be decoded as blocks.
fn without_zeros(original: &[u8]) -> &[u8] {
    /// One sector of a disk.
    const SECTOR: usize = 512;
    let end = original.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    original.get(..end).filter(|kept| original.len() - kept.len() >= SECTOR).unwrap_or(original)
}

/// Returns the next marker's code and the position after it. Bytes between segments are skipped, as decoders do.
fn next_marker(bytes: &[u8], mut at: usize) -> Option<(u8, usize)> {
    loop {
        at += bytes.get(at..)?.iter().position(|&byte| byte == 0xFF)?;
        at += bytes.get(at..)?.iter().position(|&byte| byte != 0xFF)?;
        let code = *bytes.get(at)?;
        at += 1;
        if code != 0 {
            return Some((code, at));
        }
    }
}

/// Returns the contents of a segment without its length. `None` if the file ends first.
fn segment(bytes: &[u8], at: usize) -> Result<Option<&[u8]>, Unreadable> {
    let Some(length) = be_u16(bytes, at) else { return Ok(None) };
    let length = usize::from(length).checked_sub(2).ok_or(Unreadable::Corrupt)?;
    Ok(bytes.get(at + 2..).and_then(|rest| rest.get(..length)))
}

fn frame(segment: &[u8], progressive: bool, limits: &Limits) -> Result<Frame, Unreadable> {
    let &[precision, ..] = segment else { return Err(Unreadable::Corrupt) };
    if precision != 8 {
        return Err(Unreadable::UnusualJpeg);
    }
    let height = be_u16(segment, 1).ok_or(Unreadable::Corrupt)?;
    let width = be_u16(segment, 3).ok_or(Unreadable::Corrupt)?;
    let size = Size::new(width.into(), height.into());
    let components = segment.get(6..).unwrap_or_default().as_chunks::<3>().0;
    if !matches!(components.len(), 1 | 3 | 4) || segment.get(5).map(|&n| usize::from(n)) != Some(components.len()) {
        return Err(Unreadable::Corrupt);
    }
    let mut stored_blocks = 0.0;
    let mut largest = (1, 1);
    for &[_, sampling, _] in components {
        let (across, down) = (sampling >> 4, sampling & 15);
        if !(1..=4).contains(&across) || !(1..=4).contains(&down) {
            return Err(Unreadable::Corrupt);
        }
        stored_blocks += f64::from(across) * f64::from(down) / 64.0;
        largest = (largest.0.max(across), largest.1.max(down));
    }
    let units = |side: u32, factor: u8| u64::from(side.div_ceil(8 * u32::from(factor)));
    let mcus = units(size.width, largest.0) * units(size.height, largest.1);
    let blocks =
        components.iter().map(|&[id, sampling, _]| (id, mcus * u64::from(sampling >> 4) * u64::from(sampling & 15)));
    // A sequential picture is decoded row by row. A progressive one keeps, until its last scan, the coefficients of each block that its
    // scale needs, and a bit for each of the 64.
    let edge = if size.longest() < 2 * NEARLY.start() { 8.0 } else { 4.0 };
    let block_bytes = 2.0 * edge * edge + 8.0;
    let stored = block_bytes * stored_blocks / (f64::from(largest.0) * f64::from(largest.1));
    limits.admit(size, limits.max_jpeg_pixels, if progressive { stored } else { 1.0 })?;
    Ok(Frame { size, blocks: blocks.collect() })
}

impl Frame {
    /// Returns how many blocks a scan goes over, by its header.
    fn blocks_of(&self, scan: &[u8]) -> u64 {
        let [count, rest @ ..] = scan else { return 0 };
        let named = |id: u8| self.blocks.iter().filter(move |(known, _)| *known == id).map(|(_, blocks)| blocks);
        rest.as_chunks::<2>().0.iter().take(usize::from(*count)).flat_map(|&[id, _]| named(id)).sum()
    }
}

/// Joins the segments of a colour profile in order (ICC.1:2022 Annex B.4). `None` if it is incomplete.
fn assembled<'a>(mut segments: Vec<(u8, u8, &'a [u8])>, limits: &Limits) -> Result<Option<Cow<'a, [u8]>>, Unreadable> {
    segments.sort_unstable_by_key(|&(number, ..)| number);
    let in_order = segments
        .iter()
        .zip(1..=u8::MAX)
        .all(|(&(number, of, _), expected)| number == expected && usize::from(of) == segments.len());
    if !in_order || segments.len() > usize::from(u8::MAX) {
        return Ok(None);
    }
    if segments.iter().map(|(.., bytes)| bytes.len()).sum::<usize>() > limits.max_metadata_bytes {
        return Err(Unreadable::TooMuchMetadata { limit_bytes: limits.max_metadata_bytes });
    }
    Ok(match segments.as_slice() {
        [] => None,
        [(.., bytes)] => Some(Cow::Borrowed(*bytes)),
        many => Some(many.iter().flat_map(|(.., bytes)| bytes.iter().copied()).collect()),
    })
}
