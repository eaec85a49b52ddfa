//! What the system has promised, as those who use it heard it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use shared::domain::PhotoId;

/// How long after its removal a photo may still stand in a list. Lists are queries that are eventually consistent: the proxy answers them
/// with what they found up to [`INDEX_LAG`] ago, and a process that is stopped meanwhile passes that on some seconds later.
const LIST_LAG: Duration = Duration::from_secs(10);
/// The age of the oldest answer that a query which is not consistent gets.
pub const INDEX_LAG: Duration = Duration::from_secs(3);

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
    /// Photos that were seen after they were gone, for longer than lists may lag behind.
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
            if heard.gone.get(id).is_some_and(|gone| begun.saturating_duration_since(*gone) > LIST_LAG) {
                heard.back.insert(id.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_may_show_for_some_seconds_what_is_gone_and_no_longer() {
        let ledger = Ledger::default();
        let id: PhotoId = "cxkdql32tsrggtkcioaflqnra4".parse().unwrap();
        let gone = Instant::now();
        ledger.heard().gone.insert(id.clone(), gone);
        ledger.walked(gone + INDEX_LAG, std::slice::from_ref(&id));
        assert!(ledger.heard().back.is_empty());
        ledger.walked(gone + LIST_LAG + Duration::from_millis(1), std::slice::from_ref(&id));
        assert!(ledger.heard().back.contains(&id));
    }
}
