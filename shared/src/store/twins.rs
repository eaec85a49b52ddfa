//! The pictures that two people must agree to show, so that they are recognised when they are sent again. (Pattern 32)
//!
//! Decision: all are in one partition, which is read whole and consistently: fingerprints are near if they differ in few bits, wherever
//! those are, and no key finds all of them. There are as many rows as photos that were confirmed to show a child or were quarantined within
//! [`limits::BLOCK_DAYS`](crate::domain::limits::BLOCK_DAYS): a day has a few, and 25 of them are one read unit.

use jiff::Timestamp;

use super::{
    fault::Fault,
    table::{Item, Range, Table, key, row},
};
use crate::domain::{
    fingerprint::Fingerprint,
    photo::Photo,
    twin::{Protection, Twin},
};

/// The partition of all protections.
const PARTITION: &str = "TWO";

/// The pictures that two people must agree to show.
#[derive(Clone, Debug)]
pub struct Twins {
    table: Table,
}

impl Twins {
    /// Returns a handle to the protections in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone() }
    }

    /// Returns all protections; some may have ended.
    pub async fn all(&self) -> Result<Vec<Protection>, Fault> {
        self.table.query_all(PARTITION, Range::All).await
    }

    /// Returns the twin that `photo`, whose renditions have `fingerprint`, has at `now`. `None` if it has none.
    pub async fn of(
        &self,
        photo: &Photo,
        fingerprint: Option<Fingerprint>,
        now: Timestamp,
    ) -> Result<Option<Twin>, Fault> {
        Ok(Twin::new(photo, fingerprint, &self.all().await?, now))
    }
}

/// The row of a protection.
pub(super) fn item(protection: &Protection) -> Result<Item, Fault> {
    row(PARTITION, &sort_key(protection), protection)
}

/// The key of that row.
pub(super) fn item_key(protection: &Protection) -> Item {
    key(PARTITION, &sort_key(protection))
}

/// A photo that is covered after it was protected has two fingerprints, each with a row.
fn sort_key(protection: &Protection) -> String {
    match protection.fingerprint {
        Some(fingerprint) => format!("{}#{fingerprint}", protection.id),
        None => format!("{}#", protection.id),
    }
}
