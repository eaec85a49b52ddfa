//! Our JPEG decoder beside others: the same samples as libjpeg at full size, and what the definition of the transform gives at
//! the smaller ones.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod made;

use std::f64::consts::PI;

use libjpeg_turbo_rs::{Encoder, PixelFormat, Subsampling, decompress_raw, read_coefficients};
use made::*;
use pipeline::jpeg::{Damage, Decoder, Flaws, Rows, Scale, Sink};

/// What a sink has been given: of each component its width and its samples.
#[derive(Default)]
struct Gathered {
    planes: Vec<(usize, Vec<u8>)>,
    pauses: usize,
    flaws: Flaws,
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
    let mut gathered = Gathered { planes: vec![(0, vec![]); components], pauses: 0, flaws: Flaws::default() };
    let outcome = decoder.decode(&vec![scale; components], &mut gathered)?;
    gathered.flaws = outcome.flaws;
    if outcome.cut { Err(Damage::Cut) } else { Ok(gathered) }
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
        assert_eq!(ours.flaws, Flaws::default(), "{name}");
        for (component, (width, plane)) in ours.planes.iter().enumerate() {
            for (y, row) in plane.chunks_exact(*width).enumerate() {
                let at = y * theirs.plane_widths[component];
                assert!(row == &theirs.planes[component][at..at + width], "{name}: component {component}, row {y}");
            }
        }
    }
}

/// One row of the inverse transform of the lowest `edge²` coefficients by its definition (T.81 §A.3.3, with `edge` for 8).
fn transformed(block: &[f64; 64], edge: usize, y: usize) -> Vec<f64> {
    let part = |n: usize| f64::from(u32::try_from(n).unwrap());
    let weight = |n: usize| if n == 0 { 0.5_f64.sqrt() } else { 1.0 };
    let wave = |n: usize, x: usize| weight(n) * ((2.0 * part(x) + 1.0) * part(n) * PI / (2.0 * part(edge))).cos();
    let sample = |x: usize| {
        let terms = (0..edge * edge).map(|n| block[n / edge * 8 + n % edge] * wave(n % edge, x) * wave(n / edge, y));
        terms.sum::<f64>() / 4.0 + 128.0
    };
    (0..edge).map(sample).collect()
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
        for scale in Scale::ALL.into_iter().filter(|scale| *scale != Scale::Whole) {
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
                        let expected = transformed(&natural, edge, y % edge);
                        for (got, want) in blocks.iter().zip(&expected) {
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

/// A file without its first segment of a kind.
fn without(file: &[u8], marker: u8) -> Vec<u8> {
    let at = file.windows(2).position(|pair| pair == [0xFF, marker]).unwrap();
    let length = usize::from(u16::from_be_bytes([file[at + 2], file[at + 3]]));
    [&file[..at], &file[at + 2 + length..]].concat()
}

#[test]
fn a_frame_without_code_tables_means_those_of_the_standard() {
    for file in [jpeg(&scene(120, 90)), encoder(&scene(120, 90)).grayscale_from_color(true).encode().unwrap()] {
        let mut bare = file.clone();
        while bare.windows(2).any(|pair| pair == [0xFF, 0xC4]) {
            bare = without(&bare, 0xC4);
        }
        assert!(bare.len() + 190 < file.len(), "there were tables");
        let (bare, whole) = (decode(&bare, Scale::Whole).unwrap(), decode(&file, Scale::Whole).unwrap());
        assert!(bare.planes == whole.planes && bare.flaws == Flaws::default());
    }
}

#[test]
fn two_components_of_one_number_come_one_after_the_other() {
    let inks = scene(61, 43).pixels().flat_map(|pixel| [pixel[0], pixel[1], pixel[2], 200]).collect::<Vec<_>>();
    let file = Encoder::new(&inks, 61, 43, PixelFormat::Cmyk).encode().unwrap();
    let [frame, scan] = [0xC0, 0xDA].map(|marker| file.windows(2).position(|pair| pair == [0xFF, marker]).unwrap());
    let mut same = file.clone();
    (same[frame + 16], same[scan + 9]) = (same[frame + 10], same[scan + 5]);
    assert_ne!(same, file);
    assert!(decode(&same, Scale::Whole).unwrap().planes == decode(&file, Scale::Whole).unwrap().planes);
}

/// Where the entropy-coded data of the first scan begin.
fn coded(file: &[u8]) -> usize {
    let at = file.windows(2).position(|pair| pair == [0xFF, 0xDA]).unwrap();
    at + 2 + usize::from(u16::from_be_bytes([file[at + 2], file[at + 3]]))
}

/// How many of the rows of blocks of the first component differ by more than a few levels.
fn rows_that_differ(one: &Gathered, other: &Gathered) -> Vec<usize> {
    let (width, plane) = &one.planes[0];
    let rows = plane.chunks(width * 8).zip(other.planes[0].1.chunks(width * 8)).enumerate();
    let differs = |one: &[u8], other: &[u8]| one.iter().zip(other).any(|(a, b)| a.abs_diff(*b) > 4);
    rows.filter(|(_, (one, other))| differs(one, other)).map(|(row, _)| row).collect()
}

#[test]
fn behind_damage_decoding_starts_anew_at_the_next_restart_marker() {
    let file = encoder(&scene(320, 240)).subsampling(Subsampling::S444).restart_rows(1).encode().unwrap();
    let whole = decode(&file, Scale::Whole).unwrap();
    let restarts = (coded(&file)..file.len()).filter(|&at| file[at] == 0xFF && (0xD0..=0xD7).contains(&file[at + 1]));
    let restarts = restarts.collect::<Vec<_>>();
    assert_eq!(restarts.len(), 29);
    let within = restarts[9] + 30;
    for (name, damage, rows) in [
        ("a marker that is none", vec![(within, vec![0xFF, 0xC3, 0xFF, 0x42])], 10..11),
        ("a segment that is none", vec![(within, vec![0xFF, 0xE1, 0x7F, 0x00])], 10..11),
        ("the end of another restart", vec![(within, vec![0xFF, 0xD3, 0x12])], 10..11),
        ("a restart marker is lost", vec![(restarts[9] - 4, vec![0x12; 16])], 9..11),
        ("two are lost", vec![(restarts[9], vec![0x31; 2]), (restarts[10], vec![0x12; 2])], 9..12),
        ("a code that is none", vec![(within, vec![0xFF, 0, 0xFF, 0, 0xFF, 0, 0xFF, 0])], 10..11),
    ] {
        let mut broken = file.clone();
        for (at, bytes) in damage {
            broken[at..at + bytes.len()].copy_from_slice(&bytes);
        }
        let shown = decode(&broken, Scale::Whole).unwrap();
        let differ = rows_that_differ(&shown, &whole);
        assert!(!differ.is_empty() && differ.iter().all(|row| rows.contains(row)), "{name}: {differ:?}");
        assert!((3..=14).contains(&shown.flaws.damaged), "{name}: {:?}", shown.flaws);
    }
}

#[test]
fn what_no_data_are_there_for_is_grey() {
    let file = encoder(&scene(320, 240)).subsampling(Subsampling::S444).restart_rows(1).encode().unwrap();
    let mut broken = file.clone();
    let at = coded(&file) + 200;
    broken[at..at + 2].copy_from_slice(&[0xFF, 0x42]);
    let shown = decode(&broken, Scale::Whole).unwrap();
    for (width, plane) in &shown.planes {
        assert!(plane[width - 8..*width].iter().all(|&level| level == 128), "the first row's end is grey");
        assert!(plane[8 * width..9 * width].iter().any(|&level| level != 128));
    }
    assert!((1..=4).contains(&shown.flaws.grey), "{:?}", shown.flaws);
}

#[test]
fn without_restart_markers_decoding_goes_on_behind_damage() {
    let file = encoder(&scene(320, 240)).subsampling(Subsampling::S444).encode().unwrap();
    let begin = coded(&file);
    let mut shown = 0;
    for part in [1, 3, 5, 7] {
        let mut broken = file.clone();
        let at = begin + (file.len() - begin) * part / 8;
        broken[at..at + 4].copy_from_slice(&[0xFF, 0xC5, 0xFF, 0x66]);
        let mut gathered = Gathered { planes: vec![(0, vec![]); 3], pauses: 0, flaws: Flaws::default() };
        let outcome = Decoder::new(&broken).unwrap().decode(&[Scale::Whole; 3], &mut gathered).unwrap();
        let rows = gathered.planes[0].1.len() / 320;
        assert!(rows >= 200, "{rows} of 240 rows");
        shown += usize::from(rows == 240);
        let behind = u8::try_from(100 - 100 * part / 8).unwrap();
        assert!(outcome.flaws.damaged.abs_diff(behind) <= 8, "{:?} of {behind}", outcome.flaws);
        assert_eq!(outcome.flaws.grey, 0);
    }
    assert!(shown > 0);
}

#[test]
fn a_progressive_file_wants_all_its_scans_and_not_its_last_bits() {
    let file = encoder(&scene(320, 240)).progressive(true).encode().unwrap();
    let whole = decode(&file, Scale::Whole).unwrap();
    let unmarked = decode(&file[..file.len() - 2], Scale::Whole).unwrap();
    assert!(unmarked.planes == whole.planes && unmarked.flaws == Flaws::default());
    let last = file.windows(2).rposition(|pair| pair == [0xFF, 0xDA]).unwrap();
    let short = decode(&file[..file.len() - (file.len() - last) / 4], Scale::Whole).unwrap();
    assert!((5..=45).contains(&short.flaws.damaged) && short.flaws.grey == 0, "{:?}", short.flaws);
    let furthest = short.planes[0].1.iter().zip(&whole.planes[0].1).map(|(a, b)| a.abs_diff(*b)).max();
    assert!(furthest < Some(64), "{furthest:?}");
    assert_eq!(decode(&file[..last], Scale::Whole).err(), Some(Damage::Cut));

    // A scan in the middle loses its second half, as when one of its bytes becomes a marker.
    let mut broken = file.clone();
    let scans = (0..file.len() - 1).filter(|&at| file[at..at + 2] == [0xFF, 0xDA]).collect::<Vec<_>>();
    let middle = scans[1].midpoint(scans[2]);
    broken[middle..middle + 2].copy_from_slice(&[0xFF, 0x42]);
    let shown = decode(&broken, Scale::Whole).unwrap();
    assert!(shown.flaws.damaged > 20, "{:?}", shown.flaws);
}

#[test]
fn a_stray_end_of_a_scan_is_none() {
    // 4096 positions of random bytes: hardly one is taken for the end of the data.
    let mut chance = Chance(7);
    let mut data = (0..1 << 16).map(|_| u8::try_from(chance.below(256)).unwrap()).collect::<Vec<_>>();
    let ends = data.windows(2).filter(|pair| pair[0] == 0xFF && pair[1] >= 0xC0 && pair[1] != 0xFF).count();
    assert!(ends > 40, "{ends}");
    data.iter_mut().skip(1).filter(|byte| **byte == 0xD9).for_each(|byte| *byte = 0xD2);
    assert_eq!(pipeline::jpeg::data_end(&data, 0), data.len());
}

#[test]
fn what_is_no_picture_is_damage() {
    let file = jpeg(&scene(40, 30));
    let without = |marker: u8| without(&file, marker);
    for (name, file) in [
        ("nothing", vec![]),
        ("a start", vec![0xFF, 0xD8]),
        ("no quantisers", without(0xDB)),
        ("no frame", without(0xC0)),
    ] {
        assert!(decode(&file, Scale::Whole).is_err(), "{name}");
    }
}
