//! The error for a wrong settings file, which says the line and what was expected.

use jiff::{
    Timestamp,
    civil::{Date, Time},
    tz::TimeZone,
};

/// What is wrong with the file, in words for the organiser: where the error is, what it is, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadEventFile(pub(super) String);

impl BadEventFile {
    /// Returns the error with the number of the line that contains the byte `at` of `text`.
    pub(super) fn on_line_of(self, text: &str, at: usize) -> Self {
        Self(format!("line {}: {}", line_of(text, at), self.0))
    }
}

/// Returns the instant at which clocks in `zone` show `time` on `date`.
pub(super) fn instant(key: &str, date: Date, time: &str, zone: &TimeZone) -> Result<Timestamp, BadEventFile> {
    let expected = "a time of day such as \"08:00\" that exists on that day";
    let time_of_day: Time = time.parse().map_err(|_| bad(key, time, expected))?;
    let ambiguous = zone.to_ambiguous_zoned(date.to_datetime(time_of_day));
    ambiguous.unambiguous().map(|zoned| zoned.timestamp()).map_err(|_| bad(key, time, expected))
}

/// The error for a value that does not fit its key.
pub fn bad(key: &str, got: &str, expected: &str) -> BadEventFile {
    BadEventFile(format!("{key} is {got:?}; expected {expected}"))
}

/// The error for a value at the byte `at` of `text` that does not fit its key, with its line.
pub(super) fn bad_at(text: &str, at: usize, key: &str, got: &str, expected: &str) -> BadEventFile {
    bad(key, got, expected).on_line_of(text, at)
}

pub(super) fn line_of(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or_default().matches('\n').count() + 1
}
