//! The hourly budget: bytes of originals that arrived in this hour by the clock, by everybody together, and those of one device and one
//! network that became no photo. (Pattern 25)
//!
//! Decision: what is counted is what arrived, not what was announced: whoever announces a flood and sends nothing costs nothing, and must
//! not close the hour for everybody else. It is a bound on what a flood may cost, and not an exact one: photos that are registered may
//! still come when it is spent, and everybody's bytes are counted in steps of 64 MB: fewer than one step count as a whole one, with as
//! great a chance as they are a part of it. So a photo hardly ever costs a write, the row stays cool when everybody comes at once, and the
//! sum of a full hour is off by some three per cent. Files that could not be used are rare where nobody floods, and each of them is
//! counted, on the rows of its device and its network. What follows from the sums is the edition's rule: [`Edition::within_budget`].
//!
//! [`Edition::within_budget`]: crate::domain::Edition::within_budget

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Fault,
    fault::fault,
    senders::sender_pk,
    table::{MAIN, Table, key, number},
};
use crate::{
    domain::{
        budget::{self, Hour},
        ids::{EditionSlug, NetworkId, UploaderId},
        sender::Sender,
    },
    runtime::ids::random,
};

const HOUR_SECONDS: i64 = 3_600;
/// For how long an hour's row is kept, for those who look at the last one.
const KEPT_SECONDS: i64 = 48 * HOUR_SECONDS;
/// For how long a device's and a network's row of an hour is kept: it says something of somebody, and nothing once the hour is over.
const KEPT_OF_ONE_SECONDS: i64 = 2 * HOUR_SECONDS;
/// Bytes that are counted in one write, if there are fewer.
const STEP_BYTES: u64 = 64_000_000;

/// The budget of every hour.
#[derive(Clone, Debug)]
pub struct Budget {
    table: Table,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Spent {
    #[serde(rename = "b", default)]
    bytes: u64,
    /// Those among them that became no photo.
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
    sender: Sender,
}

impl Budget {
    /// The budget in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone() }
    }

    /// Bytes that arrived in the hour of `now`.
    pub async fn spent(&self, now: Timestamp) -> Result<u64, Fault> {
        let spent: Option<Spent> = self.table.get(&hour_pk(now), MAIN).await?;
        Ok(spent.unwrap_or_default().bytes)
    }

    /// What a device is judged by that wants to register: the hour of `now`, and what the device has sent. One read of four rows.
    pub async fn standing(
        &self,
        edition: &EditionSlug,
        uploader: &UploaderId,
        network: &NetworkId,
        now: Timestamp,
    ) -> Result<(Hour, Sender), Fault> {
        let (hour_pk, sender_pk, network_sk) = (hour_pk(now), sender_pk(edition, uploader), network_sk(network));
        let keys = [
            (hour_pk.clone(), MAIN.to_owned()),
            (hour_pk.clone(), uploader.to_string()),
            (hour_pk.clone(), network_sk.clone()),
            (sender_pk.clone(), MAIN.to_owned()),
        ];
        let (mut hour, mut sender) = (Hour::default(), Sender::default());
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

    /// Counts bytes that arrived now.
    pub async fn spend(&self, bytes: u64, now: Timestamp) -> Result<(), Fault> {
        self.add(MAIN, "b", in_steps(bytes, STEP_BYTES, u64::from_le_bytes(random())), now).await
    }

    /// Counts a file of so many bytes, [spent](Self::spend) before, that became no photo, with its device and its network.
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

/// Bytes to count: all where they are a step or more, a whole step where `drawn` falls within their part of it, and none otherwise. For
/// evenly drawn numbers the mean is `bytes`.
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
