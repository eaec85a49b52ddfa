//! HDR pictures (ITU-R BT.2100, PQ and HLG) for screens without HDR.
//!
//! Decision: tones are mapped as Chromium maps them on such screens, with the operator that SMPTE ST 2094-50 defines for pictures without
//! one of their own: diffuse white becomes half of the screen's light, and what is brighter is compressed into the other half. The
//! brightest of red, green and blue in the primaries of BT.2020 determines the gain, so that hues are kept.

use super::pixels::Pixels;

/// Luminance of diffuse white, in cd/m² (ITU-R BT.2408).
const WHITE: f32 = 203.0;
/// Brightest luminance that a picture is assumed to have, as a multiple of white's: 1000 cd/m², as in BT.2100 for HLG.
const HEADROOM: f32 = 1000.0 / WHITE;

type Matrix = [[f32; 3]; 3];

/// Converts BT.2020's primaries to those of sRGB, in linear light (ITU-R BT.2087).
const TO_SRGB: Matrix =
    [[1.660_491, -0.587_641, -0.072_85], [-0.124_55, 1.132_9, -0.008_349], [-0.018_151, -0.100_579, 1.118_73]];
const FROM_SRGB: Matrix =
    [[0.627_404, 0.329_283, 0.043_313], [0.069_097, 0.919_54, 0.011_362], [0.016_391, 0.088_013, 0.895_595]];
const FROM_P3: Matrix =
    [[0.753_833, 0.198_597, 0.047_57], [0.045_744, 0.941_777, 0.012_479], [-0.001_21, 0.017_601, 0.983_608]];
const SAME: Matrix = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

/// How the numbers of a picture are converted to light.
pub struct Tones {
    /// Linear light of each level: as a multiple of white's, or (HLG) of the brightest in the scene.
    light: [f32; 256],
    is_hlg: bool,
    to_2020: Matrix,
}

impl Tones {
    /// Returns the tones for the numbers of ITU-T H.273. `None` if they mean neither PQ nor HLG.
    pub fn new(primaries: u8, transfer: u8) -> Option<Self> {
        let curve: fn(f32) -> f32 = match transfer {
            16 => pq,
            18 => hlg,
            _ => return None,
        };
        let to_2020 = match primaries {
            9 => SAME,
            11 | 12 => FROM_P3,
            _ => FROM_SRGB,
        };
        let mut light = [0.0; 256];
        for (level, light) in (0_u8..=255).zip(&mut light) {
            *light = curve(f32::from(level) / 255.0);
        }
        Some(Self { light, is_hlg: transfer == 18, to_2020 })
    }

    /// Converts pixels of red, green and blue to sRGB.
    pub fn mapped(&self, mut pixels: Pixels) -> Pixels {
        for pixel in pixels.data.as_chunks_mut::<3>().0 {
            *pixel = self.pixel(*pixel);
        }
        pixels
    }

    fn pixel(&self, pixel: [u8; 3]) -> [u8; 3] {
        let mut light = times(&self.to_2020, pixel.map(|level| self.light[usize::from(level)]));
        if self.is_hlg {
            // From the light of the scene to that of a display of 1000 cd/m² (BT.2100, Table 5).
            let [r, g, b] = light;
            let luminance = (0.2627 * r + 0.6780 * g + 0.0593 * b).max(0.0);
            light = light.map(|light| light * luminance.powf(0.2) * HEADROOM);
        }
        let [r, g, b] = light;
        let gain = gain(r.max(g).max(b));
        times(&TO_SRGB, light.map(|light| light * gain)).map(srgb)
    }
}

fn times(matrix: &Matrix, [r, g, b]: [f32; 3]) -> [f32; 3] {
    matrix.map(|[of_r, of_g, of_b]| of_r * r + of_g * g + of_b * b)
}

/// Returns the gain for a pixel whose brightest of red, green and blue is `x` times white: a half up to white, and from there along a
/// parabola (a quadratic Bézier curve) to where the brightest light becomes the screen's white.
fn gain(x: f32) -> f32 {
    const MIDDLE: f32 = 1.65; // 0.35 × 1 + 0.65 × 1 ÷ ½
    if x <= 1.0 {
        return 0.5;
    }
    if x >= HEADROOM {
        return 1.0 / x;
    }
    let (slope, bend) = (MIDDLE - 1.0, HEADROOM - 2.0 * MIDDLE + 1.0);
    let t = ((slope * slope + bend * (x - 1.0)).sqrt() - slope) / bend;
    (0.5 + 0.65 * t - 0.15 * t * t) / x
}

/// Converts a PQ level to multiples of white's light (SMPTE ST 2084).
fn pq(level: f32) -> f32 {
    const M1: f32 = 2610.0 / 16_384.0;
    const M2: f32 = 2523.0 / 4096.0 * 128.0;
    const C1: f32 = 3424.0 / 4096.0;
    const C2: f32 = 2413.0 / 4096.0 * 32.0;
    const C3: f32 = 2392.0 / 4096.0 * 32.0;
    let root = level.powf(1.0 / M2);
    ((root - C1).max(0.0) / (C2 - C3 * root)).powf(1.0 / M1) * 10_000.0 / WHITE
}

/// Converts an HLG level to a fraction of the brightest light in the scene (ITU-R BT.2100, Table 5).
fn hlg(level: f32) -> f32 {
    const A: f32 = 0.178_832_77;
    const B: f32 = 1.0 - 4.0 * A;
    const C: f32 = 0.559_910_7;
    if level <= 0.5 { level * level / 3.0 } else { (((level - C) / A).exp() + B) / 12.0 }
}

/// Converts linear light to a level of sRGB (IEC 61966-2-1).
fn srgb(light: f32) -> u8 {
    let light = light.clamp(0.0, 1.0);
    let level = if light <= 0.003_130_8 { 12.92 * light } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte")]
    let level = (level * 255.0).round() as u8;
    level
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The right-hand colours are what Chromium 156 painted for a PNG of the left-hand ones with such a `cICP` chunk.
    #[test]
    fn tones_are_those_that_a_browser_shows() {
        for (primaries, transfer, pixel, shown) in [
            (1, 16, [128, 128, 128], [0x84, 0x84, 0x84]),
            (1, 16, [64, 64, 64], [0x1E, 0x1E, 0x1E]),
            (1, 16, [200, 100, 50], [0xFF, 0x33, 0x08]),
            (1, 16, [90, 180, 60], [0x2E, 0xF8, 0x12]),
            (9, 16, [180, 180, 180], [0xF2, 0xF2, 0xF2]),
            (9, 16, [220, 190, 170], [0xFF, 0x8B, 0x66]),
            (12, 16, [220, 190, 170], [0xFF, 0xA5, 0x70]),
            (1, 18, [128, 128, 128], [0x63, 0x63, 0x63]),
            (1, 18, [50, 100, 200], [0x25, 0x4C, 0xB2]),
            (9, 18, [220, 190, 170], [0xF9, 0xA0, 0x88]),
            (12, 18, [200, 100, 50], [0xCA, 0x47, 0x12]),
        ] {
            let got = Tones::new(primaries, transfer).unwrap().pixel(pixel);
            let off = got.iter().zip(&shown).map(|(got, shown)| got.abs_diff(*shown)).max();
            assert!(off <= Some(2), "{pixel:?} by {primaries} and {transfer}: {got:02X?} for {shown:02X?}");
        }
        assert!(Tones::new(9, 13).is_none());
    }
}
