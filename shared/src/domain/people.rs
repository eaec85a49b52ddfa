//! The people who act: roles, duties, and the names under which the audit records them.

use std::fmt;

use jiff::{SignedDuration, Timestamp};

use super::{
    ids::{KeyId, UploaderId},
    limits,
    refusal::Refusal,
    states::{Duty, Role},
};

impl Role {
    /// Passes if this role reaches `needed`.
    pub fn at_least(self, needed: Self) -> Result<(), Refusal> {
        if self >= needed { Ok(()) } else { Err(Refusal::RoleTooLow { needed }) }
    }
}

/// A signed-in member: a person with a session, or a script with a named key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The id of the person or key, which the audit records.
    pub key: KeyId,
    /// The member's name.
    pub name: String,
    /// The member's role.
    pub role: Role,
    /// The member's duties.
    pub duties: Vec<Duty>,
    /// When they last used a passkey; `None` for a key.
    pub verified_at: Option<Timestamp>,
    /// When they signed in by an activation code that is newer than every passkey they have made; `None` for a key.
    pub renewed_at: Option<Timestamp>,
    /// When that code was made; `None` if `renewed_at` is.
    pub code_made_at: Option<Timestamp>,
    /// The person who acts; for a key, the person who made it. `None` for a key that no person made.
    pub person: Option<Identity>,
    /// The id of the passkey that began their session. `None` if an activation code did, and for a key.
    pub passkey: Option<String>,
}

/// A person who grants something, such as a role, a link, a key or a passkey. It is granted only while they are still a member, and while
/// the passkey that began their session is still theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Giver {
    /// The person.
    pub person: KeyId,
    /// The id of the passkey that began their session. `None` if an activation code did, and for a key.
    pub passkey: Option<String>,
}

/// A person, for counting who agrees to show a photo.
///
/// Decision: two people are two persons, each of whom was known before the photo was hidden. A key counts as the person who made it, and a
/// key that no person made does not count. A person who was invited, or signed in by a new link, after the photo was hidden does not count,
/// no matter who gave the link: an organiser can make links, and could otherwise act as any number of people. A passkey does not make its
/// holder known for longer than the session in which it was made. Given up: a helper who signs in by a new link each time cannot agree
/// about photos that were hidden before the latest link; with a passkey they can. A fresh passkey is not required, so that helpers without
/// one can agree. This does not prevent an organiser from preparing a second person before the photo is hidden.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The person's id.
    pub id: KeyId,
    /// When the activation code was used that this session, or the passkey or key in use, goes back to.
    pub known_since: Timestamp,
}

impl Member {
    /// Passes if the member has `duty`.
    ///
    /// # Errors
    /// [`Refusal::DutyNeeded`].
    pub fn has(&self, duty: Duty) -> Result<(), Refusal> {
        if self.duties.contains(&duty) { Ok(()) } else { Err(Refusal::DutyNeeded { needed: duty }) }
    }

    /// Passes if the member used a passkey within the last [`limits::STEP_UP_SECONDS`].
    ///
    /// # Errors
    /// [`Refusal::PasskeyNeeded`].
    pub fn fresh(&self, now: Timestamp) -> Result<(), Refusal> {
        if within_step_up(self.verified_at, now) { Ok(()) } else { Err(Refusal::PasskeyNeeded) }
    }

    /// Passes if, within the last [`limits::STEP_UP_SECONDS`], the member used a passkey or signed in by an activation code that is newer
    /// than every passkey they have made. Required to manage their own passkeys, and open to members who have lost theirs.
    ///
    /// # Errors
    /// [`Refusal::PasskeyNeeded`].
    pub fn proven(&self, now: Timestamp) -> Result<(), Refusal> {
        if self.renewed(now) { Ok(()) } else { self.fresh(now) }
    }

    /// Whether the member signed in by a new activation code within the last [`limits::STEP_UP_SECONDS`].
    pub fn renewed(&self, now: Timestamp) -> bool {
        within_step_up(self.renewed_at, now)
    }

    /// Until when [`Self::proven`] passes; `None` if it never did.
    pub fn proven_until(&self) -> Option<Timestamp> {
        self.verified_at.max(self.renewed_at).map(|at| at + SignedDuration::from_secs(limits::STEP_UP_SECONDS))
    }

    /// Returns the member as a person who grants something. `None` for a key that no person made.
    pub fn giver(&self) -> Option<Giver> {
        self.person.as_ref().map(|person| Giver { person: person.id.clone(), passkey: self.passkey.clone() })
    }

    /// Returns the name under which the audit and the activity log record the member.
    pub fn actor(&self) -> Actor {
        Actor::Member(self.key.clone())
    }
}

fn within_step_up(at: Option<Timestamp>, now: Timestamp) -> bool {
    at.is_some_and(|at| (0..limits::STEP_UP_SECONDS).contains(&now.duration_since(at).as_secs()))
}

/// The author of a change, as the audit records it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// The device that uploaded the photo.
    Uploader(UploaderId),
    /// A moderator or organiser.
    Member(KeyId),
    /// A person who reported a photo, identified by their report's reference.
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
    use crate::domain::states::Role;

    fn member() -> Member {
        crate::domain::sample::member(Role::Moderator)
    }

    #[test]
    fn names_are_those_that_rows_and_answers_have() {
        let roles = ["viewer", "moderator", "organiser", "owner"];
        assert_eq!(Role::ALL.map(|role| role.to_string()), roles);
        assert_eq!(roles.map(|name| name.parse::<Role>().unwrap()), Role::ALL);
        assert_eq!("guest".parse::<Role>().unwrap_err().expected, "viewer, moderator, organiser or owner");
        assert_eq!(
            (Duty::Safeguarding.to_string(), "safeguarding".parse()),
            ("safeguarding".to_owned(), Ok(Duty::Safeguarding))
        );
        assert_eq!("gardening".parse::<Duty>().unwrap_err().expected, "safeguarding");
        let key = KeyId::from_bits([2; 10]);
        assert_eq!(Actor::Member(key.clone()).to_string(), format!("member:{key}"));
        assert_eq!(Actor::Function("renditions").to_string(), "function:renditions");
        assert_eq!(Actor::Reporter("EGFTZ-6SP5G".into()).to_string(), "reporter:EGFTZ-6SP5G");
        assert_eq!(Actor::Uploader(UploaderId::nobody()).to_string(), format!("uploader:{}", UploaderId::nobody()));
    }

    #[test]
    fn a_passkey_proves_who_it_is_for_five_minutes_and_a_new_link_lets_its_person_in() {
        let noon: Timestamp = "2027-03-05T12:00:00Z".parse().unwrap();
        let after = |seconds| noon + SignedDuration::from_secs(seconds);
        let nobody = member();
        assert_eq!((nobody.fresh(noon), nobody.proven_until()), (Err(Refusal::PasskeyNeeded), None));
        let fresh = Member { verified_at: Some(noon), ..member() };
        assert_eq!([0, 299].map(|seconds| fresh.fresh(after(seconds))), [Ok(()), Ok(())]);
        assert_eq!(fresh.fresh(after(300)), Err(Refusal::PasskeyNeeded));
        assert_eq!(fresh.fresh(after(-1)), Err(Refusal::PasskeyNeeded), "it was not used yet");
        assert_eq!((fresh.proven(after(299)), fresh.renewed(noon)), (Ok(()), false));
        assert_eq!(fresh.proven(after(300)), Err(Refusal::PasskeyNeeded));
        assert_eq!(fresh.proven_until(), Some(after(300)));
        let renewed = Member { renewed_at: Some(noon), ..member() };
        assert_eq!((renewed.fresh(noon), renewed.proven(after(299))), (Err(Refusal::PasskeyNeeded), Ok(())));
        assert_eq!((renewed.proven(after(300)), renewed.renewed(after(300))), (Err(Refusal::PasskeyNeeded), false));
        let both = Member { verified_at: Some(after(10)), renewed_at: Some(noon), ..member() };
        assert_eq!(both.proven_until(), Some(after(310)), "the later one counts");
    }

    #[test]
    fn a_duty_is_asked_of_who_has_it_and_a_key_without_a_person_gives_nothing() {
        let lead = Member { duties: vec![Duty::Safeguarding], ..member() };
        assert_eq!(lead.has(Duty::Safeguarding), Ok(()));
        assert_eq!(member().has(Duty::Safeguarding), Err(Refusal::DutyNeeded { needed: Duty::Safeguarding }));
        let by = Member { passkey: Some("id".into()), ..member() }.giver().unwrap();
        assert_eq!((by.person, by.passkey.as_deref()), (KeyId::from_bits([2; 10]), Some("id")));
        assert_eq!(Member { person: None, ..member() }.giver(), None);
        assert_eq!(member().actor(), Actor::Member(KeyId::from_bits([2; 10])));
    }

    #[test]
    fn a_role_may_what_the_lower_ones_may() {
        assert_eq!(Role::Owner.at_least(Role::Moderator), Ok(()));
        assert_eq!(Role::Viewer.at_least(Role::Moderator), Err(Refusal::RoleTooLow { needed: Role::Moderator }));
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(role));
        }
    }
}
