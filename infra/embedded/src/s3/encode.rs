//! Encodings of keys.

use data_encoding::BASE64URL_NOPAD;

/// Encodes a key as S3 does in events and in listings with `encoding-type=url`: a space becomes `+`, a slash stays.
pub(crate) fn key(key: &str) -> String {
    let mut text = String::with_capacity(key.len());
    for byte in key.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' | b'/' => text.push(char::from(byte)),
            b' ' => text.push('+'),
            _ => {
                text.push('%');
                text.push_str(&data_encoding::HEXUPPER.encode(&[byte]));
            }
        }
    }
    text
}

/// Returns a token that continues a listing after `key`.
pub(crate) fn token_of_key(key: &str) -> String {
    BASE64URL_NOPAD.encode(key.as_bytes())
}

/// Returns the key in a token of [`token_of_key`].
pub(crate) fn key_of_token(token: &str) -> Option<String> {
    String::from_utf8(BASE64URL_NOPAD.decode(token.as_bytes()).ok()?).ok()
}
