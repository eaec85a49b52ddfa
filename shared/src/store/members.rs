//! Moderators and organisers: people with their activation codes, passkeys and sessions, and named keys. (Patterns 9, 10, 22)
//!
//! Secrets are never stored: rows hold SHA-256 hashes of 256 random bits, which cannot be reversed. A session and a key contain only their
//! person's id: the person's role, duties and membership are read from the person's row at every request, so a change takes effect at the
//! next one.
//!
//! Decision: a session names the passkey that began it, and every request also reads whether that passkey still exists. So removing a
//! passkey, because its device is lost or someone else has it, ends all sessions that it began, at the moment of removal. A session becomes
//! fresh only when a passkey begins a new one, so no other session is fresh because of it. A session that an older version began by a
//! passkey does not say which one: it ends with the first passkey that its person removes. Given up: one more read for each request of a
//! member who has signed in by a passkey; and a member who removes the passkey that they are signed in by must sign in again.
//!
//! Decision: everything about a person is decided on the person's row, which has a version. Whatever gives a person more (a role, a code, a
//! session, a passkey, a key) is one transaction with a condition on that row, and on the rows of the giver and of the passkey that began
//! the giver's session. So a revocation wins over everything concurrent, as does the removal of a passkey, and a person who has left gives
//! nothing. Taking away needs only the condition that there is something to take. Rows from before there were versions are at version 0.
//! Given up: two concurrent changes of one person cost a second attempt.

mod keys;
mod passkeys;

pub use keys::{Key, NewKey};
pub use passkeys::{Ceremony, NewPasskey, Passkey};

use aws_sdk_dynamodb::types::{ReturnValue, TransactWriteItem};
use data_encoding::HEXLOWER;
use futures::future::try_join;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use super::{
    fault::{Fault, fault, is_refused},
    table::{ATTEMPTS, Condition, MAIN, Range, Table, Transaction, back_off, key, number, read, row, text},
};
use crate::{
    domain::{
        ids::KeyId,
        limits,
        people::{Giver, Identity, Member},
        refusal::Refusal,
        states::{Duty, Role},
        time::millis,
    },
    runtime::ids::{key_id, secret},
};

/// How old `seen_at` of a session may become, in seconds, before a request updates it.
const SEEN_SECONDS: i64 = 60;
/// The most open activation codes of one person. A further one ends the oldest.
const OPEN_CODES: usize = 10;
/// The condition that a person has not left.
const LIVES: &str = "attribute_exists(PK) AND attribute_not_exists(revoked_at)";

/// A moderator or organiser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Identifies the person in the table and the audit.
    pub id: KeyId,
    /// The person's name.
    pub name: String,
    /// The person's role.
    pub role: Role,
    /// The person's duties.
    #[serde(default)]
    pub duties: Vec<Duty>,
    /// When the person was invited.
    #[serde(with = "millis")]
    pub created_at: Timestamp,
    /// When the person left; `None` if they have not.
    #[serde(with = "millis::option", default)]
    pub revoked_at: Option<Timestamp>,
    /// When the person last made a passkey, even if it no longer exists.
    #[serde(with = "millis::option", default)]
    passkey_at: Option<Timestamp>,
    /// The person's activation codes that may still be open, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    codes: Vec<OpenCode>,
    /// Grows by one at each change; 0 in rows that were written before there were versions.
    #[serde(default)]
    version: u64,
}

/// The hash of an activation code, and when the code expires.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct OpenCode {
    hash: String,
    #[serde(with = "millis")]
    until: Timestamp,
}

impl Person {
    /// Creates a person who is invited at `created_at`, without codes or passkeys.
    pub fn new(id: KeyId, name: &str, role: Role, duties: &[Duty], created_at: Timestamp) -> Self {
        Self {
            id,
            name: name.to_owned(),
            role,
            duties: duties.to_vec(),
            created_at,
            revoked_at: None,
            passkey_at: None,
            codes: Vec::new(),
            version: 0,
        }
    }

    /// Returns the person with another role and other duties.
    #[must_use]
    pub fn with(&self, role: Role, duties: &[Duty]) -> Self {
        Self { role, duties: duties.to_vec(), ..self.clone() }
    }

    /// Returns the person as having left at `now`, or at the earlier time that is recorded.
    #[must_use]
    pub fn left(&self, now: Timestamp) -> Self {
        Self { revoked_at: self.revoked_at.or(Some(now)), ..self.clone() }
    }

    /// Whether the person has not left.
    pub fn lives(&self) -> bool {
        self.revoked_at.is_none()
    }

    /// Whether the person is an owner who has not left.
    fn owns(&self) -> bool {
        self.role == Role::Owner && self.lives()
    }

    /// Returns the person one version on.
    fn next(self) -> Self {
        Self { version: self.version + 1, ..self }
    }
}

/// How a person proves their identity when a session begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// By an activation code that was made at this time. `None` for a code of an older version, which did not store it.
    Code(Option<Timestamp>),
    /// By a passkey, just now.
    Passkey {
        /// The credential's id.
        id: String,
        /// Since when its holder has been known.
        known_since: Timestamp,
    },
}

/// A session, from signing in to signing out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Identifies the session on the page of sessions.
    pub id: KeyId,
    /// The session's person.
    pub person: KeyId,
    /// When the session began.
    #[serde(with = "millis")]
    pub created_at: Timestamp,
    /// When the session ends at the latest.
    #[serde(with = "millis")]
    pub until: Timestamp,
    /// When the session was last used, to the minute.
    #[serde(with = "millis")]
    pub seen_at: Timestamp,
    /// When a passkey last proved the person's identity; `None` if none has.
    #[serde(with = "millis::option", default)]
    pub verified_at: Option<Timestamp>,
    /// The id of the passkey that began it; `None` if a code did, and in rows of an older version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passkey: Option<String>,
    /// When the activation code that began it was made; `None` if no code did, or a code of an older version.
    #[serde(with = "millis::option", default)]
    code_at: Option<Timestamp>,
    /// [`Identity::known_since`]; `None` in rows of an older version.
    #[serde(with = "millis::option", default)]
    known_since: Option<Timestamp>,
    /// `until` in seconds since 1970, when the table deletes the row.
    ttl: i64,
    /// The sort key of its row.
    #[serde(rename = "SK", default, skip_serializing)]
    sk: String,
}

/// A session in use, with its person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActiveSession {
    /// The person.
    pub person: Person,
    /// The session.
    pub session: Session,
}

impl ActiveSession {
    /// Returns the member that the session stands for.
    pub fn member(&self) -> Member {
        let (Person { id, name, role, duties, passkey_at, .. }, session) = (self.person.clone(), &self.session);
        let code_made_at = session.code_at.filter(|made_at| Some(*made_at) > passkey_at);
        Member {
            key: id.clone(),
            name,
            role,
            duties,
            verified_at: session.verified_at,
            renewed_at: code_made_at.map(|_| session.created_at),
            code_made_at,
            person: Some(Identity { id, known_since: session.known_since.unwrap_or(session.created_at) }),
            passkey: session.passkey.clone(),
        }
    }

    /// When the session ends if it is not used again, or at the latest.
    pub fn until(&self) -> Timestamp {
        self.session.until.min(self.session.seen_at + SignedDuration::from_secs(limits::SESSION_IDLE_SECONDS))
    }
}

impl Session {
    /// Begins a session of `person` at `now`; returns it with its secret.
    fn begin(person: &KeyId, proof: Proof, now: Timestamp) -> (Self, String) {
        let (token, until) = (secret(), now + SignedDuration::from_secs(limits::SESSION_SECONDS));
        let (passkey, code_at, known_since) = match proof {
            // Another person may have made the code: it makes its user known only from its use on.
            Proof::Code(made_at) => (None, made_at, now),
            Proof::Passkey { id, known_since } => (Some(id), None, known_since),
        };
        let session = Self {
            id: key_id(),
            person: person.clone(),
            created_at: now,
            until,
            seen_at: now,
            verified_at: passkey.as_ref().map(|_| now),
            passkey,
            code_at,
            known_since: Some(known_since),
            ttl: until.as_second(),
            sk: hash(&token),
        };
        (session, token)
    }

    /// Whether the passkey with this id began the session, as far as its row tells.
    fn began_by(&self, passkey: &str) -> bool {
        match &self.passkey {
            Some(own) => own == passkey,
            None => self.verified_at.is_some(),
        }
    }

    fn lasts(&self, now: Timestamp) -> bool {
        self.until > now && now.duration_since(self.seen_at).as_secs() < limits::SESSION_IDLE_SECONDS
    }
}

/// An activation code, which signs in once.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Code {
    person: KeyId,
    /// When the code was made; `None` in rows of an older version.
    #[serde(with = "millis::option", default)]
    made_at: Option<Timestamp>,
    /// The member who made it for another person: the code ends with their membership.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    maker: Option<KeyId>,
    #[serde(with = "millis")]
    until: Timestamp,
    ttl: i64,
}

/// All members.
#[derive(Clone, Debug)]
pub struct Members {
    table: Table,
}

impl Members {
    /// Returns a handle to the members in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone() }
    }

    /// Adds a member, and returns an activation code that is valid once and for `life`. There is no inviting member: this is for the
    /// operator of the system.
    pub async fn invite(&self, name: &str, role: Role, life: SignedDuration, now: Timestamp) -> Result<String, Fault> {
        let gone = || Fault::broken("invite", "who has just been invited has left");
        let person = self.welcome(name, role, &[], None, now).await?.ok_or_else(gone)?;
        self.code(&person.id, None, life, now).await?.ok_or_else(gone)
    }

    /// Returns an activation code for an owner, valid once and for `life`, if no owner can sign in or has signed in. It is for a new owner
    /// called `name` if there is no owner at all, and otherwise for one whose codes have all expired before they made a passkey or a
    /// session. `None` if an owner can sign in.
    pub async fn invite_first_owner(
        &self,
        name: &str,
        life: SignedDuration,
        now: Timestamp,
    ) -> Result<Option<String>, Fault> {
        let people = self.people().await?;
        let Some(first) = first_owner(&people) else {
            return self.invite(name, Role::Owner, life, now).await.map(Some);
        };
        let sessions = self.sessions(now).await?;
        let enters = |person: &Person| {
            let open = person.codes.iter().any(|code| code.until > now);
            open || person.passkey_at.is_some() || sessions.iter().any(|session| session.person == person.id)
        };
        if people.iter().any(|person| person.owns() && enters(person)) {
            return Ok(None);
        }
        self.code(&first.id, None, life, now).await
    }

    /// Returns an activation code, valid once and for `life`, for the owner who was invited first, even if they can sign in; for a new owner
    /// called `name` if there is none. For the person at the machine that holds the data, who needs no other proof.
    pub async fn code_of_first_owner(&self, name: &str, life: SignedDuration, now: Timestamp) -> Result<String, Fault> {
        let people = self.people().await?;
        if let Some(first) = first_owner(&people)
            && let Some(code) = self.code(&first.id, None, life, now).await?
        {
            return Ok(code);
        }
        self.invite(name, Role::Owner, life, now).await
    }

    /// Adds a member. `None` if `by`, who invites them, may no longer grant anything.
    pub async fn welcome(
        &self,
        name: &str,
        role: Role,
        duties: &[Duty],
        by: Option<&Giver>,
        now: Timestamp,
    ) -> Result<Option<Person>, Fault> {
        let person = Person::new(key_id(), name, role, duties, now);
        let mut items = vec![self.table.put_if(row("WHO", person.id.as_str(), &person)?, Condition::ABSENT)?];
        if let Some(by) = by {
            items.extend(self.may_give(by, &[])?);
        }
        let done = self.table.transact("invite", items).await? == Transaction::Done;
        Ok(done.then_some(person))
    }

    /// Returns an activation code for a member, valid once and for `life`. `None` if they have left, or if `by`, who makes it, may no
    /// longer grant anything.
    pub async fn code(
        &self,
        person: &KeyId,
        by: Option<&Giver>,
        life: SignedDuration,
        now: Timestamp,
    ) -> Result<Option<String>, Fault> {
        let (code, until) = (secret(), now + life);
        let open = OpenCode { hash: hash(&code), until };
        let maker = by.map(|by| by.person.clone()).filter(|maker| maker != person);
        let ttl = until.as_second();
        let kept = Code { person: person.clone(), made_at: Some(now), maker, until, ttl };
        for attempt in 1..=ATTEMPTS {
            let Some(before) = self.person(person).await?.filter(Person::lives) else { return Ok(None) };
            let mut codes: Vec<_> = before.codes.iter().filter(|code| code.until > now).cloned().collect();
            let ended = codes.drain(..codes.len().saturating_sub(OPEN_CODES - 1)).collect::<Vec<_>>();
            codes.push(open.clone());
            let mut items = vec![
                self.put_person(&before, &Person { codes, ..before.clone() }.next())?,
                self.table.put_if(row(&code_pk(&open.hash), MAIN, &kept)?, Condition::ABSENT)?,
            ];
            if let Some(by) = by {
                items.extend(self.may_give(by, &[person])?);
            }
            match self.table.transact("make code", items).await? {
                Transaction::Done => {
                    self.forget_codes(&ended).await?;
                    return Ok(Some(code));
                }
                Transaction::Refused(items) if items.iter().any(|item| *item > 1) => return Ok(None),
                Transaction::Refused(_) => back_off(attempt).await,
            }
        }
        Err(Fault::passing("make code", "others kept changing the person"))
    }

    /// Returns all people, including those who have left, by id.
    pub async fn people(&self) -> Result<Vec<Person>, Fault> {
        self.table.query_all("WHO", Range::All).await
    }

    /// Returns the person with this id.
    pub async fn person(&self, id: &KeyId) -> Result<Option<Person>, Fault> {
        self.table.get("WHO", id.as_str()).await
    }

    /// Changes a person by `rule`, which is called again if someone else changed the person meanwhile; it takes effect at the person's next
    /// request. Returns the changed person; `None` if there is no such person. `by` is the person who makes the change, if there is one.
    ///
    /// # Errors
    /// The error of `rule`; [`Refusal::LastOwner`] if no other owner would remain; [`Refusal::NotSignedIn`] if `by` may no longer grant
    /// anything; faults of the service.
    pub async fn change<E: From<Fault> + From<Refusal>>(
        &self,
        id: &KeyId,
        by: Option<&Giver>,
        rule: impl Fn(&Person) -> Result<Person, E>,
    ) -> Result<Option<Person>, E> {
        for attempt in 1..=ATTEMPTS {
            let Some(before) = self.person(id).await? else { return Ok(None) };
            let after = rule(&before)?;
            // A link that was made for a person with fewer rights must not lead to more.
            let raised = after.role > before.role || after.duties.iter().any(|duty| !before.duties.contains(duty));
            let codes = if raised { Vec::new() } else { after.codes.clone() };
            let ended: Vec<_> = before.codes.iter().filter(|code| !codes.contains(code)).collect();
            let after = Person { codes, ..after }.next();
            let mut items = vec![self.put_person(&before, &after)?];
            let heir = if before.owns() && !after.owns() { Some(self.other_owner::<E>(id).await?) } else { None };
            // A transaction may not name a row twice.
            let named: Vec<_> = std::iter::once(id).chain(&heir).collect();
            let checks = by.map(|by| self.may_give(by, &named)).transpose()?.unwrap_or_default();
            let changer = items.len()..items.len() + checks.len();
            items.extend(checks);
            // Two owners who change each other check each other's row, so the service lets only one of them through.
            if let Some(heir) = &heir {
                items.push(self.owns(heir)?);
            }
            for code in ended {
                items.push(self.table.delete_if_there(&code_pk(&code.hash), MAIN)?);
            }
            match self.table.transact("change person", items).await? {
                Transaction::Done => return Ok(Some(after)),
                Transaction::Refused(items) if items.iter().any(|item| changer.contains(item)) => {
                    return Err(Refusal::NotSignedIn.into());
                }
                Transaction::Refused(_) => back_off(attempt).await,
            }
        }
        Err(Fault::passing("change person", "others kept changing them").into())
    }

    /// Ends a person's membership at `now`, and with it their sessions, passkeys, activation codes and keys, none of which work once it is
    /// committed. Repeating it finishes an interrupted call. `rule` decides whether it is allowed. Returns the same as [`Self::change`].
    ///
    /// # Errors
    /// Those of [`Self::change`].
    pub async fn revoke_person<E: From<Fault> + From<Refusal>>(
        &self,
        id: &KeyId,
        by: Option<&Giver>,
        rule: impl Fn(&Person) -> Result<(), E>,
        now: Timestamp,
    ) -> Result<Option<Person>, E> {
        let left = self.change(id, by, |person| rule(person).map(|()| person.left(now))).await?;
        if let Some(left) = &left {
            self.tidy(left, now).await?;
        }
        Ok(left)
    }

    /// Deletes the remaining rows of a person who has left. None of them works any more.
    async fn tidy(&self, left: &Person, now: Timestamp) -> Result<(), Fault> {
        let sessions: Vec<Session> = self.table.query_all("SES", Range::All).await?;
        for session in sessions.iter().filter(|session| session.person == left.id) {
            self.table.delete("SES", &session.sk).await?;
        }
        for passkey in self.passkeys_of(&left.id).await? {
            self.table.delete("CRED", &passkey.id).await?;
        }
        self.forget_codes(&left.codes).await?;
        let keys = self.keys().await?;
        for key in keys.iter().filter(|key| key.maker.as_ref() == Some(&left.id) && key.revoked_at.is_none()) {
            self.revoke(&key.id, now).await?;
        }
        Ok(())
    }

    /// Deletes a person's row and everything that belongs to them, as if they had never existed. Only for trials, since audit entries that
    /// name them would otherwise refer to no person.
    pub(super) async fn forget_person(&self, id: &KeyId, now: Timestamp) -> Result<(), Fault> {
        if let Some(person) = self.person(id).await? {
            self.tidy(&person, now).await?;
        }
        self.table.delete("WHO", id.as_str()).await
    }

    async fn forget_codes(&self, codes: &[OpenCode]) -> Result<(), Fault> {
        for code in codes {
            self.table.delete(&code_pk(&code.hash), MAIN).await?;
        }
        Ok(())
    }

    /// Returns an owner other than `id`.
    async fn other_owner<E: From<Fault> + From<Refusal>>(&self, id: &KeyId) -> Result<KeyId, E> {
        let other = self.people().await?.into_iter().find(|person| person.id != *id && person.owns());
        Ok(other.ok_or(Refusal::LastOwner)?.id)
    }

    /// A write of the person `after`, on the condition that the row is still as `before`.
    fn put_person(&self, before: &Person, after: &Person) -> Result<TransactWriteItem, Fault> {
        let values = [(":seen", number(before.version))];
        let expression = unchanged(before.version);
        let unchanged = Condition { expression, names: &[("#version", "version")], values: &values };
        self.table.put_if(row("WHO", after.id.as_str(), after)?, unchanged)
    }

    /// Checks that `by` may still grant something: that they have not left, unless the transaction writes or checks their row already, as
    /// one of those `named`; and that the passkey which began their session still exists.
    fn may_give(&self, by: &Giver, named: &[&KeyId]) -> Result<Vec<TransactWriteItem>, Fault> {
        let mut checks = Vec::new();
        if !named.contains(&&by.person) {
            checks.push(self.lives(&by.person)?);
        }
        if let Some(passkey) = &by.passkey {
            checks.push(self.table.check("CRED", passkey, Condition::plain("attribute_exists(PK)"))?);
        }
        Ok(checks)
    }

    /// A check that a person has not left.
    fn lives(&self, person: &KeyId) -> Result<TransactWriteItem, Fault> {
        self.table.check("WHO", person.as_str(), Condition::plain(LIVES))
    }

    /// A check that a person is an owner who has not left.
    fn owns(&self, person: &KeyId) -> Result<TransactWriteItem, Fault> {
        let (names, values) = ([("#role", "role")], [(":owner", text(Role::Owner.as_str()))]);
        let expression = format!("{LIVES} AND #role = :owner");
        let owns = Condition { expression: &expression, names: &names, values: &values };
        self.table.check("WHO", person.as_str(), owns)
    }

    /// Uses an activation code, and returns the session that it begins and the session's secret. `None` if the code is unknown, used or
    /// expired, or its person or its maker has left. Of two concurrent uses, one succeeds.
    pub async fn activate(&self, code: &str, now: Timestamp) -> Result<Option<(ActiveSession, String)>, Fault> {
        let pk = code_pk(&hash(code));
        let known: Option<Code> = self.table.get(&pk, MAIN).await?;
        let Some(known) = known.filter(|known| known.until > now) else { return Ok(None) };
        let mut items = vec![self.table.delete_existing(&pk, MAIN)?];
        if let Some(maker) = &known.maker {
            items.push(self.lives(maker)?);
        }
        self.enter(&known.person, Proof::Code(known.made_at), items, now).await
    }

    /// Begins a session of a person; `None` if they have left.
    pub async fn begin(
        &self,
        person: &KeyId,
        proof: Proof,
        now: Timestamp,
    ) -> Result<Option<(ActiveSession, String)>, Fault> {
        self.enter(person, proof, Vec::new(), now).await
    }

    /// Begins a session of a person together with the writes `items`, which consume its proof. `None` if the person has left, or a
    /// condition of `items` does not hold.
    async fn enter(
        &self,
        person: &KeyId,
        proof: Proof,
        mut items: Vec<TransactWriteItem>,
        now: Timestamp,
    ) -> Result<Option<(ActiveSession, String)>, Fault> {
        let Some(person) = self.person(person).await?.filter(Person::lives) else { return Ok(None) };
        let (session, token) = Session::begin(&person.id, proof, now);
        items.push(self.table.put_if(row("SES", &session.sk, &session)?, Condition::ABSENT)?);
        items.push(self.lives(&person.id)?);
        let done = self.table.transact("begin session", items).await? == Transaction::Done;
        Ok(done.then_some((ActiveSession { person, session }, token)))
    }

    /// Returns the session with a secret. `None` if the secret is unknown or the session is over, its person has left, or the passkey that
    /// began it was removed.
    pub async fn session(&self, token: &str, now: Timestamp) -> Result<Option<ActiveSession>, Fault> {
        let sk = hash(token);
        let session: Option<Session> = self.table.get("SES", &sk).await?;
        let Some(mut session) = session.filter(|session| session.lasts(now)) else { return Ok(None) };
        let (person, begun) = try_join(self.person(&session.person), self.is_begun(&session)).await?;
        let Some(person) = person.filter(|person| begun && person.lives()) else { return Ok(None) };
        if now.duration_since(session.seen_at).as_secs() >= SEEN_SECONDS {
            session.seen_at = now;
            self.touch(&sk, now).await?;
        }
        Ok(Some(ActiveSession { person, session }))
    }

    /// Whether the passkey that began a session still exists; true if no passkey did.
    async fn is_begun(&self, session: &Session) -> Result<bool, Fault> {
        match &session.passkey {
            Some(passkey) => Ok(self.passkey(passkey).await?.is_some_and(|passkey| passkey.person == session.person)),
            None => Ok(true),
        }
    }

    /// Records that a session was used, unless it has been ended meanwhile.
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

    /// Ends a session.
    pub async fn sign_out(&self, token: &str) -> Result<(), Fault> {
        self.table.delete("SES", &hash(token)).await
    }

    /// Returns all sessions that are active at `now`, the latest first.
    pub async fn sessions(&self, now: Timestamp) -> Result<Vec<Session>, Fault> {
        let mut sessions: Vec<Session> = self.table.query_all("SES", Range::All).await?;
        sessions.retain(|session| session.lasts(now));
        sessions.sort_by_key(|session| std::cmp::Reverse(session.created_at));
        Ok(sessions)
    }

    /// Ends the session with this id and returns it; `None` if there is none.
    pub async fn end(&self, id: &KeyId) -> Result<Option<Session>, Fault> {
        let sessions: Vec<Session> = self.table.query_all("SES", Range::All).await?;
        let Some(session) = sessions.into_iter().find(|session| session.id == *id) else { return Ok(None) };
        self.table.delete("SES", &session.sk).await?;
        Ok(Some(session))
    }

    /// Deletes a row and returns its content: of two concurrent calls, one gets it.
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

fn code_pk(hash: &str) -> String {
    format!("CODE#{hash}")
}

/// The condition that a row which was read at version `seen` (`:seen` in the values) still exists and is unchanged.
fn unchanged(seen: u64) -> &'static str {
    if seen == 0 {
        "attribute_exists(PK) AND (attribute_not_exists(#version) OR #version = :seen)"
    } else {
        "#version = :seen"
    }
}

fn hash(secret: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(secret.as_bytes()))
}

/// Returns the owner who was invited first; `None` if there is no owner.
fn first_owner(people: &[Person]) -> Option<&Person> {
    people.iter().filter(|person| person.owns()).min_by_key(|person| person.created_at)
}
