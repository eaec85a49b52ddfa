//! The queue: photos that wait for a decision, urgent ones first and then the oldest, and reserved ones that wait for their bytes.
//! (Pattern 6)

use futures::future::try_join_all;
use jiff::Timestamp;

use super::{
    Fault, Photos,
    photos::counter_pk,
    table::{COVERING, MAIN, QUARANTINED, SHARDS, TRUSTED, Table, URGENT, work_of, work_pk},
};
use crate::domain::{
    ids::{EditionSlug, KeyId, PhotoId},
    photo::Photo,
    states::{Lane, State},
};

/// Index rows read of each shard at once.
const BATCH: i32 = 50;
/// Photos of a lane up to which those on other members' screens are counted: each costs a read, and in a longer lane nobody misses
/// them.
const COUNTED: u64 = 48;

/// The work queues of all editions.
#[derive(Clone, Debug)]
pub struct Queue {
    table: Table,
    photos: Photos,
}

/// How much waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Photos that wait for a decision, in all lanes.
    pub pending: u64,
    /// When the one that waits longest was reserved.
    pub oldest_at: Option<Timestamp>,
}

/// How much waits in one lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaneWaiting {
    /// Which.
    pub lane: Lane,
    /// Photos in it.
    pub photos: u64,
    /// Those of them that are on other members' screens; `None` where the lane is so long that they are not counted.
    pub elsewhere: Option<u64>,
    /// When the one that waits longest was reserved.
    pub oldest_at: Option<Timestamp>,
}

impl LaneWaiting {
    /// A lane in which nothing waits.
    pub fn none(lane: Lane) -> Self {
        Self { lane, photos: 0, elsewhere: Some(0), oldest_at: None }
    }
}

impl Queue {
    /// The queues of `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone(), photos: Photos::new(table) }
    }

    /// Hands out up to `limit` photos of a lane, urgent ones first and then the oldest, and claims each for `by` so that other moderators get others.
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
                // The index lags behind the rows: what the row says counts.
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

    /// Up to `limit` photos of a work queue, oldest first, without claiming them.
    pub async fn look(&self, edition: &EditionSlug, work: &str, limit: usize) -> Result<Vec<Photo>, Fault> {
        let mut after: Vec<Option<String>> = vec![None; usize::from(SHARDS)];
        let ids = self.next(edition, work, &mut after).await?;
        let photos = self.photos.get_many(&ids).await?;
        // The index lags behind the rows: what the row says counts.
        Ok(photos.into_iter().filter(|photo| work_of(photo) == Some(work)).take(limit).collect())
    }

    /// Photos that are locked away.
    pub async fn quarantined(&self, edition: &EditionSlug, limit: usize) -> Result<Vec<Photo>, Fault> {
        self.look(edition, QUARANTINED, limit).await
    }

    /// Photos that may be shown without a person's look.
    pub async fn trusted(&self, edition: &EditionSlug, limit: usize) -> Result<Vec<Photo>, Fault> {
        self.look(edition, TRUSTED, limit).await
    }

    /// Photos whose covers are not on their renditions yet.
    pub async fn covering(&self, edition: &EditionSlug, limit: usize) -> Result<Vec<Photo>, Fault> {
        self.look(edition, COVERING, limit).await
    }

    /// How much waits in each lane at `now`, as `by` sees it.
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

    /// Photos of a lane that other members than `by` have claimed.
    async fn elsewhere(&self, edition: &EditionSlug, lane: Lane, by: &KeyId, now: Timestamp) -> Result<u64, Fault> {
        let photos = self.look(edition, lane.as_str(), usize::MAX).await?;
        let others = |photo: &&Photo| photo.lease.as_ref().is_some_and(|lease| lease.by != *by && lease.until > now);
        Ok(u64::try_from(photos.iter().filter(others).count()).unwrap_or(u64::MAX))
    }

    /// Reserved photos older than `before`, oldest first, up to about `limit`, after those where another call ended; and where this one
    /// ended, `None` if there are no more. So no number of photos at the beginning keeps the others from being looked at.
    pub async fn reserved(
        &self,
        edition: &EditionSlug,
        before: Timestamp,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Photo>, Option<String>), Fault> {
        let mut found = Vec::new();
        // Sort keys begin with an instant, so that one of them says in every shard where to go on.
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

    /// How much waits in an edition, in all lanes.
    pub async fn waiting(&self, edition: &EditionSlug) -> Result<Waiting, Fault> {
        let pending = Counters::new(&self.table).total(edition, State::Pending.as_str()).await?;
        let oldest_at = self.oldest_at(edition).await?;
        Ok(Waiting { pending: u64::try_from(pending).unwrap_or_default(), oldest_at })
    }

    /// When the photo was reserved that waits longest for its first decision; `None` if none waits.
    pub async fn oldest_at(&self, edition: &EditionSlug) -> Result<Option<Timestamp>, Fault> {
        self.oldest(edition, &[Lane::Normal, Lane::Held]).await
    }

    /// When the photo that waits longest in any of these lanes was reserved.
    async fn oldest(&self, edition: &EditionSlug, lanes: &[Lane]) -> Result<Option<Timestamp>, Fault> {
        let firsts = lanes.iter().copied().flat_map(|lane| (0..SHARDS).map(move |shard| (lane, shard)));
        let firsts = try_join_all(firsts.map(|(lane, shard)| async move {
            self.table.index_page("G1", &work_pk(edition, lane.as_str(), shard), None, 1).await
        }))
        .await?;
        // Of a shard with an urgent photo that one alone is known. A moderator who sees it is told how long it waits.
        let since = |sort: &str| sort.strip_prefix(URGENT).unwrap_or(sort).split('#').next()?.parse().ok();
        let oldest = firsts.into_iter().flatten().filter_map(|(sort, _)| since(&sort)).min();
        Ok(oldest.and_then(|ms| Timestamp::from_millisecond(ms).ok()))
    }

    /// The next ids of a queue, oldest first, moving `after` of each shard on.
    ///
    /// Each shard gives its oldest ones; what is younger than the youngest that a full shard gave is left for the next call,
    /// since that shard may hold older ones still.
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

/// The counters of all editions. (Pattern 7)
#[derive(Clone, Debug)]
pub struct Counters {
    table: Table,
}

impl Counters {
    /// The counters of `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone() }
    }

    /// One counter's total; see [`crate::domain::change::counted`] for the names.
    pub async fn total(&self, edition: &EditionSlug, name: &str) -> Result<i64, Fault> {
        Ok(self.all(edition).await?.get(name).copied().unwrap_or_default())
    }

    /// All counters of an edition, added up over the shards.
    pub async fn all(&self, edition: &EditionSlug) -> Result<std::collections::BTreeMap<String, i64>, Fault> {
        let keys: Vec<_> = (0..SHARDS).map(|shard| (counter_pk(edition, shard), MAIN.to_owned())).collect();
        let rows: Vec<std::collections::HashMap<String, serde_json::Value>> = self.table.get_many(&keys).await?;
        let mut totals = std::collections::BTreeMap::new();
        for (name, n) in rows.into_iter().flatten().filter_map(|(name, value)| Some((name, value.as_i64()?))) {
            *totals.entry(name).or_default() += n;
        }
        Ok(totals)
    }
}
