//! The rules of a draw in Welsh: what [`super::rules`] says in English, sentence by sentence. What the organiser has written stays as it is.

use jiff::Timestamp;

use super::{
    beacon::{self, CHAIN},
    entry::CONTACT_DAYS,
    files::OBSERVER_AFTER_HOURS,
    rules::{Section, page},
    settings::{DrawSettings, Method, Nation},
    steps::ANSWER,
};
use crate::domain::{text::escape_html, time::LONDON};

/// The file's name.
pub const FILE: &str = "rules.cy.html";

impl DrawSettings {
    /// Returns the rules of the draw in Welsh, in the order of [`Self::rules_in_words`].
    pub fn rules_in_welsh(&self) -> Vec<Section> {
        let (freezes, draws) = (clock(self.freezes_at), clock(self.draws_at));
        let prizes = (1..).zip(&self.prizes).map(|(place, prize)| {
            let sponsor = prize.sponsor.as_ref().map_or(String::new(), |sponsor| format!(", gan {sponsor}"));
            format!("Gwobr {place}: {}{sponsor}.", prize.title)
        });
        let value = match self.method {
            Method::Beacon => format!(
                "Daw'r gwerth o rownd {} y ffagl gyhoeddus drand (cadwyn {CHAIN}), na all neb ei wybod cyn {draws}. Os na ellir darllen y ffagl \
                 am {OBSERVER_AFTER_HOURS} awr, bydd person annibynnol yn dweud brawddeg yn ei lle.",
                beacon::round_at(self.draws_at).unwrap_or_default()
            ),
            Method::Observer => {
                format!("Daw'r gwerth o frawddeg y bydd person annibynnol yn ei dweud ar ôl {draws}.")
            }
        };
        let days = ANSWER.as_hours() / 24;
        let reserves = match self.reserves {
            0 => "Nid oes ymgeiswyr wrth gefn yn y raffl hon.".to_owned(),
            1 => "Mae 1 ymgeisydd wrth gefn yn y raffl hon.".to_owned(),
            n => format!("Nifer yr ymgeiswyr wrth gefn yn y raffl hon: {n}."),
        };
        let mut sections = vec![
            Section { heading: "Gwobrau", sentences: prizes.collect() },
            Section {
                heading: "Pwy gaiff roi cynnig",
                sentences: vec![
                    format!("{}, {} oed neu'n hŷn, {}.", self.who.roles, self.who.min_age, places(&self.who.nations)),
                    "Un cynnig i bob person. Mae rhoi cynnig am ddim, ac nid oes rhaid prynu dim.".to_owned(),
                ],
            },
            Section {
                heading: "Sut i roi cynnig",
                sentences: vec![
                    "Ychwanegwch lun at y wefan hon, a rhowch eich enw ac un ffordd o gysylltu â chi. Nid yw nifer y lluniau'n gwneud gwahaniaeth."
                        .to_owned(),
                    format!("Derbynnir ceisiadau tan {freezes}."),
                    "Mae cais yn cyfrif os yw llun o'r un ddyfais yn gyhoeddus bryd hynny, neu os cafodd ei anfon cyn hynny a'i fod yn dal i aros i \
                     gael ei wirio."
                        .to_owned(),
                ],
            },
            Section {
                heading: "Sut y dewisir yr enillwyr",
                sentences: vec![
                    format!(
                        "Am {freezes} cyhoeddir y rhestr o geisiadau; nid yw'n enwi neb. Ar ôl {draws} cyfrifir yr enillwyr o'r rhestr hon, o gyfrinach \
                         a bennwyd cyn i neb allu ymgeisio, ac o werth na allai neb ei wybod ymlaen llaw."
                    ),
                    value,
                    "Ni all neb lywio'r canlyniad, a gall unrhyw un ei gyfrifo eto o'r ffeiliau cyhoeddus.".to_owned(),
                ],
            },
            Section {
                heading: "Ar ôl y raffl",
                sentences: vec![
                    format!(
                        "Rhoddir gwybod i'r enillwyr drwy'r ffordd o gysylltu a roddwyd ganddynt. Mae ganddynt {days} diwrnod i ateb."
                    ),
                    format!(
                        "Bydd yr ymgeisydd wrth gefn nesaf yn cael gwobr os nad yw'r enillydd am ei chael, os nad yw'n ateb o fewn {days} diwrnod, os \
                         nad oes ganddo hawl i ennill, os yw wedi tynnu ei gais yn ôl, os yw wedi ymgeisio ddwywaith, neu os nad yw llun y cais yn \
                         gyhoeddus. Nid oes rheswm arall. {reserves}"
                    ),
                    "Mae'r enillwyr yn dewis sut y cânt eu henwi ar y wefan hon: wrth eu henw, wrth eu henw cyntaf, neu ddim o gwbl. Mae'r hyrwyddwr yn \
                     cadw enw pob enillydd ar gyfer y rheoleiddiwr."
                        .to_owned(),
                    format!(
                        "At hyn yn unig y defnyddir enwau a ffyrdd o gysylltu. Cânt eu dileu pan fydd y gwobrau wedi'u rhoi, ac o fewn {CONTACT_DAYS} \
                         diwrnod ar ôl raffl olaf y diwrnod fan bellaf."
                    ),
                ],
            },
            Section { heading: "Pwy sy'n addo'r gwobrau", sentences: vec![format!("{}.", self.promoter)] },
        ];
        if !self.rules.is_empty() {
            sections.insert(5, Section { heading: "Hefyd", sentences: self.rules.clone() });
        }
        sections
    }

    /// Returns the page `rules.cy.html`.
    pub fn rules_page_in_welsh(&self) -> String {
        let intro = format!(
            "Rheolau'r raffl <a href=\"/cy/draws/{0}\">{0}</a>. Os yw'r rhain yn wahanol i'r <a href=\"{1}\">rheolau Saesneg</a>, y rhai Saesneg sy'n cyfrif.",
            self.id,
            super::rules::FILE
        );
        page(
            "cy",
            &format!("Rheolau: {}", escape_html(&self.name)),
            &escape_html(&self.name),
            &intro,
            self.rules_in_welsh(),
        )
    }
}

/// An instant as clocks in London show it, such as `12:00 ar 05/03/2027 (GMT)`; with seconds unless they are 0.
fn clock(at: Timestamp) -> String {
    let local = at.to_zoned(LONDON.clone());
    let time = if local.second() == 0 { "%H:%M" } else { "%H:%M:%S" };
    local.strftime(&format!("{time} ar %d/%m/%Y (%Z)")).to_string()
}

/// Where people live or work, each with its preposition.
fn places(nations: &[Nation]) -> String {
    let places: Vec<&str> = nations
        .iter()
        .map(|nation| match nation {
            Nation::England => "yn Lloegr",
            Nation::Scotland => "yn yr Alban",
            Nation::Wales => "yng Nghymru",
            Nation::NorthernIreland => "yng Ngogledd Iwerddon",
        })
        .collect();
    match places.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [others @ .., last] => format!("{} neu {last}", others.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::draw::sample;

    #[test]
    fn the_welsh_rules_say_what_the_english_rules_say() {
        let own = DrawSettings { rules: vec!["Prizes <are> sent by post.".into()], ..sample::settings() };
        for settings in [
            own.clone(),
            DrawSettings { method: Method::Observer, reserves: 0, ..sample::settings() },
            DrawSettings { reserves: 1, ..sample::settings() },
        ] {
            let (english, welsh) = (settings.rules_in_words(), settings.rules_in_welsh());
            let numbers = |sections: &[Section]| -> Vec<Vec<Vec<String>>> {
                let of = |sentence: &String| {
                    // Dates are written in another way.
                    let words = sentence.replace("on 23 August 2023", "23/08/2023");
                    let digits = words.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
                    digits.map(str::to_owned).collect::<Vec<_>>()
                };
                sections.iter().map(|section| section.sentences.iter().map(of).collect()).collect()
            };
            assert_eq!(numbers(&welsh), numbers(&english), "the same sentences with the same numbers");
        }
        let page = own.rules_page_in_welsh();
        assert!(page.contains("<html lang=\"cy\">") && page.contains("href=\"rules.html\""));
        assert!(page.contains("Prizes &lt;are&gt; sent by post.") && page.contains("16:30 ar 23/08/2023 (BST)"));
        assert!(!page.contains("<script") && !page.contains("style"), "a record, and nothing else");
    }
}
