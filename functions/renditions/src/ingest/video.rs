//! What is made of a video: a new file that has its picture and its sound and nothing else, the same without the sound, a poster, and a
//! sheet for moderators.

use bytes::Bytes;
use film::{Film, Matrix, Parts, Sound, Turn, Unfit};
use pipeline::render::{
    Limits, Rendition, Unreadable,
    still::{self, Shown},
};
use shared::domain::{
    ids::Sha256Hex,
    video::{self, FILM_NAME, SILENT_NAME, Video},
};

use super::{Made, Unusable};

/// What the uploader reads about a video that killed its worker every time, or of which no picture can be decoded.
pub(super) const UNPROCESSABLE: &str =
    "We could not open this video. Add it as your phone's own camera made it, or use a picture from it.";

/// The files of a video beside the renditions of its poster.
pub(super) struct Files {
    duration_ms: u32,
    film: Rendition,
    silent: Option<Rendition>,
    sheet: Rendition,
}

impl Files {
    /// Returns the hash over these files and the poster's renditions, of which `poster` is the hash.
    pub(super) fn hash(&self, poster: &str) -> String {
        let silent = self.silent.iter();
        let hashes = [&self.film, &self.sheet].into_iter().chain(silent).map(|file| Sha256Hex::digest(&file.bytes));
        let all = hashes.fold(poster.to_owned(), |all, hash| all + hash.as_str());
        Sha256Hex::digest(all.as_bytes()).to_string()
    }

    /// Returns what the row keeps of the files, and the files.
    pub(super) fn into_parts(self) -> (video::Film, Vec<Rendition>) {
        let size = |file: &Rendition| u64::try_from(file.bytes.len()).unwrap_or(u64::MAX);
        let film = video::Film {
            duration_ms: self.duration_ms,
            bytes: size(&self.film),
            silent_bytes: self.silent.as_ref().map(size),
        };
        (film, [self.film, self.sheet].into_iter().chain(self.silent).collect())
    }
}

impl From<Unfit> for Unusable {
    fn from(unfit: Unfit) -> Self {
        Self { too_slow: false, words: unfit.to_string() }
    }
}

/// Makes the files of a video, whose row says `video`, from its parts.
pub(super) fn made(parts: &[Bytes], video: Option<&Video>, limits: &Limits) -> Result<Made, Unusable> {
    let longest_ms = video.map_or(0, |video| u32::from(video.limit_s) * 1_000 + SPARE_MS);
    let of_film = film::Limits { max_duration_ms: longest_ms, ..film::Limits::default() };
    let film = film::look(&Parts::new(parts.iter().map(|part| &part[..])), &of_film)?;
    let kept = if video.is_some_and(|video| video.sound) { Sound::Kept } else { Sound::Off };
    let stills = still::stills(key_frames(&film), shown(&film), limits).map_err(|unreadable| {
        tracing::warn!(why = unreadable.reason(), "no picture of a video can be decoded");
        Unusable { too_slow: unreadable == Unreadable::TooSlow, words: UNPROCESSABLE.to_owned() }
    })?;
    let silent = (kept == Sound::Kept && film.has_sound()).then(|| written(&film, Sound::Off, SILENT_NAME));
    let files = Files {
        duration_ms: u32::try_from(film.duration_ms(kept)).unwrap_or(u32::MAX),
        film: written(&film, kept, FILM_NAME)?,
        silent: silent.transpose()?,
        sheet: stills.sheet,
    };
    Ok(Made { pictures: stills.poster, film: Some(files) })
}

/// How much longer than its limit a video may be, in milliseconds: sound ends after the picture.
const SPARE_MS: u32 = 500;

/// Returns some of the pictures that can be decoded alone, spread over the whole film.
fn key_frames(film: &Film<'_>) -> Vec<Vec<u8>> {
    let all = film.key_frames();
    let most = still::MOST.min(all.len());
    let spread = (0..most).filter_map(|n| all.get(n * all.len() / most));
    spread.filter_map(|key| film.key_frame(key.picture)).collect()
}

fn shown(film: &Film<'_>) -> Shown {
    let colours = film.colours();
    let quarters = match film.turn() {
        Turn::None => 0,
        Turn::Quarter => 1,
        Turn::Half => 2,
        Turn::ThreeQuarters => 3,
    };
    Shown { quarters, bt709: colours.matrix == Matrix::Bt709, full_range: colours.full_range }
}

/// Writes the film anew, and reads what was written: only what is accepted itself is shown.
fn written(film: &Film<'_>, sound: Sound, name: &str) -> Result<Rendition, Unusable> {
    let mut bytes = Vec::with_capacity(film.size_bytes(sound));
    let broken = |why: &dyn std::fmt::Display| {
        tracing::error!(%why, name, "a video that was written cannot be read");
        Unusable { too_slow: false, words: UNPROCESSABLE.to_owned() }
    };
    film.write(sound, &mut bytes).map_err(|error| broken(&error))?;
    film::look(&Parts::new([&bytes[..]]), &film::Limits::default()).map_err(|unfit| broken(&unfit))?;
    let (width, height) = film.shown_px();
    Ok(Rendition { name: name.to_owned(), content_type: "video/mp4", width, height, bytes: bytes.into() })
}
