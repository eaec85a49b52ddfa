//! Whom to trust, and what is kept against it: a device does not earn trust any more once a person has deleted or locked away a photo
//! of it, or it has withdrawn one that was rejected, hidden or reported. Such a photo is gone from its sender's list, so this is kept
//! beside it, and written in the transaction that takes it away. (Pattern 26)

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    Fault,
    senders::Senders,
    table::{Item, MAIN, Table, row},
};
use crate::domain::{
    Edition,
    ids::{EditionSlug, UploaderId},
    limits,
    sender::Sender,
};

/// The doubts about devices.
#[derive(Clone, Debug)]
pub struct Doubts {
    table: Table,
}

#[derive(Debug, Serialize, Deserialize)]
struct Doubt {
    /// Unix seconds.
    ttl: i64,
}

impl Doubts {
    /// The doubts in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone() }
    }

    /// Whether what this device sends may be shown without a person's look, as things stand: see [`Trust::earned`]. Where the
    /// organiser trusts nobody, nothing is read.
    ///
    /// [`Trust::earned`]: crate::domain::trust::Trust::earned
    pub async fn trusts(&self, edition: &Edition, uploader: &UploaderId) -> Result<bool, Fault> {
        if edition.trust.is_none() {
            return Ok(false);
        }
        let sender = Senders::new(&self.table).get(&edition.slug, uploader).await?;
        self.trusts_sender(edition, uploader, &sender).await
    }

    /// The same for a device of which it is known what it has sent.
    pub async fn trusts_sender(
        &self,
        edition: &Edition,
        uploader: &UploaderId,
        sender: &Sender,
    ) -> Result<bool, Fault> {
        match edition.trust {
            Some(trust) if trust.earned(sender) => Ok(!self.about(&edition.slug, uploader).await?),
            Some(_) | None => Ok(false),
        }
    }

    async fn about(&self, edition: &EditionSlug, uploader: &UploaderId) -> Result<bool, Fault> {
        Ok(self.table.get::<Doubt>(&doubt_pk(edition, uploader), MAIN).await?.is_some())
    }
}

/// The row that remembers, for longer than an edition may be open, that a doubtful photo left this device's list at `now`.
pub(super) fn item(edition: &EditionSlug, uploader: &UploaderId, now: Timestamp) -> Result<Item, Fault> {
    let ttl = (now + SignedDuration::from_hours(24 * limits::BLOCK_DAYS)).as_second();
    row(&doubt_pk(edition, uploader), MAIN, &Doubt { ttl })
}

fn doubt_pk(edition: &EditionSlug, uploader: &UploaderId) -> String {
    format!("DBT#{edition}#{uploader}")
}
