//! The stage and its lighting store.

use std::f32::consts::TAU;

use super::super::paint::{
    Canvas, Rgb, View, band, boxed, cloud, dim, hash, mix, noise, plus, segment, srgb, step, through,
};
use super::super::relief::{Light, Relief, gloss, matt};
use super::Shot;

/// One lantern of the rig: where it hangs, where its light falls, and in which colour.
struct Lantern {
    hung: (f32, f32),
    aimed: (f32, f32),
    wide: f32,
    colour: Rgb,
}

/// Beams of light through haze, onto a stool on an empty stage.
pub fn beams(shot: &mut Shot) -> Canvas {
    let a = shot.aspect();
    let seed = shot.seed();
    let gels: &[u32] = match shot.variant {
        0 => &[0xff_3a6a, 0xff_a82a, 0x3a_7aff, 0xb0_4aff, 0x2a_d8e0],
        1 => &[0xff_b04a, 0xff_d890, 0xff_8a3a, 0xff_e8c0, 0xff_6a3a],
        _ => &[0x2a_8aff, 0x5a_4aff, 0x2a_e0d0, 0x8a_3aff, 0xd0_e8ff],
    };
    let count = if a < 1.0 { 3 } else { 5 };
    let (stool, floor) = ((a * 0.5, 0.86), 0.74);
    let rig: Vec<Lantern> = (0..count)
        .map(|n| {
            let t = (n as f32 + 0.5) / count as f32;
            let near = stool.0 + (t - 0.5) * a * 0.42 + shot.between(-0.03, 0.03);
            Lantern {
                hung: (a * (0.06 + 0.88 * t), 0.085),
                aimed: (a - near, 0.86 + shot.between(-0.03, 0.03)),
                wide: shot.between(0.13, 0.17),
                colour: srgb(gels[n % gels.len()]),
            }
        })
        .collect();

    let mut canvas = Canvas::new(shot.w, shot.h, |x, y| {
        if y < floor {
            // Black drapes catch a little of every colour.
            let fold = noise(x * 16.0 + 0.6 * noise(x * 3.0, y * 2.0, seed), y * 0.7, seed);
            return dim([0.030, 0.026, 0.040], 0.25 + 1.1 * fold * step(0.0, floor, y));
        }
        let depth = 0.24 / (y - 0.56);
        let (u, v) = ((x - a * 0.5) * depth * 3.2 + 40.0, depth * 6.0);
        let seam = step(0.0, 0.05, u.fract().min(1.0 - u.fract()));
        let board = hash(u as i32, 3, seed);
        let grain = cloud(u * 9.0, v * 2.0, seed);
        let lit = rig.iter().fold([0.012; 3], |lit, lantern| {
            let (dx, dy) = ((x - lantern.aimed.0) / lantern.wide, (y - lantern.aimed.1) / (lantern.wide * 0.34));
            plus(lit, dim(lantern.colour, 1.5 * (1.0 - step(0.35, 1.15, dx.hypot(dy)))))
        });
        let wood = dim(mix(srgb(0x8a_6a4a), srgb(0x5a_3e28), 0.6 * board + 0.4 * grain), 0.35 + 0.65 * seam);
        through(plus(lit, [0.02, 0.02, 0.03]), wood)
    });
    stool_on_stage(&mut canvas, stool, &rig);
    canvas.shine([0.0, 0.0, a, 0.95], |x, y| {
        let haze = 0.45 + 1.1 * cloud(x * 3.0 + 9.0, y * 3.5, seed ^ 5);
        rig.iter().fold([0.0; 3], |light, lantern| {
            let t = (y - lantern.hung.1) / (lantern.aimed.1 - lantern.hung.1);
            if !(0.0..1.05).contains(&t) {
                return light;
            }
            let u = (x - lantern.hung.0 - (lantern.aimed.0 - lantern.hung.0) * t) / (0.016 + lantern.wide * t);
            if u.abs() > 1.3 {
                return light;
            }
            let edge = (1.0 - step(0.55, 1.25, u.abs())) * (0.75 + 0.25 * (1.0 - u * u));
            plus(light, dim(lantern.colour, edge * haze * (0.50 - 0.34 * t) * step(1.05, 0.85, t)))
        })
    });
    hang(&mut canvas, &rig);
    shot.look = super::Look { exposure: 1.35, vignette: 0.35, grain: 2.925, bloom: 1.3, ..shot.look };
    canvas
}

fn stool_on_stage(canvas: &mut Canvas, (x, foot): (f32, f32), rig: &[Lantern]) {
    let seat = foot - 0.20;
    canvas.shade(x, foot + 0.01, 0.10, 0.022, 0.85);
    let rim = |side: f32| {
        rig.iter()
            .filter(|lantern| (lantern.hung.0 - x) * side >= 0.0)
            .fold([0.05; 3], |sum, lantern| plus(sum, dim(lantern.colour, 0.35)))
    };
    let (left, right) = (rim(-1.0), rim(1.0));
    for (from, to) in [(-0.040, -0.072), (0.040, 0.072), (-0.012, -0.026), (0.014, 0.030)] {
        let (top, end) = ((x + from, seat), (x + to, foot + 0.004 - f32::abs(to) * 0.12));
        canvas.paint([x - 0.09, seat, x + 0.09, foot + 0.01], |px, py| {
            let (d, _) = segment((px, py), top, end);
            let side = px - (top.0 + (end.0 - top.0) * (py - seat) / (end.1 - top.1));
            let lit = mix(dim(left, step(0.001, -0.005, side)), right, step(0.0, 0.005, side));
            (plus([0.012, 0.010, 0.008], dim(lit, 0.22)), ((0.0062 - d) * 900.0).clamp(0.0, 1.0))
        });
    }
    canvas.paint([x - 0.07, foot - 0.085, x + 0.07, foot - 0.07], |px, py| {
        let d = boxed(px - x, py - foot + 0.078, 0.056, 0.0035, 0.003);
        ([0.05, 0.045, 0.05], ((-d) * 900.0).clamp(0.0, 1.0))
    });
    canvas.paint([x - 0.08, seat - 0.03, x + 0.08, seat + 0.03], |px, py| {
        let top = ((px - x) / 0.066).hypot((py - seat) / 0.016);
        let side = boxed(px - x, py - seat - 0.008, 0.066, 0.010, 0.008);
        let tint = mix(left, right, ((px - x) / 0.132 + 0.5).clamp(0.0, 1.0));
        let wood = srgb(0xc8_9050);
        let face =
            if top < 1.0 { dim(through(wood, plus(tint, [0.25; 3])), 1.6) } else { dim(through(wood, tint), 0.25) };
        (face, ((1.0 - top) * 40.0).max(-side * 900.0).clamp(0.0, 1.0))
    });
}

/// The bar, and the lanterns on it.
fn hang(canvas: &mut Canvas, rig: &[Lantern]) {
    let a = canvas.aspect();
    canvas.paint([0.0, 0.022, a, 0.040], |_, y| (dim([0.10, 0.10, 0.11], 0.3 + band(y, 0.027, 0.002, 0.006)), 1.0));
    for lantern in rig {
        let (x, y) = lantern.hung;
        let lean = (lantern.aimed.0 - x) / (lantern.aimed.1 - y);
        canvas.paint([x - 0.07, 0.02, x + 0.07, y + 0.02], |px, py| {
            let axis = x + (py - y) * lean;
            let half = if py > y - 0.012 { 0.038 } else { 0.027 };
            let body = boxed(px - axis, py - y + 0.022, half, 0.028, 0.006);
            let yoke = boxed(px - x, py - 0.045, 0.006, 0.022, 0.002);
            let c = dim([0.06, 0.06, 0.07], 0.35 + 0.9 * band((px - axis) / half, -0.6, 0.08, 0.25));
            (c, (-body.min(yoke) * 900.0).clamp(0.0, 1.0))
        });
        let c = lantern.colour;
        canvas.glow(x, y + 0.008, 0.16, 0.10, dim(c, 0.4));
        canvas.glow(x, y + 0.006, 0.035, 0.014, dim(plus(c, [0.35; 3]), 5.0));
    }
}

/// The house curtain with its fringe, in a spotlight.
pub fn curtain(shot: &mut Shot) -> Canvas {
    let a = shot.aspect();
    let (seed, sway) = (shot.seed(), shot.between(0.0, 9.0));
    let velvet = srgb(if shot.variant == 0 { 0xa8_1420 } else { 0x1c_3f8a });
    let (hem, boards) = (0.845, 0.935);
    let relief = Relief::new(shot.w, shot.h, |x, y| {
        if y > boards {
            let wood = cloud(x * 1.5, y * 60.0, seed);
            let seam = step(0.0, 0.02, ((x - a * 0.5) / (y - 0.3) * 6.0 + 40.0).fract());
            return gloss(dim(mix(srgb(0x6a_4426), srgb(0x3c_2414), wood), 0.4 + 0.6 * seam), -0.05, 0.5);
        }
        let warp = x * 5.6 + 0.9 * noise(x * 1.7 + sway, 0.3, seed) + 0.10 * (y * 2.2 + x * 1.3).sin();
        let (coarse, fine) = ((warp * TAU).sin(), (warp * 2.0 * TAU + 1.1 + noise(x * 3.0, y * 0.6, seed) * 2.0).sin());
        let fold = 0.052 * coarse + 0.017 * fine * (0.5 + 0.5 * y) + 0.004 * cloud(x * 9.0, y * 2.0, seed);
        let nap = noise(x * 420.0, y * 160.0, seed);
        if y < hem {
            // Velvet is brightest where it turns away from us.
            let turned = 1.0 - coarse.abs();
            return matt(dim(velvet, 0.62 + 0.25 * nap + 0.75 * turned * turned), fold);
        }
        let gold = mix(srgb(0xd8_a030), srgb(0x8a_5a14), nap);
        if y < hem + 0.028 {
            let braid = ((x * 150.0).sin() * (y * 420.0).sin()).abs();
            return gloss(dim(gold, 0.7 + 0.5 * braid), fold + 0.012 + 0.005 * braid, 0.5);
        }
        let strand = (x * 260.0 + 0.4 * noise(x * 40.0, y * 20.0, seed)).sin();
        let end = boards - 0.016 + 0.008 * noise(x * 60.0, 0.0, seed);
        if y > end {
            return matt([0.012, 0.008, 0.006], -0.03);
        }
        gloss(dim(gold, 0.55 + 0.45 * strand), fold + 0.004 * strand, 0.45)
    });
    let mut canvas =
        relief.lit(&Light { from: [-0.75, -0.4, 0.62], key: [1.6, 1.4, 1.15], room: [0.14, 0.12, 0.18], soft: 0.3 });
    let spot = (a * if shot.variant == 0 { 0.56 } else { 0.42 }, 0.46);
    canvas.filter([0.0, 0.0, a, 1.0], |x, y| {
        let d = ((x - spot.0) / 0.52).hypot((y - spot.1) / 0.50);
        0.20 + 1.35 * (1.0 - step(0.72, 1.02, d)) * (1.0 - 0.35 * d * d)
    });
    canvas.glow(spot.0, boards + 0.03, 0.4, 0.05, [0.25, 0.2, 0.14]);
    canvas.focus(0.012, |x, _| step(0.3, 0.9, (x - spot.0).abs()));
    shot.look = super::Look { exposure: 1.3, cast: [1.05, 1.0, 0.93], vignette: 0.5, bloom: 0.8, ..shot.look };
    canvas
}

/// Sheets of colour filter laid over each other on a light box.
pub fn gels(shot: &mut Shot) -> Canvas {
    let a = shot.aspect();
    let seed = shot.seed();
    let filters: &[u32] = if shot.variant == 0 {
        &[0xff_3048, 0x30_c0ff, 0xff_e030, 0x48_e070, 0xff_60c0, 0x60_60ff, 0xff_9030]
    } else {
        &[0x40_d0e0, 0x40_80ff, 0xa0_60ff, 0xff_80d0, 0x80_ffd0, 0x30_50d0, 0xe0_a0ff]
    };
    let count = if a < 1.0 { 7 } else { 9 };
    let sheets: Vec<(f32, f32, f32, f32, f32, Rgb)> = (0..count)
        .map(|n| {
            let t = (n as f32 + 0.5) / count as f32;
            let wave = (n as f32 * 2.4).sin();
            let (x, y) =
                (a * (0.08 + 0.84 * t) + shot.between(-0.05, 0.05), 0.5 + 0.24 * wave + shot.between(-0.06, 0.06));
            let turn = shot.between(-0.9, 0.9);
            (x, y, turn.cos(), turn.sin(), shot.between(0.20, 0.27), srgb(filters[n % filters.len()]))
        })
        .collect();
    let plane = Canvas::new(shot.w, shot.h, |x, y| {
        let mut light = dim([1.05, 1.04, 1.0], 0.92 + 0.06 * cloud(x * 2.0, y * 2.0, seed));
        let mut sheen = 0.0;
        for (n, &(cx, cy, cos, sin, half, colour)) in sheets.iter().enumerate() {
            let (dx, dy) = (x - cx, y - cy);
            let (u, v) = (dx * cos + dy * sin, dy * cos - dx * sin);
            let d = boxed(u, v, half, half * 0.72, 0.012).max(0.013 - (u + half - 0.035).hypot(v));
            if d > 0.014 {
                continue;
            }
            let inside = (0.5 - d * 900.0).clamp(0.0, 1.0);
            // A soft shadow on the sheet below, the colour itself, and a cut edge that gathers light.
            light = dim(light, 1.0 - 0.14 * step(0.014, 0.0, d) * (1.0 - inside));
            let thick = 0.78 + 0.3 * noise(u * 3.0, v * 3.0, seed ^ n as u32);
            light = mix(light, through(light, mix([1.0; 3], colour, thick.min(1.0))), inside);
            light = mix(light, dim(colour, 1.3), 0.6 * band(d, -0.0022, 0.0008, 0.0014));
            let label = boxed(u - half * 0.62, v - half * 0.52, half * 0.25, half * 0.10, 0.004);
            let ink = step(0.0006, -0.0006, boxed(u - half * 0.58, v - half * 0.52, half * 0.15, 0.005, 0.001))
                * step(0.35, 0.45, noise(u * 210.0, 4.0, seed ^ n as u32));
            light = mix(light, dim([0.86, 0.85, 0.8], 1.0 - 0.85 * ink), (0.5 - label * 900.0).clamp(0.0, 1.0));
            let crease = (u * 0.8 + v * 1.1 + 0.05 * noise(v * 9.0, u * 9.0, seed ^ n as u32)) * 4.0 + n as f32 * 0.37;
            sheen += inside * 0.14 * band(crease.fract(), 0.5, 0.02, 0.16);
        }
        plus(light, [sheen * 0.9, sheen * 0.95, sheen])
    });
    let turn = if shot.variant == 0 { -0.2 } else { 0.25 };
    let mut out = plane.oblique(shot.w, shot.h, View { tilt: 0.5, swing: 0.1, turn, zoom: 0.74, shift: (0.0, 0.0) });
    out.focus(0.024, |_, y| step(0.14, 0.55, (y - 0.55).abs()));
    shot.look = super::Look { exposure: 0.95, vignette: 0.5, bloom: 0.7, ..shot.look };
    out
}
