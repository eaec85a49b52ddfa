//! Signing in, and passkeys.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::{
    domain::{
        states::{Duty, Role},
        time,
    },
    store::members::{Passkey, Presence},
};
use utoipa::ToSchema;

/// A one-time code.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignInRequest {
    /// The code that an organiser gave.
    #[schema(max_length = 200)]
    pub code: String,
}

/// Who is signed in.
#[derive(Serialize, ToSchema)]
pub struct SessionView {
    /// The name that the code or key was made for.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// What else they were asked to do.
    pub duties: Vec<Duty>,
    /// When the session ends if nothing is asked for any more; null for a key.
    #[serde(serialize_with = "time::iso::option::serialize")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    /// When a passkey last proved who it is.
    #[serde(serialize_with = "time::iso::option::serialize")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub verified_at: Option<Timestamp>,
}

impl From<&Presence> for SessionView {
    fn from(presence: &Presence) -> Self {
        Self {
            name: presence.person.name.clone(),
            role: presence.person.role,
            duties: presence.person.duties.clone(),
            until: Some(presence.until()),
            verified_at: presence.session.verified_at,
        }
    }
}

/// A passkey ceremony has begun.
#[derive(Serialize, ToSchema)]
pub struct CeremonyAnswer {
    /// What finishing it must name; good once, for five minutes.
    pub ceremony: String,
    /// What the browser's call takes, as WebAuthn's JSON has it.
    #[schema(value_type = Object)]
    pub options: Value,
}

/// A passkey was used.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UsedPasskeyRequest {
    /// The ceremony that began it.
    #[schema(max_length = 100)]
    pub ceremony: String,
    /// What the browser answered, as WebAuthn's JSON has it.
    #[schema(value_type = Object)]
    pub credential: Value,
}

/// A passkey was made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPasskeyRequest {
    /// The ceremony that began it.
    #[schema(max_length = 100)]
    pub ceremony: String,
    /// What its owner calls it; at most 60 characters, as a reader counts them.
    #[serde(default)]
    pub name: String,
    /// What the browser answered, as WebAuthn's JSON has it.
    #[schema(value_type = Object)]
    pub credential: Value,
}

/// A passkey is kept.
#[derive(Serialize, ToSchema)]
pub struct PasskeyAnswer {
    /// The passkey.
    pub passkey: PasskeyView,
}

/// A passkey.
#[derive(Serialize, ToSchema)]
pub struct PasskeyView {
    /// Its credential's id.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
}

impl From<&Passkey> for PasskeyView {
    fn from(passkey: &Passkey) -> Self {
        Self { id: passkey.id.clone(), name: passkey.name.clone() }
    }
}
