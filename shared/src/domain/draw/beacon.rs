//! drand's chain *quicknet*: which round has which time, and whether a signature is the chain's signature of a round.
//!
//! A network of some twenty organisations signs the number of each round, every three seconds, with a key of which each has a share. Nobody
//! can compute a signature before enough of them have signed, and there is exactly one for each round: the chain cannot choose.
//! <https://docs.drand.love/docs/specification>
//!
//! Decision: `bls12_381` by the Zcash developers does the arithmetic. It is pure Rust, MIT or Apache-2.0, and brings three crates that we did
//! not have. `drand-verify` would be one ready call, but its last release is of 2023, and it brings 17 crates, eight of them second versions
//! (`ff`, `group`, `digest`, `sha2` and others); `ark-bls12-381` brings 17 with an older `rand`; `blst` is C and assembler. The crate's own
//! `expand_message_xmd` wants an older `sha2`, so that one function of RFC 9380 is ours. Given up: an audit, which the crate has not had; it
//! computes with public values only, and published rounds and the standard's vectors are its tests. It is pinned, because hashing to the
//! curve is behind its feature `experimental`. One verification takes 20 ms without optimisation, and 2 ms with it.

use std::fmt;

use bls12_381::{
    G1Affine, G1Projective, G2Affine,
    hash_to_curve::{HashToField, MapToCurve},
    pairing,
};
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use sha2::{Digest, Sha256};

use crate::domain::ids::{BadId, Sha256Hex};

/// The chain's hash, by which drand names it. <https://api.drand.sh/52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971/info>
pub const CHAIN: &str = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971";
/// The chain's public key: a point of G2, compressed. The test checks that the chain's hash follows from it.
const PUBLIC_KEY: [u8; 96] = [
    0x83, 0xcf, 0x0f, 0x28, 0x96, 0xad, 0xee, 0x7e, 0xb8, 0xb5, 0xf0, 0x1f, 0xca, 0xd3, 0x91, 0x22, 0x12, 0xc4, 0x37,
    0xe0, 0x07, 0x3e, 0x91, 0x1f, 0xb9, 0x00, 0x22, 0xd3, 0xe7, 0x60, 0x18, 0x3c, 0x8c, 0x4b, 0x45, 0x0b, 0x6a, 0x0a,
    0x6c, 0x3a, 0xc6, 0xa5, 0x77, 0x6a, 0x2d, 0x10, 0x64, 0x51, 0x0d, 0x1f, 0xec, 0x75, 0x8c, 0x92, 0x1c, 0xc2, 0x2b,
    0x0e, 0x17, 0xe6, 0x3a, 0xaf, 0x4b, 0xcb, 0x5e, 0xd6, 0x63, 0x04, 0xde, 0x9c, 0xf8, 0x09, 0xbd, 0x27, 0x4c, 0xa7,
    0x3b, 0xab, 0x4a, 0xf5, 0xa6, 0xe9, 0xc7, 0x6a, 0x4b, 0xc0, 0x9e, 0x76, 0xea, 0xe8, 0x99, 0x1e, 0xf5, 0xec, 0xe4,
    0x5a,
];
/// When round 1 was, in seconds since 1970.
const GENESIS_SECOND: i64 = 1_692_803_367;
/// Seconds from one round to the next.
const PERIOD_SECONDS: i64 = 3;
/// The domain of the scheme `bls-unchained-g1-rfc9380`. <https://docs.drand.love/docs/cryptography>
const DOMAIN: &[u8] = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_";

/// The first round at or after an instant. `None` before the chain's first one.
pub fn round_at(at: Timestamp) -> Option<u64> {
    let up = i64::from(at.subsec_nanosecond() > 0);
    let seconds = at.as_second() + up - GENESIS_SECOND;
    let round = seconds.checked_add(PERIOD_SECONDS - 1)?.div_euclid(PERIOD_SECONDS) + 1;
    u64::try_from(round).ok().filter(|round| *round > 0)
}

/// When a round comes. `None` if there is no such round, or it is beyond the calendar.
pub fn time_of(round: u64) -> Option<Timestamp> {
    let rounds = i64::try_from(round).ok()?.checked_sub(1).filter(|rounds| *rounds >= 0)?;
    Timestamp::from_second(rounds.checked_mul(PERIOD_SECONDS)?.checked_add(GENESIS_SECOND)?).ok()
}

/// A round in the form of the beacon's relays, of which further fields are ignored. <https://docs.drand.love/dev-guide/developer/http-api>
#[derive(Clone, Debug, Deserialize)]
pub struct RelayRound {
    /// The round.
    pub round: u64,
    /// Its signature.
    pub signature: Signature,
}

/// A signature of a round: a point of G1, compressed to 48 bytes, written as 96 lower-case hexadecimal digits. Whether it is a point is
/// found out by [`verify`].
#[derive(Clone, PartialEq, Eq)]
pub struct Signature([u8; 48]);

impl Signature {
    /// The round's value.
    pub fn randomness(&self) -> Sha256Hex {
        Sha256Hex::digest(&self.0)
    }
}

impl std::str::FromStr for Signature {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        let bytes = HEXLOWER.decode(text.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or(BadId { expected: "a signature of 96 digits of 0-9 and a-f" })
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({self})")
    }
}

impl Serialize for Signature {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Signature {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

/// Why a round is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotBelieved {
    /// It is of another chain.
    #[error("it is of the chain {got}; expected quicknet, {CHAIN}")]
    Chain {
        /// The chain.
        got: Sha256Hex,
    },
    /// It is another round.
    #[error("it is round {got}; expected round {expected}, which was announced")]
    Round {
        /// The round that was announced.
        expected: u64,
        /// The round that came.
        got: u64,
    },
    /// The value is not the digest of the signature.
    #[error("the randomness is {got}; expected {expected}, the SHA-256 of the signature")]
    Randomness {
        /// The digest of the signature.
        expected: Sha256Hex,
        /// The value that came.
        got: Sha256Hex,
    },
    /// The signature is written in another form than the one that each point has.
    #[error("the signature is not a point of the curve in its compressed form")]
    NotAPoint,
    /// The signature is the point at infinity.
    #[error("the signature is the point at infinity, which signs nothing")]
    Infinity,
    /// The signature is a point, but not one that a key can make.
    #[error("the signature is a point of the curve outside of the subgroup of signatures")]
    Subgroup,
    /// The signature is that of another round or of another key.
    #[error("the signature is not quicknet's signature of round {round}")]
    Signature {
        /// The round.
        round: u64,
    },
}

/// Whether `signature` is the chain's signature of `round`.
///
/// # Errors
/// [`NotBelieved::NotAPoint`], [`NotBelieved::Infinity`], [`NotBelieved::Subgroup`] and [`NotBelieved::Signature`].
pub fn verify(round: u64, signature: &Signature) -> Result<(), NotBelieved> {
    verify_with(&PUBLIC_KEY, round, signature)
}

fn verify_with(key: &[u8; 96], round: u64, signature: &Signature) -> Result<(), NotBelieved> {
    let point: Option<G1Affine> = G1Affine::from_compressed_unchecked(&signature.0).into();
    let point = point.ok_or(NotBelieved::NotAPoint)?;
    if bool::from(point.is_identity()) {
        return Err(NotBelieved::Infinity);
    }
    if !bool::from(point.is_torsion_free()) {
        return Err(NotBelieved::Subgroup);
    }
    let key: Option<G2Affine> = G2Affine::from_compressed(key).into();
    let valid = key.is_some_and(|key| {
        let message = G1Affine::from(hashed(&Sha256::digest(round.to_be_bytes())));
        pairing(&point, &G2Affine::generator()) == pairing(&message, &key)
    });
    if valid { Ok(()) } else { Err(NotBelieved::Signature { round }) }
}

/// A message as a point of G1: `hash_to_curve` of the suite `BLS12381G1_XMD:SHA-256_SSWU_RO_`. (RFC 9380, 8.8.1)
fn hashed(message: &[u8]) -> G1Projective {
    type Field = <G1Projective as MapToCurve>::Field;
    let bytes = expanded(message, DOMAIN);
    let (first, second) = bytes.split_at(64);
    let point = |bytes: &[u8]| G1Projective::map_to_curve(&Field::from_okm(bytes.into()));
    (point(first) + point(second)).clear_h()
}

/// 128 bytes that look like chance and follow from a message: `expand_message_xmd` with SHA-256. (RFC 9380, 5.3.1)
fn expanded(message: &[u8], domain: &[u8]) -> [u8; 128] {
    // The length of a domain is one byte: see the constant.
    let domain_length = [u8::try_from(domain.len()).unwrap_or(u8::MAX)];
    let tagged = |hash: Sha256| -> [u8; 32] { hash.chain_update(domain).chain_update(domain_length).finalize().into() };
    let block = Sha256::new().chain_update([0; 64]);
    let start = tagged(block.chain_update(message).chain_update([0, 128, 0]));
    let mut bytes = [0; 128];
    let mut before = [0; 32];
    for (number, chunk) in (1_u8..).zip(bytes.chunks_exact_mut(32)) {
        for (byte, start) in before.iter_mut().zip(start) {
            *byte ^= start;
        }
        before = tagged(Sha256::new().chain_update(before).chain_update([number]));
        chunk.copy_from_slice(&before);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use bls12_381::Scalar;

    use super::*;

    /// Rounds with their signatures, and one with its value, as they were published by others: the first three by Ideal Labs' pallet
    /// for drand (`crates/…/drand` of `ideal-lab5/idn-sdk`), the last one by `drand-verify`'s Python interface (its README).
    const ROUNDS: [(u64, &str); 4] = [
        (1_000, "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39"),
        (1_001, "b33bf3667cbd5a82de3a24b4e0e9fe5513cc1a0e840368c6e31f5fcfa79bea03f73896b25883abf2853d10337fb8fa41"),
        (1_002, "ab066f9c12dd6de1336fca0f925192fb0c72a771c3e4c82ede1fd362c1a770f9eb05843c6308ce2530b53a99c0281a6e"),
        (657_413, "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b"),
    ];

    fn signature(text: &str) -> Signature {
        text.parse().unwrap()
    }

    #[test]
    fn published_rounds_are_believed() {
        for (round, text) in ROUNDS {
            assert_eq!(verify(round, &signature(text)), Ok(()), "{round}");
        }
        let values = [
            (ROUNDS[0].1, "fe290beca10872ef2fb164d2aa4442de4566183ec51c56ff3cd603d930e54fdd"),
            (ROUNDS[3].1, "fc1873a13f3545aeade8401532ef5519920652eee6b0d2b19ca12643b87b3587"),
        ];
        for (text, value) in values {
            assert_eq!(signature(text).randomness().as_str(), value);
        }
    }

    /// drand hashes the period, the time of the first round, the public key, the hash of the group and the name of the chain.
    /// (`common/chain/info.go` of drand/drand)
    #[test]
    fn the_chains_hash_follows_from_its_key_and_its_times() {
        let group = HEXLOWER.decode(b"f477d5c89f21a17c863a7f937c6a6d15859414d2be09cd448d4279af331c5d3e").unwrap();
        let hash = Sha256::new()
            .chain_update(u32::try_from(PERIOD_SECONDS).unwrap().to_be_bytes())
            .chain_update(GENESIS_SECOND.to_be_bytes())
            .chain_update(PUBLIC_KEY)
            .chain_update(group)
            .chain_update(b"quicknet");
        assert_eq!(HEXLOWER.encode(&hash.finalize()), CHAIN);
    }

    /// RFC 9380, appendix K.1, the message "abc" with 128 bytes.
    #[test]
    fn messages_are_expanded_as_the_standard_says() {
        let bytes = expanded(b"abc", b"QUUX-V01-CS02-with-expander-SHA256-128");
        assert_eq!(
            HEXLOWER.encode(&bytes),
            "abba86a6129e366fc877aab32fc4ffc70120d8996c88aee2fe4b32d6c7b6437a647e6c3163d40b76a73cf6a5674ef1d890f95b664ee0afa535\
             9a5c4e07985635bbecbac65d747d3d2da7ec2b8221b17b0ca9dc8a1ac1c07ea6a1e60583e2cb00058e77b7b72a298425cd1b941ad4ec65e8af\
             c50303a22c0f99b0509b4c895f40"
        );
    }

    #[test]
    fn a_signature_of_another_round_or_of_another_key_is_refused() {
        let of = |round, text| verify(round, &signature(text)).unwrap_err();
        assert_eq!(of(1_001, ROUNDS[0].1), NotBelieved::Signature { round: 1_001 });
        assert_eq!(of(0, ROUNDS[0].1), NotBelieved::Signature { round: 0 });
        // A chain with a key of our own signs the same message.
        let key = Scalar::from(123_456_789);
        let own = G1Affine::from(hashed(&Sha256::digest(1_000_u64.to_be_bytes())) * key).to_compressed();
        let public = G2Affine::from(G2Affine::generator() * key).to_compressed();
        assert_eq!(verify_with(&public, 1_000, &Signature(own)), Ok(()), "the key's own signature");
        assert_eq!(verify(1_000, &Signature(own)), Err(NotBelieved::Signature { round: 1_000 }));
        assert_eq!(verify_with(&public, 1_000, &signature(ROUNDS[0].1)), Err(NotBelieved::Signature { round: 1_000 }));
    }

    #[test]
    fn no_other_form_of_a_signature_is_accepted() {
        let right = signature(ROUNDS[0].1);
        let with = |change: fn(&mut [u8; 48])| {
            let mut bytes = right.0;
            change(&mut bytes);
            verify(1_000, &Signature(bytes)).unwrap_err()
        };
        // The other square root is another point: the negative one.
        assert_eq!(with(|bytes| bytes[0] ^= 0x20), NotBelieved::Signature { round: 1_000 });
        assert_eq!(with(|bytes| bytes[0] &= 0x7f), NotBelieved::NotAPoint, "not marked as compressed");
        assert_eq!(with(|bytes| bytes[0] |= 0x40), NotBelieved::NotAPoint, "marked as infinity, but it has a place");
        assert_eq!(with(|bytes| *bytes = [0xff; 48]), NotBelieved::NotAPoint);
        // Every bit counts.
        for bit in 0..384 {
            let mut bytes = right.0;
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(verify(1_000, &Signature(bytes)).is_err(), "{bit}");
        }
    }

    /// The modulus of the field is 0, written with other digits.
    #[test]
    fn a_coordinate_beyond_the_field_is_no_second_form_of_a_point() {
        let modulus =
            "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab";
        let mut bytes = signature(modulus).0;
        bytes[0] |= 0x80;
        assert_eq!(verify(1_000, &Signature(bytes)), Err(NotBelieved::NotAPoint));
        let mut zero = [0; 48];
        zero[0] = 0x80;
        // x = 0, y = 2 lies on the curve, and has order 3.
        assert_eq!(verify(1_000, &Signature(zero)), Err(NotBelieved::Subgroup));
    }

    #[test]
    fn infinity_and_points_outside_of_the_subgroup_are_refused() {
        let mut infinity = [0; 48];
        infinity[0] = 0xc0;
        assert_eq!(verify(1_000, &Signature(infinity)), Err(NotBelieved::Infinity));
        let (mut outside, mut no_point) = (0, 0);
        for x in 1..40 {
            let mut bytes = [0; 48];
            (bytes[0], bytes[47]) = (0x80, x);
            let error = verify(1_000, &Signature(bytes)).unwrap_err();
            outside += usize::from(error == NotBelieved::Subgroup);
            no_point += usize::from(error == NotBelieved::NotAPoint);
        }
        assert_eq!(outside + no_point, 39);
        assert!(outside > 10 && no_point > 10, "{outside} and {no_point}");
    }

    #[test]
    fn rounds_have_their_times() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        // https://api.drand.sh says of round 1 what the genesis is.
        assert_eq!(time_of(1), Some(at("2023-08-23T15:09:27Z")));
        assert_eq!(time_of(1_000), Some(at("2023-08-23T15:59:24Z")));
        for (text, round) in [
            ("2023-08-23T15:09:26Z", 1),
            ("2023-08-23T15:09:27Z", 1),
            ("2023-08-23T15:09:27.001Z", 2),
            ("2023-08-23T15:09:28Z", 2),
            ("2023-08-23T15:09:30Z", 2),
            ("2023-08-23T15:09:31Z", 3),
        ] {
            assert_eq!(round_at(at(text)), Some(round), "{text}");
        }
        assert_eq!(round_at(at("2023-08-23T15:09:24Z")), None);
        assert_eq!((time_of(0), time_of(u64::MAX)), (None, None));
        let noon = at("2027-03-05T12:30:00Z");
        let round = round_at(noon).unwrap();
        assert!(time_of(round).unwrap() >= noon && time_of(round - 1).unwrap() < noon);
    }
}
