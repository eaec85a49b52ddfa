//! What is asked of a video that is registered. A photo's rules are in [`request`](super::request).

use super::{
    edition::Edition,
    limits,
    photo::People,
    refusal::Refusal,
    request::PhotoSpec,
    states::Kind,
    text::{self, Field},
    video::{PartHashes, Video, count, part_bytes},
};

impl PhotoSpec {
    /// Whether a video is asked for.
    pub fn is_video(&self) -> bool {
        self.content_type == limits::VIDEO_TYPE
    }

    /// Checks what is asked of a video, except for its texts.
    ///
    /// # Errors
    /// The first of these that is wrong: videos are not accepted, the size, the parts, the hash, the people in it, the sound without words.
    pub(super) fn check_video(&self, edition: &Edition) -> Result<(), Refusal> {
        let invalid =
            |field, got: String, expected: &str| Err(Refusal::Invalid { field, got, expected: expected.to_owned() });
        if edition.video_seconds == 0 {
            return Err(Refusal::UnsupportedType { got: self.content_type.clone(), accepted: edition.types() });
        }
        if self.size_bytes == 0 {
            return Err(Refusal::EmptyFile);
        }
        if self.size_bytes > limits::MAX_VIDEO_BYTES {
            let limit_bytes = limits::MAX_VIDEO_BYTES;
            return Err(Refusal::TooLarge { limit_bytes, got_bytes: self.size_bytes });
        }
        let (got, most) = (self.parts.len(), count(self.size_bytes));
        if u64::try_from(got) != Ok(most) {
            let expected = format!("{most}, each of {} bytes but the last", limits::VIDEO_PART_BYTES);
            return invalid("parts", format!("{got} parts"), &expected);
        }
        let mut sizes =
            (0..).zip(&self.parts).map(|(number, part)| (part.size_bytes, part_bytes(self.size_bytes, number)));
        if let Some((got, right)) = sizes.find(|(got, right)| got != right) {
            return invalid("parts.size_bytes", got.to_string(), &right.to_string());
        }
        if self.hashes().whole() != self.sha256 {
            return invalid(
                "sha256",
                self.sha256.to_string(),
                "the SHA-256 over the bytes of the parts' hashes, in order",
            );
        }
        if self.people == People::Pupils {
            let expected = "none or adults: the faces in a video cannot be covered, so choose a part without pupils";
            return invalid("people", "pupils".to_owned(), expected);
        }
        Ok(())
    }

    /// Passes if a photo has nothing that only videos have.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] with the first field that a photo cannot have.
    pub(super) fn check_still(&self) -> Result<(), Refusal> {
        let set = [
            ("parts", !self.parts.is_empty(), "none: a photo's file is sent in one piece"),
            ("sound", self.sound, "false: only a video has sound"),
            ("transcript", !self.transcript.is_empty(), "no words: only a video is heard"),
        ];
        match set.into_iter().find(|(_, set, _)| *set) {
            Some((field, _, expected)) => {
                Err(Refusal::Invalid { field, got: "a value".to_owned(), expected: expected.to_owned() })
            }
            None => Ok(()),
        }
    }

    fn hashes(&self) -> PartHashes {
        self.parts.iter().map(|part| part.sha256.clone()).collect()
    }

    /// Returns the kind, and what only a video's row has.
    ///
    /// # Errors
    /// [`Refusal::TextTooLong`] for the transcript; [`Refusal::Invalid`] if the sound is kept and nobody says what is heard, or if the
    /// alternative text is empty, which is all that people who cannot see have of a video without sound.
    pub(super) fn film(&self, edition: &Edition, alt: &str) -> Result<(Kind, Option<Video>), Refusal> {
        if !self.is_video() {
            return Ok((Kind::Photo, None));
        }
        let invalid =
            |field, expected: &str| Err(Refusal::Invalid { field, got: String::new(), expected: expected.to_owned() });
        if alt.is_empty() {
            return invalid("alt", "what is seen, in a sentence for people who cannot see the video");
        }
        let transcript = text::clean(Field::Transcript, &self.transcript)?;
        if self.sound && transcript.is_empty() {
            return invalid("transcript", "what is heard, in a sentence for people who cannot hear it");
        }
        let transcript = if self.sound { transcript } else { String::new() };
        let video = Video { limit_s: edition.video_seconds, sound: self.sound, transcript, parts: self.hashes() };
        Ok((Kind::Video, Some(video)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        sample::{self, noon},
        video::PartSpec,
    };

    const MEBIBYTE: u64 = 1_048_576;

    fn edition() -> Edition {
        Edition { video_seconds: 45, ..sample::edition() }
    }

    fn refused(spec: &PhotoSpec) -> Refusal {
        sample::reserve(&edition(), spec, noon()).unwrap_err()
    }

    fn field(refusal: &Refusal) -> (&'static str, &str) {
        let Refusal::Invalid { field, got, .. } = refusal else { panic!("{refusal:?}") };
        (field, got)
    }

    #[test]
    fn an_edition_without_videos_names_the_types_that_it_takes() {
        let spec = sample::video_spec(5);
        let refusal = sample::reserve(&sample::edition(), &spec, noon()).unwrap_err();
        assert_eq!(refusal, Refusal::UnsupportedType { got: "video/mp4".into(), accepted: &limits::TYPES });
        let mov = PhotoSpec { content_type: "video/quicktime".into(), ..spec };
        let refusal = refused(&mov);
        assert_eq!(
            refusal,
            Refusal::UnsupportedType { got: "video/quicktime".into(), accepted: &limits::TYPES_AND_VIDEO }
        );
    }

    #[test]
    fn what_is_wrong_with_a_video_is_named() {
        let spec = sample::video_spec(2 * MEBIBYTE);
        assert!(sample::reserve(&edition(), &spec, noon()).is_ok());
        assert_eq!(refused(&PhotoSpec { size_bytes: 0, ..spec.clone() }), Refusal::EmptyFile);
        let large = sample::video_spec(24 * MEBIBYTE + 1);
        let (limit_bytes, got_bytes) = (24 * MEBIBYTE, 24 * MEBIBYTE + 1);
        assert_eq!(refused(&large), Refusal::TooLarge { limit_bytes, got_bytes });
        let cut = PhotoSpec { parts: spec.parts[..1].to_vec(), ..spec.clone() };
        assert_eq!(field(&refused(&cut)), ("parts", "1 parts"));
        let mut uneven = spec.clone();
        uneven.parts[0].size_bytes -= 1;
        assert_eq!(field(&refused(&uneven)), ("parts.size_bytes", "1048575"));
        let mut swapped = spec.clone();
        swapped.parts.swap(0, 1);
        assert_eq!(field(&refused(&swapped)).0, "sha256");
        let pupils = PhotoSpec { people: People::Pupils, ..spec.clone() };
        assert_eq!(field(&refused(&pupils)), ("people", "pupils"));
        let unheard = PhotoSpec { transcript: " ".into(), ..spec.clone() };
        assert_eq!(field(&refused(&unheard)).0, "transcript");
        let unseen = PhotoSpec { alt: String::new(), ..spec.clone() };
        assert_eq!(field(&refused(&unseen)).0, "alt");
        let wordy = PhotoSpec { transcript: "x".repeat(501), ..spec };
        assert_eq!(refused(&wordy), Refusal::TextTooLong { field: "transcript", limit: 500, got: 501 });
    }

    #[test]
    fn a_photo_has_nothing_that_only_a_video_has() {
        let still = sample::photo_spec();
        let parts = vec![PartSpec { size_bytes: still.size_bytes, sha256: still.sha256.clone() }];
        assert_eq!(field(&refused(&PhotoSpec { parts, ..still.clone() })).0, "parts");
        assert_eq!(field(&refused(&PhotoSpec { sound: true, ..still.clone() })).0, "sound");
        assert_eq!(field(&refused(&PhotoSpec { transcript: "A pump.".into(), ..still })).0, "transcript");
    }

    #[test]
    fn words_for_a_sound_that_is_not_kept_are_not_kept() {
        let spec = PhotoSpec { sound: false, ..sample::video_spec(5) };
        let video = sample::reserve(&edition(), &spec, noon()).unwrap().after.video.unwrap();
        assert_eq!((video.sound, &*video.transcript), (false, ""));
    }
}
