//! Devices that have lost the right to skip moderation: a person has deleted or quarantined one of their photos, or they have withdrawn one
//! that was rejected, hidden or reported. Such a photo is no longer in its uploader's list, so the doubt has a row of its own, written in
//! the transaction that removes the photo. (Pattern 26)

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    Fault,
    table::{Item, MAIN, Table, row},
    uploader_counters::UploaderCounters,
};
use crate::domain::{
    Edition,
    ids::{EditionSlug, UploaderId},
    limits,
    uploader_counts::UploaderCounts,
};

/// The doubts about devices.
#[derive(Clone, Debug)]
pub struct TrustRevocations {
    table: Table,
}

#[derive(Debug, Serialize, Deserialize)]
struct Doubt {
    /// The end of the row's life, in seconds since 1970.
    ttl: i64,
}

impl TrustRevocations {
    /// Returns a handle to the doubts in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone() }
    }

    /// Whether photos of this device may be shown at present before a person has looked at them: see [`Trust::earned`]. If the organiser
    /// has not enabled trust, nothing is read.
    ///
    /// [`Trust::earned`]: crate::domain::trust::Trust::earned
    pub async fn trusts(&self, edition: &Edition, uploader: &UploaderId) -> Result<bool, Fault> {
        if edition.trust.is_none() {
            return Ok(false);
        }
        let sender = UploaderCounters::new(&self.table).get(&edition.slug, uploader).await?;
        self.trusts_sender(edition, uploader, &sender).await
    }

    /// Like [`Self::trusts`], for a device whose counters are known.
    pub async fn trusts_sender(
        &self,
        edition: &Edition,
        uploader: &UploaderId,
        sender: &UploaderCounts,
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

/// Returns the row that records that a doubtful photo left this device's list at `now`. It is kept for longer than an edition may be open.
pub(super) fn item(edition: &EditionSlug, uploader: &UploaderId, now: Timestamp) -> Result<Item, Fault> {
    let ttl = (now + SignedDuration::from_hours(24 * limits::BLOCK_DAYS)).as_second();
    row(&doubt_pk(edition, uploader), MAIN, &Doubt { ttl })
}

fn doubt_pk(edition: &EditionSlug, uploader: &UploaderId) -> String {
    format!("DBT#{edition}#{uploader}")
}
