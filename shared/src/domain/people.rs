//! Who acts: roles, and the name under which the audit keeps them.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    ids::{BadId, KeyId, UploaderId},
    limits,
    refusal::Refusal,
};

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

    /// Passes if this role reaches `needed`.
    pub fn at_least(self, needed: Self) -> Result<(), Refusal> {
        if self >= needed { Ok(()) } else { Err(Refusal::RoleTooLow { needed }) }
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

/// Who is signed in: a person by a session, or a script by a named key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The key or person that the session stands for; what the audit names.
    pub key: KeyId,
    /// The name that was given to it.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// What else they were asked to do.
    pub duties: Vec<Duty>,
    /// When they last proved by a passkey that it is them; never for a key.
    pub verified_at: Option<Timestamp>,
}

impl Member {
    /// Passes if they have a duty.
    ///
    /// # Errors
    /// [`Refusal::DutyNeeded`].
    pub fn has(&self, duty: Duty) -> Result<(), Refusal> {
        if self.duties.contains(&duty) { Ok(()) } else { Err(Refusal::DutyNeeded { needed: duty }) }
    }

    /// Passes if they used a passkey within the last [`limits::STEP_UP_SECONDS`].
    ///
    /// # Errors
    /// [`Refusal::PasskeyNeeded`].
    pub fn fresh(&self, now: Timestamp) -> Result<(), Refusal> {
        let age = self.verified_at.map(|at| now.duration_since(at).as_secs());
        if age.is_some_and(|age| (0..limits::STEP_UP_SECONDS).contains(&age)) {
            Ok(())
        } else {
            Err(Refusal::PasskeyNeeded)
        }
    }

    /// The name under which the audit and the activity log keep them.
    pub fn actor(&self) -> Actor {
        Actor::Member(self.key.clone())
    }
}

/// Who made a change, as the audit keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// The device that uploaded the photo.
    Uploader(UploaderId),
    /// A moderator or organiser.
    Member(KeyId),
    /// Somebody who reported a photo, by their report's reference.
    Reporter(String),
    /// One of our own functions.
    Function(&'static str),
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uploader(id) => write!(f, "uploader:{id}"),
            Self::Member(key) => write!(f, "member:{key}"),
            Self::Reporter(reference) => write!(f, "reporter:{reference}"),
            Self::Function(name) => write!(f, "function:{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_may_what_the_lower_ones_may() {
        assert_eq!(Role::Owner.at_least(Role::Moderator), Ok(()));
        assert_eq!(Role::Viewer.at_least(Role::Moderator), Err(Refusal::RoleTooLow { needed: Role::Moderator }));
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(role));
        }
    }
}
