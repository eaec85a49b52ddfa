//! Forms of the page about people: how each membership, key and session ends.

use shared::pages::links;

use super::api::{end_session, revoke_key, revoke_person};
use crate::form::acts;

acts! {
    /// Ends somebody's membership.
    leave links::people => revoke_person;
    /// Makes a key useless.
    revoke links::people => revoke_key;
    /// Ends anybody's session.
    end links::people => end_session;
}
