//! Calls about the queue, and decisions about the photos in it.

use axum::extract::State;
use futures::{StreamExt, stream};
use serde::Deserialize;
use shared::{
    domain::{Lane, Refusal, change::Change, limits, people::Member, states::Decision},
    store::queue::LaneWaiting,
    web::{Json, Problem, Query, SignedIn},
};
use utoipa::IntoParams;

use super::{
    answers::{
        Decided, DecisionRequest, DecisionsAnswer, DecisionsRequest, LaneAnswer, QueueAnswer, QueuePhoto, WaitingAnswer,
    },
    decide::commit,
    items,
};
use crate::App;

/// How many decisions of one request are carried out concurrently.
const SIDE_BY_SIDE: usize = 6;

/// The query: which lane of the queue, and how many photos.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct QueueQuery {
    /// The lane; without it, `normal`.
    #[serde(default)]
    lane: Lane,
    /// Largest number of photos: 1 to 24; without it, 12.
    #[param(minimum = 1, maximum = 24)]
    limit: Option<usize>,
}

/// Takes the photos that have waited longest for a decision.
///
/// Each photo is reserved for the caller for 90 seconds, so that two moderators do not decide about the same one.
#[utoipa::path(get, path = "/api/v1/moderation/queue", tag = "moderation", params(QueueQuery),
    responses((status = 200, body = QueueAnswer)), extensions(("x-problems" = json!(["invalid", "unknown-edition"]))))]
pub async fn queue(
    State(app): State<App>,
    SignedIn(member): SignedIn,
    Query(query): Query<QueueQuery>,
) -> Result<Json<QueueAnswer>, Problem> {
    let limit = query.limit.unwrap_or(12);
    if !(1..=limits::QUEUE_MAX).contains(&limit) {
        let expected = format!("1 to {}", limits::QUEUE_MAX);
        return Err(Refusal::Invalid { field: "limit", got: limit.to_string(), expected }.into());
    }
    let now = app.clock.now();
    let edition = app.editions.current().await?.ok_or(Refusal::UnknownEdition)?;
    let taken = app.queue.take(&edition.slug, query.lane, &member.key, limit, now).await?;
    let photos = items::of(&app, taken, now).await?.iter().map(QueuePhoto::from).collect();
    let waiting = app.queue.waiting(&edition.slug).await?;
    Ok(Json(QueueAnswer { photos, pending: waiting.pending, oldest_at: waiting.oldest_at }))
}

/// Counts the photos that wait in each lane of the queue.
///
/// It takes no photo out of the queue, and is cheap enough to be called every few seconds.
#[utoipa::path(get, path = "/api/v1/moderation/waiting", tag = "moderation",
    responses((status = 200, body = WaitingAnswer)), extensions(("x-problems" = json!(["unknown-edition"]))))]
pub async fn waiting(State(app): State<App>, SignedIn(member): SignedIn) -> Result<Json<WaitingAnswer>, Problem> {
    let edition = app.editions.current().await?.ok_or(Refusal::UnknownEdition)?;
    let lanes = app.queue.lanes(&edition.slug, &member.key, app.clock.now()).await?;
    let lanes = lanes.into_iter().map(|LaneWaiting { lane, photos, elsewhere, oldest_at }| LaneAnswer {
        lane,
        photos,
        elsewhere,
        oldest_at,
    });
    Ok(Json(WaitingAnswer { lanes: lanes.collect() }))
}

/// Decides about 1 to 48 photos.
///
/// Each decision is carried out by itself. A refused decision has a `problem` and does not affect the others. The problem can be:
/// `photo-not-found`, `version-outdated`, `illegal-move`, `being-covered`, `second-person-needed`, `agreement-refused`, `invalid`,
/// `text-too-long`, `duty-needed`, `read-only`.
///
/// To show many reported photos again, look at each of them as `GET /api/v1/moderation/reports` answers them, and send all decisions in one
/// request: `restore` for those that are hidden, `release` for those that are public. Name the version that you looked at: a photo that has
/// changed since is not shown. A photo for which two people must agree still needs the second one.
///
/// To delete more than 50 photos in five minutes, a member must have used a passkey within the last five minutes.
#[utoipa::path(post, path = "/api/v1/moderation/decisions", tag = "moderation", request_body = DecisionsRequest,
    responses((status = 200, body = DecisionsAnswer)),
    extensions(("x-problems" = json!(["wrong-count", "passkey-needed"]))))]
pub async fn decisions(
    State(app): State<App>,
    SignedIn(member): SignedIn,
    Json(request): Json<DecisionsRequest>,
) -> Result<Json<DecisionsAnswer>, Problem> {
    let outcomes = decide_all(&app, &member, &request.decisions).await?;
    let mut decisions = Vec::with_capacity(outcomes.len());
    for (request, outcome) in request.decisions.iter().zip(outcomes) {
        decisions.push(match outcome {
            Ok(change) => {
                let photo = change.after;
                Decided::Done { id: photo.id.to_string(), state: photo.state, lane: photo.lane, version: photo.version }
            }
            Err(problem) => {
                if let Some(fault) = &problem.fault {
                    tracing::error!(photo.id = request.id, fault, "decision failed");
                }
                Decided::Refused { id: request.id.clone(), problem: problem.body(None) }
            }
        });
    }
    Ok(Json(DecisionsAnswer { decisions }))
}

/// Carries out 1 to [`limits::MAX_DECISIONS_PER_REQUEST`] decisions, each by itself. Returns the results in the order of the decisions.
pub async fn decide_all(
    app: &App,
    member: &Member,
    decisions: &[DecisionRequest],
) -> Result<Vec<Result<Change, Problem>>, Problem> {
    let got = decisions.len();
    if !(1..=limits::MAX_DECISIONS_PER_REQUEST).contains(&got) {
        return Err(Refusal::WrongDecisionCount { limit: limits::MAX_DECISIONS_PER_REQUEST, got }.into());
    }
    may_delete_so_many(app, member, decisions).await?;
    let each: Vec<_> = decisions.iter().map(|request| commit(app, member, request)).collect();
    let outcomes: Vec<_> = stream::iter(each).buffered(SIDE_BY_SIDE).collect().await;
    // All at once: the edge is invalidated once, however many photos a request removes.
    app.purger.purge_now(outcomes.iter().filter_map(|outcome| outcome.as_ref().ok()), app.clock.now()).await;
    Ok(outcomes)
}

/// Succeeds if `member` has deleted few photos lately or has just used a passkey: a deletion cannot be undone.
pub async fn may_delete_so_many(app: &App, member: &Member, decisions: &[DecisionRequest]) -> Result<(), Problem> {
    let deletions = decisions.iter().filter(|decision| decision.action == Decision::Delete).count();
    let now = app.clock.now();
    if deletions == 0 || member.fresh(now).is_ok() {
        return Ok(());
    }
    let who = format!("delete#{}", member.key);
    let within = app.rates.spend_on(&who, deletions, limits::DELETIONS_WITHOUT_PASSKEY, limits::STEP_UP_SECONDS, now);
    if within.await? { Ok(()) } else { Err(Refusal::PasskeyNeeded.into()) }
}
