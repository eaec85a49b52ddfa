//! The services' own clock. They stand for AWS, whose clock the caller cannot choose.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Returns the milliseconds since 1970.
#[expect(clippy::disallowed_methods, reason = "the services stand for AWS, which has a clock of its own")]
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// The clock of objects' modification times: the services' own, or another one for tests of what takes days.
#[derive(Clone)]
pub struct Calendar(Arc<dyn Fn() -> i64 + Send + Sync>);

impl Calendar {
    /// Builds a clock from a function that returns the milliseconds since 1970.
    pub fn new(tell: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    pub(crate) fn now_ms(&self) -> i64 {
        (self.0)()
    }
}

impl Default for Calendar {
    fn default() -> Self {
        Self::new(now_ms)
    }
}

impl fmt::Debug for Calendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Calendar")
    }
}

/// Returns the time `ms` milliseconds after 1970; times before that become 1970.
pub(crate) fn system_time(ms: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}
