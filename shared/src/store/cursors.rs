//! Where sweeps that cover only a part in each run continue. (Pattern 28)

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    Fault,
    table::{Table, row},
};

/// The partition of all positions.
const PARTITION: &str = "CURSOR";

/// The positions of all sweeps.
#[derive(Clone, Debug)]
pub struct Cursors {
    table: Table,
}

#[derive(Serialize, Deserialize)]
struct Place {
    after: String,
}

impl Cursors {
    /// Returns a handle to the positions in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone() }
    }

    /// Returns where the sweep called `name` continues; `None` if it begins again.
    pub async fn get(&self, name: &str) -> Result<Option<String>, Fault> {
        Ok(self.load::<Place>(name).await?.map(|place| place.after))
    }

    /// Returns the position of a sweep whose position is more than a key.
    pub async fn load<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Fault> {
        self.table.get(PARTITION, name).await
    }

    /// Stores the position of such a sweep.
    pub async fn keep<T: Serialize>(&self, name: &str, place: &T) -> Result<(), Fault> {
        self.table.put(row(PARTITION, name, place)?).await
    }

    /// Stores where a sweep continues; with `None` it begins again.
    pub async fn put(&self, name: &str, after: Option<String>) -> Result<(), Fault> {
        match after {
            Some(after) => self.keep(name, &Place { after }).await,
            None => self.table.delete(PARTITION, name).await,
        }
    }
}
