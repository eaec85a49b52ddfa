//! The card of a photo: the image of 1200 × 630 pixels that social networks show beside a link, always a JPEG.
//!
//! Networks crop every other shape to this one, mostly to the middle, and cut off heads. So a photo that is nearly as wide fills the card
//! and loses a little at its edges; any other is shown whole, on its own average colour.
//!
//! Decision: made here, as one more file of the photo, and not when a network first asks for it. So a photo that is removed disappears from
//! cards with everything else, and no function that answers requests contains a codec. It is made from the rendition of 1280 px and not in
//! the cascade: that costs one small decoding more, and the pipeline's steps need not know of it.

use bytes::Bytes;
use fast_image_resize::Resizer;
use libjpeg_turbo_rs::{Decoder, PixelFormat};

use super::{
    Rendered, Rendition, Unreadable,
    encode::encode_jpeg,
    pixels::{Channels, Pixels, Size},
    scale::resized,
};

/// The card's name, without its extension.
pub const CARD_NAME: &str = "card";
/// The card's width and height, in pixels.
pub const CARD_PX: (u32, u32) = (1200, 630);

/// Quality of the JPEG on libjpeg's scale, as for the renditions.
const QUALITY: u8 = 80;
/// Aspect ratios (width to height) that fill the card: from 1.6, which loses a sixth of its height, to 2.3, which loses as much of its
/// width.
const FILLING: std::ops::RangeInclusive<f64> = 1.6..=2.3;
/// Shortest long edge of a photo that gets a card, in pixels: below it, networks show a small square beside the link.
const SMALLEST: u32 = 600;

/// Makes the card of a rendered photo. `None` if the photo is too small for one.
///
/// # Errors
/// [`Unreadable::Unprocessable`] if our own rendition cannot be read, which is a bug.
pub fn card(rendered: &Rendered) -> Result<Option<Rendition>, Unreadable> {
    let longest = |rendition: &Rendition| rendition.width.max(rendition.height);
    // The smallest rendition that need not be enlarged, or the largest of a small photo.
    let wide = |rendition: &&Rendition| rendition.width >= CARD_PX.0 || longest(rendition) >= 1280;
    let jpegs = || rendered.renditions.iter().filter(|rendition| rendition.content_type == "image/jpeg");
    let source = jpegs().filter(wide).last().or_else(|| jpegs().next());
    let Some(source) = source.filter(|source| longest(source) >= SMALLEST) else { return Ok(None) };
    let decoder = || {
        let mut decoder = Decoder::new(&source.bytes)?;
        decoder.set_output_format(PixelFormat::Rgb);
        decoder.decode_image()
    };
    let image = decoder().map_err(|_| Unreadable::Unprocessable)?;
    let size = Size::new(source.width, source.height);
    let photo = Pixels { size, channels: Channels::Rgb, data: image.data };
    let data = compose(&photo, ground(&rendered.color))?;
    let (width, height) = CARD_PX;
    let bytes = Bytes::from(encode_jpeg(width, height, &data, QUALITY)?);
    Ok(Some(Rendition { name: format!("{CARD_NAME}.jpg"), content_type: "image/jpeg", width, height, bytes }))
}

/// Returns the card's pixels: the scaled photo in its middle.
fn compose(photo: &Pixels, ground: [u8; 3]) -> Result<Vec<u8>, Unreadable> {
    let (width, height) = CARD_PX;
    let shape = f64::from(photo.size.width) / f64::from(photo.size.height.max(1));
    let (across, down) =
        (f64::from(width) / f64::from(photo.size.width), f64::from(height) / f64::from(photo.size.height));
    // Never enlarged: a small photo has more background around it.
    let factor = if FILLING.contains(&shape) { across.max(down) } else { across.min(down) }.min(1.0);
    let part = |side: u32| scaled(side, factor);
    let scaled = resized(&mut Resizer::new(), photo, Size::new(part(photo.size.width), part(photo.size.height)))?;
    let mut card: Vec<u8> = ground.repeat(usize_of(width) * usize_of(height));
    let (wide, high) = (scaled.size.width.min(width), scaled.size.height.min(height));
    let (from_x, from_y) = ((scaled.size.width - wide) / 2, (scaled.size.height - high) / 2);
    let (to_x, to_y) = ((width - wide) / 2, (height - high) / 2);
    for row in 0..high {
        let from = 3 * (usize_of(from_y + row) * usize_of(scaled.size.width) + usize_of(from_x));
        let to = 3 * (usize_of(to_y + row) * usize_of(width) + usize_of(to_x));
        let length = 3 * usize_of(wide);
        let (Some(target), Some(source)) = (card.get_mut(to..to + length), scaled.data.get(from..from + length)) else {
            return Err(Unreadable::Unprocessable);
        };
        target.copy_from_slice(source);
    }
    Ok(card)
}

fn scaled(side: u32, factor: f64) -> u32 {
    // Between 1 and 16,384, so the conversion loses nothing.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded, positive and small")]
    let scaled = (f64::from(side) * factor).round() as u32;
    scaled.max(1)
}

fn usize_of(n: u32) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

/// Returns the average colour, darkened so that the photo stands out from it.
fn ground(color: &str) -> [u8; 3] {
    let channel = |at: usize| color.get(at..at + 2).and_then(|hex| u8::from_str_radix(hex, 16).ok()).unwrap_or(64);
    [1, 3, 5].map(|at| u8::try_from(u16::from(channel(at)) * 3 / 5).unwrap_or(u8::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Format;

    fn rendered(width: u32, height: u32) -> Rendered {
        let data = [200, 30, 30].repeat(usize_of(width) * usize_of(height));
        let bytes = Bytes::from(encode_jpeg(width, height, &data, 90).unwrap());
        let name = format!("{}.jpg", width.max(height));
        Rendered {
            format: Format::Jpeg,
            width,
            height,
            renditions: vec![Rendition { name, content_type: "image/jpeg", width, height, bytes }],
            placeholder: String::new(),
            color: "#0064c8".into(),
            hash: String::new(),
            fingerprint: None,
            truncated: false,
            missing_percent: 0,
            damaged_percent: 0,
        }
    }

    /// Returns the colours of the card's middle, left edge and upper edge.
    fn seen(width: u32, height: u32) -> Option<[[u8; 3]; 3]> {
        let card = card(&rendered(width, height)).unwrap()?;
        assert_eq!((card.name.as_str(), card.width, card.height), ("card.jpg", 1200, 630));
        let mut decoder = Decoder::new(&card.bytes).unwrap();
        decoder.set_output_format(PixelFormat::Rgb);
        let data = decoder.decode_image().unwrap().data;
        let at = |x: usize, y: usize| [0, 1, 2].map(|channel| data[3 * (y * 1200 + x) + channel]);
        Some([at(600, 315), at(4, 315), at(600, 4)])
    }

    fn is_red([r, g, b]: [u8; 3]) -> bool {
        r > 180 && g < 60 && b < 60
    }

    #[test]
    fn a_wide_photo_fills_its_card_and_any_other_stands_on_it_whole() {
        assert!(seen(1280, 720).unwrap().into_iter().all(is_red), "16:9 fills it");
        let [middle, left, top] = seen(1280, 960).unwrap();
        assert!(is_red(middle) && is_red(top) && !is_red(left), "4:3 has ground at its sides");
        let [middle, left, top] = seen(1280, 400).unwrap();
        assert!(is_red(middle) && is_red(left) && !is_red(top), "a panorama has ground above and below");
        let [middle, left, top] = seen(700, 500).unwrap();
        assert!(is_red(middle) && !is_red(left) && !is_red(top), "a small photo is not enlarged");
    }

    #[test]
    fn a_photo_too_small_for_a_card_has_none() {
        assert_eq!(seen(320, 240), None);
    }
}
