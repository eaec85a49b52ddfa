//! Passkeys, and the ceremonies in which they are made and used.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    super::{
        fault::Fault,
        table::{ATTEMPTS, Condition, MAIN, Range, Transaction, back_off, number, row},
    },
    ActiveSession, Members, Person, Proof, Session, hash, unchanged,
};
use crate::{
    domain::{
        ids::KeyId,
        limits,
        people::{Giver, Identity},
        refusal::Refusal,
        time::millis,
    },
    runtime::ids::secret,
};

/// A passkey of a person. Its verification data is stored as the library writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passkey {
    /// The credential's id, base64url.
    pub id: String,
    /// The passkey's person.
    pub person: KeyId,
    /// The passkey's name, given by its person.
    pub name: String,
    /// The library's own record, as JSON.
    pub record: String,
    /// When the passkey was made.
    #[serde(with = "millis")]
    pub created_at: Timestamp,
    /// When the passkey was last used; `None` if never.
    #[serde(with = "millis::option", default)]
    pub used_at: Option<Timestamp>,
    /// [`Identity::known_since`] of the session in which it was made; `None` in rows of an older version.
    #[serde(with = "millis::option", default)]
    known_since: Option<Timestamp>,
    /// Grows by one at each use; 0 in rows that were written before there were versions.
    #[serde(default)]
    version: u64,
}

/// A passkey that has just been made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPasskey {
    /// The credential's id, base64url.
    pub id: String,
    /// The passkey's person.
    pub person: Identity,
    /// The passkey's name, given by its person.
    pub name: String,
    /// The library's own record, as JSON.
    pub record: String,
    /// The id of the passkey that began the session in which it was made; `None` if a code did.
    pub made_by: Option<String>,
}

/// The state of a passkey ceremony that has begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ceremony {
    /// The person, if known from the beginning.
    #[serde(default)]
    pub person: Option<KeyId>,
    /// The library's own state, as JSON.
    pub state: String,
    /// Until when the ceremony may be finished.
    #[serde(with = "millis")]
    pub until: Timestamp,
    ttl: i64,
}

impl Members {
    /// Stores a passkey that was made at `now`, and begins a session that it proves. `rule` is called with the time when its person last
    /// made one before, and again if the person changed meanwhile: of two concurrent first passkeys, only one is the first. Returns the
    /// passkey, the session and its secret; `None` if the passkey is known already.
    ///
    /// # Errors
    /// The error of `rule`; [`Refusal::NotSignedIn`] if the person has left, or the passkey that they are signed in by was removed; faults
    /// of the service.
    pub async fn add_passkey<E: From<Fault> + From<Refusal>>(
        &self,
        new: &NewPasskey,
        rule: impl Fn(Option<Timestamp>) -> Result<(), E>,
        now: Timestamp,
    ) -> Result<Option<(Passkey, ActiveSession, String)>, E> {
        if new.made_by.as_ref() == Some(&new.id) {
            return Ok(None);
        }
        let passkey = Passkey {
            id: new.id.clone(),
            person: new.person.id.clone(),
            name: new.name.clone(),
            record: new.record.clone(),
            created_at: now,
            used_at: None,
            known_since: Some(new.person.known_since),
            version: 0,
        };
        let proof = Proof::Passkey { id: new.id.clone(), known_since: new.person.known_since };
        let (session, token) = Session::begin(&passkey.person, proof, now);
        let maker = Giver { person: new.person.id.clone(), passkey: new.made_by.clone() };
        for attempt in 1..=ATTEMPTS {
            let before = self.person(&passkey.person).await?.filter(Person::lives).ok_or(Refusal::NotSignedIn)?;
            rule(last_made(&before, &self.passkeys_of(&before.id).await?))?;
            let person = Person { passkey_at: Some(now), ..before.clone() }.next();
            let mut items = vec![
                self.table.put_if(row("CRED", &passkey.id, &passkey)?, Condition::ABSENT)?,
                self.put_person(&before, &person)?,
                self.table.put_if(row("SES", &session.sk, &session)?, Condition::ABSENT)?,
            ];
            items.extend(self.may_give(&maker, &[&person.id])?);
            match self.table.transact("add passkey", items).await? {
                Transaction::Done => return Ok(Some((passkey, ActiveSession { person, session }, token))),
                Transaction::Refused(items) if items.contains(&0) => return Ok(None),
                Transaction::Refused(items) if items.contains(&3) => return Err(Refusal::NotSignedIn.into()),
                Transaction::Refused(_) => back_off(attempt).await,
            }
        }
        Err(Fault::passing("add passkey", "others kept changing the person").into())
    }

    /// Begins a session by a passkey that was used at `now`; `record` is its updated record. Returns the session and its secret; `None` if
    /// the passkey was removed or used meanwhile, or its person has left: the check must then be repeated.
    pub async fn use_passkey(
        &self,
        known: &Passkey,
        record: String,
        now: Timestamp,
    ) -> Result<Option<(ActiveSession, String)>, Fault> {
        let known_since = known.known_since.unwrap_or(known.created_at);
        let used = Passkey { record, used_at: Some(now), version: known.version + 1, ..known.clone() };
        let values = [(":seen", number(known.version))];
        let expression = unchanged(known.version);
        let unchanged = Condition { expression, names: &[("#version", "version")], values: &values };
        let used = self.table.put_if(row("CRED", &known.id, &used)?, unchanged)?;
        let proof = Proof::Passkey { id: known.id.clone(), known_since };
        self.enter(&known.person, proof, vec![used], now).await
    }

    /// Returns the passkey with this credential id.
    pub async fn passkey(&self, id: &str) -> Result<Option<Passkey>, Fault> {
        self.table.get("CRED", id).await
    }

    /// Returns all passkeys of all people.
    pub async fn passkeys(&self) -> Result<Vec<Passkey>, Fault> {
        self.table.query_all("CRED", Range::All).await
    }

    /// Returns the passkeys of one person.
    pub async fn passkeys_of(&self, person: &KeyId) -> Result<Vec<Passkey>, Fault> {
        let mut passkeys = self.passkeys().await?;
        passkeys.retain(|passkey| passkey.person == *person);
        Ok(passkeys)
    }

    /// Removes a passkey of a person and ends the sessions that it began, all of which are over at the moment of removal. `by` is the
    /// person who removes it. `rule` is called with the number of passkeys that the person has, and again if the person changed meanwhile:
    /// if the last two are removed concurrently, one stays if `rule` requires it. Returns the passkey; `None` if the person has no such
    /// passkey.
    ///
    /// # Errors
    /// The error of `rule`; [`Refusal::NotSignedIn`] if the passkey that began the session of `by` was removed meanwhile; faults of the
    /// service.
    pub async fn remove_passkey<E: From<Fault> + From<Refusal>>(
        &self,
        person: &KeyId,
        id: &str,
        by: &Giver,
        rule: impl Fn(usize) -> Result<(), E>,
    ) -> Result<Option<Passkey>, E> {
        for attempt in 1..=ATTEMPTS {
            let Some(before) = self.person(person).await? else { return Ok(None) };
            let own = self.passkeys_of(person).await?;
            let Some(passkey) = own.iter().find(|passkey| passkey.id == id) else { return Ok(None) };
            rule(own.len())?;
            let after = Person { passkey_at: last_made(&before, &own), ..before.clone() }.next();
            let mut items = vec![self.table.delete_existing("CRED", id)?, self.put_person(&before, &after)?];
            if by.passkey.as_deref() != Some(id) {
                items.extend(self.may_give(by, &[person])?);
            }
            match self.table.transact("remove passkey", items).await? {
                Transaction::Done => {
                    self.end_begun_by(passkey).await?;
                    return Ok(Some(passkey.clone()));
                }
                Transaction::Refused(items) if items.contains(&2) => return Err(Refusal::NotSignedIn.into()),
                Transaction::Refused(_) => back_off(attempt).await,
            }
        }
        Err(Fault::passing("remove passkey", "others kept changing the person").into())
    }

    /// Deletes the sessions that a removed passkey began.
    async fn end_begun_by(&self, passkey: &Passkey) -> Result<(), Fault> {
        let sessions: Vec<Session> = self.table.query_all("SES", Range::All).await?;
        let begun = |session: &&Session| session.person == passkey.person && session.began_by(&passkey.id);
        for session in sessions.iter().filter(begun) {
            self.table.delete("SES", &session.sk).await?;
        }
        Ok(())
    }

    /// Returns when a person last made a passkey, even if it no longer exists; `None` if they have never had one.
    pub async fn last_made(&self, person: &Person) -> Result<Option<Timestamp>, Fault> {
        Ok(last_made(person, &self.passkeys_of(&person.id).await?))
    }

    /// Stores a passkey ceremony that has begun; returns its name.
    pub async fn begin_ceremony(&self, person: Option<&KeyId>, state: String, now: Timestamp) -> Result<String, Fault> {
        let (name, until) = (secret(), now + SignedDuration::from_secs(limits::CEREMONY_SECONDS));
        let ceremony = Ceremony { person: person.cloned(), state, until, ttl: until.as_second() };
        self.table.put(row(&format!("CER#{}", hash(&name)), MAIN, &ceremony)?).await?;
        Ok(name)
    }

    /// Ends a ceremony and returns its state; `None` if it was finished before or its time is over.
    pub async fn take_ceremony(&self, name: &str, now: Timestamp) -> Result<Option<Ceremony>, Fault> {
        let ceremony: Option<Ceremony> = self.take(&format!("CER#{}", hash(name))).await?;
        Ok(ceremony.filter(|ceremony| ceremony.until > now))
    }
}

/// Returns when a person who has `own` passkeys last made one. Rows of an older version do not include passkeys that no longer exist.
fn last_made(person: &Person, own: &[Passkey]) -> Option<Timestamp> {
    own.iter().map(|passkey| passkey.created_at).chain(person.passkey_at).max()
}
