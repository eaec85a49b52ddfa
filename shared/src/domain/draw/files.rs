//! The public files of a draw: `commit.json`, `entries.txt`, `beacon.json` and `result.json`.
//!
//! Decision: a file is exactly what its values are written as: JSON with all its keys in their order, two spaces of indentation, and LF at
//! the end. A reader writes what it has read once more and compares. So no two readers can understand a file differently (keys that come
//! twice, numbers that do not fit, escapes), in whichever language they are written. Given up: a file that somebody formats anew is refused.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    bad_file::{BadFile, FileName},
    beacon::{self, CHAIN, Signature},
    protocol::{self, Entries, Secret, Seed},
};
use crate::domain::ids::{DrawId, Leaf, Sha256Hex};

/// Bytes that a file of JSON may have.
pub const MAX_BYTES: usize = 1_000_000;
/// Prizes that a draw may have.
pub const MAX_PRIZES: usize = 1_000;
/// Reserves that a draw may have.
pub const MAX_RESERVES: u16 = 1_000;
/// The least time from the freeze to the draw: the digest of the entries must be public before the beacon's value exists.
pub const LEAD: SignedDuration = SignedDuration::from_mins(5);
/// Hours after which an observer may take a beacon's place, if the announcement says so.
pub const OBSERVER_AFTER_HOURS: u16 = 24;

/// The one algorithm that there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Algorithm {
    /// See [`protocol`].
    #[serde(rename = "tkdraw1")]
    Tkdraw1,
}

/// A prize.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prize {
    /// What it is.
    pub title: String,
    /// Who gives it.
    pub sponsor: Option<String>,
}

/// Where the value comes from that nobody knows before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "lowercase", deny_unknown_fields)]
pub enum Source {
    /// From one round of a beacon.
    Beacon {
        /// The beacon's chain: [`CHAIN`].
        chain: Sha256Hex,
        /// The round: the first one at or after the time of the draw.
        round: u64,
        /// Hours after the time of the draw from which on an observer may take the beacon's place: [`OBSERVER_AFTER_HOURS`]. `None` if
        /// nobody may.
        observer_after_hours: Option<u16>,
    },
    /// From a sentence that an independent person says.
    Observer {},
}

/// `commit.json`: what is said before a draw opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Announcement {
    /// The protocol.
    pub algorithm: Algorithm,
    /// The draw.
    pub draw: DrawId,
    /// Its name for people.
    pub name: String,
    /// The prizes in their order: the first of the ranking gets the first one.
    pub prizes: Vec<Prize>,
    /// How many of the ranking follow the winners as reserves.
    pub reserves: u16,
    /// The first instant at which nobody can enter any more.
    #[serde(with = "seconds")]
    pub freezes_at: Timestamp,
    /// When it is drawn.
    #[serde(with = "seconds")]
    pub draws_at: Timestamp,
    /// Who may win, in words.
    pub eligibility: String,
    /// Where the value comes from that nobody knows yet.
    pub source: Source,
    /// The commitment to the secret.
    pub commit: Sha256Hex,
}

/// Where the value came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "lowercase", deny_unknown_fields)]
pub enum Drawn {
    /// From a round of the beacon.
    Beacon {
        /// The chain.
        chain: Sha256Hex,
        /// The round.
        round: u64,
        /// The chain's signature of the round, of which the value is the digest.
        signature: Signature,
    },
    /// From a person.
    Observer {
        /// Their name.
        observer: String,
        /// What they said; the value is the digest of it in UTF-8.
        sentence: String,
    },
}

impl Drawn {
    /// The value: SHA-256 of the signature, or of the sentence.
    pub fn randomness(&self) -> Sha256Hex {
        match self {
            Self::Beacon { signature, .. } => signature.randomness(),
            Self::Observer { sentence, .. } => Sha256Hex::digest(sentence.as_bytes()),
        }
    }
}

/// `beacon.json`: the value that nobody knew before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beacon {
    /// The draw.
    pub draw: DrawId,
    /// Where the value comes from.
    pub source: Drawn,
    /// The value.
    pub randomness: Sha256Hex,
}

/// `result.json`: who won, with everything that it follows from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// The protocol.
    pub algorithm: Algorithm,
    /// The draw.
    pub draw: DrawId,
    /// The commitment that was announced.
    pub commit: Sha256Hex,
    /// How many entries there were.
    pub entries: usize,
    /// The digest of the list of entries.
    pub entries_sha256: Sha256Hex,
    /// The secret.
    pub secret: Secret,
    /// The beacon's value.
    pub randomness: Sha256Hex,
    /// What the ranking follows from.
    pub seed: Sha256Hex,
    /// Who won, in the order of the prizes. Fewer than prizes if there were fewer entries.
    pub winners: Vec<Leaf>,
    /// The next ones of the ranking. Fewer than announced if there were fewer entries.
    pub reserves: Vec<Leaf>,
}

impl Announcement {
    /// Reads `commit.json`.
    ///
    /// # Errors
    /// No JSON, another form than the one that is written, and whatever [`Announcement::check`] refuses.
    pub fn parse(file: &[u8]) -> Result<Self, BadFile> {
        let announcement: Self = read(FileName::Commit, file)?;
        announcement.is_allowed()?;
        Ok(announcement)
    }

    /// Whether it can be announced.
    ///
    /// # Errors
    /// No prizes or too many, too many reserves, less than [`LEAD`] between freeze and draw, another chain than [`CHAIN`], another round
    /// than the one of the time of the draw, another wait for the observer than [`OBSERVER_AFTER_HOURS`], or a file that nobody could read
    /// again, since it is too long or its times are no whole seconds: the first that is wrong.
    pub fn check(&self) -> Result<(), BadFile> {
        self.is_allowed()?;
        reads_back(FileName::Commit, self)
    }

    fn is_allowed(&self) -> Result<(), BadFile> {
        let bad = |what: String| Err(BadFile::new(FileName::Commit, &what));
        if !(1..=MAX_PRIZES).contains(&self.prizes.len()) {
            return bad(format!("prizes has {}; expected 1 to {MAX_PRIZES}", self.prizes.len()));
        }
        if self.reserves > MAX_RESERVES {
            return bad(format!("reserves is {}; expected 0 to {MAX_RESERVES}", self.reserves));
        }
        if self.draws_at.duration_since(self.freezes_at) < LEAD {
            let minutes = LEAD.as_mins();
            return bad(format!("draws_at is {}; expected at least {minutes} minutes after freezes_at", self.draws_at));
        }
        match &self.source {
            Source::Beacon { chain, .. } if chain.as_str() != CHAIN => {
                bad(format!("source.chain is {chain}; expected quicknet, {CHAIN}"))
            }
            Source::Beacon { round, .. } if Some(*round) != beacon::round_at(self.draws_at) => {
                let expected = beacon::round_at(self.draws_at)
                    .map_or("a time of the draw after the beacon's first round".to_owned(), |round| round.to_string());
                bad(format!("source.round is {round}; expected {expected}: the first at or after draws_at"))
            }
            Source::Beacon { observer_after_hours: Some(hours), .. } if *hours != OBSERVER_AFTER_HOURS => {
                bad(format!("source.observer_after_hours is {hours}; expected {OBSERVER_AFTER_HOURS} or null"))
            }
            Source::Beacon { .. } | Source::Observer {} => Ok(()),
        }
    }

    /// The file.
    pub fn to_text(&self) -> String {
        write(self)
    }
}

impl Beacon {
    /// The value of `draw` that comes from `source`.
    pub fn new(draw: DrawId, source: Drawn) -> Self {
        Self { draw, randomness: source.randomness(), source }
    }

    /// Whether it can be published.
    ///
    /// # Errors
    /// A file that nobody could read again: an observer's sentence is too long.
    pub fn check(&self) -> Result<(), BadFile> {
        reads_back(FileName::Beacon, self)
    }

    /// Reads `beacon.json`.
    ///
    /// # Errors
    /// No JSON, or another form than the one that is written. What it says is not checked.
    pub fn parse(file: &[u8]) -> Result<Self, BadFile> {
        read(FileName::Beacon, file)
    }

    /// The file.
    pub fn to_text(&self) -> String {
        write(self)
    }
}

impl Outcome {
    /// What follows from the announcement, the entries, the secret and the beacon's value. Whether secret and commitment, and value and
    /// beacon, belong together is not checked.
    pub fn new(announcement: &Announcement, entries: &Entries, secret: &Secret, randomness: &Sha256Hex) -> Self {
        let (draw, digest) = (announcement.draw.clone(), entries.sha256());
        let seed = Seed::derive(&draw, &digest, secret, randomness);
        let mut ranking = protocol::rank(entries, seed).into_iter();
        let winners: Vec<Leaf> = ranking.by_ref().take(announcement.prizes.len()).collect();
        Self {
            algorithm: Algorithm::Tkdraw1,
            draw,
            commit: announcement.commit.clone(),
            entries: entries.leaves().len(),
            entries_sha256: digest,
            secret: secret.clone(),
            randomness: randomness.clone(),
            seed: seed.hex(),
            winners,
            reserves: ranking.take(announcement.reserves.into()).collect(),
        }
    }

    /// Reads `result.json`.
    ///
    /// # Errors
    /// No JSON, or another form than the one that is written. What it says is not checked.
    pub fn parse(file: &[u8]) -> Result<Self, BadFile> {
        read(FileName::Result, file)
    }

    /// The file.
    pub fn to_text(&self) -> String {
        write(self)
    }
}

/// JSON as a public file has it.
fn write(value: &impl Serialize) -> String {
    // Nothing of these types can fail to be written: no maps with other keys than text, no numbers but integers.
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

/// Passes if the file of a value is read as that value. A public file is written once: one that is refused could never be mended.
fn reads_back<T: Serialize + DeserializeOwned + PartialEq>(name: FileName, value: &T) -> Result<(), BadFile> {
    if read::<T>(name, write(value).as_bytes())? == *value {
        return Ok(());
    }
    Err(BadFile::new(name, "it would not be read as it is written: expected times of whole seconds"))
}

fn read<T: Serialize + DeserializeOwned>(name: FileName, file: &[u8]) -> Result<T, BadFile> {
    let bad = |what: String| BadFile::new(name, &what);
    if file.len() > MAX_BYTES {
        return Err(bad(format!("{} bytes; at most {MAX_BYTES} are allowed", file.len())));
    }
    let text = str::from_utf8(file).map_err(|_| bad("it is not text in UTF-8".to_owned()))?;
    let mut json = serde_json::Deserializer::from_str(text);
    let value: T = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let field = error.path().to_string();
        let inner = error.into_inner();
        bad(if field == "." { inner.to_string() } else { format!("{field}: {inner}") })
    })?;
    json.end().map_err(|error| bad(error.to_string()))?;
    let written = write(&value);
    if written != text {
        let same =
            written.split_inclusive('\n').zip(text.split_inclusive('\n')).take_while(|(one, other)| one == other);
        let line = same.count();
        let of =
            |text: &str| -> String { text.split_inclusive('\n').nth(line).unwrap_or("").chars().take(120).collect() };
        let (got, expected) = (of(text), of(&written));
        return Err(bad(format!("line {} is {got:?}; expected {expected:?}, exactly as it is written", line + 1)));
    }
    Ok(value)
}

/// For serde: an instant as RFC 3339 in UTC to the second, such as `2027-03-05T12:00:00Z`, of the years 2000 to 2199.
mod seconds {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    const YEARS: std::ops::Range<i64> = 946_684_800..7_258_118_400;

    pub fn serialize<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&format_args!("{at:.0}"))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        let text = String::deserialize(from)?;
        let at = text.parse::<Timestamp>().ok().filter(|at| YEARS.contains(&at.as_second()));
        at.filter(|at| at.subsec_nanosecond() == 0)
            .ok_or_else(|| D::Error::custom(format!("{text:?} is not an instant such as 2027-03-05T12:00:00Z")))
    }
}
