//! Renders one file in a process that may not have more than so much address space, and prints a line of JSON about it.
//!
//!     bounded FILE LIMIT_MB
#![expect(clippy::print_stdout, reason = "that is what it is for")]

use std::{fs, time::Duration};

use pipeline::render::{Limits, render};
use rustix::{
    process::{Resource, Rlimit, setrlimit},
    time::{ClockId, clock_gettime},
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let file = fs::read(arguments.next().ok_or("which file?")?)?;
    let limit = arguments.next().ok_or("how many megabytes?")?.parse::<u64>()? << 20;
    setrlimit(Resource::As, Rlimit { current: Some(limit), maximum: Some(limit) })?;

    let before = cpu_time();
    let outcome = render(&file, &Limits::default());
    let cpu_ms = cpu_time().saturating_sub(before).as_millis();
    let outcome = match outcome {
        Ok(rendered) => format!("{} renditions", rendered.renditions.len()),
        Err(unreadable) => unreadable.reason().to_owned(),
    };
    println!("{}", serde_json::json!({"outcome": outcome, "cpu_ms": cpu_ms, "peak_kib": peak_kib()}));
    Ok(())
}

fn cpu_time() -> Duration {
    let used = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(u64::try_from(used.tv_sec).unwrap_or_default(), u32::try_from(used.tv_nsec).unwrap_or_default())
}

/// The largest memory that the process has had (Linux, proc(5)).
fn peak_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse().ok()).unwrap_or_default()
}
