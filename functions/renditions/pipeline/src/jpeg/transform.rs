//! From coefficients to samples: the inverse cosine transform at one to eight eighths of a block's size.
//!
//! The smaller ones take the lowest N × N coefficients of the 8 × 8 and transform those, which is scaling with the best low-pass filter that
//! a block allows. All transforms use integers, so that every processor gives the same samples. A file can hold coefficients that no
//! picture has: the arithmetic then wraps, and the samples are arbitrary but valid.
//!
//! Coefficients of a row of blocks come by frequency: all blocks' first, then all blocks' second, and so on. So blocks that stand side by
//! side are transformed at once, by whatever SIMD the processor has.

use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

use fearless_simd::{Level, dispatch};

/// How much smaller than the picture the samples are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// One sample for each block.
    Eighth,
    /// 2 × 2 samples for each block.
    Quarter,
    /// 3 × 3 samples for each block.
    ThreeEighths,
    /// 4 × 4 samples for each block.
    Half,
    /// 5 × 5 samples for each block.
    FiveEighths,
    /// 6 × 6 samples for each block.
    ThreeQuarters,
    /// 7 × 7 samples for each block.
    SevenEighths,
    /// 8 × 8 samples for each block.
    Whole,
}

impl Scale {
    /// The scales from the smallest to the largest.
    pub const ALL: [Self; 8] = [
        Self::Eighth,
        Self::Quarter,
        Self::ThreeEighths,
        Self::Half,
        Self::FiveEighths,
        Self::ThreeQuarters,
        Self::SevenEighths,
        Self::Whole,
    ];

    /// Returns the number of samples along an edge of a block.
    pub fn edge(self) -> usize {
        match self {
            Self::Eighth => 1,
            Self::Quarter => 2,
            Self::ThreeEighths => 3,
            Self::Half => 4,
            Self::FiveEighths => 5,
            Self::ThreeQuarters => 6,
            Self::SevenEighths => 7,
            Self::Whole => 8,
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
        Scale::Eighth => dispatch!(level, _simd => blocks::<1, One>(coefficients, stride, quantisers, samples)),
        Scale::Quarter => dispatch!(level, _simd => blocks::<2, Two>(coefficients, stride, quantisers, samples)),
        Scale::ThreeEighths => dispatch!(level, _simd => blocks::<3, Three>(coefficients, stride, quantisers, samples)),
        Scale::Half => dispatch!(level, _simd => blocks::<4, Four>(coefficients, stride, quantisers, samples)),
        Scale::FiveEighths => dispatch!(level, _simd => blocks::<5, Five>(coefficients, stride, quantisers, samples)),
        Scale::ThreeQuarters => dispatch!(level, _simd => blocks::<6, Six>(coefficients, stride, quantisers, samples)),
        Scale::SevenEighths => dispatch!(level, _simd => blocks::<7, Seven>(coefficients, stride, quantisers, samples)),
        Scale::Whole => dispatch!(level, _simd => blocks::<8, Eight>(coefficients, stride, quantisers, samples)),
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

// The factors of the transforms of 3 to 7 values are √2 cos(kπ / 2N), where N is the number of values.

struct Three;

impl Inverse<3> for Three {
    #[inline(always)]
    fn of([a, b, c]: [Lanes; 3], bits: u32, more: i32) -> [Lanes; 3] {
        let even = even_of_three([a, c]);
        let odd = times(b, 1.224_744_871_391_589);
        rounded([sum(even[0], odd), even[1], difference(even[0], odd)], bits, more)
    }
}

/// The first and the middle one of three values, without the part that changes its sign from the first to the last.
#[inline(always)]
fn even_of_three([a, c]: [Lanes; 2]) -> [Lanes; 2] {
    let (a, c) = (whole(a), times(c, FRAC_1_SQRT_2));
    [sum(a, c), difference(a, sum(c, c))]
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

struct Five;

impl Inverse<5> for Five {
    #[expect(clippy::many_single_char_names, reason = "the five values of a column or a row, in their order")]
    #[inline(always)]
    fn of([a, b, c, d, e]: [Lanes; 5], bits: u32, more: i32) -> [Lanes; 5] {
        const K1: f64 = 1.344_997_023_927_915;
        const K2: f64 = 1.144_122_805_635_369;
        const K3: f64 = 0.831_253_875_554_907;
        const K4: f64 = 0.437_016_024_448_821;
        let a = whole(a);
        let even = [
            sum(a, sum(times(c, K2), times(e, K4))),
            difference(a, sum(times(c, K4), times(e, K2))),
            difference(a, times(difference(c, e), SQRT_2)),
        ];
        let odd = [sum(times(b, K1), times(d, K3)), difference(times(b, K3), times(d, K1))];
        rounded(
            [
                sum(even[0], odd[0]),
                sum(even[1], odd[1]),
                even[2],
                difference(even[1], odd[1]),
                difference(even[0], odd[0]),
            ],
            bits,
            more,
        )
    }
}

struct Six;

impl Inverse<6> for Six {
    #[expect(clippy::many_single_char_names, reason = "the six values of a column or a row, in their order")]
    #[inline(always)]
    fn of([a, b, c, d, e, f]: [Lanes; 6], bits: u32, more: i32) -> [Lanes; 6] {
        // The factors of b and f are this and 1 more than this; that of d is 1.
        let both = times(sum(b, f), 0.366_025_403_784_439);
        let odd = [sum(both, whole(sum(b, d))), whole(difference(b, sum(d, f))), sum(both, whole(difference(f, d)))];
        // The even values are those of a transform of three.
        let [outer, inner] = even_of_three([a, e]);
        let middle = times(c, 1.224_744_871_391_589);
        let even = [sum(outer, middle), inner, difference(outer, middle)];
        rounded(
            [
                sum(even[0], odd[0]),
                sum(even[1], odd[1]),
                sum(even[2], odd[2]),
                difference(even[2], odd[2]),
                difference(even[1], odd[1]),
                difference(even[0], odd[0]),
            ],
            bits,
            more,
        )
    }
}

struct Seven;

impl Inverse<7> for Seven {
    #[expect(clippy::many_single_char_names, reason = "the seven values of a column or a row, in their order")]
    #[inline(always)]
    fn of([a, b, c, d, e, f, g]: [Lanes; 7], bits: u32, more: i32) -> [Lanes; 7] {
        const K1: f64 = 1.378_756_275_743_621;
        const K2: f64 = 1.274_162_392_263_535;
        const K3: f64 = 1.105_676_685_996_551;
        const K4: f64 = 0.881_747_733_789_935;
        const K5: f64 = 0.613_604_268_353_201;
        const K6: f64 = 0.314_692_122_712_948;
        let a = whole(a);
        let even = [
            sum(a, sum(times(c, K2), sum(times(e, K4), times(g, K6)))),
            sum(a, difference(times(c, K6), sum(times(e, K2), times(g, K4)))),
            sum(a, difference(times(g, K2), sum(times(c, K4), times(e, K6)))),
            difference(a, times(difference(sum(c, g), e), SQRT_2)),
        ];
        let odd = [
            sum(times(b, K1), sum(times(d, K3), times(f, K5))),
            difference(times(b, K3), sum(times(d, K5), times(f, K1))),
            sum(times(b, K5), difference(times(f, K3), times(d, K1))),
        ];
        rounded(
            [
                sum(even[0], odd[0]),
                sum(even[1], odd[1]),
                sum(even[2], odd[2]),
                even[3],
                difference(even[2], odd[2]),
                difference(even[1], odd[1]),
                difference(even[0], odd[0]),
            ],
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
