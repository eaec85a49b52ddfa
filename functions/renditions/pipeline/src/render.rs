//! The image pipeline: the bytes of one original become its renditions.
//!
//! A pure function: no I/O, no clock except for the caller's deadline, no randomness. The same bytes give the same renditions, byte for
//! byte, for one build on one kind of processor (SIMD paths of different processors may round differently).
//!
//! Decision: the type of a file is what its first bytes say. Neither its name nor the type that the browser declared is compared with them:
//! browsers guess the type from the name, and a WebP saved as `.jpg` is an honest photo. What is published is our own encoding, so a wrong
//! declaration can do no harm. A rule against it would refuse photos and protect nobody.
//!
//! Decision: JPEG is decoded by [`crate::jpeg`], which says why, and all other formats by `image`.

mod card;
mod colour;
mod cover;
mod decode;
mod encode;
mod fingerprint;
mod hdr;
mod limits;
mod look;
pub mod measured;
mod orient;
mod pixels;
mod placeholder;
mod scale;
pub mod still;
mod unreadable;
mod ycc;

use self::{
    decode::Decoded,
    pixels::{Planes, Size},
};
use bytes::Bytes;

pub use self::card::{CARD_NAME, CARD_PX, card};
pub use self::cover::{Cover, PARTS};
pub use self::encode::{Formats, encode_jpeg};
pub use self::limits::Limits;
pub use self::look::Format;
pub use self::unreadable::Unreadable;

/// The result of rendering one original.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The original's format, by its bytes.
    pub format: Format,
    /// Width of the original as a viewer shows it (orientation applied), in pixels.
    pub width: u32,
    /// Height of the original as a viewer shows it (orientation applied), in pixels. If the original was cut off, width and height are
    /// those of the part that exists.
    pub height: u32,
    /// The renditions, largest first; for each size the JPEG and then the WebP. Longest edges are 2016 (for some originals 1920 to 2048,
    /// see `render/scale.rs`), 1280, 640 and 320. Nothing is enlarged: if the original is smaller than an edge, its own size takes that
    /// place. All sizes differ, so a tiny original has one.
    pub renditions: Vec<Rendition>,
    /// ThumbHash of the picture, standard base64 with padding.
    pub placeholder: String,
    /// The picture's average colour, `#rrggbb`.
    pub color: String,
    /// The perceptual hash: 64 bits by which photos of the same scene are found. `None` if the picture is too plain to be told from others.
    pub fingerprint: Option<u64>,
    /// Lower-case hexadecimal SHA-256 of the renditions' names and bytes. It names the folder in the review bucket, and a moderator's
    /// decision refers to it.
    pub hash: String,
    /// Whether the original ends early: its end marker is missing, or rows of the picture are.
    pub truncated: bool,
    /// How much of the picture is missing and cut off, in per cent of its rows: 0 to 25. (If more is missing, the original is
    /// [`Unreadable::Truncated`].)
    pub missing_percent: u8,
    /// How much of what is shown follows damaged data, in per cent of its area, rounded up. It may be grey, shifted, in false colours or
    /// less sharp. 0 if no damage was seen.
    pub damaged_percent: u8,
}

/// One derived file: sRGB pixels without metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendition {
    /// The file's name, `{longest edge}.jpg` or `.webp`, for example `2016.jpg`.
    pub name: String,
    /// The media type, `image/jpeg` or `image/webp`.
    pub content_type: &'static str,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The file's contents.
    pub bytes: Bytes,
}

/// Makes the renditions of one original.
///
/// It accepts JPEG, PNG and WebP with one frame. Orientation is applied, colours are converted to sRGB, transparency is laid on white, and
/// nothing but pixels is carried over.
///
/// # Errors
///
/// [`Unreadable`], with what the uploader can do about it. No input causes a panic: a decoder that panics is reported as
/// [`Unreadable::Unprocessable`].
pub fn render(original: &[u8], limits: &Limits) -> Result<Rendered, Unreadable> {
    render_covered(original, &[], limits)
}

/// Identifies a file by its header alone, and checks the limits. It is the first step of [`render`], which every file passes before a
/// decoder sees it.
///
/// # Errors
///
/// Those of [`render`] that need no decoder.
pub fn probe(original: &[u8], limits: &Limits) -> Result<Format, Unreadable> {
    look::look(original, limits).map(|header| header.format)
}

/// Makes the renditions with covers over what nobody should recognise: in every rendition, the placeholder and the colour.
///
/// # Errors
///
/// Those of [`render`].
pub fn render_covered(original: &[u8], covers: &[Cover], limits: &Limits) -> Result<Rendered, Unreadable> {
    guarded(original, covers, limits, Formats::JpegAndWebp)
}

/// Makes the renditions in other formats than those that are published.
///
/// # Errors
///
/// Those of [`render`].
pub fn render_as(original: &[u8], limits: &Limits, formats: Formats) -> Result<Rendered, Unreadable> {
    guarded(original, &[], limits, formats)
}

fn guarded(original: &[u8], covers: &[Cover], limits: &Limits, formats: Formats) -> Result<Rendered, Unreadable> {
    // The panic hook still prints a line: a panicking decoder is a fault that should be seen in the logs.
    std::panic::catch_unwind(|| steps(original, covers, limits, formats)).unwrap_or(Err(Unreadable::Unprocessable))
}

fn steps(original: &[u8], covers: &[Cover], limits: &Limits, formats: Formats) -> Result<Rendered, Unreadable> {
    let header = look::look(original, limits)?;
    limits.in_time()?;
    let Decoded { picture, rows, damaged_percent } = decode::decode(&header, limits)?;
    limits.in_time()?;
    let picture = orient::upright(picture, header.orientation);
    let picture = colour::to_srgb(picture, &header.profile);
    let picture = cover::covered(picture, covers)?;
    let size = header.orientation.turned(Size::new(header.size.width, rows));
    let rendered = finished(header.format, picture, size, limits, formats)?;

    Ok(Rendered {
        truncated: !header.complete || rows < header.size.height,
        missing_percent: missing_percent(header.size.height, rows),
        damaged_percent,
        ..rendered
    })
}

/// The last steps, which files of all formats share. `size` is that of the upright original.
fn finished(
    format: Format,
    picture: Planes,
    size: Size,
    limits: &Limits,
    formats: Formats,
) -> Result<Rendered, Unreadable> {
    limits.in_time()?;
    let pictures = scale::cascade(picture, size)?;
    limits.in_time()?;
    let renditions = encode::all(&pictures, formats)?;
    let smallest = colour::rgb(pictures.last())?;
    let (placeholder, color) = placeholder::of(&smallest)?;
    let fingerprint = fingerprint::of(&smallest)?;
    Ok(Rendered {
        format,
        width: size.width,
        height: size.height,
        hash: encode::hash(&renditions),
        renditions,
        placeholder,
        color,
        fingerprint,
        truncated: false,
        missing_percent: 0,
        damaged_percent: 0,
    })
}

/// Returns whole per cent, rounded up, so that a missing part never counts as 0.
fn missing_percent(height: u32, rows: u32) -> u8 {
    let missing = u64::from(height.saturating_sub(rows)) * 100;
    u8::try_from(missing.div_ceil(u64::from(height.max(1)))).unwrap_or(100)
}
