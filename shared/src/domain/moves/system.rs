//! What functions find out about a photo, and what a restore brings back.

use jiff::Timestamp;

use crate::domain::{
    change::Change,
    ids::{Revision, UploaderId},
    keys::OriginalKey,
    moderation::{Moderation, Redaction, Stage},
    people::Actor,
    photo::{Consent, People, Photo, Rendered},
    removal::Removal,
    states::{Kind, Lane, State},
    twin::Twin,
};

impl Photo {
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

    /// Its bytes never came. None where it is no longer reserved, or its last address may still be used.
    pub fn expire(&self, by: &'static str, now: Timestamp) -> Option<Change> {
        let over = self.state == State::Reserved && now >= self.expires_at();
        over.then(|| Change::new(Some(self), self.moved(State::Expired), "expire", &Actor::Function(by), now))
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

    /// It is shown, since its sender is trusted. None where it may not be.
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

    /// It waits for a person after all. None where it does already.
    pub fn distrust(&self, by: &'static str, now: Timestamp) -> Option<Change> {
        let moderation = Moderation { trusted: false, ..self.moderation.clone() };
        let after = Self { moderation, lease: self.lease.clone(), ..self.moved(State::Pending) };
        self.is_trusted().then(|| Change::new(Some(self), after, "distrust", &Actor::Function(by), now))
    }

    /// It is noticed that `twin` is its twin, while it waits or is hidden. Nobody who was about to show it has known that, so nobody has
    /// agreed yet. `None` if two people are needed already, or if it is nowhere from where it could be shown.
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
