//! `techognition render`: shows what the pipeline makes of photos and videos, and what it costs.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context, Result};
use renditions::render::{self, Formats, Limits, Rendered, Rendition, Unreadable};
use serde_json::{Value, json};

use crate::say;

#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// Photos, and videos that are called .mp4 or .mov
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Where the renditions go, each file's in a folder of its name
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Print one line of JSON per file
    #[arg(long)]
    json: bool,
    /// Leave WebP out, for comparisons
    #[arg(long)]
    jpeg_only: bool,
}

/// Renders each file, and prints a line for each. Exit status 1 if any could not be read or cannot be shown.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let mut all_shown = true;
    let formats = if arguments.jpeg_only { Formats::JpegOnly } else { Formats::JpegAndWebp };
    for file in &arguments.files {
        let bytes = match fs::read(file) {
            Ok(bytes) => bytes,
            Err(error) => {
                all_shown = false;
                let line = json!({"file": file, "ok": false, "error": format!("cannot read the file: {error}")});
                say(if arguments.json { line.to_string() } else { words(&line) });
                continue;
            }
        };
        reset_peak();
        let before = cpu_time();
        let film =
            file.extension().is_some_and(|end| ["mp4", "mov"].iter().any(|video| end.eq_ignore_ascii_case(video)));
        let rendered = if film { video(bytes) } else { photo(&bytes, formats) };
        let (cpu, peak_bytes) = (cpu_time().saturating_sub(before), peak_bytes());
        let mut line = json!({"file": file, "ok": rendered.is_ok(), "cpu_ms": millis(cpu), "peak_bytes": peak_bytes});
        match rendered {
            Ok((rendered, more, duration_ms)) => {
                let folder = arguments.out.join(file.file_stem().unwrap_or(file.as_os_str()));
                line["width"] = rendered.width.into();
                line["height"] = rendered.height.into();
                if rendered.truncated {
                    line["missing_percent"] = rendered.missing_percent.into();
                }
                if rendered.damaged_percent > 0 {
                    line["damaged_percent"] = rendered.damaged_percent.into();
                }
                if film {
                    line["duration_ms"] = duration_ms.into();
                }
                line["renditions"] = write(rendered.renditions.iter().chain(&more), &folder)?;
            }
            Err(refusal) => {
                all_shown = false;
                line["refusal"] = refusal;
            }
        }
        say(if arguments.json { line.to_string() } else { words(&line) });
    }
    Ok(if all_shown { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What was made of a file: the renditions, the other files of a video, and its duration in milliseconds; or why nothing was.
type Outcome = std::result::Result<(Rendered, Vec<Rendition>, u32), Value>;

fn photo(bytes: &[u8], formats: Formats) -> Outcome {
    let rendered = render::render_as(bytes, &Limits::default(), formats);
    let refusal = |unreadable: Unreadable| json!({"reason": unreadable.reason(), "detail": unreadable.to_string()});
    rendered.map(|rendered| (rendered, Vec::new(), 0)).map_err(refusal)
}

fn video(bytes: Vec<u8>) -> Outcome {
    let made = renditions::video_files(bytes.into(), &Limits::default());
    made.map(|made| (made.poster, made.files, made.duration_ms)).map_err(|detail| json!({"detail": detail}))
}

fn write<'a>(files: impl Iterator<Item = &'a Rendition>, folder: &Path) -> Result<Value> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut written = Vec::new();
    for rendition in files {
        let path = folder.join(&rendition.name);
        fs::write(&path, &rendition.bytes).with_context(|| format!("cannot write {}", path.display()))?;
        written.push(json!({
            "path": path,
            "type": rendition.content_type,
            "width": rendition.width,
            "height": rendition.height,
            "bytes": rendition.bytes.len(),
        }));
    }
    Ok(Value::Array(written))
}

fn words(line: &Value) -> String {
    let file = line["file"].as_str().unwrap_or_default();
    if let Some(error) = line["error"].as_str() {
        return format!("{file}: {error}");
    }
    let cost = format!("{} ms, {} MB", line["cpu_ms"], line["peak_bytes"].as_u64().unwrap_or_default() / 1_000_000);
    if let Some(refusal) = line["refusal"]["detail"].as_str() {
        return format!("{file}: refused ({cost}): {refusal}");
    }
    let size = |r: &Value| {
        let kind = r["type"].as_str().unwrap_or_default();
        format!("{} × {} {kind} {} kB", r["width"], r["height"], r["bytes"].as_u64().unwrap_or(0) / 1000)
    };
    let sizes: Vec<_> = line["renditions"].as_array().into_iter().flatten().map(size).collect();
    let early =
        line["missing_percent"].as_u64().map(|percent| format!(", the file ends early: {percent} % is missing"));
    let early = early.unwrap_or_default();
    let damaged = line["damaged_percent"].as_u64().map(|percent| format!(", damaged: {percent} % may be wrong"));
    let damaged = damaged.unwrap_or_default();
    format!("{file}: {} × {} ({cost}{early}{damaged})\n  {}", line["width"], line["height"], sizes.join("\n  "))
}

/// Returns the processor time that this process has used, by the kernel's count.
fn cpu_time() -> Duration {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(u64::try_from(used.tv_sec).unwrap_or_default(), u32::try_from(used.tv_nsec).unwrap_or_default())
}

fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 10_000.0).round() / 10.0
}

/// Resets the kernel's record of this process's largest memory, so that each file is measured separately (Linux, proc(5)).
fn reset_peak() {
    drop(fs::write("/proc/self/clear_refs", "5"));
}

/// Returns the largest memory of this process since then, in bytes; 0 if the kernel does not report it.
fn peak_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or_default() * 1024
}
