//! `techognition destroy`: removes the site from the account. Photos stay, unless their deletion is confirmed separately.

use std::{
    io::{BufRead, IsTerminal},
    path::Path,
    process::ExitCode,
};

use anyhow::{Result, bail};
use serde_json::json;

use super::deploy::{INFRASTRUCTURE, Place};
use crate::{
    Site,
    cloud::{account::Account, guard::Changes, progress::Progress, settings, terraform::Terraform},
    say,
};

/// Resources that hold photos, or say how they are kept: all of them stay.
const KEPT: [&str; 2] = ["aws_s3_bucket", "aws_dynamodb_table"];

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    site: Site,
    #[command(flatten)]
    place: Place,
    /// The site's name, as in the settings [default: the command asks for it]
    #[arg(long, value_name = "NAME")]
    yes: Option<String>,
    /// To delete every photo, too: the account's number, as proof that you mean this account
    #[arg(long, value_name = "ACCOUNT")]
    and_every_photo: Option<String>,
}

pub async fn run(arguments: Arguments) -> Result<ExitCode> {
    let (cloud, _) = settings::read(&arguments.site.event)?;
    let mut progress = Progress::new(3, arguments.site.json);
    progress.begin("account");
    let account = Account::new(&cloud).await?;
    progress.done(&format!("{} in {}", account.id, cloud.region), &json!({ "account": account.id }));
    if let Some(number) = &arguments.and_every_photo {
        if *number != account.id {
            bail!(
                "--and-every-photo names the account {number}, but these credentials belong to {}: nothing was changed",
                account.id
            );
        }
        bail!(
            "photos must be deleted by hand, so that no command can delete them by mistake: infra/README.md, \"Deleting every photo\". \
             Without --and-every-photo, destroy removes everything else"
        );
    }
    let asked = format!("This takes the site {} off the internet. Its photos are kept.", cloud.name);
    confirm(arguments.yes.as_deref(), &cloud.name, &asked)?;

    progress.begin("plan");
    let (bucket, there) = account.known_state_bucket(&cloud).await?;
    if !there {
        bail!(
            "no site {} was deployed in {}: there is no bucket {bucket}. Check cloud.name and cloud.region in infra/event.toml",
            cloud.name,
            cloud.region
        );
    }
    let mut terraform = Terraform::find(Path::new(INFRASTRUCTURE), arguments.place.work()).await?;
    arguments.place.tell(&mut terraform)?;
    arguments.place.connect(&terraform, &cloud, &bucket).await?;
    let mut more = vec!["-destroy".to_owned()];
    let all = terraform.state().await?;
    let removed = all
        .iter()
        .filter(|address| !address.starts_with("data.") && !KEPT.iter().any(|kept| address.starts_with(kept)));
    more.extend(removed.map(|address| format!("-target={address}")));
    if more.len() == 1 {
        progress.done("nothing to remove", &json!(null));
        return Ok(ExitCode::SUCCESS);
    }
    let variables = arguments.place.variables(&cloud, &arguments.place.zips())?;
    let changes = Changes::new(&terraform.plan(&variables, &more).await?);
    progress.done(&changes.sentence(), &json!(changes));
    if !changes.losing_photos.is_empty() {
        bail!("this would delete photos, so nothing was changed: {}", changes.losing_photos.join(", "));
    }

    progress.begin("remove");
    let of = changes.count();
    terraform.apply(|done, address| progress.doing(&format!("{done} of {of}  {address}"))).await?;
    progress.done(&format!("{of} of {of}"), &json!({ "changes": of }));
    progress.note(
        "The photos and the table are kept, and private. techognition deploy brings the site back with them. Without its own domain the \
         site then has a new address: printed codes, links and passkeys of the old one do not work, so use techognition deploy --invite.",
    );
    Ok(ExitCode::SUCCESS)
}

/// Checks that the user has confirmed with the site's name, or asks for it, after saying in `what` what will happen.
pub fn confirm(given: Option<&str>, name: &str, what: &str) -> Result<()> {
    let given = match given {
        Some(given) => given.to_owned(),
        None if std::io::stdin().is_terminal() => {
            say(format_args!("{what} Type the site's name to continue:"));
            std::io::stdin().lock().lines().next().transpose()?.unwrap_or_default()
        }
        None => bail!("confirm the site's name with --yes {name}"),
    };
    if given.trim() != name {
        bail!("{:?} is not the name {name:?}: nothing was changed", given.trim());
    }
    Ok(())
}
