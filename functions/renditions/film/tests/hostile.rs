//! A file that is not a film within the limits is refused with a reason, at once, and never a crash.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::similar_names, reason = "a film is read from a file")]

mod made;

use std::{
    sync::LazyLock,
    time::{Duration, Instant},
};

use film::{FourCc, Limits, Parts, Sound, Unfit, look};
use made::*;

static PLAIN: LazyLock<Vec<u8>> = LazyLock::new(|| Recipe::default().file());

/// What becomes of a file, in at most 50 ms: at the best of five times, since others use the processor too.
fn outcome(file: &[u8]) -> Result<Vec<u8>, Unfit> {
    let mut times = Vec::new();
    let film = loop {
        let begun = Instant::now();
        let film = look(&Parts::new([file]), &Limits::default());
        times.push(begun.elapsed());
        if times.last().unwrap() < &Duration::from_millis(50) {
            break film;
        }
        assert!(times.len() < 5, "{times:?}");
    };
    film.map(|film| {
        let mut out = Vec::new();
        film.write(Sound::Kept, &mut out).unwrap();
        out
    })
}

fn refused(file: &[u8]) -> Unfit {
    outcome(file).unwrap_err()
}

fn corrupt(found: &'static str) -> Unfit {
    Unfit::Corrupt { found }
}

/// A table of the picture with one number replaced, `at` bytes behind its type.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "types of boxes are written as b\"moov\"")]
fn patched(kind: &[u8; 4], at: usize, number: u32) -> Vec<u8> {
    with(&PLAIN, table(&PLAIN, kind).start + at, &number.to_be_bytes())
}

#[test]
fn what_is_not_a_film_is_named() {
    let unsupported = |found| Unfit::UnsupportedType { found };
    for (file, expected) in [
        (&b""[..], Unfit::Empty),
        (b"Notes on the risk assessment", Unfit::NotAFilm),
        (b"\0", Unfit::NotAFilm),
        (b"\0\0\0\x08", Unfit::NotAFilm),
        (b"\x1A\x45\xDF\xA3\x9F\x42\x86\x81", unsupported("WebM or Matroska")),
        (b"RIFF\0\0\0\0AVI LIST", unsupported("AVI")),
        (b"\0\0\0\x18ftypheic\0\0\0\0", unsupported("HEIC")),
        (b"\0\0\0\x18ftypavif\0\0\0\0", unsupported("AVIF")),
        (b"GIF89a\x01\0\x01\0\0\0\0", unsupported("GIF")),
        (b"\0\0\0\x18ftypmp42\0\0\0\0isommp42", Unfit::Truncated),
        (b"\0\0\0\x08ftyp", Unfit::Truncated),
    ] {
        assert_eq!(refused(file), expected, "{file:?}");
    }
    let mut stream = vec![0; 400];
    (stream[0], stream[188], stream[376]) = (0x47, 0x47, 0x47);
    assert_eq!(refused(&stream), unsupported("MPEG transport stream"));
}

#[test]
fn a_film_that_is_cut_anywhere_is_refused() {
    for recipe in recipes() {
        for index_first in [false, true] {
            let file = Recipe { index_first, ..recipe.clone() }.file();
            // What lies behind the last box of data or the index is not needed.
            let last = if index_first { find(&file, &[b"mdat"]) } else { find(&file, &[b"moov"]) };
            // With gaps planted, nor are the last bytes of the data.
            for end in (0..last.end - if recipe.planted { CANARY.len() } else { 0 })
                .step_by(if cfg!(debug_assertions) { 3 } else { 1 })
            {
                let unfit = refused(&file[..end]);
                assert!(
                    matches!(unfit, Unfit::Empty | Unfit::NotAFilm | Unfit::Truncated),
                    "{end} of {}: {unfit:?}",
                    file.len()
                );
            }
        }
    }
}

#[test]
fn boxes_of_impossible_sizes_are_refused() {
    let moov = find(&PLAIN, &[b"moov"]);
    let trak = find(&PLAIN, &[b"moov", b"trak"]);
    for (at, size, expected) in [
        (moov.start - 8, 2, corrupt("box sizes")),
        (moov.start - 8, 7, corrupt("box sizes")),
        (moov.start - 8, u32::MAX, Unfit::Truncated),
        (trak.start - 8, u32::MAX, Unfit::Truncated),
        (trak.start - 8, 8, Unfit::NoPicture),
        (table(&PLAIN, b"stts").start - 8, u32::MAX, corrupt("box sizes")),
        (table(&PLAIN, b"stts").start - 8, 0, corrupt("box sizes")),
        (table(&PLAIN, b"stts").start - 8, 3, corrupt("box sizes")),
    ] {
        assert_eq!(refused(&with(&PLAIN, at, &u32::to_be_bytes(size))), expected, "{size} at {at}");
    }
    // A size of 64 bits: 0, 1, 8, 2^63, 2^64 − 1. And one that is right.
    let long = |size: u64| {
        let ftyp = find(&PLAIN, &[b"ftyp"]);
        [&PLAIN[..ftyp.end], &[0, 0, 0, 1], b"free", &size.to_be_bytes(), &[0; 4], &PLAIN[ftyp.end..]].concat()
    };
    for size in [0, 1, 8, 15] {
        assert_eq!(refused(&long(size)), corrupt("box sizes"));
    }
    for size in [1 << 63, u64::MAX, u64::MAX - 15, 1 << 32] {
        assert_eq!(refused(&long(size)), Unfit::Truncated);
    }
    // It moves the data by 20 bytes.
    assert_eq!(refused(&long(20)).reason(), "corrupt");
    // The last box may go to the end of the file.
    let last = with(&PLAIN, moov.start - 8, &[0; 4]);
    assert_eq!(outcome(&last), outcome(&PLAIN));
}

#[test]
fn what_lies_behind_the_last_box_is_left_alone() {
    for behind in [
        &b"\0"[..],
        b"\0\0\0\0",
        b"\0\0\0\x02junk",
        b"\xFF\xFF\xFF\xFFjunk",
        b"\0\0\0\x01junk\0\0\0\0\0\0\0\0",
        b"\0\0\0\x08free",
    ] {
        assert_eq!(outcome(&[&PLAIN[..], behind].concat()), outcome(&PLAIN), "{behind:?}");
    }
}

#[test]
fn boxes_in_boxes_and_boxes_without_end_are_counted() {
    let ftyp = &PLAIN[..find(&PLAIN, &[b"ftyp"]).end];
    let nested = |kind: &[u8; 4]| {
        let depth = 200_000_u32;
        (1..=depth).rev().flat_map(|left| [&(8 * left).to_be_bytes()[..], kind].concat()).collect::<Vec<_>>()
    };
    for kind in [b"moov", b"trak", b"udta", b"mdia"] {
        let inner = nested(kind);
        assert_eq!(refused(&[ftyp, &inner].concat()).reason(), if kind == b"moov" { "corrupt" } else { "truncated" });
        assert_eq!(refused(&[ftyp, &boxed(b"moov", &[&inner])].concat()), corrupt("mvhd"));
    }
    let many = |kind: &[u8; 4], count: usize| boxed(b"moov", &[&boxed(kind, &[]).repeat(count)]);
    let boxes = Unfit::TooComplex { what: "boxes", found: 4097, limit: 4096 };
    assert_eq!(refused(&[ftyp, &many(b"udta", 400_000)].concat()), boxes);
    assert_eq!(
        refused(&[ftyp, &many(b"trak", 400_000)].concat()),
        Unfit::TooComplex { what: "tracks", found: 17, limit: 16 }
    );
    assert_eq!(refused(&[ftyp, &boxed(b"free", &[]).repeat(2_000_000)].concat()), boxes);
    assert_eq!(refused(&[&PLAIN[..], &boxed(b"free", &[]).repeat(2_000_000)].concat()), boxes);
    let index = Unfit::TooComplex { what: "bytes in its index", found: (5 << 20) + 8, limit: 4 << 20 };
    assert_eq!(refused(&[ftyp, &boxed(b"moov", &[&boxed(b"udta", &[&vec![0; 5 << 20]])])].concat()), index);
}

#[test]
fn a_file_that_is_too_large_is_refused_before_it_is_read() {
    let limits = Limits { max_bytes: 100, ..Limits::default() };
    let found = PLAIN.len();
    assert_eq!(look(&Parts::new([&PLAIN[..]]), &limits).unwrap_err(), Unfit::TooLarge { found, limit: 100 });
    // A film of lengths of one byte, which grow to four.
    let small = Recipe {
        length_bytes: 1,
        blocks: (3, 2),
        flat: true,
        index_first: true,
        pictures: 60,
        sound: 0,
        ..Recipe::default()
    }
    .file();
    let limits = Limits { max_bytes: u32::try_from(small.len()).unwrap(), ..Limits::default() };
    assert!(outcome(&small).unwrap().len() > small.len());
    assert_eq!(look(&Parts::new([&small[..]]), &limits).unwrap_err().reason(), "too-large");
}

#[test]
fn tables_that_claim_more_than_they_hold_or_than_is_allowed_are_refused() {
    let entries = |found| Unfit::TooComplex { what: "entries in one table", found, limit: 20_000 };
    let all = 0xFFFF_FFFF;
    for (kind, at, number, expected) in [
        (b"stts", 4, all, entries(0xFFFF_FFFF)),
        (b"stts", 4, 20_000, corrupt("stts")),
        (b"stts", 4, 0, corrupt("stts")),
        (b"stts", 8, all, corrupt("stts")),
        (b"stts", 8, 11, corrupt("stts")),
        (b"stts", 8, 13, corrupt("stts")),
        (b"stsz", 8, all, Unfit::TooComplex { what: "samples in one track", found: 0xFFFF_FFFF, limit: 20_000 }),
        (b"stsz", 8, 20_000, corrupt("stsz")),
        (b"stsz", 8, 13, corrupt("stsz")),
        (b"stsz", 8, 11, corrupt("stsc")),
        (b"stsz", 8, 0, corrupt("stsz")),
        (b"stsz", 12, 0, corrupt("stsz")),
        (b"stsz", 12, all, Unfit::TooComplex { what: "bytes in one sample", found: 0xFFFF_FFFF, limit: 4 << 20 }),
        (b"stsz", 12, 4 << 20, Unfit::Truncated),
        (b"stsz", 4, 1, corrupt("NAL units")),
        (b"stsc", 4, all, entries(0xFFFF_FFFF)),
        (b"stsc", 4, 0, corrupt("stsc")),
        (b"stsc", 8, 0, corrupt("stsc")),
        (b"stsc", 8, 2, corrupt("stsc")),
        (b"stsc", 12, 0, corrupt("stsc")),
        (b"stsc", 12, all, corrupt("stsc")),
        (b"stsc", 16, 2, Unfit::SeveralCodings),
        (b"stsc", 20, 1, corrupt("stsc")),
        (b"stsc", 20, all, corrupt("stsc")),
        (b"stco", 4, all, entries(0xFFFF_FFFF)),
        (b"stco", 4, 2, corrupt("stsc")),
        (b"stco", 4, 4, corrupt("stco")),
        (b"stco", 8, all, Unfit::Truncated),
        (b"stco", 8, 0, corrupt("stco")),
        (b"stsd", 4, 0, Unfit::SeveralCodings),
        (b"stsd", 4, 2, Unfit::SeveralCodings),
        (b"stsd", 8, 0, corrupt("box sizes")),
        (b"stsd", 12, u32::from_be_bytes(*b"hvc1"), Unfit::Codec { found: FourCc(*b"hvc1") }),
    ] {
        assert_eq!(
            refused(&patched(kind, at, number)),
            expected,
            "{number} at {at} of {}",
            String::from_utf8_lossy(kind)
        );
    }
}

#[test]
fn samples_that_are_too_large_are_refused() {
    let limits = Limits { max_sample_bytes: 1500, ..Limits::default() };
    let unfit = look(&Parts::new([&PLAIN[..]]), &limits).unwrap_err();
    assert!(
        matches!(unfit, Unfit::TooComplex { what: "bytes in one sample", found: 1501.., limit: 1500 }),
        "{unfit:?}"
    );
    let sound = PLAIN.windows(4).rposition(|kind| kind == b"stsz").unwrap() + 8;
    let unfit = Unfit::TooComplex { what: "bytes in one sample", found: 4097, limit: 4096 };
    assert_eq!(refused(&with(&PLAIN, sound, &[0, 0, 0x10, 0x01])), unfit);
}

#[test]
fn runs_of_chunks_cover_all_samples_and_none_is_left() {
    // Chunks of 5, 5 and 2, in two runs. As one run of 4, with a second that no chunk begins:
    let runs = table(&PLAIN, b"stsc").start;
    let unused = with(&with(&PLAIN, runs + 12, &[0, 0, 0, 4]), runs + 20, &[0, 0, 0, 9]);
    assert_eq!(refused(&unused), corrupt("stsc"));
    // Two chunks of 5, and two samples without a chunk.
    let chunks = table(&PLAIN, b"stco").start;
    let left = with(&with(&PLAIN, runs + 4, &[0, 0, 0, 1]), chunks + 4, &[0, 0, 0, 2]);
    assert_eq!(refused(&left), corrupt("stsc"));
}

/// A file of millions of samples, all of them in the same byte: their sizes, times and chunks lie together.
#[test]
fn millions_of_samples_are_not_read() {
    let file = patched(b"stsz", 4, 1);
    let file = with(&file, table(&file, b"stsz").start + 8, &5_000_000_u32.to_be_bytes());
    let file = with(&file, table(&file, b"stts").start + 8, &5_000_000_u32.to_be_bytes());
    let file = with(&file, table(&file, b"stsc").start + 12, &5_000_000_u32.to_be_bytes());
    assert_eq!(refused(&file).reason(), "too-complex");
}

#[test]
fn chunks_that_overlap_or_lie_outside_of_the_data_are_refused() {
    let chunks = table(&PLAIN, b"stco").start + 8;
    let first = u32::from_be_bytes(PLAIN[chunks..chunks + 4].try_into().unwrap());
    // Every chunk the first one: each sample is there, again and again. No film of 20 kB becomes one of 20 GB.
    let loops = with(&with(&PLAIN, chunks + 4, &first.to_be_bytes()), chunks + 8, &first.to_be_bytes());
    assert_eq!(refused(&loops).reason(), "corrupt");
    let shared = with(&PLAIN, chunks + 4, &(first + 1).to_be_bytes());
    assert_eq!(refused(&shared), corrupt("stco"));
    // Sound that lies in the picture, and sound that lies in the index: texts would become sound.
    let sound = PLAIN.windows(4).rposition(|kind| kind == b"stco").unwrap() + 12;
    assert_eq!(refused(&with(&PLAIN, sound, &first.to_be_bytes())), corrupt("stco"));
    let moov = u32::try_from(find(&PLAIN, &[b"moov"]).start).unwrap();
    assert_eq!(refused(&with(&PLAIN, sound, &moov.to_be_bytes())), corrupt("stco"));
    assert_eq!(refused(&with(&PLAIN, sound, &16_u32.to_be_bytes())), corrupt("stco"));
    // From the data into the index.
    assert_eq!(refused(&with(&PLAIN, sound, &(moov - 12).to_be_bytes())), corrupt("stco"));
}

#[test]
fn times_that_contradict_each_other_are_refused() {
    let reordered = Recipe { coding: Coding::MainReordered, edits: vec![(400, 20)], ..Recipe::default() }.file();
    let shifts = table(&reordered, b"ctts").start;
    for (at, number, expected) in [
        (4, 11, corrupt("ctts")),
        (4, 13, corrupt("ctts")),
        (8, 2, corrupt("ctts")),
        (8, u32::MAX, corrupt("ctts")),
        (12, 0x8000_0000, corrupt("ctts")),
        (12, 0xFFFF_FFFF, corrupt("ctts")),
        (12, 0x7FFF_FFFF, Unfit::TooLong { found_ms: 3_579_139_379, limit_ms: 60_500 }),
    ] {
        let found = refused(&with(&reordered, shifts + at, &u32::to_be_bytes(number)));
        assert_eq!(found.reason(), expected.reason(), "{number} at {at}: {found:?}");
    }
    let media = find(&PLAIN, &[b"moov", b"trak", b"mdia", b"mdhd"]).start + 12;
    for scale in [0, 10_000_001, u32::MAX] {
        assert_eq!(refused(&with(&PLAIN, media, &u32::to_be_bytes(scale))), corrupt("mdhd"));
    }
    let movie = find(&PLAIN, &[b"moov", b"mvhd"]).start + 12;
    assert_eq!(refused(&with(&PLAIN, movie, &[0; 4])), corrupt("mvhd"));
    // 12 pictures of 20 ticks, at 3 ticks a second; and of no ticks.
    let slow = with(&PLAIN, media, &3_u32.to_be_bytes());
    assert_eq!(refused(&slow), Unfit::TooLong { found_ms: 80_000, limit_ms: 60_500 });
    assert_eq!(refused(&patched(b"stts", 12, u32::MAX)).reason(), "too-long");
    assert_eq!(refused(&patched(b"stts", 12, 0)), corrupt("elst"));
    // Pictures that are decoded for 80 s, and shown within 11: 20 ticks each, and 19 earlier than the one before.
    let reordered = Recipe { coding: Coding::MainReordered, ..Recipe::default() }.file();
    let media = find(&reordered, &[b"moov", b"trak", b"mdia", b"mdhd"]).start + 12;
    let mut early = with(&reordered, media, &3_u32.to_be_bytes());
    for n in 0..12_i32 {
        let at = table(&reordered, b"ctts").start + 12 + 8 * usize::try_from(n).unwrap();
        early[at..at + 4].copy_from_slice(&(-19 * n).to_be_bytes());
    }
    assert_eq!(refused(&early), Unfit::TooLong { found_ms: 80_000, limit_ms: 60_500 });
    // An edit that begins behind the end, or after an hour.
    for (edits, expected) in [
        (vec![(100, 241)], corrupt("elst")),
        (vec![(100, i32::MAX)], corrupt("elst")),
        (vec![(u32::MAX, -1), (100, 0)], Unfit::TooLong { found_ms: u32::MAX.into(), limit_ms: 60_500 }),
        (vec![(3_600_000, -1), (100, 0)], Unfit::TooLong { found_ms: 3_600_000, limit_ms: 60_500 }),
    ] {
        assert_eq!(refused(&Recipe { edits, ..Recipe::default() }.file()), expected);
    }
}

#[test]
fn boxes_that_must_be_there_once_are_there_once() {
    let moov = find(&PLAIN, &[b"moov"]);
    let index = &PLAIN[moov.start - 8..moov.end];
    assert_eq!(refused(&[&PLAIN[..], index].concat()), corrupt("moov"));
    for kind in
        [b"tkhd", b"mdhd", b"hdlr", b"stsd", b"stts", b"stsc", b"stsz", b"stco", b"avcC", b"mvhd", b"mdia", b"stbl"]
    {
        let at = PLAIN.windows(4).position(|bytes| bytes == kind).unwrap();
        let gone = with(&PLAIN, at, b"free");
        let found = refused(&gone);
        assert!(
            matches!(found, Unfit::Corrupt { .. } | Unfit::NoPicture),
            "without {}: {found:?}",
            String::from_utf8_lossy(kind)
        );
    }
    // Twice: the second of two tables of a kind would be another reader's.
    let twice = with(&PLAIN, PLAIN.windows(4).position(|bytes| bytes == b"vmhd").unwrap(), b"stbl");
    assert_eq!(refused(&twice).reason(), "corrupt");
    let stss = PLAIN.windows(4).position(|bytes| bytes == b"stss").unwrap();
    assert_eq!(refused(&with(&PLAIN, stss, b"stts")), corrupt("stts"));
}

#[test]
fn fragments_and_several_pictures_are_refused() {
    let ftyp = find(&PLAIN, &[b"ftyp"]).end;
    for kind in [b"moof", b"sidx", b"styp"] {
        assert_eq!(refused(&[&PLAIN[..ftyp], &boxed(kind, &[&[0; 24]]), &PLAIN[ftyp..]].concat()), Unfit::Fragmented);
    }
    let gone = PLAIN.windows(4).position(|bytes| bytes == b"edts" || bytes == b"mvhd").unwrap();
    assert_eq!(refused(&with(&PLAIN, gone, b"mvex")), Unfit::Fragmented);
    let handlers = |kind: &[u8; 4]| PLAIN.windows(4).position(|bytes| bytes == kind).unwrap();
    assert_eq!(refused(&with(&PLAIN, handlers(b"soun"), b"vide")), Unfit::SeveralPictures);
    assert_eq!(refused(&with(&PLAIN, handlers(b"vide"), b"soun")), Unfit::NoPicture);
    let header = find(&PLAIN, &[b"moov", b"trak", b"tkhd"]).start;
    assert_eq!(refused(&with(&PLAIN, header + 3, &[0])), Unfit::NoPicture);
}

/// The film with some bytes of its `avcC` replaced by others, of the same length or not.
fn with_announced(old: &[u8], new: &[u8]) -> Vec<u8> {
    let at = PLAIN.windows(old.len()).position(|bytes| bytes == old).unwrap();
    let grown = i64::try_from(new.len()).unwrap() - i64::try_from(old.len()).unwrap();
    let mut file = [&PLAIN[..at], new, &PLAIN[at + old.len()..]].concat();
    // Each box around it grows: the index, which is the last box, and the first of each other kind.
    for kind in [b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"avc1", b"avcC"] {
        let size = file.windows(4).position(|bytes| bytes == kind).unwrap() - 4;
        let old = i64::from(u32::from_be_bytes(file[size..size + 4].try_into().unwrap()));
        file[size..size + 4].copy_from_slice(&u32::try_from(old + grown).unwrap().to_be_bytes());
    }
    file
}

fn with_length(set: &[u8]) -> Vec<u8> {
    [&u16::try_from(set.len()).unwrap().to_be_bytes()[..], set].concat()
}

fn with_sequence(set: &[u8]) -> Vec<u8> {
    with_announced(&with_length(&Recipe::default().sequence_set()), &with_length(set))
}

fn with_pictures(sets: &[Vec<u8>]) -> Vec<u8> {
    let old = [&[1], &with_length(&Recipe::default().picture_set())[..]].concat();
    let new = sets.iter().flat_map(|set| with_length(set)).collect::<Vec<_>>();
    with_announced(&old, &[&[u8::try_from(sets.len()).unwrap()], &new[..]].concat())
}

/// A plain sequence set with some of its fields chosen.
struct Fields {
    profile: u32,
    level: u32,
    sampling: u32,
    depth: u32,
    frame_number: u32,
    references: u32,
    blocks: (u32, u32),
    progressive: u32,
    crop: [u32; 4],
}

const FIELDS: Fields = Fields {
    profile: 100,
    level: 40,
    sampling: 1,
    depth: 0,
    frame_number: 0,
    references: 1,
    blocks: (2, 2),
    progressive: 1,
    crop: [0; 4],
};

impl Fields {
    fn bits(&self) -> Bits {
        let mut bits = Bits::default();
        bits.put(8, self.profile).put(8, 0).put(8, self.level).ue(0);
        if self.profile > 90 {
            bits.ue(self.sampling);
            if self.sampling == 3 {
                bits.put(1, 0);
            }
            bits.ue(self.depth).ue(self.depth).put(2, 0);
        }
        bits.ue(self.frame_number).ue(2).ue(self.references).put(1, 0).ue(self.blocks.0 - 1).ue(self.blocks.1 - 1);
        bits.put(1, self.progressive);
        if self.progressive == 0 {
            bits.put(1, 0);
        }
        bits.put(2, 0b11);
        self.crop.iter().for_each(|side| {
            bits.ue(*side);
        });
        bits.put(1, 0);
        bits
    }

    fn outcome(&self) -> Unfit {
        refused(&with_sequence(&unit(0x67, self.bits().stopped())))
    }
}

#[test]
fn sequence_sets_are_read_to_their_last_bit_and_only_what_every_browser_plays_is_taken() {
    assert!(outcome(&with_sequence(&unit(0x67, FIELDS.bits().stopped()))).is_ok());
    let coding = |found, allowed| Unfit::Coding { found, allowed };
    let profiles = "H.264 Baseline, Main or High";
    assert_eq!(Fields { profile: 110, ..FIELDS }.outcome(), coding("H.264 High 10", profiles));
    assert_eq!(Fields { profile: 122, ..FIELDS }.outcome(), coding("H.264 High 4:2:2", profiles));
    assert_eq!(Fields { profile: 88, ..FIELDS }.outcome(), coding("H.264 Extended", profiles));
    assert_eq!(Fields { profile: 0, ..FIELDS }.outcome(), coding("an unusual profile of H.264", profiles));
    assert_eq!(Fields { sampling: 2, ..FIELDS }.outcome(), coding("4:2:2", "4:2:0"));
    assert_eq!(Fields { sampling: 0, ..FIELDS }.outcome(), coding("shades of grey", "4:2:0"));
    assert_eq!(Fields { depth: 2, ..FIELDS }.outcome(), coding("more than 8 bits", "8 bits"));
    assert_eq!(Fields { progressive: 0, ..FIELDS }.outcome(), coding("interlaced", "progressive"));
    assert_eq!(Fields { level: 60, ..FIELDS }.outcome(), Unfit::Level { found: 60, limit: 52 });
    let size = |width, height| Unfit::PictureSize { width, height, limit_px: 1920 };
    assert_eq!(Fields { blocks: (121, 68), ..FIELDS }.outcome(), size(1936, 1088));
    assert_eq!(Fields { blocks: (120, 120), ..FIELDS }.outcome(), size(1920, 1920));
    assert_eq!(Fields { blocks: (65_536, 65_535), ..FIELDS }.outcome(), corrupt("sequence parameter set"));
    assert_eq!(Fields { crop: [0, 9, 0, 0], ..FIELDS }.outcome(), size(14, 32));
    assert_eq!(Fields { crop: [60_000, 60_000, 0, 0], ..FIELDS }.outcome(), corrupt("sequence parameter set"));
    assert_eq!(Fields { frame_number: 13, ..FIELDS }.outcome(), corrupt("sequence parameter set"));
    assert_eq!(Fields { references: 17, ..FIELDS }.outcome(), corrupt("sequence parameter set"));

    let set = unit(0x67, FIELDS.bits().stopped());
    // Behind the last bit: a text, and a second stop bit. Zeros are no part of a set.
    assert_eq!(refused(&with_sequence(&[&set[..], b"text"].concat())), corrupt("sequence parameter set"));
    let mut longer = FIELDS.bits();
    longer.put(1, 1);
    assert_eq!(refused(&with_sequence(&unit(0x67, longer.stopped()))), corrupt("sequence parameter set"));
    assert_eq!(outcome(&with_sequence(&[&set[..], &[0; 3]].concat())), outcome(&with_sequence(&set)));
    // The same set twice is one; two that differ are not.
    let plain = with_length(&Recipe::default().sequence_set());
    let announced =
        |one: &[u8], other: &[u8]| with_announced(&[&[0xE1], &plain[..]].concat(), &[&[0xE2], one, other].concat());
    assert_eq!(outcome(&announced(&plain, &plain)), outcome(&PLAIN));
    assert_eq!(refused(&announced(&plain, &with_length(&set))), Unfit::SeveralCodings);
    // Cut at every byte; a start code within; another unit; far too long.
    for end in 0..set.len() {
        assert_eq!(refused(&with_sequence(&set[..end])).reason(), "corrupt", "{end}");
    }
    assert_eq!(
        refused(&with_sequence(&[&set[..4], &[0, 0, 1], &set[4..]].concat())),
        corrupt("sequence parameter set")
    );
    assert_eq!(refused(&with_sequence(&[&[0x65], &set[1..]].concat())), corrupt("sequence parameter set"));
    let huge = Unfit::TooComplex { what: "bytes in one parameter set", found: 20_000, limit: 1024 };
    assert_eq!(refused(&with_sequence(&vec![0x67; 20_000])), huge);
    assert_eq!(
        refused(&with_sequence(&[&[0x67, 100, 0, 40][..], &[0; 500]].concat())),
        corrupt("sequence parameter set")
    );
}

/// A plain picture set.
fn picture_set(id: u32, of_sequence: u32, groups: u32) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.ue(id).ue(of_sequence).put(2, 0).ue(groups).ue(0).ue(0).put(3, 0).se(0).se(0).se(0).put(3, 0b100);
    unit(0x68, bits.stopped())
}

#[test]
fn picture_sets_are_read_to_their_last_bit_and_are_few_and_of_one_mind() {
    let set = picture_set(0, 0, 0);
    assert_eq!(set, Recipe::default().picture_set());
    let one = |set: &[u8]| refused(&with_pictures(&[set.to_vec()]));
    assert_eq!(one(&picture_set(0, 1, 0)), corrupt("picture parameter set"), "of another sequence set");
    assert_eq!(one(&picture_set(256, 0, 0)), corrupt("picture parameter set"));
    assert_eq!(one(&picture_set(1, 0, 0)), corrupt("NAL units"), "slices name a set that is not there");
    assert_eq!(one(&picture_set(0, 0, 1)).reason(), "coding");
    assert_eq!(one(&[]), corrupt("picture parameter set"));
    assert_eq!(one(&[&set[..], b"text"].concat()), corrupt("picture parameter set"));
    // The stop bit is the last but seven. As 1 0 1 1 it ends what High adds: transforms of 8 × 8, no lists, an offset of 0; as 1 0 1 0 1
    // it does not.
    let ends = |last: u8| [&set[..set.len() - 1], &[last]].concat();
    assert_eq!(set.last(), Some(&0x80));
    assert!(outcome(&with_pictures(&[ends(0xB0)])).is_ok());
    assert_eq!(one(&ends(0xA8)), corrupt("picture parameter set"));

    let sets = (0..9).map(|id| picture_set(id, 0, 0)).collect::<Vec<_>>();
    assert!(outcome(&with_pictures(&sets[..8])).is_ok());
    assert_eq!(
        refused(&with_pictures(&sets)),
        Unfit::TooComplex { what: "picture parameter sets", found: 9, limit: 8 }
    );
    // The same set twice is one; two of one number are not.
    assert_eq!(outcome(&with_pictures(&[set.clone(), set.clone()])), outcome(&PLAIN));
    assert_eq!(refused(&with_pictures(&[set.clone(), ends(0xB0)])), Unfit::SeveralCodings);
    assert_eq!(refused(&with_pictures(&[])), corrupt("avcC"));
    // Lengths of three bytes are reserved.
    let lengths = PLAIN.windows(4).position(|kind| kind == b"avcC").unwrap() + 8;
    assert_eq!(PLAIN[lengths], 0xFF);
    assert_eq!(refused(&with(&PLAIN, lengths, &[0xFE])), corrupt("avcC"));
}

/// Where the first picture lies.
fn first_picture() -> usize {
    find(&PLAIN, &[b"mdat"]).start
}

#[test]
fn units_that_contradict_their_sample_or_hide_another_are_refused() {
    let at = first_picture();
    for (place, bytes) in [
        (at, &[0xFF; 4][..]),     // longer than the sample
        (at, &[0, 0, 0, 1]),      // what is left is no unit
        (at + 4, &[0xE5]),        // the forbidden bit
        (at + 4, &[0x05]),        // a key picture that nothing may refer to
        (at + 4, &[0x61]),        // the first picture is no key
        (at + 4, &[0x06]),        // nothing but supplemental information
        (at + 5, &[0x00]),        // no number in Exp-Golomb code
        (at + 40, &[0, 0, 1, 6]), // a start code
        (at + 40, &[0, 0, 0, 3]), // three zeros
        (at + 40, &[0, 0, 2, 1]), // reserved
    ] {
        assert_eq!(refused(&with(&PLAIN, place, bytes)), corrupt("NAL units"), "{bytes:?}");
    }
    assert_eq!(refused(&with(&PLAIN, at + 4, &[0x62])).reason(), "coding");
    // A slice begins with the number of its first block, its type, and the number of its picture set: 1 (block 0), 0001000 (type 7), 1.
    assert_eq!((PLAIN[at + 5], PLAIN[at + 6] & 0x80), (0x88, 0x80));
    for (bytes, why) in [
        ([0x88, 0x40], "1, 0001000, 010: a set that is not there"),
        ([0x42, 0x20], "010, 0001000, 1: a picture that begins with its second block"),
        ([0x9A, 0x00], "1, 00110, 1: predicted, in a key picture"),
        ([0x92, 0x00], "1, 00100, 1: of the Extended profile"),
    ] {
        assert_eq!(refused(&with(&PLAIN, at + 5, &bytes)), corrupt("NAL units"), "{why}");
    }
    // A start code that begins at the end of 32 bytes, which are searched at once, and ends after them.
    for offset in 28..34 {
        assert!(PLAIN[at + 4 + 20..at + 4 + 64].iter().all(|byte| *byte > 3));
        assert_eq!(refused(&with(&PLAIN, at + 4 + offset, &[0, 0, 1])), corrupt("NAL units"), "{offset}");
        assert!(outcome(&with(&PLAIN, at + 4 + offset, &[0, 0, 3])).is_ok(), "{offset}");
    }
}

#[test]
fn slices_of_one_picture_that_contradict_each_other_are_refused() {
    let file = Recipe { slices: 2, ..Recipe::default() }.file();
    let first = find(&file, &[b"mdat"]).start;
    let bytes = u32::from_be_bytes(file[first..first + 4].try_into().unwrap());
    let second = first + 4 + usize::try_from(bytes).unwrap() + 4;
    // 011 (block 2), 0001000, 1.
    assert_eq!((file[second], file[second + 1]), (0x65, 0x62));
    assert!(outcome(&file).is_ok());
    for (at, bytes, why) in [
        (0, &[0x41][..], "one begins anew, the other does not"),
        (1, &[0x88, 0x80], "1, 0001000, 1: both begin the picture"),
        (1, &[0x28, 0x88], "00101, 0001000, 1: it begins behind the last block"),
    ] {
        assert_eq!(refused(&with(&file, second + at, bytes)), corrupt("NAL units"), "{why}");
    }
}

#[test]
fn a_million_empty_units_are_not_walked() {
    // One picture of zeros: units of no bytes, a length of one byte each.
    let recipe = Recipe {
        length_bytes: 1,
        blocks: (3, 2),
        flat: true,
        pictures: 1,
        sound: 0,
        index_first: true,
        ..Recipe::default()
    };
    let file = recipe.file();
    let file = with(&file, table(&file, b"stsz").start + 4, &3_000_000_u32.to_be_bytes());
    let data = find(&file, &[b"mdat"]).start;
    let mut file = file[..data].to_vec();
    file.splice(data - 8..data - 4, 3_000_008_u32.to_be_bytes());
    file.extend(vec![0; 3_000_000]);
    assert_eq!(refused(&file), Unfit::TooComplex { what: "NAL units in one picture", found: 4097, limit: 4096 });
    // All that one picture may have, in every picture of a large file.
    let count = 5_000;
    let many = Recipe {
        length_bytes: 1,
        blocks: (3, 2),
        flat: true,
        pictures: count,
        key_every: 1,
        chunk: 1,
        sound: 0,
        index_first: true,
        ..Recipe::default()
    };
    let mut file = many.file();
    // Each picture grows by its zeros.
    let data = find(&file, &[b"mdat"]).start;
    let sizes = table(&file, b"stsz").start;
    let all = u32::from_be_bytes(file[sizes + 4..sizes + 8].try_into().unwrap());
    assert!(all > 0, "all pictures have one size");
    let one = usize::try_from(all).unwrap();
    let grown = file[data..].chunks(one).flat_map(|picture| [picture, &[0; 4000]].concat()).collect::<Vec<_>>();
    let step = u32::try_from(one + 4000).unwrap();
    let offsets = table(&file, b"stco").start + 8;
    let start = u32::try_from(data).unwrap();
    for n in 0..count {
        let at = offsets + 4 * usize::try_from(n).unwrap();
        file[at..at + 4].copy_from_slice(&(start + n * step).to_be_bytes());
    }
    file[sizes + 4..sizes + 8].copy_from_slice(&step.to_be_bytes());
    file[data - 8..data - 4].copy_from_slice(&u32::try_from(grown.len() + 8).unwrap().to_be_bytes());
    file.truncate(data);
    file.extend(grown);
    let span = table(&file, b"stts").start + 12;
    let file = with(&file, span, &1_u32.to_be_bytes());
    assert_eq!(refused(&file), Unfit::TooComplex { what: "NAL units", found: 200_001, limit: 200_000 });
}

/// As large as a film may be, in parts of 1 MiB.
#[test]
fn the_largest_film_is_looked_at_and_written_in_time() {
    let recipe = Recipe { blocks: (120, 68), pictures: 7, key_every: 1, sound: 0, chunk: 1, ..Recipe::default() };
    let file = recipe.file();
    assert!((20 << 20..24 << 20).contains(&file.len()), "{}", file.len());
    let parts = Parts::new(file.chunks(1 << 20));
    // The best of five times, since others use the processor too.
    let times = (0..5).map(|_| {
        let begun = Instant::now();
        let film = look(&parts, &Limits::default()).unwrap();
        let looked = begun.elapsed();
        let mut out = Vec::with_capacity(film.size_bytes(Sound::Kept));
        film.write(Sound::Kept, &mut out).unwrap();
        assert!(out.len() > 20 << 20);
        (begun.elapsed(), looked)
    });
    let (both, looked) = times.min().unwrap();
    println!("{} bytes: looked at in {looked:?}, and written in {both:?} together", file.len());
    assert!(both < Duration::from_millis(50), "{both:?}");
}

/// Flips, cuts, repeats and overwrites bytes of films of every kind. What comes back is a reason, or a film that is written as a file which
/// is taken, and written as itself.
#[test]
fn a_mutated_film_is_refused_or_written_as_a_film_that_is_written_as_itself() {
    let seeds = recipes()
        .iter()
        .chain(&[Recipe { planted: true, index_first: true, ..Recipe::default() }])
        .map(Recipe::file)
        .collect::<Vec<_>>();
    let mut chance = Chance(2026);
    let (mut taken, mut refused) = (0, 0);
    for round in 0..40_000 {
        let file = mutated(&seeds[round % seeds.len()], &mut chance);
        match outcome(&file) {
            Ok(first) => {
                let again = outcome(&first)
                    .unwrap_or_else(|unfit| panic!("round {round}: what was written is refused: {unfit:?}"));
                assert!(again == first, "round {round}: what was written is not written as itself");
                taken += 1;
            }
            Err(_) => refused += 1,
        }
    }
    println!("{taken} taken, {refused} refused");
    assert!(taken > 4000 && refused > 4000, "the mutations test nothing: {taken} taken, {refused} refused");
}
