//! Requests of uploaders.

use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use super::{
    edition::Edition,
    ids::{ClientRef, DisciplineSlug, NetworkId, Sha256Hex, UploaderId},
    limits,
    photo::{Consent, People},
    refusal::Refusal,
    school::School,
    text::{self, Field, shorten},
    video::PartSpec,
};

/// A request to register photos, with what they share.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UploadRequest {
    /// What the uploader agreed to.
    pub consent: Consent,
    /// The name under which the photos are shown: of a person, a team or a room. May be empty; at most 60 characters, as a reader counts
    /// them.
    #[serde(default)]
    pub credit: String,
    /// The school. Null or absent if it is not to be named.
    #[serde(default)]
    pub school: Option<SchoolRequest>,
    /// What the photos are about: the slug of one of the edition's disciplines. Null or absent for none of them.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$")]
    pub discipline: Option<DisciplineSlug>,
    /// The photos and videos to register; at most three videos.
    #[schema(min_items = 1, max_items = 20)]
    pub photos: Vec<PhotoSpec>,
}

/// A school or college: its number in an official register, or its name.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SchoolRequest {
    /// The school's number in an official register, as `GET /api/v1/schools` returns it.
    #[serde(default)]
    #[schema(max_length = 12)]
    pub urn: Option<String>,
    /// The school's name, if it has no number, or in case the number is no longer in the register. At most 100 characters, as a reader
    /// counts them.
    #[serde(default)]
    pub name: Option<String>,
}

/// One photo of a batch.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PhotoSpec {
    /// The client's own name for the photo. The same `ref` from the same uploader always means the same photo.
    #[serde(rename = "ref")]
    #[schema(value_type = String, pattern = "^[A-Za-z0-9_-]{1,64}$")]
    pub reference: ClientRef,
    /// The content type of the file: one of `limits.types` of the event.
    #[serde(rename = "type")]
    pub content_type: String,
    /// The exact size of the file in bytes.
    #[schema(format = "uint64")]
    pub size_bytes: u64,
    /// The SHA-256 of the file in lower-case hexadecimal; for a video see `parts`.
    #[schema(value_type = String, pattern = "^[0-9a-f]{64}$")]
    pub sha256: Sha256Hex,
    /// The caption: what the photo shows. At most 200 characters, as a reader counts them.
    #[serde(default)]
    pub caption: String,
    /// The alternative text: what the photo shows, for people who cannot see it. At most 300 characters, as a reader counts them.
    #[serde(default)]
    pub alt: String,
    /// Who is in the picture.
    pub people: People,
    /// The parts of a video's file, in order: each of `limits.video_part_bytes` of the event but the last. `sha256` is then the SHA-256 over
    /// the bytes of the parts' hashes. Empty or absent for a photo.
    #[serde(default)]
    #[schema(max_items = 24)]
    pub parts: Vec<PartSpec>,
    /// Whether a video keeps its sound. False or absent for a photo.
    #[serde(default)]
    pub sound: bool,
    /// What is heard in a video that keeps its sound, for people who cannot hear it: at most 500 characters, as a reader counts them. Empty or
    /// absent for a photo.
    #[serde(default)]
    pub transcript: String,
}

/// An uploader's changes to a photo. A field that is absent stays as it is.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditRequest {
    /// The caption: what the photo shows. At most 200 characters, as a reader counts them.
    #[serde(default)]
    pub caption: Option<String>,
    /// The alternative text: what the photo shows, for people who cannot see it. At most 300 characters, as a reader counts them.
    #[serde(default)]
    pub alt: Option<String>,
    /// The name under which the photo is shown. At most 60 characters, as a reader counts them.
    #[serde(default)]
    pub credit: Option<String>,
    /// The school; null removes it.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<SchoolRequest>)]
    pub school: Option<Option<SchoolRequest>>,
    /// The slug of one of the edition's disciplines; null removes it.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>, pattern = "^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$")]
    pub discipline: Option<Option<DisciplineSlug>>,
    /// Who is in the picture.
    #[serde(default)]
    pub people: Option<People>,
    /// What is heard in a video that keeps its sound: at most 500 characters, as a reader counts them. It must not be empty. A photo, and a
    /// video without sound, has none.
    #[serde(default)]
    pub transcript: Option<String>,
}

/// Changes to a photo; a field that is `None` stays as it is. Made from an [`EditRequest`] or from a moderator's texts.
#[derive(Clone, Debug, Default)]
pub struct Edit {
    /// The caption.
    pub caption: Option<String>,
    /// The alternative text.
    pub alt: Option<String>,
    /// The credit line.
    pub credit: Option<String>,
    /// The school, already looked up; `Some(None)` removes it.
    pub school: Option<Option<School>>,
    /// The discipline, already checked; `Some(None)` removes it.
    pub discipline: Option<Option<DisciplineSlug>>,
    /// Who is in the picture.
    pub people: Option<People>,
    /// What is heard in a video.
    pub transcript: Option<String>,
}

/// Distinguishes null, which removes a value, from an absent field, which leaves it.
fn said<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// One photo of a batch, together with what the batch shares.
#[derive(Clone, Debug)]
pub struct PhotoRequest<'a> {
    /// The uploader.
    pub uploader: &'a UploaderId,
    /// What the uploader agreed to.
    pub consent: &'a Consent,
    /// The credit line.
    pub credit: &'a str,
    /// The school, already looked up.
    pub school: Option<School>,
    /// The discipline.
    pub discipline: Option<&'a DisciplineSlug>,
    /// Whether its uploader is trusted and the photo was not drawn for a person's check. See [`super::trust`].
    pub trusted: bool,
    /// The network that the request came from, if it is known.
    pub network: Option<&'a NetworkId>,
    /// The photo itself.
    pub photo: &'a PhotoSpec,
}

impl UploadRequest {
    /// Checks the batch as a whole: the number of photos, that no reference occurs twice, and what the photos share.
    pub fn check(&self, edition: &Edition) -> Result<(), Refusal> {
        let got = self.photos.len();
        if !(1..=limits::MAX_PHOTOS_PER_REQUEST).contains(&got) {
            return Err(Refusal::WrongPhotoCount { limit: limits::MAX_PHOTOS_PER_REQUEST, got });
        }
        let videos = self.photos.iter().filter(|photo| photo.is_video()).count();
        if videos > limits::MAX_VIDEOS_PER_REQUEST {
            return Err(Refusal::WrongVideoCount { limit: limits::MAX_VIDEOS_PER_REQUEST, got: videos });
        }
        for (i, photo) in self.photos.iter().enumerate() {
            if self.photos[..i].iter().any(|other| other.reference == photo.reference) {
                return Err(Refusal::RefRepeated { reference: photo.reference.to_string() });
            }
        }
        text::clean(Field::Credit, &self.credit)?;
        check_shared(&self.consent, self.discipline.as_ref(), edition)
    }

    /// Returns the request for one of its photos, for an uploader who is not trusted.
    pub fn photo<'a>(
        &'a self,
        uploader: &'a UploaderId,
        school: Option<&School>,
        photo: &'a PhotoSpec,
    ) -> PhotoRequest<'a> {
        PhotoRequest {
            uploader,
            consent: &self.consent,
            credit: &self.credit,
            school: school.cloned(),
            discipline: self.discipline.as_ref(),
            network: None,
            trusted: false,
            photo,
        }
    }
}

impl PhotoRequest<'_> {
    /// Checks consent, type, size and discipline against the edition; texts are checked where they are cleaned.
    pub fn check(&self, edition: &Edition) -> Result<(), Refusal> {
        check_shared(self.consent, self.discipline, edition)?;
        if self.photo.is_video() {
            return self.photo.check_video(edition);
        }
        if !limits::TYPES.contains(&self.photo.content_type.as_str()) {
            return Err(Refusal::UnsupportedType { got: shorten(&self.photo.content_type), accepted: edition.types() });
        }
        self.photo.check_still()?;
        match self.photo.size_bytes {
            0 => Err(Refusal::EmptyFile),
            got_bytes if got_bytes > edition.max_bytes => {
                Err(Refusal::TooLarge { limit_bytes: edition.max_bytes, got_bytes })
            }
            _ => Ok(()),
        }
    }
}

impl EditRequest {
    /// Checks the discipline against the photo's edition and returns the edit; texts are checked where they are cleaned.
    ///
    /// `school` is the result of looking up the requested school.
    pub fn check(self, school: Option<Option<School>>, edition: &Edition) -> Result<Edit, Refusal> {
        let Self { caption, alt, credit, school: _, discipline, people, transcript } = self;
        check_discipline(discipline.as_ref().and_then(Option::as_ref), edition)?;
        Ok(Edit { caption, alt, credit, school, discipline, people, transcript })
    }
}

fn check_shared(consent: &Consent, discipline: Option<&DisciplineSlug>, edition: &Edition) -> Result<(), Refusal> {
    let current = &edition.consent.version;
    if consent.version != *current {
        return Err(Refusal::ConsentOutdated { current: current.clone(), got: shorten(&consent.version) });
    }
    if !consent.web {
        return Err(Refusal::ConsentMissing);
    }
    check_discipline(discipline, edition)
}

fn check_discipline(discipline: Option<&DisciplineSlug>, edition: &Edition) -> Result<(), Refusal> {
    match discipline {
        Some(slug) if edition.discipline(slug).is_none() => {
            let known: Vec<_> = edition.disciplines.iter().map(|discipline| discipline.slug.as_str()).collect();
            Err(Refusal::Invalid {
                field: "discipline",
                got: slug.to_string(),
                expected: format!("one of {}", known.join(", ")),
            })
        }
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample;

    #[test]
    fn a_batch_has_one_to_twenty_photos_each_with_a_ref_of_its_own() {
        let batch = |n: usize| UploadRequest {
            photos: (0..n)
                .map(|i| PhotoSpec { reference: format!("r{i}").parse().unwrap(), ..sample::photo_spec() })
                .collect(),
            ..sample::upload_request()
        };
        assert_eq!(batch(20).check(&sample::edition()), Ok(()));
        assert_eq!(batch(21).check(&sample::edition()), Err(Refusal::WrongPhotoCount { limit: 20, got: 21 }));
        assert_eq!(batch(0).check(&sample::edition()), Err(Refusal::WrongPhotoCount { limit: 20, got: 0 }));
        let videos = |n| UploadRequest {
            photos: (0..n)
                .map(|i| PhotoSpec { reference: format!("r{i}").parse().unwrap(), ..sample::video_spec(5) })
                .collect(),
            ..sample::upload_request()
        };
        assert_eq!(videos(3).check(&sample::edition()), Ok(()));
        assert_eq!(videos(4).check(&sample::edition()), Err(Refusal::WrongVideoCount { limit: 3, got: 4 }));
        let mut twice = batch(2);
        twice.photos[1].reference = twice.photos[0].reference.clone();
        assert_eq!(twice.check(&sample::edition()), Err(Refusal::RefRepeated { reference: "r0".into() }));
    }

    #[test]
    fn an_edit_tells_what_is_taken_away_from_what_stays() {
        let edit = |json: &str| serde_json::from_str::<EditRequest>(json).unwrap();
        assert!(edit("{}").school.is_none() && edit("{}").discipline.is_none());
        let nothing = edit(r#"{"school": null, "discipline": null}"#);
        assert!(matches!(nothing.school, Some(None)));
        assert_eq!(nothing.discipline, Some(None));
        assert!(matches!(edit(r#"{"school": {"name": "Sample Academy"}}"#).school, Some(Some(_))));
        let checked = |json: &str| edit(json).check(None, &sample::edition()).map(|edit| edit.discipline);
        assert_eq!(checked(r#"{"discipline": "science"}"#), Ok(Some("science".parse().ok())));
        let Err(Refusal::Invalid { field, got, .. }) = checked(r#"{"discipline": "alchemy"}"#) else { panic!("taken") };
        assert_eq!((field, got.as_str()), ("discipline", "alchemy"));
    }

    #[test]
    fn an_unknown_field_is_named() {
        let json = r#"{"ref":"a","type":"image/jpeg","size_bytes":1,"sha256":"00","caption":"x","people":"none","gps":"here"}"#;
        let error =
            serde_json::from_str::<PhotoSpec>(&json.replace("\"00\"", &format!("\"{}\"", "0".repeat(64)))).unwrap_err();
        assert!(error.to_string().contains("unknown field `gps`"), "{error}");
    }
}
