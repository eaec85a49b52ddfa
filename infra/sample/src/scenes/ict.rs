//! The server room and the ICT bench.

use super::super::paint::{Canvas, View, band, bezier, boxed, cloud, dim, hash, hue, mix, noise, plus, srgb, step};
use super::super::relief::{Light, Relief, bevel, gloss, metal};
use super::Shot;

/// A patch panel with its cables.
pub fn patch(shot: &mut Shot) -> Canvas {
    let a = shot.aspect();
    let seed = shot.seed();
    let mut relief = Relief::new(shot.w, shot.h, |x, y| {
        let unit = (y * 2.2).fract();
        let seam = 1.0 - step(0.0, 0.012, unit.min(1.0 - unit));
        let brush = noise(x * 8.0, y * 700.0, seed);
        gloss(dim(srgb(0x2a_2d31), 0.8 + 0.3 * brush), -0.012 * seam, 0.35)
    });
    let pitch = 0.092;
    let columns = (a / pitch) as i32 + 1;
    let palette: &[u32] = if shot.variant == 0 {
        &[0x1a_6fd0, 0x1a_6fd0, 0xf2_c01a, 0x1a_6fd0]
    } else {
        &[0xd8_3a2a, 0x2f_a860, 0xf0_f0ea, 0xf0_8a1a, 0x7a_48c0]
    };
    let mut lamps = Vec::new();
    let mut cables = Vec::new();
    for (row, y) in [0.14, 0.33, 0.60].into_iter().enumerate() {
        for n in 0..columns {
            let x = pitch * (n as f32 + 0.5);
            relief.carve([x - 0.036, y - 0.036, x + 0.036, y + 0.036], |px, py| {
                let d = boxed(px - x, py - y, 0.034, 0.03, 0.004);
                let mouth = boxed(px - x, py - y, 0.026, 0.021, 0.002);
                let pins = band(((px - x) * 160.0).fract(), 0.5, 0.2, 0.1) * step(0.0, -0.004, py - y);
                let c = if mouth < 0.0 { mix(srgb(0x08_090a), srgb(0xb8_8a3a), pins * 0.7) } else { srgb(0x16_181a) };
                (gloss(c, if mouth < 0.0 { -0.02 } else { bevel(d, 0.003, 0.008) }, 0.5), d)
            });
            if shot.below(10) < 7 {
                let c = srgb(palette[if shot.variant == 0 { (n as usize + row) % 4 } else { shot.below(5) }]);
                cables.push((x, y, c));
                let on = shot.below(3) > 0;
                lamps.push((x - 0.022, y - 0.045, if on { [0.2, 1.6, 0.3] } else { [1.6, 0.8, 0.1] }));
            }
        }
    }
    for (n, (x, y, c)) in cables.into_iter().enumerate() {
        let k = n as u32;
        let drift = (hash(n as i32, 1, seed) - 0.5) * 0.16;
        let end = (x + drift * 1.6 + (x - a * 0.5) * -0.12, 1.12);
        let path = [(x, y + 0.015), (x, y + 0.22), (x + drift, 0.80), end];
        let lift = 0.05 + 0.05 * hash(n as i32, 2, seed) + 0.03 * (1.0 - y);
        let points: Vec<(f32, f32, f32)> = (0..=22)
            .map(|i| {
                let t = i as f32 / 22.0;
                let p = bezier(&path, t);
                (p.0, p.1, lift * step(0.0, 0.3, t) + 0.012)
            })
            .collect();
        relief.tube(&points, 0.0135, |t| gloss(dim(c, 0.95 + 0.05 * noise(t * 40.0, 0.0, k)), 0.0, 0.55));
        relief.raise([x - 0.024, y - 0.02, x + 0.024, y + 0.075], |px, py| {
            let d = boxed(px - x, py - y - 0.026, 0.021 - 0.06 * (py - y - 0.03).max(0.0), 0.044, 0.006);
            let rib = if py > y + 0.03 { 0.002 * ((py - y) * 700.0).sin() } else { 0.0 };
            (gloss(dim(c, 0.85), bevel(d, 0.008, 0.042) + rib, 0.5), d)
        });
    }
    let mut lit = relief.lit(&Light { soft: 0.3, ..Light::WINDOW });
    for (x, y, c) in lamps {
        lit.glow(x, y, 0.02, 0.02, dim(c, 1.2));
        lit.glow(x, y, 0.006, 0.006, dim(c, 4.0));
    }
    let view = View {
        tilt: 0.1,
        swing: if shot.variant == 0 { 0.6 } else { -0.6 },
        turn: 0.05,
        zoom: 0.72,
        shift: (0.0, 0.03),
    };
    let mut out = lit.oblique(shot.w, shot.h, view);
    let side = if shot.variant == 0 { 0.62 } else { 0.38 };
    out.focus(0.026, |x, _| step(0.12, 0.6, (x / a - side).abs()));
    shot.look.cast = [0.95, 1.0, 1.06];
    shot.look.bloom = 0.9;
    out
}

/// Server lights in a dark rack.
pub fn servers(shot: &mut Shot) -> Canvas {
    let a = shot.aspect();
    let seed = shot.seed();
    let tall = a.max(1.0);
    let mut plane = Canvas::new(shot.w, shot.h, |x, y| {
        let unit = (y * 9.0).fract();
        let vent = ((x * 130.0).fract() - 0.5).hypot((y * 130.0).fract() - 0.5);
        let front = dim(srgb(0x22_2a34), 0.35 + 0.5 * step(0.2, 0.9, noise(x * 3.0, (y * 9.0).floor(), seed)));
        let holes = if (x * 3.0).fract() > 0.45 { 1.0 - 0.8 * step(0.36, 0.28, vent) } else { 1.0 };
        let seam = step(0.0, 0.06, unit) * step(1.0, 0.94, unit);
        let bevel = band(unit, 0.09, 0.01, 0.02) * 0.05;
        plus(dim(front, holes * (0.2 + 0.8 * seam)), [bevel * 0.5, bevel * 0.8, bevel])
    });
    for row in 0..9 {
        for n in 0..(tall * 24.0) as i32 {
            let x = 0.02 + n as f32 * 0.041;
            let chance = hash(n / 4, row, seed);
            if (x * 3.0).fract() > 0.47 || hash(n, row, seed ^ 2) > 0.4 + 0.5 * chance {
                continue;
            }
            let y = (row as f32 + 0.42 + 0.22 * (n % 2) as f32) / 9.0;
            let c = match (hash(n, row, seed ^ 3) * 12.0) as u32 {
                0 => [2.6, 1.0, 0.05],
                1 => [2.6, 0.1, 0.08],
                2..=5 => [0.1, 0.9, 3.2],
                _ => [0.12, 2.6, 0.5],
            };
            plane.glow(x, y, 0.035, 0.03, dim(c, 0.22));
            plane.glow(x, y, 0.008, 0.008, dim(c, 3.0));
        }
    }
    let swing = if shot.variant == 0 { 1.05 } else { -0.95 };
    let wide = shot.aspect();
    let mut out = plane.oblique(
        shot.w,
        shot.h,
        View { tilt: 0.0, swing: swing / wide.max(1.0), turn: 0.0, zoom: 0.62, shift: (0.0, 0.0) },
    );
    let side = if shot.variant == 0 { 0.68 } else { 0.32 };
    out.focus(0.026, |x, _| step(0.08, 0.6, (x / wide - side).abs()));
    let far = if shot.variant == 0 { 0.0 } else { wide };
    for _ in 0..34 {
        let x = (far - shot.between(0.0, wide * 0.38)).abs();
        let c = match shot.below(3) {
            0 => [0.05, 0.35, 0.9],
            1 => [0.05, 0.75, 0.2],
            _ => [0.8, 0.35, 0.05],
        };
        let (y, r, k) = (shot.between(0.0, 1.0), shot.between(0.012, 0.032), shot.between(0.15, 0.6));
        out.bokeh(x, y, r, dim(c, k));
    }
    shot.look = super::Look { exposure: 1.3, cast: [0.9, 1.0, 1.15], vignette: 0.4, grain: 2.925, bloom: 1.2 };
    out
}

/// The bare die of a chip under a macro lens.
pub fn die(shot: &mut Shot) -> Canvas {
    let a = shot.aspect();
    let seed = shot.seed();
    let mut blocks = vec![(0.03, 0.03, a - 0.06, 0.94, 0u32)];
    let mut n = 0;
    while blocks.len() < 64 && n < blocks.len() {
        let (x, y, w, h, depth) = blocks[n];
        if depth > 7 || w.max(h) < 0.07 {
            n += 1;
            continue;
        }
        let cut = shot.between(0.3, 0.7);
        let (first, second) = if w > h {
            ((x, y, w * cut, h, depth + 1), (x + w * cut, y, w * (1.0 - cut), h, depth + 1))
        } else {
            ((x, y, w, h * cut, depth + 1), (x, y + h * cut, w, h * (1.0 - cut), depth + 1))
        };
        blocks[n] = first;
        blocks.push(second);
        if shot.below(3) == 0 || depth > 4 {
            n += 1;
        }
    }
    let mut relief = Relief::new(shot.w, shot.h, |x, y| {
        let bus = ((x + y) * 90.0).sin() * 0.5 + 0.5;
        metal(mix(srgb(0x6a_5030), srgb(0xc0_9858), bus), 0.0, 0.5)
    });
    for (k, (x, y, w, h, _)) in blocks.into_iter().enumerate() {
        let tone = shot.between(0.0, 1.0);
        let (kind, fine) = (shot.below(4), shot.between(140.0, 320.0));
        let film = hue(0.45 + 0.5 * tone);
        let base = mix(srgb(0x7a_7060), film, 0.45);
        let (m, k) = (0.004, k as u32);
        relief.carve([x + m, y + m, x + w - m, y + h - m], |px, py| {
            let d = boxed(px - x - w * 0.5, py - y - h * 0.5, w * 0.5 - m, h * 0.5 - m, 0.001);
            let line = match kind {
                0 => step(0.3, 0.6, ((px * fine).sin() + 1.0) * 0.5),
                1 => step(0.3, 0.6, ((py * fine).sin() + 1.0) * 0.5),
                2 => step(0.4, 0.5, hash((px * fine) as i32, (py * fine * 0.5) as i32, seed ^ k)),
                _ => {
                    0.5 + 0.5 * step(0.1, 0.3, ((px * 60.0).fract() - 0.5).abs().min(((py * 60.0).fract() - 0.5).abs()))
                }
            };
            let shift = hue(0.5 + 0.35 * tone + 0.25 * px - 0.2 * py);
            let c = mix(dim(base, 0.35 + 0.65 * line), shift, 0.22);
            (metal(c, 0.003 + 0.0006 * line, 0.55), d)
        });
    }
    let mut lit =
        relief.lit(&Light { from: [-0.2, -0.35, 0.9], key: [1.6, 1.5, 1.4], room: [0.5, 0.55, 0.7], soft: 0.4 });
    lit.shine([0.0, 0.0, a, 1.0], |x, y| {
        let t = x / a * 0.8 + y * 0.5;
        dim(hue(t * 1.2 + 0.5), 0.16 * band(t, 0.62, 0.1, 0.4))
    });
    let mut out =
        lit.oblique(shot.w, shot.h, View { tilt: 0.5, swing: -0.2, turn: 0.35, zoom: 0.6, shift: (0.0, 0.0) });
    out.focus(0.026, |_, y| step(0.1, 0.5, (y - 0.5).abs()));
    shot.look.exposure = 1.15;
    shot.look.bloom = 0.8;
    out
}

/// Traces on an oscilloscope's screen.
pub fn oscilloscope(shot: &mut Shot) -> Canvas {
    let a = shot.aspect();
    let seed = shot.seed();
    let (hx, hy) = (a * 0.40, 0.37);
    let (cx, cy) = (a * 0.47, 0.5);
    let mut relief = Relief::new(shot.w, shot.h, |x, y| {
        let d = boxed(x - cx, y - cy, hx + 0.03, hy + 0.03, 0.05);
        let c = dim(srgb(0x8a_9096), 0.9 + 0.15 * noise(x * 500.0, y * 500.0, seed));
        gloss(c, 0.03 * step(0.0, 0.02, d), 0.25)
    });
    for n in 0..6 {
        let (x, y) = (a * 0.945, 0.10 + 0.16 * n as f32);
        relief.disc(x, y, 0.05, |dx, dy, d| {
            let notch = band(dx + dy * 0.4, 0.0, 0.003, 0.002) * step(0.0, -0.01, dy);
            let knurl = if d > 0.04 { (dy.atan2(dx) * 36.0).sin() * 0.002 } else { 0.0 };
            gloss(mix(srgb(0x24_272a), [0.9; 3], notch), 0.03 + bevel(d - 0.05, 0.012, 0.06) + knurl, 0.4)
        });
    }
    let mut lit = relief.lit(&Light { key: [0.55, 0.5, 0.45], room: [0.10, 0.13, 0.18], ..Light::LAMP });
    let square = shot.variant == 1;
    lit.paint([cx - hx, cy - hy, cx + hx, cy + hy], |x, y| {
        let (dx, dy) = (x - cx, y - cy);
        let d = boxed(dx, dy, hx, hy, 0.03);
        let (gx, gy) = (dx / hx * 5.0, dy / hy * 4.0);
        let grid =
            band((gx - gx.round()).abs(), 0.0, 0.006, 0.012).max(band((gy - gy.round()).abs(), 0.0, 0.006, 0.012));
        let axis = band(gx, 0.0, 0.01, 0.012).max(band(gy, 0.0, 0.01, 0.012));
        let base = plus([0.004, 0.012, 0.014], dim([0.05, 0.12, 0.12], grid * 0.6 + axis * 0.6));
        let glare = 0.05 * band(dx * 0.8 + dy * 0.5, -hx * 0.5, 0.10, 0.05) + 0.03 * cloud(x * 3.0, y * 3.0, seed);
        (plus(base, dim([0.5, 0.6, 0.75], glare)), (0.5 - d * 1200.0).clamp(0.0, 1.0))
    });
    let wave = move |gx: f32| {
        let (first, second) = if square {
            let p = (gx * 0.5).rem_euclid(1.0);
            let ring = (-p * 16.0).exp() * (p * 90.0).cos() * 0.35;
            ((if p < 0.5 { -1.0 } else { 1.0 }) - ring, (gx * 1.57).sin() * (-(gx + 5.0) * 0.15).exp() * 1.4)
        } else {
            ((gx * 1.9).sin() * 1.1, (gx * 3.8 + 0.6).sin() * 0.5 + (gx * 1.9).sin() * 0.7)
        };
        (first - 1.3, second + 1.6)
    };
    lit.shine([cx - hx, cy - hy, cx + hx, cy + hy], |x, y| {
        let (gx, gy) = ((x - cx) / hx * 5.0, (y - cy) / hy * 4.0);
        if gx.abs() > 4.95 {
            return [0.0; 3];
        }
        let (here, ahead) = (wave(gx), wave(gx + 0.02));
        let trace = |v: f32, next: f32| {
            let lean = ((next - v) / 0.02).abs();
            let d = (gy - v).abs() / (1.0 + lean * lean).sqrt();
            band(d, 0.0, 0.016, 0.03) * 1.5 + 0.12 * (-d * 7.0).exp()
        };
        plus(dim([1.7, 1.25, 0.1], trace(here.0, ahead.0)), dim([0.1, 1.1, 1.6], trace(here.1, ahead.1)))
    });
    let mut out =
        lit.oblique(shot.w, shot.h, View { tilt: 0.1, swing: -0.35, turn: -0.05, zoom: 0.86, shift: (0.0, 0.0) });
    out.focus(0.014, |x, _| step(0.15, 0.6, (x / a - 0.42).abs()));
    shot.look = super::Look { exposure: 1.25, bloom: 1.2, grain: 2.7, vignette: 0.4, ..shot.look };
    out
}
