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
mod sample_draws;
mod sample_photos;
mod sample_videos;
mod trial;

use std::{path::PathBuf, process::ExitCode};

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

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
    /// Start the whole system on this machine (the default without a command)
    Run(run::Arguments),
    /// Make, list and revoke keys for scripts
    Key {
        #[command(subcommand)]
        command: key::Command,
    },
    /// Import official registers of schools and colleges
    Import {
        #[command(subcommand)]
        command: import::Command,
    },
    /// Show what the pipeline makes of files; for developers
    #[command(hide = true)]
    Render(render::Arguments),
    /// Recount everything and compare: zeros mean that nothing is lost
    Audit(audit::Arguments),
    /// Process photos again that failed five times, once the fault is fixed
    Redrive(keep::Redrive),
    /// Check that the table knows of every removal; an older copy that was restored may not
    RestoreCheck(keep::RestoreCheck),
    /// Restore the deployed table to a time in the last weeks, or practise that on a copy
    Restore(restore::Arguments),
    /// Erase photos everywhere: table, storage, delivery network, feeds
    Erase(keep::Erase),
    /// Print everything that is kept about a photo, for the person who asks for it
    AccessRequest(keep::AccessRequest),
    /// Put the site online in an AWS account, or update it; safe to repeat
    Deploy(deploy::Arguments),
    /// Check that this machine and the AWS account are ready to deploy
    Preflight(deploy::Preflight),
    /// Show the health of the deployed site
    Status(operate::Status),
    /// Show the logs of the deployed functions
    Logs(operate::Logs),
    /// Go back to the functions of the previous deployment
    Rollback(operate::Rollback),
    /// Take the site offline within a minute; nothing is lost
    Offline(operate::Switch),
    /// Bring the site back online, however it went offline
    Online(operate::Switch),
    /// Test the site, deployed or on this machine: its pages, and photos end to end
    Smoke(operate::Smoke),
    /// Remove the site from the AWS account; its photos are kept
    Destroy(destroy::Arguments),
    /// Show the most that one day can cost with these settings
    Ceiling(money::Ceiling),
    /// Show what a day costs, for a number of photos and views
    Forecast(money::Forecast),
    /// Do the steps of a prize draw by hand, or check a draw
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

/// The settings of the deployed site, and the form of a command's output.
#[derive(Clone, Debug, clap::Args)]
struct Site {
    /// The organiser's file of settings
    #[arg(long, value_name = "FILE", default_value = "infra/event.toml")]
    event: PathBuf,
    /// Print lines of JSON instead of text
    #[arg(long)]
    json: bool,
}

/// The commands as `--help` lists them, by when an organiser needs them.
const GROUPS: [(&str, &[&str]); 4] = [
    ("On this machine", &["run", "import", "key"]),
    ("Put it online", &["preflight", "ceiling", "forecast", "deploy", "smoke", "destroy"]),
    ("The day", &["status", "draw", "erase", "access-request"]),
    (
        "When something is wrong",
        &["logs", "offline", "online", "rollback", "redrive", "audit", "restore-check", "restore"],
    ),
];

/// Returns the command line's definition. Its help lists the commands by [`GROUPS`], because clap lists all of them under one heading.
fn definition() -> clap::Command {
    let command = Invocation::command();
    let header = *command.get_styles().get_header();
    let row = |name: &&str| {
        let about = command.find_subcommand(name).and_then(clap::Command::get_about);
        format!("  {name:<14}  {}", about.map(ToString::to_string).unwrap_or_default())
    };
    let group = |(title, names): (&str, &[&str])| {
        format!("{header}{title}:{header:#}\n{}\n\n", names.iter().map(row).collect::<Vec<_>>().join("\n"))
    };
    let groups = GROUPS.map(group).concat();
    let template = format!(
        "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{groups}{header}Options:{header:#}\n{{options}}\n\n\
         techognition help COMMAND explains one command."
    );
    command.help_template(template)
}

/// Reads the command line. Ends the process if it is wrong, or if it asks for help.
fn invocation() -> Invocation {
    let mut command = definition();
    let matches = command.clone().get_matches();
    Invocation::from_arg_matches(&matches).unwrap_or_else(|error| error.format(&mut command).exit())
}

fn main() -> ExitCode {
    let invocation = invocation();
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
    use std::collections::BTreeSet;

    #[test]
    fn the_commands_and_options_fit_together() {
        super::definition().debug_assert();
    }

    #[test]
    fn each_command_is_in_one_group_of_the_help() {
        let command = super::definition();
        let shown: BTreeSet<_> =
            command.get_subcommands().filter(|one| !one.is_hide_set()).map(clap::Command::get_name).collect();
        let grouped: Vec<_> = super::GROUPS.into_iter().flat_map(|(_, names)| names).copied().collect();
        assert_eq!(grouped.iter().copied().collect::<BTreeSet<_>>(), shown);
        assert_eq!(grouped.len(), shown.len());
        let help = super::definition().render_help().to_string();
        for (title, names) in super::GROUPS {
            let (_, after) = help.split_once(&format!("{title}:")).unwrap();
            for name in names {
                assert!(after.contains(&format!("\n  {name} ")), "{name}: {help}");
            }
        }
        assert!(help.contains("--data") && !help.contains("openapi"), "{help}");
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
