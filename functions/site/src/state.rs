//! The state line: the phase of the day in words, with the time that is left.

use jiff::Timestamp;
use shared::{
    domain::{Edition, Phase},
    pages::{
        format,
        lang::{Lang, filled},
    },
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
    /// Builds the state line of `edition` at `now`, in `lang`.
    pub fn new(edition: &Edition, now: Timestamp, lang: Lang) -> Self {
        let words = lang.words();
        let (opens, closes) = (format::time(edition.opens_at), format::time(edition.closes_at));
        let (day, today) = (lang.day(edition.opens_at), lang.day(now));
        let (until, grace) = (lang.time_or_day(edition.closes_at, now), format::time(edition.grace_ends_at));
        let facts = [
            ("day", &*day),
            ("today", &today),
            ("opens", &opens),
            ("closes", &closes),
            ("until", &until),
            ("grace", &grace),
            ("edition", &edition.name),
        ];
        let phase = edition.phase(now);
        let [kind, line, more] = match phase {
            Phase::Before => [words.state_before, words.state_before_line, words.state_before_more],
            Phase::Open => [words.state_today, words.state_open_line, words.state_open_more],
            Phase::Grace => [words.state_grace, words.state_grace_line, words.state_grace_more],
            Phase::Closed => [words.thank_you, words.state_closed_line, words.state_closed_more],
            Phase::Paused => [words.state_today, words.state_paused_line, words.state_paused_more],
        }
        .map(|phrase| filled(phrase, &facts));
        let height = passed(edition, now);
        let countdown = match phase {
            Phase::Before => Some(Countdown::new(words.state_until_open, now, edition.opens_at)),
            Phase::Open => Some(Countdown::new(words.state_until_close, now, edition.closes_at)),
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
        StateLine::new(&sample::edition().unwrap(), text.parse().unwrap(), Lang::En)
    }

    #[test]
    fn each_phase_has_its_words() {
        assert_eq!(at("2027-03-04T08:00:00Z").line, "Opens on Friday 5 March 2027 at 08:00");
        assert_eq!(at("2027-03-05T08:00:00Z").line, "Open until 18:00");
        assert_eq!(at("2027-03-05T18:00:00Z").line, "Photos sent in time may still arrive until 18:30");
        assert_eq!(at("2027-03-05T18:30:00Z").line, "That was #TECHOGNITION 2027");
    }

    #[test]
    fn a_welsh_page_has_no_english_word_in_it() {
        for at in ["2027-03-04T08:00:00Z", "2027-03-05T08:00:00Z", "2027-03-05T18:00:00Z", "2027-03-05T18:30:00Z"] {
            let state = StateLine::new(&sample::edition().unwrap(), at.parse().unwrap(), Lang::Cy);
            let said = format!("{} {} {}", state.kind, state.line, state.more);
            for word in ["Friday", "March", "until", "Open", "photos", "the", "{"] {
                assert!(!said.contains(word), "{said}");
            }
        }
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
