//! Where sweeps go on that look at a part of what there is in each run. (Pattern 28)

use serde::{Deserialize, Serialize};

use super::{
    Fault,
    table::{Table, row},
};

/// The partition of all places.
const PARTITION: &str = "CURSOR";

/// The places of all sweeps.
#[derive(Clone, Debug)]
pub struct Cursors {
    table: Table,
}

#[derive(Serialize, Deserialize)]
struct Place {
    after: String,
}

impl Cursors {
    /// The places in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone() }
    }

    /// Where the sweep called `name` goes on; `None` if it begins anew.
    pub async fn get(&self, name: &str) -> Result<Option<String>, Fault> {
        Ok(self.table.get::<Place>(PARTITION, name).await?.map(|place| place.after))
    }

    /// Keeps where it goes on; `None` lets it begin anew.
    pub async fn put(&self, name: &str, after: Option<String>) -> Result<(), Fault> {
        match after {
            Some(after) => self.table.put(row(PARTITION, name, &Place { after })?).await,
            None => self.table.delete(PARTITION, name).await,
        }
    }
}
