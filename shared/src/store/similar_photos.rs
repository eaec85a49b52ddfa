//! Fingerprints of photos, so that copies are recognised, above all copies of a removed photo. (Pattern 11)
//!
//! A fingerprint of 64 bits is stored under each of its four bands of 16 bits: two fingerprints that differ in at most three bits share at
//! least one band, and most that differ in a few more do, too. So look-alikes are found by four reads, however many photos there are. They
//! are hints for the moderator, and therefore read with eventual consistency.
//!
//! Decision: only the first [`limits::ALIKE_ROWS`] rows of each band are read: sending thousands of pictures of the same motif must not
//! make every look at one of them read all the others. Removed photos come first in their bands. Only moderators' decisions put a row
//! there, so no flood pushes one out of the part that is read.

use futures::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    fault::Fault,
    table::{Table, row},
};
use crate::domain::{
    fingerprint::Fingerprint,
    ids::{EditionSlug, PhotoId},
    limits,
    photo::Photo,
};

/// The row of a photo in one band.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Look {
    id: PhotoId,
    edition: EditionSlug,
    fingerprint: Fingerprint,
    /// The end of the row's life in seconds since 1970, for a photo that a moderator removed; `None` for any other.
    #[serde(default)]
    ttl: Option<i64>,
}

/// The photos that look like one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The ids of other photos of its edition. Some may have been deleted since.
    pub photos: Vec<PhotoId>,
    /// Whether a moderator removed one of them within the last [`limits::BLOCK_DAYS`] days, in any edition.
    pub removed: bool,
}

/// The fingerprints of all photos.
#[derive(Clone, Debug)]
pub struct SimilarPhotos {
    table: Table,
}

impl SimilarPhotos {
    /// Returns a handle to the fingerprints in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone() }
    }

    /// Stores a photo's fingerprint. Repeating it is harmless, and so is a row without a photo.
    pub async fn note(&self, photo: &Photo, fingerprint: Fingerprint) -> Result<(), Fault> {
        self.put(photo, fingerprint, None).await
    }

    /// Records for [`limits::BLOCK_DAYS`] days that a moderator removed a photo at `now`.
    pub async fn note_removed(&self, photo: &Photo, fingerprint: Fingerprint, now: Timestamp) -> Result<(), Fault> {
        let ttl = (now + SignedDuration::from_hours(24 * limits::BLOCK_DAYS)).as_second();
        self.put(photo, fingerprint, Some(ttl)).await?;
        self.delete(fingerprint, &sort_key(photo)).await
    }

    /// Deletes a photo's fingerprint.
    pub async fn forget(&self, photo: &Photo, fingerprint: Fingerprint) -> Result<(), Fault> {
        self.delete(fingerprint, &sort_key(photo)).await?;
        self.delete(fingerprint, &removed_key(photo)).await
    }

    async fn delete(&self, fingerprint: Fingerprint, sk: &str) -> Result<(), Fault> {
        let bands = bands(fingerprint);
        try_join_all(bands.iter().map(|band| self.table.delete(band, sk))).await.map(drop)
    }

    /// Returns the photos that look like `photo`, which has this fingerprint, at `now`.
    pub async fn find(&self, photo: &Photo, fingerprint: Fingerprint, now: Timestamp) -> Result<Found, Fault> {
        let bands = bands(fingerprint);
        let reads = bands.iter().map(|band| self.table.query_first::<Look>(band, limits::ALIKE_ROWS));
        let looks = try_join_all(reads).await?.into_iter().flatten();
        let mut found = Found::default();
        for look in looks.filter(|look| look.id != photo.id && look.fingerprint.is_near(fingerprint)) {
            match look.ttl {
                Some(ttl) => found.removed |= ttl > now.as_second(),
                None if look.edition == photo.edition => found.photos.push(look.id),
                None => {}
            }
        }
        found.photos.sort();
        found.photos.dedup();
        Ok(found)
    }

    async fn put(&self, photo: &Photo, fingerprint: Fingerprint, ttl: Option<i64>) -> Result<(), Fault> {
        let look = Look { id: photo.id.clone(), edition: photo.edition.clone(), fingerprint, ttl };
        let sk = if ttl.is_some() { removed_key(photo) } else { sort_key(photo) };
        let rows = bands(fingerprint).iter().map(|band| row(band, &sk, &look)).collect::<Result<Vec<_>, _>>()?;
        try_join_all(rows.into_iter().map(|row| self.table.put(row))).await.map(drop)
    }
}

fn sort_key(photo: &Photo) -> String {
    photo.id.to_string()
}

/// The sort key of a removed photo, which sorts before all others.
fn removed_key(photo: &Photo) -> String {
    format!("!{}", photo.id)
}

/// Returns the partitions of a fingerprint's four bands. Empty if the fingerprint cannot tell pictures apart: a picture without structure
/// looks like every other such picture.
fn bands(fingerprint: Fingerprint) -> Vec<String> {
    if !fingerprint.tells_something() {
        return Vec::new();
    }
    let digits = fingerprint.to_string();
    (0..4).filter_map(|band| Some(format!("LIKE#{band}#{}", digits.get(4 * band..4 * band + 4)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_that_differ_in_three_bits_share_a_band() {
        let one = 0x0f1e_2d3c_4b5a_6978_u64;
        for (a, b, c) in [(0, 1, 2), (0, 17, 33), (15, 31, 47), (5, 20, 63)] {
            let other = bands(Fingerprint::from_bits(one ^ (1 << a) ^ (1 << b) ^ (1 << c)));
            assert!(bands(Fingerprint::from_bits(one)).iter().any(|band| other.contains(band)), "{a} {b} {c}");
        }
    }

    #[test]
    fn what_says_nothing_is_like_nothing() {
        for nothing in [0, u64::MAX, 1] {
            assert_eq!(bands(Fingerprint::from_bits(nothing)), Vec::<String>::new(), "{nothing}");
        }
    }
}
