//! `techognition draw verify`: checks a prize draw from its four public files alone, without a data folder or an account.

use std::{path::Path, process::ExitCode};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http::Method;
use serde_json::json;
use shared::domain::{
    draw::{
        bad_file::FileName,
        protocol,
        verify::{self, Files, Verdict},
    },
    ids::{Leaf, Ticket},
};

use crate::{cloud::http::Http, say};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Compute a draw again from its public files, and say what holds; exit status 1 if anything does not
    Verify(Verify),
}

#[derive(Clone, Debug, clap::Args)]
pub struct Verify {
    /// The folder with commit.json, entries.txt, beacon.json and result.json, or its address on the site
    #[arg(value_name = "FOLDER|URL")]
    place: String,
    /// Find the place of this ticket, too
    #[arg(long, value_name = "TICKET")]
    ticket: Option<Ticket>,
    /// Print one line of JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Verify(arguments) => verify(&arguments).await,
    }
}

async fn verify(arguments: &Verify) -> Result<ExitCode> {
    let mut files = Vec::with_capacity(FileName::ALL.len());
    for name in FileName::ALL {
        files.push(read(&arguments.place, name).await?);
    }
    let [commit, entries, beacon, result] = files.as_slice() else { bail!("a draw has four files") };
    let verdict = verify::verify(Files { commit, entries, beacon, result });
    let ticket = arguments.ticket.as_ref().map(|ticket| (ticket, place(&verdict, ticket)));
    if arguments.json {
        let announcement = verdict.announcement.as_ref();
        say(json!({
            "holds": verdict.holds(),
            "draw": announcement.map(|announcement| &announcement.draw),
            "checks": verdict.checks,
            "entries": verdict.ranking.len(),
            "winners": verdict.winners(),
            "reserves": verdict.reserves(),
            "place": ticket.as_ref().and_then(|(_, place)| *place),
        }));
    } else {
        tell(&verdict);
        if let (Some((ticket, place)), Some(_)) = (ticket, &verdict.announcement) {
            say(match place {
                Some(place) => format!("The ticket {ticket} has place {place} of {}.", verdict.ranking.len()),
                None => format!("The ticket {ticket} is not among the entries."),
            });
        }
    }
    Ok(if verdict.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Returns the place of a ticket in the recomputed ranking. `None` if it is not among the entries, or they could not be read.
fn place(verdict: &Verdict, ticket: &Ticket) -> Option<usize> {
    verdict.place(&protocol::leaf(&verdict.announcement.as_ref()?.draw, ticket))
}

fn tell(verdict: &Verdict) {
    for check in &verdict.checks {
        say(format_args!("{}  {:<10}  {}", if check.passed { "ok    " } else { "FAILED" }, check.name, check.words));
    }
    let Some(announcement) = &verdict.announcement else {
        say("The files cannot be read as those of a draw.");
        return;
    };
    for (number, (leaf, prize)) in (1..).zip(verdict.winners().iter().zip(&announcement.prizes)) {
        say(format_args!("prize {number:>4}    {leaf}  {}", prize.title));
    }
    for (number, leaf) in (1..).zip(verdict.reserves()) {
        say(format_args!("reserve {number:>2}    {}", Leaf::as_str(leaf)));
    }
    say(if verdict.holds() {
        "Everything follows from the files. When each of them was published, they cannot show: compare them with a copy of before the draw."
    } else {
        "This is not what follows from the files."
    });
}

/// Reads one file of the draw, from a folder or from the site.
async fn read(place: &str, name: FileName) -> Result<Bytes> {
    if !(place.starts_with("https://") || place.starts_with("http://")) {
        let path = Path::new(place).join(name.as_str());
        return std::fs::read(&path).map(Bytes::from).with_context(|| format!("cannot read {}", path.display()));
    }
    let url = format!("{}/{name}", place.trim_end_matches('/'));
    let answer = Http::new()?.send(Method::GET, &url, &[], Bytes::new()).await.with_context(|| url.clone())?;
    if !answer.status.is_success() {
        bail!("{url} answers {}", answer.status);
    }
    Ok(answer.body)
}
