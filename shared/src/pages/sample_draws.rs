//! Sample prize draws for the style guide: one in each state, made by the steps of a real one.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::sample;
use crate::{
    domain::{
        Edition,
        draw::{
            files::{Beacon, Drawn},
            protocol::{self, Entries, Secret},
            settings::{DrawSettings, Eligible, Method, Nation, PrizeSettings},
            steps::{Draw, LogEntry, Move, Reason, Refused},
        },
        ids::{DrawId, Leaf, Ticket},
        people::Actor,
    },
    store::draws::DrawRow,
};

/// A sample draw.
#[derive(Clone, Debug)]
pub struct SampleDraw {
    /// The edition that has it.
    pub edition: Edition,
    /// Its settings.
    pub settings: DrawSettings,
    /// Its row; `None` before it is announced.
    pub row: Option<DrawRow>,
    /// Its log, oldest first.
    pub log: Vec<LogEntry>,
    /// The instant at which it is looked at.
    pub now: Timestamp,
}

/// Returns a draw that cannot be announced, one that takes entries, one that awaits the beacon's round, one that awaits an observer, one with
/// winners and reserves, and one whose prizes are handed over. Empty only if the settings that are shipped as the example cannot be read.
pub fn draws() -> Vec<SampleDraw> {
    made().unwrap_or_default()
}

/// Returns the settings of two sample draws, for pages of an edition that has some.
pub fn announced() -> Vec<DrawSettings> {
    draws().into_iter().skip(2).take(2).map(|draw| draw.settings).collect()
}

/// Entries of each sample draw.
const ENTRIES: u8 = 17;

fn made() -> Option<Vec<SampleDraw>> {
    let edition = sample::edition()?;
    let noon = edition.opens_at + SignedDuration::from_hours(4);
    let late = settings("sample-late", "Early draw", Method::Beacon, noon - SignedDuration::from_hours(6)).ok()?;
    let incomplete =
        SampleDraw { edition: edition.clone(), settings: late, row: None, log: Vec::new(), now: sample::morning() };
    let by_beacon = settings("sample-noon", "Noon draw", Method::Beacon, noon).ok()?;
    let by_observer = settings("sample-evening", "Evening draw", Method::Observer, noon).ok()?;
    let minutes = |minutes| noon + SignedDuration::from_mins(minutes);
    let open = Played::opened(by_beacon.clone()).ok()?;
    let frozen = Played::opened(by_beacon).ok()?.frozen().ok()?;
    let observed = Played::opened(by_observer.clone()).ok()?.frozen().ok()?;
    let drawn = Played::opened(by_observer.clone()).ok()?.frozen().ok()?.drawn().ok()?;
    let settled = Played::opened(by_observer).ok()?.frozen().ok()?.drawn().ok()?.settled().ok()?;
    Some(vec![
        incomplete,
        open.at(&edition, sample::morning()),
        frozen.at(&edition, minutes(31)),
        observed.at(&edition, minutes(31)),
        drawn.at(&edition, minutes(60)),
        settled.at(&edition, minutes(24 * 60)),
    ])
}

fn settings(id: &str, name: &str, method: Method, freezes_at: Timestamp) -> Result<DrawSettings, Refused> {
    let prize = |title: &str, sponsor: Option<&str>| PrizeSettings {
        title: title.to_owned(),
        sponsor: sponsor.map(str::to_owned),
        picture: None,
        link: None,
    };
    let unnamed = |_| Refused::NoPlace;
    Ok(DrawSettings {
        id: id.parse::<DrawId>().map_err(unnamed)?,
        name: name.to_owned(),
        prizes: vec![
            prize("A microscope with a camera", Some("Sample sponsor")),
            prize("A day at the Sample Museum", Some("Sample Museum")),
            prize("A book", None),
        ],
        reserves: 3,
        freezes_at,
        draws_at: freezes_at + SignedDuration::from_mins(30),
        who: Eligible {
            roles: "Technicians who work in a school".to_owned(),
            min_age: 18,
            nations: vec![Nation::England, Nation::Wales],
        },
        method,
        rules: Vec::new(),
        promoter: "Sample Association, 1 Sample Street, Sampleton".to_owned(),
    })
}

/// A draw that has been brought to a state by its steps.
struct Played {
    settings: DrawSettings,
    secret: Secret,
    draw: Draw,
    log: Vec<LogEntry>,
    names: BTreeMap<Leaf, Option<String>>,
}

const BY: Actor = Actor::Function("draws");

impl Played {
    fn opened(settings: DrawSettings) -> Result<Self, Refused> {
        let secret = Secret::from_bits([0x11; 32]);
        let morning = settings.freezes_at - SignedDuration::from_hours(4);
        let announced = Draw::announce(settings.announcement(&secret), &secret, &BY, morning)?;
        let (draw, log) = (announced.after, vec![announced.log]);
        let mut played = Self { settings, secret, draw, log, names: BTreeMap::new() };
        let file = played.draw.announcement.to_text();
        let opened = played.draw.open(Some(file.as_bytes()), &BY, morning)?;
        played.moved(opened);
        Ok(played)
    }

    fn entries(&self) -> Result<Entries, Refused> {
        let leaves = (0..ENTRIES).map(|number| protocol::leaf(&self.settings.id, &Ticket::from_bits([number; 16])));
        Ok(Entries::from_leaves(leaves)?)
    }

    fn frozen(mut self) -> Result<Self, Refused> {
        let at = self.settings.freezes_at;
        let frozen = self.draw.freeze(&BY, at)?;
        self.moved(frozen);
        let list = self.entries()?.to_text();
        let listed = self.draw.list(list.as_bytes(), at, &BY, at)?;
        self.moved(listed);
        Ok(self)
    }

    /// Drawn by an observer; the first winner has answered, and the second one did not want the prize.
    fn drawn(mut self) -> Result<Self, Refused> {
        let at = self.settings.draws_at;
        let said = Drawn::Observer {
            observer: "The head of science".to_owned(),
            sentence: "Copper turns the flame green".to_owned(),
        };
        let beacon = Beacon::new(self.settings.id.clone(), said).to_text();
        let drawn = self.draw.draw(beacon.as_bytes(), &BY, at)?;
        self.moved(drawn);
        let entries = self.entries()?;
        let outcome = self.draw.outcome(&entries, &self.secret)?.to_text();
        let revealed = self.draw.reveal(outcome.as_bytes(), &entries, &BY, at)?;
        self.moved(revealed);
        let winners: Vec<Leaf> = self.draw.places.iter().map(|place| place.leaf.clone()).collect();
        if let [first, second, ..] = winners.as_slice() {
            let answered = self.draw.answer(first, &BY, at)?;
            self.moved(answered);
            let declined = self.draw.disqualify(second, Reason::Declined, &BY, at)?;
            self.moved(declined);
            self.names.insert(first.clone(), Some("Pat, Kent".to_owned()));
        }
        Ok(self)
    }

    fn settled(mut self) -> Result<Self, Refused> {
        let at = self.settings.draws_at + SignedDuration::from_hours(20);
        let leaves: Vec<Leaf> = self.draw.places.iter().map(|place| place.leaf.clone()).collect();
        for leaf in &leaves {
            match self.draw.deliver(leaf, &BY, at) {
                Ok(delivered) => self.moved(delivered),
                Err(Refused::NoPrize) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(self)
    }

    fn moved(&mut self, step: Option<Move>) {
        if let Some(step) = step {
            self.draw = step.after;
            self.log.push(step.log);
        }
    }

    fn at(self, edition: &Edition, now: Timestamp) -> SampleDraw {
        let row = DrawRow::new(self.draw, self.settings.clone(), self.names);
        SampleDraw { edition: edition.clone(), settings: self.settings, row: Some(row), log: self.log, now }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::draw::steps::State;

    #[test]
    fn there_is_a_sample_of_each_state() {
        let states: Vec<_> = draws().iter().map(|draw| draw.row.as_ref().map(|row| row.draw.state)).collect();
        let frozen = Some(State::Frozen);
        assert_eq!(states, [None, Some(State::Open), frozen, frozen, Some(State::Revealed), Some(State::Settled)]);
        for SampleDraw { row, log, .. } in draws() {
            assert_eq!(log.last().map(|entry| &entry.hash), row.as_ref().map(|row| &row.draw.log_head));
        }
    }
}
