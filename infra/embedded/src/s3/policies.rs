//! What buckets refuse whatever was signed: the policies that the infrastructure gives them, as far as the project has some.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

/// A bucket's policy. Without one, whoever signs may do everything, and nobody else anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BucketPolicy {
    /// Objects are written once: a write without `If-None-Match` is refused, whoever signed it.
    pub write_once: bool,
    /// The same of objects whose keys begin so; `None` if there are none of them.
    pub write_once_below: Option<&'static str>,
    /// The oldest that a signature may be, whatever life it was given; `None` if there is no such limit.
    pub oldest_signature: Option<Duration>,
    /// Anybody may read an object without a signature.
    pub public: bool,
}

/// The policies of all buckets. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Policies(Arc<RwLock<BTreeMap<String, BucketPolicy>>>);

impl Policies {
    pub(crate) fn new(policies: BTreeMap<String, BucketPolicy>) -> Self {
        Self(Arc::new(RwLock::new(policies)))
    }

    pub(crate) fn of(&self, bucket: &str) -> BucketPolicy {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(bucket).copied().unwrap_or_default()
    }

    /// Gives a bucket another policy, and answers with the one that it had.
    pub(crate) fn put(&self, bucket: &str, policy: BucketPolicy) -> BucketPolicy {
        let mut policies = self.0.write().unwrap_or_else(PoisonError::into_inner);
        policies.insert(bucket.to_owned(), policy).unwrap_or_default()
    }
}
