//! How a winner is reached: an e-mail address or a telephone number, and how two are found to be the same.
//!
//! An entry keeps the contact as it was given, for the person who writes to a winner. "One entry for each contact" is decided by a keyed hash
//! of its normal form: without the key nobody can try addresses against it, and of two draws the hashes of one contact differ.

use std::fmt;

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use unicode_normalization::UnicodeNormalization;

use crate::domain::{ids::DrawId, refusal::Refusal, text::shorten};

/// Bytes of an e-mail address, by RFC 5321.
const MAX_EMAIL: usize = 254;
/// Bytes of what stands before its `@`, by RFC 5321.
const MAX_LOCAL: usize = 64;
/// Digits of a telephone number with its country's code, by ITU-T E.164; fewer than eight are no number that can be called from abroad.
const DIGITS: std::ops::RangeInclusive<usize> = 8..=15;
/// Domains of one provider of mail, which ignores dots before the `@`. <https://support.google.com/mail/answer/7436150>
const DOTLESS: [&str; 2] = ["gmail.com", "googlemail.com"];

/// How somebody is reached. It belongs to a person: `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Contact {
    given: String,
    normal: String,
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Contact(…)")
    }
}

impl Contact {
    /// Reads an e-mail address or a telephone number, of the United Kingdom or with `+` and the country's code.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] of the field `contact` if it is neither.
    pub fn parse(given: &str) -> Result<Self, Refusal> {
        let text: String = given.trim().nfkc().collect();
        let normal = if text.contains('@') { email(&text) } else { telephone(&text) };
        let normal = normal.map_err(|expected| Refusal::Invalid {
            field: "contact",
            got: shorten(given),
            expected: expected.to_owned(),
        })?;
        Ok(Self { given: given.trim().to_owned(), normal })
    }

    /// The contact as it was given.
    pub fn as_given(&self) -> &str {
        &self.given
    }

    /// What stands for this contact in one draw: 52 characters of lower-case base32. `key` is secret and stays the same for the whole draw.
    pub fn hash(&self, key: &[u8; 32], draw: &DrawId) -> String {
        // A key of 32 bytes is always accepted.
        let digest = Hmac::<Sha256>::new_from_slice(key).map_or_else(
            |_| [0; 32],
            |mut hmac| {
                hmac.update(format!("contact:{draw}:{}", self.normal).as_bytes());
                hmac.finalize().into_bytes().into()
            },
        );
        BASE32_NOPAD.encode(&digest).to_ascii_lowercase()
    }
}

/// The normal form of an address: lower case, without what follows a `+` in its name. Capital letters in the name could make another
/// mailbox by the standard, and do so nowhere.
fn email(text: &str) -> Result<String, &'static str> {
    const EXPECTED: &str = "an e-mail address such as name@example.org";
    let lower = text.to_lowercase();
    let (local, domain) = lower.rsplit_once('@').ok_or(EXPECTED)?;
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let named = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let written = !local.is_empty()
        && local.len() <= MAX_LOCAL
        && lower.len() <= MAX_EMAIL
        && local.chars().all(named)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && domain.contains('.')
        && domain.split('.').all(label)
        && !domain.rsplit('.').next().is_some_and(|top| top.bytes().all(|b| b.is_ascii_digit()));
    if !written {
        return Err(EXPECTED);
    }
    let name = local.split('+').next().filter(|name| !name.is_empty()).unwrap_or(local);
    Ok(if DOTLESS.contains(&domain) {
        format!("mailto:{}@{}", name.replace('.', ""), DOTLESS[0])
    } else {
        format!("mailto:{name}@{domain}")
    })
}

/// The normal form of a telephone number: `+`, the country's code and the number, digits only. A number of the United Kingdom has nine or ten
/// digits after its 0. (Ofcom, National Telephone Numbering Plan)
fn telephone(text: &str) -> Result<String, &'static str> {
    const EXPECTED: &str =
        "an e-mail address such as name@example.org, or a telephone number such as 07700 900123 or +33 1 99 00 12 34";
    let written =
        text.chars().all(|c| c.is_ascii_digit() || c.is_whitespace() || "+()-./\u{2010}\u{2011}\u{2013}".contains(c));
    if !written || text.matches('+').count() > 1 {
        return Err(EXPECTED);
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let abroad = match (text.trim_start_matches(['(', ' ']).starts_with('+'), digits.strip_prefix("00")) {
        (true, _) => Some(digits.as_str()),
        (false, Some(rest)) => Some(rest),
        (false, None) => None,
    };
    if text.contains('+') && abroad.is_none() {
        return Err(EXPECTED);
    }
    let number = match abroad {
        // +44 (0)7700 …: the 0 is not dialled from abroad.
        Some(abroad) => abroad.strip_prefix("44").map_or_else(
            || abroad.to_owned(),
            |national| format!("44{}", national.strip_prefix('0').unwrap_or(national)),
        ),
        None => format!("44{}", digits.strip_prefix('0').ok_or(EXPECTED)?),
    };
    let whole = match number.strip_prefix("44") {
        Some(national) => (9..=10).contains(&national.len()) && !national.starts_with('0'),
        None => DIGITS.contains(&number.len()) && !number.starts_with('0'),
    };
    if whole { Ok(format!("tel:+{number}")) } else { Err(EXPECTED) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(given: &str) -> String {
        Contact::parse(given).unwrap_or_else(|error| panic!("{given}: {error}")).normal
    }

    #[test]
    fn an_address_is_the_same_however_it_is_written() {
        for given in ["Pat.Smith@Example.org", " pat.smith@example.ORG ", "pat.smith+prizes@example.org"] {
            assert_eq!(normal(given), "mailto:pat.smith@example.org", "{given}");
        }
        for given in ["pat.smith@gmail.com", "patsmith@googlemail.com", "P.A.T.smith+2@Gmail.com"] {
            assert_eq!(normal(given), "mailto:patsmith@gmail.com", "{given}");
        }
        assert_eq!(normal("+tag@example.org"), "mailto:+tag@example.org", "a name is left");
        assert_eq!(normal("\u{ff50}at@example.org"), "mailto:pat@example.org", "a wide p");
        assert_ne!(normal("pat.smith@example.org"), normal("patsmith@example.org"), "dots count elsewhere");
    }

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        for given in [
            "07700 900123",
            "+44 7700 900123",
            "0044 7700 900-123",
            "+44 (0)7700 900123",
            "(07700) 900.123",
            "(+44) 7700 900123",
        ] {
            assert_eq!(normal(given), "tel:+447700900123", "{given}");
        }
        assert_eq!(normal("01632 96012"), "tel:+44163296012", "a number of nine digits");
        assert_eq!(normal("+33 1 99 00 12 34"), "tel:+33199001234");
        assert_eq!(normal("0033 1 99 00 12 34"), "tel:+33199001234");
    }

    #[test]
    fn what_nobody_can_be_reached_by_is_refused_with_an_example() {
        for bad in [
            "",
            "pat",
            "pat@",
            "@example.org",
            "pat@example",
            "pat@@example.org",
            "pat smith@example.org",
            "pat..smith@example.org",
            ".pat@example.org",
            "pat@-example.org",
            "pat@example.123",
            "pat@exa_mple.org",
            "pat@example.org, sam@example.org",
            &format!("{}@example.org", "a".repeat(65)),
            "7700 900123",
            "077",
            "07700 900123 4",
            "+44 07700 90",
            "+0 1234567890",
            "++44 7700 900123",
            "07700+900123",
            "+1234567",
            "+1234567890123456",
            "07700 90012x",
        ] {
            match Contact::parse(bad) {
                Err(Refusal::Invalid { field: "contact", expected, .. }) => {
                    assert!(expected.contains("such as"), "{bad}");
                }
                other => panic!("{bad}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_hash_tells_nothing_without_its_key_and_nothing_of_another_draw() {
        let (noon, night): (DrawId, DrawId) = ("noon".parse().unwrap(), "night".parse().unwrap());
        let hash = |given: &str, key: u8, draw: &DrawId| Contact::parse(given).unwrap().hash(&[key; 32], draw);
        assert_eq!(hash("07700 900123", 1, &noon), hash("+447700900123", 1, &noon));
        assert_ne!(hash("07700 900123", 1, &noon), hash("07700 900123", 2, &noon));
        assert_ne!(hash("07700 900123", 1, &noon), hash("07700 900123", 1, &night));
        assert_ne!(hash("07700 900123", 1, &noon), hash("07700 900124", 1, &noon));
        assert_eq!(hash("07700 900123", 1, &noon).len(), 52);
    }

    #[test]
    fn a_contact_is_kept_as_it_was_given_and_never_shown() {
        let contact = Contact::parse(" Pat.Smith+x@Example.org ").unwrap();
        assert_eq!(contact.as_given(), "Pat.Smith+x@Example.org");
        assert_eq!(format!("{contact:?}"), "Contact(…)");
    }
}
