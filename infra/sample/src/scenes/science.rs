//! The science prep room.

use std::f32::consts::TAU;

use super::super::glass::{Liquid, Vessel, beaker, conical, round, tube};
use super::super::paint::{
    Canvas, Rgb, View, band, bezier, cells, cloud, dim, hash, hue, mix, noise, plus, segment, srgb, step,
};
use super::super::relief::{Light, Relief, gloss, matt};
use super::Shot;

const BOTTLES: [u32; 6] = [0x8a_5a2b, 0xd8_d4c8, 0x3f_6f8f, 0xb8_8a3a, 0x6d_8f6a, 0xe8_e2d4];

fn stand(canvas: &mut Canvas, x: f32, y: f32, r: f32, colour: Rgb) {
    canvas.shade(x + r * 0.5, y + r * 0.05, r * 1.7, r * 0.30, 0.75);
    canvas.shade(x, y, r * 1.1, r * 0.12, 0.6);
    canvas.glow(x + r * 0.95, y + r * 0.16, r * 1.1, r * 0.2, dim(colour, 0.9));
}

/// Flasks of coloured solutions on a bench.
pub fn flasks(shot: &mut Shot) -> Canvas {
    let a = shot.aspect();
    let (wall, bench, far, colours): (u32, u32, u32, [u32; 5]) = match shot.variant {
        0 => (0xcf_d3cf, 0x6b_4a33, 0x9a_7452, [0x1e_6fd8, 0xf0_9a1a, 0xd9_2f5f, 0x2f_a866, 0x7a_3fc0]),
        1 => (0x5d_7078, 0x22_2629, 0x3c_4347, [0xff_b020, 0xf2_6a1b, 0xe2_3d2e, 0xc9_1f5a, 0xffd_35a & 0xff_ffff]),
        _ => (0xe6_dccb, 0xd8_cfc0, 0xf0_e9dc, [0x2f_c0c8, 0x1d_8fd0, 0x1e_55b8, 0x4a_34a8, 0x7f_d8b8]),
    };
    let mut canvas = shot.room(srgb(wall), &BOTTLES, 1.3);
    let y = 0.74;
    shot.bench(&mut canvas, y, srgb(bench), srgb(far));
    let count = if a < 1.0 {
        3
    } else if a > 1.5 {
        5
    } else {
        4
    };
    let margin = 0.16;
    let mut standing: Vec<(f32, f32, usize)> = (0..count)
        .map(|n| {
            let x = margin + (a - 2.0 * margin) * (n as f32 + 0.5) / count as f32;
            (x + shot.between(-0.02, 0.02), 0.80 + 0.07 * ((n * 2 + shot.variant as usize) % 3) as f32 * 0.8, n)
        })
        .collect();
    standing.sort_by(|p, q| p.1.total_cmp(&q.1));
    for (x, foot, n) in standing {
        let colour = srgb(colours[n % 5]);
        let big = shot.between(0.9, 1.1) * (if a < 1.0 { 0.85 } else { 1.0 });
        let kind = (n + shot.variant as usize) % 4;
        let (r, tall) = match kind {
            0 => (0.155 * big, 0.46 * big),
            1 => (0.062 * big, 0.56 * big),
            2 => (0.150 * big, 0.44 * big),
            _ => (0.120 * big, 0.34 * big),
        };
        let (conical, cylinder, bulb, beaker) = (conical(r), beaker(r), round(r, tall), beaker(r));
        let radius: &dyn Fn(f32) -> f32 = match kind {
            0 => &conical,
            1 => &cylinder,
            2 => &bulb,
            _ => &beaker,
        };
        stand(&mut canvas, x, foot, r * if kind == 2 { 0.7 } else { 1.0 }, colour);
        let behind = canvas.clone();
        let fill = shot.between(0.45, 0.72);
        Vessel {
            x,
            top: foot - tall,
            bottom: foot,
            radius,
            liquid: Some(Liquid {
                level: foot - tall * fill.min(if kind == 0 || kind == 2 { 0.58 } else { 0.8 }),
                colour,
                cloudy: 0.0,
            }),
        }
        .paint(&mut canvas, &behind);
        canvas.shade(x, foot + 0.002, r * 0.95, 0.008, 0.5);
    }
    shot.look.exposure = 1.1;
    shot.look.vignette = 0.45;
    if shot.variant == 1 {
        shot.look.cast = [1.08, 1.0, 0.9];
    }
    canvas
}

/// A rack of test tubes: the colours of an indicator, or a series of dilutions.
pub fn tubes(shot: &mut Shot) -> Canvas {
    let a = shot.aspect();
    let indicator: [u32; 9] =
        [0xd8_1e2c, 0xee_5a1e, 0xf6_9a1c, 0xf2_d31f, 0x8fc_32a & 0xff_ffff, 0x2f_9a4c, 0x1c_8f9a, 0x28_5fc0, 0x5a_2fa0];
    let mut canvas = shot.room(srgb(if shot.variant == 0 { 0xd9_d2c4 } else { 0x9f_b4bd }), &BOTTLES, 1.5);
    shot.bench(&mut canvas, 0.84, srgb(0x57_5b5e), srgb(0x9b_9fa0));
    let count = if a < 1.2 { 7 } else { 9 };
    let seed = shot.seed();
    let wood = move |x: f32, y: f32, light: f32| {
        let grain = cloud(x * 5.0, y * 160.0, seed) - 0.5;
        dim(mix(srgb(0xb0_7a48), srgb(0x7d_4f2a), 0.5 + grain), light)
    };
    let (left, right) = (0.10 * a, 0.90 * a);
    // The back plate and the foot of the rack.
    canvas.shade(a * 0.56, 0.905, a * 0.52, 0.05, 0.8);
    canvas.paint([left - 0.03, 0.80, right + 0.03, 0.90], |x, y| {
        let lit = if y < 0.835 { 1.15 } else { 0.62 };
        (wood(x, y, lit * (1.2 - 0.5 * x / a)), 1.0)
    });
    let r = (right - left) / count as f32 * 0.36;
    let behind = canvas.clone();
    for n in 0..count {
        let x = left + (right - left) * (n as f32 + 0.5) / count as f32;
        let colour = if shot.variant == 0 {
            srgb(indicator[n * 9 / count])
        } else {
            let t = n as f32 / (count as f32 - 1.0);
            mix(srgb(0x0f_49b8), srgb(0xd8_ecf8), t.sqrt())
        };
        let (top, bottom) = (0.20, 0.825);
        let wobble = shot.between(-0.02, 0.02);
        canvas.glow(x + r, 0.83, r * 2.0, 0.04, dim(colour, 0.7));
        Vessel {
            x,
            top,
            bottom,
            radius: &tube(r, bottom - top),
            liquid: Some(Liquid { level: 0.42 + wobble, colour, cloudy: 0.12 }),
        }
        .paint(&mut canvas, &behind);
    }
    canvas.shade(a * 0.5, 0.625, a * 0.45, 0.035, 0.5);
    canvas.paint([left - 0.03, 0.535, right + 0.03, 0.615], |x, y| {
        let lit = if y < 0.55 { 1.45 } else { 0.85 - (y - 0.55) * 3.0 };
        (wood(x, y + 3.0, lit * (1.25 - 0.55 * x / a)), 1.0)
    });
    canvas.mirror(0.90, 0.28, 0.12);
    shot.look.vignette = 0.4;
    canvas
}

/// Copper sulphate crystals in a heap.
pub fn crystals(shot: &mut Shot) -> Canvas {
    let a = shot.aspect();
    let seed = shot.seed();
    let paper = if shot.variant == 0 { srgb(0xe9_e6de) } else { srgb(0x1c_1f24) };
    let mut relief = Relief::new(shot.w, shot.h, |x, y| {
        let fibre = cloud(x * 60.0, y * 60.0, seed);
        matt(dim(paper, 0.9 + 0.15 * fibre), fibre * 0.002)
    });
    let deep: [u32; 3] =
        if shot.variant == 0 { [0x06_2f9a, 0x0d_55d0, 0x2b_86ec] } else { [0x3a_0f5e, 0x7a_2a9c, 0xb0_62d0] };
    for n in 0..150 {
        let t = n as f32 / 150.0;
        let far = shot.between(0.0, 1.0).powf(0.6) * (0.52 - 0.3 * t);
        let turn = shot.between(0.0, TAU);
        let (cx, cy) = (a * 0.5 + far * turn.cos() * a.max(1.0), 0.52 + far * turn.sin());
        let size = shot.between(0.02, 0.05) + 0.07 * t * shot.between(0.3, 1.0);
        let spin = shot.between(0.0, TAU);
        let long = shot.between(1.0, 1.9);
        let lean = (shot.between(-0.5, 0.5), shot.between(-0.5, 0.5));
        let base = shot.between(0.0, 0.06) * (1.0 - far);
        let tone = shot.between(0.0, 1.0);
        let reach = size * long * 1.2;
        relief.raise([cx - reach, cy - reach, cx + reach, cy + reach], |x, y| {
            let (dx, dy) = (x - cx, y - cy);
            let (u, v) = (dx * spin.cos() + dy * spin.sin(), dy * spin.cos() - dx * spin.sin());
            let (ul, vl) = (u / long, v);
            // A sheared prism: two pairs of sides, a bevelled pair and a tilted top.
            let edge = (ul.abs() + 0.25 * vl).max(vl.abs()).max((ul + vl).abs() * 0.78) - size;
            if edge > 0.002 {
                return (matt(paper, 0.0), edge);
            }
            let sides = (-edge * 2.2).min(size * 0.75);
            let height = base + sides.min(size * 0.7 + lean.0 * u + lean.1 * v);
            let inner = step(0.0, -size, edge);
            let vein = noise(u * 70.0, v * 9.0, seed ^ n) * 0.25;
            let c = mix(mix(srgb(deep[1]), srgb(deep[0]), inner), srgb(deep[2]), (tone * 0.5 + vein).min(1.0));
            let bright = 1.0 + 0.9 * step(0.004, 0.0, (sides - size * 0.68).abs());
            (gloss(dim(c, bright), height + vein * 0.002, 0.96), edge)
        });
    }
    let light = Light { from: [-0.55, -0.6, 0.6], soft: 0.3, ..Light::WINDOW };
    let mut canvas = relief.lit(&light);
    canvas.focus(0.022, |x, y| step(0.25, 0.62, ((x - a * 0.5) / a.max(1.0)).hypot(y - 0.52)));
    shot.look.exposure = if shot.variant == 0 { 1.05 } else { 1.35 };
    shot.look.bloom = 0.9;
    canvas
}

/// A stained slide through the eyepiece of a microscope.
pub fn microscope(shot: &mut Shot) -> Canvas {
    let a = shot.aspect();
    let (seed, turn) = (shot.seed(), shot.between(-0.5, 0.5));
    let (field, stain, wall): (u32, u32, u32) = match shot.variant {
        0 => (0xf6_e3ea, 0xd8_5a9a, 0x8a_2468),
        1 => (0xe6_f2d6, 0x8c_c04a, 0x3f_7a2a),
        _ => (0xf4_ecd8, 0xe0_8a3a, 0x8a_3a5a),
    };
    let stretch = if shot.variant == 0 { (4.0, 11.0) } else { (8.5, 8.5) };
    let variant = shot.variant;
    let mut canvas = Canvas::new(shot.w, shot.h, |x, y| {
        let (dx, dy) = (x - a * 0.5, y - 0.5);
        let (u, v) = (dx * turn.cos() + dy * turn.sin(), dy * turn.cos() - dx * turn.sin());
        let (wu, wv) = (u + 0.03 * noise(u * 6.0, v * 6.0, seed), v + 0.03 * noise(u * 6.0 + 9.0, v * 6.0, seed));
        let (near, next, name) = cells(wu * stretch.0 + 20.0, wv * stretch.1 + 20.0, seed);
        let gap = next - near;
        let texture = cloud(u * 40.0, v * 40.0, seed ^ 3);
        let mut c = mix(srgb(field), srgb(stain), 0.18 + 0.3 * name + 0.25 * (texture - 0.5));
        if variant == 1 {
            let (dot, _, id) = cells(u * 42.0 + 60.0, v * 42.0 + 60.0, seed ^ 8);
            let ring = step(0.06, 0.2, gap) * step(0.95, 0.45, gap);
            c = mix(c, srgb(0x2f_7a1e), (1.0 - step(0.2, 0.38, dot)) * ring * (0.5 + 0.5 * id));
        }
        let rim = 1.0 - step(0.03, 0.11, gap);
        c = mix(c, srgb(wall), rim * 0.8);
        c = plus(c, dim([0.25; 3], band(gap, 0.15, 0.01, 0.05)));
        let nucleus = 1.0 - step(0.13, 0.2, near + 0.05 * (texture - 0.5));
        if variant != 1 {
            c = mix(c, mix(srgb(wall), srgb(0x30_1040), 0.5), nucleus * (0.6 + 0.4 * name));
        }
        let d = dx.hypot(dy);
        let edge = 1.0 - step(0.455, 0.472, d);
        let lamp = 1.15 - 0.9 * d * d;
        let fringe = band(d, 0.462, 0.002, 0.012);
        plus(dim(c, edge * lamp), plus(dim([0.25, 0.12, 0.02], fringe), dim([0.02, 0.02, 0.025], 1.0 - edge)))
    });
    let soft = (shot.between(-0.1, 0.1), shot.between(-0.1, 0.1));
    canvas.focus(0.008, |x, y| step(0.12, 0.5, (x - a * 0.5 - soft.0).hypot(y - 0.5 - soft.1)));
    shot.look.vignette = 0.1;
    shot.look.exposure = 1.05;
    canvas
}

/// A Bunsen flame in a darkened room.
pub fn flame(shot: &mut Shot) -> Canvas {
    let a = shot.aspect();
    let seed = shot.seed();
    let mut canvas = Canvas::new(shot.w, shot.h, |x, y| {
        let d = (x - a * 0.5).hypot(y - 0.4);
        plus(mix(srgb(0x1a_2230), srgb(0x05_0608), step(0.0, 0.8, d)), dim(srgb(0x3a_2a1c), step(0.8, 1.0, y) * 0.5))
    });
    for _ in 0..26 {
        let c = dim(shot.one_of(&[0x2a_4a78, 0x5a_3a20, 0x20_5a58, 0x6a_5a38]), shot.between(0.1, 0.5));
        let (x, y, r) = (shot.between(0.0, a), shot.between(0.02, 0.75), shot.between(0.025, 0.06));
        canvas.bokeh(x, y, r, c);
    }
    let green = shot.variant == 1;
    let (cx, lip) = (a * 0.5, 0.72);
    let (outer, inner) = if green { ([0.1, 1.5, 0.45], [0.2, 1.2, 1.4]) } else { ([0.16, 0.34, 1.7], [0.2, 1.3, 2.2]) };
    canvas.glow(cx, 0.45, 0.6, 0.6, dim(outer, 0.16));
    canvas.shine([cx - 0.2, 0.02, cx + 0.2, lip], |x, y| {
        let up = (lip - y) / 0.64;
        let sway = (noise(up * 2.5, 1.0, seed) - 0.5) * 0.10 * up;
        let u = (x - cx - sway).abs();
        let lick = 1.0 + 0.35 * (noise(x * 14.0, y * 5.0 + 40.0, seed) - 0.5) * up;
        let wide = (0.036 + 0.16 * up * (1.0 - up).max(0.0)) * lick * (1.0 - up).max(0.0).powf(0.35);
        if up > 1.0 || wide < 1e-3 {
            return [0.0; 3];
        }
        let k = u / wide;
        let shell = (0.30 + 0.9 * band(k, 0.82, 0.1, 0.2)) * (1.0 - step(0.85, 1.02, k)) * (1.0 - step(0.55, 1.0, up));
        let cone = (1.0 - up / 0.42).max(0.0) * 0.036;
        let core = band(u, cone, 0.001, 0.008) * step(0.42, 0.36, up)
            + 0.25 * (1.0 - step(cone, cone + 0.003, u)) * step(0.42, 0.1, up);
        let tip = step(0.3, 0.9, up) * (1.0 - step(0.3, 1.0, k));
        let warm = if green { [0.5, 1.2, 0.2] } else { [0.75, 0.42, 0.55] };
        plus(plus(dim(outer, shell * 0.85), dim(inner, core * 1.4)), dim(warm, tip * 0.4))
    });
    // The barrel, its collar and the air hole.
    canvas.paint([cx - 0.06, lip - 0.004, cx + 0.06, 1.0], |x, y| {
        let wide = if y < lip + 0.018 {
            0.041
        } else if y > 0.90 {
            0.055
        } else {
            0.036
        };
        let u = (x - cx) / wide;
        let brush = 0.9 + 0.2 * noise(x * 30.0, y * 500.0, seed);
        let metal = 0.10 + 0.9 * band(u, -0.45, 0.06, 0.28) + 0.35 * band(u, 0.62, 0.03, 0.2);
        let warm = mix(srgb(0xc8_a878), if green { srgb(0x70_d8a0) } else { srgb(0x78_a0ff) }, step(0.85, 0.7, y));
        let mut c = dim(warm, metal * brush * (0.85 - 0.5 * step(0.78, 1.0, y)));
        if ((x - cx) / 0.014).hypot((y - 0.945) / 0.018) < 1.0 {
            c = dim(c, 0.1);
        }
        (c, ((1.0 - u.abs()) * wide * 900.0).clamp(0.0, 1.0))
    });
    shot.look = super::Look { exposure: 1.15, vignette: 0.3, grain: 2.7, bloom: 1.1, ..shot.look };
    canvas
}

/// White light through a prism.
pub fn spectrum(shot: &mut Shot) -> Canvas {
    let a = shot.aspect();
    let seed = shot.seed();
    let mut canvas = Canvas::new(shot.w, shot.h, |x, y| {
        let grain = cloud(x * 4.0, y * 60.0, seed);
        dim(mix(srgb(0x1c_1d24), srgb(0x0a_0a0e), step(0.0, 1.2, (x - a * 0.45).hypot(y - 0.5))), 0.7 + 0.6 * grain)
    });
    let (px, py, size) = (a * 0.44, 0.52, 0.21);
    let entry = (px - size * 0.42, py + 0.02);
    let exit = (px + size * 0.40, py + 0.03);
    canvas.shine([0.0, 0.0, a, 1.0], |x, y| {
        let haze = 0.7 + 0.6 * cloud(x * 7.0, y * 7.0, seed ^ 5);
        if x < entry.0 {
            let line = entry.1 + (entry.0 - x) * 0.42;
            let d = (y - line).abs();
            return dim([1.5, 1.5, 1.45], haze * (band(d, 0.0, 0.005, 0.008) + 0.10 * band(d, 0.0, 0.0, 0.09)));
        }
        if x > exit.0 {
            let angle = (y - exit.1) / (x - exit.0 + 0.02);
            let t = (angle - 0.10) / 0.46;
            let inside = step(-0.03, 0.04, t) * (1.0 - step(0.95, 1.05, t));
            let fade = 1.25 - 0.5 * (x - exit.0) / (a - exit.0);
            let mut c = hue(t.clamp(0.0, 1.0) * 0.80);
            c = plus(dim(c, 0.95), [0.03; 3]);
            return dim(c, inside * fade * (0.55 + 0.45 * haze));
        }
        [0.0; 3]
    });
    let behind = canvas.soft(0.006);
    let corner = [(px, py - size), (px - size * 0.92, py + size * 0.62), (px + size * 0.92, py + size * 0.62)];
    canvas.paint([px - size, py - size, px + size, py + size], |x, y| {
        let mut inside = 9.0f32;
        for n in 0..3 {
            let (p, q) = (corner[n], corner[(n + 1) % 3]);
            let (ex, ey) = (q.0 - p.0, q.1 - p.1);
            let side = (ey * (x - p.0) - ex * (y - p.1)) / ex.hypot(ey);
            inside = inside.min(side);
        }
        let cover = (inside * 1200.0 + 0.5).clamp(0.0, 1.0);
        let edge = 1.0 - step(0.0, 0.012, inside);
        let chamfer = band(inside, 0.016, 0.001, 0.003);
        let mut c = plus(dim(behind.at(2.0 * px - x, y + 0.04), 0.5), dim([0.16, 0.18, 0.22], 0.5 + (py - y)));
        let (d, t) = segment((x, y), entry, exit);
        c = plus(c, dim(mix([0.7; 3], [0.8, 0.6, 0.5], t), band(d, 0.0, 0.004 + 0.008 * t, 0.012)));
        c = plus(c, dim([0.5, 0.55, 0.62], edge * 0.7 + chamfer * 0.3));
        (c, cover)
    });
    canvas.glow(entry.0, entry.1, 0.07, 0.07, [1.2; 3]);
    canvas.glow(exit.0, exit.1, 0.09, 0.09, [0.8, 0.7, 0.6]);
    shot.look = super::Look { exposure: 1.25, vignette: 0.3, grain: 2.7, bloom: 0.9, ..shot.look };
    canvas
}

/// An agar plate with a streak of colonies.
pub fn agar(shot: &mut Shot) -> Canvas {
    let a = shot.aspect();
    let seed = shot.seed();
    let mut relief = Relief::new(shot.w, shot.h, |x, y| {
        let c = mix(srgb(0x2c_3338), srgb(0x39_4247), cloud(x * 30.0, y * 30.0, seed));
        gloss(c, 0.0005 * noise(x * 200.0, y * 200.0, seed), 0.35)
    });
    let (cx, cy, r) = (a * 0.5, 0.5, 0.41 * a.min(1.0));
    let medium = if shot.variant == 0 { (0xd9_a24a, 0xf3_e7c0) } else { (0x9c_1f2a, 0xe9_dcae) };
    relief.disc(cx, cy, r, |dx, dy, d| {
        let wall = band(d, r - 0.012, 0.006, 0.006);
        let jelly = mix(
            srgb(medium.0),
            dim(srgb(medium.0), 1.35),
            cloud(dx * 3.0 + 5.0, dy * 3.0, seed) * (1.0 - d / r) + 0.35 * step(-r, r, dx + dy),
        );
        let c = mix(jelly, srgb(0xdd_e6e8), wall * 0.7);
        gloss(c, 0.012 + 0.03 * wall, 0.9)
    });
    let strokes: [[(f32, f32); 4]; 4] = [
        [(-0.28, -0.24), (0.05, -0.40), (-0.05, -0.16), (0.26, -0.24)],
        [(0.24, -0.20), (0.38, 0.02), (0.12, 0.0), (0.30, 0.20)],
        [(0.26, 0.22), (-0.02, 0.36), (0.06, 0.14), (-0.22, 0.26)],
        [(-0.22, 0.22), (-0.36, 0.02), (-0.10, 0.08), (-0.06, -0.08)],
    ];
    for n in 0..900 {
        let which = (n % 4) as usize;
        let thin = [1.0, 0.75, 0.5, 0.22][which];
        if shot.between(0.0, 1.0) > thin {
            continue;
        }
        let t = shot.between(0.0, 1.0);
        let wiggle = (t * TAU * 5.0).sin() * 0.07 * step(0.0, 0.2, t);
        let p = bezier(&strokes[which], t);
        let scale = r / 0.41;
        let (x, y) = (
            cx + (p.0 + wiggle * p.1 * 2.0 + shot.between(-0.012, 0.012)) * scale,
            cy + (p.1 - wiggle * p.0 * 2.0 + shot.between(-0.012, 0.012)) * scale,
        );
        let size = shot.between(0.003, 0.006) + 0.008 * hash(n, 1, seed) * (1.0 - thin);
        let c = dim(srgb(medium.1), shot.between(0.85, 1.05));
        relief.raise([x - size, y - size, x + size, y + size], |px, py| {
            let d = (px - x).hypot(py - y);
            (gloss(c, 0.013 + (size * size - d * d).max(0.0).sqrt() * 0.7, 0.9), d - size)
        });
    }
    let mut canvas = relief.lit(&Light { from: [-0.5, -0.6, 0.9], ..Light::WINDOW });
    canvas.glow(cx + r * 0.45, cy + r * 0.5, r * 0.9, r * 0.9, dim(srgb(medium.0), 0.5));
    let mut view =
        canvas.oblique(shot.w, shot.h, View { tilt: 0.35, swing: 0.0, turn: 0.12, zoom: 0.98, shift: (0.0, 0.0) });
    view.focus(0.018, |_, y| step(0.18, 0.6, (y - 0.52).abs()));
    shot.look.exposure = 1.1;
    view
}
