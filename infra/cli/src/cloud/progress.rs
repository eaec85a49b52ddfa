//! The progress output of long commands: numbered steps for people, lines of JSON for programs.

use std::{
    io::{IsTerminal, Write},
    time::Instant,
};

use serde_json::{Value, json};

use crate::say;

/// Reports the steps of a command in order.
pub struct Progress {
    json: bool,
    of: usize,
    step: usize,
    name: &'static str,
    begun: Instant,
    started: Instant,
}

impl Progress {
    /// Begins the report of a command with `of` steps.
    pub fn new(of: usize, json: bool) -> Self {
        let now = Instant::now();
        Self { json, of, step: 0, name: "", begun: now, started: now }
    }

    /// Begins the next step.
    pub fn begin(&mut self, name: &'static str) {
        (self.step, self.name, self.begun) = (self.step + 1, name, Instant::now());
        self.doing("");
    }

    /// Reports how far the step is, if a person is watching.
    pub fn doing(&self, what: &str) {
        let mut err = std::io::stderr();
        if !self.json && err.is_terminal() {
            let what: String = what.chars().take(70).collect();
            drop(write!(err, "\r\x1b[K{}/{} {:<10} {what}", self.step, self.of, self.name).and_then(|()| err.flush()));
        }
    }

    /// Ends the step with its result.
    pub fn done(&self, what: &str, facts: &Value) {
        let seconds = self.begun.elapsed().as_secs_f64();
        if self.json {
            say(json!({ "step": self.name, "seconds": seconds, "facts": facts }));
            return;
        }
        self.clear();
        let time = if seconds < 1.0 { String::new() } else { format!("  ({})", duration(seconds)) };
        say(format_args!("{}/{} {:<10} {what}{time}", self.step, self.of, self.name));
    }

    /// Prints a note for people between steps.
    pub fn note(&self, what: &str) {
        if !self.json {
            self.clear();
            for line in what.lines() {
                say(format_args!("    {line}"));
            }
        }
    }

    /// Returns the seconds since the command began.
    pub fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    fn clear(&self) {
        let mut err = std::io::stderr();
        if !self.json && err.is_terminal() {
            drop(write!(err, "\r\x1b[K").and_then(|()| err.flush()));
        }
    }
}

/// Formats seconds for people.
pub fn duration(seconds: f64) -> String {
    if seconds < 60.0 {
        return format!("{seconds:.1} s");
    }
    format!("{:.0} min {:02.0} s", (seconds / 60.0).floor(), seconds % 60.0)
}
