//! Schools and colleges: picked from the official register by number, or named in free text.

use std::{fmt, str::FromStr};

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;
use utoipa::ToSchema;

use super::{
    ids::BadId,
    refusal::Refusal,
    text::{self, Field},
};

/// The school of a photo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct School {
    /// The school's number in an official register. Null if only its name was given.
    pub urn: Option<String>,
    /// The school's name.
    pub name: String,
    /// The nation whose register it is in. Null if only its name was given.
    #[serde(default)]
    pub nation: Option<Nation>,
}

/// One of the four nations, each of which keeps a register of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Nation {
    /// England.
    England,
    /// Scotland.
    Scotland,
    /// Wales.
    Wales,
    /// Northern Ireland.
    NorthernIreland,
}

impl Nation {
    /// All nations, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::England, Self::Scotland, Self::Wales, Self::NorthernIreland];

    /// Returns the short name used in addresses, keys and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::England => "england",
            Self::Scotland => "scotland",
            Self::Wales => "wales",
            Self::NorthernIreland => "northern-ireland",
        }
    }

    /// Returns the display name.
    pub fn name(self) -> &'static str {
        match self {
            Self::England => "England",
            Self::Scotland => "Scotland",
            Self::Wales => "Wales",
            Self::NorthernIreland => "Northern Ireland",
        }
    }
}

impl FromStr for Nation {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        let known = Self::ALL.into_iter().find(|nation| nation.as_str() == text);
        known.ok_or(BadId { expected: "england, scotland, wales or northern-ireland" })
    }
}

impl fmt::Display for Nation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl School {
    /// Returns a school that is known only by its name; `None` if the name is empty.
    pub fn named(name: &str) -> Result<Option<Self>, Refusal> {
        let name = text::clean(Field::SchoolName, name)?;
        Ok((!name.is_empty()).then_some(Self { urn: None, name, nation: None }))
    }

    /// Returns the key under which the school's photos are found: the register's number, or a slug of the name. Two spellings that differ
    /// only in case, accents or punctuation are the same school.
    pub fn key(&self) -> SchoolKey {
        self.urn.as_ref().map_or_else(|| SchoolKey::of_name(&self.name), |urn| SchoolKey(urn.clone()))
    }
}

/// The key for the photos of one school: 1–64 of a–z, 0–9 and inner hyphens.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SchoolKey(String);

impl SchoolKey {
    /// The key's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn of_name(name: &str) -> Self {
        let plain: String = name.nfkd().filter(char::is_ascii).collect::<String>().to_ascii_lowercase();
        let slug = plain
            .replace('\'', "")
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join("-");
        // Names that are not in Latin letters, and very long ones, are told apart by a hash.
        let lost = name.nfkd().any(|c| c.is_alphanumeric() && !c.is_ascii());
        if slug.len() > 48 || slug.is_empty() || lost {
            let hash = HEXLOWER.encode(&Sha256::digest(name.to_lowercase())[..5]);
            let head: String = slug.chars().take(48).collect();
            return Self(format!("{}-{hash}", head.trim_end_matches('-')).trim_start_matches('-').to_owned());
        }
        Self(if may_be_a_number(&slug) { format!("n-{slug}") } else { slug })
    }
}

/// Whether a slug could be a register's number: digits, after one letter in some registers. A typed name must not lead to the photos of a
/// school in a register.
fn may_be_a_number(slug: &str) -> bool {
    let digits = slug.strip_prefix(|first: char| first.is_ascii_lowercase()).unwrap_or(slug);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

impl FromStr for SchoolKey {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if (1..=64).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadId { expected: "a school's number or key (1 to 64 of a-z, 0-9 and hyphens)" })
        }
    }
}

impl fmt::Display for SchoolKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_nation_has_its_name_for_people_and_one_for_addresses() {
        let names = ["England", "Scotland", "Wales", "Northern Ireland"];
        assert_eq!(Nation::ALL.map(Nation::name), names);
        assert_eq!(Nation::ALL.map(Nation::as_str), ["england", "scotland", "wales", "northern-ireland"]);
    }

    fn key(name: &str) -> String {
        School::named(name).unwrap().unwrap().key().to_string()
    }

    #[test]
    fn spellings_that_differ_in_case_or_punctuation_are_one_school() {
        assert_eq!(key("St. Mary's  College"), "st-marys-college");
        assert_eq!(key("ST MARY'S COLLEGE"), "st-marys-college");
        assert_eq!(key("Ysgol Ŵyr"), key("Ysgol Wyr"));
    }

    #[test]
    fn every_name_has_a_key_that_can_be_read_back() {
        for name in ["學校", "학교 12", &"Very long name ".repeat(6), "123456", "🏫"] {
            let key = key(name);
            assert_eq!(key.parse::<SchoolKey>().unwrap().as_str(), key, "{name}");
        }
        assert_ne!(key("學校"), key("学校"));
        assert_eq!(School::named("  ").unwrap(), None);
    }

    #[test]
    fn a_number_from_the_register_is_its_own_key() {
        let school =
            School { urn: Some("100000".into()), name: "Sample Academy".into(), nation: Some(Nation::England) };
        assert_eq!(school.key().as_str(), "100000");
    }

    #[test]
    fn no_name_has_the_key_of_a_register_s_number() {
        for number in ["100000", "s5123456", "w6714001", "n-100000"] {
            for name in [number.to_owned(), number.to_uppercase(), format!(" {number}. ")] {
                let key = School::named(&name).unwrap().unwrap().key();
                assert!(key.as_str().starts_with("n-"), "{name}: {key}");
            }
        }
        assert_eq!(School::named("S5123456").unwrap().unwrap().key().as_str(), "n-s5123456");
        assert_eq!(School::named("St 5").unwrap().unwrap().key().as_str(), "st-5");
    }
}
