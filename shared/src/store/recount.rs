//! The audit of the whole installation: counts everything again and compares. If all differences are zero, rows, feeds, counters, audits
//! and objects agree.
//!
//! Decision: of each row and each object only a hash of 64 bits is kept, and a photo's row is compared with its audit as both are scanned.
//! So a photo takes about 500 bytes while it is counted, and half a million of them fit into the memory of `housekeeping`. What does not
//! seem to match is read once more, by its key. Given up: two out of a million different rows have the same 64 bits once in forty million
//! audits, and then one difference is missed.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
};

use futures::future::try_join_all;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    buckets::Listed,
    fault::{Fault, fault},
    outbox::Buckets,
    table::{Item, MAIN, Range, Table, photo_item, photo_pk, read},
    uploader_counters::sender_pk,
};
use crate::domain::{
    audit::{self, AuditEntry, is_whole},
    change::{Purge, counted, feed_rows},
    feed::FeedRow,
    ids::PhotoId,
    keys::{OriginalKey, is_draw_file, is_index, public_folder, rendition_folder, review_folder},
    limits,
    photo::Photo,
    states::State,
    uploader_counts,
};

/// The number of disagreements of each kind; all are zero in a sound installation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Differences {
    /// Published photos with a feed row that is missing or differs.
    pub feed_rows_missing: u64,
    /// Feed rows of photos that are not published or do not exist.
    pub feed_rows_extra: u64,
    /// Counters of editions that differ from the sum of the rows.
    pub counters_wrong: u64,
    /// Counters of devices that differ from the sum of the rows.
    #[serde(default)]
    pub sender_counters_wrong: u64,
    /// Photos whose audit is not one unbroken chain of one entry per version.
    pub audits_broken: u64,
    /// Audits of photos that have no row.
    pub audits_extra: u64,
    /// Missing review or public objects of renditions that photos name.
    pub renditions_missing: u64,
    /// Public objects of photos that are not published under them, that are older than the fence and not waiting to be erased.
    pub public_objects_extra: u64,
    /// Review objects that no photo names, that are older than the fence and not waiting to be erased.
    pub review_objects_extra: u64,
    /// Originals without a row, or of deleted photos, that are older than the fence and not waiting to be erased.
    pub originals_extra: u64,
    /// Photos that are pending or later and whose original is missing.
    pub originals_missing: u64,
    /// Photos whose original arrived more than five minutes ago and that are still reserved or expired.
    pub stuck: u64,
    /// Photos that have a wrong key, or none, in the work queues or in their uploader's list.
    pub queue_keys_wrong: u64,
    /// Tombstones that still have texts, a hash or renditions.
    pub tombstones_with_content: u64,
    /// Tombstones whose removal is not recorded outside the table.
    pub removals_missing: u64,
    /// Tombstones whose erasure is neither completed nor waiting.
    pub erasures_lost: u64,
    /// Erasures that are more than ten minutes late.
    pub purges_late: u64,
}

impl Differences {
    /// Whether there are no differences.
    pub fn is_zero(&self) -> bool {
        *self == Self::default()
    }
}

/// The result of the audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Recount {
    /// Number of photos by state.
    pub photos: BTreeMap<String, u64>,
    /// The disagreements found.
    pub differences: Differences,
}

/// Segments of the table that are scanned in parallel.
const SEGMENTS: i32 = 4;

/// A hash that stands for a row, a key or a photo.
type Mark = u64;

fn mark(of: impl Hash) -> Mark {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

/// A listed object.
struct Object {
    key: Mark,
    /// The photo that it belongs to; `None` if its key is not ours.
    photo: Option<Mark>,
    /// Seconds since it was written.
    age_s: u32,
}

impl Object {
    fn settled(&self) -> bool {
        i64::from(self.age_s) > limits::PURGE_FENCE_SECONDS
    }
}

/// What the scanned rows contain.
#[derive(Default)]
struct Seen {
    /// Photos by state.
    states: BTreeMap<String, u64>,
    /// For each photo, what its row says about its original.
    photos: HashMap<Mark, Original>,
    tombstones: Vec<Tombstone>,
    /// Feed rows as photos require them, each after its photo; and below, feed rows as they are.
    feeds_wanted: Vec<(Mark, Mark)>,
    feeds: Vec<Mark>,
    /// The expected value of each counter, less the stored one.
    counters: HashMap<(String, String), i64>,
    senders: HashMap<Mark, i64>,
    /// Keys of objects that photos name.
    originals_wanted: Vec<Mark>,
    review_wanted: Vec<Mark>,
    public_wanted: Vec<Mark>,
    /// Photos with erasures that are not carried out yet.
    purging: HashSet<Mark>,
    /// Photos whose row and audit did not seem to match during the scan.
    doubtful: Vec<PhotoId>,
    found: Differences,
}

#[derive(Clone, Copy)]
struct Original {
    deleted: bool,
    expects_bytes: bool,
    /// The number of objects that it consists of.
    objects: usize,
}

struct Tombstone {
    photo: Mark,
    /// The folder of its recorded removals.
    record: Mark,
    erased: bool,
}

/// The rows of one photo that have been scanned so far.
#[derive(Default)]
struct Passing {
    pk: String,
    photo: Option<Photo>,
    audit: Vec<AuditEntry>,
}

/// Lists a whole bucket and returns a hash of each object. (A macro, since an async closure over the kinds of buckets could not be sent
/// between threads.)
macro_rules! list_all {
    ($bucket:ident, $now:ident, $photo:expr) => {
        async {
            let mut all = Vec::new();
            let mut after: Option<String> = None;
            loop {
                let page: Vec<Listed> = $bucket.list(after.as_deref()).await?;
                let Some(last) = page.last() else { break };
                after = Some(last.key.clone());
                all.extend(page.iter().filter(|listed| !is_index(&listed.key) && !is_draw_file(&listed.key)).map(
                    |listed| {
                        let age_s =
                            u32::try_from($now.duration_since(listed.modified_at).as_secs()).unwrap_or_default();
                        Object { key: mark(&listed.key), photo: $photo(&listed.key).map(mark), age_s }
                    },
                ));
            }
            Ok::<_, Fault>(all)
        }
    };
}

/// Counts everything again. Reads the whole table and lists the four buckets, so it is for the night, and for the end of tests. On a busy
/// system, concurrent changes can show as differences: run it again. The storage deletes originals after `original_days`, so they are
/// looked for one day less.
pub async fn recount(table: &Table, rooms: &Buckets, original_days: i64, now: Timestamp) -> Result<Recount, Fault> {
    let Buckets { originals, review, public, removals } = rooms;
    let of_original = |key: &str| OriginalKey::parse(key).map(|key| key.id);
    let of_rendition = |key: &str| rendition_folder(key).map(|(id, _)| id);
    let recorded = async {
        let mut all: HashSet<Mark> = HashSet::new();
        let mut after: Option<String> = None;
        loop {
            let page = removals.list(after.as_deref()).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.key.clone());
            all.extend(page.iter().filter_map(|listed| listed.key.rsplit_once('/')).map(|(of, _)| mark(of)));
        }
        Ok::<_, Fault>(all)
    };
    // Objects are listed first: an object that arrives in between has a row already.
    let (originals, review, public, recorded) = futures::try_join!(
        list_all!(originals, now, of_original),
        list_all!(review, now, of_rendition),
        list_all!(public, now, of_rendition),
        recorded,
    )?;
    let parts = try_join_all((0..SEGMENTS).map(|segment| scan(table, segment, original_days, now))).await?;
    let mut seen = parts.into_iter().reduce(Seen::with).unwrap_or_default();
    for id in std::mem::take(&mut seen.doubtful) {
        look_again(table, &id, &mut seen.found).await?;
    }
    seen.compare_feeds();
    seen.compare_tombstones(&recorded);
    seen.compare_objects(&originals, review, public);
    seen.found.counters_wrong = count(seen.counters.values().filter(|left| **left != 0));
    seen.found.sender_counters_wrong = count(seen.senders.values().filter(|left| **left != 0));
    Ok(Recount { photos: seen.states, differences: seen.found })
}

/// Scans one segment of the table.
async fn scan(table: &Table, segment: i32, original_days: i64, now: Timestamp) -> Result<Seen, Fault> {
    let (mut seen, mut passing) = (Seen::default(), Passing::default());
    let mut start = None;
    loop {
        let page = table
            .client
            .scan()
            .table_name(&table.name)
            .consistent_read(true)
            .segment(segment)
            .total_segments(SEGMENTS)
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(fault("scan table"))?;
        for item in page.items.unwrap_or_default() {
            seen.note(item, &mut passing, original_days, now)?;
        }
        start = page.last_evaluated_key;
        if start.is_none() {
            seen.passed(&passing);
            return Ok(seen);
        }
    }
}

/// Reads a photo and its audit together, and counts what is wrong with the audit.
async fn look_again(table: &Table, id: &PhotoId, found: &mut Differences) -> Result<(), Fault> {
    let photo: Option<Photo> = table.get(&photo_pk(id), MAIN).await?;
    let audit: Vec<AuditEntry> = table.query_all(&photo_pk(id), Range::Prefix("A#")).await?;
    match photo {
        Some(photo) => found.audits_broken += u64::from(!fits(&photo, audit)),
        None => found.audits_extra += u64::from(!audit.is_empty()),
    }
    Ok(())
}

/// Whether an audit is one unbroken chain of one entry for each version of its photo.
fn fits(photo: &Photo, mut audit: Vec<AuditEntry>) -> bool {
    audit.sort_by_key(|entry| entry.version);
    let audit = audit::with_reservation(photo, audit);
    let head = audit.last().is_some_and(|last| last.version == photo.version && last.hash == photo.audit_head);
    head && is_whole(&audit)
}

impl Seen {
    fn note(&mut self, item: Item, passing: &mut Passing, original_days: i64, now: Timestamp) -> Result<(), Fault> {
        let attribute = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
        let (pk, sk) = (attribute("PK"), attribute("SK"));
        if pk != passing.pk {
            self.passed(&std::mem::replace(passing, Passing { pk: pk.clone(), ..Passing::default() }));
        }
        if pk.starts_with("P#") && sk == MAIN {
            let photo: Photo = read(item.clone())?;
            let right = photo_item(&photo)?;
            let keys = ["G1PK", "G1SK", "G2PK", "G2SK"];
            self.found.queue_keys_wrong += u64::from(keys.iter().any(|key| right.get(*key) != item.get(*key)));
            self.note_photo(&photo, original_days, now)?;
            passing.photo = Some(photo);
        } else if pk.starts_with("P#") && sk.starts_with("A#") {
            passing.audit.push(read(item)?);
        } else if pk.starts_with("F#") {
            self.feeds.push(feed_mark(&pk, &read(item)?)?);
        } else if pk.starts_with("ST#") {
            let edition = pk.split('#').nth(1).unwrap_or_default().to_owned();
            for (name, n) in numbers(item)? {
                *self.counters.entry((edition.clone(), name)).or_default() -= n;
            }
        } else if pk.starts_with("DEV#") {
            for (name, n) in numbers(item)? {
                *self.senders.entry(mark((&pk, name.as_str()))).or_default() -= n;
            }
        } else if pk.starts_with("OB#") {
            let purge: Purge = read(item)?;
            self.found.purges_late += u64::from(now.duration_since(purge.due_at).as_secs() > 600);
            self.purging.insert(mark(&purge.id));
        }
        Ok(())
    }

    /// Called when all rows of a photo have been scanned.
    fn passed(&mut self, passing: &Passing) {
        let right = match (&passing.photo, passing.audit.first()) {
            (Some(photo), _) => fits(photo, passing.audit.clone()),
            (None, None) => true,
            (None, Some(_)) => false,
        };
        if !right {
            let id = passing.photo.as_ref().map(|photo| &photo.id).or(passing.audit.first().map(|entry| &entry.id));
            self.doubtful.extend(id.cloned());
        }
    }

    fn note_photo(&mut self, photo: &Photo, original_days: i64, now: Timestamp) -> Result<(), Fault> {
        let id = mark(&photo.id);
        *self.states.entry(photo.state.to_string()).or_default() += 1;
        let deleted = photo.state == State::Deleted;
        self.photos.insert(
            id,
            Original { deleted, expects_bytes: photo.expects_bytes(), objects: photo.original_keys().len() },
        );
        for (feed, row) in feed_rows(photo) {
            self.feeds_wanted.push((id, feed_mark(&feed, &row)?));
        }
        for (name, n) in counted(photo) {
            *self.counters.entry((photo.edition.to_string(), name)).or_default() += n;
        }
        let device = sender_pk(&photo.edition, &photo.uploader);
        for (name, n) in uploader_counts::counted(photo) {
            *self.senders.entry(mark((&device, name))).or_default() += n;
        }
        if deleted {
            let words = [&photo.caption, &photo.alt, &photo.credit].iter().any(|text| !text.is_empty());
            let content = words || photo.sha256.is_some() || photo.rendered.is_some() || photo.school.is_some();
            self.found.tombstones_with_content += u64::from(content);
            self.tombstones.push(Tombstone {
                photo: id,
                record: mark(format!("{}/{}", photo.edition, photo.id).as_str()),
                erased: photo.purged == Some(photo.version),
            });
        } else if let Some(rendered) = &photo.rendered {
            let folder = review_folder(&photo.id, &rendered.hash);
            let reviewed = photo.review_files();
            self.review_wanted.extend(reviewed.iter().map(|name| mark(format!("{folder}{name}").as_str())));
            // The storage deletes originals by itself after a while; on the last day it is not predictable which ones.
            if now.duration_since(photo.created_at).as_hours() < (original_days - 1) * 24 {
                self.originals_wanted.extend(photo.original_keys().iter().map(|key| mark(key.to_string().as_str())));
            }
            if let (State::Published, Some(revision)) = (photo.state, &photo.revision) {
                let folder = public_folder(&photo.id, revision);
                let public = photo.public_files();
                self.public_wanted.extend(public.iter().map(|file| mark(format!("{folder}{}", file.name).as_str())));
            }
        }
        Ok(())
    }

    /// Combines what two segments of the table contain.
    fn with(mut self, other: Self) -> Self {
        let Self {
            states,
            photos,
            tombstones,
            feeds_wanted,
            feeds,
            counters,
            senders,
            originals_wanted,
            review_wanted,
            public_wanted,
            purging,
            doubtful,
            found,
        } = other;
        for (state, n) in states {
            *self.states.entry(state).or_default() += n;
        }
        for (name, n) in counters {
            *self.counters.entry(name).or_default() += n;
        }
        for (name, n) in senders {
            *self.senders.entry(name).or_default() += n;
        }
        self.photos.extend(photos);
        self.tombstones.extend(tombstones);
        self.feeds_wanted.extend(feeds_wanted);
        self.feeds.extend(feeds);
        self.originals_wanted.extend(originals_wanted);
        self.review_wanted.extend(review_wanted);
        self.public_wanted.extend(public_wanted);
        self.purging.extend(purging);
        self.doubtful.extend(doubtful);
        // Only what is found during the scan; the rest is found afterwards.
        self.found.queue_keys_wrong += found.queue_keys_wrong;
        self.found.tombstones_with_content += found.tombstones_with_content;
        self.found.purges_late += found.purges_late;
        self
    }

    fn compare_feeds(&mut self) {
        self.feeds.sort_unstable();
        self.feeds_wanted.sort_unstable();
        let is_there = |row: &Mark| self.feeds.binary_search(row).is_ok();
        let wanted = self.feeds_wanted.iter().filter(|(_, row)| is_there(row)).count();
        let rows_of = self.feeds_wanted.chunk_by(|(one, _), (other, _)| one == other);
        self.found.feed_rows_missing = count(rows_of.filter(|rows| rows.iter().any(|(_, row)| !is_there(row))));
        self.found.feed_rows_extra = u64::try_from(self.feeds.len().saturating_sub(wanted)).unwrap_or(u64::MAX);
    }

    fn compare_tombstones(&mut self, recorded: &HashSet<Mark>) {
        for tombstone in &self.tombstones {
            let waits = self.purging.contains(&tombstone.photo);
            self.found.removals_missing += u64::from(!recorded.contains(&tombstone.record) && !waits);
            self.found.erasures_lost += u64::from(!tombstone.erased && !waits);
        }
    }

    fn compare_objects(&mut self, originals: &[Object], review: Vec<Object>, public: Vec<Object>) {
        // Workers and addresses from before a decision may bring objects back until the fence has passed.
        let mut expected: HashMap<Mark, (usize, u32)> = HashMap::new();
        for object in originals {
            let photo = object.photo.and_then(|id| Some((id, self.photos.get(&id)?)));
            let kept = photo.is_some_and(|(_, photo)| !photo.deleted);
            self.found.originals_extra += u64::from(!kept && !self.erasing(object) && object.settled());
            if let Some((id, _)) = photo.filter(|(_, photo)| photo.expects_bytes) {
                let (n, youngest_s) = expected.entry(id).or_insert((0, u32::MAX));
                (*n, *youngest_s) = (*n + 1, object.age_s.min(*youngest_s));
            }
        }
        // A video has arrived with the last of its parts.
        let arrived = |id: &Mark, n: usize| self.photos.get(id).is_some_and(|photo| n >= photo.objects);
        self.found.stuck = count(expected.iter().filter(|(id, (n, youngest_s))| *youngest_s > 300 && arrived(id, *n)));
        self.originals_wanted.sort_unstable();
        self.originals_wanted.dedup();
        let there: HashSet<_> = originals.iter().map(|object| object.key).collect();
        self.found.originals_missing = count(self.originals_wanted.iter().filter(|key| !there.contains(key)));
        drop(there);
        let wanted = std::mem::take(&mut self.review_wanted);
        let (missing, extra) = self.compare(wanted, review);
        (self.found.renditions_missing, self.found.review_objects_extra) = (missing, extra);
        let wanted = std::mem::take(&mut self.public_wanted);
        let (missing, extra) = self.compare(wanted, public);
        self.found.renditions_missing += missing;
        self.found.public_objects_extra = extra;
    }

    /// Returns how many wanted keys are missing, and how many objects exist that are not wanted and should be gone.
    fn compare(&self, mut wanted: Vec<Mark>, mut there: Vec<Object>) -> (u64, u64) {
        wanted.sort_unstable();
        wanted.dedup();
        there.sort_unstable_by_key(|object| object.key);
        let is_there = |key: &Mark| there.binary_search_by_key(key, |object| object.key).is_ok();
        let missing = count(wanted.iter().filter(|key| !is_there(key)));
        let extra =
            |object: &&Object| wanted.binary_search(&object.key).is_err() && object.settled() && !self.erasing(object);
        (missing, count(there.iter().filter(extra)))
    }

    /// Whether an object belongs to a photo whose erasure is waiting.
    fn erasing(&self, object: &Object) -> bool {
        object.photo.is_some_and(|photo| self.photos.contains_key(&photo) && self.purging.contains(&photo))
    }
}

fn feed_mark(feed: &str, row: &FeedRow) -> Result<Mark, Fault> {
    let row = serde_json::to_string(row).map_err(|error| Fault::broken("compare feed row", error))?;
    Ok(mark((feed, row)))
}

/// Returns the numbers in a row of counters, by name.
fn numbers(item: Item) -> Result<Vec<(String, i64)>, Fault> {
    let counts: HashMap<String, serde_json::Value> = read(item)?;
    Ok(counts.into_iter().filter_map(|(name, value)| Some((name, value.as_i64()?))).collect())
}

fn count<T>(items: impl Iterator<Item = T>) -> u64 {
    items.map(|_| 1).sum()
}
