//! Reasons for rejecting a photo: the label for moderators, the text for the uploader, which says what to do, and the name used for
//! counting.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::states::Kind;

/// The reason of a rejection, as it is stored and counted.
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
}

/// A reason as moderators pick it for a photo or a video.
///
/// Decision: what only a video can be rejected for is stored and counted as the reason of photos that it is nearest to. A row with a word that
/// an earlier release does not know could not be read any more after going back to that release. Given up: figures of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PickedReason {
    /// One that photos can have, too.
    Common(RejectReason),
    /// Somebody says a pupil's name.
    NameSpoken,
    /// Music that belongs to somebody is heard.
    Music,
    /// The work cannot be seen, because the video is too shaky, dark or blurred.
    Shaky,
}

impl PickedReason {
    /// All reasons that can be picked for photos, in the order in which they are offered.
    const OF_PHOTOS: [Self; 8] = [
        Self::Common(RejectReason::Pupil),
        Self::Common(RejectReason::Agreement),
        Self::Common(RejectReason::Details),
        Self::Common(RejectReason::NotWork),
        Self::Common(RejectReason::Advert),
        Self::Common(RejectReason::Unclear),
        Self::Common(RejectReason::Duplicate),
        Self::Common(RejectReason::Other),
    ];
    /// All reasons that can be picked for videos, in the order in which they are offered.
    const OF_VIDEOS: [Self; 10] = [
        Self::Common(RejectReason::Pupil),
        Self::NameSpoken,
        Self::Music,
        Self::Shaky,
        Self::Common(RejectReason::Agreement),
        Self::Common(RejectReason::Details),
        Self::Common(RejectReason::NotWork),
        Self::Common(RejectReason::Advert),
        Self::Common(RejectReason::Duplicate),
        Self::Common(RejectReason::Other),
    ];

    /// The reasons for photos or for videos, in the order in which they are offered. The last one is in the moderator's own words.
    pub fn of(kind: Kind) -> &'static [Self] {
        match kind {
            Kind::Photo => &Self::OF_PHOTOS,
            Kind::Video => &Self::OF_VIDEOS,
        }
    }

    /// The reason's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Common(reason) => reason.as_str(),
            Self::NameSpoken => "name-spoken",
            Self::Music => "music",
            Self::Shaky => "shaky",
        }
    }

    /// The label for moderators.
    pub fn label(self) -> &'static str {
        match self {
            Self::Common(reason) => reason.label(),
            Self::NameSpoken => "A pupil’s name is spoken",
            Self::Music => "Music is heard that is not theirs",
            Self::Shaky => "Too shaky, dark or blurred",
        }
    }

    /// The reason as it is stored and counted.
    pub fn counted_as(self) -> RejectReason {
        match self {
            Self::Common(reason) => reason,
            Self::NameSpoken => RejectReason::Pupil,
            Self::Music => RejectReason::Other,
            Self::Shaky => RejectReason::Unclear,
        }
    }

    /// The text for the uploader of a photo or of a video: what is wrong, and what they can do.
    pub fn words(self, kind: Kind) -> &'static str {
        match (self, kind) {
            (Self::Common(RejectReason::Pupil), Kind::Photo) => {
                "Thank you for this one. A pupil can be recognised in it, and we show no pupils. Cover or crop the face, or take \
                 it again without pupils, and send it again."
            }
            (Self::Common(RejectReason::Pupil), Kind::Video) => {
                "Thank you for this one. A pupil can be recognised in it, and a face in a video cannot be covered. Cut it to a \
                 part without pupils, or use a picture from it, and send it again."
            }
            (Self::NameSpoken, _) => {
                "Thank you for this one. A pupil's name is heard in it. Leave out the sound, or cut it to a part without the \
                 name, and send it again."
            }
            (Self::Music, _) => {
                "Thank you for this one. Music is heard in it, and we have no right to play that. Leave out the sound and send \
                 it again."
            }
            (Self::Shaky, _) => {
                "Thank you for this one. It is too shaky, dark or blurred to see the work. Rest your hands on something, or \
                 turn on the lights, film it once more, and send that."
            }
            (Self::Common(RejectReason::Agreement), Kind::Photo) => {
                "Thank you for this one. Someone in it may not have agreed to be shown. Ask them, or cover the face, and send it \
                 again."
            }
            (Self::Common(RejectReason::Agreement), Kind::Video) => {
                "Thank you for this one. Someone in it may not have agreed to be seen or heard. Ask them, or cut it to a part \
                 without them, and send it again."
            }
            (Self::Common(RejectReason::Details), Kind::Photo) => {
                "Thank you for this one. Names, addresses or numbers can be read in it. Cover or crop them and send it again."
            }
            (Self::Common(RejectReason::Details), Kind::Video) => {
                "Thank you for this one. Names, addresses or numbers can be read or heard in it. Cut it to a part without them \
                 and send it again."
            }
            (Self::Common(RejectReason::NotWork), _) => {
                "Thank you for this one. The day is about the work of technicians, and we could not see it here. Send one that \
                 shows it: a bench, a set-up, a repair."
            }
            (Self::Common(RejectReason::Advert), _) => {
                "Thank you for this one. It advertises something. Send one that shows your own work instead."
            }
            (Self::Common(RejectReason::Unclear), _) => {
                "Thank you for this one. It is too dark or too blurred to see the work. Take it again, nearer to a window or with \
                 the lights on, and send that."
            }
            (Self::Common(RejectReason::Duplicate), Kind::Photo) => {
                "Thank you. The same photo is with us already, so you need do nothing."
            }
            (Self::Common(RejectReason::Duplicate), Kind::Video) => {
                "Thank you. The same video is with us already, so you need do nothing."
            }
            (Self::Common(RejectReason::Other), _) => {
                "Thank you for this one. It does not fit the rules of the day. The rules say what we show."
            }
        }
    }

    /// Returns the reason with this name, or with this text for the uploader; `None` for a moderator's own words.
    pub fn named(written: &str, kind: Kind) -> Option<Self> {
        let mut all = Self::OF_VIDEOS.into_iter().chain(Self::OF_PHOTOS);
        all.find(|reason| written == reason.as_str() || written == reason.words(kind))
    }

    /// Reads a moderator's reason: as it is stored and counted, and the text for the uploader. A reason's name or its text selects that
    /// reason. Anything else is [`RejectReason::Other`] with the moderator's own words.
    pub fn read(written: &str, kind: Kind) -> (RejectReason, String) {
        let written = written.trim();
        match Self::named(written, kind) {
            Some(reason) => (reason.counted_as(), reason.words(kind).to_owned()),
            None => (RejectReason::Other, written.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use unicode_segmentation::UnicodeSegmentation;

    use super::*;
    use crate::domain::limits;

    #[test]
    fn a_name_or_the_words_themselves_pick_a_reason() {
        for kind in Kind::ALL {
            for reason in PickedReason::of(kind) {
                let read = (reason.counted_as(), reason.words(kind).to_owned());
                assert_eq!(PickedReason::read(reason.as_str(), kind), read);
                assert_eq!(PickedReason::read(reason.words(kind), kind), read);
                assert_eq!(PickedReason::named(&read.1, kind), Some(*reason));
            }
            assert_eq!(PickedReason::read(" Not this one ", kind), (RejectReason::Other, "Not this one".into()));
            assert_eq!(
                PickedReason::read("unclear", kind).0,
                RejectReason::Unclear,
                "an API client may pick it for both"
            );
        }
        for reason in RejectReason::ALL {
            assert_eq!(serde_json::to_string(&reason).unwrap(), format!("{:?}", reason.as_str()));
            assert!(PickedReason::of(Kind::Photo).contains(&PickedReason::Common(reason)), "{reason:?}");
        }
    }

    #[test]
    fn every_text_is_kind_short_and_says_what_to_do() {
        for kind in Kind::ALL {
            for reason in PickedReason::of(kind) {
                let words = reason.words(kind);
                assert!(words.starts_with("Thank you"), "{words}");
                assert!(words.graphemes(true).count() <= limits::REASON_MAX, "{words}");
                for sentence in words.split(". ") {
                    assert!(sentence.split_whitespace().count() <= 20, "{sentence}");
                }
            }
        }
    }

    #[test]
    fn nobody_is_told_to_cover_what_moves_and_each_reason_has_a_key_of_one_digit() {
        let of_video = PickedReason::of(Kind::Video);
        for words in of_video.iter().map(|reason| reason.words(Kind::Video)) {
            assert!(!words.contains("Cover") && !words.contains("photo"), "{words}");
        }
        assert_eq!(of_video.last(), Some(&PickedReason::Common(RejectReason::Other)));
        assert!(of_video.len() <= 10, "the last one has a field and no key");
        let labels: BTreeSet<_> = of_video.iter().map(|reason| reason.label()).collect();
        assert_eq!(labels.len(), of_video.len());
    }
}
