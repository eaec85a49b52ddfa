//! Writes the seed corpus: small files of every kind, made in code.
//!
//!     cargo run --bin seeds FOLDER        # fills FOLDER/{header,metadata,jpeg,film,render}

#[path = "../../film/tests/made/mod.rs"]
mod films;

use std::{fs, io::Cursor, path::Path};

use image::{DynamicImage, ImageFormat, RgbImage};
use libfuzzer_sys as _; // has what instrumented code calls
use libjpeg_turbo_rs::{ColorSpace, Encoder, PixelFormat, Subsampling};

fn main() -> std::io::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "corpus".to_owned());
    let folder = Path::new(&folder);
    let jpegs = jpegs();
    let others = others();
    let exif = b"Exif\0\0II*\0\x08\0\0\0\x02\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\x69\x87\x04\0\x01\0\0\0\x26\0\0\0\0\0\0\0".to_vec();
    let profiles = [moxcms::ColorProfile::new_display_p3(), moxcms::ColorProfile::new_gray_with_gamma(2.2)];
    let profiles = profiles.iter().filter_map(|profile| profile.encode().ok());
    let metadata = std::iter::once(exif).chain(profiles).collect::<Vec<_>>();
    let all = jpegs.iter().chain(&others).cloned().collect::<Vec<_>>();
    let films = films::recipes().iter().map(films::Recipe::file).collect::<Vec<_>>();
    let targets = [("header", &all), ("render", &all), ("jpeg", &jpegs), ("metadata", &metadata), ("film", &films)];
    for (target, seeds) in targets {
        fs::create_dir_all(folder.join(target))?;
        for (n, seed) in seeds.iter().enumerate() {
            fs::write(folder.join(target).join(format!("seed-{n:02}")), seed)?;
        }
    }
    Ok(())
}

fn picture(width: u32, height: u32) -> RgbImage {
    let level = |x: u32, y: u32| u8::try_from((x * 37 + y * 11 + x * y) % 256).unwrap_or_default();
    RgbImage::from_fn(width, height, |x, y| image::Rgb([level(x, y), level(y, x), level(x / 3, y / 2)]))
}

fn jpegs() -> Vec<Vec<u8>> {
    let mut files = Vec::new();
    for (width, height) in [(24_u16, 17_u16), (33, 40), (1, 1)] {
        let picture = picture(width.into(), height.into());
        let encoder = || Encoder::new(picture.as_raw(), width.into(), height.into(), PixelFormat::Rgb).quality(60);
        for sampling in [Subsampling::S420, Subsampling::S444, Subsampling::S422, Subsampling::S411] {
            files.push(encoder().subsampling(sampling).encode());
            files.push(encoder().subsampling(sampling).progressive(true).encode());
        }
        files.push(encoder().restart_blocks(2).encode());
        files.push(encoder().restart_blocks(1).progressive(true).encode());
        files.push(encoder().grayscale_from_color(true).encode());
        files.push(encoder().colorspace(ColorSpace::Rgb).encode());
        let inks = vec![90; usize::from(width) * usize::from(height) * 4];
        let inks = Encoder::new(&inks, width.into(), height.into(), PixelFormat::Cmyk);
        files.push(inks.write_adobe_marker(true).encode());
    }
    files.into_iter().flatten().collect()
}

fn others() -> Vec<Vec<u8>> {
    let picture = DynamicImage::from(picture(24, 17));
    let kinds = [
        (picture.clone(), ImageFormat::Png),
        (picture.to_rgba16().into(), ImageFormat::Png),
        (picture.to_luma_alpha8().into(), ImageFormat::Png),
        (picture.clone(), ImageFormat::WebP),
        (picture.to_rgba8().into(), ImageFormat::WebP),
    ];
    let files = kinds.into_iter().filter_map(|(picture, format)| {
        let mut file = Cursor::new(Vec::new());
        picture.write_to(&mut file, format).ok().map(|()| file.into_inner())
    });
    files.collect()
}
