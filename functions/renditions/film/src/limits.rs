//! Limits on a file.

/// Limits beyond which a file is refused. [`Limits::default`] is what the product promises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Largest size of the file, and of the file written from it, in bytes.
    pub max_bytes: u32,
    /// Longest duration, in milliseconds. The default is 60 s plus half a second for sound that ends after the picture.
    pub max_duration_ms: u32,
    /// Longest material that an edit list hides but that must stay because later pictures depend on it, in milliseconds.
    pub max_hidden_ms: u32,
    /// Longest side, in pixels.
    pub max_side_px: u32,
    /// Largest number of pixels in one picture, in whole blocks of 16 × 16.
    pub max_pixels: u32,
    /// Highest level of H.264, times ten: for example 42 for 4.2.
    pub max_level: u8,
    /// Largest number of boxes that are read in the whole file.
    pub max_boxes: u32,
    /// Largest size of the index, the box `moov`, in bytes.
    pub max_index_bytes: u32,
    /// Largest number of tracks of all kinds.
    pub max_tracks: u32,
    /// Largest number of samples in one track, which are pictures or frames of sound; also of entries in each of its tables.
    pub max_samples: u32,
    /// Largest size of one picture, in bytes. The largest that H.264 allows at the default dimensions, uncompressed, is 3.1 MB.
    pub max_sample_bytes: u32,
    /// Largest number of NAL units in all pictures together.
    pub max_units: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 24 << 20,
            max_duration_ms: 60_500,
            max_hidden_ms: 2_000,
            max_side_px: 1920,
            max_pixels: 2_100_000,
            max_level: 52,
            max_boxes: 4_096,
            max_index_bytes: 4 << 20,
            max_tracks: 16,
            max_samples: 20_000,
            max_sample_bytes: 4 << 20,
            max_units: 200_000,
        }
    }
}
