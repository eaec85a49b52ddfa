//! Why a file is not accepted, in words for the person who uploaded it.

use std::fmt;

/// The type of a box, a sample description or a handler: four bytes from the file.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct FourCc(pub [u8; 4]);

/// Prints letters and digits as they are, and any other byte as `?`, because a page should not print it.
impl fmt::Display for FourCc {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| {
            let plain = byte.is_ascii_alphanumeric() || *byte == b'-';
            write!(out, "{}", if plain { char::from(*byte) } else { '?' })
        })
    }
}

impl fmt::Debug for FourCc {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "FourCc({self})")
    }
}

/// Why a file is not accepted. `Display` tells the uploader what is wrong and what to do. The fields are public facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfit {
    /// The file is empty.
    Empty,
    /// The file has none of the known formats.
    NotAFilm,
    /// The file has a known format that is not accepted.
    UnsupportedType {
        /// The format's usual name, for example `WebM`.
        found: &'static str,
    },
    /// The file, or the file that would be written from it, has more bytes than allowed.
    TooLarge {
        /// Its size in bytes.
        found: usize,
        /// The largest size allowed, in bytes.
        limit: u32,
    },
    /// The index is spread over the file, as in a recorded live stream.
    Fragmented,
    /// The file ends before its index or its data do.
    Truncated,
    /// The bytes contradict the format, or themselves.
    Corrupt {
        /// The box or structure in which it shows, for example `stts`.
        found: &'static str,
    },
    /// The file has more of something than a film of this length needs.
    TooComplex {
        /// What there are too many of, in the plural, for example `tracks`.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many are allowed.
        limit: u32,
    },
    /// There is no picture track that is switched on.
    NoPicture,
    /// There is more than one picture track.
    SeveralPictures,
    /// The picture is not H.264.
    Codec {
        /// The codec's name in the file, for example `hvc1` for HEVC.
        found: FourCc,
    },
    /// The picture is H.264 of a kind that not every browser plays.
    Coding {
        /// What was found, for example `10 bits`.
        found: &'static str,
        /// What is allowed, for example `8 bits`.
        allowed: &'static str,
    },
    /// The level of H.264 is above the limit.
    Level {
        /// The level found, times ten.
        found: u8,
        /// The highest level allowed, times ten.
        limit: u8,
    },
    /// The picture's coding changes within the film, or more than one is announced.
    SeveralCodings,
    /// The picture has more pixels than allowed, or a side that is too long or too short.
    PictureSize {
        /// Width as stored, in pixels.
        width: u32,
        /// Height as stored, in pixels.
        height: u32,
        /// Longest side allowed, in pixels.
        limit_px: u32,
    },
    /// The film is too long.
    TooLong {
        /// Its duration in milliseconds.
        found_ms: u64,
        /// The longest duration allowed, in milliseconds.
        limit_ms: u32,
    },
    /// The picture is rotated by something other than a quarter turn, or mirrored, or stretched.
    Transform,
    /// The edit list does more than delay the start and bring the end forward.
    Edits,
    /// The film begins in the middle of the recording, and what was cut off cannot be removed.
    Hidden {
        /// Milliseconds that were cut off and are still in the file.
        found_ms: u64,
        /// The longest such part allowed, in milliseconds.
        limit_ms: u32,
    },
}

impl Unfit {
    /// Returns a stable name for the reason, in kebab case: for rows, logs and the API.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::NotAFilm => "not-a-film",
            Self::UnsupportedType { .. } => "unsupported-type",
            Self::TooLarge { .. } => "too-large",
            Self::Fragmented => "fragmented",
            Self::Truncated => "truncated",
            Self::Corrupt { .. } => "corrupt",
            Self::TooComplex { .. } => "too-complex",
            Self::NoPicture => "no-picture",
            Self::SeveralPictures => "several-pictures",
            Self::Codec { .. } => "codec",
            Self::Coding { .. } => "coding",
            Self::Level { .. } => "level",
            Self::SeveralCodings => "several-codings",
            Self::PictureSize { .. } => "picture-size",
            Self::TooLong { .. } => "too-long",
            Self::Transform => "transform",
            Self::Edits => "edits",
            Self::Hidden { .. } => "hidden",
        }
    }
}

/// What to do about a file that another app has written in an unusual way.
const FILM_IT: &str = "Add the video as your phone's own camera made it.";

impl fmt::Display for Unfit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => {
                write!(out, "This file is empty. Check that the video opens on your device, then add it again.")
            }
            Self::NotAFilm => write!(out, "This file is not a video that we can read. {FILM_IT}"),
            Self::UnsupportedType { found } => {
                write!(out, "This is a {found} file. We can show MP4 and MOV videos with H.264. {FILM_IT}")
            }
            Self::TooLarge { found, limit } => {
                let (found, limit) = (megabytes(*found), limit / 1_000_000);
                write!(out, "This video has {found} MB, and the limit is {limit} MB. Add a shorter part of it.")
            }
            Self::Fragmented => write!(out, "This video is stored in pieces, as a live stream is. {FILM_IT}"),
            Self::Truncated => {
                write!(
                    out,
                    "A part of this video is missing. Check that it plays to its end on your device, then add it again."
                )
            }
            Self::Corrupt { .. } => write!(out, "This video is damaged. Add it again from the device that filmed it."),
            Self::TooComplex { what, found, limit } => {
                write!(out, "This video file has {found} {what}, and the limit is {limit}. {FILM_IT}")
            }
            Self::NoPicture => write!(out, "This file has no moving picture. Add a video."),
            Self::SeveralPictures => write!(out, "This file has more than one moving picture. Add a video with one."),
            Self::Codec { found } => {
                write!(out, "The picture of this video is stored as {found}, and we can show H.264 (avc1). {FILM_IT}")
            }
            Self::Coding { found, allowed } => {
                write!(out, "The picture of this video is stored as {found}, and we can show {allowed}. {FILM_IT}")
            }
            Self::Level { found, limit } => {
                let (found, limit) = (level(*found), level(*limit));
                write!(
                    out,
                    "This video has H.264 level {found}, and the limit is {limit}. Save it smaller and add it again."
                )
            }
            Self::SeveralCodings => write!(out, "The picture of this video changes its kind on the way. {FILM_IT}"),
            Self::PictureSize { width, height, limit_px } => write!(
                out,
                "The picture is {width} × {height} pixels. Save it at a size from 16 × 16 to {limit_px} × 1080 and add it again."
            ),
            Self::TooLong { found_ms, limit_ms } => {
                let (found, limit) = (seconds(*found_ms), limit_ms / 1000);
                write!(out, "This video is {found} long. Choose up to {limit} s of it and add that.")
            }
            Self::Transform => {
                write!(out, "The picture of this video is turned or stretched in an unusual way. {FILM_IT}")
            }
            Self::Edits => {
                write!(out, "This video is put together from several cuts. Save it as a new video and add that.")
            }
            Self::Hidden { found_ms, .. } => {
                let found = seconds(*found_ms);
                write!(
                    out,
                    "The file still holds {found} that were cut off this video. Save it as a new video and add that."
                )
            }
        }
    }
}

impl std::error::Error for Unfit {}

/// Rounds up, so that a value above a limit never reads like the limit.
fn megabytes(bytes: usize) -> usize {
    bytes.div_ceil(1_000_000)
}

fn level(tenths: u8) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// Rounded up to whole seconds.
fn seconds(milliseconds: u64) -> String {
    let seconds = milliseconds.div_ceil(1000);
    if seconds < 60 { format!("{seconds} s") } else { format!("{} min {} s", seconds / 60, seconds % 60) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_tells_the_uploader_what_to_do() {
        for unfit in [
            Unfit::Empty,
            Unfit::NotAFilm,
            Unfit::UnsupportedType { found: "WebM" },
            Unfit::TooLarge { found: 25_165_825, limit: 25_165_824 },
            Unfit::Fragmented,
            Unfit::Truncated,
            Unfit::Corrupt { found: "stts" },
            Unfit::TooComplex { what: "tracks", found: 17, limit: 16 },
            Unfit::NoPicture,
            Unfit::SeveralPictures,
            Unfit::Codec { found: FourCc(*b"hvc1") },
            Unfit::Coding { found: "10 bits", allowed: "8 bits" },
            Unfit::Level { found: 60, limit: 52 },
            Unfit::SeveralCodings,
            Unfit::PictureSize { width: 3840, height: 2160, limit_px: 1920 },
            Unfit::TooLong { found_ms: 100_001, limit_ms: 60_500 },
            Unfit::Transform,
            Unfit::Edits,
            Unfit::Hidden { found_ms: 5000, limit_ms: 2000 },
        ] {
            let words = unfit.to_string();
            assert!(words.split_inclusive(". ").all(|sentence| sentence.split(' ').count() <= 21), "{words}");
            assert!(["add", "Add", "Choose"].iter().any(|verb| words.contains(verb)), "{words}");
            assert!(unfit.reason().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'));
        }
        assert!(Unfit::TooLong { found_ms: 99_001, limit_ms: 60_500 }.to_string().contains("1 min 40 s"));
        assert!(
            Unfit::TooLarge { found: 25_165_825, limit: 25_165_824 }
                .to_string()
                .contains("26 MB, and the limit is 25 MB")
        );
    }

    #[test]
    fn no_byte_of_a_file_gets_into_a_page_but_letters_digits_and_hyphens() {
        assert_eq!(FourCc(*b"hvc1").to_string(), "hvc1");
        assert_eq!(FourCc(*b"<a\n\xA9").to_string(), "?a??");
    }
}
