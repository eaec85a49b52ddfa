//! Feeds: pages of published photos, newest first. (Patterns 3, 16)

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use futures::future::try_join_all;
use jiff::Timestamp;

use super::{
    fault::{Fault, fault},
    table::{Range, Table, read, sortable, text},
};
use crate::domain::{
    change::FeedEvent,
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

/// The range of sort keys that a query reads.
#[derive(Clone, Debug, Default)]
struct Bounds {
    /// The lowest sort key, inclusive.
    from: Option<String>,
    /// The highest sort key, inclusive.
    up_to: Option<String>,
}

/// The photos next to one, in a feed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Neighbours {
    /// The next newer photo.
    pub newer: Option<FeedRow>,
    /// The next older photo.
    pub older: Option<FeedRow>,
}

impl Feeds {
    /// Returns a handle to the feeds in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone(), consistent: false }
    }

    /// Returns one page of `feed`, newest first: up to `limit` photos after `after`, or from the newest on; only those published in `half`,
    /// if given. `shards` is the edition's present number of feed partitions; photos that were published while it was smaller are found,
    /// too.
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

    /// Like [`Self::page`], but read consistently, at twice the cost: for results that are stored.
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

    /// Like [`Self::page`], with the read units that it cost.
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
            // An instant is a prefix of whole sort keys and sorts before them, so photos at the end of the half hour are excluded.
            up_to: last.into_iter().chain(end).min(),
        };
        // One row more than requested shows whether there is a next page; the cursor's own photo may be among the rows, too.
        let wanted = limit.saturating_add(1 + usize::from(after.is_some()));
        let (mut photos, units) = self.merged(feed, shards, &bounds, Order::NewestFirst, wanted).await?;
        if let Some(Cursor(position)) = after {
            photos.retain(|row| row.position() < *position);
        }
        let more = photos.len() > limit;
        photos.truncate(limit);
        let next = photos.last().filter(|_| more).map(|last| Cursor(last.position()));
        Ok((Page { photos, next, found: None }, units))
    }

    /// Returns the newest photos of `feed` that were published at `from` or later, newest first, up to `limit`.
    pub async fn since(&self, feed: &Feed, shards: u8, from: Timestamp, limit: usize) -> Result<Vec<FeedRow>, Fault> {
        let bounds = Bounds { from: Some(sortable(from)), up_to: None };
        let (mut photos, _) = self.merged(feed, shards, &bounds, Order::NewestFirst, limit).await?;
        photos.truncate(limit);
        Ok(photos)
    }

    /// Returns the photos next to a position in `feed`, excluding the photo at the position itself.
    pub async fn neighbours(&self, feed: &Feed, shards: u8, of: &Position) -> Result<Neighbours, Fault> {
        let above = Bounds { from: Some(of.sort_key()), up_to: None };
        let below = Bounds { from: None, up_to: Some(of.sort_key()) };
        // Two, since the photo at the position itself is returned, too.
        let (newer, older) = futures::try_join!(
            self.merged(feed, shards, &above, Order::OldestFirst, 2),
            self.merged(feed, shards, &below, Order::NewestFirst, 2)
        )?;
        let other = |rows: Vec<FeedRow>| rows.into_iter().find(|row| row.position() != *of);
        Ok(Neighbours { newer: other(newer.0), older: other(older.0) })
    }

    /// Returns the turns of an edition's feeds from `from` on, oldest first. (Pattern 17)
    pub async fn turns(&self, edition: &EditionSlug, from: Timestamp) -> Result<Vec<FeedEvent>, Fault> {
        self.table.query_all(&turns_pk(edition), Range::From(&sortable(from))).await
    }

    /// Returns the sort key of an edition's latest turn.
    pub async fn latest_turn(&self, edition: &EditionSlug) -> Result<Option<String>, Fault> {
        let query = self.table.client.query().table_name(&self.table.name).scan_index_forward(false).limit(1);
        let query = query.key_condition_expression("PK = :pk");
        let answer = query.expression_attribute_values(":pk", text(&turns_pk(edition))).send().await;
        let items = answer.map_err(fault("query turns"))?.items.unwrap_or_default();
        Ok(items.first().and_then(|item| item.get("SK")?.as_s().ok().cloned()))
    }

    /// Returns up to `limit` rows of each of the feed's partitions, merged in order.
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
            // The service ends an answer at a megabyte, however many rows were requested.
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

/// The partition of an edition's turns. They are few: only photos that are taken down, edited or restored make one.
pub(super) fn turns_pk(edition: &EditionSlug) -> String {
    format!("W#{edition}")
}

/// The sort key of a turn.
pub(super) fn turn_sk(turn: &FeedEvent) -> String {
    format!("{}#{}", sortable(turn.at), turn.id)
}
