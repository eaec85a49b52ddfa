//! The members' activity log. (Pattern 21)

use super::{
    fault::{Fault, fault},
    table::{Range, Table, back_off, read, row, text},
};
use crate::domain::{
    activity::{Action, Activity},
    people::Member,
};
use jiff::Timestamp;

/// Attempts to write one entry while others write theirs.
const ATTEMPTS: u32 = 20;

/// The members' activity log.
#[derive(Clone, Debug)]
pub struct ActivityLog {
    table: Table,
}

impl ActivityLog {
    /// Returns a handle to the log in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone() }
    }

    /// Appends an entry: `member` did `action`.
    pub async fn note(&self, member: &Member, action: Action, detail: &str, now: Timestamp) -> Result<(), Fault> {
        self.note_by(&member.actor().to_string(), &member.name, action, detail, now).await
    }

    /// Appends an entry for an actor who is not a member, such as the user of a command; `by` names them in the form that the audit uses.
    pub async fn note_by(
        &self,
        by: &str,
        name: &str,
        action: Action,
        detail: &str,
        now: Timestamp,
    ) -> Result<(), Fault> {
        for attempt in 1..=ATTEMPTS {
            let last = self.last().await?;
            let entry = Activity::after(last.as_ref(), by, name, action, detail, now);
            if self.table.put_new(row("LOG", &format!("{:010}", entry.seq), &entry)?).await? {
                return Ok(());
            }
            back_off(attempt).await;
        }
        Err(Fault::passing("note activity", "others kept writing"))
    }

    /// Returns all entries, oldest first.
    pub async fn all(&self) -> Result<Vec<Activity>, Fault> {
        self.table.query_all("LOG", Range::All).await
    }

    async fn last(&self) -> Result<Option<Activity>, Fault> {
        let query = self
            .table
            .client
            .query()
            .table_name(&self.table.name)
            .consistent_read(true)
            .key_condition_expression("PK = :pk")
            .expression_attribute_values(":pk", text("LOG"))
            .scan_index_forward(false)
            .limit(1);
        let answer = query.send().await.map_err(fault("read activity"))?;
        answer.items.unwrap_or_default().pop().map(read).transpose()
    }
}
