//! New ids and secrets: the only place that requests random bits from the operating system.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::domain::ids::{ClientRef, KeyId, Network, NetworkId, PhotoId, Revision, UploaderId};

/// Makes ids. Holds the key from which photo ids are derived, so that outsiders cannot tell whose photo an id belongs to.
#[derive(Clone)]
pub struct Ids {
    photo_key: [u8; 32],
}

impl Ids {
    /// Creates a maker of ids that are derived under `photo_key`, which all functions of one installation share.
    pub fn new(photo_key: [u8; 32]) -> Self {
        Self { photo_key }
    }

    /// Returns the id of the photo that `uploader` calls `reference`: always the same one.
    pub fn photo(&self, uploader: &UploaderId, reference: &ClientRef) -> PhotoId {
        PhotoId::from_digest(&self.digest(&[uploader.as_str().as_bytes(), b"\0", reference.as_str().as_bytes()]))
    }

    /// Returns the id of a network. Without the key the network cannot be found, although there are few enough addresses to try them all.
    pub fn network(&self, network: &Network) -> NetworkId {
        NetworkId::from_digest(&self.digest(&[b"network\0", network.to_string().as_bytes()]))
    }

    fn digest(&self, parts: &[&[u8]]) -> [u8; 32] {
        // HMAC accepts a key of any length, so this cannot fail; and a photo's id of zeros would be refused as taken.
        Hmac::<Sha256>::new_from_slice(&self.photo_key).map_or([0; 32], |mut hmac| {
            for part in parts {
                hmac.update(part);
            }
            hmac.finalize().into_bytes().into()
        })
    }
}

impl std::fmt::Debug for Ids {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ids(…)")
    }
}

/// Returns a new revision of 128 random bits.
pub fn revision() -> Revision {
    Revision::from_bits(random())
}

/// Returns a new key's id of 80 random bits.
pub fn key_id() -> KeyId {
    KeyId::from_bits(random())
}

/// Returns an id for one request or one task in the logs: 16 hexadecimal digits.
pub fn request() -> String {
    HEXLOWER.encode(&random::<8>())
}

/// Returns a reference that a reporter can quote: ten letters and digits that are not mistaken for one another when read aloud.
pub fn reference() -> String {
    const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let letters: String = random::<10>().iter().map(|byte| char::from(LETTERS[usize::from(byte & 31)])).collect();
    let (first, second) = letters.split_at(5);
    format!("{first}-{second}")
}

/// Returns a new secret of 256 random bits, as base64url.
pub fn secret() -> String {
    BASE64URL_NOPAD.encode(&random::<32>())
}

/// Returns random bytes from the operating system.
///
/// # Panics
/// If the operating system provides none: nothing safe could be made then.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if let Err(error) = getrandom::fill(&mut bytes) {
        panic!("the operating system gives no random bytes: {error}");
    }
    bytes
}

/// Returns a random number below `limit`, for jitter; never for secrets.
pub fn jitter(limit: u64) -> u64 {
    u64::from_le_bytes(random()) % limit.max(1)
}
