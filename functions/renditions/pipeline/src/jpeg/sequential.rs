//! Scans that bring whole blocks (T.81 §F.2): baseline and extended files.

use super::{
    Damage, Frame, Kept, Outcome, Plane, Sink,
    bits::Bits,
    course::Course,
    huffman::Table,
    level::Level,
    markers::{Markers, Scan},
};

/// A component of the scan.
struct Part<'a> {
    component: usize,
    dc: &'a Table,
    ac: &'a Table,
    kept: Offsets,
    before: i16,
    /// Blocks of the component in one MCU.
    across: usize,
    down: usize,
    /// Blocks in a row of this scan.
    blocks: usize,
    level: Level,
    /// Distance between rows of blocks in `coefficients`.
    pitch: usize,
    coefficients: Vec<i16>,
}

/// [`Kept`], with places in a buffer that has one run of `stride` blocks for each kept frequency.
struct Offsets {
    places: [usize; 128],
    last: usize,
}

/// Decodes one scan and passes its components' rows to the sink. If its data ends early, incomplete rows are kept back.
pub fn scan<S: Sink>(
    frame: &Frame,
    planes: &mut [Plane],
    markers: &Markers<'_>,
    scan: &Scan<'_>,
    sink: &mut S,
) -> Result<Outcome, S::Error> {
    let alone = scan.components.len() == 1;
    let mut parts = Vec::with_capacity(scan.components.len());
    for of in &scan.components {
        let (Some(plane), Some(component)) = (planes.get_mut(of.component), frame.components.get(of.component)) else {
            return Err(Damage::Corrupt.into());
        };
        if plane.quantisers.is_some() {
            return Err(Damage::Corrupt.into()); // a second scan of the same component
        }
        plane.begin(frame, of.component, markers)?;
        let (across, down) = if alone { (1, 1) } else { (component.across, component.down) };
        let kept = Kept::new(plane.scale);
        let pitch = (plane.kept() + 1) * plane.stride;
        parts.push(Part {
            component: of.component,
            dc: markers.dc(of.dc)?,
            ac: markers.ac(of.ac)?,
            kept: Offsets { places: kept.places.map(|place| usize::from(place) * plane.stride), last: kept.last },
            before: 0,
            across,
            down,
            blocks: if alone { plane.own_across } else { plane.blocks_across },
            level: Level::new(plane.quantisers.map_or(1, |quantisers| quantisers[0])),
            pitch,
            coefficients: vec![0; pitch * down],
        });
    }
    let (across, down) = match (alone, parts.first().and_then(|part| planes.get(part.component))) {
        (true, Some(plane)) => (plane.own_across, plane.own_down),
        _ => (frame.width.div_ceil(8 * frame.across), frame.height.div_ceil(8 * frame.down)),
    };
    let mut bits = Bits::new(scan.data);
    let mut course = Course::new(markers.restart_interval, across * down);
    for y in 0..down {
        for part in &mut parts {
            part.coefficients.fill(0);
        }
        for x in 0..across {
            if course.is_restart() {
                let Some(restarted) = course.restarted(bits) else { return Ok(course.outcome(&bits, true)) };
                bits = restarted;
                for part in &mut parts {
                    part.before = 0;
                }
            }
            if course.is_lost() {
                continue;
            }
            for part in &mut parts {
                part.mcu(&mut bits, x);
            }
            if !bits.is_sound() {
                let Some(behind) = course.damaged(bits, y * across + x) else { return Ok(course.outcome(&bits, true)) };
                bits = behind;
            }
        }
        if markers.restart_interval == 0 {
            level(&mut parts, &mut course, y, across);
        }
        for part in &parts {
            let Some(plane) = planes.get_mut(part.component) else { continue };
            for blocks in part.coefficients.chunks_exact(part.pitch) {
                plane.give(part.component, blocks, sink)?;
            }
        }
        sink.pause()?;
    }
    Ok(course.outcome(&bits, false))
}

/// Subtracts what damage has added to the means of a row.
fn level(parts: &mut [Part<'_>], course: &mut Course, y: usize, across: usize) {
    for part in &*parts {
        for means in part.means() {
            if let Some(block) = part.level.beyond(means) {
                course.suspect(y * across + block / part.across);
            }
        }
    }
    let Some(from) = course.in_doubt(y * across) else {
        for part in parts {
            if let Some(means) =
                part.coefficients.get((part.down - 1) * part.pitch..).and_then(|row| row.get(..part.blocks))
            {
                part.level.note(means);
            }
        }
        return;
    };
    for part in parts {
        let from = from * part.across;
        let last = part.means().last().unwrap_or_default();
        let Some(excess) = part.level.excess(last, from) else { continue };
        part.before = part.before.wrapping_sub(excess);
        let (blocks, pitch) = (part.blocks, part.pitch);
        for row in part.coefficients.chunks_exact_mut(pitch) {
            for mean in row.iter_mut().take(blocks).skip(from) {
                *mean = mean.wrapping_sub(excess);
            }
        }
    }
}

impl Part<'_> {
    /// Iterates over the first coefficients of each row of blocks.
    fn means(&self) -> impl Iterator<Item = &[i16]> {
        self.coefficients.chunks_exact(self.pitch).filter_map(|row| row.get(..self.blocks))
    }

    #[inline(always)]
    fn mcu(&mut self, bits: &mut Bits<'_>, mcu: usize) {
        for y in 0..self.down {
            for x in 0..self.across {
                self.block(bits, y * self.pitch + mcu * self.across + x);
            }
        }
    }

    #[inline(always)]
    fn block(&mut self, bits: &mut Bits<'_>, at: usize) {
        let (_, difference) = self.dc.read(bits);
        self.before = self.before.wrapping_add(difference);
        if let Some(place) = self.coefficients.get_mut(at) {
            *place = self.before;
        }
        let mut position = 1;
        while position <= self.kept.last {
            let (advance, value) = self.ac.read(bits);
            position += advance;
            if let Some(place) = self.coefficients.get_mut(self.kept.places[(position - 1) & 127] + at) {
                *place = value;
            }
        }
        while position < 64 {
            position = self.ac.pass(bits, position);
        }
    }
}
