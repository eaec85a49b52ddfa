//! Where a draw stands, why somebody is out, and why a step is not done: the words that everything else of a draw is above.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::bad_file::{BadFile, FileName};
use crate::domain::{ids::Sha256Hex, time::in_words};

/// Where a draw stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Everybody reads of it; nobody can enter yet.
    Announced,
    /// Entries are taken.
    Open,
    /// No more entries; the list is published, and the value awaited.
    Frozen,
    /// The result is public; prizes are handed over.
    Revealed,
    /// Every prize is delivered, or nobody is left to get it.
    Settled,
}

impl State {
    /// All states, in their order.
    pub const ALL: [Self; 5] = [Self::Announced, Self::Open, Self::Frozen, Self::Revealed, Self::Settled];

    /// The state's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Announced => "announced",
            Self::Open => "open",
            Self::Frozen => "frozen",
            Self::Revealed => "revealed",
            Self::Settled => "settled",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why somebody does not get a prize, or would not: the reasons that the rules list. There is no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// They do not want it.
    Declined,
    /// They did not answer within [`ANSWER`](super::steps::ANSWER).
    NoAnswer,
    /// They are not among those who may win.
    NotEligible,
    /// They took their entry back after the list was published.
    Withdrawn,
    /// Their photo was not published, or was taken off since it breaks the rules.
    Photo,
    /// They have another entry in this draw.
    EnteredTwice,
}

impl Reason {
    /// All reasons, in the order in which they are offered.
    pub const ALL: [Self; 6] =
        [Self::Declined, Self::NoAnswer, Self::NotEligible, Self::Withdrawn, Self::Photo, Self::EnteredTwice];

    /// The reason's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Declined => "declined",
            Self::NoAnswer => "no-answer",
            Self::NotEligible => "not-eligible",
            Self::Withdrawn => "withdrawn",
            Self::Photo => "photo",
            Self::EnteredTwice => "entered-twice",
        }
    }

    /// For the public log.
    pub fn words(self) -> &'static str {
        match self {
            Self::Declined => "The entrant did not want the prize.",
            Self::NoAnswer => "The entrant did not answer within seven days.",
            Self::NotEligible => "The entrant is not among those who may win.",
            Self::Withdrawn => "The entrant took the entry back.",
            Self::Photo => "The photo of this entry is not public.",
            Self::EnteredTwice => "The entrant has another entry in this draw.",
        }
    }
}

/// Why a step is not done. People read it, so its times are London's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It does not fit where the draw stands.
    #[error("the draw is {state}; {action} does not fit")]
    WrongState {
        /// The state of the draw.
        state: State,
        /// The step.
        action: &'static str,
    },
    /// It is too early.
    #[error("{action} is possible from {} on", in_words(*from))]
    TooEarly {
        /// The step.
        action: &'static str,
        /// The first instant at which it is possible.
        from: Timestamp,
    },
    /// The draw takes no more entries.
    #[error("entries were taken until {}", in_words(*until))]
    Closed {
        /// The first instant at which none was taken.
        until: Timestamp,
    },
    /// A file has not its form.
    #[error(transparent)]
    File(#[from] BadFile),
    /// The secret is not the one that was committed to.
    #[error("the secret gives the commitment {got}; {expected} was announced")]
    Secret {
        /// What was announced.
        expected: Sha256Hex,
        /// What the secret gives.
        got: Sha256Hex,
    },
    /// What stands publicly is not what this draw says.
    #[error("{file} on the site is not the file of this draw")]
    Stands {
        /// The file.
        file: FileName,
    },
    /// The value comes from somewhere else than was announced, or its signature is wrong.
    #[error("{0}")]
    Source(String),
    /// The list was not public before the announced round.
    #[error(
        "the list of entries became public at {}, later than {}: an observer must draw, not the announced round",
        in_words(*at),
        in_words(*until)
    )]
    ListedLate {
        /// When the list became public.
        at: Timestamp,
        /// When it had to be public.
        until: Timestamp,
    },
    /// The entry is neither a winner nor a reserve.
    #[error("this entry is neither a winner nor a reserve")]
    NoPlace,
    /// The entry's prize is delivered, or it has none.
    #[error("this entry has no prize to be delivered")]
    NoPrize,
    /// The prize is delivered already.
    #[error("this entry's prize is delivered")]
    Delivered,
    /// The entry is out for another reason.
    #[error("this entry is out already: {}", reason.words())]
    Out {
        /// The reason.
        reason: Reason,
    },
    /// The entrant has answered that they want the prize.
    #[error("this entrant answered at {}", in_words(*at))]
    Answered {
        /// When that was recorded.
        at: Timestamp,
    },
    /// They may still answer.
    #[error("there is time to answer until {}", in_words(*until))]
    MayAnswer {
        /// Until when.
        until: Timestamp,
    },
}
