//! What is wrong with a file of settings, told with its line and what is expected.

use jiff::{
    Timestamp,
    civil::{Date, Time},
    tz::TimeZone,
};

/// What is wrong with the file, in words for the organiser: where, what, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadEventFile(pub(super) String);

impl BadEventFile {
    /// The same with the line in which the value at the byte `at` of `text` stands.
    pub(super) fn on_line_of(self, text: &str, at: usize) -> Self {
        Self(format!("line {}: {}", line_of(text, at), self.0))
    }
}

/// The instant at which clocks of `zone` show `time` on `date`.
pub(super) fn instant(key: &str, date: Date, time: &str, zone: &TimeZone) -> Result<Timestamp, BadEventFile> {
    let expected = "a time of day such as \"08:00\" that exists on that day";
    let time_of_day: Time = time.parse().map_err(|_| bad(key, time, expected))?;
    let ambiguous = zone.to_ambiguous_zoned(date.to_datetime(time_of_day));
    ambiguous.unambiguous().map(|zoned| zoned.timestamp()).map_err(|_| bad(key, time, expected))
}

/// A value that is not what its key wants.
pub fn bad(key: &str, got: &str, expected: &str) -> BadEventFile {
    BadEventFile(format!("{key} is {got:?}; expected {expected}"))
}

/// A value at the byte `at` of `text` that is not what its key wants, with its line.
pub(super) fn bad_at(text: &str, at: usize, key: &str, got: &str, expected: &str) -> BadEventFile {
    bad(key, got, expected).on_line_of(text, at)
}

pub(super) fn line_of(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or_default().matches('\n').count() + 1
}
