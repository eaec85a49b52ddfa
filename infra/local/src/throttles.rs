//! Limits how many requests pass to the functions: the throttle of each route, as in API Gateway, and before it the firewall's limit for
//! each address, as in AWS WAF. The numbers are those of `[cloud]` in `infra/event.toml`, from which a deployment makes both.
//!
//! Followed, from the services' documentation: each route has a token bucket of its own, for all callers together; the firewall looks at
//! the last 60 s, only every 10 s, so that a flood passes until it looks again, and it also counts requests that it rejects; what exceeds
//! its limit is answered with 429. `infra/edge.json` tells both which paths a rule is about. Not followed: several edges count separately
//! for a while; the firewall also counts what the edge answers from its cache; its last rule, which limits cost.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode, header};
use regex_lite::Regex;
use serde::{Deserialize, Serialize, de::Error as _};
use shared::{
    domain::{event_error::BadEventFile, event_file, ids::Network},
    web::viewer::network,
};

use crate::functions::{Class, Function};

/// Length of the firewall's window, in seconds.
const WINDOW_S: u64 = 60;
/// Seconds between two evaluations by the firewall.
const LOOK_S: u64 = 10;

/// The throttles of a deployment, as in the organiser's settings.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Throttles {
    /// For each route that reads.
    pub read: Throttle,
    /// For each route that writes, except for the following.
    pub write: Throttle,
    /// For each route that registers photos.
    #[serde(default = "Throttle::register")]
    pub register: Throttle,
    /// For each route that removes a photo, reports one or decides about one.
    #[serde(default = "Throttle::urgent")]
    pub urgent: Throttle,
    /// How many requests of one address the firewall lets through.
    #[serde(default)]
    pub address_per_minute: PerAddress,
}

/// Largest number of requests in a minute from one address before the firewall stops them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PerAddress {
    /// Requests that register photos or renew their addresses.
    pub register: u32,
    /// Requests that edit, withdraw or report a photo.
    #[serde(default = "PerAddress::remove")]
    pub remove: u32,
    /// Requests that change anything else.
    pub change: u32,
    /// Requests that read what functions answer.
    #[serde(default = "PerAddress::read")]
    pub read: u32,
}

impl PerAddress {
    /// Default of [`PerAddress::remove`], for older settings.
    fn remove() -> u32 {
        240
    }

    /// Default of [`PerAddress::read`].
    fn read() -> u32 {
        3_000
    }

    fn of(self, rule: Rule) -> u32 {
        match rule {
            Rule::Registrations => self.register,
            Rule::Removals => self.remove,
            Rule::Changes => self.change,
            Rule::Reads => self.read,
        }
    }
}

impl Default for PerAddress {
    /// Default limits for an address.
    fn default() -> Self {
        Self { register: 600, remove: Self::remove(), change: 1_200, read: Self::read() }
    }
}

/// The throttle of a route: a token bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Throttle {
    /// Requests per second in the long run.
    pub rate: u32,
    /// Largest number of requests at once.
    pub burst: u32,
}

impl Throttle {
    /// The throttle of a path's other methods in every deployment: `infra/aws/api.tf`.
    pub const OTHER: Self = Self { rate: 10, burst: 20 };

    /// Default throttle of registering, for older settings.
    pub fn register() -> Self {
        Self { rate: 50, burst: 200 }
    }

    /// Default throttle of withdrawals, reports and decisions.
    pub fn urgent() -> Self {
        Self { rate: 100, burst: 200 }
    }
}

impl Throttles {
    /// Reads the throttles in the text of an `event.toml`; `None` if it has no `[cloud]`.
    ///
    /// # Errors
    /// What is wrong in that part of the file.
    pub fn read(text: &str) -> Result<Option<Self>, BadEventFile> {
        #[derive(Deserialize)]
        struct File {
            cloud: Option<Throttles>,
        }
        Ok(event_file::parse::<File>(text)?.cloud)
    }

    /// Returns the throttle of a route of this class.
    pub fn of(&self, class: Class) -> Throttle {
        match class {
            Class::Read => self.read,
            Class::Write => self.write,
            Class::Register => self.register,
            Class::Urgent => self.urgent,
            Class::Other => Throttle::OTHER,
        }
    }
}

/// A rule of the firewall, whose requests are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Rule {
    Registrations,
    Removals,
    Changes,
    Reads,
}

/// Which requests each rule is about, from `infra/edge.json`.
#[derive(Debug)]
struct Rules {
    registers: Regex,
    removes: Regex,
    files: Regex,
}

impl Rules {
    /// Reads the file that was compiled into this build.
    fn read() -> Result<Self, serde_json::Error> {
        #[derive(Deserialize)]
        struct File {
            firewall: Paths,
        }
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Paths {
            registers: String,
            removes: String,
            files: String,
        }
        let File { firewall } = serde_json::from_str(include_str!("../../edge.json"))?;
        let regex = |text: &str| Regex::new(text).map_err(serde_json::Error::custom);
        Ok(Self {
            registers: regex(&firewall.registers)?,
            removes: regex(&firewall.removes)?,
            files: regex(&firewall.files)?,
        })
    }

    /// Returns the rule that counts a request; `None` for files.
    fn of(&self, method: &Method, path: &str) -> Option<Rule> {
        match *method {
            Method::GET | Method::HEAD | Method::OPTIONS => (!self.files.is_match(path)).then_some(Rule::Reads),
            Method::PUT => None,
            Method::POST if self.registers.is_match(path) => Some(Rule::Registrations),
            _ if self.removes.is_match(path) => Some(Rule::Removals),
            _ => Some(Rule::Changes),
        }
    }
}

/// The throttles and the firewall in front of all functions.
#[derive(Clone, Debug)]
pub(crate) struct Gate(Option<Arc<Limits>>);

#[derive(Debug)]
struct Limits {
    routes: HashMap<String, (Throttle, Mutex<Bucket>)>,
    rules: Rules,
    per_address: PerAddress,
    addresses: Mutex<Addresses>,
    began: Instant,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Gate {
    /// Builds the gate in front of these functions' routes. Without throttles, everything passes.
    ///
    /// # Errors
    /// If `infra/edge.json` is malformed, which a test rules out.
    pub(crate) fn new<'a>(
        throttles: Option<&Throttles>,
        functions: impl Iterator<Item = &'a Function>,
    ) -> Result<Self, serde_json::Error> {
        let Some(throttles) = throttles else { return Ok(Self(None)) };
        let now = Instant::now();
        let routes = functions.flat_map(Function::entries).map(|(route, class)| {
            let throttle = throttles.of(class);
            let full = Mutex::new(Bucket { tokens: f64::from(throttle.burst), at: now });
            (route, (throttle, full))
        });
        Ok(Self(Some(Arc::new(Limits {
            routes: routes.collect(),
            rules: Rules::read()?,
            per_address: throttles.address_per_minute,
            addresses: Mutex::default(),
            began: now,
        }))))
    }

    /// Lets a request through. `route` is the path of its route, with names for its variables, and `path` is its own path.
    ///
    /// # Errors
    /// The answer to a request that exceeds a limit.
    pub(crate) fn enter(
        &self,
        method: &Method,
        route: &str,
        path: &str,
        headers: &HeaderMap,
    ) -> Result<(), Box<Response>> {
        let Some(limits) = &self.0 else { return Ok(()) };
        let now = Instant::now();
        if let Some(rule) = limits.rules.of(method, path) {
            let second = now.duration_since(limits.began).as_secs();
            let mut addresses = limits.addresses.lock().unwrap_or_else(PoisonError::into_inner);
            if !addresses.pass(&network(headers), rule, limits.per_address, second) {
                return Err(Box::new(too_many(Some(WINDOW_S))));
            }
        }
        let key = if route == "$default" { route.to_owned() } else { format!("{method} {route}") };
        let entry = limits.routes.get(&key).or_else(|| limits.routes.get(&format!("ANY {route}")));
        let Some((throttle, bucket)) = entry else { return Ok(()) };
        let mut bucket = bucket.lock().unwrap_or_else(PoisonError::into_inner);
        if bucket.take(*throttle, now) { Ok(()) } else { Err(Box::new(too_many(None))) }
    }
}

impl Bucket {
    /// Takes a token, if there is one.
    fn take(&mut self, throttle: Throttle, now: Instant) -> bool {
        let passed = now.saturating_duration_since(self.at).max(Duration::ZERO).as_secs_f64();
        self.tokens = (self.tokens + passed * f64::from(throttle.rate)).min(f64::from(throttle.burst));
        self.at = now;
        let has = self.tokens >= 1.0;
        if has {
            self.tokens -= 1.0;
        }
        has
    }
}

/// The firewall's counts for each address and rule.
#[derive(Debug, Default)]
struct Addresses {
    known: HashMap<(Network, Rule), Seen>,
    looked: u64,
}

/// The requests of one address.
#[derive(Debug, Default)]
struct Seen {
    /// Seconds with the number of requests in each, oldest first.
    seconds: Vec<(u64, u32)>,
    stopped: bool,
}

impl Addresses {
    /// Counts a request in this second. Returns whether it passes.
    fn pass(&mut self, network: &Network, rule: Rule, most: PerAddress, second: u64) -> bool {
        if second / LOOK_S != self.looked {
            self.looked = second / LOOK_S;
            self.look(most, second);
        }
        let seen = self.known.entry((network.clone(), rule)).or_default();
        match seen.seconds.last_mut() {
            Some((at, n)) if *at == second => *n += 1,
            Some(_) | None => seen.seconds.push((second, 1)),
        }
        !seen.stopped
    }

    fn look(&mut self, most: PerAddress, second: u64) {
        for ((_, rule), seen) in &mut self.known {
            let most = most.of(*rule);
            seen.seconds.retain(|(at, _)| at + WINDOW_S > second);
            seen.stopped = seen.seconds.iter().map(|(_, n)| u64::from(*n)).sum::<u64>() > u64::from(most);
        }
        self.known.retain(|_, seen| !seen.seconds.is_empty());
    }
}

/// Returns the answer to a request that exceeds a limit.
fn too_many(retry_after_s: Option<u64>) -> Response {
    let body = r#"{"message":"Too Many Requests"}"#;
    let mut response =
        (StatusCode::TOO_MANY_REQUESTS, [(header::CONTENT_TYPE, "application/json")], body).into_response();
    if let Some(seconds) = retry_after_s {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::Functions;

    const EVENT: &str = include_str!("../../event.toml");

    const MOST: PerAddress = PerAddress { register: 100, remove: 100, change: 100, read: 100 };

    fn gate(throttles: &Throttles) -> Gate {
        Gate::new(Some(throttles), Functions::read().unwrap().functions.iter()).unwrap()
    }

    fn from(address: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(http::HeaderName::from_static("x-forwarded-for"), address.parse().unwrap())])
    }

    #[test]
    fn settings_from_before_there_were_so_many_throttles_still_have_them() {
        let newer = ["register =", "urgent =", "address_per_minute ="];
        let older: Vec<_> = EVENT.lines().filter(|line| !newer.iter().any(|key| line.starts_with(key))).collect();
        let older = older.join("\n");
        assert!(older.len() < EVENT.len() - 100);
        assert_eq!(Throttles::read(&older).unwrap(), Throttles::read(EVENT).unwrap());
    }

    #[test]
    fn what_is_used_up_on_one_route_is_there_on_the_others() {
        let throttles = Throttles::read(EVENT).unwrap().unwrap();
        let gate = gate(&throttles);
        let passed = |route: &str, n: u32| {
            let (method, path) = route.split_once(' ').unwrap();
            let asked = path.replace("{id}", "0123");
            let enter = |_: &u32| gate.enter(&method.parse().unwrap(), path, &asked, &from("192.0.2.1")).is_ok();
            u32::try_from((0..n).filter(enter).count()).unwrap()
        };
        let flood = throttles.register.burst * 3;
        let registered = passed("POST /api/v1/uploads", flood);
        assert!((throttles.register.burst..throttles.register.burst + 50).contains(&registered), "{registered}");
        for urgent in [
            "DELETE /api/v1/uploads/{id}",
            "POST /api/v1/photos/{id}/reports",
            "POST /photos/{id}/reports",
            "POST /api/v1/moderation/decisions",
            "POST /moderation/decisions",
        ] {
            assert_eq!(passed(urgent, throttles.urgent.burst), throttles.urgent.burst, "{urgent}");
        }
        let heads = passed("HEAD /api/v1/event", 200);
        assert!((Throttle::OTHER.burst..Throttle::OTHER.burst + 20).contains(&heads), "{heads}");
        assert_eq!(passed("GET /api/v1/event", 200), 200, "who asks for heads takes nothing from who reads");
        assert_eq!(passed("POST /api/v1/no-route", 5_000), 5_000, "the function says what is wrong");
    }

    #[test]
    fn the_firewall_stops_an_address_that_floods_and_no_other_until_it_has_calmed_down() {
        let mut addresses = Addresses::default();
        let mut ask = |address: &str, second, n: u32| {
            (0..n).filter(|_| addresses.pass(&Network::from_address(address), Rule::Reads, MOST, second)).count()
        };
        assert_eq!(ask("192.0.2.1", 1, 500), 500, "it has not looked yet");
        assert_eq!(ask("192.0.2.1", 10, 50), 0);
        assert_eq!(ask("192.0.2.2", 10, 100), 100);
        assert_eq!(ask("192.0.2.1", 59, 50), 0, "what it turns away counts, too");
        assert_eq!(ask("192.0.2.2", 69, 1), 1);
        assert_eq!(ask("192.0.2.1", 80, 1), 1, "of the last minute there are 50");
        let mut rules = Addresses::default();
        let flood = Network::from_address("192.0.2.1");
        assert!((0..500).all(|_| rules.pass(&flood, Rule::Registrations, MOST, 1)));
        let mut passes = |rule| rules.pass(&flood, rule, MOST, 10);
        assert!(!passes(Rule::Registrations) && passes(Rule::Removals), "a rule of its own");
    }

    #[test]
    fn each_request_counts_for_one_rule() {
        let rules = Rules::read().unwrap();
        for (method, path, rule) in [
            ("POST", "/api/v1/uploads", Some(Rule::Registrations)),
            ("POST", "/api/v1/uploads/0123/renew", Some(Rule::Registrations)),
            ("DELETE", "/api/v1/uploads/0123", Some(Rule::Removals)),
            ("PATCH", "/api/v1/uploads/0123", Some(Rule::Removals)),
            ("POST", "/api/v1/photos/0123/reports", Some(Rule::Removals)),
            ("POST", "/photos/0123/reports", Some(Rule::Removals)),
            ("POST", "/api/v1/moderation/decisions", Some(Rule::Changes)),
            ("POST", "/moderation/decisions", Some(Rule::Changes)),
            ("POST", "/api/v1/session", Some(Rule::Changes)),
            ("PUT", "/originals/a/b", None),
            ("GET", "/gallery", Some(Rule::Reads)),
            ("HEAD", "/api/v1/uploads", Some(Rule::Reads)),
            ("GET", "/api/v1/photos/0123", Some(Rule::Reads)),
            ("GET", "/m/0123/1/640.jpg", None),
            ("GET", "/assets/add.js", None),
            ("GET", "/mine", Some(Rule::Reads)),
        ] {
            assert_eq!(rules.of(&method.parse().unwrap(), path), rule, "{method} {path}");
        }
    }

    #[test]
    fn one_address_cannot_use_up_what_a_route_takes_from_everybody() {
        let throttles = Throttles::read(EVENT).unwrap().unwrap();
        let most = throttles.address_per_minute;
        for (one, everybody, times) in [
            (most.register, throttles.register, 4),
            (most.remove, throttles.urgent, 20),
            (most.change, throttles.urgent, 4),
            (most.read, throttles.read, 4),
        ] {
            assert!(one * times <= everybody.rate * 60, "{one} a minute, of {} a second", everybody.rate);
        }
    }
}
