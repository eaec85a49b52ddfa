//! H.264: parameter sets, `avcC`, and the units of a picture. Section numbers are those of ITU-T H.264 (08/2021); `avcC` is defined in
//! ISO/IEC 14496-15.

use std::ops::Range;

use crate::{
    bits::{Bits, payload},
    boxes::{be_u16, length},
    index::{Colour, UNSPECIFIED},
    limits::Limits,
    parts::Parts,
    unfit::Unfit,
};

/// Longest parameter set that is read, in bytes. Real ones have 8 to 80 bytes, or a few hundred with scaling lists.
const MAX_SET_BYTES: usize = 1024;
/// Largest number of picture parameter sets. Encoders write one to four.
const MAX_PICTURE_SETS: usize = 8;
/// Largest number of units in one picture. With a slice for each row of blocks there are at most 120.
const MAX_UNITS: u32 = 4096;
/// Largest number of zeros that may follow a unit.
const MAX_ZEROS: usize = 64;

/// The parameter sets by which the pictures of a film are decoded: one sequence parameter set, and the picture parameter sets that go with
/// it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sets {
    sequence: Vec<u8>,
    /// The picture parameter sets with their ids, which are all different.
    pictures: Vec<(u32, Vec<u8>)>,
    /// Width as shown, in pixels: cropped, but not rotated.
    pub width: u32,
    pub height: u32,
    /// The colour space that the sequence set names.
    pub colour: Option<Colour>,
    /// Number of blocks of 16 × 16 in one picture.
    blocks: u32,
}

impl Sets {
    /// Chooses the parameter sets of a film from its `avcC` and from the units of its first picture.
    ///
    /// Sets in the picture take precedence, separately for each kind: a browser's own `avcC` has been seen with the header byte of each set
    /// doubled (Mozilla bug 2031056, Firefox 153), while the sets in its pictures were right.
    ///
    /// # Errors
    /// The first set that is damaged, not allowed, or present more than once with different contents.
    pub fn choose(announced: &Announced, in_picture: Vec<Vec<u8>>, limits: &Limits) -> Result<Self, Unfit> {
        let (mut sequences, mut pictures) = (Vec::new(), Vec::new());
        for set in in_picture {
            if kind(&set) == Some(SEQUENCE_SET) { &mut sequences } else { &mut pictures }.push(set);
        }
        if sequences.is_empty() {
            sequences.clone_from(&announced.sequences);
        }
        if pictures.is_empty() {
            pictures.clone_from(&announced.pictures);
        }
        sequences.dedup();
        let [sequence] = &sequences[..] else {
            return Err(if sequences.is_empty() { Unfit::Corrupt { found: "avcC" } } else { Unfit::SeveralCodings });
        };
        let read = Sequence::read(sequence, limits)?;
        let mut sets = Self {
            sequence: sequence.clone(),
            pictures: Vec::new(),
            width: read.width,
            height: read.height,
            colour: read.colour,
            blocks: read.blocks,
        };
        for picture in pictures {
            let id = picture_set(&picture, read.id)?;
            match sets.pictures.iter().find(|(other, _)| *other == id) {
                Some((_, other)) if *other == picture => {}
                Some(_) => return Err(Unfit::SeveralCodings),
                None => sets.pictures.push((id, picture)),
            }
        }
        let found = sets.pictures.len();
        if found == 0 {
            return Err(Unfit::Corrupt { found: "avcC" });
        }
        if found > MAX_PICTURE_SETS {
            return Err(Unfit::TooComplex { what: "picture parameter sets", found, limit: 8 });
        }
        Ok(sets)
    }

    /// Whether a set equals one of these, byte for byte.
    pub fn hold(&self, set: &[u8]) -> bool {
        self.sequence == set || self.pictures.iter().any(|(_, picture)| picture == set)
    }

    /// Returns all sets, the sequence's first.
    pub fn all(&self) -> impl Iterator<Item = &[u8]> {
        std::iter::once(&self.sequence[..]).chain(self.pictures.iter().map(|(_, set)| &set[..]))
    }

    /// Returns the body of an `avcC` that announces these sets, for samples with four-byte lengths (ISO/IEC 14496-15, 5.3.3.1).
    pub fn avcc(&self) -> Vec<u8> {
        // Bytes 1 to 3 of the sequence set are its profile, constraints and level; reading the set has shown that they exist.
        let [profile, constraints, level] =
            self.sequence.get(1..).and_then(|set| set.first_chunk()).copied().unwrap_or_default();
        let mut body = vec![1, profile, constraints, level, 0xFF, 0xE1];
        let with_length = |body: &mut Vec<u8>, set: &[u8]| {
            body.extend(u16::try_from(set.len()).unwrap_or(u16::MAX).to_be_bytes());
            body.extend(set);
        };
        with_length(&mut body, &self.sequence);
        body.push(u8::try_from(self.pictures.len()).unwrap_or(u8::MAX));
        self.pictures.iter().for_each(|(_, set)| with_length(&mut body, set));
        if profile == HIGH {
            // 4:2:0, 8 bits, 8 bits, no extensions of the sequence set.
            body.extend([0xFD, 0xF8, 0xF8, 0]);
        }
        body
    }
}

/// The contents of `avcC`. Its sets are not parsed until it is known that they are used.
#[derive(Debug)]
pub struct Announced {
    /// Size of the length before each unit, in bytes: 1, 2 or 4.
    pub length_bytes: usize,
    sequences: Vec<Vec<u8>>,
    pictures: Vec<Vec<u8>>,
}

impl Announced {
    /// Reads the body of an `avcC`.
    pub fn read(body: &[u8]) -> Result<Self, Unfit> {
        let corrupt = Unfit::Corrupt { found: "avcC" };
        let &[1, _, _, _, lengths, count, ..] = body else { return Err(corrupt) };
        let length_bytes = usize::from(lengths & 3) + 1;
        if length_bytes == 3 {
            return Err(corrupt);
        }
        let mut at = 6;
        let sequences = announced(body, &mut at, count & 31)?;
        let count = *body.get(at).ok_or(corrupt)?;
        at += 1;
        let pictures = announced(body, &mut at, count)?;
        Ok(Self { length_bytes, sequences, pictures })
    }
}

fn announced(body: &[u8], at: &mut usize, count: u8) -> Result<Vec<Vec<u8>>, Unfit> {
    (0..count)
        .map(|_| {
            let bytes = usize::from(be_u16(body, *at).ok_or(Unfit::Corrupt { found: "avcC" })?);
            let set = body.get(*at + 2..*at + 2 + bytes).ok_or(Unfit::Corrupt { found: "avcC" })?;
            *at += 2 + bytes;
            bounded(set)
        })
        .collect()
}

/// Returns a set without the zeros that may follow it, or an error if it is too long.
fn bounded(set: &[u8]) -> Result<Vec<u8>, Unfit> {
    let end = set.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    if end > MAX_SET_BYTES {
        return Err(Unfit::TooComplex { what: "bytes in one parameter set", found: end, limit: 1024 });
    }
    Ok(set.get(..end).unwrap_or_default().to_vec())
}

const BASELINE: u8 = 66;
const MAIN: u8 = 77;
const HIGH: u8 = 100;

/// The fields of a sequence parameter set that are needed here.
#[derive(Debug)]
struct Sequence {
    id: u32,
    width: u32,
    height: u32,
    colour: Option<Colour>,
    blocks: u32,
}

impl Sequence {
    /// Reads a whole set (7.3.2.1.1) to its last bit: anything that could hide after it is refused.
    fn read(set: &[u8], limits: &Limits) -> Result<Self, Unfit> {
        const CORRUPT: Unfit = Unfit::Corrupt { found: "sequence parameter set" };
        let payload = payload(set).ok_or(CORRUPT)?;
        let &[header, profile, _, level, ref rest @ ..] = &payload[..] else { return Err(CORRUPT) };
        // forbidden_zero_bit, and a nal_ref_idc that is not 0.
        if header & 0x80 != 0 || header & 0x60 == 0 || header & 31 != SEQUENCE_SET {
            return Err(CORRUPT);
        }
        if ![BASELINE, MAIN, HIGH].contains(&profile) {
            return Err(Unfit::Coding { found: profile_name(profile), allowed: "H.264 Baseline, Main or High" });
        }
        if level > limits.max_level {
            return Err(Unfit::Level { found: level, limit: limits.max_level });
        }
        let mut bits = Bits::new(rest);
        Self::fields(&mut bits, profile, limits)
            .unwrap_or(Err(CORRUPT))
            .and_then(|read| if bits.at_stop() { Ok(read) } else { Err(CORRUPT) })
    }

    /// Reads the fields. `None` if the bits end too early or a number is out of range.
    fn fields(bits: &mut Bits<'_>, profile: u8, limits: &Limits) -> Option<Result<Self, Unfit>> {
        let id = bits.ue_to(31)?;
        if profile == HIGH {
            let sampling = bits.ue_to(3)?;
            if sampling != 1 {
                let found =
                    ["shades of grey", "4:2:0", "4:2:2", "4:4:4"].get(length(sampling)).copied().unwrap_or_default();
                return Some(Err(Unfit::Coding { found, allowed: "4:2:0" }));
            }
            if (bits.ue_to(6)?, bits.ue_to(6)?) != (0, 0) {
                return Some(Err(Unfit::Coding { found: "more than 8 bits", allowed: "8 bits" }));
            }
            if bits.bit()? {
                return Some(Err(Unfit::Coding { found: "lossless H.264", allowed: "H.264 Baseline, Main or High" }));
            }
            if bits.bit()? {
                scaling_lists(bits, 8)?;
            }
        }
        bits.ue_to(12)?; // log2_max_frame_num_minus4
        match bits.ue_to(2)? {
            0 => {
                bits.ue_to(12)?;
            }
            1 => {
                bits.bit()?;
                bits.se()?;
                bits.se()?;
                for _ in 0..bits.ue_to(255)? {
                    bits.se()?;
                }
            }
            _ => {}
        }
        bits.ue_to(16)?; // max_num_ref_frames
        bits.bit()?;
        let (across, down) = (bits.ue_to(0xFFFF)? + 1, bits.ue_to(0xFFFF)? + 1);
        if !bits.bit()? {
            return Some(Err(Unfit::Coding { found: "interlaced", allowed: "progressive" }));
        }
        bits.bit()?;
        let cropped = if bits.bit()? { [(); 4].map(|()| bits.ue_to(0xFFFF)) } else { [Some(0); 4] };
        let colour = if bits.bit()? { usability(bits)?.colour } else { None };
        let [left, right, top, bottom] = cropped;
        // In 4:2:0, cropping is in units of two pixels (7-19 and 7-20).
        let width = (across * 16).checked_sub((left? + right?) * 2)?;
        let height = (down * 16).checked_sub((top? + bottom?) * 2)?;
        let blocks = across.checked_mul(down)?;
        let pixels = blocks.checked_mul(256)?;
        if width.min(height) < 16 || width.max(height) > limits.max_side_px || pixels > limits.max_pixels {
            return Some(Err(Unfit::PictureSize { width, height, limit_px: limits.max_side_px }));
        }
        Some(Ok(Self { id, width, height, colour, blocks }))
    }
}

fn profile_name(profile: u8) -> &'static str {
    match profile {
        44 => "H.264 CAVLC 4:4:4",
        83 | 86 => "scalable H.264",
        88 => "H.264 Extended",
        110 => "H.264 High 10",
        118 | 128 | 134 | 138 | 139 => "H.264 with several views",
        122 => "H.264 High 4:2:2",
        244 => "H.264 High 4:4:4",
        _ => "an unusual profile of H.264",
    }
}

/// Skips scaling lists (7.3.2.1.1.1). The first six have 16 numbers, the others 64.
fn scaling_lists(bits: &mut Bits<'_>, count: usize) -> Option<()> {
    for list in 0..count {
        if !bits.bit()? {
            continue;
        }
        let (mut last, mut next) = (8, 8);
        for _ in 0..if list < 6 { 16 } else { 64 } {
            if next != 0 {
                let delta = bits.se().filter(|delta| (-128..=127).contains(delta))?;
                next = (last + delta + 256) % 256;
            }
            last = if next == 0 { last } else { next };
        }
    }
    Some(())
}

/// What is kept of video usability information (E.1.1).
struct Usability {
    /// The colour space; `None` if it is not said.
    colour: Option<Colour>,
}

/// Reads video usability information; `None` if the data end before it does.
fn usability(bits: &mut Bits<'_>) -> Option<Usability> {
    if bits.bit()? && bits.number(8)? == 255 {
        bits.number(32)?; // a ratio of its own for the sides of a pixel
    }
    if bits.bit()? {
        bits.bit()?;
    }
    let mut colour = None;
    if bits.bit()? {
        bits.number(3)?; // the television standard
        let full_range = bits.bit()?;
        let mut points = [UNSPECIFIED; 3];
        if bits.bit()? {
            for point in &mut points {
                *point = u16::try_from(bits.number(8)?).unwrap_or(UNSPECIFIED);
            }
        }
        colour = Some(Colour { points, full_range });
    }
    if bits.bit()? {
        bits.ue_to(5)?;
        bits.ue_to(5)?;
    }
    if bits.bit()? {
        bits.number(32)?;
        bits.number(32)?;
        bits.bit()?;
    }
    let mut reference_decoders = 0;
    for _ in 0..2 {
        if bits.bit()? {
            reference_decoder(bits)?;
            reference_decoders += 1;
        }
    }
    if reference_decoders > 0 {
        bits.bit()?;
    }
    bits.bit()?;
    if bits.bit()? {
        bits.bit()?;
        for _ in 0..6 {
            bits.ue()?;
        }
    }
    Some(Usability { colour })
}

/// Skips the parameters of the hypothetical reference decoder (E.1.2).
fn reference_decoder(bits: &mut Bits<'_>) -> Option<()> {
    let buffers = bits.ue_to(31)? + 1;
    bits.number(8)?;
    for _ in 0..buffers {
        bits.ue()?;
        bits.ue()?;
        bits.bit()?;
    }
    bits.number(20).map(drop)
}

/// Reads a whole picture parameter set (7.3.2.2) and returns its id.
fn picture_set(set: &[u8], sequence: u32) -> Result<u32, Unfit> {
    const CORRUPT: Unfit = Unfit::Corrupt { found: "picture parameter set" };
    let payload = payload(set).ok_or(CORRUPT)?;
    let &[header, ref rest @ ..] = &payload[..] else { return Err(CORRUPT) };
    if header & 0x80 != 0 || header & 0x60 == 0 || header & 31 != PICTURE_SET {
        return Err(CORRUPT);
    }
    let mut bits = Bits::new(rest);
    let id = picture_fields(&mut bits, sequence).unwrap_or(Err(CORRUPT))?;
    if bits.at_stop() { Ok(id) } else { Err(CORRUPT) }
}

fn picture_fields(bits: &mut Bits<'_>, sequence: u32) -> Option<Result<u32, Unfit>> {
    let id = bits.ue_to(255)?;
    if bits.ue_to(31)? != sequence {
        return None;
    }
    bits.number(2)?;
    if bits.ue_to(7)? != 0 {
        return Some(Err(Unfit::Coding { found: "groups of slices", allowed: "plain slices" }));
    }
    bits.ue_to(31)?;
    bits.ue_to(31)?;
    bits.number(3)?;
    for _ in 0..3 {
        bits.se().filter(|offset| (-32..=31).contains(offset))?;
    }
    bits.number(3)?;
    if !bits.at_stop() {
        let eights = bits.bit()?;
        if bits.bit()? {
            scaling_lists(bits, if eights { 8 } else { 6 })?;
        }
        bits.se().filter(|offset| (-12..=12).contains(offset))?;
    }
    Some(Ok(id))
}

const SLICE: u8 = 1;
const KEY_SLICE: u8 = 5;
const SEQUENCE_SET: u8 = 7;
const PICTURE_SET: u8 = 8;

fn kind(unit: &[u8]) -> Option<u8> {
    unit.first().map(|header| header & 31)
}

/// One unit of a sample in the file.
#[derive(Debug, Clone)]
pub struct Unit {
    header: u8,
    /// The unit's range in the file, without the length before it.
    pub range: Range<usize>,
}

impl Unit {
    /// Whether the unit is written to the new file: only pictures are. Supplemental information, in which cameras and editors write
    /// whatever they like, is not; parameter sets are in `avcC`.
    pub fn is_picture(&self) -> bool {
        matches!(self.header & 31, SLICE | KEY_SLICE)
    }
}

/// The units of one sample.
#[derive(Debug)]
pub struct Units<'p, 'a> {
    parts: &'p Parts<'a>,
    at: usize,
    end: usize,
    length_bytes: usize,
    left: u32,
}

impl<'p, 'a> Units<'p, 'a> {
    /// Iterates over `sample`, which is a range of the file.
    pub fn new(parts: &'p Parts<'a>, sample: Range<usize>, length_bytes: usize) -> Self {
        Self { parts, at: sample.start, end: sample.end, length_bytes, left: MAX_UNITS }
    }
}

impl Iterator for Units<'_, '_> {
    type Item = Result<Unit, Unfit>;

    /// Returns the next unit, or an error if there are too many or the sample ends within one. An empty unit has the header of an
    /// unspecified one.
    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.end {
            return None;
        }
        let mut head = [0; 5];
        let copied = self.parts.copy(self.at, &mut head);
        let lengths = head.get(..self.length_bytes.min(copied)).unwrap_or_default();
        let bytes = lengths.iter().fold(0, |bytes, byte| bytes << 8 | usize::from(*byte));
        let from = self.at + self.length_bytes;
        let to = from.saturating_add(bytes);
        if to > self.end || self.left == 0 {
            self.at = self.end;
            let too_many =
                Unfit::TooComplex { what: "NAL units in one picture", found: length(MAX_UNITS) + 1, limit: MAX_UNITS };
            return Some(Err(if self.left == 0 { too_many } else { Unfit::Corrupt { found: "NAL units" } }));
        }
        self.left -= 1;
        self.at = to;
        let header = head.get(self.length_bytes).copied().filter(|_| bytes > 0).unwrap_or_default();
        Some(Ok(Unit { header, range: from..to }))
    }
}

/// Returns the parameter sets among the units of a sample.
///
/// # Errors
/// The first unit that is damaged or too much.
pub fn sets_within(parts: &Parts<'_>, units: Units<'_, '_>) -> Result<Vec<Vec<u8>>, Unfit> {
    let mut sets = Vec::new();
    for unit in units {
        let unit = unit?;
        if !matches!(unit.header & 31, SEQUENCE_SET | PICTURE_SET) {
            continue;
        }
        if sets.len() == 4 * MAX_PICTURE_SETS {
            return Err(Unfit::TooComplex { what: "parameter sets in one picture", found: sets.len() + 1, limit: 32 });
        }
        sets.push(set(parts, unit.range)?);
    }
    Ok(sets)
}

fn set(parts: &Parts<'_>, range: Range<usize>) -> Result<Vec<u8>, Unfit> {
    // Zeros that follow a set are not part of it, so a little more is read than may remain.
    let found = range.len();
    if found > 2 * MAX_SET_BYTES {
        return Err(Unfit::TooComplex { what: "bytes in one parameter set", found, limit: 1024 });
    }
    bounded(&parts.bytes(range).ok_or(Unfit::Truncated)?)
}

/// What is known of one picture's sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Picture {
    /// Whether this is an IDR picture: all its slices can be decoded without other pictures, and no later picture needs an earlier one.
    pub is_key: bool,
    /// Bytes that are written to the new file, with a length of four bytes before each unit.
    pub bytes: u32,
}

/// Checks each unit of one sample, and subtracts their number from `left`.
///
/// # Errors
/// The first unit that is damaged, not allowed, or different from the film's sets.
pub fn picture(
    parts: &Parts<'_>,
    units: Units<'_, '_>,
    sets: &Sets,
    left: &mut u32,
    limits: &Limits,
) -> Result<Picture, Unfit> {
    const CORRUPT: Unfit = Unfit::Corrupt { found: "NAL units" };
    let (mut keys, mut slices, mut bytes) = (0_u32, 0_u32, 0_u32);
    for unit in units {
        let unit = unit?;
        let (what, limit) = ("NAL units", limits.max_units);
        *left = left.checked_sub(1).ok_or(Unfit::TooComplex { what, found: length(limit) + 1, limit })?;
        if unit.header & 0x80 != 0 {
            return Err(CORRUPT);
        }
        match unit.header & 31 {
            SLICE | KEY_SLICE => {
                let kept = without_zeros(parts, unit.range);
                let is_key = unit.header & 31 == KEY_SLICE;
                if (is_key && unit.header & 0x60 == 0) || !is_slice(parts, kept.clone(), is_key, slices == 0, sets) {
                    return Err(CORRUPT);
                }
                if hides_a_unit(parts, kept.clone()) {
                    return Err(CORRUPT);
                }
                keys += u32::from(is_key);
                slices += 1;
                let kept = u32::try_from(kept.len()).map_err(|_| CORRUPT)?;
                bytes = bytes.checked_add(kept.saturating_add(4)).ok_or(CORRUPT)?;
            }
            2..=4 => return Err(Unfit::Coding { found: "slices in partitions", allowed: "plain slices" }),
            SEQUENCE_SET | PICTURE_SET if !sets.hold(&set(parts, unit.range.clone())?) => {
                return Err(Unfit::SeveralCodings);
            }
            _ => {}
        }
    }
    if slices == 0 || (keys != 0 && keys != slices) {
        return Err(CORRUPT);
    }
    Ok(Picture { is_key: keys > 0, bytes })
}

/// Removes the zeros after the last byte that is not zero, where a unit ends (7.4.1). A few zeros may follow a unit and belong to none. The
/// range is empty if there are more than a few.
pub fn without_zeros(parts: &Parts<'_>, range: Range<usize>) -> Range<usize> {
    let mut tail = [0; MAX_ZEROS];
    let from = range.end.saturating_sub(MAX_ZEROS).max(range.start);
    let copied = parts.copy(from, &mut tail).min(range.end - from);
    let last = tail.get(..copied).and_then(|tail| tail.iter().rposition(|byte| *byte != 0));
    range.start..last.map_or(range.start, |last| from + last + 1)
}

/// Checks the beginning of a slice's header (7.3.3): its type must be one that its unit may hold, and its picture set must exist. The first
/// slice of a sample begins the picture, and no other slice does.
fn is_slice(parts: &Parts<'_>, unit: Range<usize>, is_key: bool, is_first: bool, sets: &Sets) -> bool {
    let mut head = [0; 17];
    let copied = parts.copy(unit.start, &mut head).min(unit.len());
    let Some(payload) = head.get(1..copied).and_then(payload) else { return false };
    let mut bits = Bits::new(&payload);
    let mut header = || Some((bits.ue()?, bits.ue_to(9)?, bits.ue_to(255)?));
    header().is_some_and(|(block, slice, set)| {
        let allowed = match slice % 5 {
            0 | 1 => !is_key, // P and B
            2 => true,        // I
            _ => false,       // SP and SI, of the Extended profile
        };
        allowed && (block == 0) == is_first && block < sets.blocks && sets.pictures.iter().any(|(id, _)| *id == set)
    })
}

/// Whether a unit contains a sequence that is forbidden in units, because a reader that looks for start codes would find another unit
/// there.
fn hides_a_unit(parts: &Parts<'_>, range: Range<usize>) -> bool {
    let mut zeros = 0_u32;
    for piece in parts.pieces(range) {
        for bytes in piece.chunks(32) {
            // Most of a picture has no zeros, so 32 bytes are checked at once.
            if bytes.iter().fold(0, |found, byte| found | u8::from(*byte == 0)) == 0 {
                if zeros >= 2 && bytes.first().is_some_and(|byte| *byte <= 2) {
                    return true;
                }
                zeros = 0;
                continue;
            }
            for &byte in bytes {
                if zeros >= 2 && byte <= 2 {
                    return true;
                }
                zeros = if byte == 0 { zeros + 1 } else { 0 };
            }
        }
    }
    false
}
