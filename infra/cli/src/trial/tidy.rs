//! Removes what a trial has made, and what an interrupted one has left behind.

use anyhow::{Context, Result, bail};
use aws_sdk_s3::Client;
use shared::{
    domain::{
        keys::{photo_public_folder, photo_review_folder},
        trial::Trial,
    },
    runtime::Clock,
    store::{table::Table, trials::Trials},
};

use super::Stack;

/// Ends earlier trials that did not end by themselves.
pub(super) async fn earlier(stack: &Stack<'_>, table: &Table, clock: &Clock) -> Result<()> {
    for trial in Trials::new(table).all().await?.iter().filter(|trial| trial.is_over(clock.now())) {
        end(stack, table, trial, clock).await?;
    }
    Ok(())
}

/// Ends a trial. Its files are deleted first, because its rows say where they are.
pub(super) async fn end(stack: &Stack<'_>, table: &Table, trial: &Trial, clock: &Clock) -> Result<()> {
    let (s3, buckets) = (&stack.aws.s3, &stack.buckets);
    let edition = format!("{}/", trial.edition.slug);
    for bucket in [&buckets.originals, &buckets.removals] {
        empty(s3, bucket, &edition).await?;
    }
    for id in &trial.photos {
        empty(s3, &buckets.review, &photo_review_folder(id)).await?;
        empty(s3, &buckets.public, &photo_public_folder(id)).await?;
    }
    let trials = Trials::new(table);
    trials.end(trial, clock.now()).await?;
    if trials.get(&trial.edition.slug).await?.is_some() {
        bail!("its record is still there");
    }
    Ok(())
}

/// Deletes the objects whose keys begin with `prefix`: at most 1,000, and a trial has a few dozen.
async fn empty(s3: &Client, bucket: &str, prefix: &str) -> Result<()> {
    let listed = s3.list_objects_v2().bucket(bucket).prefix(prefix).send().await;
    let listed = listed.with_context(|| format!("the bucket {bucket} cannot be listed"))?;
    for key in listed.contents().iter().filter_map(|object| object.key()) {
        let deleted = s3.delete_object().bucket(bucket).key(key).send().await;
        deleted.with_context(|| format!("{key} of {bucket} cannot be deleted"))?;
    }
    Ok(())
}
