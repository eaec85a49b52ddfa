//! A deployed stack, tried out: the pages as a visitor has them, and one photo that goes the whole road and is deleted.
//!
//! Each check is something that only the deployed stack can show, because emulated services are more lenient than AWS: that a
//! signature's headers are demanded, that an event arrives, that the edge adds its headers. The photo is reserved with the
//! deployer's own credentials, so that this works on any day, and it is never shown to anybody.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http::{Method, StatusCode};
use serde::Serialize;
use shared::{
    domain::{
        Edition, Photo, State, UploaderId, event_file,
        ids::{Sha256Hex, UploaderSecret},
        photo::{Consent, People},
        request::{PhotoSpec, UploadRequest},
    },
    runtime::{Clock, ids},
    store::{
        Aws, Outcome, Photos,
        buckets::{Originals, PresignedUpload, Public, Removals, Review},
        edges::Edges,
        editions::PhotoIds,
        outbox::{Purger, Rooms},
        photos::Applied,
        table::Table,
    },
};

use super::http::Http;
use crate::sample_photos;

/// How long the renditions of the one photo may take: a cold start, a full queue, and a retry.
const ROAD: Duration = Duration::from_mins(3);

/// What is tried out, and where it keeps things.
pub struct Stack {
    /// The site's address.
    pub site: String,
    /// The table's name.
    pub table: String,
    /// The buckets' names: originals, review, public, removals.
    pub buckets: [String; 4],
}

/// One thing that was tried.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    /// What must be so.
    pub what: &'static str,
    /// What was found instead; none if it is so.
    pub wrong: Option<String>,
}

/// Tries everything; `told` hears of each check when it is over.
///
/// # Errors
/// Where the canary photo could not even be reserved or tidied away. What does not work is in the checks.
pub async fn run(aws: &Aws, stack: &Stack, edition: &Edition, told: impl FnMut(&Check)) -> Result<Vec<Check>> {
    let mut trial = Trial { http: Http::new()?, checks: Vec::new(), told };
    trial.pages(&stack.site).await;
    trial.photo(aws, stack, edition).await?;
    Ok(trial.checks)
}

struct Trial<F> {
    http: Http,
    checks: Vec<Check>,
    told: F,
}

impl<F: FnMut(&Check)> Trial<F> {
    fn check(&mut self, what: &'static str, found: Result<()>) {
        let check = Check { what, wrong: found.err().map(|error| format!("{error:#}")) };
        (self.told)(&check);
        self.checks.push(check);
    }

    async fn pages(&mut self, site: &str) {
        let home = self.page(&format!("{site}/")).await;
        self.check("the home page answers with all headers of safety", home);
        let event = self.http.send(Method::GET, &format!("{site}/api/v1/event"), &[], Bytes::new()).await;
        let event = event.and_then(|answer| {
            let body: serde_json::Value = serde_json::from_slice(&answer.body)?;
            expect(answer.status, &[StatusCode::OK])?;
            body["phase"].as_str().map(drop).context("its answer has no phase")
        });
        self.check("the API tells of the edition", event);
        let refused = self.http.send(Method::POST, &format!("{site}/api/v1/uploads"), &[], Bytes::from("{}")).await;
        let refused = refused.and_then(|answer| expect(answer.status, &[StatusCode::UNAUTHORIZED]));
        self.check("the API wants to know who uploads", refused);
    }

    async fn page(&self, url: &str) -> Result<()> {
        let answer = self.http.send(Method::GET, url, &[], Bytes::new()).await?;
        expect(answer.status, &[StatusCode::OK])?;
        for name in ["content-security-policy", "strict-transport-security", "x-content-type-options"] {
            if !answer.headers.contains_key(name) {
                bail!("the header {name} is missing");
            }
        }
        Ok(())
    }

    async fn photo(&mut self, aws: &Aws, stack: &Stack, edition: &Edition) -> Result<()> {
        let clock = Clock::system();
        let table = Table::new(&aws.dynamodb, &stack.table);
        let photos = Photos::new(&table);
        let originals = Originals::new(&aws.s3, &stack.buckets[0]);
        let file = Bytes::from_static(sample_photos::FILES[0].1);
        // One for each way of sending, so that a storage which takes what it should refuse spoils no other check.
        let reserve = async || {
            let photo = reserve(&table, &photos, edition, &file, &clock)
                .await
                .context("the canary photo cannot be reserved")?;
            let address = originals.presign(&photo, clock.now()).await?;
            Ok::<_, anyhow::Error>((photo, address))
        };
        let (bare_photo, bare_address) = reserve().await?;
        let (other_photo, other_address) = reserve().await?;
        let (photo, address) = reserve().await?;

        let bare = self.put(&bare_address, &["if-none-match"], &file).await;
        self.check(
            "the storage refuses a photo that could replace another",
            bare.and_then(|s| expect(s, &[StatusCode::FORBIDDEN])),
        );
        let other = Bytes::from(vec![b'x'; file.len()]);
        let other = self.put(&other_address, &[], &other).await;
        let refusals = [StatusCode::BAD_REQUEST, StatusCode::FORBIDDEN];
        self.check("the storage refuses other bytes than were registered", other.and_then(|s| expect(s, &refusals)));
        let stored = self.put(&address, &[], &file).await;
        self.check(
            "the storage takes the photo that was registered",
            stored.and_then(|s| expect(s, &[StatusCode::OK])),
        );
        let again = self.put(&address, &[], &file).await;
        let refusals = [StatusCode::PRECONDITION_FAILED, StatusCode::CONFLICT];
        self.check("the storage refuses the same address a second time", again.and_then(|s| expect(s, &refusals)));

        let arrived = pending(&photos, &photo).await;
        self.check("the photo's event arrives, and its renditions are made", arrived);
        let hidden =
            self.http.send(Method::GET, &format!("{}/api/v1/photos/{}", stack.site, photo.id), &[], Bytes::new()).await;
        let hidden = hidden.and_then(|answer| expect(answer.status, &[StatusCode::NOT_FOUND]));
        self.check("nobody sees it without a decision", hidden);

        let rooms = Rooms {
            originals: originals.clone(),
            review: Review::new(&aws.s3, &stack.buckets[1]),
            public: Public::new(&aws.s3, &stack.buckets[2]),
            removals: Removals::new(&aws.s3, &stack.buckets[3]),
        };
        // It was never public, so that no edge has anything to forget.
        let purger = Purger::new(&table, rooms, Edges::new(&aws.cloudfront, ""));
        let mut gone = Ok(());
        for photo in [&photo, &bare_photo, &other_photo] {
            gone = gone.and(withdraw(&photos, &purger, &originals, photo, &clock).await);
        }
        self.check("it is deleted, row and bytes", gone);
        Ok(())
    }

    /// Puts bytes to a presigned address without some of its headers.
    async fn put(&self, address: &PresignedUpload, without: &[&str], bytes: &Bytes) -> Result<StatusCode> {
        let headers: Vec<(&str, &str)> = address
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(|(name, _)| !without.contains(name))
            .collect();
        Ok(self.http.send(Method::PUT, &address.url, &headers, bytes.clone()).await?.status)
    }
}

fn expect(got: StatusCode, wanted: &[StatusCode]) -> Result<()> {
    if wanted.contains(&got) {
        return Ok(());
    }
    let wanted: Vec<_> = wanted.iter().map(|status| status.as_u16().to_string()).collect();
    bail!("expected {}, got {}", wanted.join(" or "), got.as_u16())
}

/// A photo that is plainly a canary, reserved as if the edition were open.
async fn reserve(table: &Table, photos: &Photos, edition: &Edition, file: &[u8], clock: &Clock) -> Result<Photo> {
    let now = clock.now();
    let secret: UploaderSecret = ids::secret().parse()?;
    let uploader = UploaderId::of(&secret);
    let discipline = edition.disciplines.first().map(|discipline| discipline.slug.clone());
    let request = UploadRequest {
        consent: Consent { version: edition.consent.version.clone(), web: true, social: false, press: false },
        credit: String::new(),
        school: None,
        discipline,
        photos: vec![PhotoSpec {
            reference: "canary".parse()?,
            content_type: "image/jpeg".to_owned(),
            size_bytes: file.len() as u64,
            sha256: Sha256Hex::of(file),
            caption: "Canary of a deployment: not a photo of the day".to_owned(),
            alt: String::new(),
            people: People::None,
        }],
    };
    let id = PhotoIds::new(table).of(&uploader, &request.photos[0].reference).await?;
    let open = event_file::opened_now(edition.clone(), now);
    let change = Photo::reserve(id, &open, &request.photo(&uploader, None, &request.photos[0]), now)?;
    match photos.advance(&change).await? {
        Outcome::Done => Ok(change.after),
        Outcome::Lost(_) => bail!("a photo of that id is there already"),
    }
}

async fn pending(photos: &Photos, photo: &Photo) -> Result<()> {
    let begun = std::time::Instant::now();
    loop {
        let now = photos.get(&photo.id).await?.context("its row is gone")?;
        match now.state {
            State::Reserved if begun.elapsed() < ROAD => tokio::time::sleep(Duration::from_millis(500)).await,
            State::Reserved => bail!("after {} seconds its renditions are not made", ROAD.as_secs()),
            State::Pending => return Ok(()),
            other @ (State::Published
            | State::Rejected
            | State::Hidden
            | State::Deleted
            | State::Expired
            | State::Quarantined) => bail!("it is {}", other.as_str()),
        }
    }
}

async fn withdraw(photos: &Photos, purger: &Purger, originals: &Originals, photo: &Photo, clock: &Clock) -> Result<()> {
    let rule = |photo: &Photo, now| photo.withdraw(now).map_err(anyhow::Error::from);
    match photos.apply(&photo.id, clock, rule).await? {
        Applied::Absent => bail!("its row is gone"),
        Applied::Unchanged(_) => return Ok(()),
        Applied::Changed(change) => {
            purger.purge_now([&*change], clock.now()).await;
        }
    }
    match originals.head(&photo.original_key()).await? {
        None => Ok(()),
        Some(_) => bail!("its original is still there; housekeeping will remove it"),
    }
}
