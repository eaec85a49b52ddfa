//! Marker segments: tables, frame and scans (T.81 Annex B).

use std::mem;

use super::{
    Damage, ZIGZAG,
    bits::next_marker,
    huffman::{Kind, Table, standard},
};

/// Largest number of Huffman tables in a file: twice what 64 scans can use. Each costs work out of proportion to its few bytes.
const MOST_TABLES: u32 = 1024;

/// The frame header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Width in samples of the component that has the most.
    pub width: usize,
    /// Height in samples of the component that has the most.
    pub height: usize,
    /// The components: 1, 3 or 4.
    pub components: Vec<Component>,
    /// Whether coefficients come in several scans.
    pub progressive: bool,
    /// The largest horizontal sampling factor.
    pub across: usize,
    /// The largest vertical sampling factor.
    pub down: usize,
    /// What the components mean.
    pub colours: Colours,
}

/// One component of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Component {
    id: u8,
    /// Horizontal sampling factor, 1 to 4.
    pub across: usize,
    /// Vertical sampling factor, 1 to 4.
    pub down: usize,
    pub(super) quantiser: usize,
}

impl Component {
    /// Returns its width and height in its own samples.
    pub fn size(&self, frame: &Frame) -> (usize, usize) {
        let own = |side: usize, factor: usize, largest: usize| (side * factor).div_ceil(largest);
        (own(frame.width, self.across, frame.across), own(frame.height, self.down, frame.down))
    }
}

/// What the components of a frame mean, by the rules that all decoders share (JFIF, and Adobe's APP14).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colours {
    /// One luma component.
    Grey,
    /// Y, Cb, Cr over the full range, by BT.601 (ITU-T T.871).
    YCbCr,
    /// Red, green and blue.
    Rgb,
    /// Cyan, magenta, yellow and black inks.
    Cmyk,
    /// Three inks as Y, Cb, Cr, and black.
    Ycck,
}

/// One scan, with the entropy-coded data after its header.
pub struct Scan<'a> {
    pub components: Vec<ScanComponent>,
    /// The first and the last coefficient.
    pub band: (usize, usize),
    /// The lowest bit that earlier scans brought, then the one that this scan brings (Ah and Al).
    pub high: u8,
    pub low: u8,
    pub data: &'a [u8],
}

#[derive(Clone, Copy)]
pub struct ScanComponent {
    /// The index of the frame's component.
    pub component: usize,
    pub dc: usize,
    pub ac: usize,
}

/// What an `FF` in entropy-coded data begins if it is neither stuffed nor a fill byte.
pub enum Met {
    /// A restart marker, 0 to 7.
    Restart(u8),
    /// The next segment, the end of the picture, or the next picture.
    End,
    /// Damage: a marker that is not allowed there.
    Stray,
}

/// Returns what `data[at]`, an `FF`, begins. A marker counts only if it may follow entropy-coded data (T.81 §B.2) and is followed by what
/// its kind demands: of random bytes, one pair in 300 looks like one that does.
pub fn met(data: &[u8], at: usize) -> Met {
    let rest = data.get(at + 1..).unwrap_or_default();
    match rest {
        &[code @ 0xD0..=0xD7, ..] => Met::Restart(code & 7),
        [] | [0xD9, ..] | [0xD8, 0xFF, ..] => Met::End,
        [code @ (0xC4 | 0xDA..=0xDD | 0xE0..=0xEF | 0xFE), rest @ ..] if is_segment(*code, rest) => Met::End,
        _ => Met::Stray,
    }
}

/// Whether a segment of this kind, with its length, begins here.
fn is_segment(code: u8, bytes: &[u8]) -> bool {
    let Some((&length, rest)) = bytes.split_first_chunk() else { return false };
    let Some(length) = usize::from(u16::from_be_bytes(length)).checked_sub(2) else { return false };
    let Some((segment, behind)) = rest.split_at_checked(length) else { return false };
    match (code, segment) {
        // Coded data follows, so the segment's own bytes must tell.
        (0xDA, &[count @ 1..=4, .., first, last @ ..=63, approximation]) => {
            length == 4 + 2 * usize::from(count)
                && first <= last
                && approximation >> 4 <= 13
                && approximation & 15 <= 13
        }
        (0xDA, _) => false,
        (0xDC | 0xDD, segment) if segment.len() != 2 => false,
        _ => matches!(behind, [0xFF, 0xC0..=0xFF, ..]),
    }
}

/// Returns where the entropy-coded data that begins at `at` ends: at the next segment, or with the file.
pub fn data_end(data: &[u8], mut at: usize) -> usize {
    while let Some(marker) = next_marker(data, at) {
        match met(data, marker) {
            Met::End => return marker,
            Met::Restart(_) | Met::Stray => at = marker + 2,
        }
    }
    data.len()
}

/// What comes next in a file.
pub enum Step<'a> {
    Scan(Scan<'a>),
    /// The end marker.
    End,
    /// The file ends without an end marker.
    Cut,
}

/// A file while its segments are read, with the tables that it has defined so far.
pub struct Markers<'a> {
    data: &'a [u8],
    at: usize,
    /// Whether `at` is where entropy-coded data begins.
    in_data: bool,
    frame: Option<Frame>,
    quantisers: [Option<[u16; 64]>; 4],
    dc: [Option<Table>; 4],
    ac: [Option<Table>; 4],
    /// Number of Huffman tables read.
    tables: u32,
    /// MCUs between restart markers; 0 if there are none.
    pub restart_interval: u32,
    jfif: bool,
    adobe: Option<u8>,
}

impl<'a> Markers<'a> {
    pub fn new(data: &'a [u8]) -> Result<Self, Damage> {
        if !data.starts_with(&[0xFF, 0xD8]) {
            return Err(Damage::Corrupt);
        }
        Ok(Self {
            data,
            at: 2,
            in_data: false,
            frame: None,
            quantisers: [None; 4],
            dc: [const { None }; 4],
            ac: [const { None }; 4],
            tables: 0,
            restart_interval: 0,
            jfif: false,
            adobe: None,
        })
    }

    pub fn frame(&self) -> Result<&Frame, Damage> {
        self.frame.as_ref().ok_or(Damage::Corrupt)
    }

    /// Returns a quantisation table by its number, in natural order.
    pub fn quantisers(&self, number: usize) -> Option<&[u16; 64]> {
        self.quantisers.get(number)?.as_ref()
    }

    pub fn dc(&self, number: usize) -> Result<&Table, Damage> {
        self.dc.get(number).and_then(Option::as_ref).ok_or(Damage::Corrupt)
    }

    pub fn ac(&self, number: usize) -> Result<&Table, Damage> {
        self.ac.get(number).and_then(Option::as_ref).ok_or(Damage::Corrupt)
    }

    /// Gives the components of a scan the standard tables if they have none.
    fn fill_in_tables(&mut self, components: &[ScanComponent]) {
        for of in components {
            for (tables, kind, number) in [(&mut self.dc, Kind::Dc, of.dc), (&mut self.ac, Kind::Ac, of.ac)] {
                if let Some(table @ None) = tables.get_mut(number) {
                    *table = standard(kind, number);
                }
            }
        }
    }

    /// Reads on to the next scan or to the end.
    pub fn next(&mut self) -> Result<Step<'a>, Damage> {
        if mem::take(&mut self.in_data) {
            self.at = data_end(self.data, self.at);
        }
        loop {
            let Some(marker) = self.marker() else { return Ok(Step::Cut) };
            match marker {
                // Markers that stand alone or have no meaning.
                0x01..=0xBF | 0xD0..=0xD8 => continue,
                0xD9 => return Ok(Step::End),
                _ => {}
            }
            let Some(segment) = self.segment()? else { return Ok(Step::Cut) };
            match marker {
                0xC0..=0xC2 => self.start_of_frame(segment, marker == 0xC2)?,
                0xC4 => self.huffman_tables(segment)?,
                0xC3 | 0xC5..=0xCF => return Err(Damage::Corrupt),
                0xDA => {
                    let scan = self.start_of_scan(segment)?;
                    self.in_data = true;
                    if self.frame.as_ref().is_some_and(|frame| !frame.progressive) {
                        self.fill_in_tables(&scan.components);
                    }
                    return Ok(Step::Scan(scan));
                }
                0xDB => self.quantisation_tables(segment)?,
                0xDD => {
                    let [high, low, ..] = *segment else { return Err(Damage::Corrupt) };
                    self.restart_interval = u32::from(u16::from_be_bytes([high, low]));
                }
                0xE0 if segment.starts_with(b"JFIF\0") => self.jfif = true,
                0xEE => {
                    if let [b'A', b'd', b'o', b'b', b'e', _, _, _, _, _, _, transform, ..] = segment {
                        self.adobe = Some(*transform);
                    }
                }
                _ => {}
            }
        }
    }

    /// Returns the next marker, skipping bytes that should not be there.
    fn marker(&mut self) -> Option<u8> {
        loop {
            let rest = self.data.get(self.at..)?;
            self.at += rest.iter().position(|&byte| byte == 0xFF)?;
            let rest = self.data.get(self.at..)?;
            self.at += rest.iter().position(|&byte| byte != 0xFF)?;
            let marker = *self.data.get(self.at)?;
            self.at += 1;
            if marker != 0 {
                return Some(marker);
            }
        }
    }

    fn segment(&mut self) -> Result<Option<&'a [u8]>, Damage> {
        let Some(&length) = self.data.get(self.at..).and_then(|rest| rest.first_chunk()) else { return Ok(None) };
        let length = usize::from(u16::from_be_bytes(length));
        let segment = self.data.get(self.at..self.at + length);
        self.at += length;
        match segment {
            None => Ok(None),
            Some(segment) => segment.get(2..).map(Some).ok_or(Damage::Corrupt),
        }
    }

    fn start_of_frame(&mut self, segment: &[u8], progressive: bool) -> Result<(), Damage> {
        let &[8, high, low, wide, narrow, count, ref components @ ..] = segment else { return Err(Damage::Corrupt) };
        let (components, _) = components.as_chunks::<3>();
        let (height, width) = (u16::from_be_bytes([high, low]), u16::from_be_bytes([wide, narrow]));
        let count = usize::from(count);
        if self.frame.is_some() || height == 0 || width == 0 || !matches!(count, 1 | 3 | 4) {
            return Err(Damage::Corrupt);
        }
        let components = components.get(..count).ok_or(Damage::Corrupt)?;
        let components = components.iter().map(|&[id, sampling, quantiser]| Component {
            id,
            across: usize::from(sampling >> 4),
            down: usize::from(sampling & 15),
            quantiser: usize::from(quantiser),
        });
        let mut components = components.collect::<Vec<_>>();
        if components.iter().any(|of| !(1..=4).contains(&of.across) || !(1..=4).contains(&of.down)) {
            return Err(Damage::Corrupt);
        }
        if let [only] = &mut *components {
            (only.across, only.down) = (1, 1); // sampling is relative
        }
        let largest = |factor: fn(&Component) -> usize| components.iter().map(factor).max().unwrap_or(1);
        self.frame = Some(Frame {
            width: width.into(),
            height: height.into(),
            across: largest(|of| of.across),
            down: largest(|of| of.down),
            colours: self.colours(&components),
            components,
            progressive,
        });
        Ok(())
    }

    fn colours(&self, components: &[Component]) -> Colours {
        match (components.len(), self.adobe) {
            (1, _) => Colours::Grey,
            (4, Some(2)) => Colours::Ycck,
            (4, _) => Colours::Cmyk,
            (_, Some(0)) if !self.jfif => Colours::Rgb,
            (_, None) if !self.jfif && components.iter().map(|of| of.id).eq(*b"RGB") => Colours::Rgb,
            (_, Some(_) | None) => Colours::YCbCr,
        }
    }

    fn quantisation_tables(&mut self, mut segment: &[u8]) -> Result<(), Damage> {
        while let [kind, rest @ ..] = segment {
            let (wide, number) = (kind >> 4 != 0, usize::from(kind & 15));
            let bytes = if wide { 128 } else { 64 };
            let (values, rest) = rest.split_at_checked(bytes).ok_or(Damage::Corrupt)?;
            let mut natural = [0; 64];
            for (position, &place) in ZIGZAG.iter().enumerate() {
                natural[usize::from(place)] = if wide {
                    u16::from_be_bytes([values[2 * position], values[2 * position + 1]])
                } else {
                    u16::from(values[position])
                };
            }
            *self.quantisers.get_mut(number).ok_or(Damage::Corrupt)? = Some(natural);
            segment = rest;
        }
        Ok(())
    }

    fn huffman_tables(&mut self, mut segment: &[u8]) -> Result<(), Damage> {
        while let [kind, rest @ ..] = segment {
            let (counts, rest) = rest.split_first_chunk::<16>().ok_or(Damage::Corrupt)?;
            let total = counts.iter().map(|&count| usize::from(count)).sum();
            let (symbols, rest) = rest.split_at_checked(total).ok_or(Damage::Corrupt)?;
            let number = usize::from(kind & 15);
            self.tables += 1;
            if self.tables > MOST_TABLES {
                return Err(Damage::Corrupt);
            }
            let (kind, tables) = if kind >> 4 == 0 { (Kind::Dc, &mut self.dc) } else { (Kind::Ac, &mut self.ac) };
            *tables.get_mut(number).ok_or(Damage::Corrupt)? = Some(Table::new(kind, counts, symbols)?);
            segment = rest;
        }
        Ok(())
    }

    fn start_of_scan(&mut self, segment: &[u8]) -> Result<Scan<'a>, Damage> {
        let frame = self.frame()?;
        let &[count, ref rest @ ..] = segment else { return Err(Damage::Corrupt) };
        let (selectors, parameters) = rest.split_at_checked(2 * usize::from(count)).ok_or(Damage::Corrupt)?;
        let &[first, last, approximation, ..] = parameters else { return Err(Damage::Corrupt) };
        let mut components: Vec<ScanComponent> = Vec::with_capacity(4);
        let mut blocks = 0;
        for &[id, tables] in selectors.as_chunks::<2>().0 {
            // Some writers give two components the same number, and mean one after the other.
            let is_new = |component: usize| !components.iter().any(|of| of.component == component);
            let mut named = frame.components.iter().enumerate().filter(|(_, of)| of.id == id);
            let (component, _) = named.find(|&(component, _)| is_new(component)).ok_or(Damage::Corrupt)?;
            blocks += frame.components.get(component).map_or(0, |of| of.across * of.down);
            components.push(ScanComponent { component, dc: usize::from(tables >> 4), ac: usize::from(tables & 15) });
        }
        let (first, last, high, low) = (usize::from(first), usize::from(last), approximation >> 4, approximation & 15);
        // §B.2.3: at most 10 blocks in an MCU of several components.
        let sound = !components.is_empty() && (components.len() == 1 || blocks <= 10);
        let banded = if first == 0 { last == 0 } else { components.len() == 1 && first <= last && last < 64 };
        if !sound || (frame.progressive && (!banded || low > 13)) {
            return Err(Damage::Corrupt);
        }
        let data = self.data.get(self.at..).unwrap_or_default();
        Ok(Scan { components, band: (first, last), high, low, data })
    }
}
