//! Scans that bring a part of each coefficient (T.81 Annex G).
//!
//! Decision: of each block, the coefficients that its scale needs are kept, and of the others one bit each: whether they are zero, which is
//! all that later scans need. At half size a block takes 40 bytes rather than 128. A scan is skipped if neither it nor a later one that
//! builds on it contributes to what is needed.

use super::{
    Damage, Flaws, Frame, Kept, Outcome, Plane, Sink,
    bits::Bits,
    course::Course,
    huffman::{Table, extended},
    markers::{Markers, Scan, ScanComponent, Step},
};

pub struct Progressive<'f> {
    frame: &'f Frame,
    planes: Vec<Plane>,
    stores: Vec<Store>,
    outcome: Outcome,
}

/// The coefficients of one component.
struct Store {
    kept: Kept,
    /// Number of kept coefficients of a block, plus one place for all others.
    size: usize,
    values: Vec<i16>,
    /// Which coefficients of each block are not zero, by their position in the file.
    set: Vec<u64>,
    /// The positions whose lowest bit no scan has brought yet.
    wanting: u64,
}

/// What a scan does with a band of one component.
struct Band<'a> {
    table: &'a Table,
    first: usize,
    last: usize,
    low: u8,
    /// Number of blocks left that get nothing new.
    blank: u32,
}

impl<'f> Progressive<'f> {
    pub fn new(frame: &'f Frame, planes: Vec<Plane>) -> Self {
        let stores = planes.iter().map(|plane| {
            let blocks = plane.blocks_across * plane.blocks_down;
            let size = plane.kept();
            Store {
                kept: Kept::new(plane.scale),
                size,
                values: vec![0; blocks * size],
                set: vec![0; blocks],
                wanting: u64::MAX,
            }
        });
        Self { frame, stores: stores.collect(), planes, outcome: Outcome::default() }
    }

    pub fn decode<'a, S: Sink>(
        mut self,
        mut markers: Markers<'a>,
        first: Scan<'a>,
        sink: &mut S,
    ) -> Result<Outcome, S::Error> {
        let mut scan = first;
        loop {
            self.scan(&markers, &scan, sink)?;
            scan = match markers.next()? {
                Step::Scan(next) => next,
                Step::End => break,
                // Without its last scans a picture is blurred, or in false colours. If all scans have come, only the end marker is missing.
                Step::Cut if self.stores.iter().all(|store| store.wanting == 0) => break,
                Step::Cut => return Ok(Outcome { cut: true, ..self.outcome }),
            };
        }
        if self.planes.iter().any(|plane| plane.quantisers.is_none()) {
            return Err(Damage::Corrupt.into());
        }
        let outcome = self.outcome;
        self.finish(sink)?;
        Ok(outcome)
    }

    fn scan<S: Sink>(&mut self, markers: &Markers<'_>, scan: &Scan<'_>, sink: &mut S) -> Result<(), S::Error> {
        for of in &scan.components {
            let plane = self.planes.get_mut(of.component).ok_or(Damage::Corrupt)?;
            plane.begin(self.frame, of.component, markers)?;
        }
        if scan.low == 0 {
            for of in &scan.components {
                let band = u64::MAX >> (63 - scan.band.1) & u64::MAX << scan.band.0;
                self.stores.get_mut(of.component).ok_or(Damage::Corrupt)?.wanting &= !band;
            }
        }
        let bits = Bits::new(scan.data);
        match (&*scan.components, scan.band.0) {
            ([of], 0) => self.dc(bits, markers, scan, &[*of], true, sink),
            (several, 0) => self.dc(bits, markers, scan, several, false, sink),
            ([of], _) => self.ac(bits, markers, scan, *of, sink),
            _ => Err(Damage::Corrupt.into()),
        }
    }

    fn dc<S: Sink>(
        &mut self,
        mut bits: Bits<'_>,
        markers: &Markers<'_>,
        scan: &Scan<'_>,
        components: &[ScanComponent],
        alone: bool,
        sink: &mut S,
    ) -> Result<(), S::Error> {
        let (across, down) = match (alone, components.first().and_then(|of| self.planes.get(of.component))) {
            (true, Some(plane)) => (plane.own_across, plane.own_down),
            _ => (self.frame.width.div_ceil(8 * self.frame.across), self.frame.height.div_ceil(8 * self.frame.down)),
        };
        let mut before = [0_i16; 4];
        let mut course = Course::new(markers.restart_interval, across * down);
        'scan: for y in 0..down {
            for x in 0..across {
                if course.is_restart() {
                    let Some(restarted) = course.restarted(bits) else {
                        course.lose_rest(y * across + x);
                        break 'scan;
                    };
                    bits = restarted;
                    before = [0; 4];
                }
                if course.is_lost() {
                    continue;
                }
                for (of, before) in components.iter().zip(&mut before) {
                    let (Some(plane), Some(store), Some(component)) = (
                        self.planes.get(of.component),
                        self.stores.get_mut(of.component),
                        self.frame.components.get(of.component),
                    ) else {
                        return Err(Damage::Corrupt.into());
                    };
                    let (h, v) = if alone { (1, 1) } else { (component.across, component.down) };
                    for block in 0..h * v {
                        let at = (y * v + block / h) * plane.blocks_across + x * h + block % h;
                        let Some(dc) = store.values.get_mut(at * store.size) else {
                            return Err(Damage::Corrupt.into());
                        };
                        if scan.high == 0 {
                            let (_, difference) = markers.dc(of.dc)?.read(&mut bits);
                            *before = before.wrapping_add(difference);
                            *dc = before.wrapping_shl(u32::from(scan.low));
                        } else if bits.take(1) == 1 {
                            *dc |= 1 << scan.low;
                        }
                    }
                }
                if !bits.is_sound() {
                    course.give_up(y * across + x);
                }
            }
            sink.pause()?;
        }
        // A part that no second scan can improve is grey. Without a later bit, the picture is only coarser.
        self.note(course.outcome(&bits, false), scan.high == 0);
        Ok(())
    }

    /// Records the damage in a scan.
    fn note(&mut self, of_scan: Outcome, may_be_grey: bool) {
        let Flaws { grey, damaged } = of_scan.flaws;
        self.outcome.flaws = self.outcome.flaws.and(Flaws { grey: if may_be_grey { grey } else { 0 }, damaged });
    }

    fn ac<S: Sink>(
        &mut self,
        mut bits: Bits<'_>,
        markers: &Markers<'_>,
        scan: &Scan<'_>,
        of: ScanComponent,
        sink: &mut S,
    ) -> Result<(), S::Error> {
        let (Some(plane), Some(store)) = (self.planes.get(of.component), self.stores.get_mut(of.component)) else {
            return Err(Damage::Corrupt.into());
        };
        if store.size == 1 {
            return Ok(()); // at an eighth, only the first coefficients count, and those come in scans of their own
        }
        let table = markers.ac(of.ac)?;
        let mut band = Band { table, first: scan.band.0, last: scan.band.1, low: scan.low, blank: 0 };
        let mut course = Course::new(markers.restart_interval, plane.own_across * plane.own_down);
        'scan: for y in 0..plane.own_down {
            for x in 0..plane.own_across {
                if course.is_restart() {
                    let Some(restarted) = course.restarted(bits) else {
                        course.lose_rest(y * plane.own_across + x);
                        break 'scan;
                    };
                    bits = restarted;
                    band.blank = 0;
                }
                if course.is_lost() {
                    continue;
                }
                let at = y * plane.blocks_across + x;
                let (Some(values), Some(set)) =
                    (store.values.get_mut(at * store.size..(at + 1) * store.size), store.set.get_mut(at))
                else {
                    return Err(Damage::Corrupt.into());
                };
                if scan.high == 0 {
                    band.first(&mut bits, &store.kept, values, set);
                } else {
                    band.again(&mut bits, &store.kept, values, set);
                }
                if !bits.is_sound() {
                    course.give_up(y * plane.own_across + x);
                }
            }
            sink.pause()?;
        }
        self.note(course.outcome(&bits, false), false);
        Ok(())
    }

    /// Transforms the gathered coefficients.
    fn finish<S: Sink>(mut self, sink: &mut S) -> Result<(), S::Error> {
        for (component, (plane, store)) in self.planes.iter_mut().zip(&self.stores).enumerate() {
            let stride = plane.stride;
            let mut row = vec![0; stride * store.size];
            for blocks in store.values.chunks_exact(plane.blocks_across * store.size) {
                for (x, block) in blocks.chunks_exact(store.size).enumerate() {
                    for (value, place) in block.iter().zip(row.iter_mut().skip(x).step_by(stride)) {
                        *place = *value;
                    }
                }
                plane.give(component, &row, sink)?;
                sink.pause()?;
            }
        }
        Ok(())
    }
}

impl Band<'_> {
    /// Reads the first bits of a band (§G.1.2.2).
    #[inline(always)]
    fn first(&mut self, bits: &mut Bits<'_>, kept: &Kept, values: &mut [i16], set: &mut u64) {
        if self.blank > 0 {
            self.blank -= 1;
            return;
        }
        let mut position = self.first;
        while position <= self.last {
            let symbol = self.table.symbol(bits);
            let (run, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
            if size == 0 {
                if run < 15 {
                    self.blank = (1 << run) - 1 + bits.take(run as u32);
                    break;
                }
                position += 16;
                continue;
            }
            position += run;
            let value = extended(bits.take(size), size).wrapping_shl(u32::from(self.low));
            if position > 63 {
                bits.spoil(); // beyond the block
                return;
            }
            *set |= 1 << position;
            if let Some(place) = values.get_mut(usize::from(kept.places[position])) {
                *place = value;
            }
            position += 1;
        }
    }

    /// Reads one more bit of a band, and coefficients that get their first bit (§G.1.2.3).
    #[inline(always)]
    fn again(&mut self, bits: &mut Bits<'_>, kept: &Kept, values: &mut [i16], set: &mut u64) {
        let mut position = self.first;
        while self.blank == 0 && position <= self.last {
            let symbol = self.table.symbol(bits);
            let (mut run, size) = (u32::from(symbol >> 4), symbol & 15);
            let mut new = 0_i16;
            if size != 0 {
                new = if bits.take(1) == 1 { 1 } else { -1 };
            } else if run < 15 {
                self.blank = (1 << run) + bits.take(run);
                break;
            }
            if *set >> position & ((2 << run) - 1) == 0 {
                position += run as usize; // nothing to correct on the way, as in most blocks
                run = 0;
            }
            while position <= self.last {
                if *set >> position & 1 == 1 {
                    self.correct(bits, kept, values, position);
                } else if run == 0 {
                    break;
                } else {
                    run -= 1;
                }
                position += 1;
            }
            if new != 0 && position <= self.last {
                *set |= 1 << position;
                if let Some(place) = values.get_mut(usize::from(kept.places[position])) {
                    *place = new.wrapping_shl(u32::from(self.low));
                }
            }
            position += 1;
        }
        if self.blank > 0 {
            self.blank -= 1;
            // Jumps from one non-zero coefficient to the next: a block without any costs nothing, however many scans there are.
            let mut rest = *set & u64::MAX.checked_shl(position as u32).unwrap_or(0) & (u64::MAX >> (63 - self.last));
            while rest != 0 {
                self.correct(bits, kept, values, rest.trailing_zeros() as usize);
                rest &= rest - 1;
            }
        }
    }

    #[inline(always)]
    fn correct(&self, bits: &mut Bits<'_>, kept: &Kept, values: &mut [i16], position: usize) {
        let more = bits.take(1) == 1;
        if let Some(value) = values.get_mut(usize::from(kept.places[position])).filter(|_| more) {
            let bit = 1_i16.wrapping_shl(u32::from(self.low));
            if *value & bit == 0 {
                *value = value.wrapping_add(if *value < 0 { bit.wrapping_neg() } else { bit });
            }
        }
    }
}
