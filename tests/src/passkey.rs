//! An authenticator in software: it makes passkeys and uses them, and answers as a browser hands it on. (WebAuthn Level 3, sections 6.1
//! and 6.5; the public key is COSE's, RFC 9053.)

use data_encoding::BASE64URL_NOPAD;
use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use shared::runtime::ids::random;

/// Flags of an authenticator's data: somebody was there, was verified, and a new credential follows.
const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const ATTESTED: u8 = 0x40;

/// One passkey on a device that verifies its user.
#[derive(Clone, Debug)]
pub struct Passkey {
    key: SigningKey,
    id: [u8; 16],
    site: String,
    uses: u32,
}

impl Passkey {
    /// A passkey for the site at `origin`, which has not been used so far.
    fn new(origin: &str) -> Self {
        let site = origin.to_owned();
        let key = SigningKey::from_slice(&random::<32>()).expect("a key that is not zero");
        Self { key, id: random(), site, uses: 0 }
    }

    /// Makes one, as `options` of the site at `origin` ask; answers with it and with what the browser sends.
    pub fn make(origin: &str, options: &Value) -> (Self, Value) {
        let made = Self::new(origin);
        let point = made.key.verifying_key().to_sec1_point(false);
        let (x, y) = (point.x().expect("a point"), point.y().expect("a whole point"));
        // A map of five: an elliptic curve's key, for ES256, on P-256, and its two coordinates.
        let mut cose = vec![0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
        cose.extend_from_slice(x);
        cose.extend_from_slice(&[0x22, 0x58, 0x20]);
        cose.extend_from_slice(y);
        let mut data = made.data(PRESENT | VERIFIED | ATTESTED);
        data.extend_from_slice(&[0; 16]);
        data.extend_from_slice(&[0, 16]);
        data.extend_from_slice(&made.id);
        data.extend_from_slice(&cose);
        // A map of three: no attestation, and the data as up to 255 bytes.
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        object.push(u8::try_from(data.len()).expect("short data"));
        object.extend_from_slice(&data);
        let response = json!({
            "clientDataJSON": encode(&made.client("webauthn.create", options)),
            "attestationObject": encode(&object),
            "transports": ["internal"],
        });
        let answer = made.credential(&response);
        (made, answer)
    }

    /// Uses it, as `options` ask; answers with what the browser sends.
    pub fn answer(&mut self, options: &Value) -> Value {
        self.uses += 1;
        let (data, client) = (self.data(PRESENT | VERIFIED), self.client("webauthn.get", options));
        let signed = [data.as_slice(), Sha256::digest(&client).as_slice()].concat();
        let signature: Signature = self.key.sign(&signed);
        let response = json!({
            "clientDataJSON": encode(&client),
            "authenticatorData": encode(&data),
            "signature": encode(signature.to_der().as_bytes()),
            "userHandle": null,
        });
        self.credential(&response)
    }

    /// What a form names it by.
    pub fn id(&self) -> String {
        encode(&self.id)
    }

    /// The site's hash, the flags, and how often it was used.
    fn data(&self, flags: u8) -> Vec<u8> {
        let host = self.site.split("://").last().and_then(|rest| rest.split(':').next()).unwrap_or_default();
        let mut data = Sha256::digest(host.as_bytes()).to_vec();
        data.push(flags);
        data.extend_from_slice(&self.uses.to_be_bytes());
        data
    }

    fn client(&self, kind: &str, options: &Value) -> Vec<u8> {
        let client =
            json!({"type": kind, "challenge": options["challenge"], "origin": self.site, "crossOrigin": false});
        client.to_string().into_bytes()
    }

    fn credential(&self, response: &Value) -> Value {
        json!({"id": self.id(), "rawId": self.id(), "type": "public-key", "response": response})
    }
}

fn encode(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}
