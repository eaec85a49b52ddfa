//! Moves of a photo's uploader: to register it, to renew its upload address, to withdraw it.

use jiff::Timestamp;

use crate::domain::{
    audit,
    change::Change,
    edition::Edition,
    ids::{PhotoId, UploaderId},
    limits,
    moderation::Moderation,
    people::Actor,
    photo::Photo,
    refusal::Refusal,
    request::{PhotoRequest, PhotoSpec},
    states::{Kind, Lane, State},
    text::{self, Field},
};

impl Photo {
    /// Reserves the photo that `request` asks for.
    ///
    /// # Errors
    /// The first of these that is wrong: the edition is not open, the consent is outdated or missing, or the type, the size, the parts, the
    /// discipline or a text is not allowed.
    pub fn reserve(
        id: PhotoId,
        edition: &Edition,
        request: &PhotoRequest<'_>,
        now: Timestamp,
    ) -> Result<Change, Refusal> {
        edition.accepts_photos(now)?;
        request.check(edition)?;
        let alt = text::clean(Field::Alt, &request.photo.alt)?;
        let (kind, video) = request.photo.film(edition, &alt)?;
        // A person looks at every video, even from a trusted device.
        let trusted = request.trusted && edition.trust.is_some() && kind == Kind::Photo;
        let photo = Self {
            id,
            version: 1,
            state: State::Reserved,
            lane: Lane::Normal,
            kind,
            edition: edition.slug.clone(),
            uploader: request.uploader.clone(),
            content_type: request.photo.content_type.clone(),
            size_bytes: request.photo.size_bytes,
            sha256: Some(request.photo.sha256.clone()),
            caption: text::clean(Field::Caption, &request.photo.caption)?,
            alt,
            credit: text::clean(Field::Credit, request.credit)?,
            school: request.school.clone(),
            discipline: request.discipline.cloned(),
            video,
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

    /// Whether `uploader`, by sending `spec` again, asks for this photo: the uploader and the file are the same.
    pub fn is_for(&self, uploader: &UploaderId, spec: &PhotoSpec) -> bool {
        self.uploader == *uploader && self.sha256.as_ref() == Some(&spec.sha256) && self.size_bytes == spec.size_bytes
    }

    /// Passes while its uploader may ask for a fresh upload address: for [`limits::RENEW_SECONDS`], after which the photo counts as
    /// expired.
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

    /// Withdraws the photo for its uploader. `None` if it is deleted already.
    ///
    /// # Errors
    /// [`Refusal::PhotoNotFound`] if it is quarantined: its uploader may not know that.
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
}

/// Returns when an upload address made at `now` expires.
pub fn presigned_until(now: Timestamp) -> Timestamp {
    now + jiff::SignedDuration::from_secs(i64::try_from(limits::PRESIGN_SECONDS).unwrap_or(i64::MAX))
}
