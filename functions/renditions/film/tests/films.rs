//! What is taken, and what is written from it. The oracle is the recipe that a film was made by, and a walker of the tests' own.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::similar_names, reason = "a film is read from a file")]

mod made;

use film::{Colours, Film, FourCc, LeftOut, Limits, Matrix, Parts, Sound, Turn, Unfit, look};
use made::*;

fn taken(file: &[u8]) -> Film<'_> {
    look(&Parts::new([file]), &Limits::default()).unwrap()
}

fn refused(file: &[u8]) -> Unfit {
    look(&Parts::new([file]), &Limits::default()).unwrap_err()
}

fn written(film: &Film<'_>, sound: Sound) -> Vec<u8> {
    let mut file = Vec::new();
    film.write(sound, &mut file).unwrap();
    assert_eq!(file.len(), film.size_bytes(sound));
    file
}

#[test]
fn every_kind_of_film_is_taken_and_says_what_it_was_made_of() {
    for recipe in recipes() {
        let file = recipe.file();
        let film = taken(&file);
        assert_eq!(film.stored_px(), recipe.stored(), "{recipe:?}");
        assert_eq!(u32::from(film.turn().degrees()), recipe.quarters * 90);
        assert_eq!(film.has_sound(), recipe.sound > 0);
        assert_eq!(film.left_out(), None);
        if recipe.edits.is_empty() {
            assert_eq!(film.pictures(), usize::try_from(recipe.pictures).unwrap());
            let ms = |ticks: u32, scale: u32| u64::from(ticks * 1000).div_ceil(scale.into());
            let picture = ms(recipe.pictures * recipe.span, recipe.scale);
            assert_eq!(film.duration_ms(Sound::Off), picture);
            assert_eq!(film.duration_ms(Sound::Kept), picture.max(ms(recipe.sound * 1024, 48_000)));
        }
        let (width, height) = film.stored_px();
        assert_eq!(film.shown_px(), if recipe.quarters % 2 == 1 { (height, width) } else { (width, height) });
    }
}

#[test]
fn the_colours_are_those_of_the_index_or_of_the_parameter_sets_or_the_usual_ones() {
    // The films that are made name BT.709 over the limited range in their sets, and the planted ones in their index, too.
    for recipe in recipes() {
        let file = recipe.file();
        assert_eq!(taken(&file).colours(), Colours { matrix: Matrix::Bt709, full_range: false });
    }
    // A small film that names no matrix (2) is taken for one in standard definition.
    for (point, matrix) in [(2, Matrix::Bt601), (6, Matrix::Bt601), (1, Matrix::Bt709)] {
        let recipe = Recipe { matrix: point, ..recipes()[0].clone() };
        assert_eq!(taken(&recipe.file()).colours(), Colours { matrix, full_range: false });
    }
}

#[test]
fn what_is_written_is_the_same_film_and_is_written_as_itself() {
    for recipe in recipes() {
        let file = recipe.file();
        let film = taken(&file);
        for sound in [Sound::Kept, Sound::Off] {
            let first = written(&film, sound);
            let again = taken(&first);
            assert_eq!(again.has_sound(), film.has_sound() && sound == Sound::Kept);
            assert_eq!(again.duration_ms(Sound::Kept), film.duration_ms(sound), "{recipe:?}");
            assert_eq!(
                (again.stored_px(), again.turn(), again.pictures()),
                (film.stored_px(), film.turn(), film.pictures())
            );
            let keys = |film: &Film<'_>| {
                film.key_frames().iter().map(|key| film.key_frame(key.picture).unwrap()).collect::<Vec<_>>()
            };
            assert_eq!(keys(&again), keys(&film));
            assert_eq!(written(&again, Sound::Kept), first, "{recipe:?}");
        }
    }
}

#[test]
fn a_film_is_the_same_however_it_is_parted() {
    for recipe in recipes() {
        let file = recipe.file();
        let whole = written(&taken(&file), Sound::Kept);
        for size in [1, 2, 3, 7, 64, 1000, file.len() - 1] {
            let film = look(&Parts::new(file.chunks(size)), &Limits::default()).unwrap();
            assert_eq!(written(&film, Sound::Kept), whole);
        }
    }
}

/// The list of all boxes that a written file has. If you add one, say here what it can carry.
#[test]
fn the_written_file_has_these_boxes_in_this_order_and_no_others() {
    let file = Recipe { planted: true, quicktime: true, edits: vec![(400, 20)], ..Recipe::default() }.file();
    let track = |track: &[&str], entry: &[&str]| {
        let tables =
            ["stts", "stss", "stsc", "stsz", "stco"].iter().filter(|table| **table != "stss" || entry[0] == "avc1");
        let stbl = std::iter::once("stsd").chain(tables.copied()).collect::<Vec<_>>();
        [&["trak"], track]
            .concat()
            .into_iter()
            .map(str::to_owned)
            .chain(stbl.iter().map(|table| format!("trak/mdia/minf/stbl/{table}")))
            .chain(entry.iter().map(|entry| format!("trak/mdia/minf/stbl/stsd/{entry}")))
            .collect::<Vec<_>>()
    };
    let media = [
        "trak/tkhd",
        "trak/mdia",
        "trak/mdia/mdhd",
        "trak/mdia/hdlr",
        "trak/mdia/minf",
        "trak/mdia/minf/dinf",
        "trak/mdia/minf/dinf/dref",
        "trak/mdia/minf/dinf/dref/url ",
        "trak/mdia/minf/stbl",
    ];
    let picture = track(
        &[&media[..], &["trak/edts", "trak/edts/elst", "trak/mdia/minf/vmhd"]].concat(),
        &["avc1", "avc1/avcC", "avc1/colr"],
    );
    let sound = track(&[&media[..], &["trak/mdia/minf/smhd"]].concat(), &["mp4a", "mp4a/esds"]);
    let outer = ["ftyp", "moov", "mdat"].map(str::to_owned);
    let mut expected = picture
        .iter()
        .chain(&sound)
        .chain(&["mvhd".to_owned()])
        .map(|path| format!("moov/{path}"))
        .chain(outer)
        .collect::<Vec<_>>();
    let found = tree(&written(&taken(&file), Sound::Kept));
    assert_eq!(found[..3], ["ftyp", "moov", "mdat"], "the index comes first");
    let mut found = found.clone();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn times_and_names_are_zero_and_empty() {
    let file = Recipe { planted: true, ..Recipe::default() }.file();
    let file = written(&taken(&file), Sound::Kept);
    for path in [&[b"moov", b"mvhd"][..], &[b"moov", b"trak", b"tkhd"], &[b"moov", b"trak", b"mdia", b"mdhd"]] {
        let body = find(&file, path);
        assert_eq!(file[body.start + 4..body.start + 12], [0; 8]);
    }
    let handler = find(&file, &[b"moov", b"trak", b"mdia", b"hdlr"]);
    assert_eq!(file[handler.start + 8..handler.end], *b"vide\0\0\0\0\0\0\0\0\0\0\0\0\0");
    let language = find(&file, &[b"moov", b"trak", b"mdia", b"mdhd"]);
    assert_eq!(file[language.start + 20..language.start + 22], [0x55, 0xC4], "und");
    let entry = table(&file, b"stsd").start + 8;
    assert_eq!(file[entry + 50..entry + 82], [0; 32], "the compressor's name");
}

/// The slices of all pictures of a file whose lengths have four bytes, in the file's order.
fn units(file: &[u8], length_bytes: usize) -> Vec<Vec<u8>> {
    let sizes = table(file, b"stsz");
    let number = |at: usize| usize::try_from(u32::from_be_bytes(file[at..at + 4].try_into().unwrap())).unwrap();
    let all = number(sizes.start + 4);
    let sizes = (0..number(sizes.start + 8))
        .map(|n| if all > 0 { all } else { number(sizes.start + 12 + 4 * n) })
        .collect::<Vec<_>>();
    let (chunks, runs) = (table(file, b"stco"), table(file, b"stsc"));
    let runs = (0..number(runs.start + 4))
        .map(|n| (number(runs.start + 8 + 12 * n), number(runs.start + 12 + 12 * n)))
        .collect::<Vec<_>>();
    let (mut units, mut sample) = (Vec::new(), 0);
    for chunk in 0..number(chunks.start + 4) {
        let mut at = number(chunks.start + 8 + 4 * chunk);
        let per_chunk = runs.iter().rev().find(|(first, _)| *first <= chunk + 1).unwrap().1;
        for _ in 0..per_chunk {
            let end = at + sizes[sample];
            while at < end {
                let bytes = file[at..at + length_bytes].iter().fold(0, |bytes, byte| bytes << 8 | usize::from(*byte));
                units.push(file[at + length_bytes..at + length_bytes + bytes].to_vec());
                at += length_bytes + bytes;
            }
            sample += 1;
        }
    }
    units
}

#[test]
fn pictures_are_copied_byte_for_byte_in_their_order_and_nothing_else_is() {
    for recipe in recipes().into_iter().filter(|recipe| recipe.edits.is_empty() && !recipe.quicktime) {
        let planted = Recipe { planted: true, ..recipe.clone() }.file();
        let is_slice = |unit: &Vec<u8>| unit.first().is_some_and(|header| matches!(header & 31, 1 | 5));
        let slices = units(&planted, recipe.length_bytes).into_iter().filter(is_slice).collect::<Vec<_>>();
        assert_eq!(slices.len(), usize::try_from(recipe.pictures * recipe.slices).unwrap());
        assert_eq!(units(&written(&taken(&planted), Sound::Kept), 4), slices);
    }
}

#[test]
fn parameter_sets_in_pictures_win_over_those_announced() {
    let recipe = Recipe { sets_in_pictures: true, ..Recipe::default() };
    let file = written(&taken(&recipe.file()), Sound::Kept);
    let (sequence, picture) = (recipe.sequence_set(), recipe.picture_set());
    let entry = table(&file, b"stsd").start + 8 + 86 + 8;
    let two = |bytes: &[u8]| u16::try_from(bytes.len()).unwrap().to_be_bytes();
    let avcc = [&[1, 66, 0, 31, 0xFF, 0xE1], &two(&sequence)[..], &sequence, &[1], &two(&picture), &picture].concat();
    assert_eq!(file[entry..entry + avcc.len()], avcc);
    // Without those in pictures, the spoilt ones are refused.
    let plain = Recipe::default().file();
    let at = plain.windows(sequence.len()).position(|bytes| bytes == sequence).unwrap();
    let spoilt = with(&plain, at, &[0x67, 0x67]);
    assert_eq!(refused(&spoilt).reason(), "coding");
}

#[test]
fn what_high_adds_to_the_announcement_is_there_for_high_alone() {
    for (coding, more) in
        [(Coding::Baseline, &[][..]), (Coding::MainReordered, &[]), (Coding::High, &[0xFD, 0xF8, 0xF8, 0])]
    {
        let recipe = Recipe { coding, ..Recipe::default() };
        let file = written(&taken(&recipe.file()), Sound::Kept);
        let size = table(&file, b"stsd").start + 8 + 86;
        let end = size + usize::try_from(u32::from_be_bytes(file[size..size + 4].try_into().unwrap())).unwrap();
        let ends = [&recipe.picture_set(), more].concat();
        assert_eq!(file[end - ends.len()..end], ends, "{coding:?}");
    }
}

#[test]
fn zeros_behind_a_unit_are_no_part_of_it() {
    let file = Recipe::default().file();
    let first = find(&file, &[b"mdat"]).start;
    let bytes = usize::try_from(u32::from_be_bytes(file[first..first + 4].try_into().unwrap())).unwrap();
    let end = first + 4 + bytes;
    assert_eq!(file[end - 1], 0x80, "the stop bit");
    let earlier = |zeros: usize| with(&file, end - 1 - zeros, &[&[0x80], &vec![0; zeros][..]].concat());
    for zeros in [1, 2, 63] {
        let unit = units(&written(&taken(&earlier(zeros)), Sound::Kept), 4).swap_remove(0);
        assert_eq!((unit.len(), unit.last()), (bytes - zeros, Some(&0x80)));
    }
    assert_eq!(refused(&earlier(64)), Unfit::Corrupt { found: "NAL units" });
}

#[test]
fn parameter_sets_that_change_on_the_way_are_refused() {
    let recipe = Recipe { sets_in_pictures: true, ..Recipe::default() };
    let file = recipe.file();
    let set = recipe.picture_set();
    let places =
        file.windows(set.len()).enumerate().filter(|(_, bytes)| *bytes == set).map(|(at, _)| at).collect::<Vec<_>>();
    let mut changed = set.clone();
    // Of the initial quantiser's 0, a −1.
    *changed.last_mut().unwrap() ^= 0x20;
    assert_eq!(places.len(), 3, "in two key pictures, and spoilt in avcC");
    assert_eq!(refused(&with(&file, places[1], &changed)), Unfit::SeveralCodings);
}

#[test]
fn key_frames_are_told_with_their_times_and_as_a_decoder_takes_them() {
    let recipe = Recipe { pictures: 18, key_every: 6, scale: 600, span: 20, ..Recipe::default() };
    let file = recipe.file();
    let film = taken(&file);
    let keys = film.key_frames().iter().map(|key| (key.picture, key.at_ms)).collect::<Vec<_>>();
    assert_eq!(keys, [(0, 0), (6, 200), (12, 400)]);
    let stream = film.key_frame(6).unwrap();
    let start = [0, 0, 0, 1];
    let begins = [&start[..], &recipe.sequence_set(), &start, &recipe.picture_set(), &start, &[0x65]].concat();
    assert_eq!(stream[..begins.len()], begins);
    assert_eq!((film.key_frame(1), film.key_frame(18)), (None, None));
    // Key pictures that an edit hides are none of the film's, unless there is no other.
    let keys = |recipe: Recipe| {
        taken(&recipe.file()).key_frames().iter().map(|key| (key.picture, key.at_ms)).collect::<Vec<_>>()
    };
    assert_eq!(keys(Recipe { edits: vec![(310, 60)], ..recipe.clone() }), [(6, 100), (12, 300)]);
    assert_eq!(keys(Recipe { edits: vec![(300, 19)], ..recipe.clone() }), [(0, 0), (6, 168)]);
    assert_eq!(keys(Recipe { edits: vec![(300, 60)], key_every: 99, ..recipe.clone() }), [(0, 0)]);
    // What the file claims about keys is not asked.
    let claims = table(&file, b"stss").start + 8;
    let lying = with(&file, claims, &[0, 0, 0, 5]);
    assert_eq!(taken(&lying).key_frames(), film.key_frames());
}

#[test]
fn reordered_pictures_keep_their_order_and_the_skip_that_begins_them() {
    let recipe = Recipe { coding: Coding::MainReordered, edits: vec![(400, 20)], ..Recipe::default() };
    let file = written(&taken(&recipe.file()), Sound::Kept);
    let shifts = table(&file, b"ctts");
    assert_eq!(file[shifts.start..shifts.start + 24], numbers(&[0x0100_0000, 7, 1, 20, 1, 60])[..24]);
    let edits = find(&file, &[b"moov", b"trak", b"edts", b"elst"]);
    // All 12 pictures are shown, which takes 400 ms.
    assert_eq!(file[edits.clone()], numbers(&[0, 1, 400, 20, 1 << 16]));
    assert_eq!(taken(&file).key_frames()[0].at_ms, 0);
}

#[test]
fn what_an_edit_hides_is_not_in_the_file_that_is_written() {
    // 30 pictures of 20 ticks at 600, a key every 10; shown are 210 to 410.
    let plain = Recipe { pictures: 30, key_every: 10, coding: Coding::MainReordered, sound: 47, ..Recipe::default() };
    let cut = Recipe { edits: vec![(333, 230)], sound_edits: vec![(300, 24_000)], ..plain.clone() };
    let file = cut.file();
    let film = taken(&file);
    // From the key picture 10 on, to the last that begins before tick 430 as it is shown, one tick late.
    assert_eq!(film.pictures(), 11);
    let out = written(&film, Sound::Kept);
    let all = units(&plain.file(), 4);
    assert_eq!(units(&out, 4), all[10..21]);
    assert_eq!(film.key_frames().first().unwrap().at_ms, 0);
    // Sound: frame 23 is the first that is heard, two before it stay; those from tick 24,000 + 300 ms on go.
    let sizes = out.windows(4).rposition(|kind| kind == b"stsz").unwrap();
    let frames = u32::from_be_bytes(out[sizes + 12..sizes + 16].try_into().unwrap());
    assert_eq!(frames, (24_000_u32 + 300 * 48).div_ceil(1024) - 21);
    // What was cut off and cannot be left out is bounded.
    let hidden = Recipe { pictures: 90, key_every: 90, edits: vec![(500, 1300)], ..Recipe::default() };
    assert_eq!(refused(&hidden.file()), Unfit::Hidden { found_ms: 2167, limit_ms: 2000 });
    let short = Recipe { edits: vec![(500, 1100)], ..hidden };
    assert_eq!(taken(&short.file()).pictures(), 70);
}

#[test]
fn a_track_that_begins_later_stays_later_unless_it_is_alone() {
    let recipe = Recipe { edits: vec![(70, -1), (400, 0)], sound_edits: vec![(20, -1), (405, 0)], ..Recipe::default() };
    let file = recipe.file();
    let film = taken(&file);
    assert_eq!((film.duration_ms(Sound::Kept), film.duration_ms(Sound::Off)), (450, 400));
    assert_eq!(film.key_frames()[0].at_ms, 50);
    let out = written(&film, Sound::Kept);
    let edits = find(&out, &[b"moov", b"trak", b"edts", b"elst"]);
    assert_eq!(out[edits], numbers(&[0, 2, 50, u32::MAX, 1 << 16, 400, 0, 1 << 16]));
    assert!(!tree(&written(&film, Sound::Off)).contains(&"moov/trak/edts".to_owned()));
}

#[test]
fn edit_lists_of_several_pieces_or_speeds_are_refused() {
    for edits in [vec![(100, 0), (100, 40)], vec![(100, 0), (10, -1)], vec![(100, -2)], vec![(1, -1); 17]] {
        let file = Recipe { edits, ..Recipe::default() }.file();
        assert_eq!(refused(&file), Unfit::Edits);
    }
    let file = Recipe { edits: vec![(400, 0)], ..Recipe::default() }.file();
    let rate = find(&file, &[b"moov", b"trak", b"edts", b"elst"]).end - 4;
    assert_eq!(refused(&with(&file, rate, &[0, 2, 0, 0])), Unfit::Edits);
}

#[test]
fn a_picture_is_turned_by_quarters_and_nothing_else() {
    // The turned picture is moved back to where it is seen: 26 × 22 pixels.
    for (quarters, turn, moved) in [
        (0, Turn::None, (0, 0)),
        (1, Turn::Quarter, (22, 0)),
        (2, Turn::Half, (26, 22)),
        (3, Turn::ThreeQuarters, (0, 26)),
    ] {
        let file = Recipe { quarters, cropped: (6, 10), ..Recipe::default() }.file();
        assert_eq!(taken(&file).turn(), turn);
        let out = written(&taken(&file), Sound::Kept);
        let matrix = find(&out, &[b"moov", b"trak", b"tkhd"]).start + 40;
        assert_eq!(out[matrix + 24..matrix + 36], numbers(&[moved.0 << 16, moved.1 << 16, 1 << 30]));
        assert_eq!(out[matrix + 36..matrix + 44], numbers(&[26 << 16, 22 << 16]));
    }
    let file = Recipe::default().file();
    let matrix = find(&file, &[b"moov", b"trak", b"tkhd"]).start + 40;
    let mirrored = with(&file, matrix, &[0xFF, 0xFF, 0, 0]);
    assert_eq!(refused(&mirrored), Unfit::Transform);
    assert_eq!(refused(&with(&file, matrix, &[0, 0, 0xB5, 0x05])), Unfit::Transform);
    let movie = find(&file, &[b"moov", b"mvhd"]).start + 36;
    assert_eq!(refused(&with(&file, movie, &[0, 2, 0, 0])), Unfit::Transform);
}

#[test]
fn sound_that_cannot_be_kept_is_left_out_with_its_reason() {
    let file = Recipe::default().file();
    let plant = |what: &[u8], by: &[u8]| {
        let at = file.windows(what.len()).rposition(|bytes| bytes == what).unwrap();
        with(&file, at, by)
    };
    let sound = file.windows(4).position(|kind| kind == b"soun").unwrap();
    let header = file[..sound].windows(4).rposition(|kind| kind == b"tkhd").unwrap();
    let cases = [
        (plant(b"mp4a", b"ac-3"), LeftOut::Codec { found: FourCc(*b"ac-3") }),
        (plant(b"esds", b"damr"), LeftOut::Codec { found: FourCc(*b"mp4a") }),
        (plant(&[0x40, 0x15], &[0x6B]), LeftOut::Kind),
        (plant(&[0x11, 0x88], &[0x11, 0xB0]), LeftOut::Channels),
        (with(&file, file.windows(4).rposition(|kind| kind == b"esds").unwrap() + 15, &[0x80]), LeftOut::Kind),
        (with(&file, header + 4, &[0, 0, 0, 6]), LeftOut::SwitchedOff),
    ];
    for (file, why) in cases {
        let film = taken(&file);
        assert_eq!((film.has_sound(), film.left_out()), (false, Some(why)));
        let out = written(&film, Sound::Kept);
        assert!(!out.windows(4).any(|kind| kind == b"soun"));
    }
    // Nothing is heard of it; or there is nothing of it.
    let never = Recipe { sound_edits: vec![(10, 900_000)], ..Recipe::default() }.file();
    assert_eq!(taken(&never).left_out(), Some(LeftOut::Silent));
    let sizes = file.windows(4).rposition(|kind| kind == b"stsz").unwrap();
    let none = with(&file, sizes + 12, &[0; 4]);
    assert_eq!(taken(&none).left_out(), Some(LeftOut::Silent));
}

#[test]
fn chunks_of_half_a_second_lie_by_turns() {
    let recipe = Recipe { pictures: 60, sound: 94, ..Recipe::default() };
    let file = written(&taken(&recipe.file()), Sound::Kept);
    let chunks = |at: usize| {
        let number = |at: usize| u32::from_be_bytes(file[at..at + 4].try_into().unwrap());
        (0..usize::try_from(number(at + 8)).unwrap()).map(|n| number(at + 12 + 4 * n)).collect::<Vec<_>>()
    };
    let places = |kind: &[u8; 4]| {
        file.windows(4).enumerate().filter(|(_, bytes)| *bytes == kind).map(|(at, _)| at).collect::<Vec<_>>()
    };
    let [picture, sound] = places(b"stco")[..] else { panic!("two tracks") };
    let (picture, sound) = (chunks(picture), chunks(sound));
    // Two seconds of each.
    assert_eq!((picture.len(), sound.len()), (4, 4));
    let mut by_turns = picture.iter().zip(&sound).flat_map(|(picture, sound)| [*picture, *sound]).collect::<Vec<_>>();
    assert_eq!(by_turns.first().copied(), u32::try_from(find(&file, &[b"mdat"]).start).ok());
    let laid = by_turns.clone();
    by_turns.sort_unstable();
    assert_eq!(by_turns, laid);
}

#[test]
fn colours_are_kept_as_numbers() {
    let file = Recipe::default().file();
    let out = written(&taken(&file), Sound::Kept);
    let at = out.windows(4).position(|kind| kind == b"colr").unwrap();
    assert_eq!(out[at + 4..at + 15], *b"nclx\0\x01\0\x01\0\x01\0");
    let full = file.windows(4).position(|kind| kind == b"nclx").unwrap() + 10;
    // Of the last byte only the first bit is a number.
    // Code points have eight bits; the numbers for them have sixteen.
    let out = written(&taken(&with(&file, full - 6, &[1])), Sound::Kept);
    assert!(!out.windows(4).any(|kind| kind == b"colr"));
    for (said, kept) in [(0xFF, 0x80), (0x80, 0x80), (0x7F, 0)] {
        let out = written(&taken(&with(&file, full, &[said])), Sound::Kept);
        assert_eq!(out[at + 14], kept);
    }
}
