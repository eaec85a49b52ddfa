//! Stills of a video: of the pictures that can be decoded alone, one becomes the poster, which is rendered as a photo is, and all of them
//! the sheet on which a moderator sees the video at a glance.
//!
//! Decision: H.264 is decoded by a crate in Rust that forbids `unsafe`, and only pictures that need no other one are decoded, at most
//! [`MOST`] of a video. Its default features are off: one replaces the allocator of the whole program, the other brings SIMD code that is
//! not safe. Each picture has a decoder of its own, since one that goes on keeps what it has decoded. Given up: speed, of which so few
//! pictures need little. H.264 is under patents: without the feature `h264` nothing is decoded, and no video is accepted.

use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use fast_image_resize::Resizer;

use super::{
    Format, Formats, Limits, Rendered, Rendition, Unreadable,
    colour::gathered,
    encode::encode_jpeg,
    finished,
    orient::{Orientation, upright},
    pixels::{Channels, Picture, Pixels, Size},
    scale::{fitted, resized, to_largest},
};

/// The most pictures that are decoded of one video.
pub const MOST: usize = 12;
/// The name of the sheet.
pub const SHEET_NAME: &str = "sheet.jpg";
/// The longest edge of a picture on the sheet, in pixels.
const SHEET_EDGE_PX: u32 = 320;
/// Pictures in a row of the sheet.
const SHEET_COLUMNS: usize = 4;
/// Quality of the sheet on libjpeg's scale.
const SHEET_QUALITY: u8 = 75;

/// How the pictures of a video are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// How many quarters of a circle a picture is rotated clockwise to be upright: 0 to 3.
    pub quarters: u8,
    /// Whether luma and chroma are those of ITU-R BT.709; otherwise of BT.601.
    pub bt709: bool,
    /// Whether luma goes from 0 to 255; otherwise from 16 to 235.
    pub full_range: bool,
}

/// What is made of a video's pictures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stills {
    /// The renditions of the sharpest picture.
    pub poster: Rendered,
    /// All pictures on one, a JPEG: rows of four, each picture at most 320 pixels long.
    pub sheet: Rendition,
}

/// A decoded picture: luma, and chroma of half its width and height, rounded up. Rows from the top without padding.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Frame {
    size: Size,
    y: Vec<u8>,
    cb: Vec<u8>,
    cr: Vec<u8>,
}

/// Makes the stills of a video. `pictures` are its pictures that can be decoded alone, in order, each as an H.264 byte stream (annex B)
/// with its parameter sets; at most [`MOST`] are decoded. One that cannot be decoded is left out.
///
/// # Errors
/// [`Unreadable::TooSlow`] after the deadline; [`Unreadable::Corrupt`] if no picture can be decoded. No input causes a panic.
pub fn stills(
    pictures: impl IntoIterator<Item = Vec<u8>>,
    shown: Shown,
    limits: &Limits,
) -> Result<Stills, Unreadable> {
    let mut sharpest: Option<(u64, Pixels)> = None;
    let mut small = Vec::new();
    for stream in pictures.into_iter().take(MOST) {
        limits.in_time()?;
        // The panic hook still prints a line: a panicking decoder is a fault that should be seen in the logs.
        let decoded = catch_unwind(AssertUnwindSafe(|| decode(&stream))).unwrap_or(None);
        let Some(frame) = decoded.filter(|frame| frame.is_whole(limits)) else { continue };
        let sharp = sharpness(&frame);
        let picture = turned(rgb(&frame, shown), shown.quarters);
        small.push(resized(&mut Resizer::new(), &picture, fitted(picture.size, SHEET_EDGE_PX))?);
        if sharpest.as_ref().is_none_or(|(other, _)| sharp > *other) {
            sharpest = Some((sharp, picture));
        }
    }
    let (_, poster) = sharpest.ok_or(Unreadable::Corrupt)?;
    limits.in_time()?;
    let size = poster.size;
    let largest = gathered(&to_largest(poster)?);
    let poster = finished(Format::Video, largest, size, limits, Formats::JpegAndWebp)?;
    Ok(Stills { poster, sheet: sheet(&small)? })
}

/// Decodes one picture. `None` if the decoder refuses it.
#[cfg(feature = "h264")]
fn decode(stream: &[u8]) -> Option<Frame> {
    let frame = rusty_h264_decoder::Decoder::new().decode(stream).ok().flatten()?;
    let size = Size::new(u32::try_from(frame.width).ok()?, u32::try_from(frame.height).ok()?);
    Some(Frame { size, y: frame.y, cb: frame.u, cr: frame.v })
}

#[cfg(not(feature = "h264"))]
fn decode(_stream: &[u8]) -> Option<Frame> {
    None
}

impl Frame {
    /// Whether its planes have as many samples as its size says, and it is not larger than a photo may be.
    fn is_whole(&self, limits: &Limits) -> bool {
        let samples = |size: Size| size.sides().0 * size.sides().1;
        let (light, colour) = (samples(self.size), samples(self.size.of_colour()));
        let admitted = limits.admit(self.size, limits.max_pixels, 3.0).is_ok();
        admitted && (self.y.len(), self.cb.len(), self.cr.len()) == (light, colour, colour)
    }
}

/// Returns how much neighbouring samples of luma differ: the sum of the squares of the Laplacian over every second sample of every second
/// row, relative to their number. A blurred picture has little of it, and a plain one nothing.
fn sharpness(frame: &Frame) -> u64 {
    let (width, height) = frame.size.sides();
    let (mut sum, mut count) = (0_u64, 1_u64);
    for y in (1..height.saturating_sub(1)).step_by(2) {
        let row = |y: usize| frame.y.get(y * width..(y + 1) * width).unwrap_or_default();
        let (above, own, below) = (row(y - 1), row(y), row(y + 1));
        for ((three, up), down) in own.windows(3).zip(above.iter().skip(1)).zip(below.iter().skip(1)).step_by(2) {
            if let &[left, middle, right] = three {
                let around = [left, right, *up, *down].iter().map(|side| i32::from(*side)).sum::<i32>();
                let edge = u64::from((4 * i32::from(middle) - around).unsigned_abs());
                sum += edge * edge;
                count += 1;
            }
        }
    }
    sum * 16 / count
}

/// Fractional bits of the factors below.
const FRACTION: u32 = 16;

/// The factors by which luma and chroma become red, green and blue, in fixed point.
struct Factors {
    black: i32,
    light: i32,
    red_of_cr: i32,
    green_of_cb: i32,
    green_of_cr: i32,
    blue_of_cb: i32,
}

impl Factors {
    /// ITU-T H.273, equations 38 to 40, with the scales of the limited range.
    fn new(shown: Shown) -> Self {
        let (red, blue) = if shown.bt709 { (0.2126, 0.0722) } else { (0.299, 0.114) };
        let green = 1.0 - red - blue;
        let (black, light, chroma) = if shown.full_range { (0, 1.0, 1.0) } else { (16, 255.0 / 219.0, 255.0 / 224.0) };
        #[expect(clippy::cast_possible_truncation, reason = "below 3, times 2¹⁶")]
        let fixed = |factor: f64| (factor * 65_536.0).round() as i32;
        Self {
            black,
            light: fixed(light),
            red_of_cr: fixed(chroma * 2.0 * (1.0 - red)),
            green_of_cb: fixed(-chroma * 2.0 * (1.0 - blue) * blue / green),
            green_of_cr: fixed(-chroma * 2.0 * (1.0 - red) * red / green),
            blue_of_cb: fixed(chroma * 2.0 * (1.0 - blue)),
        }
    }
}

fn rgb(frame: &Frame, shown: Shown) -> Pixels {
    let factors = Factors::new(shown);
    let (width, height) = frame.size.sides();
    let (colours, _) = frame.size.of_colour().sides();
    let mut data = Vec::with_capacity(width * height * 3);
    #[expect(clippy::cast_sign_loss, reason = "clamped to a byte")]
    let level = |value: i32| ((value + (1 << (FRACTION - 1))) >> FRACTION).clamp(0, 255) as u8;
    for (y, light) in frame.y.chunks_exact(width).enumerate() {
        let row = y / 2 * colours..(y / 2 + 1) * colours;
        let cb = frame.cb.get(row.clone()).unwrap_or_default();
        let cr = frame.cr.get(row).unwrap_or_default();
        for (x, light) in light.iter().enumerate() {
            let chroma = |plane: &[u8]| i32::from(plane.get(x / 2).copied().unwrap_or(128)) - 128;
            let (cb, cr) = (chroma(cb), chroma(cr));
            let light = (i32::from(*light) - factors.black) * factors.light;
            data.extend([
                level(light + factors.red_of_cr * cr),
                level(light + factors.green_of_cb * cb + factors.green_of_cr * cr),
                level(light + factors.blue_of_cb * cb),
            ]);
        }
    }
    Pixels { size: frame.size, channels: Channels::Rgb, data }
}

/// Rotates a picture clockwise by quarters of a circle.
fn turned(pixels: Pixels, quarters: u8) -> Pixels {
    // EXIF's numbers for these rotations.
    let exif = match quarters % 4 {
        1 => 6,
        2 => 3,
        3 => 8,
        _ => 1,
    };
    let orientation = Orientation::from_exif(exif).unwrap_or_default();
    match upright(Picture::Pixels(pixels), orientation) {
        Picture::Pixels(pixels) => pixels,
        Picture::Planes(planes) => {
            Pixels { size: planes.size, channels: Channels::Rgb, data: super::ycc::rgb(&planes) }
        }
    }
}

/// Lays pictures of one size on a sheet, in rows from the top left.
fn sheet(pictures: &[Pixels]) -> Result<Rendition, Unreadable> {
    let each = pictures.first().map(|first| first.size).ok_or(Unreadable::Unprocessable)?;
    let columns = SHEET_COLUMNS.min(pictures.len());
    let rows = pictures.len().div_ceil(columns);
    let (wide, high) = each.sides();
    let (width, height) = (wide * columns, high * rows);
    let mut data = vec![255; width * height * 3];
    let placed = pictures.iter().enumerate().filter(|(_, picture)| picture.size == each);
    for (at, picture) in placed {
        let corner = (at / columns * high * width + at % columns * wide) * 3;
        for (y, row) in picture.data.chunks_exact(wide * 3).enumerate() {
            let from = corner + y * width * 3;
            if let Some(target) = data.get_mut(from..from + wide * 3) {
                target.copy_from_slice(row);
            }
        }
    }
    let (Ok(width), Ok(height)) = (u32::try_from(width), u32::try_from(height)) else {
        return Err(Unreadable::Unprocessable);
    };
    let bytes = Bytes::from(encode_jpeg(width, height, &data, SHEET_QUALITY)?);
    Ok(Rendition { name: SHEET_NAME.to_owned(), content_type: "image/jpeg", width, height, bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BT709: Shown = Shown { quarters: 0, bt709: true, full_range: false };

    /// A picture of one colour with a white dot in its upper left corner.
    fn dotted(width: u32, height: u32) -> Frame {
        let size = Size::new(width, height);
        let samples = |size: Size| size.sides().0 * size.sides().1;
        let mut y = vec![81; samples(size)];
        y[0] = 235;
        let colours = samples(size.of_colour());
        Frame { size, y, cb: vec![90; colours], cr: vec![240; colours] }
    }

    fn pixel(pixels: &Pixels, x: usize, y: usize) -> [u8; 3] {
        pixels.data.as_chunks::<3>().0[y * pixels.size.sides().0 + x]
    }

    #[test]
    fn numbers_of_a_picture_become_the_colours_that_they_mean() {
        // Red in BT.601 over the limited range is (81, 90, 240), and (63, 102, 240) in BT.709.
        let bt601 = Shown { bt709: false, ..BT709 };
        let red = pixel(&rgb(&dotted(4, 4), bt601), 2, 2);
        assert!(red[0] >= 253 && red[1] <= 2 && red[2] <= 2, "{red:?}");
        let mut frame = dotted(4, 4);
        (frame.y, frame.cb) = (vec![63; 16], vec![102; 4]);
        let red = pixel(&rgb(&frame, BT709), 1, 3);
        assert!(red[0] >= 253 && red[1] <= 2 && red[2] <= 2, "{red:?}");
        let grey = |y: u8, shown| {
            let frame = Frame { size: Size::new(2, 2), y: vec![y; 4], cb: vec![128], cr: vec![128] };
            pixel(&rgb(&frame, shown), 0, 0)
        };
        assert_eq!([grey(16, BT709), grey(235, BT709), grey(0, BT709)], [[0; 3], [255; 3], [0; 3]]);
        let full = Shown { full_range: true, ..BT709 };
        assert_eq!([grey(16, full), grey(235, full), grey(255, full)], [[16; 3], [235; 3], [255; 3]]);
    }

    #[test]
    fn a_picture_is_turned_clockwise() {
        let picture = rgb(&dotted(6, 4), BT709);
        let dot = pixel(&picture, 0, 0);
        let corners = [(0, 0, 0), (1, 3, 0), (2, 5, 3), (3, 0, 5)];
        for (quarters, x, y) in corners {
            let turned = turned(picture.clone(), quarters);
            assert_eq!(turned.size, if quarters % 2 == 1 { Size::new(4, 6) } else { Size::new(6, 4) });
            assert_eq!(pixel(&turned, x, y), dot, "{quarters}");
        }
    }

    #[test]
    fn an_edge_is_sharper_than_a_slope_and_a_plain_picture_has_none() {
        let of = |light: fn(u8) -> u8| {
            let y = (0..64).flat_map(|_| (0..64).map(light)).collect();
            sharpness(&Frame { size: Size::new(64, 64), y, cb: vec![128; 1024], cr: vec![128; 1024] })
        };
        let (plain, slope, edges) = (of(|_| 90), of(|x| x * 2), of(|x| if x % 8 < 4 { 40 } else { 200 }));
        assert_eq!((plain, slope), (0, 0));
        assert!(edges > 1_000, "{edges}");
        assert_eq!(sharpness(&dotted(2, 2)), 0, "it is too small to have an edge");
    }

    #[test]
    fn the_sheet_has_rows_of_four() {
        let picture =
            |level: u8| Pixels { size: Size::new(16, 8), channels: Channels::Rgb, data: vec![level; 16 * 8 * 3] };
        let size = |n: u8| {
            let sheet = sheet(&(0..n).map(picture).collect::<Vec<_>>()).unwrap();
            (sheet.width, sheet.height)
        };
        assert_eq!([size(1), size(3), size(4), size(5), size(12)], [(16, 8), (48, 8), (64, 8), (64, 16), (64, 24)]);
        assert_eq!(sheet(&[]), Err(Unreadable::Unprocessable));
    }

    #[test]
    fn what_cannot_be_decoded_gives_no_stills_and_a_frame_that_lies_is_refused() {
        let limits = Limits::default();
        for streams in [vec![], vec![Vec::new()], vec![b"not a picture".to_vec(), vec![0, 0, 0, 1, 0x65, 0xFF]]] {
            assert_eq!(stills(streams, BT709, &limits), Err(Unreadable::Corrupt));
        }
        let late = Limits { deadline: Some(std::time::Instant::now()), ..Limits::default() };
        assert_eq!(stills([vec![1]], BT709, &late), Err(Unreadable::TooSlow));
        assert!(dotted(4, 4).is_whole(&limits));
        let mut short = dotted(4, 4);
        short.cb.pop();
        assert!(!short.is_whole(&limits));
    }
}
