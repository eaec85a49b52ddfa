//! Lossy WebP from planes, by libwebp (BSD-3-Clause), which `libwebp-sys` compiles with the C compiler alone.
//!
//! Decision: an encoder in C. It sees only pixels that we made, never a stranger's file; its decoder is not called. No encoder in Rust
//! comes near it in size and speed. It takes planes rather than RGB, so no colour is converted, and chroma is not averaged a second time.

use std::ptr::null_mut;

use libwebp_sys::{
    WEBP_ENCODER_ABI_VERSION, WebPConfig, WebPConfigInitInternal, WebPEncode, WebPMemoryWrite, WebPMemoryWriter,
    WebPMemoryWriterClear, WebPMemoryWriterInit, WebPPicture, WebPPictureInitInternal, WebPPreset, WebPValidateConfig,
};

/// A picture in 4:2:0, full range as in JPEG. Rows have no padding; the sides of `cb` and `cr` are half of those of `y`, rounded up.
#[derive(Clone, Copy, Debug)]
pub struct Picture<'a> {
    /// Width in pixels, at most 16,383.
    pub width: u32,
    /// Height in pixels, at most 16,383.
    pub height: u32,
    /// Luma, by BT.601.
    pub y: &'a [u8],
    /// Blue-difference chroma.
    pub cb: &'a [u8],
    /// Red-difference chroma.
    pub cr: &'a [u8],
}

/// Settings that trade time and quality against size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Quality, 0 to 100.
    pub quality: f32,
    /// Method, 0 (fastest) to 6 (smallest).
    pub method: u8,
    /// Spatial noise shaping, 0 to 100: how unevenly bits are divided between smooth and busy parts.
    pub noise_shaping: u8,
    /// Deblocking, 0 to 100: how strongly the decoder smooths the edges of blocks.
    pub filter: u8,
}

/// Encodes a picture. `None` if its planes have the wrong size, a side or a setting is out of range, or memory runs out.
pub fn encode(picture: &Picture<'_>, settings: &Settings) -> Option<Vec<u8>> {
    let (width, height) = (i32::try_from(picture.width).ok()?, i32::try_from(picture.height).ok()?);
    let (wide, high) = (usize::try_from(picture.width).ok()?, usize::try_from(picture.height).ok()?);
    let colours = wide.div_ceil(2) * high.div_ceil(2);
    let fills = picture.y.len() == wide * high && picture.cb.len() == colours && picture.cr.len() == colours;
    if !fills || !(1..=16_383).contains(&width) || !(1..=16_383).contains(&height) {
        return None;
    }
    let config = config(settings)?;
    // libwebp never writes to the planes of a picture that does not own them, but its type asks for mutable pointers.
    let mut y = narrowed(picture.y, 16, 219, 0);
    let mut u = narrowed(picture.cb, 128, 224, 128);
    let mut v = narrowed(picture.cr, 128, 224, 128);
    let mut target = blank()?;
    target.width = width;
    target.height = height;
    (target.y, target.y_stride) = (y.as_mut_ptr(), width);
    (target.u, target.v, target.uv_stride) = (u.as_mut_ptr(), v.as_mut_ptr(), (width + 1) / 2);

    let mut writer = Writer::new();
    target.writer = Some(WebPMemoryWrite);
    target.custom_ptr = (&raw mut writer.0).cast();
    // SAFETY: the configuration was validated. The planes have as many bytes as the sides and strides say, and live until after
    // the call. `custom_ptr` is the writer that `WebPMemoryWrite` wants, and nothing else borrows it meanwhile.
    let done = unsafe { WebPEncode(&raw const config, &raw mut target) } != 0;
    done.then(|| writer.bytes().to_vec())
}

/// Converts from full range to the video range that WebP uses: `from` becomes `origin`, and 255 levels become `range`.
fn narrowed(plane: &[u8], origin: i32, range: i32, from: i32) -> Vec<u8> {
    let table: [u8; 256] = std::array::from_fn(|level| {
        let level = i32::try_from(level).unwrap_or(255) - from;
        let scaled = (2 * level * range + 255 * level.signum()) / (2 * 255);
        u8::try_from(origin + scaled).unwrap_or(u8::MAX)
    });
    plane.iter().map(|&level| table[usize::from(level)]).collect()
}

fn config(settings: &Settings) -> Option<WebPConfig> {
    let mut config = std::mem::MaybeUninit::<WebPConfig>::zeroed();
    // SAFETY: the function writes a whole configuration to the place that it is given.
    let known = unsafe {
        WebPConfigInitInternal(
            config.as_mut_ptr(),
            WebPPreset::WEBP_PRESET_DEFAULT,
            settings.quality,
            WEBP_ENCODER_ABI_VERSION.cast_signed(),
        )
    };
    if known == 0 {
        return None;
    }
    // SAFETY: the function reported success, so the configuration is initialised.
    let mut config = unsafe { config.assume_init() };
    config.method = settings.method.into();
    config.sns_strength = settings.noise_shaping.into();
    config.filter_strength = settings.filter.into();
    // SAFETY: reads the configuration.
    let valid = unsafe { WebPValidateConfig(&raw const config) } != 0;
    valid.then_some(config)
}

fn blank() -> Option<WebPPicture> {
    let mut picture = std::mem::MaybeUninit::<WebPPicture>::zeroed();
    // SAFETY: the function writes a whole picture to the place that it is given.
    let known = unsafe { WebPPictureInitInternal(picture.as_mut_ptr(), WEBP_ENCODER_ABI_VERSION.cast_signed()) };
    // SAFETY: it says whether it did.
    (known != 0).then(|| unsafe { picture.assume_init() })
}

/// Memory of libwebp, freed on drop.
struct Writer(WebPMemoryWriter);

impl Writer {
    fn new() -> Self {
        let mut writer = WebPMemoryWriter { mem: null_mut(), size: 0, max_size: 0, pad: [0] };
        // SAFETY: writes to the place that it is given.
        unsafe { WebPMemoryWriterInit(&raw mut writer) };
        Self(writer)
    }

    fn bytes(&self) -> &[u8] {
        if self.0.mem.is_null() {
            return &[];
        }
        // SAFETY: `size` bytes were written to `mem`, and nobody writes there while they are borrowed.
        unsafe { std::slice::from_raw_parts(self.0.mem, self.0.size) }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // SAFETY: frees what the writer has taken, once.
        unsafe { WebPMemoryWriterClear(&raw mut self.0) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: Settings = Settings { quality: 80.0, method: 2, noise_shaping: 50, filter: 60 };

    #[test]
    fn a_picture_becomes_a_webp_and_one_that_its_planes_do_not_fill_does_not() {
        let (y, c) = (vec![90; 35], vec![140; 12]);
        let picture = Picture { width: 7, height: 5, y: &y, cb: &c, cr: &c };
        let file = encode(&picture, &SETTINGS).unwrap();
        assert_eq!((&file[..4], &file[8..15]), (&b"RIFF"[..], &b"WEBPVP8"[..]));
        assert!(encode(&Picture { y: &y[1..], ..picture }, &SETTINGS).is_none());
        assert!(encode(&Picture { cr: &c[1..], ..picture }, &SETTINGS).is_none());
        assert!(encode(&Picture { width: 0, height: 0, y: &[], cb: &[], cr: &[] }, &SETTINGS).is_none());
        assert!(encode(&picture, &Settings { quality: 101.0, ..SETTINGS }).is_none());
    }

    #[test]
    fn levels_go_from_the_full_range_to_that_of_video() {
        assert_eq!(narrowed(&[0, 128, 255], 16, 219, 0), [16, 126, 235]);
        assert_eq!(narrowed(&[0, 127, 128, 129, 255], 128, 224, 128), [16, 127, 128, 129, 240]);
    }
}
