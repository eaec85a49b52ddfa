//! The cost of a day: one dated table of list prices, and arithmetic on it.

use std::{collections::BTreeSet, sync::LazyLock};

use local::functions::Class;
use serde::{Deserialize, Serialize};
use shared::domain::{Edition, limits};

use super::settings::{Architecture, Cloud};

/// AWS's public list prices for London (eu-west-2) and, for the edge, Europe, without tax and without the monthly free tier. Check them
/// against the lists before a large event.
pub static PRICES: LazyLock<Prices> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../prices.json")).unwrap_or_else(|error| unreachable!("prices.json: {error}"))
});

/// A price, and when it was read.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// The price in US dollars.
    usd: f64,
    /// The unit that it is for.
    per: String,
    /// The address of its source.
    source: String,
    /// The month in which it was read, such as `2025-11`.
    read: String,
}

/// The contents of `infra/cli/prices.json`; each row names its unit.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    api_million: Price,
    calls_million: Price,
    compute_arm64: Price,
    compute_x86_64: Price,
    table_read_million: Price,
    table_write_million: Price,
    storage_put_thousand: Price,
    storage_get_thousand: Price,
    storage_gb_month: Price,
    queue_million: Price,
    log_gb: Price,
    edge_requests_ten_thousand: Price,
    edge_gb_to_10_tb: Price,
    edge_gb_to_50_tb: Price,
    edge_gb_to_150_tb: Price,
    edge_gb_beyond: Price,
    edge_path: Price,
    edge_shield_ten_thousand: Price,
    alarm_month: Price,
    alarm_of_alarms_month: Price,
    metric_month: Price,
    key_ten_thousand: Price,
    firewall_month: Price,
    firewall_million: Price,
}

impl Prices {
    fn all(&self) -> [&Price; 24] {
        [
            &self.api_million,
            &self.calls_million,
            &self.compute_arm64,
            &self.compute_x86_64,
            &self.table_read_million,
            &self.table_write_million,
            &self.storage_put_thousand,
            &self.storage_get_thousand,
            &self.storage_gb_month,
            &self.queue_million,
            &self.log_gb,
            &self.edge_requests_ten_thousand,
            &self.edge_gb_to_10_tb,
            &self.edge_gb_to_50_tb,
            &self.edge_gb_to_150_tb,
            &self.edge_gb_beyond,
            &self.edge_path,
            &self.edge_shield_ten_thousand,
            &self.alarm_month,
            &self.alarm_of_alarms_month,
            &self.metric_month,
            &self.key_ten_thousand,
            &self.firewall_month,
            &self.firewall_million,
        ]
    }

    /// Returns the price of a gigabyte of a function's memory for a second.
    fn gb_second(&self, architecture: Architecture) -> f64 {
        match architecture {
            Architecture::Arm64 => self.compute_arm64.usd,
            Architecture::X86 => self.compute_x86_64.usd,
        }
    }

    /// Returns the price scale of gigabytes from the edge: up to how many in a month, and the price of each.
    fn edge_gb(&self) -> [(f64, f64); 4] {
        [
            (10_000.0, self.edge_gb_to_10_tb.usd),
            (50_000.0, self.edge_gb_to_50_tb.usd),
            (150_000.0, self.edge_gb_to_150_tb.usd),
            (f64::INFINITY, self.edge_gb_beyond.usd),
        ]
    }
}

/// Returns the month in which the oldest of the prices was read, such as `2025-11`.
pub fn prices_of() -> &'static str {
    PRICES.all().into_iter().map(|price| price.read.as_str()).min().unwrap_or_default()
}

/// Returns the addresses of the prices' sources.
pub fn sources() -> BTreeSet<&'static str> {
    PRICES.all().into_iter().map(|price| price.source.as_str()).collect()
}

/// The quantities of one photo and one view. Measured on the laptop with photos of 12 megapixels and the present pages; a test checks the
/// calls that can be counted.
const PHOTO_MB: f64 = 4.0;
const RENDITIONS_MB: f64 = 1.0;
const RENDITIONS_PER_PHOTO: f64 = 4.0;
const RENDER_SECONDS: f64 = 1.5;
const RENDER_GB: f64 = 1769.0 / 1024.0;
const CALL_SECONDS: f64 = 0.02;
const CALL_GB: f64 = 0.25;
/// API calls for a photo: register, own photos twice, queue, decision, and its share of pages.
const CALLS_PER_PHOTO: f64 = 6.0;
/// Write units of a photo from its registration to its publication: five rows of up to 2 KB, in transactions, which count twice.
const WRITES_PER_PHOTO: f64 = 48.0;
const READS_PER_PHOTO: f64 = 30.0;
/// A view: a share of a page with 24 small images, and every tenth time the photo itself.
const VIEW_KB: f64 = 60.0;
const REQUESTS_PER_VIEW: f64 = 1.5;
/// The quantities of one video, beside those of a photo, which its poster takes. A video of half a minute, as a browser makes it ready, has
/// eight parts. It is stored four times: as it was sent, for moderators with and without its sound, and for the public.
const FILM_MB: f64 = 7.74;
const FILM_COPIES: f64 = 4.0;
const FILM_PARTS: f64 = 8.0;
/// Each part is written once and asks once which parts are there; then come two files for moderators, their sheet, and the public copy.
const FILM_PUTS: f64 = 2.0 * FILM_PARTS + 4.0;
/// Each part is read once, and the whole once to be published.
const FILM_GETS: f64 = FILM_PARTS + 1.0;
/// Seconds of the function for all of its parts' events, of which one makes the film.
const FILM_RENDER_SECONDS: f64 = 3.0;
/// Requests of a browser that plays a video from its beginning to its end: some ask for it in ranges.
const REQUESTS_PER_FILM: f64 = 3.0;
/// Largest number of write units of a registration, and of read units of any call.
const WRITES_PER_REGISTRATION: f64 = 16.0;
/// Write units of a call that registers, besides those of its photos: its device's counters and rate, and its network's rate.
const WRITES_PER_RATE: f64 = 4.0;
const READS_PER_CALL: f64 = 16.0;
/// Photos in one batch of the queue, as in `infra/functions.json`.
const PHOTOS_PER_BATCH: f64 = 1.0;
/// Bytes of log lines for one call.
const LOG_BYTES: f64 = 1_000.0;
const DAY: f64 = 86_400.0;
/// Requests to empty queues in a month. With a limit on concurrent functions, an idle queue keeps its five pollers.
const QUEUES_ASKED: f64 = 2.0 * 5.0 * 30.0 * DAY / 20.0;
/// Share of the edge's requests for pages that miss its cache.
const MISSES: f64 = 0.05;

/// Share of the published photos that are removed again.
const REMOVALS: f64 = 0.01;
/// Paths invalidated for one removal: its own four pages and six files in each of two rounds, and its lists once.
const PATHS_PER_REMOVAL: f64 = 21.0;
/// Invalidated paths that are free in a month.
const FREE_PATHS: f64 = 1_000.0;
/// Metrics that alarms watch, and alarms of alarms, as in `infra/aws/ops.tf`: a guard counts them.
const ALARMS: f64 = 39.0;
const ALARMS_OF_ALARMS: f64 = 2.0;
/// Number of alarms, and of custom metrics, that are free.
const FREE_OF_EACH: f64 = 10.0;
/// Custom metrics: a photo's eight states, four times, and lines from which alarms are made.
const METRICS: f64 = 13.0;
/// Uses of the table's key in a month: each function asks again every five minutes.
const KEY_USES: f64 = 6.0 * 30.0 * DAY / 300.0;

/// One line of a bill.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// What the line is for.
    pub what: String,
    /// The quantity, in words.
    pub amount: String,
    /// The amount in US dollars.
    pub usd: f64,
}

fn line(what: &str, amount: String, usd: f64) -> Line {
    Line { what: what.to_owned(), amount, usd }
}

/// A route of a function that takes requests.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// The class that determines its throttle.
    pub class: Class,
    /// The memory of its function, in MB.
    pub memory_mb: u32,
    /// Longest duration of a call, in seconds.
    pub timeout_s: u64,
}

impl Route {
    fn memory_gb(&self) -> f64 {
        f64::from(self.memory_mb) / 1024.0
    }

    /// Returns the largest number of write units of one call, except for those of the photos that it registers.
    fn most_writes(&self) -> f64 {
        match self.class {
            Class::Read | Class::Other => 0.0,
            Class::Register => WRITES_PER_RATE,
            Class::Write | Class::Urgent => WRITES_PER_PHOTO,
        }
    }
}

/// Returns the sum of a bill.
pub fn total(lines: &[Line]) -> f64 {
    lines.iter().map(|line| line.usd).sum()
}

/// Returns the cost of a day with so many photos and videos and so many views of each, including a month of storing them. Each view of a
/// video plays it to its end.
pub fn forecast(cloud: &Cloud, photos: f64, videos: f64, views: f64) -> Vec<Line> {
    let mut lines = forecast_of_photos(cloud, photos + videos, views);
    if videos > 0.0 {
        let before_gb = (photos + videos) * views * VIEW_KB / 1e6;
        lines.extend(forecast_of_films(cloud, videos, views, before_gb));
    }
    lines
}

/// Returns what a thousand more videos of half a minute cost, with so many views of each.
pub fn thousand_videos(cloud: &Cloud, photos: f64, videos: f64, views: f64) -> f64 {
    let cost = |videos| total(&forecast(cloud, photos, videos, views));
    cost(videos + 1_000.0) - cost(videos)
}

/// Returns what the films of so many videos cost beside their posters, if the edge has sent `before_gb` gigabytes already.
fn forecast_of_films(cloud: &Cloud, videos: f64, views: f64, before_gb: f64) -> Vec<Line> {
    let seen = videos * views;
    let egress_gb = seen * FILM_MB / 1e3;
    let edge_requests = seen * REQUESTS_PER_FILM;
    let compute = videos * FILM_RENDER_SECONDS * RENDER_GB;
    let kept_gb = videos * FILM_MB * FILM_COPIES / 1e3;
    let misses = edge_requests * MISSES;
    vec![
        line(
            "videos: edge, bytes",
            format!("{} GB", whole(egress_gb)),
            edge_bytes(before_gb + egress_gb) - edge_bytes(before_gb),
        ),
        line(
            "videos: edge, requests",
            whole(edge_requests),
            edge_requests / 1e4 * PRICES.edge_requests_ten_thousand.usd
                + misses / 1e4 * PRICES.edge_shield_ten_thousand.usd,
        ),
        line(
            "videos: functions",
            format!("{} GB seconds", whole(compute)),
            compute * PRICES.gb_second(cloud.architecture) + videos * FILM_PARTS / 1e6 * PRICES.calls_million.usd,
        ),
        line(
            "videos: storage, requests",
            whole(videos * (FILM_PUTS + FILM_GETS) + misses),
            videos * FILM_PUTS / 1e3 * PRICES.storage_put_thousand.usd
                + (videos * FILM_GETS + misses) / 1e3 * PRICES.storage_get_thousand.usd,
        ),
        line("videos: storage, a month", format!("{} GB", whole(kept_gb)), kept_gb * PRICES.storage_gb_month.usd),
        line(
            "videos: queues",
            whole(videos * FILM_PARTS * 3.0),
            videos * FILM_PARTS * 3.0 / 1e6 * PRICES.queue_million.usd,
        ),
    ]
}

/// Returns the cost of a day without videos.
fn forecast_of_photos(cloud: &Cloud, photos: f64, views: f64) -> Vec<Line> {
    let seen = photos * views;
    let edge_requests = seen * REQUESTS_PER_VIEW + photos * 10.0;
    let page_misses = edge_requests * MISSES / 3.0;
    let calls = photos * CALLS_PER_PHOTO + page_misses;
    let compute = photos * RENDER_SECONDS * RENDER_GB + calls * CALL_SECONDS * CALL_GB;
    let egress_gb = seen * VIEW_KB / 1e6;
    let kept_gb = photos * (PHOTO_MB + 2.0 * RENDITIONS_MB) / 1e3;
    let mut lines = vec![
        line("edge, bytes", format!("{} GB", whole(egress_gb)), edge_bytes(egress_gb)),
        line("edge, requests", whole(edge_requests), edge_requests / 1e4 * PRICES.edge_requests_ten_thousand.usd),
        line("API, requests", whole(calls), calls / 1e6 * PRICES.api_million.usd),
        line(
            "functions",
            format!("{} GB seconds", whole(compute)),
            compute * PRICES.gb_second(cloud.architecture) + (calls + photos) / 1e6 * PRICES.calls_million.usd,
        ),
        line(
            "table",
            format!("{} writes", whole(photos * WRITES_PER_PHOTO)),
            photos * WRITES_PER_PHOTO / 1e6 * PRICES.table_write_million.usd
                + (photos * READS_PER_PHOTO + page_misses * 3.0) / 1e6 * PRICES.table_read_million.usd,
        ),
        line(
            "storage, requests",
            whole(photos * (1.0 + 2.0 * RENDITIONS_PER_PHOTO)),
            photos * (1.0 + 2.0 * RENDITIONS_PER_PHOTO) / 1e3 * PRICES.storage_put_thousand.usd
                + (photos * 10.0 + edge_requests * MISSES) / 1e3 * PRICES.storage_get_thousand.usd,
        ),
        line("storage, a month", format!("{} GB", whole(kept_gb)), kept_gb * PRICES.storage_gb_month.usd),
        // Two queues are polled all month, even if they are empty: each five times in twenty seconds.
        line(
            "queues",
            whole(photos * 3.0 + QUEUES_ASKED),
            (photos * 3.0 + QUEUES_ASKED) / 1e6 * PRICES.queue_million.usd,
        ),
        line("logs", format!("{:.1} GB", calls * LOG_BYTES / 1e9), calls * LOG_BYTES / 1e9 * PRICES.log_gb.usd),
        line(
            "edge, shield",
            whole(edge_requests * MISSES),
            edge_requests * MISSES / 1e4 * PRICES.edge_shield_ten_thousand.usd,
        ),
        removals(photos * REMOVALS),
        line(
            "alarms, a month",
            whole(ALARMS + ALARMS_OF_ALARMS),
            (ALARMS - FREE_OF_EACH) * PRICES.alarm_month.usd + ALARMS_OF_ALARMS * PRICES.alarm_of_alarms_month.usd,
        ),
        line("metrics, a month", whole(METRICS), (METRICS - FREE_OF_EACH) * PRICES.metric_month.usd),
        line("table's key, a month", whole(KEY_USES), KEY_USES / 1e4 * PRICES.key_ten_thousand.usd),
    ];
    if cloud.firewall {
        lines.push(line(
            "firewall",
            whole(edge_requests),
            PRICES.firewall_month.usd / 30.0 + edge_requests / 1e6 * PRICES.firewall_million.usd,
        ));
    }
    lines
}

/// Returns the cost of removing so many published photos from the edges in a month.
fn removals(photos: f64) -> Line {
    let paths = photos * PATHS_PER_REMOVAL;
    line("edge, removals", format!("{} paths", whole(paths)), (paths - FREE_PATHS).max(0.0) * PRICES.edge_path.usd)
}

/// Returns the cost of removing each published photo, beyond what is free in a month.
pub fn removal() -> f64 {
    PATHS_PER_REMOVAL * PRICES.edge_path.usd
}

/// Returns how many functions run at the same time if all photos come within the edition's window, half of them in its busiest eighth.
pub fn at_once(cloud: &Cloud, edition: &Edition, photos: f64) -> f64 {
    let window =
        f64::from(i32::try_from(edition.closes_at.duration_since(edition.opens_at).as_secs()).unwrap_or(36_000));
    let busiest = photos / 2.0 / (window / 8.0);
    let renditions = (busiest * RENDER_SECONDS).min(f64::from(cloud.renditions_at_once) * PHOTOS_PER_BATCH);
    (renditions + busiest * CALLS_PER_PHOTO * CALL_SECONDS).ceil()
}

/// Returns the highest possible cost of one day, as far as the settings throttle it: every route at its limit from midnight to midnight,
/// each call as slow as its time-out allows and the account's concurrency permits, each registration with the largest batch, each photo of
/// the largest size, and bytes from the edge up to the alarm in each hour.
///
/// `routes` are those of all functions that take requests. What the edge answers from its cache has no limit at AWS and is not included;
/// see
/// [`unattended`].
pub fn ceiling(cloud: &Cloud, edition: &Edition, routes: &[Route], at_once: f64) -> Vec<Line> {
    let rate = |class: Class| f64::from(cloud.throttle(class).rate);
    let calls: f64 = routes.iter().map(|route| rate(route.class) * DAY).sum();
    let largest_gb = routes.iter().map(Route::memory_gb).fold(0.0, f64::max);
    let one_by_one: f64 =
        routes.iter().map(|route| rate(route.class) * DAY * route.memory_gb() * seconds(route.timeout_s)).sum();
    let compute = one_by_one.min(at_once * DAY * largest_gb);
    // One route registers photos; each call of the others that write changes one.
    let registered =
        rate(Class::Register) * DAY * f64::from(u32::try_from(limits::MAX_PHOTOS_PER_REQUEST).unwrap_or(u32::MAX));
    // A day in which every hour's budget is spent to the last byte, twice, with as many unusable bytes as usable ones; on few large photos
    // or on many small ones.
    let budget_gb = u64_as_f64(edition.hourly_bytes) / 1e9 * 24.0 * 2.0;
    let written: f64 = routes.iter().map(|route| rate(route.class) * DAY * route.most_writes()).sum();
    let writes = written + registered * WRITES_PER_REGISTRATION;
    let reads = calls * READS_PER_CALL;
    let stored_gb = (registered * u64_as_f64(edition.max_bytes) / 1e9).min(budget_gb);
    let rendered = (f64::from(cloud.renditions_at_once) * PHOTOS_PER_BATCH * DAY / RENDER_SECONDS).min(registered);
    let egress_gb = cloud.egress_gb_per_hour * 24.0;
    let mut lines = vec![
        line("API, requests", whole(calls), calls / 1e6 * PRICES.api_million.usd),
        line(
            "functions",
            format!("{} GB seconds", whole(compute)),
            compute * PRICES.gb_second(cloud.architecture) + calls / 1e6 * PRICES.calls_million.usd,
        ),
        line(
            "table",
            format!("{} writes, {} reads", whole(writes), whole(reads)),
            writes / 1e6 * PRICES.table_write_million.usd + reads / 1e6 * PRICES.table_read_million.usd,
        ),
        line(
            "storage, kept for the day",
            format!("{} photos, {} GB", whole(registered), whole(stored_gb)),
            stored_gb * PRICES.storage_gb_month.usd / 30.0 + registered / 1e3 * PRICES.storage_put_thousand.usd,
        ),
        line(
            "renditions",
            format!("{} photos", whole(rendered)),
            rendered
                * (RENDER_SECONDS * RENDER_GB * PRICES.gb_second(cloud.architecture)
                    + RENDITIONS_PER_PHOTO / 1e3 * PRICES.storage_put_thousand.usd),
        ),
        line("queue", whole(registered * 3.0), registered * 3.0 / 1e6 * PRICES.queue_million.usd),
        line("edge, bytes up to the alarm", format!("{} GB", whole(egress_gb)), edge_bytes(egress_gb)),
        line("edge, requests to the API", whole(calls), calls / 1e4 * PRICES.edge_requests_ten_thousand.usd),
        line("logs", format!("{} GB", whole(calls * LOG_BYTES / 1e9)), calls * LOG_BYTES / 1e9 * PRICES.log_gb.usd),
    ];
    if cloud.firewall {
        lines.push(line(
            "firewall",
            whole(calls),
            PRICES.firewall_month.usd / 30.0 + calls / 1e6 * PRICES.firewall_million.usd,
        ));
    }
    lines
}

/// Returns the cost of one hour with ten times the alarm's bytes from the edge's cache: that much may pass until someone acts on the alarm.
pub fn unattended(cloud: &Cloud) -> f64 {
    edge_bytes(cloud.egress_gb_per_hour * 10.0)
}

#[expect(clippy::cast_precision_loss, reason = "a limit of bytes is far below 2^52")]
fn u64_as_f64(n: u64) -> f64 {
    n as f64
}

fn seconds(timeout: u64) -> f64 {
    f64::from(u32::try_from(timeout).unwrap_or(u32::MAX))
}

/// Returns the price of gigabytes from the edge: each step of the scale applies to its own part.
pub fn edge_bytes(gb: f64) -> f64 {
    let mut below = 0.0;
    let mut usd = 0.0;
    for (up_to, price) in PRICES.edge_gb() {
        usd += (gb.min(up_to) - below).max(0.0) * price;
        below = up_to;
    }
    usd
}

/// Formats a number for people.
pub fn whole(n: f64) -> String {
    let digits = format!("{:.0}", n.max(0.0));
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cloud() -> Cloud {
        let text = include_str!("../../../event.toml");
        let file: toml::Table = text.parse().unwrap();
        file["cloud"].clone().try_into().unwrap()
    }

    fn edition() -> Edition {
        shared::domain::event_file::read(include_str!("../../../event.toml")).unwrap()
    }

    #[test]
    fn every_price_says_of_what_from_where_and_of_when() {
        for price in PRICES.all() {
            let month: Vec<_> = price.read.split('-').collect();
            assert!(month.len() == 2 && month.iter().all(|part| part.parse::<u32>().is_ok()), "{price:?}");
            assert!(price.usd > 0.0 && !price.per.is_empty(), "{price:?}");
            assert!(price.source.starts_with("https://aws.amazon.com/"), "{price:?}");
        }
    }

    #[test]
    fn the_edge_is_paid_step_by_step() {
        assert!((edge_bytes(100.0) - 8.5).abs() < 1e-9);
        assert!((edge_bytes(10_000.0) - 850.0).abs() < 1e-9);
        assert!((edge_bytes(60_000.0) - (850.0 + 3_200.0 + 600.0)).abs() < 1e-9);
    }

    #[test]
    fn a_thousand_photos_cost_some_dollars_most_of_which_stand_for_the_month() {
        let nothing = total(&forecast(&cloud(), 0.0, 0.0, 0.0));
        let small = total(&forecast(&cloud(), 1e3, 0.0, 100.0));
        let large = total(&forecast(&cloud(), 1e6, 0.0, 100.0));
        assert!((4.0..6.0).contains(&nothing), "{nothing}");
        assert!((nothing + 0.5..nothing + 2.0).contains(&small), "{small}");
        assert!((1_000.0..3_000.0).contains(&large), "{large}");
    }

    #[test]
    fn a_thousand_videos_cost_what_the_edge_sends_of_them_and_little_else() {
        let films = forecast_of_films(&cloud(), 1e3, 100.0, 0.0);
        assert!(films.iter().all(|line| line.usd > 0.0), "{films:?}");
        let bytes = films.iter().find(|line| line.what == "videos: edge, bytes").unwrap().usd;
        assert!((60.0..75.0).contains(&bytes) && total(&films) - bytes < 6.0, "{films:?}");
        let (all, photos) = (forecast(&cloud(), 2e3, 1e3, 100.0), forecast(&cloud(), 3e3, 0.0, 100.0));
        let more = total(&all) - total(&photos);
        assert!((more - total(&films)).abs() < 0.01, "each has a poster, too: {more}");
        let thousand = thousand_videos(&cloud(), 2e3, 0.0, 100.0);
        assert!((total(&films)..total(&films) + 2.0).contains(&thousand), "{thousand}");
        assert_eq!(forecast(&cloud(), 3e3, 0.0, 100.0).len() + films.len(), all.len());
        // Bytes are cheaper once the edge has sent ten terabytes in a month.
        let late = forecast_of_films(&cloud(), 1e3, 100.0, 10_000.0);
        assert!(total(&late) < total(&films));
    }

    #[test]
    fn the_first_removals_of_a_month_are_free() {
        assert!(removals(40.0).usd.abs() < 1e-9);
        assert!((removals(1_040.0).usd - removals(40.0).usd - 1_000.0 * removal()).abs() < 1.0);
        assert!(removals(1_040.0).usd > 90.0);
    }

    #[test]
    fn a_bill_names_what_is_easily_forgotten() {
        let lines = forecast(&cloud(), 1e4, 0.0, 100.0);
        for what in [
            "queues",
            "edge, shield",
            "edge, removals",
            "alarms, a month",
            "metrics, a month",
            "table's key, a month",
            "firewall",
        ] {
            let found = lines.iter().find(|line| line.what == what);
            assert!(found.is_some_and(|line| line.usd > 0.0), "{what}: {found:?}");
        }
    }

    #[test]
    fn a_tighter_throttle_lowers_the_ceiling() {
        let route = |class| Route { class, memory_mb: 256, timeout_s: 20 };
        let routes = [Class::Read, Class::Write, Class::Register, Class::Urgent].map(route);
        let loose = total(&ceiling(&cloud(), &edition(), &routes, 1_000.0));
        let tight = Cloud { read: local::Throttle { rate: 20, burst: 40 }, ..cloud() };
        assert!(total(&ceiling(&tight, &edition(), &routes, 1_000.0)) < loose);
        assert!(total(&ceiling(&cloud(), &edition(), &routes, 10.0)) < loose, "fewer functions at once cost less");
        let sparing = Edition { hourly_bytes: edition().hourly_bytes / 10, ..edition() };
        assert!(total(&ceiling(&cloud(), &sparing, &routes, 1_000.0)) < loose, "fewer bytes an hour cost less");
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([999.0, 1_000.0, 1_234_567.4].map(whole), ["999", "1,000", "1,234,567"]);
    }
}
