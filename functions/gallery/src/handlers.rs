//! The handlers of the API calls, one for each.

use axum::{extract::State, response::IntoResponse};
use serde::Deserialize;
use shared::{
    domain::{
        Edition, PhotoId, Refusal,
        feed::{self, Cursor, Filter},
        ids::{DisciplineSlug, EditionSlug},
        limits,
        register::Search,
        school::{Nation, SchoolKey},
        text,
        time::HalfHour,
    },
    runtime::telemetry,
    web::{
        Cache, Json, Path, PhotoView, Problem, Query,
        extract::{optional, parameter},
    },
};
use utoipa::IntoParams;

use crate::{
    App,
    answers::{EditionView, Editions, EventView, FeedAnswer, SchoolView, SchoolsAnswer, StatsAnswer},
};

/// Longest search text, in characters.
const WORDS_MAX: usize = 200;

/// The query for published photos. Filters are combined: a photo must match all of them.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FeedQuery {
    /// The edition's slug; without it, the current edition.
    #[param(example = "2027")]
    edition: Option<String>,
    /// Only photos of this discipline, by its slug.
    #[param(example = "science")]
    discipline: Option<String>,
    /// Only photos from this nation's schools.
    #[param(example = "wales")]
    nation: Option<String>,
    /// Only photos of this school: its number in the register, or the key in the address of its page.
    #[param(example = "100000")]
    school: Option<String>,
    /// Only photos published in this half hour, given by its first minute in UTC.
    #[param(example = "2027-03-05T09:30Z")]
    half: Option<String>,
    /// If true, only photos that moderators picked as favourites of the day.
    picked: Option<bool>,
    /// Only photos whose caption, credit or school contains all these words, or words that begin with them.
    #[param(example = "crystals", max_length = 200)]
    q: Option<String>,
    /// Where the page begins: `next` of the page before.
    after: Option<String>,
    /// Largest number of photos: 1 to 48; without it, 24.
    #[param(minimum = 1, maximum = 48)]
    limit: Option<usize>,
}

/// The query for schools.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SchoolsQuery {
    /// The beginning of words in a school's name or town, or of its postcode: at most 100 characters.
    #[param(example = "sample ac", max_length = 100)]
    q: String,
}

/// Largest number of schools in one answer.
const SCHOOLS_MAX: usize = 10;
/// Longest search text, in characters.
const SEARCH_MAX: usize = 100;
/// The query: which edition.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EditionQuery {
    /// The edition's slug; without it, the current edition.
    #[param(example = "2027")]
    edition: Option<String>,
}

/// Describes the current edition.
///
/// The answer says when the edition opens and closes, what uploaders must agree to, and the limits of a photo. Read it before you register
/// photos, and use `server_time` as the clock: the clock of a phone may be wrong.
#[utoipa::path(get, path = "/api/v1/event", tag = "public", responses((status = 200, body = EventView)),
    extensions(("x-problems" = json!(["unknown-edition"]))))]
pub async fn event(State(app): State<App>) -> Result<impl IntoResponse, Problem> {
    let edition = app.editions.current().await?.ok_or(Refusal::UnknownEdition)?;
    Ok((Cache::Head, Json(EventView::new(edition, app.clock.now()))))
}

/// Lists all editions, latest first.
#[utoipa::path(get, path = "/api/v1/editions", tag = "public", responses((status = 200, body = Editions)))]
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

/// Lists published photos, newest first, one page at a time.
///
/// A photo must match every filter that you name. To read on, repeat the request with `next` as `after`; the last page has no `next`.
/// Photos that are published while you read on do not shift the pages.
#[utoipa::path(get, path = "/api/v1/photos", tag = "public", params(FeedQuery),
    responses((status = 200, body = FeedAnswer)), extensions(("x-problems" = json!(["invalid", "unknown-edition"]))))]
pub async fn list_photos(State(app): State<App>, Query(query): Query<FeedQuery>) -> Result<impl IntoResponse, Problem> {
    let limit = query.limit.unwrap_or(limits::PAGE_DEFAULT);
    if !(1..=limits::PAGE_MAX).contains(&limit) {
        let expected = format!("1 to {}", limits::PAGE_MAX);
        return Err(Refusal::Invalid { field: "limit", got: limit.to_string(), expected }.into());
    }
    let edition = named_edition(&app, query.edition.as_ref()).await?;
    let filter = query.filter()?;
    let after = optional::<Cursor>("after", query.after.as_ref())?;
    let page = app.gallery.page(&edition, &filter, after.as_ref(), limit).await?;
    let cache = if after.is_none() { Cache::Head } else { Cache::Deep };
    let answer = FeedAnswer {
        photos: page.photos.iter().map(PhotoView::from).collect(),
        next: page.next.map(|next| next.to_string()),
    };
    Ok((cache, Json(answer)))
}

/// Returns one published photo.
///
/// A photo that was published once but is not any more is answered with 410. One that was never published is answered with 404, as if it
/// did not exist.
#[utoipa::path(get, path = "/api/v1/photos/{id}", tag = "public", params(("id" = String, Path)),
    responses((status = 200, body = PhotoView)),
    extensions(("x-problems" = json!(["photo-not-found", "photo-withdrawn"]))))]
pub async fn get_photo(State(app): State<App>, Path(id): Path<String>) -> Result<impl IntoResponse, Problem> {
    let id: PhotoId = id.parse().map_err(|_| Refusal::PhotoNotFound)?;
    let photo = app.photos.get(&id).await?;
    if let Some(photo) = &photo {
        telemetry::about(photo);
    }
    let row = feed::public(photo.as_ref())?;
    Ok((Cache::Deep, Json(PhotoView::from(&row))))
}

/// Finds schools and colleges in the official registers.
///
/// The answer has at most ten, the best match first, and none for fewer than two letters or digits.
#[utoipa::path(get, path = "/api/v1/schools", tag = "public", params(SchoolsQuery),
    responses((status = 200, body = SchoolsAnswer)), extensions(("x-problems" = json!(["invalid"]))))]
pub async fn find_schools(
    State(app): State<App>,
    Query(query): Query<SchoolsQuery>,
) -> Result<impl IntoResponse, Problem> {
    if query.q.chars().count() > SEARCH_MAX {
        let expected = format!("at most {SEARCH_MAX} characters");
        return Err(Refusal::Invalid { field: "q", got: text::shorten(&query.q), expected }.into());
    }
    let found = match Search::new(&query.q) {
        Some(search) => app.schools.find(&search, SCHOOLS_MAX).await?,
        None => Vec::new(),
    };
    Ok((Cache::Text, Json(SchoolsAnswer { schools: found.into_iter().map(SchoolView::from).collect() })))
}

/// Returns the figures of an edition.
///
/// They count its published photos. Each figure says how it was counted.
#[utoipa::path(get, path = "/api/v1/stats", tag = "public", params(EditionQuery),
    responses((status = 200, body = StatsAnswer)), extensions(("x-problems" = json!(["invalid", "unknown-edition"]))))]
pub async fn stats(State(app): State<App>, Query(query): Query<EditionQuery>) -> Result<impl IntoResponse, Problem> {
    let edition = named_edition(&app, query.edition.as_ref()).await?;
    let stats = app.gallery.stats(&edition).await?;
    Ok((Cache::Deep, Json(StatsAnswer::new(&edition, stats, app.clock.now()))))
}

impl FeedQuery {
    /// Reads the filters of the query.
    pub fn filter(&self) -> Result<Filter, Problem> {
        if let Some(words) = self.q.as_ref().filter(|words| words.chars().count() > WORDS_MAX) {
            let expected = format!("at most {WORDS_MAX} characters");
            return Err(Refusal::Invalid { field: "q", got: text::shorten(words), expected }.into());
        }
        Ok(Filter {
            discipline: optional::<DisciplineSlug>("discipline", self.discipline.as_ref())?,
            nation: optional::<Nation>("nation", self.nation.as_ref())?,
            school: optional::<SchoolKey>("school", self.school.as_ref())?,
            half: optional::<HalfHour>("half", self.half.as_ref())?,
            picked: self.picked.unwrap_or_default(),
            words: self.q.as_deref().unwrap_or_default().parse().unwrap_or_default(),
        })
    }

    /// Returns the slug of the edition that the query names; `None` if it names none.
    pub fn edition(&self) -> Option<&String> {
        self.edition.as_ref()
    }
}

/// Reads the edition with this slug, or the current one without a slug.
pub async fn named_edition(app: &App, slug: Option<&String>) -> Result<Edition, Problem> {
    let edition = match slug {
        Some(slug) => app.editions.get(&parameter::<EditionSlug>("edition", slug)?).await?,
        None => app.editions.current().await?,
    };
    Ok(edition.ok_or(Refusal::UnknownEdition)?)
}
