//! The `techognition` command.
fn main() {}
