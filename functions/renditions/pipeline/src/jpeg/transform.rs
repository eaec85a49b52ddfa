//! From coefficients to samples: the inverse cosine transform at the whole, a half, a quarter or an eighth of a block's size.
//!
//! The small ones take the lowest N × N coefficients of the 8 × 8 and transform those, which is scaling with the best low-pass filter that
//! a block allows. All transforms use integers, so that every processor gives the same samples. A file can hold coefficients that no
//! picture has: the arithmetic then wraps, and the samples are arbitrary but valid.
//!
//! Coefficients of a row of blocks come by frequency: all blocks' first, then all blocks' second, and so on. So blocks that stand side by
//! side are transformed at once, by whatever SIMD the processor has.

use fearless_simd::{Level, dispatch};

/// How much smaller than the picture the samples are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scale {
    /// 8 × 8 samples for each block.
    Whole,
    /// 4 × 4 samples for each block.
    Half,
    /// 2 × 2 samples for each block.
    Quarter,
    /// One sample for each block.
    Eighth,
}

impl Scale {
    /// The scales from the smallest to the largest.
    pub const ALL: [Self; 4] = [Self::Eighth, Self::Quarter, Self::Half, Self::Whole];

    /// Returns the number of samples along an edge of a block.
    pub fn edge(self) -> usize {
        match self {
            Self::Whole => 8,
            Self::Half => 4,
            Self::Quarter => 2,
            Self::Eighth => 1,
        }
    }

    /// Returns the length of a scaled side. A part of a sample counts as a whole one.
    pub fn of(self, side: usize) -> usize {
        (side * self.edge()).div_ceil(8)
    }
}

/// Number of blocks that are transformed at once; rows of blocks are padded to a multiple of it.
pub const LANES: usize = 8;

/// Fractional bits of the constants.
const FRACTION: u32 = 13;
/// Fractional bits that are kept between the two passes.
const KEPT: u32 = 2;

/// Transforms one row of `stride` blocks into `edge` rows of `stride × edge` samples.
///
/// `coefficients` are `edge²` runs of `stride` values, `quantisers` `edge²` values, both with the frequencies of a row side by
/// side. `stride` is a multiple of [`LANES`].
pub fn inverse(
    level: Level,
    scale: Scale,
    coefficients: &[i16],
    stride: usize,
    quantisers: &[i32; 64],
    samples: &mut [u8],
) {
    match scale {
        Scale::Whole => dispatch!(level, _simd => blocks::<8, Eight>(coefficients, stride, quantisers, samples)),
        Scale::Half => dispatch!(level, _simd => blocks::<4, Four>(coefficients, stride, quantisers, samples)),
        Scale::Quarter => dispatch!(level, _simd => blocks::<2, Two>(coefficients, stride, quantisers, samples)),
        Scale::Eighth => dispatch!(level, _simd => blocks::<1, One>(coefficients, stride, quantisers, samples)),
    }
}

/// One number of each of several blocks.
type Lanes = [i32; LANES];

/// A transform along one axis. (It is a trait, because a function that is passed as a value is not compiled into the SIMD code.)
trait Inverse<const N: usize> {
    /// Transforms the values, rounds off the last `bits` bits, and adds `more` to the result.
    fn of(values: [Lanes; N], bits: u32, more: i32) -> [Lanes; N];
}

#[inline(always)]
fn blocks<const N: usize, T: Inverse<N>>(
    coefficients: &[i16],
    stride: usize,
    quantisers: &[i32; 64],
    samples: &mut [u8],
) {
    let rows = samples.chunks_exact_mut(stride * N);
    let mut rows: [&mut [u8]; N] = {
        let mut rows = rows;
        std::array::from_fn(|_| rows.next().unwrap_or_default())
    };
    for first in (0..stride / LANES * LANES).step_by(LANES) {
        let mut block = [[[0; LANES]; N]; N];
        for (v, row) in block.iter_mut().enumerate() {
            for (u, lanes) in row.iter_mut().enumerate() {
                let at = (v * N + u) * stride + first;
                let Some(values) = coefficients.get(at..).and_then(|rest| rest.first_chunk::<LANES>()) else { return };
                let quantiser = quantisers[v * N + u];
                for (lane, value) in lanes.iter_mut().zip(values) {
                    *lane = i32::from(*value).wrapping_mul(quantiser);
                }
            }
        }
        // First along the columns, then along the rows.
        for u in 0..N {
            let mut column = [[0; LANES]; N];
            for (lanes, row) in column.iter_mut().zip(&block) {
                *lanes = row[u];
            }
            for (row, lanes) in block.iter_mut().zip(T::of(column, FRACTION - KEPT, 0)) {
                row[u] = lanes;
            }
        }
        for (row, out) in block.iter().zip(&mut rows) {
            // The 3 is the transform's own factor of 8.
            let levels = T::of(*row, FRACTION + KEPT + 3, 128);
            let Some(out) = out.get_mut(first * N..(first + LANES) * N) else { return };
            store(levels, out);
        }
    }
}

/// Stores the samples of each block side by side. Up to four are packed into one lane first, so that no lane is taken apart.
#[inline(always)]
fn store<const N: usize>(levels: [Lanes; N], out: &mut [u8]) {
    let mut words = [[0; LANES]; 2];
    for (place, level) in levels.into_iter().enumerate() {
        for (word, level) in words[place / 4].iter_mut().zip(level) {
            *word |= level.clamp(0, 255) << (place % 4 * 8);
        }
    }
    let [low, high] = words;
    for ((out, low), high) in out.as_chunks_mut::<N>().0.iter_mut().zip(low).zip(high) {
        let bytes = (i64::from(low) & 0xFFFF_FFFF | i64::from(high) << 32).to_le_bytes();
        if let Some(bytes) = bytes.first_chunk() {
            *out = *bytes;
        }
    }
}

// Loops rather than `map` and `from_fn`, which are functions of their own and not compiled into the SIMD code.

#[inline(always)]
fn sum(mut one: Lanes, other: Lanes) -> Lanes {
    for (one, other) in one.iter_mut().zip(other) {
        *one = one.wrapping_add(other);
    }
    one
}

#[inline(always)]
fn difference(mut one: Lanes, other: Lanes) -> Lanes {
    for (one, other) in one.iter_mut().zip(other) {
        *one = one.wrapping_sub(other);
    }
    one
}

#[inline(always)]
fn times(mut lanes: Lanes, factor: f64) -> Lanes {
    let factor = (factor * f64::from(1 << FRACTION)).round() as i32;
    for lane in &mut lanes {
        *lane = lane.wrapping_mul(factor);
    }
    lanes
}

#[inline(always)]
fn whole(mut lanes: Lanes) -> Lanes {
    for lane in &mut lanes {
        *lane = lane.wrapping_shl(FRACTION);
    }
    lanes
}

#[inline(always)]
fn rounded<const N: usize>(mut all: [Lanes; N], bits: u32, more: i32) -> [Lanes; N] {
    for lane in all.iter_mut().flatten() {
        *lane = (lane.wrapping_add(1 << (bits - 1)) >> bits).wrapping_add(more);
    }
    all
}

struct One;

impl Inverse<1> for One {
    #[inline(always)]
    fn of([dc]: [Lanes; 1], bits: u32, more: i32) -> [Lanes; 1] {
        rounded([whole(dc)], bits, more)
    }
}

struct Two;

impl Inverse<2> for Two {
    #[inline(always)]
    fn of([low, high]: [Lanes; 2], bits: u32, more: i32) -> [Lanes; 2] {
        let (low, high) = (whole(low), whole(high));
        rounded([sum(low, high), difference(low, high)], bits, more)
    }
}

struct Four;

impl Inverse<4> for Four {
    #[inline(always)]
    fn of([a, b, c, d]: [Lanes; 4], bits: u32, more: i32) -> [Lanes; 4] {
        // √2 cos(π/8) and √2 cos(3π/8).
        const LONG: f64 = 1.306_562_964_876_376_6;
        const SHORT: f64 = 0.541_196_100_146_197;
        let even = [whole(sum(a, c)), whole(difference(a, c))];
        let odd = [sum(times(b, LONG), times(d, SHORT)), difference(times(b, SHORT), times(d, LONG))];
        rounded(
            [sum(even[0], odd[0]), sum(even[1], odd[1]), difference(even[1], odd[1]), difference(even[0], odd[0])],
            bits,
            more,
        )
    }
}

/// The algorithm of Loeffler, Ligtenberg and Moschytz (ICASSP 1989) with twelve multiplications. libjpeg's accurate integer transform uses
/// it, so the samples are the same.
struct Eight;

impl Inverse<8> for Eight {
    #[expect(clippy::many_single_char_names, reason = "the eight values of a column or a row, in their order")]
    #[inline(always)]
    fn of([a, b, c, d, e, f, g, h]: [Lanes; 8], bits: u32, more: i32) -> [Lanes; 8] {
        let both = times(sum(c, g), 0.541_196_100);
        let (low, high) = (difference(both, times(g, 1.847_759_065)), sum(both, times(c, 0.765_366_865)));
        let (outer, inner) = (whole(sum(a, e)), whole(difference(a, e)));
        let even = [sum(outer, high), sum(inner, low), difference(inner, low), difference(outer, high)];

        let (z1, z2, z3, z4) = (sum(h, b), sum(f, d), sum(h, d), sum(f, b));
        let z5 = times(sum(z3, z4), 1.175_875_602);
        let (z1, z2) = (times(z1, -0.899_976_223), times(z2, -2.562_915_447));
        let (z3, z4) = (sum(times(z3, -1.961_570_560), z5), sum(times(z4, -0.390_180_644), z5));
        let odd = [
            sum(times(b, 1.501_321_110), sum(z1, z4)),
            sum(times(d, 3.072_711_026), sum(z2, z3)),
            sum(times(f, 2.053_119_869), sum(z2, z4)),
            sum(times(h, 0.298_631_336), sum(z1, z3)),
        ];
        rounded(
            [
                sum(even[0], odd[0]),
                sum(even[1], odd[1]),
                sum(even[2], odd[2]),
                sum(even[3], odd[3]),
                difference(even[3], odd[3]),
                difference(even[2], odd[2]),
                difference(even[1], odd[1]),
                difference(even[0], odd[0]),
            ],
            bits,
            more,
        )
    }
}
