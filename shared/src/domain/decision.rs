//! Decisions: what a moderator can decide about a photo, where that leads, and what it needs.
//!
//! Decision: a decision is carried out as soon as it is taken, and undone by another one, such as [`Decision::Unpublish`]. To wait some
//! seconds first would let a moderator think again before anybody sees anything; but a browser that is closed meanwhile loses the decision,
//! and the page has to call published what is not. Given up: what was published by a slip is public until it is undone, and an edge may
//! keep a copy for some seconds more. No undoing shows anything: what was hidden is shown again by somebody who looks at it anew.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    change::Change,
    ids::Revision,
    moderation::{Moderation, Safeguarding},
    people::{Actor, Identity},
    photo::{Lane, Photo, State},
    reasons::RejectReason,
    refusal::Refusal,
    text::{self, Field},
};

/// What a moderator can decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Show it to everybody.
    Publish,
    /// Put it aside for a second thought.
    Hold,
    /// Back into the queue: of a held photo, into its normal lane; of a rejected one, into the lane that it was in; of a reported
    /// photo that is published: it stays as it is.
    Release,
    /// Do not show it; its uploader reads the reason.
    Reject,
    /// Take it off the site and let it wait for a decision again.
    Unpublish,
    /// Take it off the site; it may come back. Of a reported photo that is hidden: it stays so, and its reports are closed.
    Hide,
    /// Show a hidden photo again.
    Restore,
    /// Erase bytes and text.
    Delete,
    /// Lock it away for the safeguarding lead.
    Quarantine,
}

impl Decision {
    /// All decisions.
    pub const ALL: [Self; 9] = [
        Self::Publish,
        Self::Hold,
        Self::Release,
        Self::Reject,
        Self::Unpublish,
        Self::Hide,
        Self::Restore,
        Self::Delete,
        Self::Quarantine,
    ];

    /// The decision's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Publish => "publish",
            Self::Hold => "hold",
            Self::Release => "release",
            Self::Reject => "reject",
            Self::Unpublish => "unpublish",
            Self::Hide => "hide",
            Self::Restore => "restore",
            Self::Delete => "delete",
            Self::Quarantine => "quarantine",
        }
    }

    /// Whether it takes a photo away from people: such a decision wins over a concurrent one instead of losing to it.
    pub fn removes(self) -> bool {
        match self {
            Self::Unpublish | Self::Hide | Self::Delete | Self::Quarantine => true,
            Self::Publish | Self::Hold | Self::Release | Self::Reject | Self::Restore => false,
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

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
