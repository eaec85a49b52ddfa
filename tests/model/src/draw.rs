//! A prize draw as a model: every order in which two workers, two entrants, an organiser and the clocks can act, with deaths between every
//! two steps, steps that are done again, and clocks that are wrong.
//!
//! | Here | In the code |
//! |---|---|
//! | [`Row`] | `domain::draw::steps::Draw` |
//! | [`Files`] | `commit.json`, `entries.txt`, `beacon.json`, `result.json`, each written once |
//! | a worker's steps | look at the row, publish the next file, read back what stands, record it |
//! | [`Hour`] | the true time, and the storage's clock; a worker's own clock may be an hour off |
//! | [`Standing`] | `domain::draw::steps::Standing` of a winner and two reserves |
//! | [`Step::Week`] | `domain::draw::steps::ANSWER` has passed for everybody who holds the prize |
//!
//! A worker's clock is never wrong by the day after which an observer may draw.

use std::collections::BTreeSet;

use stateright::{HasDiscoveries, Model, Property};

use crate::check::visit_all;

/// What the true time is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hour {
    /// Entries are taken.
    Entering,
    /// The announced time of the freeze is over.
    Freezing,
    /// It is too late to publish the list for the announced round, which does not exist yet.
    Margin,
    /// The announced round exists, and anybody may know it.
    Round,
    /// An observer may draw.
    NextDay,
}

/// Where the draw stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Nobody can enter yet.
    Announced,
    /// Entries are taken.
    Open,
    /// No more.
    Frozen,
    /// The result is public.
    Revealed,
}

/// Where the value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// The announced round.
    Announced,
    /// Another round (only by mistake).
    Next,
    /// An observer who spoke at this hour.
    Observer(Hour),
}

/// Which of the two entrants a list has.
pub type List = [bool; 2];

/// The list of entries, and when it became public.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Listed {
    /// Who is in it.
    pub list: List,
    /// When it became public, as its reader believes.
    pub at: Hour,
}

/// What is recorded of somebody whose prize it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    /// None yet, and there is time.
    Awaited,
    /// None, and the time to answer is over.
    Overdue,
    /// They want it.
    Wanted,
}

/// Why somebody does not get a prize.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// The log does not say it (only by mistake).
    Unsaid,
    /// They did not answer in time.
    Silence,
    /// Another of the listed reasons, such as that they do not want it.
    Other,
}

/// What becomes of one of the ranking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// The prize is theirs.
    Holds(Answer),
    /// A reserve.
    Waits,
    /// They have it.
    Delivered,
    /// They do not get it.
    Out(Why),
}

/// The row of the draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Row {
    /// The state.
    pub state: State,
    /// The recorded list.
    pub listed: Option<Listed>,
    /// The recorded value.
    pub value: Option<Value>,
    /// A winner of one prize and two reserves.
    pub places: [Standing; 3],
}

/// What stands publicly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Files {
    /// Whether the commitment stands.
    pub commit: bool,
    /// The list, with the storage's time.
    pub entries: Option<Listed>,
    /// The value.
    pub beacon: Option<Value>,
    /// The result: what it follows from, and the secret. A part is `None` if it was not there (only by mistake).
    pub result: Option<(Option<List>, Option<Value>)>,
}

/// Somebody who enters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entrant {
    /// Has not asked.
    Away,
    /// Has asked; the function has seen that the draw is open.
    Asking,
    /// Has a ticket.
    Entered,
    /// Was told that it is too late.
    Refused,
    /// Has taken the entry back. Whether it stands in the list depends on when, and on who gathers it.
    Withdrawn,
}

/// A run of the function that takes a draw on. All that it remembers is gone when it dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Worker {
    /// Begins anew.
    Idle,
    /// Has read the row.
    Saw(Row),
    /// Has read the entries.
    Gathered(Row, List),
    /// Has published the list, or found one.
    Published(Row, List),
    /// Has a value.
    Got(Row, Value),
    /// Has published the value, or found one.
    Told(Row, Value),
    /// Has published the result, or found it.
    Shown(Row),
}

/// What can still happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Budgets {
    /// Deaths of workers.
    pub deaths: u8,
    /// Times that a clock jumps.
    pub jumps: u8,
    /// Entries that are taken back.
    pub withdrawals: u8,
    /// Requests of the organiser about winners.
    pub requests: u8,
    /// Times that the time to answer passes.
    pub weeks: u8,
}

/// Everything.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct World {
    /// The true time.
    pub hour: Hour,
    /// By how many hours the clock of the workers is ahead: -1, 0 or 1.
    pub ahead: i8,
    /// The row.
    pub row: Row,
    /// What stands publicly.
    pub files: Files,
    /// Two entrants.
    pub entrants: [Entrant; 2],
    /// Two workers.
    pub workers: [Worker; 2],
    /// Prizes that were given away by disqualifications.
    pub given: u8,
    /// Who of the ranking has said that they want the prize, whatever the row has of it.
    pub said: [bool; 3],
    /// Who of the ranking has had all the time to answer since the prize was theirs, whatever the row has of it.
    pub had_time: [bool; 3],
    /// What can still happen.
    pub left: Budgets,
}

/// What must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Promise {
    /// Nobody has entered before the commitment stood.
    CommitmentFirst,
    /// The list was public before the round existed by which it is drawn.
    ListBeforeValue,
    /// Every ticket is in the list.
    TicketsAreListed,
    /// The secret is public after list and value.
    SecretLast,
    /// The value comes from the announced round, or from an observer once they may.
    AnnouncedSource,
    /// What is recorded and what follows from it is what stands publicly.
    FilesAgree,
    /// Nobody is out without a reason in the log.
    ReasonsAreLogged,
    /// One prize has one holder, and each who is out makes room once.
    OnePrizeOneHolder,
    /// A prize that is free goes to the first reserve who waits.
    ReservesFollow,
    /// Only who has had the time to answer, and has not answered, is passed over for silence.
    SilenceIsSilence,
    /// Once nothing more happens, the result is public.
    DrawEnds,
}

impl Promise {
    /// All promises.
    pub const ALL: [Self; 11] = [
        Self::CommitmentFirst,
        Self::ListBeforeValue,
        Self::TicketsAreListed,
        Self::SecretLast,
        Self::AnnouncedSource,
        Self::FilesAgree,
        Self::ReasonsAreLogged,
        Self::OnePrizeOneHolder,
        Self::ReservesFollow,
        Self::SilenceIsSilence,
        Self::DrawEnds,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::CommitmentFirst => "nobody has entered before the commitment stood",
            Self::ListBeforeValue => "the list was public before the round by which it is drawn",
            Self::TicketsAreListed => "every ticket is in the list",
            Self::SecretLast => "the secret is public after list and value",
            Self::AnnouncedSource => "the value comes from where it was announced",
            Self::FilesAgree => "what is recorded is what stands publicly",
            Self::ReasonsAreLogged => "nobody is out without a reason",
            Self::OnePrizeOneHolder => "one prize has one holder",
            Self::ReservesFollow => "a free prize goes to the first reserve",
            Self::SilenceIsSilence => "only who is silent is passed over for silence",
            Self::DrawEnds => "the draw ends",
        }
    }

    fn holds(self, world: &World, over: bool) -> bool {
        let World { row, files, .. } = world;
        match self {
            Self::CommitmentFirst => files.commit || world.entrants.iter().all(|entrant| *entrant != Entrant::Entered),
            // By the storage's clock, which is the true one.
            Self::ListBeforeValue => {
                files.beacon != Some(Value::Announced) || files.entries.is_some_and(|listed| listed.at < Hour::Margin)
            }
            Self::TicketsAreListed => files.entries.is_none_or(|listed| {
                world.entrants.iter().zip(listed.list).all(|(entrant, is)| *entrant != Entrant::Entered || is)
            }),
            Self::SecretLast => files.result.is_none_or(|(list, value)| list.is_some() && value.is_some()),
            Self::AnnouncedSource => {
                let announced = |value| matches!(value, Value::Announced | Value::Observer(Hour::NextDay));
                files.beacon.is_none_or(announced) && row.value.is_none_or(announced)
            }
            Self::FilesAgree => {
                let list = row.listed.is_none_or(|listed| files.entries.is_some_and(|is| is.list == listed.list));
                let value = row.value.is_none() || row.value == files.beacon;
                let result = files.result.is_none_or(|(list, value)| {
                    list.is_none_or(|list| files.entries.is_some_and(|is| is.list == list))
                        && (value.is_none() || value == files.beacon)
                });
                let shown = row.state < State::Revealed || files.result.is_some();
                list && value && result && shown
            }
            Self::ReasonsAreLogged => !row.places.contains(&Standing::Out(Why::Unsaid)),
            Self::OnePrizeOneHolder => {
                let count = |is: fn(&Standing) -> bool| row.places.iter().filter(|one| is(one)).count();
                let holders = count(|one| matches!(one, Standing::Holds(_) | Standing::Delivered));
                holders <= 1 && usize::from(world.given) <= count(|one| matches!(one, Standing::Out(_)))
            }
            Self::ReservesFollow => {
                let holder = row.places.iter().position(|one| matches!(one, Standing::Holds(_) | Standing::Delivered));
                let waits = row.places.iter().position(|one| *one == Standing::Waits);
                waits.is_none_or(|waits| holder.is_some_and(|holder| holder < waits))
            }
            Self::SilenceIsSilence => row
                .places
                .iter()
                .zip(world.said.iter().zip(world.had_time))
                .all(|(place, (said, had_time))| *place != Standing::Out(Why::Silence) || (!said && had_time)),
            Self::DrawEnds => !over || row.state == State::Revealed,
        }
    }
}

/// One wrong step. The explorer must find what it breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mistake {
    /// The draw is opened whether or not the commitment stands.
    OpensWithoutCommitment,
    /// A list that became public after the announced round is drawn by it.
    FreezesAfterTheRound,
    /// Whether the list came late is decided by the worker's clock.
    OwnClockDecides,
    /// The list can be published a second time.
    SecondFreeze,
    /// An entry does not need the draw to be open when it is written.
    EntersAfterFreeze,
    /// The list is gathered before the draw is shut.
    GathersBeforeShutting,
    /// The list that was gathered is recorded, whatever stands.
    RecordsItsOwnList,
    /// The value that was got is recorded, whatever stands.
    RecordsItsOwnValue,
    /// The result is published as soon as the draw is frozen.
    RevealsBeforeTheList,
    /// The result is published as soon as the list is.
    RevealsBeforeTheValue,
    /// The round that is there is taken.
    TakesTheNextRound,
    /// An observer draws as soon as the list is late.
    ObserverAtOnce,
    /// Nobody draws when the list is late.
    LateIsTheEnd,
    /// The row is written whatever it is by now.
    RecordsWithoutCondition,
    /// Somebody is out without a reason.
    DisqualifiesWithoutReason,
    /// A disqualification that is asked for again makes room again.
    DisqualifiesTwice,
    /// Somebody who has answered is passed over for silence.
    SilencesWhoAnswered,
    /// Somebody is passed over for silence while there is time to answer.
    SilencesEarly,
    /// A reserve who has no prize is passed over for silence.
    SilencesReserves,
    /// The time to answer of who gets the prize next counts from the time of who had it before.
    NextHasNoTime,
    /// An answer is not recorded.
    ForgetsAnswers,
    /// Who is passed over for silence makes no room.
    SilenceEndsThePrize,
    /// The last reserve gets a free prize.
    LastReserveFirst,
    /// No worker takes over from one that died.
    NobodyTakesOver,
}

impl Mistake {
    /// All mistakes.
    pub const ALL: [Self; 24] = [
        Self::OpensWithoutCommitment,
        Self::FreezesAfterTheRound,
        Self::OwnClockDecides,
        Self::SecondFreeze,
        Self::EntersAfterFreeze,
        Self::GathersBeforeShutting,
        Self::RecordsItsOwnList,
        Self::RecordsItsOwnValue,
        Self::RevealsBeforeTheList,
        Self::RevealsBeforeTheValue,
        Self::TakesTheNextRound,
        Self::ObserverAtOnce,
        Self::LateIsTheEnd,
        Self::RecordsWithoutCondition,
        Self::DisqualifiesWithoutReason,
        Self::DisqualifiesTwice,
        Self::SilencesWhoAnswered,
        Self::SilencesEarly,
        Self::SilencesReserves,
        Self::NextHasNoTime,
        Self::ForgetsAnswers,
        Self::SilenceEndsThePrize,
        Self::LastReserveFirst,
        Self::NobodyTakesOver,
    ];
}

/// What somebody can do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// An hour passes.
    Tick,
    /// The workers' clock jumps to be so many hours ahead.
    Jump(i8),
    /// Somebody asks to enter, and the function looks at the row.
    Ask(usize),
    /// Their entry is written, or refused.
    Enter(usize),
    /// Somebody takes their entry back.
    Withdraw(usize),
    /// A worker reads the row.
    Look(usize),
    /// A worker goes one step on.
    Work(usize),
    /// An observer speaks to a worker.
    Observe(usize),
    /// A worker dies.
    Die(usize),
    /// The time to answer passes for everybody whose prize it is.
    Week,
    /// The organiser says that somebody wants the prize.
    Answer(usize),
    /// The organiser says that somebody is out, for another reason than silence.
    Disqualify(usize),
    /// The organiser says that somebody has not answered.
    Silence(usize),
    /// The organiser hands the prize over.
    Deliver(usize),
}

impl World {
    fn new(left: Budgets) -> Self {
        Self {
            hour: Hour::Entering,
            ahead: 0,
            row: Row {
                state: State::Announced,
                listed: None,
                value: None,
                places: [Standing::Holds(Answer::Awaited), Standing::Waits, Standing::Waits],
            },
            files: Files { commit: false, entries: None, beacon: None, result: None },
            entrants: [Entrant::Away; 2],
            workers: [Worker::Idle; 2],
            given: 0,
            said: [false; 3],
            had_time: [false; 3],
            left,
        }
    }

    /// What a worker's clock says.
    fn clock(&self) -> Hour {
        let hours = [Hour::Entering, Hour::Freezing, Hour::Margin, Hour::Round];
        if self.hour == Hour::NextDay {
            return Hour::NextDay;
        }
        let now = hours.iter().position(|hour| *hour == self.hour).unwrap_or_default();
        let shown = match self.ahead {
            ..0 => now.saturating_sub(1),
            0 => now,
            1.. => now + 1,
        };
        hours[shown.min(3)]
    }

    fn steps(&self, made: Option<Mistake>) -> Vec<Step> {
        let mut steps = Vec::new();
        if self.hour != Hour::NextDay {
            steps.push(Step::Tick);
        }
        if self.left.jumps > 0 {
            steps.extend([-1, 0, 1].into_iter().filter(|ahead| *ahead != self.ahead).map(Step::Jump));
        }
        for (i, entrant) in self.entrants.iter().enumerate() {
            match entrant {
                Entrant::Away if self.row.state == State::Open && self.clock() == Hour::Entering => {
                    steps.push(Step::Ask(i));
                }
                Entrant::Asking => steps.push(Step::Enter(i)),
                Entrant::Entered if self.left.withdrawals > 0 => steps.push(Step::Withdraw(i)),
                Entrant::Away | Entrant::Entered | Entrant::Refused | Entrant::Withdrawn => {}
            }
        }
        for (i, worker) in self.workers.iter().enumerate() {
            match worker {
                Worker::Idle if self.is_due(made) => {
                    // By mistake, the schedule asks once: the first to die is the last to work.
                    let abandoned = made == Some(Mistake::NobodyTakesOver) && self.left.deaths == 0;
                    if !abandoned {
                        steps.push(Step::Look(i));
                    }
                }
                Worker::Idle => {}
                Worker::Saw(row) if self.observes(*row, made) => {
                    steps.push(Step::Observe(i));
                    // The beacon may answer after all.
                    if self.round_is_got(*row, made) {
                        steps.push(Step::Work(i));
                    }
                }
                Worker::Saw(_)
                | Worker::Gathered(..)
                | Worker::Published(..)
                | Worker::Got(..)
                | Worker::Told(..)
                | Worker::Shown(_) => steps.push(Step::Work(i)),
            }
            if *worker != Worker::Idle && self.left.deaths > 0 {
                steps.push(Step::Die(i));
            }
        }
        if self.row.state == State::Revealed && self.left.requests > 0 {
            for i in 0..3 {
                steps.extend([Step::Answer(i), Step::Disqualify(i), Step::Silence(i), Step::Deliver(i)]);
            }
        }
        if self.row.state == State::Revealed && self.left.weeks > 0 {
            steps.push(Step::Week);
        }
        steps
    }

    /// Whether there is something to do for a worker.
    fn is_due(&self, made: Option<Mistake>) -> bool {
        match self.row.state {
            State::Open => self.clock() >= Hour::Freezing,
            State::Frozen if self.row.listed.is_some() && self.row.value.is_none() => {
                made == Some(Mistake::RevealsBeforeTheValue)
                    || self.round_is_got(self.row, made)
                    || self.observes(self.row, made)
            }
            State::Announced | State::Frozen => true,
            State::Revealed => false,
        }
    }

    /// Whether the list came too late for the announced round, as a worker sees it.
    fn late(row: Row, made: Option<Mistake>) -> bool {
        made != Some(Mistake::FreezesAfterTheRound) && row.listed.is_some_and(|listed| listed.at >= Hour::Margin)
    }

    /// Whether a worker gets the value from the beacon. A signature that is not there cannot be got, whatever a clock says.
    fn round_is_got(&self, row: Row, made: Option<Mistake>) -> bool {
        let waits = row.state == State::Frozen && row.listed.is_some() && row.value.is_none();
        waits && self.hour >= Hour::Round && !Self::late(row, made)
    }

    /// Whether an observer speaks: where the list came late, or the beacon did not answer for a day.
    fn observes(&self, row: Row, made: Option<Mistake>) -> bool {
        let waits = row.state == State::Frozen && row.listed.is_some() && row.value.is_none();
        let may = self.clock() == Hour::NextDay || (made == Some(Mistake::ObserverAtOnce) && Self::late(row, made));
        waits && may && made != Some(Mistake::LateIsTheEnd)
    }

    fn gathered(&self) -> List {
        self.entrants.map(|entrant| entrant == Entrant::Entered)
    }

    /// Writes the row if it is as it was seen. A second writer has nothing to do.
    fn record(&mut self, seen: Row, after: Row, made: Option<Mistake>) {
        if self.row == seen || made == Some(Mistake::RecordsWithoutCondition) {
            self.row = after;
        }
    }

    fn after(&self, step: Step, made: Option<Mistake>) -> Self {
        let mut world = self.clone();
        match step {
            Step::Tick => {
                world.hour = match self.hour {
                    Hour::Entering => Hour::Freezing,
                    Hour::Freezing => Hour::Margin,
                    Hour::Margin => Hour::Round,
                    Hour::Round | Hour::NextDay => Hour::NextDay,
                }
            }
            Step::Jump(ahead) => {
                world.ahead = ahead;
                world.left.jumps -= 1;
            }
            Step::Ask(i) => world.entrants[i] = Entrant::Asking,
            Step::Enter(i) => {
                let open = self.row.state == State::Open || made == Some(Mistake::EntersAfterFreeze);
                world.entrants[i] = if open { Entrant::Entered } else { Entrant::Refused };
            }
            Step::Withdraw(i) => {
                world.entrants[i] = Entrant::Withdrawn;
                world.left.withdrawals -= 1;
            }
            Step::Look(i) => world.workers[i] = Worker::Saw(self.row),
            Step::Work(i) => world.work(i, made),
            Step::Observe(i) => {
                if let Worker::Saw(row) = self.workers[i] {
                    world.workers[i] = Worker::Got(row, Value::Observer(self.hour));
                }
            }
            Step::Die(i) => {
                world.workers[i] = Worker::Idle;
                world.left.deaths -= 1;
            }
            Step::Week => {
                world.left.weeks -= 1;
                for (place, had_time) in world.row.places.iter_mut().zip(&mut world.had_time) {
                    *had_time |= matches!(place, Standing::Holds(_));
                    if *place == Standing::Holds(Answer::Awaited) {
                        *place = Standing::Holds(Answer::Overdue);
                    }
                }
            }
            Step::Answer(i) => {
                world.left.requests -= 1;
                if matches!(self.row.places[i], Standing::Holds(_)) {
                    world.said[i] = true;
                    if made != Some(Mistake::ForgetsAnswers) {
                        world.row.places[i] = Standing::Holds(Answer::Wanted);
                    }
                }
            }
            Step::Disqualify(i) => {
                world.left.requests -= 1;
                world.disqualify(i, made);
            }
            Step::Silence(i) => {
                world.left.requests -= 1;
                world.silence(i, made);
            }
            Step::Deliver(i) => {
                world.left.requests -= 1;
                if matches!(self.row.places[i], Standing::Holds(_)) {
                    world.row.places[i] = Standing::Delivered;
                }
            }
        }
        world
    }

    fn disqualify(&mut self, i: usize, made: Option<Mistake>) {
        let before = self.row.places[i];
        let again = made == Some(Mistake::DisqualifiesTwice) && matches!(before, Standing::Out(_));
        let why = if made == Some(Mistake::DisqualifiesWithoutReason) { Why::Unsaid } else { Why::Other };
        match before {
            Standing::Holds(_) | Standing::Waits => self.row.places[i] = Standing::Out(why),
            Standing::Out(_) if again => {}
            Standing::Out(_) | Standing::Delivered => return,
        }
        if matches!(before, Standing::Holds(_)) || again {
            self.give(Answer::Awaited, made);
        }
    }

    /// Somebody is passed over for silence, if they have had the time and have not answered.
    fn silence(&mut self, i: usize, made: Option<Mistake>) {
        let silent = match self.row.places[i] {
            Standing::Holds(Answer::Overdue) => true,
            Standing::Holds(Answer::Awaited) => made == Some(Mistake::SilencesEarly),
            Standing::Holds(Answer::Wanted) => made == Some(Mistake::SilencesWhoAnswered),
            Standing::Waits => made == Some(Mistake::SilencesReserves),
            Standing::Out(_) | Standing::Delivered => false,
        };
        if !silent {
            return;
        }
        let held = self.row.places[i] != Standing::Waits;
        self.row.places[i] = Standing::Out(Why::Silence);
        if held && made != Some(Mistake::SilenceEndsThePrize) {
            let late = made == Some(Mistake::NextHasNoTime);
            self.give(if late { Answer::Overdue } else { Answer::Awaited }, made);
        }
    }

    /// A free prize goes to the first reserve who waits, if there is one.
    fn give(&mut self, answer: Answer, made: Option<Mistake>) {
        let waits = |place: &&mut Standing| **place == Standing::Waits;
        let mut places = self.row.places.iter_mut();
        let next = if made == Some(Mistake::LastReserveFirst) { places.rfind(waits) } else { places.find(waits) };
        if let Some(next) = next {
            *next = Standing::Holds(answer);
            self.given += 1;
        }
    }

    /// The next step of a worker: one call of a service.
    fn work(&mut self, i: usize, made: Option<Mistake>) {
        self.workers[i] = match self.workers[i] {
            Worker::Idle => Worker::Idle,
            Worker::Saw(row) => self.begin(row, made),
            Worker::Gathered(row, list) => {
                if self.files.entries.is_none() || made == Some(Mistake::SecondFreeze) {
                    self.files.entries = Some(Listed { list, at: self.hour });
                }
                Worker::Published(row, list)
            }
            Worker::Published(row, list) => {
                if let Some(stands) = self.files.entries {
                    let list = if made == Some(Mistake::RecordsItsOwnList) { list } else { stands.list };
                    let at = if made == Some(Mistake::OwnClockDecides) { self.clock() } else { stands.at };
                    let after = Row { state: State::Frozen, listed: Some(Listed { list, at }), ..row };
                    self.record(row, after, made);
                }
                Worker::Idle
            }
            Worker::Got(row, value) => {
                self.files.beacon = self.files.beacon.or(Some(value));
                Worker::Told(row, value)
            }
            Worker::Told(row, value) => {
                let stands = if made == Some(Mistake::RecordsItsOwnValue) { Some(value) } else { self.files.beacon };
                self.record(row, Row { value: stands, ..row }, made);
                Worker::Idle
            }
            Worker::Shown(row) => {
                self.record(row, Row { state: State::Revealed, ..row }, made);
                Worker::Idle
            }
        };
    }

    /// What a worker does that has just read the row.
    fn begin(&mut self, row: Row, made: Option<Mistake>) -> Worker {
        match (row.state, row.listed, row.value) {
            (State::Announced, ..) => {
                // One call publishes the commitment; the next run finds it and opens the draw.
                if self.files.commit || made == Some(Mistake::OpensWithoutCommitment) {
                    self.record(row, Row { state: State::Open, ..row }, made);
                } else {
                    self.files.commit = true;
                }
                Worker::Idle
            }
            (State::Open, ..) if made == Some(Mistake::GathersBeforeShutting) => Worker::Gathered(row, self.gathered()),
            (State::Open, ..) => {
                if self.clock() >= Hour::Freezing {
                    self.record(row, Row { state: State::Frozen, ..row }, made);
                }
                Worker::Idle
            }
            (State::Frozen, None, _) if made == Some(Mistake::RevealsBeforeTheList) => self.show(row),
            (State::Frozen, None, _) => Worker::Gathered(row, self.gathered()),
            (State::Frozen, Some(_), None) if made == Some(Mistake::RevealsBeforeTheValue) => self.show(row),
            (State::Frozen, Some(_), None) if self.round_is_got(row, made) => {
                let late = self.hour > Hour::Round && made == Some(Mistake::TakesTheNextRound);
                Worker::Got(row, if late { Value::Next } else { Value::Announced })
            }
            (State::Frozen, Some(_), Some(_)) => self.show(row),
            (State::Frozen | State::Revealed, ..) => Worker::Idle,
        }
    }

    /// Publishes the result, with the secret. What it follows from is always the same, so that two workers write the same.
    fn show(&mut self, row: Row) -> Worker {
        let follows = (row.listed.map(|listed| listed.list), row.value);
        self.files.result = self.files.result.or(Some(follows));
        Worker::Shown(row)
    }
}

/// What an exploration found.
pub type Found = crate::Found<Promise, Step>;

/// Visits every state that can be reached within `budgets`.
pub fn explore(budgets: Budgets) -> Found {
    visit(Life { budgets, mistake: None }, HasDiscoveries::All)
}

/// Makes one mistake, and visits the states within `budgets` until one is found that breaks `promise`.
pub fn explore_mistake(budgets: Budgets, mistake: Mistake, promise: Promise) -> Found {
    visit(Life { budgets, mistake: Some(mistake) }, HasDiscoveries::AnyOf(BTreeSet::from([promise.name()])))
}

fn visit(life: Life, until: HasDiscoveries) -> Found {
    visit_all(life, until, |name| Promise::ALL.into_iter().find(|promise| promise.name() == name))
}

struct Life {
    budgets: Budgets,
    mistake: Option<Mistake>,
}

impl Life {
    /// Whether nothing more happens but what people may still decide to do.
    fn is_over(&self, world: &World) -> bool {
        world.steps(self.mistake).iter().all(|step| match step {
            Step::Jump(_)
            | Step::Ask(_)
            | Step::Withdraw(_)
            | Step::Week
            | Step::Answer(_)
            | Step::Disqualify(_)
            | Step::Silence(_)
            | Step::Deliver(_) => true,
            Step::Tick | Step::Enter(_) | Step::Look(_) | Step::Work(_) | Step::Observe(_) | Step::Die(_) => false,
        })
    }
}

impl Model for Life {
    type State = World;
    type Action = Step;

    fn init_states(&self) -> Vec<World> {
        vec![World::new(self.budgets)]
    }

    fn actions(&self, world: &World, steps: &mut Vec<Step>) {
        steps.extend(world.steps(self.mistake));
    }

    fn next_state(&self, world: &World, step: Step) -> Option<World> {
        // Two workers are alike: of two worlds that differ only in who is who, one is enough.
        let mut after = world.after(step, self.mistake);
        after.workers.sort_unstable();
        Some(after)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        fn property(promise: Promise) -> Property<Life> {
            let holds: fn(&Life, &World) -> bool = match promise {
                Promise::CommitmentFirst => |life, world| kept(Promise::CommitmentFirst, life, world),
                Promise::ListBeforeValue => |life, world| kept(Promise::ListBeforeValue, life, world),
                Promise::TicketsAreListed => |life, world| kept(Promise::TicketsAreListed, life, world),
                Promise::SecretLast => |life, world| kept(Promise::SecretLast, life, world),
                Promise::AnnouncedSource => |life, world| kept(Promise::AnnouncedSource, life, world),
                Promise::FilesAgree => |life, world| kept(Promise::FilesAgree, life, world),
                Promise::ReasonsAreLogged => |life, world| kept(Promise::ReasonsAreLogged, life, world),
                Promise::OnePrizeOneHolder => |life, world| kept(Promise::OnePrizeOneHolder, life, world),
                Promise::ReservesFollow => |life, world| kept(Promise::ReservesFollow, life, world),
                Promise::SilenceIsSilence => |life, world| kept(Promise::SilenceIsSilence, life, world),
                Promise::DrawEnds => |life, world| kept(Promise::DrawEnds, life, world),
            };
            Property::always(promise.name(), holds)
        }
        Promise::ALL.map(property).into()
    }
}

fn kept(promise: Promise, life: &Life, world: &World) -> bool {
    promise.holds(world, promise == Promise::DrawEnds && life.is_over(world))
}
