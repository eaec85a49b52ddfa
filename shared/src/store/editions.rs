//! Editions, and the installation's own secrets. (Patterns 4, 14)

use std::sync::{Arc, Mutex};

use data_encoding::BASE64;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;

use super::{
    Fault,
    fault::{fault, is_refused},
    table::{Range, Table, back_off, number, row},
};
use crate::{
    domain::{
        edition::{self, Edition, Window},
        ids::{ClientRef, EditionSlug, PhotoId, UploaderId},
    },
    runtime::{Clock, Ids, ids::random},
};

/// Seconds for which a function goes on with the editions that it read: a pause is felt everywhere within this time.
const FRESH_SECONDS: i64 = 3;

/// Attempts at one change while others change the same edition.
const ATTEMPTS: u32 = 10;

/// What was read, and when.
type Known = Option<(Timestamp, Vec<Edition>)>;

/// The editions.
#[derive(Clone, Debug)]
pub struct Editions {
    table: Table,
    clock: Clock,
    known: Arc<Mutex<Known>>,
}

impl Editions {
    /// The editions of `table`, kept for a few seconds by `clock`.
    pub fn new(table: &Table, clock: &Clock) -> Self {
        Self { table: table.clone(), clock: clock.clone(), known: Arc::default() }
    }

    /// All editions, the latest first.
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

    /// The edition that the site is about.
    pub async fn current(&self) -> Result<Option<Edition>, Fault> {
        Ok(edition::current(&self.all().await?).cloned())
    }

    /// Forgets what was read, so that whoever has just changed something sees it.
    pub fn forget(&self) {
        *self.known() = None;
    }

    /// The edition called `slug`.
    pub async fn get(&self, slug: &EditionSlug) -> Result<Option<Edition>, Fault> {
        Ok(self.all().await?.into_iter().find(|edition| edition.slug == *slug))
    }

    /// Writes an edition as the organiser's settings say. What the day itself has set since, a pause and wider feeds, stays.
    pub async fn put(&self, edition: &Edition) -> Result<(), Fault> {
        let sk = format!("E#{}", edition.slug);
        let before: Option<Edition> = self.table.get("CFG", &sk).await?;
        let edition = match before {
            Some(before) => Edition {
                paused: before.paused,
                feed_shards: before.feed_shards.max(edition.feed_shards),
                day: before.day.clone(),
                ..match before.day.window {
                    Window::Settings => edition.clone(),
                    Window::Console => Edition {
                        opens_at: before.opens_at,
                        closes_at: before.closes_at,
                        grace_ends_at: before.grace_ends_at,
                        ..edition.clone()
                    },
                }
            },
            None => edition.clone(),
        };
        self.table.put(row("CFG", &sk, &edition)?).await?;
        *self.known() = None;
        Ok(())
    }

    /// Changes an edition by `rule`, which is asked again where somebody else changed it meanwhile; answers with what it is now,
    /// or with none where there is no such edition.
    ///
    /// # Errors
    /// What `rule` refuses, and faults of the service.
    pub async fn change<E: From<Fault>>(
        &self,
        slug: &EditionSlug,
        rule: impl Fn(&Edition) -> Result<Edition, E>,
    ) -> Result<Option<Edition>, E> {
        let sk = format!("E#{slug}");
        for attempt in 1..=ATTEMPTS {
            let Some(before) = self.table.get::<Edition>("CFG", &sk).await? else { return Ok(None) };
            let mut after = rule(&before)?;
            after.day.revision = before.day.revision + 1;
            let put = self
                .table
                .client
                .put_item()
                .table_name(&self.table.name)
                .set_item(Some(row("CFG", &sk, &after)?))
                .condition_expression("attribute_not_exists(#day) OR #day.#revision = :seen")
                .expression_attribute_names("#day", "day")
                .expression_attribute_names("#revision", "revision")
                .expression_attribute_values(":seen", number(before.day.revision));
            match put.send().await {
                Ok(_) => {
                    *self.known() = None;
                    return Ok(Some(after));
                }
                Err(error) if is_refused(&error) => back_off(attempt).await,
                Err(error) => return Err(fault("change edition")(error).into()),
            }
        }
        Err(Fault::passing("change edition", "others kept changing it").into())
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[derive(Serialize, Deserialize)]
struct Secret {
    value: String,
}

/// The ids of this installation's photos: the key under which they are derived is a row of the table, read when first needed.
#[derive(Clone, Debug)]
pub struct PhotoIds {
    table: Table,
    ids: Arc<OnceCell<Ids>>,
}

impl PhotoIds {
    /// The ids of the installation whose table that is.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone(), ids: Arc::default() }
    }

    /// The id of the photo that `uploader` calls `reference`: always the same one.
    pub async fn of(&self, uploader: &UploaderId, reference: &ClientRef) -> Result<PhotoId, Fault> {
        let ids = self.ids.get_or_try_init(|| self.read_or_make()).await?;
        Ok(ids.photo(uploader, reference))
    }

    async fn read_or_make(&self) -> Result<Ids, Fault> {
        let made = Secret { value: BASE64.encode(&random::<32>()) };
        // The first function that ever asks wins; all others read what it wrote.
        self.table.put_new(row("SECRET", "photo-ids", &made)?).await?;
        let secret: Option<Secret> = self.table.get("SECRET", "photo-ids").await?;
        let key = secret.and_then(|secret| BASE64.decode(secret.value.as_bytes()).ok()?.try_into().ok());
        key.map(Ids::new).ok_or_else(|| Fault::broken("read the key of ids", "it is absent or not 32 bytes"))
    }
}
