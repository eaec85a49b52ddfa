//! Deletion of data that has reached its age limit and that no rule of the storage can select. (Pattern 15)
//!
//! Most temporary rows have the end of their life in `ttl`, and originals are deleted by a rule of their bucket. The reasons in a photo's
//! audit are only a part of their row, whose hash stays.

use jiff::Timestamp;

use super::{
    fault::{Fault, fault},
    table::{Table, number, text},
};

/// Deletes the reasons from all audit entries that were written before `before`; returns how many had one. Chains stay complete, and
/// repeating it changes nothing.
///
/// # Errors
/// A fault; some reasons are deleted then, and the next call continues.
pub async fn erase_texts_before(table: &Table, before: Timestamp) -> Result<u64, Fault> {
    let mut silenced = 0;
    let mut start = None;
    loop {
        let page = table
            .client
            .scan()
            .table_name(&table.name)
            .filter_expression("begins_with(SK, :entry) AND attribute_exists(reason) AND #at < :before")
            .projection_expression("PK, SK")
            .expression_attribute_names("#at", "at")
            .expression_attribute_values(":entry", text("A#"))
            .expression_attribute_values(":before", number(before.as_millisecond()))
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(fault("scan for old words"))?;
        for key in page.items.unwrap_or_default() {
            let update = table.client.update_item().table_name(&table.name).set_key(Some(key));
            update.update_expression("REMOVE reason").send().await.map_err(fault("silence entry"))?;
            silenced += 1;
        }
        start = page.last_evaluated_key;
        if start.is_none() {
            return Ok(silenced);
        }
    }
}
