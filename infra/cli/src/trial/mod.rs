//! Tries out a running installation: its pages as a visitor sees them, and photos that take the whole way, from their registration until
//! nothing of them is left.
//!
//! It checks above all what emulated services are too lenient to show: that the edge passes on what is needed and nothing else, that
//! signatures and bucket policies are enforced, that the functions' own grants suffice, that a removal reaches the caches. So every request
//! is made as the people of the day make it, and the caller's credentials serve only to reserve, to inspect and to clean up. Its photos are
//! in an edition of their own, which is open on any day and which no list names.
//!
//! Decision: a check that cannot be made because another one failed is reported as not made. So each fault shows in the check that is meant
//! for it, and not in a dozen.

pub mod checks;
mod pages;
mod photos;
mod tidy;

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http::{Method, StatusCode};
use shared::{
    domain::{
        Edition, Photo, UploaderId,
        ids::{EditionSlug, Sha256Hex, UploaderSecret},
        photo::{Consent, People},
        request::{PhotoSpec, UploadRequest},
        states::Role,
        trial::{self, Trial},
    },
    runtime::{Clock, ids},
    store::{
        Aws, Outcome, Photos,
        buckets::{Originals, Public, Review},
        editions::PhotoIds,
        members::{Members, Person},
        similar_photos::SimilarPhotos,
        table::Table,
        trials::Trials,
    },
};

use self::checks::{Asked, Check};
use crate::{
    cloud::http::{Answer, Http},
    sample_photos,
};

/// The installation to try, and the names of its resources.
pub struct Stack<'a> {
    /// Clients of the table and buckets.
    pub aws: &'a Aws,
    /// The address at which the site is tried.
    pub site: String,
    /// The address that the site considers its own.
    pub origin: String,
    /// Name of the table.
    pub table: String,
    /// Names of the buckets.
    pub buckets: Buckets,
    /// The state of the subscriptions to alarms.
    pub alarms: Alarms,
}

/// The names of the buckets.
pub struct Buckets {
    /// The bucket of originals.
    pub originals: String,
    /// The bucket of renditions under review.
    pub review: String,
    /// The bucket of public renditions.
    pub public: String,
    /// The bucket of recorded removals.
    pub removals: String,
}

/// The state of the subscriptions to alarms.
pub enum Alarms {
    /// What is wrong with the subscriptions, one sentence each.
    Asked(Vec<String>),
    /// They were not checked, and why.
    NotAsked(String),
}

/// How long to wait for things that take time.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Pages that do not answer correctly yet, from the beginning.
    pub pages: Duration,
    /// The renditions of a photo: a cold start, a full queue, and a retry.
    pub renditions: Duration,
    /// A removal that must reach all edges.
    pub removal: Duration,
}

impl Patience {
    /// For a site just deployed, perhaps for the first time: its name is not known everywhere, and nothing has started yet.
    pub const DEPLOYED: Self =
        Self { pages: Duration::from_mins(3), renditions: Duration::from_mins(3), removal: Duration::from_mins(3) };
    /// For a site that has run for a while.
    pub const RUNNING: Self = Self { pages: Duration::from_secs(20), ..Self::DEPLOYED };
    /// For a laptop.
    pub const LAPTOP: Self = Self::new(Duration::from_secs(30));

    /// Returns the same patience for everything.
    pub const fn new(all: Duration) -> Self {
        Self { pages: all, renditions: all, removal: all }
    }
}

/// A message about the trial's progress.
pub enum Told<'a> {
    /// What the trial is waiting for.
    Waits(&'a str),
    /// A check that was made.
    Tried(&'a Check),
}

/// Makes all checks.
///
/// # Errors
/// If the trial could not even begin. What does not work is in the checks.
pub async fn run(
    stack: &Stack<'_>,
    edition: &Edition,
    patience: Patience,
    told: impl FnMut(Told<'_>),
) -> Result<Vec<Check>> {
    let clock = Clock::system();
    let table = Table::new(&stack.aws.dynamodb, &stack.table);
    tidy::earlier(stack, &table, &clock).await.context("what an earlier trial has left cannot be removed")?;
    let prepared = Prepared::new(&table, edition, &clock).await.context("the trial cannot begin")?;
    let mut run = Run {
        stack,
        prepared: &prepared,
        photos: Photos::new(&table),
        originals: Originals::new(&stack.aws.s3, &stack.buckets.originals),
        review: Review::new(&stack.aws.s3, &stack.buckets.review),
        public: Public::new(&stack.aws.s3, &stack.buckets.public),
        looks: SimilarPhotos::new(&table),
        http: Http::new()?,
        clock,
        patience,
        began: Instant::now(),
        checks: Vec::new(),
        told,
    };
    let ended = Box::pin(run.everything(&table)).await;
    if let Err(error) = ended {
        run.broke_off(&error);
    }
    let tidied = tidy::end(stack, &table, &prepared.trial, &run.clock).await;
    run.check(&checks::TIDY, tidied);
    Ok(run.checks)
}

/// What a trial needs before its first check.
struct Prepared {
    trial: Trial,
    secret: String,
    person: Person,
    request: UploadRequest,
}

/// The trial's photos, by their purpose: one for each way of sending, so that a storage that accepts what it should refuse spoils no other
/// check.
const PHOTOS: [&str; 4] = ["whole-way", "own-address", "without-condition", "other-bytes"];

impl Prepared {
    async fn new(table: &Table, edition: &Edition, clock: &Clock) -> Result<Self> {
        let now = clock.now();
        let slug: EditionSlug = format!("{}{}", trial::PREFIX, ids::key_id()).parse()?;
        let secret = ids::secret();
        let uploader = UploaderId::from_secret(&secret.parse::<UploaderSecret>()?);
        let photo_ids = PhotoIds::new(table);
        let mut photos = Vec::with_capacity(PHOTOS.len());
        for name in PHOTOS {
            photos.push(photo_ids.of(&uploader, &name.parse()?).await?);
        }
        let person = Person::new(ids::key_id(), "Trial of the installation", Role::Moderator, &[], now);
        let edition = trial::edition(slug, edition, now);
        let request = request(&edition)?;
        let trial = Trial { edition, uploader, photos, member: person.id.clone() };
        Trials::new(table).begin(&trial, &person).await?;
        Ok(Self { trial, secret, person, request })
    }
}

/// Builds the registration of photos that are recognisable as a trial's.
fn request(edition: &Edition) -> Result<UploadRequest> {
    let file = file();
    let spec = |name: &str| {
        anyhow::Ok(PhotoSpec {
            reference: name.parse()?,
            content_type: "image/jpeg".to_owned(),
            size_bytes: file.len() as u64,
            sha256: Sha256Hex::digest(&file),
            caption: "Trial of the installation: not a photo of the day".to_owned(),
            alt: String::new(),
            people: People::None,
            parts: Vec::new(),
            sound: false,
            transcript: String::new(),
        })
    };
    Ok(UploadRequest {
        consent: Consent { version: edition.consent.version.clone(), web: true, social: false, press: false },
        credit: String::new(),
        school: None,
        discipline: edition.disciplines.first().map(|discipline| discipline.slug.clone()),
        photos: PHOTOS.iter().map(|name| spec(name)).collect::<Result<_>>()?,
    })
}

fn file() -> Bytes {
    Bytes::from_static(sample_photos::FILES[0].1)
}

/// A trial in progress.
struct Run<'a, F> {
    stack: &'a Stack<'a>,
    prepared: &'a Prepared,
    photos: Photos,
    originals: Originals,
    review: Review,
    public: Public,
    looks: SimilarPhotos,
    http: Http,
    clock: Clock,
    patience: Patience,
    began: Instant,
    checks: Vec<Check>,
    told: F,
}

impl<F: FnMut(Told<'_>)> Run<'_, F> {
    async fn everything(&mut self, table: &Table) -> Result<()> {
        self.alarms();
        if !self.pages().await {
            self.leave("the site does not answer at its address");
            return Ok(());
        }
        let cookie = self.sign_in(&Members::new(table)).await;
        self.members_page(cookie.as_deref()).await;
        Box::pin(self.whole_way(cookie.as_deref())).await
    }

    fn alarms(&mut self) {
        match &self.stack.alarms {
            Alarms::Asked(wrong) if wrong.is_empty() => self.note(checks::ALARMS.found(None)),
            Alarms::Asked(wrong) => self.note(checks::ALARMS.found(Some(wrong.join("; ")))),
            Alarms::NotAsked(why) => self.note(checks::ALARMS.not_asked(why)),
        }
    }

    /// Records that the remaining checks could not be made: the first of them gets the error.
    fn broke_off(&mut self, error: &anyhow::Error) {
        if let Some(first) = self.left().first() {
            self.note(first.found(Some(format!("the trial stopped: {error:#}"))));
        }
        self.leave("the trial stopped before this");
    }

    /// Records why all remaining checks are left out.
    fn leave(&mut self, why: &str) {
        for asked in self.left() {
            self.note(asked.not_asked(why));
        }
    }

    /// Returns the checks that were not made yet, except for the last one of every trial.
    fn left(&self) -> Vec<&'static Asked> {
        let all = checks::ALL.iter().copied().filter(|asked| asked.id != checks::TIDY.id);
        all.filter(|asked| self.checks.iter().all(|check| check.id != asked.id)).collect()
    }

    fn note(&mut self, check: Check) {
        (self.told)(Told::Tried(&check));
        self.checks.push(check);
    }

    /// Records the result of a check. Returns what it found, or `None` if it failed.
    fn check<T>(&mut self, asked: &Asked, found: Result<T>) -> Option<T> {
        let (found, wrong) = match found {
            Ok(found) => (Some(found), None),
            Err(error) => (None, Some(format!("{error:#}"))),
        };
        self.note(asked.found(wrong));
        found
    }

    /// Records that a check could not be made because another one failed.
    fn skip(&mut self, asked: &Asked, failed: &Asked) {
        self.note(asked.not_asked(&format!("it can only be checked if {}", failed.what)));
    }

    /// Tries a page until it is correct or the time is over.
    async fn page<T>(&mut self, asked: &Asked, attempt: impl AsyncFn(&Self) -> Result<T>) -> Option<T> {
        let found = loop {
            let found = attempt(self).await;
            let Err(error) = &found else { break found };
            if self.began.elapsed() >= self.patience.pages {
                break found;
            }
            self.waits(&format!("{error:#}"), self.began, self.patience.pages);
            tokio::time::sleep(AGAIN).await;
        };
        self.check(asked, found)
    }

    /// Reports what is awaited, and since when.
    fn waits(&mut self, what: &str, since: Instant, most: Duration) {
        let words = format!("{} of {} s: {what}", since.elapsed().as_secs(), most.as_secs());
        (self.told)(Told::Waits(&words));
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Result<Answer> {
        self.http.send(Method::GET, &self.at(path), headers, Bytes::new()).await
    }

    /// Returns the address of a path on the site.
    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.stack.site)
    }

    /// Registers the photo of this name, as a device does before it sends the file.
    async fn reserve(&self, name: &str) -> Result<Photo> {
        let Prepared { trial, request, .. } = self.prepared;
        let place = PHOTOS.iter().position(|known| *known == name).context("no photo of that name")?;
        let asked = request.photo(&trial.uploader, None, &request.photos[place]);
        let change = Photo::reserve(trial.photos[place].clone(), &trial.edition, &asked, self.clock.now())?;
        match self.photos.advance(&change).await? {
            Outcome::Done => Ok(change.after),
            Outcome::Lost(_) => bail!("a photo with that id already exists"),
        }
    }
}

/// Pause between two attempts.
const AGAIN: Duration = Duration::from_secs(1);

/// Describes an unexpected answer: its status, and the storage's error code or the problem's text.
fn described(answer: &Answer) -> String {
    let text = String::from_utf8_lossy(&answer.body);
    let element = |name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        rest.split_once(&format!("</{name}>")).map(|(inside, _)| inside.to_owned())
    };
    let problem = || {
        let body: serde_json::Value = serde_json::from_slice(&answer.body).ok()?;
        body["detail"].as_str().map(str::to_owned)
    };
    let said = match (element("Code"), element("Message")) {
        (Some(code), Some(message)) => Some(format!("{code}: {message}")),
        (code, _) => code.or_else(problem),
    };
    let status = answer.status.as_u16();
    said.map_or_else(|| status.to_string(), |said| format!("{status} ({said})"))
}

fn expect(answer: &Answer, wanted: &[StatusCode]) -> Result<()> {
    if wanted.contains(&answer.status) {
        return Ok(());
    }
    let wanted: Vec<_> = wanted.iter().map(|status| status.as_u16().to_string()).collect();
    bail!("expected {}, got {}", wanted.join(" or "), described(answer))
}

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}
