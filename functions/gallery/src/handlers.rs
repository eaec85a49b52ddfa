//! One handler per call.

use axum::{extract::State, response::IntoResponse};
use serde::Deserialize;
use shared::{
    domain::{
        PhotoId, Refusal,
        feed::{self, Cursor, Feed},
        ids::{DisciplineSlug, EditionSlug},
        limits,
        register::Search,
        request::shorten,
        school::SchoolKey,
    },
    web::{Cache, Json, Path, PhotoView, Problem, Query},
};
use utoipa::IntoParams;

use crate::{
    App,
    answers::{EditionView, Editions, EventView, FeedAnswer, SchoolView, SchoolsAnswer},
};

/// Which page of which feed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FeedQuery {
    /// The edition; the current one if none is named.
    #[param(example = "2027")]
    edition: Option<String>,
    /// Only this discipline.
    #[param(example = "science")]
    discipline: Option<String>,
    /// Only this school: its number, or the key that its page has.
    #[param(example = "100000")]
    school: Option<String>,
    /// Where the page starts: `next` of the page before.
    after: Option<String>,
    /// How many photos, 1 to 48; 24 if not named.
    #[param(minimum = 1, maximum = 48)]
    limit: Option<usize>,
}

/// What is looked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SchoolsQuery {
    /// The beginning of words of a school's name or town, or of its postcode; at most 100 characters.
    #[param(example = "sample ac", max_length = 100)]
    q: String,
}

/// Schools of one answer.
const SCHOOLS_MAX: usize = 10;
/// Characters of what is looked for.
const SEARCH_MAX: usize = 100;

/// The edition that the site is about.
#[utoipa::path(get, path = "/api/v1/event", tag = "public",
    responses((status = 200, body = EventView), (status = "4XX", response = shared::web::openapi::Refused)))]
pub async fn event(State(app): State<App>) -> Result<impl IntoResponse, Problem> {
    let edition = app.editions.current().await?.ok_or(Refusal::UnknownEdition)?;
    Ok((Cache::Head, Json(EventView::of(edition, app.clock.now()))))
}

/// All editions, the latest first.
#[utoipa::path(get, path = "/api/v1/editions", tag = "public",
    responses((status = 200, body = Editions), (status = "4XX", response = shared::web::openapi::Refused)))]
pub async fn editions(State(app): State<App>) -> Result<impl IntoResponse, Problem> {
    let mut editions = Vec::new();
    for edition in app.editions.all().await? {
        let photos = app.counters.total(&edition.slug, "published").await?;
        editions.push(EditionView {
            slug: edition.slug.to_string(),
            name: edition.name,
            opens_at: edition.opens_at,
            closes_at: edition.closes_at,
            photos: u64::try_from(photos).unwrap_or_default(),
        });
    }
    Ok((Cache::Deep, Json(Editions { editions })))
}

/// One page of published photos, newest first.
#[utoipa::path(get, path = "/api/v1/photos", tag = "public", params(FeedQuery),
    responses((status = 200, body = FeedAnswer), (status = "4XX", response = shared::web::openapi::Refused)))]
pub async fn list_photos(State(app): State<App>, Query(query): Query<FeedQuery>) -> Result<impl IntoResponse, Problem> {
    let edition = match &query.edition {
        Some(slug) => app.editions.get(&parameter::<EditionSlug>("edition", slug)?).await?,
        None => app.editions.current().await?,
    };
    let edition = edition.ok_or(Refusal::UnknownEdition)?;
    let limit = query.limit.unwrap_or(limits::PAGE_DEFAULT);
    if !(1..=limits::PAGE_MAX).contains(&limit) {
        let expected = format!("1 to {}", limits::PAGE_MAX);
        return Err(Refusal::Invalid { field: "limit", got: limit.to_string(), expected }.into());
    }
    let feed = Feed {
        edition: edition.slug.clone(),
        discipline: optional::<DisciplineSlug>("discipline", query.discipline.as_ref())?,
        school: optional::<SchoolKey>("school", query.school.as_ref())?,
    };
    let after = optional::<Cursor>("after", query.after.as_ref())?;
    let page = app.feeds.page(&feed, edition.feed_shards, after.as_ref(), limit).await?;
    let cache = if after.is_none() { Cache::Head } else { Cache::Deep };
    let answer = FeedAnswer {
        photos: page.photos.iter().map(PhotoView::from).collect(),
        next: page.next.map(|next| next.to_string()),
    };
    Ok((cache, Json(answer)))
}

/// One published photo. One that was published and is so no more answers 410; one that never was, 404.
#[utoipa::path(get, path = "/api/v1/photos/{id}", tag = "public", params(("id" = String, Path)),
    responses((status = 200, body = PhotoView), (status = "4XX", response = shared::web::openapi::Refused)))]
pub async fn get_photo(State(app): State<App>, Path(id): Path<String>) -> Result<impl IntoResponse, Problem> {
    let id: PhotoId = id.parse().map_err(|_| Refusal::PhotoNotFound)?;
    let photo = app.photos.get(&id).await?.ok_or(Refusal::PhotoNotFound)?;
    let row = feed::public(&photo)?;
    Ok((Cache::Deep, Json(PhotoView::from(&row))))
}

/// Schools and colleges of the official registers by what somebody types. Fewer than two telling characters find none.
#[utoipa::path(get, path = "/api/v1/schools", tag = "public", params(SchoolsQuery),
    responses((status = 200, body = SchoolsAnswer), (status = "4XX", response = shared::web::openapi::Refused)))]
pub async fn find_schools(
    State(app): State<App>,
    Query(query): Query<SchoolsQuery>,
) -> Result<impl IntoResponse, Problem> {
    if query.q.chars().count() > SEARCH_MAX {
        let expected = format!("at most {SEARCH_MAX} characters");
        return Err(Refusal::Invalid { field: "q", got: shorten(&query.q), expected }.into());
    }
    let found = match Search::of(&query.q) {
        Some(search) => app.schools.find(&search, SCHOOLS_MAX).await?,
        None => Vec::new(),
    };
    Ok((Cache::Text, Json(SchoolsAnswer { schools: found.into_iter().map(SchoolView::from).collect() })))
}

/// Reads one query parameter.
fn parameter<T: std::str::FromStr<Err: std::fmt::Display>>(field: &'static str, text: &str) -> Result<T, Problem> {
    text.parse().map_err(|error: T::Err| {
        let expected = error.to_string().trim_start_matches("not ").to_owned();
        Refusal::Invalid { field, got: shorten(text), expected }.into()
    })
}

fn optional<T: std::str::FromStr<Err: std::fmt::Display>>(
    field: &'static str,
    text: Option<&String>,
) -> Result<Option<T>, Problem> {
    text.map(|text| parameter(field, text)).transpose()
}
