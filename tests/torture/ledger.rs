//! What the system has promised, as those who use it heard it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use shared::domain::PhotoId;

/// What everybody heard, shared by all who listen.
#[derive(Clone, Default)]
pub struct Ledger(Arc<Mutex<Heard>>);

/// What was heard so far.
#[derive(Default)]
pub struct Heard {
    /// Photos whose PUT was acknowledged, each with the authorization of its device.
    pub acknowledged: BTreeMap<PhotoId, String>,
    /// Photos of which somebody was told that they are gone, and when.
    pub gone: BTreeMap<PhotoId, Instant>,
    /// Photos whose removal was asked for: they may be gone, whether or not there was an answer.
    pub asked_to_go: BTreeSet<PhotoId>,
    /// Photos that stood twice in one walk through the feed.
    pub double: BTreeSet<PhotoId>,
    /// Photos that were seen after they were gone.
    pub back: BTreeSet<PhotoId>,
    /// Answers by status.
    pub answers: BTreeMap<u16, u64>,
}

impl Ledger {
    /// All that was heard.
    pub fn heard(&self) -> MutexGuard<'_, Heard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A walk through the feed that began at `begun` met these photos.
    pub fn walked(&self, begun: Instant, met: &[PhotoId]) {
        let mut heard = self.heard();
        let mut once = BTreeSet::new();
        for id in met {
            if !once.insert(id.clone()) {
                heard.double.insert(id.clone());
            }
            if heard.gone.get(id).is_some_and(|gone| *gone < begun) {
                heard.back.insert(id.clone());
            }
        }
    }
}
