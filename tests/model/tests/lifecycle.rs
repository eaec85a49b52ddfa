//! The design keeps its promises in every order of events, and the explorer would see it if it did not.

use std::{collections::BTreeSet, time::Instant};

use model::{Budgets, Found, Mistake, Promise, explore, explore_mistake};

const NOTHING: Budgets = Budgets {
    parts: 1,
    renewals: 0,
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
    rejections: 0,
    reports: 0,
    remarks: 0,
    rewords: 0,
    trusts: 0,
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
/// A video in two parts: one of them lost on the way and put again, addresses that are renewed while the sweep looks.
const PARTS: Budgets = Budgets {
    parts: 2,
    renewals: 1,
    puts: 4,
    lost: 1,
    repeated: 1,
    crashes: 1,
    publications: 1,
    withdrawals: 1,
    slow: 1,
    ..NOTHING
};

/// What happens around covers: X, then Y, then X again, with a message that comes twice.
const COVERS: Budgets = Budgets { puts: 1, repeated: 1, publications: 1, covers: 3, ..NOTHING };
/// What happens around covers whose message is lost, or whose worker dies.
const LOST_COVERS: Budgets =
    Budgets { puts: 1, lost: 1, crashes: 1, publications: 1, withdrawals: 1, covers: 2, ..NOTHING };
/// What happens around a quarantine.
const QUARANTINE: Budgets =
    Budgets { puts: 1, repeated: 1, publications: 2, hides: 1, covers: 1, quarantines: 1, twins: 1, ..NOTHING };

/// What happens around a rejection: it is taken up again, with covers whose message was lost.
const REJECTION: Budgets =
    Budgets { puts: 1, lost: 1, crashes: 1, publications: 1, covers: 1, rejections: 2, withdrawals: 1, ..NOTHING };
/// What happens around reports, and new words of a moderator.
const REPORTS: Budgets = Budgets {
    puts: 1,
    publications: 2,
    crashes: 1,
    hides: 1,
    reports: 1,
    remarks: 1,
    rewords: 1,
    rejections: 1,
    fills: 1,
    ..NOTHING
};
/// What happens around a photo that is shown before anybody has looked at it.
const TRUST: Budgets =
    Budgets { puts: 1, crashes: 1, publications: 1, hides: 1, edits: 1, rewords: 1, trusts: 2, ..NOTHING };

const ALL: [(&str, Budgets); 11] = [
    ("arrival", ARRIVAL),
    ("decisions", DECISIONS),
    ("removal", REMOVAL),
    ("slow uploads", SLOW),
    ("parts", PARTS),
    ("covers", COVERS),
    ("lost covers", LOST_COVERS),
    ("quarantine", QUARANTINE),
    ("rejection", REJECTION),
    ("reports", REPORTS),
    ("trust", TRUST),
];

#[test]
fn every_promise_holds_in_every_state() {
    let mut states = 0;
    for (name, budgets) in ALL {
        let begun = Instant::now();
        let Found { states: found, depth, broken } = explore(budgets);
        println!("{name}: {found} states, {depth} deep, {:.1} s", begun.elapsed().as_secs_f64());
        assert!(broken.is_empty(), "{name}: {broken:#?}");
        states += found;
    }
    println!("{states} states in all");
}

/// Each mistake, a promise that it must break, and within what.
const MISTAKES: [(Mistake, Promise, Budgets); 36] = [
    (Mistake::CommitWithoutCondition, Promise::DeletedStays, ARRIVAL),
    (Mistake::CounterWithoutCondition, Promise::CounterIsTrue, ARRIVAL),
    (Mistake::NoSecondPurge, Promise::GoneIsGone, REMOVAL),
    (Mistake::NoFence, Promise::StatusIsTrue, ARRIVAL),
    (Mistake::NoSweepOfOrphans, Promise::NoOrphans, ARRIVAL),
    (Mistake::StateBeforeBytes, Promise::PublishedHasBytes, ARRIVAL),
    (Mistake::TtlOnReserved, Promise::NothingLost, ARRIVAL),
    (Mistake::ExpiredIsTheEnd, Promise::NothingLost, SLOW),
    (Mistake::PublishWithoutVersion, Promise::SeenIsShown, DECISIONS),
    (Mistake::PurgeByPhoto, Promise::PublishedHasBytes, DECISIONS),
    (Mistake::NoSweepOfRows, Promise::NothingLost, ARRIVAL),
    (Mistake::StrikeBeforeErasing, Promise::GoneIsGone, REMOVAL),
    (Mistake::RoundsTogether, Promise::GoneIsGone, REMOVAL),
    (Mistake::NoInvalidation, Promise::GoneIsGone, REMOVAL),
    (Mistake::NoOutbox, Promise::StatusIsTrue, ARRIVAL),
    (Mistake::FeedRowLater, Promise::FeedIsTrue, ARRIVAL),
    (Mistake::SweepTakesTheYoung, Promise::PublishedHasBytes, ARRIVAL),
    (Mistake::WithdrawalWithoutCondition, Promise::FeedIsTrue, ARRIVAL),
    (Mistake::RevisionUsedTwice, Promise::PublishedHasBytes, DECISIONS),
    (Mistake::PurgedIsAFlag, Promise::StatusIsTrue, DECISIONS),
    (Mistake::TtlOnTombstones, Promise::DeletedStays, ARRIVAL),
    (Mistake::LateFileStays, Promise::GoneIsGone, SLOW),
    (Mistake::NoAnswerIsALoss, Promise::PublishedHasBytes, DECISIONS),
    (Mistake::FolderOfTheBytesAlone, Promise::RenditionsAreThere, COVERS),
    (Mistake::ErasesWithoutLooking, Promise::RenditionsAreThere, COVERS),
    (Mistake::CommitsToAnotherAsk, Promise::RenditionsAreThere, COVERS),
    (Mistake::ReleaseKeepsTheLock, Promise::LockIsTrue, QUARANTINE),
    (Mistake::LockStopsCovers, Promise::WaitingCanBeDecided, QUARANTINE),
    (Mistake::NoSweepOfCovers, Promise::WaitingCanBeDecided, LOST_COVERS),
    (Mistake::NoSweepOfHiddenCovers, Promise::WaitingCanBeDecided, Budgets { hides: 1, ..LOST_COVERS }),
    (Mistake::RejectionErases, Promise::WaitingCanBeDecided, REJECTION),
    (Mistake::ReportTakesTheRevision, Promise::PublishedHasBytes, REPORTS),
    (Mistake::TrustOutlivesWords, Promise::SeenIsShown, TRUST),
    (Mistake::PartIsEnough, Promise::WaitingCanBeDecided, PARTS),
    (Mistake::DropsBeforeExpiring, Promise::NothingLost, PARTS),
    (Mistake::StrayPartStays, Promise::NoOrphans, PARTS),
];

#[test]
fn every_mistake_breaks_its_promise() {
    let made: BTreeSet<_> = MISTAKES.iter().map(|(mistake, ..)| format!("{mistake:?}")).collect();
    assert_eq!(made, Mistake::ALL.iter().map(|mistake| format!("{mistake:?}")).collect());
    for (mistake, promise, budgets) in MISTAKES {
        let broken = explore_mistake(budgets, mistake, promise).broken;
        let path = broken.into_iter().find_map(|(broken, path)| (broken == promise).then_some(path));
        assert!(path.is_some(), "{mistake:?} does not break {promise:?}");
        println!("{mistake:?}: {promise:?} after {} steps", path.map_or(0, |path| path.len()));
    }
}
