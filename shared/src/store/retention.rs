//! What leaves when its time is over and no rule of the storage can tell. (Pattern 15)
//!
//! Most rows that live for a while carry the end of their life with them (`ttl`), and originals leave by a rule of their bucket. The
//! words in a photo's audit are only a part of their row, whose hash stays.

use jiff::Timestamp;

use super::{
    fault::{Fault, fault},
    table::{Table, number, text},
};

/// Takes the words out of all audit entries that were written before `before`; answers how many had some. Chains stay whole, and
/// doing it again does nothing.
///
/// # Errors
/// A fault; some are silent then, and the next time goes on.
pub async fn silence_before(table: &Table, before: Timestamp) -> Result<u64, Fault> {
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
