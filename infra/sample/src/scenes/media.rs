//! The media suite and the darkroom.

use std::f32::consts::{PI, TAU};

use super::super::paint::{Canvas, Rgb, View, band, boxed, cloud, dim, hash, mix, noise, plus, srgb, step};
use super::Shot;

/// Into the front of a lens: the ring, the coatings, the blades of the iris.
pub fn lens(shot: &mut Shot) -> Canvas {
    let a = shot.aspect();
    let seed = shot.seed();
    let (cx, cy, size) = (a * 0.5, 0.5, 0.46 * a.min(1.0));
    let (blades, open, spin) = (7.0, if shot.variant == 0 { 0.17 } else { 0.27 }, shot.between(0.0, 1.0));
    let coats: [u32; 4] = if shot.variant == 0 {
        [0x7a_3aff, 0x18_b8a0, 0xff_8a2a, 0x3a_6aff]
    } else {
        [0x20_d070, 0xd0_409a, 0xff_c040, 0x30_90ff]
    };
    let coats = coats.map(srgb);
    let mut canvas = Canvas::new(shot.w, shot.h, |x, y| {
        let (u, v) = ((x - cx) / size, (y - cy) / size);
        let d = u.hypot(v);
        let angle = v.atan2(u);
        let window = 0.5 - 0.5 * (angle - 0.9).cos();
        if d > 1.0 {
            let bench = cloud(x * 3.0, y * 3.0, seed);
            return dim([0.045, 0.05, 0.06], 0.5 + bench * 0.9 + 0.9 * step(1.5, 0.0, x / a + y));
        }
        if d > 0.80 {
            // The ring: a knurled grip outside, engraved figures inside.
            let turned =
                dim([0.055, 0.056, 0.06], 0.25 + 1.5 * window * window + 0.2 * noise(d * 260.0, angle * 2.0, seed));
            let knurl = if d > 0.925 { 0.45 + 0.55 * step(-0.3, 0.4, (angle * 96.0).cos()) } else { 1.0 };
            let lip = band(d, 0.992, 0.002, 0.006) * 0.3
                + band(d, 0.92, 0.001, 0.003) * 0.25
                + band(d, 0.808, 0.002, 0.004) * 0.35;
            let figure = band(d, 0.865, 0.016, 0.002)
                * step(0.45, 0.55, hash((angle * 34.0 + 200.0) as i32, (d * 300.0) as i32 / 4, seed))
                * step(0.15, 0.3, ((angle * 5.5 + 60.0).fract() - 0.5).abs());
            let red = band(d, 0.902, 0.003, 0.0015);
            return plus(
                plus(dim(turned, knurl), [lip * (0.3 + window); 3]),
                plus(dim([0.75, 0.75, 0.7], figure), dim([0.7, 0.02, 0.02], red * (0.4 + window))),
            );
        }
        let mut c = glass_depths(d, angle, spin, open, blades);
        // Each surface of the glass shows the window once, smaller and in the colour of its coating.
        for (n, coat) in coats.into_iter().enumerate() {
            let k = n as f32;
            let (bow, shift) = (0.62 - 0.13 * k, if n % 2 == 0 { -0.24 - 0.05 * k } else { 0.30 - 0.07 * k });
            let (px, py) = (u - shift * 0.9, v - shift);
            let bulge = 1.0 + 0.6 * (px * px + py * py);
            let pane = boxed(px * bulge * 1.1, py * bulge, bow * 0.34, bow * 0.42, bow * 0.08);
            let bar = 1.0 - 0.8 * band(px, 0.0, 0.004, 0.006).max(band(py, 0.0, 0.004, 0.006));
            c = plus(c, dim(coat, 0.75 / (1.0 + 0.6 * k) * step(0.02, -0.03, pane) * bar));
        }
        let arc = band(d, 0.70, 0.03, 0.05) * step(0.2, 0.9, (angle + 2.3).cos()) * 0.5
            + band(d, 0.62, 0.012, 0.04) * step(0.4, 1.0, (angle - 0.7).cos()) * 0.6;
        let film = mix(coats[0], coats[1], (0.5 + 0.5 * (angle * 1.0).sin()).clamp(0.0, 1.0));
        plus(c, dim(film, arc))
    });
    canvas.focus(0.012, |x, y| step(0.42, 0.75, (x - cx).hypot(y - cy)));
    shot.look = super::Look { exposure: 1.35, vignette: 0.45, grain: 2.25, bloom: 0.9, ..shot.look };
    canvas
}

/// What is inside the barrel: stepped rings, then the blades, then the dark.
fn glass_depths(d: f32, angle: f32, spin: f32, open: f32, blades: f32) -> Rgb {
    let sector = (angle + spin) / TAU * blades;
    let within = (sector - sector.floor() - 0.5) * TAU / blades;
    let side = d * within.cos() - open;
    if d > 0.50 {
        let groove = band((d * 34.0).fract(), 0.5, 0.12, 0.3);
        return dim(
            [0.030, 0.032, 0.042],
            0.3 + 0.5 * groove * (0.5 + 0.5 * (angle + 2.2).cos()) + 0.8 * band(d, 0.52, 0.004, 0.012),
        );
    }
    if side > 0.0 {
        // Each blade lies over the next: a straight edge, tangent to the opening, that catches the light.
        let lap = (sector + (d - open) * 1.25).rem_euclid(1.0);
        let facing = 0.5 + 0.5 * ((sector - lap) / blades * TAU + 0.8).cos();
        let edge = band(lap, 0.02, 0.008, 0.02) + band(side, 0.002, 0.002, 0.004);
        return plus(dim([0.10, 0.105, 0.12], 0.25 + 0.75 * facing * (1.0 - 0.4 * lap)), [0.16 * edge; 3]);
    }
    dim(
        [0.004, 0.006, 0.016],
        1.0 + 9.0 * (1.0 - step(0.0, 0.10, (d - 0.06).abs())) * step(0.6, 1.0, (angle + PI * 0.72).cos()),
    )
}

/// A landscape as somebody photographed it: one of many, by its number.
fn view_of(u: f32, v: f32, id: u32) -> Rgb {
    let day = hash(1, 7, id);
    let top = mix(srgb(0x3a_78c8), srgb(0xe0_8a50), day);
    let low = mix(srgb(0xc8_e0f0), srgb(0xf8_d890), day);
    let mut c = mix(top, low, v);
    let sun = (u - 0.2 - 0.6 * hash(2, 3, id)).hypot((v - 0.35) * 0.7);
    c = plus(c, dim([0.9, 0.8, 0.5], 1.0 - step(0.05, 0.09, sun)));
    for (n, (base, rough, paint)) in
        [(0.62, 0.30, 0x5a_7a98), (0.74, 0.24, 0x3a_6a50), (0.90, 0.16, 0x1e_3a22)].into_iter().enumerate()
    {
        let line = base - rough * (cloud(u * (1.6 + n as f32), n as f32 * 5.0, id) - 0.3);
        let lit = 0.8 + 0.5 * noise(u * 22.0, v * 40.0, id);
        c = mix(c, dim(srgb(paint), lit), step(line - 0.006, line + 0.006, v));
    }
    c
}

/// Strips of negatives on a light box, with a loupe on one frame.
pub fn negatives(shot: &mut Shot) -> Canvas {
    let a = shot.aspect();
    let seed = shot.seed();
    let colour = shot.variant == 0;
    let pitch = 0.36;
    let slips: Vec<f32> = (0..6).map(|_| shot.between(0.0, 1.0)).collect();
    let base = if colour { srgb(0xe0_8040) } else { srgb(0xb8_bcc4) };
    let plane = Canvas::new(shot.w, shot.h, |x, y| {
        let table = dim([1.10, 1.10, 1.06], 0.93 + 0.05 * cloud(x * 1.5, y * 1.5, seed));
        let row = (y + 0.08) / pitch;
        let strip = row as usize;
        let v = (row.fract() - 0.5) * pitch;
        let slip = slips[strip % 6];
        let u = x + slip * 0.5 + 0.02 * (x * 1.2 + strip as f32).sin();
        let d = v.abs() - 0.150;
        if d > 0.0 {
            return dim(table, 1.0 - 0.30 * step(0.012, 0.0, d));
        }
        let hole = boxed(((u * 21.0).fract() - 0.5) / 21.0, v.abs() - 0.130, 0.0125, 0.0095, 0.004);
        if hole < 0.0 {
            return table;
        }
        let number = (u / 0.36) as i32;
        let (fu, fv) = ((u / 0.36).fract(), v / 0.210 + 0.5);
        let frame = boxed((fu - 0.5) * 0.36, v, 0.166, 0.105, 0.003);
        let rim = 1.0 - 0.4 * band(hole, 0.0, 0.0008, 0.0016) - 0.25 * step(-0.004, 0.0, d);
        let mut c = dim(base, 0.92 * rim);
        if frame < 0.0 {
            let seen = view_of(fu, fv, seed ^ (strip as u32 * 31 + number as u32));
            let seen = if colour { seen } else { [0.3 * seen[0] + 0.6 * seen[1] + 0.1 * seen[2]; 3] };
            c = [0, 1, 2].map(|n| c[n] * (1.0 - 0.93 * seen[n].clamp(0.0, 1.0).powf(0.55)));
        } else {
            let code = band(v.abs(), 0.1105, 0.003, 0.001)
                * step(0.5, 0.6, hash((u * 190.0) as i32, i32::from(v > 0.0), seed))
                * step(0.4, 0.5, noise(u * 8.0, 2.0, seed));
            c = mix(c, dim(base, 0.3), code);
        }
        let gleam = 0.07 * band((x * 0.7 + y * 0.4 + slip).fract(), 0.5, 0.03, 0.14);
        plus(c, [gleam; 3])
    });
    let mut out = plane.oblique(
        shot.w,
        shot.h,
        View { tilt: 0.42, swing: 0.05, turn: if colour { -0.18 } else { 0.2 }, zoom: 0.82, shift: (0.0, 0.0) },
    );
    out.focus(0.02, |_, y| step(0.16, 0.6, (y - 0.55).abs()));
    let (lx, ly, r) = (a * if colour { 0.60 } else { 0.40 }, 0.55, 0.21 * a.min(1.1));
    out.shade(lx + 0.035, ly + 0.05, r * 1.35, r * 1.3, 0.75);
    let behind = out.clone();
    out.paint([lx - r, ly - r, lx + r, ly + r], |x, y| {
        let (dx, dy) = (x - lx, y - ly);
        let d = dx.hypot(dy) / r;
        let angle = dy.atan2(dx);
        let c = if d < 0.80 {
            let k = 0.46 + 0.10 * d * d;
            let c = dim(behind.at(lx + dx * k, ly + dy * k), 1.05 - 0.35 * d.powi(6));
            let pane = boxed(dx / r + 0.26, dy / r + 0.34, 0.17, 0.11, 0.05);
            plus(c, [0.22 * step(0.03, -0.03, pane); 3])
        } else {
            let lit = 0.5 + 0.5 * (angle + 2.3).cos();
            let ridge = if d > 0.9 { 0.6 + 0.4 * (angle * 64.0).cos() } else { 1.0 };
            dim([0.10, 0.10, 0.11], (0.12 + 1.3 * lit * lit) * ridge + 0.9 * band(d, 0.81, 0.006, 0.012))
        };
        (c, ((1.0 - d) * r * 900.0).clamp(0.0, 1.0))
    });
    shot.look = super::Look { exposure: 0.98, vignette: 0.45, bloom: 0.6, ..shot.look };
    out
}

/// A film being cut: the timeline on a monitor.
pub fn timeline(shot: &mut Shot) -> Canvas {
    let a = shot.aspect();
    let seed = shot.seed();
    let clips: [u32; 5] = if shot.variant == 0 {
        [0x3a_8ae0, 0x8a_5ae0, 0x30_b088, 0xe0_8a3a, 0xd8_4a78]
    } else {
        [0xe0_6a3a, 0xe0_b83a, 0xc8_4a58, 0x4a_a0a8, 0x90_a84a]
    };
    let clips = clips.map(srgb);
    let head = a * 0.57;
    // Cuts of six tracks: where each clip ends, and its colour.
    let tracks: Vec<Vec<(f32, usize, bool)>> = (0..6)
        .map(|track| {
            let (mut at, mut cuts) = (0.05, Vec::new());
            while at < a {
                at += shot.between(0.10, if track < 3 { 0.34 } else { 0.55 });
                cuts.push((at, shot.below(5), shot.below(6) == 0));
            }
            cuts
        })
        .collect();
    let plane = Canvas::new(shot.w, shot.h, |x, y| {
        let mut c = [0.014, 0.015, 0.018];
        if y < 0.44 {
            for (left, id) in [(0.06 * a, 1), (0.53 * a, 9)] {
                let (u, v) = ((x - left) / (0.41 * a), (y - 0.05) / 0.34);
                if (0.0..1.0).contains(&u) && (0.0..1.0).contains(&v) {
                    c = dim(view_of(u, v, seed ^ id), 0.85);
                    let safe = boxed(u - 0.5, v - 0.5, 0.45, 0.44, 0.0).abs();
                    c = plus(c, [0.25 * step(0.003, 0.001, safe); 3]);
                }
            }
            return c;
        }
        if y < 0.495 {
            let tick = (x * 40.0).fract();
            let long = (x * 8.0).fract() < 0.026;
            let mark = step(0.07, 0.03, tick) * step(if long { 0.455 } else { 0.475 }, 0.480, y);
            c = plus([0.022, 0.023, 0.027], [0.28 * mark; 3]);
        } else {
            let row = (y - 0.5) / 0.082;
            let (track, v) = (row as usize, row.fract());
            if let (Some(cuts), true) = (tracks.get(track), x > 0.05) {
                let next = cuts.iter().position(|cut| x < cut.0).unwrap_or(0);
                let begin = if next == 0 { 0.05 } else { cuts[next - 1].0 };
                let (end, paint, gap) = cuts[next];
                let half = (end - begin) * 0.5;
                let d = boxed(x - begin - half, (v - 0.5) * 0.082, half - 0.0015, 0.036, 0.006);
                if !gap && d < 0.0 {
                    c = clip(x - begin, v, clips[paint], track, seed ^ (next * 7 + track) as u32);
                    c = plus(c, dim(clips[paint], 0.8 * band(d, -0.001, 0.0006, 0.0012)));
                }
            }
        }
        let line = band(x, head, 0.0012, 0.0012) * step(0.45, 0.455, y);
        let flag =
            step(0.001, -0.001, (x - head).abs() - (0.495 - y) * 0.5) * step(0.458, 0.462, y) * step(0.496, 0.494, y);
        mix(c, [1.5, 0.16, 0.10], line.max(flag))
    });
    let swing = if shot.variant == 0 { 0.42 } else { -0.42 };
    let mut out = plane.oblique(
        shot.w,
        shot.h,
        View { tilt: 0.18, swing: swing / a.max(1.0), turn: swing * -0.16, zoom: 0.80, shift: (0.02, 0.08) },
    );
    let side = if shot.variant == 0 { 0.60 } else { 0.42 };
    out.shine([0.0, 0.0, a, 1.0], |x, y| {
        let stripe = ((x * 640.0).sin() * (y * 640.0).sin()) * 0.006;
        plus([stripe.max(0.0); 3], dim([0.05, 0.06, 0.08], band(x * 0.8 + y * 0.6, a * 0.2, 0.05, 0.25) * 0.6))
    });
    out.focus(0.022, |x, _| step(0.12, 0.6, (x / a - side).abs()));
    shot.look = super::Look { exposure: 1.5, cast: [0.96, 1.0, 1.06], vignette: 0.4, grain: 2.475, bloom: 0.9 };
    out
}

/// A clip on a track: pictures at its start, or the shape of its sound.
fn clip(along: f32, v: f32, paint: Rgb, track: usize, id: u32) -> Rgb {
    if track < 3 {
        let title =
            band(v, 0.14, 0.05, 0.02) * step(0.08, 0.075, along) * step(0.4, 0.5, noise(along * 260.0, 1.0, id));
        if v > 0.24 && along < 0.075 {
            return view_of(along / 0.075, (v - 0.24) / 0.72, id);
        }
        return plus(dim(paint, 0.34 - 0.08 * v), [0.5 * title; 3]);
    }
    let loud = 0.06 + 0.40 * noise(along * 9.0, 0.0, id) * (0.35 + 0.65 * noise(along * 420.0, 3.0, id));
    let wave = step(0.02, -0.02, (v - 0.5).abs() - loud);
    plus(dim(paint, 0.13), dim(plus(paint, [0.12; 3]), 0.75 * wave))
}
