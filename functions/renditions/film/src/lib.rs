//! Short films: [`look`] decides whether a file is accepted, and [`Film::write`] writes a new file with its picture and its sound and
//! nothing else.
//!
//! ```text
//! film::look(&Parts, &Limits)  ->  Film, or Unfit: why not
//! Film::write(Sound, out)          the new file: ftyp, moov, mdat
//! Film::key_frames, key_frame      pictures for a decoder
//! ```
//!
//! Decision: the new file is written from what was understood of the old one, and nothing is decoded. Boxes are written from numbers
//! (sizes, times, offsets, a turn, code points of colours); what is copied byte for byte are the slices of H.264's pictures, its two kinds
//! of parameter sets after each bit of them was read, and frames of AAC. So names, places, dates, makers' boxes, further tracks,
//! supplemental information and bytes between and after the boxes disappear because they are never copied, not because they are found and
//! removed. Given up: a slice or a frame of sound can hold bytes that no decoder looks at, and only a decoder could tell.
//!
//! Decision: no crate for MP4. Of five that were measured on hostile files one ended the process by its stack, two took over 15 s for a
//! file of 9 kB, one took 1.5 GB; none writes a film from an allow-list. What is read here is ten tables of numbers.
#![forbid(unsafe_code)]

mod aac;
mod avc;
mod bits;
mod boxes;
mod edits;
mod index;
mod limits;
mod parts;
mod track;
mod unfit;
mod write;

use std::io;

pub use self::{
    aac::LeftOut,
    limits::Limits,
    parts::Parts,
    unfit::{FourCc, Unfit},
};
use self::{avc::Units, boxes::length, index::Index};

/// How far the picture must be rotated clockwise to be upright.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// No rotation.
    None,
    /// 90°.
    Quarter,
    /// 180°.
    Half,
    /// 270°.
    ThreeQuarters,
}

impl Turn {
    /// Returns the rotation in degrees, clockwise.
    pub fn degrees(self) -> u16 {
        match self {
            Self::None => 0,
            Self::Quarter => 90,
            Self::Half => 180,
            Self::ThreeQuarters => 270,
        }
    }
}

/// Whether the sound is written to the new file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sound {
    /// Write the sound, if there is any.
    Kept,
    /// Write only the picture.
    Off,
}

/// What the numbers of a film's pictures mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colours {
    /// How luma and chroma are made of red, green and blue.
    pub matrix: Matrix,
    /// Whether luma goes from 0 to 255; otherwise from 16 to 235.
    pub full_range: bool,
}

/// How luma and chroma are made of red, green and blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matrix {
    /// ITU-R BT.601, of films in standard definition.
    Bt601,
    /// ITU-R BT.709, of all others.
    Bt709,
}

/// A picture from which the film can be decoded without any earlier picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyFrame {
    /// Its index among all pictures of the film, for [`Film::key_frame`].
    pub picture: usize,
    /// When it is shown, in milliseconds from the start.
    pub at_ms: u64,
}

/// A film within the limits.
#[derive(Debug)]
pub struct Film<'a> {
    parts: Parts<'a>,
    index: Index,
}

/// Reads a file's index and every unit of its pictures. It takes memory for the samples, at most 32 bytes each, and for one table at a
/// time, but never for the pictures themselves.
///
/// # Errors
/// The first reason for which the file is not accepted.
pub fn look<'a>(parts: &Parts<'a>, limits: &Limits) -> Result<Film<'a>, Unfit> {
    let (found, limit) = (parts.size(), limits.max_bytes);
    if found == 0 {
        return Err(Unfit::Empty);
    }
    if found > length(limit) {
        return Err(Unfit::TooLarge { found, limit });
    }
    known(parts)?;
    let film = Film { parts: parts.clone(), index: index::read(parts, limits)? };
    // The written file must be within the same limits. It can be slightly larger, because lengths before units have four bytes in it.
    let found = film.size_bytes(Sound::Kept);
    if found > length(limit) { Err(Unfit::TooLarge { found, limit }) } else { Ok(film) }
}

/// Recognises formats that people try to upload, so that the error can name them.
fn known(parts: &Parts<'_>) -> Result<(), Unfit> {
    let mut head = [0; 16];
    parts.copy(0, &mut head);
    let found = match head {
        [_, _, _, _, b'f', b't', b'y', b'p', b'h', b'e', b'i' | b'v', ..]
        | [_, _, _, _, b'f', b't', b'y', b'p', b'm', b'i' | b's', b'f', b'1', ..] => "HEIC",
        [_, _, _, _, b'f', b't', b'y', b'p', b'a', b'v', b'i', b'f' | b's', ..] => "AVIF",
        // An old QuickTime file may begin with any of these.
        [_, _, _, _, kind @ .., _, _, _, _, _, _, _, _]
            if [b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"uuid", b"pnot"].contains(&&kind) =>
        {
            return Ok(());
        }
        [_, _, _, _, b's', b't', b'y', b'p', ..] | [_, _, _, _, b'm', b'o', b'o', b'f', ..] => {
            return Err(Unfit::Fragmented);
        }
        [0x1A, 0x45, 0xDF, 0xA3, ..] => "WebM or Matroska",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'A', b'V', b'I', b' ', ..] => "AVI",
        [b'F', b'L', b'V', 1, ..] => "Flash video",
        [b'O', b'g', b'g', b'S', ..] => "Ogg",
        [0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11, ..] => "Windows Media",
        [0, 0, 1, 0xBA, ..] => "MPEG program stream",
        [b'G', b'I', b'F', b'8', ..] => "GIF",
        [0x47, ..] if parts.array(188) == Some([0x47]) => "MPEG transport stream",
        [0xFF, 0xD8, 0xFF, ..] => "JPEG",
        _ => return Err(Unfit::NotAFilm),
    };
    Err(Unfit::UnsupportedType { found })
}

impl Film<'_> {
    /// Returns width and height in pixels as stored, before the rotation.
    pub fn stored_px(&self) -> (u32, u32) {
        (self.index.sets.width, self.index.sets.height)
    }

    /// Returns width and height in pixels as shown, after the rotation.
    pub fn shown_px(&self) -> (u32, u32) {
        let (width, height) = self.stored_px();
        match self.turn() {
            Turn::None | Turn::Half => (width, height),
            Turn::Quarter | Turn::ThreeQuarters => (height, width),
        }
    }

    /// Returns how its pictures must be rotated.
    pub fn turn(&self) -> Turn {
        self.index.turn
    }

    /// Returns what the numbers of its pictures mean: as the file's index says, or else its parameter sets, or else as players take it, which
    /// goes by the height.
    pub fn colours(&self) -> Colours {
        let said = [self.index.colour, self.index.sets.colour];
        let matrix = said.into_iter().flatten().find_map(|colour| match colour.points {
            [_, _, 1] => Some(Matrix::Bt709),
            [_, _, 4..=6] => Some(Matrix::Bt601),
            _ => None,
        });
        let (width, height) = self.stored_px();
        let usual = if width.min(height) < 720 { Matrix::Bt601 } else { Matrix::Bt709 };
        let full_range = said.into_iter().flatten().next().is_some_and(|colour| colour.full_range);
        Colours { matrix: matrix.unwrap_or(usual), full_range }
    }

    /// Returns the number of pictures.
    pub fn pictures(&self) -> usize {
        self.index.picture.samples.len()
    }

    /// Returns the duration in milliseconds, rounded up.
    pub fn duration_ms(&self, sound: Sound) -> u64 {
        let delays = self.delays_ms(sound);
        self.tracks(sound).zip(delays).map(|(track, delay)| delay + track.shown_ms()).max().unwrap_or_default()
    }

    /// Whether there is sound that can be kept.
    pub fn has_sound(&self) -> bool {
        self.index.sound.is_some()
    }

    /// Returns why there is no sound; `None` if there is sound or the file has no sound track.
    pub fn left_out(&self) -> Option<LeftOut> {
        self.index.left_out
    }

    /// Returns the pictures that can be decoded alone, in the order in which they are shown. Those that an edit hides are included only if
    /// there are no others.
    pub fn key_frames(&self) -> Vec<KeyFrame> {
        let track = &self.index.picture;
        let delay_ms = self.delays_ms(Sound::Kept).first().copied().unwrap_or_default();
        let keys = track.times().enumerate().filter(|(_, (sample, ..))| sample.is_key);
        let keys = keys.filter_map(|(picture, (sample, _, shown))| {
            let shown = u64::try_from(shown).ok()?;
            let is_seen = shown + u64::from(sample.duration) > track.skip;
            let since = shown.saturating_sub(track.skip) * 1000 / u64::from(track.scale);
            is_seen.then_some(KeyFrame { picture, at_ms: delay_ms + since })
        });
        let keys = keys.collect::<Vec<_>>();
        if keys.is_empty() { vec![KeyFrame { picture: 0, at_ms: delay_ms }] } else { keys }
    }

    /// Returns one key frame as a decoder takes it: parameter sets and slices, each after a start code (ITU-T H.264, annex B). `None` if
    /// the picture is not a key frame.
    pub fn key_frame(&self, picture: usize) -> Option<Vec<u8>> {
        const START: [u8; 4] = [0, 0, 0, 1];
        let sample = self.index.picture.samples.get(picture).filter(|sample| sample.is_key)?;
        let mut stream = Vec::with_capacity(length(sample.kept));
        for set in self.index.sets.all() {
            stream.extend(START);
            stream.extend(set);
        }
        for unit in Units::new(&self.parts, sample.range(), self.index.length_bytes) {
            let unit = unit.ok()?;
            if unit.is_picture() {
                stream.extend(START);
                self.parts.pieces(avc::without_zeros(&self.parts, unit.range)).for_each(|piece| stream.extend(piece));
            }
        }
        Some(stream)
    }

    /// Returns the size in bytes of the file that [`Film::write`] writes.
    pub fn size_bytes(&self, sound: Sound) -> usize {
        write::Plan::new(self, sound).size_bytes()
    }

    /// Writes the film as a new file: `ftyp`, `moov`, `mdat`, with one track for the picture and at most one for the sound. The same film
    /// gives the same bytes, and so does the film that is read from them.
    ///
    /// # Errors
    /// Those of `out`. A `Vec` has none.
    pub fn write(&self, sound: Sound, out: &mut impl io::Write) -> io::Result<()> {
        write::Plan::new(self, sound).write(out)
    }

    fn tracks(&self, sound: Sound) -> impl Iterator<Item = &track::Track> {
        let kept = self.index.sound.as_ref().filter(|_| sound == Sound::Kept);
        std::iter::once(&self.index.picture).chain(kept.map(|(_, track)| track))
    }

    /// Returns the delay of each track in milliseconds. One of the tracks has none.
    fn delays_ms(&self, sound: Sound) -> Vec<u64> {
        let least = self.tracks(sound).map(|track| track.delay_ms).min().unwrap_or_default();
        self.tracks(sound).map(|track| u64::from(track.delay_ms - least)).collect()
    }
}
