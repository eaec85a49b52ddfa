//! Twins: the same picture sent again as another photo. If two people must agree to show one of them, they must agree to show the other.
//!
//! Decision: a photo that two people must agree to show leaves a [`Protection`] behind: the hash of its file and the fingerprint of its
//! renditions, never the picture. It is written in the transaction from which on two people are needed, it stays when the photo is
//! withdrawn or deleted, and it is removed when two people have agreed to show the photo as it was sent. A new photo is compared with all
//! protections when its renditions are made, and once more when someone decides to show it, since its twin may have been reported in
//! between. Given up: two unrelated pictures whose fingerprints are near cost a second look, and a protection ends after
//! [`limits::BLOCK_DAYS`], since no hash of a removed file is kept for longer.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    fingerprint::Fingerprint,
    ids::{PhotoId, Sha256Hex},
    limits,
    moderation::{Moderation, Safeguarding},
    photo::Photo,
    screening::{Hint, HintKind},
    states::State,
    time::millis,
};

/// What is stored of a photo that two people must agree to show, to recognise its picture when it is sent again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Protection {
    /// The photo's id.
    pub id: PhotoId,
    /// The hash of the photo's original.
    pub sha256: Sha256Hex,
    /// The fingerprint of the photo's renditions. `None` if they are too plain to tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<Fingerprint>,
    /// Since when two people are needed: people who agree must have been known before.
    #[serde(with = "millis")]
    pub since: Timestamp,
    /// When the protection ends, in seconds since 1970.
    pub ttl: i64,
}

/// What a photo has in common with one that two people must agree to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// The file is the same, byte for byte.
    File,
    /// The fingerprints of the renditions are near.
    Look,
}

/// The finding that a photo is the twin of one that two people must agree to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Twin {
    /// What they have in common.
    pub likeness: Likeness,
    /// [`Protection::since`].
    pub since: Timestamp,
}

impl Protection {
    /// Returns the protection of `photo` from `now` on. `None` if one person is enough to show it, or if the hash of its file is not known.
    pub fn new(photo: &Photo, now: Timestamp) -> Option<Self> {
        let since = match (&photo.moderation.safeguarding, photo.state) {
            (_, State::Reserved | State::Expired | State::Deleted)
            | (None, State::Pending | State::Published | State::Hidden | State::Rejected) => return None,
            // If it is not known when the photo was hidden, only people known before the photo was registered count.
            (Some(way), _) => way.since.unwrap_or(photo.created_at),
            (None, State::Quarantined) => photo.removed_at.unwrap_or(photo.created_at),
        };
        Some(Self {
            id: photo.id.clone(),
            sha256: photo.sha256.clone()?,
            fingerprint: photo.fingerprint(),
            since,
            ttl: (now + SignedDuration::from_hours(24 * limits::BLOCK_DAYS)).as_second(),
        })
    }

    /// Returns the protection to write and the one to remove when a photo moves on from `before`.
    pub(super) fn change(before: Option<&Photo>, after: &Photo, now: Timestamp) -> (Option<Self>, Option<Self>) {
        let (was, is) = (before.and_then(|before| Self::new(before, now)), Self::new(after, now));
        match (was, is) {
            (Some(was), Some(is)) => ((was != is).then_some(is), None),
            (None, is) => (is, None),
            // Its uploader or a moderator has deleted it: nobody has agreed to show it.
            (Some(_), None) if after.state == State::Deleted => (None, None),
            // Two people have agreed to show it with its covers, not without them.
            (Some(_), None) if after.moderation.redaction.is_some() => (None, None),
            (Some(was), None) => (None, Some(was)),
        }
    }

    /// Returns what `photo`, whose renditions have `fingerprint`, has in common with the protected photo at `now`. `None` if nothing, if it
    /// is the same photo, or if the protection has ended.
    fn likeness(&self, photo: &Photo, fingerprint: Option<Fingerprint>, now: Timestamp) -> Option<Likeness> {
        if self.id == photo.id || self.ttl <= now.as_second() {
            return None;
        }
        if photo.sha256.as_ref() == Some(&self.sha256) {
            return Some(Likeness::File);
        }
        let (own, other) = (fingerprint?, self.fingerprint?);
        (own.tells_something() && other.tells_something() && own.is_near(other)).then_some(Likeness::Look)
    }
}

impl Twin {
    /// Returns the twin that `photo`, whose renditions have `fingerprint`, has among `protections` at `now`: one with the same file before
    /// one with a near fingerprint, and among those the one that has been protected for the longest time. `None` if it has none.
    pub fn new(
        photo: &Photo,
        fingerprint: Option<Fingerprint>,
        protections: &[Protection],
        now: Timestamp,
    ) -> Option<Self> {
        let twins = protections.iter().filter_map(|protection| {
            Some(Self { likeness: protection.likeness(photo, fingerprint, now)?, since: protection.since })
        });
        twins.min_by_key(|twin| (twin.likeness == Likeness::Look, twin.since))
    }

    /// Returns the hint for moderators.
    pub fn hint(self) -> Hint {
        let words = match self.likeness {
            Likeness::File => {
                "It is the same file as a photo that two people must agree to show. Two people must agree to show this one, too."
            }
            Likeness::Look => {
                "It looks like a photo that two people must agree to show. Two people must agree to show this one, too."
            }
        };
        Hint { kind: HintKind::TwoPeople, words: words.to_owned() }
    }
}

impl Photo {
    /// Returns the photo with the requirement that two people agree to show it, in the held lane and with a hint, since `twin` is its twin.
    /// If two people were needed before, an agreement that was given stays.
    #[must_use]
    pub fn guarded(&self, twin: Twin) -> Self {
        let photo = self.noticed(&[twin.hint()]);
        let way = photo.moderation.safeguarding.clone();
        let safeguarding = way.or(Some(Safeguarding { agreed: None, since: Some(twin.since) }));
        Self { moderation: Moderation { safeguarding, ..photo.moderation.clone() }, ..photo }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        moderation::Cover,
        people::Identity,
        photo::Rendered,
        refusal::Refusal,
        sample::{self, confirmed, decide, deciding, noon},
        states::{Decision, Lane},
    };

    /// A photo other than [`sample::pending`]'s, with this file and this fingerprint.
    fn another(file: &[u8], bits: u64) -> Photo {
        let pending = sample::pending();
        let fingerprint = Some(Fingerprint::from_bits(bits));
        Photo {
            id: PhotoId::from_digest(&[6; 32]),
            sha256: Some(Sha256Hex::digest(file)),
            rendered: pending.rendered.clone().map(|rendered| Rendered { fingerprint, ..rendered }),
            ..pending
        }
    }

    fn protection(photo: &Photo) -> Protection {
        Protection::new(photo, noon()).unwrap()
    }

    const LOOK: u64 = 0x93c1_5ea4_7d02_6bf8;

    #[test]
    fn of_several_twins_the_same_file_counts_before_a_look_and_then_the_oldest() {
        let photo = another(b"a photo", LOOK);
        let since = |hours| noon() - jiff::SignedDuration::from_hours(hours);
        let kept = |file: &[u8], hours| Protection {
            sha256: Sha256Hex::digest(file),
            since: since(hours),
            ..protection(&confirmed(&sample::published()))
        };
        let twin = |kept: &[Protection]| Twin::new(&photo, photo.fingerprint(), kept, noon()).unwrap();
        let found = twin(&[kept(b"another", 9), kept(b"a photo", 1), kept(b"a photo", 2)]);
        assert_eq!((found.likeness, found.since), (Likeness::File, since(2)));
        let found = twin(&[kept(b"another", 1), kept(b"another", 9)]);
        assert_eq!((found.likeness, found.since), (Likeness::Look, since(9)));
    }

    #[test]
    fn the_same_file_and_a_near_look_are_twins_and_nothing_else_is() {
        let kept = [protection(&confirmed(&sample::published()))];
        let likeness = |photo: &Photo, now| Twin::new(photo, photo.fingerprint(), &kept, now).map(|twin| twin.likeness);
        assert_eq!(likeness(&another(b"a photo", !LOOK), noon()), Some(Likeness::File), "whatever it looks like");
        assert_eq!(likeness(&another(b"a photo", 0), noon()), Some(Likeness::File), "too plain to tell");
        for (bits, twin) in [(0, true), (0b11_1111_1111, true), (0b111_1111_1111, false), (u64::MAX, false)] {
            let found = likeness(&another(b"saved again", LOOK ^ bits), noon());
            assert_eq!(found, twin.then_some(Likeness::Look), "{bits:b}");
        }
        assert_eq!(likeness(&sample::pending(), noon()), None, "no photo is its own twin");
        let month = SignedDuration::from_hours(24 * limits::BLOCK_DAYS);
        assert!(likeness(&another(b"a photo", LOOK), noon() + month - SignedDuration::from_secs(1)).is_some());
        assert_eq!(likeness(&another(b"a photo", LOOK), noon() + month), None, "it is forgotten");
    }

    #[test]
    fn pictures_that_are_too_plain_to_tell_are_no_twins_by_their_looks() {
        let plain =
            Protection { fingerprint: Some(Fingerprint::from_bits(1)), ..protection(&confirmed(&sample::published())) };
        let photo = another(b"a white wall", 1);
        assert_eq!(Twin::new(&photo, photo.fingerprint(), &[plain], noon()), None);
    }

    #[test]
    fn a_twin_is_shown_by_two_people_who_were_known_before_the_first_was_hidden() {
        let hidden = confirmed(&sample::published());
        let photo = another(b"a photo", LOOK);
        let later = noon() + SignedDuration::from_hours(1);
        let twin = Twin::new(&photo, photo.fingerprint(), &[protection(&hidden)], later).unwrap();
        assert_eq!(twin, Twin { likeness: Likeness::File, since: noon() });
        let waits = photo.guard(twin, "moderation", later).unwrap().after;
        assert_eq!((waits.state, waits.lane, waits.version), (State::Pending, Lane::Held, photo.version + 1));
        assert_eq!(waits.moderation.hints.last().map(|hint| hint.kind), Some(HintKind::TwoPeople));
        assert_eq!(waits.guard(twin, "moderation", later), None, "once");
        let publish = |photo: &Photo, person| {
            let deciding =
                crate::domain::decision::Deciding { person: Some(person), ..deciding(photo, Decision::Publish) };
            photo.decide(&deciding, &sample::moderator(), later).map(|change| change.after)
        };
        let newcomer = Identity { known_since: noon(), ..sample::person(9) };
        assert_eq!(publish(&waits, newcomer), Err(Refusal::AgreementRefused { hidden_at: noon() }));
        let first = publish(&waits, sample::person(1)).unwrap();
        assert_eq!(first.state, State::Pending);
        assert_eq!(publish(&first, sample::person(1)), Err(Refusal::SecondPersonNeeded));
        assert_eq!(publish(&first, sample::person(2)).unwrap().state, State::Published);
    }

    #[test]
    fn a_twin_is_not_shown_by_trust_whatever_is_said_of_it_afterwards() {
        let trusted = Moderation { trusted: true, ..Moderation::default() };
        let photo = Photo { moderation: trusted, ..another(b"a photo", LOOK) };
        assert!(photo.is_trusted());
        let twin = Twin { likeness: Likeness::Look, since: noon() };
        let guarded = photo.guarded(twin);
        assert!(!guarded.is_trusted());
        let edit = crate::domain::request::Edit { caption: Some("Something else".into()), ..Default::default() };
        let edited = guarded.edit(&edit, noon()).unwrap().unwrap().after;
        assert!(edited.moderation.safeguarding.is_some() && edited.lane == Lane::Held);
        assert_eq!(edited.moderation.hints.iter().filter(|hint| hint.kind == HintKind::TwoPeople).count(), 1);
    }

    #[test]
    fn a_protection_begins_with_the_need_for_two_and_ends_when_two_have_agreed() {
        let published = sample::published();
        let reported = sample::reported(&published, crate::domain::report::ReportReason::Pupil);
        assert_eq!(Protection::new(&reported, noon()), None, "one stranger's word");
        let hidden = sample::report(&reported, &sample::stranger(2), crate::domain::report::ReportReason::Pupil);
        let hidden = hidden.change.unwrap();
        assert_eq!(hidden.protects, Some(protection(&hidden.after)));
        let first = decide(&hidden.after, Decision::Restore);
        assert_eq!((&first.protects, &first.unprotects), (&None, &None), "one of two");
        let second = crate::domain::decision::Deciding {
            person: Some(sample::person(1)),
            ..deciding(&first.after, Decision::Restore)
        };
        let shown = first.after.decide(&second, &sample::moderator(), noon()).unwrap();
        assert_eq!((shown.after.state, &shown.protects), (State::Published, &None));
        assert_eq!(shown.unprotects, Some(protection(&hidden.after)));
        // Once unpublished, it needs two people again.
        let back = decide(&shown.after, Decision::Unpublish);
        assert!(back.protects.is_some() && back.unprotects.is_none());
    }

    #[test]
    fn a_protection_outlives_its_photo() {
        let hidden = confirmed(&sample::published());
        for gone in [
            decide(&hidden, Decision::Delete),
            hidden.withdraw(noon()).unwrap().unwrap(),
            hidden.erase(&sample::moderator(), noon()).unwrap(),
        ] {
            assert_eq!((gone.after.state, &gone.protects, &gone.unprotects), (State::Deleted, &None, &None));
        }
    }

    #[test]
    fn what_is_locked_away_is_protected_until_it_is_let_out() {
        let locked = decide(&sample::pending(), Decision::Quarantine);
        assert_eq!(locked.protects, Some(protection(&locked.after)));
        let out = decide(&locked.after, Decision::Release);
        assert_eq!(out.unprotects, locked.protects, "whoever answers for children found it right");
        let orphan = Photo { sha256: None, ..locked.after };
        assert_eq!(Protection::new(&orphan, noon()), None, "nothing is known of its file");
    }

    #[test]
    fn two_who_agree_to_show_it_covered_have_not_agreed_to_show_it_uncovered() {
        let hidden = confirmed(&sample::published());
        let covers = vec![Cover { x: 0, y: 0, width: 5_000, height: 5_000 }];
        let asked = hidden.redact(covers, hidden.version, &sample::moderator(), noon()).unwrap().after;
        let other = Fingerprint::from_bits(!LOOK);
        let made = Rendered { fingerprint: Some(other), hash: "covered".into(), ..sample::rendered() };
        let redaction = asked.moderation.redaction.clone().unwrap();
        let covered = asked.redacted(&redaction, made, "renditions", noon()).unwrap();
        assert_eq!(covered.protects.as_ref().and_then(|kept| kept.fingerprint), Some(other), "and as it looks now");
        let first = decide(&covered.after, Decision::Restore).after;
        let second = crate::domain::decision::Deciding {
            person: Some(sample::person(1)),
            ..deciding(&first, Decision::Restore)
        };
        let shown = first.decide(&second, &sample::moderator(), noon()).unwrap();
        assert_eq!((shown.after.state, &shown.unprotects), (State::Published, &None));
    }

    #[test]
    fn a_row_comes_back_as_it_went_out() {
        let kept = protection(&confirmed(&sample::published()));
        assert_eq!(serde_json::from_str::<Protection>(&serde_json::to_string(&kept).unwrap()).unwrap(), kept);
    }
}
