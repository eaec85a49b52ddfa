//! The way through one scan: from restart to restart, and past damage.
//!
//! Decision: where a file has restart markers, what follows damage is mid-grey up to the next of them. Where it has none, decoding goes on
//! behind the damage: the rest of the picture is shifted, and [`super::level`] brings it back to about its colours. So it can be
//! recognised, which grey cannot (libjpeg leaves it grey). A progressive scan ends with the damage: what is missing of it makes the picture less sharp.

use super::{
    Flaws, Outcome,
    bits::{Bits, Restarted},
};

/// Bytes that may be left at the end of a scan without being a sign of damage: there are encoders that leave some.
const FEW: usize = 8;

pub struct Course {
    /// MCUs from one restart to the next; 0 for none.
    interval: usize,
    /// MCUs of the scan.
    all: usize,
    /// MCUs before the next restart.
    left: usize,
    /// The number of the next restart marker.
    number: u8,
    /// Nothing can be read before the next restart.
    lost: bool,
    /// The bits stand behind the restart marker of this number, which is not due yet.
    awaited: Option<u8>,
    /// The first MCU since the last restart that damage was seen in.
    sign: Option<usize>,
    /// The MCU behind the last one that damage was seen in, if that was lately.
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

    /// Counts an MCU that follows. Whether a restart comes before it.
    #[inline(always)]
    pub fn is_restart(&mut self) -> bool {
        let is_restart = self.left == 0 && self.interval > 0;
        self.left = if is_restart { self.interval } else { self.left }.wrapping_sub(1);
        is_restart
    }

    /// Whether there are no data for the next MCU, which is counted as grey then.
    #[inline(always)]
    pub fn is_lost(&mut self) -> bool {
        self.grey += usize::from(self.lost);
        self.lost
    }

    /// Goes on after the next restart marker. `None` if nothing of the scan follows.
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

    /// What to do about bits that are not sound, after an MCU. `None`: the data end here.
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

    /// From which MCU on a row is in doubt that begins with the MCU `first`: from behind the damage in it, or from its beginning if damage was
    /// in the row before. `None` if it is not.
    pub fn in_doubt(&mut self, first: usize) -> Option<usize> {
        let behind = self.behind?;
        if behind <= first {
            self.behind = None; // the rows that follow are level
        }
        Some(behind.saturating_sub(first))
    }

    /// Within a scan of which the rest is given up with its data: notes damage, or the end.
    #[cold]
    #[inline(never)]
    pub fn give_up(&mut self, mcu: usize) {
        self.sign.get_or_insert(mcu);
        self.lost = true;
    }

    /// Of a scan, nothing more is there from this MCU on.
    pub fn lose_rest(&mut self, mcu: usize) {
        self.grey += self.all - mcu.min(self.all);
        self.damaged += self.all - mcu.min(self.all);
    }

    /// The scan is over, with all its MCUs or, if it was cut, without some.
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
