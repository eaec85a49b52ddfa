//! Reads two things from EXIF: the orientation, and whether the numbers are Adobe RGB.
//!
//! Format: CIPA DC-008 (EXIF 3.0) §4.6, a TIFF structure. Anything malformed is ignored: half of the EXIF in the wild is malformed, and the
//! picture is still a picture.

use crate::render::orient::Orientation;

const ORIENTATION: u16 = 0x0112;
const EXIF_IFD: u16 = 0x8769;
const INTEROPERABILITY_IFD: u16 = 0xA005;
const INTEROPERABILITY_INDEX: u16 = 0x0001;

/// Largest number of entries that are read of a directory. Cameras write about 20.
const MAX_ENTRIES: u16 = 512;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Exif {
    pub orientation: Orientation,
    /// DCF option file: `R03` in the interoperability directory. Cameras set to Adobe RGB write this instead of a profile.
    pub adobe_rgb: bool,
}

/// Reads a TIFF block, with or without the `Exif\0\0` that JPEG puts before it (and some writers put before it in WebP).
pub fn read(block: &[u8]) -> Exif {
    let tiff = Tiff::parse(block.strip_prefix(b"Exif\0\0").unwrap_or(block));
    let Some((tiff, ifd0)) = tiff else { return Exif::default() };
    Exif {
        orientation: tiff.orientation(ifd0).unwrap_or_default(),
        adobe_rgb: tiff.is_adobe_rgb(ifd0).unwrap_or(false),
    }
}

#[derive(Clone, Copy)]
struct Tiff<'a> {
    bytes: &'a [u8],
    little_endian: bool,
}

impl<'a> Tiff<'a> {
    fn parse(bytes: &'a [u8]) -> Option<(Self, usize)> {
        let little_endian = match bytes.first_chunk()? {
            b"II*\0" => true,
            b"MM\0*" => false,
            _ => return None,
        };
        let tiff = Self { bytes, little_endian };
        let ifd0 = tiff.offset(4)?;
        Some((tiff, ifd0))
    }

    fn orientation(self, ifd0: usize) -> Option<Orientation> {
        let entry = self.entry(ifd0, ORIENTATION)?;
        // SHORT by the standard; some writers make it a LONG.
        let value = match self.u16(entry.checked_add(2)?)? {
            3 => u32::from(self.u16(entry.checked_add(8)?)?),
            4 => self.u32(entry.checked_add(8)?)?,
            _ => return None,
        };
        Orientation::from_exif(value)
    }

    fn is_adobe_rgb(self, ifd0: usize) -> Option<bool> {
        let exif = self.offset(self.entry(ifd0, EXIF_IFD)?.checked_add(8)?)?;
        let interoperability = self.offset(self.entry(exif, INTEROPERABILITY_IFD)?.checked_add(8)?)?;
        let index = self.entry(interoperability, INTEROPERABILITY_INDEX)?.checked_add(8)?;
        Some(self.bytes.get(index..)?.starts_with(b"R03"))
    }

    /// Returns where the twelve bytes of a directory entry begin.
    fn entry(self, ifd: usize, tag: u16) -> Option<usize> {
        let count = self.u16(ifd)?.min(MAX_ENTRIES);
        let first = ifd.checked_add(2)?;
        (0..usize::from(count)).map_while(|n| first.checked_add(12 * n)).find(|&at| self.u16(at) == Some(tag))
    }

    fn offset(self, at: usize) -> Option<usize> {
        usize::try_from(self.u32(at)?).ok()
    }

    fn u16(self, at: usize) -> Option<u16> {
        if self.little_endian { super::le_u16(self.bytes, at) } else { super::be_u16(self.bytes, at) }
    }

    fn u32(self, at: usize) -> Option<u32> {
        if self.little_endian { super::le_u32(self.bytes, at) } else { super::be_u32(self.bytes, at) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn little_endian_block(value: u16) -> Vec<u8> {
        let mut block = b"Exif\0\0II*\0\x08\0\0\0\x01\0".to_vec();
        block.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0]);
        block.extend(value.to_le_bytes());
        block.extend([0, 0, 0, 0, 0, 0]);
        block
    }

    #[test]
    fn the_orientation_is_read_in_both_byte_orders() {
        assert_eq!(read(&little_endian_block(6)).orientation, Orientation::from_exif(6).unwrap());
        let big_endian = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x08\0\0\0\0\0\0";
        assert_eq!(read(big_endian).orientation, Orientation::from_exif(8).unwrap());
    }

    #[test]
    fn nonsense_is_as_if_it_was_not_there() {
        for value in [0, 9, 65_535] {
            assert_eq!(read(&little_endian_block(value)), Exif::default());
        }
        let block = little_endian_block(6);
        for end in 0..block.len() - 6 {
            assert_eq!(read(&block[..end]), Exif::default(), "cut at {end}");
        }
        assert_eq!(read(b"II*\0\xFF\xFF\xFF\xFF"), Exif::default());
    }

    #[test]
    fn adobe_rgb_is_found_through_three_directories() {
        let mut block = b"II*\0\x08\0\0\0".to_vec();
        let entry = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
            let mut entry = vec![1, 0];
            entry.extend(tag.to_le_bytes());
            entry.extend(kind.to_le_bytes());
            entry.extend(count.to_le_bytes());
            entry.extend(value);
            entry.extend([0; 4]);
            entry
        };
        block.extend(entry(EXIF_IFD, 4, 1, 26_u32.to_le_bytes()));
        block.extend(entry(INTEROPERABILITY_IFD, 4, 1, 44_u32.to_le_bytes()));
        block.extend(entry(INTEROPERABILITY_INDEX, 2, 4, *b"R03\0"));
        assert!(read(&block).adobe_rgb);
        let index = block.len() - 8;
        block[index..index + 3].copy_from_slice(b"R98");
        assert!(!read(&block).adobe_rgb);
    }
}
