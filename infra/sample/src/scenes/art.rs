//! The art room and the kiln.

use std::f32::consts::TAU;

use super::super::paint::{Canvas, View, band, boxed, cells, cloud, dim, mix, noise, plus, srgb, step};
use super::super::relief::{Light, Relief, bevel, gloss, matt, metal};
use super::Shot;
use super::workshop::wood;

/// Glaze test tiles.
pub fn tiles(shot: &mut Shot) -> Canvas {
    let a = shot.aspect();
    let seed = shot.seed();
    let mut relief = Relief::new(shot.w, shot.h, |x, y| {
        matt(wood(x * 0.7, y * 0.7, seed, srgb(0xc8_a880), srgb(0x9a_7448)), noise(x * 30.0, y * 400.0, seed) * 0.0008)
    });
    let glazes: &[u32] = if shot.variant == 0 {
        &[0x1d_5c6e, 0x2f_8f86, 0x9a_3a1e, 0xe8_dcc0, 0x1c_2f5a, 0xc8_7a2a, 0x5a_7a3a, 0x7a_1f2c, 0x88_b0b8, 0x30_2a28]
    } else {
        &[0xd8_a0a8, 0x8a_b89a, 0xe8_c878, 0x6a_88b8, 0xb8_5a48, 0xf0_e8d8, 0x4a_6a5a, 0xc8_88b0]
    };
    let pitch = 0.205;
    for row in 0..6 {
        for col in 0..(a / pitch) as i32 + 2 {
            let (cx, cy) = (
                pitch * (col as f32 + 0.2) + shot.between(-0.008, 0.008),
                pitch * (row as f32 + 0.1) + shot.between(-0.008, 0.008),
            );
            let turn = shot.between(-0.06, 0.06);
            let (c, second) = (shot.one_of(glazes), shot.one_of(glazes));
            let (kind, id) = (shot.below(4), shot.seed());
            let half = 0.088;
            relief.raise([cx - 0.1, cy - 0.1, cx + 0.1, cy + 0.1], |x, y| {
                let (dx, dy) = (x - cx, y - cy);
                let (u, v) = (dx + dy * turn, dy - dx * turn);
                let d = boxed(u, v, half, half, 0.014);
                let hole = 0.009 - u.hypot(v + 0.068);
                let run = v + 0.045 + 0.02 * noise(u * 40.0, 0.0, id) + 0.01 * (u * 60.0).sin();
                let bare = step(0.0, -0.006, run);
                let mottle = cloud(u * 26.0, v * 26.0, id);
                let mut glaze = match kind {
                    0 => mix(c, dim(c, 0.45), mottle),
                    1 => mix(c, second, step(0.45, 0.6, mottle)),
                    2 => {
                        let (near, next, _) = cells(u * 75.0 + 30.0, v * 75.0 + 30.0, id);
                        mix(c, dim(c, 0.35), 1.0 - step(0.02, 0.10, next - near))
                    }
                    _ => mix(c, second, step(-0.05, 0.08, v + 0.05 * (mottle - 0.5))),
                };
                // Glaze is thin, and breaks to brown, on the edges.
                glaze = mix(glaze, srgb(0x6a_3a1c), (1.0 - step(0.003, 0.014, -d)) * 0.55);
                let clay = dim(srgb(0xd8_b890), 0.9 + 0.2 * noise(u * 300.0, v * 300.0, id));
                let thick = 0.004 * (1.0 - bare) * (1.0 + step(0.02, 0.0, run));
                let mut t = gloss(
                    mix(glaze, clay, bare),
                    0.002 + bevel(d, 0.014, 0.03) + thick + 0.0015 * mottle,
                    0.95 - 0.85 * bare,
                );
                t.height += 0.0006 * noise(u * 200.0, v * 200.0, id) * bare;
                (t, d.max(hole))
            });
        }
    }
    let lit = relief.lit(&Light { from: [-0.45, -0.6, 0.7], ..Light::WINDOW });
    let mut out = lit.oblique(
        shot.w,
        shot.h,
        View {
            tilt: 0.55,
            swing: 0.15,
            turn: if shot.variant == 0 { 0.3 } else { -0.25 },
            zoom: 0.7,
            shift: (0.0, 0.0),
        },
    );
    out.focus(0.026, |_, y| step(0.12, 0.52, (y - 0.55).abs()));
    shot.look.vignette = 0.45;
    out
}

/// Pots of paint and brushes, from above.
pub fn pots(shot: &mut Shot) -> Canvas {
    let a = shot.aspect();
    let seed = shot.seed();
    let paints =
        [0xe0_2a2a, 0xf2_b81a, 0x1a_6ad0, 0x18_9a58, 0xf0_6a1a, 0x7a_2a9c, 0xf2_f0e8, 0xe8_4a8a, 0x1a_b0b8, 0x2a_2a2e];
    let mut splats = Vec::new();
    for _ in 0..90 {
        splats.push((
            shot.between(0.0, a),
            shot.between(0.0, 1.0),
            shot.between(0.0, 1.0).powi(4) * 0.03 + 0.002,
            shot.one_of(&paints),
        ));
    }
    let table = if shot.variant == 0 { (0xb8_9468, 0x86_6238) } else { (0x56_5a60, 0x44_484e) };
    let mut relief = Relief::new(shot.w, shot.h, |x, y| {
        matt(wood(x, y * 0.6, seed, srgb(table.0), srgb(table.1)), noise(x * 20.0, y * 300.0, seed) * 0.001)
    });
    for (x, y, r, c) in splats {
        relief.carve([x - r * 1.5, y - r * 1.5, x + r * 1.5, y + r * 1.5], |px, py| {
            let d = (px - x).hypot(py - y) - r * (0.8 + 0.4 * noise(px * 60.0, py * 60.0, seed));
            (gloss(c, 0.002 + bevel(d, 0.003, 0.0015), 0.5), d)
        });
    }
    let mut order = 0;
    let pitch = 0.30;
    for row in 0..4 {
        for col in 0..=(a / pitch) as i32 {
            let (cx, cy) = (
                pitch * (col as f32 + 0.5 + 0.25 * (row % 2) as f32) + shot.between(-0.03, 0.03),
                pitch * (row as f32 + 0.42) + shot.between(-0.03, 0.03),
            );
            let c = srgb(paints[(order + shot.variant as usize * 3) % 10]);
            let next = srgb(paints[(order + 1) % 10]);
            order += 1;
            if shot.below(8) == 0 {
                continue;
            }
            let (r, id, spin) = (shot.between(0.105, 0.128), shot.seed(), shot.between(0.0, TAU));
            relief.disc(cx, cy, r, |dx, dy, d| {
                let wall = r - 0.014;
                if d > wall {
                    let drip = step(0.5, 0.7, noise(dy.atan2(dx) * 3.0 + 20.0, 1.0, id));
                    let glass = if shot_is_tin(id) { srgb(0xc8_cace) } else { srgb(0xe8_ece8) };
                    let top = 0.085 + bevel(d - r, 0.008, 0.008);
                    return if shot_is_tin(id) && drip < 0.5 {
                        metal(glass, top, 0.7)
                    } else {
                        gloss(mix(glass, c, drip), top, 0.7)
                    };
                }
                // Stirred paint keeps the spoon's path.
                let swirl = (d * 190.0 + dy.atan2(dx) + spin + 3.0 * cloud(dx * 9.0 + 3.0, dy * 9.0, id)).sin();
                let streak = step(0.55, 0.75, cloud(dx * 14.0 + 5.0 * (spin + d * 20.0).cos(), dy * 14.0, id));
                gloss(mix(dim(c, 0.92 + 0.1 * swirl), next, streak * 0.14), 0.035 + 0.0016 * swirl, 0.92)
            });
        }
    }
    for n in 0..3 {
        let (x, y) = (a * (0.2 + 0.3 * n as f32) + shot.between(-0.05, 0.05), shot.between(0.2, 0.7));
        let angle = shot.between(0.5, 1.1) * if n == 1 { -1.0 } else { 1.0 };
        let c = shot.one_of(&paints);
        let handle = shot.one_of(&[0xb8_1f2a, 0x1f_3a5a, 0xc8_9a58]);
        let at = |t: f32| (x + angle.cos() * t, y + angle.sin() * t, 0.105);
        relief.tube(&[at(-0.34), at(-0.1), at(0.12)], 0.0125, |_| gloss(handle, 0.0, 0.8));
        relief.tube(&[at(0.12), at(0.2)], 0.0145, |t| metal(srgb(0xd8_d4c8), 0.0015 * (t * 40.0).sin(), 0.75));
        for k in 0..14 {
            let off = (k as f32 - 6.5) * 0.0018;
            let (p, q) = (at(0.2), at(0.285 - 0.5 * off.abs() * 6.0));
            relief.tube(
                &[
                    (p.0 - angle.sin() * off, p.1 + angle.cos() * off, 0.105),
                    (q.0 - angle.sin() * off * 1.6, q.1 + angle.cos() * off * 1.6, 0.108),
                ],
                0.003,
                |t| gloss(mix(srgb(0x6a_4a30), c, step(0.1, 0.4, t)), 0.0, 0.5),
            );
        }
    }
    let lit = relief.lit(&Light { soft: 0.3, ..if shot.variant == 0 { Light::WINDOW } else { Light::LAMP } });
    let mut out = lit.oblique(
        shot.w,
        shot.h,
        View {
            tilt: 0.45,
            swing: 0.1,
            turn: if shot.variant == 0 { 0.12 } else { -0.2 },
            zoom: 0.78,
            shift: (0.0, 0.0),
        },
    );
    out.focus(0.02, |_, y| step(0.16, 0.6, (y - 0.55).abs()));
    out
}

fn shot_is_tin(id: u32) -> bool {
    id.is_multiple_of(2)
}

/// A screen print in three colours, with its halftone.
pub fn print(shot: &mut Shot) -> Canvas {
    let a = shot.aspect();
    let seed = shot.seed();
    let inks = if shot.variant == 0 { [0xf2_4a3a, 0x1a_6fb0, 0xf6_c22a] } else { [0xe0_3a8a, 0x12_8a86, 0xf2_e04a] };
    let mut relief = Relief::new(shot.w, shot.h, |x, y| {
        let fibre = cloud(x * 70.0, y * 70.0, seed);
        let mut c = dim(srgb(0xf2_eee2), 0.93 + 0.12 * fibre);
        let mut height = fibre * 0.0016;
        let (dx, dy) = (x - a * 0.5, y - 0.42);
        let screen = |angle: f32, tone: f32| {
            let (u, v) = ((x * angle.cos() + y * angle.sin()) * 62.0, (y * angle.cos() - x * angle.sin()) * 62.0);
            let d = (u.fract() - 0.5).hypot(v.fract() - 0.5);
            step(0.04, -0.04, d - tone.max(0.0).sqrt() * 0.66)
        };
        let sun = dx.hypot(dy) - 0.27;
        let ridge = |base: f32, rough: f32, id: u32| base - rough * (cloud(x * 2.2, 0.0, seed ^ id) - 0.3) - y;
        let layers = [
            (step(0.002, -0.002, sun), srgb(inks[2]), 1.0),
            (
                screen(0.26, step(0.27, -0.27, sun + 0.12 + dy) * (if sun < 0.0 { 0.95 } else { 0.16 })),
                srgb(inks[0]),
                1.0,
            ),
            (step(0.002, -0.002, ridge(0.74, 0.34, 1)) * 0.94, srgb(inks[1]), 0.0),
            (screen(1.1, 0.9 - 1.4 * (y - 0.62)) * step(0.002, -0.002, ridge(0.90, 0.3, 2)), srgb(inks[0]), 0.0),
        ];
        let margin = boxed(dx, y - 0.5, a * 0.5 - 0.09, 0.41, 0.0);
        for (n, (cover, ink, _)) in layers.into_iter().enumerate() {
            let slip = step(0.0, -0.004, margin + 0.003 * n as f32);
            let worn = step(0.10, 0.22, noise(x * 130.0, y * 130.0, seed ^ n as u32));
            let k = cover * slip * (0.80 + 0.2 * worn);
            c = mix(c, [c[0] * ink[0] * 1.02, c[1] * ink[1] * 1.02, c[2] * ink[2] * 1.02], k * 0.93);
            height += 0.0007 * k;
        }
        gloss(c, height, 0.22)
    });
    // The squeegee, just lifted.
    let (y0, y1) = (0.93, 0.80);
    relief.tube(&[(-0.1, y0, 0.09), (a * 0.62, y1, 0.09)], 0.045, |t| {
        gloss(wood(t * 0.8, 0.1, seed, srgb(0xd0_a468), srgb(0xa0_7038)), 0.0, 0.5)
    });
    let lit = relief.lit(&Light { from: [-0.7, -0.5, 0.6], ..Light::WINDOW });
    let mut out =
        lit.oblique(shot.w, shot.h, View { tilt: 0.5, swing: -0.15, turn: 0.14, zoom: 0.86, shift: (0.0, 0.02) });
    out.focus(0.02, |_, y| step(0.16, 0.6, (y - 0.5).abs()));
    shot.look.exposure = 1.05;
    out
}

/// The glow of a kiln through its open door.
pub fn kiln(shot: &mut Shot) -> Canvas {
    let a = shot.aspect();
    let seed = shot.seed();
    let (cx, cy) = (a * 0.5, 0.5);
    let (hx, hy) = (0.33 * a.min(1.15), 0.36);
    let mut canvas = Canvas::new(shot.w, shot.h, |x, y| {
        let d = boxed(x - cx, y - cy, hx, hy, 0.05);
        if d < 0.0 {
            // Inside, the far wall of bricks is nearly as bright as the ware.
            let row = ((y * 13.0).floor() as i32).rem_euclid(2) as f32 * 0.5;
            let (bx, by) = ((x * 7.0 + row).fract(), (y * 13.0).fract());
            let joint = (1.0 - step(0.0, 0.06, bx.min(1.0 - bx) * 2.0)).max(1.0 - step(0.0, 0.1, by.min(1.0 - by)));
            let deep = step(0.0, 0.2, -d);
            let heat = 1.25 - 0.35 * (y - cy) / hy + 0.2 * cloud(x * 5.0, y * 5.0, seed);
            let coil = band((y * 13.0).fract(), 0.5, 0.12, 0.1) * (1.0 - step(0.05, 0.09, -d));
            return dim(
                mix([1.5, 0.30, 0.03], [3.2, 1.25, 0.25], (0.3 + 0.6 * deep) * (1.0 - 0.35 * joint)),
                heat * 0.62 + coil * 0.7,
            );
        }
        let row = ((y * 11.0).floor() as i32).rem_euclid(2) as f32 * 0.5;
        let (bx, by) = ((x * 5.0 + row).fract(), (y * 11.0).fract());
        let joint = (1.0 - step(0.0, 0.03, bx.min(1.0 - bx))).max(1.0 - step(0.0, 0.07, by.min(1.0 - by)));
        let face = dim(srgb(0xb8_a48a), (0.55 + 0.6 * cloud(x * 40.0, y * 40.0, seed)) * (1.0 - 0.6 * joint));
        let spill = 0.9 * (-d * 9.0).exp() + 0.10 * (-d * 2.5).exp();
        let lip = 1.0 - step(0.0, 0.02, d);
        plus(
            [face[0] * spill * 2.4, face[1] * spill * 0.9, face[2] * spill * 0.3],
            plus(dim(face, 0.035), dim([1.6, 0.45, 0.06], lip * 0.8)),
        )
    });
    let shelf = |canvas: &mut Canvas, y: f32| {
        canvas.paint([cx - hx, y, cx + hx, y + 0.025], |_, py| {
            (mix([0.9, 0.22, 0.03], [0.30, 0.05, 0.01], step(y, y + 0.025, py)), 0.95)
        });
    };
    for (level, count) in [(0.52, 4), (0.84, 3)] {
        for n in 0..count {
            let x = cx - hx + hx * 2.0 * (n as f32 + 0.5) / count as f32 + shot.between(-0.015, 0.015);
            let (tall, wide) = (shot.between(0.13, 0.22), hx / count as f32 * shot.between(0.55, 0.8));
            let kind = shot.below(3);
            canvas.paint([x - wide, level - tall, x + wide, level], |px, py| {
                let t = (py - level + tall) / tall;
                let profile = match kind {
                    0 => 0.45 + 0.55 * (t * 2.7 + 0.2).sin().abs(),
                    1 => 0.95 - 0.45 * t * t,
                    _ => 0.35 + 0.65 * step(0.12, 0.55, t) * (1.0 - 0.35 * step(0.75, 1.0, t)),
                };
                let r = wide * profile;
                let u = (px - x) / r;
                let rim = step(0.5, 1.0, u.abs());
                let c = mix([0.75, 0.13, 0.015], [2.4, 0.75, 0.12], rim * 0.8 + 0.15 * (1.0 - t));
                let throwing = 0.94 + 0.08 * (t * 60.0).sin();
                (dim(c, throwing), ((r - (px - x).abs()) * 900.0).clamp(0.0, 1.0))
            });
        }
        shelf(&mut canvas, level);
    }
    canvas.focus(0.006, |x, y| step(0.0, 0.05, boxed(x - cx, y - cy, hx, hy, 0.05)));
    for _ in 0..30 {
        let (x, y, k) = (cx + shot.between(-hx, hx) * 1.2, cy + shot.between(-0.45, 0.45), shot.between(0.2, 1.0));
        canvas.glow(x, y, 0.006, 0.006, [2.0 * k, 0.8 * k, 0.15 * k]);
    }
    shot.look = super::Look { exposure: 1.0, vignette: 0.5, grain: 2.925, bloom: 1.2, ..shot.look };
    canvas
}
