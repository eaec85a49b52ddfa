//! Identifiers as types: `FromStr`, `Display` and serde are the only ways in and out.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
    str::FromStr,
};

use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD, HEXLOWER};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use sha2::{Digest, Sha256};

/// The error for a malformed identifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not {expected}")]
pub struct BadId {
    /// A description of a well-formed identifier, for the reader of the error.
    pub expected: &'static str,
}

/// Declares an identifier over a checked string.
macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $expected:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// The identifier's text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                let check: fn(&str) -> bool = $check;
                if check(text) { Ok(Self(text.to_owned())) } else { Err(BadId { expected: $expected }) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                String::deserialize(from)?.parse().map_err(D::Error::custom)
            }
        }
    };
}

fn is_base32(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b))
}

fn is_slug(text: &str, longest: usize) -> bool {
    !text.is_empty()
        && text.len() <= longest
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

text_id!(
    /// Identifies a photo: 26 characters of lower-case base32 (128 bits), derived from the uploader and the client's own reference, so that
    /// a retried request finds the photo that the first one made.
    PhotoId, "26 characters of a-z and 2-7", |text| is_base32(text, 26)
);

text_id!(
    /// Identifies an uploader: the hash of the device's secret, 32 characters of lower-case base32 (160 bits).
    UploaderId, "32 characters of a-z and 2-7", |text| is_base32(text, 32)
);

text_id!(
    /// Identifies the network of a device: a keyed hash of its address, 32 characters of lower-case base32 (160 bits).
    NetworkId, "32 characters of a-z and 2-7", |text| is_base32(text, 32)
);

text_id!(
    /// Names an edition, such as `2027`: 1–32 of a–z, 0–9 and inner hyphens.
    EditionSlug, "1 to 32 characters: a-z, 0-9, and hyphens between them", |text| is_slug(text, 32)
);

text_id!(
    /// Names a discipline, such as `science`: 1–32 of a–z, 0–9 and inner hyphens.
    DisciplineSlug, "1 to 32 characters: a-z, 0-9, and hyphens between them", |text| is_slug(text, 32)
);

text_id!(
    /// A client's own name for a photo in its request: 1–64 of letters, digits, `-` and `_`.
    ClientRef, "1 to 64 letters, digits, - or _", |text| {
        (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    }
);

text_id!(
    /// The SHA-256 of a file: 64 lower-case hexadecimal digits.
    Sha256Hex, "64 digits of 0-9 and a-f", is_sha256
);

text_id!(
    /// Names a prize draw, such as `techognition-2027-noon`: 1–64 of a–z, 0–9 and inner hyphens.
    DrawId, "1 to 64 characters: a-z, 0-9, and hyphens between them", |text| is_slug(text, 64)
);

text_id!(
    /// An entrant's ticket in one draw: 26 characters of lower-case base32 (128 random bits). Only its [`Leaf`] is published.
    Ticket, "26 characters of a-z and 2-7", |text| is_base32(text, 26)
);

text_id!(
    /// The hash that stands for a ticket in the public list of entries: 64 lower-case hexadecimal digits. See [`super::draw::protocol`].
    Leaf, "64 digits of 0-9 and a-f", is_sha256
);

text_id!(
    /// A random part of a published rendition's address, new at each publication: 32 lower-case hexadecimal digits (128 bits).
    Revision, "32 digits of 0-9 and a-f", |text| text.len() == 32 && is_hex(text)
);

text_id!(
    /// Identifies a member, a key for scripts, a session or an activation code in the table and in the audit: 16 characters of base32.
    KeyId, "16 characters of a-z and 2-7", |text| is_base32(text, 16)
);

fn is_hex(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && is_hex(text)
}

impl PhotoId {
    /// Creates a photo's id from the first 128 bits of a digest. The caller makes the digest, a keyed hash of the uploader and the client's
    /// reference.
    pub fn from_digest(digest: &[u8; 32]) -> Self {
        Self(base32(&digest[..16]))
    }

    /// Returns the two hexadecimal digits that spread originals over S3's partitions.
    pub fn spread(&self) -> String {
        HEXLOWER.encode(&[self.digest_byte()])
    }

    /// Returns which of `shards` partitions the photo belongs to; always the same for a given number of shards.
    pub fn shard(&self, shards: u8) -> u8 {
        self.digest_byte() % shards.max(1)
    }

    fn digest_byte(&self) -> u8 {
        Sha256::digest(self.0.as_bytes())[0]
    }
}

impl UploaderId {
    /// Returns the id of the device that holds `secret`. The secret itself is never stored.
    pub fn from_secret(secret: &UploaderSecret) -> Self {
        Self(base32(&Sha256::digest(secret.0)[..20]))
    }

    /// Returns which of `shards` partitions the device belongs to; always the same for a given number of shards.
    pub fn shard(&self, shards: u8) -> u8 {
        Sha256::digest(self.0.as_bytes())[0] % shards.max(1)
    }

    /// Returns the id that stands for an unknown uploader; no device has it.
    pub fn nobody() -> Self {
        Self(base32(&[0; 20]))
    }
}

impl NetworkId {
    /// Creates the id from a keyed digest of a [`Network`].
    pub fn from_digest(digest: &[u8; 32]) -> Self {
        Self(base32(&digest[..20]))
    }
}

/// The network that a request comes from: an IPv4 address, which a whole school may share, or the first 64 bits of an IPv6 address, since
/// one machine can use any number of addresses within them. (RFC 6177)
///
/// It is personal data: it is never logged, and stored only as a hash, such as its [`NetworkId`].
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Network(Option<IpAddr>);

impl Network {
    /// Returns the network of an address given as text. All texts that are not addresses give the same network.
    pub fn from_address(address: &str) -> Self {
        let address = address.trim().trim_matches(['[', ']']).parse::<IpAddr>().ok();
        Self(address.map(|address| match address.to_canonical() {
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
            address @ IpAddr::V4(_) => address,
        }))
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(IpAddr::V4(address)) => write!(f, "{address}"),
            Some(IpAddr::V6(network)) => write!(f, "{network}/64"),
            None => f.write_str("no address"),
        }
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Network(…)")
    }
}

impl Sha256Hex {
    /// Returns the hash of `bytes`.
    pub fn digest(bytes: &[u8]) -> Self {
        Self(HEXLOWER.encode(&Sha256::digest(bytes)))
    }

    /// Creates a hash from its 32 bytes.
    pub(super) fn from_digest(digest: &[u8; 32]) -> Self {
        Self(HEXLOWER.encode(digest))
    }

    /// Returns the hash as standard base64, the form of S3's checksum header.
    pub fn base64(&self) -> String {
        let bytes = HEXLOWER.decode(self.0.as_bytes()).unwrap_or_default();
        data_encoding::BASE64.encode(&bytes)
    }
}

impl Revision {
    /// Makes a revision from 128 random bits.
    pub fn from_bits(bits: [u8; 16]) -> Self {
        Self(HEXLOWER.encode(&bits))
    }
}

impl Ticket {
    /// Makes a ticket from 128 random bits.
    pub fn from_bits(bits: [u8; 16]) -> Self {
        Self(base32(&bits))
    }
}

impl Leaf {
    /// Makes a leaf from a digest.
    pub(super) fn from_digest(digest: &[u8; 32]) -> Self {
        Self(HEXLOWER.encode(digest))
    }
}

impl KeyId {
    /// Makes a key's id from 80 random bits.
    pub fn from_bits(bits: [u8; 10]) -> Self {
        Self(base32(&bits))
    }
}

/// The device's secret: 32 random bytes, sent as base64url. Never logged, never stored: `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct UploaderSecret([u8; 32]);

impl FromStr for UploaderSecret {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        BASE64URL_NOPAD
            .decode(text.trim_end_matches('=').as_bytes())
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .map(Self)
            .ok_or(BadId { expected: "32 bytes as base64url (43 characters)" })
    }
}

impl fmt::Debug for UploaderSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UploaderSecret(…)")
    }
}

fn base32(bytes: &[u8]) -> String {
    BASE32_NOPAD.encode(bytes).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_an_address_or_what_one_machine_may_have_of_them() {
        let network = |address: &str| Network::from_address(address).to_string();
        assert_eq!(network(" 192.0.2.1 "), "192.0.2.1");
        assert_eq!(network("[2001:db8:1:2:3:4:5:6]"), "2001:db8:1:2::/64");
        assert_eq!(network("::ffff:192.0.2.1"), "192.0.2.1");
        assert_eq!(network("somewhere"), "no address");
    }

    #[test]
    fn an_identifier_comes_back_as_it_went_out() {
        let id = PhotoId::from_digest(&[7; 32]);
        assert_eq!(id.to_string().parse(), Ok(id.clone()));
        assert_eq!(serde_json::to_string(&id).unwrap(), format!("\"{id}\""));
        assert_eq!(id.spread().len(), 2);
    }

    #[test]
    fn text_that_is_no_identifier_is_refused() {
        for bad in
            ["", "../etc/passwd", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "a", "abcdefghijklmnopqrstuvwxy1", "ééééééééééééé"]
        {
            assert!(bad.parse::<PhotoId>().is_err(), "{bad}");
        }
        for bad in ["-a", "a-", "A", "ä", "", "a_b"] {
            assert!(bad.parse::<EditionSlug>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_secret_is_never_shown() {
        let secret: UploaderSecret = BASE64URL_NOPAD.encode(&[9; 32]).parse().unwrap();
        assert_eq!(format!("{secret:?}"), "UploaderSecret(…)");
        assert_eq!(UploaderId::from_secret(&secret).as_str().len(), 32);
        assert!("c2hvcnQ".parse::<UploaderSecret>().is_err());
    }

    #[test]
    fn a_machine_with_a_whole_ipv6_network_is_one_network_and_a_mapped_address_is_what_it_maps() {
        let same = |one, other| Network::from_address(one) == Network::from_address(other);
        assert!(same("2001:db8:1:2::1", "2001:db8:1:2:ffff::9") && same("[2001:db8:1:2::1]", "2001:db8:1:2::5"));
        assert!(!same("2001:db8:1:2::1", "2001:db8:1:3::1") && !same("192.0.2.1", "192.0.2.2"));
        assert!(same("::ffff:192.0.2.1", "192.0.2.1"));
        assert!(!same("", "192.0.2.1"));
        assert_eq!(format!("{:?}", Network::from_address("192.0.2.1")), "Network(…)", "addresses are not for logs");
    }

    #[test]
    fn a_hash_has_the_form_of_the_checksum_header() {
        assert_eq!(Sha256Hex::digest(b"").base64(), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    }
}
