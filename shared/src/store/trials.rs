//! Trials of the installation: their records, and the rows that they leave behind. (Pattern 31)

use jiff::Timestamp;

use super::{
    Fault, Photos,
    feed::turns_pk,
    members::{Members, Person},
    outbox::Outbox,
    photos::counter_pk,
    similar_photos::SimilarPhotos,
    table::{Condition, MAIN, Range, SHARDS, Table, Transaction, photo_pk, row},
    uploader_counters::sender_pk,
};
use crate::domain::{change::feed_rows, ids::EditionSlug, trial::Trial};

/// The trials of an installation.
#[derive(Clone, Debug)]
pub struct Trials {
    table: Table,
}

impl Trials {
    /// Returns a handle to the trials in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone() }
    }

    /// Begins a trial: records it, and adds its `member`, who must be the one that the trial names.
    pub async fn begin(&self, trial: &Trial, member: &Person) -> Result<(), Fault> {
        let items = vec![
            self.table.put_if(row("CFG", &sort_key(&trial.edition.slug), trial)?, Condition::ABSENT)?,
            self.table.put_if(row("WHO", member.id.as_str(), member)?, Condition::ABSENT)?,
        ];
        match self.table.transact("begin trial", items).await? {
            Transaction::Done => Ok(()),
            Transaction::Refused(_) => Err(Fault::broken("begin trial", "there is one of that name already")),
        }
    }

    /// Returns the trial of that edition; `None` if there is none.
    pub async fn get(&self, edition: &EditionSlug) -> Result<Option<Trial>, Fault> {
        self.table.get("CFG", &sort_key(edition)).await
    }

    /// Returns all trials that have not been ended, in no particular order.
    pub async fn all(&self) -> Result<Vec<Trial>, Fault> {
        self.table.query_all("CFG", Range::Prefix("T#")).await
    }

    /// Ends a trial: deletes every row that it has made, its own last, so that an interrupted call can be repeated. The caller deletes the
    /// files of its photos. What stays is its member's sign-in in the activity log, from which nothing is ever removed.
    pub async fn end(&self, trial: &Trial, now: Timestamp) -> Result<(), Fault> {
        let (table, edition) = (&self.table, &trial.edition.slug);
        let (photos, looks, outbox) = (Photos::new(table), SimilarPhotos::new(table), Outbox::new(table));
        for id in &trial.photos {
            if let Some(photo) = photos.get(id).await? {
                if let Some(fingerprint) = photo.rendered.as_ref().and_then(|rendered| rendered.fingerprint) {
                    looks.forget(&photo, fingerprint).await?;
                }
                for (partition, shown) in feed_rows(&photo) {
                    table.delete(&partition, &shown.position().sort_key()).await?;
                }
            }
            outbox.forget(id).await?;
            table.erase_partition(&photo_pk(id)).await?;
        }
        for shard in 0..SHARDS {
            table.delete(&counter_pk(edition, shard), MAIN).await?;
        }
        table.erase_partition(&turns_pk(edition)).await?;
        table.delete(&sender_pk(edition, &trial.uploader), MAIN).await?;
        table.erase_partition(&format!("RL#{}", trial.uploader)).await?;
        Members::new(table).forget_person(&trial.member, now).await?;
        table.delete("CFG", &sort_key(edition)).await
    }
}

fn sort_key(edition: &EditionSlug) -> String {
    format!("T#{edition}")
}
