//! What people asked of the organisers about their own data: to see it, or to have it erased. (Pattern 19)
//!
//! The record says that it was done, when and about which photo. It has nothing of the photo and nothing of who asked.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Fault,
    table::{Range, Table, row, sortable},
};
use crate::domain::{ids::PhotoId, time::millis};

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Asked {
    /// To see everything that is kept.
    Access,
    /// To have it erased.
    Erasure,
}

/// One request that was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// What was asked for.
    pub asked: Asked,
    /// About which photo.
    pub photo: PhotoId,
    /// When.
    #[serde(with = "millis")]
    pub at: Timestamp,
}

/// The records of such requests.
#[derive(Clone, Debug)]
pub struct Requests {
    table: Table,
}

impl Requests {
    /// The records in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone() }
    }

    /// Records one.
    pub async fn note(&self, answered: &Answered) -> Result<(), Fault> {
        self.table.put(row("REQ", &format!("{}#{}", sortable(answered.at), answered.photo), answered)?).await
    }

    /// All of them, oldest first.
    pub async fn all(&self) -> Result<Vec<Answered>, Fault> {
        self.table.query_all("REQ", Range::All).await
    }
}
