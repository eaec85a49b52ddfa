//! What is kept of a removal outside the table, so that a restored older copy of the table cannot show the photo again.
//!
//! A removal says which photo, at which version, and where it went. It has no text and no bytes of the photo. After a restore each
//! one is applied again ([`Photo::removed_again`]) before anybody reads.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    ids::{EditionSlug, PhotoId},
    photo::{Photo, State},
    time,
};

/// One photo's removal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removal {
    /// The photo.
    pub id: PhotoId,
    /// Its edition.
    pub edition: EditionSlug,
    /// The version that the removal made.
    #[serde(rename = "v")]
    pub version: u64,
    /// Where it went: a state in which nobody can see it.
    pub state: State,
    /// When.
    #[serde(with = "time::millis")]
    pub at: Timestamp,
}

impl Removal {
    /// The removal that left `after` behind; none where it may be published again by the next decision as a matter of course.
    pub fn of(after: &Photo, at: Timestamp) -> Option<Self> {
        let stays_away = match after.state {
            State::Hidden | State::Rejected | State::Deleted | State::Quarantined => true,
            State::Reserved | State::Pending | State::Published | State::Expired => false,
        };
        stays_away.then(|| Self {
            id: after.id.clone(),
            edition: after.edition.clone(),
            version: after.version,
            state: after.state,
            at,
        })
    }

    /// Where it is kept: `{edition}/{photo id}/{version}`, written once.
    pub fn key(&self) -> String {
        format!("{}/{}/{:06}", self.edition, self.id, self.version)
    }
}
