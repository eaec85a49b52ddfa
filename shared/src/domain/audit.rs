//! The audit: one entry per version of each photo. Entries are chained by hash, so that changing or removing one is noticed.
//!
//! Decision: the entry of a reservation has no row. The photo's own row keeps all of its content for ever, even as a tombstone, and a
//! separate row would mostly cost a second write at the busiest moment.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{ids::PhotoId, people::Actor, photo::Photo, states::State, time};

/// The action of a photo's first entry.
pub const RESERVE: &str = "reserve";

/// What happened to a photo at one version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// The photo's id.
    pub id: PhotoId,
    /// The version that this action produced.
    #[serde(rename = "v")]
    pub version: u64,
    /// When the action took place.
    #[serde(with = "time::millis")]
    pub at: Timestamp,
    /// Who acted: see [`Actor`].
    pub by: String,
    /// The action: `reserve`, `ingest`, `edit`, `withdraw`, `expire`, `reject`, or a decision's name.
    pub action: String,
    /// The state before the action; `None` for the first entry.
    pub from: Option<State>,
    /// The state after the action.
    pub to: State,
    /// The reason, as its uploader reads it; it is deleted before the entry is.
    pub reason: Option<String>,
    /// SHA-256 of the reason in hexadecimal. It is kept, so that the chain can be verified after the reason is deleted.
    #[serde(default)]
    pub reason_hash: Option<String>,
    /// SHA-256 over the previous entry's hash and this entry's fields, in hexadecimal.
    pub hash: String,
}

impl AuditEntry {
    /// Returns the entry of the move from `before` to `after`.
    pub fn new(before: Option<&Photo>, after: &Photo, action: &str, by: &Actor, at: Timestamp) -> Self {
        let mut entry = Self {
            id: after.id.clone(),
            version: after.version,
            at: time::to_millis(at),
            by: by.to_string(),
            action: action.to_owned(),
            from: before.map(|photo| photo.state),
            to: after.state,
            reason: after.reason.clone(),
            reason_hash: after.reason.as_deref().map(|reason| data_encoding::HEXLOWER.encode(&Sha256::digest(reason))),
            hash: String::new(),
        };
        entry.hash = entry.chained(before.map_or("", |photo| &photo.audit_head));
        entry
    }

    /// Returns the entry of the reservation that `photo` began with, made from the fields that its row keeps for ever.
    pub fn reservation(photo: &Photo) -> Self {
        let mut entry = Self {
            id: photo.id.clone(),
            version: 1,
            at: time::to_millis(photo.created_at),
            by: Actor::Uploader(photo.uploader.clone()).to_string(),
            action: RESERVE.to_owned(),
            from: None,
            to: State::Reserved,
            reason: None,
            reason_hash: None,
            hash: String::new(),
        };
        entry.hash = entry.chained("");
        entry
    }

    /// Returns the hash that this entry must have if the previous entry's hash is `previous`.
    pub fn chained(&self, previous: &str) -> String {
        let fields = [
            previous,
            self.id.as_str(),
            &self.version.to_string(),
            &self.at.as_millisecond().to_string(),
            &self.by,
            &self.action,
            self.from.map_or("", State::as_str),
            self.to.as_str(),
            self.reason_hash.as_deref().or(self.reason.as_deref()).unwrap_or(""),
        ];
        let mut hash = Sha256::new();
        for field in fields {
            hash.update(field.len().to_be_bytes());
            hash.update(field.as_bytes());
        }
        data_encoding::HEXLOWER.encode(&hash.finalize())
    }
}

/// Returns the complete audit of `photo`, oldest first, given the entries that have rows of their own.
pub fn with_reservation(photo: &Photo, mut entries: Vec<AuditEntry>) -> Vec<AuditEntry> {
    if entries.first().is_none_or(|first| first.version != 1) {
        entries.insert(0, AuditEntry::reservation(photo));
    }
    entries
}

/// Whether `entries`, oldest first, are a complete chain: versions start at 1 and have no gaps, and each hash continues the one before.
pub fn is_whole(entries: &[AuditEntry]) -> bool {
    let mut previous = "";
    entries.iter().zip(1..).all(|(entry, version)| {
        let right = entry.version == version && entry.hash == entry.chained(previous);
        previous = &entry.hash;
        right
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample;

    #[test]
    fn a_reservation_is_told_by_the_photo_as_long_as_there_is_one() {
        let reserved = sample::reserve(&sample::edition(), &sample::photo_spec(), sample::noon()).unwrap();
        let withdrawn = reserved.after.withdraw(sample::noon()).unwrap().unwrap();
        for photo in [&reserved.after, &withdrawn.after, &sample::published()] {
            assert_eq!(AuditEntry::reservation(photo), reserved.audit, "{}", photo.state);
        }
        let kept = vec![withdrawn.audit.clone()];
        let whole = with_reservation(&withdrawn.after, kept);
        assert!(is_whole(&whole));
        assert_eq!(with_reservation(&withdrawn.after, whole.clone()), whole);
    }

    #[test]
    fn a_changed_or_missing_entry_breaks_the_chain() {
        let entries = sample::history();
        assert!(is_whole(&entries));
        assert!(!is_whole(&entries[1..]));
        let mut changed = entries.clone();
        changed[1].by = "member:somebodyelse".into();
        assert!(!is_whole(&changed));
        let mut silent = entries.clone();
        for entry in &mut silent {
            entry.reason = None;
        }
        assert!(is_whole(&silent), "words may leave");
        let mut cut = entries;
        cut.remove(1);
        assert!(!is_whole(&cut));
    }
}
