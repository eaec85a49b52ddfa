//! What a long command says while it works: numbered steps for people, lines of JSON for programs.

use std::{
    io::{IsTerminal, Write},
    time::Instant,
};

use serde_json::{Value, json};

use crate::say;

/// Tells of steps in their order.
pub struct Progress {
    json: bool,
    of: usize,
    step: usize,
    name: &'static str,
    begun: Instant,
    started: Instant,
}

impl Progress {
    /// Of a command with so many steps.
    pub fn new(of: usize, json: bool) -> Self {
        let now = Instant::now();
        Self { json, of, step: 0, name: "", begun: now, started: now }
    }

    /// Begins the next step.
    pub fn begin(&mut self, name: &'static str) {
        (self.step, self.name, self.begun) = (self.step + 1, name, Instant::now());
        self.doing("");
    }

    /// Says how far the step is, where somebody looks on.
    pub fn doing(&self, what: &str) {
        let mut err = std::io::stderr();
        if !self.json && err.is_terminal() {
            let what: String = what.chars().take(70).collect();
            drop(write!(err, "\r\x1b[K{}/{} {:<10} {what}", self.step, self.of, self.name).and_then(|()| err.flush()));
        }
    }

    /// Ends the step with what came of it.
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

    /// Says something between steps, to people.
    pub fn note(&self, what: &str) {
        if !self.json {
            self.clear();
            for line in what.lines() {
                say(format_args!("    {line}"));
            }
        }
    }

    /// Seconds since the command began.
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

/// Seconds as people say them.
pub fn duration(seconds: f64) -> String {
    if seconds < 60.0 {
        return format!("{seconds:.1} s");
    }
    format!("{:.0} min {:02.0} s", (seconds / 60.0).floor(), seconds % 60.0)
}
