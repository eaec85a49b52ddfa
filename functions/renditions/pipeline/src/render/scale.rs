//! Step 4, scale: makes the sizes for grid, page and big screen, each from the one above it.
//!
//! Decision: the largest is 2016 px, which is exactly a half and a quarter of what phones with 12 and 48 megapixels make (4032, 8064): the
//! JPEG decoder delivers it for a quarter of the work and half of the memory. For the same reason, the size that a number of eighths gives
//! is accepted as it is if it is among [`NEARLY`]: 1920 of what the page sends (2560), 2000 and 2040 of other phones (4000, 4080, 8160).
//!
//! Luma and chroma planes are scaled separately by the same method, so that chroma is never enlarged only to be reduced again.

use std::{borrow::Cow, ops::RangeInclusive};

use fast_image_resize::{
    FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};

use super::{
    Unreadable,
    pixels::{Channels, Pixels, Planes, Size},
};

/// Longest edge of the largest rendition, in pixels.
pub const LARGEST: u32 = 2016;

/// Long edges that are accepted as they are from decoding a JPEG at a number of eighths, in pixels: from the width of most screens.
pub const NEARLY: RangeInclusive<u32> = 1920..=2048;

/// Longest edges of the other renditions, largest first, in pixels.
const SMALLER: [u32; 3] = [1280, 640, 320];

/// Returns the size of the largest rendition of a picture of this size.
pub fn largest(size: Size) -> Size {
    fitted(size, LARGEST)
}

/// Returns the size of the largest rendition of a JPEG, which is decoded at a number of eighths of its size.
///
/// Sides are rounded to the nearest whole number. The decoder rounds them up, and [`Fit`] drops the row that is mostly padding: with it, all
/// smaller renditions would be shifted by up to a pixel at their lower and right edges.
pub fn largest_of_jpeg(size: Size) -> Size {
    let eighths = |side: u32, count: u32| ((side * count + 4) / 8).max(1);
    let mut fractions = (1..=8).rev().map(|count| Size::new(eighths(size.width, count), eighths(size.height, count)));
    fractions.find(|size| NEARLY.contains(&size.longest())).unwrap_or(largest(size))
}

/// Scales pixels that were decoded whole to the size of the largest rendition.
pub fn to_largest(pixels: Pixels) -> Result<Pixels, Unreadable> {
    let size = largest(pixels.size);
    if pixels.size == size { Ok(pixels) } else { resized(&mut Resizer::new(), &pixels, size) }
}

/// Makes the renditions from the largest, all of different sizes. `original` is the size of the upright original.
pub fn cascade(largest: Planes, original: Size) -> Result<Vec<Planes>, Unreadable> {
    let mut resizer = Resizer::new();
    let mut pictures = vec![largest];
    for edge in SMALLER {
        let size = fitted(original, edge);
        if let Some(above) = pictures.last().filter(|above| above.size != size) {
            let picture = planes(&mut resizer, above, size)?;
            pictures.push(picture);
        }
    }
    Ok(pictures)
}

/// Returns the size with the same proportions whose longest edge is `edge`, or the size itself if that is smaller.
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

fn planes(resizer: &mut Resizer, picture: &Planes, size: Size) -> Result<Planes, Unreadable> {
    let (from, colours) = (picture.size, picture.size.of_colour());
    let mut plane = |data: &[u8], from: Size, to: Size, part: Option<Part>| {
        let (width, height) = to.sides();
        let mut out = vec![0; width * height];
        convolved(resizer, PixelType::U8, (data, from), (&mut out, to), part).map(|()| out)
    };
    // A chroma sample covers two pixels, even if the picture ends after the first of them. So the samples of an odd side cover an area
    // beyond the picture, which is filled by repeating the edge. Otherwise chroma would be off by up to half a pixel from luma.
    let reach = |from: u32, to: u32| f64::from(to.div_ceil(2)) * f64::from(from) / f64::from(to);
    let part = Part { top: 0.0, width: reach(from.width, size.width), height: reach(from.height, size.height) };
    let mut colour = |data: &[u8]| {
        let (data, wide) = repeated(data, colours, &part);
        plane(&data, wide, size.of_colour(), Some(part))
    };
    Ok(Planes { size, cb: colour(&picture.cb)?, cr: colour(&picture.cr)?, y: plane(&picture.y, from, size, None)? })
}

/// Returns a plane whose last row and column are repeated as far as `part` reaches.
fn repeated<'a>(plane: &'a [u8], size: Size, part: &Part) -> (Cow<'a, [u8]>, Size) {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most a sample more than a side")]
    let reached = |edge: u32, reach: f64| edge.max(reach.ceil() as u32);
    let larger = Size::new(reached(size.width, part.width), reached(size.height, part.height));
    if larger == size {
        return (Cow::Borrowed(plane), size);
    }
    let ((width, _), (wide, high)) = (size.sides(), larger.sides());
    let mut out = Vec::with_capacity(wide * high);
    for row in plane.chunks_exact(width) {
        out.extend_from_slice(row);
        out.extend(row.last().into_iter().cycle().take(wide - width));
    }
    while out.len() < wide * high {
        out.extend_from_within(out.len() - wide..);
    }
    (Cow::Owned(out), larger)
}

pub fn resized(resizer: &mut Resizer, pixels: &Pixels, size: Size) -> Result<Pixels, Unreadable> {
    let kind = kind(pixels.channels);
    let (width, height) = size.sides();
    let mut data = vec![0; width * height * pixels.channels.count()];
    convolved(resizer, kind, (&pixels.data, pixels.size), (&mut data, size), None)?;
    Ok(Pixels { size, channels: pixels.channels, data })
}

fn kind(channels: Channels) -> PixelType {
    match channels {
        Channels::Grey => PixelType::U8,
        Channels::Rgb => PixelType::U8x3,
        Channels::Cmyk => PixelType::U8x4,
    }
}

/// A part of a plane, from its left edge, with fractions of samples.
#[derive(Clone, Copy)]
struct Part {
    top: f64,
    width: f64,
    height: f64,
}

/// Scales a part of the source with Lanczos-3, or all of it if no part is named.
fn convolved(
    resizer: &mut Resizer,
    kind: PixelType,
    (from, from_size): (&[u8], Size),
    (to, to_size): (&mut [u8], Size),
    part: Option<Part>,
) -> Result<(), Unreadable> {
    let source = ImageRef::new(from_size.width, from_size.height, from, kind).map_err(|_| Unreadable::Unprocessable)?;
    let mut target =
        Image::from_slice_u8(to_size.width, to_size.height, to, kind).map_err(|_| Unreadable::Unprocessable)?;
    let mut options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3)).use_alpha(false);
    if let Some(Part { top, width, height }) = part {
        options = options.crop(0.0, top, width, height);
    }
    resizer.resize(&source, &mut target, &options).map_err(|_| Unreadable::Unprocessable)
}

/// Scales a plane, or pixels, while rows arrive. It keeps only the source rows that the next band of the target needs.
pub struct Fit {
    from: Size,
    to: Size,
    kind: PixelType,
    /// Bytes per pixel.
    channels: usize,
    /// Number of target rows that are made at once.
    band: u32,
    resizer: Resizer,
    /// The source rows that are kept, and the number of the first.
    kept: Vec<u8>,
    first: u32,
    arrived: u32,
    /// The target rows that are finished.
    out: Vec<u8>,
    done: u32,
}

/// Smallest number of target rows that are made at once: enough that the rows shared by two bands matter little.
const BAND: u32 = 64;

/// Number of bytes of the source that may be kept so that a band is larger than [`BAND`]. For each band the resizer computes its weights
/// anew, which was a quarter of the time of a whole photo of 2560 px with bands of 64 rows.
const KEPT_BYTES: f64 = 1_048_576.0;

/// Reach of Lanczos-3 on either side, in pixels of the coarser picture, plus one for rounding.
const REACH: f64 = 4.0;

impl Fit {
    /// Begins to scale a plane.
    pub fn new(from: Size, to: Size) -> Self {
        Self::of_pixels(from, to, Channels::Grey)
    }

    pub fn of_pixels(from: Size, to: Size, channels: Channels) -> Self {
        let (kind, channels) = (kind(channels), channels.count());
        let (width, height) = to.sides();
        let out = Vec::with_capacity(width * height * channels);
        let pixel_bytes = u32::try_from(channels).map_or(1.0, f64::from);
        let source_bytes = f64::from(from.width) * f64::from(from.height) * pixel_bytes;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a number of rows, and not negative"
        )]
        let affordable = (KEPT_BYTES * f64::from(to.height) / source_bytes) as u32;
        let (resizer, kept) = (Resizer::new(), Vec::new());
        Self { from, to, kind, channels, band: affordable.max(BAND), resizer, kept, first: 0, arrived: 0, out, done: 0 }
    }

    /// Whether the source is copied: it is as large as the target, or has a row or a column more, because the decoder rounds up.
    fn is_copied(&self) -> bool {
        /// Below this, a row is too large a part of a plane to be dropped.
        const SMALLEST: u32 = 8;
        let is_near = |from: u32, to: u32| from == to || from == to + 1;
        self.from == self.to
            || (self.to.longest() >= SMALLEST
                && is_near(self.from.width, self.to.width)
                && is_near(self.from.height, self.to.height))
    }

    /// Takes the next source row, `from.width` pixels.
    pub fn row(&mut self, row: &[u8]) -> Result<(), Unreadable> {
        self.arrived += 1;
        if self.is_copied() {
            if self.arrived <= self.to.height {
                let (width, _) = self.to.sides();
                self.out.extend_from_slice(row.get(..width * self.channels).ok_or(Unreadable::Unprocessable)?);
            }
            return Ok(());
        }
        self.kept.extend_from_slice(row);
        let next = self.done.saturating_add(self.band).min(self.to.height);
        if next < self.to.height && f64::from(self.arrived) >= self.source(next) + self.reach() {
            self.make(next)?;
        }
        if self.arrived == self.from.height {
            self.make(self.to.height)?;
        }
        Ok(())
    }

    /// Returns the rows that can be made from those that arrived: all of them, if all arrived.
    pub fn finish(mut self) -> Result<Vec<u8>, Unreadable> {
        if !self.is_copied() && self.arrived < self.from.height {
            let reached =
                (f64::from(self.arrived) - self.reach()) * f64::from(self.to.height) / f64::from(self.from.height);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a row's number, 0 if negative"
            )]
            let end = (reached as u32).min(self.to.height);
            if end > self.done {
                self.make(end)?;
            }
        }
        Ok(self.out)
    }

    /// Returns where a target row begins in the source.
    fn source(&self, row: u32) -> f64 {
        f64::from(row) * f64::from(self.from.height) / f64::from(self.to.height)
    }

    fn reach(&self) -> f64 {
        REACH * (f64::from(self.from.height) / f64::from(self.to.height)).max(1.0)
    }

    /// Makes the target rows up to `end`, and drops the source rows that no later one needs.
    fn make(&mut self, end: u32) -> Result<(), Unreadable> {
        let rows = self.arrived - self.first;
        let top = self.source(self.done) - f64::from(self.first);
        // Less a billionth: otherwise rounding could place the sum outside the existing rows, which is refused.
        let height = (self.source(end) - self.source(self.done)).min(f64::from(rows) - top - 1e-9);
        let band = Size::new(self.to.width, end - self.done);
        let (width, count) = band.sides();
        let start = self.out.len();
        self.out.resize(start + width * count * self.channels, 0);
        let target = self.out.get_mut(start..).unwrap_or_default();
        let window = Size::new(self.from.width, rows);
        let part = Part { top, width: f64::from(self.from.width), height };
        convolved(&mut self.resizer, self.kind, (&self.kept, window), (target, band), Some(part))?;
        self.done = end;

        let needed = (self.source(end) - self.reach()).floor().max(f64::from(self.first));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a row's number, and not negative")]
        let needed = (needed as u32).min(self.arrived);
        let (width, gone) = Size::new(self.from.width, needed - self.first).sides();
        self.kept.drain(..(width * gone * self.channels).min(self.kept.len()));
        self.first = needed;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(width: u32, height: u32) -> Vec<(u32, u32)> {
        let size = Size::new(width, height);
        let largest = largest(size);
        let plane = |size: Size| vec![0; usize::try_from(size.area()).unwrap()];
        let colour = plane(largest.of_colour());
        let planes = Planes { size: largest, y: plane(largest), cb: colour.clone(), cr: colour };
        let pictures = cascade(planes, size).unwrap();
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

    #[test]
    fn a_jpeg_keeps_the_size_of_a_fraction_that_comes_near() {
        for (longest, largest) in [
            (320, 320),
            (1920, 1920),
            (2016, 2016),
            (2048, 2048),
            (2049, 2016),
            (2193, 2016),
            (2194, 1920),
            (2304, 2016),
            (2340, 2048),
            (2341, 2048),
            (2342, 2016),
            (2559, 2016),
            (2560, 1920),
            (2688, 2016),
            (3072, 1920),
            (3264, 2040),
            (3838, 2016),
            (3839, 1920),
            (4000, 2000),
            (4032, 2016),
            (4048, 2024),
            (4080, 2040),
            (4097, 2016),
            (5118, 2016),
            (5119, 1920),
            (5184, 1944),
            (6000, 2016),
            (8000, 2000),
            (8064, 2016),
            (8160, 2040),
            (9248, 2016),
            (16_128, 2016),
        ] {
            assert_eq!(largest_of_jpeg(Size::new(longest, 300)).longest(), largest, "{longest}");
        }
        assert_eq!(largest_of_jpeg(Size::new(4000, 3001)), Size::new(2000, 1501));
        assert_eq!(largest_of_jpeg(Size::new(2560, 1921)), Size::new(1920, 1441));
        assert_eq!(largest_of_jpeg(Size::new(2560, 1707)), Size::new(1920, 1280));
        assert_eq!(largest_of_jpeg(Size::new(2560, 1)), Size::new(1920, 1));
    }

    #[test]
    fn colour_stays_where_light_is_when_a_side_becomes_odd() {
        // A step from dark to light, and in colour, at the same place near the right edge or near the lower one.
        let lit = |across: bool, x: u32, y: u32| if across { x >= 52 } else { y >= 32 };
        let plane = |size: Size, part: u32, across: bool| {
            let level = |x, y| if lit(across, x * part, y * part) { 200 } else { 50 };
            (0..size.height).flat_map(|y| (0..size.width).map(move |x| level(x, y))).collect::<Vec<u8>>()
        };
        // How many columns or rows of a plane are lit tells where the step is.
        let columns = |plane: &[u8], size: Size, across: bool| {
            let sum = plane.iter().map(|&level| (f64::from(level) - 50.0) / 150.0).sum::<f64>();
            sum / f64::from(if across { size.height } else { size.width })
        };
        for (from, to) in [((60, 40), (45, 27)), ((60, 40), (33, 30)), ((61, 41), (45, 27)), ((61, 41), (40, 26))] {
            let (from, to) = (Size::new(from.0, from.1), Size::new(to.0, to.1));
            for across in [true, false] {
                let colour = plane(from.of_colour(), 2, across);
                let picture = Planes { size: from, y: plane(from, 1, across), cb: colour.clone(), cr: colour };
                let scaled = planes(&mut Resizer::new(), &picture, to).unwrap();
                let of_light = columns(&scaled.y, to, across);
                // The last chroma sample of an odd side reaches a pixel beyond it.
                let beyond = f64::from(if across { to.width % 2 } else { to.height % 2 });
                let of_colour = 2.0 * columns(&scaled.cb, to.of_colour(), across) - beyond;
                let off = (of_colour - of_light).abs();
                assert!(off < 0.2, "{from:?} to {to:?}: {of_light} of light, {of_colour} of colour");
            }
        }
    }

    #[test]
    fn a_plane_scaled_by_rows_is_the_plane_scaled_whole() {
        let mut state = 1_u32;
        let mut chance = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            u8::try_from(state >> 24).unwrap()
        };
        for (from, to) in [
            ((700, 1000), (231, 330)),
            ((640, 427), (320, 213)),
            ((150, 2024), (149, 2016)),
            ((64, 100), (640, 1000)),
            ((30, 2000), (20, 1344)),
            ((9, 1), (3, 1)),
            ((1, 500), (1, 1)),
        ] {
            let (from, to) = (Size::new(from.0, from.1), Size::new(to.0, to.1));
            let (width, height) = from.sides();
            let data = (0..width * height).map(|_| chance()).collect::<Vec<_>>();
            let mut fit = Fit::new(from, to);
            for row in data.chunks_exact(width) {
                fit.row(row).unwrap();
            }
            let by_rows = fit.finish().unwrap();
            let pixels = Pixels { size: from, channels: Channels::Grey, data };
            let whole = resized(&mut Resizer::new(), &pixels, to).unwrap().data;
            // A plane is only enlarged where its picture shrinks, by up to two: at ten times the two round differently once more.
            let allowed = if to.longest() > from.longest() { 2 } else { 1 };
            let furthest = by_rows.iter().zip(&whole).map(|(one, other)| one.abs_diff(*other)).max();
            assert!(furthest <= Some(allowed), "{from:?} to {to:?}: {furthest:?}");
        }
    }

    #[test]
    fn of_a_plane_with_a_row_or_a_column_more_than_the_target_the_rest_is_copied() {
        let copied = |from: (u32, u32), to: (u32, u32)| {
            let mut fit = Fit::new(Size::new(from.0, from.1), Size::new(to.0, to.1));
            for y in 0..from.1 {
                let row = (0..from.0).map(|x| u8::try_from((x * 7 + y * 13) % 251).unwrap()).collect::<Vec<_>>();
                fit.row(&row).unwrap();
            }
            let rows = (0..to.1).flat_map(|y| (0..to.0).map(move |x| u8::try_from((x * 7 + y * 13) % 251).unwrap()));
            fit.finish().unwrap() == rows.collect::<Vec<_>>()
        };
        assert!(copied((20, 11), (20, 11)));
        assert!(copied((20, 11), (20, 10)));
        assert!(copied((21, 11), (20, 10)));
        assert!(!copied((22, 11), (20, 10)), "two columns are scaled away");
        assert!(!copied((2, 2), (1, 1)), "so is half of a tiny plane");
    }

    #[test]
    fn bands_are_as_high_as_a_mebibyte_of_the_source_allows() {
        let band = |from: Size, to: Size, channels| Fit::of_pixels(from, to, channels).band;
        assert_eq!(band(Size::new(2560, 1920), Size::new(2016, 1512), Channels::Grey), 322);
        assert_eq!(band(Size::new(16_384, 3276), Size::new(2016, 403), Channels::Rgb), BAND);
    }

    #[test]
    fn pixels_scaled_by_rows_are_the_pixels_scaled_whole() {
        let (from, to) = (Size::new(70, 900), Size::new(23, 300));
        let data = (0..70 * 900 * 3_u32).map(|n| u8::try_from(n.wrapping_mul(2_654_435_761) >> 24).unwrap());
        let data = data.collect::<Vec<_>>();
        let mut fit = Fit::of_pixels(from, to, Channels::Rgb);
        data.chunks_exact(70 * 3).for_each(|row| fit.row(row).unwrap());
        let by_rows = fit.finish().unwrap();
        let pixels = Pixels { size: from, channels: Channels::Rgb, data };
        let whole = resized(&mut Resizer::new(), &pixels, to).unwrap().data;
        assert_eq!(by_rows.len(), whole.len());
        assert!(by_rows.iter().zip(&whole).all(|(one, other)| one.abs_diff(*other) <= 1));
    }

    #[test]
    fn of_a_plane_of_which_rows_are_missing_the_rows_above_them_are_as_they_would_be() {
        let (from, to) = (Size::new(30, 600), Size::new(15, 300));
        let row = |y: u32| (0..30).map(|x| u8::try_from((x * 7 + y * 13) % 251).unwrap()).collect::<Vec<_>>();
        let made = |rows: u32| {
            let mut fit = Fit::new(from, to);
            (0..rows).for_each(|y| fit.row(&row(y)).unwrap());
            fit.finish().unwrap()
        };
        let whole = made(600);
        assert_eq!(whole.len(), 15 * 300);
        for (arrived, rows) in [(0, 0), (7, 0), (9, 0), (10, 1), (390, 191), (599, 295)] {
            let part = made(arrived);
            assert_eq!(part.len(), 15 * rows, "all rows that {arrived} of the source reach");
            assert_eq!(part, whole[..part.len()]);
        }
    }
}
