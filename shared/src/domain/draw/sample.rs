//! Plain samples for the draws' tests.

use super::{
    beacon::CHAIN,
    files::{Algorithm, Announcement, Beacon, Drawn, Outcome, Prize, Source},
    protocol::{self, Entries, Secret},
    settings::{DrawSettings, Eligible, Method, Nation, PrizeSettings},
    verify::Files,
};
use crate::domain::ids::{DrawId, Leaf, Sha256Hex, Ticket};

/// A round that has been, and its signature; see the tests of [`super::beacon`].
pub const ROUND: u64 = 1_000;
const SIGNATURE: &str =
    "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39";

/// The files of one draw.
#[derive(Clone, Debug)]
pub struct Set {
    pub commit: String,
    pub entries: String,
    pub beacon: String,
    pub result: String,
}

impl Set {
    pub fn files(&self) -> Files<'_> {
        Files {
            commit: self.commit.as_bytes(),
            entries: self.entries.as_bytes(),
            beacon: self.beacon.as_bytes(),
            result: self.result.as_bytes(),
        }
    }
}

pub fn draw() -> DrawId {
    "techognition-test-noon".parse().unwrap()
}

pub fn secret() -> Secret {
    Secret::from_bits([0x11; 32])
}

pub fn ticket(number: u8) -> Ticket {
    Ticket::from_bits([number; 16])
}

pub fn leaf(number: u8) -> Leaf {
    protocol::leaf(&draw(), &ticket(number))
}

pub fn entries(count: u8) -> Entries {
    Entries::from_leaves((0..count).map(leaf)).unwrap()
}

/// Two prizes and two reserves, by the beacon.
pub fn announcement() -> Announcement {
    let prize = |title: &str, sponsor: Option<&str>| Prize { title: title.into(), sponsor: sponsor.map(str::to_owned) };
    Announcement {
        algorithm: Algorithm::Tkdraw1,
        draw: draw(),
        name: "Noon draw".into(),
        prizes: vec![prize("A microscope", Some("Sample sponsor")), prize("A book", None)],
        reserves: 2,
        freezes_at: "2023-08-23T15:30:00Z".parse().unwrap(),
        draws_at: "2023-08-23T15:59:24Z".parse().unwrap(),
        eligibility: "Technicians in schools of the United Kingdom, 18 or older".into(),
        source: Source::Beacon { chain: CHAIN.parse().unwrap(), round: ROUND, observer_after_hours: Some(24) },
        commit: protocol::commitment(&draw(), &secret()),
    }
}

/// The settings of [`announcement`].
pub fn settings() -> DrawSettings {
    let announced = announcement();
    let prize = |prize: Prize| PrizeSettings { title: prize.title, sponsor: prize.sponsor, picture: None, link: None };
    DrawSettings {
        id: announced.draw,
        name: announced.name,
        prizes: announced.prizes.into_iter().map(prize).collect(),
        reserves: announced.reserves,
        freezes_at: announced.freezes_at,
        draws_at: announced.draws_at,
        who: Eligible { roles: "Technicians in schools".into(), min_age: 18, nations: vec![Nation::England] },
        method: Method::Beacon,
        rules: Vec::new(),
        promoter: "Sample Association, 1 Sample Street, Sampleton".into(),
    }
}

pub fn beacon() -> Beacon {
    let source = Drawn::Beacon { chain: CHAIN.parse().unwrap(), round: ROUND, signature: SIGNATURE.parse().unwrap() };
    Beacon::new(draw(), source)
}

pub fn observed() -> Beacon {
    let source = Drawn::Observer { observer: "The head of science".into(), sentence: "Copper turns “blue”".into() };
    Beacon::new(draw(), source)
}

pub fn set(announcement: &Announcement, count: u8, beacon: &Beacon) -> Set {
    let entries = entries(count);
    let randomness: &Sha256Hex = &beacon.randomness;
    Set {
        commit: announcement.to_text(),
        entries: entries.to_text(),
        beacon: beacon.to_text(),
        result: Outcome::new(announcement, &entries, &secret(), randomness).to_text(),
    }
}

pub fn by_beacon(count: u8) -> Set {
    set(&announcement(), count, &beacon())
}

pub fn by_observer(count: u8) -> Set {
    set(&Announcement { source: Source::Observer {}, ..announcement() }, count, &observed())
}
