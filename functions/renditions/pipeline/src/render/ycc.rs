//! Converts luma and chroma to RGB and back (BT.601 over the full range, as in JFIF: ITU-T T.871 §7).

#![expect(clippy::inline_always, reason = "what is not inlined is not compiled into the SIMD code")]

use fearless_simd::{Level, dispatch};

use super::pixels::{Planes, Size};

/// Fractional bits of the factors.
const FRACTION: u32 = 16;
const HALF: i32 = 1 << (FRACTION - 1);

/// Returns a factor in fixed point.
const fn fixed(factor: f64) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "below 2, times 2¹⁶")]
    let fixed = (factor * 65_536.0 + if factor < 0.0 { -0.5 } else { 0.5 }) as i32;
    fixed
}

#[expect(clippy::cast_sign_loss, reason = "clamped to a byte")]
#[inline(always)]
fn level(value: i32) -> u8 {
    value.clamp(0, 255) as u8
}

/// Computes RGB for two rows of a picture, one after the other: rows `2 × pair` and the next, which is repeated at the end of an odd
/// height. Chroma between its samples is interpolated.
pub fn rgb_pair(planes: &Planes, pair: usize, rgb: &mut Vec<u8>) {
    let (width, height) = planes.size.sides();
    let (colours, colour_rows) = planes.size.of_colour().sides();
    rgb.resize(2 * width * 3, 0);
    let (upper, lower) = rgb.split_at_mut(width * 3);
    let mut blended = vec![0; colours + 2];
    let mut full = [vec![[0; 2]; colours], vec![[0; 2]; colours]];
    for (out, below) in [(upper, false), (lower, true)] {
        let y = (2 * pair + usize::from(below)).min(height - 1);
        let far = if below { (pair + 1).min(colour_rows - 1) } else { pair.saturating_sub(1) };
        for (full, plane) in full.iter_mut().zip([&planes.cb, &planes.cr]) {
            let (near, far) = (row(plane, pair, colours), row(plane, far, colours));
            dispatch!(Level::new(), _simd => between(near, far, &mut blended, full));
        }
        let light = row(&planes.y, y, width);
        let [cb, cr] = &full;
        dispatch!(Level::new(), _simd => to_rgb(light, cb.as_flattened(), cr.as_flattened(), out));
    }
}

/// Converts a whole picture to RGB.
pub fn rgb(planes: &Planes) -> Vec<u8> {
    let (width, height) = planes.size.sides();
    let (mut rgb, mut pair) = (Vec::with_capacity(width * height * 3), Vec::new());
    for at in 0..height.div_ceil(2) {
        rgb_pair(planes, at, &mut pair);
        let rows = if 2 * at + 1 < height { 2 } else { 1 };
        rgb.extend_from_slice(pair.get(..rows * width * 3).unwrap_or_default());
    }
    rgb
}

fn row(plane: &[u8], y: usize, width: usize) -> &[u8] {
    plane.get(y * width..(y + 1) * width).unwrap_or_default()
}

/// Interpolates a row of chroma for every pixel of a row, in sixteenths of a level relative to neutral: in both directions, three parts of
/// the near sample and one of the far one. `blended` has room for one more sample on either side.
#[inline(always)]
fn between(near: &[u8], far: &[u8], blended: &mut [i32], full: &mut [[i32; 2]]) {
    for ((blended, near), far) in blended.iter_mut().skip(1).zip(near).zip(far) {
        *blended = 3 * i32::from(*near) + i32::from(*far);
    }
    // The outermost samples are their own neighbours.
    if let [first, second, ..] = blended {
        *first = *second;
    }
    if let [.., before, last] = blended {
        *last = *before;
    }
    for (three, out) in blended.windows(3).zip(full) {
        if let &[left, own, right] = three {
            *out = [3 * own + left - 2048, 3 * own + right - 2048];
        }
    }
}

#[inline(always)]
fn to_rgb(light: &[u8], cb: &[i32], cr: &[i32], out: &mut [u8]) {
    for (((light, b), r), out) in light.iter().zip(cb).zip(cr).zip(out.as_chunks_mut::<3>().0) {
        let light = i32::from(*light) << FRACTION;
        let part = |factor: i32, colour: i32| (factor * colour) >> 4;
        *out = [
            level((light + part(fixed(1.402), *r) + HALF) >> FRACTION),
            level((light + part(fixed(-0.344_136), *b) + part(fixed(-0.714_136), *r) + HALF) >> FRACTION),
            level((light + part(fixed(1.772), *b) + HALF) >> FRACTION),
        ];
    }
}

/// Builds a picture from pairs of rows.
pub struct Gathered {
    planes: Planes,
}

impl Gathered {
    pub fn new(size: Size) -> Self {
        let (width, height) = size.sides();
        let (colours, rows) = size.of_colour().sides();
        let planes = Planes {
            size,
            y: Vec::with_capacity(width * height),
            cb: Vec::with_capacity(colours * rows),
            cr: Vec::with_capacity(colours * rows),
        };
        Self { planes }
    }

    /// Takes two rows of RGB. `lower` is empty at the end of an odd height.
    pub fn pair(&mut self, upper: &[u8], lower: &[u8]) {
        let Planes { y, cb, cr, .. } = &mut self.planes;
        for rgb in [upper, lower] {
            let out = grown(y, rgb.len() / 3);
            dispatch!(Level::new(), _simd => light(rgb, out));
        }
        let lower = if lower.is_empty() { upper } else { lower };
        let colours = upper.len().div_ceil(6);
        let (cb, cr) = (grown(cb, colours), grown(cr, colours));
        dispatch!(Level::new(), _simd => colour(upper, lower, cb, cr));
        // The last column of an odd width stands alone.
        if let (Some(cb), Some(cr), &[r, g, b]) = (cb.last_mut(), cr.last_mut(), upper.as_chunks::<6>().1)
            && let &[r2, g2, b2] = lower.as_chunks::<6>().1
        {
            let twice = |one: u8, other: u8| 2 * (i32::from(one) + i32::from(other));
            (*cb, *cr) = of_four([twice(r, r2), twice(g, g2), twice(b, b2)]);
        }
    }

    pub fn finish(self) -> Planes {
        self.planes
    }
}

/// Appends `count` samples to a plane, and returns them.
fn grown(plane: &mut Vec<u8>, count: usize) -> &mut [u8] {
    let start = plane.len();
    plane.resize(start + count, 0);
    plane.get_mut(start..).unwrap_or_default()
}

#[inline(always)]
fn light(rgb: &[u8], out: &mut [u8]) {
    for (&[r, g, b], out) in rgb.as_chunks::<3>().0.iter().zip(out) {
        let sum = fixed(0.299) * i32::from(r) + fixed(0.587) * i32::from(g) + fixed(0.114) * i32::from(b);
        *out = level((sum + HALF) >> FRACTION);
    }
}

/// Computes the chroma of each block of two by two pixels.
#[inline(always)]
fn colour(upper: &[u8], lower: &[u8], cb: &mut [u8], cr: &mut [u8]) {
    let fours = upper.as_chunks::<6>().0.iter().zip(lower.as_chunks::<6>().0);
    for (((upper, lower), cb), cr) in fours.zip(cb).zip(cr) {
        let four = |at: usize| {
            i32::from(upper[at]) + i32::from(upper[at + 3]) + i32::from(lower[at]) + i32::from(lower[at + 3])
        };
        (*cb, *cr) = of_four([four(0), four(1), four(2)]);
    }
}

/// Computes Cb and Cr from the sums of four pixels.
#[inline(always)]
fn of_four([r, g, b]: [i32; 3]) -> (u8, u8) {
    let colour = |red: f64, green: f64, blue: f64| {
        let sum = fixed(red) * r + fixed(green) * g + fixed(blue) * b;
        level((sum + (512 << FRACTION) + 4 * HALF) >> (FRACTION + 2))
    };
    (colour(-0.168_736, -0.331_264, 0.5), colour(0.5, -0.418_688, -0.081_312))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_come_back_as_they_went_in() {
        for (width, height) in [(16, 8), (7, 5), (1, 1), (2, 3)] {
            let (wide, high) = Size::new(width, height).sides();
            for colour in [[0, 0, 0], [255, 255, 255], [200, 100, 50], [0, 0, 255], [255, 0, 0], [10, 240, 30]] {
                let row = colour.repeat(wide);
                let mut gathered = Gathered::new(Size::new(width, height));
                for pair in 0..high.div_ceil(2) {
                    gathered.pair(&row, if 2 * pair + 1 < high { &row } else { &[] });
                }
                let planes = gathered.finish();
                assert_eq!((planes.y.len(), planes.cb.len()), (wide * high, wide.div_ceil(2) * high.div_ceil(2)));
                let mut rgb = Vec::new();
                for pair in 0..high.div_ceil(2) {
                    rgb_pair(&planes, pair, &mut rgb);
                    for (got, want) in rgb.as_chunks::<3>().0.iter().flat_map(|got| got.iter().zip(&colour)) {
                        assert!(got.abs_diff(*want) <= 2, "{got} for {want} of {colour:?}");
                    }
                }
            }
        }
    }
}
