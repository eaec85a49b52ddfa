//! Perceptual hashes of 64 bits: photos of the same scene have fingerprints that differ in few bits.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use super::ids::BadId;

/// A perceptual hash: 64 bits, each of which says whether one pattern of luma is above or below the median of all 64. As text, in rows and
/// on the wire, it is 16 lower-case hexadecimal digits.
///
/// The same picture in another size, quality or format changes a few bits; a different picture changes about half of them. A rotated or
/// mirrored picture counts as a different one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(u64);

impl Fingerprint {
    /// The most bits in which copies of a photo in other sizes, qualities and brightness differ. Two unrelated pictures are this near by
    /// chance in one of 10⁸ pairs (the binomial distribution of 64 bits).
    pub const NEAR: u32 = 10;

    /// Creates a fingerprint from these bits.
    pub fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// Returns the number of bits in which two fingerprints differ (the Hamming distance), 0 to 64.
    pub fn distance(self, other: Self) -> u32 {
        (self.0 ^ other.0).count_ones()
    }

    /// Whether the fingerprint can tell pictures apart. A picture without structure, in whose fingerprint nearly all bits are equal, looks
    /// like every other such picture.
    pub fn tells_something(self) -> bool {
        (6..=58).contains(&self.0.count_ones())
    }

    /// Whether two pictures are likely to show the same scene.
    pub fn is_near(self, other: Self) -> bool {
        self.distance(other) <= Self::NEAR
    }
}

impl FromStr for Fingerprint {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        let bad = BadId { expected: "16 digits of 0-9 and a-f" };
        let digits = text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if text.len() != 16 || !digits {
            return Err(bad);
        }
        u64::from_str_radix(text, 16).map(Self).map_err(|_| bad)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_comes_back_as_it_went_out_and_nothing_else_is_one() {
        let one = Fingerprint::from_bits(0x00C0_FFEE_0000_0001);
        assert_eq!(one.to_string(), "00c0ffee00000001");
        assert_eq!(serde_json::from_str::<Fingerprint>(&serde_json::to_string(&one).unwrap()).unwrap(), one);
        for bad in ["", "00c0ffee0000001", "00C0FFEE00000001", "+0c0ffee00000001", "00c0ffee000000001", "ééééeeee"]
        {
            assert!(bad.parse::<Fingerprint>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_distance_counts_the_bits_that_differ() {
        let at = Fingerprint::from_bits;
        assert_eq!(at(0).distance(at(0)), 0);
        assert_eq!(at(0).distance(at(u64::MAX)), 64);
        assert_eq!(at(0b1011).distance(at(0b0110)), 3);
        assert!(at(0).is_near(at((1 << 10) - 1)));
        assert!(!at(0).is_near(at((1 << 11) - 1)));
    }

    #[test]
    fn a_picture_without_structure_says_nothing() {
        for (bits, says) in [(0, false), (1, false), (0b11_1111, true), (!0b11_1111, true), (u64::MAX, false)] {
            assert_eq!(Fingerprint::from_bits(bits).tells_something(), says, "{bits:b}");
        }
    }
}
