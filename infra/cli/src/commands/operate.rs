//! `techognition status`, `logs`, `rollback`, `offline`, `online` and `smoke`: the daily operation of the deployed site. They need neither
//! Terraform nor its state, only the settings and the account's credentials.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use aws_sdk_sqs::{error::ProvideErrorMetadata, types::QueueAttributeName};
use http::Uri;
use jiff::Timestamp;
use local::{Running, functions::Functions, names};
use serde_json::json;
use shared::{
    runtime::Clock,
    store::{counters::Counters, editions::Editions, firewall::Offline, queue::Queue, table::Table},
};

use crate::{
    Site,
    cloud::{
        account::Account,
        progress::Progress,
        releases::{LIVE, Live, Note, Releases, Standing},
        settings::{self, Cloud},
    },
    commands::deploy::{deployed, told, try_out},
    say,
    trial::{Alarms, Buckets, Patience, Stack},
    warn,
};

#[derive(Debug, clap::Args)]
pub struct Status {
    #[command(flatten)]
    site: Site,
}

#[derive(Debug, clap::Args)]
pub struct Logs {
    #[command(flatten)]
    site: Site,
    /// Show only this function
    #[arg(long)]
    function: Option<String>,
    /// How many minutes to look back
    #[arg(long, value_name = "N", default_value_t = 15)]
    minutes: i64,
    /// Show only lines with this text
    #[arg(long, value_name = "TEXT")]
    with: Option<String>,
    /// Keep showing new lines as they arrive
    #[arg(long)]
    follow: bool,
}

#[derive(Debug, clap::Args)]
pub struct Rollback {
    #[command(flatten)]
    site: Site,
    /// The release to go back to, or the beginning of its name [default: the one before]
    #[arg(long, value_name = "RELEASE")]
    to: Option<String>,
}

/// Of `offline` and `online`.
#[derive(Debug, clap::Args)]
pub struct Switch {
    #[command(flatten)]
    site: Site,
}

#[derive(Debug, clap::Args)]
pub struct Smoke {
    #[command(flatten)]
    site: Site,
    /// The address to test: a laptop that runs on this machine, or another address of the deployed site
    #[arg(long, value_name = "URL")]
    at: Option<String>,
    /// The data folder of the laptop
    #[arg(long, value_name = "DIR", default_value = ".techognition", requires = "at")]
    data: PathBuf,
    /// For how long to wait for slow steps
    #[arg(long, value_name = "SECONDS", hide = true)]
    patience: Option<u64>,
}

/// Shows what is deployed, what waits, and what failed.
pub async fn status(arguments: Status) -> Result<ExitCode> {
    let (cloud, _) = settings::read(&arguments.site.event)?;
    let account = Account::new(&cloud).await?;
    let site = address(&account, &cloud.function("site")).await?;
    let table = Table::new(&account.aws.dynamodb, &cloud.name);
    let edition = Editions::new(&table, &Clock::system())
        .current()
        .await?
        .context("the site has no edition yet: run techognition deploy")?;
    let counters = Counters::new(&table).all(&edition.slug).await?;
    let waiting = Queue::new(&table).waiting(&edition.slug).await?;
    let releases = Releases::read(&account, &cloud).await?;
    let live = releases.live();
    let prefix = cloud.function("");
    let short = |function: &str| function.strip_prefix(&prefix).unwrap_or(function).to_owned();
    let (arriving, dead) = (
        queued(&account, &cloud.function("originals")).await?,
        queued(&account, &cloud.function("dead-letters")).await?,
    );
    let (unheard, nobody) = match told(&account, &cloud).await {
        Alarms::Asked(wrong) => (wrong, None),
        Alarms::NotAsked(why) => (Vec::new(), Some(why)),
    };
    let offline = lists(&account, &cloud).await?.is_on().await?;
    let sound = dead == 0 && unheard.is_empty() && !offline && matches!(live, Live::One(..));
    let status = if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    if arguments.site.json {
        say(json!({
            "site": site, "edition": edition.slug, "phase": edition.phase(Clock::system().now()).as_str(), "counters": counters,
            "waiting": waiting.pending, "arriving": arriving, "dead_letters": dead, "alarms": unheard, "offline": offline,
            "release": match &live { Live::One(release, _) => json!(release), Live::Mixed(_) => json!(null) },
            "versions": releases.functions().map(|one| (short(&one.function), one.live)).collect::<BTreeMap<_, _>>(),
        }));
        return Ok(status);
    }
    say(format_args!("  Site          {site}"));
    if offline {
        say("  OFFLINE       all visitors are turned away  <- to bring it back: techognition online");
    }
    say(format_args!("  Edition       {}, {}", edition.name, edition.phase(Clock::system().now()).as_str()));
    for (name, n) in &counters {
        say(format_args!("  {name:<13} {n}"));
    }
    say(format_args!("  To decide     {}", waiting.pending));
    say(format_args!("  Arriving      {arriving}"));
    say(format_args!("  Failed        {dead}{}", if dead == 0 { "" } else { "  <- infra/README.md, failed messages" }));
    if let Some(why) = nobody {
        say(format_args!("  Alarms        {why}"));
    } else if unheard.is_empty() {
        say("  Alarms        confirmed");
    }
    for wrong in &unheard {
        say(format_args!("  Alarms        {wrong}  <- confirm it in the message from AWS"));
    }
    match live {
        Live::One(release, note) => {
            let how = match note {
                Note::Deployed { after: Some(after), .. } => format!(", after {after}"),
                Note::Back { from, .. } => {
                    format!(", by a rollback from {from}; techognition deploy puts the newest one online again")
                }
                Note::Unknown | Note::Deployed { after: None, .. } => String::new(),
            };
            say(format_args!("  Release       {release}{how}"));
        }
        Live::Mixed(of) => {
            say("  Release       SEVERAL at once, which is wrong: run techognition deploy or rollback");
            for (function, release) in of {
                let function = short(&function);
                say(format_args!(
                    "                {function}: {}",
                    release.as_deref().unwrap_or("of no known release")
                ));
            }
        }
    }
    Ok(status)
}

/// Prints log lines, oldest first.
pub async fn logs(arguments: Logs) -> Result<ExitCode> {
    let (cloud, _) = settings::read(&arguments.site.event)?;
    let account = Account::new(&cloud).await?;
    let names: Vec<_> = Functions::read()?.functions.into_iter().map(|function| function.name).collect();
    let wanted: Vec<_> = match &arguments.function {
        Some(one) if names.contains(one) => vec![one.clone()],
        Some(one) => bail!("there is no function {one}; expected one of {}", names.join(", ")),
        None => names,
    };
    let mut from = Clock::system().now().as_millisecond() - arguments.minutes * 60_000;
    loop {
        let mut lines = Vec::new();
        for name in &wanted {
            lines.extend(
                lines_of(
                    &account,
                    &format!("/aws/lambda/{}", cloud.function(name)),
                    name,
                    from,
                    arguments.with.as_deref(),
                )
                .await?,
            );
        }
        lines.sort();
        for (at, function, message) in &lines {
            let time = Timestamp::from_millisecond(*at)?;
            if arguments.site.json {
                say(json!({ "at": time.to_string(), "function": function, "message": message.trim_end() }));
            } else {
                say(format_args!("{time:.3} {function:<13} {}", message.trim_end()));
            }
        }
        if !arguments.follow {
            if lines.is_empty() && !arguments.site.json {
                let with = arguments.with.as_deref().map(|text| format!(" with \"{text}\"")).unwrap_or_default();
                warn(format_args!("No lines{with} in the last {} minutes.", arguments.minutes));
            }
            return Ok(ExitCode::SUCCESS);
        }
        from = lines.last().map_or(from, |(at, ..)| at + 1);
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
}

/// Makes the previous release live again, for all functions together, because they share their rows.
pub async fn rollback(arguments: Rollback) -> Result<ExitCode> {
    let (cloud, _) = settings::read(&arguments.site.event)?;
    let account = Account::new(&cloud).await?;
    let releases = Releases::read(&account, &cloud).await?;
    let release = releases.before(arguments.to.as_deref())?;
    let moves = releases.moves(&release)?;
    knows_the_edge(&account, &releases, &cloud.function("site"), &release).await?;
    for one in moves {
        let standing = releases.functions().find(|standing| standing.function == one.function);
        let from = standing.and_then(Standing::live_release).unwrap_or("none").to_owned();
        let note = Note::Back { release: release.clone(), from }.to_string();
        let pointed = account.lambda.point(&one.function, LIVE, one.to, &note).await;
        pointed.with_context(|| {
            format!("{} could not go back, but others have. Run the same command again to continue", one.function)
        })?;
        if arguments.site.json {
            say(json!({ "function": one.function, "from": one.from, "to": one.to, "release": release }));
        } else {
            say(format_args!("  {}: version {} -> {}", one.function, one.from, one.to));
        }
    }
    if !arguments.site.json {
        say(format_args!("Release {release} is live. The next techognition deploy puts the newest one online again."));
    }
    Ok(ExitCode::SUCCESS)
}

/// Takes the site offline, or brings it back.
pub async fn set_offline(arguments: &Switch, offline: bool) -> Result<ExitCode> {
    let (cloud, _) = settings::read(&arguments.site.event)?;
    let account = Account::new(&cloud).await?;
    let lists = lists(&account, &cloud).await?;
    if !lists.is_possible() {
        bail!(
            "the site has no firewall to turn visitors away (cloud.firewall in infra/event.toml). Disable the distribution by hand: \
             CloudFront -> Distributions -> Disable"
        );
    }
    lists.set(offline).await?;
    if arguments.site.json {
        say(json!({ "offline": offline }));
    } else if offline {
        say("The site goes offline within a minute. Nothing is lost. To bring it back: techognition online.");
    } else {
        say("The site is back online for everyone within a minute.");
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns the firewall's lists from housekeeping's configuration; none for a release that has none.
async fn lists(account: &Account, cloud: &Cloud) -> Result<Offline> {
    let function = cloud.function("housekeeping");
    let told = account.lambda.environment(&function, Some(LIVE)).await;
    let told = told.with_context(|| format!("the site is not deployed: there is no function {function}"))?;
    Ok(Offline::new(&account.aws.firewall, told.get("OFFLINE_LISTS").map_or("none", String::as_str)))
}

/// Refuses a release that would answer no request, because it does not know the secret that the edge sends.
async fn knows_the_edge(account: &Account, releases: &Releases, function: &str, release: &str) -> Result<()> {
    let site = releases.functions().find(|one| one.function == function).context("there is no site")?;
    let told = async |version: Option<u64>| {
        let version = version.context("the site has no version")?.to_string();
        let told = account.lambda.environment(function, Some(&version)).await?;
        anyhow::Ok(told.get("EDGE_SECRETS").cloned().unwrap_or_default())
    };
    // The edge sends the first secret that the latest release knows. A release from before there were secrets requires none.
    let (latest, wanted) = (told(site.newest()).await?, told(site.version(release)).await?);
    let sent = latest.split(',').next().unwrap_or_default();
    if !sent.is_empty() && !wanted.is_empty() && !wanted.split(',').any(|known| known == sent) {
        bail!(
            "release {release} is older than the last two secrets of CloudFront, so it could not answer any visitor: nothing was \
             changed"
        );
    }
    Ok(())
}

/// Tries an installation out.
pub async fn smoke(arguments: Smoke) -> Result<ExitCode> {
    let mut progress = Progress::new(1, arguments.site.json);
    progress.begin("try out");
    let patience = arguments.patience.map(|seconds| Patience::new(Duration::from_secs(seconds)));
    let at = arguments.at.as_deref().map(|at| at.trim_end_matches('/'));
    let laptop = at.filter(|at| is_this_machine(at)).and_then(|at| Some((at, Running::read(&arguments.data)?)));
    let sound = if let Some((at, laptop)) = laptop {
        on_laptop(&progress, at, &laptop, &arguments.data, patience.unwrap_or(Patience::LAPTOP)).await?
    } else {
        let (cloud, edition) = settings::read(&arguments.site.event)?;
        let account = Account::new(&cloud).await?;
        let site = address(&account, &cloud.function("site")).await?;
        let mut stack = deployed(&account, &cloud, &site, told(&account, &cloud).await);
        if let Some(at) = at {
            at.clone_into(&mut stack.site);
        }
        try_out(&progress, &stack, &edition, patience.unwrap_or(Patience::RUNNING)).await?
    };
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Tries out the laptop that runs on `data`.
async fn on_laptop(progress: &Progress, at: &str, laptop: &Running, data: &Path, patience: Patience) -> Result<bool> {
    let aws = laptop.aws();
    let edition = Editions::new(&Table::new(&aws.dynamodb, names::TABLE), &Clock::system()).current().await;
    let edition = edition.with_context(|| {
        format!(
            "the laptop of {} does not answer: start it with cargo run -- --cache, or name another folder with --data",
            data.display()
        )
    })?;
    let edition = edition.context("the laptop has no edition yet")?;
    let stack = Stack {
        aws: &aws,
        site: at.to_owned(),
        origin: laptop.site.clone(),
        table: names::TABLE.to_owned(),
        buckets: Buckets {
            originals: names::ORIGINALS.to_owned(),
            review: names::REVIEW.to_owned(),
            public: names::PUBLIC.to_owned(),
            removals: names::REMOVALS.to_owned(),
        },
        alarms: Alarms::NotAsked("a laptop has no alarms".to_owned()),
    };
    try_out(progress, &stack, &edition, patience).await
}

/// Whether an address belongs to this machine.
fn is_this_machine(address: &str) -> bool {
    let uri: Option<Uri> = address.parse().ok();
    uri.as_ref().and_then(Uri::host).is_some_and(|host| {
        let number = host.trim_matches(['[', ']']).parse::<IpAddr>();
        host.eq_ignore_ascii_case("localhost") || number.is_ok_and(|number| number.is_loopback())
    })
}

/// Returns the site's address from the configuration of its function.
async fn address(account: &Account, function: &str) -> Result<String> {
    let variables = account.lambda.environment(function, Some(LIVE)).await;
    let variables = variables.with_context(|| format!("the site is not deployed: there is no function {function}"))?;
    variables.get("SITE_ORIGIN").cloned().context("the site's function has no address; deploy again")
}

/// Returns the number of messages in a queue, in flight or not.
async fn queued(account: &Account, name: &str) -> Result<u64> {
    let sqs = &account.aws.sqs;
    let url = match sqs.get_queue_url().queue_name(name).send().await {
        Ok(found) => found.queue_url.unwrap_or_default(),
        Err(error) => bail!("the queue {name} cannot be read: {}", error.code().unwrap_or("no answer")),
    };
    let (visible, flying) =
        (QueueAttributeName::ApproximateNumberOfMessages, QueueAttributeName::ApproximateNumberOfMessagesNotVisible);
    let told =
        sqs.get_queue_attributes().queue_url(url).attribute_names(visible).attribute_names(flying).send().await?;
    Ok(told.attributes.unwrap_or_default().values().filter_map(|n| n.parse::<u64>().ok()).sum())
}

async fn lines_of(
    account: &Account,
    group: &str,
    function: &str,
    from: i64,
    with: Option<&str>,
) -> Result<Vec<(i64, String, String)>> {
    let filter = with.map(|text| format!("\"{}\"", text.replace('"', "\\\"")));
    let events = account.logs.events(group, from, filter.as_deref()).await;
    let events = events.with_context(|| format!("the log {group} cannot be read"))?;
    Ok(events.into_iter().map(|event| (event.at_ms, function.to_owned(), event.message)).collect())
}
