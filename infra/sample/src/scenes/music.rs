//! The music department.

use std::f32::consts::TAU;

use super::super::paint::{Canvas, View, band, boxed, cloud, dim, mix, noise, plus, srgb, step};
use super::super::relief::{Light, Relief, bevel, gloss, matt, metal};
use super::Shot;
use super::workshop::wood;

/// A keyboard, from the player's side.
pub fn piano(shot: &mut Shot) -> Canvas {
    let a = shot.aspect();
    let seed = shot.seed();
    let pitch = 0.118;
    let mut relief = Relief::new(shot.w, shot.h, |x, y| {
        let felt = noise(x * 300.0, y * 300.0, seed);
        if y < 0.12 {
            gloss(dim(srgb(0x0d_0c0c), 1.0 + 0.1 * felt), 0.10, 0.95)
        } else if y < 0.145 {
            matt(dim(srgb(0x8a_1420), 0.7 + 0.6 * felt), 0.05)
        } else {
            let k = (x / pitch).fract();
            let d = (k - 0.5).abs() * pitch - pitch * 0.5 + 0.0016;
            let front = y - 0.93;
            let edge = d.max(front);
            let ivory = dim(srgb(0xf2_ede0), 0.97 + 0.05 * noise(x * 40.0, y * 6.0, seed));
            if edge > 0.0 { matt([0.01; 3], -0.03) } else { gloss(ivory, bevel(edge, 0.006, 0.03), 0.85) }
        }
    });
    for n in 0..=(a / pitch) as i32 {
        if matches!(n.rem_euclid(7), 2 | 6) {
            continue;
        }
        let x = pitch * (n as f32 + 1.0) + if n.rem_euclid(7) % 2 == 0 { -0.008 } else { 0.008 };
        relief.raise([x - 0.04, 0.12, x + 0.04, 0.64], |px, py| {
            let d = boxed(px - x, py - 0.35, 0.033, 0.27, 0.008);
            let slope = step(0.64, 0.585, py);
            (
                gloss(
                    dim(srgb(0x12_1213), 0.9 + 0.2 * noise(px * 200.0, py * 20.0, seed)),
                    0.035 + bevel(d, 0.012, 0.085) * (0.3 + 0.7 * slope),
                    0.8,
                ),
                d,
            )
        });
    }
    let lit = relief.lit(&if shot.variant == 0 { Light::WINDOW } else { Light::LAMP });
    let view = View {
        tilt: 0.25,
        swing: if shot.variant == 0 { 0.75 } else { -0.7 },
        turn: if shot.variant == 0 { -0.25 } else { 0.25 },
        zoom: 0.66,
        shift: (0.0, 0.04),
    };
    let mut out = lit.oblique(shot.w, shot.h, view);
    let side = if shot.variant == 0 { 0.62 } else { 0.38 };
    out.focus(0.028, |x, _| step(0.1, 0.55, (x / a - side).abs()));
    shot.look.cast = if shot.variant == 0 { [1.0; 3] } else { [1.05, 0.98, 0.88] };
    shot.look.vignette = 0.5;
    out
}

/// Strings over the sound hole of a guitar.
pub fn strings(shot: &mut Shot) -> Canvas {
    let a = shot.aspect();
    let seed = shot.seed();
    let (cx, cy) = (a * 0.55, 0.5);
    let mut relief = Relief::new(shot.w, shot.h, |x, y| {
        let d = (x - cx).hypot(y - cy);
        let top = wood(x * 0.6, y * 1.2, seed, srgb(0xe8_bc74), srgb(0xc8_8c44));
        let ring = |r: f32, w: f32| band(d, r, w, 0.001);
        let angle = (y - cy).atan2(x - cx);
        let herring =
            if ((angle * 60.0 + d * 500.0) / TAU).rem_euclid(1.0) > 0.5 { srgb(0x2a_1a10) } else { srgb(0xe8_dcc0) };
        let mut c = mix(top, herring, ring(0.345, 0.012));
        c = mix(c, srgb(0x1a_100a), (ring(0.362, 0.003) + ring(0.328, 0.003) + ring(0.30, 0.002)).min(1.0));
        let hole = step(0.275, 0.272, d);
        if hole > 0.0 {
            let back = dim(wood(x, y, seed ^ 2, srgb(0x7a_5230), srgb(0x58_3618)), 0.28);
            c = mix(c, mix(back, [0.01; 3], step(-0.25, 0.2, (cy - y) + (cx - x) * 0.5)), hole);
        }
        gloss(c, -0.05 * hole, 0.75 * (1.0 - hole))
    });
    // The end of the fingerboard.
    relief.raise([0.0, 0.13, a * 0.20, 0.87], |x, y| {
        let d = boxed(x, y - 0.5, a * 0.19, 0.365, 0.01);
        (gloss(wood(x, y, seed ^ 8, srgb(0x4a_2a1c), srgb(0x2a_160e)), bevel(d, 0.01, 0.03), 0.45), d)
    });
    relief.tube(&[(a * 0.11, 0.15, 0.03), (a * 0.11, 0.85, 0.03)], 0.011, |_| metal(srgb(0xd8_d4c8), 0.0, 0.8));
    for n in 0..6 {
        let y = 0.2 + 0.12 * n as f32;
        let r = 0.0115 - 0.0013 * n as f32;
        let wound = n < 4;
        let c = srgb(if wound { 0xd8_a868 } else { 0xd0_d4d8 });
        relief.raise([0.0, y - r, a, y + r], |x, py| {
            let d = (py - y).abs();
            let turn = if wound { ((x + (py - y) * 0.25) * TAU / 0.0062).sin() * 0.0009 } else { 0.0 };
            (metal(c, 0.075 + (r * r - d * d).max(0.0).sqrt() + turn, 0.8), d - r)
        });
    }
    let lit = relief.lit(&if shot.variant == 0 { Light::LAMP } else { Light::RAKING });
    let mut out = lit.oblique(
        shot.w,
        shot.h,
        View {
            tilt: 0.45,
            swing: 0.35,
            turn: if shot.variant == 0 { -0.5 } else { 0.9 },
            zoom: 0.55,
            shift: (0.0, 0.0),
        },
    );
    out.focus(0.028, |x, y| step(0.08, 0.5, ((x - a * 0.5) * 0.35 + (y - 0.55)).abs()));
    shot.look = super::Look { exposure: 1.2, cast: [1.05, 1.0, 0.92], vignette: 0.55, bloom: 0.8, ..shot.look };
    out
}

/// Faders and knobs of a mixing desk.
pub fn faders(shot: &mut Shot) -> Canvas {
    let a = shot.aspect();
    let seed = shot.seed();
    let strip = 0.105;
    let mut lamps = Vec::new();
    let mut relief = Relief::new(shot.w, shot.h, |x, y| {
        let k = (x / strip).fract();
        let seam = 1.0 - step(0.0, 0.02, k.min(1.0 - k));
        let slot = boxed((k - 0.5) * strip, y - 0.68, 0.0042, 0.25, 0.004);
        let tick = band(((y - 0.43) * 20.0).fract(), 0.5, 0.03, 0.03)
            * band((k - 0.5) * strip, 0.022, 0.008, 0.001).max(band((k - 0.5) * strip, -0.022, 0.008, 0.001))
            * band(y, 0.68, 0.25, 0.001);
        let c = mix(dim(srgb(0x30_343a), 0.9 + 0.15 * noise(x * 500.0, y * 500.0, seed)), [0.55; 3], tick * 0.7);
        let h = -0.006 * seam - 0.03 * step(0.001, -0.001, slot);
        gloss(mix(c, [0.004; 3], step(0.001, -0.001, slot)), h, 0.25)
    });
    let knobs: [u32; 4] = [0xd8_3a34, 0x2a_88d0, 0x38_a860, 0xe8_b020];
    for n in 0..=(a / strip) as i32 {
        let x = strip * (n as f32 + 0.5);
        let wave = 0.68 + 0.17 * (n as f32 * 0.8 + seed as f32).sin() + shot.between(-0.05, 0.05);
        relief.raise([x - 0.04, wave - 0.05, x + 0.04, wave + 0.05], |px, py| {
            let (dx, dy) = (px - x, py - wave);
            let d = boxed(dx, dy, 0.026, 0.043, 0.006);
            let dip = 0.014 * (1.0 - (dy / 0.03).powi(2)).max(0.0);
            let rib = if dy.abs() > 0.016 { 0.0012 * (dy * 1400.0).sin() } else { 0.0 };
            let line = band(dy, 0.0, 0.0028, 0.001);
            let cap = if n % 8 == 7 { srgb(0xc8_2a2a) } else { srgb(0xd8_d8d4) };
            (
                gloss(
                    mix(dim(cap, 0.9), if n % 8 == 7 { [0.9; 3] } else { [0.02; 3] }, line),
                    0.01 + bevel(d, 0.008, 0.055) - dip + rib,
                    0.45,
                ),
                d,
            )
        });
        for (k, c) in knobs.into_iter().enumerate() {
            let (y, turn) = (0.06 + 0.085 * k as f32, shot.between(-2.2, 2.2));
            relief.disc(x, y, 0.028, |dx, dy, d| {
                let (u, v) = (dx * turn.cos() + dy * turn.sin(), dy * turn.cos() - dx * turn.sin());
                let mark = band(u, 0.0, 0.0022, 0.001) * step(0.0, -0.004, v);
                let knurl = if d > 0.021 { (dy.atan2(dx) * 26.0).cos() * 0.0016 } else { 0.0 };
                let cap = if d < 0.020 { srgb(c) } else { srgb(0x1a_1b1d) };
                gloss(
                    mix(cap, [0.9; 3], mark),
                    bevel(d - 0.028, 0.008, 0.034) + if d < 0.020 { 0.004 } else { 0.0 } + knurl,
                    0.4,
                )
            });
        }
        lamps.push((x - 0.02, 0.395, shot.below(3)));
        lamps.push((x + 0.02, 0.395, shot.below(5)));
    }
    let key = if shot.variant == 0 { [0.85, 0.6, 0.75] } else { [0.45, 0.65, 1.0] };
    let mut lit = relief.lit(&Light { key, room: [0.16, 0.15, 0.22], ..Light::LAMP });
    for (x, y, on) in lamps {
        let c = match on {
            0 => [0.1, 2.2, 0.3],
            1 => [2.4, 0.9, 0.05],
            2 => [2.4, 0.08, 0.06],
            _ => continue,
        };
        lit.glow(x, y, 0.045, 0.045, dim(c, 0.25));
        lit.paint([x - 0.013, y - 0.008, x + 0.013, y + 0.008], |px, py| {
            (dim(c, 1.1), (0.5 - boxed(px - x, py - y, 0.011, 0.006, 0.002) * 900.0).clamp(0.0, 1.0))
        });
    }
    let mut out = lit.oblique(
        shot.w,
        shot.h,
        View {
            tilt: 0.55,
            swing: if shot.variant == 0 { 0.35 } else { -0.4 },
            turn: if shot.variant == 0 { -0.28 } else { 0.3 },
            zoom: 0.66,
            shift: (0.0, 0.06),
        },
    );
    out.focus(0.028, |_, y| step(0.1, 0.52, (y - 0.56).abs()));
    shot.look = super::Look { exposure: 1.35, bloom: 1.1, vignette: 0.45, grain: 2.25, ..shot.look };
    out
}

/// A cymbal under a lamp.
pub fn cymbal(shot: &mut Shot) -> Canvas {
    let a = shot.aspect();
    let seed = shot.seed();
    let mut plane = Canvas::new(shot.w, shot.h, |x, y| {
        let (dx, dy) = ((x - a * 0.45) * 1.45, (y - 0.55) * 1.45);
        let d = dx.hypot(dy);
        let angle = dy.atan2(dx);
        let hammer = (cloud(x * 38.0, y * 38.0, seed) - 0.5) * 0.9;
        let groove = noise(d * 300.0, 0.5, seed) * 0.6 + noise(d * 900.0, 2.5, seed) * 0.4;
        let wedge = |at: f32, sharp: i32| ((angle - at + hammer * 0.22).cos().abs()).powi(sharp);
        let bell = step(0.14, 0.125, d);
        let light = 0.10
            + 0.2 * groove
            + wedge(0.9, 26) * 1.1
            + wedge(-0.5, 60) * 0.55
            + wedge(2.0, 12) * 0.14
            + bell * 0.25 * (1.0 + (angle + 2.0).cos());
        let bronze = mix(srgb(0xd8_9838), srgb(0xa8_5a28), (0.5 + hammer * 0.6).clamp(0.0, 1.0));
        let rim = step(0.62, 0.616, d);
        let nut = step(0.032, 0.028, d);
        let back = plus(srgb(0x16_121a), dim(srgb(0x5a_2a38), 0.35 * step(1.0, 0.0, y)));
        let metal = dim(bronze, light * (0.75 + 0.5 * groove) * (1.0 - 0.8 * band(d, 0.145, 0.004, 0.02)));
        mix(mix(back, metal, rim), dim([0.9, 0.9, 0.95], 0.25 + 0.5 * wedge(0.9, 4)), nut)
    });
    plane.glow(a * 0.2, 0.1, 0.5, 0.5, [0.10, 0.03, 0.06]);
    let mut out =
        plane.oblique(shot.w, shot.h, View { tilt: 0.85, swing: -0.1, turn: 0.15, zoom: 0.635, shift: (-0.02, -0.02) });
    out.focus(0.022, |_, y| step(0.12, 0.5, (y - 0.58).abs()));
    for _ in 0..14 {
        let c = dim(shot.one_of(&[0xd8_4a2a, 0x8a_2ac0, 0x2a_4ad0, 0xe8_a03a]), shot.between(0.15, 0.5));
        let (x, y, r) = (shot.between(0.0, a), shot.between(0.0, 0.2), shot.between(0.02, 0.05));
        out.bokeh(x, y, r, c);
    }
    shot.look = super::Look { exposure: 1.45, bloom: 1.1, vignette: 0.5, grain: 2.7, ..shot.look };
    out
}
