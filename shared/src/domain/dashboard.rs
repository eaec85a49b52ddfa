//! The event-day dashboard: uploads per part of the day, compared with a typical event, computed from the edition's counters.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{change::half_hour, edition::Edition, reasons::RejectReason};

/// Thousandths of a day's photos that arrive in each of twenty equal parts, from opening to closing. Estimated from 67 dated captions and
/// page boundaries of the event's public galleries of 2021 and 2022.
pub const CURVE: [u32; 20] = [30, 40, 55, 65, 60, 60, 55, 50, 50, 60, 65, 60, 55, 50, 80, 60, 40, 25, 15, 25];

/// The figures of the event-day dashboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dashboard {
    /// Photos received.
    pub received: i64,
    /// The size of their originals in bytes.
    pub received_bytes: i64,
    /// Photos that wait for a decision.
    pub pending: i64,
    /// Photos that wait in the held lane; included in `pending`.
    pub held: i64,
    /// Published or hidden photos with reports that no moderator has decided about.
    pub reported: i64,
    /// Published photos.
    pub published: i64,
    /// Photos that are shown by trust and that no person has looked at; included in `published`.
    pub unseen: i64,
    /// Hidden photos.
    pub hidden: i64,
    /// Photos deleted by a moderator, their uploader or an organiser.
    pub deleted: i64,
    /// Quarantined photos.
    pub quarantined: i64,
    /// Rejected photos by reason, with `unreadable` for files that could not be opened. Reasons without photos are left out.
    pub rejected: BTreeMap<String, i64>,
    /// Reports ever received.
    pub reports: i64,
    /// Median time to a decision in seconds, rounded up to a power of two. `None` if no photo has been decided about yet.
    pub median_wait_seconds: Option<i64>,
    /// The twenty parts of the day, in order.
    pub parts: Vec<Part>,
    /// Bytes of originals that arrived in the current hour by the clock; 0 if they were not read.
    pub hour_bytes: u64,
    /// Bytes of originals that may arrive in one hour.
    pub hourly_bytes: u64,
    /// Until when reports by people without a history hide nothing. `None` if they do hide, or if the brake was not read. See
    /// [`super::report::Brake`].
    pub reports_braked_until: Option<Timestamp>,
    /// Photos expected over the whole day if it follows the model. `None` before the first photo arrives, or while too little of the day
    /// has passed.
    pub forecast: Option<i64>,
}

/// One of the twenty parts of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// When the part begins.
    pub from: Timestamp,
    /// Photos received in it.
    pub received: i64,
    /// Photos that the model expects in it, if the whole day is as large as the forecast.
    pub expected: i64,
}

impl Dashboard {
    /// Returns the dashboard of `edition` at `now`.
    pub fn new(edition: &Edition, counters: &BTreeMap<String, i64>, now: Timestamp) -> Self {
        let count = |name: &str| counters.get(name).copied().unwrap_or_default();
        let by_half_hour: BTreeMap<i64, i64> =
            counters.iter().filter_map(|(name, n)| Some((name.strip_prefix("received.")?.parse().ok()?, *n))).collect();
        let received = by_half_hour.values().sum();
        let rejected: BTreeMap<String, i64> = counters
            .iter()
            .filter_map(|(name, n)| Some((name.strip_prefix("rejected.")?.to_owned(), *n)))
            .filter(|(_, n)| *n > 0)
            .collect();
        let forecast = forecast(edition, received, now);
        Self {
            received,
            received_bytes: count("received.bytes"),
            pending: count("pending"),
            held: count("held"),
            reported: count("reported"),
            published: count("published"),
            unseen: count("unseen"),
            hidden: count("hidden"),
            deleted: count("deleted"),
            quarantined: count("quarantined"),
            rejected,
            reports: count("reports"),
            median_wait_seconds: median(counters),
            parts: parts(edition, &by_half_hour, forecast.unwrap_or_default()),
            hour_bytes: 0,
            hourly_bytes: edition.hourly_bytes,
            reports_braked_until: None,
            forecast,
        }
    }

    /// Returns the dashboard that is shown when there is no edition.
    pub fn nothing() -> Self {
        Self {
            received: 0,
            received_bytes: 0,
            pending: 0,
            held: 0,
            reported: 0,
            published: 0,
            unseen: 0,
            hidden: 0,
            deleted: 0,
            quarantined: 0,
            rejected: BTreeMap::new(),
            reports: 0,
            median_wait_seconds: None,
            parts: Vec::new(),
            hour_bytes: 0,
            hourly_bytes: 0,
            reports_braked_until: None,
            forecast: None,
        }
    }

    /// The share of the hourly budget that is used up, in per cent.
    pub fn budget_percent(&self) -> u64 {
        self.hour_bytes.saturating_mul(100).checked_div(self.hourly_bytes).unwrap_or_default()
    }

    /// The number of all rejected photos.
    pub fn rejected_in_all(&self) -> i64 {
        self.rejected.values().sum()
    }
}

/// Returns the label of a reason in [`Dashboard::rejected`].
pub fn rejected_words(name: &str) -> &'static str {
    let reason = RejectReason::ALL.into_iter().find(|reason| reason.as_str() == name);
    match reason {
        Some(RejectReason::Other) => "Another reason",
        Some(reason) => reason.label(),
        None => "The file could not be opened",
    }
}

/// When part `i` of the day begins.
fn begins(edition: &Edition, i: usize) -> Timestamp {
    let whole = edition.closes_at.duration_since(edition.opens_at).as_millis();
    let ms = whole * i128::try_from(i).unwrap_or_default() / 20;
    edition.opens_at + SignedDuration::from_millis(i64::try_from(ms).unwrap_or_default())
}

/// Returns the forecast for the whole day, taking `received` as the share that the model expects up to `now`.
fn forecast(edition: &Edition, received: i64, now: Timestamp) -> Option<i64> {
    if received == 0 || now <= edition.opens_at {
        return None;
    }
    let mut thousandths = 0;
    for (i, share) in CURVE.iter().enumerate() {
        let (from, to) = (begins(edition, i), begins(edition, i + 1));
        let (gone, length) = (now.duration_since(from).as_secs(), to.duration_since(from).as_secs().max(1));
        thousandths += i64::from(*share) * gone.clamp(0, length) / length;
    }
    (thousandths >= 10).then(|| received * 1000 / thousandths)
}

/// Returns the twenty parts of the day. Counters are for half hours by the clock: each counts towards the part that contains its middle.
/// Photos from before opening count in the first part, those from after closing in the last.
fn parts(edition: &Edition, by_half_hour: &BTreeMap<i64, i64>, forecast: i64) -> Vec<Part> {
    let mut parts: Vec<Part> = CURVE
        .iter()
        .enumerate()
        .map(|(i, share)| Part {
            from: begins(edition, i),
            received: 0,
            expected: (forecast * i64::from(*share) + 500) / 1000,
        })
        .collect();
    for (bucket, n) in by_half_hour {
        let middle = Timestamp::from_second(bucket * 1_800 + 900).unwrap_or(edition.opens_at);
        let at = parts.iter().rposition(|part| part.from <= middle).unwrap_or_default();
        if let Some(part) = parts.get_mut(at) {
            part.received += n;
        }
    }
    parts
}

/// The median of the counters `waited.{n}`, as an upper bound in seconds.
fn median(counters: &BTreeMap<String, i64>) -> Option<i64> {
    let mut steps: Vec<(u32, i64)> =
        counters.iter().filter_map(|(name, n)| Some((name.strip_prefix("waited.")?.parse().ok()?, *n))).collect();
    steps.sort_unstable();
    let all: i64 = steps.iter().map(|(_, n)| n).sum();
    let mut seen = 0;
    steps.into_iter().find_map(|(step, n)| {
        seen += n;
        (all > 0 && seen * 2 >= all).then(|| 1_i64 << step.min(40))
    })
}

/// The name of the counter for photos received in the half hour of `at`.
pub fn counter_of(at: Timestamp) -> String {
    format!("received.{}", half_hour(at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn counters(pairs: &[(String, i64)]) -> BTreeMap<String, i64> {
        pairs.iter().cloned().collect()
    }

    #[test]
    fn the_curve_is_a_whole_day() {
        assert_eq!(CURVE.iter().sum::<u32>(), 1_000);
    }

    #[test]
    fn what_came_is_compared_with_the_day_that_such_days_are() {
        let edition = sample::edition();
        let counters = counters(&[
            (counter_of(at("2027-03-05T08:10:00Z")), 30),
            (counter_of(at("2027-03-05T08:40:00Z")), 40),
            ("received.bytes".into(), 1_000),
            ("rejected.pupil".into(), 2),
            ("rejected.unclear".into(), 0),
            ("waited.5".into(), 60),
            ("waited.7".into(), 10),
        ]);
        let dashboard = Dashboard::new(&edition, &counters, at("2027-03-05T09:00:00Z"));
        assert_eq!((dashboard.received, dashboard.forecast), (70, Some(1_000)));
        assert_eq!((dashboard.parts[0].received, dashboard.parts[0].expected), (30, 30));
        assert_eq!((dashboard.parts[1].received, dashboard.parts[14].expected), (40, 80));
        assert_eq!(dashboard.median_wait_seconds, Some(32));
        assert_eq!(dashboard.rejected, [("pupil".to_owned(), 2)].into());
    }

    #[test]
    fn before_anything_came_nothing_is_foretold() {
        let edition = sample::edition();
        let empty = Dashboard::new(&edition, &BTreeMap::new(), at("2027-03-05T12:00:00Z"));
        assert_eq!((empty.forecast, empty.median_wait_seconds, empty.parts.len()), (None, None, 20));
    }
}
