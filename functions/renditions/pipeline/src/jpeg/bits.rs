//! Bits of entropy-coded data, most significant first, without the stuffed bytes (ITU-T T.81 §F.2.2.5, B.1.1.5).

/// Reads up to 32 bits at a time. At the end of the data, or at a marker, it gives zeros and counts them.
///
/// Its functions are small and inlined, and what is rare takes and gives it by value, so that the innermost loop keeps it in
/// registers.
#[derive(Clone, Copy)]
pub struct Bits<'a> {
    data: &'a [u8],
    at: usize,
    /// The next bits, at the top. Below the counted ones there may be some of the bits that follow, and nothing else.
    next: u64,
    count: u32,
    /// How many of the counted bits were made up.
    made_up: u32,
}

impl<'a> Bits<'a> {
    pub fn new(data: &'a [u8]) -> Self {
        Self { data, at: 0, next: 0, count: 0, made_up: 0 }
    }

    /// Makes at least 32 bits ready.
    #[inline(always)]
    pub fn ready(&mut self) {
        if self.count < 32 {
            self.fill();
        }
    }

    /// The next `count` bits, 1 to 32, which must be ready.
    #[inline(always)]
    pub fn peek(&self, count: u32) -> u32 {
        (self.next >> (64 - count)) as u32
    }

    /// Steps over `count` bits, 0 to 32, which must be ready.
    #[inline(always)]
    pub fn skip(&mut self, count: u32) {
        self.next <<= count;
        self.count -= count;
    }

    /// Takes `count` bits, 0 to 16, ready or not.
    #[inline(always)]
    pub fn take(&mut self, count: u32) -> u32 {
        self.ready();
        let bits = if count == 0 { 0 } else { self.peek(count) };
        self.skip(count);
        bits
    }

    /// Whether bits were taken that are not there.
    pub fn is_overdrawn(&self) -> bool {
        self.made_up > self.count
    }

    /// Goes on after the next restart marker, if one follows.
    #[inline(never)]
    pub fn restarted(self) -> Option<Self> {
        let rest = self.data.get(self.at..)?;
        let marker = rest.windows(2).position(|pair| pair[0] == 0xFF && pair[1] != 0 && pair[1] != 0xFF)?;
        let is_restart = matches!(rest.get(marker + 1), Some(0xD0..=0xD7));
        is_restart.then_some(Self { data: self.data, at: self.at + marker + 2, next: 0, count: 0, made_up: 0 })
    }

    #[inline(always)]
    fn fill(&mut self) {
        const LOW: u64 = 0x0101_0101_0101_0101;
        const HIGH: u64 = 0x8080_8080_8080_8080;
        if let Some(&bytes) = self.data.get(self.at..).and_then(|rest| rest.first_chunk()) {
            let word = u64::from_be_bytes(bytes);
            let some_ff = (!word).wrapping_sub(LOW) & word & HIGH;
            if some_ff == 0 {
                self.next |= word >> self.count;
                let whole = (63 - self.count) >> 3;
                self.at += whole as usize;
                self.count += whole << 3;
                return;
            }
        }
        *self = self.filled_by_byte();
    }

    #[cold]
    #[inline(never)]
    fn filled_by_byte(mut self) -> Self {
        while self.count <= 56 {
            let byte = match self.data.get(self.at..) {
                Some([0xFF, 0, ..]) => {
                    self.at += 2;
                    0xFF
                }
                Some([0xFF, 0xFF, ..]) => {
                    self.at += 1;
                    continue;
                }
                Some([0xFF, ..] | []) | None => {
                    self.made_up += 8;
                    0
                }
                Some([byte, ..]) => {
                    self.at += 1;
                    *byte
                }
            };
            self.next |= u64::from(byte) << (56 - self.count);
            self.count += 8;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stuffed_bytes_are_left_out_and_markers_end_the_data() {
        let data = [0x12, 0xFF, 0x00, 0x34, 0x56, 0x78, 0x9A, 0xBC, 0xFF, 0x00, 0xDE, 0xFF, 0xD0, 0x81];
        let mut bits = Bits::new(&data);
        let taken = (0..9).map(|_| bits.take(8)).collect::<Vec<_>>();
        assert_eq!(taken, [0x12, 0xFF, 0x34, 0x56, 0x78, 0x9A, 0xBC, 0xFF, 0xDE]);
        assert!(!bits.is_overdrawn());
        assert_eq!(bits.take(3), 0);
        assert!(bits.is_overdrawn());
        let mut bits = bits.restarted().unwrap();
        assert_eq!(bits.take(1), 1);
        assert!(!bits.is_overdrawn());
        assert!(bits.restarted().is_none());
    }

    #[test]
    fn bits_of_any_count_follow_each_other() {
        let data = (0..=254_u8).collect::<Vec<_>>();
        let mut bits = Bits::new(&data);
        let mut at = 0_u32;
        for count in (1..=16).cycle().take(200) {
            let expected = (0..count).fold(0, |all, n| {
                let byte = data[usize::try_from((at + n) / 8).unwrap()];
                all << 1 | u32::from(byte >> (7 - (at + n) % 8) & 1)
            });
            assert_eq!(bits.take(count), expected, "{count} bits at {at}");
            at += count;
        }
    }
}
