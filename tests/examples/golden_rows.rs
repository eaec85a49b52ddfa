//! Plays a small day and prints its table, to be kept in `tests/golden` as `rows-DATE.json`:
//! `cargo run -p tests --example golden_rows`. Wanted once there is a new kind of row, before the release that brings it.

use std::{error::Error, io::Write};

use tests::{TestSystem, rows::small_day, system::Setting};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let system = TestSystem::with(Setting { quiet: true, ..Setting::default() }).await;
    let golden = serde_json::to_value(small_day(&system).await)?;
    system.stop().await;
    // One row a line, so that a difference can be read.
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{{\n  \"note\": \"A table of an installation that lived for a second: its secrets open nothing.\","
    )?;
    for (name, value) in golden.as_object().into_iter().flatten().filter(|(name, _)| *name != "rows") {
        writeln!(out, "  {name:?}: {value},")?;
    }
    let rows: Vec<_> = golden["rows"].as_array().into_iter().flatten().map(|row| format!("    {row}")).collect();
    writeln!(out, "  \"rows\": [\n{}\n  ]\n}}", rows.join(",\n"))?;
    Ok(())
}
