//! Step 3, colour: converts the picture to sRGB luma and chroma, whatever its numbers meant.
//!
//! A profile that cannot be read, or that is for another kind of pixels, is ignored: browsers do the same.

use moxcms::{
    Chromaticity, CicpColorPrimaries, ColorPrimaries, ColorProfile, DataColorSpace, Layout, ParsingOptions,
    ToneReprCurve, Transform8BitExecutor, TransformOptions,
};
use std::sync::Arc;

use super::{
    Unreadable,
    hdr::Tones,
    look::Profile,
    pixels::{Channels, Picture, Pixels, Planes},
    ycc::{self, Gathered, rgb_pair},
};

/// A profile counts as sRGB if no colour of the probe moves by more levels than this.
const SAME: u8 = 1;

pub fn to_srgb(picture: Picture, profile: &Profile<'_>) -> Planes {
    match picture {
        Picture::Pixels(pixels) => gathered(&pixels_to_srgb(pixels, profile)),
        Picture::Planes(planes) => match transform_of(profile, Channels::Rgb) {
            Some(transform) => converted(&planes, &*transform).unwrap_or(planes),
            None => planes,
        },
    }
}

/// Returns the pixels of a picture as RGB, for what is made of the smallest rendition.
pub fn rgb(picture: Option<&Planes>) -> Result<Pixels, Unreadable> {
    let planes = picture.ok_or(Unreadable::Unprocessable)?;
    Ok(Pixels { size: planes.size, channels: Channels::Rgb, data: ycc::rgb(planes) })
}

/// Converts two rows at a time, so that the picture never exists as RGB as a whole. `None` if the transform fails.
fn converted(planes: &Planes, transform: &Transform8BitExecutor) -> Option<Planes> {
    let (width, height) = planes.size.sides();
    let mut gathered = Gathered::new(planes.size);
    let (mut before, mut after) = (Vec::new(), vec![0; 2 * width * 3]);
    for pair in 0..height.div_ceil(2) {
        rgb_pair(planes, pair, &mut before);
        transform.transform(&before, &mut after).ok()?;
        let (upper, lower) = after.split_at(width * 3);
        gathered.pair(upper, if 2 * pair + 1 < height { lower } else { &[] });
    }
    Some(gathered.finish())
}

pub fn gathered(rgb: &Pixels) -> Planes {
    let mut gathered = Gathered::new(rgb.size);
    let (width, _) = rgb.size.sides();
    let mut rows = rgb.data.chunks_exact(width * 3);
    while let Some(upper) = rows.next() {
        gathered.pair(upper, rows.next().unwrap_or_default());
    }
    gathered.finish()
}

fn pixels_to_srgb(pixels: Pixels, profile: &Profile<'_>) -> Pixels {
    // The chunks of a PNG describe red, green and blue.
    let of_rgb = matches!(profile, Profile::Chunks { .. } | Profile::Coded { .. });
    let pixels = if of_rgb && pixels.channels == Channels::Grey {
        let data = pixels.data.iter().flat_map(|&grey| [grey; 3]).collect();
        Pixels { channels: Channels::Rgb, data, ..pixels }
    } else {
        pixels
    };
    if let &Profile::Coded { primaries, transfer } = profile
        && let Some(tones) = Tones::new(primaries, transfer)
    {
        return tones.mapped(pixels);
    }
    let data = match (pixels.channels, transform_of(profile, pixels.channels)) {
        (Channels::Rgb, None) => pixels.data,
        (Channels::Grey, None) => pixels.data.iter().flat_map(|&grey| [grey; 3]).collect(),
        (Channels::Cmyk, None) => {
            pixels.data.as_chunks::<4>().0.iter().flat_map(|inks| without_profile(*inks)).collect()
        }
        (Channels::Grey | Channels::Rgb | Channels::Cmyk, Some(transform)) => {
            let mut rgb = vec![0; pixels.data.len() / pixels.channels.count() * 3];
            match transform.transform(&pixels.data, &mut rgb) {
                Ok(()) => rgb,
                Err(_) => return pixels_to_srgb(pixels, &Profile::Unsaid),
            }
        }
    };
    Pixels { size: pixels.size, channels: Channels::Rgb, data }
}

/// Returns the transform to sRGB; `None` if the numbers are sRGB already.
fn transform_of(profile: &Profile<'_>, channels: Channels) -> Option<Arc<Transform8BitExecutor>> {
    let transform = transform(&source(profile, channels)?, channels)?;
    (channels != Channels::Rgb || !is_identity(&*transform)).then_some(transform)
}

fn source(profile: &Profile<'_>, channels: Channels) -> Option<ColorProfile> {
    let source = match profile {
        Profile::Unsaid => return None,
        Profile::AdobeRgb => ColorProfile::new_adobe_rgb(),
        &Profile::Chunks { gamma, chromaticities } => of_chunks(gamma, chromaticities)?,
        &Profile::Coded { primaries, transfer } => coded(primaries, transfer)?,
        Profile::Icc(bytes) => ColorProfile::new_from_slice_with_options(bytes, bounds()).ok()?,
    };
    let meant_for = match channels {
        Channels::Grey => DataColorSpace::Gray,
        Channels::Rgb => DataColorSpace::Rgb,
        Channels::Cmyk => DataColorSpace::Cmyk,
    };
    (source.color_space == meant_for).then_some(source)
}

/// Returns the profile that `gAMA` and `cHRM` chunks describe, as browsers interpret them: `cHRM` counts only beside `gAMA`, and the gamma
/// of old screens alone means sRGB. `None` in that case, or if the chunks are invalid.
fn of_chunks(gamma: u32, chromaticities: Option<[u32; 8]>) -> Option<ColorProfile> {
    /// 1 ÷ 2.2.
    const OF_SCREENS: u32 = 45_455;
    let primaries = match chromaticities {
        None if gamma.abs_diff(OF_SCREENS) < 500 => return None,
        None => (WHITE_D65, SRGB),
        Some(values) => {
            #[expect(clippy::cast_possible_truncation, reason = "five digits")]
            let part = |at: usize| values.get(at).map_or(0.0, |&value| (f64::from(value) / 100_000.0) as f32);
            let [white, red, green, blue] = [0, 2, 4, 6].map(|at| Chromaticity { x: part(at), y: part(at + 1) });
            let area = (red.x - blue.x) * (green.y - blue.y) - (green.x - blue.x) * (red.y - blue.y);
            let nonsense = [white, red, green, blue].iter().any(|of| of.x > 1.0 || of.y > 1.0 || of.y < 0.000_1);
            if nonsense || white.y < 0.01 || area.abs() < 0.001 {
                return None;
            }
            (white, ColorPrimaries { red, green, blue })
        }
    };
    Some(with_power(primaries, 100_000.0 / f64::from(gamma)))
}

const WHITE_D65: Chromaticity = Chromaticity { x: 0.3127, y: 0.3290 };
const SRGB: ColorPrimaries = ColorPrimaries {
    red: Chromaticity { x: 0.64, y: 0.33 },
    green: Chromaticity { x: 0.30, y: 0.60 },
    blue: Chromaticity { x: 0.15, y: 0.06 },
};

/// Builds a profile in which light is the number raised to a power.
fn with_power((white, primaries): (Chromaticity, ColorPrimaries), power: f64) -> ColorProfile {
    let mut profile = ColorProfile::new_srgb();
    profile.update_rgb_colorimetry(white.to_xyyb(), primaries);
    #[expect(clippy::cast_possible_truncation, reason = "a power has few digits")]
    let curve = ToneReprCurve::Parametric(vec![power as f32]);
    profile.red_trc = Some(curve.clone());
    profile.green_trc = Some(curve.clone());
    profile.blue_trc = Some(curve);
    profile
}

/// Returns the profile for two numbers of ITU-T H.273. `None` if they are unspecified or unknown.
fn coded(primaries: u8, transfer: u8) -> Option<ColorProfile> {
    // Primaries whose white is D65, which are the only ones that pictures have.
    if !matches!(primaries, 1 | 5 | 6 | 7 | 9 | 12 | 22) {
        return None;
    }
    let colours = (WHITE_D65, ColorPrimaries::try_from(CicpColorPrimaries::try_from(primaries).ok()?).ok()?);
    let power = match transfer {
        // Television: screens show it with a power of 2.4 (ITU-R BT.1886), and so do browsers.
        1 | 6 | 14 | 15 => 2.4,
        4 => 2.2,
        5 => 2.8,
        8 => 1.0,
        13 => {
            let mut profile = ColorProfile::new_srgb();
            profile.update_rgb_colorimetry(colours.0.to_xyyb(), colours.1);
            return Some(profile);
        }
        _ => return None,
    };
    Some(with_power(colours, power))
}

/// Bounds for parsing profiles. Their tables are unpacked to floats; the largest in use (CMYK, 17⁴ × 3) has 250,563 entries.
fn bounds() -> ParsingOptions {
    ParsingOptions { max_profile_size: 4 << 20, max_allowed_clut_size: 2_000_000, max_allowed_trc_size: 40_000 }
}

fn transform(source: &ColorProfile, channels: Channels) -> Option<Arc<Transform8BitExecutor>> {
    let layout = match channels {
        Channels::Grey => Layout::Gray,
        Channels::Rgb => Layout::Rgb,
        Channels::Cmyk => Layout::Rgba, // the crate's name for any four channels
    };
    source.create_transform_8bit(layout, &ColorProfile::new_srgb(), Layout::Rgb, TransformOptions::default()).ok()
}

/// Whether a transform leaves colours unchanged, tried on a cube of 729 colours. Dozens of profiles are sRGB by another name, and
/// converting costs as much as scaling does.
fn is_identity(transform: &Transform8BitExecutor) -> bool {
    let levels = || (0..=255).step_by(31).chain([255]);
    let probe =
        levels().flat_map(|r| levels().flat_map(move |g| levels().flat_map(move |b| [r, g, b]))).collect::<Vec<u8>>();
    let mut converted = vec![0; probe.len()];
    transform.transform(&probe, &mut converted).is_ok()
        && probe.iter().zip(&converted).all(|(before, after)| before.abs_diff(*after) <= SAME)
}

/// Converts CMYK without a profile as browsers show it: each ink removes its part of the light.
fn without_profile([c, m, y, k]: [u8; 4]) -> [u8; 3] {
    let left = |ink: u8| {
        let light = u32::from(255 - ink) * u32::from(255 - k);
        u8::try_from((light + 127) / 255).unwrap_or(u8::MAX)
    };
    [left(c), left(m), left(y)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::pixels::Size;

    fn one(channels: Channels, data: &[u8], profile: &Profile<'_>) -> Vec<u8> {
        pixels_to_srgb(Pixels { size: Size::new(1, 1), channels, data: data.to_vec() }, profile).data
    }

    #[test]
    fn display_p3_becomes_srgb_and_grey_stays_grey() {
        let p3 = Profile::Icc(ColorProfile::new_display_p3().encode().unwrap().into());
        // Computed by hand from the two matrices: P3 (200, 100, 50) is sRGB (215, 95, 29).
        for (got, want) in one(Channels::Rgb, &[200, 100, 50], &p3).into_iter().zip([215, 95, 29]) {
            assert!(got.abs_diff(want) <= 2, "{got} for {want}");
        }
        for got in one(Channels::Rgb, &[128, 128, 128], &p3) {
            assert!(got.abs_diff(128) <= 1);
        }
    }

    #[test]
    fn an_srgb_profile_changes_nothing() {
        let srgb = ColorProfile::new_srgb();
        assert!(is_identity(&*transform(&srgb, Channels::Rgb).unwrap()));
        assert!(!is_identity(&*transform(&ColorProfile::new_display_p3(), Channels::Rgb).unwrap()));
        assert!(!is_identity(&*transform(&ColorProfile::new_adobe_rgb(), Channels::Rgb).unwrap()));
    }

    #[test]
    fn a_profile_for_other_pixels_or_a_broken_one_is_not_there() {
        let grey = ColorProfile::new_gray_with_gamma(1.0).encode().unwrap();
        assert_eq!(one(Channels::Rgb, &[9, 8, 7], &Profile::Icc(grey.clone().into())), [9, 8, 7]);
        assert_eq!(one(Channels::Rgb, &[9, 8, 7], &Profile::Icc(b"no profile".as_slice().into())), [9, 8, 7]);
        // Linear light of a half is 188 in sRGB.
        let [grey, ..] = one(Channels::Grey, &[128], &Profile::Icc(grey.into()))[..] else { panic!() };
        assert!(grey.abs_diff(188) <= 2, "{grey}");
    }

    #[test]
    fn inks_without_a_profile_take_light_away() {
        assert_eq!(without_profile([0, 0, 0, 0]), [255, 255, 255]);
        assert_eq!(without_profile([0, 255, 255, 0]), [255, 0, 0]);
        assert_eq!(without_profile([0, 0, 0, 255]), [0, 0, 0]);
    }

    /// The right-hand colours are what Chromium 156 painted for a PNG of the left-hand ones with such chunks.
    #[test]
    fn what_chunks_say_is_shown_as_a_browser_shows_it() {
        let srgb = Some([31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6000]);
        let adobe = Some([31_270, 32_900, 64_000, 33_000, 21_000, 71_000, 15_000, 6000]);
        let chunks = |gamma, chromaticities| Profile::Chunks { gamma, chromaticities };
        let coded = |primaries, transfer| Profile::Coded { primaries, transfer };
        for (profile, pixel, shown) in [
            (chunks(100_000, None), [128, 128, 128], [0xBC, 0xBC, 0xBC]),
            (chunks(100_000, None), [200, 100, 50], [0xE5, 0xA8, 0x7A]),
            (chunks(55_556, None), [200, 100, 50], [0xD2, 0x77, 0x41]),
            (chunks(45_455, None), [20, 20, 20], [20, 20, 20]),
            (chunks(45_455, srgb), [20, 20, 20], [0x0C, 0x0C, 0x0C]),
            (chunks(45_455, adobe), [200, 100, 50], [0xE3, 0x64, 0x2A]),
            (chunks(45_455, Some([0; 8])), [200, 100, 50], [200, 100, 50]),
            (coded(1, 1), [200, 100, 50], [0xC5, 0x5B, 0x27]),
            (coded(9, 1), [220, 190, 170], [0xED, 0xB6, 0xA2]),
            (coded(9, 4), [220, 190, 170], [0xEF, 0xBB, 0xA8]),
            (coded(9, 8), [220, 190, 170], [0xF9, 0xDE, 0xD4]),
            (coded(9, 13), [220, 190, 170], [0xEE, 0xBA, 0xA7]),
            (coded(12, 13), [200, 100, 50], [0xD7, 0x5D, 0x1F]),
            (coded(2, 2), [200, 100, 50], [200, 100, 50]),
            (coded(9, 16), [220, 190, 170], [0xFF, 0x8B, 0x66]),
        ] {
            let got = one(Channels::Rgb, &pixel, &profile);
            let off = got.iter().zip(&shown).map(|(got, shown)| got.abs_diff(*shown)).max();
            assert!(off <= Some(2), "{profile:?}, {pixel:?}: {got:02X?} for {shown:02X?}");
        }
        for grey in one(Channels::Grey, &[128], &chunks(100_000, None)) {
            assert!(grey.abs_diff(0xBC) <= 1, "{grey}");
        }
    }
}
