//! Step 1, decode: the file's bytes become samples of 8 bits at the size of the largest rendition.
//!
//! A JPEG's rows are scaled as they leave the decoder: of a photo of 48 megapixels, only a few rows exist at once. The same is true of a
//! PNG, unless it is interlaced. All other formats are decoded whole.
//!
//! Decision: a JPEG or PNG whose data ends early is shown cut off at the bottom, if at least three quarters of it exist: with less, it is
//! not the photo that was taken, and the uploader still has the file. A progressive JPEG without its last scans, an interlaced PNG or a
//! WebP without its end is refused: its parts do not come from the top. A file that has its end and is damaged within is shown as far as it
//! can be read, as other programs show it: a moderator can see whether that is still a photo.

mod png;

use std::io::Cursor;

use image::{ImageDecoder, codecs::webp::WebPDecoder};

use super::{
    Format, Limits, Unreadable,
    look::Header,
    pixels::{Channels, Picture, Pixels, Planes, Size},
    scale::{Fit, largest_of_jpeg, to_largest},
};
use crate::jpeg::{Colours, Component, Damage, Decoder, Flaws, Frame, Rows, Scale, Sink};

/// The result of decoding a file.
pub struct Decoded {
    pub picture: Picture,
    /// How many rows of the original, as it is stored, the picture shows: all of them, unless the data ends early.
    pub rows: u32,
    /// How much of the picture follows damaged data and may be wrong, in per cent of its area.
    pub damaged_percent: u8,
}

pub fn decode(header: &Header<'_>, limits: &Limits) -> Result<Decoded, Unreadable> {
    let pixels = match header.format {
        Format::Jpeg => return jpeg(header, limits),
        Format::Png => return png::png(header, limits),
        Format::WebP => {
            let mut decoder = WebPDecoder::new(Cursor::new(&header.picture)).map_err(refused)?;
            decoder.set_limits(of_image(limits)).map_err(refused)?;
            raster(decoder, header.size, limits)?
        }
        #[cfg(feature = "heic")]
        Format::Heic => super::look::heic_pixels(header, limits)?,
        #[cfg(not(feature = "heic"))]
        Format::Heic => return Err(Unreadable::Heic),
        Format::Video => return Err(Unreadable::Unprocessable),
    };
    limits.in_time()?;
    let picture = to_largest(pixels).map(Picture::Pixels)?;
    Ok(Decoded { picture, rows: header.size.height, damaged_percent: 0 })
}

fn jpeg(header: &Header<'_>, limits: &Limits) -> Result<Decoded, Unreadable> {
    let decoder = Decoder::new(&header.picture)?;
    let frame = decoder.frame();
    let colours = frame.colours;
    let size = largest_of_jpeg(header.size);
    let targets = frame.components.iter().enumerate().map(|(component, _)| match (colours, component) {
        (Colours::YCbCr, 1..) => size.of_colour(),
        (Colours::Grey | Colours::YCbCr | Colours::Rgb | Colours::Cmyk | Colours::Ycck, _) => size,
    });
    let targets = targets.collect::<Vec<_>>();
    let scales = frame.components.iter().zip(&targets).map(|(of, target)| scale(frame, of, *target));
    let scales = scales.collect::<Vec<_>>();
    let mut arriving = Arriving { fits: targets.iter().map(|target| (*target, None)).collect(), limits };
    let flaws = match decoder.decode(&scales, &mut arriving) {
        Ok(outcome) => outcome.flaws,
        Err(Unreadable::Corrupt) if !header.complete => Flaws::default(),
        Err(unreadable) => return Err(unreadable),
    };
    let planes = arriving.fits.into_iter().map(|(of, fit)| Ok((of, fit.map_or(Ok(vec![]), Fit::finish)?)));
    let mut planes = planes.collect::<Result<Vec<_>, Unreadable>>()?;
    let shown = Size::new(size.width, common_rows(&planes, size.height));
    for (of, plane) in &mut planes {
        let rows = if *of == size { shown } else { shown.of_colour() };
        let (width, height) = Size::new(of.width, rows.height).sides();
        plane.truncate(width * height);
    }
    let rows = if shown == size { header.size.height } else { part(header.size.height, shown.height, size.height) };
    if u64::from(rows) * 4 < u64::from(header.size.height) * 3 || (flaws.grey > 25 && !header.complete) {
        return Err(Unreadable::Truncated);
    }
    let planes = planes.into_iter().map(|(_, plane)| plane).collect();
    Ok(Decoded { picture: joined(colours, shown, planes)?, rows, damaged_percent: flaws.damaged })
}

/// Returns the number of rows that all planes have: `height`, or an even number below it.
fn common_rows(planes: &[(Size, Vec<u8>)], height: u32) -> u32 {
    let rows = planes.iter().map(|(of, plane)| {
        let rows = u32::try_from(plane.len() / of.sides().0.max(1)).unwrap_or(u32::MAX);
        if rows >= of.height { height } else { rows * height.div_ceil(of.height) / 2 * 2 }
    });
    rows.min().unwrap_or_default()
}

/// Returns `of × numerator / denominator`, rounded to the nearest whole number.
fn part(of: u32, numerator: u32, denominator: u32) -> u32 {
    let part = (u64::from(of) * u64::from(numerator) + u64::from(denominator) / 2) / u64::from(denominator.max(1));
    u32::try_from(part).unwrap_or(of)
}

impl From<Damage> for Unreadable {
    fn from(damage: Damage) -> Self {
        match damage {
            Damage::Corrupt => Self::Corrupt,
            Damage::Cut => Self::Truncated,
        }
    }
}

/// Returns the smallest scale at which a component still reaches its target size, or the whole size if there is none.
fn scale(frame: &Frame, component: &Component, target: Size) -> Scale {
    let (width, height) = component.size(frame);
    let (wide, high) = target.sides();
    // In a component that is smaller than a block, a smaller scale would include the block's padding.
    let has_block = width >= 8 && height >= 8;
    let enough = |scale: &Scale| has_block && scale.of(width) >= wide && scale.of(height) >= high;
    Scale::ALL.into_iter().find(enough).unwrap_or(Scale::Whole)
}

/// The planes of a JPEG while their rows arrive.
struct Arriving<'a> {
    fits: Vec<(Size, Option<Fit>)>,
    limits: &'a Limits,
}

impl Sink for Arriving<'_> {
    type Error = Unreadable;

    fn rows(&mut self, rows: &Rows<'_>) -> Result<(), Unreadable> {
        let (target, fit) = self.fits.get_mut(rows.component).ok_or(Unreadable::Unprocessable)?;
        let number = |side: usize| u32::try_from(side).map_err(|_| Unreadable::Unprocessable);
        let source = Size::new(number(rows.width)?, number(rows.height)?);
        let fit = fit.get_or_insert_with(|| Fit::new(source, *target));
        for row in rows.samples.chunks_exact(rows.stride).take(rows.count) {
            fit.row(row.get(..rows.width).ok_or(Unreadable::Unprocessable)?)?;
        }
        Ok(())
    }

    fn pause(&mut self) -> Result<(), Unreadable> {
        self.limits.in_time()
    }
}

/// Joins planes: as they are for luma and chroma, and interleaved for everything else.
///
/// A JPEG in inks stores what each ink leaves of the light, not how much ink there is: Adobe's programs write it so, and browsers read all
/// such files so, with or without Adobe's marker.
fn joined(colours: Colours, size: Size, planes: Vec<Vec<u8>>) -> Result<Picture, Unreadable> {
    let channels = match colours {
        Colours::Grey => Channels::Grey,
        Colours::Rgb | Colours::YCbCr => Channels::Rgb,
        Colours::Cmyk | Colours::Ycck => Channels::Cmyk,
    };
    let pixels = |data: Vec<u8>| Picture::Pixels(Pixels { size, channels, data });
    let ink = |left: u8| 255 - left;
    let mut planes = planes.into_iter();
    Ok(match (colours, planes.next(), planes.next(), planes.next(), planes.next()) {
        (Colours::Grey, Some(grey), ..) => pixels(grey),
        (Colours::YCbCr, Some(y), Some(cb), Some(cr), _) => Picture::Planes(Planes { size, y, cb, cr }),
        (Colours::Rgb, Some(r), Some(g), Some(b), _) => {
            pixels(r.into_iter().zip(g).zip(b).flat_map(|((r, g), b)| [r, g, b]).collect())
        }
        (Colours::Cmyk, Some(c), Some(m), Some(y), Some(k)) => {
            let inks = c.into_iter().zip(m).zip(y).zip(k);
            pixels(inks.flat_map(|(((c, m), y), k)| [c, m, y, k].map(ink)).collect())
        }
        (Colours::Ycck, Some(y), Some(cb), Some(cr), Some(k)) => {
            let inks = y.into_iter().zip(cb).zip(cr).zip(k);
            pixels(inks.flat_map(|(((y, cb), cr), k)| of_ycck([y, cb, cr, k]).map(ink)).collect())
        }
        (Colours::Grey | Colours::YCbCr | Colours::Rgb | Colours::Cmyk | Colours::Ycck, ..) => {
            return Err(Unreadable::Unprocessable);
        }
    })
}

/// Converts YCCK to CMYK. Y, Cb and Cr describe the light of the inks, and an ink is what is left of it.
fn of_ycck([y, cb, cr, k]: [u8; 4]) -> [u8; 4] {
    let (y, b, r) = (f32::from(y), f32::from(cb) - 128.0, f32::from(cr) - 128.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte")]
    let ink = |light: f32| 255 - light.round().clamp(0.0, 255.0) as u8;
    [ink(y + 1.402 * r), ink(y - 0.344_136 * b - 0.714_136 * r), ink(y + 1.772 * b), k]
}

fn of_image(limits: &Limits) -> image::Limits {
    let mut of_image = image::Limits::no_limits();
    of_image.max_image_width = Some(limits.max_side_px);
    of_image.max_image_height = Some(limits.max_side_px);
    of_image.max_alloc = Some(limits.max_alloc_bytes);
    of_image
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn refused(error: image::ImageError) -> Unreadable {
    let ends_early = |error: &std::io::Error| error.kind() == std::io::ErrorKind::UnexpectedEof;
    if matches!(&error, image::ImageError::IoError(error) if ends_early(error)) {
        Unreadable::Truncated
    } else {
        Unreadable::Corrupt
    }
}

/// Decodes a WebP whole, then lays it on white and packs it within the same buffer.
fn raster(decoder: impl ImageDecoder, size: Size, limits: &Limits) -> Result<Pixels, Unreadable> {
    let (width, height) = decoder.dimensions();
    if Size::new(width, height) != size || decoder.total_bytes() > limits.max_alloc_bytes {
        return Err(Unreadable::Corrupt); // a header that says one thing to us and another to the decoder
    }
    let color = decoder.color_type();
    let mut data = vec![0; usize::try_from(decoder.total_bytes()).map_err(|_| Unreadable::Corrupt)?];
    decoder.read_image(&mut data).map_err(refused)?;
    let deep = color.bytes_per_pixel() > color.channel_count();
    let (channels, data) = flattened(color.channel_count(), deep, data)?;
    Ok(Pixels { size, channels, data })
}

/// Converts samples of 8 or 16 bits (in the machine's byte order) to grey or RGB of 8 bits, with transparency laid on white.
fn flattened(samples: u8, deep: bool, data: Vec<u8>) -> Result<(Channels, Vec<u8>), Unreadable> {
    Ok(match (samples, deep) {
        (1, false) => (Channels::Grey, data),
        (1, true) => (Channels::Grey, packed::<2, 1>(data, |&[a, b]| [narrow(a, b)])),
        (2, false) => (Channels::Grey, packed::<2, 1>(data, |&[grey, alpha]| [on_white(grey, alpha)])),
        (2, true) => (Channels::Grey, packed::<4, 1>(data, |&[a, b, c, d]| [on_white(narrow(a, b), narrow(c, d))])),
        (3, false) => (Channels::Rgb, data),
        (3, true) => {
            (Channels::Rgb, packed::<6, 3>(data, |&[a, b, c, d, e, f]| [narrow(a, b), narrow(c, d), narrow(e, f)]))
        }
        (4, false) => (
            Channels::Rgb,
            packed::<4, 3>(data, |&[r, g, b, alpha]| [on_white(r, alpha), on_white(g, alpha), on_white(b, alpha)]),
        ),
        (4, true) => (
            Channels::Rgb,
            packed::<8, 3>(data, |&[a, b, c, d, e, f, g, h]| {
                let alpha = narrow(g, h);
                [on_white(narrow(a, b), alpha), on_white(narrow(c, d), alpha), on_white(narrow(e, f), alpha)]
            }),
        ),
        _ => return Err(Unreadable::Unprocessable),
    })
}

/// Converts pixels of `IN` bytes to pixels of `OUT` bytes in place, because a second buffer of 150 MB would set the peak of memory.
fn packed<const IN: usize, const OUT: usize>(mut data: Vec<u8>, pixel: impl Fn(&[u8; IN]) -> [u8; OUT]) -> Vec<u8> {
    let count = data.len() / IN;
    for index in 0..count {
        let Some(read) = data.get(index * IN..).and_then(|rest| rest.first_chunk()) else { break };
        let made = pixel(read);
        if let Some(place) = data.get_mut(index * OUT..(index + 1) * OUT) {
            place.copy_from_slice(&made);
        }
    }
    data.truncate(count * OUT);
    data
}

/// Rounds a sample of 16 bits, as `image` leaves it in memory, to 8 bits.
fn narrow(first: u8, second: u8) -> u8 {
    let sample = u32::from(u16::from_ne_bytes([first, second]));
    u8::try_from((sample + 128) / 257).unwrap_or(u8::MAX)
}

fn on_white(sample: u8, alpha: u8) -> u8 {
    let (sample, alpha) = (u32::from(sample), u32::from(alpha));
    u8::try_from((sample * alpha + 255 * (255 - alpha) + 127) / 255).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_of_16_bits_become_the_nearest_of_8() {
        for (sample, nearest) in [(0_u16, 0), (128, 0), (129, 1), (257, 1), (0x8080, 0x80), (65_535, 255)] {
            let [first, second] = sample.to_ne_bytes();
            assert_eq!(narrow(first, second), nearest, "{sample}");
        }
    }

    #[test]
    fn transparency_is_laid_on_white() {
        assert_eq!([on_white(10, 0), on_white(10, 255), on_white(0, 128)], [255, 10, 127]);
        assert_eq!(
            packed::<4, 3>(vec![1, 2, 3, 255, 9, 9, 9, 0], |&[r, g, b, a]| [r, g, b].map(|v| on_white(v, a))),
            [1, 2, 3, 255, 255, 255]
        );
    }
}
