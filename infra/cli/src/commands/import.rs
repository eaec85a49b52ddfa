//! `techognition import`: imports the registers of schools, for the form's suggestions.

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, Result};
use local::DataFolder;
use serde_json::json;
use shared::store::{
    schools::{Imported, Schools},
    table::Table,
};

use crate::{
    Data,
    cloud::{account::Account, settings},
    registers::{self, Register},
    say,
};

/// Number of invalid rows that are reported one by one; the rest is counted.
const TOLD: usize = 5;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Import an official register of schools and colleges (CSV): England's "Get information about schools" (all establishment data),
    /// Wales's address list, Scotland's contact list, Northern Ireland's institution list. Safe to repeat with a newer file
    Schools {
        /// The register's file; its columns show which nation it is from
        file: PathBuf,
        #[command(flatten)]
        data: Data,
        /// Import into the deployed site instead of the one on this machine
        #[arg(long, conflicts_with = "data")]
        deployed: bool,
        /// The organiser's file of settings, which names the deployed site
        #[arg(long, value_name = "FILE", default_value = "infra/event.toml")]
        event: PathBuf,
        /// Print one line of JSON
        #[arg(long)]
        json: bool,
    },
}

pub async fn run(command: Command) -> Result<ExitCode> {
    let Command::Schools { file, data, deployed, event, json } = command;
    let bytes = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let register = registers::read(&bytes).with_context(|| format!("{} was not imported", file.display()))?;
    let imported = if deployed {
        let (cloud, _) = settings::read(&event)?;
        let account = Account::new(&cloud).await?;
        write(&Table::new(&account.aws.dynamodb, &cloud.name), &register).await?
    } else {
        let workshop = DataFolder::open(&data.data).await?;
        let written = write(&workshop.table, &register).await;
        workshop.close().await;
        written?
    };
    tell(&register, imported, json);
    Ok(ExitCode::SUCCESS)
}

async fn write(table: &Table, register: &Register) -> Result<Imported> {
    Ok(Schools::new(table).import(&register.open, &register.closed).await?)
}

fn tell(register: &Register, imported: Imported, json: bool) {
    let Imported { written, unchanged, removed } = imported;
    if json {
        let wrong: Vec<_> = register.wrong.iter().map(ToString::to_string).collect();
        let nation = register.nation;
        return say(
            json!({ "nation": nation, "written": written, "unchanged": unchanged, "removed": removed, "wrong": wrong }),
        );
    }
    say(format_args!(
        "The register of {}: {written} schools saved, {unchanged} unchanged, {removed} removed because they have closed.",
        register.nation.name()
    ));
    for wrong in register.wrong.iter().take(TOLD) {
        say(format_args!("  left out: {wrong}"));
    }
    if register.wrong.len() > TOLD {
        say(format_args!("  and {} more", register.wrong.len() - TOLD));
    }
}
