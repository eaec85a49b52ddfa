//! The delivery network's edges: what they must forget.
//!
//! One client for both implementations: CloudFront in the cloud, and the caching front of the laptop, which answers the same call at
//! an address of its own. Only the endpoint differs.

use std::collections::BTreeSet;

use aws_sdk_cloudfront::{
    Client,
    types::{InvalidationBatch, Paths},
};
use sha2::{Digest, Sha256};

use super::fault::{Fault, fault};

/// The edges of one distribution.
#[derive(Clone, Debug)]
pub struct Edges {
    client: Client,
    distribution: String,
}

impl Edges {
    /// The edges of the distribution with this id.
    pub fn new(client: &Client, distribution: &str) -> Self {
        Self { client: client.clone(), distribution: distribution.to_owned() }
    }

    /// Asks all edges to forget `paths`; one that ends in `*` stands for all that begin so. They have done so some seconds later.
    /// Nothing happens for no paths. The same paths for the same `reason` are asked for once, however often this is called.
    ///
    /// # Errors
    /// A fault that passes where too much is being invalidated already.
    pub async fn invalidate(&self, paths: &BTreeSet<String>, reason: &str) -> Result<(), Fault> {
        if paths.is_empty() {
            return Ok(());
        }
        let broken = |error| Fault::broken("invalidate edges", error);
        let quantity = i32::try_from(paths.len()).unwrap_or(i32::MAX);
        let items = Paths::builder().quantity(quantity).set_items(Some(paths.iter().cloned().collect()));
        let mut reference = Sha256::new();
        for part in paths.iter().map(String::as_str).chain([reason]) {
            reference.update(part.len().to_be_bytes());
            reference.update(part.as_bytes());
        }
        let batch = InvalidationBatch::builder()
            .paths(items.build().map_err(broken)?)
            .caller_reference(data_encoding::HEXLOWER.encode(&reference.finalize()))
            .build()
            .map_err(broken)?;
        let request = self.client.create_invalidation().distribution_id(&self.distribution).invalidation_batch(batch);
        request.send().await.map(drop).map_err(fault("invalidate edges"))
    }
}
