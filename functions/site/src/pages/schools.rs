//! `/schools` and `/cy/schools`: all schools and colleges that take part, with links to their pages.

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use shared::{
    domain::{Edition, Refusal, index::Participant},
    pages::{
        Page,
        lang::{Lang, filled},
        layout::{Layout, Nav},
        links, sample,
    },
    web::{Cache, Problem},
};

use crate::App;

/// The page of an edition's schools.
#[derive(Clone, Debug, Template)]
#[template(path = "schools.html")]
pub struct Schools {
    /// The layout that all pages share.
    pub layout: Layout,
    /// How many schools there are and what their pages offer, in sentences.
    pub lead: String,
    /// The schools, grouped by first letter.
    pub letters: Vec<Letter>,
}

/// The schools whose names begin with the same letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The letter, or `#` for anything else.
    pub letter: String,
    /// The schools, in alphabetical order.
    pub schools: Vec<SchoolLink>,
}

/// A school.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchoolLink {
    /// The address of the school's page.
    pub href: String,
    /// The school's name.
    pub name: String,
    /// The school's nation; empty if it is not known.
    pub nation: &'static str,
    /// How many photos the school has, in words.
    pub photos: String,
}

impl Page for Schools {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Schools {
    /// Builds the page of `edition` with its participants.
    pub fn new(edition: &Edition, participants: &[Participant], lang: Lang, site_origin: &str) -> Self {
        let words = lang.words();
        let mut layout = Layout::public(words.add_schools, Nav::Day)
            .described(filled(words.schools_description, &[("edition", &edition.name)]))
            .speaking(lang, &links::schools())
            .with_styles(&["css/components/stats.css"]);
        layout.canonical = format!("{site_origin}{}", lang.address(&links::schools()));
        let mut sorted: Vec<&Participant> = participants.iter().collect();
        sorted.sort_by_key(|participant| participant.name.to_lowercase());
        let mut letters: Vec<Letter> = Vec::new();
        for participant in sorted {
            let first = participant.name.chars().next().filter(|c| c.is_alphabetic());
            let letter = first.map_or_else(|| "#".to_owned(), |c| c.to_uppercase().to_string());
            let link = SchoolLink {
                href: links::school(&participant.key),
                name: participant.name.clone(),
                nation: participant.nation.map(|nation| lang.nation(nation)).unwrap_or_default(),
                photos: lang.counted(participant.photos, &words.photos),
            };
            match letters.last_mut().filter(|last| last.letter == letter) {
                Some(last) => last.schools.push(link),
                None => letters.push(Letter { letter, schools: vec![link] }),
            }
        }
        let schools = lang.counted(u64::try_from(participants.len()).unwrap_or(u64::MAX), &words.schools_n);
        let lead = filled(words.schools_lead, &[("schools", &schools), ("edition", &edition.name)]);
        Self { layout, lead, letters }
    }

    /// A sample: the schools of the sample photos.
    pub fn sample() -> Self {
        Self::sampled(Lang::En)
    }

    /// The same sample in Welsh.
    pub fn sample_welsh() -> Self {
        Self::sampled(Lang::Cy)
    }

    fn sampled(lang: Lang) -> Self {
        let rows = sample::rows(12);
        let index = shared::domain::index::Index {
            entries: rows.iter().map(shared::domain::index::Entry::new).collect(),
            ..Default::default()
        };
        match sample::edition() {
            Some(edition) => Self::new(&edition, &index.schools(), lang, "https://photos.example"),
            None => Self { layout: Layout::default(), lead: String::new(), letters: Vec::new() },
        }
    }
}

/// `GET /schools` and `GET /cy/schools`. The page is made from the index, which learns of a removal up to a minute after the feeds, when
/// the edge caches have been invalidated already: an edge must not keep this page for longer than the newest photos.
pub async fn show(State(app): State<App>, lang: Lang) -> Result<Response, Problem> {
    let edition = app.editions.current().await?.ok_or(Refusal::UnknownEdition)?;
    let schools = app.gallery.schools(&edition).await?;
    app.page(StatusCode::OK, Cache::Head, &Schools::new(&edition, &schools, lang, &app.site_origin)).await
}
