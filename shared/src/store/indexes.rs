//! The search index of each edition: written by `housekeeping`, read by searches. See [`crate::domain::index`] for the reasons.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};

use super::{
    Fault,
    buckets::{Fetched, Review},
    counters::Counters,
    feed::Feeds,
    table::Table,
};
use crate::{
    domain::{
        edition::Edition,
        feed::{Cursor, Feed},
        ids::EditionSlug,
        index::{Entry, Index, IndexVersion},
    },
    runtime::Clock,
};

/// Seconds for which a function reuses the index that it read.
const FRESH_SECONDS: i64 = 30;
/// Feed rows per read while an index is made; well below the service's limit of a megabyte.
const BATCH: usize = 500;
/// The most photos newer than the index that a search includes. `housekeeping` makes the index again every minute; if more are published in
/// one minute, the rest are found a minute later.
const NEWER_MAX: usize = 500;

/// The indexes of all editions.
#[derive(Clone, Debug)]
pub struct Indexes {
    clock: Clock,
    counters: Counters,
    feeds: Feeds,
    review: Review,
    known: Arc<Mutex<HashMap<EditionSlug, Known>>>,
}

#[derive(Clone, Debug)]
struct Known {
    read_at: Timestamp,
    etag: String,
    index: Arc<Index>,
}

impl Indexes {
    /// Returns a handle to the indexes of the editions in `table`, stored in `review`.
    pub fn new(table: &Table, review: &Review, clock: &Clock) -> Self {
        Self {
            clock: clock.clone(),
            counters: Counters::new(table),
            feeds: Feeds::new(table),
            review: review.clone(),
            known: Arc::default(),
        }
    }

    /// Makes an edition's index again if its published photos have changed since it was made; returns whether it did.
    pub async fn refresh(&self, edition: &Edition) -> Result<bool, Fault> {
        let (mark, known) = futures::try_join!(self.mark(edition), self.read(&edition.slug))?;
        if known.mark == mark {
            return Ok(false);
        }
        let mut entries = Vec::new();
        let mut after: Option<Cursor> = None;
        loop {
            let feed = Feed::all(&edition.slug);
            // The mark must never be newer than what is read here: photos that only the mark counts would be missing until the next change.
            let page = self.feeds.page_as_it_is(&feed, edition.feed_shards, after.as_ref(), BATCH).await?;
            entries.extend(page.photos.iter().map(Entry::new));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        // Changes during the reading of the feed give another mark, and are included in the next minute.
        let index = Index { made_at: self.clock.now(), mark, entries };
        let bytes = serde_json::to_vec(&index).map_err(|error| Fault::broken("write index", error))?;
        self.review.put_index(&edition.slug, bytes.into()).await?;
        Ok(true)
    }

    /// Returns an edition's current index: the stored one, with the photos published since at its head. Photos that were taken down since
    /// are still in it.
    pub async fn now(&self, edition: &Edition) -> Result<Arc<Index>, Fault> {
        let made = self.fresh(&edition.slug).await?;
        let newest = made.entries.first().map(Entry::position);
        let from = newest.as_ref().map_or(Timestamp::UNIX_EPOCH, |newest| newest.published_at);
        let feed = Feed::all(&edition.slug);
        let mut newer = self.feeds.since(&feed, edition.feed_shards, from, NEWER_MAX).await?;
        newer.retain(|row| newest.as_ref().is_none_or(|newest| row.position() > *newest));
        if newer.is_empty() {
            return Ok(made);
        }
        let entries = newer.iter().map(Entry::new).chain(made.entries.iter().cloned()).collect();
        Ok(Arc::new(Index { made_at: self.clock.now(), mark: made.mark.clone(), entries }))
    }

    async fn mark(&self, edition: &Edition) -> Result<IndexVersion, Fault> {
        let feed = Feed::all(&edition.slug);
        let (published, newest, turned) = futures::try_join!(
            self.counters.total(&edition.slug, "published"),
            self.feeds.page(&feed, edition.feed_shards, None, None, 1),
            self.feeds.latest_turn(&edition.slug)
        )?;
        let newest = newest.photos.first().map(|row| row.position().sort_key());
        Ok(IndexVersion { published, newest, turned })
    }

    /// Returns the stored index, as it was read at most [`FRESH_SECONDS`] ago.
    async fn fresh(&self, edition: &EditionSlug) -> Result<Arc<Index>, Fault> {
        let now = self.clock.now();
        let known = self.known().get(edition).cloned();
        match known {
            Some(known) if now.duration_since(known.read_at).abs() < SignedDuration::from_secs(FRESH_SECONDS) => {
                Ok(known.index)
            }
            _ => self.read(edition).await,
        }
    }

    /// Reads the stored index; an empty one if none has been made.
    async fn read(&self, edition: &EditionSlug) -> Result<Arc<Index>, Fault> {
        let before = self.known().get(edition).cloned();
        let fetched = self.review.get_index(edition, before.as_ref().map(|known| known.etag.as_str())).await?;
        let (etag, index) = match (fetched, before) {
            (Fetched::Unchanged, Some(known)) => (known.etag, known.index),
            (Fetched::New { etag, bytes }, _) => {
                let index = serde_json::from_slice(&bytes).map_err(|error| Fault::broken("read index", error))?;
                (etag, Arc::new(index))
            }
            (Fetched::Absent, _) | (Fetched::Unchanged, None) => return Ok(Arc::default()),
        };
        let known = Known { read_at: self.clock.now(), etag, index: Arc::clone(&index) };
        self.known().insert(edition.clone(), known);
        Ok(index)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<EditionSlug, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
