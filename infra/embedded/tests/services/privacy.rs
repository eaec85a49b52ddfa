//! The folder is its owner's alone.

use std::{
    fs::{Permissions, read_dir, set_permissions, symlink_metadata, write},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use crate::support::{ORIGINALS, start, start_in};

/// Everything below `folder` and itself that others may read, write or enter.
fn open_to_others(folder: &Path) -> Vec<String> {
    let found = symlink_metadata(folder).unwrap();
    let mode = found.permissions().mode() & 0o777;
    let mut open = Vec::new();
    if mode != if found.is_dir() { 0o700 } else { 0o600 } {
        open.push(format!("{} {mode:o}", folder.display()));
    }
    if found.is_dir() {
        open.extend(read_dir(folder).unwrap().flat_map(|entry| open_to_others(&entry.unwrap().path())));
    }
    open
}

fn open_up(folder: &Path) {
    let is_dir = folder.is_dir();
    set_permissions(folder, Permissions::from_mode(if is_dir { 0o755 } else { 0o644 })).unwrap();
    if is_dir {
        for entry in read_dir(folder).unwrap() {
            open_up(&entry.unwrap().path());
        }
    }
}

#[tokio::test]
async fn nothing_in_the_folder_can_be_read_by_others() {
    let folder = tempfile::TempDir::new().unwrap();
    set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let emulated = start_in(folder, |_| {}).await;
    emulated.clients.put(ORIGINALS, "a", "bytes").await;
    emulated.clients.dynamodb.list_tables().send().await.unwrap();
    let names: Vec<_> = read_dir(emulated.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.iter().any(|name| name == "services.db-wal"), "SQLite's journals are looked at too: {names:?}");
    assert_eq!(open_to_others(emulated.folder.path()), <[String; 0]>::default());
}

#[tokio::test]
async fn what_an_older_version_left_open_is_closed_and_its_secret_is_made_anew() {
    let emulated = start().await;
    emulated.clients.put(ORIGINALS, "a", "bytes").await;
    let (key, secret) =
        (emulated.services.endpoints().access_key.clone(), emulated.services.endpoints().secret_key.clone());
    emulated.services.stop().await;
    write(emulated.folder.path().join("running.json"), "{}").unwrap();
    open_up(emulated.folder.path());
    let emulated = start_in(emulated.folder, |_| {}).await;
    assert_eq!(open_to_others(emulated.folder.path()), <[String; 0]>::default());
    assert_ne!(emulated.services.endpoints().secret_key, secret, "others may have read it");
    assert_eq!(emulated.services.endpoints().access_key, key);
    assert_eq!(emulated.clients.get(ORIGINALS, "a").await.unwrap(), "bytes");
    let secret = emulated.services.endpoints().secret_key.clone();
    let emulated = emulated.restart().await;
    assert_eq!(emulated.services.endpoints().secret_key, secret, "nobody else could read this one");
}

#[tokio::test]
async fn a_folder_with_other_things_in_it_keeps_its_mode_and_ours_are_closed() {
    let folder = tempfile::TempDir::new().unwrap();
    set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    write(folder.path().join("holiday.txt"), "not ours").unwrap();
    set_permissions(folder.path().join("holiday.txt"), Permissions::from_mode(0o644)).unwrap();
    let emulated = start_in(folder, |_| {}).await;
    emulated.clients.put(ORIGINALS, "a", "bytes").await;
    let emulated = emulated.restart().await;
    let (folder, file) = (emulated.folder.path(), emulated.folder.path().join("holiday.txt"));
    assert_eq!(open_to_others(folder), [format!("{} 755", folder.display()), format!("{} 644", file.display())]);
}
