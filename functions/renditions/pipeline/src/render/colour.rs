//! Step 3, colour: whatever the numbers meant, now they are sRGB, as light and colour.
//!
//! A profile that cannot be read, or that is for another kind of pixels, is as if it was not there: browsers do the same.

use moxcms::{ColorProfile, DataColorSpace, Layout, ParsingOptions, Transform8BitExecutor, TransformOptions};
use std::sync::Arc;

use super::{
    Unreadable,
    look::Profile,
    pixels::{Channels, Picture, Pixels, Planes},
    ycc::{self, Gathered, rgb_pair},
};

/// Profiles differ from sRGB in rounding only if no colour of the probe moves by more than this.
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

/// The pixels of a picture, for what is made of the smallest one.
pub fn rgb(picture: Option<&Planes>) -> Result<Pixels, Unreadable> {
    let planes = picture.ok_or(Unreadable::Unprocessable)?;
    Ok(Pixels { size: planes.size, channels: Channels::Rgb, data: ycc::rgb(planes) })
}

/// Two rows at a time, so that the picture is never there as red, green and blue. `None` if the transform fails.
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

/// The way from the numbers to sRGB; none where they are sRGB already.
fn transform_of(profile: &Profile<'_>, channels: Channels) -> Option<Arc<Transform8BitExecutor>> {
    let transform = transform(&source(profile, channels)?, channels)?;
    (channels != Channels::Rgb || !is_identity(&*transform)).then_some(transform)
}

fn source(profile: &Profile<'_>, channels: Channels) -> Option<ColorProfile> {
    let source = match profile {
        Profile::Unsaid => return None,
        Profile::AdobeRgb => ColorProfile::new_adobe_rgb(),
        Profile::DisplayP3 => ColorProfile::new_display_p3(),
        Profile::Icc(bytes) => ColorProfile::new_from_slice_with_options(bytes, bounds()).ok()?,
    };
    let meant_for = match channels {
        Channels::Grey => DataColorSpace::Gray,
        Channels::Rgb => DataColorSpace::Rgb,
        Channels::Cmyk => DataColorSpace::Cmyk,
    };
    (source.color_space == meant_for).then_some(source)
}

/// Tables of a profile are unpacked to floats: the largest in use (CMYK, 17⁴ × 3) has 250,563 entries.
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

/// Whether a transform leaves colours alone, asked of a cube of 729 colours: there are dozens of profiles that are sRGB by
/// another name, and converting costs as much as scaling does.
fn is_identity(transform: &Transform8BitExecutor) -> bool {
    let levels = || (0..=255).step_by(31).chain([255]);
    let probe =
        levels().flat_map(|r| levels().flat_map(move |g| levels().flat_map(move |b| [r, g, b]))).collect::<Vec<u8>>();
    let mut converted = vec![0; probe.len()];
    transform.transform(&probe, &mut converted).is_ok()
        && probe.iter().zip(&converted).all(|(before, after)| before.abs_diff(*after) <= SAME)
}

/// CMYK without a profile, as browsers show it: each ink takes its part of the light away.
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
}
