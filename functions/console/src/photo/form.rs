//! Forms of a photo's page: its texts, whether it is a favourite, and one cover given as numbers.

use axum::{extract::State, response::Response};
use serde::Deserialize;
use shared::{
    domain::{PhotoId, moderation::CoverBox},
    pages::links,
    web::Path,
};

use super::{
    answers::{CoversRequest, PickRequest, WordsRequest},
    api::{cover, reword, set_pick},
};
use crate::{
    App,
    form::{Sent, back, read},
    signed_in::SignedInPerson,
};

/// New texts, as the form of a photo's page sends them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WordsForm {
    version: u64,
    caption: String,
    alt: String,
    credit: String,
    /// Absent for a photo, and for a video without sound.
    #[serde(default)]
    transcript: Option<String>,
}

/// Changes a photo's texts and redirects to its page.
pub async fn words(
    State(app): State<App>,
    SignedInPerson(member): SignedInPerson,
    Path(id): Path<String>,
    sent: Sent<WordsForm>,
) -> Response {
    let changed = match read(sent) {
        Ok(WordsForm { version, caption, alt, credit, transcript }) => {
            let (caption, alt, credit) = (Some(caption), Some(alt), Some(credit));
            let request = WordsRequest { version, caption, alt, credit, transcript };
            reword(&app, &member, &id, &request).await
        }
        Err(problem) => Err(problem),
    };
    back(&photo_page(&id), changed)
}

/// A pick, as the form of a photo's page sends it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PickForm {
    version: u64,
    picked: bool,
}

/// Picks a photo, or takes the pick back, and redirects to its page.
pub async fn pick(
    State(app): State<App>,
    SignedInPerson(member): SignedInPerson,
    Path(id): Path<String>,
    sent: Sent<PickForm>,
) -> Response {
    let picked = match read(sent) {
        Ok(PickForm { version, picked }) => set_pick(&app, &member, &id, &PickRequest { version, picked }).await,
        Err(problem) => Err(problem),
    };
    back(&photo_page(&id), picked)
}

/// One cover as numbers in per cent, for people who use neither a pointer nor JavaScript.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CoversForm {
    version: u64,
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

/// Covers one part of a photo and redirects to its page.
pub async fn covers(
    State(app): State<App>,
    SignedInPerson(member): SignedInPerson,
    Path(id): Path<String>,
    sent: Sent<CoversForm>,
) -> Response {
    let covered = match read(sent) {
        Ok(form) => {
            let one = CoverBox {
                x: form.left / 100.0,
                y: form.top / 100.0,
                width: form.width / 100.0,
                height: form.height / 100.0,
            };
            cover(&app, &member, &id, &CoversRequest { version: form.version, boxes: vec![one] }).await
        }
        Err(problem) => Err(problem),
    };
    back(&photo_page(&id), covered)
}

/// Returns the address of a photo's page for moderators if `id` is a photo's id, and that of the queue otherwise.
fn photo_page(id: &str) -> String {
    id.parse::<PhotoId>().map_or_else(|_| links::queue(), |id| links::moderation_photo(&id))
}
