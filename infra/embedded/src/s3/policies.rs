//! Bucket policies, which refuse even signed requests: those that the infrastructure sets, as far as the project uses them.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

/// A bucket's policy. Without one, signed requests may do everything and unsigned ones nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BucketPolicy {
    /// Whether objects are written only once: a write without `If-None-Match` is refused, even if it is signed.
    pub write_once: bool,
    /// Prefix of the keys of objects that are written only once although others are not; `None` if there are none.
    pub write_once_below: Option<&'static str>,
    /// Largest age of a signature, whatever lifetime it was given; `None` for no limit.
    pub oldest_signature: Option<Duration>,
    /// Whether objects can be read without a signature.
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

    /// Replaces a bucket's policy, and returns the previous one.
    pub(crate) fn put(&self, bucket: &str, policy: BucketPolicy) -> BucketPolicy {
        let mut policies = self.0.write().unwrap_or_else(PoisonError::into_inner);
        policies.insert(bucket.to_owned(), policy).unwrap_or_default()
    }
}
