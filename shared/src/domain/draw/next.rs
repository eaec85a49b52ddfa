//! What happens next in a draw, what an organiser can do about it, and what follows from that: in sentences, for the console and the command.

use jiff::{SignedDuration, Timestamp};

use super::{
    files::{Announcement, Source},
    steps::{Draw, MARGIN, Standing, State},
};
use crate::domain::time::in_words;

/// What an organiser can do so that a draw goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByHand {
    /// Announce and open it.
    Announce,
    /// Close it, and publish its list.
    Freeze,
    /// Read the announced round from the beacon's relays.
    Fetch,
    /// Give the announced round, as another device has read it.
    Round,
    /// Give what an independent person has said.
    Observe,
    /// Publish the result.
    Reveal,
}

impl ByHand {
    /// The name in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Announce => "announce",
            Self::Freeze => "freeze",
            Self::Fetch => "fetch",
            Self::Round => "round",
            Self::Observe => "observe",
            Self::Reveal => "reveal",
        }
    }

    /// What to press.
    pub fn label(self) -> &'static str {
        match self {
            Self::Announce => "Announce it now",
            Self::Freeze => "Publish the list now",
            Self::Fetch => "Read the round now",
            Self::Round => "Give the round by hand",
            Self::Observe => "Give the observer’s sentence",
            Self::Reveal => "Publish the result now",
        }
    }

    /// What follows from it and cannot be undone.
    pub fn consequence(self) -> &'static str {
        match self {
            Self::Announce => {
                "Prizes, times, rules and the commitment are published for ever. Nobody can change them afterwards, and the draw opens."
            }
            Self::Freeze => {
                "The list of entries is published for ever. Nobody can enter this draw afterwards, and no entry can be added or removed."
            }
            Self::Fetch | Self::Round => {
                "The value is published for ever. With it the winners are fixed. Only the announced round is accepted: its signature is checked."
            }
            Self::Observe => {
                "Name and sentence are published for ever, exactly as they are here. With them the winners are fixed. Type the sentence while the \
                 observer says it, and let them read it before you go on."
            }
            Self::Reveal => "The result and the secret are published for ever. Everyone can see who has won.",
        }
    }
}

impl Draw {
    /// Returns what happens next, as a sentence for the organiser.
    pub fn what_next(&self, now: Timestamp) -> String {
        let Announcement { freezes_at, draws_at, source, .. } = &self.announcement;
        let (freezes, draws) = (in_words(*freezes_at), in_words(*draws_at));
        let undelivered = self.places.iter().filter(|place| matches!(place.standing, Standing::Holds { .. })).count();
        match (self.state, &self.listed, &self.beacon) {
            (State::Announced, _, _) => "It opens as soon as its commitment is public.".to_owned(),
            (State::Open, _, _) => format!("Entries are taken until {freezes}; then their list is published."),
            (State::Frozen, None, _) => "Its list of entries is published next.".to_owned(),
            (State::Frozen, Some(_), Some(_)) => "Its result is published next.".to_owned(),
            (State::Frozen, Some(listed), None) => match source {
                Source::Observer {} => {
                    format!("From {draws} on, an independent person says a sentence, which you then enter.")
                }
                Source::Beacon { round, .. } => {
                    let observer = self.observer_from().map_or(String::new(), |from| {
                        format!(" From {} on, an observer can draw instead.", in_words(from))
                    });
                    if listed.at > *draws_at - MARGIN {
                        format!("Its list came too late for round {round} of the beacon.{observer}")
                    } else if now < *draws_at {
                        format!("Round {round} of the beacon decides, at {draws}.")
                    } else {
                        format!("Round {round} of the beacon is awaited; you can give its signature.{observer}")
                    }
                }
            },
            (State::Revealed, _, _) if undelivered == 1 => "1 prize is not delivered yet.".to_owned(),
            (State::Revealed, _, _) => format!("{undelivered} prizes are not delivered yet."),
            (State::Settled, _, _) => "Every prize is delivered, or nobody is left to get it.".to_owned(),
        }
    }

    /// Returns what an organiser can do at `now` so that the draw goes on. The schedule does the same within a minute, but for
    /// [`ByHand::Round`] and [`ByHand::Observe`].
    pub fn by_hand(&self, now: Timestamp) -> Vec<ByHand> {
        let Announcement { freezes_at, source, .. } = &self.announcement;
        match (self.state, &self.listed, &self.beacon) {
            (State::Announced, _, _) => vec![ByHand::Announce],
            (State::Open, _, _) if now < *freezes_at => Vec::new(),
            (State::Open, _, _) | (State::Frozen, None, _) => vec![ByHand::Freeze],
            (State::Frozen, Some(_), Some(_)) => vec![ByHand::Reveal],
            (State::Frozen, Some(_), None) => {
                let mut steps = Vec::new();
                if matches!(source, Source::Beacon { .. }) && self.expects_round(now).is_ok() {
                    steps.extend([ByHand::Fetch, ByHand::Round]);
                }
                if self.observer_from().is_some_and(|from| now >= from) {
                    steps.push(ByHand::Observe);
                }
                steps
            }
            (State::Revealed | State::Settled, _, _) => Vec::new(),
        }
    }

    /// Returns the instant from which on an observer may draw. `None` if nobody may.
    pub(super) fn observer_from(&self) -> Option<Timestamp> {
        let draws_at = self.announcement.draws_at;
        match &self.announcement.source {
            Source::Observer {} => Some(draws_at),
            Source::Beacon { observer_after_hours, .. } => {
                observer_after_hours.map(|hours| draws_at + SignedDuration::from_hours(i64::from(hours)))
            }
        }
    }
}
