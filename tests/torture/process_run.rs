//! One life of the system: a process of its own, from its first line to its violent end.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tests::command::binaries;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

/// How long a start may take; a folder that was killed has something to tidy up.
const START: Duration = Duration::from_mins(1);

/// A running system.
pub struct ProcessRun {
    /// The site's address.
    pub site: String,
    child: Child,
}

impl ProcessRun {
    /// Begins one on `data`, under the conditions of a file.
    ///
    /// # Errors
    /// Where it does not say within a minute where to look; one whose conditions kill it at once does not.
    pub async fn begin(data: &Path, conditions: &Path, bootstraps: Option<&PathBuf>) -> Result<Self> {
        let mut command = Command::new(binaries().join("techognition"));
        command.args(["run", "--json", "--open-window", "--listen", "127.0.0.1:0", "--data"]).arg(data);
        command.arg("--conditions").arg(conditions);
        if let Some(folder) = bootstraps {
            command.arg("--bootstraps").arg(folder);
        }
        command.kill_on_drop(true).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().context("the system does not start")?;
        let mut lines = BufReader::new(child.stdout.take().context("it has no output")?).lines();
        let first = tokio::time::timeout(START, lines.next_line()).await.context("it does not say where it is")??;
        let ready: Value = serde_json::from_str(&first.context("it ended before it said where it is")?)?;
        let site = ready["site"].as_str().context("it does not say where it is")?.to_owned();
        Ok(Self { site, child })
    }

    /// Whether it has ended by itself, or at a request that its conditions name.
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Stops it where it is, its functions' processes or all of it, and lets it go on.
    pub async fn pause(&self, how_long: Duration) {
        let all = self.processes();
        for pid in &all {
            kill_process(*pid, Signal::STOP).ok();
        }
        tokio::time::sleep(how_long).await;
        for pid in &all {
            kill_process(*pid, Signal::CONT).ok();
        }
    }

    /// Ends it at once, as `kill -9` does.
    pub async fn kill(mut self) {
        drop(self.child.kill().await);
    }

    /// Ends it as Ctrl-C does.
    pub async fn interrupt(mut self) {
        if let Some(pid) = self.pid() {
            kill_process(pid, Signal::INT).ok();
        }
        if tokio::time::timeout(Duration::from_secs(20), self.child.wait()).await.is_err() {
            drop(self.child.kill().await);
        }
    }

    fn pid(&self) -> Option<Pid> {
        Pid::from_raw(self.child.id()?.cast_signed())
    }

    /// The functions' processes, where they are some; else the one that is everything.
    fn processes(&self) -> Vec<Pid> {
        let Some(own) = self.child.id() else { return Vec::new() };
        let path = format!("/proc/{own}/task/{own}/children");
        let children = std::fs::read_to_string(path).unwrap_or_default();
        let children: Vec<_> = children.split_whitespace().filter_map(|pid| Pid::from_raw(pid.parse().ok()?)).collect();
        if children.is_empty() { self.pid().into_iter().collect() } else { children }
    }
}
