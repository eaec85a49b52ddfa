//! Texts that people write: cleaned so that they are shown intact and can do no harm, and measured as a reader counts.
//!
//! Cleaned text is NFC. It has no control, bidirectional-override, invisible or private characters, no runs of white space, and no more
//! than [`MARKS_MAX`] combining marks on one character. Emoji sequences, flags and joiners inside words stay.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_segmentation::UnicodeSegmentation;

use super::{limits, refusal::Refusal};

/// The most combining marks that one character keeps; real scripts need at most three or four.
const MARKS_MAX: usize = 4;
/// The most bytes of any text that is examined at all: 300 graphemes of the longest real emoji fit.
const BYTES_MAX: usize = 16_384;

/// A text field, with its limit in graphemes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// A photo's caption.
    Caption,
    /// A photo's alternative text.
    Alt,
    /// The words for what is heard in a video.
    Transcript,
    /// A credit line.
    Credit,
    /// A school's name, if it is not picked from the register.
    SchoolName,
    /// The reason of a moderator's decision.
    Reason,
    /// The text of a report.
    ReportText,
    /// How a reporter can be reached.
    Contact,
    /// The organiser's banner.
    Banner,
    /// A person's or a key's name.
    Name,
    /// Where a person lives who enters a prize draw.
    County,
}

impl Field {
    /// The field's name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Caption => "caption",
            Self::Alt => "alt",
            Self::Transcript => "transcript",
            Self::Credit => "credit",
            Self::SchoolName => "school.name",
            Self::Reason => "reason",
            Self::ReportText => "text",
            Self::Contact => "contact",
            Self::Banner => "banner",
            Self::Name => "name",
            Self::County => "county",
        }
    }

    /// Returns the field's limit in graphemes.
    pub fn limit(self) -> usize {
        match self {
            Self::Caption => limits::CAPTION_MAX,
            Self::Alt => limits::ALT_MAX,
            Self::Transcript => limits::TRANSCRIPT_MAX,
            Self::Credit => limits::CREDIT_MAX,
            Self::SchoolName => limits::SCHOOL_MAX,
            Self::Reason => limits::REASON_MAX,
            Self::ReportText => limits::REPORT_MAX,
            Self::Contact => limits::CONTACT_MAX,
            Self::Banner => limits::BANNER_MAX,
            Self::Name | Self::County => limits::NAME_MAX,
        }
    }
}

/// Cleans what was written into `field`.
///
/// # Errors
/// [`Refusal::TextTooLong`] with the field, its limit and what was got, both in graphemes.
pub fn clean(field: Field, written: &str) -> Result<String, Refusal> {
    let too_long = |got| Refusal::TextTooLong { field: field.name(), limit: field.limit(), got };
    if written.len() > BYTES_MAX {
        return Err(too_long(written.graphemes(true).count()));
    }
    let cleaned = squeeze(&visible(written));
    match cleaned.graphemes(true).count() {
        got if got > field.limit() => Err(too_long(got)),
        _ => Ok(cleaned),
    }
}

/// Normalises to NFC and removes characters that hide, reorder or pile up. Removal comes first: marks that a removed character had
/// separated form one pile afterwards, and are put in order.
fn visible(written: &str) -> String {
    let mut kept = Vec::with_capacity(written.len());
    let mut in_flag = false;
    for c in written.nfc() {
        in_flag = c == BLACK_FLAG || (in_flag && is_tag(c));
        if c.is_whitespace() || c.is_control() {
            kept.push(' ');
        } else if in_flag || !is_hidden(c) {
            kept.push(c);
        }
    }
    // Joiners have a meaning only between two visible characters (emoji families, Persian, Indic scripts).
    let joiner = |c: char| c == '\u{200c}' || c == '\u{200d}';
    let visible_at = |i: Option<usize>| i.and_then(|i| kept.get(i)).is_some_and(|&c| !c.is_whitespace() && !joiner(c));
    let joins = |&i: &usize| visible_at(i.checked_sub(1)) && visible_at(Some(i + 1));
    let shown = (0..kept.len()).filter(|i| !joiner(kept[*i]) || joins(i)).map(|i| kept[i]);
    let mut marks = 0;
    let piled = |c: &char| {
        marks = if is_combining_mark(*c) { marks + 1 } else { 0 };
        marks <= MARKS_MAX
    };
    shown.nfc().filter(piled).collect()
}

/// The flags of England, Scotland and Wales are this flag followed by tag characters.
const BLACK_FLAG: char = '\u{1f3f4}';

fn is_tag(c: char) -> bool {
    ('\u{e0020}'..='\u{e007f}').contains(&c)
}

/// Characters that are invisible or change the direction of their neighbours: soft hyphen, zero-width space, directional marks, overrides
/// and isolates, byte-order mark, fillers, tags, interlinear marks, private use, non-characters, and the replacement character.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
        | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{ffff}'
        | '\u{e000}'..='\u{f8ff}' | '\u{fdd0}'..='\u{fdef}' | '\u{e0000}'..='\u{10ffff}')
        || (c as u32) & 0xfffe == 0xfffe
}

fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Escapes `text` for HTML that no template makes: for the text of an element, or an attribute's value in double quotes.
pub fn escape_html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Cuts a value that was sent to a length that fits a message: 60 characters.
pub fn shorten(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn caption(written: &str) -> String {
        clean(Field::Caption, written).unwrap()
    }

    #[test]
    fn what_people_write_stays_as_they_wrote_it() {
        for text in [
            "Copper sulphate crystals 💎 day 12",
            "Diolch i'r tîm gwyddoniaeth, ŵ ŷ",
            "מעבדה مختبر",
            "<script>alert(1)</script> & \"quotes\" &#39;",
            "👩🏽‍🔬👨‍👩‍👧‍👦 🏴󠁧󠁢󠁷󠁬󠁳󠁿 🇬🇧",
            "می‌خواهم",
        ] {
            assert_eq!(caption(text), text);
        }
    }

    #[test]
    fn hidden_and_reordering_characters_go() {
        assert_eq!(caption("a\u{202e}b\u{200b}c\u{feff}d\u{0}e\tf\r\ng"), "abcd e f g");
        assert_eq!(caption("\u{200d}x\u{200d} y"), "x y");
        assert_eq!(caption("  many   spaces\u{a0}\u{2003}here "), "many spaces here");
        assert_eq!(caption("\u{e0041}\u{e000}z"), "z");
    }

    #[test]
    fn no_character_that_hides_or_reorders_comes_through_anywhere() {
        // What Unicode lists as bidirectional controls and as default-ignorable, except joiners and variation selectors; written here a
        // second time, by hand.
        let harmful = |c: char| {
            c.is_control()
                || matches!(u32::from(c),
                    0xad | 0x34f | 0x61c | 0x115f..=0x1160 | 0x17b4..=0x17b5 | 0x180e | 0x200b | 0x200e..=0x200f
                    | 0x2028..=0x202e | 0x2060..=0x206f | 0x3164 | 0xe000..=0xf8ff | 0xfdd0..=0xfdef | 0xfeff | 0xffa0
                    | 0xfff0..=0xffff | 0xe0000..=0x10_ffff)
                || u32::from(c) & 0xfffe == 0xfffe
        };
        for c in '\0'..=char::MAX {
            // Digits, with which no mark composes.
            let cleaned = clean(Field::Caption, &format!("1{c}2{c}")).unwrap();
            assert!(!cleaned.chars().any(harmful), "U+{:04X} came through: {cleaned:?}", u32::from(c));
            assert!(cleaned.starts_with('1') && cleaned.contains('2'), "U+{:04X} took others along", u32::from(c));
        }
    }

    #[test]
    fn a_pile_of_marks_is_cut() {
        // As many as Vietnamese, Hebrew and the phonetic alphabet need.
        const MARKS: usize = 4;
        let zalgo = format!("z{}", "\u{33a}".repeat(60));
        assert_eq!(caption(&zalgo), format!("z{}", "\u{33a}".repeat(MARKS)));
        assert_eq!(caption(&format!("{zalgo}{zalgo}")).chars().count(), 2 * (1 + MARKS), "each letter has its own");
    }

    #[test]
    fn text_is_composed() {
        assert_eq!(caption("w\u{302}"), "ŵ");
    }

    #[test]
    fn marks_that_come_together_when_something_goes_are_in_one_order() {
        // U+1DCE combines below its character, and U+0302 above it. They end up in this order, whatever was between them.
        for between in ["\u{fffc}", "\u{200b}", "\u{200d}\u{200d}", "\u{200c}\u{200d}"] {
            assert_eq!(caption(&format!("1\u{302}{between}\u{1dce}x")), "1\u{1dce}\u{302}x", "{between:?}");
        }
        assert_eq!(caption("\u{1e023}\u{fffc}\u{1714}"), "\u{1714}\u{1e023}");
        // Nor may removal join two piles into one that is too high.
        let marks = "\u{338}".repeat(4);
        assert_eq!(caption(&format!("1{marks}\u{feff}{marks}b")), format!("1{marks}b"));
    }

    #[test]
    fn a_caption_of_201_graphemes_is_refused_with_its_numbers() {
        let family = "👩‍👩‍👧‍👦".repeat(200);
        assert_eq!(caption(&family), family);
        let refusal = clean(Field::Caption, &"é".repeat(201)).unwrap_err();
        assert_eq!(refusal, Refusal::TextTooLong { field: "caption", limit: 200, got: 201 });
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing_and_leaves_nothing_hidden(text in "\\PC{0,60}|[\\s\\S]{0,40}") {
            if let Ok(once) = clean(Field::Alt, &text) {
                prop_assert_eq!(clean(Field::Alt, &once).unwrap(), once.clone());
                let harmful = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
                prop_assert!(!once.chars().any(harmful), "{once:?}");
            }
        }
    }
}
