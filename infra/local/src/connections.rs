//! Limits the number of open connections by the number of files that this process may open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Largest number of connections of one public listener.
const AT_ONCE: u64 = 1024;
/// Number of files with which two public listeners can have that many connections, and enough remain for internal connections, databases
/// and photos.
const FILES: u64 = 4 * AT_ONCE;

/// Raises this process's limit of open files to what it may have and needs. Returns how many connections a public listener can have: a
/// quarter of the files, at most 1,024.
///
/// Many systems begin with 1,024 files, macOS with 256, and let a process raise that by itself.
pub(crate) fn at_once() -> usize {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let most = maximum.unwrap_or(FILES).min(FILES);
    let mut files = current.unwrap_or(FILES);
    if files < most {
        match setrlimit(Resource::Nofile, Rlimit { current: Some(most), maximum }) {
            Ok(()) => files = most,
            Err(error) => tracing::warn!(%error, files, "this process cannot raise its limit of open files"),
        }
    }
    usize::try_from((files / 4).min(AT_ONCE)).unwrap_or(usize::MAX)
}
