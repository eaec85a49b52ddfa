//! What the sweep of objects and the audit cost with many photos: `cargo run -p tests --example sweeps -- 200000`. It loads so many
//! published photos (rows, audits, and keys of objects without bytes) into a laptop on a folder of its own, and prints the time and the
//! read units of each run until two passes are over; then the time and the memory of `techognition audit` as a process of its own.

use std::{error::Error, process::Stdio, time::Instant};

use housekeeping::Task;
use jiff::{SignedDuration, Timestamp};
use local::{Durability, Faults, LocalSystem, Options, names};
use shared::{
    domain::{
        Edition, Photo, PhotoId, UploaderId,
        change::Change,
        decision::Deciding,
        ids::{KeyId, Sha256Hex, UploaderSecret},
        keys::{public_folder, review_folder},
        people::Actor,
        photo::{Consent, People, Rendered, Rendition},
        request::{PhotoRequest, PhotoSpec},
        states::Decision,
    },
    runtime::{Clock, ids},
    store::{cursors::Cursors, measuring},
};
use tests::{command::binaries, system};
use tokio::process::Command;

/// Photos that are loaded at once.
const BULK: usize = 5_000;
/// Photos of one device.
const PER_DEVICE: usize = 20;
const RENDITIONS: [(&str, u32); 5] =
    [("2016.jpg", 2016), ("1280.jpg", 1280), ("640.jpg", 640), ("320.jpg", 320), ("card.jpg", 1200)];

#[tokio::main]
#[expect(clippy::print_stdout, reason = "its figures are what it is for")]
async fn main() -> Result<(), Box<dyn Error>> {
    let n: usize = std::env::args().nth(1).ok_or("say how many photos")?.parse()?;
    let folder = tempfile::tempdir()?;
    let laptop = Box::pin(LocalSystem::start(Options {
        edition: Some(system::edition()),
        open_window: true,
        durability: Durability::ProcessKill,
        faults: Some(Faults { metered: true, ..Faults::default() }),
        ..Options::new(folder.path())
    }))
    .await?;
    let begun = Instant::now();
    load(&laptop, n).await?;
    println!("{n} photos loaded in {:.0} s", begun.elapsed().as_secs_f64());

    let system = Clock::system();
    let (mut hours, mut pass, mut seconds, mut units) = (1, 0, 0.0, 0.0);
    while pass < 2 {
        let clock = {
            let system = system.clone();
            Clock::new(move || system.now() + SignedDuration::from_mins(60 + 15 * hours))
        };
        let sweeper = laptop.faulted_housekeeping(clock)?;
        laptop.meter.take();
        let begun = Instant::now();
        let report = housekeeping::handle(&sweeper, Task::Objects).await?;
        let (took, read) = (begun.elapsed().as_secs_f64(), laptop.meter.take().read);
        (seconds, units) = (seconds + took, units + read);
        println!("  run {hours}: {took:.1} s, {read} read units; {} orphans, {} failed", report.orphans, report.failed);
        let place: Option<serde_json::Value> = Cursors::new(&laptop.table).load("objects").await?;
        let over = place.is_some_and(|place| place["after"].is_null() && place["room"] == "originals");
        if over {
            println!("pass {pass}: {seconds:.1} s and {units} read units together");
            (pass, seconds, units) = (pass + 1, 0.0, 0.0);
        }
        hours += 1;
    }

    let begun = Instant::now();
    let mut audit = Command::new(binaries().join("techognition"))
        .args(["audit", "--json", "--data"])
        .arg(folder.path())
        .stdout(Stdio::piped())
        .spawn()?;
    let status = format!("/proc/{}/status", audit.id().ok_or("it has ended")?);
    let mut peak = String::new();
    while audit.try_wait()?.is_none() {
        let told = std::fs::read_to_string(&status).unwrap_or_default();
        peak = told.lines().find(|line| line.starts_with("VmHWM")).map_or(peak, str::to_owned);
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let said = audit.wait_with_output().await?;
    println!("audit: {:.1} s, {peak}; {}", begun.elapsed().as_secs_f64(), String::from_utf8_lossy(&said.stdout).trim());
    laptop.stop().await;
    Ok(())
}

async fn load(laptop: &LocalSystem, n: usize) -> Result<(), Box<dyn Error>> {
    let now = Clock::system().now();
    let edition = shared::domain::event_file::opened_now(system::edition(), now);
    let mut numbers = 0..n;
    loop {
        let histories = numbers
            .by_ref()
            .take(BULK)
            .map(|number| published(number, &edition, now))
            .collect::<Result<Vec<_>, Box<dyn Error>>>()?;
        if histories.is_empty() {
            return Ok(());
        }
        let (mut originals, mut review, mut public) = (Vec::new(), Vec::new(), Vec::new());
        let (mut rows, mut all) = (Vec::new(), Vec::new());
        for [pending, shown] in histories {
            rows.extend(measuring::trail(&[pending.audit, shown.audit])?);
            let photo = shown.after;
            originals.push((photo.original_key().to_string(), photo.size_bytes));
            let (rendered, revision) =
                (photo.rendered.as_ref().ok_or("made")?, photo.revision.as_ref().ok_or("shown")?);
            for Rendition { name, bytes, .. } in &rendered.renditions {
                review.push((format!("{}{name}", review_folder(&photo.id, &rendered.hash)), *bytes));
                public.push((format!("{}{name}", public_folder(&photo.id, revision)), *bytes));
            }
            all.push(photo);
        }
        rows.extend(measuring::rows(&all)?);
        laptop.load(rows).await?;
        measuring::count(&laptop.table, &all).await?;
        for (bucket, objects) in [(names::ORIGINALS, originals), (names::REVIEW, review), (names::PUBLIC, public)] {
            laptop.load_objects(bucket, objects).await?;
        }
    }
}

/// The moves of a photo from its reservation on to the one that made it public.
fn published(number: usize, edition: &Edition, now: Timestamp) -> Result<[Change; 2], Box<dyn Error>> {
    let mut secret = [0; 32];
    secret[..8].copy_from_slice(&u64::try_from(number / PER_DEVICE)?.to_be_bytes());
    let secret: UploaderSecret = data_encoding::BASE64URL_NOPAD.encode(&secret).parse()?;
    let uploader = UploaderId::from_secret(&secret);
    let digest = Sha256Hex::digest(format!("photo {number}").as_bytes());
    let spec = PhotoSpec {
        reference: format!("p{number}").parse()?,
        content_type: "image/jpeg".to_owned(),
        size_bytes: 4_000_000,
        sha256: digest.clone(),
        caption: format!("What we built in week {number}, with everybody who helped"),
        alt: String::new(),
        people: People::None,
        parts: Vec::new(),
        sound: false,
        transcript: String::new(),
    };
    let consent = Consent { version: edition.consent.version.clone(), web: true, social: false, press: false };
    let request = PhotoRequest {
        uploader: &uploader,
        consent: &consent,
        credit: "The prep room",
        school: None,
        discipline: edition.disciplines.first().map(|known| &known.slug),
        photo: &spec,
        trusted: false,
        network: None,
    };
    let bytes: [u8; 32] = digest.as_str().as_bytes()[..32].try_into()?;
    let reserved = Photo::reserve(PhotoId::from_digest(&bytes), edition, &request, now)?;
    let rendered = Rendered {
        width: 4032,
        height: 3024,
        placeholder: String::new(),
        color: "#808080".to_owned(),
        fingerprint: None,
        hash: format!("{}-1", &digest.as_str()[..32]),
        renditions: RENDITIONS
            .map(|(name, width)| Rendition { name: name.to_owned(), width, height: width, bytes: 100_000 })
            .to_vec(),
        film: None,
    };
    let pending = reserved.after.ingest(rendered, "renditions", now).ok_or("it was reserved")?;
    let deciding = Deciding {
        decision: Decision::Publish,
        seen_version: pending.after.version,
        reason: None,
        revision: ids::revision(),
        feed_shards: edition.feed_shards,
        sound: None,
        person: None,
    };
    let shown = pending.after.decide(&deciding, &Actor::Member(KeyId::from_bits(*b"sample-day")), now)?;
    Ok([pending, shown])
}
