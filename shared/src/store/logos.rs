//! The files of sponsors' logos. (Pattern 41)

use data_encoding::BASE64;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    Fault,
    table::{Table, row},
};
use crate::domain::ids::Sha256Hex;

// Not `LOGO`: what a function may read is told by how a partition begins, and `LOG` is the activity log.
const PARTITION: &str = "SPONSOR";

/// The files of logos, by their hashes.
#[derive(Clone, Debug)]
pub struct Logos {
    table: Table,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    /// The file in base64.
    png: String,
    /// When the table deletes it, in seconds since 1970; `None` while the logo is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ttl: Option<i64>,
}

/// How long a file is kept after its logo was replaced or removed: screens and copies of pages name it for some time.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

impl Logos {
    /// Returns a handle to the logos in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone() }
    }

    /// Keeps a file until [`Self::retire`]. Repeating it is harmless, and keeps a file that was retired.
    pub async fn put(&self, sha256: &Sha256Hex, png: &[u8]) -> Result<(), Fault> {
        self.table.put(row(PARTITION, sha256.as_str(), &Stored { png: BASE64.encode(png), ttl: None })?).await
    }

    /// Has the table delete a file a day from now: its logo is shown no more. Without such a file nothing happens.
    pub async fn retire(&self, sha256: &Sha256Hex, now: Timestamp) -> Result<(), Fault> {
        let Some(stored) = self.table.get::<Stored>(PARTITION, sha256.as_str()).await? else { return Ok(()) };
        let ttl = Some((now + KEPT).as_second());
        self.table.put(row(PARTITION, sha256.as_str(), &Stored { ttl, ..stored })?).await
    }

    /// Returns a file; `None` if there is none with this hash.
    pub async fn get(&self, sha256: &Sha256Hex) -> Result<Option<Vec<u8>>, Fault> {
        let stored: Option<Stored> = self.table.get(PARTITION, sha256.as_str()).await?;
        let bytes = stored.map(|stored| BASE64.decode(stored.png.as_bytes())).transpose();
        bytes.map_err(|error| Fault::broken("read logo", error))
    }
}
