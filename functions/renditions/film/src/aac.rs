//! AAC: which sound is kept, and the few bytes that say how to decode it. They are written anew from what was understood.
//!
//! Decision: sound frames are copied as they are. What an encoder may put into a frame beside the sound (data elements, fill) stays: to
//! separate it, each frame would have to be decoded. No phone that we know of writes anything there.

use crate::{
    bits::{Bits, Written},
    boxes::{Found, Span, Walker, be_u16, descriptions, length},
    parts::Parts,
    unfit::{FourCc, Unfit},
};

/// Longest frame of one or two channels in bytes, with a margin: 6144 bits for each channel (ISO/IEC 14496-3, 4.5.1).
pub const MAX_FRAME_BYTES: u32 = 4096;

/// Why a film has no sound although its file has a sound track.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftOut {
    /// The sound is not AAC.
    Codec {
        /// The codec's name in the file, for example `ac-3`.
        found: FourCc,
    },
    /// AAC of a profile that not every browser plays: not LC, HE or HE version 2.
    Kind,
    /// The number of channels is neither one nor two.
    Channels,
    /// The track is switched off, so players do not play it.
    SwitchedOff,
    /// The track has no frames, or none of them is played.
    Silent,
}

/// Sampling rates in hertz, by index (ISO/IEC 14496-3, table 1.18).
const RATES: [u32; 13] =
    [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];

const LC: u32 = 2;
const SBR: u32 = 5;
const PS: u32 = 29;
/// Syncword of the backward-compatible signalling of SBR and PS (ISO/IEC 14496-3, 1.6.6.1).
const SBR_FOLLOWS: u32 = 0x2B7;
const PS_FOLLOWS: u32 = 0x548;

/// How the frames are decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Config {
    rate: u32,
    pub channels: u16,
    sbr: Sbr,
}

/// Whether high frequencies are made from low ones (SBR) and two channels from one (PS), and how the file signals it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sbr {
    Absent,
    Explicit { rate: u32, stereo: bool },
    Compatible { rate: u32, stereo: bool },
}

impl Config {
    /// Returns the sampling rate of the frames in hertz.
    pub fn rate_hz(self) -> u32 {
        RATES.get(length(self.rate)).copied().unwrap_or_default()
    }

    /// Reads an AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1).
    fn read(bytes: &[u8]) -> Option<Result<Self, LeftOut>> {
        let mut bits = Bits::new(bytes);
        let kind = bits.number(5)?;
        let rate = bits.number(4)?;
        let channels = bits.number(4)?;
        let known = |rate: u32| length(rate) < RATES.len();
        if ![LC, SBR, PS].contains(&kind) || !known(rate) {
            return Some(Err(LeftOut::Kind));
        }
        if !(1..=2).contains(&channels) {
            return Some(Err(LeftOut::Channels));
        }
        let mut sbr = Sbr::Absent;
        if kind != LC {
            let rate = bits.number(4)?;
            if !known(rate) || bits.number(5)? != LC {
                return Some(Err(LeftOut::Kind));
            }
            sbr = Sbr::Explicit { rate, stereo: kind == PS };
        }
        // Frames of 1024 samples, no other coder below, no extension.
        if bits.number(3)? != 0 {
            return Some(Err(LeftOut::Kind));
        }
        if kind == LC && bits.left() >= 21 && bits.number(11)? == SBR_FOLLOWS && bits.number(5)? == SBR && bits.bit()? {
            let rate = bits.number(4)?;
            if !known(rate) {
                return Some(Err(LeftOut::Kind));
            }
            let stereo = bits.left() >= 12 && bits.number(11)? == PS_FOLLOWS && bits.bit()?;
            sbr = Sbr::Compatible { rate, stereo };
        }
        Some(Ok(Self { rate, channels: u16::try_from(channels).ok()?, sbr }))
    }

    /// Returns the AudioSpecificConfig, which has 2 to 7 bytes.
    pub fn bytes(self) -> Vec<u8> {
        let mut written = Written::default();
        let kind = match self.sbr {
            Sbr::Absent | Sbr::Compatible { .. } => LC,
            Sbr::Explicit { stereo, .. } => {
                if stereo {
                    PS
                } else {
                    SBR
                }
            }
        };
        written.number(5, kind);
        written.number(4, self.rate);
        written.number(4, u32::from(self.channels));
        if let Sbr::Explicit { rate, .. } = self.sbr {
            written.number(4, rate);
            written.number(5, LC);
        }
        written.number(3, 0);
        if let Sbr::Compatible { rate, stereo } = self.sbr {
            written.number(11, SBR_FOLLOWS);
            written.number(5, SBR);
            written.number(1, 1);
            written.number(4, rate);
            if stereo {
                written.number(11, PS_FOLLOWS);
                written.number(1, 1);
            }
        }
        written.bytes
    }
}

/// Reads the configuration from a sample description, the body of an `stsd`, or says why the sound is left out.
///
/// # Errors
/// [`Unfit`] if the boxes contradict the format.
pub fn config(
    parts: &Parts<'_>,
    walker: &mut Walker<'_, '_>,
    description: Span,
) -> Result<Result<Config, LeftOut>, Unfit> {
    const CORRUPT: Unfit = Unfit::Corrupt { found: "stsd" };
    let (count, mut entries) = descriptions(parts, description)?;
    let Found { kind, body } = walker.next(&mut entries)?.ok_or(CORRUPT)?;
    if count > 1 {
        return Ok(Err(LeftOut::Kind));
    }
    if kind != FourCc(*b"mp4a") {
        return Ok(Err(LeftOut::Codec { found: kind }));
    }
    let head = parts.array::<10>(body.from).filter(|_| body.len() >= 28).ok_or(CORRUPT)?;
    // QuickTime has two longer versions.
    let bytes = match be_u16(&head, 8) {
        Some(0) => 28,
        Some(1) => 44,
        Some(2) => 64,
        Some(_) | None => return Err(CORRUPT),
    };
    let inner = body.skip(bytes);
    let mut found = walker.find(inner, FourCc(*b"esds"))?;
    if let (None, Some(wave)) = (found, walker.find(inner, FourCc(*b"wave"))?) {
        found = walker.find(wave, FourCc(*b"esds"))?;
    }
    let Some(found) = found else { return Ok(Err(LeftOut::Codec { found: kind })) };
    let bytes = parts.bytes(found.from..found.to.min(found.from + 256)).ok_or(CORRUPT)?;
    let read = bytes.get(4..).and_then(specific).ok_or(Unfit::Corrupt { found: "esds" })?;
    match read {
        Ok(config) => Config::read(config).ok_or(Unfit::Corrupt { found: "esds" }),
        Err(left_out) => Ok(Err(left_out)),
    }
}

/// Returns the AudioSpecificConfig in an ES descriptor (ISO/IEC 14496-1, 7.2.6.5).
fn specific(descriptor: &[u8]) -> Option<Result<&[u8], LeftOut>> {
    let stream = descriptor_of(3, descriptor)?;
    let flags = stream.get(2)?;
    // Depends on another stream, has a URL, or uses another stream's clock: no file has any of these.
    if flags & 0xE0 != 0 {
        return Some(Err(LeftOut::Kind));
    }
    let decoder = descriptor_of(4, stream.get(3..)?)?;
    if *decoder.first()? != 0x40 {
        return Some(Err(LeftOut::Kind));
    }
    descriptor_of(5, decoder.get(13..)?).map(Ok)
}

/// Returns the body of the descriptor with this tag at the start of `bytes`, as far as it is present.
fn descriptor_of(tag: u8, bytes: &[u8]) -> Option<&[u8]> {
    let (&found, mut rest) = bytes.split_first()?;
    if found != tag {
        return None;
    }
    let mut size = 0;
    for _ in 0..4 {
        let (&byte, after) = rest.split_first()?;
        rest = after;
        size = size << 7 | usize::from(byte & 0x7F);
        if byte < 0x80 {
            break;
        }
    }
    rest.get(..size.min(rest.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_is_written_as_it_was_read() {
        for bytes in [
            &[0x11, 0x90][..],
            &[0x12, 0x08],
            &[0x2B, 0x11, 0x88, 0x00],
            &[0xEB, 0x09, 0x88, 0x00],
            &[0x13, 0x10, 0x56, 0xE5, 0x98],
            &[0x13, 0x08, 0x56, 0xE5, 0x9D, 0x48, 0x80],
        ] {
            let config = Config::read(bytes).unwrap().unwrap();
            assert_eq!(config.bytes(), bytes);
        }
        // The bytes after the configuration are not understood, so they are not written.
        assert_eq!(Config::read(b"\x11\x90SECRET").unwrap().unwrap().bytes(), [0x11, 0x90]);
        assert_eq!(Config::read(&[0x11, 0x90]).unwrap().unwrap().rate_hz(), 48_000);
    }

    #[test]
    fn other_kinds_of_aac_are_left_out() {
        assert_eq!(Config::read(&[0x0A, 0x10]), Some(Err(LeftOut::Kind)), "Main");
        assert_eq!(Config::read(&[0x11, 0xB0]), Some(Err(LeftOut::Channels)), "six channels");
        assert_eq!(Config::read(&[0x11, 0x80]), Some(Err(LeftOut::Channels)), "channels of its own");
        assert_eq!(Config::read(&[0x17, 0x90]), Some(Err(LeftOut::Kind)), "a rate of its own");
        assert_eq!(Config::read(&[0x11, 0x94]), Some(Err(LeftOut::Kind)), "frames of 960 samples");
        assert_eq!(Config::read(&[0x11]), None);
    }
}
