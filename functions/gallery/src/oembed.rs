//! `GET /oembed`: says how other sites show an address of this site, by oEmbed 1.0. A photo's page is shown as an image; that of a gallery
//! or of a school as a frame of this site. There is JSON only: section 2.3.3 of the specification says 501 for other formats.
//!
//! Decision: unlike the API, unknown names in the query are ignored: consumers add their own.

use axum::{extract::State, response::IntoResponse};
use serde::{Deserialize, Deserializer, de::Error};
use serde_json::{Value, json};
use shared::{
    domain::{
        Edition, PhotoId, Refusal,
        feed::{self, FeedRow},
        ids::EditionSlug,
        keys::public_path,
        photo::Rendition,
        school::SchoolKey,
        text,
    },
    web::{
        Cache, Json, Problem, Query,
        problem::{FORMAT_NOT_OFFERED, NOT_FOUND},
    },
};

use crate::{App, syndication};

/// Longest edge of the image if the consumer names no limit, in pixels.
const LARGEST_PX: u32 = 1280;
/// Width and height of a frame if the consumer names no limit, in pixels.
const FRAME_PX: (u32, u32) = (640, 480);
/// Seconds for which a consumer may keep an answer. It is short, because a removed photo should not remain on other sites.
const KEPT_SECONDS: u32 = 300;

/// The query of an oEmbed request.
#[derive(Debug, Deserialize)]
pub struct OembedQuery {
    url: String,
    #[serde(default, deserialize_with = "limit")]
    maxwidth: Option<u32>,
    #[serde(default, deserialize_with = "limit")]
    maxheight: Option<u32>,
    format: Option<String>,
}

/// Reads a limit in pixels. Some consumers send the name without a value: that is no limit.
fn limit<'de, D: Deserializer<'de>>(value: D) -> Result<Option<u32>, D::Error> {
    let text: String = Deserialize::deserialize(value)?;
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(D::Error::custom) }
}

/// What an address of this site shows.
#[derive(Debug, PartialEq, Eq)]
enum Target {
    Photo(PhotoId),
    School(SchoolKey),
    Edition(Option<EditionSlug>),
}

/// `GET /oembed`
pub async fn oembed(State(app): State<App>, Query(query): Query<OembedQuery>) -> Result<impl IntoResponse, Problem> {
    if let Some(format) = query.format.as_deref().filter(|format| !matches!(*format, "" | "json")) {
        let got = text::shorten(format);
        let detail = format!("The format is {got}; only json is offered.");
        return Err(Problem::new(&FORMAT_NOT_OFFERED, detail).with(json!({"got": got})));
    }
    let nothing = || Problem::new(&NOT_FOUND, "That address is not a page of this site.");
    let target = target(&query.url, &app.site_origin).ok_or_else(nothing)?;
    let answer = match target {
        Target::Photo(id) => {
            let row = feed::public(app.photos.get(&id).await?.as_ref())?;
            let edition = app.editions.get(&row.edition).await?;
            photo_answer(&row, edition.as_ref(), &query, &app.site_origin).ok_or_else(nothing)?
        }
        Target::School(key) => {
            let edition = app.editions.current().await?.ok_or(Refusal::UnknownEdition)?;
            frame(&edition.name, &format!("{}/embed/gallery?school={key}", app.site_origin), &edition, &query, &app)
        }
        Target::Edition(slug) => {
            let edition = match &slug {
                Some(slug) => app.editions.get(slug).await?,
                None => app.editions.current().await?,
            };
            let edition = edition.ok_or_else(nothing)?;
            let address = format!("{}/embed/gallery?edition={}", app.site_origin, edition.slug);
            frame(&edition.name, &address, &edition, &query, &app)
        }
    };
    Ok((Cache::Deep, Json(answer)))
}

/// Parses an address in any language; `None` if it is not on this site, or is a page that other sites cannot show.
fn target(url: &str, site: &str) -> Option<Target> {
    let path = url.strip_prefix(site)?.split(['?', '#']).next()?;
    let path = path.trim_matches('/');
    let path = path.strip_prefix("cy").filter(|rest| rest.is_empty() || rest.starts_with('/')).unwrap_or(path);
    let mut parts = path.trim_start_matches('/').split('/');
    let target = match (parts.next()?, parts.next()) {
        ("p", Some(id)) => Target::Photo(id.parse().ok()?),
        ("s", Some(key)) => Target::School(key.parse().ok()?),
        ("" | "gallery", None) => Target::Edition(None),
        (slug, None) => Target::Edition(Some(slug.parse().ok()?)),
        (_, Some(_)) => return None,
    };
    parts.next().is_none().then_some(target)
}

fn photo_answer(row: &FeedRow, edition: Option<&Edition>, query: &OembedQuery, site: &str) -> Option<Value> {
    let (widest, highest) = (query.maxwidth.unwrap_or(LARGEST_PX), query.maxheight.unwrap_or(LARGEST_PX));
    let fits = |rendition: &&Rendition| rendition.width <= widest && rendition.height <= highest;
    let jpegs = || row.renditions.iter().filter(|r| r.content_type() == "image/jpeg" && r.is_whole());
    let smallest = jpegs().min_by_key(|r| r.width)?;
    let rendition = jpegs().filter(fits).max_by_key(|r| r.width).unwrap_or(smallest);
    // If even the smallest file exceeds the limit, it is shown scaled down.
    let scale = |side: u32| {
        let part = |limit: u32, of: u32| f64::from(limit.min(of)) / f64::from(of.max(1));
        let factor = part(widest, rendition.width).min(part(highest, rendition.height));
        whole(f64::from(side) * factor)
    };
    let url = |rendition: &Rendition| format!("{site}{}", public_path(&row.id, &row.revision, &rendition.name));
    let school = row.school.as_ref().map(|school| school.name.as_str()).unwrap_or_default();
    let author = if row.credit.is_empty() { school } else { row.credit.as_str() };
    let mut answer = json!({
        "version": "1.0",
        "type": "photo",
        "title": syndication::title(row),
        "url": url(rendition),
        "width": scale(rendition.width),
        "height": scale(rendition.height),
        "web_page": format!("{site}/p/{}", row.id),
        "thumbnail_url": url(smallest),
        "thumbnail_width": smallest.width,
        "thumbnail_height": smallest.height,
        "provider_name": edition.map_or("#TECHOGNITION", |edition| edition.name.as_str()),
        "provider_url": site,
        "cache_age": KEPT_SECONDS,
    });
    if !author.is_empty() {
        answer["author_name"] = author.into();
    }
    Some(answer)
}

/// Rounds a length to whole pixels.
fn whole(side: f64) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "rounded, positive, and below a rendition's"
    )]
    let side = side.round() as u32;
    side.max(1)
}

fn frame(title: &str, address: &str, edition: &Edition, query: &OembedQuery, app: &App) -> Value {
    let width = query.maxwidth.unwrap_or(FRAME_PX.0).min(FRAME_PX.0);
    let height = query.maxheight.unwrap_or(FRAME_PX.1).min(FRAME_PX.1);
    // The address consists of slugs and keys only, but the title must be escaped for the attribute.
    let name = text::escape_html(title);
    let html = format!(
        "<iframe src=\"{address}\" width=\"{width}\" height=\"{height}\" title=\"{name}\" loading=\"lazy\" \
         referrerpolicy=\"no-referrer\"></iframe>"
    );
    json!({
        "version": "1.0",
        "type": "rich",
        "title": title,
        "html": html,
        "width": width,
        "height": height,
        "provider_name": edition.name,
        "provider_url": &*app.site_origin,
        "cache_age": KEPT_SECONDS,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_this_site_that_have_something_to_show_are_taken() {
        let site = "https://photos.example";
        let id = "aeaqcaibaeaqcaibaeaqcaibae";
        assert_eq!(target(&format!("{site}/p/{id}?x=1#y"), site), Some(Target::Photo(id.parse().unwrap())));
        assert_eq!(
            target(&format!("{site}/s/sample-academy"), site),
            Some(Target::School("sample-academy".parse().unwrap()))
        );
        assert_eq!(target(&format!("{site}/gallery"), site), Some(Target::Edition(None)));
        for (welsh, english) in [
            (format!("{site}/cy/p/{id}"), format!("{site}/p/{id}")),
            (format!("{site}/cy/gallery"), format!("{site}/gallery")),
            (format!("{site}/cy/2027/"), format!("{site}/2027/")),
            (format!("{site}/cy/"), format!("{site}/")),
            (format!("{site}/cy"), site.to_owned()),
        ] {
            assert!(target(&welsh, site).is_some(), "{welsh}");
            assert_eq!(target(&welsh, site), target(&english, site), "{welsh}");
        }
        assert_eq!(target(&format!("{site}/2027/"), site), Some(Target::Edition(Some("2027".parse().unwrap()))));
        for other in [
            "",
            "https://elsewhere.example/p/x",
            &format!("{site}/p/x/y"),
            &format!("{site}/p/{id}/z"),
            &format!("{site}.evil/p/{id}"),
        ] {
            assert_eq!(target(other, site), None, "{other}");
        }
    }
}
