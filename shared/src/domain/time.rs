//! Instants: RFC 3339 in UTC with milliseconds towards people and programs, integer milliseconds in rows.

use jiff::{Timestamp, Unit};

/// Formats an instant as RFC 3339 in UTC with exactly three decimals, such as `2027-03-05T08:00:00.000Z`.
pub fn rfc3339(at: Timestamp) -> String {
    format!("{at:.3}")
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

    /// Reads an instant back; fails outside the years that the calendar knows.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        Timestamp::from_millisecond(i64::deserialize(from)?).map_err(D::Error::custom)
    }

    /// The same for an instant that may be absent.
    pub mod option {
        use super::{Deserialize, Deserializer, Error, Serializer, Timestamp};

        /// Writes the instant's milliseconds, or none.
        pub fn serialize<S: Serializer>(at: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
            match at {
                Some(at) => to.serialize_some(&at.as_millisecond()),
                None => to.serialize_none(),
            }
        }

        /// Reads an instant back, or none.
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

    /// The same for an instant that may be absent.
    pub mod option {
        use jiff::Timestamp;
        use serde::Serializer;

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
    fn an_instant_is_shown_in_utc_with_three_decimals() {
        let at: Timestamp = "2027-03-05T08:00:00.1239+00:00".parse().unwrap();
        assert_eq!(rfc3339(at), "2027-03-05T08:00:00.123Z");
        assert_eq!(to_millis(at).as_nanosecond() % 1_000_000, 0);
    }
}
