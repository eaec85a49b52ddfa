//! From light and colour to red, green and blue, and back (BT.601 over the full range, as JFIF has it: ITU-T T.871 §7).

#![expect(clippy::inline_always, reason = "what is not inlined is not compiled into the SIMD code")]

use fearless_simd::{Level, dispatch};

use super::pixels::{Planes, Size};

/// Fractional bits of the factors.
const FRACTION: u32 = 16;
const HALF: i32 = 1 << (FRACTION - 1);

/// A factor as a whole number.
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

/// Red, green and blue of two rows of a picture, one after the other: rows `2 × pair` and the next, which is the same again at
/// the end of an odd height. Colour between its samples is interpolated.
pub fn rgb_pair(planes: &Planes, pair: usize, rgb: &mut Vec<u8>) {
    let (width, height) = planes.size.sides();
    let (colours, colour_rows) = planes.size.of_colour().sides();
    rgb.resize(2 * width * 3, 0);
    let (upper, lower) = rgb.split_at_mut(width * 3);
    let mut blended = [vec![0; colours], vec![0; colours]];
    for (out, below) in [(upper, false), (lower, true)] {
        let y = (2 * pair + usize::from(below)).min(height - 1);
        let far = if below { (pair + 1).min(colour_rows - 1) } else { pair.saturating_sub(1) };
        for (blended, plane) in blended.iter_mut().zip([&planes.cb, &planes.cr]) {
            blend(row(plane, pair, colours), row(plane, far, colours), blended);
        }
        let light = row(&planes.y, y, width);
        let [cb, cr] = &blended;
        dispatch!(Level::new(), _simd => to_rgb(light, cb, cr, out));
    }
}

/// All of a picture as red, green and blue.
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

/// A row of colour samples at the height of a row of pixels: three parts of the near one, one of the far one.
fn blend(near: &[u8], far: &[u8], out: &mut [i32]) {
    for ((out, near), far) in out.iter_mut().zip(near).zip(far) {
        *out = 3 * i32::from(*near) + i32::from(*far);
    }
}

#[inline(always)]
fn to_rgb(light: &[u8], cb: &[i32], cr: &[i32], out: &mut [u8]) {
    let last = cb.len().saturating_sub(1);
    for (x, (light, out)) in light.iter().zip(out.as_chunks_mut::<3>().0).enumerate() {
        let (near, far) = (x / 2, if x % 2 == 0 { (x / 2).saturating_sub(1) } else { (x / 2 + 1).min(last) });
        let (Some(b), Some(b_far), Some(r), Some(r_far)) = (cb.get(near), cb.get(far), cr.get(near), cr.get(far))
        else {
            return;
        };
        // Sixteenths of a level above or below none.
        let (b, r) = (3 * b + b_far - 2048, 3 * r + r_far - 2048);
        let light = i32::from(*light) << FRACTION;
        let part = |factor: i32, colour: i32| (factor * colour) >> 4;
        *out = [
            level((light + part(fixed(1.402), r) + HALF) >> FRACTION),
            level((light + part(fixed(-0.344_136), b) + part(fixed(-0.714_136), r) + HALF) >> FRACTION),
            level((light + part(fixed(1.772), b) + HALF) >> FRACTION),
        ];
    }
}

/// Gathers a picture from pairs of rows.
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

    /// Takes two rows of red, green and blue. `lower` is empty at the end of an odd height.
    pub fn pair(&mut self, upper: &[u8], lower: &[u8]) {
        let luma = |&[r, g, b]: &[u8; 3]| {
            let sum = fixed(0.299) * i32::from(r) + fixed(0.587) * i32::from(g) + fixed(0.114) * i32::from(b);
            level((sum + HALF) >> FRACTION)
        };
        let (above, below) = (upper.as_chunks::<3>().0, lower.as_chunks::<3>().0);
        self.planes.y.extend(above.iter().map(luma));
        self.planes.y.extend(below.iter().map(luma));
        let below = if below.is_empty() { above } else { below };
        for (one, other) in above.chunks(2).zip(below.chunks(2)) {
            let mut sums = [0; 3];
            let four = [one.first(), one.last(), other.first(), other.last()];
            for pixel in four.into_iter().flatten() {
                for (sum, channel) in sums.iter_mut().zip(pixel) {
                    *sum += i32::from(*channel);
                }
            }
            let [r, g, b] = sums;
            let colour = |red: f64, green: f64, blue: f64| {
                let sum = fixed(red) * r + fixed(green) * g + fixed(blue) * b;
                level((sum + (512 << FRACTION) + 2 * HALF * 2) >> (FRACTION + 2))
            };
            self.planes.cb.push(colour(-0.168_736, -0.331_264, 0.5));
            self.planes.cr.push(colour(0.5, -0.418_688, -0.081_312));
        }
    }

    pub fn finish(self) -> Planes {
        self.planes
    }
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
