//! The gallery: what the public sees of an edition. Pages and the API read it through the same calls.

use super::{
    Fault, Photos,
    buckets::Review,
    counters::Counters,
    feed::{Feeds, Neighbours},
    indexes::Indexes,
    table::Table,
};
use crate::{
    domain::{
        edition::Edition,
        feed::{self, Cursor, Feed, FeedRow, Filter, Page},
        ids::PhotoId,
        index::{Entry, Participant},
        stats::Stats,
    },
    runtime::Clock,
};

/// The galleries of all editions.
#[derive(Clone, Debug)]
pub struct Gallery {
    counters: Counters,
    feeds: Feeds,
    indexes: Indexes,
    photos: Photos,
}

impl Gallery {
    /// Returns a handle to the galleries of the editions in `table`, whose indexes are in `review`.
    pub fn new(table: &Table, review: &Review, clock: &Clock) -> Self {
        Self {
            counters: Counters::new(table),
            feeds: Feeds::new(table),
            indexes: Indexes::new(table, review, clock),
            photos: Photos::new(table),
        }
    }

    /// Returns one page of the photos that match `filter`, newest first: up to `limit` photos after `after`, or from the newest on.
    pub async fn page(
        &self,
        edition: &Edition,
        filter: &Filter,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page, Fault> {
        match filter.feed(&edition.slug) {
            Some(feed) => self.feeds.page(&feed, edition.feed_shards, filter.half, after, limit).await,
            None => self.search(edition, filter, after, limit).await,
        }
    }

    /// Returns the photos next to one, in the feed that `filter` names, or in the feed of all photos.
    pub async fn neighbours(&self, edition: &Edition, filter: &Filter, row: &FeedRow) -> Result<Neighbours, Fault> {
        let feed = filter.feed(&edition.slug).unwrap_or_else(|| Feed::all(&edition.slug));
        self.feeds.neighbours(&feed, edition.feed_shards, &row.position()).await
    }

    /// Returns the schools that take part in an edition, ordered by number of photos, most first.
    pub async fn schools(&self, edition: &Edition) -> Result<Vec<Participant>, Fault> {
        Ok(self.indexes.now(edition).await?.schools())
    }

    /// Returns the statistics of an edition without the number of schools, which is 0 here: one read of its counters.
    pub async fn counts(&self, edition: &Edition) -> Result<Stats, Fault> {
        Ok(Stats::new(edition, &self.counters.all(&edition.slug).await?, 0))
    }

    /// Returns the statistics of an edition.
    pub async fn stats(&self, edition: &Edition) -> Result<Stats, Fault> {
        let (counters, schools) = futures::try_join!(self.counters.all(&edition.slug), self.schools(edition))?;
        Ok(Stats::new(edition, &counters, u64::try_from(schools.len()).unwrap_or_default()))
    }

    /// Searches the index. Each photo found is read from its own row, which says whether it is still public and still matches.
    async fn search(
        &self,
        edition: &Edition,
        filter: &Filter,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page, Fault> {
        let index = self.indexes.now(edition).await?;
        let fits = |entry: &&Entry| after.is_none_or(|after| entry.position() < after.0) && entry.passes(filter);
        let all = index.entries.iter().filter(|entry| entry.passes(filter)).count();
        let found: Vec<PhotoId> = index.entries.iter().filter(fits).map(|entry| entry.id.clone()).collect();
        // One more than requested shows whether there is a next page.
        let wanted = limit.saturating_add(1);
        let mut photos: Vec<FeedRow> = Vec::new();
        for ids in found.chunks(wanted) {
            let rows = self.photos.get_many(ids).await?;
            photos.extend(rows.iter().filter_map(feed::row).filter(|row| Entry::new(row).passes(filter)));
            if photos.len() >= wanted {
                break;
            }
        }
        let more = photos.len() > limit;
        photos.truncate(limit);
        let next = photos.last().filter(|_| more).map(|last| Cursor(last.position()));
        // Each photo of a single page was read from its own row.
        let single = next.is_none() && after.is_none();
        let found = Some(if single { photos.len() } else { all });
        Ok(Page { photos, next, found })
    }
}
