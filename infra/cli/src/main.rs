//! The `techognition` command: everything that an organiser does, from one binary.
//!
//! Exit status: 0 done, 1 failed, 2 wrong usage. With `--json`, what a program needs is on the standard output, one value per
//! line, and nothing else.

mod commands;
mod sample;
mod sample_day;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

use crate::commands::{audit, key, openapi, render, run};

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
    /// Show what the pipeline makes of files
    Render(render::Arguments),
    /// Count everything again and compare: zeros mean that nothing is lost
    Audit(audit::Arguments),
    /// Print the description of the HTTP API
    Openapi,
}

/// Where an installation on this machine has its data.
#[derive(Clone, Debug, clap::Args)]
struct Data {
    /// The folder of all data
    #[arg(long, value_name = "DIR", default_value = ".techognition")]
    data: PathBuf,
}

fn main() -> ExitCode {
    let invocation = Invocation::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    let done = runtime.block_on(async {
        match invocation.command {
            None => run::run(invocation.run).await,
            Some(Command::Run(arguments)) => run::run(arguments).await,
            Some(Command::Key { command }) => key::run(command).await,
            Some(Command::Render(arguments)) => render::run(&arguments),
            Some(Command::Audit(arguments)) => audit::run(&arguments).await,
            Some(Command::Openapi) => openapi::run(),
        }
    });
    match done {
        Ok(code) => code,
        Err(error) => failed(&error),
    }
}

/// Says what went wrong, with its causes, in one line on the standard error.
#[expect(clippy::print_stderr, reason = "a command speaks to its user")]
fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("techognition: {error:#}");
    ExitCode::FAILURE
}

/// Prints one line to the standard output; a reader who has gone away is no error.
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
}
