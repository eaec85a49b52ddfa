//! When the schedule last did what, for the organiser's dashboard. (Patterns 23, 24)

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    fault::Fault,
    table::{MAIN, Range, Table, row},
};
use crate::domain::time::millis;

/// The partition of [`Queues`].
const QUEUES: &str = "QUEUES";

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

/// How many messages there were in the queues of the ingest when the schedule last looked, about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queues {
    /// When that was.
    #[serde(with = "millis")]
    pub at: Timestamp,
    /// Originals that wait for their renditions.
    pub waiting: u64,
    /// Messages that nobody could handle: each is a fault of ours, never a bad picture.
    pub dead_letters: u64,
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

    /// Writes down how many messages there are, in place of what was there.
    pub async fn note_queues(&self, queues: &Queues) -> Result<(), Fault> {
        self.table.put(row(QUEUES, MAIN, queues)?).await
    }

    /// How many messages there were when the schedule last looked; none where it never has.
    pub async fn queues(&self) -> Result<Option<Queues>, Fault> {
        self.table.get(QUEUES, MAIN).await
    }

    /// The last run of each task that has ever run.
    pub async fn all(&self) -> Result<Vec<Run>, Fault> {
        self.table.query_all("RUN", Range::All).await
    }
}
