//! The row of a photo: the truth about it. What moves it from one state to the next is in [`moves`](super::moves).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    fingerprint::Fingerprint,
    ids::{DisciplineSlug, EditionSlug, KeyId, NetworkId, PhotoId, Revision, Sha256Hex, UploaderId},
    keys::OriginalKey,
    limits,
    moderation::Moderation,
    refusal::Refusal,
    report::ReportReason,
    school::School,
    screening::{self, Hint, HintKind, Subject},
    states::{Kind, Lane, State},
    time::millis,
};

/// The row of a photo: the truth about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Photo {
    /// Which photo.
    pub id: PhotoId,
    /// Grows by one at every move; one audit entry is written for each.
    #[serde(rename = "v")]
    pub version: u64,
    /// Where it stands.
    pub state: State,
    /// Which queue it waits in while pending.
    pub lane: Lane,
    /// Photo or video.
    pub kind: Kind,
    /// Its edition.
    pub edition: EditionSlug,
    /// The device that sent it.
    pub uploader: UploaderId,
    /// The declared content type, one of [`limits::TYPES`].
    pub content_type: String,
    /// The declared and signed size.
    pub size_bytes: u64,
    /// The declared and signed hash; empty on a tombstone.
    pub sha256: Option<Sha256Hex>,
    /// What it shows.
    pub caption: String,
    /// The same for those who cannot see it.
    pub alt: String,
    /// Whom it names.
    pub credit: String,
    /// Its school.
    pub school: Option<School>,
    /// Its discipline.
    pub discipline: Option<DisciplineSlug>,
    /// Who is in the picture.
    pub people: People,
    /// What its sender agreed to.
    pub consent: Consent,
    /// When it was reserved.
    #[serde(with = "millis")]
    pub created_at: Timestamp,
    /// When its last upload address dies.
    #[serde(with = "millis")]
    pub upload_until: Timestamp,
    /// Times that its bytes were begun to be decoded and the worker did not come back.
    pub attempts: u32,
    /// Who looks at it in the queue right now.
    pub lease: Option<Lease>,
    /// What was made of it; present from `pending` on.
    pub rendered: Option<Rendered>,
    /// The random part of its public addresses; present while published.
    pub revision: Option<Revision>,
    /// Which partition of the unbounded feeds its rows stand in; chosen when it is published.
    pub feed_shard: u8,
    /// When it was first published.
    #[serde(with = "millis::option", default)]
    pub published_at: Option<Timestamp>,
    /// Why it was held, rejected or hidden, in words for its uploader.
    pub reason: Option<String>,
    /// Hash of its latest audit entry, which the next one continues.
    pub audit_head: String,
    /// When this version took it out of everybody's sight, or was moved on after that.
    #[serde(with = "millis::option", default)]
    pub removed_at: Option<Timestamp>,
    /// When the erasure that this version promised was first carried out.
    #[serde(with = "millis::option", default)]
    pub erased_at: Option<Timestamp>,
    /// When it was carried out once more, after nothing from before could bring bytes back.
    #[serde(with = "millis::option", default)]
    pub purged_at: Option<Timestamp>,
    /// The version whose erasure is complete. Not a plain flag: a purge of an earlier removal says nothing of a later one.
    #[serde(default)]
    pub purged: Option<u64>,
    /// The network that it was registered from; only while its file is expected, since afterwards it matters to nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<NetworkId>,
    /// What moderation knows of it.
    #[serde(default, skip_serializing_if = "Moderation::is_empty")]
    pub moderation: Moderation,
}

/// Who is in the picture, as its sender says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum People {
    /// Nobody.
    None,
    /// Adults who agree to be shown.
    Adults,
    /// Pupils might be seen: the photo is looked at with more care.
    Pupils,
}

/// What the sender of a photo agreed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// The version of the text that they saw.
    pub version: String,
    /// May be shown on the site. Needed.
    pub web: bool,
    /// May be shown on the event's social networks.
    pub social: bool,
    /// May be given to the press.
    pub press: bool,
}

/// A moderator's short claim on a photo in the queue. Does not touch the version: nobody else's decision is refused for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// Who claims it.
    pub by: KeyId,
    /// Until when.
    #[serde(with = "millis")]
    pub until: Timestamp,
}

/// What was made of an original.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendered {
    /// Width of the oriented original in pixels.
    pub width: u32,
    /// Height of the oriented original in pixels.
    pub height: u32,
    /// ThumbHash, base64.
    pub placeholder: String,
    /// Dominant colour, `#rrggbb`.
    pub color: String,
    /// The name of their folder under review: SHA-256 over all renditions, and the version of the photo for which they were made. So a
    /// folder that was given up is never named again, and its erasure can come at any time.
    pub hash: String,
    /// What it looks like, to find photos of the same scene. None where the picture is too plain to tell, and for photos that
    /// were rendered before there were fingerprints.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<Fingerprint>,
    /// The files, largest first; the picture of its card, if it has one, is the last.
    pub renditions: Vec<Rendition>,
}

/// One file made of an original.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendition {
    /// Its name in the photo's folder, such as `640.jpg`.
    #[serde(rename = "n")]
    pub name: String,
    /// Width in pixels.
    #[serde(rename = "w")]
    pub width: u32,
    /// Height in pixels.
    #[serde(rename = "h")]
    pub height: u32,
    /// Size in bytes.
    #[serde(rename = "b")]
    pub bytes: u64,
}

impl Rendition {
    /// Whether it shows the photo and nothing but the photo, in its own shape; the picture of its card does not.
    pub fn is_whole(&self) -> bool {
        !self.name.starts_with(limits::CARD_NAME)
    }

    /// Its content type, by its name.
    pub fn content_type(&self) -> &'static str {
        match self.name.rsplit_once('.').map(|(_, extension)| extension) {
            Some("webp") => "image/webp",
            Some("avif") => "image/avif",
            _ => "image/jpeg",
        }
    }
}

impl Photo {
    /// What its renditions look like. `None` before they are made, and if they are too plain to tell.
    pub fn fingerprint(&self) -> Option<Fingerprint> {
        self.rendered.as_ref().and_then(|rendered| rendered.fingerprint)
    }

    /// Where its original lies.
    pub fn original_key(&self) -> OriginalKey {
        OriginalKey { edition: self.edition.clone(), id: self.id.clone() }
    }

    /// Whether bytes that arrive for it are wanted: it is reserved, or its upload took so long that it was expired meanwhile.
    pub fn expects_bytes(&self) -> bool {
        match self.state {
            State::Reserved | State::Expired => true,
            State::Pending
            | State::Published
            | State::Hidden
            | State::Rejected
            | State::Deleted
            | State::Quarantined => false,
        }
    }

    /// When a reserved photo without an object may be expired: its last address has been dead for a while.
    pub fn expires_at(&self) -> Timestamp {
        self.upload_until + jiff::SignedDuration::from_secs(limits::EXPIRE_AFTER_SECONDS)
    }

    /// What strangers are told while it is not public: see [`super::feed::public`].
    pub(super) fn absent(&self) -> Refusal {
        if self.published_at.is_some() { Refusal::PhotoWithdrawn } else { Refusal::PhotoNotFound }
    }

    /// Whether a person has looked at it, of a published one: else it is shown by trust.
    pub(super) fn is_looked_at(&self) -> bool {
        !self.moderation.trusted
    }

    /// Whether it is public although it is reported for a reason that hides at once: moderators look at it before everything else.
    pub fn is_urgent(&self) -> bool {
        let Moderation { reports, cleared, .. } = &self.moderation;
        let waits = |reason: &ReportReason| reason.hides_at_once() && !cleared.contains(reason);
        self.state == State::Published && reports.iter().flat_map(|reports| &reports.reasons).any(waits)
    }

    /// The same photo with what was noticed in its words, in the lane that this asks for. What was noticed in its picture stays.
    #[must_use]
    pub(super) fn screened(self) -> Self {
        let subject = Subject { caption: &self.caption, alt: &self.alt, credit: &self.credit };
        let mut hints = screening::screen(&subject);
        let pictures = |hint: &&Hint| match hint.kind {
            HintKind::NearDuplicate | HintKind::Removed | HintKind::Truncated | HintKind::TwoPeople => true,
            HintKind::PupilName | HintKind::Contact | HintKind::Abuse | HintKind::MixedScripts => false,
        };
        hints.extend(self.moderation.hints.iter().filter(pictures).cloned());
        self.hinted(hints)
    }

    /// The same photo with what was noticed in its picture, beside what was noticed in its words.
    #[must_use]
    pub fn noticed(&self, in_picture: &[Hint]) -> Self {
        let photo = self.clone();
        let mut hints = photo.moderation.hints.clone();
        hints.extend(in_picture.iter().filter(|hint| !self.moderation.hints.contains(hint)).cloned());
        photo.hinted(hints)
    }

    /// The same photo with these hints, in the lane that they ask for.
    #[must_use]
    pub(super) fn hinted(mut self, hints: Vec<Hint>) -> Self {
        let holds = self.people == People::Pupils || hints.iter().any(|hint| hint.kind.holds());
        if holds && self.lane == Lane::Normal {
            self.lane = Lane::Held;
        }
        self.moderation.hints = hints;
        self
    }

    /// The same photo one version on. A revision belongs to one publication only, a lease to one look at the queue, and what was
    /// erased to the removal that promised it.
    pub(super) fn moved(&self, state: State) -> Self {
        Self {
            version: self.version + 1,
            state,
            revision: None,
            lease: None,
            reason: None,
            removed_at: None,
            erased_at: None,
            purged_at: None,
            purged: None,
            network: self.network.clone().filter(|_| state == State::Reserved),
            ..self.clone()
        }
    }

    /// A tombstone: what remains says that there was a photo, and whether it was ever public.
    pub(super) fn erased(self) -> Self {
        Self {
            sha256: None,
            caption: String::new(),
            alt: String::new(),
            credit: String::new(),
            school: None,
            discipline: None,
            rendered: None,
            reason: None,
            moderation: Moderation { hints: Vec::new(), redaction: None, reports: None, ..self.moderation },
            ..self
        }
    }
}
