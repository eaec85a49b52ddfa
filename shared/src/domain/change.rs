//! One move of one photo, with everything that must change together with it.
//!
//! Decision: what stands in the feeds, the counters and the outbox is *derived* from the photo before and after the move, never
//! told by the caller. So no handler can forget a row, and the audit can recount by the same functions.

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
    sender,
    states::{Lane, State},
    stats,
    twin::Protection,
};

/// One move of one photo: committed whole or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The photo that the mover saw; none where it is new. Its version is the condition of the commit.
    pub before: Option<Photo>,
    /// The photo afterwards.
    pub after: Photo,
    /// What the audit keeps of it.
    pub audit: AuditEntry,
    /// Feed rows to write, each with the partition of its feed.
    pub feed_puts: Vec<(String, FeedRow)>,
    /// Feed rows to remove, each with the partition of its feed.
    pub feed_deletes: Vec<(String, FeedRow)>,
    /// What to add to which counter.
    pub counters: BTreeMap<String, i64>,
    /// What to add to which counter of the photo's device.
    pub sender: BTreeMap<&'static str, i64>,
    /// What must be erased afterwards.
    pub purges: Vec<Purge>,
    /// That the photo left the feeds, came back to them, or says something else in them.
    pub turn: Option<Turn>,
    /// The file that this photo keeps out of the site from now on.
    pub blocks: Option<Sha256Hex>,
    /// The file that this photo no longer keeps out of the site.
    pub unblocks: Option<Sha256Hex>,
    /// By what this picture is known from now on when it is sent again, since two people must agree to show it.
    pub protects: Option<Protection>,
    /// By what it was known, and need not be any more.
    pub unprotects: Option<Protection>,
    /// Whether it leaves its sender's list in a way that speaks against trusting them.
    pub doubts: bool,
}

/// A published photo left the feeds, one that had left came back, or it says something else there: what somebody who keeps a copy of a
/// feed, such as a wall, cannot see in the feed's own order. It names the photo only: what that is now, its row says. First
/// publications leave none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// The photo.
    pub id: PhotoId,
    /// When.
    #[serde(with = "super::time::millis")]
    pub at: Timestamp,
}

/// Bytes that must go, now and once more after the fence, when no address or worker from before can still bring them back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purge {
    /// The photo.
    pub id: PhotoId,
    /// The version that took it down. A purge is never marked done for another one.
    #[serde(rename = "v")]
    pub version: u64,
    /// First or second purge.
    #[serde(rename = "n")]
    pub round: u8,
    /// When to do it.
    #[serde(with = "super::time::millis")]
    pub due_at: Timestamp,
    /// What to erase.
    pub scope: PurgeScope,
    /// The photo's own addresses, of which no edge may keep a copy; empty if edges never had one.
    #[serde(default)]
    pub edges: Vec<String>,
    /// Whether edges must forget the lists, too, and whatever else shows something of the photo.
    #[serde(default)]
    pub lists: bool,
    /// Whether the bytes are gone, so that edges alone are left to be told.
    #[serde(default)]
    pub erased: bool,
    /// What is kept of the removal where an older copy of the table cannot bring the photo back; none where its new words only wait
    /// for another look.
    #[serde(default)]
    pub removal: Option<Removal>,
}

/// How much of a photo's bytes must go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PurgeScope {
    /// The public objects of one publication. Harmless whatever the photo is now: a later publication has another revision.
    Public(Revision),
    /// The renditions of one rendering, by its hash: others have taken their place.
    Renditions(String),
    /// Public objects, review renditions and the original, under this key.
    Everything(String),
    /// No bytes: the photo stays, and says something else. Only edges are told.
    Words,
}

impl Photo {
    /// Whether it names what an erasure of this scope would take: then it must be spared, whatever was promised before.
    pub fn names(&self, scope: &PurgeScope) -> bool {
        match scope {
            PurgeScope::Public(revision) => self.state == State::Published && self.revision.as_ref() == Some(revision),
            PurgeScope::Renditions(hash) => self.rendered.as_ref().is_some_and(|rendered| rendered.hash == *hash),
            PurgeScope::Everything(_) => self.state != State::Deleted,
            PurgeScope::Words => true,
        }
    }

    /// Whether a worker may be about to write renditions that it will name.
    pub fn awaits_renditions(&self) -> bool {
        self.expects_bytes() || self.moderation.covering()
    }
}

impl Change {
    /// Whether a photo begins with it. Then its row and its device's are all that there is to write.
    pub fn is_reservation(&self) -> bool {
        self.before.is_none() && self.after.state == State::Reserved
    }

    /// Derives all that the move from `before` to `after` changes.
    pub(super) fn new(before: Option<&Photo>, mut after: Photo, action: &str, by: &Actor, now: Timestamp) -> Self {
        let audit = AuditEntry::of(before, &after, action, by, now);
        after.audit_head.clone_from(&audit.hash);
        let rows = |photo: Option<&Photo>| photo.map(feed_rows).unwrap_or_default();
        let (old, new) = (rows(before), rows(Some(&after)));
        let feed_deletes = old.into_iter().filter(|(feed, _)| !new.iter().any(|(kept, _)| kept == feed)).collect();
        let counters = difference(before.map(counted), counted(&after));
        let sender = difference(before.map(sender::counted), sender::counted(&after));
        let purges = purges(before, &after, now);
        let turn = turns(before, &after).then(|| Turn { id: after.id.clone(), at: now });
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

/// What to add to counters that were `before`, so that they are `after`.
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

/// Whether a photo leaves its sender's list, where it would have spoken against them: a person deleted it or locked it away, or it was
/// doubtful when it left. Derived from what it was at this very move, so that no report in between can be forgotten.
fn doubts(before: &Photo, after: &Photo, by: &Actor) -> bool {
    let leaves = |photo: &Photo| matches!(photo.state, State::Deleted | State::Quarantined);
    let by_person = matches!(by, Actor::Member(_)) || after.state == State::Quarantined;
    leaves(after) && before.state != after.state && (by_person || before.is_doubtful())
}

/// The feed rows of a photo, each with the partition of its feed; none unless it is published.
pub fn feed_rows(photo: &Photo) -> Vec<(String, FeedRow)> {
    let Some(row) = feed::row(photo) else { return Vec::new() };
    feed::feeds(&row).into_iter().map(|feed| (feed.partition(photo.feed_shard), row.clone())).collect()
}

/// What one photo adds to the counters. A recount adds this up over all photos.
///
/// Reserved photos are not counted: they are no photos yet. Their device's counters have them ([`sender`]).
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

/// The half hour of an instant, counted from 1970.
pub fn half_hour(at: Timestamp) -> i64 {
    at.as_second().div_euclid(1_800)
}

/// How long a photo waited for its decision, as a power of two: step `n` is below 2ⁿ seconds, and not below half of that.
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
        scopes.push(PurgeScope::Everything(after.original_key().to_string()));
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
            // Edges never have what is under review.
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
            removal: Removal::of(after, now),
            edges,
            scope,
        };
        // No page lives as long as the fence: what an edge fetched while it was told is gone by itself. Bytes may still come back.
        let second = Purge { round: 2, due_at: now + fence, lists: false, ..first.clone() };
        let words = first.scope == PurgeScope::Words;
        purges.push(first);
        if !words {
            purges.push(second);
        }
    }
    purges
}
