//! Linear-light canvas and the primitives that scenes are painted with.
//!
//! Coordinates: `y` runs from 0 (top) to 1 (bottom), `x` from 0 to the aspect ratio (width ÷ height). Colours are linear RGB;
//! values above 1 are light that will bloom.

use std::sync::LazyLock;

/// A colour in linear light: red, green, blue.
pub type Rgb = [f32; 3];

/// Left, top, right and bottom of a region, in canvas coordinates.
pub type Area = [f32; 4];

/// The linear colour of an sRGB `0xRRGGBB`.
pub fn srgb(hex: u32) -> Rgb {
    // Scenes ask for colours at every pixel.
    static LINEAR: LazyLock<[f32; 256]> =
        LazyLock::new(|| std::array::from_fn(|level| (level as f32 / 255.0).powf(2.2)));
    [16, 8, 0].map(|shift| LINEAR[((hex >> shift) & 0xff) as usize])
}

/// `a` at `t = 0`, `b` at `t = 1`.
pub fn mix(a: Rgb, b: Rgb, t: f32) -> Rgb {
    [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t]
}

/// A colour made brighter or darker.
pub fn dim(c: Rgb, k: f32) -> Rgb {
    [c[0] * k, c[1] * k, c[2] * k]
}

/// The sum of two lights.
pub fn plus(a: Rgb, b: Rgb) -> Rgb {
    [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
}

/// Light `a` through filter `b`.
pub fn through(a: Rgb, b: Rgb) -> Rgb {
    [a[0] * b[0], a[1] * b[1], a[2] * b[2]]
}

/// The saturated colour of a hue in turns (0 red, ⅓ green, ⅔ blue).
pub fn hue(turns: f32) -> Rgb {
    [0.0, 2.0 / 3.0, 1.0 / 3.0].map(|shift: f32| {
        let t = (turns + shift).rem_euclid(1.0) * 6.0;
        ((t - 3.0).abs() - 1.0).clamp(0.0, 1.0)
    })
}

/// Hermite step from 0 at `from` to 1 at `to`.
pub fn step(from: f32, to: f32, x: f32) -> f32 {
    let t = ((x - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// A soft bump of 1 within `half` of `centre`, falling to 0 over `edge`.
pub fn band(x: f32, centre: f32, half: f32, edge: f32) -> f32 {
    1.0 - step(half, half + edge, (x - centre).abs())
}

/// A number in 0..1 that depends on a lattice point.
pub fn hash(ix: i32, iy: i32, seed: u32) -> f32 {
    let mut n = ix.cast_unsigned().wrapping_mul(0x27d4_eb2d)
        ^ iy.cast_unsigned().wrapping_mul(0x1656_67b1)
        ^ seed.wrapping_mul(0x9e37_79b9);
    n = (n ^ (n >> 15)).wrapping_mul(0x85eb_ca6b);
    n = (n ^ (n >> 13)).wrapping_mul(0xc2b2_ae35);
    ((n ^ (n >> 16)) >> 8) as f32 / 16_777_216.0
}

fn split(x: f32) -> (i32, f32) {
    let whole = x as i32 - i32::from(x < 0.0);
    (whole, x - whole as f32)
}

/// Value noise in 0..1 with features about one unit wide.
pub fn noise(x: f32, y: f32, seed: u32) -> f32 {
    let (ix, fx) = split(x);
    let (iy, fy) = split(y);
    let (fx, fy) = (fx * fx * (3.0 - 2.0 * fx), fy * fy * (3.0 - 2.0 * fy));
    let (a, b) = (hash(ix, iy, seed), hash(ix + 1, iy, seed));
    let (c, d) = (hash(ix, iy + 1, seed), hash(ix + 1, iy + 1, seed));
    let top = a + (b - a) * fx;
    top + (c + (d - c) * fx - top) * fy
}

/// Three octaves of [`noise`], in 0..1 and centred on ½.
pub fn cloud(x: f32, y: f32, seed: u32) -> f32 {
    noise(x, y, seed) * 0.55
        + noise(x * 2.1 + 7.0, y * 2.1, seed ^ 1) * 0.29
        + noise(x * 4.3, y * 4.3 + 3.0, seed ^ 2) * 0.16
}

/// Distance to the nearest and the second nearest scattered point, and a number that names the nearest.
pub fn cells(x: f32, y: f32, seed: u32) -> (f32, f32, f32) {
    let (ix, fx) = split(x);
    let (iy, fy) = split(y);
    let (mut first, mut second, mut name) = (9.0f32, 9.0f32, 0.0);
    for dy in -1..=1 {
        for dx in -1..=1 {
            let id = hash(ix + dx, iy + dy, seed);
            let px = dx as f32 + 0.12 + 0.76 * id - fx;
            let py = dy as f32 + 0.12 + 0.76 * hash(ix + dx, iy + dy, seed ^ 0x4d) - fy;
            let d = px * px + py * py;
            if d < first {
                (second, first, name) = (first, d, id);
            } else if d < second {
                second = d;
            }
        }
    }
    (first.sqrt(), second.sqrt(), name)
}

/// Signed distance to a rectangle with half sizes `hx`, `hy` and corner radius `r`; negative inside.
pub fn boxed(x: f32, y: f32, hx: f32, hy: f32, r: f32) -> f32 {
    let (qx, qy) = (x.abs() - hx + r, y.abs() - hy + r);
    qx.max(0.0).hypot(qy.max(0.0)) + qx.max(qy).min(0.0) - r
}

/// Distance from `p` to the segment `a`–`b`, and how far along it (0..1) the nearest point is.
pub fn segment(p: (f32, f32), a: (f32, f32), b: (f32, f32)) -> (f32, f32) {
    let (vx, vy) = (b.0 - a.0, b.1 - a.1);
    let (wx, wy) = (p.0 - a.0, p.1 - a.1);
    let t = ((wx * vx + wy * vy) / (vx * vx + vy * vy + 1e-9)).clamp(0.0, 1.0);
    ((wx - vx * t).hypot(wy - vy * t), t)
}

/// A point on a cubic Bézier curve.
pub fn bezier(p: &[(f32, f32); 4], t: f32) -> (f32, f32) {
    let s = 1.0 - t;
    let k = [s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t];
    ((0..4).map(|i| p[i].0 * k[i]).sum(), (0..4).map(|i| p[i].1 * k[i]).sum())
}

/// A raster of linear light.
#[derive(Clone)]
pub struct Canvas {
    /// Width in pixels.
    pub w: usize,
    /// Height in pixels.
    pub h: usize,
    /// Rows from the top, pixels from the left.
    pub px: Vec<Rgb>,
}

/// The pixels `from..to` that a region covers on an axis of `len` pixels.
pub fn span(from: f32, to: f32, scale: f32, len: usize) -> std::ops::Range<usize> {
    let first = (from * scale - 1.0).max(0.0) as usize;
    let last = ((to * scale + 2.0).max(0.0) as usize).min(len);
    first.min(last)..last
}

impl Canvas {
    /// A canvas on which every pixel is `f(x, y)`.
    pub fn new(w: usize, h: usize, mut f: impl FnMut(f32, f32) -> Rgb) -> Self {
        let k = 1.0 / h as f32;
        let mut px = Vec::with_capacity(w * h);
        for j in 0..h {
            let y = (j as f32 + 0.5) * k;
            px.extend((0..w).map(|i| f((i as f32 + 0.5) * k, y)));
        }
        Self { w, h, px }
    }

    /// Pixels per unit.
    pub fn scale(&self) -> f32 {
        self.h as f32
    }

    /// Width ÷ height.
    pub fn aspect(&self) -> f32 {
        self.w as f32 / self.h as f32
    }

    /// Lays `f(x, y)` = (colour, opacity) over the region.
    pub fn paint(&mut self, area: Area, mut f: impl FnMut(f32, f32) -> (Rgb, f32)) {
        self.each(area, |x, y, p| {
            let (c, a) = f(x, y);
            if a > 0.0 {
                *p = mix(*p, c, a.min(1.0));
            }
        });
    }

    /// Adds the light `f(x, y)` to the region.
    pub fn shine(&mut self, area: Area, mut f: impl FnMut(f32, f32) -> Rgb) {
        self.each(area, |x, y, p| *p = plus(*p, f(x, y)));
    }

    /// Multiplies the region by `f(x, y)`: a shadow or a filter.
    pub fn filter(&mut self, area: Area, mut f: impl FnMut(f32, f32) -> f32) {
        self.each(area, |x, y, p| *p = dim(*p, f(x, y)));
    }

    fn each(&mut self, area: Area, mut f: impl FnMut(f32, f32, &mut Rgb)) {
        let s = self.scale();
        let k = 1.0 / s;
        let columns = span(area[0], area[2], s, self.w);
        for j in span(area[1], area[3], s, self.h) {
            let y = (j as f32 + 0.5) * k;
            let row = &mut self.px[j * self.w..][..self.w];
            for (i, p) in row[columns.clone()].iter_mut().enumerate() {
                f(((i + columns.start) as f32 + 0.5) * k, y, p);
            }
        }
    }

    /// The colour at a point, interpolated; beyond the edge, the edge's.
    pub fn at(&self, x: f32, y: f32) -> Rgb {
        let s = self.scale();
        let x = (x * s - 0.5).clamp(0.0, self.w as f32 - 1.001);
        let y = (y * s - 0.5).clamp(0.0, self.h as f32 - 1.001);
        let (i, j) = (x as usize, y as usize);
        let (fx, fy) = (x - i as f32, y - j as f32);
        let o = j * self.w + i;
        let (a, b) = (self.px[o], self.px[o + 1]);
        let (c, d) = (self.px[o + self.w], self.px[o + self.w + 1]);
        mix(mix(a, b, fx), mix(c, d, fx), fy)
    }

    /// The canvas at 1/k of its size, each pixel the mean of k × k.
    pub fn shrink(&self, k: usize) -> Self {
        if k < 2 {
            return self.clone();
        }
        let (w, h) = ((self.w / k).max(2), (self.h / k).max(2));
        let mut px = vec![[0.0; 3]; w * h];
        for (j, row) in px.chunks_exact_mut(w).enumerate() {
            for source in self.px[j * k * self.w..].chunks_exact(self.w).take(k) {
                for (p, group) in row.iter_mut().zip(source.chunks_exact(k)) {
                    for q in group {
                        *p = plus(*p, *q);
                    }
                }
            }
            for p in row {
                *p = dim(*p, 1.0 / (k * k) as f32);
            }
        }
        Self { w, h, px }
    }

    /// A blurred copy, smaller than the original: read it with [`Canvas::at`]. `radius` is in canvas units.
    pub fn soft(&self, radius: f32) -> Self {
        let pixels = radius * self.scale();
        let k = ((pixels / 3.0) as usize).clamp(1, 16);
        let mut small = self.shrink(k);
        let r = ((pixels / k as f32 + 0.5) as usize).max(1);
        small.smear(r);
        small.smear(r);
        small
    }

    /// One pass of a box blur of `r` pixels to each side, along rows and then along columns.
    pub fn smear(&mut self, r: usize) {
        let (w, h) = (self.w, self.h);
        let k = 1.0 / (2 * r + 1) as f32;
        let mut line = vec![[0.0; 3]; w];
        for row in self.px.chunks_exact_mut(w) {
            line.copy_from_slice(row);
            let mut sum = dim(line[0], r as f32);
            for p in (0..=r).map(|i| line[i.min(w - 1)]) {
                sum = plus(sum, p);
            }
            for (i, p) in row.iter_mut().enumerate() {
                *p = dim(sum, k);
                let (gone, come) = (line[i.saturating_sub(r)], line[(i + r + 1).min(w - 1)]);
                sum = [0, 1, 2].map(|c| sum[c] + come[c] - gone[c]);
            }
        }
        let source = self.px.clone();
        let row = |j: usize| &source[j.min(h - 1) * w..][..w];
        let mut sums = vec![[0.0; 3]; w];
        for j in 0..=2 * r {
            for (s, p) in sums.iter_mut().zip(row(j.saturating_sub(r))) {
                *s = plus(*s, *p);
            }
        }
        for j in 0..h {
            let (gone, come) = (row(j.saturating_sub(r)), row(j + r + 1));
            for (i, p) in self.px[j * w..][..w].iter_mut().enumerate() {
                *p = dim(sums[i], k);
                sums[i] = [0, 1, 2].map(|c| sums[i][c] + come[i][c] - gone[i][c]);
            }
        }
    }

    /// Depth of field: `f(x, y)` is the blur at a point, 0 (sharp) to 1 (`radius`).
    pub fn focus(&mut self, radius: f32, f: impl Fn(f32, f32) -> f32) {
        let near = self.soft(radius * 0.3);
        let far = self.soft(radius);
        let all = [0.0, 0.0, self.aspect(), 1.0];
        self.each(all, |x, y, p| {
            let b = f(x, y);
            if b > 0.02 {
                *p = if b < 0.35 {
                    mix(*p, near.at(x, y), b / 0.35)
                } else {
                    mix(near.at(x, y), far.at(x, y), ((b - 0.35) / 0.65).min(1.0))
                };
            }
        });
    }

    /// The canvas as a plane seen at an angle; the result is `w` × `h`.
    pub fn oblique(&self, w: usize, h: usize, view: View) -> Self {
        let (half, own) = (w as f32 / h as f32 / 2.0, self.aspect() / 2.0);
        let (sin, cos) = view.turn.sin_cos();
        Self::new(w, h, |x, y| {
            let (px, py) = (x - half, y - 0.5);
            let z = view.zoom / (1.0 + view.tilt * py + view.swing * px);
            let (px, py) = (px * z, py * z);
            self.at(own + view.shift.0 + px * cos - py * sin, 0.5 + view.shift.1 + px * sin + py * cos)
        })
    }

    /// An out-of-focus point of light.
    pub fn bokeh(&mut self, x: f32, y: f32, r: f32, c: Rgb) {
        self.shine([x - r, y - r, x + r, y + r], |px, py| {
            let d = (px - x).hypot(py - y) / r;
            dim(c, (1.0 - step(0.93, 1.0, d)) * (0.75 + 0.35 * d * d))
        });
    }

    /// A soft elliptical shadow.
    pub fn shade(&mut self, x: f32, y: f32, rx: f32, ry: f32, depth: f32) {
        self.filter([x - rx, y - ry, x + rx, y + ry], |px, py| {
            let d = ((px - x) / rx).hypot((py - y) / ry);
            1.0 - depth * (1.0 - step(0.0, 1.0, d))
        });
    }

    /// A soft elliptical pool of light.
    pub fn glow(&mut self, x: f32, y: f32, rx: f32, ry: f32, c: Rgb) {
        self.shine([x - rx, y - ry, x + rx, y + ry], |px, py| {
            let d = ((px - x) / rx).hypot((py - y) / ry);
            let k = (1.0 - d).max(0.0);
            dim(c, k * k)
        });
    }

    /// A polished surface below `y`: what stands above it is mirrored in it, fainter with distance.
    pub fn mirror(&mut self, y: f32, strength: f32, reach: f32) {
        let source = self.soft(0.004);
        self.paint([0.0, y, self.aspect(), 1.0], |px, py| {
            let away = py - y;
            (source.at(px, y - away), strength * (1.0 - away / reach).max(0.0) * step(0.0, 0.004, away))
        });
    }
}

/// How a plane is seen: see [`Canvas::oblique`].
#[derive(Clone, Copy)]
pub struct View {
    /// 0 from above; up to about 1.2, the bottom edge nearer.
    pub tilt: f32,
    /// The same sideways: the right edge nearer.
    pub swing: f32,
    /// Rotation of the plane in radians.
    pub turn: f32,
    /// How much of the plane's height fills the frame's.
    pub zoom: f32,
    /// What is in the middle of the frame, from the plane's own middle.
    pub shift: (f32, f32),
}
