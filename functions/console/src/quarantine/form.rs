//! The form of the quarantine page.

use axum::{extract::State, response::Response};
use shared::pages::links;

use crate::{
    App,
    form::{Sent, back, read},
    queue::{api::may_delete_so_many, decide::decide, form::DecisionForm},
    signed_in::SignedInPerson,
};

/// Takes the safeguarding lead's decision about a quarantined photo.
pub async fn decision(
    State(app): State<App>,
    SignedInPerson(member): SignedInPerson,
    sent: Sent<DecisionForm>,
) -> Response {
    let decided = async {
        let request = read(sent)?.request();
        may_delete_so_many(&app, &member, std::slice::from_ref(&request)).await?;
        decide(&app, &member, &request).await
    };
    back(&links::quarantine(), decided.await)
}
