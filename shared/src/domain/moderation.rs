//! What moderation knows of a photo beside its state: reports, hints, covers, and whether two people must agree.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    ids::KeyId,
    limits,
    reasons::RejectReason,
    refusal::Refusal,
    report::{OpenReports, ReportReason},
    screening::Hint,
    states::State,
    time::millis,
};

/// What moderation knows of a photo. All fields may be empty: most photos are published at first sight.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Moderation {
    /// The hints that screening gave.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<Hint>,
    /// The reports that no moderator has decided about yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reports: Option<OpenReports>,
    /// How often reports have changed the photo, since its beginning.
    #[serde(skip_serializing_if = "is_zero")]
    pub reported: u32,
    /// The reasons of reports after which a moderator let the photo stay: such a report does not hide it again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cleared: Vec<ReportReason>,
    /// Set if the photo was hidden to protect a child and this has been confirmed: two people must agree to show it again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub safeguarding: Option<Safeguarding>,
    /// The covers that a moderator drew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redaction: Option<RequestedCovers>,
    /// The reason for which it is rejected, used for counting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejected: Option<RejectReason>,
    /// Whether its uploader was trusted when it was registered, and it was not drawn for a person's check.
    #[serde(skip_serializing_if = "is_false")]
    pub trusted: bool,
    /// When a person first decided about it.
    #[serde(with = "millis::option", skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<Timestamp>,
    /// When a moderator picked it as a favourite; `None` unless it is published: see [`Change`](super::change::Change).
    #[serde(with = "millis::option", skip_serializing_if = "Option::is_none")]
    pub picked_at: Option<Timestamp>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl Moderation {
    /// Whether there is nothing to store.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Returns what moderation knows after a decision that led from `from` to `to`. The decision closes the reports and, if it publishes,
    /// clears their reasons. If a published photo goes back to wait, the cleared reasons are forgotten: the next moderator decides afresh,
    /// and two people must agree if two had to before.
    #[must_use]
    pub(super) fn decided(&self, from: State, to: State, code: RejectReason, now: Timestamp) -> Self {
        let mut after = self.clone();
        let taken_back = from == State::Published && to == State::Pending;
        // A moderator who keeps a photo from the public that is reported because of a child confirms that report.
        let keeps = taken_back || matches!(to, State::Hidden | State::Rejected | State::Quarantined);
        let child =
            self.reports.as_ref().filter(|reports| keeps && reports.concern_child()).map(|reports| reports.since);
        if to != State::Pending {
            let reports = after.reports.take();
            if to == State::Published {
                after.cleared.extend(reports.iter().flat_map(|reports| &reports.reasons));
                after.cleared.sort_unstable();
                after.cleared.dedup();
                after.safeguarding = None;
            }
        }
        let protects = taken_back && after.cleared.iter().any(|reason| reason.safeguards());
        if taken_back {
            after.cleared.clear();
        }
        // A moderator who keeps the photo hidden overrides the person who agreed to show it.
        let disagrees = from == State::Hidden && to == State::Hidden && after.safeguarding.is_some();
        if child.is_some() || protects || disagrees || (to == State::Hidden && code == RejectReason::Pupil) {
            after.safeguarding = Some(Safeguarding::again(after.safeguarding.as_ref(), child.unwrap_or(now)));
        }
        // From now on a person decides, not trust.
        after.trusted = false;
        after.rejected = (to == State::Rejected).then_some(code);
        let first = from == State::Pending && to != State::Pending;
        after.decided_at = after.decided_at.or(first.then_some(now));
        after
    }

    /// Returns what moderation knows after the picture or the texts have changed. Agreement to show the photo, and the reasons cleared
    /// before, were about the old ones, so both are dropped. If two people had to agree because of a child, two must agree again, unless
    /// the photo stays public, as it does when a moderator changes its texts.
    #[must_use]
    pub(super) fn changed(&self, to: State, now: Timestamp) -> Self {
        let child = self.cleared.iter().any(|reason| reason.safeguards());
        let again = (child && to != State::Published) || self.safeguarding.is_some();
        let safeguarding = again.then(|| Safeguarding::again(self.safeguarding.as_ref(), now));
        Self { safeguarding, cleared: Vec::new(), ..self.clone() }
    }

    /// Whether covers have been drawn whose renditions are not made yet: what moderators would see is not what would be shown.
    pub fn covering(&self) -> bool {
        self.redaction.as_ref().is_some_and(|redaction| redaction.stage == Stage::Asked)
    }
}

/// The agreement that is needed before a photo that was hidden to protect a child can be shown again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Safeguarding {
    /// The person who has agreed to show it again; a second one must agree, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreed: Option<KeyId>,
    /// When the photo was hidden: people who agree must have been known before. `None` in rows that were written before this was stored; in
    /// those, `agreed` may be a key instead of a person.
    #[serde(with = "millis::option", default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
}

impl Safeguarding {
    /// Returns the agreement that is needed for a photo hidden at `now`, given the one that was needed before. Nobody has agreed to it yet.
    /// It keeps the earliest time of hiding, so that a later report does not let more people agree.
    #[must_use]
    pub(super) fn again(before: Option<&Self>, now: Timestamp) -> Self {
        Self { agreed: None, since: before.map_or(Some(now), |before| before.since) }
    }

    /// The person who has agreed. `None` if nobody has, or if it is not known to be a person.
    pub fn first(&self) -> Option<&KeyId> {
        self.agreed.as_ref().filter(|_| self.since.is_some())
    }
}

/// Covers over what must not be recognised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestedCovers {
    /// The covered boxes.
    pub covers: Vec<Cover>,
    /// Whether the renditions have the covers yet.
    pub stage: Stage,
    /// The version of the photo that asked for the covers. Asking for the same covers again makes a different redaction.
    #[serde(default, rename = "v")]
    pub version: u64,
}

/// The progress of a redaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// The renditions are still those without the covers.
    Asked,
    /// The renditions have the covers.
    Done,
}

/// A box, in ten thousandths of the oriented picture's width and height.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cover {
    /// The distance from the left edge.
    pub x: u16,
    /// The distance from the upper edge.
    pub y: u16,
    /// The width.
    #[serde(rename = "w")]
    pub width: u16,
    /// The height.
    #[serde(rename = "h")]
    pub height: u16,
}

/// A box, in fractions of the oriented picture's width and height, 0 to 1, as the editor draws it.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CoverBox {
    /// The distance from the left edge.
    #[schema(minimum = 0, maximum = 1)]
    pub x: f64,
    /// The distance from the upper edge.
    #[schema(minimum = 0, maximum = 1)]
    pub y: f64,
    /// The width; at least 0.02.
    #[schema(minimum = 0.02, maximum = 1)]
    pub width: f64,
    /// The height; at least 0.02.
    #[schema(minimum = 0.02, maximum = 1)]
    pub height: f64,
}

/// The number of parts into which a [`Cover`] divides a side of the picture.
pub const PARTS: u16 = 10_000;

impl CoverBox {
    /// Returns the cover, if it lies inside the picture and is not smaller than a deliberate box would be.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] with the box as it was received.
    pub fn cover(&self) -> Result<Cover, Refusal> {
        let invalid = || {
            Refusal::Invalid {
            field: "boxes",
            got: format!("{}, {}, {} × {}", self.x, self.y, self.width, self.height),
            expected: "fractions of the photo: x and y from 0, width and height from 0.02, with the whole cover inside the photo".to_owned(),
        }
        };
        let inside = |at: f64, size: f64| at >= 0.0 && size >= 0.0199 && at + size <= 1.0001;
        if !(inside(self.x, self.width) && inside(self.y, self.height)) {
            return Err(invalid());
        }
        // The fraction is between 0 and 1, so the parts fit.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0 to 10,000 after the check above"
        )]
        let parts = |fraction: f64| (fraction * f64::from(PARTS)).round().clamp(0.0, f64::from(PARTS)) as u16;
        Ok(Cover { x: parts(self.x), y: parts(self.y), width: parts(self.width), height: parts(self.height) })
    }
}

/// Returns the covers of a request: 1 to [`limits::COVERS_MAX`].
///
/// # Errors
/// [`Refusal::Invalid`] for the number of boxes, or for the first box that is wrong.
pub fn covers(boxes: &[CoverBox]) -> Result<Vec<Cover>, Refusal> {
    if !(1..=limits::COVERS_MAX).contains(&boxes.len()) {
        let expected = format!("1 to {} boxes", limits::COVERS_MAX);
        return Err(Refusal::Invalid { field: "boxes", got: boxes.len().to_string(), expected });
    }
    boxes.iter().map(CoverBox::cover).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cover_is_inside_the_picture_and_large_enough_to_be_meant() {
        let cover = |x, y, width, height| CoverBox { x, y, width, height }.cover();
        assert_eq!(cover(0.25, 0.5, 0.1, 0.5), Ok(Cover { x: 2500, y: 5000, width: 1000, height: 5000 }));
        for (x, y, width, height) in [
            (-0.1, 0.0, 0.2, 0.2),
            (0.9, 0.0, 0.2, 0.2),
            (0.0, 0.0, 0.01, 0.2),
            (0.0, f64::NAN, 0.2, 0.2),
            (0.0, 0.0, 1.2, 0.2),
        ] {
            assert!(cover(x, y, width, height).is_err());
        }
        assert!(covers(&[]).is_err());
        assert!(covers(&vec![CoverBox { x: 0.0, y: 0.0, width: 0.1, height: 0.1 }; limits::COVERS_MAX + 1]).is_err());
    }

    #[test]
    fn what_is_not_known_is_not_written() {
        assert_eq!(serde_json::to_string(&Moderation::default()).unwrap(), "{}");
        assert_eq!(serde_json::from_str::<Moderation>("{}").unwrap(), Moderation::default());
    }
}
