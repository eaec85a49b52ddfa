//! The last runs of scheduled tasks, for the organiser's dashboard. (Patterns 23, 24)

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
    /// The task's name.
    pub task: String,
    /// When the run ended.
    #[serde(with = "millis")]
    pub at: Timestamp,
    /// The figures that the run reported, by name.
    pub did: BTreeMap<String, u64>,
}

/// The approximate number of messages in the ingest queues when the schedule last checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queues {
    /// When it checked.
    #[serde(with = "millis")]
    pub at: Timestamp,
    /// Originals that wait for their renditions.
    pub waiting: u64,
    /// Messages that could not be handled: each is a fault of ours, never a bad picture.
    pub dead_letters: u64,
}

/// The last run of each task.
#[derive(Clone, Debug)]
pub struct TaskRuns {
    table: Table,
}

impl TaskRuns {
    /// Returns a handle to the runs in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone() }
    }

    /// Records a run in place of the task's previous one.
    pub async fn note(&self, run: &Run) -> Result<(), Fault> {
        self.table.put(row("RUN", &run.task, run)?).await
    }

    /// Records the number of messages in place of the previous one.
    pub async fn note_queues(&self, queues: &Queues) -> Result<(), Fault> {
        self.table.put(row(QUEUES, MAIN, queues)?).await
    }

    /// Returns the number of messages when the schedule last checked; `None` if it never has.
    pub async fn queues(&self) -> Result<Option<Queues>, Fault> {
        self.table.get(QUEUES, MAIN).await
    }

    /// Returns the last run of each task that has ever run.
    pub async fn all(&self) -> Result<Vec<Run>, Fault> {
        self.table.query_all("RUN", Range::All).await
    }
}
