//! Decisions: what a moderator can decide about a photo, where that leads, and what it needs.
//!
//! Decision: a decision is carried out as soon as it is taken, and undone by another one, such as [`Decision::Unpublish`]. To wait some
//! seconds first would let a moderator think again before anybody sees anything; but a browser that is closed meanwhile loses the decision,
//! and the page has to call published what is not. Given up: what was published by a slip is public until it is undone, and an edge may
//! keep a copy for some seconds more. No undoing shows anything: what was hidden is shown again by somebody who looks at it anew.

use jiff::Timestamp;

use super::{
    change::Change,
    ids::Revision,
    moderation::{Moderation, Safeguarding},
    people::{Actor, Identity},
    photo::Photo,
    reasons::RejectReason,
    refusal::Refusal,
    states::{Decision, Lane, State},
    text::{self, Field},
};

/// What a decision leads to, given where the photo stands; none where it is not allowed. The one table of moderators' moves.
pub fn outcome(state: State, lane: Lane, rendered: bool, decision: Decision) -> Option<(State, Lane)> {
    // Whatever is decided about a reported photo closes its reports, and about an unseen one, somebody has seen it.
    let closed = if matches!(lane, Lane::Reported | Lane::Unseen) { Lane::Normal } else { lane };
    match (decision, state) {
        (Decision::Publish, State::Pending) | (Decision::Restore, State::Hidden) => Some((State::Published, closed)),
        (Decision::Hold, State::Pending) if lane == Lane::Normal => Some((State::Pending, Lane::Held)),
        (Decision::Release, State::Pending) if lane == Lane::Held => Some((State::Pending, Lane::Normal)),
        (Decision::Release, State::Rejected) if rendered => Some((State::Pending, lane)),
        // Its file could not be opened: it is tried again from the beginning.
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
    /// What is decided.
    pub decision: Decision,
    /// The version that the moderator saw.
    pub seen_version: u64,
    /// Why, in words for the uploader; cleaned by [`Photo::decide`].
    pub reason: Option<String>,
    /// The random part of the public addresses, used by decisions that show.
    pub revision: Revision,
    /// How many partitions the edition's feeds have now, used by decisions that show.
    pub feed_shards: u8,
    /// The person who decides, as [`Member::person`](super::people::Member::person) has it: used where two people must agree.
    pub person: Option<Identity>,
}

impl Photo {
    /// Applies a moderator's decision.
    ///
    /// # Errors
    /// [`Refusal::IllegalMove`] where the state does not allow it; [`Refusal::VersionOutdated`] where the photo is no longer what
    /// the moderator saw, except that a removal of a photo that has only moved on is applied to what it is now, unless it is hidden:
    /// reports are closed by somebody who has seen them;
    /// [`Refusal::BeingCovered`] where the covers that were asked for are not on it yet; [`Refusal::SecondPersonNeeded`] where the
    /// same person has agreed already; [`Refusal::AgreementRefused`] where two people must agree and this one does not count; a
    /// rejection without a reason.
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
        let (code, reason) = RejectReason::read(deciding.reason.as_deref().unwrap_or_default());
        let reason = Some(text::clean(Field::Reason, &reason)?).filter(|reason| !reason.is_empty());
        if state == State::Rejected && reason.is_none() {
            let expected = "why, in words for its uploader".to_owned();
            return Err(Refusal::Invalid { field: "reason", got: String::new(), expected });
        }
        if shows && let Some(first) = self.first_to_agree(deciding.person.as_ref(), by)? {
            return Ok(Change::new(Some(self), first, "agree", by, now));
        }
        // What was reported once and comes back to wait is looked at with more care.
        let again = state == State::Pending && self.state != State::Pending && self.moderation.reported > 0;
        let lane = if again { Lane::Held } else { lane };
        let moderation = self.moderation.decided(self.state, state, code, now);
        let moved = Self { lane, reason, moderation, ..self.moved(state) };
        let after = match state {
            State::Published if self.state == State::Published => Self { revision: self.revision.clone(), ..moved },
            State::Published => moved.shown(deciding.revision.clone(), deciding.feed_shards, now),
            State::Deleted => Self { removed_at: Some(now), ..moved.erased() },
            State::Hidden | State::Rejected | State::Quarantined => Self { removed_at: Some(now), ..moved },
            State::Reserved => Self { attempts: 0, ..moved },
            State::Pending | State::Expired => moved,
        };
        Ok(Change::new(Some(self), after, decision.as_str(), by, now))
    }

    /// The same photo with what makes it public: the random part of its addresses, its place in the feeds, and since when.
    pub(super) fn shown(self, revision: Revision, feed_shards: u8, now: Timestamp) -> Self {
        Self {
            revision: Some(revision),
            feed_shard: self.id.shard(feed_shards),
            published_at: Some(self.published_at.unwrap_or(now)),
            ..self
        }
    }

    /// Where it was hidden to protect a child and nobody has agreed to show it yet: the photo with who does now, still unseen. Who
    /// counts is decided at [`Identity`].
    fn first_to_agree(&self, person: Option<&Identity>, by: &Actor) -> Result<Option<Self>, Refusal> {
        let (Some(way), Actor::Member(_)) = (&self.moderation.safeguarding, by) else { return Ok(None) };
        // Where it is not known since when it is hidden, nobody counts who came after the photo.
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
