//! The sample photos: pictures of nothing real, with the texts of an imagined uploader.
//!
//! Decision: the command carries the files of `samples/photos`. It then fills a sample day, and sends the photo of `smoke`, from any folder
//! and without a checkout. They add 2.9 MB to the binary and nothing that can be measured to the time of a build. A program drew each
//! picture anew before: 4,300 lines, and five seconds until the first photo of a sample day.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::Deserialize;
use shared::domain::{ids::DisciplineSlug, photo::People, school::Nation};

/// Pairs the names of files in `samples/photos` with their bytes.
macro_rules! files {
    ($($name:literal)+) => {
        [$(($name, include_bytes!(concat!("../samples/photos/", $name)).as_slice())),+]
    };
}

/// The files by name: baseline JPEG, sRGB, with a long edge of 1280 pixels and no metadata.
pub const FILES: [(&str, &[u8]); 30] = files! {
    "acrylic.jpg" "batons.jpg" "card.jpg" "cells.jpg" "chip.jpg" "circuit-board.jpg" "crystals.jpg" "cupcakes.jpg" "curtain.jpg"
    "drawers.jpg" "flame.jpg" "flasks.jpg" "gears.jpg" "glaze-tiles.jpg" "guitar-strings.jpg" "ingredients.jpg" "lanterns.jpg"
    "lens.jpg" "mixing-desk.jpg" "moonlight.jpg" "oscilloscope.jpg" "paint-pots.jpg" "patch-panel.jpg" "piano.jpg" "prism.jpg"
    "screen-print.jpg" "tennis-balls.jpg" "test-tubes.jpg" "timeline.jpg" "tool-board.jpg"
};

const CATALOGUE: &str = include_str!("../samples/photos/catalogue.toml");

/// The sample photos of a day.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// The nation of each school that was picked from a register. A school that was only typed has none.
    pub nations: BTreeMap<String, Nation>,
    /// The photos, oldest first.
    pub photos: Vec<SamplePhoto>,
}

/// One photo, with everything that an uploader would enter.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SamplePhoto {
    /// The picture's name in [`FILES`].
    pub file: String,
    /// The caption, in a technician's words.
    pub caption: String,
    /// The alternative text.
    pub alt: String,
    /// The credit line.
    pub credit: String,
    /// The school's name; `None` if no school is named.
    pub school: Option<String>,
    /// The discipline, one of those in `infra/event.toml`.
    pub discipline: DisciplineSlug,
    /// Who can be recognised.
    pub people: People,
}

impl Catalogue {
    /// Reads the catalogue that was compiled into this build.
    ///
    /// # Errors
    /// If the catalogue is malformed, which a test rules out.
    pub fn read() -> Result<Self> {
        toml::from_str(CATALOGUE).context("the catalogue of sample photos")
    }
}

impl SamplePhoto {
    /// Returns the picture's JPEG.
    ///
    /// # Errors
    /// If no file has the name, which a test rules out.
    pub fn jpeg(&self) -> Result<&'static [u8]> {
        let file = FILES.iter().find(|(name, _)| *name == self.file);
        file.map(|(_, bytes)| *bytes).with_context(|| format!("there is no sample photo {}", self.file))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use renditions::render::{Limits, render};
    use shared::domain::{
        Fingerprint, event_file,
        text::{Field, clean},
    };

    use super::*;

    /// Largest size of all files together, in bytes, because they are in every clone.
    const MOST_BYTES: usize = 3_000_000;

    #[test]
    fn every_file_is_in_the_catalogue_once_and_there_is_no_other() {
        let catalogue = Catalogue::read().unwrap();
        let mut named: Vec<_> = catalogue.photos.iter().map(|photo| photo.file.as_str()).collect();
        named.sort_unstable();
        assert_eq!(named, FILES.map(|(name, _)| name));
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/photos");
        let mut there: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "jpg"))
            .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
            .collect();
        there.sort_unstable();
        assert_eq!(there, named);
    }

    #[test]
    fn every_word_passes_the_rules_for_senders_unchanged() {
        for photo in Catalogue::read().unwrap().photos {
            for (field, text) in [
                (Field::Caption, &photo.caption),
                (Field::Alt, &photo.alt),
                (Field::Credit, &photo.credit),
                (Field::SchoolName, photo.school.as_ref().unwrap_or(&"Sample".to_owned())),
            ] {
                assert_eq!(clean(field, text).unwrap(), *text);
            }
            assert!((16..=99).contains(&photo.caption.chars().count()), "{}", photo.caption);
            assert!(photo.alt.chars().count() >= 30 && photo.alt.ends_with('.'), "{}", photo.alt);
        }
    }

    #[test]
    fn every_discipline_and_nation_has_photos_and_no_other_is_named() {
        let Catalogue { nations, photos } = Catalogue::read().unwrap();
        let edition = event_file::read(include_str!("../../event.toml")).unwrap();
        let known: BTreeSet<_> = edition.disciplines.iter().map(|discipline| &discipline.slug).collect();
        assert_eq!(photos.iter().map(|photo| &photo.discipline).collect::<BTreeSet<_>>(), known);
        for slug in known {
            assert!(photos.iter().filter(|photo| photo.discipline == *slug).count() >= 2, "{slug}");
        }
        assert_eq!(nations.values().collect::<BTreeSet<_>>().len(), 4);
        for school in nations.keys() {
            assert!(photos.iter().any(|photo| photo.school.as_ref() == Some(school)), "{school}");
        }
        assert!(photos.iter().any(|photo| photo.school.is_none()));
        assert!(photos.iter().any(|photo| photo.school.as_ref().is_some_and(|school| !nations.contains_key(school))));
    }

    #[test]
    fn nobody_could_take_them_for_real() {
        let photos = Catalogue::read().unwrap().photos;
        assert_eq!(photos.iter().map(|photo| &photo.caption).collect::<BTreeSet<_>>().len(), photos.len());
        for photo in photos {
            assert!(photo.credit.to_lowercase().contains("sample"), "{}", photo.credit);
            assert!(photo.school.is_none_or(|school| school.contains("Sampl")));
            assert_eq!(photo.people, People::None);
        }
    }

    #[test]
    fn all_are_small_baseline_jpegs_without_metadata() {
        assert!(FILES.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() <= MOST_BYTES);
        for (name, bytes) in FILES {
            let [0xff, 0xd8, segments @ ..] = bytes else { panic!("{name} is no JPEG") };
            // ITU-T T.81, B.1.1.4: a marker, and the length of its segment with the two bytes of the length.
            let (mut rest, mut markers) = (segments, Vec::new());
            while let [0xff, marker, high, low, ..] = rest {
                markers.push(*marker);
                if *marker == 0xda {
                    break;
                }
                rest = &rest[2 + usize::from(u16::from_be_bytes([*high, *low]))..];
            }
            assert_eq!(markers.last(), Some(&0xda), "{name} has no scan");
            assert!(markers.contains(&0xc0), "{name} is not baseline: {markers:x?}");
            // APP0 is JFIF's; Exif, profiles, XMP and comments use other markers.
            let plain = |marker: &u8| matches!(marker, 0xe0 | 0xdb | 0xc0 | 0xc4 | 0xda);
            assert!(markers.iter().all(plain), "{name}: {markers:x?}");
        }
    }

    #[test]
    fn all_become_renditions_in_every_format_and_no_two_look_alike() {
        let mut seen: Vec<(&str, Fingerprint)> = Vec::new();
        let (mut landscape, mut portrait, mut square) = (0, 0, 0);
        for (name, bytes) in FILES {
            let rendered = render(bytes, &Limits::default()).unwrap();
            assert_eq!(rendered.width.max(rendered.height), 1280, "{name}");
            match rendered.width.cmp(&rendered.height) {
                std::cmp::Ordering::Greater => landscape += 1,
                std::cmp::Ordering::Less => portrait += 1,
                std::cmp::Ordering::Equal => square += 1,
            }
            let fingerprint = Fingerprint::from_bits(rendered.fingerprint.unwrap());
            let alike = seen.iter().find(|(_, other)| other.is_near(fingerprint));
            assert!(alike.is_none(), "{name} looks like {alike:?}");
            seen.push((name, fingerprint));
        }
        assert!(landscape >= 8 && portrait >= 5 && square >= 2, "{landscape}, {portrait}, {square}");
    }
}
