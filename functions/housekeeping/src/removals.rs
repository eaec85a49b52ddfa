//! Applies removals again after a restore: a backup of the table knows nothing of the photos removed since. They are removed again before
//! anybody reads the table.

use std::collections::BTreeMap;

use serde::Serialize;
use shared::{
    domain::{
        Photo, PhotoId, State,
        removal::{Removal, RemovalKey},
    },
    store::{Fault, Outcome, photos::Applied},
};

use crate::App;

/// The actor in the audit for what this module does.
const ACTOR: &str = "housekeeping";

/// The result of a replay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Replayed {
    /// Number of recorded removals, counting only the latest of each photo.
    pub removals: u64,
    /// Number of removals that had to be read, one request each.
    pub read: u64,
    /// Number of photos that the table had in an earlier state although they were removed.
    pub applied: u64,
    /// Number of tombstones written for photos that the table did not know.
    pub buried: u64,
}

impl Replayed {
    /// Whether the table knew every removal.
    pub fn is_current(&self) -> bool {
        self.applied == 0 && self.buried == 0
    }
}

/// What [`replay`] does about a removal that the table does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Applies it.
    Apply,
    /// Only counts it.
    Check,
}

/// Largest number of removals in one part: 20 listings, and 200 reads of a hundred rows each.
const PART: usize = 20_000;
/// The name under which the place where the next part begins is stored.
const PLACE: &str = "removals";

/// Applies each photo's removals that the table does not know, and puts their purges into the outbox. Repeating it changes nothing.
///
/// # Errors
/// A fault. What was applied by then stays, and the same call continues.
pub async fn replay(app: &App, mode: Mode) -> Result<Replayed, Fault> {
    let mut replayed = Replayed::default();
    let mut after = None;
    loop {
        after = part(app, mode, after, PART, &mut replayed).await?;
        if after.is_none() {
            return Ok(replayed);
        }
    }
}

/// Does the same for the next part of all removals, and begins again after the last part. It is for the schedule, which has other tasks to
/// run.
///
/// # Errors
/// A fault. The next call takes the same part.
pub async fn replay_part(app: &App) -> Result<Replayed, Fault> {
    let mut replayed = Replayed::default();
    let after = app.cursors.get(PLACE).await?;
    let next = part(app, Mode::Apply, after.clone(), PART, &mut replayed).await?;
    if next != after {
        app.cursors.put(PLACE, next).await?;
    }
    Ok(replayed)
}

/// Examines up to `most` removals after the key `after`. Returns the last key, or `None` if there are no more. Rows are read in batches of
/// a hundred; a removal is read only if its key alone does not show that the row knows it.
async fn part(
    app: &App,
    mode: Mode,
    mut after: Option<String>,
    most: usize,
    replayed: &mut Replayed,
) -> Result<Option<String>, Fault> {
    let mut looked = 0;
    let mut latest: BTreeMap<PhotoId, (RemovalKey, String)> = BTreeMap::new();
    while looked < most {
        let page = app.rooms.removals.list(after.as_deref()).await?;
        after = page.last().map(|last| last.key.clone());
        if page.is_empty() {
            break;
        }
        looked += page.len();
        for listed in page {
            let Some(key) = RemovalKey::parse(&listed.key) else { continue };
            // The latest removal of a photo counts, but nothing comes after a deletion.
            let known = latest.get(&key.id);
            if known.is_none_or(|(known, _)| known.state != Some(State::Deleted) && known.version <= key.version) {
                latest.insert(key.id.clone(), (key, listed.key));
            }
        }
    }
    for keys in latest.into_values().collect::<Vec<_>>().chunks(100) {
        let ids: Vec<_> = keys.iter().map(|(key, _)| key.id.clone()).collect();
        let known: BTreeMap<_, _> =
            app.photos.get_many(&ids).await?.into_iter().map(|photo| (photo.id.clone(), photo)).collect();
        for (key, name) in keys {
            replayed.removals += 1;
            if known.get(&key.id).is_some_and(|photo| key.is_known_to(photo)) {
                continue;
            }
            replayed.read += 1;
            let Some(removal) = app.rooms.removals.get(name).await? else { continue };
            apply(app, &removal, mode, replayed).await?;
        }
    }
    Ok(after)
}

async fn apply(app: &App, removal: &Removal, mode: Mode, replayed: &mut Replayed) -> Result<(), Fault> {
    let now = app.clock.now();
    let rule = |photo: &Photo, now| photo.reapply_removal(removal, ACTOR, now);
    match (app.photos.get(&removal.id).await?, mode) {
        (Some(photo), Mode::Check) => replayed.applied += u64::from(rule(&photo, now).is_some()),
        (Some(_), Mode::Apply) => {
            let applied =
                app.photos.apply(&removal.id, &app.clock, |photo, now| Ok::<_, Fault>(rule(photo, now))).await?;
            replayed.applied += u64::from(matches!(applied, Applied::Changed(_)));
        }
        (None, mode) => {
            let Some(change) = Photo::tombstone_from(removal, ACTOR, now) else { return Ok(()) };
            let written = mode == Mode::Check || app.photos.advance(&change).await? == Outcome::Done;
            replayed.buried += u64::from(written);
        }
    }
    Ok(())
}
