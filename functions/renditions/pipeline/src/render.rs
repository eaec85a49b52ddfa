//! The image pipeline: the bytes of one original become its renditions.
//!
//! A pure function: no I/O, no clock but the deadline that the caller hands in, no randomness. The same bytes give the same
//! renditions, byte for byte, for one build on one kind of processor (SIMD paths of different processors may round differently).
//!
//! Decision: the type of a file is what its first bytes say. Neither its name nor the type that the browser declared is
//! compared with it: browsers guess the type from the name, and a WebP saved as `.jpg` is an honest photo. What we publish is
//! our own encoding, so a wrong declaration can do no harm. A rule against it would refuse photos and protect nobody.
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
mod unreadable;
mod ycc;

use self::{decode::Decoded, pixels::Size};
use bytes::Bytes;

pub use self::card::{CARD_NAME, CARD_PX, card};
pub use self::cover::{Cover, PARTS};
pub use self::encode::{Formats, encode_jpeg};
pub use self::limits::Limits;
pub use self::look::Format;
pub use self::unreadable::Unreadable;

/// What the pipeline makes of one original.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// What the original is, by its bytes.
    pub format: Format,
    /// Width of the original as a viewer shows it (orientation applied), in pixels.
    pub width: u32,
    /// Height of the original as a viewer shows it (orientation applied), in pixels. Of one that was cut, width and height are
    /// those of the part that is there.
    pub height: u32,
    /// Largest first, of each size the JPEG and then the WebP. Longest edges 2016 (of some originals 1920 to 2015, see
    /// `render/scale.rs`), 1280, 640 and 320, never enlarged: where the original is smaller than an edge, its own size takes that
    /// place. No two sizes are equal, so a tiny original has one.
    pub renditions: Vec<Rendition>,
    /// ThumbHash of the picture, standard base64 with padding.
    pub placeholder: String,
    /// The picture's average colour, `#rrggbb`.
    pub color: String,
    /// What the picture looks like: the 64 bits by which photos of one scene are found. `None` if it is too plain to tell from others.
    pub fingerprint: Option<u64>,
    /// Lower-case hexadecimal SHA-256 over the renditions' names and bytes. It names the folder in the review bucket, and is what
    /// a moderator's decision refers to.
    pub hash: String,
    /// The original ends early: its end marker is missing, or rows of the picture are.
    pub truncated: bool,
    /// How much of the picture is missing and cut off, in per cent of its rows, 0 to 25. (One of which more is missing is
    /// [`Unreadable::Truncated`].)
    pub missing_percent: u8,
    /// How much of what is shown follows damaged data, in per cent of its area, rounded up: it may be grey, shifted, in false
    /// colours or less sharp. 0 if no damage was seen.
    pub damaged_percent: u8,
}

/// One derived file: sRGB pixels without metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendition {
    /// `{longest edge}.jpg` or `.webp`, for example `2016.jpg`.
    pub name: String,
    /// `image/jpeg` or `image/webp`.
    pub content_type: &'static str,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// The file.
    pub bytes: Bytes,
}

/// Makes the renditions of one original.
///
/// Takes JPEG, PNG and WebP with one frame. Orientation is applied, colours are converted to sRGB, transparency is laid on
/// white, and nothing but pixels is carried over.
///
/// # Errors
///
/// [`Unreadable`], with what the uploader can do about it. No input panics: a decoder that does is reported as
/// [`Unreadable::Unprocessable`].
pub fn render(original: &[u8], limits: &Limits) -> Result<Rendered, Unreadable> {
    render_covered(original, &[], limits)
}

/// What a file is by its header alone, if that is within the limits: the first step of [`render`], which every file passes before
/// a decoder sees it.
///
/// # Errors
///
/// Those of [`render`] that need no decoder.
pub fn probe(original: &[u8], limits: &Limits) -> Result<Format, Unreadable> {
    look::look(original, limits).map(|header| header.format)
}

/// The same with covers over what nobody shall recognise, in every rendition, the placeholder and the colour.
///
/// # Errors
///
/// Those of [`render`].
pub fn render_covered(original: &[u8], covers: &[Cover], limits: &Limits) -> Result<Rendered, Unreadable> {
    guarded(original, covers, limits, Formats::JpegAndWebp)
}

/// The same in other formats than those that are published.
///
/// # Errors
///
/// Those of [`render`].
pub fn render_as(original: &[u8], limits: &Limits, formats: Formats) -> Result<Rendered, Unreadable> {
    guarded(original, &[], limits, formats)
}

fn guarded(original: &[u8], covers: &[Cover], limits: &Limits, formats: Formats) -> Result<Rendered, Unreadable> {
    // The panic hook still prints a line: a panicking decoder is a fault that somebody should see in the logs.
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
    limits.in_time()?;
    let size = header.orientation.turned(Size::new(header.size.width, rows));
    let pictures = scale::cascade(picture, size)?;
    limits.in_time()?;
    let renditions = encode::all(&pictures, formats)?;
    let smallest = colour::rgb(pictures.last())?;
    let (placeholder, color) = placeholder::of(&smallest)?;
    let fingerprint = fingerprint::of(&smallest)?;

    Ok(Rendered {
        format: header.format,
        width: size.width,
        height: size.height,
        hash: encode::hash(&renditions),
        renditions,
        placeholder,
        color,
        fingerprint,
        truncated: !header.complete || rows < header.size.height,
        missing_percent: missing_percent(header.size.height, rows),
        damaged_percent,
    })
}

/// In whole per cent, rounded up: what is missing is never called nothing.
fn missing_percent(height: u32, rows: u32) -> u8 {
    let missing = u64::from(height.saturating_sub(rows)) * 100;
    u8::try_from(missing.div_ceil(u64::from(height.max(1)))).unwrap_or(100)
}
