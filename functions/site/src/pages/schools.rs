//! `/schools`: every school and college that takes part, each with its page.

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use shared::{
    domain::{Edition, Refusal, index::Participant, school::Nation},
    web::{Cache, Problem},
};

use super::Page;
use crate::{
    App,
    frame::{Frame, Nav},
    links, sample, words,
};

/// The schools of an edition.
#[derive(Clone, Debug, Template)]
#[template(path = "schools.html")]
pub struct Schools {
    /// What all pages share.
    pub frame: Frame,
    /// The edition's name.
    pub edition_name: String,
    /// How many there are, in words.
    pub count: String,
    /// The schools, by first letter.
    pub letters: Vec<Letter>,
}

/// The schools whose names begin alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The letter, or `#`.
    pub letter: String,
    /// The schools, by name.
    pub schools: Vec<SchoolLink>,
}

/// A school.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchoolLink {
    /// Its page.
    pub href: String,
    /// Its name.
    pub name: String,
    /// Where it is; empty where that is not known.
    pub nation: &'static str,
    /// Its photos, in words.
    pub photos: String,
}

impl Page for Schools {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

impl Schools {
    /// The page of `edition`, in which these take part.
    pub fn of(edition: &Edition, participants: &[Participant], site_origin: &str) -> Self {
        let mut frame = Frame::public("Schools and colleges", Nav::Day)
            .described(format!("Every school and college with photos on {}.", edition.name))
            .with_styles(&["css/components/stats.css"]);
        frame.canonical = format!("{site_origin}{}", links::schools());
        let mut sorted: Vec<&Participant> = participants.iter().collect();
        sorted.sort_by_key(|participant| participant.name.to_lowercase());
        let mut letters: Vec<Letter> = Vec::new();
        for participant in sorted {
            let first = participant.name.chars().next().filter(|c| c.is_alphabetic());
            let letter = first.map_or_else(|| "#".to_owned(), |c| c.to_uppercase().to_string());
            let link = SchoolLink {
                href: links::school(&participant.key),
                name: participant.name.clone(),
                nation: participant.nation.map(Nation::name).unwrap_or_default(),
                photos: words::counted(i64::try_from(participant.photos).unwrap_or(i64::MAX), "photo"),
            };
            match letters.last_mut().filter(|last| last.letter == letter) {
                Some(last) => last.schools.push(link),
                None => letters.push(Letter { letter, schools: vec![link] }),
            }
        }
        Self {
            frame,
            edition_name: edition.name.clone(),
            count: words::counted(i64::try_from(participants.len()).unwrap_or(i64::MAX), "school or college")
                .replace("school or colleges", "schools and colleges"),
            letters,
        }
    }

    /// The schools of the sample photos.
    pub fn sample() -> Self {
        let rows = sample::rows(12);
        let index = shared::domain::index::Index {
            entries: rows.iter().map(shared::domain::index::Entry::of).collect(),
            ..Default::default()
        };
        match sample::edition() {
            Some(edition) => Self::of(&edition, &index.schools(), "https://photos.example"),
            None => {
                Self { frame: Frame::default(), edition_name: String::new(), count: String::new(), letters: Vec::new() }
            }
        }
    }
}

/// `GET /schools`
pub async fn show(State(app): State<App>) -> Result<Response, Problem> {
    let edition = app.editions.current().await?.ok_or(Refusal::UnknownEdition)?;
    let schools = app.gallery.schools(&edition).await?;
    app.page(StatusCode::OK, Cache::Deep, &Schools::of(&edition, &schools, &app.config.site_origin)).await
}
