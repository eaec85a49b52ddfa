//! Files that may not come back: those of photos that were locked away, or erased for the sake of somebody in them. (Pattern 18)
//!
//! Only the SHA-256 is kept, so that a list of what was removed can show nobody anything.

use serde::{Deserialize, Serialize};

use super::{
    Fault,
    table::{Item, Table, row},
};
use crate::domain::ids::Sha256Hex;

/// The files that are refused.
#[derive(Clone, Debug)]
pub struct Blocklist {
    table: Table,
}

/// The row of a file.
#[derive(Serialize, Deserialize)]
struct Blocked {
    sha256: Sha256Hex,
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

    /// Whether a file is refused.
    pub async fn blocks(&self, sha256: &Sha256Hex) -> Result<bool, Fault> {
        let found: Option<Blocked> = self.table.get(&partition(sha256), sha256.as_str()).await?;
        Ok(found.is_some())
    }
}

/// The row that refuses a file.
pub(super) fn item(sha256: &Sha256Hex) -> Result<Item, Fault> {
    row(&partition(sha256), sha256.as_str(), &Blocked { sha256: sha256.clone() })
}

fn partition(sha256: &Sha256Hex) -> String {
    format!("BLK#{}", sha256.as_str().get(..4).unwrap_or_default())
}
