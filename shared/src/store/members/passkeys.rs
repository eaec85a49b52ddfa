//! Passkeys, and the ceremonies by which they are made and used.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    super::{
        fault::Fault,
        table::{ATTEMPTS, Condition, MAIN, Range, Transaction, back_off, number, row},
    },
    Members, Person, Presence, Proof, Session, hash, unchanged,
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

/// A passkey of somebody. What proves it is kept as the verifying library writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passkey {
    /// The credential's id, base64url.
    pub id: String,
    /// Whose it is.
    pub person: KeyId,
    /// What they call it.
    pub name: String,
    /// The library's own record, JSON.
    pub record: String,
    /// When it was made.
    #[serde(with = "millis")]
    pub created_at: Timestamp,
    /// When it was last used.
    #[serde(with = "millis::option", default)]
    pub used_at: Option<Timestamp>,
    /// [`Identity::known_since`] of the session in which it was made; `None` in rows of an older version.
    #[serde(with = "millis::option", default)]
    known_since: Option<Timestamp>,
    /// Grows by one at each use; 0 in rows that were written before there were versions.
    #[serde(default)]
    version: u64,
}

/// A passkey that was just made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPasskey {
    /// The credential's id, base64url.
    pub id: String,
    /// Whose it is.
    pub person: Identity,
    /// What they call it.
    pub name: String,
    /// The library's own record, JSON.
    pub record: String,
    /// The id of the passkey that began the session in which it was made; `None` if a code did.
    pub made_by: Option<String>,
}

/// What a passkey ceremony has begun with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ceremony {
    /// Who, where that was known before.
    #[serde(default)]
    pub person: Option<KeyId>,
    /// The library's own state, JSON.
    pub state: String,
    /// Until when it may be finished.
    #[serde(with = "millis")]
    pub until: Timestamp,
    ttl: i64,
}

impl Members {
    /// Keeps a passkey that was made at `now`, and begins a stay that it proves. `rule` is asked with when its person last made one
    /// before, and again where they changed meanwhile: of two first passkeys at once, one is the first. Answers with the passkey, the
    /// stay and its secret; `None` if the passkey is known already.
    ///
    /// # Errors
    /// What `rule` refuses; [`Refusal::NotSignedIn`] if the person has left, or the passkey by which they are signed in was removed;
    /// faults of the service.
    pub async fn add_passkey<E: From<Fault> + From<Refusal>>(
        &self,
        new: &NewPasskey,
        rule: impl Fn(Option<Timestamp>) -> Result<(), E>,
        now: Timestamp,
    ) -> Result<Option<(Passkey, Presence, String)>, E> {
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
                Transaction::Done => return Ok(Some((passkey, Presence { person, session }, token))),
                Transaction::Refused(items) if items.contains(&0) => return Ok(None),
                Transaction::Refused(items) if items.contains(&3) => return Err(Refusal::NotSignedIn.into()),
                Transaction::Refused(_) => back_off(attempt).await,
            }
        }
        Err(Fault::passing("add passkey", "others kept changing the person").into())
    }

    /// Begins a stay by a passkey that was used at `now`, as `record` has it since. Answers with the stay and its secret; `None` if
    /// the passkey was removed or used meanwhile, or its person has left: what was checked must be checked again.
    pub async fn use_passkey(
        &self,
        known: &Passkey,
        record: String,
        now: Timestamp,
    ) -> Result<Option<(Presence, String)>, Fault> {
        let known_since = known.known_since.unwrap_or(known.created_at);
        let used = Passkey { record, used_at: Some(now), version: known.version + 1, ..known.clone() };
        let values = [(":seen", number(known.version))];
        let expression = unchanged(known.version);
        let unchanged = Condition { expression, names: &[("#version", "version")], values: &values };
        let used = self.table.put_if(row("CRED", &known.id, &used)?, unchanged)?;
        let proof = Proof::Passkey { id: known.id.clone(), known_since };
        self.enter(&known.person, proof, vec![used], now).await
    }

    /// The passkey of this credential.
    pub async fn passkey(&self, id: &str) -> Result<Option<Passkey>, Fault> {
        self.table.get("CRED", id).await
    }

    /// All passkeys, of everybody.
    pub async fn passkeys(&self) -> Result<Vec<Passkey>, Fault> {
        self.table.query_all("CRED", Range::All).await
    }

    /// The passkeys of one person.
    pub async fn passkeys_of(&self, person: &KeyId) -> Result<Vec<Passkey>, Fault> {
        let mut passkeys = self.passkeys().await?;
        passkeys.retain(|passkey| passkey.person == *person);
        Ok(passkeys)
    }

    /// Forgets a passkey of a person, and with it ends the stays that it began, all of which are over from the moment that it is gone.
    /// `by` is who removes it. `rule` is asked with how many they have, and again where they changed meanwhile: of the last two
    /// at once, one stays if `rule` wants it so. Answers with the passkey; `None` if the person has no such passkey.
    ///
    /// # Errors
    /// What `rule` refuses; [`Refusal::NotSignedIn`] if the passkey that began the session of `by` was removed meanwhile; faults of the
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

    /// Removes the stays that a passkey has begun, which is gone.
    async fn end_begun_by(&self, passkey: &Passkey) -> Result<(), Fault> {
        let sessions: Vec<Session> = self.table.query_all("SES", Range::All).await?;
        let begun = |session: &&Session| session.person == passkey.person && session.began_by(&passkey.id);
        for session in sessions.iter().filter(begun) {
            self.table.delete("SES", &session.sk).await?;
        }
        Ok(())
    }

    /// When somebody last made a passkey, even if it is gone; `None` if they have never had one.
    pub async fn last_made(&self, person: &Person) -> Result<Option<Timestamp>, Fault> {
        Ok(last_made(person, &self.passkeys_of(&person.id).await?))
    }

    /// Notes that a passkey ceremony has begun; answers with its name.
    pub async fn begin_ceremony(&self, person: Option<&KeyId>, state: String, now: Timestamp) -> Result<String, Fault> {
        let (name, until) = (secret(), now + SignedDuration::from_secs(limits::CEREMONY_SECONDS));
        let ceremony = Ceremony { person: person.cloned(), state, until, ttl: until.as_second() };
        self.table.put(row(&format!("CER#{}", hash(&name)), MAIN, &ceremony)?).await?;
        Ok(name)
    }

    /// Ends a ceremony: it can be finished once, and only in time.
    pub async fn take_ceremony(&self, name: &str, now: Timestamp) -> Result<Option<Ceremony>, Fault> {
        let ceremony: Option<Ceremony> = self.take(&format!("CER#{}", hash(name))).await?;
        Ok(ceremony.filter(|ceremony| ceremony.until > now))
    }
}

/// When somebody who has `own` passkeys last made one. Rows of an older version do not say it of those that are gone.
fn last_made(person: &Person, own: &[Passkey]) -> Option<Timestamp> {
    own.iter().map(|passkey| passkey.created_at).chain(person.passkey_at).max()
}
