//! Our JPEG decoder beside others: the same samples as libjpeg at full size, and what the definition of the transform gives at
//! the smaller ones.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod made;

use std::f64::consts::PI;

use libjpeg_turbo_rs::{Encoder, PixelFormat, Subsampling, decompress_raw, read_coefficients};
use made::*;
use pipeline::jpeg::{Damage, Decoder, Rows, Scale, Sink};

/// What a sink has been given: of each component its width and its samples.
#[derive(Default)]
struct Gathered {
    planes: Vec<(usize, Vec<u8>)>,
    pauses: usize,
}

impl Sink for Gathered {
    type Error = Damage;

    fn rows(&mut self, rows: &Rows<'_>) -> Result<(), Damage> {
        let (width, plane) = &mut self.planes[rows.component];
        *width = rows.width;
        for row in rows.samples.chunks_exact(rows.stride).take(rows.count) {
            plane.extend_from_slice(&row[..rows.width]);
        }
        assert!(plane.len() <= rows.width * rows.height);
        Ok(())
    }

    fn pause(&mut self) -> Result<(), Damage> {
        self.pauses += 1;
        Ok(())
    }
}

fn decode(jpeg: &[u8], scale: Scale) -> Result<Gathered, Damage> {
    let decoder = Decoder::new(jpeg)?;
    let components = decoder.frame().components.len();
    let mut gathered = Gathered { planes: vec![(0, vec![]); components], pauses: 0 };
    decoder.decode(&vec![scale; components], &mut gathered)?;
    Ok(gathered)
}

/// Files of every kind that cameras, phones, editors and sites make.
fn files() -> Vec<(String, Vec<u8>)> {
    let mut files = vec![];
    for (width, height) in [(250, 187), (64, 64), (16, 16), (17, 33), (1, 1), (8, 120), (500, 9)] {
        let photo = scene(width, height);
        let mut add = |name: &str, file: Encoder<'_>| {
            files.push((format!("{name} {width} × {height}"), file.encode().unwrap()));
        };
        for sampling in [
            Subsampling::S444,
            Subsampling::S422,
            Subsampling::S420,
            Subsampling::S440,
            Subsampling::S411,
            Subsampling::S441,
        ] {
            add(&format!("{sampling:?}"), encoder(&photo).subsampling(sampling));
            add(&format!("{sampling:?} progressive"), encoder(&photo).subsampling(sampling).progressive(true));
        }
        add("grey", encoder(&photo).grayscale_from_color(true));
        add("grey progressive", encoder(&photo).grayscale_from_color(true).progressive(true));
        add("restarts", encoder(&photo).restart_blocks(3));
        add("restarts progressive", encoder(&photo).restart_rows(1).progressive(true));
        add("own tables", encoder(&photo).optimize_huffman(true));
        add("coarse", encoder(&photo).quality(5));
        add("fine", encoder(&photo).quality(100).subsampling(Subsampling::S444));
        let inks = photo.pixels().flat_map(|pixel| [pixel[0], pixel[1], pixel[2], 200]).collect::<Vec<_>>();
        let sides = (usize::try_from(width).unwrap(), usize::try_from(height).unwrap());
        add("inks", Encoder::new(&inks, sides.0, sides.1, PixelFormat::Cmyk));
        files.push((format!("three scans {width} × {height}"), in_three_scans(&photo)));
    }
    files
}

#[test]
fn at_full_size_every_sample_is_the_one_that_libjpeg_gives() {
    for (name, file) in files() {
        let ours = decode(&file, Scale::Whole).unwrap();
        let theirs = decompress_raw(&file).unwrap();
        assert_eq!(ours.planes.len(), theirs.planes.len(), "{name}");
        assert!(ours.pauses > 0);
        for (component, (width, plane)) in ours.planes.iter().enumerate() {
            for (y, row) in plane.chunks_exact(*width).enumerate() {
                let at = y * theirs.plane_widths[component];
                assert!(row == &theirs.planes[component][at..at + width], "{name}: component {component}, row {y}");
            }
        }
    }
}

/// The inverse transform of the lowest `edge²` coefficients by its definition (T.81 §A.3.3, with `edge` for 8).
fn transformed(block: &[f64; 64], edge: usize) -> Vec<f64> {
    let part = |n: usize| f64::from(u32::try_from(n).unwrap());
    let weight = |n: usize| if n == 0 { 0.5_f64.sqrt() } else { 1.0 };
    let wave = |n: usize, x: usize| weight(n) * ((2.0 * part(x) + 1.0) * part(n) * PI / (2.0 * part(edge))).cos();
    let sample = |x: usize, y: usize| {
        let terms = (0..edge * edge).map(|n| block[n / edge * 8 + n % edge] * wave(n % edge, x) * wave(n / edge, y));
        terms.sum::<f64>() / 4.0 + 128.0
    };
    (0..edge * edge).map(|n| sample(n % edge, n / edge)).collect()
}

#[test]
fn at_smaller_sizes_every_sample_is_within_one_level_of_the_definition() {
    const ZIGZAG: [usize; 64] = [
        0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14,
        21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60,
        61, 54, 47, 55, 62, 63,
    ];
    for (name, file) in files() {
        // The oracle reads no coefficients from files of several sequential scans.
        let Ok(coefficients) = read_coefficients(&file) else {
            assert!(name.starts_with("three scans"), "{name}");
            continue;
        };
        for scale in [Scale::Half, Scale::Quarter, Scale::Eighth] {
            let edge = scale.edge();
            let ours = decode(&file, scale).unwrap();
            for ((width, plane), component) in ours.planes.iter().zip(&coefficients.components) {
                let table = coefficients.quant_tables[usize::from(component.quant_table_index)];
                for (y, row) in plane.chunks_exact(*width).enumerate() {
                    for (x, blocks) in row.chunks(edge).enumerate() {
                        let stored = &component.blocks[y / edge * component.blocks_x + x];
                        let mut natural = [0.0; 64];
                        for (value, place) in stored.iter().zip(ZIGZAG) {
                            natural[place] = f64::from(*value) * f64::from(table[place]);
                        }
                        let expected = &transformed(&natural, edge)[y % edge * edge..];
                        for (got, want) in blocks.iter().zip(expected) {
                            let off = (f64::from(*got) - want.clamp(0.0, 255.0)).abs();
                            assert!(off <= 1.0, "{name} {scale:?} at {x}, {y}: {got} for {want}");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn a_file_that_was_cut_is_said_to_be_cut_and_never_shown() {
    let photo = scene(120, 90);
    for file in [jpeg(&photo), encoder(&photo).restart_rows(1).encode().unwrap()] {
        for end in 0..file.len() - 3 {
            let damage = decode(&file[..end], Scale::Half).err();
            let known = [Some(Damage::Cut), Some(Damage::Corrupt)];
            // The last byte may hold nothing but padding.
            assert!(known.contains(&damage) || end + 4 > file.len(), "cut at {end} of {}: {damage:?}", file.len());
        }
    }
}

#[test]
fn what_is_no_picture_is_damage() {
    let file = jpeg(&scene(40, 30));
    let without = |marker: u8| {
        let at = file.windows(2).position(|pair| pair == [0xFF, marker]).unwrap();
        let length = usize::from(u16::from_be_bytes([file[at + 2], file[at + 3]]));
        [&file[..at], &file[at + 2 + length..]].concat()
    };
    for (name, file) in [
        ("nothing", vec![]),
        ("a start", vec![0xFF, 0xD8]),
        ("no quantisers", without(0xDB)),
        ("no codes", without(0xC4)),
        ("no frame", without(0xC0)),
    ] {
        assert!(decode(&file, Scale::Whole).is_err(), "{name}");
    }
}
