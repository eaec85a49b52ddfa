//! The hourly budget: bytes of originals that arrived in this hour by the clock, from all devices together, and bytes of unusable files of
//! one device and one network. (Pattern 25)
//!
//! Decision: bytes are counted when they arrive, not when they are announced: announcing a flood and sending nothing costs nothing, and
//! must not close the hour for everyone else. The budget bounds what a flood may cost, and is not exact. Photos that are registered may
//! still arrive when it is spent, and the bytes of all devices are counted in steps of 64 MB: a file smaller than one step counts as a
//! whole step with a probability equal to its share of a step, and otherwise as nothing. So a photo hardly ever costs a write, the row
//! stays cool when everyone uploads at once, and the sum of a full hour is off by about three per cent. Unusable files are rare unless
//! someone floods, and each of them is counted in the rows of its device and its network. The edition's rule decides what follows from the
//! sums: [`Edition::within_budget`].
//!
//! [`Edition::within_budget`]: crate::domain::Edition::within_budget

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Fault,
    fault::fault,
    table::{MAIN, Table, key, number},
    uploader_counters::sender_pk,
};
use crate::{
    domain::{
        budget::{self, Hour},
        ids::{EditionSlug, NetworkId, UploaderId},
        uploader_counts::UploaderCounts,
    },
    runtime::ids::random,
};

const HOUR_SECONDS: i64 = 3_600;
/// How long an hour's row is kept, for looking back at past hours.
const KEPT_SECONDS: i64 = 48 * HOUR_SECONDS;
/// How long an hour's row of a device or a network is kept: it is personal data, and of no use once the hour is over.
const KEPT_OF_ONE_SECONDS: i64 = 2 * HOUR_SECONDS;
/// The least number of bytes that one write counts.
const STEP_BYTES: u64 = 64_000_000;

/// The budgets of all hours.
#[derive(Clone, Debug)]
pub struct Budget {
    table: Table,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Spent {
    #[serde(rename = "b", default)]
    bytes: u64,
    /// Bytes of files among them that became no photo.
    #[serde(rename = "u", default)]
    unusable: u64,
}

/// A row of an hour, or of a device's counters, with its key.
#[derive(Debug, Deserialize)]
struct Row {
    #[serde(rename = "PK")]
    pk: String,
    #[serde(rename = "SK")]
    sk: String,
    #[serde(flatten)]
    spent: Spent,
    #[serde(flatten)]
    sender: UploaderCounts,
}

impl Budget {
    /// Returns a handle to the budget in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone() }
    }

    /// Returns the bytes that arrived in the hour of `now`.
    pub async fn spent(&self, now: Timestamp) -> Result<u64, Fault> {
        let spent: Option<Spent> = self.table.get(&hour_pk(now), MAIN).await?;
        Ok(spent.unwrap_or_default().bytes)
    }

    /// Returns what decides whether a device may register photos: the hour of `now`, and what the device has sent. One batch read of four
    /// rows.
    pub async fn standing(
        &self,
        edition: &EditionSlug,
        uploader: &UploaderId,
        network: &NetworkId,
        now: Timestamp,
    ) -> Result<(Hour, UploaderCounts), Fault> {
        let (hour_pk, sender_pk, network_sk) = (hour_pk(now), sender_pk(edition, uploader), network_sk(network));
        let keys = [
            (hour_pk.clone(), MAIN.to_owned()),
            (hour_pk.clone(), uploader.to_string()),
            (hour_pk.clone(), network_sk.clone()),
            (sender_pk.clone(), MAIN.to_owned()),
        ];
        let (mut hour, mut sender) = (Hour::default(), UploaderCounts::default());
        for row in self.table.get_many::<Row>(&keys).await? {
            if row.pk == sender_pk {
                sender = row.sender;
            } else if row.sk == MAIN {
                (hour.bytes, hour.unusable) = (row.spent.bytes, row.spent.unusable);
            } else if row.sk == network_sk {
                hour.network = row.spent.unusable;
            } else {
                hour.device = row.spent.unusable;
            }
        }
        Ok((hour, sender))
    }

    /// Counts bytes that arrived at `now`.
    pub async fn spend(&self, bytes: u64, now: Timestamp) -> Result<(), Fault> {
        self.add(MAIN, "b", in_steps(bytes, STEP_BYTES, u64::from_le_bytes(random())), now).await
    }

    /// Counts a file of `size_bytes`, [counted](Self::spend) already, that became no photo, for its device and its network.
    pub async fn note_unusable(
        &self,
        size_bytes: u64,
        uploader: &UploaderId,
        network: Option<&NetworkId>,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let bytes = budget::unusable(size_bytes);
        self.add(uploader.as_str(), "u", bytes, now).await?;
        if let Some(network) = network {
            self.add(&network_sk(network), "u", bytes, now).await?;
        }
        self.add(MAIN, "u", in_steps(size_bytes, STEP_BYTES, u64::from_le_bytes(random())), now).await
    }

    async fn add(&self, sk: &str, counter: &str, bytes: u64, now: Timestamp) -> Result<(), Fault> {
        if bytes == 0 {
            return Ok(());
        }
        let kept = if sk == MAIN { KEPT_SECONDS } else { KEPT_OF_ONE_SECONDS };
        let request = self
            .table
            .client
            .update_item()
            .table_name(&self.table.name)
            .set_key(Some(key(&hour_pk(now), sk)))
            .update_expression("ADD #counter :bytes SET #ttl = :ttl")
            .expression_attribute_names("#counter", counter)
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":bytes", number(bytes))
            .expression_attribute_values(":ttl", number(now.as_second() + kept));
        request.send().await.map(drop).map_err(fault("count bytes"))
    }
}

/// Rounds to steps at random: returns `bytes` if they are a step or more; or otherwise a whole step with probability `bytes / step`, and
/// zero in all other cases. For uniformly distributed `drawn` the mean is `bytes`.
fn in_steps(bytes: u64, step: u64, drawn: u64) -> u64 {
    if bytes >= step {
        bytes
    } else if drawn % step < bytes {
        step
    } else {
        0
    }
}

fn network_sk(network: &NetworkId) -> String {
    format!("net#{network}")
}

fn hour_pk(now: Timestamp) -> String {
    format!("BUD#{}", now.as_second().div_euclid(HOUR_SECONDS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_is_counted_seldom_and_much_always_and_on_the_whole_it_is_right() {
        assert_eq!(in_steps(5_000, 1_000, 7), 5_000);
        assert_eq!(in_steps(1_000, 1_000, 999), 1_000);
        for bytes in [0, 1, 250, 999] {
            assert_eq!((0..1_000).map(|drawn| in_steps(bytes, 1_000, drawn)).sum::<u64>(), 1_000 * bytes, "{bytes}");
        }
    }
}
