//! The functions' packages: release bootstraps, each alone in a zip file that has the same bytes for the same binary.

use std::{
    borrow::Cow,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
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

/// Newest minor version of glibc that `provided.al2023` has: a binary that needs a newer one does not start. (Amazon Linux 2023's release
/// notes: glibc 2.34.)
const NEWEST_GLIBC: u32 = 34;

// The ELF specification's numbers of file types and of processors.
const EXECUTABLE: u16 = 2;
const POSITION_INDEPENDENT: u16 = 3;
const ARM: u16 = 183;
const X86: u16 = 62;
/// The name of the program that Lambda starts.
const BOOTSTRAP: &str = "bootstrap";

/// One function's package.
#[derive(Clone, Debug, Serialize)]
pub struct Package {
    /// The function's name.
    pub function: String,
    /// Size of the bootstrap in bytes.
    pub bootstrap_bytes: u64,
    /// Size of the zip file in bytes.
    pub zip_bytes: u64,
}

/// Builds every function for `architecture` in release mode, and returns the folder of the binaries.
///
/// # Errors
/// What this machine lacks for another architecture, with the commands that install it.
pub async fn build(root: &Path, architecture: Architecture, mut told: impl FnMut(&str)) -> Result<PathBuf> {
    let triple = architecture.triple();
    let here = is_here(triple);
    if let Some(missing) = missing(architecture).await {
        bail!("{missing}");
    }
    let mut command = Command::new("cargo");
    // Zig's linker contains the C library of every system, so that the right version can be requested.
    let target = if here { triple.to_owned() } else { format!("{triple}.2.{NEWEST_GLIBC}") };
    command.arg(if here { "build" } else { "zigbuild" });
    command.current_dir(root).args(["--release", "--locked", "--target", &target]);
    let functions = Functions::read()?.functions;
    for function in &functions {
        command.args(["--package", &function.name]);
    }
    // The same source gives the same bytes in every folder.
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

/// Whether this machine's own compiler builds for the target.
fn is_here(triple: &str) -> bool {
    triple.starts_with(std::env::consts::ARCH) && cfg!(all(target_os = "linux", target_env = "gnu"))
}

/// Returns what this machine lacks to build functions for `architecture`, with the commands that install it; `None` if it has everything.
pub async fn missing(architecture: Architecture) -> Option<String> {
    let triple = architecture.triple();
    let libraries = Command::new("rustc").args(["--print", "target-libdir", "--target", triple]).output().await;
    let Ok(libraries) = libraries else {
        return Some(
            "this machine has no Rust, which builds the functions: install it from https://rustup.rs".to_owned(),
        );
    };
    if is_here(triple) {
        return None;
    }
    let mut missing = Vec::new();
    if !Path::new(String::from_utf8_lossy(&libraries.stdout).trim()).is_dir() {
        missing.push(format!("rustup target add {triple}"));
    }
    let zigbuild = Command::new("cargo").args(["zigbuild", "--version"]).output().await;
    if !zigbuild.is_ok_and(|answer| answer.status.success()) {
        missing.push("cargo install --locked cargo-zigbuild && pip install ziglang".to_owned());
    }
    if missing.is_empty() {
        return None;
    }
    let system = format!("{} {}", std::env::consts::OS, std::env::consts::ARCH);
    Some(format!(
        "to build for {triple}, this machine ({system}) also needs: {}. Or build for its own processor with --architecture or \
         cloud.architecture in infra/event.toml",
        missing.join("; ")
    ))
}

/// The effort with which packages are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// Smallest size: functions with small packages start sooner.
    Small,
    /// Fastest, for an emulated AWS.
    Quick,
}

impl Effort {
    /// Returns the level of Deflate.
    fn level(self) -> i64 {
        match self {
            Self::Small => 9,
            Self::Quick => 1,
        }
    }
}

/// Zips the bootstraps of `binaries` into `folder`, one `{function}.zip` each, and checks them with [`check`].
///
/// # Errors
/// A bootstrap that is missing, or that could not start on Lambda.
pub fn zip(binaries: &Path, folder: &Path, architecture: Architecture, effort: Effort) -> Result<Vec<Package>> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    for function in Functions::read()?.functions {
        let path = binaries.join(&function.name);
        let bootstrap = fs::read(&path).with_context(|| {
            format!(
                "there is no program for the function {} at {}; expected one for each function, with its name",
                function.name,
                path.display()
            )
        })?;
        fs::write(folder.join(format!("{}.zip", function.name)), zipped(&bootstrap, effort)?)?;
    }
    check(folder, architecture)
}

/// Checks the packages in `folder` as they are about to be deployed: one for each function, each with an executable called `bootstrap` that
/// starts on Lambda, and all different.
///
/// # Errors
/// Which package is wrong, and what to do.
pub fn check(folder: &Path, architecture: Architecture) -> Result<Vec<Package>> {
    let mut packages = Vec::new();
    let mut seen: Vec<(String, u64)> = Vec::new();
    for function in Functions::read()?.functions {
        let path = folder.join(format!("{}.zip", function.name));
        let bootstrap = unzipped(&path)
            .and_then(|bootstrap| starts_on_lambda(&bootstrap, architecture).map(|()| bootstrap))
            .with_context(|| format!("the package {} cannot be deployed", path.display()))?;
        let mut hasher = DefaultHasher::new();
        bootstrap.hash(&mut hasher);
        let hash = hasher.finish();
        if let Some((other, _)) = seen.iter().find(|(_, known)| *known == hash) {
            bail!(
                "the packages of {other} and {} hold the same program: one of them is in the wrong place",
                function.name
            );
        }
        packages.push(Package {
            function: function.name.clone(),
            bootstrap_bytes: bootstrap.len() as u64,
            zip_bytes: fs::metadata(&path)?.len(),
        });
        seen.push((function.name, hash));
    }
    Ok(packages)
}

/// Returns the program in a package that Lambda would start.
fn unzipped(path: &Path) -> Result<Vec<u8>> {
    let mut archive = zip::ZipArchive::new(fs::File::open(path)?).context("this is not a zip file")?;
    let names: Vec<_> = archive.file_names().map(|names| names.map(Cow::into_owned)).collect::<Result<_, _>>()?;
    let Ok(mut file) = archive.by_name(BOOTSTRAP) else {
        bail!("it has no file {BOOTSTRAP}, which Lambda starts; it has: {}", names.join(", "))
    };
    if file.unix_mode().is_none_or(|mode| mode & 0o111 != 0o111) {
        bail!("Lambda may not execute its {BOOTSTRAP}: make it executable for everyone");
    }
    let mut bytes = Vec::new();
    io::copy(&mut file, &mut bytes)?;
    Ok(bytes)
}

/// Builds a zip with one executable file called `bootstrap` and a fixed time.
fn zipped(bootstrap: &[u8], effort: Effort) -> io::Result<Vec<u8>> {
    let mut zip = ZipWriter::new(io::Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(effort.level()))
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o755);
    zip.start_file(BOOTSTRAP, options)?;
    zip.write_all(bootstrap)?;
    Ok(zip.finish()?.into_inner())
}

/// Checks a binary's header, and the glibc versions that it names.
fn starts_on_lambda(bootstrap: &[u8], architecture: Architecture) -> Result<()> {
    // The ELF header of a 64-bit little-endian file: its type, the processor, and its entry point.
    let head: &[u8; 32] = match bootstrap.first_chunk() {
        Some(head) if head.starts_with(b"\x7fELF\x02\x01") => head,
        Some(_) | None => bail!("this is not a 64-bit Linux program"),
    };
    let half = |at: usize| u16::from_le_bytes([head[at], head[at + 1]]);
    if !matches!(half(16), EXECUTABLE | POSITION_INDEPENDENT) || head[24..32] == [0; 8] {
        bail!("this is not a program but a library or an object file");
    }
    let (wanted, other) = match architecture {
        Architecture::Arm64 => (ARM, Architecture::X86),
        Architecture::X86 => (X86, Architecture::Arm64),
    };
    if half(18) != wanted {
        let is = match half(18) {
            ARM | X86 => format!("is for {other}"),
            number => format!("is for another processor (number {number} of ELF)"),
        };
        bail!(
            "this program {is}, but the functions run on {architecture}: build it for {}, or set cloud.architecture in infra/event.toml",
            architecture.triple()
        );
    }
    match newest_glibc(bootstrap)? {
        Some(newest) if newest > NEWEST_GLIBC => bail!(
            "this program needs glibc 2.{newest}, but Lambda has 2.{NEWEST_GLIBC}: build on an older Linux, or with \
             `cargo install --locked cargo-zigbuild && pip install ziglang` and the other --architecture"
        ),
        _ => Ok(()),
    }
}

/// Returns the newest glibc version that a program names, the n of 2.n; `None` if it names none.
fn newest_glibc(mut program: &[u8]) -> io::Result<Option<u32>> {
    let mut newest = None;
    // Jumps from one initial letter to the next: a program has a hundred million bytes, and few of them are that letter.
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
        program.extend([machine, 0, 1, 0, 0, 0]);
        program.extend([0x40, 0x10, 0, 0, 0, 0, 0, 0]);
        program.extend(text.as_bytes());
        program.extend([0; 16]);
        program
    }

    #[test]
    fn only_what_starts_on_lambda_is_packed() {
        let right = program(183, "GLIBC_2.17\0GLIBC_2.34\0");
        starts_on_lambda(&right, Architecture::Arm64).unwrap();
        starts_on_lambda(&program(62, "GLIBC_2.9\0"), Architecture::X86).unwrap();
        let at = |place: usize, byte: u8| {
            let mut program = right.clone();
            program[place] = byte;
            program
        };
        let mut library = right.clone();
        library[24..32].fill(0);
        for (bytes, architecture, says) in [
            (right.clone(), Architecture::X86, "is for arm64, but the functions run on x86_64"),
            (at(18, 40), Architecture::Arm64, "another processor (number 40"),
            (at(4, 1), Architecture::Arm64, "not a 64-bit Linux program"),
            (at(16, 1), Architecture::Arm64, "a library or an object file"),
            (library, Architecture::Arm64, "a library or an object file"),
            (program(62, "GLIBC_2.36\0"), Architecture::X86, "needs glibc 2.36"),
            (b"#!/bin/sh\nexit 0\n# padded for length".to_vec(), Architecture::X86, "not a 64-bit Linux program"),
            (Vec::new(), Architecture::Arm64, "not a 64-bit Linux program"),
        ] {
            let refusal = starts_on_lambda(&bytes, architecture).unwrap_err().to_string();
            assert!(refusal.contains(says), "{refusal}");
        }
    }

    #[test]
    fn a_package_is_looked_at_before_it_is_deployed() {
        let folder = tempfile::TempDir::new().unwrap();
        let functions = Functions::read().unwrap().functions;
        let path = |function: &str| folder.path().join(format!("{function}.zip"));
        let packed = |name: &str, mode: u32, bytes: &[u8]| {
            let mut zip = ZipWriter::new(io::Cursor::new(Vec::new()));
            zip.start_file(name, SimpleFileOptions::default().unix_permissions(mode)).unwrap();
            zip.write_all(bytes).unwrap();
            zip.finish().unwrap().into_inner()
        };
        let whole = || {
            for function in &functions {
                fs::write(path(&function.name), packed(BOOTSTRAP, 0o755, &program(183, &function.name))).unwrap();
            }
        };
        let refused = || format!("{:#}", check(folder.path(), Architecture::Arm64).unwrap_err());
        whole();
        assert_eq!(check(folder.path(), Architecture::Arm64).unwrap().len(), functions.len());
        assert!(format!("{:#}", check(folder.path(), Architecture::X86).unwrap_err()).contains("is for arm64"));
        for (bytes, says) in [
            (
                packed("site", 0o755, &program(183, "site")),
                "it has no file bootstrap, which Lambda starts; it has: site",
            ),
            (packed("bin/bootstrap", 0o755, &program(183, "site")), "it has: bin/bootstrap"),
            (packed(BOOTSTRAP, 0o644, &program(183, "site")), "may not execute its bootstrap"),
            (packed(BOOTSTRAP, 0o755, &program(62, "site")), "is for x86_64, but the functions run on arm64"),
            (b"cut off".to_vec(), "this is not a zip file"),
            (packed(BOOTSTRAP, 0o755, &program(183, "uploads")), "uploads and site hold the same program"),
        ] {
            whole();
            fs::write(path("site"), bytes).unwrap();
            let said = refused();
            assert!(said.contains(says), "{said}");
        }
        fs::remove_file(path("site")).unwrap();
        assert!(refused().contains("site.zip"), "{}", refused());
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
