//! One move of one photo, with all the rows that must change together with it.
//!
//! Decision: the rows of the feeds, the counters and the outbox are *derived* from the photo before and after the move, never passed in by
//! the caller. So no handler can forget a row, and the audit can recount with the same functions.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    audit::AuditEntry,
    edge,
    feed::{self, FeedRow},
    ids::{PhotoId, Revision, Sha256Hex},
    limits,
    people::Actor,
    photo::Photo,
    reasons::RejectReason,
    removal::Removal,
    states::{Lane, State},
    stats,
    twin::Protection,
    uploader_counts,
};

/// One move of one photo, committed in full or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The photo that the move started from; `None` for a new photo. Its version is the condition of the commit.
    pub before: Option<Photo>,
    /// The photo after the move.
    pub after: Photo,
    /// The audit entry of the move.
    pub audit: AuditEntry,
    /// Feed rows to write, each with the partition of its feed.
    pub feed_puts: Vec<(String, FeedRow)>,
    /// Feed rows to remove, each with the partition of its feed.
    pub feed_deletes: Vec<(String, FeedRow)>,
    /// What to add to each of the edition's counters, by name.
    pub counters: BTreeMap<String, i64>,
    /// What to add to each of the counters of the photo's device, by name.
    pub sender: BTreeMap<&'static str, i64>,
    /// The erasures that must follow.
    pub purges: Vec<Purge>,
    /// Set if the photo left the feeds, came back to them, or changed its texts in them.
    pub turn: Option<FeedEvent>,
    /// The hash of a file that is blocked from now on because of this photo.
    pub blocks: Option<Sha256Hex>,
    /// The hash of a file that is no longer blocked because of this photo.
    pub unblocks: Option<Sha256Hex>,
    /// How to recognise this picture if it is sent again; set from the move at which two people must agree to show it.
    pub protects: Option<Protection>,
    /// The protection that is no longer needed.
    pub unprotects: Option<Protection>,
    /// Whether the photo leaves its uploader's list in a way that counts against trusting the uploader.
    pub doubts: bool,
}

/// A published photo left the feeds, came back to them, or changed its texts in them. Clients that keep a copy of a feed, such as a wall,
/// cannot see this in the feed's own order. A turn names only the photo; the photo's row has its present state. First publications leave no
/// turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedEvent {
    /// The photo that left, came back or changed.
    pub id: PhotoId,
    /// When it happened.
    #[serde(with = "super::time::millis")]
    pub at: Timestamp,
}

/// An erasure. It is carried out at once, and again after the fence, when no address or worker from before the removal can still bring
/// bytes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purge {
    /// The photo whose bytes are erased.
    pub id: PhotoId,
    /// The version that removed the photo. A purge is never marked done for another version.
    #[serde(rename = "v")]
    pub version: u64,
    /// The round: 1 for the first purge, 2 for the second.
    #[serde(rename = "n")]
    pub round: u8,
    /// When the purge is due.
    #[serde(with = "super::time::millis")]
    pub due_at: Timestamp,
    /// What to erase.
    pub scope: PurgeScope,
    /// The photo's own addresses, which edges must drop from their caches; empty if edges never had a copy.
    #[serde(default)]
    pub edges: Vec<String>,
    /// Whether edges must also drop the lists and everything else that shows something of the photo.
    #[serde(default)]
    pub lists: bool,
    /// Whether the bytes are erased already, so that only the edges have to be told.
    #[serde(default)]
    pub erased: bool,
    /// The removal to record outside the table, so that an older copy of the table cannot bring the photo back. `None` if the photo only
    /// waits for another decision.
    #[serde(default)]
    pub removal: Option<Removal>,
}

/// Which of a photo's bytes are erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PurgeScope {
    /// The public objects of one publication. Always safe to erase: a later publication has another revision.
    Public(Revision),
    /// The renditions of one rendering, named by its hash, which newer renditions have replaced.
    Renditions(String),
    /// The public objects, the review renditions, and the original under this key, or the parts in this folder: see [`Photo::originals`].
    Everything(String),
    /// No bytes: the photo stays, with changed texts. Only edges are told.
    Words,
}

impl Photo {
    /// Whether the photo's row names what an erasure of this scope would take. If so, the erasure must not be carried out.
    pub fn names(&self, scope: &PurgeScope) -> bool {
        match scope {
            PurgeScope::Public(revision) => self.state == State::Published && self.revision.as_ref() == Some(revision),
            PurgeScope::Renditions(hash) => self.rendered.as_ref().is_some_and(|rendered| rendered.hash == *hash),
            PurgeScope::Everything(_) => self.state != State::Deleted,
            PurgeScope::Words => true,
        }
    }

    /// Whether a worker may be about to write renditions for the photo.
    pub fn awaits_renditions(&self) -> bool {
        self.expects_bytes() || self.moderation.covering()
    }
}

impl Change {
    /// Whether this is the reservation of a new photo. Then only its row and its device's row are written.
    pub fn is_reservation(&self) -> bool {
        self.before.is_none() && self.after.state == State::Reserved
    }

    /// Derives everything that the move from `before` to `after` changes. A pick ends with the publication that it praises, whatever ended
    /// that one.
    pub(super) fn new(before: Option<&Photo>, mut after: Photo, action: &str, by: &Actor, now: Timestamp) -> Self {
        after.moderation.picked_at = after.moderation.picked_at.filter(|_| after.state == State::Published);
        let audit = AuditEntry::new(before, &after, action, by, now);
        after.audit_head.clone_from(&audit.hash);
        let rows = |photo: Option<&Photo>| photo.map(feed_rows).unwrap_or_default();
        let (old, new) = (rows(before), rows(Some(&after)));
        let feed_deletes = old.into_iter().filter(|(feed, _)| !new.iter().any(|(kept, _)| kept == feed)).collect();
        let counters = difference(before.map(counted), counted(&after));
        let sender = difference(before.map(uploader_counts::counted), uploader_counts::counted(&after));
        let purges = purges(before, &after, now);
        let turn = turns(before, &after).then(|| FeedEvent { id: after.id.clone(), at: now });
        let locked = |photo: &Photo| photo.state == State::Quarantined;
        let let_out = before.is_some_and(locked) && !locked(&after) && after.state != State::Deleted;
        let blocks = after.sha256.clone().filter(|_| locked(&after));
        let unblocks = after.sha256.clone().filter(|_| let_out);
        let doubts = before.is_some_and(|before| doubts(before, &after, by));
        let (protects, unprotects) = Protection::change(before, &after, now);
        Self {
            before: before.cloned(),
            after,
            audit,
            feed_puts: new,
            feed_deletes,
            counters,
            sender,
            purges,
            turn,
            blocks,
            unblocks,
            protects,
            unprotects,
            doubts,
        }
    }
}

/// Returns what to add to the counters `before` to obtain `after`.
fn difference<K: Ord>(before: Option<BTreeMap<K, i64>>, mut after: BTreeMap<K, i64>) -> BTreeMap<K, i64> {
    for (name, n) in before.into_iter().flatten() {
        *after.entry(name).or_default() -= n;
    }
    after.retain(|_, n| *n != 0);
    after
}

/// Whether a move changes what the feeds show of a photo that has been in them.
fn turns(before: Option<&Photo>, after: &Photo) -> bool {
    before.is_some_and(|before| before.published_at.is_some() && feed::row(before) != feed::row(after))
}

/// Whether a photo leaves its uploader's list in a way that counts against them: a person deleted or quarantined it, or it was doubtful
/// when it left. Derived from the photo at this very move, so that a report in between cannot be missed.
fn doubts(before: &Photo, after: &Photo, by: &Actor) -> bool {
    let leaves = |photo: &Photo| matches!(photo.state, State::Deleted | State::Quarantined);
    let by_person = matches!(by, Actor::Member(_)) || after.state == State::Quarantined;
    leaves(after) && before.state != after.state && (by_person || before.is_doubtful())
}

/// Returns the feed rows of a photo, each with the partition of its feed; empty unless the photo is published.
pub fn feed_rows(photo: &Photo) -> Vec<(String, FeedRow)> {
    let Some(row) = feed::row(photo) else { return Vec::new() };
    feed::feeds(&row).into_iter().map(|feed| (feed.partition(photo.feed_shard), row.clone())).collect()
}

/// Returns what one photo adds to the edition's counters. A recount sums this over all photos.
///
/// Reserved photos are not counted, since they have no picture yet. The counters of their device ([`uploader_counts`]) include them.
pub fn counted(photo: &Photo) -> BTreeMap<String, i64> {
    let mut counts = BTreeMap::new();
    match photo.state {
        State::Reserved | State::Expired => {}
        State::Pending | State::Hidden | State::Deleted | State::Quarantined => {
            counts.insert(photo.state.as_str().to_owned(), 1);
        }
        State::Rejected => {
            counts.insert(photo.state.as_str().to_owned(), 1);
            let why = photo.moderation.rejected.map_or("unreadable", RejectReason::as_str);
            counts.insert(format!("rejected.{why}"), 1);
        }
        State::Published => {
            counts.insert(photo.state.as_str().to_owned(), 1);
            if let Some(discipline) = &photo.discipline {
                counts.insert(format!("published.{discipline}"), 1);
            }
            if let Some(nation) = photo.school.as_ref().and_then(|school| school.nation) {
                counts.insert(stats::nation_counter(nation), 1);
            }
            if let Some(published_at) = photo.published_at {
                counts.insert(stats::half_counter(published_at), 1);
            }
            if photo.lane == Lane::Unseen {
                counts.insert(Lane::Unseen.as_str().to_owned(), 1);
            }
        }
    }
    if !counts.is_empty() {
        counts.insert(format!("received.{}", half_hour(photo.created_at)), 1);
        counts.insert("received.bytes".to_owned(), i64::try_from(photo.size_bytes).unwrap_or(i64::MAX));
        if photo.moderation.reported > 0 {
            counts.insert("reports".to_owned(), i64::from(photo.moderation.reported));
        }
        if photo.state == State::Pending && photo.lane == Lane::Held {
            counts.insert(Lane::Held.as_str().to_owned(), 1);
        }
        if let Some(decided_at) = photo.moderation.decided_at {
            counts.insert(format!("waited.{}", waited(photo.created_at, decided_at)), 1);
        }
        if photo.lane == Lane::Reported && matches!(photo.state, State::Published | State::Hidden) {
            counts.insert("reported".to_owned(), 1);
        }
    }
    counts
}

/// The number of the half hour that contains an instant, counted from 1970.
pub fn half_hour(at: Timestamp) -> i64 {
    at.as_second().div_euclid(1_800)
}

/// How long a photo waited for its decision, as a power of two: step `n` means at least 2ⁿ⁻¹ and less than 2ⁿ seconds.
pub fn waited(created_at: Timestamp, decided_at: Timestamp) -> u32 {
    let seconds = u64::try_from(decided_at.duration_since(created_at).as_secs()).unwrap_or_default();
    u64::BITS - seconds.leading_zeros()
}

fn purges(before: Option<&Photo>, after: &Photo, now: Timestamp) -> Vec<Purge> {
    let hash = |photo: &Photo| photo.rendered.as_ref().map(|rendered| rendered.hash.clone());
    let shown = before.and_then(feed::row);
    let told = shown.is_some() && shown != feed::row(after);
    let mut scopes = Vec::new();
    if after.state == State::Deleted {
        scopes.push(PurgeScope::Everything(after.originals()));
    } else if let Some(before) = before {
        scopes.extend(before.revision.clone().filter(|_| before.revision != after.revision).map(PurgeScope::Public));
        scopes.extend(hash(before).filter(|_| hash(before) != hash(after)).map(PurgeScope::Renditions));
        if told && before.revision == after.revision {
            scopes.push(PurgeScope::Words);
        }
    }
    let fence = SignedDuration::from_secs(limits::PURGE_FENCE_SECONDS);
    let mut purges = Vec::new();
    for scope in scopes {
        let edges = match (&scope, before.filter(|_| told)) {
            // Edges never have renditions that are under review.
            (PurgeScope::Renditions(_), _) | (_, None) => Vec::new(),
            (PurgeScope::Words, Some(before)) => edge::pages(before),
            (PurgeScope::Public(_) | PurgeScope::Everything(_), Some(before)) => edge::own(before),
        };
        let first = Purge {
            id: after.id.clone(),
            version: after.version,
            round: 1,
            due_at: now,
            lists: !edges.is_empty(),
            erased: false,
            removal: Removal::new(after, now),
            edges,
            scope,
        };
        // Pages live for less time than the fence, so what an edge fetched during the first purge has expired by itself. Only bytes can
        // still come back.
        let second = Purge { round: 2, due_at: now + fence, lists: false, ..first.clone() };
        let words = first.scope == PurgeScope::Words;
        purges.push(first);
        if !words {
            purges.push(second);
        }
    }
    purges
}
