//! What a film takes beside its own bytes, in a process of its own.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod made;

use std::{fs, process::Command};

use made::{Coding, Recipe};

/// Kibibytes that looking at a file and writing it anew took beside both.
fn beside(name: &str, file: &[u8]) -> u64 {
    let path = std::env::temp_dir().join(format!("film-{name}-{}.mp4", std::process::id()));
    fs::write(&path, file).unwrap();
    // Cargo puts examples beside the folder of the tests.
    let tests = std::env::current_exe().unwrap();
    let look = tests.ancestors().nth(2).unwrap().join("examples/look");
    let told = Command::new(look).arg(&path).output().unwrap();
    fs::remove_file(&path).unwrap();
    let told = String::from_utf8(told.stdout).unwrap();
    let (_, kib) = told.trim().rsplit_once("KiB: Some(").unwrap_or_else(|| panic!("{name}: {told}"));
    kib.trim_end_matches(')').parse().unwrap()
}

/// As many samples as two tracks may have, each in a chunk of its own or nearly, and no two after each other alike.
fn most_samples() -> Vec<u8> {
    let recipe = Recipe {
        pictures: 20_000,
        key_every: 7,
        coding: Coding::MainReordered,
        blocks: (1, 1),
        span: 1,
        chunk: 1,
        sound: 20_000,
        edits: vec![(33_334, 1)],
        ..Recipe::default()
    };
    let mut file = recipe.file();
    // 20,000 frames of sound within a minute.
    let scale = file.windows(4).rposition(|kind| kind == b"mdhd").unwrap() + 16;
    file[scale..scale + 4].copy_from_slice(&480_000_u32.to_be_bytes());
    file
}

#[test]
fn no_film_takes_more_than_4_mib_beside_its_bytes() {
    let most = beside("most-samples", &most_samples());
    let largest = Recipe { blocks: (120, 68), pictures: 7, key_every: 1, sound: 0, chunk: 1, ..Recipe::default() };
    let largest = beside("largest", &largest.file());
    // The samples alone are 32 bytes each: a measure that sees nothing of them measures nothing.
    assert!((1250..4096).contains(&most), "{most} KiB");
    assert!(largest < 1024, "{largest} KiB");
}
