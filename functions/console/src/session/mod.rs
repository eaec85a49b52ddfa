//! Signing in with a code or a passkey, signing out, and the member's own passkeys and sessions.

pub mod account_page;
pub mod answers;
pub mod api;
pub mod form;
pub mod passkeys;
pub mod sign_in_page;
