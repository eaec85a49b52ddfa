//! `/s/{school}`: the photos of one school or college.

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use serde::Deserialize;
use shared::{
    domain::{
        Edition,
        feed::{self, Cursor, Feed},
        limits,
        school::SchoolKey,
    },
    web::{Cache, Path, Problem, Query, problem::NOT_FOUND},
};

use super::Page;
use crate::{
    App,
    frame::{Frame, Nav},
    links, sample,
    tile::{Tile, tiles},
};

/// A school's page.
#[derive(Clone, Debug, Template)]
#[template(path = "school.html")]
pub struct School {
    /// What all pages share.
    pub frame: Frame,
    /// The school's name.
    pub name: String,
    /// What is here.
    pub lead: String,
    /// Its photos.
    pub tiles: Vec<Tile>,
    /// The way back to the newest.
    pub newest: Option<String>,
    /// The way on.
    pub older: Option<String>,
}

impl Page for School {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

impl School {
    /// The page of the school with this key: `page` of its photos in `edition`.
    pub fn of(
        edition: &Edition,
        key: &SchoolKey,
        page: &feed::Page,
        after: Option<&Cursor>,
        site_origin: &str,
    ) -> Self {
        let (tiles, style) = tiles(Some(edition), &page.photos);
        let named = page.photos.first().and_then(|row| row.school.as_ref());
        let name = named.map_or_else(|| key.to_string(), |school| school.name.clone());
        let mut frame = Frame::public(name.clone(), Nav::Gallery)
            .described(format!("The work of the technicians of {name}: photos of {}.", edition.name));
        frame.canonical = format!("{site_origin}{}", links::school_after(key, after));
        frame.page_style = style;
        Self {
            frame,
            lead: format!("What the technicians here did on the day, in photos of {}.", edition.name),
            name,
            tiles,
            newest: after.map(|_| links::school(key)),
            older: page.next.as_ref().map(|next| links::school_after(key, Some(next))),
        }
    }

    /// A school with a few photos.
    pub fn sample() -> Self {
        let photos =
            sample::rows(12).into_iter().filter(|row| row.school.as_ref().is_some_and(|s| s.name == "Sample Academy"));
        let page = feed::Page { photos: photos.collect(), next: None };
        match (sample::edition(), "sample-academy".parse()) {
            (Some(edition), Ok(key)) => Self::of(&edition, &key, &page, None, "https://photos.example"),
            (None, _) | (_, Err(_)) => Self {
                frame: Frame::default(),
                name: String::new(),
                lead: String::new(),
                tiles: Vec::new(),
                newest: None,
                older: None,
            },
        }
    }
}

/// The query of a school's page; names that are not ours are ignored, as in the gallery.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct After {
    after: Option<String>,
}

/// `GET /s/{school}`: the latest edition in which the school has photos.
pub async fn show(
    State(app): State<App>,
    Path(key): Path<String>,
    Query(After { after }): Query<After>,
) -> Result<Response, Problem> {
    let nothing = || Problem::new(&NOT_FOUND, "No published photo names this school.");
    let key: SchoolKey = key.parse().map_err(|_| nothing())?;
    let after: Option<Cursor> = after.map(|text| text.parse()).transpose().map_err(|_| nothing())?;
    for edition in app.editions.all().await? {
        let feed = Feed { edition: edition.slug.clone(), discipline: None, school: Some(key.clone()) };
        let page = app.feeds.page(&feed, edition.feed_shards, after.as_ref(), limits::PAGE_DEFAULT).await?;
        if !page.photos.is_empty() {
            let school = School::of(&edition, &key, &page, after.as_ref(), &app.config.site_origin);
            return app.page(StatusCode::OK, Cache::Deep, &school);
        }
    }
    Err(nothing())
}
