//! Why there are no renditions, in words for the person who uploaded the file.

/// Why an original cannot be shown. `Display` tells the uploader what is wrong and what to do. The fields are public facts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// The file is empty.
    #[error("This file is empty. Check that the photo opens on your device, then add it again.")]
    Empty,
    /// The file has none of the known formats.
    #[error("This file is not a photo that we can read. Save it as a JPEG and add it again.")]
    NotAnImage,
    /// The file is not a picture.
    #[error("This is {found}. Only photos can be added here: JPEG, PNG or WebP.")]
    NotAPhoto {
        /// What was found, for example `a PDF`.
        found: &'static str,
    },
    /// The file has a known picture format that is not accepted.
    #[error("This is {found} file. We can show JPEG, PNG and WebP photos. Save it as a JPEG and add it again.")]
    UnsupportedType {
        /// The usual name of what was found with its article, for example `an AVIF`.
        found: &'static str,
    },
    /// A raw file of a camera, which its owner has to develop.
    #[error(
        "This is a raw file of a camera ({found}), which browsers cannot show. \
         Save it as a JPEG in your photo program, and add that."
    )]
    Raw {
        /// The camera's maker and the format's usual name, for example `Canon CR3`.
        found: &'static str,
    },
    /// A JPEG that no browser shows either: arithmetic coding, lossless, hierarchical, or 12 bits.
    #[error("This JPEG is built in an unusual way that we cannot open. Save it again as a normal JPEG and add that.")]
    UnusualJpeg,
    /// A HEIC photo, as some phones store them, if the feature `heic` is off.
    #[error(
        "This is a HEIC photo, which not every browser can show. Save it as a JPEG and add that. \
         On an iPhone: Settings, Camera, Formats, Most Compatible."
    )]
    Heic,
    /// The file has more than one frame.
    #[error("This picture moves. Please add a still photo.")]
    Animated,
    /// The picture has more pixels than can be decoded.
    #[error(
        "This picture is {width} × {height} pixels, more than the {} megapixels that we can open. \
         Crop it, or take a screenshot of it, and add that.", limit_pixels / 1_000_000
    )]
    TooManyPixels {
        /// Width according to the file, in pixels.
        width: u32,
        /// Height according to the file, in pixels.
        height: u32,
        /// Largest number of pixels for this format.
        limit_pixels: u64,
    },
    /// One side is longer than can be decoded.
    #[error(
        "This picture is {width} × {height} pixels. We can open {limit_px} pixels a side. \
         Crop it, or take a screenshot of it, and add that."
    )]
    SideTooLong {
        /// Width according to the file, in pixels.
        width: u32,
        /// Height according to the file, in pixels.
        height: u32,
        /// Longest side allowed, in pixels.
        limit_px: u32,
    },
    /// The JPEG has too many scans.
    #[error("This JPEG is built in an unusual way that we cannot open. Save it again as a normal JPEG and add that.")]
    TooManyScans {
        /// Largest number of scans allowed.
        limit: u32,
    },
    /// A colour profile or EXIF block is too large.
    #[error("This file carries more hidden data than a photo needs. Save it again as a JPEG and add that.")]
    TooMuchMetadata {
        /// Largest size of one block, in bytes.
        limit_bytes: usize,
    },
    /// The file ends before the picture does.
    #[error("A part of this photo is missing. Check that it opens whole on your device, then add it again.")]
    Truncated,
    /// The bytes contradict the format.
    #[error("This photo is damaged and we cannot open it. Save it again as a JPEG and add that.")]
    Corrupt,
    /// The deadline passed between two steps.
    #[error("This photo took too long to open. Save it as a smaller JPEG and add it again.")]
    TooSlow,
    /// A decoder failed in a way that it should not.
    #[error("We could not open this photo. Save it again as a JPEG and add that.")]
    Unprocessable,
}

impl Unreadable {
    /// Returns a stable name for the reason, in kebab case: for rows, logs and the API.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::NotAnImage | Self::NotAPhoto { .. } => "not-an-image",
            Self::UnsupportedType { .. } | Self::Raw { .. } | Self::UnusualJpeg => "unsupported-type",
            Self::Heic => "heic",
            Self::Animated => "animated",
            Self::TooManyPixels { .. } => "too-many-pixels",
            Self::SideTooLong { .. } => "side-too-long",
            Self::TooManyScans { .. } => "too-many-scans",
            Self::TooMuchMetadata { .. } => "too-much-metadata",
            Self::Truncated => "truncated",
            Self::Corrupt => "unreadable",
            Self::TooSlow => "too-slow",
            Self::Unprocessable => "unprocessable",
        }
    }
}
