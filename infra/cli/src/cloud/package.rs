//! The functions' packages: release bootstraps, each alone in a zip that is the same bytes for the same binary.

use std::{
    fs,
    io::{self, BufRead, Write},
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context, Result, bail};
use local::functions::Functions;
use serde::Serialize;
use tokio::process::Command;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::settings::Architecture;

/// The newest version of the C library that `provided.al2023` has: a binary that asks for a newer one does not start.
/// (Amazon Linux 2023's release notes: glibc 2.34.)
const NEWEST_GLIBC: u32 = 34;

/// One function's package.
#[derive(Clone, Debug, Serialize)]
pub struct Package {
    /// The function.
    pub function: String,
    /// The bootstrap's size.
    pub bootstrap_bytes: u64,
    /// The zip's size.
    pub zip_bytes: u64,
}

/// Builds every function for `architecture` in release mode and answers with the folder of the binaries.
///
/// # Errors
/// What is missing on this machine for another architecture, with the commands that fetch it.
pub async fn build(root: &Path, architecture: Architecture, mut told: impl FnMut(&str)) -> Result<PathBuf> {
    let triple = architecture.triple();
    let here = triple.starts_with(std::env::consts::ARCH) && cfg!(all(target_os = "linux", target_env = "gnu"));
    if !here {
        can_cross(triple).await?;
    }
    let mut command = Command::new("cargo");
    // Zig's linker has the C library of every system in it, so that the right version can be asked for.
    let target = if here { triple.to_owned() } else { format!("{triple}.2.{NEWEST_GLIBC}") };
    command.arg(if here { "build" } else { "zigbuild" });
    command.current_dir(root).args(["--release", "--locked", "--target", &target]);
    let functions = Functions::read()?.functions;
    for function in &functions {
        command.args(["--package", &function.name]);
    }
    // The same source gives the same bytes wherever it lies.
    let home = std::env::home_dir().unwrap_or_default();
    let flags = format!("--remap-path-prefix={}=/build --remap-path-prefix={}=/home", root.display(), home.display());
    command.env("RUSTFLAGS", flags).env_remove("CARGO_TARGET_DIR").stdin(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().context("cannot run cargo")?;
    let mut last = Vec::new();
    if let Some(stderr) = child.stderr.take() {
        use tokio::io::{AsyncBufReadExt, BufReader};
        let mut lines = BufReader::new(stderr).lines();
        while let Some(line) = lines.next_line().await? {
            told(line.trim());
            last.push(line);
            if last.len() > 20 {
                last.remove(0);
            }
        }
    }
    if !child.wait().await?.success() {
        bail!("the functions do not build:\n{}", last.join("\n"));
    }
    Ok(root.join("target").join(triple).join("release"))
}

/// What building for another kind of processor needs.
async fn can_cross(triple: &str) -> Result<()> {
    let mut missing = Vec::new();
    let libraries = Command::new("rustc").args(["--print", "target-libdir", "--target", triple]).output().await?;
    if !Path::new(String::from_utf8_lossy(&libraries.stdout).trim()).is_dir() {
        missing.push(format!("rustup target add {triple}"));
    }
    let zigbuild = Command::new("cargo").args(["zigbuild", "--version"]).output().await;
    if !zigbuild.is_ok_and(|answer| answer.status.success()) {
        missing.push("cargo install --locked cargo-zigbuild && pip install ziglang".to_owned());
    }
    if missing.is_empty() {
        return Ok(());
    }
    let system = format!("{} {}", std::env::consts::OS, std::env::consts::ARCH);
    bail!(
        "this machine ({system}) needs more to build for {triple}: {}. Or build for its own kind with --architecture, or \
         set cloud.architecture in infra/event.toml",
        missing.join("; ")
    )
}

/// How much time goes into making packages small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// As small as they get: functions of small packages start sooner.
    Small,
    /// Done soon, for an emulated AWS.
    Quick,
}

impl Effort {
    /// Deflate's level.
    fn level(self) -> i64 {
        match self {
            Self::Small => 9,
            Self::Quick => 1,
        }
    }
}

/// Zips the bootstraps of `binaries` into `folder`, one `{function}.zip` each.
///
/// # Errors
/// A bootstrap that is missing, or that could not start on Lambda: for another processor, or of too new a C library.
pub fn zip(binaries: &Path, folder: &Path, architecture: Architecture, effort: Effort) -> Result<Vec<Package>> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let functions = Functions::read()?.functions;
    let mut packages = Vec::with_capacity(functions.len());
    for function in functions {
        let path = binaries.join(&function.name);
        let bootstrap =
            fs::read(&path).with_context(|| format!("no bootstrap of {} at {}", function.name, path.display()))?;
        starts_on_lambda(&bootstrap, architecture).with_context(|| path.display().to_string())?;
        let zipped = zipped(&bootstrap, effort)?;
        fs::write(folder.join(format!("{}.zip", function.name)), &zipped)?;
        packages.push(Package {
            function: function.name,
            bootstrap_bytes: bootstrap.len() as u64,
            zip_bytes: zipped.len() as u64,
        });
    }
    Ok(packages)
}

/// A zip with one executable file called `bootstrap`, without a time of its own.
fn zipped(bootstrap: &[u8], effort: Effort) -> io::Result<Vec<u8>> {
    let mut zip = ZipWriter::new(io::Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(effort.level()))
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o755);
    zip.start_file("bootstrap", options)?;
    zip.write_all(bootstrap)?;
    Ok(zip.finish()?.into_inner())
}

/// Looks at a binary's head, and at the versions of the C library that it names.
fn starts_on_lambda(bootstrap: &[u8], architecture: Architecture) -> Result<()> {
    let machine = match bootstrap.get(..20) {
        Some(head) if head.starts_with(b"\x7fELF") => u16::from_le_bytes([head[18], head[19]]),
        _ => bail!("this is no program of Linux"),
    };
    // The ELF specification's numbers of processors.
    let wanted = match architecture {
        Architecture::Arm64 => 183,
        Architecture::X86 => 62,
    };
    if machine != wanted {
        bail!("this program is not for {architecture}");
    }
    match newest_glibc(bootstrap)? {
        Some(newest) if newest > NEWEST_GLIBC => bail!(
            "this program needs glibc 2.{newest}, and Lambda has 2.{NEWEST_GLIBC}: build on an older Linux, or with \
             `cargo install --locked cargo-zigbuild && pip install ziglang` and the other --architecture"
        ),
        _ => Ok(()),
    }
}

/// The newest version of the C library that a program names, the n of 2.n; `None` if it names none.
fn newest_glibc(mut program: &[u8]) -> io::Result<Option<u32>> {
    let mut newest = None;
    // From one initial to the next: a program has a hundred million bytes, and few of them are that.
    while program.skip_until(b'G')? > 0 {
        if let Some(version) = program.strip_prefix(b"LIBC_2.") {
            let digits: String =
                version.iter().take(3).map_while(|b| b.is_ascii_digit().then_some(char::from(*b))).collect();
            newest = newest.max(digits.parse::<u32>().ok());
        }
    }
    Ok(newest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(machine: u8, text: &str) -> Vec<u8> {
        let mut program = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0".to_vec();
        program.extend([machine, 0]);
        program.extend(text.as_bytes());
        program.extend([0; 16]);
        program
    }

    #[test]
    fn only_what_starts_on_lambda_is_packed() {
        let right = program(183, "GLIBC_2.17\0GLIBC_2.34\0");
        starts_on_lambda(&right, Architecture::Arm64).unwrap();
        starts_on_lambda(&program(62, "GLIBC_2.9\0"), Architecture::X86).unwrap();
        for (bytes, architecture, says) in [
            (right, Architecture::X86, "not for x86_64"),
            (program(62, "GLIBC_2.36\0"), Architecture::X86, "needs glibc 2.36"),
            (b"#!/bin/sh\nexit 0\n# padded".to_vec(), Architecture::X86, "no program of Linux"),
            (Vec::new(), Architecture::Arm64, "no program of Linux"),
        ] {
            let refusal = starts_on_lambda(&bytes, architecture).unwrap_err().to_string();
            assert!(refusal.contains(says), "{refusal}");
        }
    }

    #[test]
    fn the_same_bootstrap_gives_the_same_zip_with_an_executable_in_it() {
        let bootstrap = program(62, &"bytes ".repeat(1000));
        let first = zipped(&bootstrap, Effort::Small).unwrap();
        assert_eq!(first, zipped(&bootstrap, Effort::Small).unwrap());
        let mut archive = zip::ZipArchive::new(io::Cursor::new(first)).unwrap();
        assert_eq!(archive.len(), 1);
        let mut file = archive.by_index(0).unwrap();
        assert_eq!(file.name().unwrap(), "bootstrap");
        assert_eq!(file.unix_mode().map(|mode| mode & 0o777), Some(0o755));
        let mut back = Vec::new();
        io::copy(&mut file, &mut back).unwrap();
        assert_eq!(back, bootstrap);
    }
}
