//! Videos: what a row knows of one beside what it knows of every photo, and the parts in which its file is uploaded. The rules for
//! registering one are in [`video_request`](super::video_request), and its objects in [`originals`](super::originals).
//!
//! Decision: a video is a photo of another [`Kind`](super::states::Kind), with the same row, states, moves and feeds. Its file comes in
//! parts, and each part is an ordinary object that is written once through a presigned address, as a photo's file is. So no guarantee of
//! the storage has to be shown anew, and an upload that breaks off loses one part at most. Given up: that the file is complete is known
//! only after a listing.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::{ids::Sha256Hex, limits};

/// What a video's row knows of it beside what every photo's row knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Video {
    /// The longest that it may be, in seconds, as its edition said when it was registered.
    pub limit_s: u8,
    /// Whether its sound is kept.
    pub sound: bool,
    /// The words for what is heard; empty if the sound is not kept.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub transcript: String,
    /// The hashes of the parts of its file, in order; empty once its renditions are made.
    #[serde(default, skip_serializing_if = "PartHashes::is_empty")]
    pub parts: PartHashes,
}

/// The files that were made of a video beside the renditions of one of its pictures. All are in the folder of its renditions under review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Film {
    /// How long it is, in milliseconds.
    pub duration_ms: u32,
    /// Size of [`FILM_NAME`] under review in bytes. It has the sound if that is kept.
    pub bytes: u64,
    /// Size of [`SILENT_NAME`] in bytes; `None` if there is no sound, so that the film is silent anyway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silent_bytes: Option<u64>,
}

/// The name of the video's file, under review and where the public can fetch it.
pub const FILM_NAME: &str = "film.mp4";
/// The name, under review only, of the same video without its sound.
pub const SILENT_NAME: &str = "silent.mp4";
/// The name, under review only, of the picture on which a moderator sees the video at a glance.
pub const SHEET_NAME: &str = "sheet.jpg";

/// The hashes of a file's parts, in order. Stored as base64 of all their bytes, since hexadecimal digits would be half as long again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartHashes(Vec<Sha256Hex>);

/// One part of a video's file, as a client registers it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PartSpec {
    /// The exact size of the part in bytes: `limits.video_part_bytes` of the event, or less for the last part.
    #[schema(format = "uint64")]
    pub size_bytes: u64,
    /// The SHA-256 of the part in lower-case hexadecimal.
    #[schema(value_type = String, pattern = "^[0-9a-f]{64}$")]
    pub sha256: Sha256Hex,
}

impl PartHashes {
    /// Returns the hashes, in order.
    pub fn hashes(&self) -> impl Iterator<Item = &Sha256Hex> {
        self.0.iter()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the hash by which the whole file is known: SHA-256 over the bytes of its parts' hashes, in order. A browser can compute it
    /// without reading the whole file at once.
    pub fn whole(&self) -> Sha256Hex {
        Sha256Hex::from_digest(&Sha256::digest(self.bytes()).into())
    }

    fn bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|hash| HEXLOWER.decode(hash.as_str().as_bytes()).unwrap_or_default()).collect()
    }
}

impl FromIterator<Sha256Hex> for PartHashes {
    fn from_iter<I: IntoIterator<Item = Sha256Hex>>(hashes: I) -> Self {
        Self(hashes.into_iter().collect())
    }
}

impl Serialize for PartHashes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64URL_NOPAD.encode(&self.bytes()))
    }
}

impl<'de> Deserialize<'de> for PartHashes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(D::Error::custom)?;
        let (hashes, rest) = bytes.as_chunks::<32>();
        if !rest.is_empty() {
            return Err(D::Error::custom("the hashes of parts have 32 bytes each"));
        }
        Ok(hashes.iter().map(Sha256Hex::from_digest).collect())
    }
}

/// Returns the number of parts of a file of this size.
pub(super) fn count(size_bytes: u64) -> u64 {
    size_bytes.div_ceil(limits::VIDEO_PART_BYTES)
}

/// Returns the size of one part of a file of this size.
pub(super) fn part_bytes(size_bytes: u64, number: u8) -> u64 {
    size_bytes.saturating_sub(u64::from(number) * limits::VIDEO_PART_BYTES).min(limits::VIDEO_PART_BYTES)
}
