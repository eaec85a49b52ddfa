//! Invalidation of the delivery network's edges.
//!
//! One client for both implementations: CloudFront in the cloud, and the caching front of the laptop, which answers the same call at an
//! address of its own. Only the endpoint differs.
//!
//! The network accepts a limited number of paths: of all invalidations in progress together, 15 paths that end in `*` and 3,000 that do
//! not, counted separately (Amazon CloudFront Developer Guide, "Concurrent invalidation request maximum"). So the two kinds are sent
//! separately, in parts, and a part that is refused is halved.

use std::{
    collections::{BTreeSet, VecDeque},
    time::Duration,
};

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use super::{
    fault::{Fault, fault, is_refused},
    signed::{Request, SignedClient},
    table::{MAIN, Table, key, number},
};

/// Paths without a wildcard in one request; fewer than the network accepts, so that several requests can be in progress.
const PATHS_AT_ONCE: usize = 500;
/// Paths with a wildcard in one request.
const WILDCARDS_AT_ONCE: usize = 5;
/// The longest pause before a refused part is sent again.
const LONGEST_PAUSE: Duration = Duration::from_secs(8);
/// Seconds within which edges are told at most once to forget everything. An invalidation takes some seconds, and occasionally minutes, so
/// few of these are in progress at once.
const TURN_SECONDS: i64 = 10;

/// The edges of one distribution.
#[derive(Clone, Debug)]
pub struct CdnInvalidation {
    client: SignedClient,
    distribution: String,
}

impl CdnInvalidation {
    /// Returns a handle to the edges of the distribution with this id.
    pub fn new(client: &SignedClient, distribution: &str) -> Self {
        Self { client: client.clone(), distribution: distribution.to_owned() }
    }

    /// Tells all edges to forget `paths`; a path that ends in `*` stands for all paths with that prefix. Returns the paths that were
    /// accepted; edges have forgotten them some seconds later. Paths that are refused because too many are in progress are halved, and sent
    /// again until `patience` is over. The same paths for the same `reason` are invalidated once, however often this is called.
    pub async fn forget(&self, paths: &BTreeSet<String>, reason: &str, patience: Duration) -> BTreeSet<String> {
        let (wildcards, plain): (Vec<&String>, Vec<&String>) = paths.iter().partition(|path| path.ends_with('*'));
        let until = Instant::now() + patience;
        let mut told = self.forget_kind(&wildcards, WILDCARDS_AT_ONCE, reason, until).await;
        told.extend(self.forget_kind(&plain, PATHS_AT_ONCE, reason, until).await);
        told
    }

    async fn forget_kind(&self, paths: &[&String], at_once: usize, reason: &str, until: Instant) -> BTreeSet<String> {
        let mut told = BTreeSet::new();
        let mut parts: VecDeque<&[&String]> = paths.chunks(at_once).collect();
        let mut pause = Duration::from_secs(1);
        while let Some(part) = parts.pop_front() {
            match self.invalidate(part, reason).await {
                Ok(()) => told.extend(part.iter().map(|path| (*path).clone())),
                Err(Refused::TooMuchInProgress) if part.len() > 1 => {
                    let (one, other) = part.split_at(part.len() / 2);
                    parts.push_front(other);
                    parts.push_front(one);
                }
                Err(Refused::TooMuchInProgress) if Instant::now() + pause <= until => {
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                    parts.push_front(part);
                }
                Err(Refused::TooMuchInProgress) => {
                    tracing::warn!(told = told.len(), "too much is being invalidated; edges are asked again");
                    return told;
                }
                Err(Refused::Failed(fault)) => {
                    tracing::warn!(fault = fault.chain(), "edges still keep what they have; they are asked again");
                    return told;
                }
            }
        }
        told
    }

    async fn invalidate(&self, paths: &[&String], reason: &str) -> Result<(), Refused> {
        let mut reference = Sha256::new();
        for part in paths.iter().map(|path| path.as_str()).chain([reason]) {
            reference.update(part.len().to_be_bytes());
            reference.update(part.as_bytes());
        }
        let request = Request {
            method: "POST",
            path: format!("/2020-05-31/distribution/{}/invalidation", self.distribution),
            headers: vec![("content-type", "application/xml")],
            body: batch(paths, &data_encoding::HEXLOWER.encode(&reference.finalize())).into_bytes(),
        };
        match self.client.send(request).await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some("TooManyInvalidationsInProgress") => Err(Refused::TooMuchInProgress),
            Err(error) => Err(Refused::Failed(fault("invalidate edges")(error))),
        }
    }
}

/// Why an invalidation was not begun.
enum Refused {
    TooMuchInProgress,
    Failed(Fault),
}

/// The right to tell the edges to forget everything, which is given once in [`TURN_SECONDS`]. A removal without it leaves this to the next
/// sweep, which does it for all such removals together. (Pattern 27)
#[derive(Clone, Debug)]
pub struct Turns {
    table: Table,
}

impl Turns {
    /// Returns a handle to the turns in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone() }
    }

    /// Takes the turn at `now`; returns whether it was free.
    pub async fn take(&self, now: Timestamp) -> Result<bool, Fault> {
        let turn = SignedDuration::from_secs(TURN_SECONDS);
        let taken = self
            .table
            .client
            .update_item()
            .table_name(&self.table.name)
            .set_key(Some(key("EDGE", MAIN)))
            .update_expression("SET taken_at = :now")
            // A wrong clock must not block the turn for everyone.
            .condition_expression("attribute_not_exists(taken_at) OR taken_at <= :before OR taken_at > :after")
            .expression_attribute_values(":now", number(now.as_millisecond()))
            .expression_attribute_values(":before", number((now - turn).as_millisecond()))
            .expression_attribute_values(":after", number((now + turn).as_millisecond()))
            .send()
            .await;
        match taken {
            Ok(_) => Ok(true),
            Err(error) if is_refused(&error) => Ok(false),
            Err(error) => Err(fault("take turn")(error)),
        }
    }
}

/// The body of CloudFront's `CreateInvalidation` (version 2020-05-31 of its API).
fn batch(paths: &[&String], reference: &str) -> String {
    let items: Vec<_> = paths.iter().map(|path| format!("<Path>{}</Path>", escaped(path))).collect();
    format!(
        "<InvalidationBatch xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\"><Paths><Quantity>{}</Quantity>\
         <Items>{}</Items></Paths><CallerReference>{reference}</CallerReference></InvalidationBatch>",
        paths.len(),
        items.concat(),
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_names_each_path_once_and_escapes_what_xml_would_read() {
        let paths = ["/api/v1/photos?after=1&b=<2>".to_owned(), "/m/a/*".to_owned()];
        assert_eq!(
            batch(&paths.each_ref(), "abc"),
            "<InvalidationBatch xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\"><Paths><Quantity>2</Quantity><Items>\
             <Path>/api/v1/photos?after=1&amp;b=&lt;2&gt;</Path><Path>/m/a/*</Path></Items></Paths>\
             <CallerReference>abc</CallerReference></InvalidationBatch>"
        );
    }
}
