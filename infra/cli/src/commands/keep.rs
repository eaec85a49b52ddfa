//! `techognition redrive`, `restore-check`, `erase` and `access-request`: an organiser's work on single photos, and after a fault.

use std::process::ExitCode;

use anyhow::{Result, bail};
use housekeeping::{
    removals::{self, Mode},
    requests::{self, Erased, Return},
};
use serde_json::json;
use shared::domain::PhotoId;

use super::installation::{Installation, Which};
use crate::say;

#[derive(Clone, Debug, clap::Args)]
pub struct Redrive {
    #[command(flatten)]
    which: Which,
    /// Print one line of JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Debug, clap::Args)]
pub struct RestoreCheck {
    #[command(flatten)]
    which: Which,
    /// Repeat the removals that the table does not know
    #[arg(long)]
    apply: bool,
    /// Print one line of JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Debug, clap::Args)]
pub struct Erase {
    /// The photos, by their ids: the last part of their pages' addresses
    #[arg(value_name = "PHOTO", required = true)]
    photos: Vec<String>,
    /// Refuse the same files from now on, to protect someone in them
    #[arg(long)]
    safeguarding: bool,
    #[command(flatten)]
    which: Which,
    /// Print one line of JSON for each
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Debug, clap::Args)]
pub struct AccessRequest {
    /// The photo, by its id: the last part of its page's address
    #[arg(value_name = "PHOTO")]
    photo: String,
    #[command(flatten)]
    which: Which,
}

pub async fn redrive(arguments: Redrive) -> Result<ExitCode> {
    let installation = Installation::open(&arguments.which).await?;
    let moved = installation.originals.redrive(&installation.dead_letters).await;
    installation.close().await;
    let moved = moved?;
    match (arguments.json, moved) {
        (true, _) => say(json!({ "redriven": moved })),
        (false, 0) => say("No messages have failed."),
        (false, n) => {
            say(format_args!("{n} failed messages are being processed again. `techognition status` shows the result."));
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub async fn restore_check(arguments: RestoreCheck) -> Result<ExitCode> {
    let installation = Installation::open(&arguments.which).await?;
    let mode = if arguments.apply { Mode::Apply } else { Mode::Check };
    let replayed = removals::replay(&installation.housekeeping, mode).await;
    installation.close().await;
    let replayed = replayed?;
    if arguments.json {
        say(serde_json::to_string(&replayed)?);
    } else {
        say(format_args!("{:>9}  removals recorded", replayed.removals));
        say(format_args!("{:>9}  removed photos that the table still had", replayed.applied));
        say(format_args!("{:>9}  erased photos that the table did not know", replayed.buried));
        say(match (replayed.is_current(), mode) {
            (true, _) => "The table knows of every removal and can be used.",
            (false, Mode::Apply) => "The removals have been repeated. The table can be used.",
            (false, Mode::Check) => "Do not use this table before you have run: techognition restore-check --apply",
        });
    }
    let open = replayed.is_current() || arguments.apply;
    Ok(if open { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub async fn erase(arguments: Erase) -> Result<ExitCode> {
    let photos = arguments.photos.iter().map(|photo| id(photo)).collect::<Result<Vec<_>>>()?;
    let back = if arguments.safeguarding { Return::Refused } else { Return::Allowed };
    let installation = Installation::open(&arguments.which).await?;
    let mut all = true;
    for photo in photos {
        let erased = requests::erase(&installation.housekeeping, &photo, back).await;
        let (erased, what) = match erased {
            Ok(Erased::Gone) => (json!("gone"), "is erased; the storage is checked once more in a quarter of an hour"),
            Ok(Erased::Already) => (json!("already"), "was already erased"),
            Ok(Erased::Absent) => (json!("absent"), "is not known"),
            Err(fault) => {
                installation.close().await;
                return Err(fault.into());
            }
        };
        all &= erased != "absent";
        if arguments.json {
            say(json!({ "photo": photo, "erased": erased }));
        } else {
            say(format_args!("{photo} {what}."));
        }
    }
    installation.close().await;
    Ok(if all { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub async fn access_request(arguments: AccessRequest) -> Result<ExitCode> {
    let photo = id(&arguments.photo)?;
    let installation = Installation::open(&arguments.which).await?;
    let dossier = requests::dossier(&installation.housekeeping, &photo).await;
    installation.close().await;
    let Some(dossier) = dossier? else { bail!("there is no photo {photo}") };
    say(serde_json::to_string_pretty(&dossier)?);
    Ok(ExitCode::SUCCESS)
}

fn id(text: &str) -> Result<PhotoId> {
    let Ok(id) = text.rsplit('/').next().unwrap_or_default().parse() else {
        if text.contains('@') {
            bail!("photos have no e-mail address: give the photo's id, the last part of its page's address");
        }
        bail!("{text:?} is not a photo's id; expected the last part of its page's address");
    };
    Ok(id)
}
