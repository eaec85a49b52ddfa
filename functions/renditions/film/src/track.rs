//! The samples of one track, and when they are shown.

use std::ops::Range;

use crate::{boxes::length, edits::Edit, limits::Limits, unfit::Unfit};

/// One picture or one frame of sound. Times are in ticks of its track.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sample {
    /// Offset of the sample in the file.
    pub at: usize,
    /// Size of the sample in the file, in bytes.
    pub bytes: u32,
    /// Number of its bytes that are written. Used for pictures only; sound is written as it is.
    pub kept: u32,
    /// Ticks between its decoding and that of the next sample.
    pub duration: u32,
    /// Ticks between its decoding and its presentation.
    pub composition_offset: i32,
    /// Whether it is a key frame.
    pub is_key: bool,
}

impl Sample {
    pub fn range(&self) -> Range<usize> {
        self.at..self.at.saturating_add(length(self.bytes))
    }
}

/// The samples of one track, in the order in which they are decoded.
#[derive(Debug, Clone)]
pub struct Track {
    /// Ticks per second.
    pub scale: u32,
    /// Milliseconds before the track begins.
    pub delay_ms: u32,
    /// Ticks at its start that are not shown.
    pub skip: u64,
    pub samples: Vec<Sample>,
}

impl Track {
    /// Iterates over the samples, each with the tick at which it is decoded and the tick at which it is shown.
    pub fn times(&self) -> impl Iterator<Item = (&Sample, u64, i64)> {
        self.samples.iter().scan(0_u64, |next, sample| {
            let decoded = *next;
            *next += u64::from(sample.duration);
            Some((sample, decoded, decoded.cast_signed() + i64::from(sample.composition_offset)))
        })
    }

    /// Returns the duration of all samples together, in ticks.
    pub fn total(&self) -> u64 {
        self.samples.iter().map(|sample| u64::from(sample.duration)).sum()
    }

    /// Returns the tick at which the last sample is no longer shown.
    pub fn end(&self) -> u64 {
        let ends = self.times().map(|(sample, _, shown)| shown + i64::from(sample.duration));
        u64::try_from(ends.max().unwrap_or_default()).unwrap_or_default()
    }

    /// Returns the shown duration in milliseconds, rounded up, without the delay.
    pub fn shown_ms(&self) -> u64 {
        self.ms(self.end().saturating_sub(self.skip))
    }

    /// Converts ticks to milliseconds, rounded up.
    pub fn ms(&self, ticks: u64) -> u64 {
        (ticks * 1000).div_ceil(u64::from(self.scale))
    }

    /// Removes the pictures that an edit hides, so that they are not written: those after the end, and those before the last key frame from
    /// which the shown part can be decoded. Some hidden pictures may remain before the start; [`Track::check`] limits them.
    pub fn cut_picture(&mut self, edit: &Edit) {
        self.cut_end(edit);
        let skip = self.skip.cast_signed();
        let before = |decoded: u64, shown: i64| shown <= skip && decoded.cast_signed() <= skip;
        let starts =
            self.times().enumerate().filter(|(_, (sample, decoded, shown))| sample.is_key && before(*decoded, *shown));
        if let Some((first, decoded)) = starts.last().map(|(n, (_, decoded, _))| (n, decoded)) {
            self.samples.drain(..first);
            self.skip -= decoded;
        }
    }

    /// Removes the sound that an edit hides, except for two frames before the start, which decoders need to begin.
    pub fn cut_sound(&mut self, edit: &Edit) {
        self.samples.iter_mut().for_each(|sample| sample.composition_offset = 0);
        self.cut_end(edit);
        let heard = self.times().position(|(sample, decoded, _)| decoded + u64::from(sample.duration) > self.skip);
        let first = heard.unwrap_or(self.samples.len() + 2).saturating_sub(2);
        self.skip -= self.samples.drain(..first).map(|sample| u64::from(sample.duration)).sum::<u64>();
    }

    /// Removes samples at the end of the decoding order that are shown after the end: no earlier sample depends on them.
    fn cut_end(&mut self, edit: &Edit) {
        let Some(end) = edit.end else { return };
        let end = i64::try_from(end).unwrap_or(i64::MAX);
        let last = self.times().enumerate().filter(|(_, (_, _, shown))| *shown < end).last();
        let kept = last.map_or(0, |(n, _)| n + 1);
        self.samples.truncate(kept);
    }

    /// Checks that what is left can be written and is not too long.
    ///
    /// # Errors
    /// [`Unfit::TooLong`], [`Unfit::Hidden`], or [`Unfit::Corrupt`] if nothing is shown, or something before the first tick.
    pub fn check(&self, limits: &Limits) -> Result<(), Unfit> {
        let end = self.end();
        if end <= self.skip {
            return Err(Unfit::Corrupt { found: "elst" });
        }
        if self.times().any(|(_, _, shown)| shown < 0) {
            return Err(Unfit::Corrupt { found: "ctts" });
        }
        let (found_ms, limit_ms) = (self.ms(self.skip), limits.max_hidden_ms);
        if found_ms > limit_ms.into() {
            return Err(Unfit::Hidden { found_ms, limit_ms });
        }
        let (found_ms, limit_ms) =
            (u64::from(self.delay_ms) + self.ms(end.max(self.total()) - self.skip), limits.max_duration_ms);
        if found_ms > limit_ms.into() { Err(Unfit::TooLong { found_ms, limit_ms }) } else { Ok(()) }
    }
}
