//! The sample videos: clips of nothing real, with the texts of an imagined uploader. They are on a sample day where the settings accept
//! videos.

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::sample_photos::SamplePhoto;

/// The files by name: MP4 with H.264, without sound and without metadata, each of one part.
const FILES: [(&str, &[u8]); 2] = [
    ("beats.mp4", include_bytes!("../samples/videos/beats.mp4")),
    ("titration.mp4", include_bytes!("../samples/videos/titration.mp4")),
];

const CATALOGUE: &str = include_str!("../samples/videos/catalogue.toml");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Catalogue {
    videos: Vec<SamplePhoto>,
}

/// Returns the sample videos with their files, oldest first.
///
/// # Errors
/// If the catalogue is malformed, which a test rules out.
pub fn read() -> Result<Vec<(SamplePhoto, &'static [u8])>> {
    let Catalogue { videos } = toml::from_str(CATALOGUE).context("the catalogue of sample videos")?;
    let with_file = |video: SamplePhoto| {
        let file = FILES.iter().find(|(name, _)| *name == video.file);
        let (_, bytes) = file.with_context(|| format!("there is no sample video {}", video.file))?;
        Ok((video, *bytes))
    };
    videos.into_iter().map(with_file).collect()
}

#[cfg(test)]
mod tests {
    use shared::domain::{
        limits,
        photo::People,
        text::{Field, clean},
    };

    use super::*;

    /// Largest size of one file, in bytes, because they are in every clone.
    const MOST_BYTES: usize = 150_000;

    #[test]
    fn every_clip_is_small_says_all_that_is_asked_of_it_and_hides_nothing() {
        let videos = read().unwrap();
        assert_eq!(videos.len(), FILES.len());
        for (video, file) in videos {
            assert!(file.len() <= MOST_BYTES && u64::try_from(file.len()).unwrap() <= limits::VIDEO_PART_BYTES);
            assert_eq!(file.get(4..8), Some(&b"ftyp"[..]), "{}", video.file);
            for carrier in [&b"udta"[..], b"meta", b"uuid", b"\xa9xyz", b"mp4a"] {
                assert!(!file.windows(4).any(|window| window == carrier), "{}: {carrier:?}", video.file);
            }
            for (field, text) in
                [(Field::Caption, &video.caption), (Field::Alt, &video.alt), (Field::Credit, &video.credit)]
            {
                assert_eq!(clean(field, text).unwrap(), *text);
            }
            assert!(!video.alt.is_empty() && video.people == People::None);
            assert!(video.credit.contains("Sample") && video.school.is_none_or(|school| school.contains("Sampl")));
        }
    }
}
