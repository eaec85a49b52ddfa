//! Covers that a moderator drew: what is below becomes cells of their average colour.
//!
//! A blur can be reversed, and small cells still show who a person is: so a cell has at least [`LEAST_CELL`] pixels of the largest
//! rendition, and a cover has at most [`MOST_CELLS`] of them along its shorter side. Smaller renditions are made from the covered one, so
//! that none of them reveals more.

use std::ops::Range;

use super::{
    Unreadable, colour,
    pixels::{Pixels, Planes},
};

/// Number of parts into which a [`Cover`] divides a side of a picture.
pub const PARTS: u16 = 10_000;

/// A box to cover, in [`PARTS`] of the upright picture's width and height, from its left and upper edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cover {
    /// Distance from the left edge.
    pub x: u16,
    /// Distance from the upper edge.
    pub y: u16,
    /// Width of the box.
    pub width: u16,
    /// Height of the box.
    pub height: u16,
}

/// Shortest side of a cell, in pixels.
const LEAST_CELL: usize = 12;
/// Largest number of cells along the shorter side of a cover.
const MOST_CELLS: usize = 6;

/// Covers an upright picture in sRGB, irreversibly. Without covers, the picture stays as it is.
pub fn covered(picture: Planes, covers: &[Cover]) -> Result<Planes, Unreadable> {
    if covers.is_empty() {
        return Ok(picture);
    }
    Ok(colour::gathered(&pixels_covered(colour::rgb(Some(&picture))?, covers)))
}

fn pixels_covered(mut pixels: Pixels, covers: &[Cover]) -> Pixels {
    let (width, height) = (side(pixels.size.width), side(pixels.size.height));
    let channels = pixels.channels.count();
    for &cover in covers {
        let columns = cells(span(cover.x, cover.width, width), shorter(cover, width, height));
        let rows = cells(span(cover.y, cover.height, height), shorter(cover, width, height));
        for row in &rows {
            for column in &columns {
                average(&mut pixels.data, width, channels, row, column);
            }
        }
    }
    pixels
}

fn side(pixels: u32) -> usize {
    usize::try_from(pixels).unwrap_or(usize::MAX)
}

/// Returns the pixels that a cover touches along one side.
fn span(at: u16, size: u16, whole: usize) -> Range<usize> {
    let parts = usize::from(PARTS);
    let from = usize::from(at) * whole / parts;
    let to = ((usize::from(at) + usize::from(size)) * whole).div_ceil(parts).min(whole);
    from.min(whole.saturating_sub(1))..to.max(from + 1).min(whole)
}

/// Returns the shorter side of a cover, in pixels.
fn shorter(cover: Cover, width: usize, height: usize) -> usize {
    span(cover.x, cover.width, width).len().min(span(cover.y, cover.height, height).len())
}

/// Divides a side into cells of nearly the same size: a narrow one at the end would reveal too much.
fn cells(span: Range<usize>, shorter: usize) -> Vec<Range<usize>> {
    let cell = LEAST_CELL.max(shorter.div_ceil(MOST_CELLS));
    let n = (span.len() / cell).max(1);
    (0..n).map(|i| span.start + span.len() * i / n..span.start + span.len() * (i + 1) / n).collect()
}

/// Fills one cell with its average colour.
fn average(data: &mut [u8], width: usize, channels: usize, rows: &Range<usize>, columns: &Range<usize>) {
    let count = u64::try_from(rows.len() * columns.len()).unwrap_or(u64::MAX).max(1);
    for channel in 0..channels {
        let places = || rows.clone().flat_map(|y| columns.clone().map(move |x| (y * width + x) * channels + channel));
        let sum: u64 = places().filter_map(|place| data.get(place)).map(|value| u64::from(*value)).sum();
        let colour = u8::try_from((sum + count / 2) / count).unwrap_or(u8::MAX);
        for place in places() {
            if let Some(value) = data.get_mut(place) {
                *value = colour;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::render::pixels::{Channels, Size};

    /// A picture in which every pixel differs from its neighbours.
    fn lively(width: u32, height: u32) -> Pixels {
        let data = (0..width * height * 3).map(|i| u8::try_from(i * 37 % 251).unwrap()).collect();
        Pixels { size: Size::new(width, height), channels: Channels::Rgb, data }
    }

    #[test]
    fn below_a_cover_remain_few_large_cells_and_beside_it_everything_stays() {
        let (before, cover) = (lively(200, 100), Cover { x: 2_500, y: 2_000, width: 5_000, height: 5_000 });
        let after = pixels_covered(before.clone(), &[cover]);
        let mut colours = BTreeSet::new();
        for y in 0..100 {
            for x in 0..200 {
                let at = (y * 200 + x) * 3;
                let (old, new) = (&before.data[at..at + 3], &after.data[at..at + 3]);
                if (50..150).contains(&x) && (20..70).contains(&y) {
                    colours.insert(new.to_vec());
                } else {
                    assert_eq!(old, new, "{x}, {y}");
                }
            }
        }
        // 100 × 50 pixels in cells of at least 12 pixels: at most 8 × 4.
        assert!(colours.len() <= 32, "{}", colours.len());
    }

    #[test]
    fn a_large_cover_has_at_most_six_cells_along_its_shorter_side() {
        let whole = Cover { x: 0, y: 0, width: PARTS, height: PARTS };
        assert_eq!(cells(span(whole.y, whole.height, 600), shorter(whole, 1_200, 600)).len(), 6);
        let tiny = Cover { x: 9_900, y: 9_900, width: 100, height: 100 };
        assert_eq!(cells(span(tiny.x, tiny.width, 320), 4).len(), 1);
        assert_eq!(pixels_covered(lively(9, 7), &[whole]).data.chunks(3).collect::<BTreeSet<_>>().len(), 1);
    }
}
