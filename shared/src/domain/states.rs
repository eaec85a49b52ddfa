//! The words that have a few values: states, lanes, phases, decisions, roles. Everything else is above them, so that a refusal can
//! name them and they need nothing.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ids::BadId;

/// Where a photo stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// The row exists; its bytes may come.
    Reserved,
    /// Its renditions wait for a decision.
    Pending,
    /// Everybody sees it.
    Published,
    /// Taken off the site; may come back.
    Hidden,
    /// Not shown, with a reason that its uploader reads.
    Rejected,
    /// Its bytes never came.
    Expired,
    /// Bytes and text are erased; the row stays as a tombstone.
    Deleted,
    /// Locked away for the safeguarding lead.
    Quarantined,
}

impl State {
    /// All states.
    pub const ALL: [Self; 8] = [
        Self::Reserved,
        Self::Pending,
        Self::Published,
        Self::Hidden,
        Self::Rejected,
        Self::Expired,
        Self::Deleted,
        Self::Quarantined,
    ];

    /// The state's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reserved => "reserved",
            Self::Pending => "pending",
            Self::Published => "published",
            Self::Hidden => "hidden",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Deleted => "deleted",
            Self::Quarantined => "quarantined",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which queue a photo waits in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Lane {
    /// Oldest first, by any moderator.
    #[default]
    Normal,
    /// Needs a second thought: pupils might be seen, or a moderator put it aside.
    Held,
    /// Somebody reported it: it is published, or hidden until a person has decided.
    Reported,
    /// It is public since its sender is trusted, and no person has looked at it yet. See [`super::trust`].
    Unseen,
}

impl Lane {
    /// All lanes.
    pub const ALL: [Self; 4] = [Self::Normal, Self::Held, Self::Reported, Self::Unseen];

    /// The lane's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Held => "held",
            Self::Reported => "reported",
            Self::Unseen => "unseen",
        }
    }

    /// The lane of a photo that leaves where it stood and waits for a person: what was reported is looked at with more care.
    pub(super) fn again(self) -> Self {
        match self {
            Self::Reported | Self::Held => Self::Held,
            Self::Normal | Self::Unseen => Self::Normal,
        }
    }
}

/// Photo or video.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A still picture.
    Photo,
    /// A short film.
    Video,
}

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

/// Where an instant lies in an edition's day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Not open yet.
    Before,
    /// Photos may be registered.
    Open,
    /// Closed to new photos; registered ones may finish uploading.
    Grace,
    /// Over.
    Closed,
    /// Stopped for the moment by the organiser.
    Paused,
}

impl Phase {
    /// The phase's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::Open => "open",
            Self::Grace => "grace",
            Self::Closed => "closed",
            Self::Paused => "paused",
        }
    }
}

/// What somebody of the organisers may do; each role may do all that the ones before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Sees the queue and numbers.
    Viewer,
    /// Decides.
    Moderator,
    /// Answers for the day: phases, exports, draws, keys.
    Organiser,
    /// Everything, owners included.
    Owner,
}

impl Role {
    /// All roles, lowest first.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Moderator, Self::Organiser, Self::Owner];

    /// The role's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Moderator => "moderator",
            Self::Organiser => "organiser",
            Self::Owner => "owner",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or(BadId { expected: "viewer, moderator, organiser or owner" })
    }
}

/// What somebody was asked to do by name, whatever their role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Duty {
    /// Answers for children: sees what is locked away, and is the only one who can let it out.
    Safeguarding,
}

impl Duty {
    /// All duties.
    pub const ALL: [Self; 1] = [Self::Safeguarding];

    /// The duty's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Safeguarding => "safeguarding",
        }
    }
}

impl fmt::Display for Duty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Duty {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        Self::ALL.into_iter().find(|duty| duty.as_str() == text).ok_or(BadId { expected: "safeguarding" })
    }
}
