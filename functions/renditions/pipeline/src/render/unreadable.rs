//! Why there are no renditions, in words for the person who uploaded the file.

/// Why an original cannot be shown. `Display` is for the uploader: what is the matter, and what to do. The fields are public facts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// No bytes at all.
    #[error("This file is empty. Check that the photo opens on your device, then add it again.")]
    Empty,
    /// None of the formats that we know.
    #[error("This file is not a photo that we can read. Save it as a JPEG and add it again.")]
    NotAnImage,
    /// Something that is no picture.
    #[error("This is {found}. Only photos can be added here: JPEG, PNG or WebP.")]
    NotAPhoto {
        /// What was found, for example `a PDF`.
        found: &'static str,
    },
    /// A format of pictures that we know, and do not take.
    #[error("This is {found} file. We can show JPEG, PNG and WebP photos. Save it as a JPEG and add it again.")]
    UnsupportedType {
        /// The usual name of what was found with its article, for example `an AVIF`.
        found: &'static str,
    },
    /// What a camera stores for its owner to develop.
    #[error(
        "This is a raw file of a camera ({found}), which browsers cannot show. \
         Save it as a JPEG in your photo program, and add that."
    )]
    Raw {
        /// Its maker and usual name, for example `Canon CR3`.
        found: &'static str,
    },
    /// A JPEG that no browser shows either: arithmetic coding, lossless, hierarchical, or 12 bits.
    #[error("This JPEG is built in an unusual way that we cannot open. Save it again as a normal JPEG and add that.")]
    UnusualJpeg,
    /// HEIC, as some phones store photos, where the feature `heic` is off.
    #[error(
        "This is a HEIC photo, which not every browser can show. Save it as a JPEG and add that. \
         On an iPhone: Settings, Camera, Formats, Most Compatible."
    )]
    Heic,
    /// More than one frame.
    #[error("This picture moves. Please add a still photo, or a video.")]
    Animated,
    /// More pixels than we can decode.
    #[error(
        "This picture is {width} × {height} pixels, more than the {} megapixels that we can open. \
         Crop it, or take a screenshot of it, and add that.", limit_pixels / 1_000_000
    )]
    TooManyPixels {
        /// As the file says, in pixels.
        width: u32,
        /// As the file says, in pixels.
        height: u32,
        /// The most pixels that a file of this kind may have.
        limit_pixels: u64,
    },
    /// One side is longer than we can decode.
    #[error(
        "This picture is {width} × {height} pixels. We can open {limit_px} pixels a side. \
         Crop it, or take a screenshot of it, and add that."
    )]
    SideTooLong {
        /// As the file says, in pixels.
        width: u32,
        /// As the file says, in pixels.
        height: u32,
        /// The longest side that a file may have.
        limit_px: u32,
    },
    /// A JPEG drawn in too many passes.
    #[error("This JPEG is built in an unusual way that we cannot open. Save it again as a normal JPEG and add that.")]
    TooManyScans {
        /// The most passes that a file may have.
        limit: u32,
    },
    /// A colour profile or EXIF block out of all proportion.
    #[error("This file carries more hidden data than a photo needs. Save it again as a JPEG and add that.")]
    TooMuchMetadata {
        /// The most bytes that one block may have.
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
    /// A stable name for the reason, in kebab case: for rows, logs and the API.
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
