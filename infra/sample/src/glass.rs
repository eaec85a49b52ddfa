//! Vessels of clear glass, seen from the side: what is behind them is refracted, what is in them colours the light.

use super::paint::{Canvas, Rgb, band, dim, mix, plus, span, step, through};

/// What a vessel holds.
#[derive(Clone, Copy)]
pub struct Liquid {
    /// Where its surface is (canvas y).
    pub level: f32,
    /// The light that passes through one unit of it.
    pub colour: Rgb,
    /// 0 clear as water, 1 as thick as milk.
    pub cloudy: f32,
}

/// A solid of revolution about a vertical axis.
pub struct Vessel<'a> {
    /// The axis.
    pub x: f32,
    /// The rim.
    pub top: f32,
    /// The foot.
    pub bottom: f32,
    /// Radius from rim (0) to foot (1), in canvas units.
    pub radius: &'a dyn Fn(f32) -> f32,
    /// What is in it.
    pub liquid: Option<Liquid>,
}

/// A conical flask of base radius `r`.
pub fn conical(r: f32) -> impl Fn(f32) -> f32 {
    move |t| {
        let neck = 0.3 * r + 0.06 * r * (1.0 - step(0.0, 0.04, t));
        let cone = neck + (r - neck) * ((t - 0.26) / 0.66).clamp(0.0, 1.0);
        let heel = ((t - 0.92) / 0.08).clamp(0.0, 1.0);
        let blend = step(0.2, 0.34, t);
        (neck + (cone - neck) * blend) * (1.0 - 0.12 * heel * heel)
    }
}

/// A round-bottomed flask of radius `r` and height `h`.
pub fn round(r: f32, h: f32) -> impl Fn(f32) -> f32 {
    move |t| {
        let y = t * h - (h - r);
        let ball = (r * r - y * y).max(0.0).sqrt();
        let neck = 0.3 * r + 0.07 * r * (1.0 - step(0.0, 0.05, t));
        if y < 0.0 { ball.max(neck) } else { ball }
    }
}

/// A test tube of radius `r` and height `h`.
pub fn tube(r: f32, h: f32) -> impl Fn(f32) -> f32 {
    move |t| {
        let end = ((t * h - (h - r)) / r).max(0.0);
        r * (1.0 - end * end).max(0.0).sqrt() + 0.12 * r * (1.0 - step(0.0, 0.025, t))
    }
}

/// A beaker or measuring cylinder of radius `r`.
pub fn beaker(r: f32) -> impl Fn(f32) -> f32 {
    move |t| {
        let heel = ((t - 0.93) / 0.07).clamp(0.0, 1.0);
        r * (1.0 - 0.1 * heel * heel) + 0.07 * r * (1.0 - step(0.0, 0.03, t))
    }
}

impl Vessel<'_> {
    /// Paints the vessel; `behind` is what its glass refracts. Light comes from the left.
    pub fn paint(&self, canvas: &mut Canvas, behind: &Canvas) {
        let s = canvas.scale();
        let height = self.bottom - self.top;
        for j in span(self.top, self.bottom, s, canvas.h) {
            let y = (j as f32 + 0.5) / s;
            let t = (y - self.top) / height;
            if !(0.0..=1.0).contains(&t) {
                continue;
            }
            let r = (self.radius)(t);
            if r < 0.5 / s {
                continue;
            }
            let slope = ((self.radius)((t + 0.01).min(1.0)) - (self.radius)((t - 0.01).max(0.0))) / (0.02 * height);
            for i in span(self.x - r, self.x + r, s, canvas.w) {
                let x = (i as f32 + 0.5) / s;
                let u = (x - self.x) / r;
                let cover = ((r - (x - self.x).abs()) * s + 0.5).clamp(0.0, 1.0);
                if cover <= 0.0 {
                    continue;
                }
                let c = self.look(behind, u.clamp(-1.0, 1.0), y, t, r, slope);
                let p = &mut canvas.px[j * canvas.w + i];
                *p = mix(*p, c, cover);
            }
        }
        self.rim(canvas);
    }

    fn look(&self, behind: &Canvas, u: f32, y: f32, t: f32, r: f32, slope: f32) -> Rgb {
        let chord = (1.0 - u * u).sqrt();
        let edge = u.abs();
        let clear = behind.at(self.x + u * r * (1.0 - 0.15 * edge * edge * edge * edge), y);
        let mut c = dim(clear, 0.96);
        if let Some(liquid) = self.liquid {
            let sag = 0.10 * r * chord;
            if y > liquid.level + sag {
                let lens = behind.at(self.x - u * r * 1.5, y - 0.02 + slope * 0.02);
                let depth = (chord * r * 14.0).min(2.4) + 0.15;
                let pass = liquid.colour.map(|k| (k.max(0.004).ln() * depth).exp());
                let pool = step(self.bottom, liquid.level, y);
                let body = dim(liquid.colour, (0.42 + 0.3 * u * u + 0.25 * step(-0.2, 0.9, u)) * (0.75 + 0.3 * pool));
                c = mix(through(lens, pass), body, 0.18 + 0.8 * liquid.cloudy);
                // Light from the left gathers on the far side of a full vessel.
                c = plus(c, dim(liquid.colour, 0.55 * band(u, 0.55, 0.08, 0.35) * (1.0 - liquid.cloudy)));
                let line = band(y, liquid.level + sag, 0.0015, 0.004);
                c = mix(c, dim(liquid.colour, 0.35), line * 0.7);
            } else if y > liquid.level - sag {
                c = mix(clear, dim(liquid.colour, 0.9), 0.55 + 0.4 * liquid.cloudy);
                c = plus(c, [0.08; 3]);
            }
        }
        let wall = step(0.82, 0.97, edge);
        c = dim(c, 1.0 - 0.55 * wall);
        c = plus(c, dim([0.75, 0.8, 0.85], 0.55 * step(0.965, 1.0, edge)));
        let ends = step(0.02, 0.1, t) * (1.0 - step(0.86, 0.97, t));
        let bars = 1.0 - 0.75 * band((y * 7.3 + 0.2).fract(), 0.5, 0.03, 0.03);
        let window =
            band(u, -0.58, 0.07, 0.05) * bars + 0.35 * band(u, -0.8, 0.02, 0.04) + 0.22 * band(u, 0.74, 0.03, 0.06);
        c = plus(c, dim([1.0, 0.98, 0.94], window * ends * 0.85));
        let foot = step(0.955, 0.99, t);
        plus(dim(c, 1.0 - 0.4 * foot), [0.12 * foot * chord; 3])
    }

    fn rim(&self, canvas: &mut Canvas) {
        let r = (self.radius)(0.0);
        let (y, thick) = (self.top, r * 0.2);
        canvas.paint([self.x - r, y - thick, self.x + r, y + thick], |px, py| {
            let d = ((px - self.x) / r).hypot((py - y) / thick);
            let ring = band(d, 0.93, 0.05, 0.06);
            let bright = 0.45 + 0.5 * step(0.3, -0.9, (px - self.x) / r);
            ([bright, bright, bright * 1.03], ring * 0.65)
        });
    }
}
