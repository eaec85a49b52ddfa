//! Screening: hints about a photo, found by rules. A hint chooses the lane and tells the moderator why; it never decides.
//!
//! Decision: texts are checked by simple rules that a moderator can predict, each a [`Screen`] in [`SCREENS`]; to screen for something
//! else, add one. A rule that fires too often costs a second look, and one that misses costs nothing that the moderator would not see, so
//! the rules are kept short rather than clever. No model for finding faces is linked: those with an acceptable licence are larger than the
//! function around them, and a person looks at every picture, or has looked at many from the same device (see [`super::trust`]), whose
//! uploader says who is in it.

use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation;
use utoipa::ToSchema;

/// The kind of a hint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HintKind {
    /// A name is written beside a year group or a class.
    PupilName,
    /// The texts contain a telephone number or an e-mail address.
    Contact,
    /// The texts contain an insult.
    Abuse,
    /// One word mixes letters of two scripts that look alike.
    MixedScripts,
    /// The photo looks like another photo of the edition.
    NearDuplicate,
    /// The photo looks like one that was removed.
    Removed,
    /// The file ends early: a part of the picture may be missing.
    Truncated,
    /// The photo is the same picture as one that two people must agree to show. See [`super::twin`].
    TwoPeople,
}

impl HintKind {
    /// Whether a photo with this hint waits in the held lane.
    pub fn holds(self) -> bool {
        match self {
            Self::PupilName | Self::Contact | Self::Abuse | Self::MixedScripts | Self::Removed | Self::TwoPeople => {
                true
            }
            Self::NearDuplicate | Self::Truncated => false,
        }
    }
}

/// A hint about a photo, with the words that explain it to the moderator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Hint {
    /// The kind of the hint.
    pub kind: HintKind,
    /// An explanation in one sentence.
    pub words: String,
}

/// The texts to screen: everything that people will read beside the picture.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The caption.
    pub caption: &'a str,
    /// The alternative text.
    pub alt: &'a str,
    /// The credit line.
    pub credit: &'a str,
    /// The words for what is heard in a video.
    pub transcript: &'a str,
}

impl<'a> Subject<'a> {
    fn texts(&self) -> impl Iterator<Item = &'a str> {
        [self.caption, self.alt, self.credit, self.transcript].into_iter()
    }
}

/// A screening rule.
pub type Screen = fn(&Subject<'_>) -> Option<Hint>;

/// All rules, in the order in which their hints are shown.
pub const SCREENS: &[Screen] = &[pupil_name, contact, abuse, mixed_scripts];

/// Returns the hints of all rules.
pub fn screen(subject: &Subject<'_>) -> Vec<Hint> {
    SCREENS.iter().filter_map(|screen| screen(subject)).collect()
}

/// A capitalised word beside "Year 9", "Y9" or "class 4B" is most often a pupil's name. School subjects, months and similar words are
/// excluded.
fn pupil_name(subject: &Subject<'_>) -> Option<Hint> {
    subject.texts().find_map(|text| {
        let words: Vec<&str> = text.unicode_words().collect();
        let group = (0..words.len()).find_map(|i| group_at(&words, i))?;
        let near = words.iter().enumerate().filter(|(i, _)| !group.contains(i));
        let (_, name) =
            near.filter(|(i, _)| i.abs_diff(group.start) <= 4 || i.abs_diff(group.end) < 4).find(|(i, word)| {
                // The first word of a sentence is always capitalised; it is taken for a name only if "from", "in", "of" or "and" follows.
                let opens = *i == 0 && !words.get(1).is_some_and(|next| ["from", "in", "of", "and"].contains(next));
                !opens && is_name(word)
            })?;
        let group = words.get(group)?.join(" ");
        Some(Hint {
            kind: HintKind::PupilName, words: format!("“{name}” beside “{group}” may be a pupil’s name.")
        })
    })
}

/// Returns the range of the words of a year group or class that begins at `i`.
fn group_at(words: &[&str], i: usize) -> Option<std::ops::Range<usize>> {
    let word = words.get(i)?.to_lowercase();
    let digits = |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>().parse::<u8>().ok();
    let in_school = |n: u8| (1..=13).contains(&n);
    if ["year", "yr", "class", "form", "grade"].contains(&word.as_str()) {
        let number = words.get(i + 1).and_then(|next| digits(next)).filter(|n| in_school(*n));
        return number.map(|_| i..i + 2);
    }
    let number = word.strip_prefix('y').filter(|rest| rest.len() <= 2).and_then(digits).filter(|n| in_school(*n));
    number.map(|_| i..i + 1)
}

/// Capitalised words that are not names of people.
const NO_NAMES: &[&str] = &[
    "Art",
    "Biology",
    "Btec",
    "Business",
    "Chemistry",
    "Computing",
    "Design",
    "Drama",
    "Dt",
    "English",
    "Food",
    "French",
    "Gcse",
    "Geography",
    "German",
    "History",
    "I",
    "Ict",
    "It",
    "Maths",
    "Media",
    "Mr",
    "Mrs",
    "Ms",
    "Miss",
    "Music",
    "Our",
    "Pe",
    "Photography",
    "Physics",
    "Re",
    "Science",
    "Spanish",
    "Stem",
    "Technology",
    "Textiles",
    "The",
    "This",
    "A",
    "An",
    "Level",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
    "Dr",
    "Technician",
    "Lab",
    "For",
    "With",
    "From",
    "In",
    "Of",
    "And",
    "Year",
    "Class",
    "Form",
    "Set",
    "Group",
    "Required",
    "Practical",
    "School",
    "College",
    "Academy",
    "UK",
    "KS3",
    "KS4",
    "KS5",
    "Workshop",
    "Room",
    "Today",
    "Preparing",
    "Setting",
    "Making",
    "Building",
];

fn is_name(word: &str) -> bool {
    let mut chars = word.chars();
    let capital = chars.next().is_some_and(char::is_uppercase);
    let rest: Vec<char> = chars.collect();
    let small = !rest.is_empty() && rest.iter().all(|c| c.is_lowercase() || *c == '\'' || *c == '’');
    capital && small && !NO_NAMES.contains(&word)
}

/// Finds an e-mail address or a telephone number.
fn contact(subject: &Subject<'_>) -> Option<Hint> {
    subject.texts().find_map(|text| {
        let address = text.split_whitespace().any(|word| {
            let word = word.trim_matches(|c: char| !c.is_alphanumeric());
            word.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
        });
        if address {
            return Some(Hint { kind: HintKind::Contact, words: "The text has an email address.".into() });
        }
        let mut digits = 0_u32;
        let number = text.chars().any(|c| {
            match c {
                '0'..='9' => digits += 1,
                ' ' | '-' | '(' | ')' | '+' | '.' => {}
                _ => digits = 0,
            }
            digits >= 10
        });
        number.then(|| Hint { kind: HintKind::Contact, words: "The text has a telephone number.".into() })
    })
}

/// Insults. Only whole words match, after the usual digits and signs in place of letters are undone.
const INSULTS: &[&str] = &[
    "arse", "arsehole", "asshole", "bastard", "bellend", "bitch", "bollocks", "bugger", "cock", "crap", "cunt", "dick",
    "dickhead", "fuck", "fucked", "fucker", "fucking", "idiot", "moron", "nonce", "piss", "prick", "retard",
    "retarded", "shit", "shite", "slut", "spastic", "tosser", "twat", "wank", "wanker", "whore",
];

fn abuse(subject: &Subject<'_>) -> Option<Hint> {
    subject.texts().find_map(|text| {
        let plain: String = text.to_lowercase().chars().map(letter).collect();
        let found = plain.split(|c: char| !c.is_alphabetic()).any(|word| INSULTS.contains(&word));
        found.then(|| Hint { kind: HintKind::Abuse, words: "The text has an insulting word.".into() })
    })
}

fn letter(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        other => other,
    }
}

/// Finds a word that mixes Latin letters with Cyrillic or Greek ones: written so that it is not found, or to look like another word.
fn mixed_scripts(subject: &Subject<'_>) -> Option<Hint> {
    subject.texts().find_map(|text| {
        let word = text.split(|c: char| !c.is_alphabetic()).find(|word| {
            let latin = word.chars().any(|c| matches!(c, 'a'..='z' | 'A'..='Z' | 'À'..='ɏ'));
            // A single Greek letter is a unit or a symbol: µm, Ωs.
            let others =
                word.chars().filter(|c| matches!(c, 'Ͱ'..='Ͽ' | 'Ѐ'..='ԯ') && !"µΩπλΔδθαβγσφω".contains(*c)).count();
            latin && others > 0
        })?;
        let words = format!("“{word}” mixes letters of two alphabets.");
        Some(Hint { kind: HintKind::MixedScripts, words })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: Subject<'static> = Subject { caption: "", alt: "", credit: "", transcript: "" };

    fn kinds(caption: &str) -> Vec<HintKind> {
        screen(&Subject { caption, ..EMPTY }).into_iter().map(|hint| hint.kind).collect()
    }

    #[test]
    fn a_hint_says_which_words_it_is_about() {
        let words = |caption| screen(&Subject { caption, ..EMPTY }).remove(0).words;
        assert_eq!(words("Our Y7 pupil Tomasz soldering"), "“Tomasz” beside “Y7” may be a pupil’s name.");
        assert_eq!(words("Made by Aisha, class 4B"), "“Aisha” beside “class 4B” may be a pupil’s name.");
        assert_eq!(words("A pаge of it"), "“pаge” mixes letters of two alphabets.");
    }

    #[test]
    fn a_name_is_near_a_year_group_within_four_words() {
        for (near, far) in [
            ("Year 9 one two three Tomasz", "Year 9 one two three four Tomasz"),
            ("By Tomasz one two three Year 9", "By Tomasz one two three four Year 9"),
            ("Made in Year 13 by Tomasz", "Made in Year 14 by Tomasz"),
            ("Made in Y1 by Tomasz", "Made in Y0 by Tomasz"),
        ] {
            assert_eq!((kinds(near), kinds(far)), (vec![HintKind::PupilName], vec![]), "{near}");
        }
    }

    #[test]
    fn a_number_of_ten_digits_is_one_to_ring_however_it_is_written() {
        for number in ["0123456789", "0115 496-0123", "(0115) 496.0123", "+441154960123"] {
            assert_eq!(kinds(&format!("Ring {number} now")), [HintKind::Contact], "{number}");
        }
        for other in ["012345678", "01234 x 56789", "12.5 g of 99 % in 250 ml", "a@b", "@lab.example", "half @ noon"] {
            assert_eq!(kinds(&format!("Ring {other} now")), [], "{other}");
        }
    }

    #[test]
    fn a_name_is_a_capital_and_small_letters_with_an_apostrophe_at_the_most() {
        for name in ["Tomasz", "D'arcy", "D’arcy", "Émile"] {
            assert_eq!(kinds(&format!("Our Y7 pupil {name} soldering")), [HintKind::PupilName], "{name}");
        }
        for other in ["TV", "X", "laser", "McLab2", "Physics", "O-ring"] {
            assert_eq!(kinds(&format!("Our Y7 pupil {other} soldering")), [], "{other}");
        }
    }

    #[test]
    fn a_name_beside_a_year_group_is_noticed() {
        for caption in [
            "Emily from Year 9 with her rocket",
            "Our Y7 pupil Tomasz soldering",
            "Made by Aisha, class 4B",
            "yr 10 with Callum",
        ] {
            assert_eq!(kinds(caption), [HintKind::PupilName], "{caption}");
        }
        for caption in [
            "Year 9 Chemistry practical",
            "Setting up for Year 11 Physics on Monday",
            "Ready for year 8: twenty burners",
            "Jane restocks the prep room",
            "The 3D printer that Y8 loves",
            "A year of copper sulphate",
            "",
        ] {
            assert_eq!(kinds(caption), [], "{caption}");
        }
    }

    #[test]
    fn every_text_that_people_will_read_is_screened() {
        for (text, kind) in [
            ("Emily from Year 9", HintKind::PupilName),
            ("jo@example.org", HintKind::Contact),
            ("020 7946 0000", HintKind::Contact),
            ("what a w4nker", HintKind::Abuse),
            ("cоpper", HintKind::MixedScripts),
        ] {
            for subject in [
                Subject { caption: text, ..EMPTY },
                Subject { alt: text, ..EMPTY },
                Subject { credit: text, ..EMPTY },
                Subject { transcript: text, ..EMPTY },
            ] {
                let kinds: Vec<_> = screen(&subject).into_iter().map(|hint| hint.kind).collect();
                assert_eq!(kinds, [kind], "{subject:?}");
            }
        }
    }

    #[test]
    fn what_may_harm_somebody_waits_for_a_second_look() {
        let holds = |kind: HintKind| kind.holds();
        assert!(
            [
                HintKind::PupilName,
                HintKind::Contact,
                HintKind::Abuse,
                HintKind::MixedScripts,
                HintKind::Removed,
                HintKind::TwoPeople,
            ]
            .into_iter()
            .all(holds)
        );
        assert!(![HintKind::NearDuplicate, HintKind::Truncated].into_iter().any(holds));
    }

    #[test]
    fn ways_to_reach_somebody_are_noticed() {
        assert_eq!(kinds("0123456789"), [HintKind::Contact], "ten digits are a number");
        assert_eq!(kinds("012345678"), [], "nine are none");
        assert_eq!(kinds("Write to jo@example.org"), [HintKind::Contact]);
        assert_eq!(kinds("Ring 020 7946 0000"), [HintKind::Contact]);
        assert_eq!(kinds("0.1 mol/dm3 in 250 ml, 12 flasks"), []);
        assert_eq!(kinds("meet us @ the lab"), []);
    }

    #[test]
    fn insults_are_noticed_as_whole_words_only() {
        assert_eq!(kinds("what a w4nker"), [HintKind::Abuse]);
        assert_eq!(kinds("Scunthorpe sparse arsenic, class of dickens, cocktail"), []);
    }

    #[test]
    fn a_word_of_two_scripts_is_noticed_and_other_languages_are_not() {
        assert_eq!(kinds("cоpper"), [HintKind::MixedScripts], "with a Cyrillic o");
        assert_eq!(kinds("Майстерня, 50 µm, 4 kΩ, Llŷr yn y labordy"), []);
    }
}
