//! Decodes PNG with `png`, row by row, scaled at once to the size of the largest rendition. An interlaced file contains seven pictures of
//! the whole, and must be complete.
//!
//! Decision: a file that ends early is shown as far as it goes, as a JPEG is, if at least three quarters of it exist. A damaged file is
//! refused: what is compressed after the damage is decoded to noise, and checksums reveal that only at the end.

use std::io::Cursor;

use png::{BitDepth, Decoder, DecodingError, InterlaceInfo, Reader, Transformations, expand_interlaced_row};

use super::{Decoded, flattened, part};
use crate::render::{
    Limits, Unreadable,
    look::Header,
    pixels::{Channels, Picture, Pixels, Size},
    scale::{Fit, largest, to_largest},
};

/// Number of rows between two checks of the time.
const PAUSE: u32 = 64;

pub fn png(header: &Header<'_>, limits: &Limits) -> Result<Decoded, Unreadable> {
    let bytes = usize::try_from(limits.max_alloc_bytes).unwrap_or(usize::MAX);
    let cut = |unreadable| {
        if !header.complete && unreadable == Unreadable::Corrupt { Unreadable::Truncated } else { unreadable }
    };
    let mut decoder = Decoder::new_with_limits(Cursor::new(&*header.picture), png::Limits { bytes });
    decoder.set_transformations(Transformations::EXPAND);
    let mut reader = decoder.read_info().map_err(|error| refused(&error))?;
    let info = reader.info();
    if Size::new(info.width, info.height) != header.size {
        return Err(Unreadable::Corrupt); // a header that says one thing to us and another to the decoder
    }
    if info.interlaced {
        let pixels = interlaced(&mut reader, header.size, limits).map_err(cut)?;
        limits.in_time()?;
        let picture = to_largest(pixels).map(Picture::Pixels)?;
        return Ok(Decoded { picture, rows: header.size.height, damaged_percent: 0 });
    }
    by_rows(&mut reader, header, limits).map_err(cut)
}

type Png<'a> = Reader<Cursor<&'a [u8]>>;

fn by_rows(reader: &mut Png<'_>, header: &Header<'_>, limits: &Limits) -> Result<Decoded, Unreadable> {
    let size = header.size;
    let to = largest(size);
    let (samples, deep) = samples(reader);
    let channels = if samples < 3 { Channels::Grey } else { Channels::Rgb };
    let mut fit = Fit::of_pixels(size, to, channels);
    let mut row = vec![0; reader.output_line_size(size.width).ok_or(Unreadable::Corrupt)?];
    let mut damage = None;
    for y in 0..size.height {
        if y % PAUSE == 0 {
            limits.in_time()?;
        }
        match reader.read_row(&mut row) {
            Ok(Some(_)) => {}
            Ok(None) => return Err(Unreadable::Corrupt),
            Err(error) if header.complete => return Err(refused(&error)),
            Err(error) => {
                damage = Some(refused(&error));
                break;
            }
        }
        if deep {
            in_own_order(&mut row);
        }
        let (_, flat) = flattened(samples, deep, row)?;
        fit.row(&flat)?;
        row = flat;
        row.resize(reader.output_line_size(size.width).ok_or(Unreadable::Corrupt)?, 0);
    }
    if header.complete {
        // The checksums come after the last row.
        reader.read_row(&mut row).map_err(|error| refused(&error))?;
    }
    let mut data = fit.finish()?;
    let (width, _) = to.sides();
    let made = u32::try_from(data.len() / (width * channels.count()).max(1)).unwrap_or(u32::MAX).min(to.height);
    // A chroma sample covers two rows.
    let made = if made < to.height { made / 2 * 2 } else { made };
    let rows = if made == to.height { size.height } else { part(size.height, made, to.height) };
    if let Some(unreadable) = damage.filter(|_| u64::from(rows) * 4 < u64::from(size.height) * 3) {
        return Err(unreadable);
    }
    let shown = Size::new(to.width, made);
    let (_, kept) = shown.sides();
    data.truncate(width * kept * channels.count());
    Ok(Decoded { picture: Picture::Pixels(Pixels { size: shown, channels, data }), rows, damaged_percent: 0 })
}

/// Decodes an interlaced file whole. Each row is flattened before it is put in its place, so that what is kept has at most 3 bytes per
/// pixel, of the file's up to 8.
fn interlaced(reader: &mut Png<'_>, size: Size, limits: &Limits) -> Result<Pixels, Unreadable> {
    let (samples, deep) = samples(reader);
    let channels = if samples < 3 { Channels::Grey } else { Channels::Rgb };
    let (width, height) = size.sides();
    let stride = width * channels.count();
    let mut data = vec![0; stride * height];
    let bits = if samples < 3 { 8 } else { 24 };
    let mut count = 0_u32;
    while let Some(row) = reader.next_interlaced_row().map_err(|error| refused(&error))? {
        let InterlaceInfo::Adam7(place) = *row.interlace() else { return Err(Unreadable::Corrupt) };
        let mut samples_of_row = row.data().to_vec();
        if deep {
            in_own_order(&mut samples_of_row);
        }
        let (_, flat) = flattened(samples, deep, samples_of_row)?;
        expand_interlaced_row(&mut data, stride, &flat, &place, bits);
        if count.is_multiple_of(PAUSE) {
            limits.in_time()?;
        }
        count += 1;
    }
    Ok(Pixels { size, channels, data })
}

/// Returns the number of samples in a pixel, and whether they have 16 bits.
fn samples(reader: &Png<'_>) -> (u8, bool) {
    let (color, depth) = reader.output_color_type();
    let samples = u8::try_from(color.samples()).unwrap_or_default();
    (samples, depth == BitDepth::Sixteen)
}

/// Converts samples of 16 bits from the file's byte order to the machine's.
fn in_own_order(data: &mut [u8]) {
    for sample in data.as_chunks_mut::<2>().0 {
        *sample = u16::from_be_bytes(*sample).to_ne_bytes();
    }
}

fn refused(error: &DecodingError) -> Unreadable {
    match error {
        DecodingError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Unreadable::Truncated,
        DecodingError::IoError(_)
        | DecodingError::Format(_)
        | DecodingError::Parameter(_)
        | DecodingError::LimitsExceeded => Unreadable::Corrupt,
    }
}
