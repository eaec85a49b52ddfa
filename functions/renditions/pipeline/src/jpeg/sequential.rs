//! Scans that bring whole blocks (T.81 §F.2): baseline and extended files.

use super::{
    Damage, Frame, Kept, Plane, Sink,
    bits::Bits,
    huffman::Table,
    markers::{Markers, Scan},
};

/// A component of the scan.
struct Part<'a> {
    component: usize,
    dc: &'a Table,
    ac: &'a Table,
    kept: Offsets,
    before: i16,
    /// Blocks of one MCU.
    across: usize,
    down: usize,
    /// From one row of blocks to the next, in `coefficients`.
    pitch: usize,
    coefficients: Vec<i16>,
}

/// [`Kept`], with places in a buffer that has one run of `stride` blocks for each kept frequency.
struct Offsets {
    places: [usize; 128],
    last: usize,
}

/// Decodes one scan, and gives its components' rows away.
pub fn scan<S: Sink>(
    frame: &Frame,
    planes: &mut [Plane],
    markers: &Markers<'_>,
    scan: &Scan<'_>,
    sink: &mut S,
) -> Result<(), S::Error> {
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
        let kept = Kept::of(plane.scale);
        let pitch = (plane.kept() + 1) * plane.stride;
        parts.push(Part {
            component: of.component,
            dc: markers.dc(of.dc)?,
            ac: markers.ac(of.ac)?,
            kept: Offsets { places: kept.places.map(|place| usize::from(place) * plane.stride), last: kept.last },
            before: 0,
            across,
            down,
            pitch,
            coefficients: vec![0; pitch * down],
        });
    }
    let (across, down) = match (alone, parts.first().and_then(|part| planes.get(part.component))) {
        (true, Some(plane)) => (plane.own_across, plane.own_down),
        _ => (frame.width.div_ceil(8 * frame.across), frame.height.div_ceil(8 * frame.down)),
    };
    let mut bits = Bits::new(scan.data);
    let mut left = markers.restart_interval;
    for _ in 0..down {
        for part in &mut parts {
            part.coefficients.fill(0);
        }
        for mcu in 0..across {
            if left == 0 && markers.restart_interval > 0 {
                bits = bits.restarted().filter(|_| !bits.is_overdrawn()).ok_or(Damage::Cut)?;
                left = markers.restart_interval;
                for part in &mut parts {
                    part.before = 0;
                }
            }
            left = left.wrapping_sub(1);
            for part in &mut parts {
                part.mcu(&mut bits, mcu)?;
            }
        }
        if bits.is_overdrawn() {
            return Err(Damage::Cut.into());
        }
        for part in &parts {
            let Some(plane) = planes.get_mut(part.component) else { continue };
            for blocks in part.coefficients.chunks_exact(part.pitch) {
                plane.give(part.component, blocks, sink)?;
            }
        }
        sink.pause()?;
    }
    Ok(())
}

impl Part<'_> {
    #[inline(always)]
    fn mcu(&mut self, bits: &mut Bits<'_>, mcu: usize) -> Result<(), Damage> {
        for y in 0..self.down {
            for x in 0..self.across {
                self.block(bits, y * self.pitch + mcu * self.across + x)?;
            }
        }
        Ok(())
    }

    #[inline(always)]
    fn block(&mut self, bits: &mut Bits<'_>, at: usize) -> Result<(), Damage> {
        let (_, difference) = self.dc.read(bits)?;
        self.before = self.before.wrapping_add(difference);
        if let Some(place) = self.coefficients.get_mut(at) {
            *place = self.before;
        }
        let mut position = 1;
        while position <= self.kept.last {
            let (advance, value) = self.ac.read(bits)?;
            position += advance;
            if let Some(place) = self.coefficients.get_mut(self.kept.places[(position - 1) & 127] + at) {
                *place = value;
            }
        }
        while position < 64 {
            position = self.ac.pass(bits, position)?;
        }
        Ok(())
    }
}
