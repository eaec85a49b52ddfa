//! The cache of the edge, and how long answers stay in it.

use std::{
    collections::HashMap,
    io::Write,
    ops::RangeInclusive,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, StatusCode, header};
use jiff::Timestamp;

use super::behaviours::fits;

/// Largest size of the cache in bytes, counting bodies and addresses; the oldest answers leave first.
const ROOM_BYTES: usize = 256 << 20;
/// Bytes counted for an answer's headers and its entry.
const PLACE_BYTES: usize = 1_000;
/// How long an error is cached that does not say so itself, as at the service.
const ERROR: Duration = Duration::from_secs(10);
/// How long a fault of the origin is cached, as `infra/aws/edge.tf` sets it.
const FAULT: Duration = Duration::from_secs(1);

/// Sizes in bytes of bodies that are compressed, and the text types among those that the service compresses: Amazon CloudFront Developer
/// Guide, "Serve compressed files".
const COMPRESSED_BYTES: RangeInclusive<usize> = 1_000..=10_000_000;
const COMPRESSED_TYPES: [&str; 9] = [
    "application/javascript",
    "application/json",
    "application/rss+xml",
    "application/xml",
    "image/svg+xml",
    "text/css",
    "text/html",
    "text/javascript",
    "text/plain",
];

/// A cached answer, and how long it may be used.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
    since: Timestamp,
    life: Life,
    /// The gzipped body, once a client has asked for it.
    gzip: OnceLock<Option<Bytes>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Life {
    fresh: Duration,
    while_revalidating: Duration,
    /// How long the answer may replace an error; `None` if it does not say so: then an old answer is always better than an error.
    on_error: Option<Duration>,
}

impl Kept {
    pub(super) fn new(status: StatusCode, headers: HeaderMap, body: Bytes, now: Timestamp) -> Self {
        let life = Life::new(status, &headers);
        Self { status, headers, body, since: now, life, gzip: OnceLock::new() }
    }

    /// Returns the same answer after the origin has confirmed that it is still valid.
    pub(super) fn confirmed(&self, headers: &HeaderMap, now: Timestamp) -> Self {
        let mut confirmed = self.clone();
        if let Some(control) = headers.get(header::CACHE_CONTROL) {
            confirmed.headers.insert(header::CACHE_CONTROL, control.clone());
        }
        confirmed.life = Life::new(self.status, &confirmed.headers);
        confirmed.since = now;
        confirmed
    }

    /// Returns the gzipped body; `None` if the service does not compress such an answer.
    pub(super) fn compressed(&self) -> Option<&Bytes> {
        let made = self.gzip.get_or_init(|| {
            let kind = self.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
            let kind = kind.split(';').next().unwrap_or_default().trim();
            let plain = !self.headers.contains_key(header::CONTENT_ENCODING);
            if !plain || !COMPRESSED_TYPES.contains(&kind) || !COMPRESSED_BYTES.contains(&self.body.len()) {
                return None;
            }
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(&self.body).ok()?;
            encoder.finish().ok().map(Bytes::from)
        });
        made.as_ref()
    }

    pub(super) fn age(&self, now: Timestamp) -> Duration {
        now.duration_since(self.since).try_into().unwrap_or_default()
    }

    /// Whether the answer may be used if the origin has none.
    pub(super) fn may_stand_in(&self, now: Timestamp) -> bool {
        self.status.is_success() && self.life.on_error.is_none_or(|more| self.age(now) < self.life.fresh + more)
    }
}

impl Life {
    fn new(status: StatusCode, headers: &HeaderMap) -> Self {
        let control = headers.get(header::CACHE_CONTROL).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let directives = control.split(',').map(|one| one.trim().split_once('=').unwrap_or((one.trim(), "")));
        let directives: HashMap<String, &str> = directives.map(|(name, of)| (name.to_lowercase(), of)).collect();
        let seconds =
            |name: &str| directives.get(name).and_then(|of| of.trim_matches('"').parse().ok()).map(Duration::from_secs);
        let never = ["no-store", "private", "no-cache"].iter().any(|name| directives.contains_key(*name));
        let said = seconds("s-maxage").or_else(|| seconds("max-age")).unwrap_or_default();
        if status.is_server_error() {
            return Self { fresh: FAULT, ..Self::default() };
        }
        if never {
            // An error that must not be cached is cached all the same, for as long as the service's setting says.
            return Self { fresh: if status.is_client_error() { ERROR } else { Duration::ZERO }, ..Self::default() };
        }
        Self {
            fresh: if status.is_client_error() { said.max(ERROR) } else { said },
            while_revalidating: seconds("stale-while-revalidate").unwrap_or_default(),
            on_error: seconds("stale-if-error"),
        }
    }
}

/// What the cache has for an address.
pub(super) enum Found {
    /// A fresh answer, to be used.
    Fresh(Arc<Kept>),
    /// A stale answer, to be used while a newer one is requested.
    Stale(Arc<Kept>),
    /// An old answer: ask the origin. It serves for revalidation, or if the origin has no answer.
    Old,
    /// Nothing: ask the origin.
    Nothing,
}

pub(super) struct Shelf(Mutex<Shelved>);

impl Default for Shelf {
    fn default() -> Self {
        Self::new(ROOM_BYTES)
    }
}

struct Shelved {
    room_bytes: usize,
    kept: HashMap<String, Arc<Kept>>,
    turns: HashMap<String, Arc<tokio::sync::Mutex<()>>>,
    bytes: usize,
}

impl Shelf {
    fn new(room_bytes: usize) -> Self {
        let shelved = Shelved { room_bytes, kept: HashMap::new(), turns: HashMap::new(), bytes: 0 };
        Self(Mutex::new(shelved))
    }

    pub(super) fn find(&self, key: &str, now: Timestamp) -> Found {
        let Some(kept) = self.old(key) else { return Found::Nothing };
        let age = kept.age(now);
        if age < kept.life.fresh {
            Found::Fresh(kept)
        } else if age < kept.life.fresh + kept.life.while_revalidating {
            Found::Stale(kept)
        } else {
            Found::Old
        }
    }

    /// Returns the cached answer, however old it is.
    pub(super) fn old(&self, key: &str) -> Option<Arc<Kept>> {
        self.lock().kept.get(key).cloned()
    }

    /// Returns the lock with which requests for the same address wait for the first of them.
    pub(super) fn turn(&self, key: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut shelved = self.lock();
        shelved.turns.retain(|_, turn| Arc::strong_count(turn) > 1);
        Arc::clone(shelved.turns.entry(key.to_owned()).or_default())
    }

    pub(super) fn keep(&self, key: &str, kept: &Arc<Kept>) {
        let mut shelved = self.lock();
        shelved.take(key);
        if (kept.life.fresh + kept.life.while_revalidating).is_zero() {
            return;
        }
        shelved.bytes += size(key, kept);
        shelved.kept.insert(key.to_owned(), Arc::clone(kept));
        if shelved.bytes > shelved.room_bytes {
            let mut by_age: Vec<_> = shelved.kept.iter().map(|(key, kept)| (kept.since, key.clone())).collect();
            by_age.sort_unstable();
            // Removes a few more than necessary; otherwise every new answer would search the whole cache.
            for (_, key) in by_age {
                if shelved.bytes <= shelved.room_bytes / 10 * 9 {
                    break;
                }
                shelved.take(&key);
            }
        }
    }

    /// Removes the answers at a path, with any query if the pattern says so.
    pub(super) fn take_all(&self, pattern: &str) {
        let mut shelved = self.lock();
        let keys: Vec<_> = shelved.kept.keys().filter(|key| fits(pattern, key)).cloned().collect();
        for key in keys {
            shelved.take(&key);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Shelved> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shelved {
    fn take(&mut self, key: &str) {
        if let Some(kept) = self.kept.remove(key) {
            self.bytes -= size(key, &kept);
        }
    }
}

fn size(key: &str, kept: &Kept) -> usize {
    key.len() + kept.body.len() + PLACE_BYTES
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn life(status: u16, control: &'static str) -> Life {
        let headers = HeaderMap::from_iter([(header::CACHE_CONTROL, HeaderValue::from_static(control))]);
        Life::new(StatusCode::from_u16(status).unwrap(), &headers)
    }

    #[test]
    fn answers_are_kept_for_as_long_as_they_say() {
        let s = Duration::from_secs;
        let head = life(200, "public, max-age=0, s-maxage=5, stale-while-revalidate=30, stale-if-error=600");
        assert_eq!(head, Life { fresh: s(5), while_revalidating: s(30), on_error: Some(s(600)) });
        assert_eq!(life(200, "public, max-age=60").fresh, s(60));
        assert_eq!(life(200, "no-store").fresh, s(0));
        assert_eq!(life(200, "").fresh, s(0));
        assert_eq!(life(404, "no-store").fresh, ERROR);
        assert_eq!(life(503, "public, s-maxage=60").fresh, FAULT);
    }

    #[test]
    fn answers_without_a_body_take_room_too() {
        let room = 1_000_000;
        let (shelf, now) = (Shelf::new(room), Timestamp::UNIX_EPOCH);
        let kept = Arc::new(Kept::new(StatusCode::NOT_FOUND, HeaderMap::new(), Bytes::new(), now));
        let path = "x".repeat(8_000);
        for n in 0..200 {
            shelf.keep(&format!("/{path}{n}"), &kept);
        }
        let shelved = shelf.lock();
        let held: usize = shelved.kept.keys().map(String::len).sum();
        assert!(held <= room && shelved.bytes <= room, "{held} bytes of addresses");
        assert!(shelved.kept.len() > 80);
    }
}
