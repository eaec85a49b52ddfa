//! The outbox: erasures that a take-down has promised, each with its time. (Pattern 8)

use std::collections::BTreeSet;

use futures::{StreamExt, future::try_join_all, stream};
use jiff::Timestamp;

use super::{
    Fault, Photos,
    buckets::{Originals, Public, Removals, Review},
    edges::Edges,
    table::{Item, Range, SHARDS, Table, row, sortable},
};
use crate::domain::change::{Change, Purge, PurgeScope};

/// Erasures that are carried out side by side.
const SIDE_BY_SIDE: usize = 8;

/// The outbox of all editions.
#[derive(Clone, Debug)]
pub struct Outbox {
    table: Table,
}

impl Outbox {
    /// The outbox of `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone() }
    }

    /// What is due at `now`, in no order.
    pub async fn due(&self, now: Timestamp) -> Result<Vec<Purge>, Fault> {
        let bound = sortable(now + jiff::SignedDuration::from_millis(1));
        let shards = (0..SHARDS).map(|shard| {
            let (pk, bound) = (partition(shard), bound.clone());
            async move { self.table.query_all::<Purge>(&pk, Range::Below(&bound)).await }
        });
        Ok(try_join_all(shards).await?.into_iter().flatten().collect())
    }

    /// Strikes a purge off that has been carried out.
    pub async fn done(&self, purge: &Purge) -> Result<(), Fault> {
        self.table.delete(&partition(purge.id.shard(SHARDS)), &sort_key(purge)).await
    }
}

/// The rooms in which a photo can have something.
#[derive(Clone, Debug)]
pub struct Rooms {
    /// Its file as it came.
    pub originals: Originals,
    /// Its renditions before a decision.
    pub review: Review,
    /// Its renditions for everybody.
    pub public: Public,
    /// What is kept of its removal.
    pub removals: Removals,
}

/// Carries purges out.
#[derive(Clone, Debug)]
pub struct Purger {
    outbox: Outbox,
    photos: Photos,
    rooms: Rooms,
    edges: Edges,
}

impl Purger {
    /// Erases from these rooms and edges what the outbox of `table` promises.
    pub fn new(table: &Table, rooms: Rooms, edges: Edges) -> Self {
        Self { outbox: Outbox::new(table), photos: Photos::new(table), rooms, edges }
    }

    /// Carries purges out; answers how many are done and how many are left for the next time. Twice does no harm, and so does a
    /// death at any step: a row of the outbox goes last.
    ///
    /// The edges forget last of all, so that none can fetch anew what it has just forgotten; they are asked once for the whole
    /// batch.
    pub async fn purge(&self, purges: Vec<Purge>, now: Timestamp) -> (u64, u64) {
        let asked = count(&purges);
        let erasing = purges.into_iter().map(|purge| self.clone().erased(purge, now));
        let erased: Vec<_> = stream::iter(erasing.collect::<Vec<_>>()).buffer_unordered(SIDE_BY_SIDE).collect().await;
        let mut erased: Vec<Purge> = erased.into_iter().flatten().collect();
        let paths: BTreeSet<_> = erased.iter().flat_map(|purge| purge.edges.iter().cloned()).collect();
        let reason: Vec<_> = erased.iter().map(sort_key).collect();
        if let Err(fault) = self.edges.invalidate(&paths, &reason.join(" ")).await {
            tracing::warn!(fault = fault.chain(), "edges still keep what they have; they are asked again");
            erased.retain(|purge| purge.edges.is_empty());
        }
        let striking: Vec<_> = erased.into_iter().map(|purge| self.clone().struck(purge)).collect();
        let struck: Vec<_> = stream::iter(striking).buffer_unordered(SIDE_BY_SIDE).collect().await;
        let done = count(&struck.into_iter().filter(|struck| *struck).collect::<Vec<_>>());
        (done, asked - done)
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

    async fn struck(self, purge: Purge) -> bool {
        match self.outbox.done(&purge).await {
            Ok(()) => true,
            Err(fault) => {
                tracing::warn!(photo.id = %purge.id, fault = fault.chain(), "a purge is carried out and comes again");
                false
            }
        }
    }

    /// Carries out at once what a committed move asks to erase now; what is for later, and what fails, the outbox brings.
    /// Answers whether all of it went.
    pub async fn purge_now(&self, change: &Change, now: Timestamp) -> bool {
        let due: Vec<_> = change.purges.iter().filter(|purge| purge.due_at <= now).cloned().collect();
        if due.is_empty() {
            return true;
        }
        self.purge(due, now).await.1 == 0
    }

    /// The removal is on record before its bytes go: from then on no older copy of the table brings the photo back.
    async fn erase(&self, purge: &Purge, now: Timestamp) -> Result<(), Fault> {
        if let Some(removal) = &purge.removal {
            self.rooms.removals.put(removal).await?;
        }
        match &purge.scope {
            PurgeScope::Public(revision) => self.rooms.public.erase_revision(&purge.id, revision).await?,
            PurgeScope::Renditions(hash) => self.rooms.review.erase_folder(&purge.id, hash).await?,
            PurgeScope::Everything(original) => {
                self.rooms.public.erase(&purge.id).await?;
                self.rooms.review.erase(&purge.id).await?;
                self.rooms.originals.delete(original).await?;
            }
        }
        self.photos.note_erased(purge, now).await
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
    // One move can take away bytes of two kinds.
    let kind = match &purge.scope {
        PurgeScope::Everything(_) => "all",
        PurgeScope::Public(_) => "public",
        PurgeScope::Renditions(_) => "renditions",
    };
    format!("{}#{}#{:06}#{}#{kind}", sortable(purge.due_at), purge.id, purge.version, purge.round)
}
