//! Huffman tables (ITU-T T.81 Annexes C, F.2.2.3).
//!
//! One lookup of the next [`LOOK`] bits gives the code and, nearly always, the value after it as well: three of four coefficients of a
//! photo are decoded with one memory access.

use super::{Damage, bits::Bits};

/// Number of bits in one lookup. With 10, two tables fit in a third of the first-level cache.
const LOOK: u32 = 10;

/// The position beyond the last one of a block, where the code for "no more" leads.
pub const END: usize = 64;

/// The meaning of the next bits, packed into 32 bits: how many of them are used (0–7), by how many positions to advance (8–14), whether the
/// value is known (15), and then the value or otherwise its number of bits (16–31). 0 if the code is longer than [`LOOK`].
#[derive(Clone, Copy)]
struct Entry(u32);

impl Entry {
    const KNOWN: u32 = 1 << 15;

    #[inline(always)]
    fn bits(self) -> u32 {
        self.0 & 0xFF
    }

    #[inline(always)]
    fn advance(self) -> usize {
        (self.0 >> 8 & 0x7F) as usize
    }

    #[inline(always)]
    fn value(self) -> i16 {
        (self.0 >> 16) as i16
    }
}

/// The values that are skipped at once, which are all that a lookup sees completely: how many bits they use (0–7), by how many positions
/// they advance together (8–15), and by how many all except the last do (16–23). 0 if the first code is longer than [`LOOK`].
#[derive(Clone, Copy)]
struct Several(u32);

impl Several {
    #[inline(always)]
    fn bits(self) -> u32 {
        self.0 & 0xFF
    }

    #[inline(always)]
    fn advance(self) -> usize {
        (self.0 >> 8 & 0xFF) as usize
    }

    #[inline(always)]
    fn before_last(self) -> usize {
        (self.0 >> 16) as usize
    }
}

/// What a symbol stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The number of bits of a difference.
    Dc,
    /// A run of zeros and the number of bits of a coefficient.
    Ac,
}

#[derive(Clone)]
pub struct Table {
    fast: Box<[Entry; 1 << LOOK]>,
    /// Lookup table for coefficients that are skipped.
    several: Box<[Several; 1 << LOOK]>,
    /// Length (0–7) and symbol (8–15) of short codes, for progressive scans.
    short: Box<[u16; 1 << LOOK]>,
    /// For each length, one more than its last code, as the top of 16 bits.
    limits: [u32; 17],
    /// For each length, what to add to a code to get its index among the symbols (modulo 2³²).
    offsets: [u32; 17],
    symbols: [u8; 256],
    kind: Kind,
}

/// Returns the tables to use if a file has none: those of T.81 §K.3, first for luma and then for chroma. Frames of motion JPEG omit them.
pub fn standard(kind: Kind, number: usize) -> Option<Table> {
    let (counts, symbols): (&[u8; 16], &[u8]) = match (kind, number) {
        (Kind::Dc, 0) => (&DC_LUMA, &DC_SYMBOLS),
        (Kind::Dc, 1) => (&DC_CHROMA, &DC_SYMBOLS),
        (Kind::Ac, 0) => (&AC_LUMA, &AC_LUMA_SYMBOLS),
        (Kind::Ac, 1) => (&AC_CHROMA, &AC_CHROMA_SYMBOLS),
        (Kind::Dc | Kind::Ac, _) => return None,
    };
    Table::new(kind, counts, symbols).ok()
}

/// Tables K.3 to K.6: the number of codes of each length, and their symbols.
const DC_LUMA: [u8; 16] = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0];
const DC_CHROMA: [u8; 16] = [0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0];
const DC_SYMBOLS: [u8; 12] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
const AC_LUMA: [u8; 16] = [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125];
const AC_CHROMA: [u8; 16] = [0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 119];
const AC_LUMA_SYMBOLS: [u8; 162] = [
    0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51, 0x61, 0x07, 0x22, 0x71, 0x14,
    0x32, 0x81, 0x91, 0xA1, 0x08, 0x23, 0x42, 0xB1, 0xC1, 0x15, 0x52, 0xD1, 0xF0, 0x24, 0x33, 0x62, 0x72, 0x82, 0x09,
    0x0A, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2A, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3A,
    0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4A, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5A, 0x63, 0x64, 0x65,
    0x66, 0x67, 0x68, 0x69, 0x6A, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7A, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88,
    0x89, 0x8A, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7, 0xA8, 0xA9,
    0xAA, 0xB2, 0xB3, 0xB4, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBA, 0xC2, 0xC3, 0xC4, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA,
    0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDA, 0xE1, 0xE2, 0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9, 0xEA,
    0xF1, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8, 0xF9, 0xFA,
];
const AC_CHROMA_SYMBOLS: [u8; 162] = [
    0x00, 0x01, 0x02, 0x03, 0x11, 0x04, 0x05, 0x21, 0x31, 0x06, 0x12, 0x41, 0x51, 0x07, 0x61, 0x71, 0x13, 0x22, 0x32,
    0x81, 0x08, 0x14, 0x42, 0x91, 0xA1, 0xB1, 0xC1, 0x09, 0x23, 0x33, 0x52, 0xF0, 0x15, 0x62, 0x72, 0xD1, 0x0A, 0x16,
    0x24, 0x34, 0xE1, 0x25, 0xF1, 0x17, 0x18, 0x19, 0x1A, 0x26, 0x27, 0x28, 0x29, 0x2A, 0x35, 0x36, 0x37, 0x38, 0x39,
    0x3A, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4A, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5A, 0x63, 0x64,
    0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7A, 0x82, 0x83, 0x84, 0x85, 0x86,
    0x87, 0x88, 0x89, 0x8A, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7,
    0xA8, 0xA9, 0xAA, 0xB2, 0xB3, 0xB4, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBA, 0xC2, 0xC3, 0xC4, 0xC5, 0xC6, 0xC7, 0xC8,
    0xC9, 0xCA, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDA, 0xE2, 0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9,
    0xEA, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8, 0xF9, 0xFA,
];

impl Table {
    /// Builds a table. `counts` is the number of codes of each length from 1 to 16; `symbols` are their symbols, in the order of the codes.
    pub fn new(kind: Kind, counts: &[u8; 16], symbols: &[u8]) -> Result<Self, Damage> {
        let mut table = Self {
            fast: Box::new([Entry(0); 1 << LOOK]),
            several: Box::new([Several(0); 1 << LOOK]),
            short: Box::new([0; 1 << LOOK]),
            limits: [0; 17],
            offsets: [0; 17],
            symbols: [0; 256],
            kind,
        };
        table.symbols.get_mut(..symbols.len()).ok_or(Damage::Corrupt)?.copy_from_slice(symbols);
        if kind == Kind::Dc && symbols.iter().any(|&bits| bits > 15) {
            return Err(Damage::Corrupt);
        }
        let (mut code, mut place) = (0_u32, 0_u32);
        for (length, &count) in (1..=16_u32).zip(counts) {
            table.offsets[length as usize] = place.wrapping_sub(code);
            for _ in 0..count {
                let symbol = *symbols.get(place as usize).ok_or(Damage::Corrupt)?;
                if length <= LOOK {
                    table.enter(code, length, symbol);
                }
                code += 1;
                place += 1;
            }
            if code > 1 << length {
                return Err(Damage::Corrupt); // more codes than there can be
            }
            table.limits[length as usize] = code << (16 - length);
            code <<= 1;
        }
        table.chain();
        Ok(table)
    }

    fn chain(&mut self) {
        for (at, several) in self.several.iter_mut().enumerate() {
            let (mut bits, mut advance, mut before_last) = (0, 0, 0);
            while bits < LOOK && advance < END {
                let entry = self.fast[(at << bits) & ((1 << LOOK) - 1)];
                // For the second and later codes, all bits must be visible. (For the first, `bits` may be more.)
                if entry.0 == 0 || (bits > 0 && bits + entry.bits() > LOOK) {
                    break;
                }
                before_last = advance;
                bits += entry.bits();
                advance += entry.advance();
            }
            *several = Several(bits | (advance as u32) << 8 | (before_last as u32) << 16);
        }
    }

    fn enter(&mut self, code: u32, length: u32, symbol: u8) {
        let (advance, size) = self.meaning(symbol);
        let first = code << (LOOK - length);
        for rest in 0..1 << (LOOK - length) {
            let behind = LOOK - length; // bits after the code that this look-up sees
            let entry = if size <= behind {
                let value = if size == 0 { 0 } else { extended(rest >> (behind - size), size) };
                (length + size) | (advance as u32) << 8 | Entry::KNOWN | (value as u32) << 16
            } else {
                (length + size) | (advance as u32) << 8 | size << 16
            };
            let at = (first + rest) as usize;
            if let (Some(fast), Some(short)) = (self.fast.get_mut(at), self.short.get_mut(at)) {
                *fast = Entry(entry);
                *short = (u16::from(symbol) << 8) | length as u16;
            }
        }
    }

    /// Returns by how many positions a symbol advances, and how many bits its value has.
    fn meaning(&self, symbol: u8) -> (usize, u32) {
        let (run, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
        match self.kind {
            Kind::Dc => (1, u32::from(symbol)),
            Kind::Ac if size == 0 && run < 15 => (END, 0),
            Kind::Ac => (run + 1, size),
        }
    }

    /// Reads one value. Returns by how many positions to advance, and the value at the last of them.
    #[inline(always)]
    pub fn read(&self, bits: &mut Bits<'_>) -> (usize, i16) {
        bits.ready();
        let entry = self.fast[bits.peek(LOOK) as usize];
        if entry.0 & Entry::KNOWN != 0 {
            bits.skip(entry.bits());
            return (entry.advance(), entry.value());
        }
        if entry.0 != 0 {
            let size = entry.0 >> 16;
            bits.skip(entry.bits() - size);
            let value = extended(bits.peek(size), size);
            bits.skip(size);
            return (entry.advance(), value);
        }
        let (advance, size) = self.meaning(self.long(bits));
        let value = if size == 0 { 0 } else { extended(bits.peek(size), size) };
        bits.skip(size);
        (advance, value)
    }

    /// Skips one or several values at a position within a block. Returns the new position, which is at most the block's end.
    #[inline(always)]
    pub fn pass(&self, bits: &mut Bits<'_>, position: usize) -> usize {
        bits.ready();
        let ahead = bits.peek(LOOK) as usize;
        let several = self.several[ahead];
        if several.0 != 0 && position + several.before_last() < END {
            bits.skip(several.bits());
            return position + several.advance();
        }
        let entry = self.fast[ahead];
        if entry.0 != 0 {
            bits.skip(entry.bits());
            return position + entry.advance();
        }
        let (advance, size) = self.meaning(self.long(bits));
        bits.skip(size);
        position + advance
    }

    /// Reads one bare symbol, for progressive scans.
    #[inline(always)]
    pub fn symbol(&self, bits: &mut Bits<'_>) -> u8 {
        bits.ready();
        let short = self.short[bits.peek(LOOK) as usize];
        if short != 0 {
            bits.skip(u32::from(short & 0xFF));
            return (short >> 8) as u8;
        }
        self.long(bits)
    }

    /// Reads a symbol whose code is longer than a lookup. If the bits are not a code, returns the symbol that does least: no difference, or
    /// the end of the block.
    #[inline(always)]
    fn long(&self, bits: &mut Bits<'_>) -> u8 {
        if let Some((symbol, length)) = self.search(bits.peek(16)) {
            bits.skip(length);
            symbol
        } else {
            bits.spoil();
            0
        }
    }

    /// Returns the symbol at the start of 16 bits and the length of its code; `None` if there is none.
    #[cold]
    #[inline(never)]
    fn search(&self, ahead: u32) -> Option<(u8, u32)> {
        let length = (LOOK + 1..=16).find(|&length| ahead < self.limits[length as usize])?;
        let place = (ahead >> (16 - length)).wrapping_add(self.offsets[length as usize]);
        Some((*self.symbols.get(place as usize)?, length))
    }
}

/// Converts a value of `size` bits (1–15) to a signed number (T.81 §F.2.2.1, EXTEND).
#[inline(always)]
pub fn extended(bits: u32, size: u32) -> i16 {
    let below = bits < 1 << (size - 1);
    (bits as i32 - if below { (1 << size) - 1 } else { 0 }) as i16
}
