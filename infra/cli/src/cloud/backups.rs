//! The table's point-in-time backups: their range, and copies of the table made from them.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use aws_sdk_dynamodb::{
    Client,
    error::ProvideErrorMetadata,
    primitives::DateTime,
    types::{BillingMode, PointInTimeRecoveryStatus, TableStatus},
};
use jiff::Timestamp;

/// How long a copy may take. AWS says that most take less than an hour, whatever their size.
const LONGEST: Duration = Duration::from_hours(4);

/// Returns the earliest and the latest instant to which a table can be restored.
///
/// # Errors
/// If there is no such table, or it has no backups.
pub async fn window(client: &Client, table: &str) -> Result<(Timestamp, Timestamp)> {
    let told = client.describe_continuous_backups().table_name(table).send().await;
    let told = told.map_err(|error| said(&error)).with_context(|| format!("the backups of {table} cannot be read"))?;
    let points = told.continuous_backups_description.and_then(|told| told.point_in_time_recovery_description);
    let points =
        points.filter(|points| points.point_in_time_recovery_status == Some(PointInTimeRecoveryStatus::Enabled));
    let Some(points) = points else {
        bail!("the table {table} has no backups: run techognition deploy to switch them on")
    };
    let at = |instant: Option<DateTime>| instant.and_then(|at| Timestamp::from_second(at.secs()).ok());
    at(points.earliest_restorable_date_time)
        .zip(at(points.latest_restorable_date_time))
        .with_context(|| format!("AWS does not say when the backups of {table} begin"))
}

/// Creates the table `copy` as `table` was at `at`, and waits until it can be read. If it exists already, continues with it. `told` is
/// called while it is being created.
///
/// # Errors
/// An error of the service, or if it takes too long.
pub async fn copy(client: &Client, table: &str, copy: &str, at: Timestamp, told: impl Fn(&str)) -> Result<()> {
    if status(client, copy).await?.is_none() {
        let restore = client
            .restore_table_to_point_in_time()
            .source_table_name(table)
            .target_table_name(copy)
            .restore_date_time(DateTime::from_secs(at.as_second()))
            .billing_mode_override(BillingMode::PayPerRequest);
        restore.send().await.map_err(|error| said(&error)).with_context(|| format!("{copy} cannot be made"))?;
    }
    let waiting = async {
        loop {
            match status(client, copy).await? {
                Some(TableStatus::Active) => return anyhow::Ok(()),
                Some(status) => told(status.as_str()),
                None => told("not there yet"),
            }
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
    };
    tokio::time::timeout(LONGEST, waiting)
        .await
        .with_context(|| format!("{copy} is not ready after hours; run the same command again to continue"))?
}

/// Deletes a copy.
///
/// # Errors
/// An error of the service.
pub async fn drop_copy(client: &Client, copy: &str) -> Result<()> {
    let dropped = client.delete_table().table_name(copy).send().await;
    dropped
        .map(drop)
        .map_err(|error| said(&error))
        .with_context(|| format!("{copy} could not be deleted: delete it by hand"))
}

/// Returns a table's status; `None` if there is no such table.
async fn status(client: &Client, table: &str) -> Result<Option<TableStatus>> {
    match client.describe_table().table_name(table).send().await {
        Ok(told) => Ok(told.table.and_then(|table| table.table_status)),
        Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(None),
        Err(error) => Err(said(&error)).with_context(|| format!("{table} cannot be read")),
    }
}

/// Returns the service's own message.
fn said(error: &impl ProvideErrorMetadata) -> anyhow::Error {
    match (error.code(), error.message()) {
        (Some(code), Some(message)) => anyhow::anyhow!("{code}: {message}"),
        (code, message) => anyhow::anyhow!("{}", code.or(message).unwrap_or("no answer").to_owned()),
    }
}
