//! Nothing of what a file carries beside its picture and its sound is in the file that is written.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod made;

use std::{fs, path::Path, process::Command};

use film::{Limits, Parts, Sound, look};
use made::*;

fn planted() -> Vec<(String, Recipe)> {
    let all = recipes().into_iter().map(|recipe| Recipe { planted: true, ..recipe });
    all.enumerate()
        .map(|(n, recipe)| (format!("{n}.{}", if recipe.quicktime { "mov" } else { "mp4" }), recipe))
        .collect()
}

fn written(file: &[u8], sound: Sound) -> Vec<u8> {
    let mut out = Vec::new();
    look(&Parts::new([file]), &Limits::default()).unwrap().write(sound, &mut out).unwrap();
    out
}

#[test]
fn no_canary_of_any_carrier_is_in_any_film_that_is_written() {
    for (name, recipe) in planted() {
        let file = recipe.file();
        let hits = |file: &[u8]| file.windows(CANARY.len()).filter(|bytes| *bytes == CANARY).count();
        // 36 carriers, some of them once a picture, a track or a chunk.
        assert!(hits(&file) > 60, "{name}: {}", hits(&file));
        for sound in [Sound::Kept, Sound::Off] {
            let out = written(&file, sound);
            assert_eq!(hits(&out), 0, "{name}");
            let plain = written(&Recipe { planted: false, ..recipe.clone() }.file(), sound);
            assert_eq!(out, plain, "{name}: what was planted left a trace");
        }
    }
}

/// What exiftool says about a file: group, tag, value. Unknown tags and embedded documents too.
fn told(file: &Path) -> Vec<(String, String, String)> {
    let read = Command::new("exiftool").args(["-G1", "-a", "-u", "-ee", "-s"]).arg(file).output().unwrap();
    let lines = String::from_utf8_lossy(&read.stdout).into_owned();
    let parted = lines.lines().map(|line| {
        let (group, rest) = line.strip_prefix('[').unwrap().split_once(']').unwrap();
        let (tag, value) = rest.split_once(':').unwrap();
        (group.to_owned(), tag.trim().to_owned(), value.trim().to_owned())
    });
    parted.collect()
}

#[test]
fn exiftool_finds_nothing_but_the_picture_and_the_sound() {
    let folder = std::env::temp_dir().join(format!("film-canaries-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    for (name, recipe) in planted() {
        let (original, out) = (folder.join(format!("original-{name}")), folder.join(format!("written-{name}")));
        let file = recipe.file();
        fs::write(&out, written(&file, Sound::Kept)).unwrap();
        fs::write(&original, file).unwrap();
        let seen = told(&original).iter().filter(|(_, _, value)| value.contains("CANARY")).count();
        assert!(seen > 10, "{name}: exiftool sees what we planted: {seen}");
        for (group, tag, value) in told(&out) {
            let groups = ["ExifTool", "System", "File", "QuickTime", "Track1", "Track2", "Composite"];
            let line = format!("{name}: {group}: {tag}: {value}");
            assert!(groups.contains(&&group[..]) && !value.contains("CANARY") && !tag.starts_with("GPS"), "{line}");
            if group == "QuickTime" || group.starts_with("Track") {
                assert!(!tag.contains("Date") || value == "0000:00:00 00:00:00", "{line}");
                assert!(
                    !["Description", "Name", "Vendor", "Language"].iter().any(|word| tag.contains(word))
                        || ["", "und"].contains(&&value[..]),
                    "{line}"
                );
            }
        }
    }
    fs::remove_dir_all(&folder).unwrap();
}
