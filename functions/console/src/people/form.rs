//! Forms of the page about people: they end memberships, keys and sessions.

use shared::pages::links;

use super::api::{end_session, revoke_key, revoke_person};
use crate::form::acts;

acts! {
    /// Ends a person's membership.
    leave links::people => revoke_person;
    /// Revokes a key.
    revoke links::people => revoke_key;
    /// Ends any member's session.
    end links::people => end_session;
}
