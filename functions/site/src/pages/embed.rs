//! `/embed/p/{id}` and `/embed/gallery`: what other sites show of this site in a frame. It has no script, and nothing to press except
//! links, which open the page on this site.

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use serde::Deserialize;
use shared::{
    domain::{
        Edition, PhotoId, Refusal,
        feed::{self, FeedRow, Filter},
        ids::EditionSlug,
        school::SchoolKey,
    },
    pages::{
        Page,
        lang::Lang,
        layout::{Framed, Layout, Nav},
        links, sample,
        tile::{self, Tile, tiles},
    },
    web::{Cache, Path, Problem, Query, problem::NOT_FOUND},
};

use crate::App;

/// Number of photos in the frame of a gallery.
const PHOTOS: usize = 12;

/// The page that is shown in a frame.
#[derive(Clone, Debug, Template)]
#[template(path = "embed.html")]
pub struct Embed {
    /// The layout that all pages share.
    pub layout: Layout,
    /// The heading.
    pub heading: String,
    /// Whether it is a single photo, shown uncropped.
    pub alone: bool,
    /// The photos.
    pub tiles: Vec<Tile>,
    /// The address of the page on the site.
    pub page: String,
    /// The text of the link to that page.
    pub more: String,
    /// The address at which the photo is reported; `None` if there are several photos.
    pub report: Option<String>,
}

impl Page for Embed {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Embed {
    /// Builds the frame of one photo.
    pub fn photo(edition: Option<&Edition>, row: &FeedRow) -> Self {
        let (tiles, _) = tiles(edition, std::slice::from_ref(row), Lang::En);
        let mut layout = framed(tile::title(row, Lang::En));
        layout.page_style = Some(tile::alone(row));
        let edition_name = edition.map_or_else(|| row.edition.to_string(), |edition| edition.name.clone());
        Self {
            layout,
            heading: tile::title(row, Lang::En),
            alone: true,
            tiles,
            page: links::photo(&row.id),
            more: format!("See it on {edition_name}"),
            report: Some(links::report(&row.id)),
        }
    }

    /// Builds the frame of the newest photos of an edition, or of one of its schools.
    pub fn gallery(edition: &Edition, school: Option<&SchoolKey>, rows: &[FeedRow]) -> Self {
        let (tiles, style) = tiles(Some(edition), rows, Lang::En);
        let tiles = tile::stacked(tiles, rows, Lang::En);
        let name = school.and_then(|_| rows.first()?.school.as_ref()).map(|school| school.name.clone());
        let heading = name.map_or_else(|| edition.name.clone(), |name| format!("{name}, {}", edition.name));
        let mut layout = framed(heading.clone());
        layout.page_style = style;
        Self {
            layout,
            heading,
            alone: false,
            tiles,
            page: school.map_or_else(|| links::edition(&edition.slug), links::school),
            more: "See all photos".to_owned(),
            report: None,
        }
    }

    /// A sample of one photo.
    pub fn sample_photo() -> Self {
        let rows = sample::rows(6);
        rows.last().map_or_else(Self::nothing, |row| Self::photo(sample::edition().as_ref(), row))
    }

    /// A sample of a gallery.
    pub fn sample_gallery() -> Self {
        sample::edition().map_or_else(Self::nothing, |edition| Self::gallery(&edition, None, &sample::rows(PHOTOS)))
    }

    /// The sample to use if the shipped settings cannot be read; a test rules that out.
    fn nothing() -> Self {
        Self {
            layout: Layout::default(),
            heading: String::new(),
            alone: false,
            tiles: Vec::new(),
            page: links::gallery(),
            more: String::new(),
            report: None,
        }
    }
}

fn framed(title: String) -> Layout {
    let mut layout = Layout::private(title, Nav::None).with_styles(&["css/components/embed.css"]);
    layout.framed = Framed::Anywhere;
    layout
}

/// The query: which photos to show.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Which {
    edition: Option<String>,
    school: Option<String>,
}

/// `GET /embed/p/{id}`
pub async fn photo(State(app): State<App>, Path(id): Path<String>) -> Result<Response, Problem> {
    let id: PhotoId = id.parse().map_err(|_| Refusal::PhotoNotFound)?;
    let row = feed::public(app.photos.get(&id).await?.as_ref())?;
    let edition = app.editions.get(&row.edition).await?;
    app.page(StatusCode::OK, Cache::Deep, &Embed::photo(edition.as_ref(), &row)).await
}

/// `GET /embed/gallery`: the newest photos of the current or the named edition, or of a school's latest edition.
pub async fn gallery(State(app): State<App>, Query(which): Query<Which>) -> Result<Response, Problem> {
    let nothing = || Problem::new(&NOT_FOUND, "There is nothing to show in a frame at this address.");
    let slug: Option<EditionSlug> = which.edition.map(|slug| slug.parse()).transpose().map_err(|_| nothing())?;
    let school: Option<SchoolKey> = which.school.map(|key| key.parse()).transpose().map_err(|_| nothing())?;
    let filter = Filter { school: school.clone(), ..Filter::default() };
    let mut first = None;
    for edition in app.editions.all().await? {
        if slug.as_ref().is_some_and(|slug| *slug != edition.slug) {
            continue;
        }
        let photos = app.gallery.page(&edition, &filter, None, PHOTOS).await?.photos;
        // A school is shown only with photos; an edition is shown even without any.
        if school.is_none() || !photos.is_empty() {
            first = Some((edition, photos));
            break;
        }
    }
    let (edition, photos) = first.ok_or_else(nothing)?;
    app.page(StatusCode::OK, Cache::Deep, &Embed::gallery(&edition, school.as_ref(), &photos)).await
}
