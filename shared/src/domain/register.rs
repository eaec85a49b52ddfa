//! The official registers of schools and colleges, and the search for a school in them.
//!
//! People look for a school by its name, its town or its postcode, and distrust numbers. A register's entry is therefore found by the
//! beginning of any word of its name and town, and by its postcode.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use utoipa::ToSchema;

use super::school::Nation;

/// The most characters of a search term: a list is short before anyone has typed more.
const TERM_MAX: usize = 40;
/// Words that begin so many names that they do not help to find a school.
const COMMON: [&str; 22] = [
    "academy",
    "and",
    "at",
    "c",
    "catholic",
    "ce",
    "church",
    "college",
    "community",
    "e",
    "england",
    "for",
    "high",
    "infant",
    "junior",
    "of",
    "primary",
    "rc",
    "roman",
    "school",
    "the",
    "voluntary",
];

/// One school or college of a register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Entry {
    /// The number in the register: for England as it is; for the other nations with a letter of their own before it, since their numbers
    /// overlap.
    pub urn: String,
    /// The name.
    pub name: String,
    /// The town; empty if the register has none.
    pub town: String,
    /// The postcode; empty if the register has none.
    pub postcode: String,
    /// The nation whose register contains the school.
    pub nation: Nation,
}

impl Entry {
    /// Returns all normalised texts whose beginning finds the entry, without a particular order: the name and town from each distinctive
    /// word on, and the postcode without its space.
    pub fn terms(&self) -> Vec<String> {
        let words = words(&format!("{} {}", self.name, self.town));
        let mut terms: Vec<String> = (0..words.len())
            .filter(|&i| i == 0 || !COMMON.contains(&words[i].as_str()))
            .map(|i| words[i..].join(" ").chars().take(TERM_MAX).collect())
            .collect();
        terms.push(compact(&self.postcode));
        terms.retain(|term| term.len() >= 2);
        terms.sort_unstable();
        terms.dedup();
        terms
    }
}

/// A search for a school.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    words: Vec<String>,
    postcode: Option<String>,
}

impl Search {
    /// Parses what was typed; `None` if it is too short to search for.
    pub fn new(typed: &str) -> Option<Self> {
        let words = words(typed);
        let compact = compact(typed);
        let letters = compact.bytes().take_while(u8::is_ascii_alphabetic).count();
        let digit = compact.as_bytes().get(letters).is_some_and(u8::is_ascii_digit);
        let postcode = ((1..=2).contains(&letters) && digit && compact.len() <= 7).then_some(compact);
        let search = Self { words, postcode };
        (search.looked_up().len() >= 2).then_some(search)
    }

    /// Returns the prefix of the terms to read; [`Self::matches`] then filters the entries found.
    pub fn looked_up(&self) -> &str {
        if let Some(postcode) = &self.postcode {
            return postcode;
        }
        let telling = self.words.iter().filter(|word| !COMMON.contains(&word.as_str()));
        telling.max_by_key(|word| word.len()).or(self.words.first()).map_or("", String::as_str)
    }

    /// Whether an entry matches: its postcode begins as typed, or each typed word begins a word of its name or town.
    pub fn matches(&self, entry: &Entry) -> bool {
        if self.postcode.as_ref().is_some_and(|postcode| compact(&entry.postcode).starts_with(postcode)) {
            return true;
        }
        let known = words(&format!("{} {}", entry.name, entry.town));
        self.words.iter().all(|word| known.iter().any(|known| known.starts_with(word.as_str())))
    }

    /// Sorts the best matches first: entries whose name begins as typed, then by name and town. Removes duplicates.
    pub fn rank(&self, entries: &mut Vec<Entry>) {
        let typed = self.words.join(" ");
        entries.sort_by_cached_key(|entry| {
            let name = words(&entry.name).join(" ");
            (!name.starts_with(&typed), name, entry.town.clone(), entry.urn.clone())
        });
        entries.dedup_by(|a, b| a.urn == b.urn);
    }
}

/// Splits a text into normalised words, without case, accents and apostrophes; `Saint` becomes `st`, and `&` becomes `and`.
fn words(text: &str) -> Vec<String> {
    let plain: String =
        text.replace('&', " and ").nfkd().filter(char::is_ascii).collect::<String>().to_ascii_lowercase();
    let plain = plain.replace('\'', "");
    let words = plain.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| if word == "saint" { "st".to_owned() } else { word.to_owned() }).collect()
}

fn compact(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, town: &str, postcode: &str) -> Entry {
        Entry {
            urn: "900001".into(),
            name: name.into(),
            town: town.into(),
            postcode: postcode.into(),
            nation: Nation::England,
        }
    }

    fn finds(typed: &str, entry: &Entry) -> bool {
        Search::new(typed).is_some_and(|search| {
            let read = entry.terms().iter().any(|term| term.starts_with(search.looked_up()));
            read && search.matches(entry)
        })
    }

    #[test]
    fn a_school_is_found_by_name_town_and_postcode_in_any_spelling() {
        let school = entry("St Mary's C of E Sample School", "Ŵyford-on-Sea", "AB1 2CD");
        for typed in [
            "st mar",
            "Saint Mary",
            "ST. MARYS",
            "mary’s",
            "sample",
            "sample wyford",
            "wyford st",
            "ab1",
            "ab1 2",
            "AB12CD",
            "  mary   sample ",
        ] {
            assert!(finds(typed, &school), "{typed}");
        }
        for typed in ["", "s", "mary oxford", "ab2", "ary", "school", "£$%"] {
            assert!(!finds(typed, &school), "{typed}");
        }
    }

    #[test]
    fn a_name_that_begins_with_a_common_word_is_found_by_it() {
        assert!(finds("the sam", &entry("The Sample Academy", "Made-up Town", "")));
        assert!(finds("acad", &entry("Academy of Samples", "", "")));
    }

    #[test]
    fn names_that_begin_as_typed_come_first_and_none_twice() {
        let far = Entry { urn: "900002".into(), ..entry("Zed Academy", "Sampleton", "") };
        let near = entry("Sample Academy", "Made-up Town", "");
        let mut found = vec![far.clone(), near.clone(), near.clone()];
        Search::new("sampl").unwrap().rank(&mut found);
        assert_eq!(found, [near, far]);
    }

    #[test]
    fn an_entry_has_few_terms_none_longer_than_is_ever_typed() {
        let long = entry(&"Very Long Name ".repeat(9), "Town", "AB1 2CD").terms();
        assert!(long.len() <= 30 && long.iter().all(|term| (2..=TERM_MAX).contains(&term.len())), "{long:?}");
    }
}
