//! Files that were removed, so that they are known when they come again. (Pattern 18)
//!
//! Only the SHA-256 is kept, so that a list of what was removed can show nobody anything.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    Fault,
    table::{Item, Table, row},
};
use crate::domain::{ids::Sha256Hex, limits};

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
        self.table.put(item(sha256)?).await
    }

    /// Remembers a file that a moderator removed at `now`, unless it is known already.
    pub async fn remember(&self, sha256: &Sha256Hex, now: Timestamp) -> Result<(), Fault> {
        let ttl = Some((now + SignedDuration::from_hours(24 * limits::BLOCK_DAYS)).as_second());
        let removed = Removed { sha256: sha256.clone(), ttl };
        self.table.put_new(row(&partition(sha256), sha256.as_str(), &removed)?).await.map(drop)
    }

    /// What is known of a file at `now`; none where it may come.
    pub async fn find(&self, sha256: &Sha256Hex, now: Timestamp) -> Result<Option<Blocked>, Fault> {
        let found: Option<Removed> = self.table.get(&partition(sha256), sha256.as_str()).await?;
        Ok(match found {
            None => None,
            Some(Removed { ttl: None, .. }) => Some(Blocked::ForGood),
            Some(Removed { ttl: Some(ttl), .. }) => (ttl > now.as_second()).then_some(Blocked::Lately),
        })
    }
}

/// The row that refuses a file for good.
pub(super) fn item(sha256: &Sha256Hex) -> Result<Item, Fault> {
    row(&partition(sha256), sha256.as_str(), &Removed { sha256: sha256.clone(), ttl: None })
}

fn partition(sha256: &Sha256Hex) -> String {
    format!("BLK#{}", sha256.as_str().get(..4).unwrap_or_default())
}
