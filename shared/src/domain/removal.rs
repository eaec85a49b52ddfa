//! The record of a removal that is kept outside the table, so that a restored older copy of the table cannot show the photo again.
//!
//! A removal has the photo's id, its version and its new state. It has no text and no bytes of the photo. After a restore each one is
//! applied again ([`Photo::reapply_removal`]) before anyone can read the table.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    ids::{EditionSlug, PhotoId},
    photo::Photo,
    states::{Kind, State},
    time,
};

/// The removal of one photo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removal {
    /// The photo's id.
    pub id: PhotoId,
    /// The photo's edition.
    pub edition: EditionSlug,
    /// The version that the removal made.
    #[serde(rename = "v")]
    pub version: u64,
    /// Whether a photo or a video was removed, which says where its file is.
    #[serde(default, skip_serializing_if = "is_photo")]
    pub kind: Kind,
    /// The new state: one in which the photo is not public.
    pub state: State,
    /// When the photo was removed.
    #[serde(with = "time::millis")]
    pub at: Timestamp,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_photo(kind: &Kind) -> bool {
    *kind == Kind::Photo
}

impl Removal {
    /// Returns the removal that led to `after`. `None` if the next decision may simply publish the photo again.
    pub fn new(after: &Photo, at: Timestamp) -> Option<Self> {
        let stays_away = match after.state {
            State::Hidden | State::Rejected | State::Deleted | State::Quarantined => true,
            State::Reserved | State::Pending | State::Published | State::Expired => false,
        };
        stays_away.then(|| Self {
            id: after.id.clone(),
            edition: after.edition.clone(),
            version: after.version,
            kind: after.kind,
            state: after.state,
            at,
        })
    }

    /// Returns the key under which the removal is stored, once: `{edition}/{photo id}/{version}-{state}`.
    pub fn key(&self) -> String {
        format!("{}/{}/{:06}-{}", self.edition, self.id, self.version, self.state)
    }
}

/// The parts of a removal's key, so that most removals need not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemovalKey {
    /// The photo's id.
    pub id: PhotoId,
    /// The version that the removal made.
    pub version: u64,
    /// The new state of the photo; `None` in keys from before they contained it.
    pub state: Option<State>,
}

impl RemovalKey {
    /// Parses a key; `None` if it is not one of ours.
    pub fn parse(key: &str) -> Option<Self> {
        let mut parts = key.split('/').skip(1);
        let (id, last) = (parts.next()?.parse().ok()?, parts.next()?);
        let (version, state) = last.split_once('-').map_or((last, None), |(version, state)| (version, Some(state)));
        let state = state.and_then(|named| State::ALL.into_iter().find(|state| state.as_str() == named));
        Some(Self { id, version: version.parse().ok()?, state })
    }

    /// Whether the photo is known, from the key alone, to include this removal: then applying it would change nothing.
    pub fn is_known_to(&self, photo: &Photo) -> bool {
        photo.state == State::Deleted
            || (self.state.is_some_and(|state| state != State::Deleted) && photo.version >= self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        sample::{self, decide, noon},
        states::Decision,
    };

    #[test]
    fn a_key_tells_what_need_not_be_read() {
        let hidden = decide(&sample::published(), Decision::Hide).after;
        let removal = Removal::new(&hidden, noon()).unwrap();
        let key = RemovalKey::parse(&removal.key()).unwrap();
        assert_eq!((&key.id, key.version, key.state), (&hidden.id, hidden.version, Some(State::Hidden)));
        for photo in [hidden.clone(), decide(&hidden, Decision::Restore).after] {
            assert!(key.is_known_to(&photo));
            assert_eq!(photo.reapply_removal(&removal, "housekeeping", noon()), None, "and it would change nothing");
        }
        assert!(!key.is_known_to(&sample::published()), "an older copy of the table does not know it");
        let deleted = RemovalKey { state: Some(State::Deleted), ..key.clone() };
        assert!(!deleted.is_known_to(&hidden), "a deletion is applied whatever came after it");
        let before = format!("{}/{}/000004", hidden.edition, hidden.id);
        assert_eq!(RemovalKey::parse(&before).unwrap().state, None);
        assert!(!RemovalKey::parse(&before).unwrap().is_known_to(&hidden), "such a one has to be read");
        assert_eq!(RemovalKey::parse("index/2027.json"), None);
    }
}
