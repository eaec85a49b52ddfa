//! Boxes of ISO/IEC 14496-12 (QuickTime calls them atoms): where they are, and the tables in them. Nothing here recurses, and each box that
//! is read is counted.

use std::borrow::Cow;

use crate::{
    parts::Parts,
    unfit::{FourCc, Unfit},
};

/// A range of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    pub from: usize,
    pub to: usize,
}

impl Span {
    pub fn len(self) -> usize {
        self.to.saturating_sub(self.from)
    }

    /// Returns the range without its first bytes; it is empty if it has no more than those.
    pub fn skip(self, bytes: usize) -> Self {
        Self { from: self.from.saturating_add(bytes).min(self.to), to: self.to }
    }
}

/// One box.
#[derive(Debug, Clone, Copy)]
pub struct Found {
    pub kind: FourCc,
    pub body: Span,
}

/// Iterates over boxes, and stops when there are too many.
#[derive(Debug)]
pub struct Walker<'p, 'a> {
    parts: &'p Parts<'a>,
    left: u32,
    limit: u32,
}

impl<'p, 'a> Walker<'p, 'a> {
    pub fn new(parts: &'p Parts<'a>, limit: u32) -> Self {
        Self { parts, left: limit, limit }
    }

    /// Returns the next box of `rest`, and moves `rest` past it. `None` if fewer bytes are left than a box has.
    ///
    /// # Errors
    /// [`Unfit::TooComplex`] after the last box that is allowed; [`Unfit::Truncated`] if the box is longer than what is left of the file;
    /// [`Unfit::Corrupt`] if it is longer than the box around it, or shorter than its own header.
    pub fn next(&mut self, rest: &mut Span) -> Result<Option<Found>, Unfit> {
        let Some([a, b, c, d, kind @ ..]) = self.parts.array::<8>(rest.from).filter(|_| rest.len() >= 8) else {
            return Ok(None);
        };
        let found = usize::try_from(self.limit).unwrap_or(usize::MAX).saturating_add(1);
        let limit = self.limit;
        self.left = self.left.checked_sub(1).ok_or(Unfit::TooComplex { what: "boxes", found, limit })?;
        let outermost = rest.to == self.parts.size();
        let (header, size) = match u32::from_be_bytes([a, b, c, d]) {
            // The box extends to the end of the file, which only the last box may.
            0 if outermost => (8, Some(rest.len())),
            1 => (16, self.parts.array(rest.from + 8).and_then(|size| usize::try_from(u64::from_be_bytes(size)).ok())),
            size => (8, Some(length(size))),
        };
        match size {
            Some(size) if size < header => Err(Unfit::Corrupt { found: "box sizes" }),
            Some(size) if size <= rest.len() => {
                let body = Span { from: rest.from + header, to: rest.from + size };
                rest.from = body.to;
                Ok(Some(Found { kind: FourCc(kind), body }))
            }
            Some(_) | None if outermost => Err(Unfit::Truncated),
            Some(_) | None => Err(Unfit::Corrupt { found: "box sizes" }),
        }
    }

    /// Returns the first box of a kind in `rest`.
    ///
    /// # Errors
    /// Those of [`Walker::next`].
    pub fn find(&mut self, mut rest: Span, kind: FourCc) -> Result<Option<Span>, Unfit> {
        while let Some(found) = self.next(&mut rest)? {
            if found.kind == kind {
                return Ok(Some(found.body));
            }
        }
        Ok(None)
    }
}

/// A table: version, flags, number of rows, and the rows.
#[derive(Debug)]
pub struct Table<'a> {
    pub version: u8,
    rows: Cow<'a, [u8]>,
    each: usize,
}

impl<'a> Table<'a> {
    /// Reads the table in the box called `found`, whose rows have `each` bytes.
    ///
    /// # Errors
    /// [`Unfit::TooComplex`] if it claims more than `limit` rows, [`Unfit::Corrupt`] if it claims more than its box holds.
    pub fn read(parts: &Parts<'a>, body: Span, each: usize, limit: u32, found: &'static str) -> Result<Self, Unfit> {
        let corrupt = Unfit::Corrupt { found };
        let Some([version, _, _, _, count @ ..]) = parts.array::<8>(body.from).filter(|_| body.len() >= 8) else {
            return Err(corrupt);
        };
        Self::rows(parts, body.skip(8), version, (u32::from_be_bytes(count), each), limit, found)
    }

    /// Reads `(count, each)` rows from the start of `body`, as [`Table::read`] does.
    pub fn rows(
        parts: &Parts<'a>,
        body: Span,
        version: u8,
        (count, each): (u32, usize),
        limit: u32,
        found: &'static str,
    ) -> Result<Self, Unfit> {
        if count > limit {
            return Err(Unfit::TooComplex { what: "entries in one table", found: length(count), limit });
        }
        let bytes = length(count).saturating_mul(each);
        let rows = parts.bytes(body.from..body.from.saturating_add(bytes)).filter(|_| bytes <= body.len());
        Ok(Self { version, rows: rows.ok_or(Unfit::Corrupt { found })?, each })
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.rows.chunks_exact(self.each)
    }
}

/// Returns how many sample descriptions an `stsd` claims to have, and where they are.
pub fn descriptions(parts: &Parts<'_>, body: Span) -> Result<(u32, Span), Unfit> {
    let head = parts.array::<8>(body.from).filter(|_| body.len() >= 8);
    let count = head.and_then(|head| be_u32(&head, 4)).ok_or(Unfit::Corrupt { found: "stsd" })?;
    Ok((count, body.skip(8)))
}

/// Read big-endian numbers from a row or a small box. `None` if the bytes end too early.
pub fn be_u16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

pub fn be_u32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

pub fn be_i32(bytes: &[u8], at: usize) -> Option<i32> {
    Some(i32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

pub fn be_u64(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Converts a length from a file. It always fits: a `usize` has at least 32 bits on every target that we build for.
pub fn length(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}
