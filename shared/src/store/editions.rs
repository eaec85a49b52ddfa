//! Editions, and the installation's own secrets. (Patterns 4, 14)

use std::sync::{Arc, Mutex};

use data_encoding::BASE64;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;

use super::{
    Fault,
    table::{ATTEMPTS, Condition, Range, Table, Transaction, back_off, number, row},
    trials::Trials,
};
use crate::{
    domain::{
        edition::{self, Edition},
        ids::{ClientRef, EditionSlug, Network, NetworkId, PhotoId, UploaderId},
        trial,
    },
    runtime::{Clock, Ids, ids::random},
};

/// Seconds for which a function reuses the editions that it read: a pause takes effect everywhere within this time.
pub const FRESH_SECONDS: i64 = 3;

/// The editions that were read, and when.
type Known = Option<(Timestamp, Vec<Edition>)>;

/// The editions, cached for a few seconds.
#[derive(Clone, Debug)]
pub struct Editions {
    table: Table,
    clock: Clock,
    known: Arc<Mutex<Known>>,
}

impl Editions {
    /// Returns a handle to the editions in `table`, which are cached for a few seconds by `clock`.
    pub fn new(table: &Table, clock: &Clock) -> Self {
        Self { table: table.clone(), clock: clock.clone(), known: Arc::default() }
    }

    /// Returns all editions, the latest first.
    pub async fn all(&self) -> Result<Vec<Edition>, Fault> {
        let now = self.clock.now();
        if let Some((read_at, editions)) = self.known().as_ref()
            && now.duration_since(*read_at).abs() < SignedDuration::from_secs(FRESH_SECONDS)
        {
            return Ok(editions.clone());
        }
        let mut editions: Vec<Edition> = self.table.query_all("CFG", Range::Prefix("E#")).await?;
        editions.sort_by_key(|edition| std::cmp::Reverse(edition.opens_at));
        *self.known() = Some((now, editions.clone()));
        Ok(editions)
    }

    /// Returns the edition that the site shows.
    pub async fn current(&self) -> Result<Option<Edition>, Fault> {
        Ok(edition::current(&self.all().await?).cloned())
    }

    /// Empties the cache, so that a caller who has just changed an edition sees the change.
    pub fn forget(&self) {
        *self.known() = None;
    }

    /// Returns the edition called `slug`, including that of a [trial], which no list shows.
    pub async fn get(&self, slug: &EditionSlug) -> Result<Option<Edition>, Fault> {
        if trial::is_trial(slug) {
            return Ok(Trials::new(&self.table).get(slug).await?.map(|trial| trial.edition));
        }
        Ok(self.all().await?.into_iter().find(|edition| edition.slug == *slug))
    }

    /// Writes an edition as in the organiser's settings file. Changes made on the console since, such as a pause or more partitions of the
    /// feeds, stay; so do changes made during this call.
    pub async fn put(&self, edition: &Edition) -> Result<(), Fault> {
        let again = |before: &Edition| Ok::<_, Fault>(edition.deployed_over(before));
        for _ in 0..ATTEMPTS {
            if self.change(&edition.slug, again).await?.is_some() {
                return Ok(());
            }
            if self.table.put_new(row("CFG", &sort_key(&edition.slug), edition)?).await? {
                self.forget();
                return Ok(());
            }
        }
        Err(Fault::passing("write edition", "it comes and goes"))
    }

    /// Changes an edition by `rule`, which is called again if someone else changed the edition meanwhile. Returns the changed edition;
    /// `None` if there is no such edition.
    ///
    /// # Errors
    /// The error of `rule`, and faults of the service.
    pub async fn change<E: From<Fault>>(
        &self,
        slug: &EditionSlug,
        rule: impl Fn(&Edition) -> Result<Edition, E>,
    ) -> Result<Option<Edition>, E> {
        let sk = sort_key(slug);
        for attempt in 1..=ATTEMPTS {
            let Some(before) = self.table.get::<Edition>("CFG", &sk).await? else { return Ok(None) };
            let mut after = rule(&before)?;
            after.day.revision = before.day.revision + 1;
            let (names, values) =
                ([("#day", "day"), ("#revision", "revision")], [(":seen", number(before.day.revision))]);
            let expression = match before.day.revision {
                0 => "attribute_exists(PK) AND (attribute_not_exists(#day.#revision) OR #day.#revision = :seen)",
                _ => "#day.#revision = :seen",
            };
            let unchanged = Condition { expression, names: &names, values: &values };
            // A transaction, since its answer may be lost: the service recognises a repeated transaction, while a repeated conditional
            // write would be refused because of itself.
            let put = self.table.put_if(row("CFG", &sk, &after)?, unchanged)?;
            match self.table.transact("change edition", vec![put]).await? {
                Transaction::Done => {
                    self.forget();
                    return Ok(Some(after));
                }
                Transaction::Refused(_) => back_off(attempt).await,
            }
        }
        Err(Fault::passing("change edition", "others kept changing it").into())
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn sort_key(slug: &EditionSlug) -> String {
    format!("E#{slug}")
}

#[derive(Serialize, Deserialize)]
struct Secret {
    value: String,
}

/// The ids of this installation's photos and networks. The key from which they are derived is a row of the table, read when first needed.
#[derive(Clone, Debug)]
pub struct PhotoIds {
    table: Table,
    ids: Arc<OnceCell<Ids>>,
}

impl PhotoIds {
    /// Creates the ids of the installation that `table` belongs to.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone(), ids: Arc::default() }
    }

    /// Returns the id of the photo that `uploader` calls `reference`: always the same one.
    pub async fn of(&self, uploader: &UploaderId, reference: &ClientRef) -> Result<PhotoId, Fault> {
        Ok(self.ids().await?.photo(uploader, reference))
    }

    /// Returns the id of a network: always the same one within this installation, and useless anywhere else.
    pub async fn network(&self, network: &Network) -> Result<NetworkId, Fault> {
        Ok(self.ids().await?.network(network))
    }

    async fn ids(&self) -> Result<&Ids, Fault> {
        let made = async || installation_secret(&self.table, "photo-ids").await.map(Ids::new);
        self.ids.get_or_try_init(made).await
    }
}

/// Returns a secret of this installation, which is a row of the table and is made when it is first needed.
///
/// # Errors
/// Faults of the service, and a malformed row.
pub(super) async fn installation_secret(table: &Table, name: &str) -> Result<[u8; 32], Fault> {
    let made = Secret { value: BASE64.encode(&random::<32>()) };
    // The first function that ever needs the key writes it; all others read what it wrote.
    table.put_new(row("SECRET", name, &made)?).await?;
    let secret: Option<Secret> = table.get("SECRET", name).await?;
    let key = secret.and_then(|secret| BASE64.decode(secret.value.as_bytes()).ok()?.try_into().ok());
    key.ok_or_else(|| Fault::broken("read a secret of the installation", "it is absent or not 32 bytes"))
}
