use std::collections::BTreeSet;

use shared::domain::{
    event_file,
    text::{Field, clean},
};

use super::{Picture, draw, jpeg, photos};

/// The same picture at an eighth of its size: a sixty-fourth of the work.
fn small(index: usize) -> Picture {
    let photo = &photos()[index];
    photo.drawn(index, photo.width / 8, photo.height / 8)
}

#[test]
fn every_word_passes_the_rules_for_senders_unchanged() {
    for photo in photos() {
        for (field, text) in [
            (Field::Caption, photo.caption),
            (Field::Alt, photo.alt),
            (Field::Credit, photo.credit),
            (Field::SchoolName, photo.school.unwrap_or("Sample")),
        ] {
            assert_eq!(clean(field, text).unwrap(), text);
        }
        assert!((16..=99).contains(&photo.caption.chars().count()), "{}", photo.caption);
        assert!(photo.alt.chars().count() >= 30 && photo.alt.ends_with('.'), "{}", photo.alt);
    }
}

#[test]
fn every_discipline_of_the_event_file_has_photos_and_no_other_is_named() {
    let edition = event_file::read(include_str!("../../event.toml")).unwrap();
    let known = edition.disciplines.iter().map(|discipline| discipline.slug.to_string()).collect::<BTreeSet<_>>();
    let named = photos().iter().map(|photo| photo.discipline.to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(named, known);
    for slug in known {
        assert!(photos().iter().filter(|photo| photo.discipline == slug).count() >= 3, "{slug}");
    }
}

#[test]
fn nobody_could_take_them_for_real() {
    let captions = photos().iter().map(|photo| photo.caption).collect::<BTreeSet<_>>();
    assert!(captions.len() == photos().len() && captions.len() >= 36);
    for photo in photos() {
        assert!(photo.credit.to_lowercase().contains("sample"), "{}", photo.credit);
        assert!(photo.school.is_none_or(|school| school.contains("Sampl")), "{:?}", photo.school);
        assert_eq!(photo.people, "none");
    }
}

#[test]
fn pictures_have_light_and_dark_and_no_two_are_alike() {
    let mean = |picture: &Picture, part: usize| {
        // The mean of one of 4 × 4 fields.
        let (wide, high) = (picture.width as usize, picture.height as usize);
        let (left, top) = (part % 4 * wide / 4, part / 4 * high / 4);
        let (mut sum, mut count) = ([0_u32; 3], 0);
        for y in top..top + high / 4 {
            for pixel in picture.rgb[(y * wide + left) * 3..][..wide / 4 * 3].as_chunks::<3>().0 {
                sum.iter_mut().zip(pixel).for_each(|(sum, level)| *sum += u32::from(*level));
                count += 1;
            }
        }
        sum.map(|sum| i64::from(sum / count))
    };
    let mut seen: Vec<(&str, Vec<[i64; 3]>)> = Vec::new();
    for (index, photo) in photos().iter().enumerate() {
        let picture = small(index);
        assert_eq!(picture.rgb.len(), (picture.width * picture.height * 3) as usize);
        let mut levels = picture.rgb.clone();
        levels.sort_unstable();
        let (dark, light) = (levels[levels.len() / 20], levels[levels.len() * 19 / 20]);
        assert!(light.saturating_sub(dark) > 60, "{}: {dark} to {light}", photo.caption);
        let fields = (0..16).map(|part| mean(&picture, part)).collect::<Vec<_>>();
        for (other, theirs) in &seen {
            let apart: i64 = fields.as_flattened().iter().zip(theirs.as_flattened()).map(|(a, b)| (a - b).abs()).sum();
            assert!(apart > 48 * 6, "“{}” looks like “{other}”: {apart}", photo.caption);
        }
        seen.push((photo.caption, fields));
    }
}

#[test]
fn a_photo_is_the_same_bytes_each_time_and_becomes_renditions() {
    let file = jpeg(0);
    assert_eq!(file, jpeg(0));
    let rendered = renditions::render::render(&file, &renditions::render::Limits::default()).unwrap();
    assert_eq!((rendered.width, rendered.height), (photos()[0].width, photos()[0].height));
    assert_eq!(rendered.renditions.len(), 6);
    assert_eq!(draw(0).width, 1280);
}

#[test]
fn the_longest_edge_is_1280_in_every_format() {
    assert!(photos().iter().all(|photo| photo.width.max(photo.height) == 1280));
    for (name, has) in [
        ("landscape", photos().iter().filter(|photo| photo.width > photo.height).count()),
        ("portrait", photos().iter().filter(|photo| photo.width < photo.height).count()),
        ("square", photos().iter().filter(|photo| photo.width == photo.height).count()),
    ] {
        assert!(has >= 2, "{name}: {has}");
    }
}
