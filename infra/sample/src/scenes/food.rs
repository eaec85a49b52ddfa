//! The food room.

use std::f32::consts::TAU;

use super::super::paint::{Canvas, Rgb, View, band, boxed, cloud, dim, hash, mix, noise, srgb, step};
use super::super::relief::{Light, Relief, bevel, gloss, matt, metal};
use super::Shot;
use super::workshop::wood;

fn berry(relief: &mut Relief, x: f32, y: f32, base: f32, r: f32, c: Rgb, shine: f32) {
    relief.disc(x, y, r, |dx, dy, d| {
        let bloom = 0.85 + 0.3 * noise(dx * 90.0 + x * 50.0, dy * 90.0, 7);
        gloss(dim(c, bloom), base + (r * r - d * d).max(0.0).sqrt(), shine)
    });
}

fn dice(relief: &mut Relief, x: f32, y: f32, base: f32, r: f32, turn: f32, c: Rgb) {
    let reach = r * 1.5;
    relief.raise([x - reach, y - reach, x + reach, y + reach], |px, py| {
        let (dx, dy) = (px - x, py - y);
        let (u, v) = (dx * turn.cos() + dy * turn.sin(), dy * turn.cos() - dx * turn.sin());
        let d = boxed(u, v, r, r * 0.8, r * 0.25);
        let pulp = 0.85 + 0.3 * noise(u * 120.0 + x * 99.0, v * 120.0, 3);
        (gloss(dim(c, pulp), base + bevel(d, r * 0.35, r * 1.1) + (u * 0.3 + v * 0.2) * turn.sin(), 0.75), d)
    });
}

fn leaf(relief: &mut Relief, x: f32, y: f32, base: f32, r: f32, turn: f32, c: Rgb) {
    relief.raise([x - r, y - r, x + r, y + r], |px, py| {
        let (dx, dy) = (px - x, py - y);
        let (u, v) = (dx * turn.cos() + dy * turn.sin(), dy * turn.cos() - dx * turn.sin());
        let w = r * 0.42 * (1.0 - (u / r).powi(2)).max(0.0);
        let vein = band(v, 0.0, r * 0.02, r * 0.05)
            .max(0.4 * band(((u.abs() * 0.7 + v.abs()) / r * 7.0).fract(), 0.5, 0.05, 0.12));
        (
            gloss(
                mix(c, dim(c, 1.7), vein),
                base + r * 0.25 * (1.0 - (u / r).powi(2)) + v.abs() * 0.3 - vein * 0.001,
                0.5,
            ),
            v.abs() - w,
        )
    });
}

/// What a bowl of inner radius `inner` holds: 0 tomato, 1 carrot, 2 and 5 herbs, 3 berries, 4 flour, 6 spice.
fn fill(shot: &mut Shot, relief: &mut Relief, kind: usize, (cx, cy): (f32, f32), inner: f32, seed: u32) {
    let full = inner * 0.9;
    match kind {
        0 | 1 => {
            for _ in 0..230 {
                let (t, q) = (shot.between(0.0, TAU), shot.between(0.0, 1.0).sqrt() * full);
                let (x, y, turn, h) = (
                    cx + t.cos() * q,
                    cy + t.sin() * q,
                    shot.between(0.0, TAU),
                    shot.between(0.03, 0.075) * (1.0 - 0.3 * q / full),
                );
                let c = if kind == 0 {
                    shot.one_of(&[0xd8_2a1a, 0xe8_4a26, 0xc0_1f16])
                } else {
                    shot.one_of(&[0xf2_8a1e, 0xee_7a14, 0xf8_a232])
                };
                dice(relief, x, y, h, 0.0115, turn, c);
            }
        }
        2 | 5 => {
            for _ in 0..120 {
                let (t, q) = (shot.between(0.0, TAU), shot.between(0.0, 1.0).sqrt() * full);
                let (x, y, turn, h) =
                    (cx + t.cos() * q, cy + t.sin() * q, shot.between(0.0, TAU), shot.between(0.03, 0.08));
                let c = shot.one_of(&[0x2f_7a22, 0x48_9a2c, 0x1f_5a1c]);
                let size = shot.between(0.022, 0.038);
                leaf(relief, x, y, h, size, turn, c);
            }
        }
        3 => {
            for _ in 0..150 {
                let (t, q) = (shot.between(0.0, TAU), shot.between(0.0, 1.0).sqrt() * full * 0.97);
                let (x, y, h) = (cx + t.cos() * q, cy + t.sin() * q, shot.between(0.02, 0.06));
                let c = shot.one_of(&[0x2a_3a78, 0x3a_4a88, 0x22_2a58]);
                let size = shot.between(0.014, 0.019);
                berry(relief, x, y, h, size, c, 0.6);
            }
        }
        _ => {
            let c = match kind {
                4 => srgb(0xf6_f0e4),
                _ => srgb(0xc8_6a1a),
            };
            relief.disc(cx, cy, inner * 0.985, |dx, dy, d| {
                let pile = 0.095 - 0.05 * (d / inner).powi(2) + 0.03 * (cloud(dx * 12.0 + 9.0, dy * 12.0, seed) - 0.5);
                let scoop = step(0.05, 0.0, (dx - 0.04).hypot(dy + 0.02) - 0.045) * 0.022;
                matt(
                    dim(c, 0.92 + 0.14 * noise(dx * 300.0, dy * 300.0, seed)),
                    pile - scoop + 0.0022 * noise(dx * 170.0, dy * 170.0, seed),
                )
            });
        }
    }
}

/// Bowls of weighed ingredients, from above.
pub fn bowls(shot: &mut Shot) -> Canvas {
    let a = shot.aspect();
    let seed = shot.seed();
    let dark = shot.variant == 1;
    let mut relief = Relief::new(shot.w, shot.h, |x, y| {
        if dark {
            let s = cloud(x * 8.0, y * 8.0, seed);
            gloss(dim(srgb(0x34_383c), 0.75 + 0.5 * s), 0.001 * noise(x * 220.0, y * 220.0, seed), 0.2)
        } else {
            let plank = (y * 4.0).fract();
            let seam = 1.0 - step(0.0, 0.012, plank.min(1.0 - plank));
            let shift = (y * 4.0).floor() * 3.7;
            gloss(
                dim(wood(x * 0.8 + shift, y, seed, srgb(0xdc_c4a0), srgb(0xb8_9468)), 1.0 - 0.5 * seam),
                -0.004 * seam,
                0.2,
            )
        }
    });
    let spots: Vec<(f32, f32, f32)> = if a < 1.0 {
        vec![(0.22, 0.20, 0.17), (0.56, 0.30, 0.14), (0.25, 0.55, 0.15), (0.57, 0.66, 0.18), (0.24, 0.87, 0.14)]
    } else {
        let k = a / 1.333;
        vec![
            (0.24 * k, 0.27, 0.20),
            (0.66 * k, 0.22, 0.165),
            (1.08 * k, 0.30, 0.20),
            (0.40 * k, 0.72, 0.185),
            (0.84 * k, 0.66, 0.21),
            (1.22 * k, 0.77, 0.15),
        ]
    };
    for (n, (cx, cy, r)) in spots.into_iter().enumerate() {
        let ware = shot.one_of(if dark {
            &[0xe8_e2d4, 0x2f_5a6a, 0xd8_c8b0]
        } else {
            &[0xf4_f2ea, 0xe0_e8ea, 0x9a_b4b8, 0xf0_e4d0]
        });
        let wall = 0.016;
        relief.disc(cx, cy, r, |dx, dy, d| {
            let inside = (d / (r - wall)).min(1.0);
            let rim = bevel((d - r + wall * 0.5).abs() - wall * 0.5, wall * 0.5, 0.014);
            let depth = if d < r - wall { 0.03 + 0.07 * inside.powi(4) } else { 0.10 + rim };
            let glaze = dim(ware, 0.95 + 0.08 * cloud(dx * 30.0, dy * 30.0, seed));
            gloss(mix(glaze, srgb(0x8a_6a48), band(d, r - wall * 0.5, 0.001, 0.004) * 0.3), depth, 0.85)
        });
        let kind = (n + shot.variant as usize * 3) % 7;
        fill(shot, &mut relief, kind, (cx, cy), r - wall, seed);
    }
    for _ in 0..26 {
        let (x, y, turn) = (shot.between(0.0, a), shot.between(0.0, 1.0), shot.between(0.0, TAU));
        if shot.below(3) == 0 {
            leaf(&mut relief, x, y, 0.004, 0.024, turn, srgb(0x3a_8a26));
        } else {
            berry(&mut relief, x, y, 0.0, 0.004, srgb(0x3a_2a22), 0.4);
        }
    }
    let lit = relief.lit(&Light { soft: 0.3, ..Light::WINDOW });
    let mut out =
        lit.oblique(shot.w, shot.h, View { tilt: 0.22, swing: 0.05, turn: 0.05, zoom: 0.9, shift: (0.0, 0.0) });
    out.focus(0.016, |x, y| step(0.25, 0.7, ((x - a * 0.5) / a).hypot(y - 0.52)));
    shot.look.cast = [1.03, 1.0, 0.95];
    shot.look.exposure = 1.1;
    out
}

/// Cupcakes with piped icing.
pub fn cupcakes(shot: &mut Shot) -> Canvas {
    let a = shot.aspect();
    let seed = shot.seed();
    let mut relief = Relief::new(shot.w, shot.h, |x, y| {
        let wire = |v: f32| {
            let d = ((v * 9.0).fract() - 0.5).abs() / 9.0;
            bevel(d - 0.004, 0.004, 0.012) * step(0.0042, 0.0038, d)
        };
        let h = wire(x).max(wire(y));
        if h > 0.0005 {
            metal(srgb(0xd0_d2d4), 0.03 + h, 0.7)
        } else {
            matt(dim(srgb(0xd8_c4c0), 0.85 + 0.2 * cloud(x * 30.0, y * 30.0, seed)), 0.0)
        }
    });
    let icing: &[u32] = if shot.variant == 0 {
        &[0xf6_c8d2, 0xf8_f0e2, 0xbf_e2d6, 0xf6_dca0]
    } else {
        &[0x6a_3a22, 0xf4_e8d4, 0xd8_8a9a]
    };
    let pitch = 0.36;
    for row in 0..4 {
        for col in 0..(a / pitch) as i32 + 2 {
            let (cx, cy) =
                (pitch * (col as f32 + 0.2 + 0.5 * (row % 2) as f32) - 0.1, pitch * (row as f32 * 0.9 + 0.3));
            let c = shot.one_of(icing);
            let case = shot.one_of(&[0xf0_f0ea, 0xd8_5a6a, 0x4a_9aa8, 0x8a_5a3a]);
            let spin = shot.between(0.0, TAU);
            relief.disc(cx, cy, 0.165, |dx, dy, d| {
                let pleat = (dy.atan2(dx) * 44.0).cos();
                gloss(dim(case, 0.85 + 0.15 * pleat), 0.09 - (0.165 - d).max(0.0) * 0.3 + pleat * 0.004, 0.3)
            });
            relief.disc(cx, cy, 0.145, |dx, dy, d| {
                let crumb = cloud(dx * 60.0 + 9.0, dy * 60.0, seed);
                matt(mix(srgb(0xd8_a058), srgb(0xa8_6a2a), crumb), 0.08 + 0.02 * (1.0 - d / 0.145) + crumb * 0.006)
            });
            relief.disc(cx, cy, 0.132, |dx, dy, d| {
                let angle = (dy.atan2(dx) + spin) / TAU;
                let coil = d / 0.036 - angle;
                let within = coil - coil.floor();
                let ridge = (within - 0.5) * 2.0;
                let star = ((dy.atan2(dx) + d * 30.0) * 13.0).cos() * 0.0035;
                let height = 0.10
                    + (0.132 - coil.floor().max(0.0) * 0.036).max(0.0) * 0.85
                    + 0.026 * (1.0 - ridge * ridge).max(0.0).sqrt()
                    + star;
                gloss(dim(c, 0.97 + 0.05 * star * 200.0), height, 0.45)
            });
            for _ in 0..34 {
                let (t, q, turn) = (shot.between(0.0, TAU), shot.between(0.0, 0.12), shot.between(0.0, TAU));
                let (x, y) = (cx + t.cos() * q, cy + t.sin() * q);
                let s = shot.one_of(&[0xf0_3a4a, 0x2a_8ae0, 0xf8_c81a, 0x3a_b858, 0xff_ffff, 0xf0_7a1a]);
                let h = 0.125 + (0.132 - q) * 0.85;
                relief.tube(&[(x, y, h), (x + turn.cos() * 0.014, y + turn.sin() * 0.014, h)], 0.0036, |_| {
                    gloss(s, 0.0, 0.7)
                });
            }
        }
    }
    let lit = relief.lit(&Light { soft: 0.45, key: [1.1, 1.03, 0.93], ..Light::WINDOW });
    let mut out =
        lit.oblique(shot.w, shot.h, View { tilt: 0.6, swing: 0.1, turn: 0.12, zoom: 0.60, shift: (0.0, 0.04) });
    out.focus(0.028, |_, y| step(0.1, 0.5, (y - 0.58).abs()));
    out
}

/// A loaf just out of the oven.
pub fn bread(shot: &mut Shot) -> Canvas {
    let a = shot.aspect();
    let seed = shot.seed();
    let mut relief = Relief::new(shot.w, shot.h, |x, y| {
        let crumb = hash((x * 260.0) as i32, (y * 260.0) as i32, seed);
        let flour = step(0.5, 0.75, cloud(x * 5.0, y * 5.0, seed)) * step(0.35, 0.6, noise(x * 240.0, y * 240.0, seed));
        let c = wood(x * 0.9, y, seed, srgb(0x8a_5a34), srgb(0x58_351c));
        matt(mix(c, srgb(0xf0_e8d8), flour * 0.55), 0.002 * crumb * flour)
    });
    let loaf = |relief: &mut Relief, cx: f32, cy: f32, rx: f32, ry: f32, turn: f32, cuts: f32| {
        let reach = rx.max(ry) * 1.05;
        relief.raise([cx - reach, cy - reach, cx + reach, cy + reach], |x, y| {
            let (dx, dy) = (x - cx, y - cy);
            let (u, v) = (dx * turn.cos() + dy * turn.sin(), dy * turn.cos() - dx * turn.sin());
            let wobble = 1.0 + 0.06 * (cloud(u * 5.0 + 7.0, v * 5.0, seed) - 0.5);
            let d = (u / rx).hypot(v / ry) * wobble;
            let dome = (1.0 - d * d).max(0.0).sqrt();
            let phase = (u / rx * cuts * 0.5 + v / ry * 0.42 + 0.25).rem_euclid(1.0) - 0.5;
            let slash = band(phase, 0.0, 0.09, 0.07) * step(0.86, 0.7, d) * step(0.85, 0.6, (v / ry).abs());
            let ear = band(phase, 0.145, 0.012, 0.05) * step(0.9, 0.75, d) * step(0.85, 0.6, (v / ry).abs());
            let blister = cloud(u * 55.0, v * 55.0, seed ^ 3);
            let bake = (dome * 0.75 + 0.5 * (cloud(u * 9.0, v * 9.0, seed ^ 5) - 0.5) + ear * 0.5).clamp(0.0, 1.0);
            let crust = mix(srgb(0xd0_8a3c), srgb(0x6a_3210), bake);
            let open = mix(srgb(0xf0_d8a4), srgb(0xd8_a860), blister);
            let flour = (1.0 - slash)
                * step(0.48, 0.62, cloud(u * 11.0 + 30.0, v * 11.0, seed))
                * step(0.3, 0.55, noise(u * 210.0, v * 210.0, seed));
            let rings = band((d * 6.0).fract(), 0.5, 0.12, 0.2) * 0.35 * (1.0 - slash);
            let c = mix(mix(crust, open, slash * 0.85), srgb(0xf6_efe2), (flour * 0.55 + rings * 0.4).min(0.75));
            let height = dome * ry * 0.62 - 0.022 * slash + 0.016 * ear + 0.004 * blister;
            (gloss(c, height, 0.22 + 0.2 * ear), (d - 1.0) * ry)
        });
    };
    if shot.variant == 0 {
        loaf(&mut relief, a * 0.5, 0.5, 0.54 * a.min(1.3) / 1.2, 0.30, -0.35, 5.0);
        loaf(&mut relief, a * 0.95, 0.12, 0.3, 0.22, 0.5, 3.0);
    } else {
        for n in 0..9 {
            let (col, row) = (n % 3, n / 3);
            let (x, y, turn) = (
                a * (col as f32 + 0.5) / 3.0 + shot.between(-0.02, 0.02),
                (row as f32 + 0.5) / 3.0,
                shot.between(0.0, TAU),
            );
            loaf(&mut relief, x, y, 0.165, 0.15, turn, 1.0);
        }
    }
    // Ears of wheat.
    for n in 0..3 {
        let (x, y, turn) = (a * 0.12 + 0.06 * n as f32, 0.82 + 0.05 * n as f32, -0.6 + 0.2 * n as f32);
        relief.tube(&[(x, y, 0.012), (x + turn.cos() * 0.4, y + turn.sin() * 0.4, 0.012)], 0.003, |_| {
            matt(srgb(0xc8_a050), 0.0)
        });
        for k in 0..9 {
            let t = 0.02 * k as f32;
            for side in [-1.0, 1.0] {
                let (gx, gy) = (x + turn.cos() * t, y + turn.sin() * t);
                let angle = turn + std::f32::consts::PI + side * 0.5;
                leaf(
                    &mut relief,
                    gx + angle.cos() * 0.012,
                    gy + angle.sin() * 0.012,
                    0.014,
                    0.017,
                    angle,
                    srgb(0xd8_b05a),
                );
            }
        }
    }
    let lit = relief.lit(&Light::RAKING);
    let mut out =
        lit.oblique(shot.w, shot.h, View { tilt: 0.35, swing: 0.0, turn: 0.0, zoom: 0.92, shift: (0.0, 0.0) });
    out.focus(0.02, |_, y| step(0.2, 0.6, (y - 0.54).abs()));
    shot.look = super::Look { exposure: 1.3, cast: [1.06, 1.0, 0.9], vignette: 0.5, ..shot.look };
    out
}
