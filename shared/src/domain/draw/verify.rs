//! Recomputes a draw from its four public files.
//!
//! What nobody can see in the files: when each of them was published, and whether the observer is independent. `docs/DRAW.md` says so.

use std::fmt;

use serde::Serialize;

use super::{
    bad_file::BadFile,
    beacon::{self, CHAIN, NotBelieved},
    files::{Announcement, Beacon, Drawn, Outcome, Source},
    protocol::{self, Entries},
};
use crate::domain::ids::Leaf;

/// The bytes of the four files.
#[derive(Clone, Copy, Debug)]
pub struct Files<'a> {
    /// `commit.json`.
    pub commit: &'a [u8],
    /// `entries.txt`.
    pub entries: &'a [u8],
    /// `beacon.json`.
    pub beacon: &'a [u8],
    /// `result.json`.
    pub result: &'a [u8],
}

/// What is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Name {
    /// The four files have their form. Without it nothing else is checked.
    Files,
    /// All four are of the same draw.
    OneDraw,
    /// The secret is the one that was committed to.
    Commitment,
    /// The result names these entries.
    Entries,
    /// The value comes from where it was announced to come from.
    Source,
    /// The value is the digest of the signature, or of the sentence.
    Randomness,
    /// The signature is the beacon's.
    Signature,
    /// The seed follows from entries, secret and value.
    Seed,
    /// Winners and reserves follow from the seed.
    Ranking,
}

impl Name {
    /// All checks, in their order.
    pub const ALL: [Self; 9] = [
        Self::Files,
        Self::OneDraw,
        Self::Commitment,
        Self::Entries,
        Self::Source,
        Self::Randomness,
        Self::Signature,
        Self::Seed,
        Self::Ranking,
    ];

    /// The check's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::OneDraw => "one-draw",
            Self::Commitment => "commitment",
            Self::Entries => "entries",
            Self::Source => "source",
            Self::Randomness => "randomness",
            Self::Signature => "signature",
            Self::Seed => "seed",
            Self::Ranking => "ranking",
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One check, and what it found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was checked.
    pub name: Name,
    /// Whether it holds.
    pub passed: bool,
    /// What was found, in a sentence.
    pub words: String,
}

/// What the files of a draw say, and whether it is true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The checks, in their order: all of them, or [`Name::Files`] alone if it failed.
    pub checks: Vec<Check>,
    /// The draw as it was announced. `None` if the files could not be read.
    pub announcement: Option<Announcement>,
    /// All entries in the order in which they win, as recomputed. Empty if the files could not be read.
    pub ranking: Vec<Leaf>,
}

impl Verdict {
    /// Whether every check passed.
    pub fn holds(&self) -> bool {
        self.checks.iter().all(|check| check.passed)
    }

    /// The recomputed winners, in the order of the prizes.
    pub fn winners(&self) -> &[Leaf] {
        let prizes = self.announcement.as_ref().map_or(0, |announcement| announcement.prizes.len());
        &self.ranking[..prizes.min(self.ranking.len())]
    }

    /// The recomputed reserves, in their order.
    pub fn reserves(&self) -> &[Leaf] {
        let after = &self.ranking[self.winners().len()..];
        let reserves = self.announcement.as_ref().map_or(0, |announcement| announcement.reserves.into());
        &after[..after.len().min(reserves)]
    }

    /// The place of an entry, counted from 1. `None` if it is not among the entries.
    pub fn place(&self, leaf: &Leaf) -> Option<usize> {
        self.ranking.iter().position(|other| other == leaf).map(|place| place + 1)
    }
}

/// Checks everything that follows from the files.
pub fn verify(files: Files<'_>) -> Verdict {
    let announcement = Announcement::parse(files.commit);
    let entries = Entries::parse(files.entries);
    let beacon = Beacon::parse(files.beacon);
    let outcome = Outcome::parse(files.result);
    match (announcement, entries, beacon, outcome) {
        (Ok(announcement), Ok(entries), Ok(beacon), Ok(outcome)) => {
            recompute(announcement, &entries, &beacon, &outcome)
        }
        (announcement, entries, beacon, outcome) => {
            let errors = [announcement.err(), entries.err(), beacon.err(), outcome.err()];
            let words: Vec<String> = errors.into_iter().flatten().map(|error: BadFile| error.to_string()).collect();
            let check = Check { name: Name::Files, passed: false, words: words.join("; ") };
            Verdict { checks: vec![check], announcement: None, ranking: Vec::new() }
        }
    }
}

fn recompute(announcement: Announcement, entries: &Entries, beacon: &Beacon, outcome: &Outcome) -> Verdict {
    let expected = Outcome::new(&announcement, entries, &outcome.secret, &beacon.randomness);
    let commit = protocol::commitment(&announcement.draw, &outcome.secret);
    let check = |name: Name, found: Result<String, String>| {
        let passed = found.is_ok();
        Check { name, passed, words: found.unwrap_or_else(|words| words) }
    };
    let held = |holds: bool, yes: String, no: String| if holds { Ok(yes) } else { Err(no) };
    let checks = vec![
        check(Name::Files, Ok("all four files have their form".to_owned())),
        check(
            Name::OneDraw,
            held(
                beacon.draw == announcement.draw && outcome.draw == announcement.draw,
                format!("all files are of the draw {}", announcement.draw),
                format!(
                    "commit.json is of the draw {}, beacon.json of {}, result.json of {}",
                    announcement.draw, beacon.draw, outcome.draw
                ),
            ),
        ),
        check(
            Name::Commitment,
            held(
                announcement.commit == commit && outcome.commit == commit,
                "the secret is the one that commit.json committed to".to_owned(),
                format!(
                    "the secret gives the commitment {commit}; commit.json has {}, result.json {}",
                    announcement.commit, outcome.commit
                ),
            ),
        ),
        check(
            Name::Entries,
            held(
                outcome.entries == expected.entries && outcome.entries_sha256 == expected.entries_sha256,
                format!("entries.txt has {} entries and the digest {}", expected.entries, expected.entries_sha256),
                format!(
                    "entries.txt has {} entries and the digest {}; result.json says {} and {}",
                    expected.entries, expected.entries_sha256, outcome.entries, outcome.entries_sha256
                ),
            ),
        ),
        check(Name::Source, source(&announcement, &beacon.source)),
        check(Name::Randomness, randomness(beacon, outcome)),
        check(Name::Signature, signature(&beacon.source)),
        check(
            Name::Seed,
            held(
                outcome.seed == expected.seed,
                format!("the seed is {}", expected.seed),
                format!("the seed is {}; result.json has {}", expected.seed, outcome.seed),
            ),
        ),
        check(
            Name::Ranking,
            held(
                outcome.winners == expected.winners && outcome.reserves == expected.reserves,
                format!("{} winners and {} reserves follow", expected.winners.len(), expected.reserves.len()),
                format!(
                    "the winners are {:?} and the reserves {:?}; result.json has {:?} and {:?}",
                    expected.winners, expected.reserves, outcome.winners, outcome.reserves
                ),
            ),
        ),
    ];
    let ranking = protocol::rank(
        entries,
        protocol::Seed::derive(&announcement.draw, &expected.entries_sha256, &outcome.secret, &beacon.randomness),
    );
    Verdict { checks, announcement: Some(announcement), ranking }
}

/// Whether the value comes from the announced round, or from an observer where the announcement has one.
pub(super) fn source(announcement: &Announcement, drawn: &Drawn) -> Result<String, String> {
    match (&announcement.source, drawn) {
        (Source::Beacon { round: announced, .. }, Drawn::Beacon { chain, round, .. }) => {
            if chain.as_str() != CHAIN {
                return Err(NotBelieved::Chain { got: chain.clone() }.to_string());
            }
            if round != announced {
                return Err(NotBelieved::Round { expected: *announced, got: *round }.to_string());
            }
            let time = beacon::time_of(*round).map_or(String::new(), |time| format!(" of {time}"));
            Ok(format!("it is round {round}{time}, as announced"))
        }
        (Source::Observer {}, Drawn::Observer { observer, .. }) => {
            Ok(format!("it is a sentence that {observer} said, as announced"))
        }
        (Source::Beacon { observer_after_hours: Some(hours), round, .. }, Drawn::Observer { observer, .. }) => {
            let from = announcement.draws_at;
            Ok(format!(
                "it is a sentence that {observer} said in the beacon's place, which commit.json allows {hours} hours after {from}: ask \
                 why, if drand has answered with round {round}"
            ))
        }
        (Source::Beacon { observer_after_hours: None, round, .. }, Drawn::Observer { .. }) => {
            Err(format!("it is an observer's sentence; commit.json announced round {round} and no observer"))
        }
        (Source::Observer {}, Drawn::Beacon { round, .. }) => {
            Err(format!("it is round {round} of a beacon; commit.json announced an observer"))
        }
    }
}

fn randomness(beacon: &Beacon, outcome: &Outcome) -> Result<String, String> {
    let expected = beacon.source.randomness();
    for (file, got) in [("beacon.json", &beacon.randomness), ("result.json", &outcome.randomness)] {
        if *got != expected {
            return Err(format!("{file}: {}", NotBelieved::Randomness { expected, got: got.clone() }));
        }
    }
    let of = match beacon.source {
        Drawn::Beacon { .. } => "signature",
        Drawn::Observer { .. } => "sentence",
    };
    Ok(format!("the randomness {expected} is the SHA-256 of the {of}"))
}

fn signature(drawn: &Drawn) -> Result<String, String> {
    match drawn {
        Drawn::Beacon { round, signature, .. } => beacon::verify(*round, signature)
            .map(|()| format!("the signature is quicknet's signature of round {round}"))
            .map_err(|error| error.to_string()),
        Drawn::Observer { .. } => Ok("there is none to check: the value comes from a sentence".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::draw::{bad_file::FileName, sample};

    fn failed(verdict: &Verdict) -> Vec<Name> {
        verdict.checks.iter().filter(|check| !check.passed).map(|check| check.name).collect()
    }

    #[test]
    fn a_true_draw_holds() {
        for set in [sample::by_beacon(5), sample::by_observer(5), sample::by_beacon(0), sample::by_beacon(1)] {
            let verdict = verify(set.files());
            assert!(verdict.holds(), "{:#?}", verdict.checks);
            assert_eq!(verdict.checks.iter().map(|check| check.name).collect::<Vec<_>>(), Name::ALL);
            let outcome = Outcome::parse(set.result.as_bytes()).unwrap();
            assert_eq!(verdict.winners(), outcome.winners);
            assert_eq!(verdict.reserves(), outcome.reserves);
            for leaf in Entries::parse(set.entries.as_bytes()).unwrap().leaves() {
                let place = verdict.place(leaf).unwrap();
                assert_eq!(verdict.ranking[place - 1], *leaf);
            }
        }
        // Two prizes and two reserves.
        let one = verify(sample::by_beacon(1).files());
        assert_eq!((one.winners().len(), one.reserves().len()), (1, 0));
        let five = verify(sample::by_beacon(5).files());
        assert_eq!((five.winners().len(), five.reserves().len()), (2, 2));
        assert_eq!(five.place(&Leaf::from_digest(&[0; 32])), None);
    }

    #[test]
    fn each_lie_fails_its_own_check() {
        let set = sample::by_beacon(5);
        let told = |change: &dyn Fn(&mut sample::Set)| {
            let mut set = set.clone();
            change(&mut set);
            failed(&verify(set.files()))
        };
        let swap = |text: &mut String, from: &str, to: &str| {
            assert!(text.contains(from), "{from} in {text}");
            *text = text.replacen(from, to, 1);
        };
        let other = "0".repeat(64);
        let outcome = Outcome::parse(set.result.as_bytes()).unwrap();
        let field = |text: &mut String, key: &str| {
            let at = text.find(&format!("\"{key}\": \"")).unwrap() + key.len() + 5;
            text.replace_range(at..at + 64, &other);
        };
        assert_eq!(told(&|set| swap(&mut set.beacon, "test-noon", "test-night")), [Name::OneDraw]);
        assert_eq!(told(&|set| field(&mut set.commit, "commit")), [Name::Commitment]);
        assert_eq!(told(&|set| field(&mut set.result, "commit")), [Name::Commitment]);
        assert_eq!(told(&|set| field(&mut set.result, "secret")), [Name::Commitment, Name::Seed, Name::Ranking]);
        assert_eq!(told(&|set| field(&mut set.result, "entries_sha256")), [Name::Entries]);
        assert_eq!(told(&|set| swap(&mut set.result, "\"entries\": 5", "\"entries\": 6")), [Name::Entries]);
        assert_eq!(told(&|set| field(&mut set.result, "seed")), [Name::Seed]);
        assert_eq!(told(&|set| field(&mut set.result, "randomness")), [Name::Randomness]);
        assert_eq!(told(&|set| field(&mut set.beacon, "randomness")), [Name::Randomness, Name::Seed, Name::Ranking]);
        let removed = |set: &mut sample::Set| {
            let lines: Vec<&str> = set.entries.lines().skip(1).collect();
            set.entries = lines.join("\n") + "\n";
        };
        assert_eq!(told(&removed), [Name::Entries, Name::Seed, Name::Ranking]);
        let (first, second) = (outcome.winners[0].as_str(), outcome.winners[1].as_str());
        let winners = |set: &mut sample::Set| {
            set.result = set.result.replace(first, "x").replace(second, first).replace('x', second);
        };
        assert_eq!(told(&winners), [Name::Ranking]);
        let next =
            |set: &mut sample::Set| swap(&mut set.beacon, &format!("\"round\": {}", sample::ROUND), "\"round\": 7");
        assert_eq!(told(&next), [Name::Source, Name::Signature], "another round than the announced one");
        assert_eq!(told(&|set| field(&mut set.beacon, "chain")), [Name::Source]);
        let signed = |set: &mut sample::Set| swap(&mut set.beacon, "\"signature\": \"b", "\"signature\": \"9");
        assert_eq!(told(&signed), [Name::Randomness, Name::Signature]);
    }

    #[test]
    fn an_observer_takes_the_beacons_place_only_where_that_was_announced() {
        let beacon = sample::by_observer(5).beacon;
        let set = |hours: Option<u16>| {
            let mut announcement = sample::announcement();
            if let Source::Beacon { observer_after_hours, .. } = &mut announcement.source {
                *observer_after_hours = hours;
            }
            sample::set(&announcement, 5, &Beacon::parse(beacon.as_bytes()).unwrap())
        };
        assert!(verify(set(Some(24)).files()).holds());
        assert_eq!(failed(&verify(set(None).files())), [Name::Source]);
        let observed = Announcement { source: Source::Observer {}, ..sample::announcement() };
        let by_beacon = sample::set(&observed, 5, &Beacon::parse(sample::by_beacon(5).beacon.as_bytes()).unwrap());
        assert_eq!(failed(&verify(by_beacon.files())), [Name::Source]);
    }

    #[test]
    fn a_file_of_another_form_is_refused_with_its_place() {
        let set = sample::by_beacon(5);
        let words = |name: FileName, change: &dyn Fn(&str) -> String| {
            let mut set = set.clone();
            let file = match name {
                FileName::Commit => &mut set.commit,
                FileName::Entries => &mut set.entries,
                FileName::Beacon => &mut set.beacon,
                FileName::Result => &mut set.result,
            };
            *file = change(file);
            let verdict = verify(set.files());
            assert_eq!(failed(&verdict), [Name::Files]);
            assert!(verdict.winners().is_empty() && verdict.reserves().is_empty());
            verdict.checks[0].words.clone()
        };
        insta::assert_snapshot!([
            words(FileName::Commit, &|file| file.replace('\n', "\r\n")),
            words(FileName::Commit, &|file| file.trim_end().to_owned()),
            words(FileName::Commit, &|file| file.replace("\"reserves\": 2", "\"reserves\": 2.0")),
            words(FileName::Commit, &|file| file.replace("\"reserves\": 2", "\"reserves\": 2000")),
            words(FileName::Commit, &|file| file.replace("\"reserves\": 2", "\"reserves\": 2,\n  \"reserves\": 2")),
            words(FileName::Commit, &|file| file.replace("15:59:24Z", "15:59:24.5Z")),
            words(FileName::Commit, &|file| file.replace("15:59:24Z", "15:59:24+00:00")),
            words(FileName::Commit, &|file| file.replace("15:59:24Z", "15:59:27Z")),
            words(FileName::Commit, &|file| file.replace("15:30:00Z", "15:58:00Z")),
            words(FileName::Commit, &|file| file.replace("\"round\": 1000", "\"round\": 1001")),
            words(FileName::Commit, &|file| file.replace("52db9ba7", "52db9ba8")),
            words(FileName::Commit, &|file| file.replace("hours\": 24", "hours\": 1")),
            words(FileName::Commit, &|file| file.replace("tkdraw1", "tkdraw2")),
            words(FileName::Commit, &|file| file.replace("\"name\"", "\"nom\"")),
            words(FileName::Commit, &|file| file.replace("Noon", "\\u004eoon")),
            words(FileName::Entries, &|file| file.trim_end().to_owned()),
            words(FileName::Beacon, &|file| file.replace("b44679", "B44679")),
            words(FileName::Beacon, &|file| format!("{file}{{}}")),
            words(FileName::Result, &|_| String::new()),
        ].join("\n"), @r#"
        commit.json: line 1 is "{\r\n"; expected "{\n", exactly as it is written
        commit.json: line 26 is "}"; expected "}\n", exactly as it is written
        commit.json: reserves: invalid type: floating point `2.0`, expected u16 at line 15 column 17
        commit.json: reserves is 2000; expected 0 to 1000
        commit.json: duplicate field `reserves` at line 16 column 12
        commit.json: draws_at: "2023-08-23T15:59:24.5Z" is not an instant such as 2027-03-05T12:00:00Z at line 17 column 38
        commit.json: line 17 is "  \"draws_at\": \"2023-08-23T15:59:24+00:00\",\n"; expected "  \"draws_at\": \"2023-08-23T15:59:24Z\",\n", exactly as it is written
        commit.json: source.round is 1000; expected 1001: the first at or after draws_at
        commit.json: draws_at is 2023-08-23T15:59:24Z; expected at least 5 minutes after freezes_at
        commit.json: source.round is 1001; expected 1000: the first at or after draws_at
        commit.json: source.chain is 52db9ba80e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971; expected quicknet, 52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971
        commit.json: source.observer_after_hours is 1; expected 24 or null
        commit.json: algorithm: unknown variant `tkdraw2`, expected `tkdraw1` at line 2 column 24
        commit.json: nom: unknown field `nom`, expected one of `algorithm`, `draw`, `name`, `prizes`, `reserves`, `freezes_at`, `draws_at`, `eligibility`, `source`, `commit` at line 4 column 7
        commit.json: line 4 is "  \"name\": \"\\u004eoon draw\",\n"; expected "  \"name\": \"Noon draw\",\n", exactly as it is written
        entries.txt: line 5 is "bb3b5b431cb4064bb1713d14edfdec08795eda14d7def5c4b808555fcca91409"; expected 64 digits of 0-9 and a-f, then LF
        beacon.json: source: not a signature of 96 digits of 0-9 and a-f at line 8 column 3
        beacon.json: trailing characters at line 11 column 1
        result.json: EOF while parsing a value at line 1 column 0
        "#);
    }

    #[test]
    fn every_file_that_cannot_be_read_is_named() {
        let set = sample::by_beacon(1);
        let verdict = verify(Files { commit: b"\xff", beacon: b"{", ..set.files() });
        assert!(verdict.checks[0].words.starts_with("commit.json: it is not text in UTF-8; beacon.json: "));
        let long = vec![b' '; 1_000_001];
        let verdict = verify(Files { result: &long, ..set.files() });
        assert_eq!(verdict.checks[0].words, "result.json: 1000001 bytes; at most 1000000 are allowed");
    }
}
