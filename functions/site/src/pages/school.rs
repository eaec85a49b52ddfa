//! `/s/{school}` and `/cy/s/{school}`: one school's photos, and what a school leader needs to thank the technicians and to tell others: a
//! text for a newsletter, a certificate, and a sheet of photos to print.

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
    pages::{
        Page,
        code::Code,
        format,
        lang::{Lang, filled},
        layout::{Card, Layout, Nav},
        links, sample,
        tile::{self, Tile, stacked, tiles},
    },
    web::{Cache, Path, Problem, Query, problem::NOT_FOUND},
};

use super::photo::Link;
use crate::{
    App,
    share::{Count, Draft, Post},
};

/// Number of photos on a printed sheet.
const SHEET_PHOTOS: usize = 12;
/// Number of captions that the text for a newsletter quotes.
const QUOTED: usize = 3;

/// The page of a school.
#[derive(Clone, Debug, Template)]
#[template(path = "school.html")]
pub struct School {
    /// The layout that all pages share.
    pub layout: Layout,
    /// The school's name, as its latest photo has it.
    pub name: String,
    /// What the school's technicians did, as a sentence.
    pub lead: String,
    /// The school's photos.
    pub tiles: Vec<Tile>,
    /// The address of the newest page; `None` on that page.
    pub newest: Option<String>,
    /// The address of the next page with older photos; `None` on the last page.
    pub older: Option<String>,
    /// A text for a newsletter; `None` on all pages but the first.
    pub newsletter: Option<String>,
    /// The address of the page that makes a thank-you card.
    pub thanks: String,
    /// The address of the wall with this school's photos only.
    pub wall: String,
    /// Links that share the page on social networks.
    pub share: Vec<Draft>,
    /// The text of a post about the page.
    pub post: String,
    /// Links to the pages to print.
    pub prints: Vec<Link>,
}

/// A page to print on one sheet of A4: a certificate, or a sheet of photos.
#[derive(Clone, Debug, Template)]
#[template(path = "print.html")]
pub struct Print {
    /// The layout that all pages share.
    pub layout: Layout,
    /// Which of the two it is.
    pub kind: PrintKind,
    /// The school's name.
    pub name: String,
    /// The edition's name.
    pub edition_name: String,
    /// The edition's date.
    pub day: String,
    /// In how many photos of which subjects the technicians showed their work, as the end of a sentence.
    pub shown: String,
    /// The photos on the sheet.
    pub tiles: Vec<Tile>,
    /// The address of the school's page, as people type it.
    pub address: String,
    /// The same address as a QR code.
    pub code: Code,
    /// The address to return to.
    pub back: String,
}

/// A page to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrintKind {
    /// A certificate of thanks to hang up.
    Certificate,
    /// A sheet of photos.
    Sheet,
}

impl Page for School {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Page for Print {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl School {
    /// Builds the page of the school with the key `key`. `page` holds at least one of its photos of `edition`.
    pub fn new(
        edition: &Edition,
        key: &SchoolKey,
        page: &feed::Page,
        after: Option<&Cursor>,
        lang: Lang,
        site_origin: &str,
    ) -> Self {
        let words = lang.words();
        let (tiles, style) = tiles(Some(edition), &page.photos, lang);
        let tiles = stacked(tiles, &page.photos, lang);
        let name = name(&page.photos, key);
        let facts = [("school", &*name), ("edition", &edition.name)];
        let here = links::school_after(key, after);
        let address = format!("{site_origin}{}", lang.address(&links::school(key)));
        let filter = Filter { school: Some(key.clone()), ..Filter::default() };
        let mut layout = Layout::public(name.clone(), Nav::None)
            .described(filled(words.school_description, &facts))
            .speaking(lang, &here)
            .with_feed(Some(&edition.slug), &filter, &format!("{name}, {}", edition.name))
            .with_modules(&["js/gallery/gallery.js", "js/gallery/school.js"]);
        layout.canonical = format!("{site_origin}{}", lang.address(&here));
        layout.page_style = style;
        layout.card = Some(Card {
            kind: "website",
            title: filled(words.technicians_of, &facts),
            site_name: edition.name.clone(),
            published_iso: String::new(),
            video: None,
            image: page.photos.first().and_then(|row| tile::card_image(row, lang, site_origin)),
        });
        let tasks = tasks(edition, &page.photos, lang);
        let work = if tasks.is_empty() { words.school_their_work } else { &tasks };
        let post = Post::new(Some(edition), filled(words.school_post, &facts), String::new(), &address);
        Self {
            layout,
            lead: filled(words.school_lead, &[("work", work), ("edition", &edition.name)]),
            tiles,
            newest: after.map(|_| links::school(key)),
            older: page.next.as_ref().map(|next| links::school_after(key, Some(next))),
            newsletter: after.is_none().then(|| newsletter(edition, &name, page, lang, &address)),
            thanks: links::thanks(key),
            wall: links::wall_of(key),
            share: post.drafts(),
            post: post.text(usize::MAX, Count::Graphemes),
            prints: vec![
                Link { href: links::certificate(key), name: words.certificate.into() },
                Link { href: links::sheet(key), name: words.sheet.into() },
            ],
            name,
        }
    }

    /// A sample of a school with a few photos.
    pub fn sample() -> Self {
        Self::sampled(Lang::En)
    }

    /// The same sample in Welsh.
    pub fn sample_welsh() -> Self {
        Self::sampled(Lang::Cy)
    }

    fn sampled(lang: Lang) -> Self {
        match (sample::edition(), "sample-academy".parse()) {
            (Some(edition), Ok(key)) => Self::new(&edition, &key, &sampled(), None, lang, "https://photos.example"),
            (None, _) | (_, Err(_)) => Self {
                layout: Layout::default(),
                name: String::new(),
                lead: String::new(),
                tiles: Vec::new(),
                newest: None,
                older: None,
                newsletter: None,
                thanks: String::new(),
                wall: String::new(),
                share: Vec::new(),
                post: String::new(),
                prints: Vec::new(),
            },
        }
    }
}

impl Print {
    /// Builds the page to print for the school with the key `key`, from its newest photos of `edition`.
    pub fn new(
        kind: PrintKind,
        edition: &Edition,
        key: &SchoolKey,
        page: &feed::Page,
        lang: Lang,
        site_origin: &str,
    ) -> Self {
        let words = lang.words();
        let rows = match kind {
            PrintKind::Certificate => &[],
            PrintKind::Sheet => &page.photos[..page.photos.len().min(SHEET_PHOTOS)],
        };
        let (tiles, style) = tiles(Some(edition), rows, lang);
        let name = name(&page.photos, key);
        let (title, here) = match kind {
            PrintKind::Certificate => (words.certificate_for, links::certificate(key)),
            PrintKind::Sheet => (words.sheet_of, links::sheet(key)),
        };
        let back = lang.address(&links::school(key));
        let address = format!("{site_origin}{back}");
        let mut layout = Layout::private(filled(title, &[("school", &name)]), Nav::None)
            .speaking(lang, &here)
            .with_styles(&["css/components/print.css"])
            .with_modules(&["js/gallery/print.js"]);
        layout.page_style = style;
        let day = lang.day(edition.opens_at);
        let photos = match &*tasks(edition, &page.photos, lang) {
            "" => photos(page, lang),
            work => filled(words.photos_of, &[("photos", &photos(page, lang)), ("work", work)]),
        };
        Self {
            layout,
            kind,
            name,
            edition_name: edition.name.clone(),
            shown: filled(words.certificate_words, &[("day", &day), ("photos", &photos)]),
            day,
            tiles,
            code: Code::new(&address),
            address: address.trim_start_matches("https://").trim_start_matches("http://").to_owned(),
            back,
        }
    }

    /// A sample of a certificate.
    pub fn sample_certificate() -> Self {
        Self::sampled(PrintKind::Certificate, Lang::En)
    }

    /// The same sample in Welsh.
    pub fn sample_certificate_welsh() -> Self {
        Self::sampled(PrintKind::Certificate, Lang::Cy)
    }

    /// A sample of a sheet of photos.
    pub fn sample_sheet() -> Self {
        Self::sampled(PrintKind::Sheet, Lang::En)
    }

    fn sampled(kind: PrintKind, lang: Lang) -> Self {
        match (sample::edition(), "sample-academy".parse()) {
            (Some(edition), Ok(key)) => Self::new(kind, &edition, &key, &sampled(), lang, "https://photos.example"),
            (None, _) | (_, Err(_)) => Self {
                layout: Layout::default(),
                kind,
                name: String::new(),
                edition_name: String::new(),
                day: String::new(),
                shown: String::new(),
                tiles: Vec::new(),
                address: String::new(),
                code: Code::default(),
                back: String::new(),
            },
        }
    }

    /// Whether it is the certificate.
    pub fn is_certificate(&self) -> bool {
        self.kind == PrintKind::Certificate
    }
}

/// A page of a school's photos that are recognisable as samples.
pub(super) fn sampled() -> feed::Page {
    let photos = sample::rows(12).into_iter();
    let here = photos.filter(|row| row.school.as_ref().is_some_and(|school| school.name == "Sample Academy"));
    feed::Page { photos: here.collect(), next: None, found: None }
}

/// Returns the school's name as its latest photo has it.
pub(super) fn name(rows: &[FeedRow], key: &SchoolKey) -> String {
    let named = rows.first().and_then(|row| row.school.as_ref()).map(|school| school.name.clone());
    named.unwrap_or_else(|| key.to_string())
}

/// Says how many photos a page has. If there are more pages, the total is not known here.
fn photos(page: &feed::Page, lang: Lang) -> String {
    let words = lang.words();
    let here = lang.counted(u64::try_from(page.photos.len()).unwrap_or(u64::MAX), &words.photos);
    if page.next.is_some() { filled(words.more_than, &[("photos", &here)]) } else { here }
}

/// Lists the disciplines of these photos as part of a sentence: `science, food and ICT`.
fn tasks(edition: &Edition, rows: &[FeedRow], lang: Lang) -> String {
    let shown = |slug| rows.iter().any(|row| row.discipline.as_ref() == Some(slug));
    let other = |slug: &shared::domain::ids::DisciplineSlug| slug.as_str() == "other";
    let names: Vec<String> = edition
        .disciplines
        .iter()
        .filter(|discipline| shown(&discipline.slug) && !other(&discipline.slug))
        .map(|discipline| format::in_sentence(lang.discipline(edition, discipline)))
        .collect();
    lang.listed(&names)
}

fn newsletter(edition: &Edition, name: &str, page: &feed::Page, lang: Lang, address: &str) -> String {
    let words = lang.words();
    let photos = photos(page, lang);
    let photos = match &*tasks(edition, &page.photos, lang) {
        "" => filled(words.photos_of_theirs, &[("photos", &photos)]),
        work => filled(words.photos_of, &[("photos", &photos), ("work", work)]),
    };
    let day = lang.day(edition.opens_at);
    let facts = [("edition", &*edition.name), ("day", &day), ("school", name), ("photos", &photos)];
    let mut text = filled(words.newsletter, &facts);
    let captions = page.photos.iter().map(|row| row.caption.as_str()).filter(|caption| !caption.is_empty());
    let captions: Vec<String> = captions.take(QUOTED).map(|caption| format!("“{caption}”")).collect();
    if !captions.is_empty() {
        text.extend([" ", &filled(words.newsletter_captions, &[("captions", &captions.join("; "))])]);
    }
    text.extend(["\n\n", &filled(words.newsletter_end, &[("address", address)])]);
    text
}

/// The query of a school's page. Unknown names are ignored, as in the gallery.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct After {
    after: Option<String>,
}

/// `GET /s/{school}` and `GET /cy/s/{school}`: shows the latest edition in which the school has photos.
pub async fn show(
    State(app): State<App>,
    lang: Lang,
    Path(key): Path<String>,
    Query(After { after }): Query<After>,
) -> Result<Response, Problem> {
    let after: Option<Cursor> = after.map(|text| text.parse()).transpose().map_err(|_| nothing())?;
    let (edition, key, page) = latest(&app, &key, after.as_ref()).await?;
    let school = School::new(&edition, &key, &page, after.as_ref(), lang, &app.site_origin);
    app.page(StatusCode::OK, Cache::Deep, &school).await
}

/// `GET /s/{school}/certificate` and `GET /cy/s/{school}/certificate`
pub async fn certificate(State(app): State<App>, lang: Lang, Path(key): Path<String>) -> Result<Response, Problem> {
    print(&app, &key, PrintKind::Certificate, lang).await
}

/// `GET /s/{school}/sheet` and `GET /cy/s/{school}/sheet`
pub async fn sheet(State(app): State<App>, lang: Lang, Path(key): Path<String>) -> Result<Response, Problem> {
    print(&app, &key, PrintKind::Sheet, lang).await
}

async fn print(app: &App, key: &str, kind: PrintKind, lang: Lang) -> Result<Response, Problem> {
    let (edition, key, page) = latest(app, key, None).await?;
    app.page(StatusCode::OK, Cache::Deep, &Print::new(kind, &edition, &key, &page, lang, &app.site_origin)).await
}

/// Reads a page of a school's photos from the latest edition that has any.
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

/// The answer for a school without photos.
pub(super) fn nothing() -> Problem {
    Problem::new(&NOT_FOUND, "No published photo names this school.")
}
