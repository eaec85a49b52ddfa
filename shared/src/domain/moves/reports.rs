//! The effect of a report on a photo.

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

/// The result of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    /// The move of the photo. `None` if the report tells moderators nothing new.
    pub change: Option<Change>,
    /// The brake afterwards. `None` if it does not change.
    pub brake: Option<Brake>,
}

impl Reported {
    /// Whether this report puts the brake on, of which the organiser must be told.
    pub fn puts_brake_on(&self) -> bool {
        self.brake.as_ref().is_some_and(|brake| brake.until.is_some())
    }
}

impl Photo {
    /// Records a report by someone who looks at the photo. The report hides it at once if it may concern a child or the person in it, and
    /// otherwise if an independent reporter has reported it, too; never for a reason that a moderator has cleared. `brake` limits what a
    /// stranger's report hides, unless no person has looked at the photo yet, or two independent reporters say that a child is in it.
    ///
    /// # Errors
    /// [`Refusal::PhotoNotFound`] and [`Refusal::PhotoWithdrawn`] if the photo is neither published nor hidden;
    /// [`Refusal::TooManyRequests`] if the reporter is over the hourly limit and the reason can wait for the next hour.
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
            // A moderator has looked at the photo after this reporter had given this reason; other words alone do not make it wait again.
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
            // Two independent reporters say that a child is in it: the brake is for one reporter who says so of many photos.
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
            // A person who agreed meanwhile did not know of this reason.
            Some(way) if child && new_reason => Some(Safeguarding::again(Some(way), now)),
            Some(way) => Some(way.clone()),
            None => {
                let confirmed = child && before.is_some_and(|before| before.confirms_child(by));
                confirmed.then(|| Safeguarding::again(None, reports.since))
            }
        };
        // A move makes moderators look again, since it outdates what they have seen. A report that adds nothing new must not cause one.
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
