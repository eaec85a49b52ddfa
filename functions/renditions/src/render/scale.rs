//! Step 5, scale: the sizes for grid, page and big screen, each made from the one above it.
//!
//! Decision: the largest is 2016 px, not 2048: it is exactly a half and a quarter of what 12 and 48 megapixel phones make
//! (4032, 8064), so the JPEG decoder delivers it for a quarter of the work and half of the memory.

use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer, images::Image};

use super::{
    Unreadable,
    pixels::{Channels, Pixels, Size},
};

/// The longest edge of the largest rendition, in pixels.
pub const LARGEST: u32 = 2016;

/// The longest edges of the others, largest first.
const SMALLER: [u32; 3] = [1280, 640, 320];

/// Brings decoded pixels to the size of the largest rendition. `original` is the size that they were decoded from.
pub fn to_largest(pixels: Pixels, original: Size) -> Result<Pixels, Unreadable> {
    let size = fitted(original, LARGEST);
    if pixels.size == size { Ok(pixels) } else { resized(&mut Resizer::new(), &pixels, size) }
}

/// The largest rendition and those that follow from it, no two of equal size. `original` is the size of the turned original.
pub fn cascade(largest: Pixels, original: Size) -> Result<Vec<Pixels>, Unreadable> {
    let mut resizer = Resizer::new();
    let mut pictures = vec![largest];
    for edge in SMALLER {
        let size = fitted(original, edge);
        if let Some(above) = pictures.last().filter(|above| above.size != size) {
            let picture = resized(&mut resizer, above, size)?;
            pictures.push(picture);
        }
    }
    Ok(pictures)
}

/// A size with the same proportions, whose longest edge is `edge`, or the size itself if that is smaller.
pub fn fitted(size: Size, edge: u32) -> Size {
    let longest = u64::from(size.longest());
    if longest <= u64::from(edge) {
        return size;
    }
    let part = |side: u32| {
        let rounded = (u64::from(side) * u64::from(edge) + longest / 2) / longest;
        u32::try_from(rounded).unwrap_or(edge).max(1)
    };
    Size::new(part(size.width), part(size.height))
}

pub fn resized(resizer: &mut Resizer, pixels: &Pixels, size: Size) -> Result<Pixels, Unreadable> {
    let kind = match pixels.channels {
        Channels::Grey => PixelType::U8,
        Channels::Rgb => PixelType::U8x3,
        Channels::Cmyk => PixelType::U8x4,
    };
    let source = fast_image_resize::images::ImageRef::new(pixels.size.width, pixels.size.height, &pixels.data, kind)
        .map_err(|_| Unreadable::Unprocessable)?;
    let mut target = Image::new(size.width, size.height, kind);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3)).use_alpha(false);
    resizer.resize(&source, &mut target, &options).map_err(|_| Unreadable::Unprocessable)?;
    Ok(Pixels { size, channels: pixels.channels, data: target.into_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(width: u32, height: u32) -> Vec<(u32, u32)> {
        let size = Size::new(width, height);
        let largest = fitted(size, LARGEST);
        let data = vec![0; usize::try_from(largest.area()).unwrap()];
        let pictures = cascade(Pixels { size: largest, channels: Channels::Grey, data }, size).unwrap();
        pictures.iter().map(|picture| (picture.size.width, picture.size.height)).collect()
    }

    #[test]
    fn the_longest_edges_are_2016_1280_640_and_320_and_nothing_is_enlarged() {
        assert_eq!(sizes(4032, 3024), [(2016, 1512), (1280, 960), (640, 480), (320, 240)]);
        assert_eq!(sizes(3024, 4032), [(1512, 2016), (960, 1280), (480, 640), (240, 320)]);
        assert_eq!(sizes(1500, 1000), [(1500, 1000), (1280, 853), (640, 427), (320, 213)]);
        assert_eq!(sizes(640, 360), [(640, 360), (320, 180)]);
        assert_eq!(sizes(320, 320), [(320, 320)]);
        assert_eq!(sizes(17, 9), [(17, 9)]);
        assert_eq!(sizes(1, 16_384), [(1, 2016), (1, 1280), (1, 640), (1, 320)]);
    }
}
