//! Logs: one line of JSON per event on Lambda, plain lines on a laptop. Never tokens, signed addresses, captions or names.
//!
//! Each invocation has one span, [`invocation`]: a request over HTTP, one message of a queue, one task of the schedule. Every line that is
//! logged within it carries its fields, so that whoever looks for a photo or a request finds all that was said about it.

use std::time::Instant;

use tracing::{Level, Span, field::Empty};
use tracing_subscriber::{EnvFilter, fmt, prelude::*};

use crate::domain::Photo;

/// The span of one invocation of `function`. `id` is the request's, the message's or the task's.
///
/// [`about`] adds what is known of the photo, [`attempt`] how often its file was begun, [`took`] the time. A field that nobody knows
/// is left out: an invocation about several photos has none in its span, and each line about one names it.
pub fn invocation(function: &'static str, id: &str) -> Span {
    tracing::span!(
        Level::INFO,
        "invocation",
        function,
        request.id = id,
        edition = Empty,
        photo.id = Empty,
        photo.state = Empty,
        size_bytes = Empty,
        attempt = Empty,
        duration_ms = Empty,
    )
}

/// Says that the current invocation is about this photo, as it is now.
pub fn about(photo: &Photo) {
    let span = Span::current();
    span.record("edition", tracing::field::display(&photo.edition));
    span.record("photo.id", tracing::field::display(&photo.id));
    span.record("photo.state", tracing::field::display(photo.state));
    span.record("size_bytes", photo.size_bytes);
}

/// Says how often the photo's file was begun, this time included.
pub fn attempt(number: u32) {
    Span::current().record("attempt", number);
}

/// Says how long the invocation took that began at `begun`.
pub fn took(span: &Span, begun: Instant) {
    span.record("duration_ms", u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX));
}

/// Starts logging as JSON lines, as CloudWatch reads them. Calling it twice changes nothing.
pub fn json() {
    let layer = fmt::layer().json().with_target(false).with_current_span(true).with_span_list(false);
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
