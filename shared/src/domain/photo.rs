//! The row of a photo, which is the authoritative record of it. Its moves from one state to another are in [`moves`](super::moves).

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
    video::{Film, Video},
};

/// The row of a photo, which is the authoritative record of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Photo {
    /// The photo's id.
    pub id: PhotoId,
    /// The version: grows by one at every move, and one audit entry is written for each.
    #[serde(rename = "v")]
    pub version: u64,
    /// The photo's state.
    pub state: State,
    /// The queue in which the photo waits while pending.
    pub lane: Lane,
    /// Whether it is a photo or a video.
    pub kind: Kind,
    /// The photo's edition.
    pub edition: EditionSlug,
    /// The device that sent it.
    pub uploader: UploaderId,
    /// The declared content type, one of [`limits::TYPES`], or [`limits::VIDEO_TYPE`].
    pub content_type: String,
    /// The declared and signed size in bytes.
    pub size_bytes: u64,
    /// The declared and signed hash, of a video [`PartHashes::whole`](super::video::PartHashes::whole); `None` on a tombstone.
    pub sha256: Option<Sha256Hex>,
    /// The caption.
    pub caption: String,
    /// The alternative text.
    pub alt: String,
    /// The credit line.
    pub credit: String,
    /// The school, if one was named.
    pub school: Option<School>,
    /// The discipline, if one was chosen.
    pub discipline: Option<DisciplineSlug>,
    /// What only a video has; `None` for a photo, and on a tombstone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub video: Option<Video>,
    /// Who is in the picture, according to the uploader.
    pub people: People,
    /// What the uploader agreed to.
    pub consent: Consent,
    /// When the photo was reserved.
    #[serde(with = "millis")]
    pub created_at: Timestamp,
    /// When its last upload address expires.
    #[serde(with = "millis")]
    pub upload_until: Timestamp,
    /// How many times decoding its bytes was started without finishing.
    pub attempts: u32,
    /// The lease of the moderator who is looking at it in the queue.
    pub lease: Option<Lease>,
    /// The renditions; present from `pending` on.
    pub rendered: Option<Rendered>,
    /// The random part of its public addresses; present while published.
    pub revision: Option<Revision>,
    /// The partition of the feeds that contains its rows; chosen when the photo is published.
    pub feed_shard: u8,
    /// When the photo was first published.
    #[serde(with = "millis::option", default)]
    pub published_at: Option<Timestamp>,
    /// Why it was held, rejected or hidden, in words for its uploader.
    pub reason: Option<String>,
    /// The hash of its latest audit entry, which the next one continues.
    pub audit_head: String,
    /// When the move to this version took the photo out of public view, or changed one that was out of it already; `None` after any other
    /// move.
    #[serde(with = "millis::option", default)]
    pub removed_at: Option<Timestamp>,
    /// When the erasure that this version requires was first carried out.
    #[serde(with = "millis::option", default)]
    pub erased_at: Option<Timestamp>,
    /// When it was carried out for the second time, after nothing from before the removal could bring bytes back.
    #[serde(with = "millis::option", default)]
    pub purged_at: Option<Timestamp>,
    /// The version whose erasure is complete. Not a plain flag: a purge of an earlier removal says nothing of a later one.
    #[serde(default)]
    pub purged: Option<u64>,
    /// The network that it was registered from; kept only while its file is expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<NetworkId>,
    /// What moderation knows of it.
    #[serde(default, skip_serializing_if = "Moderation::is_empty")]
    pub moderation: Moderation,
}

/// Who is in the picture, according to the photo's uploader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum People {
    /// No people.
    None,
    /// Adults who agree to be shown.
    Adults,
    /// Pupils might be seen; the photo waits in the held lane.
    Pupils,
}

/// What a photo's uploader agreed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// The version of the consent text that the uploader saw.
    pub version: String,
    /// The photo may be shown on the site. Must be true.
    pub web: bool,
    /// The photo may be shown on the event's social networks.
    pub social: bool,
    /// The photo may be given to the press.
    pub press: bool,
}

/// A moderator's short claim on a photo in the queue. It does not change the version, so no other moderator's decision is refused because
/// of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// The moderator.
    pub by: KeyId,
    /// When the lease ends.
    #[serde(with = "millis")]
    pub until: Timestamp,
}

/// The renditions of an original, and what was measured of the picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendered {
    /// Width of the oriented original in pixels.
    pub width: u32,
    /// Height of the oriented original in pixels.
    pub height: u32,
    /// The ThumbHash, in base64.
    pub placeholder: String,
    /// The dominant colour, `#rrggbb`.
    pub color: String,
    /// The name of the renditions' folder under review: SHA-256 over all renditions and the version of the photo for which they were made.
    /// So a folder that was given up is never named again, and can be erased at any time.
    pub hash: String,
    /// The fingerprint, for finding photos of the same scene. `None` if the picture is too plain to tell, and for photos that were rendered
    /// before there were fingerprints.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<Fingerprint>,
    /// The files, largest first; the card, if there is one, is last. Those of a video are made from one of its pictures.
    pub renditions: Vec<Rendition>,
    /// What else was made of a video; `None` for a photo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub film: Option<Film>,
}

/// One file made from an original.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendition {
    /// The file's name in the photo's folder, for example `640.jpg`.
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
    /// Whether it shows the whole photo in its own proportions; a card does not.
    pub fn is_whole(&self) -> bool {
        !self.name.starts_with(limits::CARD_NAME)
    }

    /// Returns the content type, according to the name.
    pub fn content_type(&self) -> &'static str {
        match self.name.rsplit_once('.').map(|(_, extension)| extension) {
            Some("webp") => "image/webp",
            Some("avif") => "image/avif",
            Some("mp4") => limits::VIDEO_TYPE,
            _ => "image/jpeg",
        }
    }
}

impl Photo {
    /// Returns the fingerprint. `None` before the renditions are made, and if the picture is too plain to tell.
    pub fn fingerprint(&self) -> Option<Fingerprint> {
        self.rendered.as_ref().and_then(|rendered| rendered.fingerprint)
    }

    /// Returns the key of its original. A video has its parts in the folder of this name: see [`Self::original_keys`].
    pub fn original_key(&self) -> OriginalKey {
        OriginalKey { edition: self.edition.clone(), id: self.id.clone(), part: None }
    }

    /// Whether bytes that arrive for it are still wanted: it is reserved, or its upload took so long that it was expired meanwhile.
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

    /// Returns the time from which a reserved photo without an object may be expired: some time after its last address expired.
    pub fn expires_at(&self) -> Timestamp {
        let after = if self.is_video() { limits::EXPIRE_VIDEO_AFTER_SECONDS } else { limits::EXPIRE_AFTER_SECONDS };
        self.upload_until + jiff::SignedDuration::from_secs(after)
    }

    /// Returns what the public is told while the photo is not public: see [`super::feed::public`].
    pub(super) fn absent(&self) -> Refusal {
        if self.published_at.is_some() { Refusal::PhotoWithdrawn } else { Refusal::PhotoNotFound }
    }

    /// Whether a person has looked at a published photo; otherwise it is shown by trust.
    pub(super) fn is_looked_at(&self) -> bool {
        !self.moderation.trusted
    }

    /// Whether it is public although it is reported for a reason that hides at once: moderators get it before everything else.
    pub fn is_urgent(&self) -> bool {
        let Moderation { reports, cleared, .. } = &self.moderation;
        let waits = |reason: &ReportReason| reason.hides_at_once() && !cleared.contains(reason);
        self.state == State::Published && reports.iter().flat_map(|reports| &reports.reasons).any(waits)
    }

    /// Returns the photo with the hints that screening its texts gives, in the lane that they require. Hints about its picture stay.
    #[must_use]
    pub(super) fn screened(self) -> Self {
        let transcript = self.video.as_ref().map_or("", |video| video.transcript.as_str());
        let subject = Subject { caption: &self.caption, alt: &self.alt, credit: &self.credit, transcript };
        let mut hints = screening::screen(&subject);
        let pictures = |hint: &&Hint| match hint.kind {
            HintKind::NearDuplicate | HintKind::Removed | HintKind::Truncated | HintKind::TwoPeople => true,
            HintKind::PupilName | HintKind::Contact | HintKind::Abuse | HintKind::MixedScripts => false,
        };
        hints.extend(self.moderation.hints.iter().filter(pictures).cloned());
        self.hinted(hints)
    }

    /// Returns the photo with hints about its picture, in addition to those that it has.
    #[must_use]
    pub fn noticed(&self, in_picture: &[Hint]) -> Self {
        let photo = self.clone();
        let mut hints = photo.moderation.hints.clone();
        hints.extend(in_picture.iter().filter(|hint| !self.moderation.hints.contains(hint)).cloned());
        photo.hinted(hints)
    }

    /// Returns the photo with these hints, in the lane that they require.
    #[must_use]
    pub(super) fn hinted(mut self, hints: Vec<Hint>) -> Self {
        let holds = self.people == People::Pupils || hints.iter().any(|hint| hint.kind.holds());
        if holds && self.lane == Lane::Normal {
            self.lane = Lane::Held;
        }
        self.moderation.hints = hints;
        self
    }

    /// Returns the photo one version on. The revision, the lease, the reason and the record of erasures are dropped, since each belongs to
    /// one publication, one lease in the queue or one removal.
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

    /// Returns the tombstone of the photo: it keeps only that there was a photo, and whether it was ever public.
    pub(super) fn erased(self) -> Self {
        Self {
            sha256: None,
            caption: String::new(),
            alt: String::new(),
            credit: String::new(),
            school: None,
            discipline: None,
            video: None,
            rendered: None,
            reason: None,
            moderation: Moderation { hints: Vec::new(), redaction: None, reports: None, ..self.moderation },
            ..self
        }
    }
}
