//! Passkeys (WebAuthn Level 3), always with user verification. The library checks origin, challenge, flags, counter and signature; this
//! module adds the site's own names.
//!
//! Decision: the crate `passki` on RustCrypto. `webauthn-rs` is better known, but links OpenSSL, which a fresh machine does not have, and
//! is under the MPL; `webauthn_rp`, `passkey-auth` and `passkey-rp` bring a second, older generation of the crypto crates that we link
//! already. Given up: attestation is not requested, so any authenticator that verifies its user is accepted.

use passki::{
    AuthenticationCredential, AuthenticationOptions, AuthenticationState, Passki, PasskiError, RegistrationCredential,
    RegistrationOptions, RegistrationState, ResidentKeyRequirement, StoredPasskey, UserVerificationRequirement,
};
use serde_json::Value;
use shared::{
    domain::Refusal,
    store::{
        Fault,
        members::{Passkey, Person},
    },
    web::Problem,
};

/// The name that the browser's window shows for the site.
const NAME: &str = "#TECHOGNITION photo day";
/// Largest size of a passkey's id, in bytes: in base64url, the longest that fits into the 1,024 bytes of a sort key.
const MAX_ID_BYTES: usize = 768;

/// Returns the site as passkeys know it. They belong to a host name and not to an IP address, so a laptop's `127.0.0.1` becomes
/// `localhost`.
fn site(origin: &str) -> Passki {
    let (scheme, rest) = origin.split_once("://").unwrap_or(("http", origin));
    let authority = rest.split('/').next().unwrap_or_default();
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (host, format!(":{port}")),
        Some(_) | None => (authority, String::new()),
    };
    let is_address = host.starts_with('[') || host.parse::<std::net::IpAddr>().is_ok();
    let host = if is_address { "localhost" } else { host };
    Passki::new(host, &[format!("{scheme}://{host}{port}")], NAME)
}

/// Begins the use of any passkey that the person chooses. Returns the browser's options, and the state to keep until it is finished.
pub fn begin_use(origin: &str) -> Result<(Value, String), Problem> {
    let mut options = AuthenticationOptions::default();
    options.user_verification = UserVerificationRequirement::Required;
    let (challenge, state) = site(origin).start_passkey_authentication(&[], options).map_err(broken)?;
    Ok((json(&challenge)?, written(&state)?))
}

/// Returns the id of the passkey that was used, in base64url; `None` if there is no valid one.
pub fn credential_id(credential: &Value) -> Option<String> {
    let id = credential.get("rawId")?.as_str()?;
    // Decoded and encoded again, so that the same bytes always have the same spelling.
    kept_id(&Passki::base64_decode(id).ok()?)
}

/// Encodes a passkey's id as it is stored: base64url. `None` if it is empty or too long for a sort key. The specification allows 1,023
/// bytes; authenticators produce between 16 and a few hundred.
fn kept_id(id: &[u8]) -> Option<String> {
    (1..=MAX_ID_BYTES).contains(&id.len()).then(|| Passki::base64_encode(id))
}

/// Checks that a passkey was used in answer to the ceremony. Returns the new record to store for the passkey.
pub fn finish_use(origin: &str, credential: Value, state: &str, record: &str) -> Result<String, Problem> {
    let credential: AuthenticationCredential = serde_json::from_value(credential).map_err(refused)?;
    let state: AuthenticationState = serde_json::from_str(state).map_err(refused)?;
    let mut known: StoredPasskey =
        serde_json::from_str(record).map_err(|error| Fault::broken("read passkey", error))?;
    let used = site(origin).finish_passkey_authentication(&credential, &state, &known).map_err(refused)?;
    known.counter = used.counter;
    written(&known)
}

/// Begins the creation of a passkey for `person`, who has the passkeys `own` already.
pub fn begin_make(origin: &str, person: &Person, own: &[Passkey]) -> Result<(Value, String), Problem> {
    let own: Vec<StoredPasskey> = own.iter().filter_map(|passkey| serde_json::from_str(&passkey.record).ok()).collect();
    let mut options = RegistrationOptions::default();
    options.user_verification = UserVerificationRequirement::Required;
    options.resident_key = ResidentKeyRequirement::Required;
    options.exclude_credentials = Some(&own);
    let made =
        site(origin).start_passkey_registration(person.id.as_str().as_bytes(), &person.name, &person.name, options);
    let (challenge, state) = made.map_err(broken)?;
    Ok((json(&challenge)?, written(&state)?))
}

/// Checks that a passkey was created in answer to the ceremony. Returns its id and the record to store.
pub fn finish_make(origin: &str, credential: Value, state: &str) -> Result<(String, String), Problem> {
    let credential: RegistrationCredential = serde_json::from_value(credential).map_err(refused)?;
    let state: RegistrationState = serde_json::from_str(state).map_err(refused)?;
    let made = site(origin).finish_passkey_registration(&credential, &state).map_err(refused)?;
    let id = kept_id(&made.credential_id).ok_or_else(|| refused("its id has no length that is kept"))?;
    Ok((id, written(&made)?))
}

/// Logs why a passkey is refused; the caller is not told.
fn refused(why: impl std::fmt::Display) -> Problem {
    tracing::info!(%why, "passkey refused");
    Refusal::PasskeyRefused.into()
}

fn broken(error: PasskiError) -> Problem {
    Fault::broken("begin passkey", error).into()
}

fn json(value: &impl serde::Serialize) -> Result<Value, Problem> {
    serde_json::to_value(value).map_err(|error| Fault::broken("write passkey", error).into())
}

fn written(value: &impl serde::Serialize) -> Result<String, Problem> {
    serde_json::to_string(value).map_err(|error| Fault::broken("write passkey", error).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_laptop_s_address_is_localhost_to_passkeys() {
        for (origin, host, known) in [
            ("https://photos.example", "photos.example", "https://photos.example"),
            ("http://127.0.0.1:8080", "localhost", "http://localhost:8080"),
            ("http://[::1]:8080", "localhost", "http://localhost:8080"),
            ("http://localhost:9000", "localhost", "http://localhost:9000"),
        ] {
            let site = site(origin);
            assert_eq!((site.rp_id.as_str(), site.rp_origins.as_slice()), (host, [known.to_owned()].as_slice()));
        }
    }

    #[test]
    fn what_is_no_passkey_is_refused_without_saying_why() {
        let (_, state) = begin_use("https://photos.example").unwrap();
        let credential = serde_json::json!({"rawId": "AAAA", "response": {}});
        let problem = finish_use("https://photos.example", credential, &state, "{}").unwrap_err();
        assert_eq!(problem.kind.slug, "passkey-refused");
        assert_eq!(problem.detail, "This passkey does not work here.");
    }
}
