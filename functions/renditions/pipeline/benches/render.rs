//! What the pipeline takes, whole and step by step:
//!
//!     cargo bench -p renditions                 # all
//!     cargo bench -p renditions -- step         # the steps
//!     cargo bench -p renditions -- 'whole.*48'  # by name
//!
//! The photos are made in code, so that the figures of two commits can be compared; `tests/bench/` compares with other tools on
//! photographic content.
#![expect(clippy::unwrap_used, reason = "what cannot be made cannot be measured")]

#[path = "../tests/made/mod.rs"]
mod made;

use std::{collections::BTreeMap, sync::LazyLock};

use divan::{Bencher, counter::BytesCount};
use image::ImageFormat;
use made::{encoder, exif, jpeg, packed, scene};
use pipeline::render::{
    Formats, Limits,
    measured::{Step, Steps},
    render_as,
};

const PHOTOS: [&str; 6] =
    ["12 MP", "12 MP, P3, turned", "12 MP, progressive", "12 MP, PNG", "48 MP", "48 MP, progressive"];

/// Made when it is first asked for.
type File = LazyLock<Vec<u8>, fn() -> Vec<u8>>;

static FILES: LazyLock<BTreeMap<&str, File>> = LazyLock::new(|| {
    let makers: [fn() -> Vec<u8>; 6] = [
        || jpeg(&scene(4032, 3024)),
        || {
            let profile = moxcms::ColorProfile::new_display_p3().encode().unwrap();
            encoder(&scene(4032, 3024)).icc_profile(&profile).exif_data(&exif(6, &[])).encode().unwrap()
        },
        || encoder(&scene(4032, 3024)).progressive(true).encode().unwrap(),
        || packed(scene(4032, 3024), ImageFormat::Png),
        || jpeg(&scene(8064, 6048)),
        || encoder(&scene(8064, 6048)).progressive(true).encode().unwrap(),
    ];
    PHOTOS.into_iter().zip(makers.map(LazyLock::new)).collect()
});

fn main() {
    divan::main();
}

#[divan::bench(args = PHOTOS, sample_count = 10, sample_size = 1)]
fn whole_jpeg_only(bencher: Bencher<'_, '_>, photo: &str) {
    whole(bencher, photo, Formats::JpegOnly);
}

#[divan::bench(args = PHOTOS, sample_count = 10, sample_size = 1)]
fn whole_jpeg_and_webp(bencher: Bencher<'_, '_>, photo: &str) {
    whole(bencher, photo, Formats::JpegAndWebp);
}

fn whole(bencher: Bencher<'_, '_>, photo: &str, formats: Formats) {
    let file = &*FILES[photo];
    bencher.counter(BytesCount::of_slice(file)).bench(|| render_as(file, &Limits::default(), formats).unwrap());
}

#[divan::bench(args = Step::ALL, sample_count = 10, sample_size = 1)]
fn step_12_mp(bencher: Bencher<'_, '_>, step: Step) {
    repeated(bencher, "12 MP", step);
}

#[divan::bench(args = Step::ALL, sample_count = 10, sample_size = 1)]
fn step_12_mp_p3_turned(bencher: Bencher<'_, '_>, step: Step) {
    repeated(bencher, "12 MP, P3, turned", step);
}

fn repeated(bencher: Bencher<'_, '_>, photo: &str, step: Step) {
    let steps = Steps::new(&FILES[photo]).unwrap();
    bencher.bench(|| steps.repeat(step).unwrap());
}
