//! A draw keeps its promises in every order of events, and the explorer would see it if it did not.

use std::{collections::BTreeSet, time::Instant};

use model::draw::{Budgets, Found, Mistake, Promise, explore, explore_mistake};

/// What happens up to the result.
const DRAWING: Budgets = Budgets { deaths: 3, jumps: 2, withdrawals: 1, requests: 0, weeks: 0 };
/// What happens afterwards.
const PRIZES: Budgets = Budgets { deaths: 0, jumps: 0, withdrawals: 0, requests: 5, weeks: 3 };

#[test]
fn every_promise_holds_in_every_state() {
    for (name, budgets) in [("drawing", DRAWING), ("prizes", PRIZES)] {
        let begun = Instant::now();
        let Found { states, depth, broken } = explore(budgets);
        println!("{name}: {states} states, {depth} deep, {:.1} s", begun.elapsed().as_secs_f64());
        assert!(broken.is_empty(), "{name}: {broken:#?}");
    }
}

/// Each mistake, a promise that it must break, and within what.
const MISTAKES: [(Mistake, Promise, Budgets); 24] = [
    (Mistake::OpensWithoutCommitment, Promise::CommitmentFirst, DRAWING),
    (Mistake::FreezesAfterTheRound, Promise::ListBeforeValue, DRAWING),
    (Mistake::OwnClockDecides, Promise::ListBeforeValue, DRAWING),
    (Mistake::SecondFreeze, Promise::FilesAgree, DRAWING),
    (Mistake::EntersAfterFreeze, Promise::TicketsAreListed, DRAWING),
    (Mistake::GathersBeforeShutting, Promise::TicketsAreListed, DRAWING),
    (Mistake::RecordsItsOwnList, Promise::FilesAgree, DRAWING),
    (Mistake::RecordsItsOwnValue, Promise::FilesAgree, DRAWING),
    (Mistake::RevealsBeforeTheList, Promise::SecretLast, DRAWING),
    (Mistake::RevealsBeforeTheValue, Promise::SecretLast, DRAWING),
    (Mistake::TakesTheNextRound, Promise::AnnouncedSource, DRAWING),
    (Mistake::ObserverAtOnce, Promise::AnnouncedSource, DRAWING),
    (Mistake::LateIsTheEnd, Promise::DrawEnds, DRAWING),
    (Mistake::RecordsWithoutCondition, Promise::TicketsAreListed, DRAWING),
    (Mistake::DisqualifiesWithoutReason, Promise::ReasonsAreLogged, PRIZES),
    (Mistake::DisqualifiesTwice, Promise::OnePrizeOneHolder, PRIZES),
    (Mistake::SilencesWhoAnswered, Promise::SilenceIsSilence, PRIZES),
    (Mistake::SilencesEarly, Promise::SilenceIsSilence, PRIZES),
    (Mistake::SilencesReserves, Promise::SilenceIsSilence, PRIZES),
    (Mistake::NextHasNoTime, Promise::SilenceIsSilence, PRIZES),
    (Mistake::ForgetsAnswers, Promise::SilenceIsSilence, PRIZES),
    (Mistake::SilenceEndsThePrize, Promise::ReservesFollow, PRIZES),
    (Mistake::LastReserveFirst, Promise::ReservesFollow, PRIZES),
    (Mistake::NobodyTakesOver, Promise::DrawEnds, DRAWING),
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
