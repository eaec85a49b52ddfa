//! The objects of a photo or a video: its file or the parts of it, what was made of it, and what of that the public gets.

use super::{
    ids::Sha256Hex,
    keys::OriginalKey,
    limits,
    photo::Photo,
    states::Kind,
    video::{FILM_NAME, SHEET_NAME, SILENT_NAME, Video, count, part_bytes},
};

/// One part of a video's file, as the storage must receive it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The part's key.
    pub key: OriginalKey,
    /// Its number, from 0.
    pub number: u8,
    /// Its exact size in bytes.
    pub size_bytes: u64,
    /// Its hash.
    pub sha256: Sha256Hex,
}

/// A file that is copied from the renditions under review when a photo is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicFile<'a> {
    /// Its name under review.
    pub source: &'a str,
    /// Its public name.
    pub name: &'a str,
    /// Its content type.
    pub content_type: &'static str,
}

impl Photo {
    /// Whether it is a video.
    pub fn is_video(&self) -> bool {
        match self.kind {
            Kind::Photo => false,
            Kind::Video => true,
        }
    }

    /// Returns the parts of a video's file, in order, while it is expected; none for a photo.
    pub fn parts(&self) -> Vec<Part> {
        let hashes = self.video.iter().flat_map(|video| video.parts.hashes());
        let part = |(number, sha256): (u8, &Sha256Hex)| Part {
            key: OriginalKey { part: Some(number), ..self.original_key() },
            number,
            size_bytes: part_bytes(self.size_bytes, number),
            sha256: sha256.clone(),
        };
        (0..limits::MAX_VIDEO_PARTS).zip(hashes).map(part).collect()
    }

    /// Returns the keys of all objects that its file consists of: one for a photo, one for each part of a video.
    pub fn original_keys(&self) -> Vec<OriginalKey> {
        if !self.is_video() {
            return vec![self.original_key()];
        }
        let count = u8::try_from(count(self.size_bytes)).unwrap_or(limits::MAX_VIDEO_PARTS);
        (0..count.min(limits::MAX_VIDEO_PARTS))
            .map(|number| OriginalKey { part: Some(number), ..self.original_key() })
            .collect()
    }

    /// Returns the names of its files under review; none before they are made.
    pub fn review_files(&self) -> Vec<&str> {
        let Some(rendered) = &self.rendered else { return Vec::new() };
        let pictures = rendered.renditions.iter().map(|rendition| rendition.name.as_str());
        let film = rendered.film.iter().flat_map(|film| {
            let silent = film.silent_bytes.map(|_| SILENT_NAME);
            [SHEET_NAME, FILM_NAME].into_iter().chain(silent)
        });
        pictures.chain(film).collect()
    }

    /// Returns the files that the public can fetch while it is published. A video that is published without its sound has the silent one
    /// under the name of the film.
    pub fn public_files(&self) -> Vec<PublicFile<'_>> {
        let Some(rendered) = &self.rendered else { return Vec::new() };
        let pictures = rendered.renditions.iter().map(|rendition| PublicFile {
            source: &rendition.name,
            name: &rendition.name,
            content_type: rendition.content_type(),
        });
        let film = rendered.film.iter().map(|film| {
            let muted = film.silent_bytes.is_some() && !self.has_sound();
            let source = if muted { SILENT_NAME } else { FILM_NAME };
            PublicFile { source, name: FILM_NAME, content_type: limits::VIDEO_TYPE }
        });
        pictures.chain(film).collect()
    }

    /// Returns the video without its sound and the words for it; a photo as it is.
    #[must_use]
    pub(super) fn muted(self) -> Self {
        let video = self.video.map(|video| Video { sound: false, transcript: String::new(), ..video });
        Self { video, ..self }
    }

    /// Whether it is a video whose sound is kept.
    pub fn has_sound(&self) -> bool {
        self.video.as_ref().is_some_and(|video| video.sound)
    }

    /// Whether an object with this key is its file, or a part of it.
    pub fn has_original(&self, key: &OriginalKey) -> bool {
        let whole = OriginalKey { part: None, ..key.clone() };
        whole == self.original_key() && key.part.is_some() == self.is_video()
    }

    /// Returns the key of its file. For a video it is the folder of the parts, which ends with `/`.
    pub fn originals(&self) -> String {
        let key = self.original_key();
        if self.is_video() { key.folder() } else { key.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        Edition,
        decision::Deciding,
        feed,
        photo::Rendered,
        sample::{self, noon, uploader},
        states::Decision,
        video::Film,
    };

    const MEBIBYTE: u64 = 1_048_576;

    fn edition() -> Edition {
        Edition { video_seconds: 45, ..sample::edition() }
    }

    #[test]
    fn a_video_is_reserved_with_its_parts_and_its_words() {
        let spec = sample::video_spec(2 * MEBIBYTE + 5);
        let photo = sample::reserve(&edition(), &spec, noon()).unwrap().after;
        assert_eq!((photo.kind, photo.sha256.as_ref()), (Kind::Video, Some(&spec.sha256)));
        let video = photo.video.clone().unwrap();
        assert_eq!((video.limit_s, video.sound, &*video.transcript), (45, true, "A pump runs."));
        let parts = photo.parts();
        assert_eq!(parts.iter().map(|part| part.size_bytes).collect::<Vec<_>>(), [MEBIBYTE, MEBIBYTE, 5]);
        assert_eq!(parts.iter().map(|part| part.number).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(parts[2].sha256, spec.parts[2].sha256);
        let folder = photo.originals();
        assert_eq!(folder, format!("{}/", photo.original_key()));
        let keys: Vec<_> = photo.original_keys().iter().map(ToString::to_string).collect();
        assert_eq!(keys, ["00", "01", "02"].map(|part| format!("{folder}{part}")));
        assert!(photo.has_original(&parts[1].key) && !photo.has_original(&photo.original_key()));
        let still = sample::reserved();
        assert_eq!(still.original_keys(), [still.original_key()]);
        assert_eq!((still.originals(), still.parts()), (still.original_key().to_string(), vec![]));
        assert!(still.has_original(&still.original_key()) && !still.has_original(&parts[0].key));
        assert!(photo.is_for(&uploader(), &spec));
    }

    #[test]
    fn a_row_with_parts_is_read_as_it_was_written_and_a_photos_row_has_none() {
        let photo = sample::reserve(&edition(), &sample::video_spec(24 * MEBIBYTE), noon()).unwrap().after;
        let json = serde_json::to_value(&photo).unwrap();
        assert_eq!(json["video"]["parts"].as_str().unwrap().len(), 1_024, "24 hashes in base64");
        assert_eq!(serde_json::from_value::<Photo>(json.clone()).unwrap(), photo);
        let mut cut = json;
        cut["video"]["parts"] = "AAAA".into();
        assert!(serde_json::from_value::<Photo>(cut).unwrap_err().to_string().contains("32 bytes each"));
        assert!(serde_json::to_value(sample::reserved()).unwrap().get("video").is_none());
    }

    #[test]
    fn the_public_gets_the_film_with_the_sound_that_was_decided() {
        let spec = sample::video_spec(5);
        let reserved = sample::reserve(&edition(), &spec, noon()).unwrap().after;
        assert_eq!((reserved.review_files(), reserved.public_files()), (vec![], vec![]));
        let film = Some(Film { duration_ms: 4_000, bytes: 9, silent_bytes: Some(7) });
        let rendered = Rendered { film, ..sample::rendered() };
        let heard = reserved.ingest(rendered, "renditions", noon()).unwrap().after;
        assert!(heard.parts().is_empty() && heard.original_keys().len() == 1, "the hashes are not needed any more");
        assert_eq!(heard.review_files()[4..], ["sheet.jpg", "film.mp4", "silent.mp4"]);
        let film = |photo: &Photo| {
            let files = photo.public_files();
            let last = files.last().unwrap();
            (files.len(), last.source.to_owned(), last.name.to_owned(), last.content_type)
        };
        assert_eq!(film(&heard), (5, "film.mp4".into(), "film.mp4".into(), "video/mp4"));
        let muted = heard.clone().muted();
        assert_eq!(film(&muted), (5, "silent.mp4".into(), "film.mp4".into(), "video/mp4"));
        let mut never = muted;
        never.rendered.as_mut().unwrap().film.as_mut().unwrap().silent_bytes = None;
        assert_eq!(never.review_files()[4..], ["sheet.jpg", "film.mp4"]);
        assert_eq!(film(&never).1, "film.mp4");
        let publish = |sound| {
            let deciding = Deciding { sound, ..sample::deciding(&heard, Decision::Publish) };
            heard.decide(&deciding, &sample::moderator(), noon()).unwrap().after
        };
        let told = |sound| feed::row(&publish(sound)).unwrap().film.unwrap();
        assert_eq!((told(None).sound, told(None).bytes, &*told(Some(true)).transcript), (true, 9, "A pump runs."));
        assert_eq!((told(Some(false)).sound, told(Some(false)).bytes, &*told(Some(false)).transcript), (false, 7, ""));
        let still = sample::pending();
        assert_eq!((still.review_files().len(), still.public_files().len()), (4, 4));
        assert!(!still.has_sound() && heard.has_sound());
    }
}
