//! The progress through one scan: from restart to restart, and past damage.
//!
//! Decision: in a file with restart markers, what follows damage is mid-grey up to the next marker. In a file without them, decoding
//! continues after the damage: the rest of the picture is shifted, and [`super::level`] roughly restores its colours. So the picture can be
//! recognised, which it cannot in grey (libjpeg leaves it grey). A progressive scan ends at the damage: what is missing of it makes the
//! picture less sharp.

use super::{
    Flaws, Outcome,
    bits::{Bits, Restarted},
};

/// Bytes that may be left at the end of a scan without being a sign of damage: some encoders leave a few.
const FEW: usize = 8;

pub struct Course {
    /// MCUs between restarts; 0 if there are no restarts.
    interval: usize,
    /// MCUs in the scan.
    all: usize,
    /// MCUs left before the next restart.
    left: usize,
    /// The number of the next restart marker.
    number: u8,
    /// Whether nothing can be read before the next restart.
    lost: bool,
    /// The number of the restart marker that the bits are behind although it is not due yet.
    awaited: Option<u8>,
    /// The first MCU since the last restart in which damage was seen.
    sign: Option<usize>,
    /// The MCU after the last one in which damage was seen, if that was recent.
    behind: Option<usize>,
    grey: usize,
    damaged: usize,
}

impl Course {
    pub fn new(interval: u32, all: usize) -> Self {
        let interval = interval as usize;
        Self {
            interval,
            all,
            left: interval,
            number: 0,
            lost: false,
            awaited: None,
            sign: None,
            behind: None,
            grey: 0,
            damaged: 0,
        }
    }

    /// Counts the next MCU. Returns whether a restart comes before it.
    #[inline(always)]
    pub fn is_restart(&mut self) -> bool {
        let is_restart = self.left == 0 && self.interval > 0;
        self.left = if is_restart { self.interval } else { self.left }.wrapping_sub(1);
        is_restart
    }

    /// Whether there is no data for the next MCU, which then counts as grey.
    #[inline(always)]
    pub fn is_lost(&mut self) -> bool {
        self.grey += usize::from(self.lost);
        self.lost
    }

    /// Continues after the next restart marker. `None` if nothing of the scan follows.
    pub fn restarted<'a>(&mut self, bits: Bits<'a>) -> Option<Bits<'a>> {
        let number = self.number;
        self.number = (number + 1) & 7;
        let seen = self.sign.take().is_some() || self.lost;
        let (bits, sound) = match self.awaited {
            Some(awaited) => {
                self.lost = awaited != number;
                self.awaited = Some(awaited).filter(|_| self.lost);
                (bits, true)
            }
            None => match bits.restarted(number) {
                Restarted::Here { bits, left_over } => {
                    self.lost = false;
                    (bits, left_over == 0)
                }
                Restarted::Later { bits, number } => {
                    (self.lost, self.awaited) = (true, Some(number));
                    (bits, false)
                }
                Restarted::Never => return None,
            },
        };
        self.damaged += if seen || !sound { self.interval } else { 0 };
        Some(bits)
    }

    /// Handles bits that are not sound, after an MCU. `None` if the data ends here.
    #[cold]
    #[inline(never)]
    pub fn damaged<'a>(&mut self, bits: Bits<'a>, mcu: usize) -> Option<Bits<'a>> {
        if bits.is_at_end() {
            return None;
        }
        self.suspect(mcu);
        if self.interval == 0 {
            return Some(bits.past_damage());
        }
        self.lost = true;
        Some(bits)
    }

    /// Notes that an MCU is damaged.
    pub fn suspect(&mut self, mcu: usize) {
        self.sign.get_or_insert(mcu);
        self.behind = self.behind.max(Some(mcu + 1));
    }

    /// Returns the MCU from which a row is in doubt that begins with the MCU `first`: the one after the damage in it, or the row's first if
    /// damage was in the row before. `None` if the row is not in doubt.
    pub fn in_doubt(&mut self, first: usize) -> Option<usize> {
        let behind = self.behind?;
        if behind <= first {
            self.behind = None; // the rows that follow are level
        }
        Some(behind.saturating_sub(first))
    }

    /// Notes damage, or the end of the data, in a scan whose remaining data is abandoned.
    #[cold]
    #[inline(never)]
    pub fn give_up(&mut self, mcu: usize) {
        self.sign.get_or_insert(mcu);
        self.lost = true;
    }

    /// Notes that the scan has nothing from this MCU on.
    pub fn lose_rest(&mut self, mcu: usize) {
        self.grey += self.all - mcu.min(self.all);
        self.damaged += self.all - mcu.min(self.all);
    }

    /// Returns the outcome of the scan, which is complete unless it was `cut`.
    pub fn outcome(self, bits: &Bits<'_>, cut: bool) -> Outcome {
        let stretch = if self.interval > 0 { self.interval } else { self.all };
        let last = match self.sign {
            Some(mcu) => stretch.min(self.all - mcu.min(self.all)),
            None if self.lost || (!cut && bits.left_over() > FEW) => stretch,
            None => 0,
        };
        Outcome { cut, flaws: Flaws::of_scan(self.grey, self.damaged + last, self.all) }
    }
}
