//! `techognition restore`: restores the table in place to an instant of the last weeks; or drills that beside the live site.
//!
//! An older copy must not be read before the removals that it does not know are applied. So all functions are stopped from before the first
//! row is changed until after the last removal, and everything is checked in the copy first.

use std::{collections::BTreeSet, process::ExitCode, time::Duration};

use anyhow::{Context, Result, bail};
use housekeeping::removals::{self, Mode};
use jiff::Timestamp;
use local::functions::Functions;
use serde_json::json;
use shared::{
    runtime::Clock,
    store::{
        cdn::CdnInvalidation,
        recount::Recount,
        restore::{self, Filled, fill},
        table::Table,
    },
};

use super::{destroy::confirm, installation::Installation};
use crate::{
    Site,
    cloud::{
        account::Account,
        backups,
        progress::{Progress, duration},
        settings::{self, Cloud},
    },
};

/// How long edges are asked to drop everything.
const PATIENCE: Duration = Duration::from_mins(1);

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    site: Site,
    /// The time to go back to, such as 2027-03-05T14:05:00Z [default for a drill: the latest backup]
    #[arg(long, value_name = "TIME", required_unless_present = "drill")]
    at: Option<Timestamp>,
    /// Only practise: make a copy of the table, check it, delete it. The site is not touched
    #[arg(long)]
    drill: bool,
    /// The site's name, as in the settings [default: the command asks for it]
    #[arg(long, value_name = "NAME", conflicts_with = "drill")]
    yes: Option<String>,
    /// The account is an emulated AWS, in which nothing is at work
    #[arg(long, hide = true)]
    emulated: bool,
}

pub async fn run(arguments: Arguments) -> Result<ExitCode> {
    let (cloud, _) = settings::read(&arguments.site.event)?;
    let mut progress = Progress::new(if arguments.drill { 3 } else { 6 }, arguments.site.json);
    progress.begin("account");
    let account = Account::new(&cloud).await?;
    let (earliest, latest) = backups::window(&account.aws.dynamodb, &cloud.name).await?;
    let facts = json!({ "account": account.id, "earliest": earliest.to_string(), "latest": latest.to_string() });
    progress.done(&format!("{} has backups from {earliest} to {latest}", cloud.name), &facts);
    let at = arguments.at.unwrap_or(latest);
    if at < earliest || at > latest {
        bail!("there is no backup of {at}; expected a time from {earliest} to {latest}");
    }
    if arguments.drill {
        Box::pin(drill(&mut progress, &cloud, &account, at)).await
    } else {
        Box::pin(back(&arguments, &mut progress, &cloud, &account, at)).await
    }
}

/// Makes a copy beside the table, checks it as a restore would, and deletes it.
async fn drill(progress: &mut Progress, cloud: &Cloud, account: &Account, at: Timestamp) -> Result<ExitCode> {
    let copy = format!("{}-drill-{}", cloud.name, stamp(at));
    make(progress, cloud, account, &copy, at).await?;
    progress.begin("look");
    let looked = look(cloud, account, &copy).await;
    let dropped = backups::drop_copy(&account.aws.dynamodb, &copy).await;
    let looked = looked?;
    looked.tell(progress);
    dropped?;
    progress.note(&format!(
        "The drill took {}, and the site was not touched. Differences between the copy and the buckets come from changes since {at}, \
         and from nothing else if last night's audit was clean.",
        duration(progress.seconds())
    ));
    Ok(ExitCode::SUCCESS)
}

/// Restores the table.
async fn back(
    arguments: &Arguments,
    progress: &mut Progress,
    cloud: &Cloud,
    account: &Account,
    at: Timestamp,
) -> Result<ExitCode> {
    let copy = format!("{}-restore-{}", cloud.name, stamp(at));
    make(progress, cloud, account, &copy, at).await?;
    progress.begin("look");
    look(cloud, account, &copy).await?.tell(progress);
    let asked = format!(
        "This restores the rows of {} to {at}. Photos that came later lose their text, and decisions made later must be made again. \
         Removed photos stay removed. The site stops for about ten minutes.",
        cloud.name
    );
    confirm(arguments.yes.as_deref(), &cloud.name, &asked)?;

    progress.begin("stop");
    let functions = Functions::read()?.functions;
    for function in &functions {
        let name = cloud.function(&function.name);
        account.lambda.stop(&name).await.with_context(|| format!("{name} cannot be stopped"))?;
    }
    // Functions that are running already may write until their time-out.
    let longest = functions.iter().map(|function| function.timeout_s).max().unwrap_or_default();
    if !arguments.emulated {
        for left in (0..longest).rev() {
            progress.doing(&format!("waiting {left} s for the last function to end"));
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
    progress.done("all functions have stopped", &json!({ "functions": functions.len() }));

    progress.begin("rows");
    let table = |name: &str| Table::new(&account.aws.dynamodb, name);
    let filled = fill(&table(&cloud.name), &table(&copy), restore::Mode::Apply).await.context(STOPPED)?;
    progress.done(&changed(&filled), &json!(filled));

    progress.begin("removals");
    let installation = Installation::on(cloud, account, None).await?;
    let replayed = removals::replay(&installation.housekeeping, Mode::Apply).await.context(STOPPED)?;
    let again = removals::replay(&installation.housekeeping, Mode::Check).await.context(STOPPED)?;
    if !again.is_current() {
        bail!("the table still does not know {} recorded removals. {STOPPED}", again.applied + again.buried);
    }
    progress.done(
        &format!("{} of {} applied again", replayed.applied + replayed.buried, replayed.removals),
        &json!(replayed),
    );

    for function in &functions {
        let name = cloud.function(&function.name);
        account.lambda.start(&name).await.with_context(|| format!("{name} could not be started again"))?;
    }
    let everything = BTreeSet::from(["/*".to_owned()]);
    let told = CdnInvalidation::new(&account.aws.cloudfront, &installation.distribution);
    if told.forget(&everything, &format!("restore {at} {}", Clock::system().now()), PATIENCE).await.is_empty() {
        progress
            .note("CloudFront could not be told to forget old answers. It does so by itself within about ten minutes.");
    }
    backups::drop_copy(&account.aws.dynamodb, &copy).await?;
    progress.note(&format!(
        "The table is restored to {at}, and knows of every removal. The site is running again. Check techognition status now, and the \
         audit of the next night. To undo this, restore to a time just before it."
    ));
    Ok(ExitCode::SUCCESS)
}

/// What an organiser must know if the command is interrupted.
const STOPPED: &str =
    "All functions are stopped, so that nothing reads a half-restored table: run the same command again to continue";

async fn make(progress: &mut Progress, cloud: &Cloud, account: &Account, copy: &str, at: Timestamp) -> Result<()> {
    progress.begin("copy");
    backups::copy(&account.aws.dynamodb, &cloud.name, copy, at, |status| {
        progress.doing(&format!("making {copy} ({status}); this can take half an hour"));
    })
    .await?;
    progress.done(&format!("{copy}, as of {at}"), &json!({ "copy": copy, "at": at.to_string() }));
    Ok(())
}

/// The state of a copy.
struct Looked {
    recount: Recount,
    removals: removals::Replayed,
    filled: Filled,
}

/// Reads all of a copy: recounts it, finds the removals that it does not know, and compares it with the table.
async fn look(cloud: &Cloud, account: &Account, copy: &str) -> Result<Looked> {
    let installation = Installation::on(cloud, account, Some(copy)).await?;
    let table = |name: &str| Table::new(&account.aws.dynamodb, name);
    Ok(Looked {
        recount: housekeeping::audit(&installation.housekeeping).await?,
        removals: removals::replay(&installation.housekeeping, Mode::Check).await?,
        filled: fill(&table(&cloud.name), &table(copy), restore::Mode::Check).await?,
    })
}

impl Looked {
    fn tell(&self, progress: &Progress) {
        let Self { recount, removals, filled } = self;
        let photos: u64 = recount.photos.values().sum();
        let facts = json!({
            "photos": recount.photos, "differences": recount.differences, "removals": removals, "rows": filled,
        });
        progress.done(&format!("{} rows, {photos} photos, all readable", filled.rows), &facts);
        progress.note(&format!(
            "{} removals are recorded, of which the copy does not know {}.",
            removals.removals,
            removals.applied + removals.buried
        ));
        progress.note(&format!("A restore would do this: {}.", changed(filled)));
    }
}

fn changed(filled: &Filled) -> String {
    format!("{} rows written, {} deleted, {} unchanged", filled.written, filled.deleted, filled.kept)
}

/// Formats an instant for a table's name.
fn stamp(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%S").to_string()
}
