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

    /// The size of the planes of colour that belong to a plane of light of this size.
    pub fn of_colour(self) -> Self {
        Self::new(self.width.div_ceil(2), self.height.div_ceil(2))
    }

    /// Width and height for indexing. Always fits: a `usize` has at least 32 bits on every target that we build for.
    pub fn sides(self) -> (usize, usize) {
        let side = |side: u32| usize::try_from(side).unwrap_or(usize::MAX);
        (side(self.width), side(self.height))
    }
}

/// A picture on its way to the renditions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Picture {
    /// In whatever channels the file has.
    Pixels(Pixels),
    /// As nearly all photos are stored, and all renditions.
    Planes(Planes),
}

/// What the bytes of one pixel mean. One byte each.
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

/// Rows from the top, pixels from the left, no padding. `data` is `width × height × channels` bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pixels {
    pub size: Size,
    pub channels: Channels,
    pub data: Vec<u8>,
}

/// Light at every pixel, colour at every second in both directions (4:2:0, a sample of colour in the middle of its four
/// pixels). Y, Cb and Cr over the full range, by BT.601 (ITU-T T.871). Rows from the top without padding; `cb` and `cr` are of
/// [`Size::of_colour`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planes {
    pub size: Size,
    pub y: Vec<u8>,
    pub cb: Vec<u8>,
    pub cr: Vec<u8>,
}
