//! Photographic input made in code, and the ways to pack it into files.
#![expect(clippy::unwrap_used, reason = "what cannot be made cannot be tested")]
#![allow(dead_code, reason = "each test file uses its part")]

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, RgbImage};
use libjpeg_turbo_rs::{Encoder, PixelFormat, Subsampling};
use pipeline::render::{Limits, Rendered, Rendition, Unreadable};

/// A bench by a window: smooth light, saturated bottles, fine grain, and nothing symmetrical. The same for every size.
pub fn scene(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let (u, v) = (f64::from(x) / f64::from(width), f64::from(y) / f64::from(height));
        let light = 90.0 + 120.0 * (1.0 - v) * (0.4 + 0.6 * u);
        let mut rgb = [light, light * 0.94, light * 0.82];
        for (centre_x, centre_y, radius, paint) in [
            (0.2, 0.6, 0.14, [200.0, 60.0, 40.0]),
            (0.45, 0.7, 0.11, [30.0, 90.0, 180.0]),
            (0.72, 0.55, 0.18, [240.0, 178.0, 40.0]),
            (0.85, 0.2, 0.08, [20.0, 120.0, 60.0]),
        ] {
            let distance = ((u - centre_x).powi(2) + (v - centre_y).powi(2)).sqrt() / radius;
            let cover = (1.5 - distance).clamp(0.0, 1.0);
            for (channel, paint) in rgb.iter_mut().zip(paint) {
                *channel += (paint * (1.1 - 0.3 * distance) - *channel) * cover;
            }
        }
        let grain = f64::from((x.wrapping_mul(73_856_093) ^ y.wrapping_mul(19_349_663)) >> 7 & 7) - 3.5;
        image::Rgb(rgb.map(|channel| byte(channel + grain)))
    })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte")]
pub fn byte(value: f64) -> u8 {
    value.round().clamp(0.0, 255.0) as u8
}

pub fn encoder(picture: &RgbImage) -> Encoder<'_> {
    let (width, height) = (picture.width().try_into().unwrap(), picture.height().try_into().unwrap());
    Encoder::new(picture.as_raw(), width, height, PixelFormat::Rgb).quality(92).subsampling(Subsampling::S420)
}

pub fn jpeg(picture: &RgbImage) -> Vec<u8> {
    encoder(picture).encode().unwrap()
}

/// A baseline JPEG in 4:2:0 whose components come one after the other, a scan for each, as some cameras write it.
pub fn in_three_scans(picture: &RgbImage) -> Vec<u8> {
    let raw = libjpeg_turbo_rs::decompress_raw(&jpeg(picture)).unwrap();
    let (width, height) = (raw.width, raw.height);
    let alone = [(width, height), (width.div_ceil(2), height.div_ceil(2)), (width.div_ceil(2), height.div_ceil(2))];
    let files = alone.iter().zip(&raw.planes).zip(&raw.plane_widths).map(|((&(wide, high), plane), &stride)| {
        let rows = plane.chunks(stride).take(high).flat_map(|row| &row[..wide]).copied().collect::<Vec<_>>();
        Encoder::new(&rows, wide, high, PixelFormat::Grayscale).quality(95).encode().unwrap()
    });
    let files = files.collect::<Vec<_>>();
    let at = |file: &[u8], marker: u8| file.windows(2).position(|pair| pair == [0xFF, marker]).unwrap();
    let two = |side: usize| u16::try_from(side).unwrap().to_be_bytes();
    let [tables, frame, codes, scan] = [0xDB, 0xC0, 0xC4, 0xDA].map(|marker| at(&files[0], marker));
    let header = [&[8][..], &two(height), &two(width), &[3, 1, 0x22, 0, 2, 0x11, 0, 3, 0x11, 0]].concat();
    let mut file = [&[0xFF, 0xD8], &files[0][tables..frame], &segment(0xC0, &header), &files[0][codes..scan]].concat();
    for (component, of) in (1..).zip(&files) {
        file.extend(segment(0xDA, &[1, component, 0, 0, 63, 0]));
        file.extend(&of[at(of, 0xDA) + 10..of.len() - 2]);
    }
    file.extend([0xFF, 0xD9]);
    file
}

/// A PNG or a lossless WebP.
pub fn packed(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    picture.into().write_to(&mut file, format).unwrap();
    file.into_inner()
}

/// A TIFF block that says which way up, with room for more entries of text: (tag, text).
pub fn exif(orientation: u16, texts: &[(u16, &str)]) -> Vec<u8> {
    let mut block = b"II*\0\x08\0\0\0".to_vec();
    let entries = texts.len() + 1;
    block.extend(u16::try_from(entries).unwrap().to_le_bytes());
    block.extend([0x12, 1, 3, 0, 1, 0, 0, 0]);
    block.extend(u32::from(orientation).to_le_bytes());
    let mut at = 8 + 2 + 12 * entries + 4;
    for (tag, text) in texts {
        block.extend(tag.to_le_bytes());
        block.extend(2_u16.to_le_bytes());
        block.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
        block.extend(u32::try_from(at).unwrap().to_le_bytes());
        at += text.len();
    }
    block.extend([0; 4]);
    for (_, text) in texts {
        block.extend(text.as_bytes());
    }
    block
}

/// A PNG chunk, with its check sum.
pub fn chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let mut chunk = u32::try_from(data.len()).unwrap().to_be_bytes().to_vec();
    chunk.extend(kind);
    chunk.extend(data);
    let sum = chunk[4..].iter().fold(u32::MAX, |sum, &byte| {
        (0..8).fold(sum ^ u32::from(byte), |sum, _| (sum >> 1) ^ (0xEDB8_8320 & (sum & 1).wrapping_neg()))
    });
    chunk.extend((!sum).to_be_bytes());
    chunk
}

/// An interlaced PNG (Adam7) of pixels with as many bytes as the last of `header` says: bits, colour type, bytes.
pub fn interlaced((width, height): (u32, u32), header: (u8, u8, usize), pixels: &[u8]) -> Vec<u8> {
    // (first column, first row, columns to the next, rows to the next) of each pass.
    const PASSES: [(usize, usize, usize, usize); 7] =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];
    let (bits, colour, bytes) = header;
    let row = bytes * usize::try_from(width).unwrap();
    let mut data = vec![];
    for (left, top, across, down) in PASSES {
        for row in pixels.chunks_exact(row).skip(top).step_by(down) {
            let pass = row.chunks_exact(bytes).skip(left).step_by(across).collect::<Vec<_>>();
            if !pass.is_empty() {
                data.push(0); // the filter: none
                for pixel in pass {
                    data.extend_from_slice(pixel);
                }
            }
        }
    }
    let sides = [width.to_be_bytes(), height.to_be_bytes()].concat();
    let header = chunk(*b"IHDR", &[&sides[..], &[bits, colour, 0, 0, 1]].concat());
    let data = chunk(*b"IDAT", &miniz_oxide::deflate::compress_to_vec_zlib(&data, 1));
    [&b"\x89PNG\r\n\x1a\n"[..], &header, &data, &chunk(*b"IEND", &[])].concat()
}

/// Puts chunks right after the header of a PNG.
pub fn with_chunks(png: &[u8], chunks: &[Vec<u8>]) -> Vec<u8> {
    [&png[..33], &chunks.concat(), &png[33..]].concat()
}

/// A JPEG segment.
pub fn segment(marker: u8, data: &[u8]) -> Vec<u8> {
    [&[0xFF, marker], &u16::try_from(data.len() + 2).unwrap().to_be_bytes()[..], data].concat()
}

/// Puts segments right after the start of a JPEG.
pub fn with_segments(jpeg: &[u8], segments: &[Vec<u8>]) -> Vec<u8> {
    [&jpeg[..2], &segments.concat(), &jpeg[2..]].concat()
}

/// A WebP with more chunks, in the extended format.
pub fn with_webp_chunks(webp: &[u8], size: (u32, u32), flags: u8, chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let canvas = [&[flags, 0, 0, 0], &(size.0 - 1).to_le_bytes()[..3], &(size.1 - 1).to_le_bytes()[..3]].concat();
    let mut body = b"WEBP".to_vec();
    let mut put = |kind: &[u8; 4], data: &[u8]| {
        body.extend(kind);
        body.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        body.extend(data);
        body.extend(std::iter::repeat_n(0, data.len() % 2));
    };
    put(b"VP8X", &canvas);
    for (kind, data) in chunks {
        put(kind, data);
    }
    body.extend(&webp[12..]);
    [b"RIFF", &u32::try_from(body.len()).unwrap().to_le_bytes()[..], &body].concat()
}

pub fn render(original: &[u8]) -> Result<Rendered, Unreadable> {
    pipeline::render::render(original, &Limits::default())
}

/// The pixels of a rendition, by the way of a decoder that knows nothing of ours but the file.
pub fn seen(rendition: &Rendition) -> RgbImage {
    if rendition.content_type == "image/webp" {
        return image::load_from_memory(&rendition.bytes).unwrap().into_rgb8();
    }
    let image = libjpeg_turbo_rs::decompress_to(&rendition.bytes, PixelFormat::Rgb).unwrap();
    RgbImage::from_raw(rendition.width, rendition.height, image.data).unwrap()
}

/// How far apart two pictures of the same size are: the root of the mean square of their differences, in levels, after both
/// were brought down to 48 pixels, so that grain and compression do not count.
pub fn distance(one: &RgbImage, other: &RgbImage) -> f64 {
    assert_eq!(one.dimensions(), other.dimensions());
    let small = |picture: &RgbImage| DynamicImage::from(picture.clone()).thumbnail(48, 48).into_rgb8().into_raw();
    let (one, other) = (small(one), small(other));
    let sum = one.iter().zip(&other).map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2)).sum::<f64>();
    (sum / f64::from(u32::try_from(one.len()).unwrap())).sqrt()
}

/// SplitMix64: chance with a seed, so that a failure can be seen again.
pub struct Chance(pub u64);

impl Chance {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit).unwrap()).unwrap()
    }
}

/// 48 × 32, four fields of colour: red, green, blue, yellow. Lossy, with an sRGB profile, as a browser writes it.
pub const LOSSY_WEBP: &str = "UklGRlQCAABXRUJQVlA4WAoAAAAgAAAALwAAHwAASUNDUMgBAAAAAAHIAAAAAAQwAABtbnRyUkdCIFhZWiAH4AABAAEAAAAAAABhY3NwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAA9tYAAQAAAADTLQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAlkZXNjAAAA8AAAACRyWFlaAAABFAAAABRnWFlaAAABKAAAABRiWFlaAAABPAAAABR3dHB0AAABUAAAABRyVFJDAAABZAAAAChnVFJDAAABZAAAAChiVFJDAAABZAAAAChjcHJ0AAABjAAAADxtbHVjAAAAAAAAAAEAAAAMZW5VUwAAAAgAAAAcAHMAUgBHAEJYWVogAAAAAAAAb6IAADj1AAADkFhZWiAAAAAAAABimQAAt4UAABjaWFlaIAAAAAAAACSgAAAPhAAAts9YWVogAAAAAAAA9tYAAQAAAADTLXBhcmEAAAAAAAQAAAACZmYAAPKnAAANWQAAE9AAAApbAAAAAAAAAABtbHVjAAAAAAAAAAEAAAAMZW5VUwAAACAAAAAcAEcAbwBvAGcAbABlACAASQBuAGMALgAgADIAMAAxADZWUDggZgAAANAEAJ0BKjAAIAA+nUKXSaWkIiE6uZgAsBOJZgC7OQA1PbjH5AcIEd+gngo1dQQAAP7r3iUGTp385hV3CQlMvqnJu/wbDflU8k+J9y0ZBKfyRkCO3lL//WEfoLKhdbHt4nuvMogAAA==";

/// The same without the yellow field, which is transparent.
pub const LOSSY_WEBP_WITH_ALPHA: &str = "UklGRm4CAABXRUJQVlA4WAoAAAAwAAAALwAAHwAASUNDUMgBAAAAAAHIAAAAAAQwAABtbnRyUkdCIFhZWiAH4AABAAEAAAAAAABhY3NwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAA9tYAAQAAAADTLQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAlkZXNjAAAA8AAAACRyWFlaAAABFAAAABRnWFlaAAABKAAAABRiWFlaAAABPAAAABR3dHB0AAABUAAAABRyVFJDAAABZAAAAChnVFJDAAABZAAAAChiVFJDAAABZAAAAChjcHJ0AAABjAAAADxtbHVjAAAAAAAAAAEAAAAMZW5VUwAAAAgAAAAcAHMAUgBHAEJYWVogAAAAAAAAb6IAADj1AAADkFhZWiAAAAAAAABimQAAt4UAABjaWFlaIAAAAAAAACSgAAAPhAAAts9YWVogAAAAAAAA9tYAAQAAAADTLXBhcmEAAAAAAAQAAAACZmYAAPKnAAANWQAAE9AAAApbAAAAAAAAAABtbHVjAAAAAAAAAAEAAAAMZW5VUwAAACAAAAAcAEcAbwBvAGcAbABlACAASQBuAGMALgAgADIAMAAxADZBTFBIFgAAAAEPMP8REYJM2ib+TdfA9kf0fwJ6iGVWUDggYgAAALAEAJ0BKjAAIAA+nUSXSaWkIiE6uZgAsBOJZAC4aQA08LjH5AcgTX4DbU7uX6YA/uveIsToYvzmD21r/pN+f9Kf78Bb8oy/ZxBDILow95BK7AunP/9QztdbJDNoC36QgAAA";

pub fn decoded(base64: &str) -> Vec<u8> {
    data_encoding::BASE64.decode(base64.as_bytes()).unwrap()
}
