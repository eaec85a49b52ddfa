//! From light to pixels: exposure, bloom, vignette, film curve and grain.

use rand::{RngExt, rngs::StdRng};

use super::paint::{Canvas, Rgb, dim, plus, through};

/// How a photograph is developed.
#[derive(Clone, Copy)]
pub struct Look {
    /// Multiplies all light.
    pub exposure: f32,
    /// White balance.
    pub cast: Rgb,
    /// Darkening of the corners, 0..1.
    pub vignette: f32,
    /// Strength of the grain, in 8-bit steps.
    pub grain: f32,
    /// How much bright light spills over.
    pub bloom: f32,
}

impl Default for Look {
    fn default() -> Self {
        Self { exposure: 1.0, cast: [1.0, 1.0, 1.0], vignette: 0.35, grain: 1.8, bloom: 0.5 }
    }
}

const CURVE: usize = 2048;
const GRAIN: usize = 256;

/// 8-bit sRGB for the square root of linear light 0..8, with a soft shoulder.
fn film_curve() -> Vec<f32> {
    (0..=CURVE)
        .map(|i| {
            let x = (i as f32 / CURVE as f32).powi(2) * 8.0;
            let toned = (x * (2.51 * x + 0.03)) / (x * (2.43 * x + 0.59) + 0.14);
            let straight = x.min(1.0);
            (toned * 0.62 + straight * 0.38).clamp(0.0, 1.0).powf(1.0 / 2.2) * 252.0 + 2.0
        })
        .collect()
}

/// The canvas as 8-bit sRGB, three bytes a pixel.
pub fn develop(canvas: &Canvas, look: &Look, rng: &mut StdRng) -> Vec<u8> {
    let curve = film_curve();
    let grain: Vec<f32> = {
        let mut tile =
            Canvas::new(GRAIN, GRAIN, |_, _| [0; 3].map(|_| rng.random::<f32>() + rng.random::<f32>() - 1.0));
        let sharp = tile.clone();
        tile.smear(1);
        tile.px.iter().zip(&sharp.px).map(|(a, b)| (a[0] * 2.6 + b[1] * 0.7) * look.grain).collect()
    };
    let spill = {
        let mut bright = canvas.shrink(4);
        for p in &mut bright.px {
            *p = p.map(|c| (c * look.exposure - 0.85).clamp(0.0, 6.0));
        }
        let near = bright.soft(0.02);
        let wide = near.soft(0.06);
        Canvas::new(near.w, near.h, |x, y| plus(near.at(x, y), wide.at(x, y)))
    };
    let (w, h) = (canvas.w, canvas.h);
    let aspect = canvas.aspect();
    let gain = dim(look.cast, look.exposure);
    let mut out = Vec::with_capacity(w * h * 3);
    for j in 0..h {
        let y = (j as f32 + 0.5) / h as f32;
        let noise = &grain[(j % GRAIN) * GRAIN..][..GRAIN];
        for (i, p) in canvas.px[j * w..][..w].iter().enumerate() {
            let x = (i as f32 + 0.5) / h as f32;
            let (dx, dy) = ((x - aspect / 2.0) / aspect.max(1.0), (y - 0.5) / aspect.recip().max(1.0));
            let corner = (dx * dx + dy * dy) * 2.0;
            let light = 1.0 - look.vignette * corner * (0.6 + 0.8 * corner);
            let mut c = dim(through(*p, gain), light);
            if look.bloom > 0.0 {
                c = plus(c, dim(spill.at(x, y), look.bloom * 0.5));
            }
            let g = noise[i % GRAIN];
            for v in c {
                let index = (v.clamp(0.0, 7.99) * 0.125).sqrt() * CURVE as f32;
                out.push((curve[index as usize] + g).clamp(0.0, 255.0) as u8);
            }
        }
    }
    out
}
