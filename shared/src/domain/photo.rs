//! A photo: its states, and every legal move between them.
//!
//! ```text
//!             reserve            ingest                 publish
//!  (absent) ─────────► reserved ─────────────► pending ─────────► published
//!                         │  └─ no object ─► expired ─► pending (bytes came late)
//!                         │                            ◄─ edit ──── │
//!                         │                       ◄─ unpublish ──── │
//!                         │ unreadable        │ ▲                   │ hide
//!                         │            reject ▼ │ release           ▼
//!                         └─────────────► rejected ◄── reject ── hidden ──► published (restore)
//!  any of {reserved, pending, published, rejected, hidden} ─► deleted, quarantined
//!  (absent) ─► quarantined (an original without a row), deleted (a removal of before a restore)
//!  quarantined ─► pending (held), deleted: by the safeguarding lead alone
//! ```
//!
//! Decision: `expired` is no end. The storage checks a signature when a request begins, so a slow upload that began in time can be
//! acknowledged a quarter of an hour later, after the row was expired; such a photo goes on as if it had come in time.
//!
//! A photo that was hidden to protect a child, and not by one stranger's word alone, becomes public again only when two people want it, by
//! whatever way it comes; as does its picture when it is sent again as another photo ([`super::twin`]).
//!
//! Each move is a function that answers with a [`Change`]: the photo after it, its audit entry, and every other row that must
//! change in the same transaction. Nothing else may change a state.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    audit,
    change::Change,
    edition::Edition,
    fingerprint::Fingerprint,
    ids::{DisciplineSlug, EditionSlug, KeyId, NetworkId, PhotoId, Revision, Sha256Hex, UploaderId},
    keys::OriginalKey,
    limits,
    moderation::{Cover, Moderation, Redaction, Safeguarding, Stage},
    people::Actor,
    refusal::Refusal,
    removal::Removal,
    report::{Brake, OpenReports, ReportReason, Reported, Reporting},
    request::{Edit, PhotoRequest, PhotoSpec},
    school::School,
    screening::{self, Hint, HintKind, Subject},
    text::{self, Field},
    time::{self, millis},
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

/// Where a photo stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// The row exists; its bytes may come.
    Reserved,
    /// Its renditions wait for a decision.
    Pending,
    /// Everybody sees it.
    Published,
    /// Taken off the site; may come back.
    Hidden,
    /// Not shown, with a reason that its uploader reads.
    Rejected,
    /// Its bytes never came.
    Expired,
    /// Bytes and text are erased; the row stays as a tombstone.
    Deleted,
    /// Locked away for the safeguarding lead.
    Quarantined,
}

impl State {
    /// All states.
    pub const ALL: [Self; 8] = [
        Self::Reserved,
        Self::Pending,
        Self::Published,
        Self::Hidden,
        Self::Rejected,
        Self::Expired,
        Self::Deleted,
        Self::Quarantined,
    ];

    /// The state's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reserved => "reserved",
            Self::Pending => "pending",
            Self::Published => "published",
            Self::Hidden => "hidden",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Deleted => "deleted",
            Self::Quarantined => "quarantined",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which queue a photo waits in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Lane {
    /// Oldest first, by any moderator.
    #[default]
    Normal,
    /// Needs a second thought: pupils might be seen, or a moderator put it aside.
    Held,
    /// Somebody reported it: it is published, or hidden until a person has decided.
    Reported,
    /// It is public since its sender is trusted, and no person has looked at it yet. See [`super::trust`].
    Unseen,
}

impl Lane {
    /// All lanes.
    pub const ALL: [Self; 4] = [Self::Normal, Self::Held, Self::Reported, Self::Unseen];

    /// The lane's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Held => "held",
            Self::Reported => "reported",
            Self::Unseen => "unseen",
        }
    }

    /// The lane of a photo that leaves where it stood and waits for a person: what was reported is looked at with more care.
    pub(super) fn again(self) -> Self {
        match self {
            Self::Reported | Self::Held => Self::Held,
            Self::Normal | Self::Unseen => Self::Normal,
        }
    }
}

/// Photo or video.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A still picture.
    Photo,
    /// A short film.
    Video,
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
    /// Reserves the photo that `request` asks for.
    ///
    /// # Errors
    /// Edition not open, consent outdated or missing, type, size, texts, discipline: the first that is wrong.
    pub fn reserve(
        id: PhotoId,
        edition: &Edition,
        request: &PhotoRequest<'_>,
        now: Timestamp,
    ) -> Result<Change, Refusal> {
        edition.accepts_photos(now)?;
        request.check(edition)?;
        let trusted = request.trusted && edition.trust.is_some();
        let photo = Self {
            id,
            version: 1,
            state: State::Reserved,
            lane: Lane::Normal,
            kind: Kind::Photo,
            edition: edition.slug.clone(),
            uploader: request.uploader.clone(),
            content_type: request.photo.content_type.clone(),
            size_bytes: request.photo.size_bytes,
            sha256: Some(request.photo.sha256.clone()),
            caption: text::clean(Field::Caption, &request.photo.caption)?,
            alt: text::clean(Field::Alt, &request.photo.alt)?,
            credit: text::clean(Field::Credit, request.credit)?,
            school: request.school.clone(),
            discipline: request.discipline.cloned(),
            people: request.photo.people,
            consent: request.consent.clone(),
            created_at: now,
            upload_until: presigned_until(now),
            attempts: 0,
            lease: None,
            rendered: None,
            revision: None,
            feed_shard: 0,
            published_at: None,
            reason: None,
            audit_head: String::new(),
            removed_at: None,
            erased_at: None,
            purged_at: None,
            purged: None,
            network: request.network.cloned(),
            moderation: Moderation { trusted, ..Moderation::default() },
        };
        let photo = photo.screened();
        Ok(Change::new(None, photo, audit::RESERVE, &Actor::Uploader(request.uploader.clone()), now))
    }

    /// Whether it is what `uploader` asks for again by `spec`: the very same file.
    pub fn is_for(&self, uploader: &UploaderId, spec: &PhotoSpec) -> bool {
        self.uploader == *uploader && self.sha256.as_ref() == Some(&spec.sha256) && self.size_bytes == spec.size_bytes
    }

    /// What its renditions look like. `None` before they are made, and if they are too plain to tell.
    pub fn fingerprint(&self) -> Option<Fingerprint> {
        self.rendered.as_ref().and_then(|rendered| rendered.fingerprint)
    }

    /// Where its original lies.
    pub fn original_key(&self) -> OriginalKey {
        OriginalKey { edition: self.edition.clone(), id: self.id.clone() }
    }

    /// Passes while its uploader may ask for a fresh upload address: for [`limits::RENEW_SECONDS`], after which it is as good as expired.
    pub fn renewable(&self, edition: &Edition, now: Timestamp) -> Result<(), Refusal> {
        edition.accepts_bytes(now)?;
        let over = now.duration_since(self.created_at).as_secs() >= limits::RENEW_SECONDS;
        match self.state {
            State::Reserved if !over => Ok(()),
            State::Reserved => Err(Refusal::NotRenewable { state: State::Expired }),
            State::Pending
            | State::Published
            | State::Hidden
            | State::Rejected
            | State::Expired
            | State::Deleted
            | State::Quarantined => Err(Refusal::NotRenewable { state: self.state }),
        }
    }

    /// Its renditions are made: it waits for a decision. None where its bytes are no longer expected, so that a repeated or late
    /// event changes nothing.
    pub fn ingest(&self, rendered: Rendered, by: &'static str, now: Timestamp) -> Option<Change> {
        let after = Self { rendered: Some(rendered), attempts: 0, ..self.moved(State::Pending) };
        self.expects_bytes().then(|| Change::new(Some(self), after, "ingest", &Actor::Function(by), now))
    }

    /// Its bytes cannot be shown: its uploader reads why. None where they are no longer expected.
    pub fn unreadable(&self, reason: String, by: &'static str, now: Timestamp) -> Option<Change> {
        let after = Self { reason: Some(reason), ..self.moved(State::Rejected) };
        self.expects_bytes().then(|| Change::new(Some(self), after, "reject", &Actor::Function(by), now))
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

    /// Its bytes never came. None where it is no longer reserved, or its last address may still be used.
    pub fn expire(&self, by: &'static str, now: Timestamp) -> Option<Change> {
        let over = self.state == State::Reserved && now >= self.expires_at();
        over.then(|| Change::new(Some(self), self.moved(State::Expired), "expire", &Actor::Function(by), now))
    }

    /// When a reserved photo without an object may be expired: its last address has been dead for a while.
    pub fn expires_at(&self) -> Timestamp {
        self.upload_until + jiff::SignedDuration::from_secs(limits::EXPIRE_AFTER_SECONDS)
    }

    /// Somebody who looks at it says what is wrong. It is hidden at once where a child or the person in it may be concerned, and else
    /// when somebody independent says so, too; never for a reason for which a person has looked at it already. What a stranger's report
    /// may hide, `brake` says, unless nobody has looked at the photo yet, or two who are independent say that a child is in it.
    ///
    /// # Errors
    /// [`Refusal::PhotoNotFound`] and [`Refusal::PhotoWithdrawn`] where it is not public; [`Refusal::TooManyRequests`] for a reason that can
    /// wait for the next hour.
    pub fn report(&self, report: &Reporting<'_>, brake: &Brake, now: Timestamp) -> Result<Reported, Refusal> {
        match self.state {
            State::Published | State::Hidden => {}
            State::Reserved
            | State::Pending
            | State::Rejected
            | State::Expired
            | State::Deleted
            | State::Quarantined => return Err(self.absent()),
        }
        let Reporting { by, reason, reference, within_rate, again } = *report;
        if !within_rate && !reason.hides_at_once() {
            return Err(Refusal::TooManyRequests { retry_after_s: time::seconds_to_next_hour(now) });
        }
        let before = self.moderation.reports.as_ref();
        let cleared = self.moderation.cleared.contains(&reason);
        if cleared && again {
            // Somebody has looked at it after they had said so; other words alone make nobody look once more.
            return Ok(Reported { change: None, brake: None });
        }
        let enough = reason.hides_at_once() || before.is_some_and(|before| before.has_another_than(by));
        let (hides, brake) = if self.state != State::Published || cleared || !enough {
            (false, None)
        } else if !self.is_looked_at() {
            (true, None)
        } else if !within_rate {
            (false, None)
        } else if reason.safeguards() && before.is_some_and(|before| before.confirms_child(by)) {
            // Two who are independent say that a child is in it: the brake is against one who says so of many photos.
            (true, None)
        } else if by.is_stranger() {
            brake.asked(by, now)
        } else {
            (true, None)
        };
        let reports = OpenReports::with(before, by, reason, now);
        let new_reason = before.is_none_or(|before| !before.reasons.contains(&reason));
        let child = reason.safeguards() && !cleared;
        let safeguarding = match &self.moderation.safeguarding {
            // Who has agreed meanwhile did not know of this reason.
            Some(way) if child && new_reason => Some(Safeguarding::again(Some(way), now)),
            Some(way) => Some(way.clone()),
            None => {
                let confirmed = child && before.is_some_and(|before| before.confirms_child(by));
                confirmed.then(|| Safeguarding::again(None, reports.since))
            }
        };
        // A move makes moderators look again: what they have seen is outdated by it. What they know already is no reason for one.
        let news = if self.state == State::Published {
            before != Some(&reports)
        } else {
            new_reason || safeguarding != self.moderation.safeguarding
        };
        if !hides && (!news || (cleared && !new_reason)) {
            return Ok(Reported { change: None, brake });
        }
        let moderation = Moderation {
            reports: Some(reports),
            reported: self.moderation.reported + 1,
            safeguarding,
            ..self.moderation.clone()
        };
        let (state, words) = match (self.state, hides) {
            (State::Published, false) => (State::Published, None),
            _ => (
                State::Hidden,
                Some("Somebody asked us to look at this photo again. It is hidden until we have.".to_owned()),
            ),
        };
        let revision = if state == State::Published { self.revision.clone() } else { None };
        let after = Self { lane: Lane::Reported, moderation, reason: words, revision, ..self.moved(state) };
        let change = Change::new(Some(self), after, "report", &Actor::Reporter(reference.to_owned()), now);
        Ok(Reported { change: Some(change), brake })
    }

    /// What strangers are told while it is not public: see [`super::feed::public`].
    pub(super) fn absent(&self) -> Refusal {
        if self.published_at.is_some() { Refusal::PhotoWithdrawn } else { Refusal::PhotoNotFound }
    }

    /// Whether a person has looked at it, of a published one: else it is shown by trust.
    fn is_looked_at(&self) -> bool {
        !self.moderation.trusted
    }

    /// Whether it is public although it is reported for a reason that hides at once: moderators look at it before everything else.
    pub fn is_urgent(&self) -> bool {
        let Moderation { reports, cleared, .. } = &self.moderation;
        let waits = |reason: &ReportReason| reason.hides_at_once() && !cleared.contains(reason);
        self.state == State::Published && reports.iter().flat_map(|reports| &reports.reasons).any(waits)
    }

    /// A moderator draws covers: the renditions are made anew from the original. A published photo leaves the site until it has
    /// them and somebody has seen it with them.
    ///
    /// # Errors
    /// [`Refusal::VersionOutdated`] where it is no longer what was seen; [`Refusal::NotRenewable`] where it has no renditions to
    /// draw on.
    pub fn redact(&self, covers: Vec<Cover>, seen_version: u64, by: &Actor, now: Timestamp) -> Result<Change, Refusal> {
        if seen_version != self.version {
            return Err(Refusal::VersionOutdated { id: self.id.clone(), version: self.version, state: self.state });
        }
        let state = match self.state {
            State::Pending | State::Published => State::Pending,
            State::Hidden => State::Hidden,
            State::Reserved | State::Rejected | State::Expired | State::Deleted | State::Quarantined => {
                return Err(Refusal::NotRenewable { state: self.state });
            }
        };
        let redaction = Some(Redaction { covers, stage: Stage::Asked, version: self.version + 1 });
        let moderation = Moderation { redaction, ..self.moderation.changed(state, now) };
        // What was reported stays where reports are decided, unless it has to be published again anyway.
        let lane = if state == State::Pending { self.lane.again() } else { self.lane };
        let after = Self { lane, moderation, reason: self.reason.clone(), ..self.moved(state) };
        Ok(Change::new(Some(self), after, "redact", by, now))
    }

    /// The renditions with the covers of `made` are made. `None` if these are no longer what is asked for: a late worker must not bring
    /// back what another redaction has replaced, not even by the same covers.
    pub fn redacted(&self, made: &Redaction, rendered: Rendered, by: &'static str, now: Timestamp) -> Option<Change> {
        let asked = self.moderation.redaction.as_ref().filter(|asked| asked.stage == Stage::Asked && *asked == made)?;
        let redaction = Some(Redaction { stage: Stage::Done, ..asked.clone() });
        let moderation = Moderation { redaction, ..self.moderation.clone() };
        let reason = self.reason.clone();
        let after = Self { rendered: Some(rendered), attempts: 0, moderation, reason, ..self.moved(self.state) };
        Some(Change::new(Some(self), after, "redacted", &Actor::Function(by), now))
    }

    /// The same photo with what was noticed in its words, in the lane that this asks for. What was noticed in its picture stays.
    #[must_use]
    fn screened(self) -> Self {
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
    fn hinted(mut self, hints: Vec<Hint>) -> Self {
        let holds = self.people == People::Pupils || hints.iter().any(|hint| hint.kind.holds());
        if holds && self.lane == Lane::Normal {
            self.lane = Lane::Held;
        }
        self.moderation.hints = hints;
        self
    }

    /// Its uploader takes it back. None where it is gone already.
    ///
    /// # Errors
    /// [`Refusal::PhotoNotFound`] where it is locked away: that is not its uploader's to know.
    pub fn withdraw(&self, now: Timestamp) -> Result<Option<Change>, Refusal> {
        match self.state {
            State::Deleted => Ok(None),
            State::Quarantined => Err(Refusal::PhotoNotFound),
            State::Reserved | State::Pending | State::Published | State::Hidden | State::Rejected | State::Expired => {
                let after = Self { removed_at: Some(now), ..self.moved(State::Deleted).erased() };
                Ok(Some(Change::new(Some(self), after, "withdraw", &Actor::Uploader(self.uploader.clone()), now)))
            }
        }
    }

    /// Somebody in it, or its uploader, asked the organisers to erase it. None where that is done already.
    pub fn erase(&self, by: &Actor, now: Timestamp) -> Option<Change> {
        let after = Self { removed_at: Some(now), ..self.moved(State::Deleted).erased() };
        (self.state != State::Deleted).then(|| Change::new(Some(self), after, "erase", by, now))
    }

    /// Its uploader says something else of it. A published photo goes back to the queue, since nobody has seen it so. Where pupils may
    /// be in it, as is said now or was said once, it is looked at with more care. None where nothing is different.
    ///
    /// # Errors
    /// Texts that are too long; [`Refusal::IllegalMove`] once it is hidden, rejected or gone.
    pub fn edit(&self, edit: &Edit, now: Timestamp) -> Result<Option<Change>, Refusal> {
        let state = match self.state {
            State::Reserved => State::Reserved,
            State::Pending | State::Published => State::Pending,
            State::Quarantined => return Err(Refusal::PhotoNotFound),
            State::Hidden | State::Rejected | State::Expired | State::Deleted => {
                return Err(Refusal::NotRenewable { state: self.state });
            }
        };
        let lane = self.lane.again();
        let trusted = self.moderation.trusted && state == State::Reserved;
        let moderation = Moderation { trusted, ..self.moderation.changed(state, now) };
        let after = Self { lane, moderation, ..self.moved(state) };
        self.reworded(after, edit, &Actor::Uploader(self.uploader.clone()), now)
    }

    /// A moderator changes its words: it stays where it is, since somebody has seen the new ones. None where nothing is different.
    ///
    /// # Errors
    /// Texts that are too long; [`Refusal::VersionOutdated`] where it is no longer what was seen; [`Refusal::NotRenewable`] where
    /// nobody will read its words any more.
    pub fn edit_by(
        &self,
        edit: &Edit,
        seen_version: u64,
        by: &Actor,
        now: Timestamp,
    ) -> Result<Option<Change>, Refusal> {
        if seen_version != self.version {
            return Err(Refusal::VersionOutdated { id: self.id.clone(), version: self.version, state: self.state });
        }
        match self.state {
            State::Pending | State::Published | State::Hidden => {
                let (revision, reason) = (self.revision.clone(), self.reason.clone());
                let moderation = self.moderation.changed(self.state, now);
                let after = Self { revision, reason, moderation, lease: self.lease.clone(), ..self.moved(self.state) };
                self.reworded(after, edit, by, now)
            }
            State::Reserved | State::Rejected | State::Expired | State::Deleted | State::Quarantined => {
                Err(Refusal::NotRenewable { state: self.state })
            }
        }
    }

    /// What its uploader says of it and may say anew.
    fn told(&self) -> impl PartialEq {
        (&self.caption, &self.alt, &self.credit, &self.school, &self.discipline, self.people)
    }

    /// The move to `after` with what is said anew; none where that is what was said before.
    fn reworded(&self, after: Self, edit: &Edit, by: &Actor, now: Timestamp) -> Result<Option<Change>, Refusal> {
        let written = |field, new: &Option<String>, old: &String| match new {
            Some(new) => text::clean(field, new),
            None => Ok(old.clone()),
        };
        let after = Self {
            caption: written(Field::Caption, &edit.caption, &self.caption)?,
            alt: written(Field::Alt, &edit.alt, &self.alt)?,
            credit: written(Field::Credit, &edit.credit, &self.credit)?,
            school: edit.school.clone().unwrap_or_else(|| self.school.clone()),
            discipline: edit.discipline.clone().unwrap_or_else(|| self.discipline.clone()),
            people: edit.people.unwrap_or(self.people),
            ..after
        };
        if after.told() == self.told() {
            return Ok(None);
        }
        // A moderator has read their own words.
        let after = if matches!(by, Actor::Uploader(_)) { after.screened() } else { after };
        Ok(Some(Change::new(Some(self), after, "edit", by, now)))
    }

    /// An original that no row knows, for somebody to look at: who sent it, and with which words, is not known any more.
    pub fn orphan(key: &OriginalKey, size_bytes: u64, by: &'static str, now: Timestamp) -> Change {
        let reason = Some("A file without a record; nobody knows who sent it.".to_owned());
        let photo = Self { size_bytes, reason, ..Self::unknown(key, State::Quarantined, now) };
        Change::new(None, photo, "orphan", &Actor::Function(by), now)
    }

    /// Takes it away again as a removal of before a restore says. None where it is away already, or has come further than that
    /// removal; of an older copy of the table that is not so.
    pub fn removed_again(&self, removal: &Removal, by: &'static str, now: Timestamp) -> Option<Change> {
        let due = match removal.state {
            State::Deleted => self.state != State::Deleted,
            State::Reserved
            | State::Pending
            | State::Published
            | State::Hidden
            | State::Rejected
            | State::Expired
            | State::Quarantined => self.version < removal.version && self.state != removal.state,
        };
        let moved = self.moved(removal.state);
        let after = if removal.state == State::Deleted { moved.erased() } else { moved };
        due.then(|| {
            Change::new(Some(self), Self { removed_at: Some(removal.at), ..after }, "replay", &Actor::Function(by), now)
        })
    }

    /// The tombstone of a photo that a restored copy of the table does not even know; its bytes may still be there. None where its
    /// removal did not erase it: what is not known cannot be shown.
    pub fn buried(removal: &Removal, by: &'static str, now: Timestamp) -> Option<Change> {
        let key = OriginalKey { edition: removal.edition.clone(), id: removal.id.clone() };
        let photo = Self { removed_at: Some(removal.at), ..Self::unknown(&key, State::Deleted, now) };
        (removal.state == State::Deleted).then(|| Change::new(None, photo, "replay", &Actor::Function(by), now))
    }

    /// A photo of which only the id is known.
    fn unknown(key: &OriginalKey, state: State, now: Timestamp) -> Self {
        Self {
            id: key.id.clone(),
            version: 1,
            state,
            lane: Lane::Normal,
            kind: Kind::Photo,
            edition: key.edition.clone(),
            uploader: UploaderId::nobody(),
            content_type: String::new(),
            size_bytes: 0,
            sha256: None,
            caption: String::new(),
            alt: String::new(),
            credit: String::new(),
            school: None,
            discipline: None,
            people: People::Pupils,
            consent: Consent { version: String::new(), web: false, social: false, press: false },
            created_at: now,
            upload_until: now,
            attempts: 0,
            lease: None,
            rendered: None,
            revision: None,
            feed_shard: 0,
            published_at: None,
            reason: None,
            audit_head: String::new(),
            removed_at: Some(now),
            erased_at: None,
            purged_at: None,
            purged: None,
            network: None,
            moderation: Moderation::default(),
        }
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

/// When an upload address made at `now` dies.
pub fn presigned_until(now: Timestamp) -> Timestamp {
    now + jiff::SignedDuration::from_secs(i64::try_from(limits::PRESIGN_SECONDS).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod walks;
