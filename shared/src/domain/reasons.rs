//! Reasons for rejecting a photo: the label for moderators, the text for the uploader, which says what to do, and the name used for
//! counting.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The reason that a moderator selects for a rejection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RejectReason {
    /// A pupil can be recognised.
    Pupil,
    /// Someone in the photo may not have agreed.
    Agreement,
    /// Personal details can be read.
    Details,
    /// It does not show the work of technicians.
    NotWork,
    /// It is an advertisement.
    Advert,
    /// The work cannot be seen clearly.
    Unclear,
    /// The same photo was sent before.
    Duplicate,
    /// Another reason, in the moderator's own words.
    Other,
}

impl RejectReason {
    /// All reasons, in the order in which they are offered.
    pub const ALL: [Self; 8] = [
        Self::Pupil,
        Self::Agreement,
        Self::Details,
        Self::NotWork,
        Self::Advert,
        Self::Unclear,
        Self::Duplicate,
        Self::Other,
    ];

    /// The reason's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pupil => "pupil",
            Self::Agreement => "agreement",
            Self::Details => "details",
            Self::NotWork => "not-work",
            Self::Advert => "advert",
            Self::Unclear => "unclear",
            Self::Duplicate => "duplicate",
            Self::Other => "other",
        }
    }

    /// The label for moderators.
    pub fn label(self) -> &'static str {
        match self {
            Self::Pupil => "A pupil can be recognised",
            Self::Agreement => "Someone may not have agreed",
            Self::Details => "Personal details can be read",
            Self::NotWork => "Not the work of technicians",
            Self::Advert => "It advertises something",
            Self::Unclear => "Too dark or blurred",
            Self::Duplicate => "Sent twice",
            Self::Other => "In your own words",
        }
    }

    /// The text for the uploader: what is wrong, and what they can do.
    pub fn words(self) -> &'static str {
        match self {
            Self::Pupil => {
                "Thank you for this one. A pupil can be recognised in it, and we show no pupils. Cover or crop the face, or take \
                 it again without pupils, and send it again."
            }
            Self::Agreement => {
                "Thank you for this one. Someone in it may not have agreed to be shown. Ask them, or cover the face, and send it \
                 again."
            }
            Self::Details => {
                "Thank you for this one. Names, addresses or numbers can be read in it. Cover or crop them and send it again."
            }
            Self::NotWork => {
                "Thank you for this one. The day is about the work of technicians, and we could not see it here. Send one that \
                 shows it: a bench, a set-up, a repair."
            }
            Self::Advert => {
                "Thank you for this one. It advertises something. Send one that shows your own work instead."
            }
            Self::Unclear => {
                "Thank you for this one. It is too dark or too blurred to see the work. Take it again, nearer to a window or with \
                 the lights on, and send that."
            }
            Self::Duplicate => "Thank you. The same photo is with us already, so you need do nothing.",
            Self::Other => "Thank you for this one. It does not fit the rules of the day. The rules say what we show.",
        }
    }

    /// Reads a moderator's reason: a reason's name or its text selects that reason. Anything else is [`Self::Other`] with the moderator's
    /// own words.
    pub fn read(written: &str) -> (Self, String) {
        let written = written.trim();
        let picked = Self::ALL.into_iter().find(|reason| written == reason.as_str() || written == reason.words());
        match picked {
            Some(reason) => (reason, reason.words().to_owned()),
            None => (Self::Other, written.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use unicode_segmentation::UnicodeSegmentation;

    use super::*;
    use crate::domain::limits;

    #[test]
    fn a_name_or_the_words_themselves_pick_a_reason() {
        for reason in RejectReason::ALL {
            assert_eq!(RejectReason::read(reason.as_str()), (reason, reason.words().to_owned()));
            assert_eq!(RejectReason::read(reason.words()).0, reason);
            assert_eq!(serde_json::to_string(&reason).unwrap(), format!("{:?}", reason.as_str()));
        }
        assert_eq!(RejectReason::read(" Not this one "), (RejectReason::Other, "Not this one".into()));
    }

    #[test]
    fn every_text_is_kind_short_and_says_what_to_do() {
        for reason in RejectReason::ALL {
            let words = reason.words();
            assert!(words.starts_with("Thank you"), "{words}");
            assert!(words.graphemes(true).count() <= limits::REASON_MAX, "{words}");
            for sentence in words.split(". ") {
                assert!(sentence.split_whitespace().count() <= 20, "{sentence}");
            }
        }
    }
}
