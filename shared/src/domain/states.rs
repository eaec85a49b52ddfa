//! The enumerations that the rules share: states, lanes, phases, decisions, roles. Everything else depends on them, so that a refusal can
//! name them, and they depend on nothing.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ids::BadId;

/// The state of a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Registered; its file has not arrived yet.
    Reserved,
    /// Its renditions wait for a decision.
    Pending,
    /// Public.
    Published,
    /// Taken off the site; it can come back.
    Hidden,
    /// Not shown; its uploader can read the reason.
    Rejected,
    /// Its file never arrived.
    Expired,
    /// Its bytes and texts are erased; the row stays as a tombstone.
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

/// The queue in which a photo waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Lane {
    /// Decided by any moderator, oldest first.
    #[default]
    Normal,
    /// Needs a second thought: pupils might be seen, a hint holds the photo, or a moderator put it aside.
    Held,
    /// Reported: the photo is published, or hidden until a moderator has decided.
    Reported,
    /// Public because its uploader is trusted; no person has looked at it yet. See [`super::trust`].
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

    /// Returns the lane of a photo that goes back to wait for a person: one that was reported or held waits in the held lane.
    pub(super) fn again(self) -> Self {
        match self {
            Self::Reported | Self::Held => Self::Held,
            Self::Normal | Self::Unseen => Self::Normal,
        }
    }
}

/// Whether a photo or a video.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A still picture.
    #[default]
    Photo,
    /// A short film.
    Video,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 2] = [Self::Photo, Self::Video];
}

/// What a moderator can decide about a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Publish the photo.
    Publish,
    /// Move the photo to the held lane, for a second thought.
    Hold,
    /// Put the photo back into the queue: a held photo into the normal lane, a rejected one into the lane that it was in, a quarantined one
    /// into the held lane. A published photo that is reported, or shown by trust, stays published, and its reports are closed.
    Release,
    /// Do not show the photo. Its uploader reads the reason.
    Reject,
    /// Take the photo off the site and let it wait for a decision again.
    Unpublish,
    /// Take the photo off the site; it can come back. A reported photo that is hidden already stays hidden, and its reports are closed.
    Hide,
    /// Publish a hidden photo again.
    Restore,
    /// Erase the photo's bytes and texts.
    Delete,
    /// Lock the photo away for the safeguarding lead.
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

    /// Whether the decision takes a photo off the site or locks it away. Such a decision is applied even if the photo has changed in the
    /// meantime, instead of being refused.
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

/// The phase of an edition at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Not open yet.
    Before,
    /// Photos may be registered.
    Open,
    /// Closed to new photos; registered ones may finish uploading.
    Grace,
    /// Closed, and no upload may finish any more.
    Closed,
    /// Uploads are paused by the organiser.
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

/// What a member may do; each role includes everything that the roles before it may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Sees how many photos wait, and the dashboard.
    Viewer,
    /// Decides about photos.
    Moderator,
    /// Runs the day: phases, settings, exports, draws, people and keys.
    Organiser,
    /// May do everything, including giving the role of owner.
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

/// A duty that a member was given by name, independent of the role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Duty {
    /// Safeguarding of children: sees the quarantined photos, and is the only one who can release them.
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
