//! The `techognition` command as its users have it: a process of its own.

use std::{
    path::{Path, PathBuf},
    process::{Output, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

/// Where this build's binaries are: the command, and each function's bootstrap under its name.
pub fn binaries() -> PathBuf {
    let program = std::env::current_exe().expect("this program has a path");
    // It is in target/<profile>, or like stories and examples one folder deeper.
    let mut folders = program.ancestors().skip(1).take(2);
    let folder = folders.find(|folder| folder.join("techognition").is_file());
    folder.expect("build everything first: cargo build --workspace").to_owned()
}

/// Where a release's bootstraps are: the folder that `TECHOGNITION_BOOTSTRAPS` names, or else this build's own.
#[expect(clippy::disallowed_methods, reason = "a setting of the stories")]
pub fn release_bootstraps() -> PathBuf {
    std::env::var_os("TECHOGNITION_BOOTSTRAPS").map_or_else(binaries, PathBuf::from)
}

/// Where the bootstraps of the release before are, if `TECHOGNITION_EARLIER_BOOTSTRAPS` says so.
#[expect(clippy::disallowed_methods, reason = "a setting of the stories")]
pub fn earlier_bootstraps() -> Option<PathBuf> {
    std::env::var_os("TECHOGNITION_EARLIER_BOOTSTRAPS").map(PathBuf::from)
}

/// How often a story repeats what only luck could break: `usual`, or as often as `TECHOGNITION_ROUNDS` says to make a campaign of it.
#[expect(clippy::disallowed_methods, reason = "a setting of the stories")]
pub fn rounds(usual: usize) -> usize {
    std::env::var_os("TECHOGNITION_ROUNDS").map_or(usual, |asked| {
        asked.to_str().and_then(|asked| asked.parse().ok()).expect("TECHOGNITION_ROUNDS is a number")
    })
}

/// Runs a command that ends by itself.
pub async fn techognition(arguments: &[&str]) -> Output {
    command(arguments).output().await.expect("the command starts")
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(binaries().join("techognition"));
    command.args(arguments).kill_on_drop(true).stdin(Stdio::null());
    command
}

/// The whole system as a process of its own.
pub struct Running {
    /// Its first line.
    pub ready: Value,
    /// The site's address.
    pub site: String,
    child: Child,
}

impl Running {
    /// Starts on a folder, on a free port, and waits until it says where to look.
    pub async fn start(data: &Path, more: &[&str]) -> Self {
        let data = data.to_str().expect("a plain path");
        let mut arguments = vec!["run", "--json", "--listen", "127.0.0.1:0", "--data", data];
        arguments.extend(more);
        let mut child = command(&arguments).stdout(Stdio::piped()).spawn().expect("the command starts");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let first = lines.next_line().await.expect("its output is text").expect("it prints a line before it ends");
        let ready: Value = serde_json::from_str(&first).expect("its first line is JSON");
        let site = ready["site"].as_str().expect("the site's address").to_owned();
        Self { ready, site, child }
    }

    /// Ends it as `kill -9` does, at once and without a chance to tidy up.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("it runs until it is killed");
    }

    /// Ends it as Ctrl-C does, and waits until it has ended well.
    pub async fn interrupt(mut self) {
        let pid = self.child.id().and_then(|id| Pid::from_raw(id.cast_signed())).expect("it runs");
        kill_process(pid, Signal::INT).expect("it takes the signal");
        let status = self.child.wait().await.expect("it ends");
        assert!(status.success(), "{status}");
    }

    /// The kernel's figure of a kind, such as `VmRSS`, in bytes.
    pub fn memory(&self, kind: &str) -> u64 {
        let path = format!("/proc/{}/status", self.child.id().expect("it runs"));
        let status = std::fs::read_to_string(path).unwrap_or_default();
        let figure = status.lines().find_map(|line| line.strip_prefix(kind)?.strip_prefix(':'));
        let kib = figure.and_then(|figure| figure.split_whitespace().next()?.parse::<u64>().ok());
        kib.unwrap_or_default() * 1024
    }
}
