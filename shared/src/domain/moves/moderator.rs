//! What a moderator and an organiser do to a photo beside deciding about it.

use jiff::Timestamp;

use crate::domain::{
    change::Change,
    moderation::{Cover, Moderation, Redaction, Stage},
    people::Actor,
    photo::Photo,
    refusal::Refusal,
    states::State,
};

impl Photo {
    /// A moderator draws covers: the renditions are made anew from the original. A published photo leaves the site until it has
    /// them and somebody has seen it with them.
    ///
    /// # Errors
    /// [`Refusal::VersionOutdated`] where it is no longer what was seen; [`Refusal::NotRenewable`] where it has no renditions to
    /// draw on.
    pub fn redact(&self, covers: Vec<Cover>, seen_version: u64, by: &Actor, now: Timestamp) -> Result<Change, Refusal> {
        if seen_version != self.version {
            return Err(Refusal::VersionOutdated { id: self.id.clone(), version: self.version, state: self.state });
        }
        let state = match self.state {
            State::Pending | State::Published => State::Pending,
            State::Hidden => State::Hidden,
            State::Reserved | State::Rejected | State::Expired | State::Deleted | State::Quarantined => {
                return Err(Refusal::NotRenewable { state: self.state });
            }
        };
        let redaction = Some(Redaction { covers, stage: Stage::Asked, version: self.version + 1 });
        let moderation = Moderation { redaction, ..self.moderation.changed(state, now) };
        // What was reported stays where reports are decided, unless it has to be published again anyway.
        let lane = if state == State::Pending { self.lane.again() } else { self.lane };
        let after = Self { lane, moderation, reason: self.reason.clone(), ..self.moved(state) };
        Ok(Change::new(Some(self), after, "redact", by, now))
    }

    /// Somebody in it, or its uploader, asked the organisers to erase it. None where that is done already.
    pub fn erase(&self, by: &Actor, now: Timestamp) -> Option<Change> {
        let after = Self { removed_at: Some(now), ..self.moved(State::Deleted).erased() };
        (self.state != State::Deleted).then(|| Change::new(Some(self), after, "erase", by, now))
    }
}
