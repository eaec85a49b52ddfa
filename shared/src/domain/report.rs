//! Reports: somebody who looks at a photo says what is wrong with it. Some hide it first, and a person decides afterwards.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    ids::{BadId, PhotoId},
    time::millis,
};

/// Reports after which a photo is hidden where one alone does not hide it.
pub const HIDING_REPORTS: u32 = 2;

/// What somebody says is wrong with a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReportReason {
    /// A pupil can be recognised.
    Pupil,
    /// The reporter is in it and does not want to be.
    Me,
    /// It is the reporter's own work or picture, shown without their leave.
    MyWork,
    /// It shows something unsafe.
    Unsafe,
    /// It is offensive.
    Offensive,
    /// Anything else.
    Other,
}

impl ReportReason {
    /// All reasons, in the order in which people are asked.
    pub const ALL: [Self; 6] = [Self::Pupil, Self::Me, Self::MyWork, Self::Unsafe, Self::Offensive, Self::Other];

    /// The reason's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pupil => "pupil",
            Self::Me => "me",
            Self::MyWork => "my-work",
            Self::Unsafe => "unsafe",
            Self::Offensive => "offensive",
            Self::Other => "other",
        }
    }

    /// How many reports hide a photo: what concerns a child or the person in the picture cannot wait for a second one.
    pub fn hides_after(self) -> u32 {
        match self {
            Self::Pupil | Self::Me => 1,
            Self::MyWork | Self::Unsafe | Self::Offensive | Self::Other => HIDING_REPORTS,
        }
    }

    /// Whether showing the photo again needs a second person.
    pub fn safeguards(self) -> bool {
        match self {
            Self::Pupil => true,
            Self::Me | Self::MyWork | Self::Unsafe | Self::Offensive | Self::Other => false,
        }
    }
}

impl fmt::Display for ReportReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ReportReason {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        let found = Self::ALL.into_iter().find(|reason| reason.as_str() == text);
        found.ok_or(BadId { expected: "pupil, me, my-work, unsafe, offensive or other" })
    }
}

/// One report, as its row keeps it. One device has one of each photo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The photo.
    pub id: PhotoId,
    /// What the reporter was told to quote.
    pub reference: String,
    /// What is wrong.
    pub reason: ReportReason,
    /// More words; empty if there are none.
    #[serde(default)]
    pub text: String,
    /// Where the reporter can be told what became of it; empty if they gave nothing.
    #[serde(default)]
    pub contact: String,
    /// When.
    #[serde(with = "millis")]
    pub at: Timestamp,
    /// After which the table forgets it, in seconds: contacts are not kept for ever.
    pub ttl: i64,
}

/// The reports of a photo that nobody has decided about yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenReports {
    /// When the first came.
    #[serde(with = "millis")]
    pub since: Timestamp,
    /// What they say, each once.
    pub reasons: Vec<ReportReason>,
    /// How many there are.
    pub count: u32,
}

impl OpenReports {
    /// What there is after one more.
    pub fn with(before: Option<&Self>, reason: ReportReason, now: Timestamp) -> Self {
        let mut open = before.cloned().unwrap_or(Self { since: now, reasons: Vec::new(), count: 0 });
        if !open.reasons.contains(&reason) {
            open.reasons.push(reason);
            open.reasons.sort_unstable();
        }
        open.count = open.count.saturating_add(1);
        open
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_written_as_they_are_read() {
        for reason in ReportReason::ALL {
            assert_eq!(reason.as_str().parse(), Ok(reason));
            assert_eq!(serde_json::to_string(&reason).unwrap(), format!("{:?}", reason.as_str()));
        }
    }
}
