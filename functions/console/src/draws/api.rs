//! The calls about prize draws.

use axum::extract::State;
use serde::Serialize;
use shared::{
    domain::{
        Edition, Refusal,
        draw::{
            entry::Shown,
            steps::{Reason, Standing},
        },
        ids::DrawId,
    },
    store::draws::{DrawRow, Reached},
    web::{Json, Path, Problem, SignedIn},
};
use utoipa::ToSchema;

use crate::App;

/// How the winners and reserves of a draw are reached.
#[derive(Serialize, ToSchema)]
pub struct DrawContacts {
    /// The id of the draw.
    pub draw: String,
    /// The winners in the order of the prizes, then the reserves in their order.
    pub people: Vec<DrawContact>,
}

/// A winner or a reserve.
#[derive(Serialize, ToSchema)]
pub struct DrawContact {
    /// What stands for the entry in `entries.txt`.
    pub leaf: String,
    /// Whether they hold a prize, wait as a reserve, have their prize, or are out.
    pub is: DrawPlace,
    /// Which prize, counted from 1. Null if they hold none and have none.
    pub prize: Option<usize>,
    /// Why they are out. Null if they are not.
    #[schema(value_type = Option<String>)]
    pub reason: Option<Reason>,
    /// Their name. Null if they are out or have their prize, and after the contact was erased.
    pub name: Option<String>,
    /// Their e-mail address or telephone number. Null if the name is.
    pub contact: Option<String>,
    /// How the public reads of them. Null if the name is.
    pub shown: Option<Shown>,
}

/// What becomes of somebody.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum DrawPlace {
    /// A prize is theirs and not delivered yet.
    Holds,
    /// They are a reserve.
    Waits,
    /// They have their prize.
    Delivered,
    /// They do not get one.
    Out,
}

impl From<Reached> for DrawContact {
    fn from(reached: Reached) -> Self {
        let (is, prize, reason) = match reached.standing {
            Standing::Holds { prize, .. } => (DrawPlace::Holds, Some(prize), None),
            Standing::Waits => (DrawPlace::Waits, None, None),
            Standing::Delivered { prize } => (DrawPlace::Delivered, Some(prize), None),
            Standing::Out { reason } => (DrawPlace::Out, None, Some(reason)),
        };
        let (leaf, entrant) = (reached.leaf.to_string(), reached.entrant);
        let shown = entrant.as_ref().map(|entrant| entrant.shown);
        let (name, contact) = entrant.map(|entrant| (entrant.name, entrant.contact)).unzip();
        Self { leaf, is, prize, reason, name, contact, shown }
    }
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
    let (edition, row) = find(&app, &id).await?;
    row.draw.tells_contacts().map_err(Refusal::from)?;
    // Before the answer: nobody has read a contact of which the log does not know.
    app.activity.note(&member, "draw-contacts", &id, app.clock.now()).await?;
    let people = app.draws.contacts(&edition.slug, &row).await?;
    Ok(Json(DrawContacts { draw: id, people: people.into_iter().map(DrawContact::from).collect() }))
}

/// The announced draw of that id, with its edition.
async fn find(app: &App, id: &str) -> Result<(Edition, DrawRow), Problem> {
    let id: DrawId = id.parse().map_err(|_| Refusal::UnknownDraw)?;
    for edition in app.editions.all().await? {
        if edition.draws.iter().any(|settings| settings.id == id)
            && let Some(row) = app.draws.get(&edition.slug, &id).await?
        {
            return Ok((edition, row));
        }
    }
    Err(Refusal::UnknownDraw.into())
}
