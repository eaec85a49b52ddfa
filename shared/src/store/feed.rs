//! Feeds: pages of published photos, newest first. (Patterns 3, 16)

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use futures::future::try_join_all;
use jiff::Timestamp;

use super::{
    fault::{Fault, fault},
    table::{Range, Table, read, sortable, text},
};
use crate::domain::{
    change::Turn,
    feed::{Cursor, Feed, FeedRow, Page, Position},
    ids::EditionSlug,
    time::HalfHour,
};

/// The feeds of all editions.
#[derive(Clone, Debug)]
pub struct Feeds {
    table: Table,
    consistent: bool,
}

/// Where in a feed a query reads.
#[derive(Clone, Debug, Default)]
struct Bounds {
    /// Sort keys from this one on.
    from: Option<String>,
    /// Sort keys up to this one.
    up_to: Option<String>,
}

/// The photos on both sides of one, in a feed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Neighbours {
    /// The next newer one.
    pub newer: Option<FeedRow>,
    /// The next older one.
    pub older: Option<FeedRow>,
}

impl Feeds {
    /// The feeds of `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone(), consistent: false }
    }

    /// One page of `feed`, newest first: up to `limit` photos after `after`, or from the newest on; only those published in `half`,
    /// if one is named. `shards` is the edition's number of feed partitions now; photos that were published while it was smaller
    /// are found all the same.
    pub async fn page(
        &self,
        feed: &Feed,
        shards: u8,
        half: Option<HalfHour>,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page, Fault> {
        self.measured(feed, shards, half, after, limit).await.map(|(page, _)| page)
    }

    /// The same, with all that was committed before: for what is kept of it, at twice the price.
    pub async fn page_as_it_is(
        &self,
        feed: &Feed,
        shards: u8,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page, Fault> {
        let consistent = Self { consistent: true, ..self.clone() };
        consistent.page(feed, shards, None, after, limit).await
    }

    /// The same, and the read units that it cost.
    pub async fn measured(
        &self,
        feed: &Feed,
        shards: u8,
        half: Option<HalfHour>,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<(Page, f64), Fault> {
        let end = half.map(|half| sortable(half.ends_at()));
        let last = after.map(|cursor| cursor.0.sort_key());
        let bounds = Bounds {
            from: half.map(|half| sortable(half.begins_at())),
            // Instants are shorter than whole sort keys, so the end itself is not in its half hour.
            up_to: last.into_iter().chain(end).min(),
        };
        // One more than asked for tells whether there is a next page; the cursor's own photo may come once more.
        let wanted = limit.saturating_add(1 + usize::from(after.is_some()));
        let (mut photos, units) = self.merged(feed, shards, &bounds, Order::NewestFirst, wanted).await?;
        if let Some(Cursor(position)) = after {
            photos.retain(|row| row.position() < *position);
        }
        let more = photos.len() > limit;
        photos.truncate(limit);
        let next = photos.last().filter(|_| more).map(|last| Cursor(last.position()));
        Ok((Page { photos, next }, units))
    }

    /// The newest photos of `feed` that were published at `from` or later, newest first, up to `limit`.
    pub async fn since(&self, feed: &Feed, shards: u8, from: Timestamp, limit: usize) -> Result<Vec<FeedRow>, Fault> {
        let bounds = Bounds { from: Some(sortable(from)), up_to: None };
        let (mut photos, _) = self.merged(feed, shards, &bounds, Order::NewestFirst, limit).await?;
        photos.truncate(limit);
        Ok(photos)
    }

    /// The photos next to a place of `feed`. What stands at the place itself is neither.
    pub async fn neighbours(&self, feed: &Feed, shards: u8, of: &Position) -> Result<Neighbours, Fault> {
        let above = Bounds { from: Some(of.sort_key()), up_to: None };
        let below = Bounds { from: None, up_to: Some(of.sort_key()) };
        // Two, since the place itself comes too.
        let (newer, older) = futures::try_join!(
            self.merged(feed, shards, &above, Order::OldestFirst, 2),
            self.merged(feed, shards, &below, Order::NewestFirst, 2)
        )?;
        let other = |rows: Vec<FeedRow>| rows.into_iter().find(|row| row.position() != *of);
        Ok(Neighbours { newer: other(newer.0), older: other(older.0) })
    }

    /// Departures from an edition's feeds and returns to them, from `from` on, oldest first. (Pattern 17)
    pub async fn turns(&self, edition: &EditionSlug, from: Timestamp) -> Result<Vec<Turn>, Fault> {
        self.table.query_all(&turns_pk(edition), Range::From(&sortable(from))).await
    }

    /// The sort key of an edition's latest departure or return.
    pub async fn latest_turn(&self, edition: &EditionSlug) -> Result<Option<String>, Fault> {
        let query = self.table.client.query().table_name(&self.table.name).scan_index_forward(false).limit(1);
        let query = query.key_condition_expression("PK = :pk");
        let answer = query.expression_attribute_values(":pk", text(&turns_pk(edition))).send().await;
        let items = answer.map_err(fault("query turns"))?.items.unwrap_or_default();
        Ok(items.first().and_then(|item| item.get("SK")?.as_s().ok().cloned()))
    }

    /// Up to `limit` rows of each of the feed's partitions, put in order.
    async fn merged(
        &self,
        feed: &Feed,
        shards: u8,
        bounds: &Bounds,
        order: Order,
        limit: usize,
    ) -> Result<(Vec<FeedRow>, f64), Fault> {
        let shards = (0..feed.shards(shards)).map(|shard| self.query(feed.partition(shard), bounds, order, limit));
        let parts = try_join_all(shards).await?;
        let units = parts.iter().map(|(_, units)| units).sum();
        let mut rows: Vec<FeedRow> = parts.into_iter().flat_map(|(rows, _)| rows).collect();
        match order {
            Order::NewestFirst => rows.sort_by_key(|row| std::cmp::Reverse(row.position())),
            Order::OldestFirst => rows.sort_by_key(FeedRow::position),
        }
        Ok((rows, units))
    }

    async fn query(
        &self,
        partition: String,
        bounds: &Bounds,
        order: Order,
        limit: usize,
    ) -> Result<(Vec<FeedRow>, f64), Fault> {
        let mut query = self.table.client.query().table_name(&self.table.name).consistent_read(self.consistent);
        query = query.scan_index_forward(order == Order::OldestFirst);
        let condition = match (&bounds.from, &bounds.up_to) {
            (None, None) => "PK = :pk",
            (Some(_), None) => "PK = :pk AND SK >= :from",
            (None, Some(_)) => "PK = :pk AND SK <= :to",
            (Some(_), Some(_)) => "PK = :pk AND SK BETWEEN :from AND :to",
        };
        for (name, bound) in [(":from", &bounds.from), (":to", &bounds.up_to)] {
            if let Some(bound) = bound {
                query = query.expression_attribute_values(name, text(bound));
            }
        }
        let query = query
            .key_condition_expression(condition)
            .expression_attribute_values(":pk", text(&partition))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let (mut rows, mut units, mut start) = (Vec::new(), 0.0, None);
        loop {
            let left = i32::try_from(limit.saturating_sub(rows.len())).unwrap_or(i32::MAX);
            let asked = query.clone().limit(left).set_exclusive_start_key(start).send().await;
            let answer = asked.map_err(fault("query feed"))?;
            units += answer.consumed_capacity.and_then(|used| used.capacity_units).unwrap_or_default();
            for item in answer.items.unwrap_or_default() {
                rows.push(read(item)?);
            }
            start = answer.last_evaluated_key;
            // The service ends an answer at a megabyte, however many rows were asked for.
            if start.is_none() || rows.len() >= limit {
                return Ok((rows, units));
            }
        }
    }
}

/// Which end of a feed is read first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    NewestFirst,
    OldestFirst,
}

/// The partition of an edition's departures and returns. They are few: only what is taken down, edited or restored.
pub(super) fn turns_pk(edition: &EditionSlug) -> String {
    format!("W#{edition}")
}

/// The sort key of a departure or return.
pub(super) fn turn_sk(turn: &Turn) -> String {
    format!("{}#{}", sortable(turn.at), turn.id)
}
