//! Logs: one line of JSON per event on Lambda, plain lines on a laptop. They never contain tokens, signed addresses, captions or names.
//!
//! Each invocation has one span, [`invocation`]: an HTTP request, a message of a queue, or a task of the schedule. Every line that is
//! logged within it has its fields, so a search for a photo or a request finds all lines about it.

use std::time::Instant;

use tracing::{Level, Span, field::Empty};
use tracing_subscriber::{EnvFilter, fmt, prelude::*};

use crate::domain::Photo;

/// Returns the span of one invocation of `function`. `id` is the id of the request, the message or the task.
///
/// [`about`] adds the facts of the photo, [`attempt`] the number of attempts to decode its file, [`took`] the duration. Unknown fields are
/// left out: the span of an invocation about several photos has no photo, and each line about one of them names it.
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

/// Records that the current invocation is about this photo, with its present state.
pub fn about(photo: &Photo) {
    let span = Span::current();
    span.record("edition", tracing::field::display(&photo.edition));
    span.record("photo.id", tracing::field::display(&photo.id));
    span.record("photo.state", tracing::field::display(photo.state));
    span.record("size_bytes", photo.size_bytes);
}

/// Records the number of attempts to decode the photo's file, including this one.
pub fn attempt(number: u32) {
    Span::current().record("attempt", number);
}

/// Records how long the invocation that began at `begun` took, in milliseconds.
pub fn took(span: &Span, begun: Instant) {
    span.record("duration_ms", u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX));
}

/// Starts logging as JSON lines, for CloudWatch. A second call has no effect.
pub fn json() {
    let layer = fmt::layer().json().with_target(false).with_current_span(true).with_span_list(false);
    let _already_started = tracing_subscriber::registry().with(filter("info")).with(layer).try_init();
}

/// Starts logging as plain lines to standard error, from `level` up. A second call has no effect.
pub fn plain(level: &str) {
    let layer = fmt::layer().with_target(false).with_writer(std::io::stderr);
    let _already_started = tracing_subscriber::registry().with(filter(level)).with(layer).try_init();
}

/// On a laptop, the local table and storage log each condition that does not hold, which is a normal answer of the table; we log the
/// consequence instead.
fn filter(level: &str) -> EnvFilter {
    EnvFilter::new(format!("{level},aws_config=warn,aws_smithy_runtime=warn,hyper=warn,s3s=off,dynoxide=off"))
}
