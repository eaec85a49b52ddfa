//! A trial of an installation: photos that pass through the whole system in an edition of their own, which no list shows, and of which
//! nothing is kept.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    edition::{Day, Edition},
    ids::{DrawId, EditionSlug, KeyId, PhotoId, UploaderId},
};

/// The prefix of the slugs of trial editions. Organisers cannot choose such a slug.
pub const PREFIX: &str = "trial-";
/// How long a trial may add photos. After that, an interrupted trial can do nothing.
const LIFE: SignedDuration = SignedDuration::from_mins(30);

/// The objects of a trial. They are recorded before anything is made, so that an interrupted trial can be cleaned up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// The trial's edition, which is open from its beginning.
    pub edition: Edition,
    /// The device that sends its photos.
    pub uploader: UploaderId,
    /// The trial's photos, including those that are not registered yet.
    pub photos: Vec<PhotoId>,
    /// The member who decides about the photos.
    pub member: KeyId,
}

impl Trial {
    /// Whether the trial should have ended by now.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.edition.is_over(now)
    }
}

/// Whether a slug belongs to a trial's edition.
pub fn is_trial(slug: &EditionSlug) -> bool {
    slug.as_str().starts_with(PREFIX)
}

/// Returns the edition and the draw of a public file if it is of a rehearsal of a prize draw. `None` for the files of real draws, which stay
/// for ever, and for all other objects of the public bucket.
pub fn rehearsal_of(key: &str) -> Option<(EditionSlug, DrawId)> {
    let mut parts = key.strip_prefix("draws/")?.split('/');
    let edition: EditionSlug = parts.next()?.parse().ok()?;
    let draw = parts.next()?.parse().ok()?;
    is_trial(&edition).then_some((edition, draw))
}

/// Returns the edition of a trial that begins at `now`: like `edition`, but open, and without any setting from the console.
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
    fn only_files_of_a_rehearsal_are_of_one() {
        let rehearsed = rehearsal_of("draws/trial-abc/rehearsal-abc/commit.json").unwrap();
        assert_eq!((rehearsed.0.as_str(), rehearsed.1.as_str()), ("trial-abc", "rehearsal-abc"));
        for real in
            ["draws/2027/noon/commit.json", "draws/2027/trial-noon/x.txt", "m/trial-abc/noon/x", "draws/trial-abc", ""]
        {
            assert_eq!(rehearsal_of(real), None, "{real}");
        }
    }

    #[test]
    fn a_trial_is_open_on_any_day() {
        let now = sample::edition().opens_at - SignedDuration::from_hours(24 * 90);
        let stopped =
            Edition { paused: true, day: Day { changes: Changes::Removals, ..Day::default() }, ..sample::edition() };
        let trust = Some(crate::domain::trust::Trust { after: 1, checked_percent: 1 });
        let stopped = Edition { trust, feed_shards: 4, ..stopped };
        assert!(stopped.accepts_photos(now).is_err());
        let slug: EditionSlug = format!("{PREFIX}abc").parse().unwrap();
        let trial = edition(slug.clone(), &stopped, now);
        trial.accepts_photos(now).unwrap();
        trial.accepts_changes().unwrap();
        assert!(is_trial(&slug) && !is_trial(&stopped.slug));
        assert_eq!((&trial.slug, trial.name.as_str()), (&slug, "Trial of the installation"));
        let (opens_at, closes_at) = (now, now + SignedDuration::from_mins(30));
        assert_eq!((trial.opens_at, trial.closes_at, trial.grace_ends_at), (opens_at, closes_at, closes_at));
        assert_eq!((trial.trust, trial.feed_shards, trial.draws.len()), (None, 1, 0));
        let uploader = sample::uploader();
        let trial = Trial { edition: trial, uploader, photos: Vec::new(), member: KeyId::from_bits([2; 10]) };
        let over = [0, 29 * 60 + 59, 30 * 60].map(|seconds| trial.is_over(now + SignedDuration::from_secs(seconds)));
        assert_eq!(over, [false, false, true], "it ends by itself after half an hour");
    }
}
