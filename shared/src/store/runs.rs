//! When the schedule last did what, for the organiser's dashboard. (Pattern 24)

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    fault::Fault,
    table::{Range, Table, row},
};
use crate::domain::time::millis;

/// The last run of one task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The task.
    pub task: String,
    /// When it ended.
    #[serde(with = "millis")]
    pub at: Timestamp,
    /// What it did, by name.
    pub did: BTreeMap<String, u64>,
}

/// The last run of each task.
#[derive(Clone, Debug)]
pub struct Runs {
    table: Table,
}

impl Runs {
    /// The runs in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone() }
    }

    /// Writes a run down in place of the one before.
    pub async fn note(&self, run: &Run) -> Result<(), Fault> {
        self.table.put(row("RUN", &run.task, run)?).await
    }

    /// The last run of each task that has ever run.
    pub async fn all(&self) -> Result<Vec<Run>, Fault> {
        self.table.query_all("RUN", Range::All).await
    }
}
