//! Restores the table from an older copy, row by row and in place.
//!
//! Decision: in place, and not under another name, since functions, permissions, alarms and backups refer to the table by its name. Its own
//! backups continue meanwhile, so this can be undone like everything else. Given up: it costs a write for each row that differs, and the
//! site must stand still.
//!
//! Rows that must not return to an older state are left alone: sessions, passkeys and keys that were ended since, codes that were used,
//! blocked files, and the log of members' actions. Removals that are missing from the older copy are recorded outside the table, and
//! `housekeeping` applies them again afterwards.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, PutRequest, WriteRequest};
use futures::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{
    fault::{Fault, fault},
    table::{ATTEMPTS, Item, Table, back_off, key},
};

/// Rows in one request: the most that the service accepts.
const BATCH: usize = 25;
/// Concurrent requests.
const AT_ONCE: usize = 8;

/// What [`fill`] does with a row that differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Writes or deletes it.
    Apply,
    /// Only counts it.
    Check,
}

/// The result of [`fill`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Filled {
    /// Rows in the copy.
    pub rows: u64,
    /// Rows that are missing or differ from the copy; written with [`Mode::Apply`].
    pub written: u64,
    /// Rows that the copy does not have; deleted with [`Mode::Apply`].
    pub deleted: u64,
    /// Rows that differ and are left alone.
    pub kept: u64,
}

/// How rows of a kind are restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    /// They become as in the copy.
    Back,
    /// Rows of the copy are added if they are missing.
    Add,
    /// They are left alone.
    Stay,
}

type Mark = [u8; 16];
type Place = (String, String);

/// Makes `live` equal to `copy`, according to the rule for each kind of row. Repeating it changes nothing; an interrupted call is finished
/// by the same call.
///
/// # Errors
/// A row of a kind without a rule, and faults of the service; what was written before stays.
pub async fn fill(live: &Table, copy: &Table, mode: Mode) -> Result<Filled, Fault> {
    let mut known: HashMap<Place, Mark> = HashMap::new();
    let mut start = None;
    loop {
        let (items, next) = page(live, start).await?;
        for item in items {
            known.insert(place(&item)?, mark(&item));
        }
        if next.is_none() {
            break;
        }
        start = next;
    }
    let mut filled = Filled::default();
    let mut start = None;
    loop {
        let (items, next) = page(copy, start).await?;
        let mut puts = Vec::new();
        for item in items {
            filled.rows += 1;
            let place = place(&item)?;
            let there = known.remove(&place);
            let same = there == Some(mark(&item));
            match (rule(&place.0)?, there) {
                _ if same => {}
                (Rule::Back, _) | (Rule::Add, None) => puts.push(put(item)?),
                (Rule::Add, Some(_)) | (Rule::Stay, _) => filled.kept += 1,
            }
        }
        filled.written += u64::try_from(puts.len()).unwrap_or(u64::MAX);
        write(live, puts, mode).await?;
        if next.is_none() {
            break;
        }
        start = next;
    }
    let mut deletes = Vec::new();
    for (pk, sk) in known.into_keys() {
        match rule(&pk)? {
            Rule::Back => deletes.push(delete(&pk, &sk)?),
            Rule::Add | Rule::Stay => filled.kept += 1,
        }
    }
    filled.deleted = u64::try_from(deletes.len()).unwrap_or(u64::MAX);
    write(live, deletes, mode).await?;
    Ok(filled)
}

/// Returns the rule for a row, by the first part of its partition key; [`super::table`] lists them.
fn rule(pk: &str) -> Result<Rule, Fault> {
    match pk.split('#').next().unwrap_or_default() {
        "P" | "F" | "CFG" | "ST" | "OB" | "LIKE" | "W" | "DBT" | "DEV" | "BRAKE" => Ok(Rule::Back),
        // A file that was blocked since stays blocked, a picture that two people must agree about stays protected, and the installation's
        // own secrets do not change. A step of a prize draw is done for ever, as its public files are. An edition that comes back may name the
        // file of an earlier logo.
        "BLK" | "TWO" | "SECRET" | "SPONSOR" | "DRAW" | "DRAWLOG" | "DRAWSEC" | "DRAWGATE" | "ENTRYOUT" => {
            Ok(Rule::Add)
        }
        // Members and their rights, what they did, how much of each limit was used, and what is made again from elsewhere. No entry that was
        // taken back comes back, nor a contact that was erased.
        "ENTRY" | "ENTRYBY" | "ENTRANT" | "KEY" | "WHO" | "SES" | "CRED" | "CER" | "CODE" | "LOG" | "REQ" | "RL"
        | "BUD" | "SCH" | "SCHT" | "RUN" | "QUEUES" | "EDGE" | "CURSOR" => Ok(Rule::Stay),
        other => {
            Err(Fault::broken("restore row", format!("nobody has said what becomes of rows of the kind {other:?}")))
        }
    }
}

async fn page(table: &Table, start: Option<Item>) -> Result<(Vec<Item>, Option<Item>), Fault> {
    let scan = table.client.scan().table_name(&table.name).consistent_read(true).set_exclusive_start_key(start);
    let answer = scan.send().await.map_err(fault("scan table"))?;
    Ok((answer.items.unwrap_or_default(), answer.last_evaluated_key))
}

async fn write(table: &Table, requests: Vec<WriteRequest>, mode: Mode) -> Result<(), Fault> {
    if mode == Mode::Check {
        return Ok(());
    }
    let batches: Vec<_> = requests.chunks(BATCH).map(<[WriteRequest]>::to_vec).collect();
    stream::iter(batches).map(|batch| write_batch(table, batch)).buffer_unordered(AT_ONCE).try_collect().await
}

async fn write_batch(table: &Table, mut left: Vec<WriteRequest>) -> Result<(), Fault> {
    for attempt in 1..=ATTEMPTS {
        let request = table.client.batch_write_item().request_items(&table.name, left);
        let answer = request.send().await.map_err(fault("write rows"))?;
        left = answer.unprocessed_items.unwrap_or_default().remove(&table.name).unwrap_or_default();
        if left.is_empty() {
            return Ok(());
        }
        back_off(attempt).await;
    }
    Err(Fault::passing("write rows", "the table takes no more at the moment"))
}

fn put(item: Item) -> Result<WriteRequest, Fault> {
    let put = PutRequest::builder().set_item(Some(item)).build().map_err(|error| Fault::broken("write rows", error))?;
    Ok(WriteRequest::builder().put_request(put).build())
}

fn delete(pk: &str, sk: &str) -> Result<WriteRequest, Fault> {
    let delete = DeleteRequest::builder().set_key(Some(key(pk, sk))).build();
    let delete = delete.map_err(|error| Fault::broken("delete rows", error))?;
    Ok(WriteRequest::builder().delete_request(delete).build())
}

fn place(item: &Item) -> Result<Place, Fault> {
    let part = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned();
    part("PK").zip(part("SK")).ok_or_else(|| Fault::broken("restore row", "a row without a key"))
}

/// Returns a hash that differs if two rows differ in anything.
fn mark(item: &Item) -> Mark {
    let digest = Sha256::digest(in_order(item).as_bytes());
    std::array::from_fn(|place| digest[place])
}

/// Writes a map as text, with maps and sets in sorted order, since the service returns them in no particular order.
fn in_order(map: &Item) -> String {
    let mut parts: Vec<_> = map.iter().map(|(name, value)| format!("{name:?}:{}", value_in_order(value))).collect();
    parts.sort_unstable();
    format!("{{{}}}", parts.join(","))
}

fn value_in_order(value: &AttributeValue) -> String {
    if let Ok(map) = value.as_m() {
        return in_order(map);
    }
    if let Ok(list) = value.as_l() {
        return format!("[{}]", list.iter().map(value_in_order).collect::<Vec<_>>().join(","));
    }
    if let Ok(set) = value.as_ss().or_else(|_| value.as_ns()) {
        let mut sorted = set.clone();
        sorted.sort_unstable();
        return format!("{sorted:?}");
    }
    format!("{value:?}")
}

#[cfg(test)]
mod tests {
    use super::{super::table::text, *};

    /// Takes all kinds of rows from the keys in the list of access patterns.
    #[test]
    fn somebody_has_decided_about_every_kind_of_row() {
        let patterns = include_str!("table.rs").lines().filter_map(|line| line.strip_prefix("//! | "));
        let keys = patterns.filter_map(|row| row.split('|').nth(3)).flat_map(|key| key.split('`').skip(1).step_by(2));
        // Index keys and sort keys in the list do not begin a partition.
        let kinds: Vec<_> = keys
            .filter_map(|key| {
                key.split('#').next().filter(|kind| kind.chars().all(|c| c.is_ascii_uppercase()) && kind.len() > 1)
            })
            .collect();
        assert!(kinds.len() > 25, "{kinds:?}");
        for kind in kinds {
            rule(&format!("{kind}#x")).unwrap_or_else(|fault| panic!("{}", fault.chain()));
        }
        assert!(rule("NEW#x").is_err());
    }

    #[test]
    fn rows_are_told_apart_by_what_they_say_and_not_by_their_order() {
        let row = |words: [&str; 2], n: &str| {
            let words = words.map(|word| (word.to_owned(), text(word)));
            Item::from([
                ("PK".to_owned(), text("P#1")),
                ("map".to_owned(), AttributeValue::M(words.into())),
                ("n".to_owned(), AttributeValue::N(n.to_owned())),
            ])
        };
        assert_eq!(mark(&row(["a", "b"], "1")), mark(&row(["b", "a"], "1")));
        assert_ne!(mark(&row(["a", "b"], "1")), mark(&row(["a", "b"], "2")));
        assert_ne!(mark(&row(["a", "b"], "1")), mark(&row(["a", "c"], "1")));
    }
}
