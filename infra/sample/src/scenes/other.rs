//! What keeps every department going: stores, tools and the copy room.

use std::f32::consts::TAU;

use super::super::paint::{Canvas, Rgb, View, band, boxed, cells, cloud, dim, hash, mix, noise, srgb, step};
use super::super::relief::{Light, Relief, bevel, gloss, matt, metal};
use super::Shot;
use super::workshop::wood;

/// A wall of small drawers, each with its label.
pub fn drawers(shot: &mut Shot) -> Canvas {
    let a = shot.aspect();
    let seed = shot.seed();
    let fronts: &[u32] = if shot.variant == 0 {
        &[0xd8_e4ea, 0x5a_a8e0, 0xf2_b83a, 0xe8_5a4a, 0x58_b878]
    } else {
        &[0xe8_e2d4, 0xd8_6a3a, 0x3a_5a78, 0x8a_a888, 0xc8_a0b0]
    };
    let (wide, high) = (0.235, 0.165);
    let relief = Relief::new(shot.w, shot.h, |x, y| {
        let (col, row) = ((x + 0.06) / wide, (y + 0.04) / high);
        let (i, j) = (col as i32, row as i32);
        let (u, v) = ((col.fract() - 0.5) * wide, (row.fract() - 0.5) * high);
        let (first, second) = (hash(i, j, seed), hash(i, j, seed ^ 9));
        let d = boxed(u, v, wide * 0.5 - 0.009, high * 0.5 - 0.009, 0.012);
        if d > 0.0 {
            return gloss(dim(srgb(0x3a_4048), 0.9 + 0.2 * noise(x * 300.0, y * 300.0, seed)), 0.0, 0.35);
        }
        // One drawer stands a little open.
        let pulled = if first > 0.90 { 0.06 } else { 0.0 };
        let tint = srgb(fronts[(second * fronts.len() as f32) as usize % fronts.len()]);
        let label = boxed(u, v + 0.026, 0.068, 0.021, 0.002);
        if label < 0.0 {
            let line = band(((v + 0.026) / 0.013).fract(), 0.5, 0.20, 0.06);
            let word = step(0.34, 0.42, noise(u * 190.0 + first * 90.0, (v * 80.0).floor(), seed))
                * step(0.056, 0.050, u.abs() + 0.03 * second);
            return matt(dim(srgb(0xf4_f0e4), 1.0 - 0.85 * line * word), 0.032 + pulled);
        }
        let frame = band(label, 0.003, 0.001, 0.003);
        let grip = boxed(u, v - 0.036, 0.040, 0.011, 0.010);
        let handle = bevel(grip, 0.010, 0.040);
        let (near, _, name) = cells(x * 62.0, y * 62.0, seed ^ 4);
        let part = (1.0 - step(0.22, 0.42, near)) * step(-0.052, -0.035, v - 0.02) * step(0.0, 0.004, grip);
        let stuff = mix(
            srgb([0xd8_a040, 0xb8_bcc4, 0x3a_3a40, 0xd8_4a3a, 0x3a_78c8][(first * 4.99) as usize]),
            [0.9; 3],
            name * 0.3,
        );
        // Fronts are clear enough that one sees what is in them.
        let c = mix(dim(tint, 0.85), stuff, 0.55 * part);
        let mut t = gloss(c, 0.022 + pulled + bevel(d, 0.012, 0.012) + 0.006 * frame, 0.85);
        if grip < 0.0 {
            t = gloss(dim(tint, 0.75), t.height + handle, 0.7);
        }
        t
    });
    let lit = relief.lit(&if shot.variant == 0 { Light::WINDOW } else { Light::LAMP });
    let swing = if shot.variant == 0 { 0.55 } else { -0.55 };
    let mut out = lit.oblique(
        shot.w,
        shot.h,
        View { tilt: 0.12, swing: swing / a.max(1.0), turn: swing * 0.10, zoom: 0.80, shift: (0.0, 0.0) },
    );
    let side = if shot.variant == 0 { 0.60 } else { 0.40 };
    out.focus(0.022, |x, _| step(0.14, 0.62, (x / a - side).abs()));
    shot.look = super::Look { exposure: 1.08, vignette: 0.4, ..shot.look };
    out
}

/// The edges of a stack of coloured card.
pub fn card(shot: &mut Shot) -> Canvas {
    let a = shot.aspect();
    let seed = shot.seed();
    let inks: &[u32] = if shot.variant == 0 {
        &[0xf0_3a4a, 0xf8_8a1e, 0xf8_d020, 0x48_b850, 0x18_a0b8, 0x2a_60d0, 0x7a_40b8, 0xe8_4a98]
    } else {
        &[0xf4_f0e6, 0xf2_c8b0, 0xf0_a890, 0xd8_8a90, 0xa8_90b8, 0x88_a8c8, 0xa8_c8b8, 0xe0_dca8]
    };
    let mut reams = Vec::new();
    let mut y = -0.02;
    while y < 1.0 {
        let tall = shot.between(0.045, 0.13);
        let last = reams.last().map_or(99, |ream: &(f32, usize, f32)| ream.1);
        let ink = (last + 1 + shot.below(inks.len() - 2)) % inks.len();
        reams.push((y + tall, ink, shot.between(-0.03, 0.03)));
        y += tall;
    }
    let fine = 190.0;
    let relief = Relief::new(shot.w, shot.h, |x, y| {
        let bowed = y + 0.012 * (x / a * 3.0 + 0.6).sin() + 0.0014 * noise(x * 5.0, y * 60.0, seed);
        let (_, ink, slip) = reams.iter().copied().find(|ream| bowed < ream.0).unwrap_or((1.0, 0, 0.0));
        let sheet = (bowed * fine).floor() as i32;
        let (own, thick) = (hash(sheet, 1, seed), (bowed * fine).fract());
        let edge = a * 0.86 + slip + 0.010 * (own - 0.5) + if hash(sheet, 2, seed) > 0.985 { 0.05 } else { 0.0 };
        if x > edge {
            let dark = cloud(x * 3.0, y * 3.0, seed);
            return matt(dim([0.05, 0.05, 0.06], 0.4 + dark), -0.10);
        }
        let gap = 1.0 - step(0.0, 0.22, thick.min(1.0 - thick));
        let fibre = noise(x * 260.0, y * 900.0, seed);
        let c = dim(srgb(inks[ink]), 0.80 + 0.14 * own + 0.10 * fibre);
        let curve = 0.03 * (1.0 - step(0.0, 0.05, edge - x));
        matt(dim(c, 1.0 - 0.5 * gap), 0.020 * own - 0.006 * gap + 0.001 * fibre - curve)
    });
    let lit = relief.lit(&Light { from: [-0.25, -0.85, 0.55], key: [1.35, 1.25, 1.12], soft: 0.25, ..Light::WINDOW });
    let swing = if shot.variant == 0 { 0.7 } else { 0.5 };
    let mut out = lit.oblique(
        shot.w,
        shot.h,
        View { tilt: 0.0, swing: swing / a.max(1.0), turn: -0.08, zoom: 0.66, shift: (a * 0.10, 0.0) },
    );
    out.focus(0.026, |x, _| step(0.10, 0.55, (x / a - 0.60).abs()));
    shot.look = super::Look { exposure: 1.15, vignette: 0.45, ..shot.look };
    out
}

/// What hangs on the tool board.
#[derive(Clone, Copy)]
enum Tool {
    Screwdriver,
    Spanner,
    Hammer,
    File,
}

/// Distance to a tool's outline, in its own space: hung at 0, about 0.36 long.
fn outline(tool: Tool, u: f32, v: f32) -> f32 {
    match tool {
        Tool::Screwdriver => {
            let handle = boxed(u, v + 0.085, 0.021, 0.075, 0.019);
            handle.min(boxed(u, v - 0.075, 0.0062, 0.10, 0.002))
        }
        Tool::Spanner => {
            let ring = (u.hypot(v + 0.135) - 0.032).max(0.017 - u.hypot(v + 0.135));
            let jaw = (u.hypot(v - 0.135) - 0.040).max(-boxed(u + 0.008, v - 0.165, 0.0185, 0.040, 0.004));
            ring.min(jaw).min(boxed(u, v, 0.0125, 0.112, 0.004))
        }
        Tool::Hammer => {
            let head = boxed(u - 0.004, v + 0.125, 0.070, 0.026, 0.008);
            let claw = boxed(u + 0.052, v + 0.125, 0.034, 0.019 - 0.14 * (-u - 0.03).max(0.0), 0.004);
            head.min(claw).min(boxed(u, v - 0.03, 0.013 + 0.006 * step(0.02, 0.15, v), 0.16, 0.010))
        }
        Tool::File => {
            let handle = boxed(u, v + 0.115, 0.018 + 0.005 * ((v + 0.115) * 30.0).cos(), 0.055, 0.016);
            handle.min(boxed(u, v - 0.055, 0.0165 - 0.02 * (v - 0.10).max(0.0), 0.125, 0.003))
        }
    }
}

/// Tools on a board, each on its painted shadow.
pub fn tools(shot: &mut Shot) -> Canvas {
    let a = shot.aspect();
    let seed = shot.seed();
    let (board, shadow): (u32, u32) = if shot.variant == 0 { (0x2a_6a98, 0xf2_c838) } else { (0xd8_c8a8, 0xc8_3a30) };
    let mut relief = Relief::new(shot.w, shot.h, |x, y| {
        let (hx, hy) = ((x * 17.0).fract() - 0.5, (y * 17.0).fract() - 0.5);
        let hole = hx.hypot(hy) / 17.0 - 0.0068;
        let grain = if shot.variant == 0 {
            dim(srgb(board), 0.9 + 0.14 * cloud(x * 40.0, y * 40.0, seed))
        } else {
            wood(y, x, seed, srgb(board), dim(srgb(board), 0.72))
        };
        let inside = step(0.001, -0.001, hole);
        gloss(mix(grain, [0.004; 3], inside), -0.03 * inside, 0.3)
    });
    let kinds = [
        Tool::Hammer,
        Tool::Screwdriver,
        Tool::Spanner,
        Tool::File,
        Tool::Screwdriver,
        Tool::Spanner,
        Tool::Spanner,
        Tool::Screwdriver,
    ];
    let columns = (a / 0.165) as usize;
    for row in 0..2 {
        for col in 0..columns {
            let tool = kinds[(col + row * 3) % kinds.len()];
            let (x, y) = (a * (col as f32 + 0.5) / columns as f32, 0.26 + 0.49 * row as f32);
            let grow = match tool {
                Tool::Spanner => 0.75 + 0.4 * ((col * 3 + row) % 4) as f32 / 3.0,
                Tool::Screwdriver | Tool::Hammer | Tool::File => 1.0,
            };
            let lean = shot.between(-0.05, 0.05);
            let (grip, area) = (
                shot.one_of(&[0xe0_3a2a, 0xf2_b01e, 0x28_a058, 0x20_58b8, 0xe8_6a1a]),
                [x - 0.12, y - 0.24, x + 0.12, y + 0.24],
            );
            let flat = |px: f32, py: f32| outline(tool, (px - x) / grow, (py - y) / grow) * grow;
            relief.adjust(area, |px, py, texel| {
                let cover = ((0.007 - flat(px, py)) * 900.0).clamp(0.0, 1.0);
                texel.albedo = mix(texel.albedo, dim(srgb(shadow), 0.9), cover * step(-0.02, -0.01, texel.height));
            });
            // One place is empty: somebody has borrowed it.
            if row == 1 && col + 2 == columns {
                continue;
            }
            relief.raise(area, |px, py| {
                let (u, v) = ((px - x + lean * (py - y)) / grow, (py - y) / grow);
                let d = outline(tool, u, v) * grow;
                (surface(tool, u, v, d, grip, seed), d)
            });
        }
    }
    let lit = relief.lit(&if shot.variant == 0 { Light { soft: 0.3, ..Light::WINDOW } } else { Light::LAMP });
    let swing = if shot.variant == 0 { -0.45 } else { 0.45 };
    let mut out = lit.oblique(
        shot.w,
        shot.h,
        View { tilt: 0.14, swing: swing / a.max(1.0), turn: swing * -0.08, zoom: 0.82, shift: (0.0, 0.0) },
    );
    let side = if shot.variant == 0 { 0.42 } else { 0.58 };
    out.focus(0.018, |x, _| step(0.16, 0.66, (x / a - side).abs()));
    shot.look = super::Look { exposure: 1.12, vignette: 0.45, ..shot.look };
    out
}

/// The material of a tool at a point of its own space.
fn surface(tool: Tool, u: f32, v: f32, d: f32, grip: Rgb, seed: u32) -> super::super::relief::Texel {
    let brush = noise(u * 60.0, v * 900.0, seed);
    let steel = |c: u32, top: f32| metal(dim(srgb(c), 0.9 + 0.14 * brush), 0.02 + bevel(d, 0.008, top), 0.72);
    match tool {
        Tool::Screwdriver if v < -0.005 => {
            let flute = (u / 0.021 * TAU * 0.75).cos() * 0.003 * step(-0.02, -0.035, v);
            let cap = if v < -0.125 { [0.02; 3] } else { grip };
            gloss(cap, 0.02 + bevel(d, 0.019, 0.042) + flute, 0.85)
        }
        Tool::File if v < -0.062 => gloss(grip, 0.02 + bevel(d, 0.018, 0.040), 0.6),
        Tool::File => {
            let cut = ((u + v) * 900.0).sin() * ((u - v) * 900.0).sin();
            metal(dim(srgb(0x9a_9ea4), 0.75 + 0.3 * cut), 0.02 + bevel(d, 0.003, 0.014), 0.5)
        }
        Tool::Hammer if v > -0.095 => {
            let ash = wood(v, u, seed, srgb(0xd8_a868), srgb(0xa8_7438));
            gloss(if v > 0.09 { mix(ash, grip, 0.85) } else { ash }, 0.02 + bevel(d, 0.013, 0.034), 0.45)
        }
        Tool::Hammer => steel(0x8a_8e94, 0.060),
        Tool::Spanner | Tool::Screwdriver => steel(0xd0_d4d8, 0.016),
    }
}
