//! Instants: RFC 3339 in UTC with milliseconds for people and programs, integer milliseconds in rows.

use std::{fmt, str::FromStr, sync::LazyLock};

use jiff::{Timestamp, Unit, tz::TimeZone};

use super::ids::BadId;

/// The time zone of the event. The time zone database is compiled in, so the name is always known.
pub static LONDON: LazyLock<TimeZone> = LazyLock::new(|| TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC));

/// Formats an instant as clocks in London show it, such as `12:00 on 5 March 2027 (GMT)`; with seconds unless they are 0.
pub fn in_words(at: Timestamp) -> String {
    let local = at.to_zoned(LONDON.clone());
    let time = if local.second() == 0 { "%H:%M" } else { "%H:%M:%S" };
    local.strftime(&format!("{time} on %-d %B %Y (%Z)")).to_string()
}

/// Seconds in half an hour.
const HALF_HOUR_SECONDS: i64 = 1_800;

/// A half hour of the calendar, numbered from 1970. Half hours are the same in UTC and in the event's time zone, whose offset is a whole
/// number of them. Written as its first minute in UTC, `2027-03-05T09:30Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HalfHour(i64);

impl HalfHour {
    /// Returns the half hour that contains an instant.
    pub fn new(at: Timestamp) -> Self {
        Self(at.as_second().div_euclid(HALF_HOUR_SECONDS))
    }

    /// Returns the half hour with this number.
    pub fn numbered(number: i64) -> Self {
        Self(number)
    }

    /// Returns its number.
    pub fn number(self) -> i64 {
        self.0
    }

    /// Returns the following half hour.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// Returns its first instant.
    pub fn begins_at(self) -> Timestamp {
        Timestamp::from_second(self.0.saturating_mul(HALF_HOUR_SECONDS)).unwrap_or_default()
    }

    /// Returns the first instant after it.
    pub fn ends_at(self) -> Timestamp {
        self.next().begins_at()
    }
}

impl fmt::Display for HalfHour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&rfc3339(self.begins_at())[..16])?;
        f.write_str("Z")
    }
}

impl FromStr for HalfHour {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        let whole = || {
            let at: Timestamp = format!("{}:00Z", text.strip_suffix('Z')?).parse().ok()?;
            let half = Self::new(at);
            (text.len() == 17 && half.to_string() == text).then_some(half)
        };
        whole().ok_or(BadId { expected: "the first minute of half an hour in UTC, such as 2027-03-05T09:30Z" })
    }
}

/// Formats an instant as RFC 3339 in UTC with exactly three decimals, such as `2027-03-05T08:00:00.000Z`.
pub fn rfc3339(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// Formats an instant as RFC 3339 in London time, to the second and with the offset from UTC, such as `2027-07-05T09:00:00+01:00`.
pub fn london(at: Timestamp) -> String {
    at.to_zoned(LONDON.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// Returns the seconds to the next full hour by the clock, 1 to 3,600.
pub fn seconds_to_next_hour(now: Timestamp) -> u32 {
    u32::try_from(3_600 - now.as_second().rem_euclid(3_600)).unwrap_or(3_600)
}

/// Cuts an instant to whole milliseconds, the precision of every row and answer.
pub fn to_millis(at: Timestamp) -> Timestamp {
    at.round(jiff::TimestampRound::new().smallest(Unit::Millisecond).mode(jiff::RoundMode::Floor)).unwrap_or(at)
}

/// For `#[serde(with = "time::millis")]`: an instant as integer milliseconds since 1970, the form of rows.
pub mod millis {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// Writes the instant's milliseconds.
    pub fn serialize<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i64(at.as_millisecond())
    }

    /// Reads an instant; fails outside the range of the calendar.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        Timestamp::from_millisecond(i64::deserialize(from)?).map_err(D::Error::custom)
    }

    /// For an optional instant.
    pub mod option {
        use super::{Deserialize, Deserializer, Error, Serializer, Timestamp};

        /// Writes the instant's milliseconds, or null.
        pub fn serialize<S: Serializer>(at: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
            match at {
                Some(at) => to.serialize_some(&at.as_millisecond()),
                None => to.serialize_none(),
            }
        }

        /// Reads an instant, or `None` from null.
        pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
            let millis = Option::<i64>::deserialize(from)?;
            millis.map(Timestamp::from_millisecond).transpose().map_err(D::Error::custom)
        }
    }
}

/// For `#[serde(with = "time::iso")]`: an instant as [`rfc3339`], the form of answers.
pub mod iso {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// Writes the instant as RFC 3339 with milliseconds.
    pub fn serialize<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&super::rfc3339(*at))
    }

    /// Reads an RFC 3339 instant.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }

    /// For an optional instant.
    pub mod option {
        use jiff::Timestamp;
        use serde::{Deserialize, Deserializer, Serializer, de::Error};

        /// Reads an instant, or `None` from null.
        pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
            let text = Option::<String>::deserialize(from)?;
            text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
        }

        /// Writes the instant as RFC 3339 with milliseconds, or null.
        pub fn serialize<S: Serializer>(at: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
            match at {
                Some(at) => to.serialize_str(&super::super::rfc3339(*at)),
                None => to.serialize_none(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_an_hour_comes_back_as_it_went_out() {
        let half = HalfHour::new("2027-03-05T09:59:59.999Z".parse().unwrap());
        assert_eq!(half.to_string(), "2027-03-05T09:30Z");
        assert_eq!(half.to_string().parse(), Ok(half));
        assert_eq!(rfc3339(half.ends_at()), "2027-03-05T10:00:00.000Z");
        for bad in ["", "Z", "2027-03-05T09:31Z", "2027-03-05T09:30", "2027-03-05T09:30:00Z", "99999-01-01T00:00Z"] {
            assert!(bad.parse::<HalfHour>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_instant_is_shown_in_utc_with_three_decimals() {
        let at: Timestamp = "2027-03-05T08:00:00.1239+00:00".parse().unwrap();
        assert_eq!(rfc3339(at), "2027-03-05T08:00:00.123Z");
        assert_eq!(to_millis(at).as_nanosecond() % 1_000_000, 0);
    }
}
