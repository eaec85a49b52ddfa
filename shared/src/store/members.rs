//! Moderators and organisers: people with their activation codes, passkeys and sessions, named keys, and rates. (Patterns 9, 10, 12)
//!
//! Secrets are never stored: rows hold SHA-256 hashes of 256 random bits, which no search can turn round. A session names its
//! person only: role, duties and whether they are still one of us are read from the person's row at every request, so that a
//! change is felt by the next one.

use aws_sdk_dynamodb::types::ReturnValue;
use data_encoding::HEXLOWER;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{
    fault::{Fault, fault, is_refused},
    table::{MAIN, Range, Table, key, number, read, row},
};
use crate::{
    domain::{
        ids::{KeyId, UploaderId},
        limits,
        people::{Duty, Member, Role},
        time::millis,
    },
    runtime::ids::{key_id, secret},
};

/// Begins every key for scripts, so that one that leaks is recognised.
const KEY_PREFIX: &str = "tgk_";
/// Seconds for which a session's last request is not written down again.
const SEEN_SECONDS: i64 = 60;

/// A named key for scripts, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Names it in the table, the audit and the key itself.
    pub id: KeyId,
    /// What it is for, as its maker said.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// What else it may do.
    #[serde(default)]
    pub duties: Vec<Duty>,
    /// When it was made.
    #[serde(with = "millis")]
    pub created_at: Timestamp,
    /// After which it does not work any more; none for one that lives until it is revoked.
    #[serde(with = "millis::option", default)]
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    #[serde(with = "millis::option", default)]
    pub revoked_at: Option<Timestamp>,
    hash: String,
}

/// A key as it is asked for; fixed at birth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewKey {
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// What else it may do.
    pub duties: Vec<Duty>,
    /// After which it does not work any more.
    pub expires_at: Option<Timestamp>,
}

impl NewKey {
    /// A key of this role without duties that lives until it is revoked.
    pub fn of(name: &str, role: Role) -> Self {
        Self { name: name.to_owned(), role, duties: Vec::new(), expires_at: None }
    }
}

/// One of the moderators and organisers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Names them in the table and the audit.
    pub id: KeyId,
    /// What they are called.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// What else they were asked to do.
    #[serde(default)]
    pub duties: Vec<Duty>,
    /// When they were invited.
    #[serde(with = "millis")]
    pub created_at: Timestamp,
    /// When they left.
    #[serde(with = "millis::option", default)]
    pub revoked_at: Option<Timestamp>,
}

/// Somebody's stay, from signing in to signing out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Names it on the page of sessions.
    pub id: KeyId,
    /// Whose it is.
    pub person: KeyId,
    /// When it began.
    #[serde(with = "millis")]
    pub created_at: Timestamp,
    /// When it ends in any case.
    #[serde(with = "millis")]
    pub until: Timestamp,
    /// When it was last used, to the minute.
    #[serde(with = "millis")]
    pub seen_at: Timestamp,
    /// When a passkey last proved who it is.
    #[serde(with = "millis::option", default)]
    pub verified_at: Option<Timestamp>,
    /// `until` in seconds, for the table to forget the row by.
    ttl: i64,
    /// Its place in the table.
    #[serde(rename = "SK", default, skip_serializing)]
    sk: String,
}

/// Somebody who has signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presence {
    /// Who.
    pub person: Person,
    /// By which stay.
    pub session: Session,
}

impl Presence {
    /// Who that is.
    pub fn member(&self) -> Member {
        let Person { id, name, role, duties, .. } = self.person.clone();
        Member { key: id, name, role, duties, verified_at: self.session.verified_at }
    }

    /// When the stay ends if nothing more is asked for, or in any case.
    pub fn until(&self) -> Timestamp {
        self.session.until.min(self.session.seen_at + SignedDuration::from_secs(limits::SESSION_IDLE_SECONDS))
    }
}

impl Session {
    fn lasts(&self, now: Timestamp) -> bool {
        self.until > now && now.duration_since(self.seen_at).as_secs() < limits::SESSION_IDLE_SECONDS
    }
}

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

/// A code that signs in once.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Code {
    person: KeyId,
    #[serde(with = "millis")]
    until: Timestamp,
    ttl: i64,
}

/// The members of all editions.
#[derive(Clone, Debug)]
pub struct Members {
    table: Table,
}

impl Members {
    /// The members in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone() }
    }

    /// Makes a named key. Answers with its row and the key itself (`tgk_…`), which cannot be shown again.
    pub async fn mint(&self, asked: &NewKey, now: Timestamp) -> Result<(Key, String), Fault> {
        let (id, secret) = (key_id(), secret());
        let NewKey { name, role, duties, expires_at } = asked.clone();
        let minted = Key {
            id: id.clone(),
            name,
            role,
            duties,
            created_at: now,
            expires_at,
            revoked_at: None,
            hash: hash(&secret),
        };
        self.table.put_new(row("KEY", id.as_str(), &minted)?).await?;
        Ok((minted, format!("{KEY_PREFIX}{id}_{secret}")))
    }

    /// All keys, revoked ones too, by id.
    pub async fn keys(&self) -> Result<Vec<Key>, Fault> {
        self.table.query_all("KEY", Range::All).await
    }

    /// One key.
    pub async fn key(&self, id: &KeyId) -> Result<Option<Key>, Fault> {
        self.table.get("KEY", id.as_str()).await
    }

    /// Revokes a key at once; answers with it, or with none where there is no such key.
    pub async fn revoke(&self, id: &KeyId, now: Timestamp) -> Result<Option<Key>, Fault> {
        let Some(known) = self.key(id).await? else { return Ok(None) };
        let revoked = Key { revoked_at: known.revoked_at.or(Some(now)), ..known };
        self.table.put(row("KEY", id.as_str(), &revoked)?).await?;
        Ok(Some(revoked))
    }

    /// Who a key for scripts stands for at `now`; none where it is malformed, unknown, wrong, too old or revoked.
    pub async fn by_key(&self, presented: &str, now: Timestamp) -> Result<Option<Member>, Fault> {
        let parts = presented.strip_prefix(KEY_PREFIX).and_then(|rest| rest.split_once('_'));
        let Some((id, secret)) = parts.and_then(|(id, secret)| Some((id.parse::<KeyId>().ok()?, secret))) else {
            return Ok(None);
        };
        let Some(known) = self.key(&id).await? else { return Ok(None) };
        let lives = known.revoked_at.is_none() && known.expires_at.is_none_or(|expires_at| expires_at > now);
        let right = lives && bool::from(known.hash.as_bytes().ct_eq(hash(secret).as_bytes()));
        let Key { id, name, role, duties, .. } = known;
        Ok(right.then_some(Member { key: id, name, role, duties, verified_at: None }))
    }

    /// Makes somebody new one of the members, with an activation code that is good once and for `life`.
    pub async fn invite(&self, name: &str, role: Role, life: SignedDuration, now: Timestamp) -> Result<String, Fault> {
        let person = self.welcome(name, role, &[], now).await?;
        self.code(&person.id, life, now).await
    }

    /// Makes somebody new one of the members.
    pub async fn welcome(&self, name: &str, role: Role, duties: &[Duty], now: Timestamp) -> Result<Person, Fault> {
        let person = Person {
            id: key_id(),
            name: name.to_owned(),
            role,
            duties: duties.to_vec(),
            created_at: now,
            revoked_at: None,
        };
        self.table.put_new(row("WHO", person.id.as_str(), &person)?).await?;
        Ok(person)
    }

    /// An activation code for a member, good once and for `life`.
    pub async fn code(&self, person: &KeyId, life: SignedDuration, now: Timestamp) -> Result<String, Fault> {
        let (code, until) = (secret(), now + life);
        let kept = Code { person: person.clone(), until, ttl: until.as_second() };
        self.table.put(row(&format!("CODE#{}", hash(&code)), MAIN, &kept)?).await?;
        Ok(code)
    }

    /// All people, those who left too, by id.
    pub async fn people(&self) -> Result<Vec<Person>, Fault> {
        self.table.query_all("WHO", Range::All).await
    }

    /// One of them.
    pub async fn person(&self, id: &KeyId) -> Result<Option<Person>, Fault> {
        self.table.get("WHO", id.as_str()).await
    }

    /// Writes what somebody is now; felt by their next request.
    pub async fn change(&self, person: &Person) -> Result<(), Fault> {
        self.table.put(row("WHO", person.id.as_str(), person)?).await
    }

    /// Uses an activation code up, and answers with the stay that it begins and its secret; none where the code is unknown, used or
    /// too old, or its person has left. Of two that use it at once, one gets in.
    pub async fn activate(&self, code: &str, now: Timestamp) -> Result<Option<(Presence, String)>, Fault> {
        let Some(code) = self.take::<Code>(&format!("CODE#{}", hash(code))).await? else { return Ok(None) };
        if code.until <= now {
            return Ok(None);
        }
        self.begin(&code.person, None, now).await
    }

    /// Begins a stay of somebody; none where they have left.
    pub async fn begin(
        &self,
        person: &KeyId,
        verified_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Option<(Presence, String)>, Fault> {
        let Some(person) = self.person(person).await?.filter(|person| person.revoked_at.is_none()) else {
            return Ok(None);
        };
        let (token, until) = (secret(), now + SignedDuration::from_secs(limits::SESSION_SECONDS));
        let sk = hash(&token);
        let session = Session {
            id: key_id(),
            person: person.id.clone(),
            created_at: now,
            until,
            seen_at: now,
            verified_at,
            ttl: until.as_second(),
            sk: sk.clone(),
        };
        self.table.put(row("SES", &sk, &session)?).await?;
        Ok(Some((Presence { person, session }, token)))
    }

    /// The stay of a secret; none where it is unknown or over, or its person has left.
    pub async fn session(&self, token: &str, now: Timestamp) -> Result<Option<Presence>, Fault> {
        let sk = hash(token);
        let session: Option<Session> = self.table.get("SES", &sk).await?;
        let Some(mut session) = session.filter(|session| session.lasts(now)) else { return Ok(None) };
        let Some(person) = self.person(&session.person).await?.filter(|person| person.revoked_at.is_none()) else {
            return Ok(None);
        };
        if now.duration_since(session.seen_at).as_secs() >= SEEN_SECONDS {
            session.seen_at = now;
            self.touch(&sk, now).await?;
        }
        Ok(Some(Presence { person, session }))
    }

    /// Notes that a session was used, unless it has been ended meanwhile.
    async fn touch(&self, sk: &str, now: Timestamp) -> Result<(), Fault> {
        let update = self
            .table
            .client
            .update_item()
            .table_name(&self.table.name)
            .set_key(Some(key("SES", sk)))
            .update_expression("SET seen_at = :now")
            .condition_expression("attribute_exists(PK)")
            .expression_attribute_values(":now", number(now.as_millisecond()));
        match update.send().await {
            Ok(_) => Ok(()),
            Err(error) if is_refused(&error) => Ok(()),
            Err(error) => Err(fault("note session")(error)),
        }
    }

    /// Ends a stay.
    pub async fn sign_out(&self, token: &str) -> Result<(), Fault> {
        self.table.delete("SES", &hash(token)).await
    }

    /// All stays that last at `now`, the latest first.
    pub async fn sessions(&self, now: Timestamp) -> Result<Vec<Session>, Fault> {
        let mut sessions: Vec<Session> = self.table.query_all("SES", Range::All).await?;
        sessions.retain(|session| session.lasts(now));
        sessions.sort_by_key(|session| std::cmp::Reverse(session.created_at));
        Ok(sessions)
    }

    /// Ends the stay of this name; answers with it, or with none where there is none.
    pub async fn end(&self, id: &KeyId) -> Result<Option<Session>, Fault> {
        let sessions: Vec<Session> = self.table.query_all("SES", Range::All).await?;
        let Some(session) = sessions.into_iter().find(|session| session.id == *id) else { return Ok(None) };
        self.table.delete("SES", &session.sk).await?;
        Ok(Some(session))
    }

    /// Keeps a passkey; answers whether it is new.
    pub async fn add_passkey(&self, passkey: &Passkey) -> Result<bool, Fault> {
        self.table.put_new(row("CRED", &passkey.id, passkey)?).await
    }

    /// Writes what was learnt when a passkey was used.
    pub async fn note_passkey(&self, passkey: &Passkey) -> Result<(), Fault> {
        self.table.put(row("CRED", &passkey.id, passkey)?).await
    }

    /// The passkey of this credential.
    pub async fn passkey(&self, id: &str) -> Result<Option<Passkey>, Fault> {
        self.table.get("CRED", id).await
    }

    /// All passkeys, of everybody.
    pub async fn passkeys(&self) -> Result<Vec<Passkey>, Fault> {
        self.table.query_all("CRED", Range::All).await
    }

    /// Forgets a passkey.
    pub async fn remove_passkey(&self, id: &str) -> Result<(), Fault> {
        self.table.delete("CRED", id).await
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

    /// Removes a row and answers with what it was: of two that ask at once, one gets it.
    async fn take<T: DeserializeOwned>(&self, pk: &str) -> Result<Option<T>, Fault> {
        let taken = self
            .table
            .client
            .delete_item()
            .table_name(&self.table.name)
            .set_key(Some(key(pk, MAIN)))
            .return_values(ReturnValue::AllOld)
            .send()
            .await
            .map_err(fault("take row"))?;
        taken.attributes.map(read).transpose()
    }
}

/// How much somebody may ask for.
#[derive(Clone, Debug)]
pub struct Rates {
    table: Table,
}

impl Rates {
    /// The rates in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone() }
    }

    /// Counts `n` reservations of this minute; answers whether they are within [`limits::RESERVATIONS_PER_MINUTE`].
    pub async fn spend(&self, uploader: &UploaderId, n: usize, now: Timestamp) -> Result<bool, Fault> {
        self.spend_on(uploader.as_str(), n, limits::RESERVATIONS_PER_MINUTE, 60, now).await
    }

    /// Counts `n` more of what `who` did in the current window of `seconds`; answers whether they are within `most`. What is not
    /// within is not counted.
    pub async fn spend_on(&self, who: &str, n: usize, most: u32, seconds: i64, now: Timestamp) -> Result<bool, Fault> {
        let window = now.as_second().div_euclid(seconds);
        let most = i64::from(most) - i64::try_from(n).unwrap_or(i64::MAX);
        if most < 0 {
            return Ok(false);
        }
        let request = self
            .table
            .client
            .update_item()
            .table_name(&self.table.name)
            .set_key(Some(key(&format!("RL#{who}"), &window.to_string())))
            .update_expression("ADD n :n SET #ttl = :ttl")
            .condition_expression("attribute_not_exists(n) OR n <= :most")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":n", number(n))
            .expression_attribute_values(":most", number(most))
            .expression_attribute_values(":ttl", number((window + 10) * seconds));
        match request.send().await {
            Ok(_) => Ok(true),
            Err(error) if is_refused(&error) => Ok(false),
            Err(error) => Err(fault("count requests")(error)),
        }
    }
}

fn hash(secret: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(secret.as_bytes()))
}
