//! Calls about quarantined photos.

use axum::extract::State;
use shared::{
    domain::Refusal,
    web::{Json, Problem, SignedIn},
};

use super::answers::QuarantineAnswer;
use crate::App;

/// Largest number of photos in one answer.
const AT_ONCE: usize = 48;

/// Lists the quarantined photos.
///
/// The answer has no image and no texts: nobody looks at such a photo any more.
#[utoipa::path(get, path = "/api/v1/moderation/quarantine", tag = "moderation",
    responses((status = 200, body = QuarantineAnswer)),
    extensions(("x-problems" = json!(["unknown-edition"]))))]
pub async fn quarantine(State(app): State<App>, SignedIn(_): SignedIn) -> Result<Json<QuarantineAnswer>, Problem> {
    let edition = app.editions.current().await?.ok_or(Refusal::UnknownEdition)?;
    let photos = app.queue.quarantined(&edition.slug, AT_ONCE).await?;
    Ok(Json(QuarantineAnswer { photos: photos.iter().map(Into::into).collect() }))
}
