//! The rows of messages in the database.

use std::collections::HashMap;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use rusqlite::{Connection, OptionalExtension, params};
use s3s::crypto::{Checksum as _, Md5};

use super::{Message, Queue};
use crate::{Error, clock};

/// The account id in queues, senders and URLs.
pub(crate) const ACCOUNT: &str = "000000000000";

/// A message that was just sent.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) message_id: String,
    pub(crate) md5_of_body: String,
}

/// The result of a receive.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    pub(crate) messages: Vec<Message>,
    /// Whether messages were moved to the dead-letter queue.
    pub(crate) redriven: bool,
    /// When the next message of the queue becomes visible; `None` if there is none.
    pub(crate) next_visible_ms: Option<i64>,
}

/// Number of messages in each condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) visible: i64,
    pub(crate) received: i64,
    pub(crate) delayed: i64,
}

/// The result of changing a message's visibility.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Changed {
    Done,
    NotInFlight,
}

/// A receipt handle: a message, and one of its receives.
#[derive(Clone, Debug)]
pub(crate) struct Receipt {
    id: i64,
    token: String,
}

struct Row {
    id: i64,
    message_id: String,
    body: String,
    md5: String,
    sent_ms: i64,
    receive_count: i64,
    first_received_ms: Option<i64>,
}

impl Receipt {
    pub(crate) fn parse(handle: &str) -> Option<Self> {
        let text = String::from_utf8(BASE64URL_NOPAD.decode(handle.as_bytes()).ok()?).ok()?;
        let (id, token) = text.split_once('.')?;
        Some(Self { id: id.parse().ok()?, token: token.to_owned() })
    }

    fn handle(&self) -> String {
        BASE64URL_NOPAD.encode(format!("{}.{}", self.id, self.token).as_bytes())
    }
}

pub(crate) fn insert(connection: &Connection, queue: &str, body: &str, delay_ms: i64) -> Result<Sent, Error> {
    let now = clock::now_ms();
    let sent = Sent { message_id: uuid()?, md5_of_body: HEXLOWER.encode(&Md5::checksum(body.as_bytes())) };
    connection
        .prepare_cached(
            "INSERT INTO messages (queue, message_id, body, md5, sent_ms, visible_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![queue, sent.message_id, body, sent.md5_of_body, now, now.saturating_add(delay_ms)])?;
    Ok(sent)
}

/// Receives up to `limit` messages and hides them. Messages that were received too often move to the dead-letter queue instead.
pub(crate) fn take(connection: &Connection, queue: &Queue, limit: usize, visibility_ms: i64) -> Result<Taken, Error> {
    let now = clock::now_ms();
    let mut taken = Taken::default();
    for row in visible(connection, &queue.name, now, limit)? {
        match &queue.dead_letter {
            Some(dead_letter) if row.receive_count >= i64::from(queue.max_receive_count) => {
                connection
                    .prepare_cached("UPDATE messages SET queue = ?2, visible_ms = ?3, receipt = NULL WHERE id = ?1")?
                    .execute(params![row.id, dead_letter, now])?;
                taken.redriven = true;
            }
            Some(_) | None => {
                let receipt = Receipt { id: row.id, token: random_hex()? };
                connection
                    .prepare_cached(
                        "UPDATE messages SET receive_count = receive_count + 1, visible_ms = ?2, receipt = ?3,
                         first_received_ms = coalesce(first_received_ms, ?4) WHERE id = ?1",
                    )?
                    .execute(params![row.id, now + visibility_ms, receipt.token, now])?;
                taken.messages.push(row.received(&receipt, now));
            }
        }
    }
    taken.next_visible_ms = connection
        .prepare_cached("SELECT min(visible_ms) FROM messages WHERE queue = ?1")?
        .query_row([&queue.name], |row| row.get(0))?;
    Ok(taken)
}

/// Makes every message in flight visible again: at a start, no receiver of earlier is left.
pub(crate) fn release(connection: &Connection) -> Result<(), Error> {
    connection.execute(
        "UPDATE messages SET visible_ms = sent_ms, receipt = NULL WHERE receipt IS NOT NULL AND visible_ms > ?1",
        [clock::now_ms()],
    )?;
    Ok(())
}

fn visible(connection: &Connection, queue: &str, now: i64, limit: usize) -> Result<Vec<Row>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT id, message_id, body, md5, sent_ms, receive_count, first_received_ms FROM messages
         WHERE queue = ?1 AND visible_ms <= ?2 ORDER BY visible_ms, id LIMIT ?3",
    )?;
    let rows = statement.query_map(params![queue, now, limit], |row| {
        Ok(Row {
            id: row.get(0)?,
            message_id: row.get(1)?,
            body: row.get(2)?,
            md5: row.get(3)?,
            sent_ms: row.get(4)?,
            receive_count: row.get(5)?,
            first_received_ms: row.get(6)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Deletes the message, unless it has been received again since. Deleting a missing message is not an error, as in SQS.
pub(crate) fn delete(connection: &Connection, queue: &str, receipt: &Receipt) -> Result<(), Error> {
    connection
        .prepare_cached("DELETE FROM messages WHERE id = ?1 AND queue = ?2 AND receipt = ?3")?
        .execute(params![receipt.id, queue, receipt.token])?;
    Ok(())
}

pub(crate) fn change_visibility(
    connection: &Connection,
    queue: &str,
    receipt: &Receipt,
    visibility_ms: i64,
) -> Result<Changed, Error> {
    let now = clock::now_ms();
    let hidden: Option<bool> = connection
        .prepare_cached("SELECT visible_ms > ?4 FROM messages WHERE id = ?1 AND queue = ?2 AND receipt = ?3")?
        .query_row(params![receipt.id, queue, receipt.token, now], |row| row.get(0))
        .optional()?;
    if hidden != Some(true) {
        return Ok(Changed::NotInFlight);
    }
    connection
        .prepare_cached("UPDATE messages SET visible_ms = ?2 WHERE id = ?1")?
        .execute(params![receipt.id, now + visibility_ms])?;
    Ok(Changed::Done)
}

pub(crate) fn purge(connection: &Connection, queue: &str) -> Result<(), Error> {
    connection.execute("DELETE FROM messages WHERE queue = ?1", [queue])?;
    Ok(())
}

pub(crate) fn counts(connection: &Connection, queue: &str) -> Result<Counts, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT count(*) FILTER (WHERE visible_ms <= ?2),
                count(*) FILTER (WHERE visible_ms > ?2 AND receipt IS NOT NULL),
                count(*) FILTER (WHERE visible_ms > ?2 AND receipt IS NULL)
         FROM messages WHERE queue = ?1",
    )?;
    Ok(statement.query_row(params![queue, clock::now_ms()], |row| {
        Ok(Counts { visible: row.get(0)?, received: row.get(1)?, delayed: row.get(2)? })
    })?)
}

impl Row {
    fn received(self, receipt: &Receipt, now: i64) -> Message {
        let attributes = HashMap::from([
            ("ApproximateReceiveCount".to_owned(), (self.receive_count + 1).to_string()),
            ("ApproximateFirstReceiveTimestamp".to_owned(), self.first_received_ms.unwrap_or(now).to_string()),
            ("SentTimestamp".to_owned(), self.sent_ms.to_string()),
            ("SenderId".to_owned(), ACCOUNT.to_owned()),
        ]);
        Message {
            message_id: self.message_id,
            receipt_handle: receipt.handle(),
            body: self.body,
            attributes,
            md5_of_body: self.md5,
        }
    }
}

fn random_hex() -> Result<String, Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| Error::File(std::io::Error::other(error)))?;
    Ok(HEXLOWER.encode(&bytes))
}

/// Returns a random UUID, the format of SQS's message ids.
fn uuid() -> Result<String, Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| Error::File(std::io::Error::other(error)))?;
    let random = u128::from_be_bytes(bytes);
    let id = (random & !(0xf << 76) & !(0b11 << 62)) | (4 << 76) | (0b10 << 62);
    Ok(format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        id >> 96,
        (id >> 80) & 0xffff,
        (id >> 64) & 0xffff,
        (id >> 48) & 0xffff,
        id & 0xffff_ffff_ffff
    ))
}
