//! The activity log: what organisers and moderators did apart from deciding about photos. Entries are chained by hash, so that changing or
//! removing one is noticed. (Decisions about a photo are in its own [`audit`](super::audit).)

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{edition::PhaseCommand, time};

/// What a member did. Its name in an entry never changes, since entries are chained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The day was opened before its time.
    Open,
    /// The day closes later.
    Extend,
    /// The day was closed.
    Close,
    /// Uploads were paused.
    Pause,
    /// A pause was ended.
    Resume,
    /// The day was opened again after it had been closed.
    Reopen,
    /// Switches of the system were set.
    SetSwitches,
    /// The banner was set.
    SetBanner,
    /// The banner was removed.
    RemoveBanner,
    /// Settings were changed.
    ChangeSettings,
    /// The logo of a sponsor was set.
    SetLogo,
    /// The logo of a sponsor was removed.
    RemoveLogo,
    /// Photos were listed for an export.
    Export,
    /// A draw was rehearsed.
    RehearseDraw,
    /// A draw was announced.
    AnnounceDraw,
    /// The entries of a draw were frozen.
    FreezeDraw,
    /// A draw was given its random value.
    GiveDrawValue,
    /// The result of a draw was revealed.
    RevealDraw,
    /// A winner's answer was recorded.
    RecordAnswer,
    /// The delivery of a prize was recorded.
    RecordDelivery,
    /// An entry was disqualified.
    DisqualifyEntry,
    /// The contacts of winners were read.
    ReadContacts,
    /// A member signed in with a code.
    SignInByCode,
    /// A member signed in with a passkey.
    SignInByPasskey,
    /// A passkey was added.
    AddPasskey,
    /// A passkey was removed.
    RemovePasskey,
    /// A member was given a new code to sign in with.
    NewCode,
    /// A person was invited.
    Invite,
    /// A person's role or duties were changed.
    ChangeRole,
    /// A person lost all access.
    RevokePerson,
    /// A key for the API was made.
    MintKey,
    /// A key for the API was revoked.
    RevokeKey,
    /// A session was ended.
    EndSession,
}

impl Action {
    /// All actions.
    pub const ALL: [Self; 33] = [
        Self::Open,
        Self::Extend,
        Self::Close,
        Self::Pause,
        Self::Resume,
        Self::Reopen,
        Self::SetSwitches,
        Self::SetBanner,
        Self::RemoveBanner,
        Self::ChangeSettings,
        Self::SetLogo,
        Self::RemoveLogo,
        Self::Export,
        Self::RehearseDraw,
        Self::AnnounceDraw,
        Self::FreezeDraw,
        Self::GiveDrawValue,
        Self::RevealDraw,
        Self::RecordAnswer,
        Self::RecordDelivery,
        Self::DisqualifyEntry,
        Self::ReadContacts,
        Self::SignInByCode,
        Self::SignInByPasskey,
        Self::AddPasskey,
        Self::RemovePasskey,
        Self::NewCode,
        Self::Invite,
        Self::ChangeRole,
        Self::RevokePerson,
        Self::MintKey,
        Self::RevokeKey,
        Self::EndSession,
    ];

    /// Returns the action's name in an entry, such as `pause`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Extend => "extend",
            Self::Close => "close",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Reopen => "reopen",
            Self::SetSwitches => "set switches",
            Self::SetBanner => "set banner",
            Self::RemoveBanner => "remove banner",
            Self::ChangeSettings => "change settings",
            Self::SetLogo => "set logo",
            Self::RemoveLogo => "remove logo",
            Self::Export => "export",
            Self::RehearseDraw => "rehearse draw",
            Self::AnnounceDraw => "announce draw",
            Self::FreezeDraw => "freeze draw",
            Self::GiveDrawValue => "give draw's value",
            Self::RevealDraw => "reveal draw",
            Self::RecordAnswer => "record winner's answer",
            Self::RecordDelivery => "record delivery of prize",
            Self::DisqualifyEntry => "disqualify entry",
            Self::ReadContacts => "draw-contacts",
            Self::SignInByCode => "sign in by code",
            Self::SignInByPasskey => "sign in by passkey",
            Self::AddPasskey => "add passkey",
            Self::RemovePasskey => "remove passkey",
            Self::NewCode => "new code",
            Self::Invite => "invite",
            Self::ChangeRole => "change role",
            Self::RevokePerson => "revoke person",
            Self::MintKey => "mint key",
            Self::RevokeKey => "revoke key",
            Self::EndSession => "end session",
        }
    }

    /// Returns the action of this name; `None` for one that this version does not know.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == name)
    }
}

impl From<PhaseCommand> for Action {
    fn from(command: PhaseCommand) -> Self {
        match command {
            PhaseCommand::Open => Self::Open,
            PhaseCommand::Extend { .. } => Self::Extend,
            PhaseCommand::Close => Self::Close,
            PhaseCommand::Pause => Self::Pause,
            PhaseCommand::Resume => Self::Resume,
            PhaseCommand::Reopen => Self::Reopen,
        }
    }
}

/// An entry of the activity log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// The entry's number; numbers start at 1 and have no gaps.
    pub seq: u64,
    /// When the action took place.
    #[serde(with = "time::millis")]
    pub at: Timestamp,
    /// The member who acted, in the form that the audit uses.
    pub by: String,
    /// The member's name at that time.
    pub name: String,
    /// The name of the [`Action`].
    pub action: String,
    /// What the action was applied to, in a few words; never a secret.
    pub detail: String,
    /// SHA-256 over the previous entry's hash and this entry's fields, in hexadecimal.
    pub hash: String,
}

impl Activity {
    /// Returns the entry that follows `previous`.
    pub fn after(previous: Option<&Self>, by: &str, name: &str, action: Action, detail: &str, at: Timestamp) -> Self {
        let mut entry = Self {
            seq: previous.map_or(1, |previous| previous.seq + 1),
            at: time::to_millis(at),
            by: by.to_owned(),
            name: name.to_owned(),
            action: action.as_str().to_owned(),
            detail: detail.to_owned(),
            hash: String::new(),
        };
        entry.hash = entry.chained(previous.map_or("", |previous| &previous.hash));
        entry
    }

    /// Returns the hash that this entry must have if the previous entry's hash is `previous`.
    pub fn chained(&self, previous: &str) -> String {
        let (seq, at) = (self.seq.to_string(), self.at.as_millisecond().to_string());
        let mut hash = Sha256::new();
        for field in [previous, &seq, &at, &self.by, &self.name, &self.action, &self.detail] {
            hash.update(field.len().to_be_bytes());
            hash.update(field.as_bytes());
        }
        data_encoding::HEXLOWER.encode(&hash.finalize())
    }
}

/// Returns the number of the first entry that does not continue the one before it. `None` if `entries`, oldest first, are a complete chain
/// starting at 1.
pub fn first_break(entries: &[Activity]) -> Option<u64> {
    let mut previous = "";
    entries.iter().zip(1..).find_map(|(entry, seq)| {
        let right = entry.seq == seq && entry.hash == entry.chained(previous);
        previous = &entry.hash;
        (!right).then_some(seq)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::noon;

    #[test]
    fn a_changed_or_missing_entry_is_found_where_it_is() {
        let mut entries: Vec<Activity> = Vec::new();
        for action in [Action::Pause, Action::Resume, Action::Extend, Action::MintKey] {
            entries.push(Activity::after(entries.last(), "member:a", "A", action, "", noon()));
        }
        assert_eq!(first_break(&entries), None);
        let mut changed = entries.clone();
        changed[1].detail = "something else".into();
        assert_eq!(first_break(&changed), Some(2));
        entries.remove(2);
        assert_eq!(first_break(&entries), Some(3));
    }
}
