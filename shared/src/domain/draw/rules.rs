//! The rules of a draw in words, made from its settings: what the code of advertising practice asks a promoter to say of a prize promotion.
//! <https://www.asa.org.uk/type/non_broadcast/code_section/08.html>
//!
//! Decision: they are written once, before the draw opens, in a page of plain HTML without a script or a style: it is a record, and reads
//! the same in any browser, and in a saved copy.

use super::{
    beacon::{self, CHAIN},
    entry::CONTACT_DAYS,
    files::OBSERVER_AFTER_HOURS,
    settings::{DrawSettings, Method},
    steps::ANSWER,
};
use crate::domain::{text::escape_html, time::in_words};

/// The file's name.
pub const FILE: &str = "rules.html";

/// One part of the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// What it is about.
    pub heading: &'static str,
    /// What holds, one sentence or a few in each.
    pub sentences: Vec<String>,
}

impl DrawSettings {
    /// The rules of the draw, in the order in which they are read.
    pub fn rules_in_words(&self) -> Vec<Section> {
        let (freezes, draws) = (in_words(self.freezes_at), in_words(self.draws_at));
        let prizes = (1..).zip(&self.prizes).map(|(place, prize)| {
            let sponsor = prize.sponsor.as_ref().map_or(String::new(), |sponsor| format!(", given by {sponsor}"));
            format!("Prize {place}: {}{sponsor}.", prize.title)
        });
        let value = match self.method {
            Method::Beacon => format!(
                "The value comes from round {} of the public beacon drand (chain {CHAIN}), which nobody can know before {draws}. If the \
                 beacon cannot be read for {OBSERVER_AFTER_HOURS} hours, an independent person says a sentence instead.",
                beacon::round_at(self.draws_at).unwrap_or_default()
            ),
            Method::Observer => {
                format!("The value comes from a sentence that an independent person says after {draws}.")
            }
        };
        let days = ANSWER.as_hours() / 24;
        let mut sections = vec![
            Section { heading: "Prizes", sentences: prizes.collect() },
            Section {
                heading: "Who may enter",
                sentences: vec![
                    format!("{}.", self.who.words()),
                    "One entry for each person. Entry is free, and nothing has to be bought.".to_owned(),
                ],
            },
            Section {
                heading: "How to enter",
                sentences: vec![
                    "Add a photo to this site, and give your name and one way to reach you. How many photos you add makes no difference."
                        .to_owned(),
                    format!("Entries are taken until {freezes}."),
                    "An entry counts if a photo of the same device is public at that time, or was sent before it and still waits to be \
                     checked."
                        .to_owned(),
                ],
            },
            Section {
                heading: "How winners are chosen",
                sentences: vec![
                    format!(
                        "At {freezes} the list of entries is published; it names nobody. After {draws} the winners follow by calculation from \
                         this list, from a secret that was fixed before anybody could enter, and from a value that nobody could know before."
                    ),
                    value,
                    "Nobody can steer the result, and anybody can calculate it again from the public files.".to_owned(),
                ],
            },
            Section {
                heading: "After the draw",
                sentences: vec![
                    format!("Winners are told by the way to reach them that they gave. They have {days} days to answer."),
                    format!(
                        "The next reserve gets a prize if the winner does not want it, does not answer within {days} days, may not win, has \
                         taken the entry back, has entered twice, or if the photo of the entry is not public. There is no other reason. \
                         There {} in this draw.",
                        match self.reserves {
                            0 => "are no reserves".to_owned(),
                            1 => "is 1 reserve".to_owned(),
                            n => format!("are {n} reserves"),
                        }
                    ),
                    "Winners choose how they are named on this site: by their name, by their first name, or not at all. The promoter holds \
                     the name of each winner for the regulator."
                        .to_owned(),
                    format!(
                        "Names and ways to reach people are used for this alone. They are erased when the prizes are delivered, and \
                         {CONTACT_DAYS} days after the last draw of the day at the latest."
                    ),
                ],
            },
            Section { heading: "Who promises the prizes", sentences: vec![format!("{}.", self.promoter)] },
        ];
        if !self.rules.is_empty() {
            sections.insert(5, Section { heading: "Also", sentences: self.rules.clone() });
        }
        sections
    }

    /// The page `rules.html`.
    pub fn rules_page(&self) -> String {
        let name = escape_html(&self.name);
        let intro = format!("The rules of the prize draw <a href=\"/draws/{0}\">{0}</a>.", self.id);
        page("en", &format!("Rules: {name}"), &name, &intro, self.rules_in_words())
    }
}

/// A page of rules, which a phone shows at its own width. What is given is HTML already, but for the sections.
pub(super) fn page(lang: &str, title: &str, heading: &str, intro: &str, sections: Vec<Section>) -> String {
    let mut body: Vec<String> = Vec::new();
    for Section { heading, sentences } in sections {
        body.extend([format!("<h2>{}</h2>", escape_html(heading)), "<ul>".to_owned()]);
        body.extend(sentences.iter().map(|sentence| format!("<li>{}</li>", escape_html(sentence))));
        body.push("</ul>".to_owned());
    }
    format!(
        "<!doctype html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n</head>\n<body>\n\
         <h1>{heading}</h1>\n<p>{intro}</p>\n{}\n</body>\n</html>\n",
        body.join("\n"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::draw::sample;

    #[test]
    fn the_rules_say_what_a_promoter_has_to_say() {
        let settings = DrawSettings { rules: vec!["Prizes <are> sent by post.".into()], ..sample::settings() };
        let page = settings.rules_page();
        for said in [
            "Prize 1: A microscope, given by Sample sponsor.",
            "16:30 on 23 August 2023 (BST)",
            "round 1000 of the public beacon",
            "aged 18 or over",
            "Entry is free",
            "There are 2 reserves in this draw.",
            "Prizes &lt;are&gt; sent by post.",
            "Sample Association, 1 Sample Street, Sampleton",
            "90 days after the last draw",
            "They have 7 days to answer.",
            "<meta name=\"viewport\" content=\"width=device-width\">",
            &format!("<a href=\"/draws/{0}\">{0}</a>", settings.id),
        ] {
            assert!(page.contains(said), "{said} in {page}");
        }
        assert!(!page.contains("<script") && !page.contains("style"), "a record, and nothing else");
        let observer = DrawSettings { method: Method::Observer, reserves: 0, ..settings };
        let page = observer.rules_page();
        assert!(page.contains("a sentence that an independent person says") && page.contains("There are no reserves"));
        assert!(!page.contains("drand"));
    }
}
