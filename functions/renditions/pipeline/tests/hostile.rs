//! A file that cannot or must not be shown is a result with a reason, quickly, and never a crash.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod made;

use std::time::{Duration, Instant};

use image::{DynamicImage, ImageFormat};
use made::*;
use pipeline::render::{Formats, Limits, Unreadable, render_as};

fn refusal(original: &[u8]) -> Unreadable {
    render(original).unwrap_err()
}

#[test]
fn what_is_not_a_photo_is_named() {
    let svg = b"<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>";
    let bmp = [&b"BM\x46\0\0\0\x01\0\0\0\x36\0\0\0\x28\0\0\0"[..], &[0; 60]].concat();
    let ole = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0\0\0\0";
    let zip = |name: &str| [&b"PK\x03\x04"[..], &[0; 26], name.as_bytes()].concat();
    let brands = |brands: &str| {
        let size = u32::try_from(brands.len() + 12).unwrap().to_be_bytes();
        [&size[..], b"ftyp", &brands.as_bytes()[..4], &[0; 4], &brands.as_bytes()[4..]].concat()
    };
    for (original, words) in [
        (&b""[..], "This file is empty"),
        (b"Notes on the risk assessment", "not a photo that we can read"),
        (b"\xFF\xD8", "not a photo that we can read"),
        (b"\xFF", "not a photo that we can read"),
        (svg, "an SVG file"),
        (b"\xEF\xBB\xBF  <SVG>", "an SVG file"),
        (b"GIF89a\x01\0\x01\0\0\0\0", "a GIF file"),
        (&bmp, "a BMP file"),
        (b"II*\0\x08\0\0\0", "a TIFF or raw file"),
        (b"MM\0+\0\x08\0\0\0\0\0\0", "a TIFF or raw file"),
        (b"II*\0\x10\0\0\0CR\x02\0", "(Canon CR2)"),
        (&brands("crx crx isom"), "(Canon CR3)"),
        (b"II\x1A\0\0\0HEAPCCDR", "(Canon CRW)"),
        (b"FUJIFILMCCD-RAW 0201", "(Fujifilm RAF)"),
        (b"IIRO\x08\0\0\0", "(Olympus ORF)"),
        (b"IIRS\x08\0\0\0", "(Olympus ORF)"),
        (b"IIU\0\x18\0\0\0", "(Panasonic RW2)"),
        (b"FOVb\0\0\x02\0", "(Sigma X3F)"),
        (b"\0MRM\0\x01\0\0", "(Minolta MRW)"),
        (&brands("heic"), "a HEIC photo"),
        (&brands("mif1heic"), "a HEIC photo"),
        (&brands("avif"), "an AVIF file"),
        (&brands("mif1avifmiaf"), "an AVIF file"),
        (&brands("mif2mif1"), "a HEIF file"),
        (&brands("mif3"), "a HEIF file"),
        (&brands("avci"), "a HEIF file"),
        (&brands("j2ki"), "a HEIF file"),
        (&brands("vvic"), "a HEIF file"),
        (b"\0\0\0\x0CjP  \r\n\x87\n", "a JPEG 2000 file"),
        (b"\xFF\x4F\xFF\x51\0\x2F", "a JPEG 2000 file"),
        (b"\0\0\0\x0CJXL \r\n\x87\n", "a JPEG XL file"),
        (b"II\xBC\x01\x08\0\0\0", "a JPEG XR file"),
        (b"8BPS\0\x02\0\0", "a Photoshop file"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "a PostScript file"),
        (b"%PDF-1.7", "a PDF."),
        (b"\xEF\xBB\xBF\r\n%PDF-1.7", "a PDF."),
        (b"<!doctype html><script>alert(1)</script>", "a web page."),
        (ole, "an Office document."),
        (&zip("[Content_Types].xml"), "an Office document."),
        (&zip("photos/IMG_1.jpg"), "a zip archive."),
        (b"Rar!\x1A\x07\x01\0", "an archive."),
        (b"RIFF\x10\0\0\0AVI LIST", "a video."),
        (b"\x1A\x45\xDF\xA3\x01\0\0\0", "a video."),
        (&brands("mp42"), "a video."),
        (&brands("qt  "), "a video."),
        (b"\0\0\x10\0moov\0\0\0\x6Cmvhd", "a video."),
        (b"RIFF\x10\0\0\0WAVEfmt ", "a sound file."),
    ] {
        let said = refusal(original).to_string();
        assert!(said.contains(words), "{original:?}: {said}");
    }
    assert_eq!(refusal(b"%PDF-1.7").reason(), "not-an-image");
    assert_eq!(refusal(svg).reason(), "unsupported-type");
}

#[test]
fn a_jpeg_that_no_browser_shows_is_said_to_be_an_unusual_jpeg() {
    let file = jpeg(&scene(64, 64));
    let frame = file.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    for marker in [0xC3, 0xC5, 0xC9, 0xCA, 0xCF] {
        let mut other = file.clone();
        other[frame + 1] = marker;
        assert_eq!(refusal(&other), Unreadable::UnusualJpeg);
    }
    let mut deep = file.clone();
    deep[frame + 4] = 12;
    assert_eq!(refusal(&deep), Unreadable::UnusualJpeg);
    // The same bytes in coded data are damage, and say nothing of the kind of file.
    let mut stray = file.clone();
    let at = stray.len() - 200;
    stray[at..at + 2].copy_from_slice(&[0xFF, 0xC9]);
    assert!(render(&stray).is_ok());
}

/// Runs in a fraction of a second without touching memory for the pixels: the test's own process would not live otherwise.
fn refused_at_once(original: &[u8]) -> Unreadable {
    let begun = Instant::now();
    let refusal = refusal(original);
    assert!(begun.elapsed() < Duration::from_millis(50), "{:?}", begun.elapsed());
    refusal
}

fn png_of(width: u32, height: u32, bits_and_colour: [u8; 2], more: &[Vec<u8>]) -> Vec<u8> {
    let [bits, colour] = bits_and_colour;
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[bits, colour, 0, 0, 0]].concat();
    let packed = miniz_oxide::deflate::compress_to_vec_zlib(&[0; 4096], 9);
    let mut chunks = vec![b"\x89PNG\r\n\x1a\n".to_vec(), chunk(*b"IHDR", &header)];
    chunks.extend_from_slice(more);
    chunks.extend([chunk(*b"IDAT", &packed), chunk(*b"IEND", &[])]);
    chunks.concat()
}

fn with_size(mut jpeg: Vec<u8>, width: u16, height: u16) -> Vec<u8> {
    let frame = jpeg.windows(2).position(|pair| pair[0] == 0xFF && (0xC0..=0xC2).contains(&pair[1])).unwrap();
    jpeg[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    jpeg[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    jpeg
}

#[test]
fn headers_that_claim_enormous_pictures_are_refused_at_once() {
    let side = |width, height| Unreadable::SideTooLong { width, height, limit_px: 16_384 };
    assert_eq!(refused_at_once(&png_of(100_000, 100_000, [8, 6], &[])), side(100_000, 100_000));
    assert_eq!(refused_at_once(&png_of(u32::MAX, u32::MAX, [8, 6], &[])), side(u32::MAX, u32::MAX));
    let jpeg = jpeg(&scene(64, 64));
    assert_eq!(refused_at_once(&with_size(jpeg.clone(), 65_535, 65_535)), side(65_535, 65_535));
    assert_eq!(refused_at_once(&with_size(jpeg, 16_384, 16_384)).reason(), "too-many-pixels");
    assert_eq!(refused_at_once(&png_of(16_384, 16_384, [1, 3], &[])).reason(), "too-many-pixels");
    // 7000 × 7000 is within 50 megapixels, and 392 MB at 16 bits in four channels.
    assert_eq!(refused_at_once(&png_of(7000, 7000, [16, 6], &[])).reason(), "too-many-pixels");
    // A canvas of 2^24 in both directions, around a picture of one pixel.
    let webp = packed(scene(1, 1), ImageFormat::WebP);
    let canvas = with_webp_chunks(&webp, (1 << 24, 1 << 24), 0, &[]);
    assert_eq!(refused_at_once(&canvas), side(1 << 24, 1 << 24));
    // A canvas that is not the picture's size.
    assert_eq!(refused_at_once(&with_webp_chunks(&webp, (6000, 6000), 0, &[])), Unreadable::Corrupt);
    for size in [(0, 64), (64, 0)] {
        assert_eq!(refused_at_once(&png_of(size.0, size.1, [8, 2], &[])), Unreadable::Corrupt);
    }
}

#[test]
fn a_profile_or_a_text_that_unpacks_to_more_than_its_limit_does_not_unpack() {
    let bomb = miniz_oxide::deflate::compress_to_vec_zlib(&vec![0; 64 << 20], 9);
    let profile = chunk(*b"iCCP", &[b"bomb\0\0", &bomb[..]].concat());
    let picture = packed(scene(40, 30), ImageFormat::Png);
    assert_eq!(refusal(&with_chunks(&picture, &[profile])).reason(), "too-much-metadata");
    let text = chunk(*b"zTXt", &[b"bomb\0\0", &bomb[..]].concat());
    let texts = std::iter::repeat_n(text, 50).collect::<Vec<_>>();
    assert_eq!(render(&with_chunks(&picture, &texts)).unwrap().hash, render(&picture).unwrap().hash);
    let exif = chunk(*b"eXIf", &vec![0; 5 << 20]);
    assert_eq!(refusal(&with_chunks(&picture, &[exif])).reason(), "too-much-metadata");
}

#[test]
fn a_jpeg_of_thousands_of_scans_is_refused_before_it_is_decoded() {
    let picture = scene(64, 64);
    let progressive = encoder(&picture).progressive(true).encode().unwrap();
    let last = progressive.windows(2).rposition(|pair| pair == [0xFF, 0xDA]).unwrap();
    let scan = &progressive[last..progressive.len() - 2];
    let mut bomb = progressive[..progressive.len() - 2].to_vec();
    for _ in 0..3000 {
        bomb.extend(scan);
    }
    bomb.extend([0xFF, 0xD9]);
    assert_eq!(refused_at_once(&bomb), Unreadable::TooManyScans { limit: 64 });
}

#[test]
fn the_work_of_all_scans_together_is_bounded_before_any_is_decoded() {
    let grey = vec![128; 4096 * 4096];
    let file = libjpeg_turbo_rs::Encoder::new(&grey, 4096, 4096, libjpeg_turbo_rs::PixelFormat::Grayscale);
    let file = file.progressive(true).encode().unwrap();
    let scans = file.windows(2).filter(|pair| *pair == [0xFF, 0xDA]).count();
    let blocks = 512 * 512 * u64::try_from(scans).unwrap();
    let limits = |max_scanned_blocks| Limits { max_scanned_blocks, ..Limits::default() };
    assert!(pipeline::render::probe(&file, &limits(blocks)).is_ok());
    let refusal = pipeline::render::probe(&file, &limits(blocks - 1)).unwrap_err();
    assert_eq!(refusal.reason(), "too-many-scans");
}

#[test]
fn a_jpeg_of_millions_of_code_tables_is_refused_after_the_first_of_them() {
    let photo = jpeg(&scene(64, 64));
    let at = photo.windows(2).position(|pair| pair == [0xFF, 0xC4]).unwrap();
    let length = usize::from(u16::from_be_bytes([photo[at + 2], photo[at + 3]]));
    let with = |times: usize| [&photo[..at], &photo[at..at + 2 + length].repeat(times), &photo[at..]].concat();
    assert!(render(&with(100)).is_ok());
    assert_eq!(refusal(&with(1100)), Unreadable::Corrupt);
}

#[test]
fn pictures_that_move_are_refused() {
    let picture = packed(scene(40, 30), ImageFormat::Png);
    let frames = |count: u8| chunk(*b"acTL", &[0, 0, 0, count, 0, 0, 0, 0]);
    let frame = chunk(*b"fcTL", &[&[0; 4][..], &[0, 0, 0, 40, 0, 0, 0, 30], &[0; 14]].concat());
    assert_eq!(refusal(&with_chunks(&picture, &[frames(2)])), Unreadable::Animated);
    assert_eq!(refusal(&with_chunks(&picture, &[frames(2), frame.clone()])), Unreadable::Animated);
    assert_eq!(refusal(&with_chunks(&picture, &[frames(1)])), Unreadable::Animated, "its frame is another picture");
    let still = render(&with_chunks(&picture, &[frames(1), frame])).unwrap();
    assert_eq!(still.hash, render(&picture).unwrap().hash);
    let webp = packed(scene(40, 30), ImageFormat::WebP);
    assert_eq!(refusal(&with_webp_chunks(&webp, (40, 30), 2, &[(b"ANIM", &[0; 6])])), Unreadable::Animated);
    assert_eq!(refusal(&with_webp_chunks(&webp, (40, 30), 0, &[(b"ANMF", &[0; 24])])), Unreadable::Animated);
}

#[test]
fn a_file_whose_parts_do_not_come_from_the_top_is_refused_wherever_it_was_cut() {
    let photo = scene(300, 200);
    let progressive = encoder(&photo).progressive(true).encode().unwrap();
    // Of the last scan, which only makes it a little finer, any part may be missing.
    let last = progressive.windows(2).rposition(|pair| pair == [0xFF, 0xDA]).unwrap();
    for end in [progressive.len() - 2, progressive.len() - 20, last.midpoint(progressive.len())] {
        let rendered = render(&progressive[..end]).unwrap();
        assert!(rendered.truncated && rendered.missing_percent == 0);
        let whole = render(&progressive).unwrap();
        assert!(distance(&seen(&rendered.renditions[0]), &seen(&whole.renditions[0])) < 1.0);
        assert_eq!(rendered.damaged_percent == 0, end == progressive.len() - 2, "{}", rendered.damaged_percent);
    }
    let progressive = progressive[..last].to_vec();
    assert_eq!(refusal(&progressive), Unreadable::Truncated);
    let progressive = [&progressive[..], &[0xFF, 0xD9]].concat();
    let webp = packed(photo.clone(), ImageFormat::WebP);
    for file in [progressive, webp, decoded(LOSSY_WEBP)] {
        for part in 1..40 {
            let end = file.len() * part / 40;
            let refusal = refusal(&file[..end]);
            let known = [Unreadable::Truncated, Unreadable::NotAnImage];
            assert!(known.contains(&refusal), "{:02X?}… cut at {end} of {}: {refusal:?}", &file[..4], file.len());
        }
        assert!(render(&file).is_ok());
    }
}

#[test]
fn of_a_jpeg_that_was_cut_is_shown_what_is_there_if_that_is_three_quarters_and_it_says_so() {
    for (width, height) in [(300, 200), (2600, 1100), (4032, 1008)] {
        let photo = scene(width, height);
        let restarts = encoder(&photo).restart_rows(1).encode().unwrap();
        let (mut shown, mut refused) = (0, 0);
        for file in [jpeg(&photo), restarts, encoder(&photo).grayscale_from_color(true).encode().unwrap()] {
            let made = |file: &[u8]| render_as(file, &Limits::default(), Formats::JpegOnly);
            let whole = made(&file).unwrap();
            for part in (1..40).rev().step_by(if width == 300 { 1 } else { 4 }) {
                let end = file.len() * part / 40;
                let rendered = match made(&file[..end]) {
                    Ok(rendered) => rendered,
                    Err(refusal) => {
                        assert!([Unreadable::Truncated, Unreadable::NotAnImage].contains(&refusal), "{refusal:?}");
                        refused += 1;
                        continue;
                    }
                };
                shown += 1;
                assert!(rendered.truncated && rendered.width == width);
                assert!(rendered.height * 4 >= height * 3 && rendered.height < height, "{}", rendered.height);
                let missing = 100 - u32::from(rendered.missing_percent);
                assert!(rendered.height * 100 / height == missing, "{missing} of {}", rendered.height);
                // What is there is what it would be were all of it there: nothing is stretched, nothing made up.
                let (made, wanted) = (seen(&rendered.renditions[0]), seen(&whole.renditions[0]));
                let upper = image::imageops::crop_imm(&wanted, 0, 0, made.width(), made.height()).to_image();
                assert_eq!(made.width(), wanted.width());
                assert!(distance(&made, &upper) < 1.0, "{width} × {height}, {part}: {}", distance(&made, &upper));
            }
        }
        assert!(shown >= 5 && refused >= 5, "{width}: {shown} shown, {refused} refused");
    }
}

#[test]
fn a_turned_jpeg_that_was_cut_loses_what_its_camera_saw_last() {
    let photo = scene(400, 320);
    let file = encoder(&photo).exif_data(&exif(6, &[])).encode().unwrap();
    let rendered = render(&file[..file.len() * 9 / 10]).unwrap();
    // Stored 400 wide, shown 320 wide: what is missing is missing on the left.
    assert_eq!(rendered.height, 400);
    assert!((240..320).contains(&rendered.width), "{}", rendered.width);
    let whole = seen(&render(&file).unwrap().renditions[0]);
    let right = image::imageops::crop_imm(&whole, 320 - rendered.width, 0, rendered.width, 400).to_image();
    assert!(distance(&seen(&rendered.renditions[0]), &right) < 2.0);
}

#[test]
fn a_cut_jpeg_with_an_end_marker_put_on_is_a_cut_jpeg() {
    let file = jpeg(&scene(300, 200));
    let ended = |end: usize| [&file[..end], &[0xFF, 0xD9]].concat();
    assert_eq!(refusal(&ended(file.len() / 2)), Unreadable::Truncated);
    let most = render(&ended(file.len() * 9 / 10)).unwrap();
    assert!(most.truncated && most.missing_percent > 0, "{}", most.missing_percent);
}

#[test]
fn a_jpeg_that_only_lacks_its_end_marker_is_shown_and_says_so() {
    let file = jpeg(&scene(300, 200));
    let rendered = render(&file[..file.len() - 2]).unwrap();
    assert!(rendered.truncated && rendered.missing_percent == 0);
    assert_eq!(rendered.hash, render(&file).unwrap().hash);
}

#[test]
fn a_png_that_only_lacks_its_end_chunk_is_shown_and_says_so() {
    let file = packed(scene(300, 200), ImageFormat::Png);
    for missing in [1, 4, 11, 12] {
        let rendered = render(&file[..file.len() - missing]).unwrap();
        assert!(rendered.truncated && rendered.missing_percent == 0, "{missing}");
        assert_eq!(rendered.hash, render(&file).unwrap().hash);
    }
    assert_eq!(refusal(&file[..file.len() / 2]), Unreadable::Truncated);
}

#[test]
fn of_a_png_that_was_cut_is_shown_what_came_before_if_that_is_three_quarters() {
    let photo = scene(2600, 500);
    for file in
        [packed(photo.clone(), ImageFormat::Png), packed(DynamicImage::from(photo).to_rgba16(), ImageFormat::Png)]
    {
        let whole = seen(&render_as(&file, &Limits::default(), Formats::JpegOnly).unwrap().renditions[0]);
        let (mut shown, mut refused) = (0, 0);
        for part in (1..20).rev() {
            let at = file.len() * part / 20;
            match render_as(&file[..at], &Limits::default(), Formats::JpegOnly) {
                Ok(rendered) => {
                    shown += 1;
                    assert!(rendered.truncated && (375..500).contains(&rendered.height), "{}", rendered.height);
                    let made = seen(&rendered.renditions[0]);
                    let upper = image::imageops::crop_imm(&whole, 0, 0, made.width(), made.height()).to_image();
                    assert!(distance(&made, &upper) < 1.5, "{part}: {}", distance(&made, &upper));
                }
                Err(unreadable) => {
                    refused += 1;
                    assert_eq!(unreadable, Unreadable::Truncated, "{part}");
                }
            }
            let mut damaged = file.clone();
            damaged[at..at + 40].fill(0xA5);
            assert_eq!(refusal(&damaged), Unreadable::Corrupt, "{part}");
        }
        assert!(shown >= 1 && refused >= 10, "{shown} shown, {refused} refused");
    }
}

#[test]
fn of_a_copy_that_was_cut_short_the_zeros_at_its_end_are_no_part_of_the_picture() {
    let file = jpeg(&scene(300, 200));
    for tenths in [8, 9] {
        let end = file.len() * tenths / 10;
        let cut = render(&file[..end]);
        let mut filled = file.clone();
        filled[end..].fill(0);
        let filled = render(&filled);
        assert_eq!(filled, cut, "{tenths} tenths are there");
        assert!(filled.is_ok_and(|filled| filled.missing_percent >= 5) || tenths == 8);
    }
}

/// The parts of a picture that is damaged are told, and most of it looks as it did.
#[test]
fn of_a_damaged_jpeg_is_shown_what_can_be_read_and_it_says_how_much_is_damaged() {
    let photo = scene(640, 480);
    let mut chance = Chance(4);
    let mut told = vec![];
    let file = encoder(&photo).restart_rows(1).encode().unwrap();
    let whole = seen(&render(&file).unwrap().renditions[0]);
    let begin = file.windows(2).position(|pair| pair == [0xFF, 0xDA]).unwrap() + 14;
    for _ in 0..60 {
        let mut broken = file.clone();
        let at = begin + chance.below(file.len() - begin - 300);
        broken[at..at + 256].fill_with(|| u8::try_from(chance.below(256)).unwrap());
        let Ok(rendered) = render(&broken) else { continue };
        told.push(rendered.damaged_percent);
        if rendered.height == 480 {
            let distance = distance(&seen(&rendered.renditions[0]), &whole);
            assert!(distance < 25.0, "{distance}, {} % damaged", rendered.damaged_percent);
        }
    }
    let few = told.iter().filter(|percent| (1..=20).contains(*percent)).count();
    // Of some, the damaged data hold as many blocks as the sound data did: then nothing tells.
    assert!(told.len() >= 58 && few * 10 >= told.len() * 8, "{told:?}");
}

#[test]
fn a_deadline_that_has_passed_ends_the_work() {
    let limits = Limits { deadline: Some(Instant::now()), ..Limits::default() };
    let file = jpeg(&scene(300, 200));
    assert_eq!(pipeline::render::render(&file, &limits).unwrap_err(), Unreadable::TooSlow);
}

#[test]
fn every_reason_tells_the_uploader_what_to_do() {
    for refusal in [
        Unreadable::Empty,
        Unreadable::NotAnImage,
        Unreadable::NotAPhoto { found: "an Office document" },
        Unreadable::UnsupportedType { found: "a TIFF or raw" },
        Unreadable::Raw { found: "Panasonic RW2" },
        Unreadable::UnusualJpeg,
        Unreadable::Heic,
        Unreadable::Animated,
        Unreadable::TooManyPixels { width: 16_000, height: 12_000, limit_pixels: 64 << 20 },
        Unreadable::SideTooLong { width: 100_000, height: 3, limit_px: 16_384 },
        Unreadable::TooManyScans { limit: 64 },
        Unreadable::TooMuchMetadata { limit_bytes: 4 << 20 },
        Unreadable::Truncated,
        Unreadable::Corrupt,
        Unreadable::TooSlow,
        Unreadable::Unprocessable,
    ] {
        let words = refusal.to_string();
        assert!(words.split_inclusive(". ").all(|sentence| sentence.split(' ').count() <= 21), "{words}");
        assert!(["add", "Make", "Save"].iter().any(|verb| words.contains(verb)), "{words}");
        assert!(refusal.reason().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'));
    }
}

/// Flips, cuts, repeats and overwrites bytes of files of every kind. What comes back is a rendering or a reason, and never a
/// panic: `render` catches those, so that the test asks for the reason that it gives them, and counts.
#[test]
fn mutated_files_never_get_out_of_render() {
    let photo = scene(61, 43);
    let block = exif(6, &[(0x010F, "Bench")]);
    let profile = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let zlib = miniz_oxide::deflate::compress_to_vec_zlib(&profile, 6);
    let inks = vec![90; 61 * 43 * 4];
    let png = packed(photo.clone(), ImageFormat::Png);
    let seeds = [
        encoder(&photo).exif_data(&block).icc_profile(&profile).encode().unwrap(),
        encoder(&photo).progressive(true).encode().unwrap(),
        encoder(&photo).restart_blocks(2).grayscale_from_color(true).encode().unwrap(),
        libjpeg_turbo_rs::Encoder::new(&inks, 61, 43, libjpeg_turbo_rs::PixelFormat::Cmyk).encode().unwrap(),
        with_chunks(&png, &[chunk(*b"eXIf", &block), chunk(*b"iCCP", &[b"p\0\0", &zlib[..]].concat())]),
        packed(DynamicImage::from(photo.clone()).to_rgba16(), ImageFormat::Png),
        with_webp_chunks(&packed(photo, ImageFormat::WebP), (61, 43), 0x28, &[(b"ICCP", &profile), (b"EXIF", &block)]),
        decoded(LOSSY_WEBP),
        decoded(LOSSY_WEBP_WITH_ALPHA),
    ];
    let limits = Limits { max_jpeg_pixels: 1 << 20, max_pixels: 1 << 20, ..Limits::default() };
    let mut chance = Chance(2026);
    let (mut shown, mut refused, mut panicked) = (0, 0, 0);
    for round in 0..4500 {
        let mut file = seeds[round % seeds.len()].clone();
        for _ in 0..=chance.below(4) {
            let at = chance.below(file.len());
            match chance.below(6) {
                0 => file[at] ^= 1 << chance.below(8),
                1 => file[at] = [0, 1, 0x7F, 0x80, 0xFF][chance.below(5)],
                2 => file.truncate(at.max(1)),
                3 => {
                    let end = (at + chance.below(64)).min(file.len());
                    let again = file[at..end].to_vec();
                    file.splice(at..at, again);
                }
                4 => file[at] = u8::try_from(chance.below(256)).unwrap(),
                // Headers are where the trouble is.
                _ => file[at % 400.min(at + 1)] = u8::try_from(chance.below(256)).unwrap(),
            }
        }
        match pipeline::render::render(&file, &limits) {
            Ok(_) => shown += 1,
            Err(Unreadable::Unprocessable) => panicked += 1,
            Err(_) => refused += 1,
        }
    }
    println!("{shown} shown, {refused} refused, {panicked} caught");
    assert!(shown > 500 && refused > 500, "the mutations test nothing: {shown} shown, {refused} refused");
}
