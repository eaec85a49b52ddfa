//! Local times that people type.

use jiff::{Timestamp, civil::DateTime};

use super::{refusal::Refusal, text::shorten, time::LONDON};

/// Returns the instant at which clocks in London show `local`, for example `2027-03-05T08:00`. The refusal names `field` if there is no
/// such instant.
pub fn in_london(field: &'static str, local: &str) -> Result<Timestamp, Refusal> {
    let zoned = local.parse::<DateTime>().and_then(|local| local.to_zoned(LONDON.clone()));
    zoned.map(|zoned| zoned.timestamp()).map_err(|_| {
        let expected = "a day and a time such as 2027-03-05T08:00".to_owned();
        Refusal::Invalid { field, got: shorten(local), expected }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::london;

    #[test]
    fn clocks_in_london_show_summer_time() {
        for (local, utc) in [("2027-03-05T08:00", "2027-03-05T08:00:00Z"), ("2027-07-05T08:00", "2027-07-05T07:00:00Z")]
        {
            assert_eq!(in_london("opens", local), Ok(utc.parse().unwrap()), "{local}");
            assert!(london(utc.parse().unwrap()).starts_with(local), "{local}");
        }
        assert_eq!(london("2027-03-05T08:00:00.999Z".parse().unwrap()), "2027-03-05T08:00:00+00:00");
        assert_eq!(london("2027-07-05T08:00:00Z".parse().unwrap()), "2027-07-05T09:00:00+01:00");
        for wrong in ["", "noon", "2027-02-30T08:00"] {
            assert!(matches!(in_london("opens", wrong), Err(Refusal::Invalid { field: "opens", .. })), "{wrong}");
        }
    }
}
