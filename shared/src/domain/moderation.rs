//! What moderation knows of a photo beside its state: reports, hints, covers that were drawn, and who must agree.

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

/// What moderation knows of a photo. All of it may be absent: most photos are published at first sight.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Moderation {
    /// What a machine noticed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<Hint>,
    /// Reports that nobody has decided about yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reports: Option<OpenReports>,
    /// How often it was reported, from the beginning.
    #[serde(skip_serializing_if = "is_zero")]
    pub reported: u32,
    /// What it was reported for when a person looked at it and let it stay: such a report does not hide it again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cleared: Vec<ReportReason>,
    /// It was hidden to protect a child, and somebody has confirmed that: two people must want it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub safeguarding: Option<Safeguarding>,
    /// Covers that a moderator drew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redaction: Option<Redaction>,
    /// Why it is rejected, to count by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejected: Option<RejectReason>,
    /// Its sender had earned trust when it was registered, and it is not among those that wait for a person all the same.
    #[serde(skip_serializing_if = "is_false")]
    pub trusted: bool,
    /// When a person first decided about it.
    #[serde(with = "millis::option", skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<Timestamp>,
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
    /// Whether there is nothing to keep.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What there is to know after a decision that led from `from` to `to`: it closes the reports, and remembers for what the
    /// photo was found to be right. Where a published photo goes back to wait, that is forgotten: the next one decides anew, and so
    /// do two where two were needed before.
    #[must_use]
    pub(super) fn decided(&self, from: State, to: State, code: RejectReason, now: Timestamp) -> Self {
        let mut after = self.clone();
        let taken_back = from == State::Published && to == State::Pending;
        // Who keeps a photo from the public that is reported for a child confirms that.
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
        // Who keeps it hidden disagrees with whoever agreed to show it.
        let disagrees = from == State::Hidden && to == State::Hidden && after.safeguarding.is_some();
        if child.is_some() || protects || disagrees || (to == State::Hidden && code == RejectReason::Pupil) {
            after.safeguarding = Some(Safeguarding::again(after.safeguarding.as_ref(), child.unwrap_or(now)));
        }
        // From now on a person looks after it.
        after.trusted = false;
        after.rejected = (to == State::Rejected).then_some(code);
        let first = from == State::Pending && to != State::Pending;
        after.decided_at = after.decided_at.or(first.then_some(now));
        after
    }

    /// What there is to know once its picture or its words are others: whoever agreed to show it had not seen these, and what it was found
    /// right for, it was found right for without them. Where two were needed because of a child, two are needed again, unless it stays
    /// public, as it does when a moderator words it anew.
    #[must_use]
    pub(super) fn changed(&self, to: State, now: Timestamp) -> Self {
        let child = self.cleared.iter().any(|reason| reason.safeguards());
        let again = (child && to != State::Published) || self.safeguarding.is_some();
        let safeguarding = again.then(|| Safeguarding::again(self.safeguarding.as_ref(), now));
        Self { safeguarding, cleared: Vec::new(), ..self.clone() }
    }

    /// Whether covers are drawn whose renditions are not made yet: what moderators would see is not what would be shown.
    pub fn covering(&self) -> bool {
        self.redaction.as_ref().is_some_and(|redaction| redaction.stage == Stage::Asked)
    }
}

/// The way back of a photo that was hidden to protect a child.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Safeguarding {
    /// The person who has agreed to show it again; somebody else must, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreed: Option<KeyId>,
    /// When it was hidden: who agrees must have been known before. `None` in rows that were written before this was kept, in which
    /// `agreed` may be a key instead of a person.
    #[serde(with = "millis::option", default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
}

impl Safeguarding {
    /// The way back of a photo that is hidden at `now`, and whose way back was `before` already. Nobody has agreed to it. It has been
    /// hidden since the first time, so that no report makes an older photo of it.
    #[must_use]
    pub(super) fn again(before: Option<&Self>, now: Timestamp) -> Self {
        Self { agreed: None, since: before.map_or(Some(now), |before| before.since) }
    }

    /// Who has agreed, if that is known to be a person.
    pub fn first(&self) -> Option<&KeyId> {
        self.agreed.as_ref().filter(|_| self.since.is_some())
    }
}

/// Covers over what nobody shall recognise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redaction {
    /// Where.
    pub covers: Vec<Cover>,
    /// How far it is.
    pub stage: Stage,
    /// The version of the photo that asked for them: the same covers may be asked for again, and are another redaction then.
    #[serde(default, rename = "v")]
    pub version: u64,
}

/// How far a redaction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// The renditions are still those without the covers.
    Asked,
    /// The renditions have the covers.
    Done,
}

/// A box in parts of ten thousand of the oriented picture, from its left and its upper edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cover {
    /// From the left edge.
    pub x: u16,
    /// From the upper edge.
    pub y: u16,
    /// Its width.
    #[serde(rename = "w")]
    pub width: u16,
    /// Its height.
    #[serde(rename = "h")]
    pub height: u16,
}

/// A box in fractions of the oriented picture, 0 to 1, as the editor draws it.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CoverBox {
    /// From the left edge.
    #[schema(minimum = 0, maximum = 1)]
    pub x: f64,
    /// From the upper edge.
    #[schema(minimum = 0, maximum = 1)]
    pub y: f64,
    /// Its width; at least 0.02.
    #[schema(minimum = 0.02, maximum = 1)]
    pub width: f64,
    /// Its height; at least 0.02.
    #[schema(minimum = 0.02, maximum = 1)]
    pub height: f64,
}

/// Parts that a side of a picture has in a [`Cover`].
pub const PARTS: u16 = 10_000;

impl CoverBox {
    /// The cover, if it is inside the picture and large enough to be meant.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] with the box as it came.
    pub fn cover(&self) -> Result<Cover, Refusal> {
        let invalid = || Refusal::Invalid {
            field: "boxes",
            got: format!("{}, {}, {} × {}", self.x, self.y, self.width, self.height),
            expected: "fractions of the picture: x and y from 0, width and height from 0.02, all inside".to_owned(),
        };
        let inside = |at: f64, size: f64| at >= 0.0 && size >= 0.0199 && at + size <= 1.0001;
        if !(inside(self.x, self.width) && inside(self.y, self.height)) {
            return Err(invalid());
        }
        // Inside 0 to 1, so the parts fit.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0 to 10,000 after the check above"
        )]
        let parts = |fraction: f64| (fraction * f64::from(PARTS)).round().clamp(0.0, f64::from(PARTS)) as u16;
        Ok(Cover { x: parts(self.x), y: parts(self.y), width: parts(self.width), height: parts(self.height) })
    }
}

/// The covers of a request: 1 to [`limits::COVERS_MAX`].
///
/// # Errors
/// [`Refusal::Invalid`] for the number or the first box that is wrong.
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
