//! A trial of an installation: photos that go the whole way through it in an edition of their own, which no list names, and of which
//! nothing stays.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    edition::{Day, Edition},
    ids::{EditionSlug, KeyId, PhotoId, UploaderId},
};

/// What the slug of a trial's edition begins with. No organiser can choose such a slug.
pub const PREFIX: &str = "trial-";
/// For how long a trial may add photos. One that was broken off can do nothing afterwards.
const LIFE: SignedDuration = SignedDuration::from_mins(30);

/// What a trial works with. It is on record before anything is made, so that a trial that was broken off can be tidied away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// Its edition, open from its beginning.
    pub edition: Edition,
    /// The device that sends its photos.
    pub uploader: UploaderId,
    /// Its photos, those too that were not registered yet.
    pub photos: Vec<PhotoId>,
    /// The person who decides about them.
    pub member: KeyId,
}

impl Trial {
    /// Whether it should have ended by itself.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.edition.is_over(now)
    }
}

/// Whether a slug is that of a trial's edition.
pub fn is_trial(slug: &EditionSlug) -> bool {
    slug.as_str().starts_with(PREFIX)
}

/// The edition of a trial that begins at `now`: like `edition`, but open, and changed by nothing that was set on the console.
pub fn edition(slug: EditionSlug, edition: &Edition, now: Timestamp) -> Edition {
    let closes_at = now + LIFE;
    Edition {
        slug,
        name: "Trial of the installation".to_owned(),
        opens_at: now,
        closes_at,
        grace_ends_at: closes_at,
        paused: false,
        trust: None,
        feed_shards: 1,
        draws: Vec::new(),
        day: Day::default(),
        ..edition.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{edition::Changes, sample};

    #[test]
    fn a_trial_is_open_on_any_day() {
        let now = sample::edition().opens_at - SignedDuration::from_hours(24 * 90);
        let stopped =
            Edition { paused: true, day: Day { changes: Changes::Removals, ..Day::default() }, ..sample::edition() };
        assert!(stopped.accepts_photos(now).is_err());
        let slug: EditionSlug = format!("{PREFIX}abc").parse().unwrap();
        let trial = edition(slug.clone(), &stopped, now);
        trial.accepts_photos(now).unwrap();
        trial.accepts_changes().unwrap();
        assert!(is_trial(&slug) && !is_trial(&stopped.slug));
        assert!(trial.is_over(now + LIFE));
    }
}
