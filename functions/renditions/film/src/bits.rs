//! Bits of a stream, most significant first, as H.264 and AAC write them.

/// Reads bits. Every method returns `None` if the bytes end too early.
#[derive(Debug, Clone)]
pub struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Bits<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub fn bit(&mut self) -> Option<bool> {
        let byte = self.bytes.get(self.at / 8)?;
        let bit = byte >> (7 - self.at % 8) & 1 == 1;
        self.at += 1;
        Some(bit)
    }

    /// Reads an unsigned number of `count` bits, at most 32.
    pub fn number(&mut self, count: u32) -> Option<u32> {
        (0..count).try_fold(0, |number, _| Some(number << 1 | u32::from(self.bit()?)))
    }

    /// Reads an unsigned Exp-Golomb number (ITU-T H.264, 9.1): at most 2³² − 2.
    pub fn ue(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.bit()? {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        let offset = u64::from(self.number(zeros)?);
        u32::try_from((1_u64 << zeros) - 1 + offset).ok()
    }

    /// Reads an unsigned Exp-Golomb number that is at most `max`.
    pub fn ue_to(&mut self, max: u32) -> Option<u32> {
        self.ue().filter(|number| *number <= max)
    }

    /// Reads a signed Exp-Golomb number (ITU-T H.264, 9.1.1).
    pub fn se(&mut self) -> Option<i32> {
        let code = self.ue()?;
        let magnitude = i32::try_from(code.div_ceil(2)).ok()?;
        Some(if code % 2 == 1 { magnitude } else { -magnitude })
    }

    /// Returns the number of bits that are left.
    pub fn left(&self) -> usize {
        (self.bytes.len() * 8).saturating_sub(self.at)
    }

    /// Whether the next bit is the last 1 of the bytes: the stop bit, after which only zeros fill the last byte (ITU-T H.264, 7.3.2.11).
    pub fn at_stop(&self) -> bool {
        let last = self.bytes.iter().rposition(|byte| *byte != 0);
        let stop = last.and_then(|at| Some(at * 8 + 7 - usize::try_from(self.bytes.get(at)?.trailing_zeros()).ok()?));
        stop == Some(self.at) && last == Some(self.bytes.len().saturating_sub(1))
    }
}

/// Returns the payload of a NAL unit: its bytes without the emulation prevention bytes (ITU-T H.264, 7.4.1). `None` if the unit contains a
/// forbidden sequence.
pub fn payload(unit: &[u8]) -> Option<Vec<u8>> {
    let mut payload = Vec::with_capacity(unit.len());
    let mut zeros = 0;
    for &byte in unit {
        match (zeros, byte) {
            (2, 3) => zeros = 0,
            (2, 0..=2) => return None,
            _ => {
                zeros = if byte == 0 { zeros + 1 } else { 0 };
                payload.push(byte);
            }
        }
    }
    Some(payload)
}

/// Writes bits. The last byte is padded with zeros.
#[derive(Debug, Default)]
pub struct Written {
    pub bytes: Vec<u8>,
    used: u32,
}

impl Written {
    /// Writes the lowest `count` bits of a number, at most 32.
    pub fn number(&mut self, count: u32, number: u32) {
        for shift in (0..count).rev() {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            if let (Some(last), true) = (self.bytes.last_mut(), number >> shift & 1 == 1) {
                *last |= 0x80 >> (self.used % 8);
            }
            self.used += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_golomb_codes_are_those_of_the_standard() {
        // ITU-T H.264, tables 9-2 and 9-3: 1, 010, 011, 00100, 00101.
        let bytes = [0b1010_0110, 0b0100_0010, 0b1000_0000];
        let mut unsigned = Bits::new(&bytes);
        assert_eq!([(); 5].map(|()| unsigned.ue()), [Some(0), Some(1), Some(2), Some(3), Some(4)]);
        let mut signed = Bits::new(&bytes);
        assert_eq!([(); 5].map(|()| signed.se()), [Some(0), Some(1), Some(-1), Some(2), Some(-2)]);
        assert_eq!(Bits::new(&[0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF]).ue(), Some(u32::MAX - 1));
        assert_eq!(Bits::new(&[0; 9]).ue(), None);
        assert_eq!(Bits::new(&[0, 0, 0, 1, 0xFF]).ue(), None);
    }

    #[test]
    fn the_stop_bit_is_the_last_of_the_last_byte() {
        let at = |bytes, skip| {
            let mut bits = Bits::new(bytes);
            bits.number(skip);
            bits.at_stop()
        };
        assert!(at(&[0b1010_0000], 2) && at(&[0b1010_0001], 7));
        assert!(!at(&[0b1010_0000], 0) && !at(&[0b1010_0000, 0], 2) && !at(&[0b1010_0000, 1], 2) && !at(&[], 0));
    }

    #[test]
    fn what_keeps_start_codes_away_is_taken_out_and_a_start_code_is_refused() {
        assert_eq!(payload(&[0, 0, 3, 1, 0, 0, 3, 0, 0, 3, 3]), Some(vec![0, 0, 1, 0, 0, 0, 0, 3]));
        assert_eq!([0, 1, 2].map(|third| payload(&[0, 0, third])), [None, None, None]);
        assert_eq!(payload(&[5, 0, 0, 0]), None);
        assert_eq!(payload(&[0, 0]), Some(vec![0, 0]));
    }

    #[test]
    fn what_is_written_is_read() {
        let mut written = Written::default();
        for (count, number) in [(5, 2), (4, 3), (4, 2), (11, 0x2B7), (1, 1), (32, u32::MAX)] {
            written.number(count, number);
        }
        let mut bits = Bits::new(&written.bytes);
        assert_eq!([5, 4, 4, 11, 1, 32].map(|count| bits.number(count)), [2, 3, 2, 0x2B7, 1, u32::MAX].map(Some));
        assert_eq!(bits.left(), 7);
    }
}
