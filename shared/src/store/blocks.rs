//! What was removed, so that it is noticed when it comes again; and photos that look alike. (Pattern 23)
//!
//! A perceptual hash of 64 bits is kept under each of its four bands of 16: two hashes that differ in at most three bits share one
//! band at least, and most that differ in a few more do. So look-alikes are found by four reads, however many photos there are.

use futures::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    fault::Fault,
    table::{MAIN, Range, Table, row},
};
use crate::domain::{
    fingerprint::Fingerprint,
    ids::{EditionSlug, PhotoId, Sha256Hex},
    limits,
};

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Hashed {
    id: PhotoId,
    fingerprint: Fingerprint,
    #[serde(default)]
    ttl: Option<i64>,
}

#[derive(Serialize, Deserialize)]
struct Blocked {
    ttl: i64,
}

/// Removed photos, and photos that look alike.
#[derive(Clone, Debug)]
pub struct Blocks {
    table: Table,
}

impl Blocks {
    /// What `table` knows of them.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone() }
    }

    /// Remembers a photo that was removed by a moderator, for [`limits::BLOCK_DAYS`].
    pub async fn block(
        &self,
        id: &PhotoId,
        sha256: Option<&Sha256Hex>,
        fingerprint: Option<Fingerprint>,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let ttl = (now + SignedDuration::from_hours(24 * limits::BLOCK_DAYS)).as_second();
        if let Some(sha256) = sha256 {
            self.table.put(row(&format!("BLK#{sha256}"), MAIN, &Blocked { ttl })?).await?;
        }
        let Some(fingerprint) = fingerprint else { return Ok(()) };
        let hashed = Hashed { id: id.clone(), fingerprint, ttl: Some(ttl) };
        for band in bands(fingerprint) {
            self.table.put(row(&format!("BLK#{band}"), id.as_str(), &hashed)?).await?;
        }
        Ok(())
    }

    /// Whether these bytes, or a picture that looks like this one, were removed lately.
    pub async fn is_blocked(
        &self,
        sha256: Option<&Sha256Hex>,
        fingerprint: Option<Fingerprint>,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        if let Some(sha256) = sha256 {
            let blocked: Option<Blocked> = self.table.get(&format!("BLK#{sha256}"), MAIN).await?;
            if blocked.is_some_and(|blocked| blocked.ttl > now.as_second()) {
                return Ok(true);
            }
        }
        let Some(fingerprint) = fingerprint else { return Ok(false) };
        let found = self.alike("BLK", fingerprint).await?;
        Ok(found.into_iter().any(|hashed| hashed.ttl.is_some_and(|ttl| ttl > now.as_second())))
    }

    /// Remembers what a photo looks like.
    pub async fn note(&self, edition: &EditionSlug, id: &PhotoId, fingerprint: Fingerprint) -> Result<(), Fault> {
        let hashed = Hashed { id: id.clone(), fingerprint, ttl: None };
        let rows = bands(fingerprint)
            .iter()
            .map(|band| row(&format!("LIKE#{edition}#{band}"), id.as_str(), &hashed))
            .collect::<Result<Vec<_>, _>>()?;
        try_join_all(rows.into_iter().map(|row| self.table.put(row))).await.map(drop)
    }

    /// Other photos of the edition that look like this one.
    pub async fn look_alikes(
        &self,
        edition: &EditionSlug,
        id: &PhotoId,
        fingerprint: Fingerprint,
    ) -> Result<Vec<PhotoId>, Fault> {
        let found = self.alike(&format!("LIKE#{edition}"), fingerprint).await?;
        let mut ids: Vec<PhotoId> = found.into_iter().map(|hashed| hashed.id).filter(|other| other != id).collect();
        ids.sort();
        ids.dedup();
        Ok(ids)
    }

    async fn alike(&self, partition: &str, fingerprint: Fingerprint) -> Result<Vec<Hashed>, Fault> {
        let bands = bands(fingerprint);
        let reads = bands.iter().map(|band| {
            let pk = format!("{partition}#{band}");
            async move { self.table.query_all::<Hashed>(&pk, Range::All).await }
        });
        let found = try_join_all(reads).await?.into_iter().flatten();
        Ok(found.filter(|hashed| hashed.fingerprint.is_near(fingerprint)).collect())
    }
}

/// The four bands of a fingerprint; none where it says nothing: a picture without any structure looks like every other such picture.
fn bands(fingerprint: Fingerprint) -> Vec<String> {
    let digits = fingerprint.to_string();
    let ones: u32 = digits.chars().filter_map(|digit| digit.to_digit(16)).map(u32::count_ones).sum();
    if !(6..=58).contains(&ones) {
        return Vec::new();
    }
    (0..4).filter_map(|band| Some(format!("{band}#{}", digits.get(4 * band..4 * band + 4)?))).collect()
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
