//! The index of an edition: what its published photos say, and where they stand in the feed, in one object.
//!
//! Decision: one object of an edition, made anew by `housekeeping` in every minute in which something changed, and read whole by whoever
//! searches. The sums, for 1,000 photos of some 12 words and, hundredfold, for 100,000:
//!
//! | | written for each photo | one search |
//! |---|---|---|
//! | a row for each word | 12 units in its transaction (24 there), where a whole life has 30 | a query for each word, then an intersection of what can be thousands of rows |
//! | one partition of short rows | 2 units | the whole partition: 19 read units; hundredfold, 1,900 and 15 pages |
//! | this object | none; one PUT of 130 kB (13 MB) in a minute | one GET while it is fresh for half a minute, then a look through memory: well below a millisecond (some 10) |
//!
//! What was published since the object was made is read from the head of the feed, so a photo is found at once; what was taken down
//! since is seen in the photo's own row, which every result is read from. So nothing is ever found that is not public. The price:
//! a photo that came back to the site is found again a minute later. An edition of a million photos would want something else.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    feed::{FeedRow, Filter, Position},
    ids::{DisciplineSlug, PhotoId},
    school::{Nation, SchoolKey},
    search::folded,
    time::{HalfHour, millis},
};

/// What an edition's photos say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    /// When it was made.
    #[serde(with = "millis")]
    pub made_at: Timestamp,
    /// What the edition's photos were when it was made: as long as this is the same, so is the index.
    pub mark: Mark,
    /// The published photos, newest first.
    pub entries: Vec<Entry>,
}

/// What shows that the published photos of an edition have changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// How many there are.
    pub published: i64,
    /// The sort key of the newest in the feed.
    pub newest: Option<String>,
    /// The sort key of the latest departure from the feed, or return to it.
    pub turned: Option<String>,
}

/// One published photo. Field names are short because every entry repeats them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The photo.
    pub id: PhotoId,
    /// When it was first published.
    #[serde(rename = "at", with = "millis")]
    pub published_at: Timestamp,
    /// Its caption, credit and school as [`folded`] words.
    #[serde(rename = "t")]
    pub text: String,
    /// Its discipline.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub discipline: Option<DisciplineSlug>,
    /// Its school's nation.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub nation: Option<Nation>,
    /// Its school's name.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub school: Option<String>,
    /// The key of its school's page.
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    pub school_key: Option<String>,
}

/// A school that takes part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Participant {
    /// The key of its page.
    pub key: SchoolKey,
    /// Its name, as its latest photo has it.
    pub name: String,
    /// Where it is.
    pub nation: Option<Nation>,
    /// Its published photos.
    pub photos: u64,
}

impl Entry {
    /// The entry of a published photo.
    pub fn of(row: &FeedRow) -> Self {
        let school = row.school.as_ref();
        let name = school.map(|school| school.name.as_str()).unwrap_or_default();
        Self {
            id: row.id.clone(),
            published_at: row.published_at,
            text: folded(&format!("{} {} {name}", row.caption, row.credit)),
            discipline: row.discipline.clone(),
            nation: school.and_then(|school| school.nation),
            school: school.map(|school| school.name.clone()),
            school_key: school.map(|school| school.key().to_string()),
        }
    }

    /// Where it stands in the feed.
    pub fn position(&self) -> Position {
        Position { published_at: self.published_at, id: self.id.clone() }
    }

    /// Whether it is what `filter` asks for.
    pub fn passes(&self, filter: &Filter) -> bool {
        let same = |wanted: Option<&str>, is: Option<&str>| wanted.is_none_or(|wanted| is == Some(wanted));
        same(
            filter.discipline.as_ref().map(DisciplineSlug::as_str),
            self.discipline.as_ref().map(DisciplineSlug::as_str),
        ) && same(filter.school.as_ref().map(SchoolKey::as_str), self.school_key.as_deref())
            && filter.nation.is_none_or(|nation| self.nation == Some(nation))
            && filter.half.is_none_or(|half| HalfHour::of(self.published_at) == half)
            && filter.words.all_in(&self.text)
    }
}

impl Index {
    /// The schools that take part, those with most photos first, then by name.
    pub fn schools(&self) -> Vec<Participant> {
        let mut schools: BTreeMap<&str, Participant> = BTreeMap::new();
        for entry in &self.entries {
            let (Some(key), Some(name)) = (&entry.school_key, &entry.school) else { continue };
            let Ok(parsed) = key.parse() else { continue };
            let fresh = || Participant { key: parsed, name: name.clone(), nation: entry.nation, photos: 0 };
            schools.entry(key).or_insert_with(fresh).photos += 1;
        }
        let mut schools: Vec<_> = schools.into_values().collect();
        schools.sort_by(|one, other| {
            other.photos.cmp(&one.photos).then_with(|| one.name.to_lowercase().cmp(&other.name.to_lowercase()))
        });
        schools
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        feed, sample,
        search::{WORD_MAX, WORDS_MAX, Words},
    };

    fn entry(caption: &str) -> Entry {
        let row = feed::row(&sample::published()).unwrap();
        Entry::of(&FeedRow { caption: caption.into(), ..row })
    }

    fn found(caption: &str, words: &str) -> bool {
        entry(caption).passes(&Filter { words: words.parse().unwrap(), ..Filter::default() })
    }

    #[test]
    fn words_are_found_by_their_beginnings_whatever_their_case_and_accents() {
        assert!(found("Copper sulphate crystals, day 12", "CRYST copper"));
        assert!(found("Ŵyth camera, un sioe ysgol", "wyth YSGOL"));
        assert!(found("It’s ready", "its"));
        assert!(found("مختبر العلوم جاهز", "مختبر"));
        assert!(found("理科準備室の朝", "準備"));
        assert!(found("", "academy"), "the school's name counts");
        assert!(!found("Copper sulphate crystals", "ulphate"));
        assert!(!found("Copper sulphate crystals", "crystals nickel"));
    }

    #[test]
    fn a_search_of_nothing_but_signs_is_no_search() {
        for nothing in ["", "  ", "!?", "💎", "'"] {
            assert!(nothing.parse::<Words>().unwrap().is_empty(), "{nothing:?}");
        }
        let long = "x".repeat(100_000).parse::<Words>().unwrap();
        assert!(long.to_string().len() <= WORDS_MAX * WORD_MAX);
    }

    #[test]
    fn an_entry_passes_every_part_of_a_filter_or_does_not_pass() {
        let entry = entry("Crystals");
        let half = Some(HalfHour::of(entry.published_at));
        let right = Filter { discipline: Some("science".parse().unwrap()), half, ..Filter::default() };
        assert!(entry.passes(&right));
        assert!(!entry.passes(&Filter { nation: Some(Nation::Wales), ..right.clone() }));
        assert!(!entry.passes(&Filter { half: half.map(HalfHour::next), ..right.clone() }));
        assert!(!entry.passes(&Filter { school: Some("elsewhere".parse().unwrap()), ..right }));
    }

    #[test]
    fn schools_are_counted_by_key() {
        let index = Index { entries: vec![entry("a"), entry("b")], ..Index::default() };
        let schools = index.schools();
        assert_eq!((schools.len(), schools[0].photos, schools[0].name.as_str()), (1, 2, "Sample Academy"));
    }

    #[test]
    fn an_entry_is_small() {
        let bytes = serde_json::to_vec(&entry("Copper sulphate crystals on day twelve, kept for all")).unwrap().len();
        assert!(bytes < 300, "{bytes} bytes");
    }
}
