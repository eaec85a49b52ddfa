//! The activity log: what organisers and moderators did apart from deciding about photos. Entries are chained by hash, so that changing or
//! removing one is noticed. (Decisions about a photo are in its own [`audit`](super::audit).)

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::time;

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
    /// The action, for example `pause`.
    pub action: String,
    /// What the action was applied to, in a few words; never a secret.
    pub detail: String,
    /// SHA-256 over the previous entry's hash and this entry's fields, in hexadecimal.
    pub hash: String,
}

impl Activity {
    /// Returns the entry that follows `previous`.
    pub fn after(previous: Option<&Self>, by: &str, name: &str, action: &str, detail: &str, at: Timestamp) -> Self {
        let mut entry = Self {
            seq: previous.map_or(1, |previous| previous.seq + 1),
            at: time::to_millis(at),
            by: by.to_owned(),
            name: name.to_owned(),
            action: action.to_owned(),
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
        for action in ["pause", "resume", "extend", "mint"] {
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
