//! The state line: the phase of the day in words, with the time that is left.

use jiff::Timestamp;
use shared::{
    domain::{Edition, Phase},
    pages::{format, lang::Lang},
};

/// What the state line shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateLine {
    /// The phase's name in the API.
    pub phase: &'static str,
    /// One or two words above the line.
    pub kind: String,
    /// The line itself.
    pub line: String,
    /// A sentence that explains it.
    pub more: String,
    /// The opening time.
    pub opens: String,
    /// The closing time.
    pub closes: String,
    /// Upper edge of the part of the day that has passed, on a cylinder from 140 (opening) to 20 (closing).
    pub level_y: i64,
    /// Height of that part.
    pub level_height: i64,
    /// The time that is left; `None` if nothing is awaited.
    pub countdown: Option<Countdown>,
}

/// The time that is left, which `countdown.js` keeps up to date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Countdown {
    /// What is awaited.
    pub label: &'static str,
    /// The server's clock, in milliseconds since 1970.
    pub now_ms: i64,
    /// The instant that is awaited, in milliseconds since 1970.
    pub until_ms: i64,
    /// Days left.
    pub days: String,
    /// Hours left beside the days, two digits.
    pub hours: String,
    /// Minutes left beside the hours, two digits.
    pub minutes: String,
    /// Seconds left beside the minutes, two digits.
    pub seconds: String,
}

impl StateLine {
    /// Builds the state line of `edition` at `now`.
    pub fn of(edition: &Edition, now: Timestamp) -> Self {
        let (opens, closes) = (format::time(edition.opens_at), format::time(edition.closes_at));
        let day = format::day(edition.opens_at);
        let phase = edition.phase(now);
        let (kind, line, more) = match phase {
            Phase::Before => (
                "The next day".to_owned(),
                format!("Opens on {day} at {opens}"),
                format!("Until {closes}, UK time. No account is needed."),
            ),
            Phase::Open => (
                format!("Today, {}", format::day(now)),
                format!("Open until {}", Lang::En.time_or_day(edition.closes_at, now)),
                "Send your photos before then.".to_owned(),
            ),
            Phase::Grace => (
                format!("Closed at {closes}"),
                format!("Photos sent in time may still arrive until {}", format::time(edition.grace_ends_at)),
                "Keep the page open until each photo says that it is there.".to_owned(),
            ),
            Phase::Closed => (
                "Thank you".to_owned(),
                format!("That was {}", edition.name),
                format!("The photos stay. It was {day}, {opens} to {closes}."),
            ),
            Phase::Paused => (
                format!("Today, {day}"),
                "Uploads are paused for the moment".to_owned(),
                "Nothing of yours is lost. Try again in a few minutes.".to_owned(),
            ),
        };
        let height = passed(edition, now);
        let countdown = match phase {
            Phase::Before => Some(Countdown::new("Time until the day opens", now, edition.opens_at)),
            Phase::Open => Some(Countdown::new("Time until the day closes", now, edition.closes_at)),
            Phase::Grace | Phase::Closed | Phase::Paused => None,
        };
        Self {
            phase: phase.as_str(),
            kind,
            line,
            more,
            opens,
            closes,
            level_y: 140 - height,
            level_height: height,
            countdown,
        }
    }
}

impl Countdown {
    fn new(label: &'static str, now: Timestamp, until: Timestamp) -> Self {
        let left = (until.as_second() - now.as_second()).max(0);
        let two = |n: i64| format!("{n:02}");
        Self {
            label,
            now_ms: now.as_millisecond(),
            until_ms: until.as_millisecond(),
            days: (left / 86_400).to_string(),
            hours: two(left / 3600 % 24),
            minutes: two(left / 60 % 60),
            seconds: two(left % 60),
        }
    }
}

/// Returns how much of the day has passed, as a height on a cylinder whose ten ticks are 12 apart.
fn passed(edition: &Edition, now: Timestamp) -> i64 {
    let whole = (edition.closes_at.as_second() - edition.opens_at.as_second()).max(1);
    let gone = (now.as_second() - edition.opens_at.as_second()).clamp(0, whole);
    120 * gone / whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::pages::sample;

    fn at(text: &str) -> StateLine {
        StateLine::of(&sample::edition().unwrap(), text.parse().unwrap())
    }

    #[test]
    fn each_phase_has_its_words() {
        assert_eq!(at("2027-03-04T08:00:00Z").line, "Opens on Friday 5 March 2027 at 08:00");
        assert_eq!(at("2027-03-05T08:00:00Z").line, "Open until 18:00");
        assert_eq!(at("2027-03-05T18:00:00Z").line, "Photos sent in time may still arrive until 18:30");
        assert_eq!(at("2027-03-05T18:30:00Z").line, "That was #TECHOGNITION 2027");
    }

    #[test]
    fn the_cylinder_fills_a_tick_an_hour() {
        assert_eq!(at("2027-03-01T08:00:00Z").level_height, 0);
        assert_eq!(at("2027-03-05T09:00:00Z").level_height, 12);
        assert_eq!(at("2027-03-05T18:00:00Z").level_height, 120);
    }

    #[test]
    fn the_countdown_is_the_time_that_is_left() {
        let countdown = at("2027-03-03T06:59:58Z").countdown.unwrap();
        assert_eq!([countdown.days, countdown.hours, countdown.minutes, countdown.seconds], ["2", "01", "00", "02"]);
        assert_eq!(at("2027-03-05T18:00:00Z").countdown, None);
    }
}
