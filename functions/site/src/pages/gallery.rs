//! `/gallery` and `/{edition}/`: the feed of an edition, filtered by discipline and school, page by page.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use serde::Deserialize;
use shared::{
    domain::{
        Edition, Refusal,
        feed::{self, Cursor, Feed},
        ids::{DisciplineSlug, EditionSlug},
        limits,
        school::{School, SchoolKey},
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

/// The gallery.
#[derive(Clone, Debug, Template)]
#[template(path = "gallery.html")]
pub struct Gallery {
    /// What all pages share.
    pub frame: Frame,
    /// What is shown.
    pub heading: String,
    /// Where in the feed this page is.
    pub standing: String,
    /// The disciplines to choose from, beginning with all.
    pub tabs: Vec<Tab>,
    /// The gallery's address without filters.
    pub base: String,
    /// The chosen discipline's slug.
    pub discipline: Option<String>,
    /// What stands in the school's field.
    pub school_name: String,
    /// Whether anything is chosen.
    pub filtered: bool,
    /// The photos.
    pub tiles: Vec<Tile>,
    /// What to say where there are none.
    pub empty: Empty,
    /// The way back to the newest.
    pub newest: Option<String>,
    /// The way on.
    pub older: Option<String>,
    /// The other editions.
    pub editions: Vec<EditionLink>,
}

/// A discipline to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tab {
    /// The gallery filtered by it.
    pub href: String,
    /// Its name.
    pub name: String,
    /// Its slug; none for all.
    pub tray: Option<String>,
    /// Whether it is chosen.
    pub current: bool,
}

/// Words for a gallery without photos.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Empty {
    /// What is so.
    pub title: &'static str,
    /// What may help.
    pub text: &'static str,
}

/// Another edition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditionLink {
    /// Its gallery.
    pub href: String,
    /// Its name.
    pub name: String,
}

/// What to show: which feed, from where on.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The gallery's address without filters.
    pub base: String,
    /// Only this discipline.
    pub discipline: Option<DisciplineSlug>,
    /// Only this school.
    pub school: Option<SchoolKey>,
    /// What the reader wrote for a school.
    pub school_name: String,
    /// Where the page starts; none at the newest.
    pub after: Option<Cursor>,
}

impl Page for Gallery {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

impl Gallery {
    /// The gallery of `edition`: `page` of what is `wanted`. `all` are the editions to offer.
    pub fn of(
        edition: Option<&Edition>,
        wanted: &Wanted,
        page: &feed::Page,
        all: &[Edition],
        site_origin: &str,
    ) -> Self {
        let (tiles, style) = tiles(edition, &page.photos);
        let chosen = wanted.discipline.as_ref();
        let school_name = wanted.school.as_ref().map(|_| {
            let named = page.photos.first().and_then(|row| row.school.as_ref()).map(|school| school.name.clone());
            named.unwrap_or_else(|| wanted.school_name.clone())
        });
        let discipline_name =
            chosen.and_then(|slug| edition?.discipline(slug)).map(|discipline| discipline.name.clone());
        let year = edition.map(|edition| edition.name.clone()).unwrap_or_default();
        let heading = match (&discipline_name, &school_name) {
            (None, None) if wanted.base == links::gallery() => "Gallery".to_owned(),
            (None, None) => year.clone(),
            (Some(discipline), None) => discipline.clone(),
            (None, Some(school)) => school.clone(),
            (Some(discipline), Some(school)) => format!("{discipline} at {school}"),
        };
        let filtered = chosen.is_some() || school_name.is_some();
        let to =
            |discipline: Option<&DisciplineSlug>| links::feed(&wanted.base, discipline, wanted.school.as_ref(), None);
        let mut tabs = vec![Tab { href: to(None), name: "All".into(), tray: None, current: chosen.is_none() }];
        tabs.extend(edition.iter().flat_map(|edition| &edition.disciplines).map(|discipline| Tab {
            href: to(Some(&discipline.slug)),
            name: discipline.name.clone(),
            tray: Some(discipline.slug.to_string()),
            current: chosen == Some(&discipline.slug),
        }));
        let mut frame = Frame::public(
            if wanted.after.is_some() { format!("{heading}, older photos") } else { heading.clone() },
            Nav::Gallery,
        )
        .described(format!("Photos of the technicians' work: {heading}, {year}."));
        frame.canonical = format!("{site_origin}{}", wanted.link(wanted.after.as_ref()));
        frame.page_style = style;
        let standing = match (wanted.after.is_some(), tiles.is_empty()) {
            (_, true) => String::new(),
            (false, false) if heading == year => "Newest first".to_owned(),
            (false, false) => format!("{year}, newest first"),
            (true, false) => format!("{year}, older photos"),
        };
        Self {
            frame,
            heading,
            standing,
            tabs,
            base: wanted.base.clone(),
            discipline: chosen.map(ToString::to_string),
            school_name: school_name.unwrap_or_default(),
            filtered,
            tiles,
            empty: empty(filtered, wanted.after.is_some()),
            newest: wanted.after.as_ref().map(|_| wanted.link(None)),
            older: page.next.as_ref().map(|next| wanted.link(Some(next))),
            editions: all
                .iter()
                .filter(|other| edition.is_none_or(|edition| edition.slug != other.slug))
                .map(|other| EditionLink { href: links::edition(&other.slug), name: other.name.clone() })
                .collect(),
        }
    }

    /// A full page, with older ones behind it.
    pub fn sample() -> Self {
        let photos = sample::rows(24);
        let next = photos.last().map(|row| Cursor(row.position()));
        Self::sampled(None, photos, next)
    }

    /// A filter that nothing passes.
    pub fn sample_empty() -> Self {
        Self::sampled(Some("pe"), Vec::new(), None)
    }

    fn sampled(discipline: Option<&str>, photos: Vec<feed::FeedRow>, next: Option<Cursor>) -> Self {
        let edition = sample::edition();
        let earlier: Vec<Edition> = edition
            .iter()
            .filter_map(|edition| {
                Some(Edition { slug: "2024".parse().ok()?, name: "#TECHOGNITION 2024".into(), ..edition.clone() })
            })
            .collect();
        let wanted = Wanted { discipline: discipline.and_then(|slug| slug.parse().ok()), ..Wanted::all() };
        Self::of(edition.as_ref(), &wanted, &feed::Page { photos, next }, &earlier, "https://photos.example")
    }
}

fn empty(filtered: bool, deep: bool) -> Empty {
    match (filtered, deep) {
        (_, true) => Empty { title: "These were the last ones.", text: "There are no older photos." },
        (true, false) => Empty {
            title: "This tray is empty so far.",
            text: "No published photo fits. A school's name must be written in full, as its photos have it.",
        },
        (false, false) => Empty {
            title: "The rack is still empty.",
            text: "The first photos appear here as soon as a person has checked them.",
        },
    }
}

/// The query of a gallery. Names that are not ours are ignored here: social networks add their own to shared addresses.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Filters {
    discipline: Option<String>,
    school: Option<String>,
    after: Option<String>,
}

impl Wanted {
    /// What `filters` ask of the gallery of `edition`, whose address is `base`.
    ///
    /// # Errors
    /// A discipline or a page that cannot be is a page that is not there.
    pub fn of(edition: &Edition, base: String, filters: &Filters) -> Result<Self, Problem> {
        let filled =
            |text: &Option<String>| text.clone().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let discipline = match filled(&filters.discipline) {
            Some(slug) => {
                let known = slug.parse().ok().filter(|slug| edition.discipline(slug).is_some());
                Some(known.ok_or_else(|| Problem::new(&NOT_FOUND, "There is no such discipline in this edition."))?)
            }
            None => None,
        };
        let after = match filled(&filters.after) {
            Some(cursor) => {
                Some(cursor.parse().map_err(|_| Problem::new(&NOT_FOUND, "There is no such page of the gallery."))?)
            }
            None => None,
        };
        let school_name = filled(&filters.school).unwrap_or_default();
        let school = school_key(&school_name)?;
        Ok(Self { base, discipline, school, school_name, after })
    }

    /// Everything of the current edition, from the newest on.
    fn all() -> Self {
        Self { base: links::gallery(), discipline: None, school: None, school_name: String::new(), after: None }
    }

    fn link(&self, after: Option<&Cursor>) -> String {
        links::feed(&self.base, self.discipline.as_ref(), self.school.as_ref(), after)
    }
}

/// The key of a school that is given as its key, its number or its name.
fn school_key(written: &str) -> Result<Option<SchoolKey>, Refusal> {
    if let Ok(key) = written.parse() {
        return Ok(Some(key));
    }
    Ok(School::named(written)?.map(|school| school.key()))
}

/// `GET /gallery`
pub async fn show(State(app): State<App>, Query(filters): Query<Filters>) -> Result<Response, Problem> {
    if let Some(edition) = app.editions.current().await? {
        return answer(&app, &edition, links::gallery(), &filters).await;
    }
    let page = feed::Page { photos: Vec::new(), next: None };
    app.page(StatusCode::OK, Cache::Head, &Gallery::of(None, &Wanted::all(), &page, &[], &app.config.site_origin))
}

/// `GET /{edition}/`
pub async fn of_edition(
    State(app): State<App>,
    Path(slug): Path<EditionSlug>,
    Query(filters): Query<Filters>,
) -> Result<Response, Problem> {
    let edition = app.editions.get(&slug).await?.ok_or(Refusal::UnknownEdition)?;
    answer(&app, &edition, links::edition(&slug), &filters).await
}

/// `GET /{edition}`: to the address with the slash.
pub async fn to_edition(State(app): State<App>, Path(slug): Path<String>) -> Result<Response, Problem> {
    let nothing = || Problem::new(&NOT_FOUND, "There is nothing at this address.");
    let slug: EditionSlug = slug.parse().map_err(|_| nothing())?;
    let edition = app.editions.get(&slug).await?.ok_or_else(nothing)?;
    Ok(Redirect::permanent(&links::edition(&edition.slug)).into_response())
}

async fn answer(app: &App, edition: &Edition, base: String, filters: &Filters) -> Result<Response, Problem> {
    let wanted = Wanted::of(edition, base, filters)?;
    let feed =
        Feed { edition: edition.slug.clone(), discipline: wanted.discipline.clone(), school: wanted.school.clone() };
    let page = app.feeds.page(&feed, edition.feed_shards, wanted.after.as_ref(), limits::PAGE_DEFAULT).await?;
    let all = app.editions.all().await?;
    let cache = if wanted.after.is_some() { Cache::Deep } else { Cache::Head };
    app.page(StatusCode::OK, cache, &Gallery::of(Some(edition), &wanted, &page, &all, &app.config.site_origin))
}
