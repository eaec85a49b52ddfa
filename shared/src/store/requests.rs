//! Requests of people about their own data: to see it, or to have it erased. (Pattern 19)
//!
//! A record says that a request was carried out, when and about which photo. It has nothing of the photo and nothing of the person who
//! asked.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Fault,
    table::{Range, Table, row, sortable},
};
use crate::domain::{ids::PhotoId, time::millis};

/// The kind of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Asked {
    /// To see everything that is stored.
    Access,
    /// To have the photo erased.
    Erasure,
}

/// A request that was carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// What was requested.
    pub asked: Asked,
    /// The photo that it was about.
    pub photo: PhotoId,
    /// When it was carried out.
    #[serde(with = "millis")]
    pub at: Timestamp,
}

/// The records of requests.
#[derive(Clone, Debug)]
pub struct Requests {
    table: Table,
}

impl Requests {
    /// Returns a handle to the records in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone() }
    }

    /// Records a request.
    pub async fn note(&self, answered: &Answered) -> Result<(), Fault> {
        self.table.put(row("REQ", &format!("{}#{}", sortable(answered.at), answered.photo), answered)?).await
    }

    /// Returns all records, oldest first.
    pub async fn all(&self) -> Result<Vec<Answered>, Fault> {
        self.table.query_all("REQ", Range::All).await
    }
}
