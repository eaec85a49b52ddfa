//! What a file may ask of us.

/// What a file may ask of us before it is refused. [`Limits::default`] is what the product promises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file, and of the file that is written from it.
    pub max_bytes: u32,
    /// Milliseconds that the film plays. The default is 60 s and half a second more, for sound that ends after the picture.
    pub max_duration_ms: u32,
    /// Milliseconds of material that an edit list hides and that cannot be left out, because later pictures build on it.
    pub max_hidden_ms: u32,
    /// Pixels of the longer side.
    pub max_side_px: u32,
    /// Pixels of one picture, in whole blocks of 16 × 16.
    pub max_pixels: u32,
    /// Ten times the level of H.264, for example 42 for 4.2.
    pub max_level: u8,
    /// Boxes of the whole file that are looked at.
    pub max_boxes: u32,
    /// Bytes of the index, the box `moov`.
    pub max_index_bytes: u32,
    /// Tracks of all kinds.
    pub max_tracks: u32,
    /// Samples of one track, which are pictures or frames of sound; also entries of each of its tables.
    pub max_samples: u32,
    /// Bytes of one picture. The largest that H.264 allows at the default size, not compressed, are 3.1 MB.
    pub max_sample_bytes: u32,
    /// NAL units of all pictures together.
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
