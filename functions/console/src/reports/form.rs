//! The form with which anybody reports a photo. Its page belongs to the public site.

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use http::HeaderMap;
use serde::Deserialize;
use shared::{
    domain::{PhotoId, report::ReportReason},
    pages::{lang::Lang, links},
    web::{Path, Query},
};

use super::{answers::ReportRequest, api::accept};
use crate::{
    App,
    form::{Sent, back, read},
};

/// A report, as the form of the public page sends it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportForm {
    reason: ReportReason,
    #[serde(default)]
    text: String,
    #[serde(default)]
    contact: String,
}

/// The query of the form's address: the language of the page with the form. It is in the address and not in the form, so that a form that
/// cannot be read still leads back to the right page.
#[derive(Debug, Default, Deserialize)]
pub struct LanguageQuery {
    #[serde(default)]
    lang: String,
}

/// Takes a report and redirects to the page that shows its reference.
pub async fn report(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(LanguageQuery { lang }): Query<LanguageQuery>,
    sent: Sent<ReportForm>,
) -> Response {
    let lang = if lang == "cy" { Lang::Cy } else { Lang::En };
    let page = lang.address(&id.parse::<PhotoId>().map_or_else(|_| links::safety(), |id| links::report(&id)));
    let taken = match read(sent) {
        Ok(ReportForm { reason, text, contact }) => {
            let request = ReportRequest { reason, text: Some(text), contact: Some(contact) };
            Box::pin(accept(&app, &headers, &id, &request)).await
        }
        Err(problem) => Err(problem),
    };
    match taken {
        Ok(reference) => Redirect::to(&format!("{page}?reference={reference}")).into_response(),
        Err(problem) => back::<()>(&page, Err(problem)),
    }
}
