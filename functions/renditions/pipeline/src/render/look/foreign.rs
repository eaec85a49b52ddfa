//! Names the formats that people try to upload and that are not accepted, so that the error can be exact. They are recognised by their
//! first bytes, as `file` and the formats' own documents describe them.

use super::{be_u32, length};
use crate::render::Unreadable;

/// Number of bytes at the start of a file that are searched.
const HEAD: usize = 1024;

/// Whether this is a HEIC photo: HEIF with an HEVC picture.
pub fn is_heic(original: &[u8]) -> bool {
    matches!(heif(original), Some(Heif::Hevc))
}

/// Names the format of a file.
pub fn named(original: &[u8]) -> Unreadable {
    if let Some(found) = raw(original) {
        return Unreadable::Raw { found };
    }
    if let Some(found) = picture(original) {
        return Unreadable::UnsupportedType { found };
    }
    match other(original) {
        Some(found) => Unreadable::NotAPhoto { found },
        None => Unreadable::NotAnImage,
    }
}

/// Recognises the raw files that cameras store beside their JPEG.
fn raw(original: &[u8]) -> Option<&'static str> {
    Some(match original {
        [_, _, _, _, b'f', b't', b'y', b'p', b'c', b'r', b'x', b' ', ..] => "Canon CR3",
        [b'I', b'I', 42, 0, _, _, _, _, b'C', b'R', ..] => "Canon CR2",
        [b'I', b'I', 26, 0, 0, 0, b'H', b'E', b'A', b'P', b'C', b'C', b'D', b'R', ..] => "Canon CRW",
        [b'F', b'U', b'J', b'I', b'F', b'I', b'L', b'M', b'C', b'C', b'D', b'-', b'R', b'A', b'W', ..] => {
            "Fujifilm RAF"
        }
        [b'I', b'I', b'R', b'O' | b'S', ..] | [b'M', b'M', b'O', b'R', ..] => "Olympus ORF",
        [b'I', b'I', b'U', 0, ..] => "Panasonic RW2",
        [b'F', b'O', b'V', b'b', ..] => "Sigma X3F",
        [0, b'M', b'R', b'M', ..] => "Minolta MRW",
        _ => return None,
    })
}

/// Recognises pictures. The name has its article.
fn picture(original: &[u8]) -> Option<&'static str> {
    Some(match original {
        [b'G', b'I', b'F', b'8', ..] => "a GIF",
        [b'B', b'M', _, _, _, _, _, _, _, _, offset, _, 0, 0, 12 | 40 | 52 | 56 | 64 | 108 | 124, 0, 0, 0, ..]
            if *offset >= 14 =>
        {
            "a BMP"
        }
        [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => "a TIFF or raw",
        [b'8', b'B', b'P', b'S', ..] => "a Photoshop",
        [0xFF, 0x0A, ..] | [0, 0, 0, 12, b'J', b'X', b'L', b' ', ..] => "a JPEG XL",
        [0, 0, 0, 12, b'j', b'P', b' ', b' ', ..] | [0xFF, 0x4F, 0xFF, 0x51, ..] => "a JPEG 2000",
        [b'I', b'I', 0xBC, ..] => "a JPEG XR",
        [0, 0, 1 | 2, 0, 1..=64, 0, ..] => "an icon",
        [b'g', b'i', b'm', b'p', b' ', b'x', b'c', b'f', ..] => "a GIMP",
        [0x76, 0x2F, 0x31, 0x01, ..] => "an OpenEXR",
        [b'%', b'!', b'P', b'S', ..] | [0xC5, 0xD0, 0xD3, 0xC6, ..] => "a PostScript",
        [0xD7, 0xCD, 0xC6, 0x9A, ..] => "a Windows metafile",
        _ if is_svg(original) => "an SVG",
        _ => match heif(original)? {
            Heif::Av1 => "an AVIF",
            Heif::Hevc | Heif::Other => "a HEIF",
        },
    })
}

/// Recognises files that are not pictures.
fn other(original: &[u8]) -> Option<&'static str> {
    let text = original.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(original).trim_ascii_start();
    Some(match original {
        _ if text.starts_with(b"%PDF") => "a PDF",
        _ if starts_like(text, b"<!doctype html") || starts_like(text, b"<html") => "a web page",
        [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, ..] => "an Office document",
        [b'P', b'K', 3, 4, ..] => match original.get(30..).unwrap_or_default() {
            rest if rest.starts_with(b"[Content_Types].xml") || rest.starts_with(b"_rels/") => "an Office document",
            rest if rest.starts_with(b"mimetypeapplication/vnd.oasis") => "an Office document",
            _ => "a zip archive",
        },
        [b'R', b'a', b'r', b'!', ..] | [b'7', b'z', 0xBC, 0xAF, ..] | [0x1F, 0x8B, ..] => "an archive",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'A', b'V', b'I', b' ', ..]
        | [0x1A, 0x45, 0xDF, 0xA3, ..]
        | [0x30, 0x26, 0xB2, 0x75, ..]
        | [0, 0, 1, 0xBA | 0xB3, ..]
        | [b'F', b'L', b'V', 1, ..]
        | [_, _, _, _, b'f', b't', b'y', b'p', ..]
        | [_, _, _, _, b'm', b'o', b'o', b'v', ..]
        | [_, _, _, _, b'm', b'd', b'a', b't', ..]
        | [_, _, _, _, b'w', b'i', b'd', b'e', ..]
        | [_, _, _, _, b'f', b'r', b'e', b'e', ..] => "a video",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..]
        | [b'I', b'D', b'3', ..]
        | [b'O', b'g', b'g', b'S', ..] => "a sound file",
        _ => return None,
    })
}

fn starts_like(text: &[u8], start: &[u8]) -> bool {
    text.get(..start.len()).is_some_and(|text| text.eq_ignore_ascii_case(start))
}

enum Heif {
    Hevc,
    Av1,
    Other,
}

/// Returns how a HEIF file encodes its picture, by all its brands (ISO/IEC 23008-12 §10): the first may say only that it is HEIF.
fn heif(original: &[u8]) -> Option<Heif> {
    let [_, _, _, _, b'f', b't', b'y', b'p', ..] = original else { return None };
    let size = length(be_u32(original, 0)?);
    let (first, rest) = original.get(8..size.clamp(12, HEAD).min(original.len()))?.as_chunks::<4>().0.split_first()?;
    let is_hevc = |brand: &[u8; 4]| {
        matches!(brand, b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"hevm" | b"hevs")
    };
    let is_av1 = |brand: &[u8; 4]| matches!(brand, b"avif" | b"avis");
    // The first compatible brand follows the minor version.
    let compatible = rest.get(1..).unwrap_or_default();
    Some(match first {
        first if is_hevc(first) => Heif::Hevc,
        first if is_av1(first) => Heif::Av1,
        b"mif1" | b"mif2" | b"mif3" | b"msf1" if compatible.iter().any(is_av1) => Heif::Av1,
        b"mif1" | b"msf1" if compatible.iter().any(is_hevc) || compatible.is_empty() => Heif::Hevc,
        b"mif1" | b"mif2" | b"mif3" | b"msf1" | b"avci" | b"avcs" | b"jpeg" | b"jpgs" | b"j2ki" | b"j2is" | b"vvic"
        | b"vvis" | b"evbi" => Heif::Other,
        _ => return None,
    })
}

fn is_svg(original: &[u8]) -> bool {
    let head = original.get(..original.len().min(HEAD)).unwrap_or_default();
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    head.starts_with(b"<") && head.windows(4).any(|word| word.eq_ignore_ascii_case(b"<svg"))
}
