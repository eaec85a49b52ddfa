//! Step 2, orient: turns the picture as a viewer shows it.

use super::pixels::{Channels, Picture, Pixels, Planes, Size};

/// How a stored picture is turned for showing: first the axes are swapped, then it is mirrored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Orientation {
    transpose: bool,
    mirror_x: bool,
    mirror_y: bool,
}

impl Orientation {
    /// Returns the orientation for EXIF's numbers 1 to 8 (CIPA DC-008, tag 0112h); `None` for any other.
    pub fn from_exif(value: u32) -> Option<Self> {
        let (transpose, mirror_x, mirror_y) = match value {
            1 => (false, false, false),
            2 => (false, true, false),
            3 => (false, true, true),
            4 => (false, false, true),
            5 => (true, false, false),
            6 => (true, true, false),
            7 => (true, true, true),
            8 => (true, false, true),
            _ => return None,
        };
        Some(Self { transpose, mirror_x, mirror_y })
    }

    /// Returns the size after turning.
    pub fn turned(self, size: Size) -> Size {
        if self.transpose { Size::new(size.height, size.width) } else { size }
    }
}

pub fn upright(picture: Picture, orientation: Orientation) -> Picture {
    if orientation == Orientation::default() {
        return picture;
    }
    match picture {
        Picture::Pixels(pixels) => Picture::Pixels(upright_pixels(&pixels, orientation)),
        // If a side is odd, its last chroma sample covers one pixel, and after mirroring it is the first: chroma moves by half of its own
        // pixel, which is invisible.
        Picture::Planes(Planes { size, y, cb, cr }) => Picture::Planes(Planes {
            size: orientation.turned(size),
            y: turned::<1>(&y, size, orientation),
            cb: turned::<1>(&cb, size.of_colour(), orientation),
            cr: turned::<1>(&cr, size.of_colour(), orientation),
        }),
    }
}

fn upright_pixels(pixels: &Pixels, orientation: Orientation) -> Pixels {
    let data = match pixels.channels {
        Channels::Grey => turned::<1>(&pixels.data, pixels.size, orientation),
        Channels::Rgb => turned::<3>(&pixels.data, pixels.size, orientation),
        Channels::Cmyk => turned::<4>(&pixels.data, pixels.size, orientation),
    };
    Pixels { size: orientation.turned(pixels.size), channels: pixels.channels, data }
}

/// Side of the squares that are turned one after the other, so that the rows being written stay in the cache.
const TILE: usize = 32;

fn turned<const N: usize>(data: &[u8], size: Size, orientation: Orientation) -> Vec<u8> {
    let (width, height) = size.sides();
    let (wide, high) = orientation.turned(size).sides();
    let source = data.as_chunks::<N>().0;
    let mut target = vec![[0; N]; source.len()];
    for top in (0..height).step_by(TILE) {
        for left in (0..width).step_by(TILE) {
            for y in top..height.min(top + TILE) {
                for x in left..width.min(left + TILE) {
                    let (to_x, to_y) = if orientation.transpose { (y, x) } else { (x, y) };
                    let to_x = if orientation.mirror_x { wide - 1 - to_x } else { to_x };
                    let to_y = if orientation.mirror_y { high - 1 - to_y } else { to_y };
                    if let (Some(from), Some(to)) = (source.get(y * width + x), target.get_mut(to_y * wide + to_x)) {
                        *to = *from;
                    }
                }
            }
        }
    }
    target.into_flattened()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The figure of the EXIF standard, as every implementation draws it: row 0 and column 0 of the stored picture, and where
    /// they are seen.
    #[test]
    fn all_eight_orientations_put_every_corner_where_the_standard_says() {
        // a b c
        // d e f
        let stored = Pixels { size: Size::new(3, 2), channels: Channels::Grey, data: b"abcdef".to_vec() };
        for (value, shown) in [
            (1, "abc/def"),
            (2, "cba/fed"),
            (3, "fed/cba"),
            (4, "def/abc"),
            (5, "ad/be/cf"),
            (6, "da/eb/fc"),
            (7, "fc/eb/da"),
            (8, "cf/be/ad"),
        ] {
            let upright = upright_pixels(&stored, Orientation::from_exif(value).unwrap());
            let width = usize::try_from(upright.size.width).unwrap();
            let rows = upright.data.chunks(width).map(|row| str::from_utf8(row).unwrap()).collect::<Vec<_>>();
            assert_eq!(rows.join("/"), shown, "orientation {value}");
        }
    }

    #[test]
    fn a_picture_larger_than_a_tile_keeps_its_pixels_whole() {
        let size = Size::new(67, 41);
        let data = (0..67 * 41 * 3).map(|n| u8::try_from(n % 251).unwrap()).collect::<Vec<_>>();
        let stored = Pixels { size, channels: Channels::Rgb, data };
        let there = upright_pixels(&stored, Orientation::from_exif(6).unwrap());
        assert_eq!(there.size, Size::new(41, 67));
        assert_eq!(upright_pixels(&there, Orientation::from_exif(8).unwrap()), stored);
    }
}
