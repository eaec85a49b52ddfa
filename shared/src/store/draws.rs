//! Prize draws: their rows, the one transaction that moves a draw, and entries. (Patterns 33 to 40)
//!
//! Decision: whether a draw takes entries is stored in [`SHARDS`] rows of its own, its gates, which are opened and shut in the transaction
//! that moves the draw. An entry is made in a transaction that checks that its gate is open, so that none is made after the freeze. With a
//! single row, all concurrent entrants would contend for it: two transactions that check the same row refuse each other.
//!
//! Decision: what determines a winner, who has entered, and how they are reached are rows of different partitions. The list of entries is
//! gathered without reading a single name.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use futures::future::try_join_all;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;

use super::{
    Fault,
    editions::installation_secret,
    table::{Condition, Item, Range, SHARDS, Table, Transaction, number, row, text},
};
use crate::{
    domain::{
        draw::{
            entry::{Entering, Entrant, Entry},
            protocol::Secret,
            settings::DrawSettings,
            states::State,
            steps::{Draw, LogEntry, Move, Standing},
        },
        ids::{DrawId, EditionSlug, Leaf, Ticket, UploaderId},
    },
    runtime::ids::random,
};

/// Concurrent writes.
const AT_ONCE: usize = 16;

/// A draw with the settings with which it was announced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrawRow {
    /// The present state of the draw.
    pub draw: Draw,
    /// The settings at the announcement. A later change of the organiser's file does not change them.
    pub settings: DrawSettings,
    /// The public names of entrants who hold a prize or have received it; `None` in place of a name if the entrant wants none to be shown.
    #[serde(default)]
    pub names: BTreeMap<Leaf, Option<String>>,
    /// [`Draw::version`], in a place where the condition of a write finds it.
    #[serde(rename = "v")]
    version: u64,
}

impl DrawRow {
    /// Creates the row of a draw with the settings with which it was announced.
    pub fn new(draw: Draw, settings: DrawSettings, names: BTreeMap<Leaf, Option<String>>) -> Self {
        Self { version: draw.version, draw, settings, names }
    }

    /// Returns the id of the draw.
    pub fn id(&self) -> &DrawId {
        &self.draw.announcement.draw
    }
}

/// A winner or a reserve, for the person who writes to them.
#[derive(Clone, Debug)]
pub struct Reached {
    /// Their entry.
    pub leaf: Leaf,
    /// The standing of the entry.
    pub standing: Standing,
    /// How they are reached. `None` if that is erased, or if no one has to write to them.
    pub entrant: Option<Entrant>,
}

/// The result of an attempt to enter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entered {
    /// There is an entry in each of the draws.
    Done,
    /// One of the draws no longer takes entries.
    Shut,
    /// Another device has entered one of the draws with this contact.
    ContactTaken,
    /// This device has entered one of the draws in the meantime.
    Again,
}

/// The draws of an installation.
#[derive(Clone, Debug)]
pub struct Draws {
    table: Table,
    key: Arc<OnceCell<[u8; 32]>>,
}

#[derive(Serialize, Deserialize)]
struct SecretRow {
    secret: Secret,
}

#[derive(Serialize, Deserialize)]
struct Withdrawn {
    leaf: Leaf,
}

#[derive(Serialize)]
struct Gate {
    open: bool,
}

#[derive(Serialize)]
struct EnteredBy<'a> {
    uploader: &'a UploaderId,
}

impl Draws {
    /// Returns a handle to the draws in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone(), key: Arc::default() }
    }

    /// Returns all announced draws of an edition, in the order in which they are drawn.
    pub async fn all(&self, edition: &EditionSlug) -> Result<Vec<DrawRow>, Fault> {
        let mut rows: Vec<DrawRow> = self.table.query_all(&draw_pk(edition), Range::All).await?;
        rows.sort_by(|a, b| (a.settings.draws_at, a.id()).cmp(&(b.settings.draws_at, b.id())));
        Ok(rows)
    }

    /// Returns an announced draw. `None` if there is none of that name.
    pub async fn get(&self, edition: &EditionSlug, draw: &DrawId) -> Result<Option<DrawRow>, Fault> {
        self.table.get(&draw_pk(edition), draw.as_str()).await
    }

    /// Returns the log of a draw, oldest first.
    pub async fn log(&self, edition: &EditionSlug, draw: &DrawId) -> Result<Vec<LogEntry>, Fault> {
        self.table.query_all(&log_pk(edition, draw), Range::All).await
    }

    /// Returns the secret of an announced draw: only for the reveal.
    ///
    /// # Errors
    /// A fault of ours if there is none: the draw could never be revealed.
    pub async fn secret(&self, edition: &EditionSlug, draw: &DrawId) -> Result<Secret, Fault> {
        let row: Option<SecretRow> = self.table.get(&format!("DRAWSEC#{edition}"), draw.as_str()).await?;
        row.map(|row| row.secret).ok_or_else(|| Fault::broken("read the secret of a draw", "there is none"))
    }

    /// Commits an announcement with its secret, if the draw is not announced yet; returns whether this call announced it.
    pub async fn announce(
        &self,
        edition: &EditionSlug,
        settings: &DrawSettings,
        secret: &Secret,
        announced: &Move,
    ) -> Result<bool, Fault> {
        let id = &settings.id;
        let items = vec![
            self.table.put_if(draw_item(edition, settings, &announced.after, &BTreeMap::new())?, Condition::ABSENT)?,
            self.table.put_if(log_item(edition, id, &announced.log)?, Condition::ABSENT)?,
            self.table.put_if(
                row(&format!("DRAWSEC#{edition}"), id.as_str(), &SecretRow { secret: secret.clone() })?,
                Condition::ABSENT,
            )?,
        ];
        Ok(self.table.transact("announce draw", items).await? == Transaction::Done)
    }

    /// Commits a move of `row` with its log entry, all or nothing; returns false if the draw was moved since `row` was read. If the same
    /// move is made twice concurrently, one of the calls returns false: its caller reads the draw again and finds the move done.
    pub async fn advance(&self, edition: &EditionSlug, row: &DrawRow, step: &Move) -> Result<bool, Fault> {
        let (id, before) = (row.id(), number(row.version));
        let unmoved = Condition { expression: "#v = :v", names: &[("#v", "v")], values: &[(":v", before)] };
        let mut items = vec![
            self.table.put_if(draw_item(edition, &row.settings, &step.after, &row.names)?, unmoved)?,
            self.table.put_if(log_item(edition, id, &step.log)?, Condition::ABSENT)?,
        ];
        if row.draw.state != step.after.state {
            let gate = match step.after.state {
                State::Open => Some(true),
                State::Frozen => Some(false),
                State::Announced | State::Revealed | State::Settled => None,
            };
            for shard in gate.iter().flat_map(|_| 0..SHARDS) {
                let open = gate.unwrap_or_default();
                items.push(self.put(self::row(&gate_pk(edition, id), &gate_sk(shard), &Gate { open })?)?);
            }
        }
        Ok(self.table.transact("advance draw", items).await? == Transaction::Done)
    }

    /// Stores the public names of winners, if the draw has not been moved since `row` was read; returns whether it has stored them. It is
    /// not a move: the log contains no names.
    pub async fn name(
        &self,
        edition: &EditionSlug,
        row: &DrawRow,
        names: BTreeMap<Leaf, Option<String>>,
    ) -> Result<bool, Fault> {
        let seen = [(":v", number(row.version))];
        let unmoved = Condition { expression: "#v = :v", names: &[("#v", "v")], values: &seen };
        let put = self.table.put_if(draw_item(edition, &row.settings, &row.draw, &names)?, unmoved)?;
        Ok(self.table.transact("name winners", vec![put]).await? == Transaction::Done)
    }

    /// Returns the entries of one device in these draws, each with its draw, including withdrawn ones.
    pub async fn own(
        &self,
        edition: &EditionSlug,
        draws: &[DrawRow],
        uploader: &UploaderId,
    ) -> Result<Vec<(DrawId, Entry)>, Fault> {
        let reads = draws.iter().map(|draw| async {
            let entry: Option<Entry> = self.table.get(&entry_pk(edition, draw.id()), uploader.as_str()).await?;
            Ok::<_, Fault>(entry.map(|entry| (draw.id().clone(), entry)))
        });
        Ok(try_join_all(reads).await?.into_iter().flatten().collect())
    }

    /// Whether an entry was made with this contact.
    pub async fn is_by(&self, draw: &DrawId, entry: &Entry, entering: &Entering) -> Result<bool, Fault> {
        Ok(entry.contact == entering.contact.hash(self.key().await?, draw))
    }

    /// Makes an entry in each of these draws, in which the device has none, and stores how the entrant is reached, all or nothing.
    /// `last_draw` is the time of the edition's last draw.
    pub async fn enter(
        &self,
        edition: &EditionSlug,
        draws: &[DrawRow],
        uploader: &UploaderId,
        entering: &Entering,
        last_draw: Timestamp,
        now: Timestamp,
    ) -> Result<Entered, Fault> {
        let key = *self.key().await?;
        let entrant = Entrant::new(uploader, entering, last_draw, now);
        let mut items = vec![self.put(row(&entrant_pk(edition), uploader.as_str(), &entrant)?)?];
        for draw in draws {
            let contact = entering.contact.hash(&key, draw.id());
            let entry = Entry {
                uploader: uploader.clone(),
                ticket: Ticket::from_bits(random()),
                contact: contact.clone(),
                at: now,
                withdrawn_at: None,
            };
            items.push(self.is_open(edition, draw.id(), uploader)?);
            items.push(
                self.table.put_if(row(&entry_pk(edition, draw.id()), uploader.as_str(), &entry)?, Condition::ABSENT)?,
            );
            let mine = [(":me", text(uploader.as_str()))];
            let free =
                Condition { expression: "attribute_not_exists(PK) OR uploader = :me", names: &[], values: &mine };
            items.push(
                self.table.put_if(row(&entered_pk(edition, draw.id()), &contact, &EnteredBy { uploader })?, free)?,
            );
        }
        let refused = match self.table.transact("enter draws", items).await? {
            Transaction::Done => return Ok(Entered::Done),
            Transaction::Refused(refused) => refused,
        };
        let any = |which: usize| refused.iter().any(|item| *item > 0 && (item - 1) % 3 == which);
        Ok(if any(1) {
            Entered::Again
        } else if any(0) {
            Entered::Shut
        } else {
            Entered::ContactTaken
        })
    }

    /// Withdraws an entry. While the draw takes entries, the entry is deleted; afterwards it is marked, since it may be in the published
    /// list. Repeating it changes nothing.
    pub async fn withdraw(
        &self,
        edition: &EditionSlug,
        draw: &DrawId,
        entry: &Entry,
        now: Timestamp,
    ) -> Result<(), Fault> {
        if entry.withdrawn_at.is_some() {
            return Ok(());
        }
        let (pk, sk) = (entry_pk(edition, draw), entry.uploader.as_str());
        let hashed = self.table.delete_if_there(&entered_pk(edition, draw), &entry.contact)?;
        let removed =
            vec![self.is_open(edition, draw, &entry.uploader)?, self.table.delete_if_there(&pk, sk)?, hashed.clone()];
        if self.table.transact("withdraw entry", removed).await? == Transaction::Done {
            return Ok(());
        }
        let marked = Entry { withdrawn_at: Some(now), ..entry.clone() };
        let leaf = entry.leaf(draw);
        // An entry that did not count may have been deleted meanwhile: it must not come back.
        let items = vec![
            self.table.put_if(row(&pk, sk, &marked)?, Condition::plain("attribute_exists(PK)"))?,
            hashed,
            self.put(row(&withdrawn_pk(edition, draw), leaf.as_str(), &Withdrawn { leaf: leaf.clone() })?)?,
        ];
        self.table.transact("mark entry", items).await.map(drop)
    }

    /// Withdraws all entries of a device in an edition, and erases how its entrant is reached.
    pub async fn leave(&self, edition: &EditionSlug, uploader: &UploaderId, now: Timestamp) -> Result<(), Fault> {
        let draws = self.all(edition).await?;
        for (draw, entry) in self.own(edition, &draws, uploader).await? {
            self.withdraw(edition, &draw, &entry, now).await?;
        }
        self.erase(edition, std::slice::from_ref(uploader)).await
    }

    /// Returns the entries of a draw that were withdrawn after it was shut.
    pub async fn withdrawn(&self, edition: &EditionSlug, draw: &DrawId) -> Result<BTreeSet<Leaf>, Fault> {
        let rows: Vec<Withdrawn> = self.table.query_all(&withdrawn_pk(edition, draw), Range::All).await?;
        Ok(rows.into_iter().map(|row| row.leaf).collect())
    }

    /// Returns the entries of a draw, in no particular order.
    pub async fn entries(&self, edition: &EditionSlug, draw: &DrawId) -> Result<Vec<Entry>, Fault> {
        self.table.query_all(&entry_pk(edition, draw), Range::All).await
    }

    /// Returns the number of entries of a draw, including withdrawn ones that may be in the published list.
    pub async fn count(&self, edition: &EditionSlug, draw: &DrawId) -> Result<usize, Fault> {
        self.table.count(&entry_pk(edition, draw)).await
    }

    /// Deletes every row of the only draw of an edition: for rehearsals.
    pub(super) async fn forget(&self, edition: &EditionSlug, draw: &DrawId) -> Result<(), Fault> {
        for partition in [
            entry_pk(edition, draw),
            entered_pk(edition, draw),
            withdrawn_pk(edition, draw),
            entrant_pk(edition),
            gate_pk(edition, draw),
            log_pk(edition, draw),
            format!("DRAWSEC#{edition}"),
            draw_pk(edition),
        ] {
            self.table.erase_partition(&partition).await?;
        }
        Ok(())
    }

    /// Deletes entries of a draw that do not count.
    pub async fn remove(&self, edition: &EditionSlug, draw: &DrawId, entries: &[Entry]) -> Result<(), Fault> {
        for some in entries.chunks(AT_ONCE) {
            let mut removals = Vec::with_capacity(some.len());
            for entry in some {
                removals.push(self.remove_one(edition, draw, entry));
            }
            try_join_all(removals).await?;
        }
        Ok(())
    }

    async fn remove_one(&self, edition: &EditionSlug, draw: &DrawId, entry: &Entry) -> Result<(), Fault> {
        let items = vec![
            self.table.delete_if_there(&entry_pk(edition, draw), entry.uploader.as_str())?,
            self.table.delete_if_there(&entered_pk(edition, draw), &entry.contact)?,
        ];
        self.table.transact("remove entry", items).await.map(drop)
    }

    /// Returns how an entrant is reached. `None` if that is erased.
    pub async fn entrant(&self, edition: &EditionSlug, uploader: &UploaderId) -> Result<Option<Entrant>, Fault> {
        self.table.get(&entrant_pk(edition), uploader.as_str()).await
    }

    /// Returns how entrants are reached, in no particular order; those whose contacts are erased are left out.
    pub async fn entrants_of(&self, edition: &EditionSlug, uploaders: &[UploaderId]) -> Result<Vec<Entrant>, Fault> {
        let keys: Vec<_> =
            uploaders.iter().map(|uploader| (entrant_pk(edition), uploader.as_str().to_owned())).collect();
        self.table.get_many(&keys).await
    }

    /// Returns the entrants of all draws of an edition who can still be reached.
    pub async fn entrants(&self, edition: &EditionSlug) -> Result<Vec<Entrant>, Fault> {
        self.table.query_all(&entrant_pk(edition), Range::All).await
    }

    /// Erases how entrants are reached.
    pub async fn erase(&self, edition: &EditionSlug, uploaders: &[UploaderId]) -> Result<(), Fault> {
        let pk = entrant_pk(edition);
        for some in uploaders.chunks(AT_ONCE) {
            let mut erasures = Vec::with_capacity(some.len());
            for uploader in some {
                erasures.push(self.table.delete(&pk, uploader.as_str()));
            }
            try_join_all(erasures).await?;
        }
        Ok(())
    }

    /// Returns the entries of these leaves, in the order of `leaves`; `None` for a leaf that has none.
    pub async fn by_leaves(
        &self,
        edition: &EditionSlug,
        draw: &DrawId,
        leaves: &[Leaf],
    ) -> Result<Vec<Option<Entry>>, Fault> {
        let entries = self.entries(edition, draw).await?;
        let mut found = vec![None; leaves.len()];
        for entry in entries {
            let leaf = entry.leaf(draw);
            if let Some(place) = leaves.iter().position(|wanted| *wanted == leaf) {
                found[place] = Some(entry);
            }
        }
        Ok(found)
    }

    /// Returns how the entrants of these leaves are reached, in the order of `leaves`; `None` if the contact is erased.
    pub async fn reached(
        &self,
        edition: &EditionSlug,
        draw: &DrawId,
        leaves: &[Leaf],
    ) -> Result<Vec<Option<Entrant>>, Fault> {
        let entries = self.by_leaves(edition, draw, leaves).await?;
        let uploaders: Vec<UploaderId> = entries.iter().flatten().map(|entry| entry.uploader.clone()).collect();
        let entrants = self.entrants_of(edition, &uploaders).await?;
        let of = |entry: Entry| entrants.iter().find(|entrant| entrant.uploader == entry.uploader).cloned();
        Ok(entries.into_iter().map(|entry| entry.and_then(of)).collect())
    }

    /// Returns how winners and reserves of a draw are reached who hold a prize or may still get one. For all others it returns no contact,
    /// since no one has to write to them. Callers must have checked [`Draw::tells_contacts`], and recorded the look.
    pub async fn contacts(&self, edition: &EditionSlug, row: &DrawRow) -> Result<Vec<Reached>, Fault> {
        let places = &row.draw.places;
        let leaves: Vec<Leaf> = places.iter().map(|place| place.leaf.clone()).collect();
        let entrants = self.reached(edition, row.id(), &leaves).await?;
        let all = places.iter().zip(entrants).map(|(place, entrant)| {
            let entrant = match place.standing {
                Standing::Holds { .. } | Standing::Waits => entrant,
                Standing::Delivered { .. } | Standing::Out { .. } => None,
            };
            Reached { leaf: place.leaf.clone(), standing: place.standing, entrant }
        });
        Ok(all.collect())
    }

    /// Returns the key with which contacts are hashed: a secret of the installation.
    async fn key(&self) -> Result<&[u8; 32], Fault> {
        self.key.get_or_try_init(|| installation_secret(&self.table, "draw-contacts")).await
    }

    /// A check of a transaction: that the draw takes entries.
    fn is_open(&self, edition: &EditionSlug, draw: &DrawId, uploader: &UploaderId) -> Result<TransactWriteItem, Fault> {
        let open = [(":open", AttributeValue::Bool(true))];
        let condition = Condition { expression: "#open = :open", names: &[("#open", "open")], values: &open };
        self.table.check(&gate_pk(edition, draw), &gate_sk(uploader.shard(SHARDS)), condition)
    }

    /// An unconditional put of a transaction.
    fn put(&self, item: Item) -> Result<TransactWriteItem, Fault> {
        let put = Put::builder().table_name(&self.table.name).set_item(Some(item)).build();
        Ok(TransactWriteItem::builder().put(put.map_err(|error| Fault::broken("write row", error))?).build())
    }
}

fn draw_item(
    edition: &EditionSlug,
    settings: &DrawSettings,
    draw: &Draw,
    names: &BTreeMap<Leaf, Option<String>>,
) -> Result<Item, Fault> {
    row(&draw_pk(edition), settings.id.as_str(), &DrawRow::new(draw.clone(), settings.clone(), names.clone()))
}

fn log_item(edition: &EditionSlug, draw: &DrawId, entry: &LogEntry) -> Result<Item, Fault> {
    row(&log_pk(edition, draw), &format!("{:06}", entry.version), entry)
}

fn draw_pk(edition: &EditionSlug) -> String {
    format!("DRAW#{edition}")
}

fn log_pk(edition: &EditionSlug, draw: &DrawId) -> String {
    format!("DRAWLOG#{edition}#{draw}")
}

fn gate_pk(edition: &EditionSlug, draw: &DrawId) -> String {
    format!("DRAWGATE#{edition}#{draw}")
}

fn gate_sk(shard: u8) -> String {
    format!("{shard:02}")
}

fn entry_pk(edition: &EditionSlug, draw: &DrawId) -> String {
    format!("ENTRY#{edition}#{draw}")
}

fn entered_pk(edition: &EditionSlug, draw: &DrawId) -> String {
    format!("ENTRYBY#{edition}#{draw}")
}

fn withdrawn_pk(edition: &EditionSlug, draw: &DrawId) -> String {
    format!("ENTRYOUT#{edition}#{draw}")
}

fn entrant_pk(edition: &EditionSlug) -> String {
    format!("ENTRANT#{edition}")
}
