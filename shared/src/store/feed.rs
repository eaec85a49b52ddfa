//! Feeds: pages of published photos, newest first. (Pattern 3)

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use futures::future::try_join_all;

use super::{
    fault::{Fault, fault},
    table::{Table, read, text},
};
use crate::domain::feed::{Cursor, Feed, FeedRow, Page};

/// The feeds of all editions.
#[derive(Clone, Debug)]
pub struct Feeds {
    table: Table,
}

impl Feeds {
    /// The feeds of `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone() }
    }

    /// One page of `feed`, newest first: up to `limit` photos after `after`, or from the newest on. `shards` is the edition's
    /// number of feed partitions now; photos that were published while it was smaller are found all the same.
    pub async fn page(&self, feed: &Feed, shards: u8, after: Option<&Cursor>, limit: usize) -> Result<Page, Fault> {
        self.measured(feed, shards, after, limit).await.map(|(page, _)| page)
    }

    /// The same, and the read units that it cost.
    pub async fn measured(
        &self,
        feed: &Feed,
        shards: u8,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<(Page, f64), Fault> {
        // One more than asked for tells whether there is a next page.
        let wanted = limit.saturating_add(1);
        let shards = (0..feed.shards(shards)).map(|shard| self.newest(feed.partition(shard), after, wanted));
        let parts = try_join_all(shards).await?;
        let units = parts.iter().map(|(_, units)| units).sum();
        let mut photos: Vec<FeedRow> = parts.into_iter().flat_map(|(rows, _)| rows).collect();
        photos.sort_by_key(|row| std::cmp::Reverse(row.position()));
        let more = photos.len() > limit;
        photos.truncate(limit);
        let next = photos.last().filter(|_| more).map(|last| Cursor(last.position()));
        Ok((Page { photos, next }, units))
    }

    async fn newest(
        &self,
        partition: String,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<(Vec<FeedRow>, f64), Fault> {
        let query = self.table.client.query().table_name(&self.table.name).scan_index_forward(false);
        let query = match after {
            Some(cursor) => query
                .key_condition_expression("PK = :pk AND SK < :last")
                .expression_attribute_values(":last", text(&cursor.0.sort_key())),
            None => query.key_condition_expression("PK = :pk"),
        };
        let answer = query
            .expression_attribute_values(":pk", text(&partition))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(fault("query feed"))?;
        let units = answer.consumed_capacity.and_then(|used| used.capacity_units).unwrap_or_default();
        let rows = answer.items.unwrap_or_default().into_iter().map(read).collect::<Result<_, _>>()?;
        Ok((rows, units))
    }
}
