//! What a report does to a photo.

use jiff::Timestamp;

use crate::domain::{
    change::Change,
    moderation::{Moderation, Safeguarding},
    people::Actor,
    photo::Photo,
    refusal::Refusal,
    report::{Brake, OpenReports, Reporting},
    states::{Lane, State},
    time,
};

/// What a report leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    /// The move of the photo. `None` if moderators know all of it already.
    pub change: Option<Change>,
    /// The brake afterwards. `None` if it is not touched.
    pub brake: Option<Brake>,
}

impl Reported {
    /// Whether this report puts the brake on: somebody must look what happens.
    pub fn puts_brake_on(&self) -> bool {
        self.brake.as_ref().is_some_and(|brake| brake.until.is_some())
    }
}

impl Photo {
    /// Somebody who looks at it says what is wrong. It is hidden at once where a child or the person in it may be concerned, and else
    /// when somebody independent says so, too; never for a reason for which a person has looked at it already. What a stranger's report
    /// may hide, `brake` says, unless nobody has looked at the photo yet, or two who are independent say that a child is in it.
    ///
    /// # Errors
    /// [`Refusal::PhotoNotFound`] and [`Refusal::PhotoWithdrawn`] where it is not public; [`Refusal::TooManyRequests`] for a reason that can
    /// wait for the next hour.
    pub fn report(&self, report: &Reporting<'_>, brake: &Brake, now: Timestamp) -> Result<Reported, Refusal> {
        match self.state {
            State::Published | State::Hidden => {}
            State::Reserved
            | State::Pending
            | State::Rejected
            | State::Expired
            | State::Deleted
            | State::Quarantined => return Err(self.absent()),
        }
        let Reporting { by, reason, reference, within_rate, again } = *report;
        if !within_rate && !reason.hides_at_once() {
            return Err(Refusal::TooManyRequests { retry_after_s: time::seconds_to_next_hour(now) });
        }
        let before = self.moderation.reports.as_ref();
        let cleared = self.moderation.cleared.contains(&reason);
        if cleared && again {
            // Somebody has looked at it after they had said so; other words alone make nobody look once more.
            return Ok(Reported { change: None, brake: None });
        }
        let enough = reason.hides_at_once() || before.is_some_and(|before| before.has_another_than(by));
        let (hides, brake) = if self.state != State::Published || cleared || !enough {
            (false, None)
        } else if !self.is_looked_at() {
            (true, None)
        } else if !within_rate {
            (false, None)
        } else if reason.safeguards() && before.is_some_and(|before| before.confirms_child(by)) {
            // Two who are independent say that a child is in it: the brake is against one who says so of many photos.
            (true, None)
        } else if by.is_stranger() {
            brake.asked(by, now)
        } else {
            (true, None)
        };
        let reports = OpenReports::with(before, by, reason, now);
        let new_reason = before.is_none_or(|before| !before.reasons.contains(&reason));
        let child = reason.safeguards() && !cleared;
        let safeguarding = match &self.moderation.safeguarding {
            // Who has agreed meanwhile did not know of this reason.
            Some(way) if child && new_reason => Some(Safeguarding::again(Some(way), now)),
            Some(way) => Some(way.clone()),
            None => {
                let confirmed = child && before.is_some_and(|before| before.confirms_child(by));
                confirmed.then(|| Safeguarding::again(None, reports.since))
            }
        };
        // A move makes moderators look again: what they have seen is outdated by it. What they know already is no reason for one.
        let news = if self.state == State::Published {
            before != Some(&reports)
        } else {
            new_reason || safeguarding != self.moderation.safeguarding
        };
        if !hides && (!news || (cleared && !new_reason)) {
            return Ok(Reported { change: None, brake });
        }
        let moderation = Moderation {
            reports: Some(reports),
            reported: self.moderation.reported + 1,
            safeguarding,
            ..self.moderation.clone()
        };
        let (state, words) = match (self.state, hides) {
            (State::Published, false) => (State::Published, None),
            _ => (
                State::Hidden,
                Some("Somebody asked us to look at this photo again. It is hidden until we have.".to_owned()),
            ),
        };
        let revision = if state == State::Published { self.revision.clone() } else { None };
        let after = Self { lane: Lane::Reported, moderation, reason: words, revision, ..self.moved(state) };
        let change = Change::new(Some(self), after, "report", &Actor::Reporter(reference.to_owned()), now);
        Ok(Reported { change: Some(change), brake })
    }
}
