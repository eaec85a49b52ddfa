//! The blocklist: removed files, which are recognised when they are uploaded again. (Pattern 18)
//!
//! Only the SHA-256 is stored, so the list itself reveals nothing of what was removed. A quarantined photo has a row of its own here, which
//! is deleted when the photo is released; the file stays blocked as long as it has another row.

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

/// The blocklist of removed files.
#[derive(Clone, Debug)]
pub struct Blocklist {
    table: Table,
}

/// Why a file is on the blocklist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocked {
    /// The file may not come back: it was quarantined, or erased at the request of a person in it.
    ForGood,
    /// A moderator removed it within the last [`limits::BLOCK_DAYS`] days; moderators see a hint.
    Lately,
}

/// The row of a file. A row without a `ttl` is permanent.
#[derive(Serialize, Deserialize)]
struct Removed {
    sha256: Sha256Hex,
    /// The end of the row's life, in seconds since 1970.
    #[serde(default)]
    ttl: Option<i64>,
}

impl Blocklist {
    /// Returns a handle to the blocklist in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone() }
    }

    /// Blocks a file permanently. Repeating it is harmless.
    pub async fn block(&self, sha256: &Sha256Hex) -> Result<(), Fault> {
        self.table.put(row(&partition(sha256), sha256.as_str(), &Removed::for_good(sha256))?).await
    }

    /// Records a file that a moderator removed at `now`, unless it has a row already.
    pub async fn remember(&self, sha256: &Sha256Hex, now: Timestamp) -> Result<(), Fault> {
        let ttl = Some((now + SignedDuration::from_hours(24 * limits::BLOCK_DAYS)).as_second());
        let removed = Removed { sha256: sha256.clone(), ttl };
        self.table.put_new(row(&partition(sha256), sha256.as_str(), &removed)?).await.map(drop)
    }

    /// Returns why a file is on the blocklist at `now`; `None` if it is not.
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

/// Returns the row by which one photo blocks its file.
pub(super) fn item(sha256: &Sha256Hex, photo: &PhotoId) -> Result<Item, Fault> {
    row(&partition(sha256), &sort_key(sha256, photo), &Removed::for_good(sha256))
}

/// Returns the key of that row.
pub(super) fn item_key(sha256: &Sha256Hex, photo: &PhotoId) -> Item {
    key(&partition(sha256), &sort_key(sha256, photo))
}

fn sort_key(sha256: &Sha256Hex, photo: &PhotoId) -> String {
    format!("{sha256}#{photo}")
}

fn partition(sha256: &Sha256Hex) -> String {
    format!("BLK#{}", sha256.as_str().get(..4).unwrap_or_default())
}
