//! Requests and answers about signing in and passkeys.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::{
    domain::{
        states::{Duty, Role},
        time,
    },
    store::members::{ActiveSession, Passkey},
};
use utoipa::ToSchema;

/// A sign-in with a one-time code.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignInRequest {
    /// The one-time code that an organiser gave.
    #[schema(max_length = 200)]
    pub code: String,
}

/// The signed-in member or key.
#[derive(Serialize, ToSchema)]
pub struct SessionView {
    /// The name of the member or key.
    pub name: String,
    /// The role.
    pub role: Role,
    /// The duties beside the role.
    pub duties: Vec<Duty>,
    /// When the session ends unless it is used again; null for a key.
    #[serde(serialize_with = "time::iso::option::serialize")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    /// When a passkey was last used in this session; null if none was.
    #[serde(serialize_with = "time::iso::option::serialize")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub verified_at: Option<Timestamp>,
}

impl From<&ActiveSession> for SessionView {
    fn from(presence: &ActiveSession) -> Self {
        Self {
            name: presence.person.name.clone(),
            role: presence.person.role,
            duties: presence.person.duties.clone(),
            until: Some(presence.until()),
            verified_at: presence.session.verified_at,
        }
    }
}

/// The beginning of a passkey ceremony.
#[derive(Serialize, ToSchema)]
pub struct CeremonyAnswer {
    /// The ceremony to name when it is finished. It works once, within five minutes.
    pub ceremony: String,
    /// The options for the browser's call, in WebAuthn's JSON format.
    #[schema(value_type = Object)]
    pub options: Value,
}

/// The use of a passkey.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UsedPasskeyRequest {
    /// The ceremony that was begun.
    #[schema(max_length = 100)]
    pub ceremony: String,
    /// The browser's credential, in WebAuthn's JSON format.
    #[schema(value_type = Object)]
    pub credential: Value,
}

/// The creation of a passkey.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPasskeyRequest {
    /// The ceremony that was begun.
    #[schema(max_length = 100)]
    pub ceremony: String,
    /// The name that its owner gives it: at most 60 characters (grapheme clusters).
    #[serde(default)]
    pub name: String,
    /// The browser's credential, in WebAuthn's JSON format.
    #[schema(value_type = Object)]
    pub credential: Value,
}

/// The answer with a new passkey.
#[derive(Serialize, ToSchema)]
pub struct PasskeyAnswer {
    /// The new passkey.
    pub passkey: PasskeyView,
}

/// A passkey.
#[derive(Serialize, ToSchema)]
pub struct PasskeyView {
    /// The id of its credential.
    pub id: String,
    /// The name that its owner gave it.
    pub name: String,
}

impl From<&Passkey> for PasskeyView {
    fn from(passkey: &Passkey) -> Self {
        Self { id: passkey.id.clone(), name: passkey.name.clone() }
    }
}
