//! The sports hall and the track.

use std::f32::consts::TAU;

use super::super::paint::{Canvas, Rgb, View, band, cells, cloud, dim, hash, mix, noise, segment, srgb, step};
use super::super::relief::{Light, Relief, Texel, gloss, matt, metal};
use super::Shot;
use super::workshop::wood;

/// A sprung floor: narrow boards, varnished, with lines for more games than anybody plays.
fn hall_floor(shot: &mut Shot) -> Relief {
    let a = shot.aspect();
    let seed = shot.seed();
    let lines = [
        (shot.between(0.25, 0.4) * a, 1.0, 0.25, srgb(0xf2_f2ee)),
        (0.70, -0.3, 1.0, srgb(0xc8_2030)),
        (0.15, -0.3, 1.0, srgb(0x20_50b8)),
    ];
    Relief::new(shot.w, shot.h, |x, y| {
        let row = y * 17.0;
        let board = row as i32;
        let along = x + 1.7 * hash(board, 1, seed);
        let joint = (along * 1.3).fract();
        let seam = (1.0 - step(0.0, 0.05, row.fract().min(1.0 - row.fract()))).max(1.0 - step(0.0, 0.004, joint));
        let tone = hash(board, (along * 1.3) as i32, seed);
        let mut c = dim(wood(along, y * 0.6 + tone, seed, srgb(0xe0_b478), srgb(0xb8_8448)), 0.82 + 0.22 * tone);
        for (at, across, down, paint) in lines {
            let d = (x * across + y * down - at).abs() / f32::hypot(across, down);
            let worn = 0.86 + 0.14 * noise(x * 60.0, y * 60.0, seed);
            c = mix(c, paint, worn * step(0.0185, 0.017, d));
        }
        gloss(dim(c, 1.0 - 0.55 * seam), -0.002 * seam, 0.82)
    })
}

/// Where a point of a ball seen from above is on the ball itself, which was rolled there at random.
struct Rolled {
    axes: [[f32; 3]; 3],
}

impl Rolled {
    fn by_chance(shot: &mut Shot) -> Self {
        let (p, q, r) = (shot.between(0.0, TAU), shot.between(0.4, 1.2), shot.between(0.0, TAU));
        let ((ps, pc), (qs, qc), (rs, rc)) = (p.sin_cos(), q.sin_cos(), r.sin_cos());
        Self {
            axes: [
                [pc * rc - ps * qc * rs, ps * rc + pc * qc * rs, qs * rs],
                [-pc * rs - ps * qc * rc, -ps * rs + pc * qc * rc, qs * rc],
                [ps * qs, -pc * qs, qc],
            ],
        }
    }

    fn at(&self, x: f32, y: f32, z: f32) -> [f32; 3] {
        self.axes.map(|axis| axis[0] * x + axis[1] * y + axis[2] * z)
    }
}

fn ball(relief: &mut Relief, x: f32, y: f32, r: f32, rolled: &Rolled, skin: impl Fn([f32; 3]) -> Texel) {
    relief.disc(x, y, r, |dx, dy, d| {
        let up = (1.0 - (d / r) * (d / r)).max(0.0).sqrt();
        let mut texel = skin(rolled.at(dx / r, dy / r, up));
        texel.height = r * (0.35 + 0.85 * up) + texel.height * r;
        texel
    });
}

fn basketball([u, v, w]: [f32; 3], leather: Rgb, seed: u32) -> Texel {
    let side = ((u - 1.25) * (u - 1.25) + v * v + w * w).sqrt() - 1.08;
    let other = ((u + 1.25) * (u + 1.25) + v * v + w * w).sqrt() - 1.08;
    let seam = u.abs().min(v.abs()).min(side.abs()).min(other.abs());
    let groove = 1.0 - step(0.018, 0.034, seam);
    let (near, _, _) = cells(u * 34.0 + w * 13.0 + 80.0, v * 34.0 - w * 11.0 + 80.0, seed);
    let pebble = 1.0 - step(0.1, 0.5, near);
    let c = dim(leather, 0.82 + 0.26 * pebble);
    gloss(mix(c, [0.010, 0.008, 0.008], groove), 0.007 * pebble * (1.0 - groove) - 0.02 * groove, 0.45)
}

fn tennis_ball([u, v, w]: [f32; 3], seed: u32) -> Texel {
    let seam = (u + 1.45 * (v * v - w * w)).abs() / 1.9;
    let line = 1.0 - step(0.030, 0.046, seam);
    let felt = cloud(u * 46.0 + w * 17.0 + 60.0, v * 46.0 - w * 15.0 + 60.0, seed);
    let hair = noise(u * 150.0 + 300.0, (v + w) * 150.0 + 300.0, seed);
    let c = mix(dim(srgb(0xcc_e028), 0.66 + 0.5 * felt), srgb(0xee_f0e6), line);
    matt(c, 0.020 * felt + 0.012 * hair - 0.03 * line)
}

/// Balls on the hall floor, pumped and counted: basketballs, or a spill of tennis balls.
pub fn balls(shot: &mut Shot) -> Canvas {
    let a = shot.aspect();
    let mut relief = hall_floor(shot);
    let seed = shot.seed();
    if shot.variant == 0 {
        let spots = if a < 1.0 {
            [(0.30, 0.24, 0.20), (0.52, 0.62, 0.23), (0.16, 0.86, 0.18), (0.80, 0.98, 0.16)]
        } else {
            [(0.27 * a, 0.36, 0.24), (0.64 * a, 0.30, 0.21), (0.50 * a, 0.79, 0.24), (0.94 * a, 0.72, 0.20)]
        };
        for (n, (x, y, r)) in spots.into_iter().enumerate() {
            let rolled = Rolled::by_chance(shot);
            let leather = srgb([0xd8_6a1c, 0xc8_5614, 0xe0_7a28, 0xb8_4a18][n]);
            ball(&mut relief, x, y, r, &rolled, |at| basketball(at, leather, seed));
        }
    } else {
        let mut placed: Vec<(f32, f32)> = Vec::new();
        for _ in 0..160 {
            let (x, y) = (shot.between(0.05, a - 0.05), shot.between(0.08, 0.95));
            let crowd = step(0.0, 0.9, (x / a - 0.2).abs() + (y - 0.6).abs() * 0.5);
            if shot.between(0.0, 1.0) < crowd || placed.iter().any(|p| (p.0 - x).hypot(p.1 - y) < 0.155) {
                continue;
            }
            placed.push((x, y));
            let rolled = Rolled::by_chance(shot);
            ball(&mut relief, x, y, 0.077, &rolled, |at| tennis_ball(at, seed));
        }
    }
    let lit = relief.lit(&Light { from: [-0.55, -0.62, 0.8], soft: 0.45, ..Light::WINDOW });
    let turn = if shot.variant == 0 { 0.16 } else { -0.24 };
    let mut out = lit.oblique(shot.w, shot.h, View { tilt: 0.32, swing: 0.05, turn, zoom: 0.80, shift: (0.0, 0.0) });
    out.focus(0.018, |_, y| step(0.18, 0.62, (y - 0.55).abs()));
    shot.look = super::Look { exposure: 1.1, cast: [1.03, 1.0, 0.95], vignette: 0.45, ..shot.look };
    out
}

/// The strokes of a lane's number, in a box of 1 × 2 with its middle at 0.
fn strokes(number: usize) -> &'static [(f32, f32)] {
    match number {
        1 => &[(-0.3, -0.6), (0.0, -1.0), (0.0, 1.0)],
        2 => &[(-0.5, -0.7), (-0.2, -1.0), (0.3, -1.0), (0.5, -0.6), (0.4, -0.1), (-0.5, 1.0), (0.5, 1.0)],
        3 => &[
            (-0.5, -1.0),
            (0.45, -1.0),
            (-0.05, -0.15),
            (0.35, -0.05),
            (0.5, 0.4),
            (0.3, 0.9),
            (-0.1, 1.0),
            (-0.5, 0.8),
        ],
        _ => &[(0.3, 1.0), (0.3, -1.0), (-0.5, 0.4), (0.55, 0.4)],
    }
}

/// Relay batons across the lanes of a running track.
pub fn track(shot: &mut Shot) -> Canvas {
    let a = shot.aspect();
    let seed = shot.seed();
    let rubber = srgb(if shot.variant == 0 { 0xb8_3c26 } else { 0x1e_5a9c });
    let bend = |x: f32| 0.10 * (x / a - 0.4) * (x / a - 0.4);
    let pitch = 0.29;
    let mut relief = Relief::new(shot.w, shot.h, |x, y| {
        let (near, _, name) = cells(x * 95.0, y * 95.0, seed);
        let grain = 1.0 - step(0.1, 0.6, near);
        let lane = ((y + bend(x)) / pitch + 0.36).fract();
        let line = step(0.040, 0.034, (lane - 0.5).abs() * 0.9);
        let worn = step(0.16, 0.34, cloud(x * 26.0, y * 26.0, seed ^ 2) * 0.6 + 0.4 * grain);
        let c = dim(rubber, 0.62 + 0.35 * grain + 0.25 * name);
        gloss(mix(c, srgb(0xee_ece6), line * worn), 0.0035 * grain * (0.6 + 0.8 * name) + 0.0008 * line, 0.18)
    });
    for (n, lane) in [1, 2, 3, 4].into_iter().enumerate() {
        let (cx, cy, tall) = (a * 0.80, pitch * (n as f32 + 0.14) - bend(a * 0.80) + pitch * 0.5, 0.062);
        for pair in strokes(lane).windows(2) {
            // The numbers are read by the runners, who come from the left.
            let place = |(u, v): (f32, f32)| (cx - v * tall * 1.5, cy + u * tall);
            let (p, q, r) = (place(pair[0]), place(pair[1]), 0.010);
            let area = [p.0.min(q.0) - r, p.1.min(q.1) - r, p.0.max(q.0) + r, p.1.max(q.1) + r];
            relief.adjust(area, |x, y, texel| {
                let cover = ((r - segment((x, y), p, q).0) * 900.0).clamp(0.0, 1.0);
                let worn = step(0.10, 0.30, cloud(x * 40.0, y * 40.0, seed ^ 6));
                texel.albedo = mix(texel.albedo, srgb(0xee_ece6), cover * worn * 0.95);
            });
        }
    }
    let paints: [u32; 5] = if shot.variant == 0 {
        [0xf2_c020, 0x18_88d8, 0x28_b060, 0xe0_e4e8, 0xe8_4a90]
    } else {
        [0xf0_6a1a, 0xf2_d020, 0xe0_e4e8, 0xe0_3048, 0x30_c088]
    };
    for (n, paint) in paints.into_iter().enumerate().take(if a < 1.0 { 3 } else { 5 }) {
        let (x, y) = (
            a * (0.16 + 0.14 * n as f32) + shot.between(-0.02, 0.02),
            0.30 + 0.12 * n as f32 + shot.between(-0.03, 0.03),
        );
        let turn = -0.75 + shot.between(-0.22, 0.22);
        let (half, r) = (0.165, 0.026);
        let at = |t: f32| (x + turn.cos() * t, y + turn.sin() * t, 0.004);
        relief.tube(&[at(-half), at(half)], r, |t| {
            let ring = band((t - 0.5).abs(), 0.46, 0.012, 0.004);
            let brush = noise(t * 700.0, n as f32, seed);
            let c = mix(srgb(paint), [0.9; 3], ring);
            let mut texel = metal(dim(c, 0.92 + 0.12 * brush), 0.0, 0.72);
            texel.metal = 0.75;
            texel
        });
    }
    let lit =
        relief.lit(&Light { from: [0.8, -0.42, 0.5], key: [1.7, 1.42, 1.08], room: [0.22, 0.27, 0.38], soft: 0.12 });
    let mut out =
        lit.oblique(shot.w, shot.h, View { tilt: 0.62, swing: -0.12, turn: -0.16, zoom: 0.74, shift: (0.0, 0.0) });
    out.focus(0.024, |_, y| step(0.14, 0.56, (y - 0.54).abs()));
    shot.look = super::Look { exposure: 1.15, vignette: 0.45, ..shot.look };
    out
}
