//! `/feed.xml` and `/feed.json`: the newest photos for feed readers, newsletters and other programs, as RSS 2.0 with Media RSS and as JSON
//! Feed 1.1. Both take the filters of `GET /api/v1/photos`.

use askama::Template;
use axum::{extract::State, response::IntoResponse};
use http::header;
use serde_json::json;
use shared::{
    domain::{
        Edition,
        feed::FeedRow,
        keys::public_path,
        limits::{self, VIDEO_TYPE},
        photo::Rendition,
        states::Kind,
        time,
        video::FILM_NAME,
    },
    web::{Cache, Problem, Query},
};

use crate::{
    App,
    handlers::{FeedQuery, named_edition},
};

/// Longest edge of the image that a feed reader shows, in pixels.
const SHOWN_EDGE_PX: u32 = 1280;
/// Longest edge of its thumbnail, in pixels.
const THUMBNAIL_EDGE_PX: u32 = 320;

/// The values that the RSS template prints.
#[derive(Debug, Template)]
#[template(path = "feed.xml")]
struct Rss {
    title: String,
    home: String,
    address: String,
    built: String,
    items: Vec<Item>,
}

/// One photo in the RSS feed.
#[derive(Debug)]
struct Item {
    title: String,
    description: String,
    page: String,
    published: String,
    credit: String,
    discipline: Option<String>,
    alt: String,
    picture: Picture,
    thumbnail: Picture,
    film: Option<Film>,
}

/// The file of a video.
#[derive(Debug)]
struct Film {
    url: String,
    bytes: u64,
    duration_s: u32,
}

#[derive(Debug, Default)]
struct Picture {
    url: String,
    width: u32,
    height: u32,
    bytes: u64,
}

/// Returns a photo's title: its caption, or a substitute that names its school.
pub fn title(row: &FeedRow) -> String {
    match (&row.caption, &row.school) {
        (caption, _) if !caption.is_empty() => caption.clone(),
        (_, Some(school)) => format!("A {} from {}", kind(row), school.name),
        (_, None) => format!("A {} without a caption", kind(row)),
    }
}

fn kind(row: &FeedRow) -> &'static str {
    match row.kind {
        Kind::Photo => "photo",
        Kind::Video => "video",
    }
}

/// Escapes a text for HTML: RSS readers take a description for HTML after they have unescaped the XML.
fn as_markup(words: &str) -> String {
    words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Returns the JPEG whose longest edge is nearest to `edge` pixels; `None` if there is no JPEG.
pub fn nearest(row: &FeedRow, edge: u32) -> Option<&Rendition> {
    let jpegs = row.renditions.iter().filter(|rendition| rendition.content_type() == "image/jpeg");
    jpegs
        .filter(|rendition| rendition.is_whole())
        .min_by_key(|rendition| rendition.width.max(rendition.height).abs_diff(edge))
}

impl Picture {
    fn new(row: &FeedRow, edge: u32, site: &str) -> Self {
        nearest(row, edge).map_or_else(Self::default, |rendition| Self {
            url: format!("{site}{}", public_path(&row.id, &row.revision, &rendition.name)),
            width: rendition.width,
            height: rendition.height,
            bytes: rendition.bytes,
        })
    }
}

impl Item {
    fn new(row: &FeedRow, edition: &Edition, site: &str) -> Self {
        let school = row.school.as_ref().map(|school| school.name.as_str()).unwrap_or_default();
        let credit = [row.credit.as_str(), school].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
        let discipline = row.discipline.as_ref().and_then(|slug| edition.discipline(slug));
        Self {
            title: title(row),
            description: as_markup(&title(row)),
            page: format!("{site}/p/{}", row.id),
            // RFC 2822, in UTC.
            published: row.published_at.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string(),
            credit: credit.join(", "),
            discipline: discipline.map(|discipline| discipline.name.clone()),
            alt: if row.alt.is_empty() { title(row) } else { row.alt.clone() },
            picture: Picture::new(row, SHOWN_EDGE_PX, site),
            thumbnail: Picture::new(row, THUMBNAIL_EDGE_PX, site),
            film: row.film.as_ref().map(|film| Film {
                url: format!("{site}{}", public_path(&row.id, &row.revision, FILM_NAME)),
                bytes: film.bytes,
                duration_s: film.duration_ms.div_ceil(1_000),
            }),
        }
    }
}

/// `GET /feed.xml`
pub async fn rss(State(app): State<App>, Query(query): Query<FeedQuery>) -> Result<impl IntoResponse, Problem> {
    let (edition, rows) = newest(&app, &query).await?;
    let site = &app.site_origin;
    let feed = Rss {
        title: edition.name.clone(),
        home: format!("{site}/{}/", edition.slug),
        address: format!("{site}/feed.xml"),
        built: app.clock.now().strftime("%a, %d %b %Y %H:%M:00 +0000").to_string(),
        items: rows.iter().map(|row| Item::new(row, &edition, site)).collect(),
    };
    let text = feed.render().map_err(|error| shared::store::Fault::broken("write feed", error.to_string()))?;
    Ok((Cache::Deep, [(header::CONTENT_TYPE, "application/rss+xml; charset=utf-8")], text))
}

/// `GET /feed.json`
pub async fn json(State(app): State<App>, Query(query): Query<FeedQuery>) -> Result<impl IntoResponse, Problem> {
    let (edition, rows) = newest(&app, &query).await?;
    let site = &app.site_origin;
    let items = rows.iter().map(|row| {
        let item = Item::new(row, &edition, site);
        let film = item.film.iter().map(|film| {
            let Film { url, bytes, duration_s } = film;
            json!({"url": url, "mime_type": VIDEO_TYPE, "size_in_bytes": bytes, "duration_in_seconds": duration_s})
        });
        let picture = json!({
            "url": item.picture.url, "mime_type": "image/jpeg", "title": item.alt, "size_in_bytes": item.picture.bytes,
        });
        let attachments: Vec<_> = [picture].into_iter().chain(film).collect();
        json!({
            "id": item.page,
            "url": item.page,
            "title": item.title,
            "content_text": format!("{}\n{}", item.title, item.credit).trim_end(),
            "image": item.picture.url,
            "date_published": time::rfc3339(row.published_at),
            "authors": if item.credit.is_empty() { json!([]) } else { json!([{"name": item.credit}]) },
            "tags": item.discipline.into_iter().collect::<Vec<_>>(),
            "attachments": attachments,
        })
    });
    let feed = json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": edition.name,
        "home_page_url": format!("{site}/{}/", edition.slug),
        "feed_url": format!("{site}/feed.json"),
        "language": "en-GB",
        "items": items.collect::<Vec<_>>(),
    });
    Ok((Cache::Deep, [(header::CONTENT_TYPE, "application/feed+json; charset=utf-8")], feed.to_string()))
}

async fn newest(app: &App, query: &FeedQuery) -> Result<(Edition, Vec<FeedRow>), Problem> {
    let edition = named_edition(app, query.edition()).await?;
    let page = app.gallery.page(&edition, &query.filter()?, None, limits::PAGE_MAX).await?;
    Ok((edition, page.photos))
}
