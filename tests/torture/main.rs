//! The real processes under everything that data must survive, and the audit at the end:
//! `cargo build --workspace && cargo run -p tests --bin torture -- --minutes 5 --seed 1`. Exit status: 0 nothing was lost, 1 something
//! was or it could not run, 2 wrong usage.
//!
//! The system lives many short lives on one folder. Each has its own faults by seed: S3 and DynamoDB fail, throttle, answer late, half or
//! not at all; events are lost, repeated, late; `kill -9` comes at a step of the ingest or at any moment; processes stop and go on; the
//! functions' clock jumps; the disk is full for some seconds. People go on using it all the while and write down what they were told.
//! The last life has no faults: it has to bring everything home that was promised, and the audit has to find nothing.

mod ledger;
mod people;
mod process_run;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use clap::Parser;
use jiff::SignedDuration;
use local::{Conditions, DataFolder, Events, Faults, faults::Kill};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde::Serialize;
use shared::{
    domain::{Edition, Photo, PhotoId, State, event_file, limits, states::Role},
    runtime::Clock,
    store::{
        Photos,
        members::{Members, NewKey},
        outbox::Outbox,
        recount::Recount,
    },
};
use tests::{Client, system::EVENT};

use self::{
    ledger::{INDEX_LAG, Ledger},
    people::Load,
    process_run::ProcessRun,
};

/// Technicians at a time.
const TECHNICIANS: u64 = 12;
/// Moderators at a time.
const MODERATORS: u64 = 3;
/// How long the last life may go on without making a photo final, while some are not. A busy machine brings them home more slowly.
const STANDSTILL: Duration = Duration::from_mins(1);
/// How long the last life may take to erase what was removed.
const ERASURE: Duration = Duration::from_mins(10);
/// The steps of the ingest, each with the request that ends it, and what is in that request.
const STEPS: [(&str, &str); 6] = [
    ("GetObject", "originals"),
    ("UpdateItem", "attempts"),
    ("PutObject", "review"),
    ("PutItem", "LIKE#"),
    ("TransactWriteItems", "ingest"),
    ("CopyObject", ""),
];

/// Tries out on this machine that nothing is lost under faults, kills and full disks; the audit ends it.
#[derive(Clone, Debug, Parser)]
#[command(name = "torture")]
struct Arguments {
    /// How long faults are dealt, in minutes; fractions are taken
    #[arg(long, value_name = "N", default_value_t = 5.0)]
    minutes: f64,
    /// The same seed deals the same faults
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// The most photos to acknowledge
    #[arg(long, value_name = "N", default_value_t = usize::MAX, hide_default_value = true)]
    photos: usize,
    /// Run the real bootstraps of this folder, so that single functions stop while others go on
    #[arg(long, value_name = "DIR")]
    bootstraps: Option<PathBuf>,
    /// Keep the data and the logs of all faults here
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Deal the faults of the logs that another run kept in this folder
    #[arg(long, value_name = "DIR")]
    replay: Option<PathBuf>,
    /// Print one line of JSON
    #[arg(long)]
    json: bool,
}

/// What a run found.
#[derive(Clone, Debug, Default, Serialize)]
struct Outcome {
    seed: u64,
    minutes: f64,
    /// Photos whose sender was told that they have arrived.
    acknowledged: usize,
    /// Of these, those that ended decided, or waiting for a decision.
    #[serde(rename = "final")]
    final_: usize,
    /// Those that are gone though nobody asked for it.
    lost: usize,
    /// Those whose bytes are there, and that nobody brought home.
    late: usize,
    /// Photos that stood twice in one walk through the feed.
    double: usize,
    /// Photos that were seen, or are there, after somebody was told that they are gone.
    back: usize,
    /// Photos given up because the system was killed each time that they were opened.
    given_up: usize,
    lives: u32,
    /// Kills at a step of the ingest, by the request that ended the process.
    kills_at_a_step: BTreeMap<String, u32>,
    kills: u32,
    pauses: u32,
    jumps: u32,
    full_disks: u32,
    /// Faults dealt, by kind.
    faults: BTreeMap<String, u64>,
    /// Answers that people got, by status.
    answers: BTreeMap<u16, u64>,
    /// Seconds until the last life had everything home.
    home_s: f64,
    /// What the audit found.
    audit: Option<Recount>,
}

impl Outcome {
    fn killed_at(&mut self, step: Option<String>) {
        if let Some(step) = step {
            *self.kills_at_a_step.entry(step).or_default() += 1;
        }
    }

    fn is_sound(&self) -> bool {
        let audited = self.audit.as_ref().is_some_and(|audit| audit.differences.is_zero());
        (self.lost, self.double, self.back) == (0, 0, 0) && audited && self.final_ == self.acknowledged
    }
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "its figures are what it is for")]
async fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    if !(0.05..=600.0).contains(&arguments.minutes) {
        bail!("--minutes is {}; expected 0.05 to 600", arguments.minutes);
    }
    let place = Place::new(arguments.keep.as_deref())?;
    let ran = Box::pin(torture(&arguments, &place)).await;
    place.leave();
    let outcome = ran?;
    if arguments.json {
        println!("{}", serde_json::to_string(&outcome)?);
    } else {
        table(&outcome);
    }
    Ok(if outcome.is_sound() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn torture(arguments: &Arguments, place: &Place) -> Result<Outcome> {
    let edition = event_file::read(EVENT)?;
    let mut outcome = Outcome { seed: arguments.seed, minutes: arguments.minutes, ..Outcome::default() };
    let mut random = StdRng::seed_from_u64(arguments.seed);
    let ledger = Ledger::default();
    let files = Arc::new(AtomicU32::new(u32::try_from(arguments.seed % 4_000).unwrap_or(0) * 1_000_000));
    let until = Instant::now() + Duration::from_secs_f64(arguments.minutes * 60.0);
    let mut key = String::new();
    while Instant::now() < until && ledger.heard().acknowledged.len() < arguments.photos {
        outcome.lives += 1;
        let log = place.logs.join(format!("faults-{:04}.jsonl", outcome.lives));
        let conditions = Conditions {
            faults: Some(Faults {
                log: Some(log.clone()),
                replay: arguments
                    .replay
                    .as_ref()
                    .map(|folder| folder.join(format!("faults-{:04}.jsonl", outcome.lives))),
                ..faults(&mut random)
            }),
            events: Some(events(&mut random)),
            sweep_ms: 2_000,
            clock: place.clock.clone(),
        };
        let step = conditions.faults.as_ref().and_then(|faults| faults.kill.as_ref()).map(name);
        fs::write(&place.conditions, serde_json::to_string(&conditions)?)?;
        place.set_clock(0)?;
        // A life may be killed before it says a word.
        let Ok(life) = ProcessRun::begin(&place.data, &place.conditions, arguments.bootstraps.as_ref()).await else {
            outcome.killed_at(step);
            continue;
        };
        if key.is_empty() {
            key = mint(&place.data).await?;
        }
        let town = Load {
            client: Client::new(&life.site),
            ledger: ledger.clone(),
            edition: edition.clone(),
            key: key.clone(),
            over: Arc::new(AtomicBool::new(false)),
            files: Arc::clone(&files),
            most: arguments.photos,
        };
        let people = people(&town, &mut random);
        let left = until.saturating_duration_since(Instant::now());
        live(life, place, left, step, &mut random, &mut outcome).await?;
        town.over.store(true, Ordering::Relaxed);
        for person in people {
            drop(person.await);
        }
        count(&log, &mut outcome.faults);
    }
    Box::pin(bring_home(arguments, place, &ledger, &edition, &mut outcome)).await?;
    Ok(outcome)
}

fn people(town: &Load, random: &mut StdRng) -> Vec<tokio::task::JoinHandle<()>> {
    let mut people = Vec::new();
    for _ in 0..TECHNICIANS {
        people.push(tokio::spawn(town.clone().technician(random.random())));
    }
    for _ in 0..MODERATORS {
        people.push(tokio::spawn(town.clone().moderator(random.random())));
    }
    people.push(tokio::spawn(town.clone().visitor()));
    people
}

/// Lets it live for some seconds, does to it what the seed says, and ends it.
async fn live(
    mut life: ProcessRun,
    place: &Place,
    left: Duration,
    step: Option<String>,
    random: &mut StdRng,
    outcome: &mut Outcome,
) -> Result<()> {
    let end = Instant::now() + Duration::from_millis(random.random_range(4_000..20_000)).min(left);
    while Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(random.random_range(500..2_000))).await;
        if life.has_ended() {
            outcome.killed_at(step);
            return Ok(());
        }
        match random.random_range(0..12) {
            0 | 1 => {
                outcome.pauses += 1;
                life.pause(Duration::from_millis(random.random_range(200..3_000))).await;
            }
            2 => {
                outcome.jumps += 1;
                place.set_clock(random.random_range(-2_000..2_000))?;
                tokio::time::sleep(Duration::from_millis(random.random_range(300..2_000))).await;
                place.set_clock(0)?;
            }
            3 if place.mounted => {
                outcome.full_disks += 1;
                place.fill().await;
            }
            _ => {}
        }
    }
    outcome.kills += 1;
    life.kill().await;
    Ok(())
}

/// The last life, without faults: all that was acknowledged becomes final, all that was removed is erased, and everything agrees.
async fn bring_home(
    arguments: &Arguments,
    place: &Place,
    ledger: &Ledger,
    edition: &Edition,
    outcome: &mut Outcome,
) -> Result<()> {
    let conditions = Conditions { faults: None, events: None, sweep_ms: 1_000, clock: place.clock.clone() };
    fs::write(&place.conditions, serde_json::to_string(&conditions)?)?;
    // A minute on, so that the sweep need not wait until what is reserved is old enough to be looked for.
    place.set_clock(60)?;
    let life = ProcessRun::begin(&place.data, &place.conditions, arguments.bootstraps.as_ref()).await?;
    let workshop = DataFolder::open(&place.data).await?;
    let photos = Photos::new(&workshop.table);
    let acknowledged: Vec<PhotoId> = ledger.heard().acknowledged.keys().cloned().collect();
    let begun = Instant::now();
    let mut waiting = acknowledged.clone();
    let mut moved = Instant::now();
    while !waiting.is_empty() && moved.elapsed() < STANDSTILL {
        let found = all(&photos, &waiting).await?;
        let left: Vec<PhotoId> = found.into_iter().filter(Photo::expects_bytes).map(|photo| photo.id).collect();
        if left.len() < waiting.len() {
            moved = Instant::now();
        }
        waiting = left;
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    outcome.home_s = begun.elapsed().as_secs_f64();
    let erasing = Instant::now();
    // Past the fence: what was taken down is erased once more, and what nobody names is swept away.
    let past = limits::PURGE_FENCE_SECONDS + 200;
    place.set_clock(past)?;
    let system = Clock::system();
    let later = Clock::new(move || system.now() + SignedDuration::from_secs(past));
    let outbox = Outbox::new(&workshop.table);
    while !outbox.due(later.now()).await?.is_empty() && erasing.elapsed() < ERASURE {
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let housekeeping = workshop.housekeeping(later.clone())?;
    housekeeping::handle(&housekeeping, housekeeping::Task::Objects).await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let audit = housekeeping::audit(&housekeeping).await?;
    judge(&photos, ledger, &acknowledged, outcome).await?;
    let town = Load {
        client: Client::new(&life.site),
        ledger: ledger.clone(),
        edition: edition.clone(),
        key: String::new(),
        over: Arc::new(AtomicBool::new(false)),
        files: Arc::default(),
        most: 0,
    };
    let over = Arc::clone(&town.over);
    let visitor = tokio::spawn(town.visitor());
    tokio::time::sleep(Duration::from_secs(1)).await;
    over.store(true, Ordering::Relaxed);
    drop(visitor.await);
    workshop.close().await;
    life.interrupt().await;
    let heard = ledger.heard();
    outcome.double = heard.double.len();
    outcome.back += heard.back.len();
    outcome.answers.clone_from(&heard.answers);
    outcome.audit = Some(audit);
    Ok(())
}

/// Holds what the rows say against what people were told.
async fn judge(photos: &Photos, ledger: &Ledger, acknowledged: &[PhotoId], outcome: &mut Outcome) -> Result<()> {
    let found: BTreeMap<_, _> =
        all(photos, acknowledged).await?.into_iter().map(|photo| (photo.id.clone(), photo)).collect();
    let heard = ledger.heard();
    outcome.acknowledged = acknowledged.len();
    for id in acknowledged {
        let asked = heard.asked_to_go.contains(id);
        match found.get(id).map(|photo| (photo.state, photo.rendered.is_some())) {
            Some((State::Deleted, _)) if asked => outcome.final_ += 1,
            Some((State::Rejected, rendered)) => {
                outcome.final_ += 1;
                outcome.given_up += usize::from(!rendered);
            }
            Some((State::Pending | State::Published | State::Hidden | State::Quarantined, _)) => outcome.final_ += 1,
            Some((State::Reserved, _)) => outcome.late += 1,
            Some((State::Deleted | State::Expired, _)) | None => outcome.lost += 1,
        }
    }
    // Nobody in this town shows a hidden photo again.
    for id in heard.gone.keys() {
        let state = found.get(id).map(|photo| photo.state);
        outcome.back += usize::from(matches!(state, Some(State::Published | State::Pending)));
    }
    Ok(())
}

/// Many photos, in handfuls.
async fn all(photos: &Photos, ids: &[PhotoId]) -> Result<Vec<Photo>> {
    let mut found = Vec::with_capacity(ids.len());
    for ids in ids.chunks(100) {
        found.extend(photos.get_many(ids).await?);
    }
    Ok(found)
}

async fn mint(data: &Path) -> Result<String> {
    let workshop = DataFolder::open(data).await?;
    let minted =
        Members::new(&workshop.table).mint(&NewKey::new("torture", Role::Moderator), Clock::system().now()).await;
    workshop.close().await;
    Ok(minted?.context("the key could not be made")?.1)
}

fn faults(random: &mut StdRng) -> Faults {
    let mut some = |most: f64| if random.random_bool(0.7) { random.random_range(0.0..most) } else { 0.0 };
    let (delayed, storage_errors, throttled) = (some(0.3), some(0.2), some(0.3));
    let (conflicts, lost, cut, trickled, stale) = (some(0.5), some(0.1), some(0.03), some(0.03), some(0.5));
    let step = STEPS[random.random_range(0..STEPS.len())];
    let kill = random.random_bool(0.5).then(|| Kill {
        operation: step.0.to_owned(),
        of: step.1.to_owned(),
        nth: random.random_range(1..40),
        after: random.random(),
    });
    Faults {
        seed: random.random(),
        delayed,
        delay_ms: 200,
        storage_errors,
        throttled,
        conflicts,
        lost,
        cut,
        trickled,
        stale,
        stale_ms: u64::try_from(INDEX_LAG.as_millis()).unwrap_or(u64::MAX),
        kill,
        ..Faults::default()
    }
}

fn name(kill: &Kill) -> String {
    let moment = if kill.after { "after" } else { "before" };
    format!("{moment} {} {}", kill.operation, kill.of).trim().to_owned()
}

fn events(random: &mut StdRng) -> Events {
    let all_lost = random.random_bool(0.15);
    Events {
        seed: random.random(),
        drop: if all_lost { 1.0 } else { random.random_range(0.0..0.3) },
        duplicate: random.random_range(0.0..0.5),
        delay: random.random_range(0.0..0.5),
        max_delay_ms: 10_000,
    }
}

fn count(log: &Path, faults: &mut BTreeMap<String, u64>) {
    for line in fs::read_to_string(log).unwrap_or_default().lines() {
        let Ok(line) = serde_json::from_str::<serde_json::Value>(line) else { continue };
        let kind = line["outcome"].as_str().unwrap_or("delayed").to_owned();
        *faults.entry(kind).or_default() += 1;
    }
}

#[expect(clippy::print_stdout, reason = "its figures are what it is for")]
fn table(outcome: &Outcome) {
    println!("  Seed           {} for {} minutes, {} lives", outcome.seed, outcome.minutes, outcome.lives);
    println!(
        "  Done to it     {} kills at a step, {} at any moment, {} pauses, {} jumps of the clock, {} full disks",
        outcome.kills_at_a_step.values().sum::<u32>(),
        outcome.kills,
        outcome.pauses,
        outcome.jumps,
        outcome.full_disks
    );
    for (step, kills) in &outcome.kills_at_a_step {
        println!("  Killed         {kills} times {step}");
    }
    let faults: Vec<_> = outcome.faults.iter().map(|(kind, n)| format!("{n} {}", kind.replace('_', " "))).collect();
    println!("  Faults         {}", faults.join(", "));
    println!("  Acknowledged   {}", outcome.acknowledged);
    println!(
        "  Final          {} after {:.1} s, {} of them given up",
        outcome.final_, outcome.home_s, outcome.given_up
    );
    println!("  Late           {}", outcome.late);
    println!("  Lost           {}", outcome.lost);
    println!("  Double         {}", outcome.double);
    println!("  Back           {}", outcome.back);
    let zeros = outcome.audit.as_ref().is_some_and(|audit| audit.differences.is_zero());
    println!("  Audit          {}", if zeros { "all zeros" } else { "NOT zero" });
    if !zeros {
        println!("{:#?}", outcome.audit);
    }
}

/// The folders of a run.
struct Place {
    /// Everything; removed at the end where nobody keeps it.
    root: PathBuf,
    data: PathBuf,
    logs: PathBuf,
    conditions: PathBuf,
    clock: PathBuf,
    /// Whether the data is on a small disk of its own, which can be filled.
    mounted: bool,
    kept: bool,
}

impl Place {
    fn new(keep: Option<&Path>) -> Result<Self> {
        let root = match keep {
            Some(folder) => folder.to_owned(),
            None => std::env::temp_dir().join(format!("techognition-torture-{}", std::process::id())),
        };
        let (disk, logs) = (root.join("disk"), root.join("logs"));
        for folder in [&disk, &logs] {
            fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
        let mut mount = std::process::Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=1g", "techognition-torture"]).arg(&disk);
        mount.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        let mounted = keep.is_none() && mount.status().is_ok_and(|status| status.success());
        let data = disk.join("data");
        fs::create_dir_all(&data)?;
        let (conditions, clock) = (root.join("conditions.json"), root.join("clock"));
        Ok(Self { root, data, logs, conditions, clock, mounted, kept: keep.is_some() })
    }

    /// By so many seconds the functions' clock is wrong from now on.
    fn set_clock(&self, seconds: i64) -> Result<()> {
        let written = self.root.join("clock.new");
        fs::write(&written, seconds.to_string())?;
        Ok(fs::rename(written, &self.clock)?)
    }

    /// Fills the disk for some seconds.
    async fn fill(&self) {
        use std::io::Write;
        let path = self.root.join("disk").join("full");
        if let Ok(mut file) = fs::File::create(&path) {
            let zeros = vec![0; 1 << 20];
            while file.write_all(&zeros).is_ok() {}
        }
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        drop(fs::remove_file(path));
    }

    fn leave(&self) {
        if self.mounted {
            drop(std::process::Command::new("umount").arg("-l").arg(self.root.join("disk")).status());
        }
        if !self.kept {
            drop(fs::remove_dir_all(&self.root));
        }
    }
}
