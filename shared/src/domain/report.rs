//! Reports: someone who looks at a photo says what is wrong with it. Some reports hide the photo first, and a moderator decides afterwards.
//!
//! Decision: a report that concerns a child, or the person in the picture, hides the photo at once, no matter who sends it. So that reports
//! cannot be used as a weapon, nothing that is free makes a new [`Reporter`]: the address, as the edge reports it, always counts, and the
//! uploader's secret counts in addition only once a photo of that device has been published, since a secret or a browser's name can be made
//! up at no cost. Given up: two strangers behind one address cannot together hide a photo for a reason that needs two. Moderators see both,
//! since no report for another reason or with another text is dropped.
//!
//! Decision: how many photos reporters without a history may hide within minutes is limited, for each address and for all together: see
//! [`Brake`]. Beyond the limit a report goes to the top of the reported lane, where moderators look first, and a photo that a person has
//! looked at before stays public meanwhile. Reports that concern a child or the person in the picture are never refused for their number.
//! Given up: during an attack, a photo of a child can stay public until a moderator comes; the organiser is told at once.
//!
//! Decision: two people must agree to show a photo again if a moderator, or a second independent reporter, has confirmed that a child is
//! concerned. One stranger's report hides a photo, and one moderator's decision shows it again: otherwise a script would cost the
//! organisers two decisions for each of its requests.

use std::{fmt, str::FromStr};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    ids::{BadId, NetworkId, PhotoId, Sha256Hex, UploaderId},
    limits,
    time::millis,
};

/// How many independent reporters hide a photo together for a reason that does not hide at once.
pub const HIDING_REPORTS: u32 = 2;
/// The most reporters of one photo that its row keeps apart until a decision; two are enough to hide it and to confirm a reason.
const HEARD: usize = 8;

/// The reason of a report: what is wrong with the photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReportReason {
    /// A pupil can be recognised.
    Pupil,
    /// The reporter is in the photo and does not want to be.
    Me,
    /// The photo shows the reporter's own work, or is the reporter's own picture, without their permission.
    MyWork,
    /// The photo shows something unsafe.
    Unsafe,
    /// The photo is offensive.
    Offensive,
    /// Anything else.
    Other,
}

impl ReportReason {
    /// All reasons, in the order in which they are offered.
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

    /// Returns how many independent reporters hide a photo: a reason that concerns a child or the person in the picture cannot wait for a
    /// second one.
    pub fn hides_after(self) -> u32 {
        match self {
            Self::Pupil | Self::Me => 1,
            Self::MyWork | Self::Unsafe | Self::Offensive | Self::Other => HIDING_REPORTS,
        }
    }

    /// Whether one report is enough to hide a photo.
    pub fn hides_at_once(self) -> bool {
        self.hides_after() == 1
    }

    /// Whether the reason concerns a child, so that showing the photo again needs a second person once the reason is confirmed.
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

/// The identity of a reporter, made only of what is costly to change. Only hashes are stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reporter {
    /// The hash of their network.
    #[serde(rename = "a")]
    address: String,
    /// The hash of their device, if it has a history.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    device: Option<String>,
}

impl Reporter {
    /// Creates the identity of a reporter on `network`. `device` is their device, if a photo of it has been published.
    pub fn new(network: &NetworkId, device: Option<&UploaderId>) -> Self {
        let hash = |what: &str| Sha256Hex::digest(what.as_bytes()).as_str()[..32].to_owned();
        Self {
            address: hash(&format!("reporter at {network}")),
            device: device.map(|device| hash(&format!("reporter with {device}"))),
        }
    }

    /// Returns the id that names the reporter's row.
    pub fn id(&self) -> &str {
        self.device.as_deref().unwrap_or(&self.address)
    }

    /// Returns all ids of the reporter: each of them is limited separately.
    pub fn identities(&self) -> impl Iterator<Item = &str> {
        [Some(self.address.as_str()), self.device.as_deref()].into_iter().flatten()
    }

    /// Whether only the reporter's address is known.
    pub fn is_stranger(&self) -> bool {
        self.device.is_none()
    }

    /// Whether this is certainly another person than `other`: both have a device with a history and the devices differ, or the addresses
    /// differ. A person with such a device may also report without it, so a device at an address is not independent of that address.
    fn is_independent_of(&self, other: &Self) -> bool {
        match (&self.device, &other.device) {
            (Some(one), Some(other)) => one != other,
            (None, _) | (_, None) => self.address != other.address,
        }
    }
}

/// An incoming report, which [`Photo::report`](super::Photo::report) decides about.
#[derive(Clone, Copy, Debug)]
pub struct Reporting<'a> {
    /// The reporter.
    pub by: &'a Reporter,
    /// The reason.
    pub reason: ReportReason,
    /// The reference that the reporter is given.
    pub reference: &'a str,
    /// Whether the reporter is within [`limits::REPORTS_PER_HOUR`].
    pub within_rate: bool,
    /// Whether the reporter has reported this photo for this reason before.
    pub again: bool,
}

/// A report, as its row stores it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The photo's id.
    pub id: PhotoId,
    /// The reference that the reporter was given.
    pub reference: String,
    /// The reason.
    pub reason: ReportReason,
    /// The reporter's text; empty if there is none.
    #[serde(default)]
    pub text: String,
    /// Where the reporter can be told what became of the report; empty if they gave nothing.
    #[serde(default)]
    pub contact: String,
    /// When the report was received.
    #[serde(with = "millis")]
    pub at: Timestamp,
    /// When the table deletes the report, in seconds since 1970: contacts are not kept for ever.
    pub ttl: i64,
}

impl Report {
    /// Returns a hash of 64 bits of what the report says: the same reporter saying the same again does not make another report.
    pub fn said(&self) -> String {
        let Self { reason, text, contact, .. } = self;
        Sha256Hex::digest(format!("{reason}\0{text}\0{contact}").as_bytes()).as_str()[..16].to_owned()
    }
}

/// The reports of a photo that no moderator has decided about yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenReports {
    /// When the first report was received.
    #[serde(with = "millis")]
    pub since: Timestamp,
    /// The reasons given, without duplicates.
    pub reasons: Vec<ReportReason>,
    /// The number of reporters, as far as they are kept apart.
    pub count: u32,
    /// The reasons of each reporter. Shorter than `count` in rows that an older version has written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    heard: Vec<Heard>,
}

/// The reasons that one reporter gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Heard {
    by: Reporter,
    reasons: Vec<ReportReason>,
}

impl OpenReports {
    /// Returns the open reports after one more.
    pub fn with(before: Option<&Self>, by: &Reporter, reason: ReportReason, now: Timestamp) -> Self {
        let nothing = || Self { since: now, reasons: Vec::new(), count: 0, heard: Vec::new() };
        let mut open = before.cloned().unwrap_or_else(nothing);
        if !open.reasons.contains(&reason) {
            open.reasons.push(reason);
            open.reasons.sort_unstable();
        }
        let full = open.heard.len() >= HEARD;
        match open.heard.iter_mut().find(|heard| heard.by == *by) {
            Some(heard) if heard.reasons.contains(&reason) => {}
            Some(heard) => heard.reasons.push(reason),
            None if full => {
                // Many reporters with other reasons must not displace one who says that a child is concerned.
                let spare = |heard: &&mut Heard| !heard.reasons.iter().any(|reason| reason.safeguards());
                if let Some(heard) = open.heard.iter_mut().find(spare).filter(|_| reason.safeguards()) {
                    *heard = Heard { by: by.clone(), reasons: vec![reason] };
                }
            }
            None => {
                open.heard.push(Heard { by: by.clone(), reasons: vec![reason] });
                open.count = open.count.saturating_add(1);
            }
        }
        open
    }

    /// Whether a reporter who is independent of `by` has reported the photo.
    pub fn has_another_than(&self, by: &Reporter) -> bool {
        // It is unknown who sent the reports in rows of an older version, which kept devices apart.
        let unknown = usize::try_from(self.count).is_ok_and(|count| count > self.heard.len());
        unknown || self.heard.iter().any(|heard| heard.by.is_independent_of(by))
    }

    /// Whether a reporter who is independent of `by` says that a child is concerned.
    pub fn confirms_child(&self, by: &Reporter) -> bool {
        let says_so = |heard: &&Heard| heard.reasons.iter().any(|reason| reason.safeguards());
        self.heard.iter().filter(says_so).any(|heard| heard.by.is_independent_of(by))
    }

    /// Whether any reporter says that a child is concerned.
    pub fn concern_child(&self) -> bool {
        self.reasons.iter().any(|reason| reason.safeguards())
    }
}

/// The photos that strangers' reports have hidden within the last hour, and whether such reports may hide any at present.
///
/// Reports from one address hide [`limits::HIDINGS_PER_ADDRESS`] photos in an hour, and from all addresses together
/// [`limits::HIDINGS_BEFORE_BRAKE`] in [`limits::BRAKE_WINDOW_SECONDS`]. The report after that puts the brake on for
/// [`limits::BRAKE_SECONDS`]. The limit for an address is the lower one, so that a single machine cannot put the brake on and so disable
/// the protection for everyone else.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brake {
    /// Grows by one at each change; 0 if there is no row.
    #[serde(rename = "v")]
    pub version: u64,
    /// The photos that were hidden within the last hour, oldest first.
    hidings: Vec<Hiding>,
    /// Until when strangers' reports hide nothing; `None` if the brake was not put on.
    #[serde(with = "millis::option", default, skip_serializing_if = "Option::is_none")]
    pub(super) until: Option<Timestamp>,
    /// When the table deletes the row, in seconds since 1970.
    ttl: i64,
}

/// The hiding of a photo by a stranger's report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Hiding {
    #[serde(with = "millis")]
    at: Timestamp,
    /// The hash of the reporter's address.
    by: String,
}

impl Brake {
    /// Returns until when strangers' reports hide nothing. `None` if the brake is off at `now`.
    pub fn on_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.until.filter(|until| now < *until)
    }

    /// Returns whether a stranger's report may hide a photo at `now`, and the brake afterwards if that changes it.
    #[must_use]
    pub fn asked(&self, by: &Reporter, now: Timestamp) -> (bool, Option<Self>) {
        let within = |hiding: &&Hiding, seconds| now.duration_since(hiding.at).as_secs() < seconds;
        let hour = 3_600;
        let lately: Vec<_> = self.hidings.iter().filter(|hiding| within(hiding, hour)).cloned().collect();
        let own = lately.iter().filter(|hiding| hiding.by == by.address).count();
        if self.on_until(now).is_some() || own >= limits::HIDINGS_PER_ADDRESS {
            return (false, None);
        }
        let all = lately.iter().filter(|hiding| within(hiding, limits::BRAKE_WINDOW_SECONDS)).count();
        let brakes = all >= limits::HIDINGS_BEFORE_BRAKE;
        let (mut hidings, mut until) = (lately, None);
        if brakes {
            until = Some(now + SignedDuration::from_secs(limits::BRAKE_SECONDS));
        } else {
            hidings.push(Hiding { at: now, by: by.address.clone() });
        }
        let ttl = now.as_second() + 2 * limits::BRAKE_SECONDS.max(hour);
        (!brakes, Some(Self { version: self.version + 1, hidings, until, ttl }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::{known, noon, stranger};

    #[test]
    fn reasons_are_written_as_they_are_read() {
        for reason in ReportReason::ALL {
            assert_eq!(reason.as_str().parse(), Ok(reason));
            assert_eq!(serde_json::to_string(&reason).unwrap(), format!("{:?}", reason.as_str()));
        }
    }

    #[test]
    fn reporters_are_independent_by_what_costs_something() {
        let independent = |one: &Reporter, other: &Reporter| {
            assert_eq!(one.is_independent_of(other), other.is_independent_of(one));
            one.is_independent_of(other)
        };
        assert!(independent(&stranger(1), &stranger(2)), "two addresses");
        assert!(!independent(&stranger(1), &stranger(1)));
        assert!(independent(&known(1, 1), &known(1, 2)), "two devices with a history in one school");
        assert!(!independent(&known(1, 1), &known(2, 1)), "a device that moves is no second one");
        assert!(!independent(&known(1, 1), &stranger(1)), "the same device without its secret");
        assert!(independent(&known(1, 1), &stranger(2)));
        for reporter in [stranger(1), known(1, 1)] {
            let kept = serde_json::to_string(&reporter).unwrap();
            assert!(!kept.contains("192.0.2"), "{kept}");
        }
    }

    #[test]
    fn what_each_reporter_says_is_kept_apart_and_the_row_stays_small() {
        let one = OpenReports::with(None, &stranger(1), ReportReason::Pupil, noon());
        assert!(!one.has_another_than(&stranger(1)) && one.has_another_than(&stranger(2)));
        let graver = OpenReports::with(
            Some(&OpenReports::with(None, &stranger(1), ReportReason::Other, noon())),
            &stranger(1),
            ReportReason::Pupil,
            noon(),
        );
        assert_eq!((graver.count, graver.reasons.len()), (1, 2), "one reporter, two reasons");
        assert!(graver.confirms_child(&stranger(2)) && !graver.confirms_child(&stranger(1)));
        let many =
            (0..200).fold(one, |open, last| OpenReports::with(Some(&open), &stranger(last), ReportReason::Me, noon()));
        assert_eq!((many.heard.len(), many.count), (HEARD, 8));
        let child = OpenReports::with(Some(&many), &stranger(250), ReportReason::Pupil, noon());
        assert_eq!((child.heard.len(), child.count), (HEARD, 8));
        assert!(child.confirms_child(&stranger(1)), "one more who speaks of a child is kept apart all the same");
        assert!(serde_json::to_string(&many).unwrap().len() < 1_000);
    }

    #[test]
    fn a_child_is_not_forgotten_for_others_who_speak_of_one() {
        let child = OpenReports::with(None, &stranger(1), ReportReason::Pupil, noon());
        let full =
            (2..=8).fold(child, |open, last| OpenReports::with(Some(&open), &stranger(last), ReportReason::Me, noon()));
        let after = OpenReports::with(Some(&full), &stranger(9), ReportReason::Pupil, noon());
        let speak: Vec<_> = after.heard.iter().filter(|heard| heard.reasons.contains(&ReportReason::Pupil)).collect();
        assert_eq!(speak.iter().map(|heard| &heard.by).collect::<Vec<_>>(), [&stranger(1), &stranger(9)]);
        let other = OpenReports::with(Some(&full), &stranger(9), ReportReason::Me, noon());
        assert_eq!(other.heard, full.heard, "who says something else is not kept once eight are");
        let twice = OpenReports::with(Some(&full), &stranger(1), ReportReason::Pupil, noon());
        assert_eq!(twice, full, "said before");
    }

    #[test]
    fn the_same_words_for_the_same_reason_are_the_same_report() {
        let report = |reason, text: &str, contact: &str, reference: &str| Report {
            id: PhotoId::from_digest(&[5; 32]),
            reference: reference.into(),
            reason,
            text: text.into(),
            contact: contact.into(),
            at: noon(),
            ttl: 0,
        };
        let said = report(ReportReason::Me, "That is me", "", "EGFTZ-6SP5G").said();
        assert_eq!(said.len(), 16);
        assert_eq!(
            report(ReportReason::Me, "That is me", "", "AAAAA-BBBBB").said(),
            said,
            "whatever they are to quote"
        );
        for other in [
            report(ReportReason::Other, "That is me", "", "EGFTZ-6SP5G"),
            report(ReportReason::Me, "That is I", "", "EGFTZ-6SP5G"),
            report(ReportReason::Me, "", "That is me", "EGFTZ-6SP5G"),
        ] {
            assert_ne!(other.said(), said, "{other:?}");
        }
    }

    #[test]
    fn a_limit_holds_for_each_thing_by_which_a_reporter_is_known() {
        let (one, other) = (stranger(1), known(1, 1));
        assert_eq!(one.identities().collect::<Vec<_>>(), [one.id()]);
        assert_eq!(other.identities().collect::<Vec<_>>(), [one.id(), other.id()], "the address and the device");
        assert!(one.is_stranger() && !other.is_stranger());
    }

    #[test]
    fn the_brake_is_kept_for_twice_as_long_as_it_remembers() {
        let (hides, after) = Brake::default().asked(&stranger(1), noon());
        let after = after.unwrap();
        assert_eq!((hides, after.version), (true, 1));
        // 14:00 UTC on 5 March 2027, two hours after noon.
        assert_eq!(after.ttl, 1_804_255_200);
        assert_eq!(after.asked(&stranger(2), noon()).1.unwrap().version, 2);
    }

    #[test]
    fn a_row_of_an_older_version_counts_its_reporters() {
        let old: OpenReports =
            serde_json::from_str(r#"{"since": 1804248000000, "reasons": ["pupil"], "count": 1}"#).unwrap();
        assert!(old.has_another_than(&stranger(1)));
        assert!(!old.confirms_child(&stranger(1)), "its photo says by itself whether two must agree");
        let two = OpenReports::with(Some(&old), &stranger(1), ReportReason::Other, noon());
        assert_eq!((two.count, two.heard.len()), (2, 1));
    }

    #[test]
    fn one_address_hides_a_few_photos_and_cannot_put_the_brake_on() {
        let mut brake = Brake::default();
        let mut hidden = 0;
        for second in 0..1_000 {
            let (hides, after) = brake.asked(&stranger(1), noon() + SignedDuration::from_secs(second));
            hidden += usize::from(hides);
            brake = after.unwrap_or(brake);
        }
        assert_eq!(hidden, limits::HIDINGS_PER_ADDRESS);
        assert_eq!(brake.on_until(noon() + SignedDuration::from_secs(1_000)), None);
        assert!(brake.asked(&stranger(2), noon() + SignedDuration::from_secs(1_000)).0, "others are still heard");
        assert!(brake.asked(&stranger(1), noon() + SignedDuration::from_hours(2)).0, "and so is it, later");
    }

    #[test]
    fn many_addresses_put_the_brake_on_for_a_while() {
        let mut brake = Brake::default();
        let (mut hidden, mut put_on) = (0, 0);
        for n in 0..100_u8 {
            let (hides, after) = brake.asked(&stranger(n), noon() + SignedDuration::from_secs(n.into()));
            hidden += usize::from(hides);
            put_on += usize::from(after.as_ref().is_some_and(|after| after.until.is_some()));
            brake = after.unwrap_or(brake);
        }
        assert_eq!((hidden, put_on), (limits::HIDINGS_BEFORE_BRAKE, 1));
        let until = brake.on_until(noon() + SignedDuration::from_mins(2)).unwrap();
        let began = noon() + SignedDuration::from_secs(i64::try_from(limits::HIDINGS_BEFORE_BRAKE).unwrap());
        assert_eq!(until.duration_since(began).as_secs(), limits::BRAKE_SECONDS);
        assert!(!brake.asked(&stranger(200), until - SignedDuration::from_secs(1)).0);
        assert!(brake.asked(&stranger(200), until).0, "it goes off by itself");
        assert!(serde_json::to_string(&brake).unwrap().len() < 1_000);
    }

    #[test]
    fn a_few_reports_in_an_hour_put_no_brake_on() {
        let mut brake = Brake::default();
        for n in 0..60_u8 {
            let at = noon() + SignedDuration::from_secs(i64::from(n) * 60);
            let (hides, after) = brake.asked(&stranger(n), at);
            assert!(hides && brake.on_until(at).is_none(), "report {n}");
            brake = after.unwrap();
        }
        assert!(brake.hidings.len() <= 60);
    }
}
