//! Any bytes as a film: a reason, or a file that is taken and written as itself, however the bytes are parted.
#![no_main]

use film::{Limits, Parts, Sound, look};
use libfuzzer_sys::fuzz_target;

fn written(parts: &Parts<'_>) -> Option<Vec<u8>> {
    let film = look(parts, &Limits::default()).ok()?;
    for key in film.key_frames() {
        assert!(film.key_frame(key.picture).is_some());
    }
    let mut file = Vec::new();
    film.write(Sound::Kept, &mut file).unwrap();
    Some(file)
}

fuzz_target!(|file: &[u8]| {
    let first = written(&Parts::new([file]));
    assert_eq!(written(&Parts::new(file.chunks(61))), first);
    if let Some(first) = first {
        assert_eq!(written(&Parts::new([&first[..]])).as_ref(), Some(&first));
    }
});
