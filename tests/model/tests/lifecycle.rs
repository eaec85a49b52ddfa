//! The design keeps its promises in every order of events, and the explorer would see it if it did not.

use std::time::Instant;

use model::{Budgets, Found, Mistake, Promise, explore};

const NOTHING: Budgets = Budgets {
    puts: 0,
    lost: 0,
    repeated: 0,
    crashes: 0,
    unanswered: 0,
    publications: 0,
    hides: 0,
    edits: 0,
    withdrawals: 0,
    repeats: 0,
    fills: 0,
    slow: 0,
    covers: 0,
    quarantines: 0,
    twins: 0,
};

/// What happens around the arrival of a file.
const ARRIVAL: Budgets =
    Budgets { puts: 3, lost: 2, repeated: 2, crashes: 3, publications: 1, withdrawals: 1, repeats: 1, ..NOTHING };
/// What happens around a decision.
const DECISIONS: Budgets =
    Budgets { puts: 1, crashes: 2, unanswered: 1, publications: 3, hides: 2, edits: 1, withdrawals: 1, ..NOTHING };
/// What happens around a removal.
const REMOVAL: Budgets = Budgets {
    puts: 2,
    repeated: 1,
    crashes: 1,
    publications: 2,
    hides: 1,
    withdrawals: 1,
    repeats: 1,
    fills: 2,
    ..NOTHING
};
/// Uploads that outlive every address.
const SLOW: Budgets =
    Budgets { puts: 2, lost: 1, repeated: 1, crashes: 1, publications: 1, withdrawals: 1, slow: 2, ..NOTHING };

/// What happens around covers: X, then Y, then X again.
const COVERS: Budgets =
    Budgets { puts: 1, lost: 1, repeated: 1, crashes: 1, publications: 1, withdrawals: 1, covers: 3, ..NOTHING };
/// What happens around a quarantine.
const QUARANTINE: Budgets =
    Budgets { puts: 1, repeated: 1, publications: 2, hides: 1, covers: 2, quarantines: 1, twins: 1, ..NOTHING };

const ALL: [(&str, Budgets); 6] = [
    ("arrival", ARRIVAL),
    ("decisions", DECISIONS),
    ("removal", REMOVAL),
    ("slow uploads", SLOW),
    ("covers", COVERS),
    ("quarantine", QUARANTINE),
];

#[test]
fn every_promise_holds_in_every_state() {
    let mut states = 0;
    for (name, budgets) in ALL {
        let begun = Instant::now();
        let Found { states: found, depth, broken } = explore(budgets, None);
        println!("{name}: {found} states, {depth} deep, {:.1} s", begun.elapsed().as_secs_f64());
        assert!(broken.is_empty(), "{name}: {broken:#?}");
        states += found;
    }
    println!("{states} states in all");
}

#[test]
fn every_mistake_breaks_a_promise() {
    for mistake in Mistake::ALL {
        let caught = ALL.into_iter().find_map(|(name, budgets)| {
            explore(budgets, Some(mistake)).broken.into_iter().next().map(|(promise, path)| (name, promise, path.len()))
        });
        assert!(caught.is_some(), "{mistake:?} was not caught");
        if let Some((name, promise, steps)) = caught {
            println!("{mistake:?}: {promise:?} after {steps} steps ({name})");
        }
    }
}

#[test]
fn a_mistake_is_caught_by_the_promise_that_it_breaks() {
    for (mistake, budgets, promise) in [
        (Mistake::NoFence, REMOVAL, Promise::LightIsTrue),
        (Mistake::ExpiredIsTheEnd, SLOW, Promise::NothingLost),
        (Mistake::PublishWithoutVersion, DECISIONS, Promise::SeenIsShown),
        (Mistake::TtlOnTombstones, REMOVAL, Promise::DeletedStays),
        (Mistake::FolderOfTheBytesAlone, COVERS, Promise::RenditionsAreThere),
        (Mistake::ErasesWithoutLooking, COVERS, Promise::RenditionsAreThere),
        (Mistake::ReleaseKeepsTheLock, QUARANTINE, Promise::LockIsTrue),
        (Mistake::LockStopsCovers, QUARANTINE, Promise::NothingLost),
        (Mistake::CommitsToAnotherAsk, COVERS, Promise::RenditionsAreThere),
    ] {
        let broken: Vec<_> = explore(budgets, Some(mistake)).broken.into_iter().map(|(promise, _)| promise).collect();
        assert!(broken.contains(&promise), "{mistake:?}: {broken:?}");
    }
}
