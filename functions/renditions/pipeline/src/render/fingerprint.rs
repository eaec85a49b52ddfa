//! Step 7, fingerprint: 64 bits by which photos of the same scene are found.
//!
//! It is the DCT hash of pHash (Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions", 2010, §3.2.1): luma at 32 ×
//! 32, its cosine transform, the frequencies 1 to 8 of it in both directions, and for each whether it is above their median. All numbers
//! are integers, so that every processor rounds alike.

use std::f64::consts::{PI, SQRT_2};

use fast_image_resize::Resizer;

use super::{
    Unreadable,
    pixels::{Pixels, Size},
    scale::resized,
};

const EDGE: usize = 32;
const FREQUENCIES: usize = 8;
/// The fixed-point value of 1 in the table of cosines.
const ONE: f64 = 4096.0;
/// Weakest pattern that identifies a picture: about one level of luma. Below it there is only noise.
const FAINT: i64 = 4096 * 4096 * 16;

/// Returns the bits of a picture's fingerprint, or `None` if it is too plain to be told from others. `smallest` is the smallest rendition.
pub fn of(smallest: &Pixels) -> Result<Option<u64>, Unreadable> {
    let tiny = resized(&mut Resizer::new(), smallest, Size::new(32, 32))?;
    let luma = tiny.data.as_chunks::<3>().0.iter().copied().map(luma).collect::<Vec<_>>();
    let patterns = patterns(&luma);
    if patterns.iter().all(|pattern| pattern.abs() < FAINT) {
        return Ok(None);
    }
    let mut sorted = patterns;
    sorted.sort_unstable();
    let middle = i64::midpoint(sorted[sorted.len() / 2 - 1], sorted[sorted.len() / 2]);
    let bits = patterns.iter().fold(0, |bits, &pattern| bits << 1 | u64::from(pattern > middle));
    Ok(Some(bits))
}

/// Returns the luma of BT.601, in levels.
fn luma([r, g, b]: [u8; 3]) -> i64 {
    (299 * i64::from(r) + 587 * i64::from(g) + 114 * i64::from(b) + 500) / 1000
}

/// Returns the strength of each pattern, row by row of frequencies, for `EDGE × EDGE` levels.
fn patterns(luma: &[i64]) -> [i64; FREQUENCIES * FREQUENCIES] {
    let waves = waves();
    let sum = |levels: &mut dyn Iterator<Item = i64>, wave: &[i64; EDGE]| levels.zip(wave).map(|(l, w)| l * w).sum();
    // Indexed as across[f][y].
    let across = waves.map(|wave| {
        let rows = luma.as_chunks::<EDGE>().0.iter();
        rows.map(|row| sum(&mut row.iter().copied(), &wave)).collect::<Vec<i64>>()
    });
    let mut patterns = [0; FREQUENCIES * FREQUENCIES];
    for (v, wave) in waves.iter().enumerate() {
        for (u, column) in across.iter().enumerate() {
            patterns[v * FREQUENCIES + u] = sum(&mut column.iter().copied(), wave);
        }
    }
    patterns
}

/// Returns the cosines of the frequencies 1 to 8 (DCT-II).
fn waves() -> [[i64; EDGE]; FREQUENCIES] {
    let part = |n: usize| f64::from(u32::try_from(n).unwrap_or_default());
    std::array::from_fn(|frequency| {
        std::array::from_fn(|x| {
            let wave = (PI * part(frequency + 1) * (2.0 * part(x) + 1.0) / (2.0 * part(EDGE))).cos();
            #[expect(clippy::cast_possible_truncation, reason = "between -5793 and 5793")]
            let whole = (wave * ONE * SQRT_2).round() as i64;
            whole
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::pixels::Channels;

    /// Largest distance at which fingerprints count as near.
    const NEAR: u32 = 10;

    fn picture(width: u32, height: u32, level: impl Fn(f64, f64) -> f64) -> Pixels {
        let part = |at: u32, of: u32| (f64::from(at) + 0.5) / f64::from(of);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte")]
        let data = (0..height)
            .flat_map(|y| (0..width).map(move |x| (part(x, width), part(y, height))))
            .flat_map(|(x, y)| [level(x, y).round().clamp(0.0, 255.0) as u8; 3])
            .collect();
        Pixels { size: Size::new(width, height), channels: Channels::Rgb, data }
    }

    /// A few soft lights, different for each seed.
    fn lights(seed: u64) -> impl Fn(f64, f64) -> f64 {
        let mut state = seed;
        let mut chance = move || {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mixed = (state ^ state >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
            f64::from(u32::try_from((mixed ^ mixed >> 31) >> 32).unwrap()) / f64::from(u32::MAX)
        };
        let lights: [[f64; 4]; 9] = std::array::from_fn(|_| std::array::from_fn(|_| chance()));
        move |x, y| {
            let light = |[left, top, power, size]: &[f64; 4]| {
                let far = (x - left).powi(2) + (y - top).powi(2);
                (160.0 * power - 40.0) * (-far * (8.0 + 60.0 * size)).exp()
            };
            60.0 + lights.iter().map(light).sum::<f64>()
        }
    }

    fn fingerprint(picture: &Pixels) -> u64 {
        of(picture).unwrap().unwrap()
    }

    #[test]
    fn a_picture_in_another_size_brighter_or_with_grain_is_near() {
        for seed in 0..20 {
            let level = lights(seed);
            let one = fingerprint(&picture(320, 240, &level));
            let grain = |x: f64, y: f64| level(x, y) + ((x * 9001.0 + y * 7013.0).sin() * 43_758.5).fract() * 12.0;
            for other in [
                picture(240, 180, &level),
                picture(320, 240, |x, y| level(x, y) * 0.9 + 12.0),
                picture(320, 240, grain),
            ] {
                let distance = (one ^ fingerprint(&other)).count_ones();
                assert!(distance <= NEAR, "{seed}: {distance}");
            }
        }
    }

    #[test]
    fn other_pictures_are_far() {
        let all = (0..40).map(|seed| fingerprint(&picture(320, 240, lights(seed)))).collect::<Vec<_>>();
        for (n, one) in all.iter().enumerate() {
            for other in &all[n + 1..] {
                assert!((one ^ other).count_ones() > NEAR, "{one:016x} {other:016x}");
            }
        }
    }

    #[test]
    fn a_plain_picture_has_none_and_a_tiny_one_does_no_harm() {
        assert_eq!(of(&picture(320, 240, |_, _| 90.0)).unwrap(), None);
        assert_eq!(of(&picture(1, 1, |_, _| 90.0)).unwrap(), None);
        assert!(of(&picture(3, 2, |x, y| 200.0 * x * y)).unwrap().is_some());
    }
}
