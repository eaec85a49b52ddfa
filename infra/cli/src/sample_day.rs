//! A sample day: fills an empty data folder, so that newcomers and screenshots see a site in use.
//!
//! Each photo takes the same way as a real one (reserved, stored, rendered, decided) through the functions' own code, at its own time
//! during the last hours. A few are left in the queue for the moderators' page. Photos beyond the catalogue exist only as rows, for
//! measurements. Where the settings accept videos, the sample videos come among the last photos.

use std::{
    io::{IsTerminal, Write},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use aws_sdk_s3::primitives::ByteStream;
use jiff::{SignedDuration, Timestamp};
use local::{LocalSystem, names};
use shared::{
    domain::{
        Edition, Photo, PhotoId, UploaderId,
        decision::Deciding,
        ids::{KeyId, Sha256Hex, UploaderSecret},
        limits::VIDEO_TYPE,
        people::Actor,
        photo::Consent,
        request::{PhotoSpec, UploadRequest},
        school::School,
        states::Decision,
        video::{PartHashes, PartSpec},
    },
    runtime::{Clock, ids},
    store::{
        Outcome, Photos,
        buckets::{Public, Review},
        counters::Counters,
        editions::PhotoIds,
        measuring,
        schools::Schools,
    },
};

use crate::{
    registers, sample_draws,
    sample_photos::{Catalogue, SamplePhoto},
    sample_videos,
};

/// How long ago the sample day began, in hours.
const HOURS: i64 = 9;
/// Number of the latest photos that are left in the queue, on a day of more than [`ALL_PUBLIC`].
const WAITING: usize = 5;
/// Largest number of photos on a small day, none of which waits in the queue.
const ALL_PUBLIC: usize = 12;
/// Number of photos from one sample school's device.
const PER_DEVICE: usize = 4;
/// Longest time to render a sample photo; nobody waits for it.
const RENDERING: Duration = Duration::from_mins(1);
/// Number of rows in one bulk write of the large sample.
const BULK: usize = 5_000;

/// Returns the edition, open since the sample day's first hour, and with sample draws if it has none.
///
/// # Errors
/// None that a caller could avoid: a clock beyond the calendar.
pub fn edition(edition: Edition, now: Timestamp) -> Result<Edition> {
    let draws = if edition.draws.is_empty() { sample_draws::settings(now, HOURS)? } else { edition.draws.clone() };
    Ok(Edition { opens_at: edition.opens_at.min(now - SignedDuration::from_hours(HOURS)), draws, ..edition })
}

/// Adds `n` sample photos to an installation that has none.
///
/// # Errors
/// If the folder has photos already: samples must never be mixed with real ones.
pub async fn fill(laptop: &LocalSystem, edition: &Edition, n: u32, quiet: bool) -> Result<()> {
    let clock = Clock::system();
    let edition = shared::domain::event_file::opened_now(edition.clone(), clock.now());
    let counters = Counters::new(&laptop.table).all(&edition.slug).await?;
    if counters.values().any(|n| *n != 0) {
        bail!("--sample needs an empty data folder, and this one has photos: name another folder with --data");
    }
    for register in registers::SAMPLES {
        let register = registers::read(register.as_bytes())?;
        Schools::new(&laptop.table).import(&register.open, &register.closed).await?;
    }
    let catalogue = Catalogue::read()?;
    let n = usize::try_from(n)?;
    let pictures = n.min(catalogue.photos.len());
    let begin = clock.now() - SignedDuration::from_hours(HOURS) + SignedDuration::from_mins(10);
    let step = SignedDuration::from_mins(HOURS * 60 - 20) / i32::try_from(pictures.max(1))?;
    let day = Day {
        laptop,
        edition: &edition,
        catalogue: &catalogue,
        devices: (0..=pictures / PER_DEVICE).map(|_| device()).collect::<Result<_>>()?,
        photos: Photos::new(&laptop.table),
        ids: PhotoIds::new(&laptop.table),
    };
    sample_draws::announce(laptop, &edition).await?;
    let mut template = None;
    for (index, sample) in catalogue.photos.iter().take(pictures).enumerate() {
        let at = begin + step * i32::try_from(index)?;
        let waits = pictures > ALL_PUBLIC && pictures - index <= WAITING;
        let spec = photo_spec(sample, index, sample.jpeg()?)?;
        let photo =
            Box::pin(day.add(&day.devices[index / PER_DEVICE], sample, spec, sample.jpeg()?, at, !waits)).await?;
        template = template.or(Some(photo));
        progress(quiet, "Adding sample photos", index, index + 1, pictures);
    }
    if edition.video_seconds > 0 && pictures > ALL_PUBLIC {
        let videos = sample_videos::read()?;
        for (index, (sample, file)) in videos.iter().enumerate() {
            let spec = video_spec(sample, index, file)?;
            let after = step * i32::try_from(pictures - WAITING - 2 * (videos.len() - index))?;
            let at = begin + after + SignedDuration::from_mins(1);
            Box::pin(day.add(&day.devices[index], sample, spec, file, at, true)).await?;
        }
    }
    if let Some(template) = template.filter(|_| n > pictures) {
        day.load(&template, pictures, n, begin, quiet).await?;
    }
    let first = |device: usize| i32::try_from(device * PER_DEVICE).map(|first| begin + step * first);
    let senders =
        (0..pictures.div_ceil(PER_DEVICE)).map(|device| anyhow::Ok((day.devices[device].clone(), first(device)?)));
    let senders = senders.collect::<Result<Vec<_>>>()?;
    sample_draws::play(laptop, &edition, &senders, clock.now()).await
}

struct Day<'a> {
    laptop: &'a LocalSystem,
    edition: &'a Edition,
    catalogue: &'a Catalogue,
    devices: Vec<UploaderId>,
    photos: Photos,
    ids: PhotoIds,
}

impl Day<'_> {
    /// Adds one photo or video, from its reservation to its decision.
    async fn add(
        &self,
        uploader: &UploaderId,
        sample: &SamplePhoto,
        spec: PhotoSpec,
        file: &'static [u8],
        at: Timestamp,
        publish: bool,
    ) -> Result<Photo> {
        let request = request(self.edition, sample, spec);
        let id = self.ids.of(uploader, &request.photos[0].reference).await?;
        let school = School::named(sample.school.as_deref().unwrap_or_default())?;
        let school =
            school.map(|school| School { nation: self.catalogue.nations.get(&school.name).copied(), ..school });
        let reserve = Photo::reserve(
            id.clone(),
            self.edition,
            &request.photo(uploader, school.as_ref(), &request.photos[0]),
            at,
        )?;
        self.done(&self.photos.advance(&reserve).await?)?;
        // A sample video is so small that its file is one part.
        let key = reserve.after.parts().pop().map_or_else(|| reserve.after.original_key(), |part| part.key);
        let put = self.laptop.aws.s3.put_object().bucket(names::ORIGINALS).key(key.to_string());
        put.if_none_match("*")
            .body(ByteStream::from_static(file))
            .send()
            .await
            .context("cannot store a sample photo")?;
        // Whether this or the system's own queue comes first matters only for the recorded time.
        let renditions = self.laptop.renditions(Clock::new(move || at + SignedDuration::from_secs(2)))?;
        let deadline = Instant::now() + RENDERING;
        renditions::ingest::ingest(&renditions, &key, renditions::Source::Queue, deadline).await?;
        let photo = self.photos.get(&id).await?.context("a sample photo is missing")?;
        if publish { self.publish(photo, at + SignedDuration::from_mins(2)).await } else { Ok(photo) }
    }

    async fn publish(&self, photo: Photo, at: Timestamp) -> Result<Photo> {
        let deciding = Deciding {
            decision: Decision::Publish,
            seen_version: photo.version,
            reason: None,
            revision: ids::revision(),
            feed_shards: self.edition.feed_shards,
            sound: None,
            person: None,
        };
        let change = photo.decide(&deciding, &Actor::Member(KeyId::from_bits(*b"sample-day")), at)?;
        let rendered = photo.rendered.as_ref().context("a sample photo cannot be shown")?;
        let s3 = &self.laptop.aws.s3;
        let (review, public) = (Review::new(s3, names::REVIEW), Public::new(s3, names::PUBLIC));
        public.publish(&review, &photo, rendered, &deciding.revision).await?;
        self.done(&self.photos.advance(&change).await?)?;
        Ok(change.after)
    }

    /// Loads rows of further photos, as similar to the first as possible, spread over the day.
    async fn load(&self, like: &Photo, from: usize, to: usize, begin: Timestamp, quiet: bool) -> Result<()> {
        let step_ms = (HOURS - 1) * 3_600_000 / i64::try_from(to)?;
        let disciplines = &self.edition.disciplines;
        let mut numbers = from..to;
        loop {
            let batch: Vec<Photo> = numbers
                .by_ref()
                .take(BULK)
                .map(|number| {
                    let at = begin + SignedDuration::from_millis(step_ms * i64::try_from(number).unwrap_or_default());
                    let digest: [u8; 32] = Sha256Hex::digest(format!("sample {number}").as_bytes()).as_str().as_bytes()
                        [..32]
                        .try_into()
                        .unwrap_or_default();
                    Photo {
                        id: PhotoId::from_digest(&digest),
                        caption: format!("{} ({number})", like.caption),
                        discipline: disciplines.get(number % disciplines.len().max(1)).map(|known| known.slug.clone()),
                        created_at: at,
                        published_at: Some(at),
                        revision: Some(ids::revision()),
                        ..like.clone()
                    }
                })
                .collect();
            if batch.is_empty() {
                return Ok(());
            }
            self.laptop.load(measuring::rows(&batch)?).await?;
            measuring::count(&self.laptop.table, &batch).await?;
            progress(quiet, "Loading rows for measurements", numbers.start - batch.len(), numbers.start, to);
        }
    }

    fn done(&self, outcome: &Outcome) -> Result<()> {
        match outcome {
            Outcome::Done => Ok(()),
            Outcome::Lost(_) => bail!("the sample photos of {} already exist", self.edition.slug),
        }
    }
}

fn request(edition: &Edition, sample: &SamplePhoto, spec: PhotoSpec) -> UploadRequest {
    UploadRequest {
        consent: Consent { version: edition.consent.version.clone(), web: true, social: true, press: true },
        credit: sample.credit.clone(),
        school: None,
        discipline: Some(sample.discipline.clone()),
        photos: vec![spec],
    }
}

fn photo_spec(sample: &SamplePhoto, index: usize, file: &[u8]) -> Result<PhotoSpec> {
    Ok(PhotoSpec {
        reference: format!("sample-{index}").parse()?,
        content_type: "image/jpeg".to_owned(),
        size_bytes: u64::try_from(file.len())?,
        sha256: Sha256Hex::digest(file),
        caption: sample.caption.clone(),
        alt: sample.alt.clone(),
        people: sample.people,
        parts: Vec::new(),
        sound: false,
        transcript: String::new(),
    })
}

fn video_spec(sample: &SamplePhoto, index: usize, file: &[u8]) -> Result<PhotoSpec> {
    let photo = photo_spec(sample, index, file)?;
    let part = PartSpec { size_bytes: photo.size_bytes, sha256: photo.sha256.clone() };
    Ok(PhotoSpec {
        reference: format!("sample-video-{index}").parse()?,
        content_type: VIDEO_TYPE.to_owned(),
        sha256: PartHashes::from_iter([part.sha256.clone()]).whole(),
        parts: vec![part],
        ..photo
    })
}

/// Returns a sample school's device, whose secret nobody has.
fn device() -> Result<UploaderId> {
    let secret: UploaderSecret = ids::secret().parse()?;
    Ok(UploaderId::from_secret(&secret))
}

/// Shows the progress of long work: on a terminal in place, in a log with a line at each tenth.
fn progress(quiet: bool, what: &str, before: usize, done: usize, of: usize) {
    let mut err = std::io::stderr();
    if quiet {
        return;
    }
    if err.is_terminal() {
        let end = if done >= of { "\n" } else { "" };
        drop(write!(err, "\r{what}: {done} of {of}{end}").and_then(|()| err.flush()));
    } else if before * 10 / of.max(1) != done * 10 / of.max(1) {
        drop(writeln!(err, "{what}: {done} of {of}"));
    }
}
