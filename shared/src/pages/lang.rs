//! The languages: their texts, and the addresses of the pages in each of them.
//!
//! Decision: the language is part of the address (`/cy/gallery`), not of a cookie or a header: a cache stores each page once, a link shows
//! which language it leads to, and nothing about the reader is stored. Pages that are not translated have no address in the other language;
//! links lead to them as they are.
//!
//! Decision: the phrases of a page's scripts are in `messages/scripts/`, separate from the texts of the templates: a page with a script
//! that shows text sends exactly the phrases that the script names, in an attribute of `<body>`, and `assets/js/words.js` reads them there.
//! So a module is the same file in each language, and can show text without fetching anything first.
//!
//! Pages in English only: legal texts and statements to authorities (privacy, accessibility, transparency), which nobody has checked in
//! another language; the pages of problems, whose texts are the API's; the console of moderators and organisers; the wall and the frames on
//! other sites, where no visitor has chosen a language; the statistics, whose methods are the API's texts, too.
//!
//! Parts of a Welsh page that stay in English: the organiser's texts (the banner, a consent text or a discipline's name without a
//! Welsh one), what search engines are told about the home page and about a photo's page, the name of e-mail among the ways to share, the
//! API's reasons for refusing something, a moderator's own words, a reason on the page that adds photos, and a consent text that changes
//! while the page is open, since the API returns the English one. Status messages of a photo keep the language they were written in. The QR
//! code of the recovery link, which the API makes, leads to the English page.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::request::Parts;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::format;
use crate::domain::{Edition, edition::Discipline, report::ReportReason, school::Nation, time::HalfHour};

include!(concat!(env!("OUT_DIR"), "/messages.rs"));

/// A language of the public pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// British English.
    #[default]
    En,
    /// Welsh.
    Cy,
}

/// The forms of a text with a number, by CLDR's plural categories. `{n}` stands for the number.
#[derive(Debug, PartialEq, Eq)]
pub struct Plural {
    /// The form for 0 in Welsh.
    pub zero: &'static str,
    /// The form for 1 in English and Welsh.
    pub one: &'static str,
    /// The form for 2 in Welsh.
    pub two: &'static str,
    /// The form for 3 in Welsh.
    pub few: &'static str,
    /// The form for 6 in Welsh.
    pub many: &'static str,
    /// The form for all other numbers.
    pub other: &'static str,
}

/// The prefix of the addresses of Welsh pages.
const WELSH: &str = "/cy";

/// The routes of the pages that exist in Welsh, too. A test of the site compares them with its own list.
const SPEAK_WELSH: [&str; 19] = [
    "/",
    "/gallery",
    "/add",
    "/mine",
    "/p/{id}",
    "/p/{id}/report",
    "/s/{school}",
    "/s/{school}/certificate",
    "/s/{school}/sheet",
    "/s/{school}/thanks",
    "/schools",
    "/day",
    "/draws/{id}",
    "/draws/{id}/verify",
    "/poster",
    "/take-part",
    "/rules",
    "/safety",
    "/{edition}/",
];
/// Addresses that look like an edition's but are not: an English page, and the Welsh home page.
const NO_EDITION: [&str; 2] = ["/problems/", "/cy/"];

/// The suffix of the key of a phrase that replaces another one if the organiser trusts devices.
const TRUSTING: &str = "_trusting";

/// The phrases of the scripts, by key: each with its forms by CLDR's category, or with one form without a category.
type Phrases = &'static [(&'static str, &'static [(&'static str, &'static str)])];

impl Lang {
    /// Returns the texts of the language.
    pub fn words(self) -> &'static Messages {
        match self {
            Self::En => &EN,
            Self::Cy => &CY,
        }
    }

    /// Returns the scripts' phrases for these keys, as JSON: a text, or an object of texts by CLDR's category if the phrase depends on a
    /// number. If `trusting`, a key that also exists with the suffix `_trusting` gets the text of that one.
    pub fn phrases(self, keys: &[&str], trusting: bool) -> String {
        let said = |forms: &[(&str, &str)]| match forms {
            [("", text)] => Value::from(*text),
            forms => Value::Object(forms.iter().map(|(form, text)| ((*form).to_owned(), Value::from(*text))).collect()),
        };
        let twin = |key: &str| trusting.then(|| self.phrase(&format!("{key}{TRUSTING}"))).flatten();
        let forms = |key: &str| twin(key).or_else(|| self.phrase(key));
        let told = keys.iter().filter_map(|key| Some(((*key).to_owned(), said(forms(key)?))));
        Value::Object(told.collect::<Map<_, _>>()).to_string()
    }

    /// Returns the scripts' phrase for this key.
    fn phrase(self, key: &str) -> Option<&'static [(&'static str, &'static str)]> {
        let phrases = match self {
            Self::En => SCRIPTS_EN,
            Self::Cy => SCRIPTS_CY,
        };
        phrases.iter().find(|(known, _)| *known == key).map(|(_, forms)| *forms)
    }

    /// Returns the language's name in Open Graph's own notation.
    pub fn open_graph(self) -> &'static str {
        match self {
            Self::En => "en_GB",
            Self::Cy => "cy_GB",
        }
    }

    /// Returns the other language.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::En => Self::Cy,
            Self::Cy => Self::En,
        }
    }

    /// Returns the address of a page in this language; unchanged if the page is not translated.
    pub fn address(self, href: &str) -> String {
        let path = href.split(['?', '#']).next().unwrap_or_default();
        match self {
            Self::Cy if speaks_welsh(path) => format!("{WELSH}{href}"),
            Self::En | Self::Cy => href.to_owned(),
        }
    }

    /// Formats as `09:30 to 10:00`, in this language.
    pub fn half_hour(self, half: HalfHour) -> String {
        let (from, to) = (format::time(half.begins_at()), format::time(half.ends_at()));
        filled(self.words().half_hour, &[("from", &from), ("to", &to)])
    }

    /// Formats as `a`, `a and b`, or `a, b and c`, in this language.
    pub fn listed(self, names: &[String]) -> String {
        match names {
            [] => String::new(),
            [one] => one.clone(),
            [others @ .., last] => filled(self.words().list_end, &[("others", &others.join(", ")), ("last", last)]),
        }
    }

    /// Returns the name of a nation, which is one of the scripts' phrases, since their list of schools shows it, too.
    pub fn nation(self, nation: Nation) -> &'static str {
        let key = nation.as_str().replace('-', "_");
        match self.phrase(&key) {
            Some([("", name)]) => name,
            Some(_) | None => nation.name(),
        }
    }

    /// Returns the sentence with which a visitor selects a reason for a report.
    pub fn wrong(self, reason: ReportReason) -> &'static str {
        let words = self.words();
        match reason {
            ReportReason::Pupil => words.report_pupil,
            ReportReason::Me => words.report_me,
            ReportReason::MyWork => words.report_my_work,
            ReportReason::Unsafe => words.report_unsafe,
            ReportReason::Offensive => words.report_offensive,
            ReportReason::Other => words.report_other,
        }
    }

    /// Returns the consent text, and whether it is English on a page in another language, because the organiser wrote no other text.
    pub fn consent(self, edition: &Edition) -> (&str, bool) {
        let own = match self {
            Self::En => Some(&edition.consent.text),
            Self::Cy => edition.consent.text_cy.as_ref(),
        };
        (own.unwrap_or(&edition.consent.text), own.is_none())
    }

    /// Formats as `Friday 5 March 2027`, in this language; the date in Europe/London.
    pub fn day(self, at: Timestamp) -> String {
        let weekday = nth(self.words().weekdays, format::weekday(at));
        format!("{weekday} {}", self.date(at))
    }

    /// Formats as `5 March 2027`, in this language; the date in Europe/London.
    pub fn date(self, at: Timestamp) -> String {
        let (day, month, year) = format::day_month_year(at);
        format!("{day} {} {year}", nth(self.words().months, month - 1))
    }

    /// Returns the name in this language of a discipline of `edition`; the English one if the organiser has given no Welsh one.
    pub fn discipline<'a>(self, edition: &'a Edition, discipline: &'a Discipline) -> &'a str {
        match self {
            Self::En => &discipline.name,
            Self::Cy => edition.disciplines_cy.get(&discipline.slug).unwrap_or(&discipline.name),
        }
    }

    /// Returns the disciplines of an edition with their names in this language.
    pub fn disciplines(self, edition: &Edition) -> Vec<Discipline> {
        let named = |discipline: &Discipline| Discipline {
            slug: discipline.slug.clone(),
            name: self.discipline(edition, discipline).to_owned(),
        };
        edition.disciplines.iter().map(named).collect()
    }

    /// Formats as `18:00`, or as `Tuesday 9 March 2027, 18:00` if the day is not that of `now`.
    pub fn time_or_day(self, at: Timestamp, now: Timestamp) -> String {
        let time = format::time(at);
        if format::date(at) == format::date(now) { time } else { format!("{}, {time}", self.day(at)) }
    }

    /// Returns the text for a number of things. <https://cldr.unicode.org/index/cldr-spec/plural-rules>
    pub fn counted(self, n: u64, plural: &Plural) -> String {
        let form = match (self, n) {
            (Self::En | Self::Cy, 1) => plural.one,
            (Self::Cy, 0) => plural.zero,
            (Self::Cy, 2) => plural.two,
            (Self::Cy, 3) => plural.few,
            (Self::Cy, 6) => plural.many,
            (Self::En | Self::Cy, _) => plural.other,
        };
        form.replace("{n}", &format::grouped(i64::try_from(n).unwrap_or(i64::MAX)))
    }
}

/// Returns the word at this position of a list.
fn nth(list: &'static str, place: i8) -> &'static str {
    usize::try_from(place).ok().and_then(|place| list.split(' ').nth(place)).unwrap_or_default()
}

/// Returns the text before and after the only placeholder of a phrase, such as `{app}`, which is to be replaced by something other than
/// text.
pub fn around(phrase: &str) -> (&str, &str) {
    let parts = phrase.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?.1)));
    parts.unwrap_or((phrase, ""))
}

/// Fills the placeholders of a phrase. The facts themselves are not searched for placeholders: they may come from people, with braces in
/// them.
pub fn filled(phrase: &str, facts: &[(&str, &str)]) -> String {
    let mut parts = phrase.split('{');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let place = part.split_once('}');
        match place.and_then(|(name, rest)| Some((facts.iter().find(|(known, _)| *known == name)?.1, rest))) {
            Some((fact, rest)) => text.extend([fact, rest]),
            None => text.extend(["{", part]),
        }
    }
    text
}

/// Whether the page at a path exists in Welsh.
fn speaks_welsh(path: &str) -> bool {
    !NO_EDITION.contains(&path) && SPEAK_WELSH.iter().any(|route| fits(route, path))
}

/// Whether a path matches a route, in which `{name}` stands for one part.
fn fits(route: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (route.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(part), Some(value)) if part == value || (part.starts_with('{') && !value.is_empty()) => {}
            (Some(_) | None, _) => return false,
        }
    }
}

/// The language of the requested address.
impl<S: Sync> FromRequestParts<S> for Lang {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let rest = parts.uri.path().strip_prefix(WELSH);
        Ok(if rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) { Self::Cy } else { Self::En })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{reasons::PickedReason, states::Kind};

    #[test]
    fn numbers_have_the_words_of_their_category() {
        let plural = Plural { zero: "0:{n}", one: "1:{n}", two: "2:{n}", few: "3:{n}", many: "6:{n}", other: "x:{n}" };
        let welsh: Vec<_> = [0, 1, 2, 3, 4, 6, 1234].map(|n| Lang::Cy.counted(n, &plural)).into();
        assert_eq!(welsh, ["0:0", "1:1", "2:2", "3:3", "x:4", "6:6", "x:1,234"]);
        let english: Vec<_> = [0, 1, 2, 3, 6].map(|n| Lang::En.counted(n, &plural)).into();
        assert_eq!(english, ["x:0", "1:1", "x:2", "x:3", "x:6"]);
    }

    #[test]
    fn the_scripts_give_the_reasons_of_a_rejection_as_the_api_does() {
        for kind in Kind::ALL {
            for reason in PickedReason::of(kind) {
                let name = reason.as_str().replace('-', "_");
                let of_video = format!("why_film_{name}");
                let own = (kind == Kind::Video).then(|| Lang::En.phrase(&of_video)).flatten();
                let said = own.or_else(|| Lang::En.phrase(&format!("why_{name}"))).unwrap();
                assert_eq!(said, [("", reason.words(kind))]);
            }
        }
    }

    #[test]
    fn dates_have_the_words_of_their_language() {
        let day: Timestamp = "2027-03-05T08:00:00Z".parse().unwrap();
        assert_eq!(Lang::En.day(day), format::day(day));
        assert_eq!(Lang::Cy.day(day), "Gwener 5 Mawrth 2027");
        for month in 1..=12 {
            let first: Timestamp = format!("2027-{month:02}-01T12:00:00Z").parse().unwrap();
            assert_eq!(Lang::En.date(first), format::date(first));
            assert!(Lang::Cy.date(first).split(' ').all(|part| !part.is_empty()), "{month}");
        }
    }

    #[test]
    fn scripts_are_told_what_they_ask_for_and_no_more() {
        let told: Value = serde_json::from_str(&Lang::Cy.phrases(&["send", "photos"], false)).unwrap();
        assert_eq!(told["send"], "Anfon");
        assert_eq!(told["photos"]["two"], "{n} lun");
        assert_eq!(told.as_object().map(Map::len), Some(2));
        assert_eq!(Lang::En.phrases(&["photos"], true), r#"{"photos":{"one":"{n} photo","other":"{n} photos"}}"#);
    }

    #[test]
    fn a_phrase_is_parted_at_its_place() {
        assert_eq!(around("Open inside {app}."), ("Open inside ", "."));
        assert_eq!(around("No place"), ("No place", ""));
    }

    #[test]
    fn only_pages_that_speak_welsh_have_welsh_addresses() {
        assert_eq!(Lang::Cy.address("/gallery?discipline=science"), "/cy/gallery?discipline=science");
        assert_eq!(Lang::Cy.address("/"), "/cy/");
        assert_eq!(Lang::Cy.address("/add"), "/cy/add");
        assert_eq!(Lang::Cy.address("/mine"), "/cy/mine");
        assert_eq!(Lang::Cy.address("/rules"), "/cy/rules");
        assert_eq!(Lang::Cy.address("/p/abc"), "/cy/p/abc");
        assert_eq!(Lang::Cy.address("/p/abc/report"), "/cy/p/abc/report");
        assert_eq!(Lang::Cy.address("/s/abc/thanks"), "/cy/s/abc/thanks");
        assert_eq!(Lang::Cy.address("/2027/?half=x"), "/cy/2027/?half=x");
        for english in ["/privacy", "/problems/", "/moderation/queue", "/organiser", "/transparency", "/wall", "/p/a/b"]
        {
            assert_eq!(Lang::Cy.address(english), english);
        }
        assert_eq!(Lang::En.address("/gallery"), "/gallery");
    }

    #[test]
    fn names_are_listed_as_in_a_sentence() {
        let names = ["Science", "ICT", "Design & technology"].map(format::in_sentence);
        assert_eq!(Lang::En.listed(&names), "science, ICT and design & technology");
        assert_eq!(Lang::En.listed(&names[..1]), "science");
        assert_eq!(Lang::Cy.listed(&names[..2]), "science, ICT");
    }

    #[test]
    fn half_hours_and_nations_have_names() {
        let half = "2027-03-05T09:30Z".parse().unwrap();
        assert_eq!(Lang::En.half_hour(half), "09:30 to 10:00");
        assert_eq!(Lang::Cy.half_hour(half), "09:30 tan 10:00");
        for nation in Nation::ALL {
            assert_eq!(Lang::En.nation(nation), nation.name());
        }
        assert_eq!(Lang::Cy.nation(Nation::NorthernIreland), "Gogledd Iwerddon");
    }

    #[test]
    fn what_facts_say_is_not_looked_into() {
        assert_eq!(filled("{a} and {b}", &[("a", "{b}"), ("b", "}{")]), "{b} and }{");
        assert_eq!(filled("{a} and {c}, {", &[("a", "x")]), "x and {c}, {");
    }
}
