//! The bytes of one file, in the parts in which they were uploaded.

use std::{borrow::Cow, ops::Range};

/// The bytes of one file, in the parts in which they were uploaded. A file in one piece is one part.
///
/// Decision: slices, and no trait of a reader. The function that calls this has fetched and hashed every part before anything is parsed, at
/// most 24 of 1 MiB. With slices the parser is a pure function: it has no errors of reading beside the file's own, it cannot read one byte
/// twice and get two answers, and the parts need not be joined to one buffer of 24 MiB. Given up: a caller cannot examine a file before all
/// of it is in memory.
#[derive(Debug, Clone, Default)]
pub struct Parts<'a> {
    slices: Vec<&'a [u8]>,
    /// Offset of each slice in the file.
    starts: Vec<usize>,
    size: usize,
}

impl<'a> Parts<'a> {
    /// Joins the parts, in their order, to one file.
    pub fn new(parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut all = Self::default();
        for slice in parts.into_iter().filter(|slice| !slice.is_empty()) {
            all.starts.push(all.size);
            all.slices.push(slice);
            all.size = all.size.saturating_add(slice.len());
        }
        all
    }

    /// Returns the size of the file in bytes.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Returns the bytes of a range in as many slices as there are parts that hold them. There are fewer bytes than asked for if the file
    /// ends.
    pub(crate) fn pieces(&self, range: Range<usize>) -> impl Iterator<Item = &'a [u8]> + use<'a, '_> {
        let first = self.starts.partition_point(|start| *start <= range.start).saturating_sub(1);
        let held = self.starts.iter().zip(&self.slices).skip(first);
        held.take_while(move |(start, _)| **start < range.end).filter_map(move |(start, slice)| {
            let within = |at: usize| at.saturating_sub(*start).min(slice.len());
            slice.get(within(range.start)..within(range.end))
        })
    }

    /// Copies the bytes from `at` on, and returns how many there were.
    pub(crate) fn copy(&self, at: usize, into: &mut [u8]) -> usize {
        let mut filled = 0;
        for piece in self.pieces(at..at.saturating_add(into.len())) {
            if let Some(room) = into.get_mut(filled..filled + piece.len()) {
                room.copy_from_slice(piece);
                filled += piece.len();
            }
        }
        filled
    }

    /// Returns the bytes of a range, copied only if they are in several parts. `None` if the file ends before the range does.
    pub(crate) fn bytes(&self, range: Range<usize>) -> Option<Cow<'a, [u8]>> {
        if range.end > self.size || range.start > range.end {
            return None;
        }
        let mut pieces = self.pieces(range.clone());
        let first = pieces.next().unwrap_or_default();
        if first.len() == range.len() {
            return Some(Cow::Borrowed(first));
        }
        let mut all = Vec::with_capacity(range.len());
        all.extend_from_slice(first);
        pieces.for_each(|piece| all.extend_from_slice(piece));
        Some(Cow::Owned(all))
    }

    /// Returns the `N` bytes from `at` on. `None` if the file ends before.
    pub(crate) fn array<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        let mut bytes = [0; N];
        (self.copy(at, &mut bytes) == N).then_some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_the_same_however_the_file_is_parted() {
        let file: Vec<u8> = (0..60).collect();
        let whole = Parts::new([&file[..]]);
        for size in 1..=file.len() {
            let parts = Parts::new(file.chunks(size));
            assert_eq!(parts.size(), 60);
            for from in 0..=61 {
                for to in from..=61 {
                    assert_eq!(parts.bytes(from..to), whole.bytes(from..to), "{size}: {from}..{to}");
                    assert_eq!(parts.pieces(from..to).flatten().count(), file.len().min(to).saturating_sub(from));
                }
            }
            assert_eq!(parts.array::<4>(55), Some([55, 56, 57, 58]));
            assert_eq!(parts.array::<4>(57), None);
        }
        assert_eq!(Parts::new([]).bytes(0..0).as_deref(), Some(&[][..]));
        assert_eq!(Parts::new([]).bytes(0..1), None);
    }
}
