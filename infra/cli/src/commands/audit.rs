//! `techognition audit`: recounts everything. Exit status 1 if anything disagrees.

use std::process::ExitCode;

use anyhow::Result;
use shared::store::recount::Recount;

use super::installation::{Installation, Which};
use crate::say;

#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    which: Which,
    /// First correct the counters of devices that are wrong; in a table older than these counters, all are
    #[arg(long)]
    repair: bool,
    /// Print one line of JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(arguments: &Arguments) -> Result<ExitCode> {
    let installation = Installation::open(&arguments.which).await?;
    let done = count(&installation.housekeeping, arguments.repair).await;
    installation.close().await;
    let (repaired, recount) = done?;
    let sound = recount.differences.is_zero();
    if arguments.json {
        let mut line = serde_json::to_value(&recount)?;
        if let (Some(line), true) = (line.as_object_mut(), arguments.repair) {
            line.insert("repaired".to_owned(), repaired.into());
        }
        say(line);
    } else {
        if arguments.repair {
            say(format_args!("{repaired:>9}  devices whose counters were wrong and have been corrected"));
        }
        for (state, n) in &recount.photos {
            say(format_args!("{n:>9}  {state}"));
        }
        if let serde_json::Value::Object(differences) = serde_json::to_value(&recount.differences)? {
            for (name, n) in differences.iter().filter(|(_, n)| n.as_u64() != Some(0)) {
                say(format_args!("{n:>9}  {}  <- should be zero", name.replace('_', " ")));
            }
        }
        if recount.differences.sender_counters_wrong > 0 {
            say("To correct the counters of devices: techognition audit --repair");
        }
        say(if sound {
            "Rows, feeds, counters, audits and objects agree."
        } else {
            "Something does not agree: see the lines marked above."
        });
    }
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Recounts everything, after a repair if requested. Returns how many devices were repaired, and the result of the recount.
async fn count(housekeeping: &housekeeping::App, repair: bool) -> Result<(u64, Recount)> {
    let repaired = if repair { housekeeping::repair(housekeeping).await? } else { 0 };
    Ok((repaired, housekeeping::audit(housekeeping).await?))
}
