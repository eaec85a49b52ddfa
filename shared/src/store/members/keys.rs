//! Named keys for scripts.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::{
    super::{
        fault::{Fault, fault, is_refused},
        table::{Condition, Range, Transaction, key, number, read, row},
    },
    Members, Person, hash,
};
use crate::{
    domain::{
        ids::KeyId,
        people::{Giver, Identity, Member},
        states::{Duty, Role},
        time::millis,
    },
    runtime::ids::{key_id, secret},
};
use aws_sdk_dynamodb::types::ReturnValue;

/// The prefix of every key for scripts, so that a leaked one is recognised.
const KEY_PREFIX: &str = "tgk_";

/// A named key for scripts, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Identifies the key in the table, the audit and the key itself.
    pub id: KeyId,
    /// The key's purpose, as its maker wrote it.
    pub name: String,
    /// The key's role, as long as its maker has at least that role.
    pub role: Role,
    /// The key's duties, as long as its maker may give them.
    #[serde(default)]
    pub duties: Vec<Duty>,
    /// When the key was made.
    #[serde(with = "millis")]
    pub created_at: Timestamp,
    /// When the key expires; `None` if it is valid until it is revoked.
    #[serde(with = "millis::option", default)]
    pub expires_at: Option<Timestamp>,
    /// When the key was revoked; `None` if it was not.
    #[serde(with = "millis::option", default)]
    pub revoked_at: Option<Timestamp>,
    /// The person who made it, with whose membership it ends. `None` for a key that the command made, and for one of an older version.
    #[serde(default)]
    pub maker: Option<KeyId>,
    /// [`Identity::known_since`] of its maker's session.
    #[serde(with = "millis::option", default)]
    known_since: Option<Timestamp>,
    hash: String,
}

/// A request for a key; none of it can be changed later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewKey {
    /// The key's purpose.
    pub name: String,
    /// The key's role.
    pub role: Role,
    /// The key's duties.
    pub duties: Vec<Duty>,
    /// When the key expires; `None` if it is valid until it is revoked.
    pub expires_at: Option<Timestamp>,
    /// The person who makes it; `None` if it is the command.
    pub maker: Option<Identity>,
    /// The id of the passkey that began its maker's session; `None` if none did.
    pub passkey: Option<String>,
}

impl NewKey {
    /// Creates a request for a key of this role, without duties and without a maker, that is valid until it is revoked.
    pub fn new(name: &str, role: Role) -> Self {
        Self { name: name.to_owned(), role, duties: Vec::new(), expires_at: None, maker: None, passkey: None }
    }
}

impl Members {
    /// Makes a named key. Returns its row and the key itself (`tgk_…`), which cannot be shown again; `None` if its maker has left, or the
    /// passkey that began their session was removed.
    pub async fn mint(&self, asked: &NewKey, now: Timestamp) -> Result<Option<(Key, String)>, Fault> {
        let (id, secret) = (key_id(), secret());
        let NewKey { name, role, duties, expires_at, maker, passkey } = asked.clone();
        let minted = Key {
            id: id.clone(),
            name,
            role,
            duties,
            created_at: now,
            expires_at,
            revoked_at: None,
            known_since: maker.as_ref().map(|maker| maker.known_since),
            maker: maker.map(|maker| maker.id),
            hash: hash(&secret),
        };
        let mut items = vec![self.table.put_if(row("KEY", id.as_str(), &minted)?, Condition::ABSENT)?];
        if let Some(maker) = minted.maker.clone() {
            items.extend(self.may_give(&Giver { person: maker, passkey }, &[])?);
        }
        let done = self.table.transact("make key", items).await? == Transaction::Done;
        Ok(done.then(|| (minted, format!("{KEY_PREFIX}{id}_{secret}"))))
    }

    /// Returns all keys, including revoked ones, by id.
    pub async fn keys(&self) -> Result<Vec<Key>, Fault> {
        self.table.query_all("KEY", Range::All).await
    }

    /// Returns the key with this id.
    pub async fn key(&self, id: &KeyId) -> Result<Option<Key>, Fault> {
        self.table.get("KEY", id.as_str()).await
    }

    /// Revokes a key at once and returns it; `None` if there is no such key.
    pub async fn revoke(&self, id: &KeyId, now: Timestamp) -> Result<Option<Key>, Fault> {
        let update = self
            .table
            .client
            .update_item()
            .table_name(&self.table.name)
            .set_key(Some(key("KEY", id.as_str())))
            .update_expression("SET revoked_at = if_not_exists(revoked_at, :now)")
            .condition_expression("attribute_exists(PK)")
            .expression_attribute_values(":now", number(now.as_millisecond()))
            .return_values(ReturnValue::AllNew);
        match update.send().await {
            Ok(answer) => answer.attributes.map(read).transpose(),
            Err(error) if is_refused(&error) => Ok(None),
            Err(error) => Err(fault("revoke key")(error)),
        }
    }

    /// Returns the member that a key for scripts stands for at `now`; `None` if the key is malformed, unknown, wrong, expired or revoked,
    /// or its maker has left. A key may never do more than its maker may at `now`.
    pub async fn by_key(&self, presented: &str, now: Timestamp) -> Result<Option<Member>, Fault> {
        let parts = presented.strip_prefix(KEY_PREFIX).and_then(|rest| rest.split_once('_'));
        let Some((id, secret)) = parts.and_then(|(id, secret)| Some((id.parse::<KeyId>().ok()?, secret))) else {
            return Ok(None);
        };
        let Some(known) = self.key(&id).await? else { return Ok(None) };
        let lives = known.revoked_at.is_none() && known.expires_at.is_none_or(|expires_at| expires_at > now);
        if !lives || !bool::from(known.hash.as_bytes().ct_eq(hash(secret).as_bytes())) {
            return Ok(None);
        }
        let Key { id, name, mut role, mut duties, maker, known_since, created_at, .. } = known;
        let mut person = None;
        if let Some(maker) = maker {
            let Some(maker) = self.person(&maker).await?.filter(Person::lives) else { return Ok(None) };
            role = role.min(maker.role);
            // An owner can give duties without having them.
            duties.retain(|duty| maker.role == Role::Owner || maker.duties.contains(duty));
            person = Some(Identity { id: maker.id, known_since: known_since.unwrap_or(created_at) });
        }
        Ok(Some(Member {
            key: id,
            name,
            role,
            duties,
            verified_at: None,
            renewed_at: None,
            code_made_at: None,
            person,
            passkey: None,
        }))
    }
}
