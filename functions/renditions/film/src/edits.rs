//! The edit list of a track (ISO/IEC 14496-12, 8.6.6): when the track begins, and which part of it is shown.

use crate::{
    boxes::{Span, Table, be_i32, be_u32, be_u64},
    parts::Parts,
    unfit::Unfit,
};

/// Largest number of entries. An edit list of one piece needs two: an empty one that delays the track, and the piece.
const MAX_ENTRIES: u32 = 16;

/// The effect of an edit list of one piece.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Edit {
    /// Milliseconds before the track begins.
    pub delay_ms: u32,
    /// Ticks of the track that are left out at its start.
    pub skip: u64,
    /// The tick of the track at which showing ends; `None` if the track is shown to its end.
    pub end: Option<u64>,
}

impl Edit {
    /// Reads the body of an `elst`. `movie` and `track` are the ticks per second of the film and of the track.
    ///
    /// # Errors
    /// [`Unfit::Edits`] if the list does more than delay, skip and end the track.
    pub fn read(parts: &Parts<'_>, body: Span, movie: u32, track: u32) -> Result<Self, Unfit> {
        let each = if parts.array::<1>(body.from) == Some([1]) { 20 } else { 12 };
        let table = match Table::read(parts, body, each, MAX_ENTRIES, "elst") {
            Err(Unfit::TooComplex { .. }) => return Err(Unfit::Edits),
            table => table?,
        };
        let (mut delay, mut piece) = (0_u64, None);
        for row in table.iter() {
            let entry = match table.version {
                1 => (be_u64(row, 0), be_u64(row, 8).map(u64::cast_signed), be_i32(row, 16)),
                _ => (be_u32(row, 0).map(u64::from), be_i32(row, 4).map(i64::from), be_i32(row, 8)),
            };
            match (entry, piece) {
                ((Some(duration), Some(-1), _), None) => delay = delay.saturating_add(duration),
                ((Some(duration), Some(start @ 0..), Some(0x1_0000)), None) => {
                    piece = Some((u128::from(duration), start.cast_unsigned()));
                }
                _ => return Err(Unfit::Edits),
            }
        }
        let (movie, track) = (u128::from(movie), u128::from(track));
        let delay_ms = (u128::from(delay) * 1000 + movie / 2) / movie;
        // An empty list shows the whole track.
        let (duration, skip) = piece.unwrap_or_default();
        let end = u128::from(skip) + (duration * track).div_ceil(movie);
        Ok(Self {
            delay_ms: u32::try_from(delay_ms).unwrap_or(u32::MAX),
            skip,
            end: u64::try_from(end).ok().filter(|_| duration > 0),
        })
    }
}
