//! The queue: photos that wait for a decision, urgent ones first and then the oldest, and reserved photos that wait for their bytes.
//! (Pattern 6)

use futures::future::try_join_all;
use jiff::Timestamp;

use super::{
    Fault, Photos,
    counters::Counters,
    table::{COVERING, QUARANTINED, SHARDS, TRUSTED, Table, URGENT, work_of, work_pk},
};
use crate::domain::{
    ids::{EditionSlug, KeyId, PhotoId},
    photo::Photo,
    states::{Lane, State},
};

/// Index rows per shard in one read.
const BATCH: i32 = 50;
/// The longest lane, in photos, for which those leased to other members are counted: each costs a read, and in a longer lane the figure
/// does not matter.
const COUNTED: u64 = 48;

/// The work queues of all editions.
#[derive(Clone, Debug)]
pub struct Queue {
    table: Table,
    photos: Photos,
}

/// The number of waiting photos of an edition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Photos that wait for a decision, in all lanes.
    pub pending: u64,
    /// When the photo that has waited longest was registered; `None` if none waits.
    pub oldest_at: Option<Timestamp>,
}

/// The number of waiting photos in one lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaneWaiting {
    /// The lane.
    pub lane: Lane,
    /// The number of photos in it.
    pub photos: u64,
    /// How many of them are leased to other members; `None` if the lane is too long to count them.
    pub elsewhere: Option<u64>,
    /// When the photo that has waited longest was registered; `None` if none waits.
    pub oldest_at: Option<Timestamp>,
}

impl LaneWaiting {
    /// Creates the figures of an empty lane.
    pub fn none(lane: Lane) -> Self {
        Self { lane, photos: 0, elsewhere: Some(0), oldest_at: None }
    }
}

impl Queue {
    /// Returns a handle to the queues in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone(), photos: Photos::new(table) }
    }

    /// Returns up to `limit` photos of a lane, urgent ones first and then the oldest, and leases each to `by`, so that other moderators get
    /// other photos.
    pub async fn take(
        &self,
        edition: &EditionSlug,
        lane: Lane,
        by: &KeyId,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<Photo>, Fault> {
        let mut taken = Vec::new();
        let mut after: Vec<Option<String>> = vec![None; usize::from(SHARDS)];
        loop {
            let ids = self.next(edition, lane.as_str(), &mut after).await?;
            if ids.is_empty() {
                return Ok(taken);
            }
            for photo in self.photos.get_many(&ids).await? {
                let others = photo.lease.as_ref().is_some_and(|lease| lease.by != *by && lease.until > now);
                // The index lags behind the rows, so the row decides.
                if work_of(&photo) != Some(lane.as_str()) || others {
                    continue;
                }
                if self.photos.lease(&photo, by, now).await? {
                    taken.push(photo);
                }
                if taken.len() >= limit {
                    return Ok(taken);
                }
            }
        }
    }

    /// Returns up to `limit` photos of a work queue, oldest first, without leasing them.
    pub async fn look(&self, edition: &EditionSlug, work: &str, limit: usize) -> Result<Vec<Photo>, Fault> {
        let mut after: Vec<Option<String>> = vec![None; usize::from(SHARDS)];
        let ids = self.next(edition, work, &mut after).await?;
        let photos = self.photos.get_many(&ids).await?;
        // The index lags behind the rows, so the row decides.
        Ok(photos.into_iter().filter(|photo| work_of(photo) == Some(work)).take(limit).collect())
    }

    /// Returns quarantined photos.
    pub async fn quarantined(&self, edition: &EditionSlug, limit: usize) -> Result<Vec<Photo>, Fault> {
        self.look(edition, QUARANTINED, limit).await
    }

    /// Returns photos that may be shown by trust.
    pub async fn trusted(&self, edition: &EditionSlug, limit: usize) -> Result<Vec<Photo>, Fault> {
        self.look(edition, TRUSTED, limit).await
    }

    /// Returns photos whose covers are not on their renditions yet.
    pub async fn covering(&self, edition: &EditionSlug, limit: usize) -> Result<Vec<Photo>, Fault> {
        self.look(edition, COVERING, limit).await
    }

    /// Returns the number of waiting photos of each lane at `now`, as seen by `by`.
    pub async fn lanes(&self, edition: &EditionSlug, by: &KeyId, now: Timestamp) -> Result<Vec<LaneWaiting>, Fault> {
        let counters = Counters::new(&self.table).all(edition).await?;
        let count = |name: &str| u64::try_from(counters.get(name).copied().unwrap_or_default()).unwrap_or_default();
        let held = count(Lane::Held.as_str());
        let lanes = Lane::ALL.into_iter().map(|lane| {
            let photos = match lane {
                Lane::Normal => count(State::Pending.as_str()).saturating_sub(held),
                Lane::Held => held,
                Lane::Reported | Lane::Unseen => count(lane.as_str()),
            };
            async move {
                let elsewhere = match photos {
                    0 => Some(0),
                    1..=COUNTED => Some(self.elsewhere(edition, lane, by, now).await?),
                    _ => None,
                };
                let oldest_at = self.oldest(edition, &[lane]).await?;
                Ok(LaneWaiting { lane, photos, elsewhere, oldest_at })
            }
        });
        try_join_all(lanes).await
    }

    /// Returns how many photos of a lane are leased to members other than `by`.
    async fn elsewhere(&self, edition: &EditionSlug, lane: Lane, by: &KeyId, now: Timestamp) -> Result<u64, Fault> {
        let photos = self.look(edition, lane.as_str(), usize::MAX).await?;
        let others = |photo: &&Photo| photo.lease.as_ref().is_some_and(|lease| lease.by != *by && lease.until > now);
        Ok(u64::try_from(photos.iter().filter(others).count()).unwrap_or(u64::MAX))
    }

    /// Returns reserved photos older than `before`, oldest first, up to about `limit`, from where the previous call ended; and where this
    /// call ended, `None` if there are no more. So any number of photos at the beginning does not keep the others from being examined.
    pub async fn reserved(
        &self,
        edition: &EditionSlug,
        before: Timestamp,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Photo>, Option<String>), Fault> {
        let mut found = Vec::new();
        // Sort keys begin with an instant, so one of them determines in every shard where to continue.
        let mut places: Vec<Option<String>> = vec![after.map(str::to_owned); usize::from(SHARDS)];
        loop {
            let ids = self.next(edition, State::Reserved.as_str(), &mut places).await?;
            if ids.is_empty() {
                return Ok((found, None));
            }
            let photos = self.photos.get_many(&ids).await?;
            let young = photos.iter().all(|photo| photo.created_at > before);
            found.extend(photos.into_iter().filter(|p| p.state == State::Reserved && p.created_at <= before));
            if young {
                return Ok((found, None));
            }
            if found.len() >= limit {
                return Ok((found, places.into_iter().flatten().max()));
            }
        }
    }

    /// Returns the number of waiting photos of an edition, in all lanes.
    pub async fn waiting(&self, edition: &EditionSlug) -> Result<Waiting, Fault> {
        let pending = Counters::new(&self.table).total(edition, State::Pending.as_str()).await?;
        let oldest_at = self.oldest_at(edition).await?;
        Ok(Waiting { pending: u64::try_from(pending).unwrap_or_default(), oldest_at })
    }

    /// Returns when the photo was registered that has waited longest for its first decision; `None` if none waits.
    pub async fn oldest_at(&self, edition: &EditionSlug) -> Result<Option<Timestamp>, Fault> {
        self.oldest(edition, &[Lane::Normal, Lane::Held]).await
    }

    /// Returns when the photo that has waited longest in any of these lanes was registered.
    async fn oldest(&self, edition: &EditionSlug, lanes: &[Lane]) -> Result<Option<Timestamp>, Fault> {
        let firsts = lanes.iter().copied().flat_map(|lane| (0..SHARDS).map(move |shard| (lane, shard)));
        let firsts = try_join_all(firsts.map(|(lane, shard)| async move {
            self.table.index_page("G1", &work_pk(edition, lane.as_str(), shard), None, 1).await
        }))
        .await?;
        // In a shard with an urgent photo, only that photo is known. A moderator who sees it is shown how long it has waited.
        let since = |sort: &str| sort.strip_prefix(URGENT).unwrap_or(sort).split('#').next()?.parse().ok();
        let oldest = firsts.into_iter().flatten().filter_map(|(sort, _)| since(&sort)).min();
        Ok(oldest.and_then(|ms| Timestamp::from_millisecond(ms).ok()))
    }

    /// Returns the next ids of a queue, oldest first, and advances `after` of each shard.
    ///
    /// Each shard returns its oldest ids. Ids that are younger than the youngest of a full page are left for the next call, since that
    /// page's shard may have older ones still.
    async fn next(
        &self,
        edition: &EditionSlug,
        work: &str,
        after: &mut [Option<String>],
    ) -> Result<Vec<PhotoId>, Fault> {
        let pages = (0..SHARDS).zip(&*after).map(|(shard, after)| async move {
            self.table.index_page("G1", &work_pk(edition, work, shard), after.as_deref(), BATCH).await
        });
        let pages = try_join_all(pages).await?;
        let full = usize::try_from(BATCH).unwrap_or_default();
        let horizon =
            pages.iter().filter(|page| page.len() >= full).filter_map(|page| page.last()).map(|(sort, _)| sort).min();
        let mut ready: Vec<(usize, &(String, PhotoId))> = pages
            .iter()
            .enumerate()
            .flat_map(|(shard, page)| page.iter().map(move |entry| (shard, entry)))
            .filter(|(_, (sort, _))| horizon.is_none_or(|horizon| sort <= horizon))
            .collect();
        ready.sort_by(|(_, (one, _)), (_, (other, _))| one.cmp(other));
        for (shard, (sort, _)) in &ready {
            if let Some(after) = after.get_mut(*shard) {
                *after = Some(sort.clone());
            }
        }
        Ok(ready.into_iter().map(|(_, (_, id))| id.clone()).collect())
    }
}
