//! Changes of a photo's texts, by its uploader or by a moderator.

use jiff::Timestamp;

use crate::domain::{
    change::Change,
    moderation::Moderation,
    people::Actor,
    photo::Photo,
    refusal::Refusal,
    request::Edit,
    states::State,
    text::{self, Field, shorten},
    video::Video,
};

impl Photo {
    /// Changes the photo's texts for its uploader. A published photo goes back to the queue, since nobody has checked the new texts. A
    /// photo that may show pupils, as its uploader says now or said before, goes to the held lane. `None` if nothing changes.
    ///
    /// # Errors
    /// [`Refusal::TextTooLong`]; [`Refusal::Invalid`] for a video without alternative text, for one with sound and without a transcript, and
    /// for a transcript of anything else; [`Refusal::NotRenewable`] if the photo is hidden, rejected, expired or deleted;
    /// [`Refusal::PhotoNotFound`] if it is quarantined.
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

    /// Changes the photo's texts for a moderator. Its state stays, since a person has seen the new texts. `None` if nothing changes.
    ///
    /// # Errors
    /// [`Refusal::TextTooLong`]; [`Refusal::Invalid`] as for [`Self::edit`]; [`Refusal::VersionOutdated`] if the photo has changed since it
    /// was seen; [`Refusal::NotRenewable`] if its state does not allow changes of its texts.
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

    /// The fields that an uploader may change.
    fn told(&self) -> impl PartialEq {
        let transcript = self.video.as_ref().map(|video| &video.transcript);
        (&self.caption, &self.alt, &self.credit, &self.school, &self.discipline, self.people, transcript)
    }

    /// Returns what only a video has, with the edited transcript.
    fn reheard(&self, edit: &Edit) -> Result<Option<Video>, Refusal> {
        let Some(written) = &edit.transcript else { return Ok(self.video.clone()) };
        let transcript = text::clean(Field::Transcript, written)?;
        let expected = match (self.has_sound(), transcript.is_empty()) {
            (true, true) => "what is heard, in a sentence for people who cannot hear it",
            (false, false) => "no words: only a video that keeps its sound is heard",
            (true, false) | (false, true) => {
                return Ok(self.video.clone().map(|video| Video { transcript, ..video }));
            }
        };
        Err(Refusal::Invalid { field: "transcript", got: shorten(&transcript), expected: expected.to_owned() })
    }

    /// Returns the move to `after` with the edited fields; `None` if they are the same as before.
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
            video: self.reheard(edit)?,
            ..after
        };
        if after.is_video() && after.alt.is_empty() {
            let expected = "what is seen, in a sentence for people who cannot see the video".to_owned();
            return Err(Refusal::Invalid { field: "alt", got: String::new(), expected });
        }
        if after.told() == self.told() {
            return Ok(None);
        }
        // A moderator's own texts need no screening.
        let after = if matches!(by, Actor::Uploader(_)) { after.screened() } else { after };
        Ok(Some(Change::new(Some(self), after, "edit", by, now)))
    }
}
