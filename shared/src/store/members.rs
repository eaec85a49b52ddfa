//! Moderators and organisers: named keys, one-time activation codes, sessions, and the rate of devices. (Patterns 9, 10, 12)
//!
//! Secrets are never stored: rows hold SHA-256 hashes of 256 random bits, which no search can turn round.

use aws_sdk_dynamodb::types::ReturnValue;
use data_encoding::HEXLOWER;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
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
        people::{Member, Role},
        time::millis,
    },
    runtime::ids::{key_id, secret},
};

/// How long a session lasts: the day and its evening.
const SESSION: SignedDuration = SignedDuration::from_hours(16);
/// Begins every key for scripts, so that one that leaks is recognised.
const KEY_PREFIX: &str = "tgk_";

/// A named key for scripts, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Names it in the table, the audit and the key itself.
    pub id: KeyId,
    /// What it is for, as its maker said.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// When it was made.
    #[serde(with = "millis")]
    pub created_at: Timestamp,
    /// When it was revoked.
    #[serde(with = "millis::option", default)]
    pub revoked_at: Option<Timestamp>,
    hash: String,
}

/// Somebody who has signed in, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The code that it began with; what the audit names.
    pub id: KeyId,
    /// The name that the code was made for.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// When it ends.
    #[serde(with = "millis")]
    pub until: Timestamp,
    /// The same in seconds, for the table to forget the row by.
    ttl: i64,
}

impl Session {
    /// Who that is.
    pub fn member(&self) -> Member {
        Member { key: self.id.clone(), name: self.name.clone(), role: self.role }
    }
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
    pub async fn mint(&self, name: &str, role: Role, now: Timestamp) -> Result<(Key, String), Fault> {
        let (id, secret) = (key_id(), secret());
        let minted =
            Key { id: id.clone(), name: name.to_owned(), role, created_at: now, revoked_at: None, hash: hash(&secret) };
        self.table.put_new(row("KEY", id.as_str(), &minted)?).await?;
        Ok((minted, format!("{KEY_PREFIX}{id}_{secret}")))
    }

    /// All keys, revoked ones too, by id.
    pub async fn keys(&self) -> Result<Vec<Key>, Fault> {
        self.table.query_all("KEY", Range::All).await
    }

    /// Revokes a key at once; answers with it, or with none where there is no such key.
    pub async fn revoke(&self, id: &KeyId, now: Timestamp) -> Result<Option<Key>, Fault> {
        let Some(known) = self.table.get::<Key>("KEY", id.as_str()).await? else { return Ok(None) };
        let revoked = Key { revoked_at: known.revoked_at.or(Some(now)), ..known };
        self.table.put(row("KEY", id.as_str(), &revoked)?).await?;
        Ok(Some(revoked))
    }

    /// Who a key for scripts stands for; none where it is malformed, unknown, wrong or revoked.
    pub async fn by_key(&self, presented: &str) -> Result<Option<Member>, Fault> {
        let parts = presented.strip_prefix(KEY_PREFIX).and_then(|rest| rest.split_once('_'));
        let Some((id, secret)) = parts.and_then(|(id, secret)| Some((id.parse::<KeyId>().ok()?, secret))) else {
            return Ok(None);
        };
        let Some(known) = self.table.get::<Key>("KEY", id.as_str()).await? else { return Ok(None) };
        let right = known.revoked_at.is_none() && bool::from(known.hash.as_bytes().ct_eq(hash(secret).as_bytes()));
        Ok(right.then_some(Member { key: known.id, name: known.name, role: known.role }))
    }

    /// Makes an activation code for `name`, good once and for `life`.
    pub async fn invite(&self, name: &str, role: Role, life: SignedDuration, now: Timestamp) -> Result<String, Fault> {
        let code = secret();
        let until = now + life;
        let invited = Session { id: key_id(), name: name.to_owned(), role, until, ttl: until.as_second() };
        self.table.put(row(&format!("CODE#{}", hash(&code)), MAIN, &invited)?).await?;
        Ok(code)
    }

    /// Uses an activation code up, and answers with the session that it begins and the session's secret; none where the code is
    /// unknown, used or too old. Of two that use it at once, one gets in.
    pub async fn activate(&self, code: &str, now: Timestamp) -> Result<Option<(Session, String)>, Fault> {
        let taken = self
            .table
            .client
            .delete_item()
            .table_name(&self.table.name)
            .set_key(Some(key(&format!("CODE#{}", hash(code)), MAIN)))
            .return_values(ReturnValue::AllOld)
            .send()
            .await
            .map_err(fault("use code"))?;
        let Some(invited) = taken.attributes.map(read::<Session>).transpose()? else { return Ok(None) };
        if invited.until <= now {
            return Ok(None);
        }
        let (until, session_secret) = (now + SESSION, secret());
        let session = Session { until, ttl: until.as_second(), ..invited };
        self.table.put(row(&session_pk(&session_secret), MAIN, &session)?).await?;
        Ok(Some((session, session_secret)))
    }

    /// The session of a secret; none where it is unknown or over.
    pub async fn session(&self, token: &str, now: Timestamp) -> Result<Option<Session>, Fault> {
        let session: Option<Session> = self.table.get(&session_pk(token), MAIN).await?;
        Ok(session.filter(|session| session.until > now))
    }

    /// Ends a session.
    pub async fn sign_out(&self, token: &str) -> Result<(), Fault> {
        self.table.delete(&session_pk(token), MAIN).await
    }
}

/// How much one device may ask for.
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
        let minute = now.as_second() / 60;
        let most = i64::from(limits::RESERVATIONS_PER_MINUTE) - i64::try_from(n).unwrap_or(i64::MAX);
        let request = self
            .table
            .client
            .update_item()
            .table_name(&self.table.name)
            .set_key(Some(key(&format!("RL#{uploader}"), &minute.to_string())))
            .update_expression("ADD n :n SET #ttl = :ttl")
            .condition_expression("attribute_not_exists(n) OR n <= :most")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":n", number(n))
            .expression_attribute_values(":most", number(most))
            .expression_attribute_values(":ttl", number((minute + 10) * 60));
        match request.send().await {
            Ok(_) => Ok(true),
            Err(error) if is_refused(&error) => Ok(false),
            Err(error) => Err(fault("count reservations")(error)),
        }
    }
}

fn session_pk(token: &str) -> String {
    format!("SES#{}", hash(token))
}

fn hash(secret: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(secret.as_bytes()))
}
