//! The one table: its keys, its indexes, and every way in which it is read.
//!
//! | # | What is read | How | Key |
//! |---|---|---|---|
//! | 1 | a photo; many photos by id | get; batch get; consistent | `P#{id}` / `M` |
//! | 2 | a photo's audit without its reservation, oldest first | query | `P#{id}` / `A#{v}` |
//! | 3 | one page of a feed, newest first | query, one per shard | `F#…` / `{published_at}#{id}` |
//! | 4 | all editions | query | `CFG` / `E#{slug}` |
//! | 5 | one page of an uploader's own photos, oldest first | `G2` query, then batch get | `U#{edition}#{uploader}` / `{created_at}#{id}` |
//! | 6 | photos that wait in a lane, for their bytes, for their covers or to be shown by trust, and quarantined ones, oldest first | `G1` query per shard, then batch get | `Q#{edition}#{lane, reserved, covering, trusted or quarantined}#{shard}` / `{created_at}#{id}` |
//! | 7 | an edition's counters | batch get of all shards | `ST#{edition}#{shard}` / `M` |
//! | 8 | erasures that are due | query per shard | `OB#{shard}` / `{due}#{id}#{v}#{n}` |
//! | 9 | a key for scripts; all keys | get; query | `KEY` / `{id}` |
//! | 10 | an activation code | take | `CODE#{hash}` / `M` |
//! | 11 | photos that look alike, removed ones first | query per band, the first rows, eventually consistent | `LIKE#{band}#{16 bits}` / `{id}`, `!{id}` |
//! | 12 | how much one device, or one network, did in a window of time | conditional add | `RL#{uploader}`, `RL#net#{network}` / `{stretch}` |
//! | 13 | a school of the register | get | `SCH#{urn}` / `M` |
//! | 14 | the installation's own secrets | get | `SECRET` / `{name}` |
//! | 15 | everything, for the audit and for deleting old reasons | scan | – |
//! | 16 | schools by what people type | query, eventually consistent | `SCHT#{its first two characters}` / `{term}#{urn}` |
//! | 17 | turns of the feeds since an instant | query | `W#{edition}` / `{at}#{id}` |
//! | 18 | whether a file was removed, or is quarantined | query | `BLK#{4 hex}` / `{sha256}`, `{sha256}#{id}` |
//! | 19 | people's requests about their own data, oldest first | query | `REQ` / `{at}#{id}` |
//! | 20 | the reports of a photo; those of one reporter | query; get | `P#{id}` / `R#{reporter}#{hash of what they said}` |
//! | 21 | the activity log, oldest first, and its last entry | query | `LOG` / `{seq}` |
//! | 22 | people, their sessions and passkeys; a ceremony | get; query | `WHO` / `{id}`, `SES` / `{hash}`, `CRED` / `{id}`; `CER#{hash}` / `M` |
//! | 23 | the last run of each scheduled task | query | `RUN` / `{task}` |
//! | 24 | the number of messages when the schedule last checked | get | `QUEUES` / `M` |
//! | 25 | how many bytes arrived in an hour; unusable ones of a device and of a network | batch get | `BUD#{hour}` / `M`, `{uploader}`, `net#{network}` |
//! | 26 | whether a doubtful photo has left a device's list | get | `DBT#{edition}#{uploader}` / `M` |
//! | 27 | the turn to tell edges to forget everything | conditional update | `EDGE` / `M` |
//! | 28 | where a sweep that covers a part in each run continues | get | `CURSOR` / `{sweep}` |
//! | 29 | the counters of a device; of many devices | get; batch get | `DEV#{edition}#{uploader}` / `M` |
//! | 30 | what strangers' reports have hidden lately | get | `BRAKE#{edition}` / `M` |
//! | 31 | the objects of a trial; all trials | get; query | `CFG` / `T#{slug}` |
//! | 32 | pictures that two people must agree to show | query | `TWO` / `{id}#{fingerprint}` |
//! | 33 | a prize draw; all draws of an edition | get; query | `DRAW#{edition}` / `{draw}` |
//! | 34 | the log of a draw, oldest first | query | `DRAWLOG#{edition}#{draw}` / `{v}` |
//! | 35 | the secret of a draw, only for the steps of draws | get | `DRAWSEC#{edition}` / `{draw}` |
//! | 36 | whether a draw takes entries | condition of a transaction | `DRAWGATE#{edition}#{draw}` / `{shard}` |
//! | 37 | the entries of a draw; that of one device | query; get | `ENTRY#{edition}#{draw}` / `{uploader}` |
//! | 38 | whether a draw has an entry with this contact | condition of a transaction | `ENTRYBY#{edition}#{draw}` / `{keyed hash}` |
//! | 39 | how entrants are reached | get; batch get; query | `ENTRANT#{edition}` / `{uploader}` |
//! | 40 | the entries of a draw that were withdrawn after its freeze | query | `ENTRYOUT#{edition}#{draw}` / `{leaf}` |
//! | 41 | the file of a sponsor's logo | get | `SPONSOR` / `{sha256}` |
//!
//! `G1` and `G2` are sparse and hold keys only. An index row costs a write unit at each change of its keys; its photo is read from the
//! table itself, where reads are consistent. A state is part of a key and never a filter: the service applies its limit before a filter, so
//! filtered pages come short or empty. Sort keys hold instants as 13 digits of milliseconds; that of an [urgent](Photo::is_urgent) photo in
//! `G1` has `!` before them, which sorts before all digits.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::{
    Client,
    error::ProvideErrorMetadata,
    operation::transact_write_items::TransactWriteItemsError,
    types::{
        AttributeDefinition, AttributeValue, BillingMode, ConditionCheck, Delete, GlobalSecondaryIndex,
        KeySchemaElement, KeyType, KeysAndAttributes, Projection, ProjectionType, Put, ScalarAttributeType, Select,
        TransactWriteItem,
    },
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::fault::{Fault, fault, is_refused};
use crate::{
    domain::{
        ids::{EditionSlug, PhotoId, UploaderId},
        photo::Photo,
        states::{Lane, State},
    },
    runtime::ids::jitter,
};

/// A row in the form of the service.
pub(super) type Item = HashMap<String, AttributeValue>;

/// The sort key of a row that is alone in its partition.
pub(super) const MAIN: &str = "M";
/// The work queue of photos whose covers are not on their renditions yet.
pub(super) const COVERING: &str = "covering";
/// The work queue of photos that may be shown by trust.
pub(super) const TRUSTED: &str = "trusted";
/// The work queue of quarantined photos.
pub(super) const QUARANTINED: &str = "quarantined";
/// The prefix of a sort key in `G1` for a photo that comes before all others.
pub(super) const URGENT: &str = "!";
/// Attempts at one transaction while others write the same rows.
pub(super) const ATTEMPTS: u32 = 10;
/// The number of partitions of the work queues, the counters and the outbox.
pub(super) const SHARDS: u8 = 16;

/// The DynamoDB table.
#[derive(Clone, Debug)]
pub struct Table {
    pub(super) client: Client,
    pub(super) name: String,
}

impl Table {
    /// Returns a handle to the table called `name`.
    pub fn new(client: &Client, name: &str) -> Self {
        Self { client: client.clone(), name: name.to_owned() }
    }

    /// Creates the table if it does not exist: for the laptop and tests. In the cloud the infrastructure creates it.
    pub async fn create_if_absent(&self) -> Result<(), Fault> {
        let attribute = |name: &str| {
            AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S).build()
        };
        let key = |name: &str, of: KeyType| KeySchemaElement::builder().attribute_name(name).key_type(of).build();
        let broken = |error| Fault::broken("create table", error);
        let mut request =
            self.client.create_table().table_name(&self.name).billing_mode(BillingMode::PayPerRequest).set_key_schema(
                Some(vec![key("PK", KeyType::Hash).map_err(broken)?, key("SK", KeyType::Range).map_err(broken)?]),
            );
        for name in ["PK", "SK", "G1PK", "G1SK", "G2PK", "G2SK"] {
            request = request.attribute_definitions(attribute(name).map_err(broken)?);
        }
        for index in ["G1", "G2"] {
            let index = GlobalSecondaryIndex::builder()
                .index_name(index_name(index))
                .key_schema(key(&format!("{index}PK"), KeyType::Hash).map_err(broken)?)
                .key_schema(key(&format!("{index}SK"), KeyType::Range).map_err(broken)?)
                .projection(Projection::builder().projection_type(ProjectionType::KeysOnly).build())
                .build()
                .map_err(broken)?;
            request = request.global_secondary_indexes(index);
        }
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some("ResourceInUseException") => Ok(()),
            Err(error) => Err(fault("create table")(error)),
        }
    }

    /// Reads one row, consistently.
    pub(super) async fn get<T: DeserializeOwned>(&self, pk: &str, sk: &str) -> Result<Option<T>, Fault> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(key(pk, sk)))
            .consistent_read(true)
            .send()
            .await
            .map_err(fault("get row"))?;
        answer.item.map(read).transpose()
    }

    /// Reads many rows by their keys, consistently, in no particular order; missing rows are left out.
    pub(super) async fn get_many<T: DeserializeOwned>(&self, keys: &[(String, String)]) -> Result<Vec<T>, Fault> {
        self.read_many(keys, true).await
    }

    /// Like [`Self::get_many`], but eventually consistent, at half the cost.
    pub(super) async fn get_many_lately<T: DeserializeOwned>(
        &self,
        keys: &[(String, String)],
    ) -> Result<Vec<T>, Fault> {
        self.read_many(keys, false).await
    }

    async fn read_many<T: DeserializeOwned>(
        &self,
        keys: &[(String, String)],
        consistent: bool,
    ) -> Result<Vec<T>, Fault> {
        let mut rows = Vec::with_capacity(keys.len());
        for chunk in keys.chunks(100) {
            let mut wanted: Vec<_> = chunk.iter().map(|(pk, sk)| key(pk, sk)).collect();
            let mut attempt = 0;
            while !wanted.is_empty() {
                let keys = KeysAndAttributes::builder()
                    .set_keys(Some(wanted))
                    .consistent_read(consistent)
                    .build()
                    .map_err(|error| Fault::broken("get rows", error))?;
                let answer = self
                    .client
                    .batch_get_item()
                    .request_items(&self.name, keys)
                    .send()
                    .await
                    .map_err(fault("get rows"))?;
                for item in answer.responses.unwrap_or_default().remove(&self.name).unwrap_or_default() {
                    rows.push(read(item)?);
                }
                let left = answer.unprocessed_keys.unwrap_or_default().remove(&self.name);
                wanted = left.map(|left| left.keys).unwrap_or_default();
                if !wanted.is_empty() {
                    attempt += 1;
                    if attempt > 8 {
                        return Err(Fault::passing("get rows", "the service left keys unprocessed eight times"));
                    }
                    back_off(attempt).await;
                }
            }
        }
        Ok(rows)
    }

    /// Writes one row, replacing any row with its key.
    pub(super) async fn put(&self, item: Item) -> Result<(), Fault> {
        let put = self.client.put_item().table_name(&self.name).set_item(Some(item)).send().await;
        put.map(drop).map_err(fault("put row"))
    }

    /// Writes one row if there is none with its key; returns whether it did.
    pub(super) async fn put_new(&self, item: Item) -> Result<bool, Fault> {
        let put = self.client.put_item().table_name(&self.name).set_item(Some(item));
        match put.condition_expression("attribute_not_exists(PK)").send().await {
            Ok(_) => Ok(true),
            Err(error) if is_refused(&error) => Ok(false),
            Err(error) => Err(fault("put new row")(error)),
        }
    }

    /// Carries out several writes together, or none of them. A transaction that conflicts with another one is tried again, up to
    /// [`ATTEMPTS`] times.
    ///
    /// # Errors
    /// A fault after that, or when the service fails; it is then unknown whether the writes are done.
    pub(super) async fn transact(
        &self,
        operation: &'static str,
        items: Vec<TransactWriteItem>,
    ) -> Result<Transaction, Fault> {
        for attempt in 1..=ATTEMPTS {
            // Each attempt has its own token, by which the service recognises a request that the client repeats after a lost answer.
            let request = self.client.transact_write_items().set_transact_items(Some(items.clone()));
            let Err(error) = request.send().await else { return Ok(Transaction::Done) };
            let codes = match error.as_service_error() {
                Some(service) if service.is_transaction_canceled_exception() => codes(service),
                Some(service) if service.code() == Some("TransactionConflictException") => vec![],
                Some(_) | None => return Err(fault(operation)(error)),
            };
            let refused: Vec<usize> = (0..).zip(&codes).filter(|(_, code)| *code == REFUSED).map(|(i, _)| i).collect();
            if !refused.is_empty() {
                return Ok(Transaction::Refused(refused));
            }
            if let Some(code) = codes.iter().find(|code| *code != "None" && !is_contention(code)) {
                return Err(Fault::broken(operation, format!("the transaction was cancelled for {code}")));
            }
            back_off(attempt).await;
        }
        Err(Fault::passing(operation, "others kept writing the same rows"))
    }

    /// A put of a transaction: writes `item` if the present row satisfies `condition`.
    pub(super) fn put_if(&self, item: Item, condition: Condition<'_>) -> Result<TransactWriteItem, Fault> {
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression(condition.expression)
            .set_expression_attribute_names(condition.names())
            .set_expression_attribute_values(condition.values());
        let put = put.build().map_err(|error| Fault::broken("write row", error))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// A deletion of a transaction: of a row that may be missing.
    pub(super) fn delete_if_there(&self, pk: &str, sk: &str) -> Result<TransactWriteItem, Fault> {
        let delete = Delete::builder().table_name(&self.name).set_key(Some(key(pk, sk))).build();
        let delete = delete.map_err(|error| Fault::broken("delete row", error))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    /// A deletion of a transaction: of a row that must exist.
    pub(super) fn delete_existing(&self, pk: &str, sk: &str) -> Result<TransactWriteItem, Fault> {
        let delete = Delete::builder()
            .table_name(&self.name)
            .set_key(Some(key(pk, sk)))
            .condition_expression("attribute_exists(PK)");
        let delete = delete.build().map_err(|error| Fault::broken("delete row", error))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    /// A check of a transaction: that the present row satisfies `condition`.
    pub(super) fn check(&self, pk: &str, sk: &str, condition: Condition<'_>) -> Result<TransactWriteItem, Fault> {
        let check = ConditionCheck::builder()
            .table_name(&self.name)
            .set_key(Some(key(pk, sk)))
            .condition_expression(condition.expression)
            .set_expression_attribute_names(condition.names())
            .set_expression_attribute_values(condition.values());
        let check = check.build().map_err(|error| Fault::broken("check row", error))?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }

    /// Deletes one row.
    pub(super) async fn delete(&self, pk: &str, sk: &str) -> Result<(), Fault> {
        let delete = self.client.delete_item().table_name(&self.name).set_key(Some(key(pk, sk))).send().await;
        delete.map(drop).map_err(fault("delete row"))
    }

    /// Deletes all rows of a partition.
    pub(super) async fn erase_partition(&self, pk: &str) -> Result<(), Fault> {
        for Placed { sk } in self.query_all::<Placed>(pk, Range::All).await? {
            self.delete(pk, &sk).await?;
        }
        Ok(())
    }

    /// Counts the rows of a partition, eventually consistent. It costs as much as reading them, but transfers nothing of them.
    pub(super) async fn count(&self, pk: &str) -> Result<usize, Fault> {
        let (mut count, mut start) = (0, None);
        loop {
            let query = self.client.query().table_name(&self.name).key_condition_expression("PK = :pk");
            let query = query.expression_attribute_values(":pk", text(pk)).select(Select::Count);
            let answer = query.set_exclusive_start_key(start).send().await.map_err(fault("count rows"))?;
            count += usize::try_from(answer.count).unwrap_or_default();
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(count);
            }
        }
    }

    /// Reads the first `limit` rows of a partition, eventually consistent.
    pub(super) async fn query_first<T: DeserializeOwned>(&self, pk: &str, limit: i32) -> Result<Vec<T>, Fault> {
        let query = self.client.query().table_name(&self.name).key_condition_expression("PK = :pk");
        let query = query.expression_attribute_values(":pk", text(pk)).limit(limit);
        let answer = query.send().await.map_err(fault("query rows"))?;
        answer.items.unwrap_or_default().into_iter().map(read).collect()
    }

    /// Reads at most `limit` rows of a partition whose sort keys begin with `prefix`, consistently.
    pub(super) async fn query_some<T: DeserializeOwned>(
        &self,
        pk: &str,
        prefix: &str,
        limit: i32,
    ) -> Result<Vec<T>, Fault> {
        let query = self.client.query().table_name(&self.name).consistent_read(true).limit(limit);
        let query = query.key_condition_expression("PK = :pk AND begins_with(SK, :sk)");
        let query = query.expression_attribute_values(":pk", text(pk)).expression_attribute_values(":sk", text(prefix));
        let answer = query.send().await.map_err(fault("query rows"))?;
        answer.items.unwrap_or_default().into_iter().map(read).collect()
    }

    /// Reads all rows of a partition whose sort keys are in `range`, consistently and in ascending order.
    pub(super) async fn query_all<T: DeserializeOwned>(&self, pk: &str, range: Range<'_>) -> Result<Vec<T>, Fault> {
        let mut rows = Vec::new();
        let mut start = None;
        loop {
            let query = self.client.query().table_name(&self.name).consistent_read(true);
            let query = match range {
                Range::Prefix(prefix) => query
                    .key_condition_expression("PK = :pk AND begins_with(SK, :sk)")
                    .expression_attribute_values(":sk", text(prefix)),
                Range::From(bound) => query
                    .key_condition_expression("PK = :pk AND SK >= :sk")
                    .expression_attribute_values(":sk", text(bound)),
                Range::Below(bound) => query
                    .key_condition_expression("PK = :pk AND SK < :sk")
                    .expression_attribute_values(":sk", text(bound)),
                Range::All => query.key_condition_expression("PK = :pk"),
            };
            let answer = query
                .expression_attribute_values(":pk", text(pk))
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(fault("query rows"))?;
            for item in answer.items.unwrap_or_default() {
                rows.push(read(item)?);
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(rows);
            }
        }
    }

    /// Reads up to `limit` photo ids of an index partition after `after`, in ascending order, each with its sort key.
    pub(super) async fn index_page(
        &self,
        index: &str,
        pk: &str,
        after: Option<&str>,
        limit: i32,
    ) -> Result<Vec<(String, PhotoId)>, Fault> {
        let (condition, bound) = match after {
            Some(after) => (format!("{index}PK = :pk AND {index}SK > :sk"), Some(text(after))),
            None => (format!("{index}PK = :pk"), None),
        };
        let mut values = HashMap::from([(":pk".to_owned(), text(pk))]);
        values.extend(bound.map(|bound| (":sk".to_owned(), bound)));
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .index_name(index_name(index))
            .key_condition_expression(condition)
            .set_expression_attribute_values(Some(values))
            .limit(limit)
            .send()
            .await
            .map_err(fault("query index"))?;
        let sort = format!("{index}SK");
        answer.items.unwrap_or_default().iter().map(|item| index_entry(item, &sort)).collect()
    }
}

/// The sort key of a row.
#[derive(Deserialize)]
struct Placed {
    #[serde(rename = "SK")]
    sk: String,
}

/// The name of the index over the attributes `{short}PK` and `{short}SK`. (The service requires names of at least three characters.)
fn index_name(short: &str) -> String {
    format!("{short}-index")
}

/// The result of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Transaction {
    /// Everything was written.
    Done,
    /// Nothing was written: the conditions of the items at these positions did not hold.
    Refused(Vec<usize>),
}

/// The condition of a write in a transaction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Condition<'a> {
    /// The expression, in the service's syntax.
    pub(super) expression: &'a str,
    /// Placeholders for attribute names that are reserved words of the service.
    pub(super) names: &'a [(&'a str, &'a str)],
    /// The values in the expression.
    pub(super) values: &'a [(&'a str, AttributeValue)],
}

impl Condition<'_> {
    /// The condition that there is no row.
    pub(super) const ABSENT: Condition<'static> = Condition::plain("attribute_not_exists(PK)");

    /// Creates a condition without names and values.
    pub(super) const fn plain(expression: &str) -> Condition<'_> {
        Condition { expression, names: &[], values: &[] }
    }

    fn names(self) -> Option<HashMap<String, String>> {
        let names = self.names.iter().map(|(short, long)| ((*short).to_owned(), (*long).to_owned()));
        (!self.names.is_empty()).then(|| names.collect())
    }

    fn values(self) -> Option<Item> {
        let values = self.values.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        (!self.values.is_empty()).then(|| values.collect())
    }
}

const REFUSED: &str = "ConditionalCheckFailed";

/// Returns why a transaction was cancelled, item by item; the word `None` for items that were not the cause.
fn codes(error: &TransactWriteItemsError) -> Vec<String> {
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else { return Vec::new() };
    let reasons = cancelled.cancellation_reasons().iter();
    reasons.map(|reason| reason.code().unwrap_or("None").to_owned()).collect()
}

/// Whether a transaction was cancelled because of other writers: the same transaction may succeed a moment later.
fn is_contention(code: &str) -> bool {
    matches!(code, "TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded")
}

/// A range of sort keys in a partition.
#[derive(Clone, Copy, Debug)]
pub(super) enum Range<'a> {
    /// All keys.
    All,
    /// Keys that begin with this.
    Prefix(&'a str),
    /// This key and all above.
    From(&'a str),
    /// All keys below this one.
    Below(&'a str),
}

fn index_entry(item: &Item, sort: &str) -> Result<(String, PhotoId), Fault> {
    let attribute = |name: &str| item.get(name).and_then(|value| value.as_s().ok());
    attribute(sort)
        .zip(attribute("PK").and_then(|pk| pk.strip_prefix("P#")?.parse().ok()))
        .map(|(sort, id)| (sort.clone(), id))
        .ok_or_else(|| Fault::broken("query index", "an index row without a photo"))
}

/// The partition of a photo and its audit.
pub(super) fn photo_pk(id: &PhotoId) -> String {
    format!("P#{id}")
}

/// The partition of a work queue, which is named after a lane, or `reserved`, `covering`, `trusted` or `quarantined`.
pub(super) fn work_pk(edition: &EditionSlug, work: &str, shard: u8) -> String {
    format!("Q#{edition}#{work}#{shard}")
}

/// The partition of an uploader's own photos.
pub(super) fn own_pk(edition: &EditionSlug, uploader: &UploaderId) -> String {
    format!("U#{edition}#{uploader}")
}

/// An instant as a part of a sort key.
pub(super) fn sortable(at: Timestamp) -> String {
    format!("{:013}", at.as_millisecond())
}

/// Returns the row of a photo, with the index keys that its state requires.
pub(super) fn photo_item(photo: &Photo) -> Result<Item, Fault> {
    let mut item = row(&photo_pk(&photo.id), MAIN, photo)?;
    let sort = format!("{}#{}", sortable(photo.created_at), photo.id);
    if let Some(work) = work_of(photo) {
        item.insert("G1PK".into(), text(&work_pk(&photo.edition, work, photo.id.shard(SHARDS))));
        let first = if photo.is_urgent() { URGENT } else { "" };
        item.insert("G1SK".into(), text(&format!("{first}{sort}")));
    }
    let own = match photo.state {
        State::Reserved | State::Pending | State::Published | State::Hidden | State::Rejected | State::Expired => true,
        State::Deleted | State::Quarantined => false,
    };
    if own {
        item.insert("G2PK".into(), text(&own_pk(&photo.edition, &photo.uploader)));
        item.insert("G2SK".into(), text(&sort));
    }
    Ok(item)
}

/// Returns the work queue that contains a photo; `None` if none does.
pub(super) fn work_of(photo: &Photo) -> Option<&'static str> {
    match photo.state {
        State::Reserved => Some(State::Reserved.as_str()),
        // No decisions are taken about renditions that are about to be replaced.
        State::Pending | State::Hidden if photo.moderation.covering() => Some(COVERING),
        State::Pending if photo.is_trusted() => Some(TRUSTED),
        State::Pending => Some(photo.lane.as_str()),
        State::Published | State::Hidden if photo.lane == Lane::Reported => Some(photo.lane.as_str()),
        State::Published if photo.lane == Lane::Unseen => Some(photo.lane.as_str()),
        State::Quarantined => Some(QUARANTINED),
        State::Published | State::Hidden | State::Rejected | State::Expired | State::Deleted => None,
    }
}

/// Returns the row of `value` under its key. Nulls are left out: a missing field is read back as `None`.
pub(super) fn row<T: Serialize>(pk: &str, sk: &str, value: &T) -> Result<Item, Fault> {
    let mut item: Item =
        serde_dynamo::aws_sdk_dynamodb_1::to_item(value).map_err(|error| Fault::broken("write row", error))?;
    item.retain(|_, value| !value.is_null());
    item.extend(key(pk, sk));
    Ok(item)
}

/// Parses a row.
pub(super) fn read<T: DeserializeOwned>(item: Item) -> Result<T, Fault> {
    serde_dynamo::aws_sdk_dynamodb_1::from_item(item).map_err(|error| Fault::broken("read row", error))
}

/// The key of a row.
pub(super) fn key(pk: &str, sk: &str) -> Item {
    HashMap::from([("PK".to_owned(), text(pk)), ("SK".to_owned(), text(sk))])
}

/// A string attribute.
pub(super) fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

/// A number attribute.
pub(super) fn number(value: impl std::fmt::Display) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// Waits before attempt number `attempt` (1, 2, …): full jitter up to 25 ms · 2ⁿ, at most one second.
pub(super) async fn back_off(attempt: u32) {
    let longest = 25_u64.saturating_mul(1 << attempt.min(6)).min(1_000);
    tokio::time::sleep(Duration::from_millis(jitter(longest) + 1)).await;
}
