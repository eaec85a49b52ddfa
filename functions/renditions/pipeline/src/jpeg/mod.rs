//! JPEG into planes: baseline, extended and progressive files of 8 bits, each component at one to eight eighths of its size, a few rows at a
//! time.
//!
//! Decision: a decoder of our own. What is published is at most half of a phone's photo along each edge, with chroma at half of that, and
//! the file contains exactly that: scaling happens in the frequency domain, chroma is never interpolated up only to be averaged down, and
//! colours are not converted to RGB and back. The libraries return either RGB, or planes at full size. Given up: arithmetic coding, 12
//! bits, lossless and hierarchical files, which no browser shows either. What would change it: a library that returns scaled planes row by
//! row. `libjpeg-turbo-rs` is the oracle in the tests: coefficients and full-size samples are the same, bit for bit.
//!
//! Names are those of the standard, ITU-T T.81 (1992). A reader begins with [`Decoder`], [`sequential`] and [`transform`].
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::inline_always,
    reason = "bits of files are numbers of every kind, and this is the innermost loop of the whole system"
)]

mod bits;
mod course;
mod huffman;
mod level;
mod markers;
mod progressive;
mod sequential;
mod transform;

use fearless_simd::Level;

pub use self::markers::{Colours, Component, Frame, data_end};
pub use self::transform::Scale;
use self::{
    markers::{Markers, Scan, Step},
    progressive::Progressive,
    transform::{LANES, inverse},
};

/// Why a picture cannot be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// The bytes contradict the format.
    Corrupt,
    /// The data ends before the picture does.
    Cut,
}

/// The outcome of decoding a picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Whether the data ends before the picture does: rows are missing, or all of them if what came cannot be shown.
    pub cut: bool,
    /// The damage in the rows that came.
    pub flaws: Flaws,
}

/// How much of a picture is not as it was, in per cent of its area, rounded up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flaws {
    /// The part without data, which is mid-grey.
    pub grey: u8,
    /// The part that follows damaged data, up to where decoding could start again: grey, shifted, in false colours, or (in a progressive
    /// picture) less sharp. It includes the grey part.
    pub damaged: u8,
}

impl Flaws {
    /// Converts counts from one scan of `all` MCUs to per cent.
    fn of_scan(grey: usize, damaged: usize, all: usize) -> Self {
        let percent = |part: usize| (part.min(all) * 100).div_ceil(all.max(1)) as u8;
        Self { grey: percent(grey), damaged: percent(damaged.max(grey)) }
    }

    /// Combines two scans of the same picture: the worse one counts.
    fn and(self, other: Self) -> Self {
        Self { grey: self.grey.max(other.grey), damaged: self.damaged.max(other.damaged) }
    }
}

/// Some rows of one component, in order from the top.
pub struct Rows<'a> {
    /// The index of the frame's component.
    pub component: usize,
    /// `stride` samples for each row, of which the first `width` belong to the picture.
    pub samples: &'a [u8],
    /// Number of rows.
    pub count: usize,
    /// Samples of the picture in each row.
    pub width: usize,
    /// Number of rows that the component has in total.
    pub height: usize,
    /// Number of samples between the starts of two rows.
    pub stride: usize,
}

/// The receiver of decoded rows.
pub trait Sink {
    /// An error that ends decoding early.
    type Error: From<Damage>;

    /// Takes the next rows of a component. The rows of each component come in order; components may come one after the other.
    fn rows(&mut self, rows: &Rows<'_>) -> Result<(), Self::Error>;

    /// Called at least once for each row of blocks in each scan, so that the receiver can check the time.
    fn pause(&mut self) -> Result<(), Self::Error>;
}

/// A JPEG whose header has been read.
pub struct Decoder<'a> {
    markers: Markers<'a>,
    first: Scan<'a>,
    frame: Frame,
}

impl<'a> Decoder<'a> {
    /// Reads the header of a file up to the first scan. The memory it takes does not grow with the size of the picture.
    pub fn new(jpeg: &'a [u8]) -> Result<Self, Damage> {
        let mut markers = Markers::new(jpeg)?;
        match markers.next()? {
            Step::Scan(first) => Ok(Self { frame: markers.frame()?.clone(), markers, first }),
            Step::End => Err(Damage::Corrupt),
            Step::Cut => Err(Damage::Cut),
        }
    }

    /// Returns the frame header.
    pub fn frame(&self) -> &Frame {
        &self.frame
    }

    /// Decodes the whole picture, each component at its scale in `scales`.
    ///
    /// Damaged data does not end it: decoding starts again at the next restart marker, or continues after the damage if the file has none.
    /// Parts without data are mid-grey.
    ///
    /// # Errors
    /// Damage of the headers, or an error of the sink. What was given to the sink before may be kept.
    pub fn decode<S: Sink>(self, scales: &[Scale], sink: &mut S) -> Result<Outcome, S::Error> {
        let Self { mut markers, first, frame } = self;
        if scales.len() != frame.components.len() {
            return Err(Damage::Corrupt.into());
        }
        let planes = frame.components.iter().zip(scales);
        let mut planes = planes.map(|(of, scale)| Plane::new(&frame, of, *scale)).collect::<Vec<_>>();
        if frame.progressive {
            return Progressive::new(&frame, planes).decode(markers, first, sink);
        }
        let mut outcome = Outcome::default();
        let mut scan = first;
        loop {
            let of_scan = sequential::scan(&frame, &mut planes, &markers, &scan, sink)?;
            outcome.flaws = outcome.flaws.and(of_scan.flaws);
            outcome.cut |= of_scan.cut;
            if planes.iter().all(|plane| plane.quantisers.is_some()) {
                return Ok(outcome);
            }
            scan = match markers.next()? {
                Step::Scan(next) => next,
                Step::End => return Err(Damage::Corrupt.into()),
                Step::Cut => return Ok(Outcome { cut: true, ..outcome }),
            };
        }
    }
}

/// One component while it is decoded.
struct Plane {
    level: Level,
    scale: Scale,
    /// Width of the component at its scale, in samples.
    width: usize,
    height: usize,
    /// Blocks in a row and in a column as stored in the file: whole MCUs.
    blocks_across: usize,
    blocks_down: usize,
    /// Blocks in a row and in a column of a scan of this component alone.
    own_across: usize,
    own_down: usize,
    /// Blocks in a row of the buffers.
    stride: usize,
    /// Quantisers by frequency; present once the first scan has come.
    quantisers: Option<[i32; 64]>,
    /// Number of rows that the sink has received.
    given: usize,
    samples: Vec<u8>,
}

impl Plane {
    fn new(frame: &Frame, component: &Component, scale: Scale) -> Self {
        let (width, height) = component.size(frame);
        let blocks_across = frame.width.div_ceil(8 * frame.across) * component.across;
        let blocks_down = frame.height.div_ceil(8 * frame.down) * component.down;
        let stride = blocks_across.next_multiple_of(LANES);
        Self {
            level: Level::new(),
            scale,
            width: scale.of(width),
            height: scale.of(height),
            blocks_across,
            blocks_down,
            own_across: width.div_ceil(8),
            own_down: height.div_ceil(8),
            stride,
            quantisers: None,
            given: 0,
            samples: vec![0; stride * scale.edge() * scale.edge()],
        }
    }

    /// Returns how many coefficients are kept of one block.
    fn kept(&self) -> usize {
        self.scale.edge() * self.scale.edge()
    }

    /// Takes the quantisation table that the file has now, when a scan brings this component for the first time.
    fn begin(&mut self, frame: &Frame, component: usize, markers: &Markers<'_>) -> Result<(), Damage> {
        if self.quantisers.is_some() {
            return Ok(());
        }
        let table = frame.components.get(component).and_then(|component| markers.quantisers(component.quantiser));
        let natural = table.ok_or(Damage::Corrupt)?;
        let edge = self.scale.edge();
        let mut quantisers = [0; 64];
        for (at, quantiser) in quantisers.iter_mut().take(edge * edge).enumerate() {
            *quantiser = i32::from(natural[at / edge * 8 + at % edge]);
        }
        self.quantisers = Some(quantisers);
        Ok(())
    }

    /// Transforms one row of blocks and passes it to the sink. Rows below the picture's edge are dropped.
    fn give<S: Sink>(&mut self, component: usize, coefficients: &[i16], sink: &mut S) -> Result<(), S::Error> {
        let edge = self.scale.edge();
        let count = edge.min(self.height - self.given);
        let Some(quantisers) = self.quantisers.as_ref().filter(|_| count > 0) else { return Ok(()) };
        inverse(self.level, self.scale, coefficients, self.stride, quantisers, &mut self.samples);
        self.given += count;
        let Self { samples, width, height, stride, .. } = self;
        sink.rows(&Rows { component, samples, count, width: *width, height: *height, stride: *stride * edge })
    }
}

/// The order of coefficients in a file: the row and column of each among the frequencies (T.81 Figure A.6).
const ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21,
    28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54,
    47, 55, 62, 63,
];

/// Which coefficients a scale keeps, and where.
struct Kept {
    /// For each position in the file its index among the kept ones, or one after the last. Positions after the block have that index, too.
    places: [u8; 128],
    /// The last position that is kept.
    last: usize,
}

impl Kept {
    fn new(scale: Scale) -> Self {
        let edge = scale.edge();
        let mut kept = Self { places: [(edge * edge) as u8; 128], last: 0 };
        for (position, natural) in ZIGZAG.iter().map(|&natural| usize::from(natural)).enumerate() {
            let (v, u) = (natural / 8, natural % 8);
            if u < edge && v < edge {
                kept.places[position] = (v * edge + u) as u8;
                kept.last = position;
            }
        }
        kept
    }
}
