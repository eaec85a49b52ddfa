//! The steps of a draw: each once, in their order, and for ever.
//!
//! ```text
//!  announce        open            freeze, list         draw, reveal          deliver the last prize
//! ──────────► announced ───► open ─────────────► frozen ─────────────► revealed ─────────────► settled
//! ```
//!
//! Decision: what stands publicly comes first, and the row is moved by what stands. A public file is written once (the storage refuses a
//! second one under its name), then a step is recorded from the bytes that were read back. So a process that dies between the two, or comes
//! second, finds the file and goes on from it; rows and files never contradict each other, and nothing depends on who was first.
//!
//! Decision: a freeze has two moves. [`Draw::freeze`] shuts the draw; an entry is made in a transaction that needs the draw to be open, so
//! from then on there is none. Then the list is gathered, published, and recorded by [`Draw::list`]. In one move, an entry that was made
//! while the list was being gathered would have a ticket and stand in no list.
//!
//! Decision: whether the list was public in time is decided by the storage's clock, which says when the file was written, not by the clock
//! of the function that records it. A list that came late is drawn by the observer, never by the announced round, since somebody could have
//! known its value.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    bad_file::FileName,
    beacon,
    files::{Announcement, Beacon, Drawn, Outcome},
    protocol::{self, Entries, Secret},
    verify,
};
use crate::domain::{
    ids::{Leaf, Sha256Hex},
    people::Actor,
    time::{self, millis},
};

pub use super::states::{Reason, Refused, State};

/// By how much the list must be public before the announced round.
pub const MARGIN: SignedDuration = SignedDuration::from_mins(1);
/// For how long somebody who won has time to answer.
pub const ANSWER: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The published list of entries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// How many there are.
    pub count: usize,
    /// The digest of the list.
    pub sha256: Sha256Hex,
    /// When it became public, by the storage's clock.
    #[serde(with = "millis")]
    pub at: Timestamp,
}

/// What becomes of one of the ranking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "lowercase")]
pub enum Standing {
    /// A prize is theirs, and not delivered yet.
    Holds {
        /// Which prize, counted from 1.
        prize: usize,
        /// Since when: they have [`ANSWER`] from then on.
        #[serde(with = "millis")]
        since: Timestamp,
        /// When it was recorded that they want it. `None` while nobody knows.
        #[serde(with = "millis::option", default)]
        answered_at: Option<Timestamp>,
    },
    /// A reserve, who gets the next prize that becomes free.
    Waits,
    /// They have their prize.
    Delivered {
        /// Which prize, counted from 1.
        prize: usize,
    },
    /// They do not get one.
    Out {
        /// The reason.
        reason: Reason,
    },
}

impl Standing {
    /// A prize that has just become theirs.
    fn holds(prize: usize, since: Timestamp) -> Self {
        Self::Holds { prize, since, answered_at: None }
    }
}

/// One of the winners and reserves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Their entry.
    pub leaf: Leaf,
    /// What became of it.
    pub standing: Standing,
}

/// The row of a draw. Its secret is not in it, and is needed by [`Draw::outcome`] alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draw {
    /// What was announced.
    pub announcement: Announcement,
    /// Grows by one at every move; one entry of the log is written for each.
    #[serde(rename = "v")]
    pub version: u64,
    /// The state.
    pub state: State,
    /// The list of entries. `None` until it is published, which is after the draw is frozen.
    pub listed: Option<Listed>,
    /// The value that nobody knew before. `None` until it is published.
    pub beacon: Option<Beacon>,
    /// Winners and reserves, in their order. Empty until the result is published.
    pub places: Vec<Place>,
    /// Hash of its latest entry in the log, which the next one continues.
    pub log_head: String,
}

/// One line of a draw's public log, which only grows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// The version of the draw that this made.
    #[serde(rename = "v")]
    pub version: u64,
    /// The instant of the step.
    #[serde(with = "millis")]
    pub at: Timestamp,
    /// Who: see [`Actor`]. It leaves before the log is published.
    pub by: String,
    /// What: `announce`, `open`, `freeze`, `list`, `draw`, `reveal`, `answer`, `disqualify` or `deliver`.
    pub action: String,
    /// The entry that it is about. `None` if it is about the draw.
    pub leaf: Option<Leaf>,
    /// Why, of a disqualification.
    pub reason: Option<Reason>,
    /// Who got the prize instead, of a disqualification. `None` if there was no prize or no reserve.
    pub next: Option<Leaf>,
    /// SHA-256 over the hash of the entry before and the other fields but `by`, in hexadecimal.
    pub hash: String,
}

impl LogEntry {
    /// The hash that this entry must have after one whose hash is `previous`.
    pub fn chained(&self, previous: &str) -> String {
        let fields = [
            previous,
            &self.version.to_string(),
            &self.at.as_millisecond().to_string(),
            &self.action,
            self.leaf.as_ref().map_or("", Leaf::as_str),
            self.reason.map_or("", Reason::as_str),
            self.next.as_ref().map_or("", Leaf::as_str),
        ];
        let mut hash = Sha256::new();
        for field in fields {
            hash.update(field.len().to_be_bytes());
            hash.update(field);
        }
        data_encoding::HEXLOWER.encode(&hash.finalize())
    }
}

/// One move of a draw: committed whole or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// The draw that the mover saw; `None` if it is new. Its version is the condition of the commit.
    pub before: Option<Draw>,
    /// The draw afterwards.
    pub after: Draw,
    /// What the log keeps of it.
    pub log: LogEntry,
}

/// What a move is about, for the log.
struct About<'a> {
    action: &'static str,
    leaf: Option<&'a Leaf>,
    reason: Option<Reason>,
    next: Option<Leaf>,
}

impl About<'_> {
    fn draw(action: &'static str) -> Self {
        Self { action, leaf: None, reason: None, next: None }
    }
}

impl Move {
    fn new(before: Option<&Draw>, mut after: Draw, about: About<'_>, by: &Actor, now: Timestamp) -> Self {
        after.version = before.map_or(1, |draw| draw.version + 1);
        let mut log = LogEntry {
            version: after.version,
            at: time::to_millis(now),
            by: by.to_string(),
            action: about.action.to_owned(),
            leaf: about.leaf.cloned(),
            reason: about.reason,
            next: about.next,
            hash: String::new(),
        };
        log.hash = log.chained(before.map_or("", |draw| &draw.log_head));
        after.log_head.clone_from(&log.hash);
        Self { before: before.cloned(), after, log }
    }
}

impl Draw {
    /// Announces a draw. Its `commit.json` is published next, and only then it can be opened.
    ///
    /// # Errors
    /// An announcement that cannot be made ([`Announcement::check`]), another secret's commitment, a freeze that is over.
    pub fn announce(announcement: Announcement, secret: &Secret, by: &Actor, now: Timestamp) -> Result<Move, Refused> {
        announcement.check()?;
        committed(&announcement, secret)?;
        if now >= announcement.freezes_at {
            return Err(Refused::Closed { until: announcement.freezes_at });
        }
        let draw = Self {
            announcement,
            version: 0,
            state: State::Announced,
            listed: None,
            beacon: None,
            places: Vec::new(),
            log_head: String::new(),
        };
        Ok(Move::new(None, draw, About::draw("announce"), by, now))
    }

    /// Opens it, once `commit.json` stands publicly as `standing`. `None` if it is open or further.
    ///
    /// # Errors
    /// [`Refused::Stands`] if another file stands there, or none.
    pub fn open(&self, standing: Option<&[u8]>, by: &Actor, now: Timestamp) -> Result<Option<Move>, Refused> {
        if standing != Some(self.announcement.to_text().as_bytes()) {
            return Err(Refused::Stands { file: FileName::Commit });
        }
        let after = Self { state: State::Open, ..self.clone() };
        let due = self.state == State::Announced;
        Ok(due.then(|| Move::new(Some(self), after, About::draw("open"), by, now)))
    }

    /// Passes while somebody may enter. The entry is written in a transaction that needs the draw to be open then, too.
    ///
    /// # Errors
    /// [`Refused::WrongState`] before it is open, [`Refused::Closed`] afterwards.
    pub fn accepts_entries(&self, now: Timestamp) -> Result<(), Refused> {
        match self.state {
            State::Announced => Err(Refused::WrongState { state: self.state, action: "enter" }),
            State::Open if now < self.announcement.freezes_at => Ok(()),
            State::Open | State::Frozen | State::Revealed | State::Settled => {
                Err(Refused::Closed { until: self.announcement.freezes_at })
            }
        }
    }

    /// Shuts it. `None` if it is shut.
    ///
    /// # Errors
    /// Not open yet; before the announced time.
    pub fn freeze(&self, by: &Actor, now: Timestamp) -> Result<Option<Move>, Refused> {
        match self.state {
            State::Announced => Err(Refused::WrongState { state: self.state, action: "freeze" }),
            State::Open if now < self.announcement.freezes_at => {
                Err(Refused::TooEarly { action: "freeze", from: self.announcement.freezes_at })
            }
            State::Open => {
                let after = Self { state: State::Frozen, ..self.clone() };
                Ok(Some(Move::new(Some(self), after, About::draw("freeze"), by, now)))
            }
            State::Frozen | State::Revealed | State::Settled => Ok(None),
        }
    }

    /// Records the list of entries that stands publicly since `published_at`, by the storage's clock. `None` if it is recorded.
    ///
    /// # Errors
    /// Not frozen; no list of entries; another list than the one that is recorded.
    pub fn list(
        &self,
        standing: &[u8],
        published_at: Timestamp,
        by: &Actor,
        now: Timestamp,
    ) -> Result<Option<Move>, Refused> {
        let entries = Entries::parse(standing)?;
        match (self.state, &self.listed) {
            (State::Announced | State::Open, _) => Err(Refused::WrongState { state: self.state, action: "list" }),
            (_, Some(listed)) if listed.sha256 == entries.sha256() => Ok(None),
            (State::Frozen, None) => {
                let listed = Listed {
                    count: entries.leaves().len(),
                    sha256: entries.sha256(),
                    at: time::to_millis(published_at),
                };
                let after = Self { listed: Some(listed), ..self.clone() };
                Ok(Some(Move::new(Some(self), after, About::draw("list"), by, now)))
            }
            (State::Frozen | State::Revealed | State::Settled, _) => Err(Refused::Stands { file: FileName::Entries }),
        }
    }

    /// Passes if the announced round exists, and may be drawn by.
    ///
    /// # Errors
    /// No list yet; a list that came too late for the round; before the time of the draw.
    pub fn expects_round(&self, now: Timestamp) -> Result<(), Refused> {
        let listed = self.listed.as_ref().filter(|_| self.state >= State::Frozen);
        let listed = listed.ok_or(Refused::WrongState { state: self.state, action: "draw" })?;
        let (from, until) = (self.announcement.draws_at, self.announcement.draws_at - MARGIN);
        if listed.at > until {
            return Err(Refused::ListedLate { at: listed.at, until });
        }
        if now < from { Err(Refused::TooEarly { action: "draw", from }) } else { Ok(()) }
    }

    /// The `beacon.json` to publish for a value that was got or given.
    ///
    /// # Errors
    /// No list yet; a list that came too late for the announced round; another source than announced; an observer before their time; a
    /// signature that is not the beacon's; a sentence that is too long for a file.
    pub fn beacon_file(&self, drawn: Drawn, now: Timestamp) -> Result<Beacon, Refused> {
        let beacon = Beacon::new(self.announcement.draw.clone(), drawn);
        beacon.check()?;
        self.believes(&beacon)?;
        if let (Some(from), Drawn::Observer { .. }) = (self.observer_from(), &beacon.source)
            && now < from
        {
            return Err(Refused::TooEarly { action: "an observer", from });
        }
        Ok(beacon)
    }

    fn believes(&self, beacon: &Beacon) -> Result<(), Refused> {
        let listed = self.listed.as_ref().filter(|_| self.state >= State::Frozen);
        let listed = listed.ok_or(Refused::WrongState { state: self.state, action: "draw" })?;
        if beacon.draw != self.announcement.draw || beacon.randomness != beacon.source.randomness() {
            return Err(Refused::Stands { file: FileName::Beacon });
        }
        verify::source(&self.announcement, &beacon.source).map_err(Refused::Source)?;
        match &beacon.source {
            Drawn::Beacon { round, signature, .. } => {
                let until = self.announcement.draws_at - MARGIN;
                if listed.at > until {
                    return Err(Refused::ListedLate { at: listed.at, until });
                }
                beacon::verify(*round, signature).map_err(|error| Refused::Source(error.to_string()))
            }
            Drawn::Observer { .. } => Ok(()),
        }
    }

    /// Records the value that stands publicly as `beacon.json`. `None` if it is recorded.
    ///
    /// # Errors
    /// As [`Draw::beacon_file`] but for the observer's time, since the file stands; [`Refused::Stands`] if another value is recorded.
    pub fn draw(&self, standing: &[u8], by: &Actor, now: Timestamp) -> Result<Option<Move>, Refused> {
        let beacon = Beacon::parse(standing)?;
        match &self.beacon {
            Some(recorded) if *recorded == beacon => Ok(None),
            Some(_) => Err(Refused::Stands { file: FileName::Beacon }),
            None => {
                self.believes(&beacon)?;
                let after = Self { beacon: Some(beacon), ..self.clone() };
                Ok(Some(Move::new(Some(self), after, About::draw("draw"), by, now)))
            }
        }
    }

    /// The `result.json` to publish: it has the secret.
    ///
    /// # Errors
    /// No value yet; another secret than was committed to; other entries than were listed.
    pub fn outcome(&self, entries: &Entries, secret: &Secret) -> Result<Outcome, Refused> {
        let (Some(listed), Some(beacon)) = (&self.listed, &self.beacon) else {
            return Err(Refused::WrongState { state: self.state, action: "reveal" });
        };
        committed(&self.announcement, secret)?;
        if entries.sha256() != listed.sha256 {
            return Err(Refused::Stands { file: FileName::Entries });
        }
        Ok(Outcome::new(&self.announcement, entries, secret, &beacon.randomness))
    }

    /// Records the result that stands publicly as `result.json`. `None` if it is recorded.
    ///
    /// # Errors
    /// As [`Draw::outcome`]; [`Refused::Stands`] if it is not what follows from entries, secret and value.
    pub fn reveal(
        &self,
        standing: &[u8],
        entries: &Entries,
        by: &Actor,
        now: Timestamp,
    ) -> Result<Option<Move>, Refused> {
        let outcome = Outcome::parse(standing)?;
        if self.outcome(entries, &outcome.secret)? != outcome {
            return Err(Refused::Stands { file: FileName::Result });
        }
        if self.state != State::Frozen {
            return Ok(None);
        }
        let since = time::to_millis(now);
        let winners = (1..).zip(&outcome.winners).map(|(prize, leaf)| (leaf, Standing::holds(prize, since)));
        let reserves = outcome.reserves.iter().map(|leaf| (leaf, Standing::Waits));
        let places = winners.chain(reserves).map(|(leaf, standing)| Place { leaf: leaf.clone(), standing }).collect();
        let after = Self { places, ..self.clone() }.settled();
        Ok(Some(Move::new(Some(self), after, About::draw("reveal"), by, now)))
    }

    /// Somebody does not get a prize: the first reserve who waits gets it. Of a reserve who waits, none is free by it. `None` if it is done.
    ///
    /// # Errors
    /// No result yet; neither winner nor reserve; a prize that is delivered; out for another reason; no answer while there is time.
    pub fn disqualify(&self, leaf: &Leaf, reason: Reason, by: &Actor, now: Timestamp) -> Result<Option<Move>, Refused> {
        let index = self.place_of(leaf, "disqualify")?;
        let free = match self.places[index].standing {
            Standing::Delivered { .. } => return Err(Refused::Delivered),
            Standing::Out { reason: before } if before == reason => return Ok(None),
            Standing::Out { reason } => return Err(Refused::Out { reason }),
            Standing::Waits if reason == Reason::NoAnswer => return Err(Refused::NoPrize),
            Standing::Waits => None,
            Standing::Holds { answered_at: Some(at), .. } if reason == Reason::NoAnswer => {
                return Err(Refused::Answered { at });
            }
            Standing::Holds { prize, since, .. } => {
                let until = since + ANSWER;
                if reason == Reason::NoAnswer && now < until {
                    return Err(Refused::MayAnswer { until });
                }
                Some(prize)
            }
        };
        let mut after = self.clone();
        after.places[index].standing = Standing::Out { reason };
        let next = free.and_then(|prize| {
            let next = after.places.iter_mut().find(|place| place.standing == Standing::Waits)?;
            next.standing = Standing::holds(prize, time::to_millis(now));
            Some(next.leaf.clone())
        });
        let about = About { action: "disqualify", leaf: Some(leaf), reason: Some(reason), next };
        Ok(Some(Move::new(Some(self), after.settled(), about, by, now)))
    }

    /// Somebody who won has answered that they want their prize: from then on silence is no reason to pass over them. `None` if that is
    /// recorded.
    ///
    /// # Errors
    /// No result yet; neither winner nor reserve; no prize.
    pub fn answer(&self, leaf: &Leaf, by: &Actor, now: Timestamp) -> Result<Option<Move>, Refused> {
        let index = self.place_of(leaf, "answer")?;
        match self.places[index].standing {
            Standing::Holds { answered_at: Some(_), .. } | Standing::Delivered { .. } => Ok(None),
            Standing::Waits | Standing::Out { .. } => Err(Refused::NoPrize),
            Standing::Holds { prize, since, answered_at: None } => {
                let mut after = self.clone();
                after.places[index].standing =
                    Standing::Holds { prize, since, answered_at: Some(time::to_millis(now)) };
                let about = About { leaf: Some(leaf), ..About::draw("answer") };
                Ok(Some(Move::new(Some(self), after, about, by, now)))
            }
        }
    }

    /// Somebody has got their prize. `None` if that is recorded.
    ///
    /// # Errors
    /// No result yet; neither winner nor reserve; no prize.
    pub fn deliver(&self, leaf: &Leaf, by: &Actor, now: Timestamp) -> Result<Option<Move>, Refused> {
        let index = self.place_of(leaf, "deliver")?;
        match self.places[index].standing {
            Standing::Delivered { .. } => Ok(None),
            Standing::Waits | Standing::Out { .. } => Err(Refused::NoPrize),
            Standing::Holds { prize, .. } => {
                let mut after = self.clone();
                after.places[index].standing = Standing::Delivered { prize };
                let about = About { leaf: Some(leaf), ..About::draw("deliver") };
                Ok(Some(Move::new(Some(self), after.settled(), about, by, now)))
            }
        }
    }

    /// Passes once winners and reserves are known: before, nobody is told how any entrant is reached.
    ///
    /// # Errors
    /// [`Refused::WrongState`] before the result.
    pub fn tells_contacts(&self) -> Result<(), Refused> {
        match self.state {
            State::Announced | State::Open | State::Frozen => {
                Err(Refused::WrongState { state: self.state, action: "reading contacts" })
            }
            State::Revealed | State::Settled => Ok(()),
        }
    }

    fn place_of(&self, leaf: &Leaf, action: &'static str) -> Result<usize, Refused> {
        if self.state < State::Revealed {
            return Err(Refused::WrongState { state: self.state, action });
        }
        self.places.iter().position(|place| place.leaf == *leaf).ok_or(Refused::NoPlace)
    }

    /// The same draw, settled if nobody holds a prize that is not delivered. A prize that nobody holds stays without a winner: nobody waits
    /// for it then, either.
    #[must_use]
    fn settled(self) -> Self {
        let open = self.places.iter().any(|place| matches!(place.standing, Standing::Holds { .. }));
        Self { state: if open { State::Revealed } else { State::Settled }, ..self }
    }
}

fn committed(announcement: &Announcement, secret: &Secret) -> Result<(), Refused> {
    let got = protocol::commitment(&announcement.draw, secret);
    if got == announcement.commit {
        return Ok(());
    }
    Err(Refused::Secret { expected: announcement.commit.clone(), got })
}

#[cfg(test)]
mod tests {
    use std::fmt;

    use super::*;
    use crate::domain::draw::{files::Source, next::ByHand, sample};

    fn by() -> Actor {
        Actor::Function("draws")
    }

    fn at(text: &str) -> Timestamp {
        format!("2023-08-{text}Z").parse().unwrap()
    }

    fn morning() -> Timestamp {
        at("23T09:00:00")
    }

    fn announced() -> Draw {
        Draw::announce(sample::announcement(), &sample::secret(), &by(), morning()).unwrap().after
    }

    fn opened() -> Draw {
        let draw = announced();
        draw.open(Some(draw.announcement.to_text().as_bytes()), &by(), morning()).unwrap().unwrap().after
    }

    fn frozen() -> Draw {
        opened().freeze(&by(), at("23T15:30:00")).unwrap().unwrap().after
    }

    fn listed(count: u8, published_at: Timestamp) -> Draw {
        let text = sample::entries(count).to_text();
        frozen().list(text.as_bytes(), published_at, &by(), at("23T15:31:00")).unwrap().unwrap().after
    }

    fn in_time(count: u8) -> Draw {
        listed(count, at("23T15:30:30"))
    }

    fn drawn(count: u8) -> Draw {
        let file = sample::beacon().to_text();
        in_time(count).draw(file.as_bytes(), &by(), at("23T16:00:00")).unwrap().unwrap().after
    }

    fn revealed(count: u8) -> Draw {
        let draw = drawn(count);
        let outcome = draw.outcome(&sample::entries(count), &sample::secret()).unwrap().to_text();
        let shown = draw.reveal(outcome.as_bytes(), &sample::entries(count), &by(), at("23T16:01:00"));
        shown.unwrap().unwrap().after
    }

    fn refused<T: fmt::Debug>(done: Result<T, Refused>) -> String {
        done.unwrap_err().to_string()
    }

    #[test]
    fn a_draw_goes_from_its_announcement_to_the_last_prize() {
        let draw = revealed(5);
        let winners: Vec<Leaf> = draw.places[..2].iter().map(|place| place.leaf.clone()).collect();
        let one = draw.deliver(&winners[0], &by(), at("24T10:00:00")).unwrap().unwrap();
        assert_eq!(one.after.state, State::Revealed);
        let two = one.after.deliver(&winners[1], &by(), at("24T10:00:00")).unwrap().unwrap();
        assert_eq!(two.after.state, State::Settled);
        assert_eq!(
            (two.log.version, two.log.action.as_str(), &two.log.leaf),
            (8, "deliver", &Some(winners[1].clone()))
        );
        let row = serde_json::to_string(&two.after).unwrap();
        assert_eq!(serde_json::from_str::<Draw>(&row).unwrap(), two.after);
        assert!(!row.contains(&sample::secret().reveal()), "the secret is no part of the row");
    }

    #[test]
    fn nobody_is_told_how_an_entrant_is_reached_before_there_are_winners() {
        for draw in [announced(), opened(), frozen(), in_time(5), drawn(5)] {
            let error = refused(draw.tells_contacts());
            assert!(error.ends_with("reading contacts does not fit"), "{error}");
        }
        assert_eq!(revealed(5).tells_contacts(), Ok(()));
        assert_eq!(revealed(0).tells_contacts(), Ok(()), "settled, since nobody has entered");
    }

    #[test]
    fn nothing_is_open_before_its_commitment_stands() {
        let draw = announced();
        for standing in [None, Some(b"".as_slice()), Some(sample::by_observer(1).commit.as_bytes())] {
            let error = refused(draw.open(standing, &by(), morning()));
            assert_eq!(error, "commit.json on the site is not the file of this draw");
        }
        assert_eq!(refused(draw.accepts_entries(morning())), "the draw is announced; enter does not fit");
        let other = Secret::from_bits([9; 32]);
        let error = refused(Draw::announce(sample::announcement(), &other, &by(), morning()));
        assert!(error.contains("was announced"), "{error}");
        let late = Draw::announce(sample::announcement(), &sample::secret(), &by(), at("23T15:30:00"));
        assert_eq!(refused(late), "entries were taken until 16:30 on 23 August 2023 (BST)");
    }

    #[test]
    fn nothing_is_announced_or_drawn_that_nobody_could_read_again() {
        let announce = |announcement| Draw::announce(announcement, &sample::secret(), &by(), morning());
        let half = sample::announcement().freezes_at - SignedDuration::from_millis(500);
        let error = refused(announce(Announcement { freezes_at: half, ..sample::announcement() }));
        assert_eq!(error, "commit.json: it would not be read as it is written: expected times of whole seconds");
        let long = "ä".repeat(500_000);
        let error = refused(announce(Announcement { eligibility: long.clone(), ..sample::announcement() }));
        assert!(error.ends_with("bytes; at most 1000000 are allowed"), "{error}");
        let said = Drawn::Observer { observer: "The head of science".into(), sentence: long };
        let error = refused(in_time(5).beacon_file(said, at("25T00:00:00")));
        assert!(error.starts_with("beacon.json: ") && error.ends_with("at most 1000000 are allowed"), "{error}");
    }

    #[test]
    fn entries_end_at_the_freeze_and_it_does_not_come_before_its_time() {
        let draw = opened();
        assert_eq!(draw.accepts_entries(at("23T15:29:59")), Ok(()));
        assert!(draw.accepts_entries(at("23T15:30:00")).is_err(), "before anybody has frozen it, too");
        let error = refused(draw.freeze(&by(), at("23T15:29:59")));
        assert_eq!(error, "freeze is possible from 16:30 on 23 August 2023 (BST) on");
        assert!(frozen().accepts_entries(at("23T15:00:00")).is_err(), "whatever a clock says");
        assert!(announced().freeze(&by(), at("23T15:30:00")).is_err());
    }

    #[test]
    fn what_happens_next_is_said_at_each_step() {
        let (morning, draw) = (morning(), revealed(5));
        let delivered = draw.deliver(&draw.places[0].leaf, &by(), at("24T10:00:00")).unwrap().unwrap().after;
        let said = [
            announced().what_next(morning),
            opened().what_next(morning),
            frozen().what_next(at("23T15:30:00")),
            in_time(5).what_next(at("23T15:31:00")),
            in_time(5).what_next(at("23T15:59:23")),
            in_time(5).what_next(at("23T15:59:24")),
            listed(5, at("23T15:58:24")).what_next(at("23T16:00:00")),
            listed(5, at("23T15:58:25")).what_next(at("23T16:00:00")),
            drawn(5).what_next(at("23T16:00:00")),
            revealed(5).what_next(at("23T16:01:00")),
            delivered.what_next(at("24T10:00:00")),
            revealed(0).what_next(at("23T16:01:00")),
        ];
        insta::assert_snapshot!(said.join("\n"), @r"
        It opens as soon as its commitment is public.
        Entries are taken until 16:30 on 23 August 2023 (BST); then their list is published.
        Its list of entries is published next.
        Round 1000 of the beacon decides, at 16:59:24 on 23 August 2023 (BST).
        Round 1000 of the beacon decides, at 16:59:24 on 23 August 2023 (BST).
        Round 1000 of the beacon is awaited; you can give its signature. From 16:59:24 on 24 August 2023 (BST) on, an observer can draw instead.
        Round 1000 of the beacon is awaited; you can give its signature. From 16:59:24 on 24 August 2023 (BST) on, an observer can draw instead.
        Its list came too late for round 1000 of the beacon. From 16:59:24 on 24 August 2023 (BST) on, an observer can draw instead.
        Its result is published next.
        2 prizes are not delivered yet.
        1 prize is not delivered yet.
        Every prize is delivered, or nobody is left to get it.
        ");
    }

    #[test]
    fn each_step_by_hand_has_a_button_and_says_what_cannot_be_undone() {
        let all = [ByHand::Announce, ByHand::Freeze, ByHand::Fetch, ByHand::Round, ByHand::Observe, ByHand::Reveal];
        for (i, step) in all.into_iter().enumerate() {
            assert!(step.label().split(' ').count() > 2, "{step:?}");
            assert!(step.consequence().contains("for ever"), "{step:?}: {}", step.consequence());
            assert!(all[..i].iter().all(|other| other.label() != step.label()), "{step:?}");
        }
    }

    #[test]
    fn an_organiser_can_do_what_fits_and_nothing_else() {
        let by_hand = |draw: &Draw, time| draw.by_hand(at(time)).into_iter().map(ByHand::as_str).collect::<Vec<_>>();
        let none: [&str; 0] = [];
        assert_eq!(by_hand(&announced(), "23T09:00:00"), ["announce"]);
        assert_eq!(by_hand(&opened(), "23T15:29:59"), none);
        assert_eq!(by_hand(&opened(), "23T15:30:00"), ["freeze"]);
        assert_eq!(by_hand(&frozen(), "23T15:30:00"), ["freeze"]);
        assert_eq!(by_hand(&in_time(5), "23T15:59:23"), none);
        assert_eq!(by_hand(&in_time(5), "23T15:59:24"), ["fetch", "round"]);
        assert_eq!(by_hand(&in_time(5), "24T15:59:24"), ["fetch", "round", "observe"]);
        let late = listed(5, at("23T15:59:00"));
        assert_eq!(by_hand(&late, "23T16:00:00"), none);
        assert_eq!(by_hand(&late, "24T15:59:24"), ["observe"]);
        assert_eq!(by_hand(&drawn(5), "23T16:00:00"), ["reveal"]);
        assert_eq!(by_hand(&revealed(5), "24T16:00:00"), none);
        let observed =
            Draw { announcement: Announcement { source: Source::Observer {}, ..sample::announcement() }, ..in_time(5) };
        assert_eq!(by_hand(&observed, "23T15:59:23"), none);
        assert_eq!(by_hand(&observed, "23T15:59:24"), ["observe"]);
        let said = |time| observed.beacon_file(sample::observed().source, at(time));
        assert_eq!(refused(said("23T15:59:23")), "an observer is possible from 16:59:24 on 23 August 2023 (BST) on");
        assert!(said("23T15:59:24").is_ok());
    }

    #[test]
    fn each_step_is_done_once() {
        let (early, late) = (morning(), at("25T00:00:00"));
        let draw = revealed(5);
        assert_eq!(draw.open(Some(draw.announcement.to_text().as_bytes()), &by(), late), Ok(None));
        assert_eq!(draw.freeze(&by(), early), Ok(None));
        assert_eq!(draw.list(sample::entries(5).to_text().as_bytes(), late, &by(), late), Ok(None));
        assert_eq!(draw.draw(sample::beacon().to_text().as_bytes(), &by(), late), Ok(None));
        let outcome = draw.outcome(&sample::entries(5), &sample::secret()).unwrap().to_text();
        assert_eq!(draw.reveal(outcome.as_bytes(), &sample::entries(5), &by(), late), Ok(None));
        // And not a second time with something else.
        let error = refused(draw.list(sample::entries(4).to_text().as_bytes(), late, &by(), late));
        assert_eq!(error, "entries.txt on the site is not the file of this draw");
        let error = refused(draw.draw(sample::observed().to_text().as_bytes(), &by(), late));
        assert_eq!(error, "beacon.json on the site is not the file of this draw");
        let winner = draw.places[0].leaf.clone();
        let delivered = draw.deliver(&winner, &by(), late).unwrap().unwrap().after;
        assert_eq!(delivered.deliver(&winner, &by(), late), Ok(None));
        assert_eq!(
            refused(delivered.disqualify(&winner, Reason::Declined, &by(), late)),
            "this entry's prize is delivered"
        );
    }

    #[test]
    fn a_list_that_came_late_is_not_drawn_by_the_round() {
        let file = sample::beacon().to_text();
        // 15:59:24 less a minute.
        let barely = listed(5, at("23T15:58:24"));
        assert!(barely.draw(file.as_bytes(), &by(), at("23T16:00:00")).is_ok());
        let late = listed(5, at("23T15:58:25"));
        assert!(refused(late.expects_round(at("23T16:00:00"))).starts_with("the list of entries became public"));
        assert_eq!(barely.expects_round(at("23T15:59:24")), Ok(()));
        assert_eq!(
            refused(barely.expects_round(at("23T15:59:23"))),
            "draw is possible from 16:59:24 on 23 August 2023 (BST) on"
        );
        assert_eq!(refused(frozen().expects_round(at("23T16:00:00"))), "the draw is frozen; draw does not fit");
        let error = refused(late.draw(file.as_bytes(), &by(), at("23T16:00:00")));
        assert!(error.starts_with("the list of entries became public at 16:58:25 on 23 August 2023 (BST), later than"));
        let error = refused(late.beacon_file(sample::observed().source, at("24T15:59:23")));
        assert_eq!(error, "an observer is possible from 16:59:24 on 24 August 2023 (BST) on");
        let observed = late.beacon_file(sample::observed().source, at("24T15:59:24")).unwrap().to_text();
        assert!(late.draw(observed.as_bytes(), &by(), at("24T15:59:24")).unwrap().is_some());
    }

    #[test]
    fn the_value_is_the_announced_one_and_comes_after_the_list() {
        let (right, now) = (sample::beacon(), at("23T16:00:00"));
        assert_eq!(
            refused(frozen().draw(right.to_text().as_bytes(), &by(), now)),
            "the draw is frozen; draw does not fit"
        );
        assert_eq!(
            refused(opened().draw(right.to_text().as_bytes(), &by(), now)),
            "the draw is open; draw does not fit"
        );
        let Drawn::Beacon { chain, signature, .. } = right.source.clone() else { unreachable!() };
        let next = Drawn::Beacon { chain: chain.clone(), round: 1_001, signature: signature.clone() };
        let error = refused(in_time(5).beacon_file(next, now));
        assert_eq!(error, "it is round 1001; expected round 1000, which was announced");
        let other = "b33bf3667cbd5a82de3a24b4e0e9fe5513cc1a0e840368c6e31f5fcfa79bea03f73896b25883abf2853d10337fb8fa41";
        let wrong = Drawn::Beacon { chain, round: 1_000, signature: other.parse().unwrap() };
        let error = refused(in_time(5).beacon_file(wrong, now));
        assert_eq!(error, "the signature is not quicknet's signature of round 1000");
        let foreign = Drawn::Beacon { chain: Sha256Hex::digest(b"another chain"), round: 1_000, signature };
        let error = refused(in_time(5).beacon_file(foreign.clone(), now));
        assert!(error.contains("chain"), "{error}");
        let file = Beacon::new(right.draw.clone(), foreign).to_text();
        assert!(in_time(5).draw(file.as_bytes(), &by(), now).is_err(), "even where such a file stands");
        let elsewhere = Beacon { draw: "another".parse().unwrap(), ..right.clone() };
        assert!(in_time(5).draw(elsewhere.to_text().as_bytes(), &by(), now).is_err());
        let lies = Beacon { randomness: Sha256Hex::digest(b"chosen"), ..right };
        assert!(in_time(5).draw(lies.to_text().as_bytes(), &by(), now).is_err());
    }

    #[test]
    fn the_secret_stays_secret_until_the_value_stands_and_is_the_one_that_was_committed_to() {
        let (entries, secret) = (sample::entries(5), sample::secret());
        for draw in [announced(), opened(), frozen(), in_time(5)] {
            assert!(refused(draw.outcome(&entries, &secret)).ends_with("reveal does not fit"), "{}", draw.state);
        }
        let draw = drawn(5);
        assert!(refused(draw.outcome(&entries, &Secret::from_bits([9; 32]))).contains("was announced"));
        assert!(draw.outcome(&sample::entries(4), &secret).is_err(), "other entries than were listed");
        let mut outcome = draw.outcome(&entries, &secret).unwrap();
        outcome.winners.swap(0, 1);
        let error = refused(draw.reveal(outcome.to_text().as_bytes(), &entries, &by(), at("23T16:01:00")));
        assert_eq!(error, "result.json on the site is not the file of this draw");
    }

    #[test]
    fn who_is_out_makes_room_for_the_next_reserve() {
        let now = at("23T17:00:00");
        let draw = revealed(5);
        let leaves: Vec<Leaf> = draw.places.iter().map(|place| place.leaf.clone()).collect();
        let first = draw.disqualify(&leaves[0], Reason::Declined, &by(), now).unwrap().unwrap();
        assert_eq!(first.log.next.as_ref(), Some(&leaves[2]));
        assert_eq!(first.after.places[2].standing, Standing::holds(1, now));
        assert_eq!(first.after.disqualify(&leaves[0], Reason::Declined, &by(), now), Ok(None), "once");
        let error = refused(first.after.disqualify(&leaves[0], Reason::Photo, &by(), now));
        assert_eq!(error, "this entry is out already: The entrant did not want the prize.");
        // A reserve who is out is not asked any more.
        let reserve = first.after.disqualify(&leaves[3], Reason::Withdrawn, &by(), now).unwrap().unwrap();
        assert_eq!(reserve.log.next, None);
        let second = reserve.after.disqualify(&leaves[1], Reason::NotEligible, &by(), now).unwrap().unwrap();
        assert_eq!((second.log.next.as_ref(), second.after.state), (None, State::Revealed));
        let last = second.after.disqualify(&leaves[2], Reason::EnteredTwice, &by(), now).unwrap().unwrap();
        assert_eq!(last.after.state, State::Settled, "nobody is left");
        assert_eq!(
            refused(draw.disqualify(&sample::leaf(99), Reason::Photo, &by(), now)),
            Refused::NoPlace.to_string()
        );
        assert_eq!(refused(draw.deliver(&leaves[2], &by(), now)), Refused::NoPrize.to_string());
    }

    #[test]
    fn nobody_is_passed_over_for_silence_while_there_is_time_to_answer() {
        let draw = revealed(5);
        let (winner, reserve) = (draw.places[0].leaf.clone(), draw.places[2].leaf.clone());
        let silent = |draw: &Draw, leaf: &Leaf, now| draw.disqualify(leaf, Reason::NoAnswer, &by(), now);
        assert_eq!(
            refused(silent(&draw, &winner, at("30T16:00:59"))),
            "there is time to answer until 17:01 on 30 August 2023 (BST)"
        );
        assert!(silent(&draw, &reserve, at("30T16:01:00")).is_err(), "nobody has asked a reserve");
        let after = silent(&draw, &winner, at("30T16:01:00")).unwrap().unwrap().after;
        assert!(silent(&after, &reserve, at("31T16:01:00")).is_err(), "the next one has as long");
    }

    #[test]
    fn nobody_who_has_answered_is_passed_over_for_silence() {
        let draw = revealed(5);
        let (winner, reserve) = (draw.places[0].leaf.clone(), draw.places[2].leaf.clone());
        assert_eq!(refused(draw.answer(&reserve, &by(), at("24T10:00:00"))), Refused::NoPrize.to_string());
        assert_eq!(refused(drawn(5).answer(&winner, &by(), morning())), "the draw is frozen; answer does not fit");
        let answered = draw.answer(&winner, &by(), at("24T10:00:00")).unwrap().unwrap();
        assert_eq!((answered.log.action.as_str(), answered.log.leaf.as_ref()), ("answer", Some(&winner)));
        let draw = answered.after;
        assert_eq!(draw.answer(&winner, &by(), at("25T10:00:00")), Ok(None));
        let late = at("31T00:00:00");
        assert_eq!(
            refused(draw.disqualify(&winner, Reason::NoAnswer, &by(), late)),
            "this entrant answered at 11:00 on 24 August 2023 (BST)"
        );
        assert!(draw.disqualify(&winner, Reason::Declined, &by(), late).unwrap().is_some(), "they think better of it");
        let delivered = draw.deliver(&winner, &by(), late).unwrap().unwrap().after;
        assert_eq!(delivered.answer(&winner, &by(), late), Ok(None));
        // Rows of before have no such field.
        let before = r#"{"is":"holds","prize":1,"since":1692892860000}"#;
        assert_eq!(serde_json::from_str::<Standing>(before).unwrap(), Standing::holds(1, at("24T16:01:00")));
    }

    #[test]
    fn a_draw_with_fewer_entrants_than_prizes_is_a_draw() {
        let one = revealed(1);
        assert_eq!((one.state, one.places.len()), (State::Revealed, 1));
        let none = revealed(0);
        assert_eq!((none.state, none.places.len()), (State::Settled, 0));
        let verdict = verify::verify(sample::by_beacon(0).files());
        assert!(verdict.holds());
    }

    #[test]
    fn the_log_is_a_chain_in_which_nothing_can_be_changed() {
        let first = Draw::announce(sample::announcement(), &sample::secret(), &by(), morning()).unwrap();
        let file = first.after.announcement.to_text();
        let second = first.after.open(Some(file.as_bytes()), &by(), morning()).unwrap().unwrap();
        assert_eq!(first.log.hash, first.log.chained(""));
        assert_eq!(second.log.hash, second.log.chained(&first.log.hash));
        assert_eq!(second.after.log_head, second.log.hash);
        let at = second.log.at + SignedDuration::from_secs(1);
        for changed in [
            LogEntry { at, ..second.log.clone() },
            LogEntry { action: "freeze".into(), ..second.log.clone() },
            LogEntry { leaf: Some(sample::leaf(1)), ..second.log.clone() },
            LogEntry { reason: Some(Reason::Declined), ..second.log.clone() },
            LogEntry { next: Some(sample::leaf(1)), ..second.log.clone() },
            LogEntry { version: 3, ..second.log.clone() },
        ] {
            assert_ne!(changed.chained(&first.log.hash), second.log.hash, "{changed:?}");
        }
        let unnamed = LogEntry { by: String::new(), ..second.log.clone() };
        assert_eq!(unnamed.chained(&first.log.hash), second.log.hash, "a name can leave before it is published");
    }
}
