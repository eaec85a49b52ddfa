//! Sample photos by the hundred thousand, for measurements. No function calls this. Such photos have rows only, unless more is loaded; the
//! audit reports whatever is missing.

use std::collections::BTreeMap;

use super::{
    fault::{Fault, fault},
    photos::counter_pk,
    table::{Item, MAIN, SHARDS, Table, key, number, photo_item, photo_pk, row},
    uploader_counters::sender_pk,
};
use crate::domain::{
    audit::AuditEntry,
    change::{counted, feed_rows},
    photo::Photo,
    uploader_counts,
};

/// Returns the rows of published photos in DynamoDB's own JSON: each photo's own row, and those of its feeds.
///
/// # Errors
/// A photo that cannot be written as a row, which would be a fault of ours.
pub fn rows(photos: &[Photo]) -> Result<Vec<serde_json::Value>, Fault> {
    let mut items = Vec::new();
    for photo in photos {
        items.push(photo_item(photo)?);
        for (partition, feed_row) in feed_rows(photo) {
            items.push(row(&partition, &feed_row.position().sort_key(), &feed_row)?);
        }
    }
    items.into_iter().map(plain).collect()
}

/// Returns the rows of photos' audits in DynamoDB's own JSON.
///
/// # Errors
/// An entry that cannot be written as a row, which would be a fault of ours.
pub fn trail(entries: &[AuditEntry]) -> Result<Vec<serde_json::Value>, Fault> {
    let item = |entry: &AuditEntry| row(&photo_pk(&entry.id), &format!("A#{:06}", entry.version), entry);
    entries.iter().map(|entry| plain(item(entry)?)).collect()
}

fn plain(item: Item) -> Result<serde_json::Value, Fault> {
    serde_json::to_value(serde_dynamo::Item::from(item)).map_err(|error| Fault::broken("write rows", error))
}

/// Adds photos whose [`rows`] were loaded to the counters of their editions and devices.
///
/// # Errors
/// A fault; some photos may be counted then.
pub async fn count(table: &Table, photos: &[Photo]) -> Result<(), Fault> {
    let mut counters: BTreeMap<(String, String), i64> = BTreeMap::new();
    for photo in photos {
        for (name, n) in counted(photo) {
            *counters.entry((counter_pk(&photo.edition, photo.id.shard(SHARDS)), name)).or_default() += n;
        }
        for (name, n) in uploader_counts::counted(photo) {
            *counters.entry((sender_pk(&photo.edition, &photo.uploader), name.to_owned())).or_default() += n;
        }
    }
    for ((partition, name), n) in counters {
        let request = table.client.update_item().table_name(&table.name);
        let request = request.set_key(Some(key(&partition, MAIN))).update_expression("ADD #n :n");
        let request = request.expression_attribute_names("#n", name).expression_attribute_values(":n", number(n));
        request.send().await.map_err(fault("count photos"))?;
    }
    Ok(())
}
