//! How many connections strangers may have open, by how many files this process may.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Connections of one public listener at the most.
const AT_ONCE: u64 = 1024;
/// Files that let two public listeners have so many connections, and leave as many for the internal ones, databases and photos.
const FILES: u64 = 4 * AT_ONCE;

/// Lets this process open as many files as it may and needs, and answers with how many connections a public listener can have: a quarter
/// of that, 1,024 at the most.
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
