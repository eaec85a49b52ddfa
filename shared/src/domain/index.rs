//! The search index of an edition: one object with the texts of its published photos and their positions in the feed.
//!
//! Decision: each edition has one object, which `housekeeping` makes again in every minute in which something changed, and which each
//! search reads whole. The costs for 1,000 photos of about 12 words each, and, a hundred times as many, for 100,000:
//!
//! | | written for each photo | one search |
//! |---|---|---|
//! | a row for each word | 12 units in its transaction (24 there), while a whole life costs 30 | a query for each word, then an intersection of what can be thousands of rows |
//! | one partition of short rows | 2 units | the whole partition: 19 read units; for 100,000 photos, 1,900 and 15 pages |
//! | this object | none; one PUT of 130 kB (13 MB) in a minute | one GET, which is reused for half a minute, then a scan in memory: well below a millisecond (some 10) |
//!
//! Photos published since the object was made are read from the head of the feed, so a photo is found at once. Photos taken down since then
//! are recognised by their own rows, from which every result is read. So a search never finds a photo that is not public. Given up: a photo
//! that came back to the site is found again only a minute later. An edition of a million photos would need another design.

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

/// The search index of an edition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    /// When the index was made.
    #[serde(with = "millis")]
    pub made_at: Timestamp,
    /// The mark of the edition's photos when the index was made: while it is unchanged, the index is current.
    pub mark: IndexVersion,
    /// The published photos, newest first.
    pub entries: Vec<Entry>,
}

/// A mark that changes whenever the published photos of an edition change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexVersion {
    /// The number of published photos.
    pub published: i64,
    /// The sort key of the newest photo in the feed.
    pub newest: Option<String>,
    /// The sort key of the latest turn: a photo that left the feed, came back to it, or changed its texts in it.
    pub turned: Option<String>,
}

/// One published photo. Field names are short because every entry repeats them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The photo's id.
    pub id: PhotoId,
    /// When the photo was first published.
    #[serde(rename = "at", with = "millis")]
    pub published_at: Timestamp,
    /// The caption, credit and school's name as [`folded`] words.
    #[serde(rename = "t")]
    pub text: String,
    /// The slug of the discipline.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub discipline: Option<DisciplineSlug>,
    /// The nation of the school.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub nation: Option<Nation>,
    /// The name of the school.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub school: Option<String>,
    /// The key of the school's page.
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    pub school_key: Option<String>,
    /// Whether a moderator picked it.
    #[serde(rename = "p", default, skip_serializing_if = "is_false")]
    pub picked: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// A school that takes part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Participant {
    /// The key of the school's page.
    pub key: SchoolKey,
    /// The school's name, as its latest photo has it.
    pub name: String,
    /// The school's nation; `None` if only its name was given.
    pub nation: Option<Nation>,
    /// The number of the school's published photos.
    pub photos: u64,
}

impl Entry {
    /// Returns the entry of a published photo.
    pub fn new(row: &FeedRow) -> Self {
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
            picked: row.picked_at.is_some(),
        }
    }

    /// Returns the photo's position in the feed.
    pub fn position(&self) -> Position {
        Position { published_at: self.published_at, id: self.id.clone() }
    }

    /// Whether the photo matches `filter`.
    pub fn passes(&self, filter: &Filter) -> bool {
        let same = |wanted: Option<&str>, is: Option<&str>| wanted.is_none_or(|wanted| is == Some(wanted));
        same(
            filter.discipline.as_ref().map(DisciplineSlug::as_str),
            self.discipline.as_ref().map(DisciplineSlug::as_str),
        ) && same(filter.school.as_ref().map(SchoolKey::as_str), self.school_key.as_deref())
            && filter.nation.is_none_or(|nation| self.nation == Some(nation))
            && (self.picked || !filter.picked)
            && filter.half.is_none_or(|half| HalfHour::new(self.published_at) == half)
            && filter.words.all_in(&self.text)
    }
}

impl Index {
    /// Returns the schools that take part, ordered by number of photos, most first, and then by name.
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
        search::{SearchTerms, WORD_MAX, WORDS_MAX},
    };

    fn entry(caption: &str) -> Entry {
        let row = feed::row(&sample::published()).unwrap();
        Entry::new(&FeedRow { caption: caption.into(), ..row })
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
            assert!(nothing.parse::<SearchTerms>().unwrap().is_empty(), "{nothing:?}");
        }
        let long = "x".repeat(100_000).parse::<SearchTerms>().unwrap();
        assert!(long.to_string().len() <= WORDS_MAX * WORD_MAX);
    }

    #[test]
    fn an_entry_passes_every_part_of_a_filter_or_does_not_pass() {
        let entry = entry("Crystals");
        let half = Some(HalfHour::new(entry.published_at));
        let right = Filter { discipline: Some("science".parse().unwrap()), half, ..Filter::default() };
        assert!(entry.passes(&right));
        assert!(!entry.passes(&Filter { nation: Some(Nation::Wales), ..right.clone() }));
        assert!(!entry.passes(&Filter { picked: true, ..right.clone() }));
        assert!(Entry { picked: true, ..entry.clone() }.passes(&Filter { picked: true, ..right.clone() }));
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
