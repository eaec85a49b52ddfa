//! Our JPEG decoder at all eight sizes: of a picture that it says to be whole, every row of every component comes, once.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pipeline::jpeg::{Damage, Decoder, Rows, Scale, Sink};

/// Of each component: rows that have come, rows that there are.
struct Gathered(Vec<(usize, usize)>);

impl Sink for Gathered {
    type Error = Damage;

    fn rows(&mut self, rows: &Rows<'_>) -> Result<(), Damage> {
        let (came, there) = &mut self.0[rows.component];
        let given = rows.samples.chunks_exact(rows.stride).take(rows.count);
        *came += given.map(|row| &row[..rows.width]).count();
        *there = rows.height;
        assert!(came <= there);
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
        let mut gathered = Gathered(vec![(0, 0); components]);
        if let Ok(outcome) = decoder.decode(&vec![scale; components], &mut gathered) {
            assert!(outcome.flaws.grey <= outcome.flaws.damaged && outcome.flaws.damaged <= 100);
            if outcome.cut {
                continue;
            }
            assert!(gathered.0.iter().all(|(came, there)| *came > 0 && came == there), "{:?}", gathered.0);
        }
    }
});
