//! The calls about prize draws.

use axum::extract::State;
use jiff::Timestamp;
use shared::{
    domain::{
        Edition, Refusal,
        activity::Action,
        draw::{settings::DrawSettings, steps::State as Stands},
        ids::DrawId,
        people::Member,
    },
    pages::links,
    store::{Fault, draw_rehearsal::Check, draw_steps::NotDone, draws::DrawRow},
    web::{Json, Path, Problem, SignedIn},
};

use super::answers::{
    DrawAnswer, DrawContact, DrawContacts, DrawPlaceAction, DrawPlaceRequest, DrawStep, DrawStepRequest, DrawView,
    DrawsAnswer, RehearsalAnswer,
};
use crate::App;

/// Lists the prize draws of all editions, with what happens next in each.
#[utoipa::path(get, path = "/api/v1/organiser/draws", tag = "organiser", responses((status = 200, body = DrawsAnswer)))]
pub async fn draws(State(app): State<App>, SignedIn(_): SignedIn) -> Result<Json<DrawsAnswer>, Problem> {
    let now = app.clock.now();
    let draws = all(&app).await?;
    Ok(Json(DrawsAnswer { draws: draws.iter().map(|draw| draw.view(now)).collect() }))
}

/// Returns one prize draw with its log.
#[utoipa::path(get, path = "/api/v1/organiser/draws/{id}", tag = "organiser", params(("id" = String, Path)),
    responses((status = 200, body = DrawAnswer)), extensions(("x-problems" = json!(["unknown-draw"]))))]
pub async fn show(
    State(app): State<App>,
    SignedIn(_): SignedIn,
    Path(id): Path<String>,
) -> Result<Json<DrawAnswer>, Problem> {
    let found = find(&app, &id).await?;
    let log = app.draws.log(&found.edition.slug, &found.settings.id).await?;
    Ok(Json(DrawAnswer { draw: found.view(app.clock.now()), log: log.iter().map(Into::into).collect() }))
}

/// Does the next step of a prize draw by hand.
///
/// The schedule does all steps by itself within a minute of their time, except for those that need a person: `observe`, and `round` if no
/// relay of the beacon can be reached. Each step publishes a file for ever and cannot be undone. Doing it again changes nothing.
#[utoipa::path(post, path = "/api/v1/organiser/draws/{id}/steps", tag = "organiser", params(("id" = String, Path)),
    request_body = DrawStepRequest, responses((status = 200, body = DrawView)),
    extensions(("x-problems" = json!([
        "unknown-draw", "invalid", "draw-closed", "draw-too-early", "draw-step", "draw-files", "draw-value", "draw-value-missing"
    ]))))]
pub async fn steps(
    State(app): State<App>,
    SignedIn(member): SignedIn,
    Path(id): Path<String>,
    Json(request): Json<DrawStepRequest>,
) -> Result<Json<DrawView>, Problem> {
    do_step(&app, &member, &id, &request).await?;
    Ok(Json(find(&app, &id).await?.view(app.clock.now())))
}

/// Records what became of a winner or a reserve of a prize draw, after its result.
///
/// Who is disqualified does not come back, and the next reserve gets the prize. The public log says so, with the reason. Doing it again
/// changes nothing.
#[utoipa::path(post, path = "/api/v1/organiser/draws/{id}/places", tag = "organiser", params(("id" = String, Path)),
    request_body = DrawPlaceRequest, responses((status = 200, body = DrawView)),
    extensions(("x-problems" = json!(["unknown-draw", "invalid", "draw-too-early", "draw-step"]))))]
pub async fn places(
    State(app): State<App>,
    SignedIn(member): SignedIn,
    Path(id): Path<String>,
    Json(request): Json<DrawPlaceRequest>,
) -> Result<Json<DrawView>, Problem> {
    place(&app, &member, &id, &request).await?;
    Ok(Json(find(&app, &id).await?.view(app.clock.now())))
}

/// Rehearses a prize draw with twenty sample entrants.
///
/// Every step is done in an edition of its own that no page shows, with a clock set ahead, which takes some seconds. The draw itself stays
/// as it is. Everything that the rehearsal makes is deleted at its end.
#[utoipa::path(post, path = "/api/v1/organiser/draws/{id}/rehearsals", tag = "organiser", params(("id" = String, Path)),
    responses((status = 200, body = RehearsalAnswer)), extensions(("x-problems" = json!(["unknown-draw"]))))]
pub async fn rehearsals(
    State(app): State<App>,
    SignedIn(member): SignedIn,
    Path(id): Path<String>,
) -> Result<Json<RehearsalAnswer>, Problem> {
    Ok(Json(rehearse(&app, &member, &id).await?.into()))
}

/// Lists how the winners and reserves of a prize draw are reached, after its result.
///
/// Nobody is told of any other entrant. The activity log says who looked. Contacts are erased when the prizes are delivered, and 90 days
/// after the last draw of the edition at the latest.
#[utoipa::path(get, path = "/api/v1/organiser/draws/{id}/contacts", tag = "organiser", params(("id" = String, Path)),
    responses((status = 200, body = DrawContacts)),
    extensions(("x-problems" = json!(["unknown-draw", "draw-step"]))))]
pub async fn contacts(
    State(app): State<App>,
    SignedIn(member): SignedIn,
    Path(id): Path<String>,
) -> Result<Json<DrawContacts>, Problem> {
    let Found { edition, settings, row, .. } = find(&app, &id).await?;
    let row = row.ok_or(Refusal::UnknownDraw)?;
    let by = member.actor().to_string();
    let people = app.draw_steps.contacts(&edition.slug, &settings.id, &by, &member.name).await?;
    let page = format!("{}{}", app.site.origin(), links::draw(row.id()));
    let people = people.into_iter().map(|reached| DrawContact::new(reached, &row.settings, &page));
    Ok(Json(DrawContacts { draw: id, people: people.collect() }))
}

/// A draw of the settings, and its state.
#[derive(Clone, Debug)]
pub struct Found {
    /// The edition that has it.
    pub edition: Edition,
    /// Its present settings.
    pub settings: DrawSettings,
    /// Its row; `None` before it is announced.
    pub row: Option<DrawRow>,
    /// The number of entries so far, or in the published list. `None` before it is announced and while the list is being made.
    pub entered: Option<usize>,
}

impl Found {
    fn view(&self, now: Timestamp) -> DrawView {
        DrawView::new(&self.edition, &self.settings, self.row.as_ref(), self.entered, now)
    }
}

/// Returns all draws of the settings of all editions, in the order in which they are drawn.
pub async fn all(app: &App) -> Result<Vec<Found>, Problem> {
    let mut all = Vec::new();
    for edition in app.editions.all().await? {
        let rows = if edition.draws.is_empty() { Vec::new() } else { app.draws.all(&edition.slug).await? };
        let mut settings = edition.draws.clone();
        settings.sort_by_key(|settings| settings.draws_at);
        for settings in settings {
            let row = rows.iter().find(|row| *row.id() == settings.id).cloned();
            let entered = entered(app, &edition, row.as_ref()).await?;
            all.push(Found { edition: edition.clone(), settings, row, entered });
        }
    }
    Ok(all)
}

/// Returns the draw with this id.
///
/// # Errors
/// [`Refusal::UnknownDraw`].
pub async fn find(app: &App, id: &str) -> Result<Found, Problem> {
    let id: DrawId = id.parse().map_err(|_| Refusal::UnknownDraw)?;
    let (edition, settings) = app.draw_steps.find(&id).await?;
    let row = app.draws.get(&edition.slug, &id).await?;
    let entered = entered(app, &edition, row.as_ref()).await?;
    Ok(Found { edition, settings, row, entered })
}

async fn entered(app: &App, edition: &Edition, row: Option<&DrawRow>) -> Result<Option<usize>, Fault> {
    let Some(row) = row else { return Ok(None) };
    match (row.draw.state, &row.draw.listed) {
        (_, Some(listed)) => Ok(Some(listed.count)),
        (Stands::Announced | Stands::Open, None) => app.draws.count(&edition.slug, row.id()).await.map(Some),
        (Stands::Frozen | Stands::Revealed | Stands::Settled, None) => Ok(None),
    }
}

/// The number of sample entrants of a rehearsal.
const REHEARSING: u16 = 20;

/// Rehearses a draw, and records in the activity log who did it. Returns what was tried.
pub async fn rehearse(app: &App, member: &Member, id: &str) -> Result<Vec<Check>, Problem> {
    let Found { settings, .. } = find(app, id).await?;
    let checks = Box::pin(app.draw_steps.rehearse(&settings, REHEARSING)).await?;
    app.activity.note(member, Action::RehearseDraw, id, app.clock.now()).await?;
    Ok(checks)
}

/// Does a step of a draw, and records in the activity log who did it.
pub async fn do_step(app: &App, member: &Member, id: &str, request: &DrawStepRequest) -> Result<DrawRow, Problem> {
    let value = request.value()?;
    let Found { edition, settings, row, .. } = find(app, id).await?;
    let (slug, id, by) = (&edition.slug, &settings.id, &member.actor());
    let steps = &app.draw_steps;
    let (done, action) = match request.action {
        DrawStep::Announce => {
            let obstacles =
                if row.is_none() { settings.obstacles(edition.opens_at, app.clock.now()) } else { Vec::new() };
            if !obstacles.is_empty() {
                return Err(NotDone::Incomplete(obstacles).into());
            }
            (Box::pin(steps.commit(slug, &settings, by)).await, Action::AnnounceDraw)
        }
        DrawStep::Freeze => (Box::pin(steps.freeze(slug, id, by)).await, Action::FreezeDraw),
        DrawStep::Fetch | DrawStep::Round | DrawStep::Observe => {
            (Box::pin(steps.beacon(slug, id, value, by)).await, Action::GiveDrawValue)
        }
        DrawStep::Reveal => (Box::pin(steps.reveal(slug, id, by)).await, Action::RevealDraw),
    };
    let row = done?;
    app.activity.note(member, action, id.as_str(), app.clock.now()).await?;
    Ok(row)
}

/// Records what became of a winner or a reserve, and in the activity log who did it.
pub async fn place(app: &App, member: &Member, id: &str, request: &DrawPlaceRequest) -> Result<DrawRow, Problem> {
    let leaf = request.leaf()?;
    let Found { edition, settings, .. } = find(app, id).await?;
    let (slug, id, by) = (&edition.slug, &settings.id, &member.actor());
    let steps = &app.draw_steps;
    let (done, action) = match request.action {
        DrawPlaceAction::Answer => (steps.answer(slug, id, &leaf, by).await, Action::RecordAnswer),
        DrawPlaceAction::Deliver => (steps.deliver(slug, id, &leaf, by).await, Action::RecordDelivery),
        DrawPlaceAction::Disqualify => {
            (steps.disqualify(slug, id, &leaf, request.reason()?, by).await, Action::DisqualifyEntry)
        }
    };
    let row = done?;
    app.activity.note(member, action, &format!("{id} {leaf}"), app.clock.now()).await?;
    Ok(row)
}
