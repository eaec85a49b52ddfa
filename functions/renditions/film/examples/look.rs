//! Looks at one file as a film, writes it anew, and prints a line about both. What it takes beside the two files is measured where Linux
//! tells it.
//!
//!     look FILE [OUT]
#![expect(clippy::print_stdout, reason = "that is what it is for")]

use std::{fs, time::Instant};

use film::{Limits, Parts, Sound, look};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let file = fs::read(arguments.next().ok_or("which file?")?)?;
    // What is written is within the limit of what is read.
    let mut out = vec![1; 24 << 20];
    out.clear();

    // The peak so far, which reading has left, is forgotten (proc(5)).
    let forgets = fs::write("/proc/self/clear_refs", "5");
    let before = kib("VmRSS");
    let begun = Instant::now();
    let outcome = look(&Parts::new(file.chunks(1 << 20)), &Limits::default()).map(|film| {
        let looked = begun.elapsed();
        let written = film.write(Sound::Kept, &mut out);
        (
            film.pictures(),
            film.shown_px(),
            film.duration_ms(Sound::Kept),
            film.left_out(),
            film.key_frames().len(),
            looked,
            written,
        )
    });
    let took = begun.elapsed();
    let beside = forgets.ok().and_then(|()| Some(kib("VmHWM")? - before?));
    match outcome {
        Ok((pictures, (width, height), duration_ms, left_out, keys, looked, written)) => {
            written?;
            println!(
                "taken: {pictures} pictures, {keys} of them keys, {width} × {height}, {duration_ms} ms, sound left out: {left_out:?}"
            );
            println!("{} bytes became {}; looked at in {looked:?}", file.len(), out.len());
            if let Some(path) = arguments.next() {
                fs::write(path, &out)?;
            }
        }
        Err(unfit) => println!("{}: {unfit:?}: {unfit}", unfit.reason()),
    }
    println!("took {took:?}, beside the files KiB: {beside:?}");
    Ok(())
}

/// A line of /proc/self/status, in KiB.
fn kib(name: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim_start_matches(':').split_whitespace().next()?.parse().ok()
}
