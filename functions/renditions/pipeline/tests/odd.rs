//! Odd and hostile files, each in a process of its own that has little memory: what becomes of it, and what it takes.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod made;

use std::{path::PathBuf, process::Command};

use image::ImageFormat;
use libjpeg_turbo_rs::{Encoder, PixelFormat, Subsampling};
use made::*;

/// What photos may have at most, in a process that has nothing else to do.
const PHOTO_MB: u64 = 128;
/// What anything may have. The function has 1769 MB.
const ANY_MB: u64 = 640;

fn flat(width: usize, height: usize, progressive: bool) -> Vec<u8> {
    let grey = vec![128; width * height];
    Encoder::new(&grey, width, height, PixelFormat::Grayscale).progressive(progressive).encode().unwrap()
}

/// The last scan of a progressive file again and again, until there are `scans`.
fn with_scans(progressive: &[u8], scans: usize) -> Vec<u8> {
    let starts = progressive.windows(2).filter(|pair| *pair == [0xFF, 0xDA]).count();
    let last = progressive.windows(2).rposition(|pair| pair == [0xFF, 0xDA]).unwrap();
    let body = progressive.len() - 2;
    let mut file = progressive[..body].to_vec();
    for _ in starts..scans {
        file.extend_from_slice(&progressive[last..body]);
    }
    file.extend([0xFF, 0xD9]);
    file
}

fn with_size(mut jpeg: Vec<u8>, width: u16, height: u16) -> Vec<u8> {
    let frame = jpeg.windows(2).position(|pair| pair[0] == 0xFF && (0xC0..=0xC2).contains(&pair[1])).unwrap();
    jpeg[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    jpeg[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    jpeg
}

fn png_claiming(width: u32, height: u32) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 6, 0, 0, 0]].concat();
    let packed = miniz_oxide::deflate::compress_to_vec_zlib(&[0; 4096], 9);
    let start = b"\x89PNG\r\n\x1a\n".to_vec();
    [start, chunk(*b"IHDR", &header), chunk(*b"IDAT", &packed), chunk(*b"IEND", &[])].concat()
}

/// (name, file, outcome, megabytes)
fn files() -> Vec<(&'static str, Vec<u8>, &'static str, u64)> {
    let small = scene(400, 300);
    let photo = scene(4032, 3024);
    let progressive = encoder(&photo).progressive(true).encode().unwrap();
    let plain = jpeg(&photo);
    let second = jpeg(&scene(200, 150));
    let png = packed(small.clone(), ImageFormat::Png);
    let bomb = miniz_oxide::deflate::compress_to_vec_zlib(&vec![0; 64 << 20], 9);
    let text = chunk(*b"zTXt", &[b"bomb\0\0", &bomb[..]].concat());
    let webp = packed(small.clone(), ImageFormat::WebP);
    let deep = packed(image::DynamicImage::from(scene(2000, 1500)).to_rgba16(), ImageFormat::Png);
    let grey_alpha = packed(image::DynamicImage::from(small.clone()).to_luma_alpha16(), ImageFormat::Png);
    let inks = photo.pixels().flat_map(|pixel| [pixel[0], pixel[1], pixel[2], 220]).collect::<Vec<_>>();
    let inks = Encoder::new(&inks, 4032, 3024, PixelFormat::Cmyk).write_adobe_marker(true).encode().unwrap();
    vec![
        ("12 MP, 4:2:0", plain.clone(), "8 renditions", PHOTO_MB),
        ("12 MP, progressive", progressive, "8 renditions", PHOTO_MB),
        ("12 MP, 4:4:4", encoder(&photo).subsampling(Subsampling::S444).encode().unwrap(), "8 renditions", PHOTO_MB),
        ("12 MP, in three scans", in_three_scans(&photo), "8 renditions", PHOTO_MB),
        ("12 MP, inks with Adobe's marker", inks, "8 renditions", 2 * PHOTO_MB),
        (
            "12 MP, a second picture and a film behind",
            [&plain[..], &second, &[7; 100_000]].concat(),
            "8 renditions",
            PHOTO_MB,
        ),
        ("12 MP, end marker missing", plain[..plain.len() - 2].to_vec(), "8 renditions", PHOTO_MB),
        ("12 MP, cut in the middle", plain[..plain.len() / 2].to_vec(), "truncated", PHOTO_MB),
        ("12 MP, a tenth missing", plain[..plain.len() / 10 * 9].to_vec(), "8 renditions", PHOTO_MB),
        ("67 MP, flat", flat(8192, 8192, false), "8 renditions", PHOTO_MB),
        ("67 MP, flat, progressive", flat(8192, 8192, true), "8 renditions", ANY_MB),
        ("67 MP, flat, 24 scans", with_scans(&flat(8192, 8192, true), 24), "8 renditions", ANY_MB),
        ("67 MP, flat, 64 scans", with_scans(&flat(8192, 8192, true), 64), "too-many-scans", ANY_MB),
        ("20 MP, flat, 64 scans", with_scans(&flat(4800, 4200, true), 64), "8 renditions", ANY_MB),
        ("268 MP, flat", flat(16_384, 16_384, false), "too-many-pixels", PHOTO_MB),
        ("65,535 × 65,535 by its header", with_size(second.clone(), 65_535, 65_535), "side-too-long", PHOTO_MB),
        (
            "3,000 scans",
            with_scans(&encoder(&small).progressive(true).encode().unwrap(), 3000),
            "too-many-scans",
            PHOTO_MB,
        ),
        ("PNG of 10¹⁰ pixels by its header", png_claiming(100_000, 100_000), "side-too-long", PHOTO_MB),
        ("PNG, 50 MP, flat", packed(image::RgbImage::new(8192, 6400), ImageFormat::Png), "8 renditions", PHOTO_MB),
        (
            "PNG, 50 MP, transparent",
            packed(image::RgbaImage::new(8192, 6400), ImageFormat::Png),
            "8 renditions",
            PHOTO_MB,
        ),
        (
            "PNG, 30 MP, 16 bits with alpha, interlaced",
            interlaced((6000, 5000), (16, 6, 8), &vec![0x40; 6000 * 5000 * 8]),
            "8 renditions",
            3 * PHOTO_MB / 2,
        ),
        ("PNG, 50 texts of 64 MB", with_chunks(&png, &vec![text; 50]), "4 renditions", PHOTO_MB),
        (
            "PNG, a profile of 64 MB",
            with_chunks(&png, &[chunk(*b"iCCP", &[b"b\0\0", &bomb[..]].concat())]),
            "too-much-metadata",
            PHOTO_MB,
        ),
        ("PNG, animated", with_chunks(&png, &[chunk(*b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0])]), "animated", PHOTO_MB),
        ("PNG, 16 bits with alpha", deep, "8 renditions", PHOTO_MB),
        ("PNG, 16 bits grey with alpha", grey_alpha, "4 renditions", PHOTO_MB),
        ("WebP, animated", with_webp_chunks(&webp, (400, 300), 2, &[(b"ANIM", &[0; 6])]), "animated", PHOTO_MB),
        ("WebP, canvas of 144 MP", with_webp_chunks(&webp, (12_000, 12_000), 0, &[]), "too-many-pixels", PHOTO_MB),
        ("WebP, 50 MP, flat", packed(image::RgbImage::new(8192, 6400), ImageFormat::WebP), "8 renditions", ANY_MB),
        ("SVG called .jpg", b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), "unsupported-type", PHOTO_MB),
        ("HTML called .jpg", b"<!doctype html><script>1</script>".to_vec(), "not-an-image", PHOTO_MB),
        ("nothing", vec![], "empty", PHOTO_MB),
    ]
}

/// Cargo puts examples beside the folder of the tests.
fn bounded() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    tests.ancestors().nth(2).unwrap().join("examples/bounded")
}

#[test]
fn every_odd_file_has_its_outcome_within_its_memory() {
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = vec![];
    println!("| File | Bytes | Outcome | CPU ms | Peak MB |\n|---|---|---|---|---|");
    for (name, file, expected, limit_mb) in files() {
        let path = folder.path().join("file");
        std::fs::write(&path, &file).unwrap();
        let ran = Command::new(bounded()).arg(&path).arg(limit_mb.to_string()).output().unwrap();
        let line: serde_json::Value = serde_json::from_slice(&ran.stdout).unwrap_or_default();
        let (outcome, cpu_ms) = (line["outcome"].as_str().unwrap_or("killed"), line["cpu_ms"].as_u64());
        let peak_mb = line["peak_kib"].as_u64().unwrap_or_default() / 1024;
        println!("| {name} | {} | {outcome} | {} | {peak_mb} |", file.len(), cpu_ms.unwrap_or_default());
        if outcome != expected || cpu_ms.is_none() {
            wrong.push(format!(
                "{name}: {outcome} rather than {expected}, {cpu_ms:?} ms. {}",
                String::from_utf8_lossy(&ran.stderr)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
