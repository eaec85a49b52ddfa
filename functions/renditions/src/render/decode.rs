//! Step 2, decode: the picture's bytes become grey, RGB or CMYK pixels of 8 bits, as large as the largest rendition needs.

use std::io::Cursor;

use image::{ImageDecoder, codecs::png::PngDecoder, codecs::webp::WebPDecoder};
use libjpeg_turbo_rs::{DecodeLimits, Decoder, JpegError, PixelFormat, ScalingFactor};

use super::{
    Format, Limits, Unreadable,
    look::Header,
    pixels::{Channels, Pixels, Size},
    scale::LARGEST,
};

pub fn decode(header: &Header<'_>, limits: &Limits) -> Result<Pixels, Unreadable> {
    match header.format {
        Format::Jpeg => jpeg(header, limits),
        Format::Png => {
            let decoder = PngDecoder::with_limits(Cursor::new(&header.picture), of_image(limits)).map_err(refused)?;
            raster(decoder, header.size, limits)
        }
        Format::WebP => {
            let mut decoder = WebPDecoder::new(Cursor::new(&header.picture)).map_err(refused)?;
            decoder.set_limits(of_image(limits)).map_err(refused)?;
            raster(decoder, header.size, limits)
        }
    }
}

fn jpeg(header: &Header<'_>, limits: &Limits) -> Result<Pixels, Unreadable> {
    let failed = |error: &JpegError| {
        let cut = matches!(error, JpegError::UnexpectedEof) || !header.complete;
        if cut { Unreadable::Truncated } else { Unreadable::Corrupt }
    };
    let bounds = DecodeLimits {
        max_width: usize::try_from(limits.max_side_px).unwrap_or(usize::MAX),
        max_height: usize::try_from(limits.max_side_px).unwrap_or(usize::MAX),
        max_pixels: limits.max_jpeg_pixels,
        max_scans: usize::try_from(limits.max_scans).unwrap_or(usize::MAX),
        max_memory: None, // our own estimate, in `look`, knows that a scaled decode needs less
    };
    let mut decoder = Decoder::new_with_limits(&header.picture, bounds).map_err(|error| failed(&error))?;
    let (channels, format) = match decoder.header().components.len() {
        1 => (Channels::Grey, PixelFormat::Grayscale),
        4 => (Channels::Cmyk, PixelFormat::Cmyk),
        _ => (Channels::Rgb, PixelFormat::Rgb),
    };
    decoder.set_output_format(format);
    decoder.set_scale(scaling(header.size));
    let image = decoder.decode_image().map_err(|error| failed(&error))?;
    let mut data = image.data;
    if channels == Channels::Cmyk && header.inverted_inks {
        for ink in &mut data {
            *ink = 255 - *ink;
        }
    }
    pixels(image.width, image.height, channels, data)
}

/// The smallest fraction that the inverse DCT gives for nothing, and that still reaches the largest rendition.
fn scaling(size: Size) -> ScalingFactor {
    let enough = usize::try_from(size.longest().min(LARGEST)).unwrap_or(usize::MAX);
    let longest = usize::try_from(size.longest()).unwrap_or(usize::MAX);
    [8, 4, 2]
        .into_iter()
        .filter_map(|denominator| ScalingFactor::try_new(1, denominator).ok())
        .find(|factor| factor.scale_dim(longest) >= enough)
        .unwrap_or_default()
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

/// PNG and WebP: decoded whole, then laid on white and packed within the same buffer.
fn raster(decoder: impl ImageDecoder, size: Size, limits: &Limits) -> Result<Pixels, Unreadable> {
    let (width, height) = decoder.dimensions();
    if Size::new(width, height) != size || decoder.total_bytes() > limits.max_alloc_bytes {
        return Err(Unreadable::Corrupt); // a header that says one thing to us and another to the decoder
    }
    let color = decoder.color_type();
    let mut data = vec![0; usize::try_from(decoder.total_bytes()).map_err(|_| Unreadable::Corrupt)?];
    decoder.read_image(&mut data).map_err(refused)?;

    let deep = color.bytes_per_pixel() > color.channel_count();
    let (channels, data) = match (color.channel_count(), deep) {
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
    };
    Ok(Pixels { size, channels, data })
}

/// Makes pixels of `IN` bytes into pixels of `OUT` bytes, in place: a second buffer of 150 MB would be the peak.
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

/// A sample of 16 bits, as `image` leaves it in memory, to the nearest of 8 bits.
fn narrow(first: u8, second: u8) -> u8 {
    let sample = u32::from(u16::from_ne_bytes([first, second]));
    u8::try_from((sample + 128) / 257).unwrap_or(u8::MAX)
}

fn on_white(sample: u8, alpha: u8) -> u8 {
    let (sample, alpha) = (u32::from(sample), u32::from(alpha));
    u8::try_from((sample * alpha + 255 * (255 - alpha) + 127) / 255).unwrap_or(u8::MAX)
}

fn pixels(width: usize, height: usize, channels: Channels, data: Vec<u8>) -> Result<Pixels, Unreadable> {
    let (Ok(wide), Ok(high)) = (u32::try_from(width), u32::try_from(height)) else {
        return Err(Unreadable::Unprocessable);
    };
    if data.len() != width * height * channels.count() {
        return Err(Unreadable::Unprocessable);
    }
    Ok(Pixels { size: Size::new(wide, high), channels, data })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jpeg_is_decoded_at_the_smallest_fraction_that_reaches_the_largest_rendition() {
        for (longest, denominator) in
            [(320, 1), (2016, 1), (4000, 1), (4031, 2), (4032, 2), (8064, 4), (9248, 4), (16_128, 8), (16_384, 8)]
        {
            assert_eq!(scaling(Size::new(longest, 300)).denom(), denominator, "{longest}");
        }
    }

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
