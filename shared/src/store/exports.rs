//! The organiser's export: the list of an edition's published photos. (Pattern 3, then 1)
//!
//! The feed of all photos is read in steps, and the photos of each step by their ids, since a feed row does not contain what the uploader
//! agreed to. So each photo costs the same however many there are, and nothing is scanned: 2,000 photos take 20 queries of each partition
//! of the feed, 20 batch reads, and, by the sizes of their rows, about 2,200 read units.

use super::{Fault, Photos, feed::Feeds, table::Table};
use crate::domain::{
    edition::Edition,
    export::{Listed, Purpose},
    feed::{Cursor, Feed},
    ids::PhotoId,
    limits,
};

/// Photos of one step: as many as the service returns in one batch.
const STEP: usize = 100;

/// The exports of all editions.
#[derive(Clone, Debug)]
pub struct Exports {
    feeds: Feeds,
    photos: Photos,
}

/// A part of an export, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The photos of this part.
    pub photos: Vec<Listed>,
    /// Where the next part starts; `None` if this is the last one.
    pub next: Option<Cursor>,
}

impl Exports {
    /// Returns a handle to the exports in `table`.
    pub fn new(table: &Table) -> Self {
        Self { feeds: Feeds::new(table), photos: Photos::new(table) }
    }

    /// Reads up to `most` published photos of an edition after `after`, or from the newest on, and lists those whose uploaders agreed to
    /// `purpose`. So a part can be short, or empty, and still have a next one. It ends early, before it would exceed
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
            // A feed may be slightly out of date, so the photo's own row decides.
            let rows = self.photos.get_many(&ids).await?;
            for place in &page.photos {
                let photo = rows.iter().find(|photo| photo.id == place.id);
                if let Some(listed) = photo.and_then(|photo| Listed::new(photo, purpose, origin)) {
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
