//! The schools of the official registers, found by number or by what people type. (Patterns 13, 16)

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{DeleteRequest, PutRequest, WriteRequest};

use super::{
    Fault,
    fault::fault,
    table::{Item, MAIN, Table, back_off, key, read, row, text},
};
use crate::domain::{
    register::{Entry, Search},
    school::School,
};

/// The most terms that one search reads. A word that begins more names than this is too short to search for.
const READ_MAX: i32 = 300;
/// Rows in one bulk write: the service's limit.
const BULK: usize = 25;

/// The schools of the official registers.
#[derive(Clone, Debug)]
pub struct Schools {
    table: Table,
}

/// The result of an import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Schools that are new or whose entry has changed.
    pub written: usize,
    /// Schools whose entry has not changed.
    pub unchanged: usize,
    /// Schools that are no longer in the register.
    pub removed: usize,
}

impl Schools {
    /// Returns a handle to the schools in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone() }
    }

    /// Returns the school with this number.
    pub async fn get(&self, urn: &str) -> Result<Option<School>, Fault> {
        self.table.get(&school_pk(urn), MAIN).await
    }

    /// Returns the schools that match a search, best match first, and at most `limit`.
    pub async fn find(&self, search: &Search, limit: usize) -> Result<Vec<Entry>, Fault> {
        let prefix = search.looked_up();
        let answer = self
            .table
            .client
            .query()
            .table_name(&self.table.name)
            .key_condition_expression("PK = :pk AND begins_with(SK, :sk)")
            .expression_attribute_values(":pk", text(&term_pk(prefix)))
            .expression_attribute_values(":sk", text(prefix))
            .limit(READ_MAX)
            .send()
            .await
            .map_err(fault("find schools"))?;
        let mut found = Vec::new();
        for item in answer.items.unwrap_or_default() {
            let entry: Entry = read(item)?;
            if search.matches(&entry) {
                found.push(entry);
            }
        }
        search.rank(&mut found);
        found.truncate(limit);
        Ok(found)
    }

    /// Writes the entries of a register over the known ones, and deletes the schools in `closed`. Safe to repeat.
    pub async fn import(&self, entries: &[Entry], closed: &[String]) -> Result<Imported, Fault> {
        let mut imported = Imported::default();
        for entries in entries.chunks(100) {
            let known = self.known(entries.iter().map(|entry| entry.urn.as_str())).await?;
            let mut writes = Vec::new();
            for entry in entries {
                let before = known.get(&entry.urn);
                if before == Some(entry) {
                    imported.unchanged += 1;
                    continue;
                }
                imported.written += 1;
                let terms = entry.terms();
                let stale = before.map(Entry::terms).unwrap_or_default();
                for term in stale.iter().filter(|term| !terms.contains(term)) {
                    writes.push(forget(key(&term_pk(term), &term_sk(term, &entry.urn)))?);
                }
                for term in &terms {
                    writes.push(write(row(&term_pk(term), &term_sk(term, &entry.urn), entry)?)?);
                }
                // Written last, so that an interrupted import is repeated for this school.
                writes.push(write(row(&school_pk(&entry.urn), MAIN, entry)?)?);
            }
            self.write(writes).await?;
        }
        for closed in closed.chunks(100) {
            let known = self.known(closed.iter().map(String::as_str)).await?;
            let mut writes = Vec::new();
            for entry in known.values() {
                imported.removed += 1;
                for term in entry.terms() {
                    writes.push(forget(key(&term_pk(&term), &term_sk(&term, &entry.urn)))?);
                }
                writes.push(forget(key(&school_pk(&entry.urn), MAIN))?);
            }
            self.write(writes).await?;
        }
        Ok(imported)
    }

    async fn known(&self, urns: impl Iterator<Item = &str>) -> Result<HashMap<String, Entry>, Fault> {
        let keys: Vec<_> = urns.map(|urn| (school_pk(urn), MAIN.to_owned())).collect();
        let known: Vec<Entry> = self.table.get_many(&keys).await?;
        Ok(known.into_iter().map(|entry| (entry.urn.clone(), entry)).collect())
    }

    async fn write(&self, writes: Vec<WriteRequest>) -> Result<(), Fault> {
        for writes in writes.chunks(BULK) {
            let mut left = writes.to_vec();
            let mut attempt = 0;
            while !left.is_empty() {
                if attempt > 0 {
                    back_off(attempt).await;
                }
                attempt += 1;
                if attempt > 12 {
                    return Err(Fault::passing("write schools", "the service left rows unwritten twelve times"));
                }
                let request = self.table.client.batch_write_item().request_items(&self.table.name, left);
                let answer = request.send().await.map_err(fault("write schools"))?;
                left = answer.unprocessed_items.unwrap_or_default().remove(&self.table.name).unwrap_or_default();
            }
        }
        Ok(())
    }
}

fn write(item: Item) -> Result<WriteRequest, Fault> {
    let put =
        PutRequest::builder().set_item(Some(item)).build().map_err(|error| Fault::broken("write school", error))?;
    Ok(WriteRequest::builder().put_request(put).build())
}

fn forget(key: Item) -> Result<WriteRequest, Fault> {
    let delete =
        DeleteRequest::builder().set_key(Some(key)).build().map_err(|error| Fault::broken("forget school", error))?;
    Ok(WriteRequest::builder().delete_request(delete).build())
}

fn school_pk(urn: &str) -> String {
    format!("SCH#{urn}")
}

/// The partition of all terms with the same first two characters.
fn term_pk(term: &str) -> String {
    format!("SCHT#{}", term.get(..2).unwrap_or(term))
}

fn term_sk(term: &str, urn: &str) -> String {
    format!("{term}#{urn}")
}
