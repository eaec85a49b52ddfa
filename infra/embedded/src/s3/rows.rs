//! The rows of buckets and objects in the database.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

use crate::{Error, clock, events};

/// An object, as its row has it.
#[derive(Clone, Debug)]
pub(crate) struct ObjectRow {
    pub(crate) blob: String,
    pub(crate) size: u64,
    pub(crate) etag: String,
    pub(crate) modified_ms: i64,
    pub(crate) facts: Facts,
}

/// The uploader's facts about an object, and the checksums that S3 reports.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Facts {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cache_control: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_disposition: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_encoding: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_language: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) metadata: Vec<(String, String)>,
    pub(crate) checksums: Checksums,
}

/// Checksums in base64, each of the whole object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Checksums {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) crc32: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) crc32c: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) crc64nvme: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sha1: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sha256: Option<String>,
}

/// The condition under which a write may replace what exists.
#[derive(Clone, Debug)]
pub(crate) enum Condition {
    Always,
    /// `If-None-Match: *`.
    Absent,
    /// `If-Match` with an ETag, or with `*` as `None`.
    Present(Option<String>),
}

/// The result of a write.
#[derive(Debug)]
pub(crate) enum Written {
    /// Done. The blob, if any, is one that no object refers to any more.
    Done {
        modified_ms: i64,
        orphan: Option<String>,
    },
    /// The condition does not hold.
    Refused,
    /// `If-Match` for an object that does not exist.
    NoSuchKey,
    NoSuchBucket,
}

/// One page of a listing.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) objects: Vec<(String, ObjectRow)>,
    pub(crate) common_prefixes: Vec<String>,
    /// The key or common prefix after which the listing continues; `None` if there is no more.
    pub(crate) next: Option<String>,
}

/// The query of a listing.
#[derive(Clone, Debug)]
pub(crate) struct Listing {
    pub(crate) bucket: String,
    pub(crate) prefix: String,
    pub(crate) delimiter: Option<String>,
    /// The key after which the page begins.
    pub(crate) after: Option<String>,
    pub(crate) limit: usize,
}

pub(crate) fn make_bucket(connection: &Connection, name: &str) -> Result<bool, Error> {
    let made = connection
        .prepare_cached("INSERT INTO buckets (name, created_ms) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
        .execute(params![name, clock::now_ms()])?;
    Ok(made == 1)
}

pub(crate) fn bucket_exists(connection: &Connection, name: &str) -> Result<bool, Error> {
    Ok(connection.prepare_cached("SELECT 1 FROM buckets WHERE name = ?1")?.exists([name])?)
}

/// Returns the names and creation times of the buckets.
pub(crate) fn buckets(connection: &Connection) -> Result<Vec<(String, i64)>, Error> {
    let mut statement = connection.prepare_cached("SELECT name, created_ms FROM buckets ORDER BY name")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn blobs(connection: &Connection) -> Result<std::collections::HashSet<String>, Error> {
    let mut statement = connection.prepare("SELECT DISTINCT blob FROM objects")?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn get(connection: &Connection, bucket: &str, key: &str) -> Result<Option<ObjectRow>, Error> {
    let mut statement = connection
        .prepare_cached("SELECT blob, size, etag, modified_ms, facts FROM objects WHERE bucket = ?1 AND key = ?2")?;
    Ok(statement.query_row([bucket, key], |row| object(row, 0)).optional()?)
}

/// Writes the object's row and, if `notify` is its bucket, the event.
pub(crate) fn put(
    connection: &Connection,
    bucket: &str,
    key: &str,
    new: &ObjectRow,
    condition: &Condition,
    event: events::Name,
    notify: bool,
) -> Result<Written, Error> {
    if !bucket_exists(connection, bucket)? {
        return Ok(Written::NoSuchBucket);
    }
    let old = get(connection, bucket, key)?;
    match (condition, &old) {
        (Condition::Always, _) | (Condition::Absent, None) | (Condition::Present(None), Some(_)) => {}
        (Condition::Present(Some(etag)), Some(old)) if *etag == old.etag => {}
        (Condition::Present(_), None) => return Ok(Written::NoSuchKey),
        (Condition::Absent | Condition::Present(_), Some(_)) => return Ok(Written::Refused),
    }
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO objects (bucket, key, blob, size, etag, modified_ms, facts)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![bucket, key, new.blob, new.size, new.etag, new.modified_ms, text(&new.facts)?])?;
    if notify {
        events::record(connection, bucket, key, new, event)?;
    }
    let orphan = old.filter(|old| old.blob != new.blob).map(|old| orphan(connection, old.blob)).transpose()?.flatten();
    Ok(Written::Done { modified_ms: new.modified_ms, orphan })
}

/// Writes rows of objects without bytes. None of them may exist yet.
pub(crate) fn load(connection: &Connection, bucket: &str, objects: &[(String, u64)]) -> Result<(), Error> {
    let facts = text(&Facts::default())?;
    let mut insert = connection.prepare_cached(
        "INSERT INTO objects (bucket, key, blob, size, etag, modified_ms, facts) VALUES (?1, ?2, '', ?3, '', ?4, ?5)",
    )?;
    for (key, size) in objects {
        insert.execute(params![bucket, key, size, clock::now_ms(), facts])?;
    }
    Ok(())
}

/// Removes the row. Returns the blob if no object refers to it any more.
pub(crate) fn delete(connection: &Connection, bucket: &str, key: &str) -> Result<Option<String>, Error> {
    let blob: Option<String> = connection
        .prepare_cached("DELETE FROM objects WHERE bucket = ?1 AND key = ?2 RETURNING blob")?
        .query_row([bucket, key], |row| row.get(0))
        .optional()?;
    blob.map_or(Ok(None), |blob| orphan(connection, blob))
}

/// Returns a page of `listing`, in the order of the keys' UTF-8 bytes.
pub(crate) fn list(connection: &Connection, listing: &Listing) -> Result<Page, Error> {
    let mut page = Page::default();
    if listing.limit == 0 {
        return Ok(page);
    }
    let mut statement = connection.prepare_cached(
        "SELECT key, blob, size, etag, modified_ms, facts FROM objects
         WHERE bucket = ?1 AND key > ?2 AND key >= ?3 ORDER BY key",
    )?;
    // After a common prefix that a page has shown, everything below it is skipped.
    let mut after = listing.after.clone().map_or_else(String::new, |after| match rolled_up(listing, &after) {
        Some(prefix) if prefix == after => last_below(&prefix),
        Some(_) | None => after,
    });
    let mut last = None;
    'scan: loop {
        let mut rows = statement.query([&listing.bucket, &after, &listing.prefix])?;
        while let Some(row) = rows.next()? {
            let key: String = row.get(0)?;
            if !key.starts_with(&listing.prefix) {
                break 'scan;
            }
            if page.objects.len() + page.common_prefixes.len() == listing.limit {
                page.next = last;
                break 'scan;
            }
            if let Some(prefix) = rolled_up(listing, &key) {
                after = last_below(&prefix);
                last = Some(prefix.clone());
                page.common_prefixes.push(prefix);
                continue 'scan;
            }
            page.objects.push((key.clone(), object(row, 1)?));
            last = Some(key);
        }
        break;
    }
    Ok(page)
}

/// Returns the common prefix that hides `key`, if the listing has a delimiter.
fn rolled_up(listing: &Listing, key: &str) -> Option<String> {
    let delimiter = listing.delimiter.as_deref().filter(|delimiter| !delimiter.is_empty())?;
    let rest = key.strip_prefix(&listing.prefix)?;
    let end = listing.prefix.len() + rest.find(delimiter)? + delimiter.len();
    Some(key.get(..end)?.to_owned())
}

/// Returns a text that sorts after every key that begins with `prefix`: no key contains the last code point, which is not a character.
fn last_below(prefix: &str) -> String {
    format!("{prefix}{}", char::MAX)
}

fn orphan(connection: &Connection, blob: String) -> Result<Option<String>, Error> {
    let used = connection.prepare_cached("SELECT 1 FROM objects WHERE blob = ?1")?.exists([&blob])?;
    Ok((!used).then_some(blob))
}

fn object(row: &Row<'_>, first: usize) -> rusqlite::Result<ObjectRow> {
    let facts: String = row.get(first + 4)?;
    Ok(ObjectRow {
        blob: row.get(first)?,
        size: row.get(first + 1)?,
        etag: row.get(first + 2)?,
        modified_ms: row.get(first + 3)?,
        facts: serde_json::from_str(&facts).map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(first + 4, rusqlite::types::Type::Text, Box::new(error))
        })?,
    })
}

fn text(facts: &Facts) -> Result<String, Error> {
    serde_json::to_string(facts)
        .map_err(|error| Error::Database(rusqlite::Error::ToSqlConversionFailure(Box::new(error))))
}
