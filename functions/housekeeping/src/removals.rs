//! After a restore: an older copy of the table knows nothing of what was removed since. The removals on record are applied again
//! before anybody reads.

use std::collections::BTreeMap;

use serde::Serialize;
use shared::{
    domain::{Photo, PhotoId, State, removal::Removal},
    store::{Fault, Outcome, photos::Applied},
};

use crate::App;

/// The name under which the audit keeps what this does.
const ACTOR: &str = "housekeeping";

/// What a replay found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Replayed {
    /// Removals on record, the latest of each photo counted once.
    pub removals: u64,
    /// Photos that the table showed, or had, though they were removed.
    pub applied: u64,
    /// Tombstones written of photos that the table did not even know.
    pub buried: u64,
}

impl Replayed {
    /// Whether the table knew of every removal.
    pub fn is_current(&self) -> bool {
        self.applied == 0 && self.buried == 0
    }
}

/// What [`replay`] does about a removal that the table does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Apply it.
    Apply,
    /// Only count it.
    Check,
}

/// Applies each photo's removals that the table does not know; their erasures go into the outbox with them. Doing it twice changes
/// nothing.
///
/// # Errors
/// A fault; what is applied then stays, and the same call goes on.
pub async fn replay(app: &App, mode: Mode) -> Result<Replayed, Fault> {
    let mut replayed = Replayed::default();
    let mut after: Option<String> = None;
    let mut latest: BTreeMap<PhotoId, String> = BTreeMap::new();
    loop {
        let page = app.rooms.removals.list(after.as_deref()).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.key.clone());
        // Keys ascend by version within a photo, so that the latest one stays.
        latest.extend(page.into_iter().filter_map(|listed| Some((photo_of(&listed.key)?, listed.key))));
    }
    for keys in latest.into_iter().collect::<Vec<_>>().chunks(100) {
        let ids: Vec<_> = keys.iter().map(|(id, _)| id.clone()).collect();
        let known: BTreeMap<_, _> =
            app.photos.get_many(&ids).await?.into_iter().map(|photo| (photo.id.clone(), photo)).collect();
        for (id, key) in keys {
            replayed.removals += 1;
            if known.get(id).is_some_and(|photo| photo.state == State::Deleted) {
                continue;
            }
            let Some(removal) = app.rooms.removals.get(key).await? else { continue };
            apply(app, &removal, mode, &mut replayed).await?;
        }
    }
    Ok(replayed)
}

async fn apply(app: &App, removal: &Removal, mode: Mode, replayed: &mut Replayed) -> Result<(), Fault> {
    let now = app.clock.now();
    let rule = |photo: &Photo| photo.removed_again(removal, ACTOR, now);
    match (app.photos.get(&removal.id).await?, mode) {
        (Some(photo), Mode::Check) => replayed.applied += u64::from(rule(&photo).is_some()),
        (Some(_), Mode::Apply) => {
            let applied = app.photos.apply(&removal.id, |photo| Ok::<_, Fault>(rule(photo))).await?;
            replayed.applied += u64::from(matches!(applied, Applied::Changed(_)));
        }
        (None, mode) => {
            let Some(change) = Photo::buried(removal, ACTOR, now) else { return Ok(()) };
            let written = mode == Mode::Check || app.photos.advance(&change).await? == Outcome::Done;
            replayed.buried += u64::from(written);
        }
    }
    Ok(())
}

fn photo_of(key: &str) -> Option<PhotoId> {
    key.split('/').nth(1)?.parse().ok()
}
