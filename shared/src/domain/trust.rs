//! Trust: if the organiser allows it, photos of a device that has proved itself are shown before a person has looked at them.
//!
//! Decision: trust is off unless the settings enable it, and it is earned by a device, never by a school: a school is what its uploader
//! writes. It is decided when a photo is registered, and only ever removes a wait: photos with hints, photos that may show pupils, and a
//! sample of all the rest wait for a person as before. So do photos that their uploader changes afterwards. Photos shown by trust stay in a
//! lane of their own until a person has looked at them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    photo::{People, Photo},
    states::{Lane, State},
    uploader_counts::UploaderCounts,
};

/// Which devices an organiser trusts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Trust {
    /// How many photos of a device must be public before its next ones may be shown at once; 1 to 1,000.
    pub after: u32,
    /// How many of a hundred photos of a trusted device wait for a person anyway; 1 to 100.
    pub checked_percent: u8,
}

impl Trust {
    /// Whether a device with these counters has earned trust: enough of its photos are public, no person has rejected or hidden any, and no
    /// report is open. Photos that are deleted, quarantined or expired are not in the counters.
    pub fn earned(self, sender: &UploaderCounts) -> bool {
        sender.published() >= u64::from(self.after) && sender.doubtful <= 0
    }

    /// Whether a photo for which `drawn` was drawn at random waits for a person anyway. It is drawn at random so that no uploader can
    /// predict which photos do.
    pub fn checks(self, drawn: u64) -> bool {
        drawn % 100 < u64::from(self.checked_percent)
    }
}

impl Photo {
    /// Whether a person has rejected, hidden or quarantined it, or it has an open report.
    pub fn is_doubtful(&self) -> bool {
        match self.state {
            State::Hidden | State::Quarantined => true,
            State::Rejected => self.moderation.rejected.is_some(),
            State::Reserved | State::Pending | State::Published | State::Expired | State::Deleted => {
                self.moderation.reports.is_some()
            }
        }
    }

    /// Whether it may be shown, in its present state, before a person has looked at it.
    pub fn is_trusted(&self) -> bool {
        let Self { state, lane, moderation, .. } = self;
        moderation.trusted
            && !self.is_video()
            && (*state, *lane) == (State::Pending, Lane::Normal)
            && self.people != People::Pupils
            && moderation.hints.is_empty()
            && moderation.redaction.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        change::{Change, counted},
        decision::Deciding,
        edition::Edition,
        ids::{PhotoId, Revision},
        moderation::Moderation,
        photo::Lease,
        report::ReportReason,
        request::{Edit, PhotoRequest},
        sample::{self, decide, noon, sender},
        screening::{Hint, HintKind},
        states::Decision,
    };

    const TRUST: Trust = Trust { after: 2, checked_percent: 10 };

    fn trusted() -> Photo {
        let pending = sample::pending();
        Photo { moderation: Moderation { trusted: true, ..pending.moderation.clone() }, ..pending }
    }

    fn show(photo: &Photo) -> Option<Change> {
        photo.show_trusted(Revision::from_bits([9; 16]), 1, "housekeeping", noon())
    }

    #[test]
    fn a_photo_that_waits_after_all_stays_with_whoever_looks_at_it() {
        let until = noon() + jiff::SignedDuration::from_secs(90);
        let lease = Some(Lease { by: crate::domain::ids::KeyId::from_bits([2; 10]), until });
        let looked_at = Photo { lease: lease.clone(), ..trusted() };
        let waits = looked_at.distrust("housekeeping", noon()).unwrap().after;
        assert_eq!(
            (waits.state, waits.lane, waits.lease, waits.moderation.trusted),
            (State::Pending, Lane::Normal, lease, false)
        );
        assert_eq!((waits.version, waits.caption), (looked_at.version + 1, looked_at.caption));
    }

    #[test]
    fn trust_is_for_so_many_public_photos_and_draws_so_many_of_a_hundred() {
        let sender = |published, doubtful| UploaderCounts { published, doubtful, ..UploaderCounts::default() };
        let earned = [(1, 0), (2, 0), (3, 0), (2, 1), (2, -1)].map(|(p, d)| TRUST.earned(&sender(p, d)));
        assert_eq!(earned, [false, true, true, false, true]);
        let checks = [0, 9, 10, 99, 100, 109, 110].map(|drawn| TRUST.checks(drawn));
        assert_eq!(checks, [true, true, false, false, true, true, false]);
    }

    #[test]
    fn trust_is_earned_by_public_photos_and_lost_by_any_doubt() {
        let public = sample::published;
        assert!(!TRUST.earned(&sender(&[public(), sample::pending()])), "one is not enough");
        let enough = [public(), public(), sample::pending(), sample::reserved()];
        assert!(TRUST.earned(&sender(&enough)));
        let unreadable = sample::reserved().unreadable("not a photo".into(), "renditions", noon()).unwrap().after;
        assert!(TRUST.earned(&sender(&[public(), public(), unreadable])), "a broken file is nobody's fault");
        let reported = sample::reported(&public(), ReportReason::Other);
        for doubtful in
            [decide(&sample::pending(), Decision::Reject).after, decide(&public(), Decision::Hide).after, reported]
        {
            let own = [public(), public(), public(), doubtful.clone()];
            assert!(!TRUST.earned(&sender(&own)), "{}", doubtful.state);
        }
    }

    #[test]
    fn a_sample_is_checked_and_it_is_as_large_as_it_is_said_to_be() {
        let checked = |percent: u8| {
            let trust = Trust { checked_percent: percent, ..TRUST };
            (0..2_000).filter(|drawn| trust.checks(*drawn)).count()
        };
        assert_eq!(checked(100), 2_000);
        assert_eq!(checked(10), 200);
    }

    #[test]
    fn what_is_trusted_is_decided_when_it_is_registered() {
        let edition = Edition { trust: Some(TRUST), ..sample::edition() };
        let (request, uploader, spec) = (sample::upload_request(), sample::uploader(), sample::photo_spec());
        let reserve = |edition: &Edition, trusted| {
            let asked = PhotoRequest { trusted, ..request.photo(&uploader, None, &spec) };
            Photo::reserve(PhotoId::from_digest(&[5; 32]), edition, &asked, noon()).unwrap().after.moderation.trusted
        };
        assert!(reserve(&edition, true));
        assert!(!reserve(&edition, false));
        assert!(!reserve(&sample::edition(), true), "the organiser trusts nobody");
    }

    #[test]
    fn a_trusted_photo_is_shown_and_the_audit_says_by_what() {
        let change = show(&trusted()).unwrap();
        assert_eq!((change.after.state, change.audit.action.as_str()), (State::Published, "trust"));
        assert_eq!(change.after.moderation.decided_at, None, "no person has decided");
        assert!(change.after.revision.is_some() && change.after.published_at == Some(noon()));
        assert!(!change.feed_puts.is_empty());
    }

    #[test]
    fn what_was_shown_by_trust_is_unseen_until_a_person_decides() {
        let shown = show(&trusted()).unwrap().after;
        assert_eq!((shown.lane, counted(&shown).get("unseen")), (Lane::Unseen, Some(&1)));
        let seen = decide(&shown, Decision::Release);
        assert_eq!((seen.after.state, seen.after.lane), (State::Published, Lane::Normal));
        assert_eq!((seen.after.revision.as_ref(), seen.counters.get("unseen")), (shown.revision.as_ref(), Some(&-1)));
        assert!(seen.feed_deletes.is_empty(), "it stands where it stood");
        for decision in [Decision::Hide, Decision::Delete, Decision::Quarantine] {
            assert_ne!(decide(&shown, decision).after.lane, Lane::Unseen, "{decision}");
        }
        let reported = sample::reported(&shown, ReportReason::Other);
        assert_eq!((reported.lane, counted(&reported).get("unseen")), (Lane::Reported, None));
        let covered = shown.redact(Vec::new(), shown.version, &sample::moderator(), noon()).unwrap().after;
        assert_eq!((covered.state, covered.lane), (State::Pending, Lane::Normal));
    }

    #[test]
    fn whatever_may_need_a_person_waits_for_one() {
        let hinted = |kind| trusted().noticed(&[Hint { kind, words: "look".into() }]);
        for (why, photo) in [
            ("not trusted", sample::pending()),
            ("pupils", Photo { people: People::Pupils, ..trusted() }),
            ("held", decide(&trusted(), Decision::Hold).after),
            ("held, and back", decide(&decide(&trusted(), Decision::Hold).after, Decision::Release).after),
            ("a look-alike", hinted(HintKind::NearDuplicate)),
            ("a removed one", hinted(HintKind::Removed)),
            ("cut off", hinted(HintKind::Truncated)),
            ("the twin of one that two must show", hinted(HintKind::TwoPeople)),
            ("covers", trusted().redact(Vec::new(), trusted().version, &sample::moderator(), noon()).unwrap().after),
            ("hidden", decide(&show(&trusted()).unwrap().after, Decision::Hide).after),
            ("not there yet", Photo { state: State::Reserved, ..trusted() }),
        ] {
            assert_eq!(show(&photo), None, "{why}");
        }
    }

    #[test]
    fn new_words_of_a_public_photo_wait_for_a_person() {
        let public = show(&trusted()).unwrap().after;
        let edit = Edit { caption: Some("Other words".into()), ..Edit::default() };
        let waiting = public.edit(&edit, noon()).unwrap().unwrap().after;
        assert_eq!((waiting.state, waiting.lane, waiting.is_trusted()), (State::Pending, Lane::Normal, false));
    }

    #[test]
    fn a_photo_that_is_not_trusted_any_more_waits_like_all_others() {
        let waiting = trusted().distrust("housekeeping", noon()).unwrap().after;
        assert_eq!((waiting.state, waiting.is_trusted()), (State::Pending, false));
        assert_eq!(waiting.distrust("housekeeping", noon()), None);
        let deciding = Deciding { seen_version: waiting.version, ..sample::deciding(&waiting, Decision::Publish) };
        assert_eq!(waiting.decide(&deciding, &sample::moderator(), noon()).unwrap().after.state, State::Published);
    }
}
