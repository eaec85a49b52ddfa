//! Search terms, and their comparison with a text.

use std::{convert::Infallible, fmt, str::FromStr};

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The most words of one search that are used; further ones are ignored.
pub(super) const WORDS_MAX: usize = 8;
/// The most characters of one word that are used.
pub(super) const WORD_MAX: usize = 40;

/// Search terms. Each must begin a word of the photo, in any order. Case, accents and punctuation are ignored; a term that is not ASCII may
/// also stand inside a word, for scripts without spaces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchTerms {
    written: String,
    folded: Vec<String>,
}

impl SearchTerms {
    /// Whether there are no terms.
    pub fn is_empty(&self) -> bool {
        self.folded.is_empty()
    }

    /// Whether a [`folded`] text contains all terms.
    pub(super) fn all_in(&self, text: &str) -> bool {
        self.folded.iter().all(|word| {
            // The leading space distinguishes the beginning of a word from its middle.
            text.contains(word.as_str()) || (!word.is_ascii() && text.contains(word.trim_start()))
        })
    }
}

impl FromStr for SearchTerms {
    type Err = Infallible;

    fn from_str(written: &str) -> Result<Self, Infallible> {
        let written: String = written.trim().chars().take(WORDS_MAX * WORD_MAX).collect();
        let folded = folded(&written)
            .split_whitespace()
            .take(WORDS_MAX)
            .map(|word| format!(" {}", word.chars().take(WORD_MAX).collect::<String>()))
            .collect();
        Ok(Self { written, folded })
    }
}

/// The terms as they were written.
impl fmt::Display for SearchTerms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

/// Normalises a text for search: lower-case words without accents or punctuation, each preceded by a space.
pub fn folded(text: &str) -> String {
    let plain: String = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
    // Apostrophes are dropped inside words: `its`, as people type it, finds `it's`.
    let plain = plain.replace(['\'', '’'], "");
    plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).fold(String::new(), |mut all, word| {
        all.push(' ');
        all.push_str(word);
        all
    })
}
