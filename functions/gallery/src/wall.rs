//! `GET /api/v1/wall`: what changed on the wall; every wall asks for it every five seconds.
//!
//! Walls that are up to date send the same request, so the edge answers all of them with one answer in five seconds, however many there
//! are.

use axum::{extract::State, response::IntoResponse};
use serde::{Deserialize, Serialize};
use shared::{
    domain::Refusal,
    store::wall_feed::Changes,
    web::{Cache, Json, PhotoView, Problem, Query},
};
use utoipa::{IntoParams, ToSchema};

use crate::{App, answers::SponsorView};

/// The query: changes since when.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WallQuery {
    /// `seq` of the answer before; without it, the answer has all photos.
    #[param(minimum = 0)]
    since: Option<i64>,
}

/// The changes on the wall.
#[derive(Serialize, ToSchema)]
pub struct WallAnswer {
    /// The slug of the edition. If it differs from the one before, forget all photos.
    pub edition: String,
    /// The value of `since` for the next request.
    pub seq: i64,
    /// Whether `photos` is complete: if so, remove every other photo.
    pub whole: bool,
    /// Photos to show, newest first. Some may be known already.
    pub photos: Vec<PhotoView>,
    /// Ids of photos to remove.
    pub gone: Vec<String>,
    /// Number of photos on the site.
    pub count: u64,
    /// Messages from the organiser to show now; empty for most of the day.
    pub announcements: Vec<String>,
    /// Sponsors, as slides to show between the photos.
    pub slides: Vec<SponsorView>,
}

/// Returns the changes on the wall.
///
/// A wall sends its first request without `since`, and then one every five seconds with the `seq` of the answer before. It shows the photos
/// in `photos` and removes every photo that is in `gone`.
#[utoipa::path(get, path = "/api/v1/wall", tag = "public", params(WallQuery),
    responses((status = 200, body = WallAnswer)), extensions(("x-problems" = json!(["invalid", "unknown-edition"]))))]
pub async fn wall(State(app): State<App>, Query(query): Query<WallQuery>) -> Result<impl IntoResponse, Problem> {
    if let Some(since) = query.since.filter(|since| *since < 0) {
        let expected = "the `seq` of an answer, which is 0 or more".to_owned();
        return Err(Refusal::Invalid { field: "since", got: since.to_string(), expected }.into());
    }
    let edition = app.editions.current().await?.ok_or(Refusal::UnknownEdition)?;
    let changes = app.walls.changes(&edition, query.since, app.clock.now()).await?;
    let count = app.counters.total(&edition.slug, "published").await?;
    let slides = SponsorView::all(&edition);
    let Changes { seq, whole, photos, gone } = changes;
    let answer = WallAnswer {
        edition: edition.slug.to_string(),
        seq,
        whole,
        photos: photos.iter().map(PhotoView::from).collect(),
        gone: gone.iter().map(ToString::to_string).collect(),
        count: u64::try_from(count).unwrap_or_default(),
        announcements: edition.day.banner.into_iter().map(|banner| banner.text).collect(),
        slides,
    };
    Ok((Cache::Head, Json(answer)))
}
