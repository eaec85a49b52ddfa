//! Moves of moderators and organisers other than decisions.

use jiff::Timestamp;

use crate::domain::{
    change::Change,
    moderation::{Cover, Moderation, RequestedCovers, Stage},
    people::Actor,
    photo::Photo,
    refusal::Refusal,
    states::State,
};

impl Photo {
    /// Requests covers that a moderator drew: the renditions are made again from the original. A published photo leaves the site until it
    /// has them and a moderator has seen it with them.
    ///
    /// # Errors
    /// [`Refusal::VersionOutdated`] if the photo has changed since it was seen; [`Refusal::NotForVideos`] for a video;
    /// [`Refusal::NotRenewable`] if its state does not allow covers.
    pub fn redact(&self, covers: Vec<Cover>, seen_version: u64, by: &Actor, now: Timestamp) -> Result<Change, Refusal> {
        if seen_version != self.version {
            return Err(Refusal::VersionOutdated { id: self.id.clone(), version: self.version, state: self.state });
        }
        if self.is_video() {
            return Err(Refusal::NotForVideos);
        }
        let state = match self.state {
            State::Pending | State::Published => State::Pending,
            State::Hidden => State::Hidden,
            State::Reserved | State::Rejected | State::Expired | State::Deleted | State::Quarantined => {
                return Err(Refusal::NotRenewable { state: self.state });
            }
        };
        let redaction = Some(RequestedCovers { covers, stage: Stage::Asked, version: self.version + 1 });
        let moderation = Moderation { redaction, ..self.moderation.changed(state, now) };
        // A reported photo stays in the lane where reports are decided, unless it has to be published again anyway.
        let lane = if state == State::Pending { self.lane.again() } else { self.lane };
        let after = Self { lane, moderation, reason: self.reason.clone(), ..self.moved(state) };
        Ok(Change::new(Some(self), after, "redact", by, now))
    }

    /// Picks the published photo as a favourite that everybody is shown, or takes the pick back. `None` if it is as wanted already.
    ///
    /// # Errors
    /// [`Refusal::VersionOutdated`] if the photo has changed since it was seen; [`Refusal::NotRenewable`] if it is not published.
    pub fn pick(&self, picked: bool, seen_version: u64, by: &Actor, now: Timestamp) -> Result<Option<Change>, Refusal> {
        if seen_version != self.version {
            return Err(Refusal::VersionOutdated { id: self.id.clone(), version: self.version, state: self.state });
        }
        if self.state != State::Published {
            return Err(Refusal::NotRenewable { state: self.state });
        }
        let moderation = Moderation { picked_at: picked.then_some(now), ..self.moderation.clone() };
        let (lease, revision, reason) = (self.lease.clone(), self.revision.clone(), self.reason.clone());
        let after = Self { lease, revision, reason, moderation, ..self.moved(State::Published) };
        let due = picked != self.moderation.picked_at.is_some();
        Ok(due.then(|| Change::new(Some(self), after, if picked { "pick" } else { "unpick" }, by, now)))
    }

    /// Erases the photo, because a person in it or its uploader asked the organisers to. `None` if it is deleted already.
    pub fn erase(&self, by: &Actor, now: Timestamp) -> Option<Change> {
        let after = Self { removed_at: Some(now), ..self.moved(State::Deleted).erased() };
        (self.state != State::Deleted).then(|| Change::new(Some(self), after, "erase", by, now))
    }
}
