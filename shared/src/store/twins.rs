//! The pictures that two people must agree to show, so that they are known when they are sent again. (Pattern 32)
//!
//! Decision: they stand in one partition, which is read whole, and consistently: a near look is one whose fingerprint differs in few bits,
//! wherever they are, and no key finds them all. There are as many rows as photos that were confirmed to show a child or were locked
//! away within [`limits::BLOCK_DAYS`](crate::domain::limits::BLOCK_DAYS): a day has some, and 25 of them are one read unit.

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

/// Where they stand.
const PARTITION: &str = "TWO";

/// The pictures that two people must agree to show.
#[derive(Clone, Debug)]
pub struct Twins {
    table: Table,
}

impl Twins {
    /// Those in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone() }
    }

    /// All of them; some may have ended.
    pub async fn all(&self) -> Result<Vec<Protection>, Fault> {
        self.table.query_all(PARTITION, Range::All).await
    }

    /// The twin among them, at `now`, of `photo`, whose renditions look like `fingerprint`. `None` if it has none.
    pub async fn of(
        &self,
        photo: &Photo,
        fingerprint: Option<Fingerprint>,
        now: Timestamp,
    ) -> Result<Option<Twin>, Fault> {
        Ok(Twin::of(photo, fingerprint, &self.all().await?, now))
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

/// A photo that is covered after it was protected has two looks, each with a row.
fn sort_key(protection: &Protection) -> String {
    match protection.fingerprint {
        Some(fingerprint) => format!("{}#{fingerprint}", protection.id),
        None => format!("{}#", protection.id),
    }
}
