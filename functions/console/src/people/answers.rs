//! Requests and answers about members, keys and sessions.

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

/// An invitation, for a new or an existing member.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged, deny_unknown_fields)]
pub enum InviteRequest {
    /// A new code for a person who is a member already.
    Again {
        /// The person's id.
        person: String,
    },
    /// A new member.
    New {
        /// The person's name: 1 to 60 characters (grapheme clusters).
        name: String,
        /// The person's role.
        role: Role,
        /// The person's duties beside the role.
        #[serde(default)]
        duties: Vec<Duty>,
    },
}

/// The answer to an invitation.
#[derive(Serialize, ToSchema)]
pub struct InvitedAnswer {
    /// The person who was invited.
    pub person: PersonView,
    /// The link to send them. It signs in once, within a day, and is not shown again.
    pub link: String,
}

/// A member's new role and duties. What is absent stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonRequest {
    /// The new role.
    #[serde(default)]
    pub role: Option<Role>,
    /// All duties from now on, in place of the present ones.
    #[serde(default)]
    pub duties: Option<Vec<Duty>>,
}

/// A member.
#[derive(Serialize, ToSchema)]
pub struct PersonView {
    /// The id that names the person here and in the audit.
    pub id: String,
    /// The person's name.
    pub name: String,
    /// The person's role.
    pub role: Role,
    /// The person's duties beside the role.
    pub duties: Vec<Duty>,
    /// How many passkeys the person has.
    pub passkeys: usize,
    /// When the membership ended; null if it has not.
    #[serde(serialize_with = "time::iso::option::serialize")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked_at: Option<Timestamp>,
}

impl PersonView {
    /// Describes a person with this number of passkeys.
    pub fn new(person: &Person, passkeys: usize) -> Self {
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

/// All members, keys and sessions.
#[derive(Serialize, ToSchema)]
pub struct PeopleAnswer {
    /// The members, including those whose membership has ended.
    pub people: Vec<PersonView>,
    /// The keys, including revoked ones.
    pub keys: Vec<KeyView>,
    /// The sessions that have not ended.
    pub sessions: Vec<SessionItem>,
}

/// A key to create.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyRequest {
    /// What the key is for: 1 to 60 characters (grapheme clusters).
    pub name: String,
    /// The key's role.
    pub role: Role,
    /// The key's duties beside the role.
    #[serde(default)]
    pub duties: Vec<Duty>,
    /// For how many days the key works.
    #[schema(minimum = 1, maximum = 365)]
    pub days: u16,
}

/// The answer with a new key.
#[derive(Serialize, ToSchema)]
pub struct KeyAnswer {
    /// The id that names the key in the audit.
    pub id: String,
    /// The key itself. It is not shown again.
    pub key: String,
}

/// A key, without its secret.
#[derive(Serialize, ToSchema)]
pub struct KeyView {
    /// The id that names the key in the audit.
    pub id: String,
    /// What the key is for.
    pub name: String,
    /// The key's role.
    pub role: Role,
    /// The id of the person who created the key. The key ends with their membership. Null if the person is not known.
    pub maker: Option<String>,
    /// When the key expires; null if it does not.
    #[serde(serialize_with = "time::iso::option::serialize")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// When the key was revoked; null if it was not.
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
    /// The id that names the session here.
    pub id: String,
    /// The id of the person whose session it is.
    pub person: String,
    /// When the session began.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When the session was last used, to the minute.
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
