//! WallFeed: which photos have been added and removed since a wall last asked.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::{Fault, Photos, feed::Feeds, photos::COMMIT_SECONDS, table::Table};
use crate::domain::{
    edition::Edition,
    feed::{self, Feed, FeedRow},
    ids::PhotoId,
};

/// The number of photos that a wall keeps, so that it can continue without a network.
pub const WALL_PHOTOS: usize = 200;
/// Seconds before `since` that are reported a second time. Instants come from the clocks of those who decide and are committed a moment
/// later, so a photo may become visible behind a younger one. A move is committed within [`COMMIT_SECONDS`] or not at all; the rest allows
/// for clocks that differ. A wall recognises photos that it has by their ids.
const OVERLAP_SECONDS: i64 = 15;
const _: () = assert!(OVERLAP_SECONDS >= COMMIT_SECONDS.cast_signed() + 5);
/// The longest time since a wall last asked, in seconds, before it is told everything again.
const LONGEST_SECONDS: i64 = 3_600;

/// Reports changes to walls.
#[derive(Clone, Debug)]
pub struct WallFeed {
    feeds: Feeds,
    photos: Photos,
}

/// The changes since a wall last asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// The value to ask with next time: the latest change in this answer, in milliseconds since 1970. WallFeed with the same value ask the
    /// same, so one answer serves them all.
    pub seq: i64,
    /// Whether `photos` is the complete list: the wall must drop all others.
    pub whole: bool,
    /// Photos to show, newest first; at most [`WALL_PHOTOS`].
    pub photos: Vec<FeedRow>,
    /// Photos that must no longer be shown.
    pub gone: Vec<PhotoId>,
}

impl WallFeed {
    /// Returns a handle to the walls of the editions in `table`.
    pub fn new(table: &Table) -> Self {
        Self { feeds: Feeds::new(table), photos: Photos::new(table) }
    }

    /// Returns the changes in `edition` since the change `since`; everything if that is `None`, or more than an hour ago.
    pub async fn changes(&self, edition: &Edition, since: Option<i64>, now: Timestamp) -> Result<Changes, Fault> {
        let since = since.and_then(|since| Timestamp::from_millisecond(since).ok());
        let oldest = now - SignedDuration::from_secs(LONGEST_SECONDS);
        let since = since.filter(|since| (oldest..=now + SignedDuration::from_secs(60)).contains(since));
        let from = since.map(|since| since - SignedDuration::from_secs(OVERLAP_SECONDS));
        let feed = Feed::all(&edition.slug);
        let from_feed = self.feeds.since(&feed, edition.feed_shards, from.unwrap_or_default(), WALL_PHOTOS);
        // If everything is returned, no removals need to be listed; the latest turn still counts for `seq`.
        let from_turns = self.feeds.turns(&edition.slug, from.unwrap_or(oldest));
        let (mut photos, turns) = futures::try_join!(from_feed, from_turns)?;
        let newest = photos.iter().map(|row| row.published_at).chain(turns.iter().map(|turn| turn.at)).max();
        let mut gone = Vec::new();
        if from.is_some() {
            let turned: Vec<PhotoId> =
                turns.into_iter().map(|turn| turn.id).collect::<BTreeSet<_>>().into_iter().collect();
            let rows: Vec<FeedRow> = self.photos.get_many(&turned).await?.iter().filter_map(feed::row).collect();
            gone.extend(turned.into_iter().filter(|id| rows.iter().all(|row| row.id != *id)));
            photos.retain(|row| !gone.contains(&row.id));
            let back: Vec<_> = rows.into_iter().filter(|row| photos.iter().all(|known| known.id != row.id)).collect();
            photos.extend(back);
            photos.sort_by_key(|row| std::cmp::Reverse(row.position()));
        }
        let seq = newest.into_iter().chain(since).max().map_or(0, Timestamp::as_millisecond);
        Ok(Changes { seq, whole: from.is_none(), photos, gone })
    }
}
