//! How S3 writes keys where a key as it is would not do.

use data_encoding::BASE64URL_NOPAD;

/// The key as S3 writes it in events and in listings with `encoding-type=url`: a space is `+`, a slash stays.
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

/// A token that says to go on after `key`.
pub(crate) fn token_of_key(key: &str) -> String {
    BASE64URL_NOPAD.encode(key.as_bytes())
}

/// The key in a token of [`token_of_key`].
pub(crate) fn key_of_token(token: &str) -> Option<String> {
    String::from_utf8(BASE64URL_NOPAD.decode(token.as_bytes()).ok()?).ok()
}
