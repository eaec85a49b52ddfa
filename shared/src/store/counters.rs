//! The counters of an edition, which are spread over shards. (Pattern 7)

use std::collections::{BTreeMap, HashMap};

use super::{
    Fault,
    photos::counter_pk,
    table::{MAIN, SHARDS, Table},
};
use crate::domain::ids::EditionSlug;

/// The counters of all editions.
#[derive(Clone, Debug)]
pub struct Counters {
    table: Table,
}

impl Counters {
    /// Returns a handle to the counters in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone() }
    }

    /// Returns one counter's total; see [`crate::domain::change::counted`] for the names.
    pub async fn total(&self, edition: &EditionSlug, name: &str) -> Result<i64, Fault> {
        Ok(self.all(edition).await?.get(name).copied().unwrap_or_default())
    }

    /// Returns all counters of an edition, summed over the shards.
    pub async fn all(&self, edition: &EditionSlug) -> Result<BTreeMap<String, i64>, Fault> {
        let keys: Vec<_> = (0..SHARDS).map(|shard| (counter_pk(edition, shard), MAIN.to_owned())).collect();
        let rows: Vec<HashMap<String, serde_json::Value>> = self.table.get_many(&keys).await?;
        let mut totals = BTreeMap::new();
        for (name, n) in rows.into_iter().flatten().filter_map(|(name, value)| Some((name, value.as_i64()?))) {
            *totals.entry(name).or_default() += n;
        }
        Ok(totals)
    }
}
