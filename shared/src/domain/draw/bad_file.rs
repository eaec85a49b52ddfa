//! The names of the public files of a draw, and what is wrong with one.

use std::fmt;

/// A public file of a draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileName {
    /// `commit.json`, see [`Announcement`](super::files::Announcement).
    Commit,
    /// `entries.txt`, see [`Entries`](super::protocol::Entries).
    Entries,
    /// `beacon.json`, see [`Beacon`](super::files::Beacon).
    Beacon,
    /// `result.json`, see [`Outcome`](super::files::Outcome).
    Result,
}

impl FileName {
    /// All files, in the order in which they are published.
    pub const ALL: [Self; 4] = [Self::Commit, Self::Entries, Self::Beacon, Self::Result];

    /// The file's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Commit => "commit.json",
            Self::Entries => "entries.txt",
            Self::Beacon => "beacon.json",
            Self::Result => "result.json",
        }
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is wrong with a file of a draw: where, what was got, and what is expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {what}")]
pub struct BadFile {
    /// The file.
    pub file: FileName,
    pub(super) what: String,
}

impl BadFile {
    pub(super) fn new(file: FileName, what: &str) -> Self {
        Self { file, what: what.to_owned() }
    }
}
