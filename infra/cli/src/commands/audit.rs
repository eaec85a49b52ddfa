//! `techognition audit`: everything is counted again. Exit status 1 if anything disagrees.

use std::process::ExitCode;

use anyhow::Result;
use local::Workshop;
use shared::runtime::Clock;

use crate::{Data, say};

#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    data: Data,
    /// Print one line of JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(arguments: &Arguments) -> Result<ExitCode> {
    let workshop = Workshop::open(&arguments.data.data).await?;
    let counted = async { anyhow::Ok(housekeeping::audit(&workshop.housekeeping(Clock::system())?).await?) }.await;
    workshop.close().await;
    let recount = counted?;
    let sound = recount.differences.is_zero();
    if arguments.json {
        say(serde_json::to_string(&recount)?);
    } else {
        for (state, n) in &recount.photos {
            say(format_args!("{n:>9}  {state}"));
        }
        if let serde_json::Value::Object(differences) = serde_json::to_value(&recount.differences)? {
            for (name, n) in differences.iter().filter(|(_, n)| n.as_u64() != Some(0)) {
                say(format_args!("{n:>9}  {}  <- should be zero", name.replace('_', " ")));
            }
        }
        say(if sound { "Rows, feeds, counters, audits and objects agree." } else { "Something disagrees." });
    }
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
