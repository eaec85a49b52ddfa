//! Photos that nobody took: drawn in code, so that a newcomer's gallery and every screenshot are alive, and no real school,
//! person or place is in them.
//!
//! [`photos`] is the list, [`draw`] makes the pixels of one, and [`jpeg`] the file that a technician's phone would send. The same
//! photo is the same bytes each time.
//!
//! Decision: drawn rather than stored. Forty photos of this size are 10 MB in every clone and a question of licence each; the
//! scenes are text. The price is CPU: some 0.4 s a photo where this crate is optimised, which is why it is one of its own and
//! knows nothing of the others: it is built once.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "pixels and light: numbers far from every type's end, and a wrong one is seen"
)]
#![expect(
    clippy::many_single_char_names,
    clippy::similar_names,
    reason = "geometry: x, y, u, v, d, r, dx, dy are its names"
)]

mod catalogue;
mod glass;
mod paint;
mod photograph;
mod relief;
mod scenes;
#[cfg(test)]
mod tests;

use libjpeg_turbo_rs::{Encoder, PixelFormat, Subsampling};
use rand::{SeedableRng, rngs::StdRng};

use self::photograph::{Look, develop};
use self::scenes::{Scene, Shot};

/// libjpeg's scale; what phones use, about.
const QUALITY: u8 = 88;

/// One photo, with everything that its sender would say about it.
pub struct SamplePhoto {
    /// What the photo shows, in a technician's words: 16 to 99 graphemes.
    pub caption: &'static str,
    /// What is to be seen, for a person who cannot see it.
    pub alt: &'static str,
    /// Who is to be named: plainly nobody.
    pub credit: &'static str,
    /// Where it was taken: plainly no real school.
    pub school: Option<&'static str>,
    /// A slug of `infra/event.toml`.
    pub discipline: &'static str,
    /// `none`, `adults` or `pupils`: who can be seen. Nobody is drawn, so `none` throughout.
    pub people: &'static str,
    /// In pixels. The longest edge is 1280.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    scene: Scene,
    variant: u32,
}

/// The pixels of a photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// sRGB: rows from the top, pixels from the left, three bytes each.
    pub rgb: Vec<u8>,
}

/// All photos, in the order in which the day would bring them.
pub fn photos() -> &'static [SamplePhoto] {
    catalogue::PHOTOS
}

/// Draws the photo with that index in [`photos`]. Panics beyond its end, as a slice does.
pub fn draw(index: usize) -> Picture {
    let photo = &photos()[index];
    photo.drawn(index, photo.width, photo.height)
}

/// The photo with that index in [`photos`], as a JPEG without metadata. Panics beyond its end, as a slice does.
pub fn jpeg(index: usize) -> Vec<u8> {
    let picture = draw(index);
    // The encoder refuses pixels that do not fill the picture; `develop` fills it. A test encodes a real one.
    Encoder::new(&picture.rgb, picture.width as usize, picture.height as usize, PixelFormat::Rgb)
        .quality(QUALITY)
        .subsampling(Subsampling::S420)
        .encode()
        .unwrap_or_default()
}

impl SamplePhoto {
    /// Draws the photo at any size; its index is its seed.
    fn drawn(&self, index: usize, width: u32, height: u32) -> Picture {
        let mut shot = Shot {
            w: width as usize,
            h: height as usize,
            variant: self.variant,
            rng: StdRng::seed_from_u64(2027 + index as u64),
            look: Look::default(),
        };
        let canvas = (self.scene)(&mut shot);
        Picture { width, height, rgb: develop(&canvas, &shot.look, &mut shot.rng) }
    }
}
