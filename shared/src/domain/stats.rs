//! The day's statistics, each with the method by which it was counted.
//!
//! People are never counted: a credit may name one person, a pair or a joke.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{edition::Edition, school::Nation, time::HalfHour};

/// The most half hours in one plot: a day.
const HALVES_MAX: usize = 48;

/// How published photos are counted.
pub const PHOTOS_METHOD: &str = "Photos that are on the site now. A photo that is taken down is no longer counted.";
/// How schools are counted.
pub const SCHOOLS_METHOD: &str = "Schools and colleges named by at least one photo on the site, counted once each by their number \
     or, where it has none, by their name as it was written. Counted again within a minute of every change.";
/// How half hours are counted.
pub const HALVES_METHOD: &str = "Photos on the site by the half hour in which they were first published, in UK time. A photo is published \
     when it has been checked, usually some minutes after it was sent.";
/// How disciplines are counted.
pub const DISCIPLINES_METHOD: &str = "Photos on the site by the one discipline that their sender chose.";
/// How nations are counted.
pub const NATIONS_METHOD: &str = "Photos on the site by the nation whose official register their school was picked from. Photos without a school, and \
     those whose school was typed in, count as not known.";

/// The statistics of one edition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stats {
    /// Published photos.
    pub photos: u64,
    /// Schools that have published photos.
    pub schools: u64,
    /// Published photos of each discipline, in the edition's order. Photos without a discipline, or with one that the edition no longer
    /// has, are in none of them.
    pub disciplines: Vec<Count>,
    /// Published photos of each nation's schools.
    pub nations: Vec<(Nation, u64)>,
    /// Published photos whose nation is not known.
    pub nation_unknown: u64,
    /// Published photos of each half hour, in order and without gaps.
    pub halves: Vec<(HalfHour, u64)>,
    /// Published photos of half hours that are not listed.
    pub other_times: u64,
}

/// The number of photos of one discipline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// The discipline's slug.
    pub slug: String,
    /// The discipline's name.
    pub name: String,
    /// The number of photos.
    pub photos: u64,
}

impl Stats {
    /// Returns the statistics of `edition`, from its counters (see [`super::change::counted`]) and the number of its schools.
    pub fn new(edition: &Edition, counters: &BTreeMap<String, i64>, schools: u64) -> Self {
        let count = |name: &str| u64::try_from(counters.get(name).copied().unwrap_or_default()).unwrap_or_default();
        let photos = count("published");
        let disciplines = edition.disciplines.iter().map(|discipline| Count {
            slug: discipline.slug.to_string(),
            name: discipline.name.clone(),
            photos: count(&format!("published.{}", discipline.slug)),
        });
        let nations: Vec<_> = Nation::ALL.into_iter().map(|nation| (nation, count(&nation_counter(nation)))).collect();
        let known: u64 = nations.iter().map(|(_, n)| n).sum();
        let halves = halves(edition, counters);
        let shown: u64 = halves.iter().map(|(_, n)| n).sum();
        Self {
            photos,
            schools,
            disciplines: disciplines.collect(),
            nation_unknown: photos.saturating_sub(known),
            nations,
            other_times: photos.saturating_sub(shown),
            halves,
        }
    }
}

/// Returns the name of the counter of a nation's photos.
pub fn nation_counter(nation: Nation) -> String {
    format!("nation.{nation}")
}

/// Returns the name of the counter of a half hour's photos.
pub fn half_counter(at: Timestamp) -> String {
    format!("half.{}", HalfHour::new(at).number())
}

/// Returns the half hours of the day. If the window is longer than a day, as when it is kept open for trying out the system, returns those
/// from the first with a published photo to the last, and at most the latest 48.
fn halves(edition: &Edition, counters: &BTreeMap<String, i64>) -> Vec<(HalfHour, u64)> {
    let counted: BTreeMap<HalfHour, u64> = counters
        .iter()
        .filter_map(|(name, n)| {
            let number = name.strip_prefix("half.")?.parse().ok()?;
            Some((HalfHour::numbered(number), u64::try_from(*n).ok().filter(|n| *n > 0)?))
        })
        .collect();
    let one_day = edition.closes_at.duration_since(edition.opens_at) <= SignedDuration::from_hours(24);
    let (first, last) = if one_day {
        let last = HalfHour::new(edition.closes_at - SignedDuration::from_millis(1));
        (HalfHour::new(edition.opens_at), last)
    } else {
        let (Some(first), Some(last)) = (counted.keys().next(), counted.keys().next_back()) else { return Vec::new() };
        let longest = i64::try_from(HALVES_MAX).unwrap_or(i64::MAX);
        (HalfHour::numbered(first.number().max(last.number() - longest + 1)), *last)
    };
    let all = std::iter::successors(Some(first), |half| Some(half.next())).take_while(|half| *half <= last);
    all.take(HALVES_MAX).map(|half| (half, counted.get(&half).copied().unwrap_or_default())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample;

    #[test]
    fn a_day_has_all_its_half_hours_and_what_is_outside_is_told() {
        let edition = sample::edition();
        let counters = BTreeMap::from([
            ("published".to_owned(), 6),
            ("published.science".to_owned(), 4),
            ("nation.wales".to_owned(), 2),
            (half_counter(sample::noon()), 3),
            (half_counter(edition.closes_at), 1),
        ]);
        let stats = Stats::new(&edition, &counters, 2);
        assert_eq!((stats.photos, stats.schools, stats.nation_unknown, stats.other_times), (6, 2, 4, 3));
        assert_eq!(stats.halves.len(), 20);
        assert_eq!(stats.halves[8], (HalfHour::new(sample::noon()), 3));
        assert_eq!(stats.disciplines[0].photos, 4);
    }

    #[test]
    fn a_window_of_weeks_shows_its_busy_part() {
        let edition = sample::edition();
        let long = Edition { closes_at: edition.closes_at + SignedDuration::from_hours(24 * 30), ..edition };
        assert_eq!(Stats::new(&long, &BTreeMap::new(), 0).halves, []);
        let late = long.closes_at;
        let counters = BTreeMap::from([(half_counter(long.opens_at), 1), (half_counter(late), 2)]);
        let halves = Stats::new(&long, &counters, 0).halves;
        assert_eq!((halves.len(), halves.last().copied()), (HALVES_MAX, Some((HalfHour::new(late), 2))));
    }
}
