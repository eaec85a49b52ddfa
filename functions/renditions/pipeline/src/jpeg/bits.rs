//! Bits of entropy-coded data, most significant first, without the stuffed bytes (ITU-T T.81 §F.2.2.5, B.1.1.5).

use super::markers::{Met, met};

/// Reads up to 32 bits at a time. At the end of the data, or at a marker, it returns zeros and counts them.
///
/// Its methods are small and inlined, and rare operations take and return it by value, so that the innermost loop keeps it in registers.
#[derive(Clone, Copy)]
pub struct Bits<'a> {
    data: &'a [u8],
    at: usize,
    /// The next bits, at the top. Below the counted ones there may be some of the bits that follow them, and nothing else.
    next: u64,
    count: u32,
    /// How many of the counted bits are padding after the end of the data.
    made_up: u32,
    /// Whether a code was met that is in no table.
    bad: bool,
}

/// Where decoding continues at a restart.
pub enum Restarted<'a> {
    /// Here. `left_over` is the number of bytes before the marker that belong to no block; an undamaged interval has none.
    Here { bits: Bits<'a>, left_over: usize },
    /// The marker is lost, and a later one with this number follows: there is no data before it.
    Later { bits: Bits<'a>, number: u8 },
    /// Nothing of this scan follows.
    Never,
}

impl<'a> Bits<'a> {
    pub fn new(data: &'a [u8]) -> Self {
        Self { data, at: 0, next: 0, count: 0, made_up: 0, bad: false }
    }

    /// Makes at least 32 bits ready.
    #[inline(always)]
    pub fn ready(&mut self) {
        if self.count < 32 {
            self.fill();
        }
    }

    /// Returns the next `count` bits, 1 to 32, which must be ready.
    #[inline(always)]
    pub fn peek(&self, count: u32) -> u32 {
        (self.next >> (64 - count)) as u32
    }

    /// Skips `count` bits, 0 to 32, which must be ready.
    #[inline(always)]
    pub fn skip(&mut self, count: u32) {
        self.next <<= count;
        self.count -= count;
    }

    /// Takes `count` bits, 0 to 16, whether they are ready or not.
    #[inline(always)]
    pub fn take(&mut self, count: u32) -> u32 {
        self.ready();
        let bits = if count == 0 { 0 } else { self.peek(count) };
        self.skip(count);
        bits
    }

    /// Notes that the next bits are not a code, and skips as many as the longest code has.
    #[cold]
    pub fn spoil(&mut self) {
        self.bad = true;
        self.ready();
        self.skip(16);
    }

    /// Whether what was read can be trusted so far: no bits were taken beyond the data, and every code was in its table.
    #[inline(always)]
    pub fn is_sound(&self) -> bool {
        self.made_up <= self.count && !self.bad
    }

    /// Whether bits were taken beyond the data.
    pub fn is_overdrawn(&self) -> bool {
        self.made_up > self.count
    }

    /// Whether the scan's data ends here, so that nothing follows: neither damage nor a restart.
    pub fn is_at_end(&self) -> bool {
        self.is_overdrawn() && matches!(met(self.data, self.at), Met::End)
    }

    /// Continues after damage: after an invalid marker, or after an invalid code.
    #[inline(never)]
    pub fn past_damage(self) -> Self {
        if self.is_overdrawn() { Self { at: self.at + 2, ..Self::new(self.data) } } else { Self { bad: false, ..self } }
    }

    /// Continues after the restart marker with this number (0 to 7), if it follows. In damaged data, markers are lost and false ones
    /// appear: a marker then counts only if the two after it have the next numbers, and one that comes too early is skipped.
    #[inline(never)]
    pub fn restarted(self, number: u8) -> Restarted<'a> {
        let whole = self.count.saturating_sub(self.made_up) / 8;
        let mut doubtful = !self.is_sound() || whole > 0;
        let mut at = self.at;
        while let Some((marker, found)) = next_restart(self.data, at) {
            let ahead = found.wrapping_sub(number) & 7;
            at = marker + 2;
            doubtful |= ahead != 0;
            if ahead < 6 && (!doubtful || is_one_of_a_row(self.data, at, found)) {
                let bits = Self { at, ..Self::new(self.data) };
                let left_over = whole as usize + meaningful(self.data.get(self.at..marker));
                return if ahead == 0 {
                    Restarted::Here { bits, left_over }
                } else {
                    Restarted::Later { bits, number: found }
                };
            }
        }
        Restarted::Never
    }

    /// Returns how many bytes are left before the scan's end, without the padding of encoders.
    pub fn left_over(&self) -> usize {
        let mut end = self.at;
        while let Some(marker) = next_marker(self.data, end) {
            end = marker;
            if matches!(met(self.data, marker), Met::End) {
                break;
            }
            end += 2;
        }
        meaningful(self.data.get(self.at..end))
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

/// Finds the next restart marker of a scan: its position and its number.
fn next_restart(data: &[u8], mut at: usize) -> Option<(usize, u8)> {
    loop {
        at = next_marker(data, at)?;
        match met(data, at) {
            Met::Restart(number) => return Some((at, number)),
            Met::Stray => at += 2,
            Met::End => return None,
        }
    }
}

/// Whether the restart markers that follow, at most two, have the numbers after this one.
fn is_one_of_a_row(data: &[u8], mut at: usize, number: u8) -> bool {
    (1..=2).all(|further| {
        let Some((marker, found)) = next_restart(data, at) else { return true };
        at = marker + 2;
        found == number.wrapping_add(further) & 7
    })
}

/// Counts the bytes that are not padding. Some encoders pad with zeros or ones throughout.
fn meaningful(bytes: Option<&[u8]>) -> usize {
    bytes.unwrap_or_default().iter().filter(|&&byte| byte != 0 && byte != 0xFF).count()
}

/// Finds the next `FF` that is neither stuffed nor a fill byte.
pub fn next_marker(data: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += data.get(at..)?.iter().position(|&byte| byte == 0xFF)?;
        match data.get(at + 1)? {
            0 => at += 2,
            0xFF => at += 1,
            _ => return Some(at),
        }
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
        let Restarted::Here { mut bits, left_over: 0 } = bits.restarted(0) else { panic!("the marker is there") };
        assert_eq!(bits.take(1), 1);
        assert!(bits.is_sound());
        assert!(matches!(bits.restarted(1), Restarted::Never));
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
