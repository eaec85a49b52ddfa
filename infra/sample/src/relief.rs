//! A surface seen from the front: colour, height and gloss for each pixel, then lit as a whole.
//!
//! Decision: most scenes are height fields rather than flat shapes. One lighting pass gives all of them consistent light, cast
//! shadows, dark crevices and reflections of a window, which is what makes a drawing read as a photograph.

use super::paint::{Area, Canvas, Rgb, dim, mix, plus, segment, span, step, through};

/// What the surface is at one point.
#[derive(Clone, Copy)]
pub struct Texel {
    /// Colour in diffuse light.
    pub albedo: Rgb,
    /// Towards the camera, in canvas units.
    pub height: f32,
    /// 0 chalk, 1 glass.
    pub gloss: f32,
    /// 0 paint, 1 bare metal.
    pub metal: f32,
}

/// A matt texel.
pub fn matt(albedo: Rgb, height: f32) -> Texel {
    Texel { albedo, height, gloss: 0.08, metal: 0.0 }
}

/// A texel with some shine.
pub fn gloss(albedo: Rgb, height: f32, gloss: f32) -> Texel {
    Texel { albedo, height, gloss, metal: 0.0 }
}

/// A metal texel.
pub fn metal(albedo: Rgb, height: f32, gloss: f32) -> Texel {
    Texel { albedo, height, gloss, metal: 1.0 }
}

/// The height of a rounded edge: `d` is the signed distance (negative inside), `width` the bevel's, `top` the full height.
pub fn bevel(d: f32, width: f32, top: f32) -> f32 {
    let t = 1.0 - (-d / width).clamp(0.0, 1.0);
    top * (1.0 - t * t).sqrt()
}

/// The key light and the room.
#[derive(Clone, Copy)]
pub struct Light {
    /// Towards the key light (x right, y down, z to the camera); need not be of unit length.
    pub from: [f32; 3],
    /// The key light's colour and strength.
    pub key: Rgb,
    /// Light from the rest of the room.
    pub room: Rgb,
    /// How soft the cast shadows are: 0.05 sun, 0.6 overcast.
    pub soft: f32,
}

impl Light {
    /// Window light from the upper left.
    pub const WINDOW: Self =
        Self { from: [-0.6, -0.55, 0.75], key: [1.25, 1.18, 1.05], room: [0.30, 0.34, 0.42], soft: 0.35 };
    /// Warm lamp from the upper right.
    pub const LAMP: Self =
        Self { from: [0.7, -0.45, 0.6], key: [1.5, 1.15, 0.8], room: [0.20, 0.21, 0.27], soft: 0.22 };
    /// Low, hard side light in a dark room.
    pub const RAKING: Self =
        Self { from: [-0.9, -0.25, 0.4], key: [1.5, 1.35, 1.15], room: [0.12, 0.15, 0.22], soft: 0.15 };
}

/// A height field under construction.
pub struct Relief {
    w: usize,
    h: usize,
    px: Vec<Texel>,
}

impl Relief {
    /// A surface on which every texel is `f(x, y)`.
    pub fn new(w: usize, h: usize, mut f: impl FnMut(f32, f32) -> Texel) -> Self {
        let k = 1.0 / h as f32;
        let mut px = Vec::with_capacity(w * h);
        for j in 0..h {
            let y = (j as f32 + 0.5) * k;
            px.extend((0..w).map(|i| f((i as f32 + 0.5) * k, y)));
        }
        Self { w, h, px }
    }

    /// Puts `f(x, y)` = (texel, signed distance to the shape's edge) where it is higher than what is there.
    pub fn raise(&mut self, area: Area, f: impl FnMut(f32, f32) -> (Texel, f32)) {
        self.put(area, f, true);
    }

    /// Puts `f(x, y)` = (texel, signed distance to the shape's edge) whatever is there: a hole, a print.
    pub fn carve(&mut self, area: Area, f: impl FnMut(f32, f32) -> (Texel, f32)) {
        self.put(area, f, false);
    }

    fn put(&mut self, area: Area, mut f: impl FnMut(f32, f32) -> (Texel, f32), only_above: bool) {
        let s = self.h as f32;
        let k = 1.0 / s;
        let columns = span(area[0], area[2], s, self.w);
        for j in span(area[1], area[3], s, self.h) {
            let y = (j as f32 + 0.5) * k;
            let row = &mut self.px[j * self.w..][..self.w];
            for (i, p) in row[columns.clone()].iter_mut().enumerate() {
                let (t, d) = f(((i + columns.start) as f32 + 0.5) * k, y);
                let cover = (0.5 - d * s).clamp(0.0, 1.0);
                if cover > 0.0 && !(only_above && t.height < p.height) {
                    *p = Texel {
                        albedo: mix(p.albedo, t.albedo, cover),
                        height: p.height + (t.height - p.height) * cover,
                        gloss: p.gloss + (t.gloss - p.gloss) * cover,
                        metal: p.metal + (t.metal - p.metal) * cover,
                    };
                }
            }
        }
    }

    /// Changes the texels of a region in place.
    pub fn adjust(&mut self, area: Area, mut f: impl FnMut(f32, f32, &mut Texel)) {
        let s = self.h as f32;
        let columns = span(area[0], area[2], s, self.w);
        for j in span(area[1], area[3], s, self.h) {
            let y = (j as f32 + 0.5) / s;
            let row = &mut self.px[j * self.w..][..self.w];
            for (i, p) in row[columns.clone()].iter_mut().enumerate() {
                f(((i + columns.start) as f32 + 0.5) / s, y, p);
            }
        }
    }

    /// A disc around (`x`, `y`): `f(dx, dy, distance)` is the texel.
    pub fn disc(&mut self, x: f32, y: f32, r: f32, mut f: impl FnMut(f32, f32, f32) -> Texel) {
        self.raise([x - r, y - r, x + r, y + r], |px, py| {
            let (dx, dy) = (px - x, py - y);
            let d = dx.hypot(dy);
            (f(dx, dy, d), d - r)
        });
    }

    /// A round rod, cable or bead of solder along points (x, y, height of its axis).
    pub fn tube(&mut self, points: &[(f32, f32, f32)], r: f32, mut f: impl FnMut(f32) -> Texel) {
        let count = (points.len() - 1) as f32;
        for (n, pair) in points.windows(2).enumerate() {
            let (a, b) = (pair[0], pair[1]);
            let area = [a.0.min(b.0) - r, a.1.min(b.1) - r, a.0.max(b.0) + r, a.1.max(b.1) + r];
            self.raise(area, |x, y| {
                let (d, t) = segment((x, y), (a.0, a.1), (b.0, b.1));
                let mut texel = f((n as f32 + t) / count);
                texel.height += a.2 + (b.2 - a.2) * t + (r * r - d * d).max(0.0).sqrt();
                (texel, d - r)
            });
        }
    }

    /// The heights at 1/4 of the size, grown by their neighbourhood's mean; and the shadows cast on them.
    fn shadows(&self, light: &Light) -> (Canvas, f32) {
        let heights =
            Canvas { w: self.w, h: self.h, px: self.px.iter().map(|p| [p.height, 0.0, 0.0]).collect() }.shrink(4);
        let mut blurred = heights.clone();
        blurred.smear(6);
        blurred.smear(6);
        let (low, high) = heights.px.iter().fold((9.0f32, -9.0f32), |(l, h), p| (l.min(p[0]), h.max(p[0])));
        let flat = light.from[0].hypot(light.from[1]).max(1e-3);
        let slope = light.from[2] / flat;
        let (ux, uy) = (light.from[0] / flat, light.from[1] / flat);
        let stride = ((high - low) / slope / 20.0).max(1e-4);
        let mut out = Canvas::new(heights.w, heights.h, |_, _| [0.0; 3]);
        for j in 0..out.h {
            for i in 0..out.w {
                let own = heights.px[j * out.w + i][0];
                let mut dark = 0.0f32;
                for n in 1..=20 {
                    let t = stride * n as f32;
                    let x = (i as f32 + ux * t * heights.scale()).clamp(0.0, out.w as f32 - 1.0) as usize;
                    let y = (j as f32 + uy * t * heights.scale()).clamp(0.0, out.h as f32 - 1.0) as usize;
                    let over = heights.px[y * out.w + x][0] - own - t * slope;
                    dark = dark.max(over / (t * light.soft + 0.002));
                }
                out.px[j * out.w + i] = [1.0 - step(0.0, 1.0, dark), blurred.px[j * out.w + i][0], 0.0];
            }
        }
        out.smear(1);
        (out, high - low)
    }

    /// The surface as the camera sees it.
    pub fn lit(&self, light: &Light) -> Canvas {
        let (shadows, depth) = self.shadows(light);
        let size = (light.from[0].powi(2) + light.from[1].powi(2) + light.from[2].powi(2)).sqrt();
        let l = light.from.map(|c| c / size);
        let s = self.h as f32;
        let (w, h) = (self.w, self.h);
        let aspect = w as f32 / s;
        let cavity = 2.2 / (depth + 0.02);
        let mut canvas = Canvas { w, h, px: Vec::with_capacity(w * h) };
        for j in 0..h {
            let y = (j as f32 + 0.5) / s;
            let (up, down) = (j.saturating_sub(1) * w, (j + 1).min(h - 1) * w);
            for i in 0..w {
                let x = (i as f32 + 0.5) / s;
                let p = &self.px[j * w + i];
                let (left, right) = (i.saturating_sub(1), (i + 1).min(w - 1));
                let gx = (self.px[j * w + right].height - self.px[j * w + left].height) * s * 0.5;
                let gy = (self.px[down + i].height - self.px[up + i].height) * s * 0.5;
                let k = 1.0 / (1.0 + gx * gx + gy * gy).sqrt();
                let n = [-gx * k, -gy * k, k];
                let [lit, mean, _] = shadows.at(x, y);
                let diffuse = (n[0] * l[0] + n[1] * l[1] + n[2] * l[2]).max(0.0) * lit;
                let open = 1.0 / (1.0 + (mean - p.height).max(0.0) * cavity);
                // The camera is near: the mirror direction swings across the frame, so flat gloss is not evenly bright.
                let rx = 2.0 * n[2] * n[0] + (x - aspect / 2.0) * 0.45;
                let ry = 2.0 * n[2] * n[1] + (y - 0.5) * 0.45;
                let blur = 0.1 + 0.9 * (1.0 - p.gloss);
                let pane = (1.0 - step(0.22, 0.3 + blur, (rx - l[0]).abs()))
                    * (1.0 - step(0.3, 0.38 + blur, (ry - l[1]).abs()));
                let sky = 0.35 + 0.65 * step(0.7, -0.8, ry);
                let edge = 1.0 - n[2];
                let fresnel = (0.045 + 0.5 * edge * edge * edge) * p.gloss;
                let mirror = mix([fresnel; 3], p.albedo, p.metal);
                let glint = pane * (0.25 + 0.75 * lit) * (0.6 + 5.5 * p.gloss * (1.0 - 0.62 * p.metal));
                let body = dim(
                    through(p.albedo, plus(dim(light.key, diffuse), dim(light.room, open * (0.7 + 0.3 * n[2])))),
                    1.0 - 0.93 * p.metal,
                );
                let shine = through(mirror, plus(dim(light.key, glint), dim(light.room, 1.5 * sky * open)));
                canvas.px.push(plus(body, shine));
            }
        }
        canvas
    }
}
