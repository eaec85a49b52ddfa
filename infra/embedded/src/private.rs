//! Restricts the data folder to its owner: folders have mode 0700, files 0600.
//!
//! New files are created so. SQLite creates its journals with the mode of their database, so a database file is created here before SQLite
//! opens it. Files that an older version left readable are closed at the next start.

use std::{
    fs::{self, DirBuilder, File, Metadata, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

const FOLDER: u32 = 0o700;
const FILE: u32 = 0o600;
const OTHERS: u32 = 0o077;

/// How the names of our files in a data folder begin.
const OURS: [&str; 5] = ["lock", "dynamodb.db", "services.db", "s3", "running.json"];

/// Creates a folder and its parents.
pub(crate) fn folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(FOLDER).create(path)
}

/// Opens a file for writing, and creates it if it does not exist.
pub(crate) fn file(path: &Path) -> io::Result<File> {
    File::options().create(true).truncate(false).write(true).mode(FILE).open(path)
}

/// Creates a file that does not exist, and opens it for writing.
pub(crate) fn new_file(path: &Path) -> io::Result<File> {
    File::options().create_new(true).write(true).mode(FILE).open(path)
}

/// Closes a data folder to other users. Returns whether others could read its credentials.
///
/// A folder that also holds other things keeps its mode: it may be meant for more people. Our files in it are closed all the same.
pub(crate) fn close(data: &Path) -> io::Result<bool> {
    let (mut ours_alone, mut exposed) = (true, false);
    for entry in fs::read_dir(data)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|name| OURS.iter().any(|ours| name.starts_with(ours))) else {
            ours_alone = false;
            continue;
        };
        let was_open = close_tree(&entry.path())?;
        exposed |= was_open && name == crate::services::DATABASE;
    }
    if ours_alone {
        close_one(data, &fs::symlink_metadata(data)?);
    }
    Ok(exposed)
}

/// Closes a file, or a folder after its contents, so that an interrupted run is repeated.
fn close_tree(path: &Path) -> io::Result<bool> {
    let found = match fs::symlink_metadata(path) {
        // SQLite may remove its journals at any time.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        found => found?,
    };
    if found.is_dir() && is_open(&found) {
        for entry in fs::read_dir(path)? {
            close_tree(&entry?.path())?;
        }
    }
    Ok(close_one(path, &found))
}

/// Closes one file or folder. Returns whether it was open. A file system without modes, or another user's file, causes only a warning: the
/// system works.
fn close_one(path: &Path, found: &Metadata) -> bool {
    if found.is_symlink() || !is_open(found) {
        return false;
    }
    let mode = if found.is_dir() { FOLDER } else { FILE };
    if let Err(error) = fs::set_permissions(path, Permissions::from_mode(mode)) {
        tracing::warn!(path = %path.display(), %error, "others on this machine may be able to read this, and that cannot be changed");
    }
    true
}

fn is_open(found: &Metadata) -> bool {
    found.permissions().mode() & OTHERS != 0
}
