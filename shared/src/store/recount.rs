//! The audit of everything: counts it all again and compares. Zeros mean that rows, feeds, counters, audits and objects agree.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    buckets::Listed,
    fault::{Fault, fault},
    outbox::Rooms,
    senders::sender_pk,
    table::{Item, MAIN, Table, photo_item, read},
};
use crate::domain::{
    audit::{self, AuditEntry, is_whole},
    change::{counted, feed_rows},
    feed::FeedRow,
    ids::PhotoId,
    keys::{OriginalKey, is_index, public_folder, rendition_folder, review_folder},
    limits,
    photo::{Photo, State},
    sender,
};

/// What disagrees, each as a number; all are zero in a sound installation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Differences {
    /// Published photos with a feed row that is missing or says something else.
    pub feed_rows_missing: u64,
    /// Feed rows of photos that are not published, or not there.
    pub feed_rows_extra: u64,
    /// Counters that are not what the rows add up to.
    pub counters_wrong: u64,
    /// Counters of devices that are not what the rows add up to.
    #[serde(default)]
    pub sender_counters_wrong: u64,
    /// Photos whose audit is not one unbroken entry per version.
    pub audits_broken: u64,
    /// Audits of photos that have no row.
    pub audits_extra: u64,
    /// Photos with renditions to show of which an object is missing.
    pub renditions_missing: u64,
    /// Public objects of photos that are not published under them, older than the fence and not waiting to be erased.
    pub public_objects_extra: u64,
    /// Review objects that no photo names, older than the fence and not waiting to be erased.
    pub review_objects_extra: u64,
    /// Originals without a row, or of photos that are gone, older than the fence and not waiting to be erased.
    pub originals_extra: u64,
    /// Photos that were acknowledged (pending or later) and whose original is missing.
    pub originals_missing: u64,
    /// Photos whose bytes have come and lain there for more than five minutes, and that still wait for them.
    pub stuck: u64,
    /// Photos that the work queues or their uploader's list have under a wrong key, or not at all.
    pub queue_keys_wrong: u64,
    /// Tombstones that still have words, a hash or renditions.
    pub tombstones_with_content: u64,
    /// Tombstones of which no removal is on record where an older copy of the table would find it.
    pub removals_missing: u64,
    /// Tombstones whose erasure was neither completed nor is it waiting.
    pub erasures_lost: u64,
    /// Erasures that are more than ten minutes late.
    pub purges_late: u64,
}

impl Differences {
    /// Whether all agrees.
    pub fn is_zero(&self) -> bool {
        *self == Self::default()
    }
}

/// The audit's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Recount {
    /// Photos by state.
    pub photos: BTreeMap<String, u64>,
    /// What disagrees.
    pub differences: Differences,
}

#[derive(Default)]
struct Seen {
    photos: HashMap<PhotoId, Photo>,
    queue_keys_wrong: u64,
    audits: HashMap<PhotoId, Vec<AuditEntry>>,
    feeds: HashMap<(String, PhotoId), FeedRow>,
    counters: BTreeMap<(String, String), i64>,
    senders: BTreeMap<(String, String), i64>,
    purging: HashSet<PhotoId>,
    purges_late: u64,
}

/// Lists a whole bucket. (A macro: an async closure over the three kinds of buckets could not be sent between threads.)
macro_rules! list_all {
    ($bucket:ident) => {{
        let mut all: Vec<Listed> = Vec::new();
        loop {
            let page = $bucket.list(all.last().map(|listed| listed.key.as_str())).await?;
            if page.is_empty() {
                break all;
            }
            all.extend(page);
        }
    }};
}

/// Counts everything again. Reads the whole table and lists the three buckets, so it is for the night, and for the end of tests.
/// On a system that is at work, what happens meanwhile can show as a difference: run it again.
pub async fn recount(table: &Table, rooms: &Rooms, now: Timestamp) -> Result<Recount, Fault> {
    let Rooms { originals, review, public, removals } = rooms;
    // Objects first: one that comes in between has a row already.
    let originals_listed = list_all!(originals);
    let mut review_listed = list_all!(review);
    review_listed.retain(|listed| !is_index(&listed.key));
    let public_listed = list_all!(public);
    let removals_listed = list_all!(removals);
    let seen = scan(table, now).await?;
    let mut found = Differences {
        purges_late: seen.purges_late,
        queue_keys_wrong: seen.queue_keys_wrong,
        ..Differences::default()
    };
    compare_rows(&seen, &mut found);
    compare_tombstones(&seen, &removals_listed, &mut found);
    compare_objects(&seen, &originals_listed, &review_listed, &public_listed, now, &mut found);
    let mut photos = BTreeMap::new();
    for photo in seen.photos.values() {
        *photos.entry(photo.state.to_string()).or_default() += 1;
    }
    Ok(Recount { photos, differences: found })
}

async fn scan(table: &Table, now: Timestamp) -> Result<Seen, Fault> {
    let mut seen = Seen::default();
    let mut start = None;
    loop {
        let page = table
            .client
            .scan()
            .table_name(&table.name)
            .consistent_read(true)
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(fault("scan table"))?;
        for item in page.items.unwrap_or_default() {
            seen.note(item, now)?;
        }
        start = page.last_evaluated_key;
        if start.is_none() {
            return Ok(seen);
        }
    }
}

impl Seen {
    fn note(&mut self, item: Item, now: Timestamp) -> Result<(), Fault> {
        let attribute = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
        let (pk, sk) = (attribute("PK"), attribute("SK"));
        if pk.starts_with("P#") && sk == MAIN {
            let photo: Photo = read(item.clone())?;
            let right = photo_item(&photo)?;
            let keys = ["G1PK", "G1SK", "G2PK", "G2SK"];
            self.queue_keys_wrong += u64::from(keys.iter().any(|key| right.get(*key) != item.get(*key)));
            self.photos.insert(photo.id.clone(), photo);
        } else if pk.starts_with("P#") && sk.starts_with("A#") {
            let entry: AuditEntry = read(item)?;
            self.audits.entry(entry.id.clone()).or_default().push(entry);
        } else if pk.starts_with("F#") {
            let row: FeedRow = read(item)?;
            self.feeds.insert((pk, row.id.clone()), row);
        } else if pk.starts_with("ST#") {
            let edition = pk.split('#').nth(1).unwrap_or_default().to_owned();
            let counts: HashMap<String, serde_json::Value> = read(item)?;
            for (name, n) in counts.into_iter().filter_map(|(name, value)| Some((name, value.as_i64()?))) {
                *self.counters.entry((edition.clone(), name)).or_default() += n;
            }
        } else if pk.starts_with("DEV#") {
            let counts: HashMap<String, serde_json::Value> = read(item)?;
            let counts = counts.into_iter().filter_map(|(name, value)| Some((name, value.as_i64()?)));
            self.senders.extend(counts.map(|(name, n)| ((pk.clone(), name), n)));
        } else if pk.starts_with("OB#") {
            let purge: crate::domain::change::Purge = read(item)?;
            self.purges_late += u64::from(now.duration_since(purge.due_at).as_secs() > 600);
            self.purging.insert(purge.id);
        }
        Ok(())
    }
}

fn compare_rows(seen: &Seen, found: &mut Differences) {
    let mut wanted = 0;
    let mut totals: BTreeMap<(String, String), i64> = BTreeMap::new();
    let mut senders: BTreeMap<(String, String), i64> = BTreeMap::new();
    for photo in seen.photos.values() {
        let rows = feed_rows(photo);
        let right =
            rows.iter().filter(|(feed, row)| seen.feeds.get(&(feed.clone(), photo.id.clone())) == Some(row)).count();
        wanted += right;
        found.feed_rows_missing += u64::from(right < rows.len());
        for (name, n) in counted(photo) {
            *totals.entry((photo.edition.to_string(), name)).or_default() += n;
        }
        for (name, n) in sender::counted(photo) {
            let device = sender_pk(&photo.edition, &photo.uploader);
            *senders.entry((device, name.to_owned())).or_default() += n;
        }
        let mut audit = seen.audits.get(&photo.id).cloned().unwrap_or_default();
        audit.sort_by_key(|entry| entry.version);
        let audit = audit::with_reservation(photo, audit);
        let head = audit.last().is_some_and(|last| last.version == photo.version && last.hash == photo.audit_head);
        found.audits_broken += u64::from(!(head && is_whole(&audit)));
    }
    found.feed_rows_extra = u64::try_from(seen.feeds.len().saturating_sub(wanted)).unwrap_or(u64::MAX);
    found.audits_extra = count(seen.audits.keys().filter(|id| !seen.photos.contains_key(*id)));
    found.counters_wrong = disagreeing(&totals, &seen.counters);
    found.sender_counters_wrong = disagreeing(&senders, &seen.senders);
}

/// Counters that say something else than what was counted; one that is absent says 0.
fn disagreeing(counted: &BTreeMap<(String, String), i64>, said: &BTreeMap<(String, String), i64>) -> u64 {
    let names: HashSet<_> = counted.keys().chain(said.keys()).collect();
    let of = |counts: &BTreeMap<_, i64>, name| counts.get(name).copied().unwrap_or_default();
    count(names.into_iter().filter(|name| of(counted, name) != of(said, name)))
}

fn compare_tombstones(seen: &Seen, removals: &[Listed], found: &mut Differences) {
    let recorded: HashSet<&str> =
        removals.iter().filter_map(|listed| listed.key.rsplit_once('/')).map(|(of, _)| of).collect();
    for photo in seen.photos.values().filter(|photo| photo.state == State::Deleted) {
        let words = [&photo.caption, &photo.alt, &photo.credit].iter().any(|text| !text.is_empty());
        let content = words || photo.sha256.is_some() || photo.rendered.is_some() || photo.school.is_some();
        found.tombstones_with_content += u64::from(content);
        let waits = seen.purging.contains(&photo.id);
        let recorded = recorded.contains(format!("{}/{}", photo.edition, photo.id).as_str());
        found.removals_missing += u64::from(!recorded && !waits);
        found.erasures_lost += u64::from(photo.purged != Some(photo.version) && !waits);
    }
}

fn compare_objects(
    seen: &Seen,
    originals: &[Listed],
    review: &[Listed],
    public: &[Listed],
    now: Timestamp,
    found: &mut Differences,
) {
    // Workers and addresses from before a decision may still bring objects back until the fence has passed.
    let settled = |listed: &Listed| now.duration_since(listed.modified_at).as_secs() > limits::PURGE_FENCE_SECONDS;
    let photo_of = |key: &str| rendition_folder(key).and_then(|(id, _)| seen.photos.get(&id));
    let erasing = |key: &str| photo_of(key).is_some_and(|photo| seen.purging.contains(&photo.id));
    for listed in originals {
        let photo = OriginalKey::parse(&listed.key).and_then(|key| seen.photos.get(&key.id));
        let kept = photo.is_some_and(|photo| photo.state != State::Deleted);
        let erasing = photo.is_some_and(|photo| seen.purging.contains(&photo.id));
        found.originals_extra += u64::from(!kept && !erasing && settled(listed));
        let stuck = photo.is_some_and(Photo::expects_bytes);
        found.stuck += u64::from(stuck && now.duration_since(listed.modified_at).as_secs() > 300);
    }
    let (mut review_wanted, mut public_wanted, mut originals_wanted) = (HashSet::new(), HashSet::new(), HashSet::new());
    for photo in seen.photos.values() {
        if photo.state != State::Deleted
            && let Some(rendered) = &photo.rendered
        {
            let folder = review_folder(&photo.id, &rendered.hash);
            review_wanted.extend(rendered.renditions.iter().map(|r| format!("{folder}{}", r.name)));
            // The storage lets originals go by itself after a while; on its last day nobody can say which.
            if now.duration_since(photo.created_at).as_hours() < (limits::ORIGINAL_DAYS - 1) * 24 {
                originals_wanted.insert(photo.original_key().to_string());
            }
        }
        if let (State::Published, Some(rendered), Some(revision)) = (photo.state, &photo.rendered, &photo.revision) {
            let folder = public_folder(&photo.id, revision);
            public_wanted.extend(rendered.renditions.iter().map(|r| format!("{folder}{}", r.name)));
        }
    }
    let keys = |listed: &[Listed]| listed.iter().map(|listed| listed.key.clone()).collect::<HashSet<_>>();
    found.renditions_missing =
        count(review_wanted.difference(&keys(review))) + count(public_wanted.difference(&keys(public)));
    found.originals_missing = count(originals_wanted.difference(&keys(originals)));
    let extra = |listed: &[Listed], wanted: &HashSet<String>| {
        count(listed.iter().filter(|l| !wanted.contains(&l.key) && settled(l) && !erasing(&l.key)))
    };
    found.review_objects_extra = extra(review, &review_wanted);
    found.public_objects_extra = extra(public, &public_wanted);
}

fn count<T>(items: impl Iterator<Item = T>) -> u64 {
    items.map(|_| 1).sum()
}
