//! The logos of sponsors: small PNG files that the site serves itself.
//!
//! Decision: a logo is a PNG and nothing else, with only the chunks that a picture needs, and bounded in bytes and pixels. The console's page
//! draws whatever picture its browser can show, SVG files among them, into such a PNG; so no file of a stranger's making is served, and
//! this crate needs no decoder. Given up: a logo is not sharp at any size.

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};

use super::{ids::Sha256Hex, refusal::Refusal};

/// The most bytes of a logo's file.
pub const BYTES_MAX: usize = 60_000;
/// The widest and the highest logo, in pixels.
pub const SIDES_MAX: (u32, u32) = (600, 300);
/// The bytes with which every PNG file begins.
const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// The chunks that a logo may have. Texts, times, colour profiles and animations are not among them.
const CHUNKS: [&[u8; 4]; 8] = [b"IHDR", b"PLTE", b"tRNS", b"sRGB", b"gAMA", b"pHYs", b"IDAT", b"IEND"];

/// The logo of a sponsor of an edition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Logo {
    /// The sponsor's name, as in the settings.
    pub sponsor: String,
    /// The hash of the file, which is also its name on the site.
    pub sha256: Sha256Hex,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

impl Logo {
    /// Reads the file of a logo from base64. Returns the file, too.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] for anything but base64; those of [`Self::read`].
    pub fn decode(sponsor: &str, png: &str) -> Result<(Self, Vec<u8>), Refusal> {
        let file = BASE64.decode(png.as_bytes()).map_err(|error| Refusal::Invalid {
            field: "png",
            got: error.to_string(),
            expected: "a file in base64".to_owned(),
        })?;
        Ok((Self::read(sponsor, &file)?, file))
    }

    /// Reads the file of a logo.
    ///
    /// # Errors
    /// [`Refusal::TooLarge`] for too many bytes, [`Refusal::Invalid`] for anything but a plain PNG of at most [`SIDES_MAX`].
    pub fn read(sponsor: &str, file: &[u8]) -> Result<Self, Refusal> {
        if file.len() > BYTES_MAX {
            let bytes = |length| u64::try_from(length).unwrap_or(u64::MAX);
            return Err(Refusal::TooLarge { limit_bytes: bytes(BYTES_MAX), got_bytes: bytes(file.len()) });
        }
        let invalid = |got: String| Refusal::Invalid {
            field: "png",
            got,
            expected: format!("a plain PNG of at most {} by {} pixels", SIDES_MAX.0, SIDES_MAX.1),
        };
        let sides = sides(file).ok_or_else(|| invalid("no plain PNG".to_owned()))?;
        if !(1..=SIDES_MAX.0).contains(&sides.0) || !(1..=SIDES_MAX.1).contains(&sides.1) {
            return Err(invalid(format!("{} by {} pixels", sides.0, sides.1)));
        }
        Ok(Self { sponsor: sponsor.to_owned(), sha256: Sha256Hex::digest(file), width: sides.0, height: sides.1 })
    }
}

/// Returns width and height of a PNG in pixels; `None` if the file is no PNG, has other chunks than [`CHUNKS`], or does not end where it says.
fn sides(file: &[u8]) -> Option<(u32, u32)> {
    let mut rest = file.strip_prefix(SIGNATURE)?;
    let mut sides = None;
    loop {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let (kind, after) = after.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let data = after.get(..length)?;
        // Four bytes of checksum follow the data.
        rest = after.get(length.checked_add(4)?..)?;
        if !CHUNKS.contains(&kind) || (sides.is_none() != (kind == b"IHDR")) {
            return None;
        }
        if kind == b"IHDR" {
            let (width, more) = data.split_first_chunk::<4>()?;
            let (height, _) = more.split_first_chunk::<4>()?;
            sides = Some((u32::from_be_bytes(*width), u32::from_be_bytes(*height)));
        }
        if kind == b"IEND" {
            return sides.filter(|_| rest.is_empty());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(kind: &[u8], data: &[u8]) -> Vec<u8> {
        let length = u32::try_from(data.len()).unwrap().to_be_bytes();
        [&length[..], kind, data, &[0; 4]].concat()
    }

    fn png(width: u32, height: u32, more: &[Vec<u8>]) -> Vec<u8> {
        let head = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 6, 0, 0, 0]].concat();
        let mut file = [SIGNATURE, &chunk(b"IHDR", &head)].concat();
        file.extend(more.concat());
        file.extend(chunk(b"IDAT", b"data"));
        file.extend(chunk(b"IEND", b""));
        file
    }

    fn refused(file: &[u8]) -> bool {
        matches!(Logo::read("Sample", file), Err(Refusal::Invalid { field: "png", .. }))
    }

    #[test]
    fn a_plain_small_png_is_a_logo() {
        let file = png(600, 300, &[chunk(b"sRGB", &[0])]);
        let logo = Logo::read("Sample", &file).unwrap();
        assert_eq!((logo.width, logo.height, &logo.sha256), (600, 300, &Sha256Hex::digest(&file)));
    }

    #[test]
    fn nothing_else_is_one() {
        for (width, height) in [(601, 300), (600, 301), (0, 10), (10, 0), (u32::MAX, 1)] {
            assert!(refused(&png(width, height, &[])), "{width} by {height}");
        }
        for kind in [b"tEXt", b"eXIf", b"acTL", b"iCCP", b"zTXt", b"IHDR"] {
            assert!(refused(&png(10, 10, &[chunk(kind, b"x")])), "{kind:?}");
        }
        let whole = png(10, 10, &[]);
        for end in 0..whole.len() {
            assert!(refused(&whole[..end]), "cut at {end}");
        }
        assert!(refused(&[&whole[..], b"<script>"].concat()), "something behind its end");
        assert!(refused(b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>"));
        assert!(refused(&[SIGNATURE, &chunk(b"IDAT", b"x"), &chunk(b"IEND", b"")].concat()), "without a header");
        let large = png(10, 10, &[chunk(b"IDAT", &vec![0; BYTES_MAX])]);
        assert!(matches!(Logo::read("Sample", &large), Err(Refusal::TooLarge { limit_bytes: 60_000, .. })));
    }
}
