//! Stories that a machine cannot try, since something is missing there that no registry has.

use std::{fs::OpenOptions, io::Write};

/// Says that the story `name` was not tried because `missing` is not on this machine, in a file that `TECHOGNITION_SKIPPED` names too, so that
/// `tests/run` can count what was skipped instead of taking it for passed.
#[expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a setting of the stories, and a word to who runs them"
)]
pub fn skip(name: &str, missing: &str) {
    let line = format!("{name}: {missing} is not on this machine");
    println!("SKIPPED: {line}");
    if let Some(path) = std::env::var_os("TECHOGNITION_SKIPPED") {
        let mut file = OpenOptions::new().create(true).append(true).open(path).expect("the list of what was skipped");
        writeln!(file, "{line}").expect("the list of what was skipped");
    }
}
