//! Compares objects with rows: renditions that no photo names, left by a worker or a decision that died half-way; originals that
//! arrived late, whose photo is deleted, or that no row knows; and files of a draw's rehearsal that died.
//!
//! Decision: a pass through the buckets takes as many runs as it needs, and each run continues where the last one ended, so that no run
//! takes too long, however many objects there are. Each pass lists every key, but examines every object only once a day, since that reads
//! its photo's row; other passes examine only what was written since the pass before them began. Listing a thousand keys costs as much as
//! reading seventy rows. Given up: an object that lost its row without being written is found up to a day later; what must be erased sooner
//! is in the outbox.

use std::{
    collections::{BTreeSet, HashMap},
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use shared::{
    domain::{
        Photo, PhotoId, State,
        change::PurgeScope,
        keys::{OriginalKey, rendition_folder},
        limits,
        time::millis,
        trial::rehearsal_of,
    },
    store::{Fault, Outcome, buckets::Listed},
};

use crate::{App, Report};

/// The actor in the audit for what this module does.
const ACTOR: &str = "housekeeping";
/// The name under which the place where the next run continues is stored.
const PLACE: &str = "objects";
/// Largest number of pages of a thousand keys that one run lists: about forty seconds of S3's answers.
const PAGES: u32 = 300;
/// How long a run keeps beginning new pages.
const PATIENCE: Duration = Duration::from_mins(2);
/// Largest difference between the storage's clock and ours, in seconds.
const SKEW_SECONDS: i64 = 60;
/// Hours after which every object is examined again: at night, between midnight and five o'clock, and at any time of day.
const NIGHTLY_HOURS: (i64, i64) = (20, 36);

/// A pass through the buckets, and how far it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Pass {
    /// Objects written before this are skipped; `None` if every object is examined.
    #[serde(with = "millis::option", default)]
    since: Option<Timestamp>,
    /// When the pass began.
    #[serde(with = "millis")]
    began: Timestamp,
    /// When the last pass that examines every object began; that may be this one.
    #[serde(with = "millis")]
    whole: Timestamp,
    /// The bucket that the pass is in.
    room: Room,
    /// The last key of that bucket that was examined.
    after: Option<String>,
    /// Whether something failed, so that the next pass must examine it again.
    failed: bool,
}

/// A bucket, in the order of a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Room {
    Originals,
    Public,
    Review,
}

impl Room {
    fn next(self) -> Option<Self> {
        match self {
            Self::Originals => Some(Self::Public),
            Self::Public => Some(Self::Review),
            Self::Review => None,
        }
    }
}

impl Pass {
    /// Begins a pass that examines every object.
    fn whole(now: Timestamp) -> Self {
        Self { since: None, began: now, whole: now, room: Room::Originals, after: None, failed: false }
    }

    /// Returns the pass that follows this one, which has ended.
    fn following(&self, now: Timestamp) -> Self {
        let hours = now.duration_since(self.whole).as_hours();
        let night = now.to_zoned(TimeZone::UTC).hour() < 5;
        if hours >= NIGHTLY_HOURS.1 || (night && hours >= NIGHTLY_HOURS.0) {
            return Self::whole(now);
        }
        // Objects that were too young for this pass are examined by the next.
        let margin = SignedDuration::from_secs(limits::PURGE_FENCE_SECONDS + SKEW_SECONDS);
        let seen = self.began - margin;
        let since = if self.failed { self.since.unwrap_or(seen) } else { seen };
        Self { since: Some(since), whole: self.whole, ..Self::whole(now) }
    }

    /// Whether the pass examines an object: not if it is older than the pass before, and not yet if a worker may still be using it.
    fn looks_at(&self, listed: &Listed, now: Timestamp) -> bool {
        let settled = now.duration_since(listed.modified_at).as_secs() > limits::PURGE_FENCE_SECONDS;
        settled && self.since.is_none_or(|since| listed.modified_at >= since)
    }

    /// Records the outcome for one object.
    fn took(&mut self, done: Result<(), Fault>, report: &mut Report) {
        if let Err(fault) = done {
            tracing::warn!(fault = fault.chain(), "an object is left for the next sweep");
            report.failed += 1;
            self.failed = true;
        }
    }
}

/// Continues the pass through the three buckets. Skips objects that a worker may still be using. Ends with the pass, or after it has listed
/// enough.
pub async fn sweep(app: &App, report: &mut Report) -> Result<(), Fault> {
    sweep_pages(app, report, PAGES).await
}

async fn sweep_pages(app: &App, report: &mut Report, pages: u32) -> Result<(), Fault> {
    let begun = Instant::now();
    let mut pass = app.cursors.load(PLACE).await?.unwrap_or_else(|| Pass::whole(app.clock.now()));
    let mut walked = Ok(());
    for _ in 0..pages {
        match page(app, &mut pass, report).await {
            Ok(true) if begun.elapsed() < PATIENCE => {}
            Ok(true) => break,
            Ok(false) => {
                pass = pass.following(app.clock.now());
                break;
            }
            Err(fault) => {
                walked = Err(fault);
                break;
            }
        }
    }
    app.cursors.keep(PLACE, &pass).await?;
    walked
}

/// Examines the next page. Returns whether the pass goes on.
async fn page(app: &App, pass: &mut Pass, report: &mut Report) -> Result<bool, Fault> {
    let after = pass.after.as_deref();
    let page = match pass.room {
        Room::Originals => app.rooms.originals.list(after).await?,
        Room::Public => app.rooms.public.list(after).await?,
        Room::Review => app.rooms.review.list(after).await?,
    };
    let Some(last) = page.last().map(|last| last.key.clone()) else {
        let Some(next) = pass.room.next() else { return Ok(false) };
        (pass.room, pass.after) = (next, None);
        return Ok(true);
    };
    let now = app.clock.now();
    let looked: Vec<_> = page.into_iter().filter(|listed| pass.looks_at(listed, now)).collect();
    if !looked.is_empty() {
        match pass.room {
            Room::Originals => originals(app, pass, looked, now, report).await?,
            Room::Public => {
                let scope = |folder: &str| folder.parse().ok().map(PurgeScope::Public);
                erase_unnamed(app, pass, &looked, scope, report).await?;
                forget_rehearsals(app, pass, &looked, report).await;
            }
            Room::Review => {
                let scope = |folder: &str| Some(PurgeScope::Renditions(folder.to_owned()));
                erase_unnamed(app, pass, &looked, scope, report).await?;
            }
        }
    }
    pass.after = Some(last);
    Ok(true)
}

async fn originals(
    app: &App,
    pass: &mut Pass,
    looked: Vec<Listed>,
    now: Timestamp,
    report: &mut Report,
) -> Result<(), Fault> {
    let ids = looked.iter().filter_map(|listed| OriginalKey::parse(&listed.key)).map(|key| key.id);
    // Each row once, although the parts of a video share one: DynamoDB refuses a batch that names a key twice.
    let ids: Vec<_> = ids.collect::<BTreeSet<_>>().into_iter().collect();
    let photos = by_id(app.photos.get_many_lately(&ids).await?);
    let mut without_row = BTreeSet::new();
    for listed in looked {
        let Some(key) = OriginalKey::parse(&listed.key) else {
            tracing::error!("an original whose key is not ours");
            continue;
        };
        // Parts of one video are set aside once.
        if !photos.contains_key(&key.id) && !without_row.insert(key.id.clone()) {
            continue;
        }
        let done = original(app, &key, &listed, photos.get(&key.id), now, report).await;
        pass.took(done, report);
    }
    Ok(())
}

/// Examines one original. It acts only on what the photo's row, read anew, says: a row that was written is found, a deleted photo stays
/// deleted, and the handler of a message checks the row, too.
async fn original(
    app: &App,
    key: &OriginalKey,
    listed: &Listed,
    photo: Option<&Photo>,
    now: Timestamp,
    report: &mut Report,
) -> Result<(), Fault> {
    match photo.map(|photo| photo.state) {
        None => {
            let change = Photo::orphan(key, listed.size_bytes, ACTOR, now);
            report.quarantined += u64::from(app.photos.advance(&change).await? == Outcome::Done);
        }
        // An upload address from before the withdrawal was used after it, because the upload took very long.
        Some(State::Deleted) => {
            app.rooms.originals.delete(&listed.key).await?;
            report.orphans += 1;
        }
        Some(State::Reserved | State::Expired) => {
            // A part has arrived with the others: the sweep of reserved photos waits for them, and deletes what an expired video has.
            if key.part.is_some() && !complete(app, key, report).await? {
                return Ok(());
            }
            app.messages.original(key, listed.size_bytes, now).await?;
            report.resent += 1;
        }
        Some(State::Pending | State::Published | State::Hidden | State::Rejected | State::Quarantined) => {}
    }
    Ok(())
}

/// Whether all parts of the video that a part belongs to have arrived. If not, and it has expired, the part came too late to be of use, or
/// was left when the others were deleted, and is deleted.
async fn complete(app: &App, key: &OriginalKey, report: &mut Report) -> Result<bool, Fault> {
    let Some(photo) = app.photos.get(&key.id).await?.filter(|photo| photo.has_original(key)) else { return Ok(false) };
    if app.rooms.originals.stored(&photo).await?.is_whole(&photo) {
        return Ok(true);
    }
    if photo.state == State::Expired {
        app.rooms.originals.delete(&key.to_string()).await?;
        report.orphans += 1;
    }
    Ok(false)
}

/// Erases the folders of these objects that no row names. Each row is read once more immediately before.
async fn erase_unnamed(
    app: &App,
    pass: &mut Pass,
    looked: &[Listed],
    scope: impl Fn(&str) -> Option<PurgeScope>,
    report: &mut Report,
) -> Result<(), Fault> {
    let folders: BTreeSet<_> = looked.iter().filter_map(|listed| rendition_folder(&listed.key)).collect();
    let mut ids: Vec<PhotoId> = folders.iter().map(|(id, _)| id.clone()).collect();
    ids.dedup();
    let photos = by_id(app.photos.get_many_lately(&ids).await?);
    for (id, folder) in folders {
        let Some(scope) = scope(folder) else { continue };
        if photos.get(&id).is_some_and(|photo| photo.names(&scope)) {
            continue;
        }
        let done = app.purger.erase_orphan(&id, &scope).await;
        report.orphans += u64::from(matches!(done, Ok(true)));
        pass.took(done.map(drop), report);
    }
    Ok(())
}

/// Deletes everything of the rehearsals that these files are of. A rehearsal takes seconds: by now it has died.
async fn forget_rehearsals(app: &App, pass: &mut Pass, looked: &[Listed], report: &mut Report) {
    let dead: BTreeSet<_> = looked.iter().filter_map(|listed| rehearsal_of(&listed.key)).collect();
    for (edition, draw) in dead {
        let done = app.draw_steps.forget_rehearsal(&edition, &draw).await;
        report.orphans += u64::from(done.is_ok());
        pass.took(done, report);
    }
}

fn by_id(photos: Vec<Photo>) -> HashMap<PhotoId, Photo> {
    photos.into_iter().map(|photo| (photo.id.clone(), photo)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> Timestamp {
        time.parse().unwrap()
    }

    fn written(time: &str) -> Listed {
        Listed { key: "key".to_owned(), size_bytes: 1, modified_at: at(time) }
    }

    #[test]
    fn a_pass_looks_at_what_was_written_since_the_one_before_it_began() {
        let first = Pass::whole(at("2027-03-05T12:00:00Z"));
        assert!(
            first.looks_at(&written("2020-01-01T00:00:00Z"), at("2027-03-05T12:00:00Z")),
            "the first at everything"
        );
        assert!(!first.looks_at(&written("2027-03-05T11:59:00Z"), at("2027-03-05T12:00:00Z")), "not at what is new");
        let second = first.following(at("2027-03-05T12:15:00Z"));
        let now = at("2027-03-05T12:30:00Z");
        assert!(second.looks_at(&written("2027-03-05T11:59:00Z"), now), "what was too young for the first");
        assert!(!second.looks_at(&written("2027-03-05T11:00:00Z"), now), "what the first has seen");
        // Each object is examined by one of two successive passes, whenever it was written.
        for minute in 0..60 {
            let listed = written(&format!("2027-03-05T11:{minute:02}:30Z"));
            let seen = first.looks_at(&listed, at("2027-03-05T12:00:00Z")) || second.looks_at(&listed, now);
            assert!(seen, "{minute}");
        }
    }

    #[test]
    fn what_failed_is_looked_at_again() {
        let first = Pass::whole(at("2027-03-05T12:00:00Z")).following(at("2027-03-05T12:15:00Z"));
        let failed = Pass { failed: true, ..first.clone() };
        let (sound, again) =
            (first.following(at("2027-03-05T12:30:00Z")), failed.following(at("2027-03-05T12:30:00Z")));
        assert_eq!(again.since, first.since);
        assert!(sound.since > again.since && !again.failed);
    }

    #[test]
    fn everything_is_looked_at_once_a_night_and_never_later_than_after_a_day_and_a_half() {
        let day = Pass::whole(at("2027-03-05T02:00:00Z"));
        let whole = |now| day.following(at(now)).since.is_none();
        assert!(!whole("2027-03-05T04:00:00Z"), "it was done this night");
        assert!(!whole("2027-03-05T23:00:00Z"), "it is not yet night");
        assert!(whole("2027-03-06T00:10:00Z"));
        let late = Pass::whole(at("2027-03-05T09:00:00Z"));
        assert!(late.following(at("2027-03-06T20:59:00Z")).since.is_some());
        assert!(late.following(at("2027-03-06T21:00:00Z")).since.is_none());
        // A pass in between does not delay it.
        let between = late.following(at("2027-03-05T10:00:00Z"));
        assert!(between.following(at("2027-03-06T21:00:00Z")).since.is_none());
    }
}
