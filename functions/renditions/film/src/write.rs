//! Writes the new file: boxes of ISO/IEC 14496-12 and 14496-14, made from numbers.

use std::{io, ops::Range};

use crate::{
    Film, Sound, Turn, aac,
    avc::{Units, without_zeros},
    track::{Sample, Track},
};

/// Ticks per second of the film as a whole, so that its durations are in milliseconds.
const MOVIE_SCALE: u32 = 1000;
/// Longest chunk, in milliseconds. Short alternating chunks of sound and picture let a player begin with few bytes.
const CHUNK_MS: u64 = 500;
/// The number 1 in 16.16 fixed point.
const ONE: u32 = 1 << 16;
const MINUS_ONE: u32 = u32::MAX << 16;
/// The language code `und` (undetermined).
const NO_LANGUAGE: u16 = 0x55C4;

/// What is written, in its order.
#[derive(Debug)]
pub struct Plan<'f, 'a> {
    film: &'f Film<'a>,
    tracks: Vec<Written<'f>>,
    /// All chunks in the order in which they are written.
    chunks: Vec<Chunk>,
    data_bytes: usize,
}

/// A track to write.
#[derive(Debug)]
struct Written<'f> {
    track: &'f Track,
    kind: Kind,
    delay_ms: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Picture,
    Sound(aac::Config),
}

#[derive(Debug)]
struct Chunk {
    /// Microseconds from the start of the track.
    at_us: u64,
    track: usize,
    samples: Range<usize>,
    /// Offset from the beginning of the data.
    offset: usize,
}

impl<'f, 'a> Plan<'f, 'a> {
    pub fn new(film: &'f Film<'a>, sound: Sound) -> Self {
        let kinds = [Some(Kind::Picture), film.index.sound.as_ref().map(|(config, _)| Kind::Sound(*config))];
        let tracks = film.tracks(sound).zip(kinds.into_iter().flatten()).zip(film.delays_ms(sound));
        let tracks = tracks.map(|((track, kind), delay_ms)| Written { track, kind, delay_ms }).collect::<Vec<_>>();
        let mut chunks = tracks.iter().enumerate().flat_map(|(n, written)| written.chunks(n)).collect::<Vec<_>>();
        chunks.sort_by_key(|chunk| (chunk.at_us, chunk.track));
        let mut data_bytes = 0;
        for chunk in &mut chunks {
            chunk.offset = data_bytes;
            let samples = tracks
                .get(chunk.track)
                .and_then(|written| Some((written, written.track.samples.get(chunk.samples.clone())?)));
            data_bytes += samples
                .map_or(0, |(written, samples)| samples.iter().map(|sample| written.bytes(sample)).sum::<usize>());
        }
        Self { film, tracks, chunks, data_bytes }
    }

    pub fn size_bytes(&self) -> usize {
        self.head(0).len() + self.data_bytes
    }

    pub fn write(&self, out: &mut impl io::Write) -> io::Result<()> {
        // The head's length does not depend on the offsets in it.
        out.write_all(&self.head(self.head(0).len()))?;
        for chunk in &self.chunks {
            let Some(Written { track, kind, .. }) = self.tracks.get(chunk.track) else { continue };
            for sample in track.samples.get(chunk.samples.clone()).unwrap_or_default() {
                match kind {
                    Kind::Picture => self.picture(sample, out)?,
                    Kind::Sound(_) => self.copy(sample.range(), out)?,
                }
            }
        }
        Ok(())
    }

    /// Writes the slices of one picture, each after a length of four bytes.
    fn picture(&self, sample: &Sample, out: &mut impl io::Write) -> io::Result<()> {
        for unit in Units::new(&self.film.parts, sample.range(), self.film.index.length_bytes) {
            let unit = unit.map_err(io::Error::other)?;
            if unit.is_picture() {
                let kept = without_zeros(&self.film.parts, unit.range);
                out.write_all(&number(kept.len()).to_be_bytes())?;
                self.copy(kept, out)?;
            }
        }
        Ok(())
    }

    fn copy(&self, range: Range<usize>, out: &mut impl io::Write) -> io::Result<()> {
        self.film.parts.pieces(range).try_for_each(|piece| out.write_all(piece))
    }

    /// Returns everything before the data, which begins at `data`.
    fn head(&self, data: usize) -> Vec<u8> {
        let mut out = Boxes(Vec::with_capacity(4096));
        out.put(*b"ftyp", |out| {
            out.bytes(b"isom");
            out.number(512);
            out.bytes(b"isomiso2avc1mp41");
        });
        out.put(*b"moov", |out| {
            out.put(*b"mvhd", |out| {
                let longest = self.tracks.iter().map(Written::duration_ms).max().unwrap_or_default();
                out.numbers(&[0, 0, 0, MOVIE_SCALE, milliseconds(longest), ONE]);
                out.bytes(&[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
                out.matrix(Turn::None, (0, 0));
                out.numbers(&[0; 6]);
                out.number(number(self.tracks.len() + 1));
            });
            for (n, written) in self.tracks.iter().enumerate() {
                self.track(out, n, written, data);
            }
        });
        out.number(number(self.data_bytes + 8));
        out.bytes(b"mdat");
        out.0
    }

    fn track(&self, out: &mut Boxes, n: usize, written: &Written<'_>, data: usize) {
        let Written { track, kind, .. } = written;
        let (width, height) = match kind {
            Kind::Picture => self.film.stored_px(),
            Kind::Sound(_) => (0, 0),
        };
        out.put(*b"trak", |out| {
            out.put(*b"tkhd", |out| {
                // The track is switched on and part of the film.
                out.numbers(&[3, 0, 0, number(n + 1), 0, milliseconds(written.duration_ms()), 0, 0, 0]);
                out.bytes(if *kind == Kind::Picture { &[0; 4] } else { &[1, 0, 0, 0] });
                out.matrix(if *kind == Kind::Picture { self.film.turn() } else { Turn::None }, (width, height));
                out.numbers(&[width << 16, height << 16]);
            });
            written.edits(out);
            out.put(*b"mdia", |out| {
                out.put(*b"mdhd", |out| {
                    out.numbers(&[0, 0, 0, track.scale, u32::try_from(track.total()).unwrap_or(u32::MAX)]);
                    out.bytes(&NO_LANGUAGE.to_be_bytes());
                    out.bytes(&[0; 2]);
                });
                out.put(*b"hdlr", |out| {
                    out.numbers(&[0, 0]);
                    out.bytes(if *kind == Kind::Picture { b"vide" } else { b"soun" });
                    out.numbers(&[0, 0, 0]);
                    out.bytes(&[0]);
                });
                out.put(*b"minf", |out| {
                    match kind {
                        Kind::Picture => out.put(*b"vmhd", |out| out.numbers(&[1, 0, 0])),
                        Kind::Sound(_) => out.put(*b"smhd", |out| out.numbers(&[0, 0])),
                    }
                    out.put(*b"dinf", |out| {
                        out.put(*b"dref", |out| {
                            out.numbers(&[0, 1]);
                            // The data is in this file.
                            out.put(*b"url ", |out| out.number(1));
                        });
                    });
                    out.put(*b"stbl", |out| self.samples(out, n, written, data));
                });
            });
        });
    }

    fn samples(&self, out: &mut Boxes, n: usize, written: &Written<'_>, data: usize) {
        let samples = &written.track.samples;
        out.put(*b"stsd", |out| {
            out.numbers(&[0, 1]);
            match written.kind {
                Kind::Picture => self.picture_entry(out),
                Kind::Sound(config) => sound_entry(out, config),
            }
        });
        out.runs(*b"stts", 0, samples.iter().map(|sample| sample.duration));
        if samples.iter().any(|sample| sample.composition_offset != 0) {
            out.runs(*b"ctts", 1, samples.iter().map(|sample| sample.composition_offset.cast_unsigned()));
        }
        if samples.iter().any(|sample| sample.is_key) && !samples.iter().all(|sample| sample.is_key) {
            let keys = (1_u32..).zip(samples).filter(|(_, sample)| sample.is_key).map(|(n, _)| n).collect::<Vec<_>>();
            out.put(*b"stss", |out| {
                out.numbers(&[0, number(keys.len())]);
                out.numbers(&keys);
            });
        }
        let chunks = self.chunks.iter().filter(|chunk| chunk.track == n).collect::<Vec<_>>();
        let mut runs: Vec<[u32; 3]> = Vec::new();
        for (chunk, per_chunk) in (1_u32..).zip(chunks.iter().map(|chunk| number(chunk.samples.len()))) {
            if runs.last().is_none_or(|[_, last, _]| *last != per_chunk) {
                runs.push([chunk, per_chunk, 1]);
            }
        }
        out.put(*b"stsc", |out| {
            out.numbers(&[0, number(runs.len())]);
            out.numbers(runs.as_flattened());
        });
        out.put(*b"stsz", |out| {
            out.numbers(&[0, 0, number(samples.len())]);
            for sample in samples {
                out.number(number(written.bytes(sample)));
            }
        });
        out.put(*b"stco", |out| {
            out.numbers(&[0, number(chunks.len())]);
            for chunk in &chunks {
                out.number(number(data + chunk.offset));
            }
        });
    }

    fn picture_entry(&self, out: &mut Boxes) {
        let (width, height) = self.film.stored_px();
        out.put(*b"avc1", |out| {
            out.bytes(&[0, 0, 0, 0, 0, 0, 0, 1]);
            out.bytes(&[0; 16]);
            for side in [width, height] {
                out.bytes(&u16::try_from(side).unwrap_or(u16::MAX).to_be_bytes());
            }
            // 72 pixels per inch, one picture per sample, a compressor without a name, 24 bits per pixel, no palette.
            out.numbers(&[72 * ONE, 72 * ONE, 0]);
            out.bytes(&[0, 1]);
            out.bytes(&[0; 32]);
            out.bytes(&[0, 24, 0xFF, 0xFF]);
            out.put(*b"avcC", |out| out.bytes(&self.film.index.sets.avcc()));
            if let Some(colour) = self.film.index.colour {
                out.put(*b"colr", |out| {
                    out.bytes(b"nclx");
                    for point in colour.points {
                        out.bytes(&point.to_be_bytes());
                    }
                    out.bytes(&[if colour.full_range { 0x80 } else { 0 }]);
                });
            }
        });
    }
}

fn sound_entry(out: &mut Boxes, config: aac::Config) {
    let specific = config.bytes();
    let bytes = u8::try_from(specific.len()).unwrap_or(u8::MAX);
    out.put(*b"mp4a", |out| {
        out.bytes(&[0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
        out.bytes(&config.channels.to_be_bytes());
        out.bytes(&[0, 16, 0, 0, 0, 0]);
        // In 16.16 fixed point, rates from 65,536 on do not fit; players read the configuration instead.
        out.number(if config.rate_hz() < ONE { config.rate_hz() << 16 } else { 0 });
        out.put(*b"esds", |out| {
            out.number(0);
            // ES descriptor, decoder configuration (AAC, a sound stream, unknown bit rates), the configuration, and how it is packed.
            out.bytes(&[3, 23 + bytes, 0, 0, 0, 4, 15 + bytes, 0x40, 0x15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, bytes]);
            out.bytes(&specific);
            out.bytes(&[6, 1, 2]);
        });
    });
}

impl Written<'_> {
    fn bytes(&self, sample: &Sample) -> usize {
        crate::length(match self.kind {
            Kind::Picture => sample.kept,
            Kind::Sound(_) => sample.bytes,
        })
    }

    fn duration_ms(&self) -> u64 {
        self.delay_ms + self.track.shown_ms()
    }

    fn chunks(&self, track: usize) -> Vec<Chunk> {
        let mut chunks: Vec<Chunk> = Vec::new();
        for (n, (_, decoded, _)) in self.track.times().enumerate() {
            let at_us = decoded * 1_000_000 / u64::from(self.track.scale);
            match chunks.last_mut() {
                Some(chunk) if at_us < chunk.at_us + CHUNK_MS * 1000 => chunk.samples.end = n + 1,
                Some(_) | None => chunks.push(Chunk { at_us, track, samples: n..n + 1, offset: 0 }),
            }
        }
        chunks
    }

    /// Writes the edit list, if the track begins later or skips its start.
    fn edits(&self, out: &mut Boxes) {
        let (delay, skip) = (milliseconds(self.delay_ms), u32::try_from(self.track.skip).unwrap_or(u32::MAX));
        if delay == 0 && skip == 0 {
            return;
        }
        let shown = [milliseconds(self.track.shown_ms()), skip, ONE];
        let empty = [delay, u32::MAX, ONE];
        out.put(*b"edts", |out| {
            out.put(*b"elst", |out| {
                out.numbers(&[0, if delay > 0 { 2 } else { 1 }]);
                if delay > 0 {
                    out.numbers(&empty);
                }
                out.numbers(&shown);
            });
        });
    }
}

/// Converts a length or count, which the limits on the file keep far below 2³².
fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn milliseconds(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// Builds boxes, one after the other and nested.
struct Boxes(Vec<u8>);

impl Boxes {
    fn put(&mut self, kind: [u8; 4], body: impl FnOnce(&mut Self)) {
        let start = self.0.len();
        self.number(0);
        self.bytes(&kind);
        body(self);
        let size = number(self.0.len() - start).to_be_bytes();
        if let Some(place) = self.0.get_mut(start..start + 4) {
            place.copy_from_slice(&size);
        }
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn number(&mut self, number: u32) {
        self.bytes(&number.to_be_bytes());
    }

    fn numbers(&mut self, numbers: &[u32]) {
        for one in numbers {
            self.number(*one);
        }
    }

    /// Writes a table of runs of equal values.
    fn runs(&mut self, kind: [u8; 4], version: u8, values: impl Iterator<Item = u32>) {
        let mut runs: Vec<[u32; 2]> = Vec::new();
        for value in values {
            match runs.last_mut() {
                Some([count, last]) if *last == value => *count += 1,
                Some(_) | None => runs.push([1, value]),
            }
        }
        self.put(kind, |out| {
            out.bytes(&[version, 0, 0, 0]);
            out.number(number(runs.len()));
            out.numbers(runs.as_flattened());
        });
    }

    /// Writes the matrix of a rotation, including the translation that brings the rotated picture back into view.
    fn matrix(&mut self, turn: Turn, (width, height): (u32, u32)) {
        let (width, height) = (width << 16, height << 16);
        let [right, right_down, down_right, down, left_by, up_by] = match turn {
            Turn::None => [ONE, 0, 0, ONE, 0, 0],
            Turn::Quarter => [0, ONE, MINUS_ONE, 0, height, 0],
            Turn::Half => [MINUS_ONE, 0, 0, MINUS_ONE, width, height],
            Turn::ThreeQuarters => [0, MINUS_ONE, ONE, 0, 0, width],
        };
        self.numbers(&[right, right_down, 0, down_right, down, 0, left_by, up_by, 1 << 30]);
    }
}
