//! `techognition deploy` and `preflight`: put the site into an AWS account with one command, which may be repeated at any time.
//!
//! Everything is checked before anything changes: tools, account, packages and plan come first, and a plan that would lose photos is
//! refused. Exactly this plan is then applied.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result, bail};
use jiff::SignedDuration;
use serde_json::json;
use shared::{
    domain::{Edition, states::Role},
    pages::format,
    runtime::Clock,
    store::{editions::Editions, members::Members, table::Table},
};

use crate::{
    Site,
    cloud::{
        account::Account,
        edge_secrets::{self, Rotation},
        guard::Changes,
        limits, money,
        package::{self, Effort},
        progress::{Progress, duration},
        releases::{self, Releases},
        settings::{self, Architecture, Cloud},
        terraform::Terraform,
    },
    commands::money::bill,
    say,
    trial::{self, Alarms, Buckets, Patience, Stack, Told},
};

/// The folder of the infrastructure's description within the project.
pub const INFRASTRUCTURE: &str = "infra/aws";
/// The name of the person whom a deployment invites.
const ORGANISER: &str = "Organiser";

#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub struct Arguments {
    #[command(flatten)]
    site: Site,
    /// Only show what would change
    #[arg(long)]
    plan: bool,
    /// The functions' processor, instead of the one in the settings: arm64 or x86_64
    #[arg(long)]
    architecture: Option<Architecture>,
    /// Use the functions' programs from this folder instead of building them
    #[arg(long, value_name = "DIR")]
    bootstraps: Option<PathBuf>,
    /// Change the secret between CloudFront and the functions
    #[arg(long)]
    rotate_edge_secret: bool,
    /// Make a sign-in link for a new owner, even if there are owners
    #[arg(long)]
    invite: bool,
    /// Do not test the site afterwards
    #[arg(long)]
    no_smoke: bool,
    #[command(flatten)]
    place: Place,
}

/// Where a command works, and on which kind of AWS.
#[derive(Clone, Debug, clap::Args)]
pub struct Place {
    /// The folder for packages and plans
    #[arg(long, value_name = "DIR", default_value = "target/deploy")]
    work: PathBuf,
    /// The account is an emulated AWS, which AWS_ENDPOINT_URL names
    #[arg(long, hide = true)]
    emulated: bool,
}

#[derive(Debug, clap::Args)]
pub struct Preflight {
    #[command(flatten)]
    site: Site,
    /// Ask AWS to let 1,000 functions run at once
    #[arg(long)]
    ask: bool,
    #[command(flatten)]
    place: Place,
}

/// Checks everything that `deploy` needs. It changes nothing, but may request a higher limit from AWS.
pub async fn preflight(arguments: Preflight) -> Result<ExitCode> {
    let mut progress = Progress::new(4, arguments.site.json);
    let (cloud, edition) = settings::read(&arguments.site.event)?;
    progress.begin("settings");
    progress.done(&format!("{} in {}, {}", cloud.name, cloud.region, edition.name), &json!({ "name": cloud.name }));
    progress.begin("tools");
    let terraform = Terraform::find(Path::new(INFRASTRUCTURE), &arguments.place.work).await?;
    let missing = package::missing(cloud.architecture).await;
    progress.done(&terraform.version, &json!({ "terraform": terraform.version, "missing": missing }));
    if let Some(missing) = missing {
        progress.note(&missing);
    }
    let account = identify(&mut progress, &cloud).await?;
    if arguments.ask {
        let said =
            limits::ask_for_functions(&account).await.context("the request for more functions at once failed")?;
        progress.note(&format!("AWS has been asked to let more functions run at once: {said}."));
    }
    progress.begin("limits");
    let obstacles = limits::obstacles(&cloud, &edition, &account, Clock::system().now()).await;
    let sentence =
        if obstacles.is_empty() { "ready to deploy" } else { "you can deploy, but solve this before the day:" };
    progress.done(sentence, &json!(obstacles));
    for obstacle in &obstacles {
        progress.note(&obstacle.says);
    }
    Ok(ExitCode::SUCCESS)
}

/// Deploys the site.
pub async fn run(arguments: Arguments) -> Result<ExitCode> {
    let Arguments { site, place, .. } = &arguments;
    let (mut cloud, edition) = settings::read(&site.event)?;
    cloud.architecture = arguments.architecture.unwrap_or(cloud.architecture);
    let mut progress = Progress::new(if arguments.plan { 5 } else { 8 }, site.json);
    progress.begin("tools");
    let mut terraform = Terraform::find(Path::new(INFRASTRUCTURE), &place.work).await?;
    place.tell(&mut terraform)?;
    progress.done(&terraform.version, &json!({ "terraform": terraform.version }));
    let account = identify(&mut progress, &cloud).await?;
    limits(&progress, &cloud, &edition, &account).await;

    progress.begin("state");
    let (bucket, new) = account.state_bucket(&cloud).await?;
    place.connect(&terraform, &cloud, &bucket).await?;
    progress.done(&format!("{bucket}{}", if new { ", new" } else { "" }), &json!({ "bucket": bucket, "new": new }));

    progress.begin("packages");
    let zips = packages(&arguments, &cloud, &progress).await?;
    progress.done(&zips.1, &zips.2);

    progress.begin("plan");
    let variables = place.variables(&cloud, &zips.0)?;
    let rotation = if arguments.rotate_edge_secret { Rotation::Rotate } else { Rotation::Keep };
    let secrets = edge_secrets::next(&terraform.outputs().await?, rotation, &cloud, &account).await?;
    terraform.with("TF_VAR_edge_secrets", serde_json::to_string(&secrets)?);
    let changes = Changes::new(&terraform.plan(&variables, &[]).await?);
    progress.done(&changes.sentence(), &json!(changes));
    if arguments.plan {
        changes.lines().iter().for_each(|line| progress.note(line));
    }
    if !changes.losing_photos.is_empty() {
        bail!(
            "this would delete photos, so nothing was changed: {}. To delete them on purpose, see techognition destroy --help",
            changes.losing_photos.join(", ")
        );
    }
    if arguments.plan {
        return Ok(ExitCode::SUCCESS);
    }

    progress.begin("apply");
    let of = changes.count();
    // Before the first deployment there are no functions to ask.
    let before = Releases::read(&account, &cloud).await.ok().map(|releases| releases.live());
    terraform
        .apply(|done, address| progress.doing(&format!("{done} of {of}  {address}")))
        .await
        .context("the deployment is not complete. What is done stays: run the same command again to continue")?;
    let release = releases::record(&account, &cloud, before.as_ref()).await?;
    progress.done(&format!("{of} of {of}, release {release}"), &json!({ "changes": of, "release": release }));

    progress.begin("settings");
    let outputs = terraform.outputs().await?;
    let address = outputs["site"].as_str().context("the deployed site has no address")?.to_owned();
    let table = Table::new(&account.aws.dynamodb, &cloud.name);
    let clock = Clock::system();
    Editions::new(&table, &clock).put(&edition).await?;
    let (members, life, now) = (Members::new(&table), SignedDuration::from_hours(24), clock.now());
    let code = if arguments.invite {
        Some(members.invite(ORGANISER, Role::Owner, life, now).await?)
    } else {
        members.invite_first_owner(ORGANISER, life, now).await?
    };
    progress.done(&edition.name, &json!({ "edition": edition.slug }));

    progress.begin("try out");
    let sound = if arguments.no_smoke {
        progress.done("skipped", &json!(null));
        true
    } else {
        // A recipient who has just been invited cannot have confirmed yet.
        let alarms = if changes.made.contains_key("aws_sns_topic_subscription") {
            let why = "AWS has just sent messages to confirm the addresses: confirm them, then run techognition smoke";
            Alarms::NotAsked(why.to_owned())
        } else {
            told(&account, &cloud).await
        };
        let stack = deployed(&account, &cloud, &address, alarms);
        try_out(&progress, &stack, &edition, Patience::DEPLOYED).await?
    };
    finish(&arguments, &progress, (&cloud, &edition), &address, (&release, code.as_deref()));
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Place {
    /// Tells Terraform the address of an emulated AWS, and blocks all other connections.
    pub fn tell(&self, terraform: &mut Terraform) -> Result<()> {
        if self.emulated {
            let endpoint = endpoint()?;
            // A service whose endpoint was forgotten must not be called at AWS.
            for name in ["HTTP_PROXY", "HTTPS_PROXY"] {
                terraform.with(name, "http://127.0.0.1:9".to_owned());
            }
            terraform.with("NO_PROXY", "127.0.0.1,localhost".to_owned());
            terraform.with("AWS_ENDPOINT_URL", endpoint);
        }
        Ok(())
    }

    /// Connects Terraform to the state in the account.
    pub async fn connect(&self, terraform: &Terraform, cloud: &Cloud, bucket: &str) -> Result<()> {
        terraform.init(bucket, &format!("{}.tfstate", cloud.name), &cloud.region, self.emulated).await
    }

    /// Writes the file of variables, and returns its path.
    pub fn variables(&self, cloud: &Cloud, zips: &Path) -> Result<PathBuf> {
        let path = std::path::absolute(&self.work)?.join("variables.tfvars.json");
        // Relative to Terraform's working folder, so that the same command on another machine finds no change.
        let zips = if zips.is_relative() { Path::new("../..").join(zips) } else { zips.to_owned() };
        let variables = cloud.variables(&zips, self.emulated);
        std::fs::write(&path, serde_json::to_vec_pretty(&variables)?)?;
        Ok(path)
    }

    /// Returns the effort with which packages are compressed.
    fn effort(&self) -> Effort {
        if self.emulated { Effort::Quick } else { Effort::Small }
    }

    /// Returns the folder of the packages.
    pub fn zips(&self) -> PathBuf {
        self.work.join("zips")
    }

    /// Returns Terraform's working folder.
    pub fn work(&self) -> &Path {
        &self.work
    }
}

#[expect(clippy::disallowed_methods, reason = "the SDK's own variable; a command reads its user's environment")]
fn endpoint() -> Result<String> {
    std::env::var("AWS_ENDPOINT_URL").context("set AWS_ENDPOINT_URL to the address of the emulated AWS")
}

async fn identify(progress: &mut Progress, cloud: &Cloud) -> Result<Account> {
    progress.begin("account");
    let account = Account::new(cloud).await?;
    let facts = json!({ "account": account.id, "region": cloud.region, "identity": account.identity });
    progress.done(&format!("{} in {}, as {}", account.id, cloud.region, account.identity), &facts);
    Ok(account)
}

/// Reports obstacles in the account. None of them stops a deployment.
async fn limits(progress: &Progress, cloud: &Cloud, edition: &Edition, account: &Account) {
    let obstacles = limits::obstacles(cloud, edition, account, Clock::system().now()).await;
    for obstacle in &obstacles {
        progress.note(&obstacle.says);
    }
}

/// Makes the packages. Returns their folder, a sentence, and the sizes.
async fn packages(
    arguments: &Arguments,
    cloud: &Cloud,
    progress: &Progress,
) -> Result<(PathBuf, String, serde_json::Value)> {
    let root = std::env::current_dir()?;
    let binaries = match &arguments.bootstraps {
        Some(folder) => folder.clone(),
        None => package::build(&root, cloud.architecture, |line| progress.doing(line)).await?,
    };
    let zips = arguments.place.zips();
    let packages = package::zip(&binaries, &zips, cloud.architecture, arguments.place.effort())?;
    let sizes: Vec<_> = packages
        .iter()
        .map(|package| format!("{} {}", package.function, format::megabytes(package.zip_bytes)))
        .collect();
    let sentence = format!("{} functions for {}: {}", packages.len(), cloud.architecture, sizes.join(", "));
    Ok((zips, sentence, json!(packages)))
}

/// Returns the deployed site as a trial needs it.
pub fn deployed<'a>(account: &'a Account, cloud: &Cloud, site: &str, alarms: Alarms) -> Stack<'a> {
    let bucket = |room| cloud.bucket(&account.id, room);
    Stack {
        aws: &account.aws,
        site: site.to_owned(),
        origin: site.to_owned(),
        table: cloud.name.clone(),
        buckets: Buckets {
            originals: bucket("originals"),
            review: bucket("review"),
            public: bucket("public"),
            removals: bucket("removals"),
        },
        alarms,
    }
}

/// Returns the state of the subscriptions to alarms.
pub async fn told(account: &Account, cloud: &Cloud) -> Alarms {
    match account.alarms.wrong(cloud, &account.id).await {
        Ok(Some(wrong)) => Alarms::Asked(wrong),
        Ok(None) => Alarms::NotAsked("nobody gets alarms: set cloud.alarm_email in infra/event.toml".to_owned()),
        Err(error) => Alarms::Asked(vec![format!("{error:#}")]),
    }
}

/// Tries an installation out and reports the result. Returns whether everything is in order.
pub async fn try_out(progress: &Progress, stack: &Stack<'_>, edition: &Edition, patience: Patience) -> Result<bool> {
    let checks = trial::run(stack, edition, patience, |told| match told {
        Told::Waits(what) => progress.doing(what),
        Told::Tried(check) => progress.doing(check.what),
    });
    let checks = Box::pin(checks).await?;
    let tried = checks.iter().filter(|check| check.not_asked.is_none()).count();
    let wrong: Vec<_> = checks.iter().filter(|check| check.wrong.is_some()).collect();
    let sentence = match wrong.len() {
        0 => format!("all {tried} checks passed"),
        n => format!("{n} of {tried} checks FAILED"),
    };
    progress.done(&sentence, &json!(checks));
    for check in &wrong {
        let found = check.wrong.as_deref().unwrap_or_default();
        progress.note(&format!("FAILED: {}\n  Found instead: {found}", check.what));
        progress.note(&format!("  What to do: {}", check.advice.unwrap_or_default()));
    }
    for check in &checks {
        if let Some(why) = &check.not_asked {
            progress.note(&format!("Not checked: {}; {why}", check.what));
        }
    }
    Ok(wrong.is_empty())
}

fn finish(
    arguments: &Arguments,
    progress: &Progress,
    (cloud, edition): (&Cloud, &Edition),
    site: &str,
    (release, code): (&str, Option<&str>),
) {
    let organiser = code.map(|code| format!("{site}/moderation/sign-in#code={code}"));
    let worst = money::total(&bill(cloud, edition));
    if arguments.site.json {
        let seconds = progress.seconds();
        say(
            json!({ "site": site, "release": release, "organiser": organiser, "ceiling_usd": worst, "seconds": seconds }),
        );
        return;
    }
    say(format_args!("\nDeployed in {}.\n", duration(progress.seconds())));
    say(format_args!("  Site       {site}"));
    say(format_args!("  Release    {release}"));
    if let Some(link) = organiser {
        say(format_args!("  Sign in    {link}"));
        say("             (you, the organiser: open this first. It works once, within a day)");
    } else {
        say(format_args!("  Sign in    {site}/moderation/sign-in"));
        say("             (with your passkey; techognition deploy --invite makes a link for another owner)");
    }
    match cloud.alarm_email.as_str() {
        "" => say("  Alarms     nobody gets them; set cloud.alarm_email in infra/event.toml"),
        email => say(format_args!("  Alarms     {email} (confirm the two messages that AWS sends there)")),
    }
    say(format_args!(
        "  Money      an attack on the functions costs at most ${worst:.0} a day; see techognition ceiling"
    ));
}
