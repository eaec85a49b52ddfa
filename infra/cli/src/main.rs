//! The `techognition` command: everything that an organiser does, from one binary.
//!
//! Exit status: 0 done, 1 failed, 2 wrong usage. With `--json`, standard output has only what a program needs, one value per line.
//!
//! Decision: `render` and `openapi` are developers' commands and stay in this binary, hidden from `--help`. They need the pipeline and the
//! code of all functions, which this binary has anyway and another one would have to link again.

mod cloud;
mod commands;
mod registers;
mod sample_day;
mod sample_photos;
mod trial;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

use crate::commands::{audit, deploy, destroy, draw, import, keep, key, money, openapi, operate, render, restore, run};

/// The photo day of #TECHOGNITION: technicians upload photos of their work, moderators decide, the public sees them.
#[derive(Debug, Parser)]
#[command(name = "techognition", version, args_conflicts_with_subcommands = true)]
struct Invocation {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: run::Arguments,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the whole system on this machine (what happens without any command)
    Run(run::Arguments),
    /// Make, list and revoke keys for scripts
    Key {
        #[command(subcommand)]
        command: key::Command,
    },
    /// Take data of others in
    Import {
        #[command(subcommand)]
        command: import::Command,
    },
    /// Show what the pipeline makes of files; for developers
    #[command(hide = true)]
    Render(render::Arguments),
    /// Count everything again and compare: zeros mean that nothing is lost
    Audit(audit::Arguments),
    /// Try the photos again that failed five times by a fault of ours, once that is mended
    Redrive(keep::Redrive),
    /// See whether the table knows of every removal, as it does not after an older copy was restored
    RestoreCheck(keep::RestoreCheck),
    /// Put the deployed table back to what it was at an instant of the last weeks, or try that beside it
    Restore(restore::Arguments),
    /// Erase photos everywhere: rows, buckets, edges, feeds
    Erase(keep::Erase),
    /// Print all that is kept of a photo, for the person who asks for it
    AccessRequest(keep::AccessRequest),
    /// Put the site into an account of AWS, or bring it up to date there; safe to repeat
    Deploy(deploy::Arguments),
    /// Look whether this machine and the account are ready to deploy
    Preflight(deploy::Preflight),
    /// Show how the deployed site is
    Status(operate::Status),
    /// Show what the deployed functions logged
    Logs(operate::Logs),
    /// Go back to the functions of the deployment before
    Rollback(operate::Rollback),
    /// Turn everybody away from the site, within a minute; nothing is lost
    Offline(operate::Switch),
    /// Let everybody in again, whoever took the site offline
    Online(operate::Switch),
    /// Try the site out, deployed or on this machine: its pages, and photos the whole road, of which nothing stays
    Smoke(operate::Smoke),
    /// Remove the site from the account; photos stay, unless told twice
    Destroy(destroy::Arguments),
    /// Print the worst that one day can cost with these settings
    Ceiling(money::Ceiling),
    /// Print what a day of so many photos and views costs
    Forecast(money::Forecast),
    /// Do the steps of a prize draw by hand, or check one
    Draw {
        #[command(subcommand)]
        command: draw::Command,
    },
    /// Print the description of the HTTP API; for developers
    #[command(hide = true)]
    Openapi,
}

/// Where an installation on this machine has its data.
#[derive(Clone, Debug, clap::Args)]
struct Data {
    /// The folder of all data
    #[arg(long, value_name = "DIR", default_value = ".techognition")]
    data: PathBuf,
}

/// Which settings a command about the deployed site goes by, and how it speaks.
#[derive(Clone, Debug, clap::Args)]
struct Site {
    /// The organiser's file of settings
    #[arg(long, value_name = "FILE", default_value = "infra/event.toml")]
    event: PathBuf,
    /// Print lines of JSON instead of words
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let invocation = Invocation::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    let done = runtime.block_on(async {
        match invocation.command {
            None => Box::pin(run::run(invocation.run)).await,
            Some(Command::Run(arguments)) => Box::pin(run::run(arguments)).await,
            Some(Command::Key { command }) => key::run(command).await,
            Some(Command::Import { command }) => import::run(command).await,
            Some(Command::Render(arguments)) => render::run(&arguments),
            Some(Command::Audit(arguments)) => Box::pin(audit::run(&arguments)).await,
            Some(Command::Redrive(arguments)) => Box::pin(keep::redrive(arguments)).await,
            Some(Command::RestoreCheck(arguments)) => Box::pin(keep::restore_check(arguments)).await,
            Some(Command::Restore(arguments)) => Box::pin(restore::run(arguments)).await,
            Some(Command::Erase(arguments)) => Box::pin(keep::erase(arguments)).await,
            Some(Command::AccessRequest(arguments)) => Box::pin(keep::access_request(arguments)).await,
            Some(Command::Deploy(arguments)) => deploy::run(arguments).await,
            Some(Command::Preflight(arguments)) => deploy::preflight(arguments).await,
            Some(Command::Status(arguments)) => operate::status(arguments).await,
            Some(Command::Logs(arguments)) => operate::logs(arguments).await,
            Some(Command::Rollback(arguments)) => operate::rollback(arguments).await,
            Some(Command::Offline(arguments)) => operate::set_offline(&arguments, true).await,
            Some(Command::Online(arguments)) => operate::set_offline(&arguments, false).await,
            Some(Command::Smoke(arguments)) => operate::smoke(arguments).await,
            Some(Command::Destroy(arguments)) => destroy::run(arguments).await,
            Some(Command::Ceiling(arguments)) => money::ceiling(&arguments),
            Some(Command::Forecast(arguments)) => money::forecast(&arguments),
            Some(Command::Draw { command }) => Box::pin(draw::run(command)).await,
            Some(Command::Openapi) => openapi::run(),
        }
    });
    match done {
        Ok(code) => code,
        Err(error) => failed(&error),
    }
}

/// Prints an error with its causes in one line to standard error.
#[expect(clippy::print_stderr, reason = "a command speaks to its user")]
fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("techognition: {error:#}");
    ExitCode::FAILURE
}

/// Prints a warning to standard error.
#[expect(clippy::print_stderr, reason = "a command speaks to its user")]
fn warn(words: impl std::fmt::Display) {
    eprintln!("{words}");
}

/// Prints one line to standard output. If the reader has gone away, that is not an error.
fn say(line: impl std::fmt::Display) {
    use std::io::Write;
    let mut out = std::io::stdout();
    drop(writeln!(out, "{line}").and_then(|()| out.flush()));
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_commands_and_options_fit_together() {
        <super::Invocation as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn what_is_for_developers_is_hidden_from_organisers() {
        let command = <super::Invocation as clap::CommandFactory>::command();
        let shown: Vec<_> =
            command.get_subcommands().filter(|one| !one.is_hide_set()).map(clap::Command::get_name).collect();
        assert!(shown.contains(&"deploy") && shown.contains(&"audit"), "{shown:?}");
        assert!(!shown.contains(&"render") && !shown.contains(&"openapi"), "{shown:?}");
    }

    #[test]
    fn a_sample_day_has_all_sample_photos_unless_it_is_told_a_number() {
        use clap::Parser;
        let sample = |given: &[&str]| super::Invocation::parse_from(given).run.sample;
        assert_eq!(sample(&["techognition", "--sample"]), u32::try_from(super::sample_photos::FILES.len()).ok());
        assert_eq!(sample(&["techognition", "--sample", "8"]), Some(8));
        assert_eq!(sample(&["techognition"]), None);
    }
}
