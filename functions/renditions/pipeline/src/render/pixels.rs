//! Pictures between the steps.

/// Width and height, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    pub width: u32,
    pub height: u32,
}

impl Size {
    pub fn new(width: u32, height: u32) -> Self {
        Self { width, height }
    }

    pub fn longest(self) -> u32 {
        self.width.max(self.height)
    }

    pub fn area(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// Returns the size of the chroma planes that belong to a luma plane of this size.
    pub fn of_colour(self) -> Self {
        Self::new(self.width.div_ceil(2), self.height.div_ceil(2))
    }

    /// Returns width and height for indexing. They always fit: a `usize` has at least 32 bits on every target that we build for.
    pub fn sides(self) -> (usize, usize) {
        let side = |side: u32| usize::try_from(side).unwrap_or(usize::MAX);
        (side(self.width), side(self.height))
    }
}

/// A picture on its way to the renditions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Picture {
    /// Interleaved pixels, in whatever channels the file has.
    Pixels(Pixels),
    /// Luma and chroma planes, as nearly all photos are stored and all renditions are.
    Planes(Planes),
}

/// The channels of one pixel, one byte each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channels {
    Grey,
    Rgb,
    /// Amounts of ink: 0 is none, 255 is full.
    Cmyk,
}

impl Channels {
    pub fn count(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::Rgb => 3,
            Self::Cmyk => 4,
        }
    }
}

/// Interleaved pixels: rows from the top, pixels from the left, no padding. `data` is `width × height × channels` bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pixels {
    pub size: Size,
    pub channels: Channels,
    pub data: Vec<u8>,
}

/// Luma at every pixel, chroma at every second one in both directions (4:2:0, a chroma sample in the middle of its four pixels). Y, Cb and
/// Cr over the full range, by BT.601 (ITU-T T.871). Rows from the top without padding; `cb` and `cr` have the size [`Size::of_colour`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planes {
    pub size: Size,
    pub y: Vec<u8>,
    pub cb: Vec<u8>,
    pub cr: Vec<u8>,
}
