//! Writes the table of embedded files: everything below `assets/`, so that a new file needs no second mention.
//!
//! Modules lose their comments on the way: those are for who reads the source, and are a third of what a phone would fetch.

use std::{
    env,
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

fn main() -> io::Result<()> {
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("assets");
    let mut files = Vec::new();
    walk(&root, &mut files)?;
    files.sort();
    let out = PathBuf::from(variable("OUT_DIR")?);
    let mut table = String::from("&[\n");
    for file in &files {
        let name = file.strip_prefix(&root).map_err(io::Error::other)?.to_string_lossy().replace('\\', "/");
        let embedded = if file.extension().is_some_and(|extension| extension == "js") {
            let bare = out.join(name.replace('/', "-"));
            fs::write(&bare, without_comments(&fs::read_to_string(file)?))?;
            bare
        } else {
            file.clone()
        };
        writeln!(table, "    ({name:?}, include_bytes!({:?})),", embedded.to_string_lossy())
            .map_err(io::Error::other)?;
    }
    table.push(']');
    fs::write(out.join("assets.rs"), table)
}

/// A module without its comments that have lines of their own, and without indentation. What stands behind code stays, so that
/// nothing here needs to understand strings. A template literal over several lines would suffer: a test of the modules sees
/// to it that there is none.
fn without_comments(module: &str) -> String {
    let mut bare = String::with_capacity(module.len());
    let mut in_block = false;
    for line in module.lines().map(str::trim) {
        if in_block || line.starts_with("/*") {
            in_block = !line.ends_with("*/");
        } else if !line.is_empty() && !line.starts_with("//") {
            bare.push_str(line);
            bare.push('\n');
        }
    }
    bare
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if path.is_dir() {
            walk(&path, files)?;
        } else if !hidden {
            files.push(path);
        }
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a build script has no other way to learn where it runs")]
fn variable(name: &str) -> io::Result<String> {
    env::var(name).map_err(io::Error::other)
}
