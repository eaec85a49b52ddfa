//! What comes out looks like what went in, whatever it was packed in, and holds nothing else.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod made;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, imageops};
use libjpeg_turbo_rs::{Encoder, PixelFormat, Subsampling};
use made::*;
use moxcms::{ColorProfile, Layout, TransformOptions};
use pipeline::render::{Format, Rendered, Unreadable};

/// Two levels in 255 after scaling down: below what a person can see side by side, above what two compressions do.
const ALIKE: f64 = 2.5;

fn largest(rendered: &Rendered) -> RgbImage {
    seen(rendered.renditions.first().unwrap())
}

#[test]
fn a_photo_of_a_12_megapixel_phone_becomes_four_renditions_that_look_like_it() {
    let photo = scene(4032, 3024);
    let rendered = render(&jpeg(&photo)).unwrap();

    assert_eq!((rendered.format, rendered.width, rendered.height), (Format::Jpeg, 4032, 3024));
    let sizes = rendered.renditions.iter().map(|r| (r.name.as_str(), r.width, r.height)).collect::<Vec<_>>();
    assert_eq!(
        sizes,
        [
            ("2016.jpg", 2016, 1512),
            ("2016.webp", 2016, 1512),
            ("1280.jpg", 1280, 960),
            ("1280.webp", 1280, 960),
            ("640.jpg", 640, 480),
            ("640.webp", 640, 480),
            ("320.jpg", 320, 240),
            ("320.webp", 320, 240)
        ]
    );
    for rendition in &rendered.renditions {
        let expected = imageops::thumbnail(&photo, rendition.width, rendition.height);
        let distance = distance(&seen(rendition), &expected);
        assert!(distance < ALIKE, "{}: {distance}", rendition.name);
        let extension = rendition.name.rsplit('.').next().unwrap();
        assert_eq!(rendition.content_type, if extension == "jpg" { "image/jpeg" } else { "image/webp" });
    }
    assert!(!rendered.truncated);
    assert_eq!(rendered.hash.len(), 64);
}

#[test]
fn of_a_photo_from_the_page_the_largest_rendition_is_six_eighths() {
    let photo = scene(2560, 1921);
    let rendered = render(&jpeg(&photo)).unwrap();
    let sizes = rendered.renditions.iter().map(|r| (r.width, r.height)).collect::<Vec<_>>();
    assert_eq!(sizes, [(1920, 1441), (1280, 961), (640, 480), (320, 240)].map(|size| [size; 2]).concat());
    for rendition in &rendered.renditions {
        let expected = imageops::resize(&photo, rendition.width, rendition.height, imageops::FilterType::Lanczos3);
        let distance = distance(&seen(rendition), &expected);
        assert!(distance < ALIKE, "{}: {distance}", rendition.name);
    }
}

/// 1707 rows, as of a photo of 3:2 from the page, are 1280.25 at six eighths.
#[test]
fn of_a_photo_whose_rows_are_no_multiple_of_eight_everything_stays_in_its_place() {
    const STEP: u32 = 1600;
    let lit = |y: u32| Rgb([if y < STEP { 200 } else { 50 }; 3]);
    let rendered = render(&jpeg(&RgbImage::from_fn(2560, 1707, |_, y| lit(y)))).unwrap();
    let sizes = rendered.renditions.iter().map(|r| (r.width, r.height)).collect::<Vec<_>>();
    assert_eq!(sizes, [(1920, 1280), (1280, 854), (640, 427), (320, 213)].map(|size| [size; 2]).concat());
    for rendition in &rendered.renditions {
        let seen = seen(rendition);
        let column = (0..rendition.height).map(|y| f64::from(seen.get_pixel(rendition.width / 2, y)[1]));
        let step = column.map(|level| (level - 50.0) / 150.0).sum::<f64>();
        let expected = f64::from(STEP) * f64::from(rendition.height) / 1707.0;
        assert!((step - expected).abs() < 0.3, "{}: the step is at {step} rather than {expected}", rendition.name);
    }
}

#[test]
fn nothing_is_enlarged_and_no_two_renditions_are_of_equal_size() {
    for (size, names) in [
        ((1500, 1000), vec!["1500.jpg", "1280.jpg", "640.jpg", "320.jpg"]),
        ((1280, 720), vec!["1280.jpg", "640.jpg", "320.jpg"]),
        ((200, 300), vec!["300.jpg"]),
        ((1, 1), vec!["1.jpg"]),
    ] {
        let rendered = render(&jpeg(&scene(size.0, size.1))).unwrap();
        let jpegs = rendered.renditions.iter().filter(|r| r.content_type == "image/jpeg");
        assert_eq!(jpegs.map(|r| r.name.as_str()).collect::<Vec<_>>(), names);
        assert_eq!(rendered.renditions.len(), 2 * names.len(), "each as WebP as well");
        assert_eq!((rendered.renditions[0].width, rendered.renditions[0].height), size);
    }
}

/// How a camera that is held so stores what it sees: the inverse of what a viewer does.
fn stored(upright: &RgbImage, orientation: u16) -> RgbImage {
    match orientation {
        2 => imageops::flip_horizontal(upright),
        3 => imageops::rotate180(upright),
        4 => imageops::flip_vertical(upright),
        5 => imageops::flip_horizontal(&imageops::rotate90(upright)),
        6 => imageops::rotate270(upright),
        7 => imageops::flip_horizontal(&imageops::rotate270(upright)),
        8 => imageops::rotate90(upright),
        _ => upright.clone(),
    }
}

#[test]
fn all_eight_orientations_of_all_three_formats_land_the_same() {
    let upright = scene(360, 240);
    for orientation in 1..=8 {
        let picture = stored(&upright, orientation);
        let block = exif(orientation, &[]);
        let png = packed(picture.clone(), ImageFormat::Png);
        let webp = packed(picture.clone(), ImageFormat::WebP);
        for (format, file) in [
            (Format::Jpeg, encoder(&picture).exif_data(&block).encode().unwrap()),
            (Format::Png, with_chunks(&png, &[chunk(*b"eXIf", &block)])),
            (Format::WebP, with_webp_chunks(&webp, picture.dimensions(), 8, &[(b"EXIF", &block)])),
        ] {
            let rendered = render(&file).unwrap();
            assert_eq!((rendered.format, rendered.width, rendered.height), (format, 360, 240));
            let distance = distance(&largest(&rendered), &upright);
            assert!(distance < ALIKE, "{format:?} {orientation}: {distance}");
        }
    }
}

#[test]
fn all_eight_orientations_in_four_colour_spaces_look_the_same() {
    let upright = scene(360, 240);
    let spaces = [
        None,
        Some(ColorProfile::new_srgb()),
        Some(ColorProfile::new_display_p3()),
        Some(ColorProfile::new_adobe_rgb()),
    ];
    let mut furthest = 0.0_f64;
    for orientation in 1..=8 {
        let picture = stored(&upright, orientation);
        let block = exif(orientation, &[]);
        for space in &spaces {
            let numbers = space.as_ref().map_or_else(|| picture.clone(), |space| in_space(&picture, space));
            let profile = space.as_ref().map(|space| space.encode().unwrap()).unwrap_or_default();
            let encoder = encoder(&numbers).exif_data(&block);
            let encoder = if profile.is_empty() { encoder } else { encoder.icc_profile(&profile) };
            for rendition in render(&encoder.encode().unwrap()).unwrap().renditions {
                let expected = imageops::thumbnail(&upright, rendition.width, rendition.height);
                let distance = distance(&seen(&rendition), &expected);
                assert!(distance < ALIKE, "{orientation}, {}: {distance}", rendition.name);
                furthest = furthest.max(distance);
            }
        }
    }
    println!("the furthest of all is {furthest:.2} levels away; {ALIKE} are allowed");
    // The limit tells apart what it should: the nearest wrong orientation is far beyond it.
    let wrong = [2, 3, 4].map(|orientation| distance(&stored(&upright, orientation), &upright));
    assert!(wrong.iter().all(|&distance| distance > 6.0 * ALIKE), "{wrong:?}");
}

#[test]
fn a_photo_scaled_as_planes_is_the_one_that_is_scaled_as_pixels() {
    let photo = scene(900, 600);
    for (name, file) in [
        ("4:2:0", jpeg(&photo)),
        ("4:2:2", encoder(&photo).subsampling(Subsampling::S422).encode().unwrap()),
        ("4:4:4", encoder(&photo).subsampling(Subsampling::S444).encode().unwrap()),
        ("progressive", encoder(&photo).progressive(true).encode().unwrap()),
        ("three scans", in_three_scans(&photo)),
    ] {
        let pixels = libjpeg_turbo_rs::decompress_to(&file, PixelFormat::Rgb).unwrap();
        let pixels = RgbImage::from_raw(900, 600, pixels.data).unwrap();
        for rendition in render(&file).unwrap().renditions.iter().filter(|made| made.content_type == "image/jpeg") {
            let (width, height) = (rendition.width, rendition.height);
            let scaled = imageops::resize(&pixels, width, height, imageops::FilterType::Lanczos3);
            let encoded = pipeline::render::encode_jpeg(width, height, scaled.as_raw(), 80).unwrap();
            let expected = libjpeg_turbo_rs::decompress_to(&encoded, PixelFormat::Rgb).unwrap().data;
            let seen = seen(rendition).into_raw();
            let sum = seen.iter().zip(&expected).map(|(a, b)| u64::from(a.abs_diff(*b))).sum::<u64>();
            let count = u64::try_from(seen.len()).unwrap();
            assert!(sum < 2 * count, "{name}, {}: {sum} levels in {count} samples", rendition.name);
        }
    }
}

/// The numbers that a picture has in another colour space.
fn in_space(picture: &RgbImage, space: &ColorProfile) -> RgbImage {
    let transform = ColorProfile::new_srgb()
        .create_transform_8bit(Layout::Rgb, space, Layout::Rgb, TransformOptions::default())
        .unwrap();
    let mut numbers = picture.clone();
    transform.transform(picture.as_raw(), &mut numbers).unwrap();
    numbers
}

#[test]
fn display_p3_and_adobe_rgb_look_like_srgb_afterwards() {
    let photo = scene(400, 300);
    let plain = largest(&render(&jpeg(&photo)).unwrap());
    for space in [ColorProfile::new_display_p3(), ColorProfile::new_adobe_rgb(), ColorProfile::new_srgb()] {
        let numbers = in_space(&photo, &space);
        let profile = space.encode().unwrap();
        let webp = packed(numbers.clone(), ImageFormat::WebP);
        let zlib = miniz_oxide::deflate::compress_to_vec_zlib(&profile, 6);
        let png = packed(numbers.clone(), ImageFormat::Png);
        for file in [
            encoder(&numbers).icc_profile(&profile).encode().unwrap(),
            with_chunks(&png, &[chunk(*b"iCCP", &[b"space\0\0", &zlib[..]].concat())]),
            with_webp_chunks(&webp, photo.dimensions(), 0x20, &[(b"ICCP", &profile)]),
        ] {
            let distance = distance(&largest(&render(&file).unwrap()), &plain);
            assert!(distance < ALIKE, "{distance}");
        }
    }
    // Not by chance: the same numbers without the profile look otherwise.
    let numbers = in_space(&photo, &ColorProfile::new_display_p3());
    assert!(distance(&largest(&render(&jpeg(&numbers)).unwrap()), &plain) > 3.0 * ALIKE / 2.0);
}

#[test]
fn a_colour_profile_in_several_segments_is_put_together_and_an_incomplete_one_is_ignored() {
    let photo = scene(400, 300);
    let space = ColorProfile::new_display_p3();
    let numbers = jpeg(&in_space(&photo, &space));
    let profile = space.encode().unwrap();
    let (first, second) = profile.split_at(profile.len() / 2);
    let part = |number: u8, bytes: &[u8]| segment(0xE2, &[b"ICC_PROFILE\0", &[number, 2][..], bytes].concat());

    let whole = render(&with_segments(&numbers, &[part(2, second), part(1, first)])).unwrap();
    assert!(distance(&largest(&whole), &photo) < ALIKE);
    let half = render(&with_segments(&numbers, &[part(1, first)])).unwrap();
    assert_eq!(half.hash, render(&numbers).unwrap().hash);
}

#[test]
fn a_camera_that_names_adobe_rgb_in_its_exif_is_believed() {
    let photo = scene(400, 300);
    let numbers = in_space(&photo, &ColorProfile::new_adobe_rgb());
    let mut block = b"MM\0*\0\0\0\x08\0\x01".to_vec();
    block.extend(b"\x87\x69\0\x04\0\0\0\x01\0\0\0\x1A\0\0\0\0\0\x01");
    block.extend(b"\xA0\x05\0\x04\0\0\0\x01\0\0\0\x2C\0\0\0\0\0\x01");
    block.extend(b"\0\x01\0\x02\0\0\0\x04R03\0\0\0\0\0");
    let rendered = render(&encoder(&numbers).exif_data(&block).encode().unwrap()).unwrap();
    assert!(distance(&largest(&rendered), &photo) < ALIKE);
}

#[test]
fn an_interlaced_png_is_the_picture_that_it_is_row_by_row() {
    for (width, height) in [(301, 203), (8, 8), (4, 9), (1, 1), (3, 2)] {
        let photo = DynamicImage::from(scene(width, height));
        let seen_through = |image: &DynamicImage| {
            let mut image = image.to_rgba8();
            for (n, pixel) in image.pixels_mut().enumerate() {
                pixel[3] = u8::try_from(n % 256).unwrap();
            }
            image
        };
        let (rgb, rgba, grey) = (photo.to_rgb8(), seen_through(&photo), photo.to_luma8());
        let deep = DynamicImage::from(rgba.clone()).to_rgba16();
        let deep_bytes = deep.iter().flat_map(|sample| sample.to_be_bytes()).collect::<Vec<_>>();
        for (file, plain) in [
            (interlaced((width, height), (8, 2, 3), &rgb), packed(rgb, ImageFormat::Png)),
            (interlaced((width, height), (8, 6, 4), &rgba), packed(rgba, ImageFormat::Png)),
            (interlaced((width, height), (8, 0, 1), &grey), packed(grey, ImageFormat::Png)),
            (interlaced((width, height), (16, 6, 8), &deep_bytes), packed(deep, ImageFormat::Png)),
        ] {
            assert_eq!(render(&file).unwrap().hash, render(&plain).unwrap().hash, "{width} × {height}");
            let half = render(&file[..file.len() / 2]);
            assert!(width < 100 || half == Err(Unreadable::Truncated), "{width} × {height}");
        }
    }
}

#[test]
fn every_kind_of_png_shows_its_colours_on_white() {
    let photo = scene(300, 200);
    let image = DynamicImage::from(photo.clone());
    let grey = DynamicImage::from(image.to_luma8()).into_rgb8();
    let mut faded = image.to_rgba8();
    let mut on_white = photo.clone();
    for (pixel, expected) in faded.pixels_mut().zip(on_white.pixels_mut()) {
        pixel.0[3] = 102;
        expected.0 = expected.0.map(|channel| byte(f64::from(channel) * 0.4 + 255.0 * 0.6));
    }
    let faded_deep = DynamicImage::from(DynamicImage::from(faded.clone()).to_rgba16());
    let faded_grey = DynamicImage::from(DynamicImage::from(faded.clone()).to_luma_alpha16());
    let grey_on_white = DynamicImage::from(DynamicImage::from(on_white.clone()).to_luma8()).into_rgb8();
    for (name, picture, expected) in [
        ("rgb 8", image.clone(), &photo),
        ("rgb 16", image.to_rgb16().into(), &photo),
        ("grey 8", image.to_luma8().into(), &grey),
        ("grey 16", image.to_luma16().into(), &grey),
        ("rgba 8", faded.into(), &on_white),
        ("rgba 16", faded_deep, &on_white),
        ("grey and alpha 16", faded_grey, &grey_on_white),
    ] {
        let rendered = render(&packed(picture, ImageFormat::Png)).unwrap();
        let distance = distance(&largest(&rendered), expected);
        assert!(distance < ALIKE, "{name}: {distance}");
    }
}

#[test]
fn a_palette_with_a_transparent_colour_is_shown_on_white() {
    // 4 × 4 pixels of 2 bits: a column each of red, green, blue and "transparent black".
    let rows = [[0, 0b0001_1011]; 4].concat();
    let header = [&4_u32.to_be_bytes()[..], &4_u32.to_be_bytes(), &[2, 3, 0, 0, 0]].concat();
    let file = [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(*b"IHDR", &header),
        chunk(*b"PLTE", &[200, 0, 0, 0, 200, 0, 0, 0, 200, 0, 0, 0]),
        chunk(*b"tRNS", &[255, 255, 255, 0]),
        chunk(*b"IDAT", &miniz_oxide::deflate::compress_to_vec_zlib(&rows, 6)),
        chunk(*b"IEND", &[]),
    ]
    .concat();
    let rendered = render(&file).unwrap();
    // Luminance survives 4:2:0 at this size; hue does not.
    let Rgb(last) = largest(&rendered)[(3, 0)];
    assert!(last.iter().all(|&channel| channel > 150), "{last:?}");
    // The mean of the four columns is #727272; colour at every second pixel moves it by a few levels in so small a picture.
    let parts = [1, 3, 5].map(|at| u8::from_str_radix(&rendered.color[at..at + 2], 16).unwrap());
    assert!(parts.iter().all(|part| part.abs_diff(0x72) < 20), "{}", rendered.color);
}

#[test]
fn lossy_and_lossless_webp_with_and_without_transparency_keep_their_colours() {
    let fields = |file: &[u8]| {
        let picture = largest(&render(file).unwrap());
        [(12, 8), (36, 8), (12, 24), (36, 24)].map(|at| picture[at].0)
    };
    let near = |got: [[u8; 3]; 4], want: [[u8; 3]; 4]| {
        for (got, want) in got.as_flattened().iter().zip(want.as_flattened()) {
            assert!(got.abs_diff(*want) < 14, "{got} for {want}");
        }
    };
    let (red, green, blue) = ([200, 40, 30], [30, 160, 60], [20, 60, 190]);
    near(fields(&decoded(LOSSY_WEBP)), [red, green, blue, [240, 220, 40]]);
    near(fields(&decoded(LOSSY_WEBP_WITH_ALPHA)), [red, green, blue, [255, 255, 255]]);

    let photo = scene(300, 200);
    let mut glass = DynamicImage::from(photo.clone()).into_rgba8();
    glass.pixels_mut().for_each(|pixel| pixel.0[3] = 0);
    let white = RgbImage::from_pixel(300, 200, Rgb([255; 3]));
    for (picture, expected) in [(photo.clone().into(), photo), (DynamicImage::from(glass), white)] {
        let rendered = render(&packed(picture, ImageFormat::WebP)).unwrap();
        assert!(distance(&largest(&rendered), &expected) < ALIKE);
    }
}

#[test]
fn grey_progressive_and_differently_sampled_jpegs_look_alike() {
    let photo = scene(500, 333);
    // JPEG's grey is its Y: luma by BT.601 (ITU-T T.871 §7). `image` weighs by BT.709, which is another grey.
    let grey = RgbImage::from_fn(500, 333, |x, y| {
        let [r, g, b] = photo[(x, y)].0.map(f64::from);
        Rgb([byte(0.299 * r + 0.587 * g + 0.114 * b); 3])
    });
    for (name, file, expected) in [
        ("progressive", encoder(&photo).progressive(true).encode(), &photo),
        ("4:4:4", encoder(&photo).subsampling(Subsampling::S444).encode(), &photo),
        ("4:2:2", encoder(&photo).subsampling(Subsampling::S422).encode(), &photo),
        ("restarts", encoder(&photo).restart_rows(1).encode(), &photo),
        ("rgb", encoder(&photo).colorspace(libjpeg_turbo_rs::ColorSpace::Rgb).encode(), &photo),
        ("grey", encoder(&photo).grayscale_from_color(true).encode(), &grey),
    ] {
        let distance = distance(&largest(&render(&file.unwrap()).unwrap()), expected);
        assert!(distance < ALIKE, "{name}: {distance}");
    }
}

#[test]
fn inks_are_shown_in_their_colours_with_and_without_adobes_marker() {
    // As browsers take them: a number is what the ink leaves of the light, whatever the markers say.
    let photo = scene(300, 200);
    let pixels = photo.pixels().flat_map(|Rgb([r, g, b])| [*r, *g, *b, 255]).collect::<Vec<u8>>();
    for adobe in [false, true] {
        let encoder = Encoder::new(&pixels, 300, 200, PixelFormat::Cmyk).quality(95).subsampling(Subsampling::S444);
        let file = encoder.write_adobe_marker(adobe).encode().unwrap();
        let distance = distance(&largest(&render(&file).unwrap()), &photo);
        assert!(distance < ALIKE, "Adobe {adobe}: {distance}");
    }
}

#[test]
fn colours_of_a_picture_that_is_smaller_than_a_block_are_its_own() {
    for (width, height) in [(1, 1), (2, 2), (3, 3), (2, 9), (9, 2)] {
        let picture = RgbImage::from_pixel(width, height, Rgb([180, 180, 90]));
        let sides = (usize::try_from(width).unwrap(), usize::try_from(height).unwrap());
        let file = Encoder::new(picture.as_raw(), sides.0, sides.1, PixelFormat::Rgb).quality(95);
        let file = file.subsampling(Subsampling::S420).encode().unwrap();
        let Rgb(shown) = *largest(&render(&file).unwrap()).get_pixel(0, 0);
        let off = shown.iter().zip([180, 180, 90]).map(|(shown, wanted): (&u8, u8)| shown.abs_diff(wanted)).max();
        assert!(off <= Some(6), "{width} × {height}: {shown:?}");
    }
    // Grey, bright where the picture of one pixel is and dark in the rest of the block.
    let grey = (0..64_u8).map(|n| if n % 8 < 3 && n < 24 { 200 } else { 20 }).collect::<Vec<_>>();
    let mut file = Encoder::new(&grey, 8, 8, PixelFormat::Grayscale).quality(98).encode().unwrap();
    let frame = file.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    file[frame + 5..frame + 9].copy_from_slice(&[0, 1, 0, 1]);
    let Rgb(shown) = *largest(&render(&file).unwrap()).get_pixel(0, 0);
    assert!(shown.iter().all(|level| level.abs_diff(200) < 12), "{shown:?}");
}

#[test]
fn colours_that_chunks_of_a_png_name_are_shown_as_a_browser_shows_them() {
    let picture = packed(RgbImage::from_pixel(8, 8, Rgb([200, 100, 50])), ImageFormat::Png);
    let [gamma, srgb] = [chunk(*b"gAMA", &100_000_u32.to_be_bytes()), chunk(*b"sRGB", &[0])];
    let coded = |bytes: [u8; 4]| chunk(*b"cICP", &bytes);
    for (chunks, wanted) in [
        (vec![], [200, 100, 50]),
        (vec![gamma.clone()], [0xE5, 0xA8, 0x7A]),
        (vec![gamma.clone(), srgb], [200, 100, 50]),
        (vec![gamma.clone(), coded([1, 13, 0, 1])], [200, 100, 50]),
        (vec![coded([12, 13, 0, 1])], [0xD7, 0x5D, 0x1F]),
        (vec![coded([1, 16, 0, 1])], [0xFF, 0x33, 0x08]),
        (vec![coded([1, 18, 0, 1])], [0xBB, 0x50, 0x27]),
        (vec![coded([9, 16, 0, 0])], [200, 100, 50]),
    ] {
        let Rgb(shown) = *largest(&render(&with_chunks(&picture, &chunks)).unwrap()).get_pixel(4, 4);
        let off = shown.iter().zip(wanted).map(|(shown, wanted): (&u8, u8)| shown.abs_diff(wanted)).max();
        assert!(off <= Some(5), "{chunks:?}: {shown:?} for {wanted:?}");
    }
}

#[test]
fn inks_as_luma_and_chroma_are_shown_in_their_colours_too() {
    // YCCK, as Adobe writes it: Y, Cb and Cr (BT.601) of the inks' amounts, black upside down, and transform 2 in the marker.
    let photo = scene(300, 200);
    let ycck = photo.pixels().flat_map(|Rgb(light)| {
        let [c, m, y] = light.map(|channel| f64::from(255 - channel));
        let luma = 0.299 * c + 0.587 * m + 0.114 * y;
        [byte(luma), byte(128.0 + (y - luma) / 1.772), byte(128.0 + (c - luma) / 1.402), 255]
    });
    let components = ycck.collect::<Vec<u8>>();
    let encoder = Encoder::new(&components, 300, 200, PixelFormat::Cmyk).quality(95).subsampling(Subsampling::S444);
    let mut file = encoder.write_adobe_marker(true).encode().unwrap();
    let marker = file.windows(5).position(|window| window == b"Adobe").unwrap();
    assert_eq!(file[marker + 11], 0);
    file[marker + 11] = 2;
    let distance = distance(&largest(&render(&file).unwrap()), &photo);
    assert!(distance < ALIKE, "{distance}");
}

/// Every marker segment of a rendition, and that it ends with the end marker.
fn markers(file: &[u8]) -> Vec<u8> {
    let mut markers = vec![];
    let mut at = 2;
    while file[at + 1] != 0xDA {
        markers.push(file[at + 1]);
        at += 2 + usize::from(u16::from_be_bytes([file[at + 2], file[at + 3]]));
    }
    assert!(file.starts_with(&[0xFF, 0xD8]) && file.ends_with(&[0xFF, 0xD9]));
    markers
}

/// A file of each format, with a text in everything that could carry one.
fn canaries() -> [(&'static str, Vec<u8>); 3] {
    let canary = |carrier: &str| format!("CANARY-{carrier}-51.5007N");
    let photo = scene(700, 500);
    let texts = [canary("exif-make"), canary("exif-artist"), canary("maker-note")];
    let block = exif(1, &[(0x010F, &texts[0]), (0x013B, &texts[1]), (0x927C, &texts[2])]);
    let mut space = ColorProfile::new_display_p3();
    let text = moxcms::LocalizableString::new("en".into(), "GB".into(), canary("icc"));
    space.description = Some(moxcms::ProfileText::Localizable(vec![text]));
    let profile = space.encode().unwrap();
    let xmp = format!("http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>{}</x:xmpmeta>", canary("xmp"));
    let second = jpeg(&scene(64, 64));

    let jpeg = encoder(&photo).exif_data(&block).icc_profile(&profile).comment(&canary("com")).encode().unwrap();
    let jpeg = with_segments(
        &jpeg,
        &[
            segment(0xE1, xmp.as_bytes()),
            segment(0xED, format!("Photoshop 3.0\08BIM\x04\x04\0\0\0\0\0\x20{}", canary("iptc")).as_bytes()),
            segment(0xE2, format!("MPF\0{}", canary("mpf")).as_bytes()),
            segment(0xE7, canary("app7").as_bytes()),
            segment(
                0xE1,
                &[b"http://ns.adobe.com/xmp/extension/\0", &[b'A'; 32][..], &[0; 8], canary("xmp2").as_bytes()]
                    .concat(),
            ),
        ],
    );
    let jpeg = [jpeg, second, canary("trailing").into_bytes()].concat();

    let zlib = |text: &[u8]| miniz_oxide::deflate::compress_to_vec_zlib(text, 6);
    let png = with_chunks(
        &packed(photo.clone(), ImageFormat::Png),
        &[
            chunk(*b"eXIf", &block),
            chunk(*b"iCCP", &[format!("{}\0\0", canary("name")).as_bytes(), &zlib(&profile)].concat()),
            chunk(*b"tEXt", format!("Comment\0{}", canary("text")).as_bytes()),
            chunk(*b"zTXt", &[b"Comment\0\0", &zlib(canary("ztxt").as_bytes())[..]].concat()),
            chunk(*b"iTXt", format!("XML:com.adobe.xmp\0\0\0\0\0{}", canary("itxt")).as_bytes()),
        ],
    );
    let png = [png, canary("trailing").into_bytes()].concat();

    let webp = packed(photo, ImageFormat::WebP);
    let webp = with_webp_chunks(
        &webp,
        (700, 500),
        0x2C,
        &[
            (b"ICCP", &profile),
            (b"EXIF", &block),
            (b"XMP ", canary("xmp").as_bytes()),
            (b"junk", canary("junk").as_bytes()),
        ],
    );
    let webp = [webp, canary("trailing").into_bytes()].concat();

    [("jpg", jpeg), ("png", png), ("webp", webp)]
}

#[test]
fn no_canary_of_any_carrier_of_metadata_is_in_any_rendition() {
    for (_, original) in canaries() {
        assert!(has(&original, b"CANARY"), "the canary is in the original");
        let rendered = render(&original).unwrap();
        for rendition in &rendered.renditions {
            assert!(!has(&rendition.bytes, b"CANARY"));
            assert!(!has(&rendition.bytes, &"CANARY".encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>()));
            if rendition.content_type == "image/webp" {
                // One chunk, which is the picture.
                assert_eq!(&rendition.bytes[8..16], b"WEBPVP8 ");
                let picture = u32::from_le_bytes(*rendition.bytes[16..].first_chunk().unwrap());
                let end = 20 + usize::try_from(picture).unwrap().next_multiple_of(2);
                assert_eq!(rendition.bytes.len(), end);
                continue;
            }
            // JFIF's APP0, tables, frame: nothing that could carry a text.
            let allowed = [0xE0, 0xDB, 0xC0, 0xC4];
            assert!(markers(&rendition.bytes).iter().all(|marker| allowed.contains(marker)));
            assert_eq!(rendition.bytes.windows(2).filter(|pair| *pair == [0xFF, 0xD9]).count(), 1);
        }
    }
}

/// What else a file may be to a program that looks for it, wherever it stands in the file.
const OTHER_KINDS: [&[u8]; 7] = [
    b"<?php system($_GET['zq']); /* zq */ ?>",
    b"<html><body onload=zq()><script>zq()</script>",
    b"=1;/*zq*/zq()/*a script, read as GIF89a=1*/",
    b"PK\x03\x04\x14\0\0\0\0\0zq-an-archive/zq.class",
    b"%PDF-1.7\n1 0 obj<</OpenAction/JS(zq())>>endobj",
    b"#!/bin/sh\necho zq; exit 0 # and nothing after it",
    b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0zq-a-program-zq",
];

/// A PNG whose pixels are these bytes, as they are, since its data is not packed.
fn in_pixels(bytes: &[u8]) -> Vec<u8> {
    let (width, height) = (64, 64);
    let pixels: Vec<u8> = bytes.iter().copied().cycle().take(width * height * 3).collect();
    let rows: Vec<u8> = pixels.chunks(width * 3).flat_map(|row| [&[0], row].concat()).collect();
    let whole = packed(scene(64, 64), ImageFormat::Png);
    let data = miniz_oxide::deflate::compress_to_vec_zlib(&rows, 0);
    // The signature and the header of a picture of that size and kind, and then these pixels.
    [&whole[..33], &chunk(*b"IDAT", &data), &chunk(*b"IEND", &[])].concat()
}

#[test]
fn what_is_another_kind_of_file_at_the_same_time_is_a_picture_and_nothing_else_afterwards() {
    let (plain, png) = (jpeg(&scene(700, 500)), packed(scene(700, 500), ImageFormat::Png));
    let mut looked = 0;
    for kind in OTHER_KINDS {
        let text = [b"Comment\0", kind].concat();
        for original in [
            [&plain[..], kind].concat(),
            with_segments(&plain, &[segment(0xFE, kind)]),
            with_segments(&plain, &[segment(0xE0, kind), segment(0xEF, kind)]),
            [&png[..], kind].concat(),
            with_chunks(&png, &[chunk(*b"tEXt", &text), chunk(*b"prVt", kind)]),
            in_pixels(kind),
        ] {
            assert!(has(&original, &kind[..16]), "it is in the original");
            for rendition in &render(&original).unwrap().renditions {
                for part in kind.windows(16) {
                    assert!(!has(&rendition.bytes, part), "{}: {:?}", rendition.name, String::from_utf8_lossy(part));
                }
                looked += 1;
            }
        }
    }
    assert!(looked > 80, "{looked} renditions");
}

#[test]
fn exiftool_finds_nothing_but_the_picture_in_any_rendition_of_a_file_with_canaries_in_every_carrier() {
    let folder = tempfile::tempdir().unwrap();
    for (kind, original) in canaries() {
        for rendition in render(&original).unwrap().renditions {
            std::fs::write(folder.path().join(format!("{kind}-{}", rendition.name)), rendition.bytes).unwrap();
        }
        std::fs::write(folder.path().join(format!("original.{kind}")), original).unwrap();
    }
    // -u and -ee: unknown tags and embedded documents too.
    let mut exiftool = std::process::Command::new("exiftool");
    let read = exiftool.args(["-json", "-G0", "-a", "-u", "-ee", "."]).current_dir(&folder).output().unwrap();
    let files: Vec<serde_json::Map<String, serde_json::Value>> = serde_json::from_slice(&read.stdout).unwrap();
    assert_eq!(files.len(), 3 * (2 * 3 + 1));
    for file in &files {
        let name = file["SourceFile"].as_str().unwrap();
        let told = serde_json::to_string(file).unwrap();
        if name.contains("original") {
            assert!(told.contains("CANARY"), "exiftool sees what we planted: {told}");
            continue;
        }
        assert!(!told.contains("CANARY"), "{told}");
        let said_by = |tag: &str| tag.split(':').next().unwrap_or_default().to_owned();
        let groups = file.keys().map(|tag| said_by(tag)).collect::<std::collections::BTreeSet<_>>();
        let plain = ["SourceFile", "ExifTool", "File", "JFIF", "RIFF", "Composite"];
        assert!(groups.iter().all(|group| plain.contains(&group.as_str())), "{name}: {groups:?}");
    }
}

fn has(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

#[test]
fn the_same_bytes_give_the_same_renditions_and_a_changed_pixel_another_hash() {
    let mut photo = scene(900, 600);
    let file = jpeg(&photo);
    assert_eq!(render(&file).unwrap(), render(&file).unwrap());
    photo.put_pixel(450, 300, Rgb([255, 0, 255]));
    assert_ne!(render(&jpeg(&photo)).unwrap().hash, render(&file).unwrap().hash);
}

#[test]
fn the_placeholder_has_the_proportions_and_the_colour_of_the_picture() {
    let rendered = render(&jpeg(&scene(1200, 800))).unwrap();
    let hash = decoded(&rendered.placeholder);
    let ratio = thumbhash::thumb_hash_to_approximate_aspect_ratio(&hash).unwrap();
    assert!((ratio - 1.5).abs() < 0.15, "{ratio}");
    let (r, g, b, _) = thumbhash::thumb_hash_to_average_rgba(&hash).unwrap();
    let parts = |at: usize| f32::from(u8::from_str_radix(&rendered.color[at..at + 2], 16).unwrap()) / 255.0;
    for (kept, exact) in [(r, parts(1)), (g, parts(3)), (b, parts(5))] {
        assert!((kept - exact).abs() < 0.05, "{kept} {exact}");
    }
}
