//! Forms of the queue and of a photo's page: one decision, or showing several reported photos again.

use axum::{extract::State, response::Response};
use serde::Deserialize;
use shared::{
    domain::{Lane, PhotoId, Refusal, states::Decision, text::shorten},
    pages::links,
};

use super::{
    answers::DecisionRequest,
    api::{decide_all, may_delete_so_many},
    decide::decide,
};
use crate::{
    App,
    form::{Sent, back, read},
    signed_in::SignedInPerson,
};

/// A decision, as a form sends it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionForm {
    id: String,
    version: u64,
    action: Decision,
    #[serde(default)]
    reason: String,
    /// The moderator's own text, if the chosen reason asks for one.
    #[serde(default)]
    own: String,
    /// The lane to return to; `None` for a decision made on a photo's own page, to which it returns.
    #[serde(default)]
    lane: Option<Lane>,
    /// `off` if a video is published without its sound; empty otherwise.
    #[serde(default)]
    sound: String,
}

impl DecisionForm {
    /// Converts the form to a request of the API.
    pub fn request(self) -> DecisionRequest {
        let own = self.own.trim();
        let reason = if own.is_empty() { self.reason } else { own.to_owned() };
        let reason = Some(reason).filter(|reason| !reason.trim().is_empty());
        let sound = (self.sound == "off").then_some(false);
        DecisionRequest { id: self.id, version: self.version, action: self.action, reason, sound }
    }
}

/// Carries out one decision and redirects to the page where it was made.
pub async fn decision(
    State(app): State<App>,
    SignedInPerson(member): SignedInPerson,
    sent: Sent<DecisionForm>,
) -> Response {
    let form = match read(sent) {
        Ok(form) => form,
        Err(problem) => return back::<()>(&links::queue(), Err(problem)),
    };
    let page = match (form.lane, form.id.parse::<PhotoId>()) {
        (Some(lane), _) => links::queue_lane(lane),
        (None, Ok(id)) => links::moderation_photo(&id),
        (None, Err(_)) => links::queue(),
    };
    let request = form.request();
    let decided = async {
        may_delete_so_many(&app, &member, std::slice::from_ref(&request)).await?;
        decide(&app, &member, &request).await
    };
    back(&page, decided.await)
}

/// Shows all ticked reported photos again, in the versions that were looked at, and redirects to the reported lane. The field `looked` is
/// `{decision}:{version}:{id}` and occurs once for each ticked photo.
pub async fn show_all(
    State(app): State<App>,
    SignedInPerson(member): SignedInPerson,
    sent: Sent<Vec<(String, String)>>,
) -> Response {
    let shown = async {
        let ticked: Vec<_> =
            read(sent)?.iter().map(|(name, value)| looked_at(name, value)).collect::<Result<_, _>>()?;
        let outcomes = decide_all(&app, &member, &ticked).await?;
        // Refused photos are still in the lane; the message is about the first of them.
        outcomes.into_iter().collect::<Result<Vec<_>, _>>()
    };
    back(&links::queue_lane(Lane::Reported), shown.await)
}

/// Reads the decision that one tick stands for. Only decisions that show a photo again can be ticked.
fn looked_at(name: &str, value: &str) -> Result<DecisionRequest, Refusal> {
    let read = || {
        let mut parts = value.splitn(3, ':');
        let action = match parts.next()? {
            "restore" => Decision::Restore,
            "release" => Decision::Release,
            _ => return None,
        };
        let (version, id) = (parts.next()?.parse().ok()?, parts.next()?.to_owned());
        (name == "looked").then_some(DecisionRequest { id, version, action, reason: None, sound: None })
    };
    let expected = "restore or release, then a version and a photo’s id, such as restore:4:abc".to_owned();
    read().ok_or_else(|| Refusal::Invalid { field: "looked", got: shorten(value), expected })
}
