//! Mutates films for as many rounds as it is told, and prints which took longest and which became largest. One thread.
//!
//!     mutated ROUNDS [SEED]
#![expect(clippy::print_stdout, reason = "that is what it is for")]
#![expect(clippy::unwrap_used, reason = "what cannot be made cannot be mutated")]
#![expect(clippy::similar_names, reason = "a film is read from a file")]

#[path = "../tests/made/mod.rs"]
mod made;

use std::{
    collections::BTreeMap,
    fs,
    time::{Duration, Instant},
};

use film::{Limits, Parts, Sound, look};
use made::{Chance, Recipe, mutated, recipes};

fn main() {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<u64>().unwrap());
    let (rounds, seed) = (arguments.next().unwrap_or(100_000), arguments.next().unwrap_or(2026));
    let seeds = recipes().iter().map(Recipe::file).collect::<Vec<_>>();
    let mut chance = Chance(seed);
    let (mut outcomes, mut slowest, mut largest) = (BTreeMap::new(), (Duration::ZERO, 0, ""), (0, 0));
    for round in 0..rounds {
        let file = mutated(&seeds[chance.below(seeds.len())], &mut chance);
        let (mut took, outcome, bytes) = looked_at(&file);
        largest = largest.max((bytes, round));
        if took > slowest.0 {
            // Others use the processor too: the best of ten times is the film's own.
            took = (0..10).map(|_| looked_at(&file).0).min().unwrap().min(took);
            slowest = slowest.max((took, round, outcome));
        }
        *outcomes.entry(outcome).or_insert(0_u64) += 1;
    }
    println!("{rounds} rounds of seed {seed}: {outcomes:?}");
    println!("slowest: {:?} for round {} ({})", slowest.0, slowest.1, slowest.2);
    println!(
        "largest: {} bytes written for round {}; {} KiB at most in this process",
        largest.0,
        largest.1,
        peak_kib()
    );
}

/// Looks at a film, writes it, looks at what was written and writes that. Says how long it took, what the outcome was and how many bytes were
/// written.
fn looked_at(file: &[u8]) -> (Duration, &'static str, usize) {
    let begun = Instant::now();
    // Parts of a size that seldom divides anything.
    let (outcome, bytes) = match look(&Parts::new(file.chunks(1021)), &Limits::default()) {
        Ok(film) => {
            let mut first = Vec::new();
            film.write(Sound::Kept, &mut first).unwrap();
            let mut again = Vec::new();
            look(&Parts::new([&first[..]]), &Limits::default()).unwrap().write(Sound::Kept, &mut again).unwrap();
            assert!(first == again, "a film that is not written as itself");
            ("taken", first.len())
        }
        Err(unfit) => (unfit.reason(), 0),
    };
    (begun.elapsed(), outcome, bytes)
}

/// The largest memory that the process has had (Linux, proc(5)).
fn peak_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse().ok()).unwrap_or_default()
}
