//! Where sweeps go on that look at a part of what there is in each run. (Pattern 28)

use serde::{Deserialize, Serialize, de::DeserializeOwned};

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
        Ok(self.load::<Place>(name).await?.map(|place| place.after))
    }

    /// The same of a sweep whose place is more than a key.
    pub async fn load<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Fault> {
        self.table.get(PARTITION, name).await
    }

    /// Keeps where such a sweep goes on.
    pub async fn keep<T: Serialize>(&self, name: &str, place: &T) -> Result<(), Fault> {
        self.table.put(row(PARTITION, name, place)?).await
    }

    /// Keeps where it goes on; `None` lets it begin anew.
    pub async fn put(&self, name: &str, after: Option<String>) -> Result<(), Fault> {
        match after {
            Some(after) => self.keep(name, &Place { after }).await,
            None => self.table.delete(PARTITION, name).await,
        }
    }
}
