//! Logs: one line of JSON per event on Lambda, plain lines on a laptop. Never tokens, signed addresses, captions or names.

use tracing_subscriber::{EnvFilter, fmt, prelude::*};

/// Starts logging as JSON lines, as CloudWatch reads them. Calling it twice changes nothing.
pub fn json() {
    let layer = fmt::layer().json().with_target(false).with_current_span(true);
    let _already_started = tracing_subscriber::registry().with(filter("info")).with(layer).try_init();
}

/// Starts logging as plain lines to the standard error, from `level` on. Calling it twice changes nothing.
pub fn plain(level: &str) {
    let layer = fmt::layer().with_target(false).with_writer(std::io::stderr);
    let _already_started = tracing_subscriber::registry().with(filter(level)).with(layer).try_init();
}

/// Both stores on a laptop log each condition that does not hold, which is how the table says no; we log what we make of it.
fn filter(level: &str) -> EnvFilter {
    EnvFilter::new(format!("{level},aws_config=warn,aws_smithy_runtime=warn,hyper=warn,s3s=off,dynoxide=off"))
}
