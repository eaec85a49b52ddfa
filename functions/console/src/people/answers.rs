//! Members, keys and sessions.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::{
    domain::{
        states::{Duty, Role},
        time,
    },
    store::members::{Key, Person, Session},
};
use utoipa::ToSchema;

/// Somebody to invite.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged, deny_unknown_fields)]
pub enum InviteRequest {
    /// Somebody who is a member: they get a new code.
    Again {
        /// Who.
        person: String,
    },
    /// Somebody new.
    New {
        /// What they are called; 1 to 60 characters, as a reader counts them.
        name: String,
        /// What they may do.
        role: Role,
        /// What else they are asked to do.
        #[serde(default)]
        duties: Vec<Duty>,
    },
}

/// Somebody was invited.
#[derive(Serialize, ToSchema)]
pub struct InvitedAnswer {
    /// Who.
    pub person: PersonView,
    /// What to send them: it signs in once, within a day. It is not shown again.
    pub link: String,
}

/// What somebody may do from now on; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonRequest {
    /// The role.
    #[serde(default)]
    pub role: Option<Role>,
    /// All duties, in place of those that they have.
    #[serde(default)]
    pub duties: Option<Vec<Duty>>,
}

/// One of the members.
#[derive(Serialize, ToSchema)]
pub struct PersonView {
    /// Names them here and in the audit.
    pub id: String,
    /// What they are called.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// What else they were asked to do.
    pub duties: Vec<Duty>,
    /// Passkeys that they have.
    pub passkeys: usize,
    /// When they left.
    #[serde(serialize_with = "time::iso::option::serialize")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked_at: Option<Timestamp>,
}

impl PersonView {
    /// What is told of a person.
    pub fn of(person: &Person, passkeys: usize) -> Self {
        Self {
            id: person.id.to_string(),
            name: person.name.clone(),
            role: person.role,
            duties: person.duties.clone(),
            passkeys,
            revoked_at: person.revoked_at,
        }
    }
}

/// Everybody, every key, every session.
#[derive(Serialize, ToSchema)]
pub struct PeopleAnswer {
    /// The members, those who left too.
    pub people: Vec<PersonView>,
    /// The keys, revoked ones too.
    pub keys: Vec<KeyView>,
    /// The sessions that last.
    pub sessions: Vec<SessionItem>,
}

/// A key to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyRequest {
    /// What it is for; 1 to 60 characters, as a reader counts them.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// What else it may do.
    #[serde(default)]
    pub duties: Vec<Duty>,
    /// Days for which it works.
    #[schema(minimum = 1, maximum = 365)]
    pub days: u16,
}

/// A key was made.
#[derive(Serialize, ToSchema)]
pub struct KeyAnswer {
    /// Its name in the audit.
    pub id: String,
    /// The key. It is not shown again.
    pub key: String,
}

/// A key, without its secret.
#[derive(Serialize, ToSchema)]
pub struct KeyView {
    /// Names it in the audit.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The person who made it, with whose membership it ends; null if nobody is known to have.
    pub maker: Option<String>,
    /// When it ends.
    #[serde(serialize_with = "time::iso::option::serialize")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    #[serde(serialize_with = "time::iso::option::serialize")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked_at: Option<Timestamp>,
}

impl From<&Key> for KeyView {
    fn from(key: &Key) -> Self {
        Self {
            id: key.id.to_string(),
            name: key.name.clone(),
            role: key.role,
            maker: key.maker.as_ref().map(ToString::to_string),
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
        }
    }
}

/// A session, without its secret.
#[derive(Serialize, ToSchema)]
pub struct SessionItem {
    /// Names it here.
    pub id: String,
    /// Whose it is.
    pub person: String,
    /// When it began.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub seen_at: Timestamp,
}

impl From<&Session> for SessionItem {
    fn from(session: &Session) -> Self {
        Self {
            id: session.id.to_string(),
            person: session.person.to_string(),
            created_at: session.created_at,
            seen_at: session.seen_at,
        }
    }
}
