//! The design and technology workshop.

use std::f32::consts::TAU;

use super::super::paint::{Canvas, Rgb, View, band, boxed, cloud, dim, mix, noise, plus, segment, srgb, step};
use super::super::relief::{Light, Relief, Texel, bevel, gloss, matt, metal};
use super::Shot;

/// Planed wood with the grain along x.
pub fn wood(x: f32, y: f32, seed: u32, pale: Rgb, dark: Rgb) -> Rgb {
    let drift = cloud(x * 1.3, y * 3.0, seed) * 0.9;
    let ring = ((y + drift * 0.22) * 34.0 + noise(x * 2.0, y * 26.0, seed ^ 4) * 1.4).sin() * 0.5 + 0.5;
    let pore = noise(x * 14.0, y * 420.0, seed ^ 9);
    let fibre = noise(x * 5.0, y * 150.0, seed ^ 6);
    dim(mix(pale, dark, (0.55 * ring + 0.35 * fibre).clamp(0.0, 1.0)), 1.0 - 0.3 * step(0.7, 0.95, pore))
}

/// A dovetail joint, close.
pub fn dovetail(shot: &mut Shot) -> Canvas {
    let a = shot.aspect();
    let (seed, other) = (shot.seed(), shot.seed());
    let woods: [(u32, u32); 2] = if shot.variant == 0 {
        [(0xd9_b382, 0xb0_7f4a), (0x7a_4a2c, 0x4a_2a18)]
    } else {
        [(0xb5_6b42, 0x86_4526), (0xe6_cfa4, 0xc6_a26c)]
    };
    let (joint, deep, pitch) = (a * 0.46, 0.17, 0.27);
    let mut relief = Relief::new(shot.w, shot.h, |x, y| {
        let row = (y + 0.06) / pitch;
        let v = (row.fract() - 0.5) * pitch;
        let flare = 0.078 + (x - joint) / deep * 0.032;
        let inside = (x - joint - deep).max(joint - x).max(v.abs() - flare);
        let tail = x < joint || inside < 0.0;
        let gap = if x > joint - 0.01 && x < joint + deep + 0.01 { inside.abs() } else { 1.0 };
        let c = if tail {
            wood(x, y, seed, srgb(woods[0].0), srgb(woods[0].1))
        } else if x < joint + deep {
            // End grain between the tails.
            let ring = (((x - 0.1).hypot(y + 0.9)) * 150.0 + noise(x * 20.0, y * 20.0, other)).sin();
            dim(
                mix(srgb(woods[1].0), srgb(woods[1].1), 0.45 + 0.25 * ring + 0.3 * noise(x * 260.0, y * 260.0, other)),
                0.85,
            )
        } else {
            wood(y * 0.8, x, other, srgb(woods[1].0), srgb(woods[1].1))
        };
        let groove = 1.0 - step(0.0, 0.0035, gap);
        let scribe = band(x, joint - 0.004, 0.0006, 0.001) * 0.5;
        let pore = noise(x * 30.0, y * 400.0, seed) * 0.0006;
        let lift = if tail { 0.0022 } else { 0.0 };
        Texel {
            albedo: dim(c, 1.0 - 0.75 * groove - 0.4 * scribe),
            height: lift + pore - 0.006 * groove - 0.001 * scribe,
            gloss: 0.3,
            metal: 0.0,
        }
    });
    // Curls of shaving left on the board.
    for _ in 0..5 {
        let (cx, cy, r) = (shot.between(0.1, a * 0.42), shot.between(0.1, 0.95), shot.between(0.025, 0.05));
        let start = shot.between(0.0, TAU);
        let points: Vec<(f32, f32, f32)> = (0..26)
            .map(|n| {
                let t = n as f32 / 25.0;
                let angle = start + t * TAU * 1.3;
                let radius = r * (1.0 - 0.5 * t);
                (cx + angle.cos() * radius, cy + angle.sin() * radius * 0.8, 0.01 + 0.03 * t)
            })
            .collect();
        relief.tube(&points, 0.009, |t| gloss(dim(srgb(0xe6_c898), 0.75 + 0.25 * (t * 30.0).sin()), 0.0, 0.2));
    }
    let canvas = relief.lit(&if shot.variant == 0 { Light::WINDOW } else { Light::LAMP });
    let view = View {
        tilt: 0.55,
        swing: 0.25,
        turn: if shot.variant == 0 { -0.22 } else { 0.18 },
        zoom: 0.66,
        shift: (0.0, 0.02),
    };
    let mut out = canvas.oblique(shot.w, shot.h, view);
    out.focus(0.025, |_, y| step(0.10, 0.5, (y - 0.55).abs()));
    shot.look.vignette = 0.5;
    shot.look.exposure = 1.1;
    out
}

/// Distance to a gear with `teeth` teeth; `r` is the pitch radius.
fn gear(dx: f32, dy: f32, r: f32, teeth: f32, turn: f32) -> f32 {
    let d = dx.hypot(dy);
    let wave = ((dy.atan2(dx) + turn) * teeth).cos();
    let tooth = (wave * 2.2).clamp(-1.0, 1.0) * r * 2.4 / teeth * 0.42;
    d - r - tooth
}

/// 3D-printed gears on a cutting mat.
pub fn gears(shot: &mut Shot) -> Canvas {
    let a = shot.aspect();
    let seed = shot.seed();
    let mat = srgb(if shot.variant == 0 { 0x1d_4a4a } else { 0x2b_2f36 });
    let mut relief = Relief::new(shot.w, shot.h, |x, y| {
        let (gx, gy) = ((x * 8.0).fract() - 0.5, (y * 8.0).fract() - 0.5);
        let line = band(gx.abs(), 0.5, 0.008, 0.008).max(band(gy.abs(), 0.5, 0.008, 0.008));
        let speck = noise(x * 300.0, y * 300.0, seed);
        matt(mix(dim(mat, 0.8 + 0.4 * speck), srgb(0x9f_b8a8), line * 0.45), speck * 0.001)
    });
    let colours: [u32; 4] = if shot.variant == 0 {
        [0xee_7a16, 0xe9_e6df, 0x18_86c8, 0xf2_c21c]
    } else {
        [0xd8_2a5c, 0x2f_b8a0, 0xf0_f0ee, 0x7a_58d0]
    };
    let mid = a * 0.5;
    let list = [
        (mid - 0.20, 0.44, 0.235, 24.0, 0.0, 0.07),
        (mid + 0.20, 0.33, 0.165, 17.0, 0.10, 0.062),
        (mid + 0.16, 0.70, 0.195, 20.0, 0.05, 0.055),
        (mid - 0.24, 0.86, 0.13, 13.0, 0.2, 0.05),
    ];
    for (n, (cx, cy, r, teeth, turn, top)) in list.into_iter().enumerate() {
        let c = srgb(colours[n]);
        let reach = r * 1.15;
        relief.raise([cx - reach, cy - reach, cx + reach, cy + reach], |x, y| {
            let (dx, dy) = (x - cx, y - cy);
            let d = dx.hypot(dy);
            let bore = r * 0.2 - d;
            let spoke = (dy.atan2(dx) * 5.0).cos();
            let window = (d - r * 0.54).abs() - r * 0.18;
            let window = -(window.max(-(spoke + 0.35) * d * 0.14));
            let edge = gear(dx, dy, r, teeth, turn).max(bore).max(window);
            // Perimeters follow the outline; inside them the infill runs diagonally.
            let wall = -edge / 0.0042;
            let bead = if wall < 4.0 { (wall * TAU).cos() } else { ((dx + dy) / 0.0036 * TAU * 0.7).cos() };
            let height = bevel(edge, 0.004, top) + bead * 0.00045 + noise(dx * 90.0, dy * 90.0, seed) * 0.0006;
            (gloss(dim(c, 0.92 + 0.06 * bead), height, 0.55), edge)
        });
    }
    let lit = relief.lit(&Light { soft: 0.25, ..Light::WINDOW });
    let view = View { tilt: 0.5, swing: -0.15, turn: 0.28, zoom: 0.78, shift: (0.0, 0.02) };
    let mut out = lit.oblique(shot.w, shot.h, view);
    out.focus(0.024, |_, y| step(0.12, 0.55, (y - 0.56).abs()));
    out
}

/// Laser-cut fluorescent acrylic, light gathering at its edges.
pub fn acrylic(shot: &mut Shot) -> Canvas {
    let a = shot.aspect();
    let seed = shot.seed();
    let mut canvas = Canvas::new(shot.w, shot.h, |x, y| {
        dim(
            mix(srgb(0x23_2730), srgb(0x0c_0e12), step(0.0, 1.0, x / a * 0.6 + y * 0.5)),
            0.85 + 0.3 * noise(x * 160.0, y * 160.0, seed),
        )
    });
    let colours = [
        [1.0, 0.16, 0.03],
        [0.15, 1.0, 0.12],
        [0.05, 0.42, 1.0],
        [1.0, 0.75, 0.02],
        [1.0, 0.05, 0.4],
        [0.1, 0.95, 0.85],
    ];
    let count = if a < 1.0 { 6 } else { 8 };
    for n in 0..count {
        let columns = if a < 1.0 { 2 } else { 4 };
        let (col, row) = ((n % columns) as f32, (n / columns) as f32);
        let rows = (count / columns) as f32;
        let (cx, cy) = (
            a * (col + 0.5) / columns as f32 + shot.between(-0.04, 0.04),
            (row + 0.5) / rows + shot.between(-0.06, 0.06),
        );
        let r = shot.between(0.16, 0.2);
        let turn = shot.between(0.0, TAU);
        let c = colours[(n + shot.variant as usize) % 6];
        let kind = n % 4;
        let shape = move |x: f32, y: f32| {
            let (dx, dy) = (x - cx, y - cy);
            let d = dx.hypot(dy);
            let angle = dy.atan2(dx) + turn;
            let hole = r * 0.13 - (dx - turn.cos() * r * 0.0).hypot(dy);
            let outline = match kind {
                0 => gear(dx, dy, r * 0.85, 14.0, turn),
                1 => d - r * (0.72 + 0.26 * (angle * 5.0).cos()),
                2 => {
                    let (u, v) = (dx * turn.cos() + dy * turn.sin(), dy * turn.cos() - dx * turn.sin());
                    let comb = if (u * 26.0).sin() > 0.0 { 0.0 } else { 0.022 };
                    boxed(u, v, r * 1.05, r * 0.62 - comb, 0.004)
                }
                _ => d - r * (0.86 + 0.03 * (angle * 6.0).cos().signum()),
            };
            outline.max(hole)
        };
        let reach = r * 1.5;
        let area = [cx - reach, cy - reach, cx + reach, cy + reach];
        canvas.glow(cx + 0.03, cy + 0.04, r * 1.6, r * 1.6, dim(c, 0.28));
        canvas.filter(area, |x, y| 1.0 - 0.45 * step(0.02, -0.02, shape(x - 0.018, y - 0.024)));
        canvas.paint(area, |x, y| {
            let d = shape(x, y);
            let inside = (0.5 - d * 1100.0).clamp(0.0, 1.0);
            let etched = band((d + 0.03).abs(), 0.0, 0.0012, 0.0015);
            let sheen = 0.10 * band(((x - y * 0.6) * 1.6 + turn * 0.05).fract(), 0.5, 0.10, 0.2);
            let rim = (-d / 0.011).clamp(0.0, 1.0);
            let lip = (1.0 - rim) * (1.0 - rim);
            let c = plus(dim(c, 0.30 + 2.4 * lip + 0.8 * etched), [sheen + 0.35 * band(-d, 0.0105, 0.0008, 0.0012); 3]);
            (c, inside * (0.62 + 0.38 * (1.0 - step(0.0, 0.013, -d))))
        });
    }
    let mut out =
        canvas.oblique(shot.w, shot.h, View { tilt: 0.55, swing: 0.1, turn: -0.12, zoom: 0.78, shift: (0.0, 0.0) });
    out.focus(0.025, |_, y| step(0.14, 0.55, (y - 0.55).abs()));
    shot.look.bloom = 1.0;
    shot.look.exposure = 1.15;
    out
}

/// The face of a turned disc with curls of swarf.
pub fn swarf(shot: &mut Shot) -> Canvas {
    let a = shot.aspect();
    let seed = shot.seed();
    let brass = shot.variant == 0;
    let base = srgb(if brass { 0xe0_b050 } else { 0xb8_bcc2 });
    let (cx, cy) = (a * 0.42, 0.5);
    let mut canvas = Canvas::new(shot.w, shot.h, |x, y| {
        let (dx, dy) = (x - cx, y - cy);
        let d = dx.hypot(dy);
        let angle = dy.atan2(dx);
        let groove = noise(d * 420.0, 0.5, seed) * 0.6 + noise(d * 1100.0, 3.5, seed) * 0.4;
        // Turned rings reflect a lamp as bright wedges.
        let wedge = (angle + 0.75).cos().powi(2).powi(9)
            + 0.55 * (angle - 0.55).cos().powi(2).powi(14)
            + 0.2 * (angle * 2.0 + 0.4).cos().max(0.0);
        let stepped = if d < 0.12 {
            0.55
        } else if d < 0.30 {
            0.8
        } else {
            1.0
        };
        let lip = band(d, 0.12, 0.002, 0.003) + band(d, 0.30, 0.002, 0.003);
        let face =
            dim(base, (0.10 + 0.25 * groove * stepped + wedge * (0.55 + 0.7 * groove)) * stepped + lip * (0.3 + wedge));
        let rim = step(0.452, 0.448, d);
        let hole = step(0.028, 0.032, d);
        let room = dim(
            mix(srgb(0x20_2830), srgb(0x4a_4238), (x / a + 0.3 * noise(x * 4.0, y * 4.0, seed)).clamp(0.0, 1.0)),
            0.7,
        );
        mix(room, dim(face, hole), rim)
    });
    canvas.focus(0.02, |x, y| step(0.30, 0.7, (x - cx).hypot(y - cy)));
    for n in 0..(if a < 1.0 { 9 } else { 13 }) {
        let (x0, y0) = (shot.between(0.25 * a, a * 1.02), shot.between(0.5, 1.05));
        let (heading, r, long) = (shot.between(-0.7, 0.7), shot.between(0.016, 0.03), shot.between(0.25, 0.5));
        let turns = long / r * 0.55;
        let heat = shot.between(0.0, 1.0);
        let hot = if brass { srgb(0xf2_c868) } else { mix(srgb(0xd8_a860), srgb(0x5a_70c8), heat) };
        canvas.shade(x0 + 0.05, y0 + 0.05, long * 0.6, 0.09, 0.4);
        let steps = 420;
        for k in 0..steps {
            let t = k as f32 / steps as f32;
            let phase = t * turns * TAU;
            let bend = heading + (t - 0.5) * 0.9 * (n as f32).sin();
            let along = (t - 0.5) * long;
            let (ax, ay) = (x0 + along * bend.cos(), y0 + along * bend.sin());
            let (x, y) = (
                ax - bend.sin() * phase.cos() * r + bend.cos() * phase.sin() * r * 0.35,
                ay + bend.cos() * phase.cos() * r + bend.sin() * phase.sin() * r * 0.35,
            );
            let front = phase.sin() * 0.5 + 0.5;
            let shine = 0.22 + 0.5 * front + 1.6 * band(phase.cos(), -0.55, 0.1, 0.25) * front;
            let w = 0.0062 + 0.004 * front;
            let c = dim(hot, shine);
            canvas.paint([x - w, y - w, x + w, y + w], |px, py| {
                (c, ((w - (px - x).hypot(py - y)) * 900.0).clamp(0.0, 1.0))
            });
        }
    }
    shot.look.bloom = 0.9;
    shot.look.vignette = 0.5;
    canvas
}

/// A soldered circuit board.
pub fn pcb(shot: &mut Shot) -> Canvas {
    let a = shot.aspect();
    let seed = shot.seed();
    let mask = srgb(match shot.variant {
        0 => 0x0f_5a34,
        _ => 0x16_2f78,
    });
    let mut relief =
        Relief::new(shot.w, shot.h, |x, y| gloss(dim(mask, 0.92 + 0.16 * noise(x * 120.0, y * 120.0, seed)), 0.0, 0.6));
    let pad = srgb(0xe6_c070);
    for n in 0..70 {
        let (x, y) = ((shot.between(0.0, a) * 40.0).floor() / 40.0, (shot.between(0.0, 1.0) * 40.0).floor() / 40.0);
        let (run, diagonal) = (shot.between(0.05, 0.3), shot.between(-0.1, 0.1));
        let (bx, by) = if n % 2 == 0 { (x + run, y) } else { (x, y + run) };
        let (ex, ey) =
            if n % 2 == 0 { (bx + diagonal.abs(), by + diagonal) } else { (bx + diagonal, by + diagonal.abs()) };
        let c = dim(mask, 1.6);
        for (p, q) in [((x, y), (bx, by)), ((bx, by), (ex, ey))] {
            let r = 0.0035;
            relief.carve([p.0.min(q.0) - r, p.1.min(q.1) - r, p.0.max(q.0) + r, p.1.max(q.1) + r], |px, py| {
                let d = segment((px, py), p, q).0 - r;
                (gloss(c, bevel(d, 0.002, 0.0012), 0.6), d)
            });
        }
        for (px, py) in [(x, y), (ex, ey)] {
            relief.disc(
                px,
                py,
                0.008,
                |_, _, d| if d < 0.0032 { matt([0.004; 3], 0.003) } else { metal(pad, 0.002, 0.6) },
            );
        }
    }
    let chip = |relief: &mut Relief, cx: f32, cy: f32, hx: f32, hy: f32, pins: usize| {
        for n in 0..pins {
            let x = cx - hx + (n as f32 + 0.5) / pins as f32 * hx * 2.0;
            for side in [-1.0, 1.0] {
                let y = cy + side * (hy + 0.012);
                let w = hx / pins as f32 * 0.45;
                relief.raise([x - w, y - 0.022, x + w, y + 0.022], |px, py| {
                    let d = boxed(px - x, py - y, w, 0.02, w * 0.6);
                    (metal(srgb(0xd6_d8da), bevel(d, w, 0.012) + 0.004, 0.75), d)
                });
            }
        }
        relief.raise([cx - hx, cy - hy, cx + hx, cy + hy], |x, y| {
            let d = boxed(x - cx, y - cy, hx, hy, 0.004);
            let dot = (x - cx + hx - 0.02).hypot(y - cy - hy + 0.02) - 0.008;
            let print = band(y - cy, -hy * 0.1, 0.004, 0.001)
                * step(-hx * 0.6, -hx * 0.59, x - cx)
                * step(hx * 0.35, hx * 0.34, x - cx);
            let c = plus(dim(srgb(0x1e_2022), 0.9 + 0.2 * noise(x * 400.0, y * 400.0, seed)), dim([0.25; 3], print));
            (gloss(c, bevel(d, 0.008, 0.04) - 0.004 * step(0.001, -0.001, dot), 0.35), d)
        });
    };
    chip(&mut relief, a * 0.5, 0.5, 0.17, 0.085, 10);
    chip(&mut relief, a * 0.22, 0.22, 0.09, 0.05, 6);
    chip(&mut relief, a * 0.8, 0.78, 0.1, 0.06, 7);
    for _ in 0..26 {
        let (x, y) = (shot.between(0.05, a - 0.05), shot.between(0.05, 0.95));
        if (x - a * 0.5).abs() < 0.24 && (y - 0.5).abs() < 0.15 {
            continue;
        }
        let across = shot.below(2) == 0;
        let c = shot.one_of(&[0xb8_8a5a, 0x22_2222, 0xd8_c8a0]);
        relief.raise([x - 0.03, y - 0.03, x + 0.03, y + 0.03], |px, py| {
            let (u, v) = if across { (px - x, py - y) } else { (py - y, px - x) };
            let d = boxed(u, v, 0.022, 0.011, 0.002);
            let cap = u.abs() > 0.0135;
            let top = bevel(d, 0.003, 0.016);
            (if cap { metal(srgb(0xdc_dee0), top, 0.7) } else { gloss(c, top, 0.4) }, d)
        });
    }
    // Capacitors and solder joints.
    for n in 0..5 {
        let (x, y) = (a * (0.16 + 0.17 * n as f32), if n % 2 == 0 { 0.82 } else { 0.16 });
        let r = shot.between(0.035, 0.05);
        relief.disc(x, y, r, |dx, dy, d| {
            let mark = if dx > r * 0.55 { 0x2a_3a6a } else { 0xd0_d4d8 };
            let top = bevel(d - r, 0.006, 0.10);
            let cross = band(dx, 0.0, 0.001, 0.001).max(band(dy, 0.0, 0.001, 0.001)) * step(r * 0.7, r * 0.6, d);
            metal(srgb(mark), top - 0.002 * cross, 0.55)
        });
    }
    for n in 0..14 {
        let (x, y, r) = (a * 0.28 + 0.035 * n as f32, 0.335, 0.0125);
        relief.disc(x, y, r, |_, _, d| metal(srgb(0xd8_dadc), (r * r - d * d).max(0.0).sqrt() * 1.2, 0.85));
    }
    let lit = relief.lit(&if shot.variant == 0 { Light::LAMP } else { Light::WINDOW });
    let mut out =
        lit.oblique(shot.w, shot.h, View { tilt: 0.75, swing: 0.2, turn: -0.35, zoom: 0.58, shift: (0.0, 0.02) });
    out.focus(0.03, |_, y| step(0.08, 0.5, (y - 0.55).abs()));
    shot.look.bloom = 0.8;
    shot.look.vignette = 0.5;
    shot.look.exposure = 1.15;
    out
}
