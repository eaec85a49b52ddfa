//! Step 6, placeholder: what a page paints before the first byte of a rendition arrives.

use data_encoding::BASE64;
use fast_image_resize::Resizer;

use super::{
    Unreadable,
    pixels::Pixels,
    scale::{fitted, resized},
};

/// Longest edge of the picture that is hashed, in pixels. ThumbHash keeps 7 × 7 frequencies: more pixels would only cost time.
const EDGE: u32 = 64;

/// Returns the ThumbHash in base64, and the picture's average colour as `#rrggbb`. `smallest` is the smallest rendition.
pub fn of(smallest: &Pixels) -> Result<(String, String), Unreadable> {
    let tiny = resized(&mut Resizer::new(), smallest, fitted(smallest.size, EDGE))?;
    let (Ok(width), Ok(height)) = (usize::try_from(tiny.size.width), usize::try_from(tiny.size.height)) else {
        return Err(Unreadable::Unprocessable);
    };
    let rgba = tiny.data.as_chunks::<3>().0.iter().flat_map(|&[r, g, b]| [r, g, b, 255]).collect::<Vec<_>>();
    let hash = thumbhash::rgba_to_thumb_hash(width, height, &rgba);
    Ok((BASE64.encode(&hash), average(&tiny.data)))
}

/// Returns the average of the pixels themselves: the one in the hash has six bits, and is wrong by up to ten levels.
fn average(rgb: &[u8]) -> String {
    let (pixels, _) = rgb.as_chunks::<3>();
    let count = u64::try_from(pixels.len()).unwrap_or(1).max(1);
    let sums = pixels.iter().fold([0_u64; 3], |[r, g, b], pixel| {
        [r + u64::from(pixel[0]), g + u64::from(pixel[1]), b + u64::from(pixel[2])]
    });
    let [r, g, b] = sums.map(|sum| (sum + count / 2) / count);
    format!("#{r:02x}{g:02x}{b:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::pixels::{Channels, Size};

    #[test]
    fn a_flat_picture_has_its_own_colour() {
        let data = [0x0B, 0x57, 0xA4].repeat(40 * 30);
        let pixels = Pixels { size: Size::new(40, 30), channels: Channels::Rgb, data };
        let (placeholder, color) = of(&pixels).unwrap();
        assert_eq!(color, "#0b57a4");
        let hash = BASE64.decode(placeholder.as_bytes()).unwrap();
        assert!(hash.len() <= 25);
        let ratio = thumbhash::thumb_hash_to_approximate_aspect_ratio(&hash).unwrap();
        assert!((ratio - 4.0 / 3.0).abs() < 0.1, "{ratio}");
    }
}
