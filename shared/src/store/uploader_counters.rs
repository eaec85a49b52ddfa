//! The counters of devices, written in the transactions that move their photos. (Pattern 29)

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::{TransactWriteItem, Update};
use serde::Deserialize;

use super::{
    fault::{Fault, fault, is_refused},
    table::{MAIN, Table, key, number},
};
use crate::domain::{
    ids::{EditionSlug, UploaderId},
    photo::Photo,
    uploader_counts::UploaderCounts,
};

/// The counters of all devices.
#[derive(Clone, Debug)]
pub struct UploaderCounters {
    table: Table,
}

impl UploaderCounters {
    /// Returns a handle to the counters in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone() }
    }

    /// Returns the counters of one device in an edition: one read, however many photos it has sent.
    pub async fn get(&self, edition: &EditionSlug, uploader: &UploaderId) -> Result<UploaderCounts, Fault> {
        Ok(self.table.get(&sender_pk(edition, uploader), MAIN).await?.unwrap_or_default())
    }

    /// Returns the counters of these devices in an edition, read together; a device without counters is left out.
    pub async fn of_devices(
        &self,
        edition: &EditionSlug,
        uploaders: &[UploaderId],
    ) -> Result<BTreeMap<UploaderId, UploaderCounts>, Fault> {
        self.read(uploaders.iter().map(|uploader| sender_pk(edition, uploader)).collect()).await
    }

    /// Returns the counters of the devices that sent these photos of one edition, read together; a device without counters is left out.
    pub async fn of(&self, photos: &[Photo]) -> Result<BTreeMap<UploaderId, UploaderCounts>, Fault> {
        self.read(photos.iter().map(|photo| sender_pk(&photo.edition, &photo.uploader)).collect()).await
    }

    async fn read(&self, keys: BTreeSet<String>) -> Result<BTreeMap<UploaderId, UploaderCounts>, Fault> {
        let keys: Vec<_> = keys.into_iter().map(|pk| (pk, MAIN.to_owned())).collect();
        let rows: Vec<Row> = self.table.get_many(&keys).await?;
        let named = |pk: &str| pk.rsplit('#').next()?.parse().ok();
        Ok(rows.into_iter().filter_map(|row| Some((named(&row.pk)?, row.sender))).collect())
    }
}

/// A row with its key.
#[derive(Deserialize)]
struct Row {
    #[serde(rename = "PK")]
    pk: String,
    #[serde(flatten)]
    sender: UploaderCounts,
}

/// A write of a transaction that adds `counts` to the counters of a device. If `most_reserved` is given, the condition is that the device
/// has no more reserved photos than that.
pub(super) fn count(
    table: &Table,
    edition: &EditionSlug,
    uploader: &UploaderId,
    counts: &BTreeMap<&'static str, i64>,
    most_reserved: Option<i64>,
) -> Result<TransactWriteItem, Fault> {
    let mut update = Update::builder().table_name(&table.name).set_key(Some(key(&sender_pk(edition, uploader), MAIN)));
    let mut terms = Vec::new();
    for (i, (counter, n)) in counts.iter().enumerate() {
        update = update
            .expression_attribute_names(format!("#c{i}"), *counter)
            .expression_attribute_values(format!(":c{i}"), number(n));
        terms.push(format!("#c{i} :c{i}"));
    }
    if let Some(most) = most_reserved {
        update = update
            .condition_expression("attribute_not_exists(reserved) OR reserved <= :most")
            .expression_attribute_values(":most", number(most));
    }
    let update = update.update_expression(format!("ADD {}", terms.join(", "))).build();
    let update = update.map_err(|error| Fault::broken("count photos of a device", error))?;
    Ok(TransactWriteItem::builder().update(update).build())
}

/// Writes the counters of a device, given by its partition, as in `right`, if they are still as in `before`; returns whether they were. A
/// counter that is in neither stays as it is.
pub(super) async fn correct(
    table: &Table,
    device: &str,
    before: &BTreeMap<String, i64>,
    right: &BTreeMap<String, i64>,
) -> Result<bool, Fault> {
    let mut request = table.client.update_item().table_name(&table.name).set_key(Some(key(device, MAIN)));
    let (mut sets, mut conditions) = (Vec::new(), Vec::new());
    for (i, (counter, n)) in right.iter().enumerate() {
        request = request
            .expression_attribute_names(format!("#c{i}"), counter)
            .expression_attribute_values(format!(":c{i}"), number(n));
        sets.push(format!("#c{i} = :c{i}"));
        match before.get(counter) {
            Some(was) => {
                request = request.expression_attribute_values(format!(":w{i}"), number(was));
                conditions.push(format!("#c{i} = :w{i}"));
            }
            None => conditions.push(format!("attribute_not_exists(#c{i})")),
        }
    }
    let request = request.update_expression(format!("SET {}", sets.join(", ")));
    match request.condition_expression(conditions.join(" AND ")).send().await {
        Ok(_) => Ok(true),
        Err(error) if is_refused(&error) => Ok(false),
        Err(error) => Err(fault("correct counters of a device")(error)),
    }
}

/// The partition of a device's counters.
pub(super) fn sender_pk(edition: &EditionSlug, uploader: &UploaderId) -> String {
    format!("DEV#{edition}#{uploader}")
}
