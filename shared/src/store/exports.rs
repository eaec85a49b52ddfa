//! What organisers take along after the day: the list of an edition's published photos. (Pattern 3, then 1)
//!
//! The feed of all photos is read step by step, and each step's photos by their ids, since a feed does not know what senders agreed
//! to. So a photo costs the same however many there are, and nothing is scanned: 2,000 photos take 20 queries of each partition of the
//! feed, 20 batches, and by the sizes of their rows about 2,200 read units.

use super::{Fault, Photos, feed::Feeds, table::Table};
use crate::domain::{
    edition::Edition,
    export::{Listed, Purpose},
    feed::{Cursor, Feed},
    ids::PhotoId,
    limits,
};

/// Photos of one step: as many as the service gives in one batch.
const STEP: usize = 100;

/// The lists of all editions.
#[derive(Clone, Debug)]
pub struct Exports {
    feeds: Feeds,
    photos: Photos,
}

/// A part of a list, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// Its photos.
    pub photos: Vec<Listed>,
    /// Where the following part starts; none where this is the last one.
    pub next: Option<Cursor>,
}

impl Exports {
    /// The lists of `table`.
    pub fn new(table: &Table) -> Self {
        Self { feeds: Feeds::new(table), photos: Photos::new(table) }
    }

    /// Looks at up to `most` published photos of an edition after `after`, or from the newest on, and lists those whose senders
    /// agreed to `purpose`. So a part can be short, or empty, and yet have a next one; it ends early before it would have more than
    /// [`limits::EXPORT_BYTES`].
    pub async fn part(
        &self,
        edition: &Edition,
        purpose: Purpose,
        origin: &str,
        after: Option<Cursor>,
        most: usize,
    ) -> Result<Listing, Fault> {
        let feed = Feed::all(&edition.slug);
        let (mut photos, mut after) = (Vec::new(), after);
        let (mut looked_at, mut bytes) = (0, 0);
        while looked_at < most {
            let step = STEP.min(most - looked_at);
            let page = self.feeds.page(&feed, edition.feed_shards, None, after.as_ref(), step).await?;
            let ids: Vec<PhotoId> = page.photos.iter().map(|row| row.id.clone()).collect();
            // A feed is as it was a moment ago: what a photo's own row says counts.
            let rows = self.photos.get_many(&ids).await?;
            for place in &page.photos {
                let photo = rows.iter().find(|photo| photo.id == place.id);
                if let Some(listed) = photo.and_then(|photo| Listed::of(photo, purpose, origin)) {
                    bytes += listed.bytes();
                    if bytes > limits::EXPORT_BYTES {
                        return Ok(Listing { photos, next: after });
                    }
                    photos.push(listed);
                }
                after = Some(Cursor(place.position()));
            }
            looked_at += page.photos.len();
            if page.next.is_none() {
                return Ok(Listing { photos, next: None });
            }
        }
        Ok(Listing { photos, next: after })
    }
}
