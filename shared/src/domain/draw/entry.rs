//! Entries: who takes part in a draw, and by which photos an entry counts.
//!
//! Decision: what draws a winner and what reaches one are apart. An [`Entry`] has a ticket and no name; an [`Entrant`] has a name and a way
//! to be reached, stands once for all draws of an edition, and is erased by itself.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{contact::Contact, protocol};
use crate::domain::{
    ids::{DrawId, Leaf, Ticket, UploaderId},
    photo::Photo,
    refusal::Refusal,
    states::{Lane, State},
    text::{self, Field},
    time::millis,
};

/// For how long a contact is kept after the last draw of its edition, whatever has become of the prizes.
pub const CONTACT_DAYS: i64 = 90;

/// How the public reads of somebody who wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Shown {
    /// By their name, and their county if they gave one.
    Full,
    /// By their first name, and their county if they gave one.
    First,
    /// Not at all. Their name is still held for the regulator, as long as the contact is kept.
    Withheld,
}

/// What an entrant sends, for all open draws of the day together.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnterRequest {
    /// The entrant's name. At most 60 characters, as a reader counts them.
    pub name: String,
    /// How a winner is reached: an e-mail address, or a telephone number.
    #[schema(example = "name@example.org")]
    pub contact: String,
    /// The entrant's county, shown beside the name. May be empty; at most 60 characters, as a reader counts them.
    #[serde(default)]
    pub county: String,
    /// How the public reads of the entrant if they win.
    pub shown: Shown,
    /// That the entrant is one of those who may win. Must be true.
    pub eligible: bool,
    /// That the entrant agrees to the rules. Must be true.
    pub rules: bool,
}

/// What an entrant has sent, checked.
#[derive(Clone, Debug)]
pub struct Entering {
    /// Their name.
    pub name: String,
    /// How they are reached.
    pub contact: Contact,
    /// Their county. `None` if they gave none.
    pub county: Option<String>,
    /// How the public reads of them.
    pub shown: Shown,
}

impl EnterRequest {
    /// The request, checked and cleaned.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] without a name, with a contact that is none, and where one of the ticks is missing;
    /// [`Refusal::TextTooLong`].
    pub fn check(&self) -> Result<Entering, Refusal> {
        let invalid = |field, got: &str, expected: &str| {
            Err(Refusal::Invalid { field, got: got.to_owned(), expected: expected.to_owned() })
        };
        let name = text::clean(Field::Name, &self.name)?;
        if name.is_empty() {
            return invalid("name", "", "the name of the entrant");
        }
        let contact = Contact::parse(&self.contact)?;
        if !self.eligible {
            return invalid("eligible", "false", "true: only those may enter who may win");
        }
        if !self.rules {
            return invalid("rules", "false", "true: nobody enters without agreeing to the rules");
        }
        let county = text::clean(Field::County, &self.county)?;
        let county = (!county.is_empty()).then_some(county);
        Ok(Entering { name, contact, county, shown: self.shown })
    }
}

/// The row of an entry in one draw: it names nobody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The device that entered.
    pub uploader: UploaderId,
    /// What the entrant keeps.
    pub ticket: Ticket,
    /// The keyed hash of their contact in this draw: see [`Contact::hash`].
    pub contact: String,
    /// When they entered.
    #[serde(with = "millis")]
    pub at: Timestamp,
    /// When they took the entry back, after the draw was shut: until then it is removed instead. `None` if they did not.
    #[serde(with = "millis::option", default)]
    pub withdrawn_at: Option<Timestamp>,
}

impl Entry {
    /// What stands for it in the public list of a draw.
    pub fn leaf(&self, draw: &DrawId) -> Leaf {
        protocol::leaf(draw, &self.ticket)
    }
}

/// The row of an entrant: the only place of their name and of how they are reached.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entrant {
    /// The device that entered.
    pub uploader: UploaderId,
    /// Their name.
    pub name: String,
    /// How they are reached, as they wrote it.
    pub contact: String,
    /// Their county. `None` if they gave none.
    #[serde(default)]
    pub county: Option<String>,
    /// How the public reads of them.
    pub shown: Shown,
    /// When they entered for the first time.
    #[serde(with = "millis")]
    pub at: Timestamp,
    /// The second, since 1970, at which the service removes the row by itself.
    pub ttl: i64,
}

impl std::fmt::Debug for Entrant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entrant").field("uploader", &self.uploader).finish_non_exhaustive()
    }
}

impl Entrant {
    /// The entrant of a device, whose edition has its last draw at `last_draw`.
    pub fn new(uploader: &UploaderId, entering: &Entering, last_draw: Timestamp, now: Timestamp) -> Self {
        Self {
            uploader: uploader.clone(),
            name: entering.name.clone(),
            contact: entering.contact.as_given().to_owned(),
            county: entering.county.clone(),
            shown: entering.shown,
            at: now,
            ttl: expires_at(last_draw).as_second(),
        }
    }

    /// How the public reads of them. `None` if they want no name to be shown.
    pub fn public_name(&self) -> Option<String> {
        let name = match self.shown {
            Shown::Full => self.name.as_str(),
            Shown::First => self.name.split_whitespace().next().unwrap_or_default(),
            Shown::Withheld => return None,
        };
        Some(self.county.as_ref().map_or_else(|| name.to_owned(), |county| format!("{name}, {county}")))
    }
}

/// When the contacts of an edition leave at the latest, whose last draw is at `last_draw`.
pub fn expires_at(last_draw: Timestamp) -> Timestamp {
    last_draw + SignedDuration::from_hours(24 * CONTACT_DAYS)
}

/// Whether a photo carries an entry into a draw that freezes at `freezes_at`: it was sent before, and is public, or waits for a person. What
/// reports have hidden waits, too, so that nobody is kept out of a draw by reports.
pub fn carries(photo: &Photo, freezes_at: Timestamp) -> bool {
    let stands = match photo.state {
        State::Pending | State::Published => true,
        State::Hidden => photo.lane == Lane::Reported,
        State::Reserved | State::Rejected | State::Expired | State::Deleted | State::Quarantined => false,
    };
    stands && photo.created_at < freezes_at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        limits,
        report::ReportReason,
        sample::{self, decide, noon},
        states::Decision,
    };

    fn asked() -> EnterRequest {
        EnterRequest {
            name: " Pat  Smith ".into(),
            contact: "pat@example.org".into(),
            county: "Kent".into(),
            shown: Shown::Full,
            eligible: true,
            rules: true,
        }
    }

    fn refused(request: &EnterRequest) -> &'static str {
        let refusal = request.check().unwrap_err();
        let (Refusal::Invalid { field, .. } | Refusal::TextTooLong { field, .. }) = refusal else {
            panic!("{refusal:?}")
        };
        field
    }

    #[test]
    fn an_entrant_has_a_name_a_contact_and_both_ticks() {
        let entering = asked().check().unwrap();
        assert_eq!((entering.name.as_str(), entering.county.as_deref()), ("Pat Smith", Some("Kent")));
        assert_eq!(refused(&EnterRequest { name: "\u{200b} ".into(), ..asked() }), "name");
        assert_eq!(refused(&EnterRequest { name: "a".repeat(limits::NAME_MAX + 1), ..asked() }), "name");
        assert_eq!(refused(&EnterRequest { county: "a".repeat(limits::NAME_MAX + 1), ..asked() }), "county");
        assert_eq!(refused(&EnterRequest { contact: "pat".into(), ..asked() }), "contact");
        assert_eq!(refused(&EnterRequest { eligible: false, ..asked() }), "eligible");
        assert_eq!(refused(&EnterRequest { rules: false, ..asked() }), "rules");
    }

    #[test]
    fn the_public_reads_of_a_winner_what_they_chose() {
        let of = |shown, county: &str| {
            let request = EnterRequest { shown, county: county.into(), ..asked() };
            let entrant = Entrant::new(&UploaderId::nobody(), &request.check().unwrap(), noon(), noon());
            assert!(!format!("{entrant:?}").contains("Pat"), "no log shows a name");
            entrant.public_name()
        };
        assert_eq!(of(Shown::Full, "Kent").as_deref(), Some("Pat Smith, Kent"));
        assert_eq!(of(Shown::First, "Kent").as_deref(), Some("Pat, Kent"));
        assert_eq!(of(Shown::First, "").as_deref(), Some("Pat"));
        assert_eq!(of(Shown::Withheld, "Kent"), None);
    }

    #[test]
    fn a_contact_leaves_ninety_days_after_the_last_draw() {
        let entrant = Entrant::new(&UploaderId::nobody(), &asked().check().unwrap(), noon(), noon());
        assert_eq!(entrant.ttl, noon().as_second() + 90 * 86_400);
    }

    #[test]
    fn an_entry_counts_by_a_photo_that_is_public_or_waits_and_was_sent_in_time() {
        let (pending, published) = (sample::pending(), sample::published());
        let after = pending.created_at + SignedDuration::from_secs(1);
        assert!(carries(&pending, after) && carries(&published, after));
        assert!(!carries(&published, published.created_at), "sent too late");
        assert!(!carries(&sample::reserved(), after), "its file has not arrived");
        assert!(!carries(&decide(&pending, Decision::Reject).after, after));
        assert!(!carries(&decide(&published, Decision::Delete).after, after));
        assert!(!carries(&decide(&published, Decision::Hide).after, after), "a person has taken it off");
        let reported = sample::reported(&published, ReportReason::Pupil);
        assert_eq!((reported.state, carries(&reported, after)), (State::Hidden, true), "nobody has looked at it yet");
    }
}
