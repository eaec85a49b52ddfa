//! Moves of our own functions: the results of processing a photo, and removals after a restore.

use jiff::Timestamp;

use crate::domain::{
    change::Change,
    ids::{Revision, UploaderId},
    keys::OriginalKey,
    moderation::{Moderation, RequestedCovers, Stage},
    people::Actor,
    photo::{Consent, People, Photo, Rendered},
    removal::Removal,
    states::{Kind, Lane, State},
    twin::Twin,
    video::{PartHashes, Video},
};

impl Photo {
    /// Records its renditions; the photo then waits for a decision. `None` if its bytes are no longer expected, so that a repeated or late
    /// event changes nothing.
    pub fn ingest(&self, rendered: Rendered, by: &'static str, now: Timestamp) -> Option<Change> {
        // The hashes of the parts were needed to tell whether they are what was announced.
        let video = self.video.clone().map(|video| Video { parts: PartHashes::default(), ..video });
        let after = Self { rendered: Some(rendered), attempts: 0, video, ..self.moved(State::Pending) };
        self.expects_bytes().then(|| Change::new(Some(self), after, "ingest", &Actor::Function(by), now))
    }

    /// Rejects the photo because its file cannot be used; its uploader reads `reason`. `None` if its bytes are no longer expected.
    pub fn unreadable(&self, reason: String, by: &'static str, now: Timestamp) -> Option<Change> {
        let after = Self { reason: Some(reason), ..self.moved(State::Rejected) };
        self.expects_bytes().then(|| Change::new(Some(self), after, "reject", &Actor::Function(by), now))
    }

    /// Expires the photo, since its bytes never came. `None` if it is no longer reserved, or its last address may still be in use.
    pub fn expire(&self, by: &'static str, now: Timestamp) -> Option<Change> {
        let over = self.state == State::Reserved && now >= self.expires_at();
        over.then(|| Change::new(Some(self), self.moved(State::Expired), "expire", &Actor::Function(by), now))
    }

    /// Records the renditions that have the covers of `made`. `None` if those are no longer the requested ones: a late worker must not
    /// bring back what another redaction has replaced, even if its covers are the same.
    pub fn redacted(
        &self,
        made: &RequestedCovers,
        rendered: Rendered,
        by: &'static str,
        now: Timestamp,
    ) -> Option<Change> {
        let asked = self.moderation.redaction.as_ref().filter(|asked| asked.stage == Stage::Asked && *asked == made)?;
        let redaction = Some(RequestedCovers { stage: Stage::Done, ..asked.clone() });
        let moderation = Moderation { redaction, ..self.moderation.clone() };
        let reason = self.reason.clone();
        let after = Self { rendered: Some(rendered), attempts: 0, moderation, reason, ..self.moved(self.state) };
        Some(Change::new(Some(self), after, "redacted", &Actor::Function(by), now))
    }

    /// Quarantines an original that has no row, for a person to look at: its uploader and its texts are unknown.
    pub fn orphan(key: &OriginalKey, size_bytes: u64, by: &'static str, now: Timestamp) -> Change {
        let reason = Some("This file has no record, so we do not know who sent it.".to_owned());
        let photo = Self { size_bytes, reason, ..Self::unknown(key, State::Quarantined, now) };
        Change::new(None, photo, "orphan", &Actor::Function(by), now)
    }

    /// Re-applies a removal recorded before a backup was restored. `None` if the photo is already removed or newer than the removal.
    pub fn reapply_removal(&self, removal: &Removal, by: &'static str, now: Timestamp) -> Option<Change> {
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

    /// Returns the tombstone of an erased photo that is missing from a restored copy of the table; its bytes may still be there. `None` if
    /// the removal did not erase the photo: a photo without a row cannot be shown.
    pub fn tombstone_from(removal: &Removal, by: &'static str, now: Timestamp) -> Option<Change> {
        let key = OriginalKey { edition: removal.edition.clone(), id: removal.id.clone(), part: None };
        let unknown = Self::unknown(&key, State::Deleted, now);
        let photo = Self { removed_at: Some(removal.at), kind: removal.kind, ..unknown };
        (removal.state == State::Deleted).then(|| Change::new(None, photo, "replay", &Actor::Function(by), now))
    }

    /// Returns a photo of which only the id is known.
    fn unknown(key: &OriginalKey, state: State, now: Timestamp) -> Self {
        Self {
            id: key.id.clone(),
            version: 1,
            state,
            lane: Lane::Normal,
            kind: if key.part.is_some() { Kind::Video } else { Kind::Photo },
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
            video: None,
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

    /// Publishes the photo, since its uploader is trusted. `None` if it may not be shown by trust.
    pub fn show_trusted(
        &self,
        revision: Revision,
        feed_shards: u8,
        by: &'static str,
        now: Timestamp,
    ) -> Option<Change> {
        let shown = self.moved(State::Published).shown(revision, feed_shards, now);
        let after = Self { lane: Lane::Unseen, ..shown };
        self.is_trusted().then(|| Change::new(Some(self), after, "trust", &Actor::Function(by), now))
    }

    /// Lets the photo wait for a person after all. `None` if it does already.
    pub fn distrust(&self, by: &'static str, now: Timestamp) -> Option<Change> {
        let moderation = Moderation { trusted: false, ..self.moderation.clone() };
        let after = Self { moderation, lease: self.lease.clone(), ..self.moved(State::Pending) };
        self.is_trusted().then(|| Change::new(Some(self), after, "distrust", &Actor::Function(by), now))
    }

    /// Requires that two people agree to show the photo, after `twin` was found while it waits or is hidden. No agreement counts yet, since
    /// nobody knew of the twin. `None` if two people are needed already, or if the photo is in a state from which it cannot be shown.
    pub fn guard(&self, twin: Twin, by: &'static str, now: Timestamp) -> Option<Change> {
        let waits = match self.state {
            State::Pending | State::Hidden => true,
            State::Reserved
            | State::Published
            | State::Rejected
            | State::Expired
            | State::Deleted
            | State::Quarantined => false,
        };
        let after = Self { reason: self.reason.clone(), ..self.guarded(twin).moved(self.state) };
        let due = waits && self.moderation.safeguarding.is_none();
        due.then(|| Change::new(Some(self), after, "twin", &Actor::Function(by), now))
    }
}
