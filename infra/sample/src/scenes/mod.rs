//! What the sample photos show: one function a motif, each with variants.

pub mod art;
pub mod drama;
pub mod food;
pub mod ict;
pub mod media;
pub mod music;
pub mod other;
pub mod pe;
pub mod science;
pub mod workshop;

use rand::{RngExt, rngs::StdRng};

use super::paint::{Canvas, Rgb, dim, mix, srgb, step};
use super::photograph::Look;

/// A motif: draws its light and may change how the photo is developed.
pub type Scene = fn(&mut Shot) -> Canvas;

/// What a scene is asked for.
pub struct Shot {
    /// Width in pixels.
    pub w: usize,
    /// Height in pixels.
    pub h: usize,
    /// Which variant of the motif.
    pub variant: u32,
    /// Chance, from the photo's own seed.
    pub rng: StdRng,
    /// How the photo will be developed.
    pub look: Look,
}

impl Shot {
    /// Width ÷ height: the right edge of the canvas.
    pub fn aspect(&self) -> f32 {
        self.w as f32 / self.h as f32
    }

    /// A number between `low` and `high`.
    pub fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.rng.random::<f32>()
    }

    /// A whole number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        self.rng.random_range(0..n)
    }

    /// One of the colours (`0xRRGGBB`), as linear light.
    pub fn one_of(&mut self, colours: &[u32]) -> Rgb {
        srgb(colours[self.below(colours.len())])
    }

    /// A seed for noise.
    pub fn seed(&mut self) -> u32 {
        self.rng.random()
    }

    /// An unfocused room: a wall from `wall`, shelves with coloured things, a window at the left.
    pub fn room(&mut self, wall: Rgb, things: &[u32], window: f32) -> Canvas {
        let a = self.aspect();
        let mut small =
            Canvas::new(self.w / 8, self.h / 8, |x, y| dim(wall, 0.55 + 0.45 * (1.0 - x / a) + 0.15 * (0.5 - y)));
        for shelf in 0..3 {
            let y = 0.16 + 0.24 * shelf as f32;
            let mut x = -0.05;
            while x < a {
                let (w, h) = (self.between(0.04, 0.1), self.between(0.08, 0.19));
                let c = dim(self.one_of(things), self.between(0.35, 1.0) * (1.0 - 0.45 * x / a));
                small.paint([x, y - h, x + w, y], |_, py| (dim(c, 0.7 + (y - py) * 2.0), 0.85));
                x += w + self.between(0.0, 0.09);
            }
            small.paint([0.0, y, a, y + 0.025], |x, _| (dim(wall, 0.75 - 0.4 * x / a), 0.9));
        }
        small.shine([0.0, 0.0, a * 0.3, 0.62], |x, y| {
            let bar = if (x / a - 0.13).abs() < 0.012 || (y - 0.3).abs() < 0.015 { 0.3 } else { 1.0 };
            dim([0.85, 0.95, 1.1], window * bar * (1.0 - step(a * 0.2, a * 0.26, x)) * (1.0 - step(0.56, 0.6, y)))
        });
        let mut out = small.soft(0.035);
        let soft = Canvas::new(self.w, self.h, |x, y| out.at(x, y));
        out = soft;
        out
    }

    /// A bench top from `y` down, in front of whatever is there.
    pub fn bench(&mut self, canvas: &mut Canvas, y: f32, near: Rgb, far: Rgb) {
        let seed = self.seed();
        let a = self.aspect();
        canvas.paint([0.0, y - 0.02, a, 1.0], |px, py| {
            let t = ((py - y) / (1.0 - y)).clamp(0.0, 1.0);
            let speck = super::paint::noise(px * 90.0 / (0.4 + t), py * 300.0, seed) - 0.5;
            let c = dim(mix(far, near, t), (1.0 + 0.10 * speck * t) * (1.15 - 0.45 * px / a));
            (c, step(y - 0.008, y + 0.004, py))
        });
    }
}
