//! Dates, times and numbers for display. Times are in Europe/London, where the event takes place.

use jiff::{Timestamp, Zoned};

use crate::domain::time::LONDON;

/// Formats as `Friday 5 March 2027`.
pub fn day(at: Timestamp) -> String {
    format!("{}", local(at).strftime("%A %-d %B %Y"))
}

/// Formats as `5 March 2027`.
pub fn date(at: Timestamp) -> String {
    format!("{}", local(at).strftime("%-d %B %Y"))
}

/// Returns the number of the weekday, from 0 for Sunday.
pub fn weekday(at: Timestamp) -> i8 {
    local(at).weekday().to_sunday_zero_offset()
}

/// Returns the day of the month, the month (1 to 12) and the year.
pub fn day_month_year(at: Timestamp) -> (i8, i8, i16) {
    let local = local(at);
    (local.day(), local.month(), local.year())
}

/// Formats as `08:00`.
pub fn time(at: Timestamp) -> String {
    format!("{}", local(at).strftime("%H:%M"))
}

/// Formats as `5 March 2027, 08:00`.
pub fn date_and_time(at: Timestamp) -> String {
    format!("{}, {}", date(at), time(at))
}

/// Formats as `2027-03-05T08:00`, the value of a form's field for a date and time. Seconds are left out, since a browser would then accept
/// only times that are whole minutes away from it; a form that gets this value back unchanged must change nothing.
pub fn field(at: Timestamp) -> String {
    format!("{}", local(at).strftime("%Y-%m-%dT%H:%M"))
}

/// Formats as `2027`.
pub fn year(at: Timestamp) -> String {
    format!("{}", local(at).year())
}

/// Formats how long ago `then` was: `less than a minute`, `1 minute`, `3 hours`, `2 days`.
pub fn since(then: Timestamp, now: Timestamp) -> String {
    let minutes = (now.as_second() - then.as_second()).max(0) / 60;
    match minutes {
        0 => "less than a minute".into(),
        1..60 => counted(minutes, "minute"),
        60..2880 => counted(minutes / 60, "hour"),
        _ => counted(minutes / 1440, "day"),
    }
}

/// Formats a duration in whole seconds, minutes or hours.
pub fn span(seconds: i64) -> String {
    if seconds < 120 {
        format!("{seconds} s")
    } else if seconds < 7_200 {
        format!("{} min", seconds / 60)
    } else {
        format!("{} h", seconds / 3600)
    }
}

/// Formats as `1 photo`, `2 photos`.
pub fn counted(n: i64, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{} {one}s", grouped(n)) }
}

/// Returns a discipline's name for use inside a sentence: with a lower-case first letter, unless it is an abbreviation such as `ICT`.
pub fn in_sentence(name: &str) -> String {
    let mut chars = name.chars();
    match (chars.next(), chars.clone().next()) {
        (Some(first), Some(second)) if first.is_uppercase() && !second.is_uppercase() => {
            first.to_lowercase().chain(chars).collect()
        }
        (Some(_) | None, _) => name.to_owned(),
    }
}

/// Formats as `1,234`.
pub fn grouped(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if n < 0 { format!("-{out}") } else { out }
}

fn local(at: Timestamp) -> Zoned {
    at.to_zoned(LONDON.clone())
}

/// Returns a video's duration in minutes and seconds, rounded to whole seconds, such as `0:34`.
pub fn duration(ms: u32) -> String {
    let seconds = (ms + 500) / 1_000;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// Returns a size in megabytes with one decimal, such as `5.8 MB`.
pub fn megabytes(bytes: u64) -> String {
    let tenths = (bytes + 50_000) / 100_000;
    format!("{}.{} MB", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_video_has_its_duration_and_its_size() {
        assert_eq!([400, 600, 33_600, 59_499, 60_500].map(duration), ["0:00", "0:01", "0:34", "0:59", "1:01"]);
        assert_eq!(
            [0, 49_999, 50_000, 5_800_000, 25_165_824].map(megabytes),
            ["0.0 MB", "0.0 MB", "0.1 MB", "5.8 MB", "25.2 MB"]
        );
    }

    #[test]
    fn times_are_those_of_london_in_winter_and_in_summer() {
        assert_eq!(day(at("2027-03-05T08:00:00Z")), "Friday 5 March 2027");
        assert_eq!(time(at("2027-03-05T08:00:00Z")), "08:00");
        assert_eq!(date_and_time(at("2021-06-11T07:00:00Z")), "11 June 2021, 08:00");
    }

    #[test]
    fn durations_and_numbers_are_read_aloud_rightly() {
        let then = at("2027-03-05T08:00:00Z");
        for (now, words) in [
            ("2027-03-05T08:00:59Z", "less than a minute"),
            ("2027-03-05T08:01:00Z", "1 minute"),
            ("2027-03-05T09:30:00Z", "1 hour"),
            ("2027-03-08T09:30:00Z", "3 days"),
        ] {
            assert_eq!(since(then, at(now)), words);
        }
        assert_eq!(counted(1234, "photo"), "1,234 photos");
        assert_eq!(grouped(1_000_000), "1,000,000");
    }
}
