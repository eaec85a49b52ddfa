//! `/s/{school}`: one school's photos, and what a school leader needs to thank and to tell: words for a newsletter, a certificate and a
//! sheet of photos to print.

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use serde::Deserialize;
use shared::{
    domain::{
        Edition,
        feed::{self, Cursor, FeedRow, Filter},
        limits,
        school::SchoolKey,
    },
    web::{Cache, Path, Problem, Query, problem::NOT_FOUND},
};

use super::{Page, photo::Link};
use crate::{
    App,
    frame::{Card, Frame, Nav},
    links, sample,
    share::{Count, Draft, Post},
    tile::{self, Tile, tiles},
    words,
};

/// Photos on a printed sheet.
const SHEET_PHOTOS: usize = 12;
/// Captions that the newsletter's words quote.
const QUOTED: usize = 3;

/// A school's page.
#[derive(Clone, Debug, Template)]
#[template(path = "school.html")]
pub struct School {
    /// What all pages share.
    pub frame: Frame,
    /// The school's name, as its latest photo has it.
    pub name: String,
    /// What its technicians did, in a sentence.
    pub lead: String,
    /// Its photos.
    pub tiles: Vec<Tile>,
    /// The way back to the newest.
    pub newest: Option<String>,
    /// The way on.
    pub older: Option<String>,
    /// Words for a newsletter; none on older pages.
    pub newsletter: Option<String>,
    /// Where to write a card of thanks.
    pub thanks: String,
    /// Where to share it.
    pub share: Vec<Draft>,
    /// What a post says of it.
    pub post: String,
    /// What can be printed.
    pub prints: Vec<Link>,
}

/// A certificate, or a sheet of photos: what is printed on one page of A4.
#[derive(Clone, Debug, Template)]
#[template(path = "print.html")]
pub struct Print {
    /// What all pages share.
    pub frame: Frame,
    /// Which of them it is.
    pub kind: PrintKind,
    /// The school's name.
    pub name: String,
    /// The edition's name.
    pub edition_name: String,
    /// Its day.
    pub day: String,
    /// How many photos, in words.
    pub photos: String,
    /// What they were of, in words; empty where no photo has a discipline.
    pub tasks: String,
    /// The photos, on the sheet.
    pub tiles: Vec<Tile>,
    /// The school's page, as people type it.
    pub address: String,
    /// The same as a code to scan.
    pub code: crate::code::Code,
    /// The way back.
    pub back: String,
}

/// What is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrintKind {
    /// Thanks, to hang up.
    Certificate,
    /// The photos.
    Sheet,
}

impl Page for School {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

impl Page for Print {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

impl School {
    /// The page of the school whose key is `key`: a page of its photos of `edition`, of which there is one at least.
    pub fn of(
        edition: &Edition,
        key: &SchoolKey,
        page: &feed::Page,
        after: Option<&Cursor>,
        site_origin: &str,
    ) -> Self {
        let (tiles, style) = tiles(Some(edition), &page.photos);
        let name = name(&page.photos, key);
        let address = format!("{site_origin}{}", links::school(key));
        let filter = Filter { school: Some(key.clone()), ..Filter::default() };
        let mut frame = Frame::public(name.clone(), Nav::None)
            .described(format!("The work of the technicians of {name}: photos of {}.", edition.name))
            .with_feed(Some(&edition.slug), &filter, &format!("{name}, {}", edition.name))
            .with_modules(&["js/gallery/gallery.js", "js/gallery/school.js"]);
        frame.canonical = format!("{site_origin}{}", links::school_after(key, after));
        frame.page_style = style;
        frame.card = Some(Card {
            kind: "website",
            title: format!("The technicians of {name}"),
            site_name: edition.name.clone(),
            published_iso: String::new(),
            image: page.photos.first().and_then(|row| tile::card_image(row, site_origin)),
        });
        let tasks = tasks(edition, &page.photos);
        let done = if tasks.is_empty() { "their work".to_owned() } else { tasks.clone() };
        let post =
            Post::new(Some(edition), format!("What the technicians of {name} do all year"), String::new(), &address);
        Self {
            frame,
            lead: format!("What the technicians here showed of {done}, in photos of {}.", edition.name),
            tiles,
            newest: after.map(|_| links::school(key)),
            older: page.next.as_ref().map(|next| links::school_after(key, Some(next))),
            newsletter: after.is_none().then(|| newsletter(edition, &name, &done, page, &address)),
            thanks: links::thanks(key),
            share: post.drafts(),
            post: post.text(usize::MAX, Count::Graphemes),
            prints: vec![
                Link { href: links::certificate(key), name: "Certificate".into() },
                Link { href: links::sheet(key), name: "Sheet of photos".into() },
            ],
            name,
        }
    }

    /// A school with a few photos.
    pub fn sample() -> Self {
        match (sample::edition(), "sample-academy".parse()) {
            (Some(edition), Ok(key)) => Self::of(&edition, &key, &sampled(), None, "https://photos.example"),
            (None, _) | (_, Err(_)) => Self {
                frame: Frame::default(),
                name: String::new(),
                lead: String::new(),
                tiles: Vec::new(),
                newest: None,
                older: None,
                newsletter: None,
                thanks: String::new(),
                share: Vec::new(),
                post: String::new(),
                prints: Vec::new(),
            },
        }
    }
}

impl Print {
    /// What is printed for the school whose key is `key`, from its newest photos of `edition`.
    pub fn of(kind: PrintKind, edition: &Edition, key: &SchoolKey, page: &feed::Page, site_origin: &str) -> Self {
        let rows = match kind {
            PrintKind::Certificate => &[],
            PrintKind::Sheet => &page.photos[..page.photos.len().min(SHEET_PHOTOS)],
        };
        let (tiles, style) = tiles(Some(edition), rows);
        let name = name(&page.photos, key);
        let title = match kind {
            PrintKind::Certificate => format!("Certificate for {name}"),
            PrintKind::Sheet => format!("The photos of {name}"),
        };
        let address = format!("{site_origin}{}", links::school(key));
        let mut frame = Frame::private(title, Nav::None)
            .with_styles(&["css/components/print.css"])
            .with_modules(&["js/gallery/print.js"]);
        frame.page_style = style;
        // More than one page of them: the number is then not known here.
        let photos = match page.next {
            Some(_) => format!("more than {}", words::counted(count(page), "photo")),
            None => words::counted(count(page), "photo"),
        };
        Self {
            frame,
            kind,
            name,
            edition_name: edition.name.clone(),
            day: words::day(edition.opens_at),
            photos,
            tasks: tasks(edition, &page.photos),
            tiles,
            code: crate::code::Code::of(&address),
            address: address.trim_start_matches("https://").trim_start_matches("http://").to_owned(),
            back: links::school(key),
        }
    }

    /// A certificate.
    pub fn sample_certificate() -> Self {
        Self::sampled(PrintKind::Certificate)
    }

    /// A sheet.
    pub fn sample_sheet() -> Self {
        Self::sampled(PrintKind::Sheet)
    }

    fn sampled(kind: PrintKind) -> Self {
        match (sample::edition(), "sample-academy".parse()) {
            (Some(edition), Ok(key)) => Self::of(kind, &edition, &key, &sampled(), "https://photos.example"),
            (None, _) | (_, Err(_)) => Self {
                frame: Frame::default(),
                kind,
                name: String::new(),
                edition_name: String::new(),
                day: String::new(),
                photos: String::new(),
                tasks: String::new(),
                tiles: Vec::new(),
                address: String::new(),
                code: crate::code::Code::default(),
                back: String::new(),
            },
        }
    }

    /// Whether it is the certificate.
    pub fn is_certificate(&self) -> bool {
        self.kind == PrintKind::Certificate
    }
}

/// A page of a school's photos that are plainly samples.
pub(super) fn sampled() -> feed::Page {
    let photos = sample::rows(12).into_iter();
    let here = photos.filter(|row| row.school.as_ref().is_some_and(|school| school.name == "Sample Academy"));
    feed::Page { photos: here.collect(), next: None }
}

/// The school's name as its latest photo has it.
pub(super) fn name(rows: &[FeedRow], key: &SchoolKey) -> String {
    let named = rows.first().and_then(|row| row.school.as_ref()).map(|school| school.name.clone());
    named.unwrap_or_else(|| key.to_string())
}

fn count(page: &feed::Page) -> i64 {
    i64::try_from(page.photos.len()).unwrap_or(i64::MAX)
}

/// The disciplines of these photos as words in a sentence: `science, food and ICT`.
fn tasks(edition: &Edition, rows: &[FeedRow]) -> String {
    let shown = |slug| rows.iter().any(|row| row.discipline.as_ref() == Some(slug));
    let other = |slug: &shared::domain::ids::DisciplineSlug| slug.as_str() == "other";
    let names: Vec<String> = edition
        .disciplines
        .iter()
        .filter(|discipline| shown(&discipline.slug) && !other(&discipline.slug))
        .map(|discipline| words::in_sentence(&discipline.name))
        .collect();
    words::listed(&names)
}

fn newsletter(edition: &Edition, name: &str, done: &str, page: &feed::Page, address: &str) -> String {
    let photos = match page.next {
        Some(_) => format!("more than {}", words::counted(count(page), "photo")),
        None => words::counted(count(page), "photo"),
    };
    let captions = page.photos.iter().map(|row| row.caption.as_str()).filter(|caption| !caption.is_empty());
    let captions: Vec<String> = captions.take(QUOTED).map(|caption| format!("“{caption}”")).collect();
    let quotes =
        if captions.is_empty() { String::new() } else { format!(" Some of their captions: {}.", captions.join("; ")) };
    format!(
        "{}, {}: the day on which technicians in UK schools and colleges show the work that usually nobody sees. Our technicians at \
         {name} sent {photos} of {done}.{quotes}\n\nSee them all at {address}. If one of them made your lesson work this year, tell them.",
        edition.name,
        words::day(edition.opens_at)
    )
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
    let after: Option<Cursor> = after.map(|text| text.parse()).transpose().map_err(|_| nothing())?;
    let (edition, key, page) = latest(&app, &key, after.as_ref()).await?;
    let school = School::of(&edition, &key, &page, after.as_ref(), &app.config.site_origin);
    app.page(StatusCode::OK, Cache::Deep, &school).await
}

/// `GET /s/{school}/certificate`
pub async fn certificate(State(app): State<App>, Path(key): Path<String>) -> Result<Response, Problem> {
    print(&app, &key, PrintKind::Certificate).await
}

/// `GET /s/{school}/sheet`
pub async fn sheet(State(app): State<App>, Path(key): Path<String>) -> Result<Response, Problem> {
    print(&app, &key, PrintKind::Sheet).await
}

async fn print(app: &App, key: &str, kind: PrintKind) -> Result<Response, Problem> {
    let (edition, key, page) = latest(app, key, None).await?;
    app.page(StatusCode::OK, Cache::Deep, &Print::of(kind, &edition, &key, &page, &app.config.site_origin)).await
}

/// A page of a school's photos, of the latest edition in which there are some.
pub(super) async fn latest(
    app: &App,
    key: &str,
    after: Option<&Cursor>,
) -> Result<(Edition, SchoolKey, feed::Page), Problem> {
    let key: SchoolKey = key.parse().map_err(|_| nothing())?;
    let filter = Filter { school: Some(key.clone()), ..Filter::default() };
    for edition in app.editions.all().await? {
        let page = app.gallery.page(&edition, &filter, after, limits::PAGE_DEFAULT).await?;
        if !page.photos.is_empty() {
            return Ok((edition, key, page));
        }
    }
    Err(nothing())
}

fn nothing() -> Problem {
    Problem::new(&NOT_FOUND, "No published photo names this school.")
}
