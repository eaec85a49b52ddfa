//! The arithmetic of the protocol `tkdraw1`: from tickets, a secret and a beacon's value to a ranking.
//!
//! Every hash is SHA-256. What is hashed is text in ASCII, and every part of it but the last has a fixed length or no colon in it, so that
//! no two inputs give the same text.
//!
//! Decision: integers below a bound are taken by rejection, not by a plain remainder, although the bias of a remainder of 64 bits could not
//! be measured. "Without bias" is a sentence that needs no estimate.

use std::fmt;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use sha2::{Digest, Sha256};

use super::bad_file::{BadFile, FileName};
use crate::domain::ids::{BadId, DrawId, Leaf, Sha256Hex, Ticket};

/// The protocol's name, with which every hash begins.
pub const ALGORITHM: &str = "tkdraw1";

/// The most entries that one draw may have. Its list has 65 bytes for each.
pub const MAX_ENTRIES: usize = 100_000;

/// Bytes of one line of the list of entries: the leaf's digits and LF.
const LINE_BYTES: usize = 65;

/// The secret of a draw: 32 random bytes, written as 64 lower-case hexadecimal digits. It is published with the result; until then
/// `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; 32]);

impl Secret {
    /// Makes a secret from 256 random bits.
    pub fn from_bits(bits: [u8; 32]) -> Self {
        Self(bits)
    }

    /// The secret as it is published, once the draw is over.
    pub fn reveal(&self) -> String {
        HEXLOWER.encode(&self.0)
    }
}

impl std::str::FromStr for Secret {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        let bytes = HEXLOWER.decode(text.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or(BadId { expected: "64 digits of 0-9 and a-f" })
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.reveal())
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

/// The organiser's commitment to a secret: it is published before the draw opens.
pub fn commitment(draw: &DrawId, secret: &Secret) -> Sha256Hex {
    Sha256Hex::digest(format!("{ALGORITHM}:commit:{draw}:{}", secret.reveal()).as_bytes())
}

/// What stands for a ticket in the list of entries.
pub fn leaf(draw: &DrawId, ticket: &Ticket) -> Leaf {
    leaf_of_text(draw, ticket.as_str())
}

fn leaf_of_text(draw: &DrawId, ticket: &str) -> Leaf {
    Leaf::from_digest(&Sha256::digest(format!("{ALGORITHM}:leaf:{draw}:{ticket}")).into())
}

/// The entries of a draw as they are published: leaves in ascending order, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entries(Vec<Leaf>);

impl Entries {
    /// The entries with these leaves, in any order. A leaf that comes twice is one entry.
    ///
    /// # Errors
    /// More than [`MAX_ENTRIES`].
    pub fn from_leaves(leaves: impl IntoIterator<Item = Leaf>) -> Result<Self, BadFile> {
        let mut leaves: Vec<Leaf> = leaves.into_iter().collect();
        leaves.sort_unstable();
        leaves.dedup();
        bounded(leaves.len())?;
        Ok(Self(leaves))
    }

    /// Reads the file of entries. Only what [`Entries::to_text`] writes is accepted: one list of entries has one form and one digest.
    ///
    /// # Errors
    /// More than [`MAX_ENTRIES`], a line that is no leaf, a leaf that is not greater than the one before it, no LF at the end. Each names
    /// the line.
    pub fn parse(file: &[u8]) -> Result<Self, BadFile> {
        bounded(file.len() / LINE_BYTES)?;
        let mut leaves: Vec<Leaf> = Vec::with_capacity(file.len() / LINE_BYTES);
        for (number, line) in (1..).zip(file.chunks(LINE_BYTES)) {
            let leaf: Option<Leaf> =
                line.strip_suffix(b"\n").and_then(|line| str::from_utf8(line).ok()).and_then(|line| line.parse().ok());
            let Some(leaf) = leaf else {
                let got = String::from_utf8_lossy(line);
                return Err(entries(&format!(
                    "line {number} is {:?}; expected 64 digits of 0-9 and a-f, then LF",
                    got.chars().take(80).collect::<String>()
                )));
            };
            if leaves.last().is_some_and(|before| *before >= leaf) {
                return Err(entries(&format!("line {number} is not greater than the line before it")));
            }
            leaves.push(leaf);
        }
        Ok(Self(leaves))
    }

    /// The file of entries: each leaf, in ascending order, followed by LF. It is empty if there are no entries.
    pub fn to_text(&self) -> String {
        self.0.iter().flat_map(|leaf| [leaf.as_str(), "\n"]).collect()
    }

    /// The digest of the file of entries.
    pub fn sha256(&self) -> Sha256Hex {
        Sha256Hex::digest(self.to_text().as_bytes())
    }

    /// The leaves in ascending order.
    pub fn leaves(&self) -> &[Leaf] {
        &self.0
    }

    /// Whether a leaf stands in the list.
    pub fn contains(&self, leaf: &Leaf) -> bool {
        self.0.binary_search(leaf).is_ok()
    }
}

fn bounded(count: usize) -> Result<(), BadFile> {
    if count > MAX_ENTRIES {
        return Err(entries(&format!("{count} entries; at most {MAX_ENTRIES} are allowed")));
    }
    Ok(())
}

fn entries(what: &str) -> BadFile {
    BadFile::new(FileName::Entries, what)
}

/// What a ranking follows from. Written as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed([u8; 32]);

impl Seed {
    /// The seed of a draw: `randomness` is the beacon's value, the digest of an observer's sentence included.
    pub fn derive(draw: &DrawId, entries: &Sha256Hex, secret: &Secret, randomness: &Sha256Hex) -> Self {
        let text = format!("{ALGORITHM}:seed:{draw}:{entries}:{}:{randomness}", secret.reveal());
        Self(Sha256::digest(text).into())
    }

    /// The seed as text.
    pub fn hex(&self) -> Sha256Hex {
        Sha256Hex::from_digest(&self.0)
    }
}

/// Integers below a bound, without bias, from blocks of SHA-256 over the seed and a counter.
struct Stream {
    seed: Seed,
    counter: u64,
}

impl Stream {
    /// The first 8 bytes of the next block as a big-endian integer.
    fn next(&mut self) -> u64 {
        let block = Sha256::new().chain_update(self.seed.0).chain_update(self.counter.to_be_bytes()).finalize();
        self.counter += 1;
        block.iter().take(8).fold(0, |number, byte| (number << 8) | u64::from(*byte))
    }

    /// An integer below `bound`, each as likely as any other. `bound` is at least 1.
    fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX);
        loop {
            if let Some(number) = reduce(self.next(), bound) {
                return usize::try_from(number).unwrap_or(usize::MAX);
            }
        }
    }
}

/// The remainder of `number` by `bound`. `None` if `number` is not below the greatest multiple of `bound` up to 2⁶⁴, so that small
/// remainders are not more likely than others.
fn reduce(number: u64, bound: u64) -> Option<u64> {
    let multiple = (1_u128 << 64) / u128::from(bound) * u128::from(bound);
    (u128::from(number) < multiple).then(|| number % bound)
}

/// All entries in the order in which they win: Fisher and Yates' shuffle of the sorted leaves, from the last position to the second.
pub fn rank(entries: &Entries, seed: Seed) -> Vec<Leaf> {
    let mut ranking = entries.0.clone();
    let mut stream = Stream { seed, counter: 0 };
    for position in (1..ranking.len()).rev() {
        let other = stream.below(position + 1);
        ranking.swap(position, other);
    }
    ranking
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn draw() -> DrawId {
        "techognition-test-noon".parse().unwrap()
    }

    fn secret(byte: u8) -> Secret {
        Secret::from_bits([byte; 32])
    }

    fn leaves(count: usize) -> Vec<Leaf> {
        (0..count).map(|i| leaf_of_text(&draw(), &format!("ticket-{i:04}"))).collect()
    }

    /// The test vector of the protocol, which `docs/DRAW.md` prints and every implementation has.
    #[test]
    fn the_test_vector_holds() {
        let tickets = leaves(5);
        let entries = Entries::from_leaves(tickets.clone()).unwrap();
        assert_eq!(
            commitment(&draw(), &secret(0x11)).as_str(),
            "360beedf60a68fd07d0803fd68957c4f399d1717266a64967a79173bdf09c7c6"
        );
        assert_eq!(entries.sha256().as_str(), "5bc03a1e655b64ca8c569e9878514c46870eaad51f9544daa1f5d64b67cb6a3b");
        let seed = Seed::derive(&draw(), &entries.sha256(), &secret(0x11), &Sha256Hex::from_digest(&[0x22; 32]));
        assert_eq!(seed.hex().as_str(), "48370429c9e57691fbfd60a709576a77a7d7ac15d588faac664d07d84028b3ce");
        let order = [1, 2, 3, 4, 0].map(|ticket| tickets[ticket].clone());
        assert_eq!(rank(&entries, seed), order);
    }

    #[test]
    fn everything_that_goes_into_a_seed_changes_it() {
        let (entries, beacon) = (Sha256Hex::digest(b"entries"), Sha256Hex::digest(b"beacon"));
        let seed = Seed::derive(&draw(), &entries, &secret(1), &beacon);
        assert_ne!(seed, Seed::derive(&"another".parse().unwrap(), &entries, &secret(1), &beacon));
        assert_ne!(seed, Seed::derive(&draw(), &beacon, &secret(1), &beacon));
        assert_ne!(seed, Seed::derive(&draw(), &entries, &secret(2), &beacon));
        assert_ne!(seed, Seed::derive(&draw(), &entries, &secret(1), &entries));
    }

    #[test]
    fn the_list_of_entries_has_one_form() {
        let whole = Entries::from_leaves(leaves(4)).unwrap().to_text();
        let entries = Entries::parse(whole.as_bytes()).unwrap();
        assert_eq!(entries.to_text(), whole);
        assert_eq!(entries, Entries::from_leaves(leaves(4).into_iter().rev().chain(leaves(2))).unwrap(), "each once");
        assert!(entries.contains(&leaves(4)[2]) && !entries.contains(&leaves(5)[4]));
        assert_eq!(Entries::parse(b"").unwrap().leaves(), []);
        assert_eq!(Entries::default().sha256(), Sha256Hex::digest(b""));
        let lines: Vec<&str> = whole.lines().collect();
        let upper = format!("{}\n", lines[0].to_uppercase());
        for (file, expected) in [
            (whole[..whole.len() - 1].to_owned(), "line 4 is"),
            (whole.replace('\n', "\r\n"), "line 1 is"),
            (format!("{whole}\n"), "line 5 is \"\\n\""),
            (format!("{}\n{}\n", lines[1], lines[0]), "line 2 is not greater"),
            (format!("{}\n{}\n", lines[0], lines[0]), "line 2 is not greater"),
            (upper, "line 1 is"),
            (format!("\u{feff}{whole}"), "line 1 is"),
            (format!("{}\n", &lines[0][1..]), "line 1 is"),
        ] {
            let error = Entries::parse(file.as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with(&format!("entries.txt: {expected}")), "{error}");
        }
        assert!(Entries::parse(&[0xff; 65]).is_err());
    }

    #[test]
    fn there_are_not_more_entries_than_allowed() {
        let text = "0".repeat(LINE_BYTES * (MAX_ENTRIES + 1));
        let error = Entries::parse(text.as_bytes()).unwrap_err().to_string();
        assert_eq!(error, "entries.txt: 100001 entries; at most 100000 are allowed");
    }

    #[test]
    fn numbers_that_would_favour_small_remainders_are_rejected() {
        // 2^64 = 1 (mod 3) and = 1 (mod 5): the one number above the greatest multiple goes.
        for (bound, rejected) in [(3, 1), (5, 1), (1, 0), (2, 0), (1 << 63, 0)] {
            for back in 0..3 {
                assert_eq!(reduce(u64::MAX - back, bound).is_none(), back < rejected, "{bound} {back}");
            }
        }
        // Nearly half of all numbers are above the one multiple of this bound.
        let bound = (1 << 63) + 1;
        assert_eq!((reduce(bound - 1, bound), reduce(bound, bound)), (Some(bound - 1), None));
        assert_eq!(reduce(7, 5), Some(2));
    }

    #[test]
    fn a_secret_is_not_shown_before_it_is_revealed() {
        let secret = Secret::from_bits([0xab; 32]);
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        assert_eq!(secret.reveal().parse::<Secret>().unwrap(), secret);
        for bad in ["", &"AB".repeat(32), &"ab".repeat(31), &"ab".repeat(33), &"zz".repeat(32)] {
            assert!(bad.parse::<Secret>().is_err(), "{bad}");
        }
    }

    /// Each of 16 entries wins equally often: chi-square over the winners of 20,000 seeds, 15 degrees of freedom. The statistic of a fair
    /// draw is above 37.70 once in a thousand times; the seeds are fixed, so that this does not change from run to run. The same of the last
    /// place, and of what one entry gets.
    #[test]
    fn every_entry_wins_as_often_as_any_other() {
        const SEEDS: u32 = 20_000;
        const COUNT: usize = 16;
        let entries = Entries::from_leaves(leaves(COUNT)).unwrap();
        let place = |leaf: &Leaf| entries.leaves().binary_search(leaf).unwrap();
        let (mut first, mut last, mut of_one) = ([0_u32; COUNT], [0_u32; COUNT], [0_u32; COUNT]);
        for number in 0..SEEDS {
            let ranking = rank(&entries, Seed(Sha256::digest(number.to_be_bytes()).into()));
            first[place(&ranking[0])] += 1;
            last[place(&ranking[COUNT - 1])] += 1;
            of_one[ranking.iter().position(|leaf| *leaf == entries.leaves()[5]).unwrap()] += 1;
        }
        let expected = f64::from(SEEDS) / 16.0;
        for (name, counts) in [("first places", first), ("last places", last), ("places of one entry", of_one)] {
            let chi_square: f64 = counts.iter().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum();
            println!("{name}: chi-square {chi_square:.2} with 15 degrees of freedom");
            assert!(chi_square < 37.70, "{name}: {chi_square}");
            // Far too even would be as wrong: below 3.48 once in a thousand times.
            assert!(chi_square > 3.48, "{name}: {chi_square}");
        }
    }

    proptest! {
        #[test]
        fn a_ranking_has_each_entry_once(count in 0_usize..60, seed: [u8; 32]) {
            let entries = Entries::from_leaves(leaves(count)).unwrap();
            let mut ranking = rank(&entries, Seed(seed));
            ranking.sort_unstable();
            prop_assert_eq!(ranking, entries.leaves());
        }

        #[test]
        fn whatever_is_read_as_entries_is_written_as_it_was(file: Vec<u8>) {
            if let Ok(entries) = Entries::parse(&file) {
                prop_assert_eq!(entries.to_text().into_bytes(), file);
            }
        }
    }
}
