//! What somebody searches for, and how a text is compared with it.

use std::{convert::Infallible, fmt, str::FromStr};

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Words of one search that count; further ones are left out.
pub(super) const WORDS_MAX: usize = 8;
/// Characters of one word that count.
pub(super) const WORD_MAX: usize = 40;

/// What somebody looks for: words of which each must begin a word of the photo, in any order. Case, accents and punctuation do
/// not count; in scripts without spaces a word may stand anywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    written: String,
    folded: Vec<String>,
}

impl Words {
    /// Whether nothing is looked for.
    pub fn is_empty(&self) -> bool {
        self.folded.is_empty()
    }

    /// Whether all of them are in a [`folded`] text.
    pub(super) fn all_in(&self, text: &str) -> bool {
        self.folded.iter().all(|word| {
            // The space before tells the beginning of a word from its middle.
            text.contains(word.as_str()) || (!word.is_ascii() && text.contains(word.trim_start()))
        })
    }
}

impl FromStr for Words {
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

/// As they were written.
impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

/// A text as search sees it: lower-case words without accents or punctuation, a space before each.
pub fn folded(text: &str) -> String {
    let plain: String = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
    // An apostrophe belongs to its word: `it's` is found by `its`, as people type it.
    let plain = plain.replace(['\'', '’'], "");
    plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).fold(String::new(), |mut all, word| {
        all.push(' ');
        all.push_str(word);
        all
    })
}
