//! Decisions: what a moderator can decide about a photo, which state that leads to, and what it requires.
//!
//! Decision: a decision is carried out as soon as it is taken, and undone by another decision, such as [`Decision::Unpublish`]. Waiting
//! some seconds first would give a moderator time to reconsider before anyone sees the photo; but a browser that is closed meanwhile loses
//! the decision, and the page has to call a photo published that is not. Given up: a photo published by mistake is public until that is
//! undone, and an edge may keep a copy for some seconds more. Undoing never shows a photo: a hidden one is shown again only after a
//! moderator has looked at it again.

use jiff::Timestamp;

use super::{
    change::Change,
    ids::Revision,
    moderation::{Moderation, Safeguarding},
    people::{Actor, Identity},
    photo::Photo,
    reasons::PickedReason,
    refusal::Refusal,
    states::{Decision, Lane, State},
    text::{self, Field},
};

/// Returns the state and lane that a decision leads to. `None` if the decision is not allowed in this state. This is the only table of
/// moderators' moves.
pub fn outcome(state: State, lane: Lane, rendered: bool, decision: Decision) -> Option<(State, Lane)> {
    // Any decision about a reported photo closes its reports, and after any decision about an unseen photo a person has seen it.
    let closed = if matches!(lane, Lane::Reported | Lane::Unseen) { Lane::Normal } else { lane };
    match (decision, state) {
        (Decision::Publish, State::Pending) | (Decision::Restore, State::Hidden) => Some((State::Published, closed)),
        (Decision::Hold, State::Pending) if lane == Lane::Normal => Some((State::Pending, Lane::Held)),
        (Decision::Release, State::Pending) if lane == Lane::Held => Some((State::Pending, Lane::Normal)),
        (Decision::Release, State::Rejected) if rendered => Some((State::Pending, lane)),
        // Its file could not be opened, so processing starts again from the beginning.
        (Decision::Release, State::Rejected) => Some((State::Reserved, lane)),
        (Decision::Release, State::Published) if lane != closed => Some((State::Published, closed)),
        (Decision::Release, State::Quarantined) if rendered => Some((State::Pending, Lane::Held)),
        (Decision::Reject, State::Pending | State::Hidden) => Some((State::Rejected, closed)),
        (Decision::Unpublish, State::Published) => Some((State::Pending, lane.again())),
        (Decision::Hide, State::Published) => Some((State::Hidden, closed)),
        (Decision::Hide, State::Hidden) if lane == Lane::Reported => Some((State::Hidden, closed)),
        (Decision::Delete, State::Quarantined) => Some((State::Deleted, closed)),
        (Decision::Delete, state) if removable(state) => Some((State::Deleted, closed)),
        (Decision::Quarantine, state) if removable(state) => Some((State::Quarantined, closed)),
        (
            Decision::Publish
            | Decision::Hold
            | Decision::Release
            | Decision::Reject
            | Decision::Unpublish
            | Decision::Hide
            | Decision::Restore
            | Decision::Delete
            | Decision::Quarantine,
            _,
        ) => None,
    }
}

fn removable(state: State) -> bool {
    match state {
        State::Reserved | State::Pending | State::Published | State::Rejected | State::Hidden => true,
        State::Expired | State::Deleted | State::Quarantined => false,
    }
}

/// A moderator's decision about one photo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deciding {
    /// The decision.
    pub decision: Decision,
    /// The version that the moderator saw.
    pub seen_version: u64,
    /// The reason, in words for the uploader; [`Photo::decide`] cleans it.
    pub reason: Option<String>,
    /// The random part of the public addresses, used by decisions that publish.
    pub revision: Revision,
    /// How many partitions the edition's feeds have now, used by decisions that publish.
    pub feed_shards: u8,
    /// Whether a video is published with its sound; `None` if as its uploader wants it. A sound that was taken away stays away.
    pub sound: Option<bool>,
    /// The person who decides, as in [`Member::person`](super::people::Member::person); used if two people must agree.
    pub person: Option<Identity>,
}

impl Photo {
    /// Applies a moderator's decision.
    ///
    /// # Errors
    /// - [`Refusal::IllegalMove`] if the photo's state does not allow the decision.
    /// - [`Refusal::VersionOutdated`] if the photo has changed since the moderator saw it. A decision that [removes](Decision::removes) the
    ///   photo is still applied to the present version, except for hiding a photo that is hidden already: only a moderator who has seen its
    ///   reports can close them.
    /// - [`Refusal::BeingCovered`] if the requested covers are not on the renditions yet.
    /// - [`Refusal::SecondPersonNeeded`] if the same person has agreed already.
    /// - [`Refusal::AgreementRefused`] if two people must agree and this person does not count.
    /// - [`Refusal::Invalid`] for a rejection without a reason, [`Refusal::TextTooLong`] for a reason that is too long.
    pub fn decide(&self, deciding: &Deciding, by: &Actor, now: Timestamp) -> Result<Change, Refusal> {
        let Deciding { decision, seen_version, .. } = *deciding;
        let wins = decision.removes()
            && seen_version < self.version
            && (decision, self.state) != (Decision::Hide, State::Hidden);
        if seen_version != self.version && !wins {
            return Err(Refusal::VersionOutdated { id: self.id.clone(), version: self.version, state: self.state });
        }
        let illegal = Refusal::IllegalMove { state: self.state, decision };
        let (state, lane) = outcome(self.state, self.lane, self.rendered.is_some(), decision).ok_or(illegal)?;
        let shows = state == State::Published && self.state != State::Published;
        if shows && self.moderation.covering() {
            return Err(Refusal::BeingCovered);
        }
        let (code, reason) = PickedReason::read(deciding.reason.as_deref().unwrap_or_default(), self.kind);
        let reason = Some(text::clean(Field::Reason, &reason)?).filter(|reason| !reason.is_empty());
        if state == State::Rejected && reason.is_none() {
            let expected = "a reason for the uploader to read".to_owned();
            return Err(Refusal::Invalid { field: "reason", got: String::new(), expected });
        }
        if shows && let Some(first) = self.first_to_agree(deciding.person.as_ref(), by)? {
            return Ok(Change::new(Some(self), first, "agree", by, now));
        }
        // A photo that was reported once and waits again is looked at with more care.
        let again = state == State::Pending && self.state != State::Pending && self.moderation.reported > 0;
        let lane = if again { Lane::Held } else { lane };
        let moderation = self.moderation.decided(self.state, state, code, now);
        let moved = Self { lane, reason, moderation, ..self.moved(state) };
        let after = match state {
            State::Published if self.state == State::Published => Self { revision: self.revision.clone(), ..moved },
            State::Published => {
                let moved = if deciding.sound == Some(false) { moved.muted() } else { moved };
                moved.shown(deciding.revision.clone(), deciding.feed_shards, now)
            }
            State::Deleted => Self { removed_at: Some(now), ..moved.erased() },
            State::Hidden | State::Rejected | State::Quarantined => Self { removed_at: Some(now), ..moved },
            State::Reserved => Self { attempts: 0, ..moved },
            State::Pending | State::Expired => moved,
        };
        Ok(Change::new(Some(self), after, decision.as_str(), by, now))
    }

    /// Returns the photo with what makes it public: the random part of its addresses, its partition of the feeds, and its time of first
    /// publication.
    pub(super) fn shown(self, revision: Revision, feed_shards: u8, now: Timestamp) -> Self {
        Self {
            revision: Some(revision),
            feed_shard: self.id.shard(feed_shards),
            published_at: Some(self.published_at.unwrap_or(now)),
            ..self
        }
    }

    /// Returns the photo with the first person's agreement recorded, and still hidden, if two people must agree to show it and this person
    /// is the first. `None` if no agreement is needed or this person is the second. [`Identity`] says who counts.
    fn first_to_agree(&self, person: Option<&Identity>, by: &Actor) -> Result<Option<Self>, Refusal> {
        let (Some(way), Actor::Member(_)) = (&self.moderation.safeguarding, by) else { return Ok(None) };
        // If it is not known when the photo was hidden, only people known before the photo was registered count.
        let hidden_at = way.since.unwrap_or(self.created_at);
        let counts = person.filter(|person| person.known_since < hidden_at);
        let person = counts.ok_or(Refusal::AgreementRefused { hidden_at })?;
        match way.first() {
            Some(first) if *first == person.id => Err(Refusal::SecondPersonNeeded),
            Some(_) => Ok(None),
            None => {
                let safeguarding = Some(Safeguarding { agreed: Some(person.id.clone()), since: Some(hidden_at) });
                let moderation = Moderation { safeguarding, ..self.moderation.clone() };
                Ok(Some(Self { moderation, reason: self.reason.clone(), ..self.moved(self.state) }))
            }
        }
    }
}
