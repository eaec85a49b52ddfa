//! The steps one by one, for benchmarks: a photo is taken through all steps once, and any step can then be repeated.

use std::fmt;

use super::{
    Formats, Limits, Unreadable, colour, decode, encode, fingerprint, look, orient,
    pixels::{Picture, Planes, Size},
    placeholder, scale,
};

/// One step of [`render`](super::render), named as in the README's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Reading the header.
    Look,
    /// Decoding the file to the size of the largest rendition.
    Decode,
    /// Turning the picture upright. Includes a copy of the samples, which the pipeline does not make.
    Orient,
    /// Converting to sRGB. Includes a copy of the samples, which the pipeline does not make.
    Colour,
    /// Scaling to the smaller sizes.
    Scale,
    /// Encoding all sizes as JPEG.
    EncodeJpeg,
    /// Encoding all sizes as JPEG and WebP.
    EncodeBoth,
    /// Computing ThumbHash and average colour.
    Placeholder,
    /// Computing the perceptual hash.
    Fingerprint,
}

impl Step {
    /// All steps, in order.
    pub const ALL: [Self; 9] = [
        Self::Look,
        Self::Decode,
        Self::Orient,
        Self::Colour,
        Self::Scale,
        Self::EncodeJpeg,
        Self::EncodeBoth,
        Self::Placeholder,
        Self::Fingerprint,
    ];
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Look => "look",
            Self::Decode => "decode",
            Self::Orient => "orient",
            Self::Colour => "colour",
            Self::Scale => "scale",
            Self::EncodeJpeg => "encode, JPEG",
            Self::EncodeBoth => "encode, JPEG and WebP",
            Self::Placeholder => "placeholder",
            Self::Fingerprint => "fingerprint",
        })
    }
}

/// A photo with the result of each step.
#[derive(Debug)]
pub struct Steps<'a> {
    original: &'a [u8],
    limits: Limits,
    header: look::Header<'a>,
    decoded: Picture,
    upright: Picture,
    pictures: Vec<Planes>,
    size: Size,
}

impl<'a> Steps<'a> {
    /// Takes a photo through all steps.
    pub fn new(original: &'a [u8]) -> Result<Self, Unreadable> {
        let limits = Limits::default();
        let header = look::look(original, &limits)?;
        let decoded = decode::decode(&header, &limits)?;
        let size = header.orientation.turned(Size::new(header.size.width, decoded.rows));
        let upright = orient::upright(decoded.picture.clone(), header.orientation);
        let pictures = scale::cascade(colour::to_srgb(upright.clone(), &header.profile), size)?;
        Ok(Self { original, limits, header, decoded: decoded.picture, upright, pictures, size })
    }

    /// Repeats one step. Returns a number that depends on the result.
    pub fn repeat(&self, step: Step) -> Result<usize, Unreadable> {
        let encoded = |formats| {
            let renditions = encode::all(&self.pictures, formats)?;
            Ok(renditions.iter().map(|rendition| rendition.bytes.len()).sum())
        };
        Ok(match step {
            Step::Look => look::look(self.original, &self.limits)?.picture.len(),
            Step::Decode => usize::try_from(decode::decode(&self.header, &self.limits)?.rows).unwrap_or(0),
            Step::Orient => samples(&orient::upright(self.decoded.clone(), self.header.orientation)),
            Step::Colour => colour::to_srgb(self.upright.clone(), &self.header.profile).y.len(),
            Step::Scale => match &*self.pictures {
                [largest, ..] => scale::cascade(largest.clone(), self.size)?.len(),
                [] => 0,
            },
            Step::EncodeJpeg => return encoded(Formats::JpegOnly),
            Step::EncodeBoth => return encoded(Formats::JpegAndWebp),
            Step::Placeholder => placeholder::of(&colour::rgb(self.pictures.last())?)?.0.len(),
            Step::Fingerprint => usize::from(fingerprint::of(&colour::rgb(self.pictures.last())?)?.is_some()),
        })
    }
}

fn samples(picture: &Picture) -> usize {
    match picture {
        Picture::Pixels(pixels) => pixels.data.len(),
        Picture::Planes(planes) => planes.y.len(),
    }
}
