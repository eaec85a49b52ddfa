//! The outbox: the erasures that removals require, each with its time. (Pattern 8)

use std::{collections::BTreeSet, time::Duration};

use futures::{StreamExt, future::try_join_all, stream};
use jiff::{SignedDuration, Timestamp};

use super::{
    Fault, Photos,
    buckets::{Originals, Public, Removals, Review},
    cdn::{CdnInvalidation, Turns},
    table::{Item, Range, SHARDS, Table, row, sortable},
};
use crate::{
    domain::{
        change::{Change, Purge, PurgeScope},
        edge::EVERYTHING,
        ids::PhotoId,
    },
    runtime::metrics::{self, Figure},
};

/// Erasures that are carried out concurrently.
const SIDE_BY_SIDE: usize = 8;
/// The most photos of one batch for which only their own addresses are named, if the turn to forget everything is taken. With more of them
/// edges forget everything regardless of the turn.
const FEW: usize = 5;
/// The most paths of one batch that are named. Each costs as much as the one that stands for everything.
const NAMED: usize = 100;

/// The outbox of all editions.
#[derive(Clone, Debug)]
pub struct Outbox {
    table: Table,
}

impl Outbox {
    /// Returns a handle to the outbox in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone() }
    }

    /// Returns the purges that are due at `now`, in no particular order.
    pub async fn due(&self, now: Timestamp) -> Result<Vec<Purge>, Fault> {
        let bound = sortable(now + SignedDuration::from_millis(1));
        let shards = (0..SHARDS).map(|shard| {
            let (pk, bound) = (partition(shard), bound.clone());
            async move { self.table.query_all::<Purge>(&pk, Range::Below(&bound)).await }
        });
        Ok(try_join_all(shards).await?.into_iter().flatten().collect())
    }

    /// Deletes a purge that has been carried out.
    pub async fn done(&self, purge: &Purge) -> Result<(), Fault> {
        self.table.delete(&partition(purge.id.shard(SHARDS)), &sort_key(purge)).await
    }

    /// Deletes all purges of a photo, carried out or not.
    pub(super) async fn forget(&self, id: &PhotoId) -> Result<(), Fault> {
        let purges: Vec<Purge> = self.table.query_all(&partition(id.shard(SHARDS)), Range::All).await?;
        for purge in purges.iter().filter(|purge| purge.id == *id) {
            self.done(purge).await?;
        }
        Ok(())
    }

    /// Replaces a purge by what is left of it.
    pub async fn leave(&self, purge: &Purge) -> Result<(), Fault> {
        self.table.put(item(purge)?).await
    }
}

/// The four buckets, each of which may have something of a photo.
#[derive(Clone, Debug)]
pub struct Buckets {
    /// The originals.
    pub originals: Originals,
    /// The renditions under review.
    pub review: Review,
    /// The public renditions.
    pub public: Public,
    /// The record of removals.
    pub removals: Removals,
}

/// Carries out purges.
#[derive(Clone, Debug)]
pub struct Purger {
    outbox: Outbox,
    photos: Photos,
    rooms: Buckets,
    edges: CdnInvalidation,
    turns: Turns,
}

/// Which paths the edges were told to forget.
enum Told {
    /// All paths.
    Everything,
    /// These paths.
    Paths(BTreeSet<String>),
}

impl Told {
    /// Returns the part of a purge that edges must still be told; `None` if there is none.
    fn rest(&self, purge: &Purge) -> Option<Purge> {
        let Self::Paths(paths) = self else { return None };
        let edges: Vec<_> = purge.edges.iter().filter(|path| !paths.contains(*path)).cloned().collect();
        let left = purge.lists || !edges.is_empty();
        left.then(|| Purge { edges, erased: true, ..purge.clone() })
    }
}

impl Purger {
    /// Creates a purger that erases from these buckets and edges what the outbox of `table` requires.
    pub fn new(table: &Table, rooms: Buckets, edges: CdnInvalidation) -> Self {
        Self { outbox: Outbox::new(table), photos: Photos::new(table), rooms, edges, turns: Turns::new(table) }
    }

    /// Carries out purges; returns how many are done and how many are left for the next time. Repeating it is harmless, and so is an
    /// interruption at any step: a row of the outbox is deleted last. What the delivery network refuses is tried again until `patience` is
    /// over.
    ///
    /// The edges are told last of all, so that none can fetch again what it has just forgotten; they are told once for the whole batch.
    pub async fn purge(&self, purges: Vec<Purge>, now: Timestamp, patience: Duration) -> (u64, u64) {
        let (asked, begun) = (count(&purges), tokio::time::Instant::now());
        let erasing = purges.into_iter().map(|purge| self.clone().erased(purge, now));
        let erased: Vec<_> = stream::iter(erasing.collect::<Vec<_>>()).buffer_unordered(SIDE_BY_SIDE).collect().await;
        let erased: Vec<Purge> = erased.into_iter().flatten().collect();
        let told = self.tell(&erased, now, patience).await;
        let waited = SignedDuration::try_from(begun.elapsed()).unwrap_or_default();
        let striking: Vec<_> = erased
            .into_iter()
            .map(|purge| {
                let rest = told.rest(&purge);
                if purge.round == 1 && rest.is_none() {
                    let gone = now + waited;
                    metrics::tell(Figure::DecisionToEffect(gone.duration_since(purge.due_at)), gone);
                }
                self.clone().struck(purge, rest)
            })
            .collect();
        let struck: Vec<_> = stream::iter(striking).buffer_unordered(SIDE_BY_SIDE).collect().await;
        let done = count(&struck.into_iter().filter(|struck| *struck).collect::<Vec<_>>());
        (done, asked - done)
    }

    /// Tells the edges to forget everything, because a part of all pages has changed; waits no longer than `patience` while too much is being
    /// invalidated. The same `reason` is told once. Returns whether they were told; if not, pages are right when what edges keep is too old.
    pub async fn forget_everything(&self, reason: &str, patience: Duration) -> bool {
        let everything = BTreeSet::from([EVERYTHING.to_owned()]);
        !self.edges.forget(&everything, reason, patience).await.is_empty()
    }

    /// Tells the edges what to forget for a batch.
    async fn tell(&self, erased: &[Purge], now: Timestamp, patience: Duration) -> Told {
        let own: BTreeSet<_> = erased.iter().flat_map(|purge| purge.edges.iter().cloned()).collect();
        let mut reason: Vec<_> =
            erased.iter().filter(|purge| purge.lists || !purge.edges.is_empty()).map(sort_key).collect();
        reason.sort_unstable();
        let reason = reason.join(" ");
        let lists: BTreeSet<&PhotoId> = erased.iter().filter(|purge| purge.lists).map(|purge| &purge.id).collect();
        let many = own.len() > NAMED || lists.len() > FEW;
        if many || (!lists.is_empty() && self.turn(now, patience).await) {
            let everything = BTreeSet::from([EVERYTHING.to_owned()]);
            if !self.edges.forget(&everything, &reason, patience).await.is_empty() {
                return Told::Everything;
            }
        }
        Told::Paths(self.edges.forget(&own, &reason, Duration::ZERO).await)
    }

    /// Waits for the turn to tell edges to forget everything, no longer than `patience`; returns whether it came.
    async fn turn(&self, now: Timestamp, patience: Duration) -> bool {
        let begun = tokio::time::Instant::now();
        loop {
            let waited = begun.elapsed();
            match self.turns.take(now + SignedDuration::try_from(waited).unwrap_or_default()).await {
                Ok(true) => return true,
                Ok(false) if waited < patience => tokio::time::sleep(Duration::from_secs(1)).await,
                Ok(false) => return false,
                Err(fault) => {
                    tracing::warn!(
                        fault = fault.chain(),
                        "nobody knows whose turn it is; edges are told by the next sweep"
                    );
                    return false;
                }
            }
        }
    }

    async fn erased(self, purge: Purge, now: Timestamp) -> Option<Purge> {
        match self.erase(&purge, now).await {
            Ok(()) => Some(purge),
            Err(fault) => {
                tracing::warn!(photo.id = %purge.id, fault = fault.chain(), "a purge is left to the outbox");
                None
            }
        }
    }

    /// Deletes the purge, or replaces it by the rest; returns whether nothing is left of it.
    async fn struck(self, purge: Purge, rest: Option<Purge>) -> bool {
        let written = match &rest {
            None => self.outbox.done(&purge).await,
            Some(rest) => self.outbox.leave(rest).await,
        };
        match written {
            Ok(()) => rest.is_none(),
            Err(fault) => {
                tracing::warn!(photo.id = %purge.id, fault = fault.chain(), "a purge is carried out and comes again");
                false
            }
        }
    }

    /// Carries out at once what committed moves ask to erase now. Later purges, and those that fail, are left to the outbox. Returns
    /// whether all of them succeeded.
    pub async fn purge_now<'a>(&self, changes: impl IntoIterator<Item = &'a Change>, now: Timestamp) -> bool {
        let due: Vec<_> =
            changes.into_iter().flat_map(|change| &change.purges).filter(|purge| purge.round == 1).cloned().collect();
        due.is_empty() || self.purge(due, now, Duration::ZERO).await.1 == 0
    }

    /// Erases objects in a bucket that belong to no photo, unless the photo's row names them by now, or a worker may still come to name
    /// them. Returns whether it erased them.
    pub async fn erase_orphan(&self, id: &PhotoId, scope: &PurgeScope) -> Result<bool, Fault> {
        let photo = self.photos.get(id).await?;
        let coming = matches!(scope, PurgeScope::Renditions(_));
        if photo.is_some_and(|photo| photo.names(scope) || (coming && photo.awaits_renditions())) {
            return Ok(false);
        }
        self.erase_bytes(id, scope).await.map(|()| true)
    }

    /// Records the removal before the bytes are erased: from then on no older copy of the table brings the photo back. Bytes that the
    /// photo's row names by now are not erased.
    async fn erase(&self, purge: &Purge, now: Timestamp) -> Result<(), Fault> {
        if purge.erased || purge.scope == PurgeScope::Words {
            return Ok(());
        }
        if let Some(removal) = &purge.removal {
            self.rooms.removals.put(removal).await?;
        }
        if self.photos.get(&purge.id).await?.is_some_and(|photo| photo.names(&purge.scope)) {
            tracing::error!(photo.id = %purge.id, version = purge.version, "an erasure spares what its photo names");
            return Ok(());
        }
        self.erase_bytes(&purge.id, &purge.scope).await?;
        self.photos.note_erased(purge, now).await
    }

    async fn erase_bytes(&self, id: &PhotoId, scope: &PurgeScope) -> Result<(), Fault> {
        match scope {
            PurgeScope::Public(revision) => self.rooms.public.erase_revision(id, revision).await,
            PurgeScope::Renditions(hash) => self.rooms.review.erase_folder(id, hash).await,
            PurgeScope::Everything(original) => {
                self.rooms.public.erase(id).await?;
                self.rooms.review.erase(id).await?;
                self.rooms.originals.erase(original).await
            }
            PurgeScope::Words => Ok(()),
        }
    }
}

fn count<T>(items: &[T]) -> u64 {
    u64::try_from(items.len()).unwrap_or(u64::MAX)
}

/// The row of a purge.
pub(super) fn item(purge: &Purge) -> Result<Item, Fault> {
    row(&partition(purge.id.shard(SHARDS)), &sort_key(purge), purge)
}

fn partition(shard: u8) -> String {
    format!("OB#{shard}")
}

fn sort_key(purge: &Purge) -> String {
    // One move can require several erasures of different kinds.
    let kind = match &purge.scope {
        PurgeScope::Everything(_) => "all",
        PurgeScope::Public(_) => "public",
        PurgeScope::Renditions(_) => "renditions",
        PurgeScope::Words => "words",
    };
    format!("{}#{}#{:06}#{}#{kind}", sortable(purge.due_at), purge.id, purge.version, purge.round)
}
