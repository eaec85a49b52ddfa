//! Prize draws: a device enters all open draws of the day together, sees its tickets, and takes its entries back.

use axum::{extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::Serialize;
use shared::{
    domain::{
        Edition, EditionSlug, Refusal, UploaderId,
        draw::{
            entry::{EnterRequest, Entry},
            protocol,
            steps::{self, Refused, Standing},
        },
        time,
    },
    store::draws::{DrawRow, Entered},
    web::{Json, Problem, Uploader},
};
use utoipa::ToSchema;

use crate::{App, handlers::spend};

/// Attempts at entering while draws are shut or the same device enters by another window.
const ATTEMPTS: u32 = 5;

/// The prize draws of the current edition, as one device sees them.
#[derive(Serialize, ToSchema)]
pub struct OwnDraws {
    /// In the order in which they are drawn. Empty if the edition has none.
    pub draws: Vec<OwnDraw>,
}

/// A prize draw, and the device's entry in it.
#[derive(Serialize, ToSchema)]
pub struct OwnDraw {
    /// The id of the draw.
    pub id: String,
    /// The slug of its edition.
    pub edition: String,
    /// Its name for people.
    pub name: String,
    /// What can be won, in order.
    pub prizes: Vec<DrawPrize>,
    /// Who may win.
    pub eligibility: String,
    /// The state.
    #[schema(value_type = String, example = "open")]
    pub state: steps::State,
    /// The first instant at which nobody can enter any more.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub freezes_at: Timestamp,
    /// When it is drawn.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub draws_at: Timestamp,
    /// The path of its public files: `commit.json`, `rules.html` and `rules.cy.html`, and later `entries.txt`, `beacon.json` and `result.json`.
    pub files: String,
    /// The device's entry. Null if it has none, or has taken it back.
    pub entry: Option<OwnEntry>,
}

/// A prize.
#[derive(Serialize, ToSchema)]
pub struct DrawPrize {
    /// What it is.
    pub title: String,
    /// Who gives it. Null if nobody is named.
    pub sponsor: Option<String>,
}

/// An entry.
#[derive(Serialize, ToSchema)]
pub struct OwnEntry {
    /// Its ticket: 26 letters and digits. Its holder can find its place in the result.
    pub ticket: String,
    /// What stands for the ticket in `entries.txt`.
    pub leaf: String,
    /// When it was made.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub entered_at: Timestamp,
    /// The prize that it has won. Null before the result, and if it has won none.
    pub won: Option<String>,
}

impl OwnDraw {
    fn new(edition: &EditionSlug, row: &DrawRow, entry: Option<&Entry>) -> Self {
        let announced = &row.draw.announcement;
        let prize = |prize: &shared::domain::draw::files::Prize| DrawPrize {
            title: prize.title.clone(),
            sponsor: prize.sponsor.clone(),
        };
        let entry = entry.filter(|entry| entry.withdrawn_at.is_none()).map(|entry| {
            let leaf = protocol::leaf(&announced.draw, &entry.ticket);
            let standing = row.draw.places.iter().find(|place| place.leaf == leaf).map(|place| place.standing);
            let won = match standing {
                Some(Standing::Holds { prize, .. } | Standing::Delivered { prize }) => {
                    announced.prizes.get(prize - 1).map(|prize| prize.title.clone())
                }
                Some(Standing::Waits | Standing::Out { .. }) | None => None,
            };
            OwnEntry { ticket: entry.ticket.to_string(), leaf: leaf.to_string(), entered_at: entry.at, won }
        });
        Self {
            id: announced.draw.to_string(),
            edition: edition.to_string(),
            name: announced.name.clone(),
            prizes: announced.prizes.iter().map(prize).collect(),
            eligibility: announced.eligibility.clone(),
            state: row.draw.state,
            freezes_at: announced.freezes_at,
            draws_at: announced.draws_at,
            files: format!("/draws/{edition}/{}/", announced.draw),
            entry,
        }
    }
}

/// Lists the prize draws of the current edition, with the device's tickets.
///
/// A draw is listed from its announcement on. An edition without draws answers an empty list.
#[utoipa::path(get, path = "/api/v1/uploads/draws", tag = "uploads", responses((status = 200, body = OwnDraws)),
    extensions(("x-problems" = json!(["unknown-edition"]))))]
pub async fn own_draws(State(app): State<App>, Uploader(uploader): Uploader) -> Result<Json<OwnDraws>, Problem> {
    let edition = app.editions.current().await?.ok_or(Refusal::UnknownEdition)?;
    listed(&app, &edition, &uploader).await.map(Json)
}

/// Enters all prize draws of the day that are open, by one request.
///
/// An entry counts if a photo of the same device is public when the draw freezes, or was sent before and still waits to be checked. Each
/// person enters once: one entry for each device, and one for each contact. No message is sent to the contact; it is read if the entry
/// wins, or is a reserve.
///
/// The request may be repeated: a draw that the device has entered keeps its ticket, and draws that were announced since are entered. With
/// another contact it is refused: withdraw the entries first.
#[utoipa::path(post, path = "/api/v1/uploads/draws", tag = "uploads", request_body = EnterRequest,
    responses((status = 201, body = OwnDraws)),
    extensions(("x-problems" = json!([
        "unknown-edition", "unknown-draw", "read-only", "invalid", "text-too-long", "draw-not-open", "draw-closed", "photo-needed",
        "contact-taken", "entered-otherwise"
    ]))))]
pub async fn enter_draws(
    State(app): State<App>,
    Uploader(uploader): Uploader,
    Json(request): Json<EnterRequest>,
) -> Result<(StatusCode, Json<OwnDraws>), Problem> {
    let edition = app.editions.current().await?.ok_or(Refusal::UnknownEdition)?;
    edition.accepts_changes()?;
    let entering = request.check()?;
    spend(&app, &uploader, 1, app.clock.now()).await?;
    for _ in 0..ATTEMPTS {
        let now = app.clock.now();
        let rows = app.draws.all(&edition.slug).await?;
        let last_draw = rows.iter().map(|row| row.settings.draws_at).max().ok_or(Refusal::UnknownDraw)?;
        let own = app.draws.own(&edition.slug, &rows, &uploader).await?;
        for (draw, entry) in own.iter().filter(|(_, entry)| entry.withdrawn_at.is_none()) {
            if !app.draws.is_by(draw, entry, &entering).await? {
                return Err(Refusal::EnteredOtherwise.into());
            }
        }
        let is_new = |row: &DrawRow| own.iter().all(|(draw, _)| draw != row.id());
        let (mut open, mut refused) = (Vec::new(), None);
        for row in rows.into_iter().filter(is_new) {
            match row.draw.accepts_entries(now) {
                Ok(()) => open.push(row),
                // That one is not open yet says more than that another one is over.
                Err(Refused::Closed { .. }) if matches!(refused, Some(Refused::WrongState { .. })) => {}
                Err(why) => refused = Some(why),
            }
        }
        if open.is_empty() {
            // All draws that can be entered are entered.
            if own.iter().any(|(_, entry)| entry.withdrawn_at.is_none()) {
                return Ok((StatusCode::CREATED, Json(listed(&app, &edition, &uploader).await?)));
            }
            return Err(refused.map_or(Refusal::UnknownDraw, Refusal::Draw).into());
        }
        if !app.senders.get(&edition.slug, &uploader).await?.may_enter() {
            return Err(Refusal::PhotoNeeded.into());
        }
        match app.draws.enter(&edition.slug, &open, &uploader, &entering, last_draw, now).await? {
            Entered::Done => return Ok((StatusCode::CREATED, Json(listed(&app, &edition, &uploader).await?))),
            Entered::ContactTaken => return Err(Refusal::ContactTaken.into()),
            Entered::Shut | Entered::Again => {}
        }
    }
    Err(shared::store::Fault::passing("enter draws", "draws kept changing").into())
}

/// Takes all entries of the device back, and erases the entrant's name and contact.
///
/// An entry in a draw that is frozen stands in its published list, and does not win. The request may be repeated. A device can enter again
/// while a draw is open, and gets a new ticket.
#[utoipa::path(delete, path = "/api/v1/uploads/draws", tag = "uploads", responses((status = 200, body = OwnDraws)),
    extensions(("x-problems" = json!(["unknown-edition"]))))]
pub async fn leave_draws(State(app): State<App>, Uploader(uploader): Uploader) -> Result<Json<OwnDraws>, Problem> {
    let edition = app.editions.current().await?.ok_or(Refusal::UnknownEdition)?;
    app.draws.leave(&edition.slug, &uploader, app.clock.now()).await?;
    listed(&app, &edition, &uploader).await.map(Json)
}

/// Takes the entries of a device back that has no photo left by which they could count.
pub async fn follow(app: &App, edition: &EditionSlug, uploader: &UploaderId) -> Result<(), Problem> {
    let has_draws = app.editions.get(edition).await?.is_some_and(|edition| !edition.draws.is_empty());
    if has_draws && !app.senders.get(edition, uploader).await?.may_enter() {
        app.draws.leave(edition, uploader, app.clock.now()).await?;
    }
    Ok(())
}

async fn listed(app: &App, edition: &Edition, uploader: &UploaderId) -> Result<OwnDraws, Problem> {
    if edition.draws.is_empty() {
        return Ok(OwnDraws { draws: Vec::new() });
    }
    let rows = app.draws.all(&edition.slug).await?;
    let own = app.draws.own(&edition.slug, &rows, uploader).await?;
    let entry = |row: &DrawRow| own.iter().find(|(draw, _)| draw == row.id()).map(|(_, entry)| entry);
    Ok(OwnDraws { draws: rows.iter().map(|row| OwnDraw::new(&edition.slug, row, entry(row))).collect() })
}
