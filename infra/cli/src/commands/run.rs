//! `techognition run`: runs the whole system on this machine until Ctrl-C.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context, Result};
use local::{Conditions, LocalSystem, Mode, Options, Throttles, edge::CacheMode};
use serde_json::json;
use shared::{
    domain::{Edition, event_file, time::in_words},
    runtime::{Clock, telemetry},
};

use crate::{Data, commands::openapi, sample_day, say, warn};

/// The settings that were compiled into this build, for a folder without a file of its own.
const EVENT: &str = include_str!("../../../event.toml");

#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    data: Data,
    /// Where the site listens [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<SocketAddr>,
    /// Another name for the site besides localhost, such as the name of a proxy in front of it; may be repeated
    #[arg(long, value_name = "NAME")]
    allow_host: Vec<String>,
    /// Open uploads for a week from now, whatever the date in the settings
    #[arg(long)]
    open_window: bool,
    /// The organiser's file of settings [default: infra/event.toml if it is there]
    #[arg(long, value_name = "FILE")]
    event: Option<PathBuf>,
    /// Fill an empty data folder with a sample day of N photos, clearly marked as samples, and open uploads; beyond the first 30
    /// there are only rows without pictures, for measurements
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "30")]
    pub sample: Option<u32>,
    /// Run the functions from this folder as separate programs in an emulated Lambda, not inside this process
    #[arg(long, value_name = "DIR")]
    bootstraps: Option<PathBuf>,
    /// The most processes of each function
    #[arg(long, value_name = "N", default_value_t = 3, requires = "bootstraps")]
    instances: usize,
    /// Cache answers for as long as CloudFront would, instead of asking the functions each time
    #[arg(long)]
    cache: bool,
    /// Faults, events and clock of a run under test
    #[arg(long, value_name = "FILE", hide = true)]
    conditions: Option<PathBuf>,
    /// Print one line of JSON instead of text
    #[arg(long)]
    json: bool,
}

/// Starts the system, prints its addresses, and serves until Ctrl-C.
pub async fn run(arguments: Arguments) -> Result<ExitCode> {
    telemetry::plain("warn");
    let conditions = arguments.conditions.as_deref().map(read_conditions).transpose()?;
    let clock = conditions.as_ref().map_or_else(Clock::system, Conditions::clock);
    let (edition, throttles) = read_event(arguments.event.as_ref())?;
    let edition = match arguments.sample {
        Some(_) => sample_day::edition(edition, clock.now())?,
        None => edition,
    };
    let mode = match arguments.bootstraps {
        Some(folder) => Mode::Bootstraps { folder, instances: arguments.instances },
        None => Mode::InProcess,
    };
    let listen = arguments.listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080)));
    let usual = Options::new(&arguments.data.data);
    let laptop = Box::pin(LocalSystem::start(Options {
        listen,
        allowed_hosts: arguments.allow_host,
        edition: Some(edition.clone()),
        open_window: arguments.open_window || arguments.sample.is_some(),
        mode,
        clock: clock.clone(),
        chaos: conditions.as_ref().and_then(Conditions::chaos),
        faults: conditions.as_ref().and_then(|conditions| conditions.faults.clone()),
        sweep_every: conditions.as_ref().map(|conditions| Duration::from_millis(conditions.sweep_ms)),
        keeping: if arguments.cache { CacheMode::Answers } else { CacheMode::Nothing },
        throttles: throttles.or_else(|| usual.throttles.clone()),
        ..usual
    }))
    .await?;
    if let Some(n) = arguments.sample {
        Box::pin(sample_day::fill(&laptop, &edition, n, arguments.json)).await?;
    }
    if !listen.ip().is_loopback() {
        warn(exposure(listen));
    }
    let data = arguments.data.data.canonicalize().unwrap_or(arguments.data.data);
    let organiser = laptop.organiser_link().await?;
    if arguments.json {
        say(json!({"site": laptop.site, "data": data, "organiser": organiser, "storage": laptop.storage()}));
    } else {
        say(format_args!("{} is running.\n", edition.name));
        say(format_args!("  Site       {}", laptop.site));
        say(format_args!("  Sign in    {organiser}"));
        say(
            "             (you, the organiser: open this first. It works once, within a day; each start prints a new link)",
        );
        say(format_args!("  Data       {}", data.display()));
        say(format_args!("  API        {}{}\n", laptop.site, openapi::PATH));
        say(phase(&edition, arguments.open_window || arguments.sample.is_some(), &clock));
        say("Press Ctrl-C to stop. Everything is kept.");
    }
    stopped().await?;
    if !arguments.json {
        say("Stopping.");
    }
    laptop.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// Explains the consequences if the site can be reached from other machines.
fn exposure(listen: SocketAddr) -> String {
    let (who, links) = if listen.ip().is_unspecified() {
        let links = "- The site's links name localhost, which does not work on any other machine.\n";
        ("Every network of this machine", links)
    } else {
        ("The network of that address", "")
    };
    format!(
        "Warning: the site listens on {listen}, so other machines can reach it.\n\
         - {who} can reach it: everyone there can see the site, send photos, report photos, and try to sign in.\n\
         - Nothing is encrypted. Anyone who can watch the network can read photos that no moderator has checked, sign-in links, and the\n\
         \u{20} secrets of devices and sessions, and can use them.\n\
         - Browsers on other devices cannot send photos or use passkeys: both need https, or localhost.\n\
         {links}\
         - The table, the storage and all controls still listen on 127.0.0.1 only, and only you can read the data folder.\n\
         For an event, deploy the site. To open it to a network, put a proxy with https in front of it, keep --listen at 127.0.0.1, and name the\n\
         proxy's host with --allow-host."
    )
}

/// Waits for Ctrl-C or a request to terminate.
async fn stopped() -> Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminate.recv() => {}
    }
    Ok(())
}

/// Reads the settings of the edition, and the throttles if the settings have them.
fn read_event(file: Option<&PathBuf>) -> Result<(Edition, Option<Throttles>)> {
    let default = PathBuf::from("infra/event.toml");
    let path = file.cloned().or_else(|| default.is_file().then_some(default));
    match path {
        Some(path) => {
            let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let read = || Ok::<_, anyhow::Error>((event_file::read(&text)?, Throttles::read(&text)?));
            read().with_context(|| path.display().to_string())
        }
        None => Ok((event_file::read(EVENT)?, None)),
    }
}

fn read_conditions(path: &Path) -> Result<Conditions> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| path.display().to_string())
}

/// Says what a visitor can do at this moment.
fn phase(edition: &Edition, opened: bool, clock: &Clock) -> String {
    if opened {
        let until = in_words(event_file::opened_now(edition.clone(), clock.now()).closes_at);
        return format!("Uploads are open until {until}, whatever the date in the settings.");
    }
    match edition.accepts_photos(clock.now()) {
        Ok(()) => "Uploads are open.".to_owned(),
        Err(refusal) => format!("Photos cannot be added now: {refusal}. To try it out, start with --open-window."),
    }
}
