//! Files that were removed, so that they are known when they come again. (Pattern 18)
//!
//! Only the SHA-256 is kept, so that a list of what was removed can show nobody anything. A photo that is locked away has a row of its own
//! here, which ends when it is let out; the file stays out as long as there is another row.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    Fault,
    table::{Item, Range, Table, key, row},
};
use crate::domain::{
    ids::{PhotoId, Sha256Hex},
    limits,
};

/// The files that were removed.
#[derive(Clone, Debug)]
pub struct Blocklist {
    table: Table,
}

/// What is known of a file that was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocked {
    /// It may not come back: it was locked away, or erased for the sake of somebody in it.
    ForGood,
    /// A moderator removed it within the last [`limits::BLOCK_DAYS`] days: whoever decides is told.
    Lately,
}

/// The row of a file. One without an end of its life is there for good.
#[derive(Serialize, Deserialize)]
struct Removed {
    sha256: Sha256Hex,
    /// Unix seconds.
    #[serde(default)]
    ttl: Option<i64>,
}

impl Blocklist {
    /// The list in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone() }
    }

    /// Refuses a file from now on. Twice does no harm.
    pub async fn block(&self, sha256: &Sha256Hex) -> Result<(), Fault> {
        self.table.put(row(&partition(sha256), sha256.as_str(), &Removed::for_good(sha256))?).await
    }

    /// Remembers a file that a moderator removed at `now`, unless it is known already.
    pub async fn remember(&self, sha256: &Sha256Hex, now: Timestamp) -> Result<(), Fault> {
        let ttl = Some((now + SignedDuration::from_hours(24 * limits::BLOCK_DAYS)).as_second());
        let removed = Removed { sha256: sha256.clone(), ttl };
        self.table.put_new(row(&partition(sha256), sha256.as_str(), &removed)?).await.map(drop)
    }

    /// What is known of a file at `now`; `None` if it may come.
    pub async fn find(&self, sha256: &Sha256Hex, now: Timestamp) -> Result<Option<Blocked>, Fault> {
        let found: Vec<Removed> = self.table.query_all(&partition(sha256), Range::Prefix(sha256.as_str())).await?;
        let lately = |removed: &Removed| removed.ttl.is_some_and(|ttl| ttl > now.as_second());
        Ok(if found.iter().any(|removed| removed.ttl.is_none()) {
            Some(Blocked::ForGood)
        } else {
            found.iter().any(lately).then_some(Blocked::Lately)
        })
    }
}

impl Removed {
    fn for_good(sha256: &Sha256Hex) -> Self {
        Self { sha256: sha256.clone(), ttl: None }
    }
}

/// The row by which one photo keeps its file out.
pub(super) fn item(sha256: &Sha256Hex, photo: &PhotoId) -> Result<Item, Fault> {
    row(&partition(sha256), &sort_key(sha256, photo), &Removed::for_good(sha256))
}

/// The key of that row.
pub(super) fn item_key(sha256: &Sha256Hex, photo: &PhotoId) -> Item {
    key(&partition(sha256), &sort_key(sha256, photo))
}

fn sort_key(sha256: &Sha256Hex, photo: &PhotoId) -> String {
    format!("{sha256}#{photo}")
}

fn partition(sha256: &Sha256Hex) -> String {
    format!("BLK#{}", sha256.as_str().get(..4).unwrap_or_default())
}
