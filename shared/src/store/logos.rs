//! The files of sponsors' logos. (Pattern 41)

use data_encoding::BASE64;
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
}

impl Logos {
    /// Returns a handle to the logos in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone() }
    }

    /// Keeps a file. Repeating it is harmless.
    pub async fn put(&self, sha256: &Sha256Hex, png: &[u8]) -> Result<(), Fault> {
        self.table.put(row(PARTITION, sha256.as_str(), &Stored { png: BASE64.encode(png) })?).await
    }

    /// Returns a file; `None` if there is none with this hash.
    pub async fn get(&self, sha256: &Sha256Hex) -> Result<Option<Vec<u8>>, Fault> {
        let stored: Option<Stored> = self.table.get(PARTITION, sha256.as_str()).await?;
        let bytes = stored.map(|stored| BASE64.decode(stored.png.as_bytes())).transpose();
        bytes.map_err(|error| Fault::broken("read logo", error))
    }
}
