//! The outbox: erasures that a take-down has promised, each with its time. (Pattern 8)

use futures::future::try_join_all;
use jiff::Timestamp;

use super::{
    Fault,
    buckets::{Originals, Public, Review},
    table::{Item, Range, SHARDS, Table, row, sortable},
};
use crate::domain::change::{Change, Purge, PurgeScope};

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

/// Carries purges out.
#[derive(Clone, Debug)]
pub struct Purger {
    outbox: Outbox,
    originals: Originals,
    review: Review,
    public: Public,
}

impl Purger {
    /// Erases from these buckets what this outbox promises.
    pub fn new(outbox: Outbox, originals: Originals, review: Review, public: Public) -> Self {
        Self { outbox, originals, review, public }
    }

    /// Erases what `purge` names, then strikes it off. Twice does no harm, and so does a death in between.
    pub async fn purge(&self, purge: &Purge) -> Result<(), Fault> {
        match &purge.scope {
            PurgeScope::Public(revision) => self.public.erase_revision(&purge.id, revision).await?,
            PurgeScope::Renditions(hash) => self.review.erase_folder(&purge.id, hash).await?,
            PurgeScope::Everything(original) => {
                self.public.erase(&purge.id).await?;
                self.review.erase(&purge.id).await?;
                self.originals.delete(original).await?;
            }
        }
        self.outbox.done(purge).await
    }

    /// Carries out at once what a committed move asks to erase now; what is for later, and what fails, the outbox brings.
    /// Answers whether all of it went.
    pub async fn purge_now(&self, change: &Change, now: Timestamp) -> bool {
        let mut all = true;
        for purge in change.purges.iter().filter(|purge| purge.due_at <= now) {
            if let Err(fault) = self.purge(purge).await {
                tracing::warn!(photo.id = %purge.id, fault = fault.chain(), "purge left to the outbox");
                all = false;
            }
        }
        all
    }
}

/// The row of a purge.
pub(super) fn item(purge: &Purge) -> Result<Item, Fault> {
    row(&partition(purge.id.shard(SHARDS)), &sort_key(purge), purge)
}

fn partition(shard: u8) -> String {
    format!("OB#{shard}")
}

fn sort_key(purge: &Purge) -> String {
    format!("{}#{}#{:06}#{}", sortable(purge.due_at), purge.id, purge.version, purge.round)
}
