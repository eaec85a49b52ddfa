//! The list of published photos that an organiser downloads after the day, filtered by what the uploaders agreed to.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::header;
use serde::{Deserialize, Serialize};
use shared::{
    domain::{
        Edition, EditionSlug, Refusal,
        activity::Action,
        export::{Listed, Purpose, csv},
        feed::Cursor,
        limits,
    },
    web::{
        Json, Problem, Query, SignedIn,
        extract::{optional, parameter},
    },
};
use utoipa::{IntoParams, ToSchema};

use crate::App;

/// The format of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ExportFormat {
    /// JSON, for programs.
    #[default]
    Json,
    /// CSV, for spreadsheet programs: RFC 4180, UTF-8 with a byte-order mark.
    Csv,
}

impl ExportFormat {
    /// Returns the format's name in the query.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
        }
    }
}

/// A part of the list of published photos.
#[derive(Serialize, ToSchema)]
pub struct ExportAnswer {
    /// The edition's slug.
    pub edition: String,
    /// The purpose that the uploaders of these photos agreed to.
    pub consent: Purpose,
    /// The photos, newest first. The list can be empty although there is a next part.
    pub photos: Vec<Listed>,
    /// The value of `after` with which to ask for the next part; null if this is the last one.
    pub next: Option<String>,
}

/// The query: which photos, and in which format.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExportQuery {
    /// The edition's slug; without it, the current edition.
    #[param(example = "2027")]
    edition: Option<String>,
    /// Only photos whose uploaders agreed to this purpose. `web` selects all published photos.
    consent: Purpose,
    /// The format; without it, `json`.
    #[serde(default)]
    #[param(inline)]
    format: ExportFormat,
    /// Where the part begins: `next` of the part before.
    after: Option<String>,
    /// How many photos of the edition are examined for one answer, whether they are listed or not: 1 to 2,000; without it, 2,000.
    #[param(minimum = 1, maximum = 2000)]
    limit: Option<usize>,
}

/// Lists the published photos with what their uploaders agreed to.
///
/// The newest come first. One answer has at most 2,000 photos and 3 MB. The member `next` of a JSON answer, and in both formats a `Link`
/// header with the relation `next`, lead to the next part. Each part of a CSV list is a complete file with the names of its columns.
///
/// The list is true at this moment: a photo can be withdrawn at any time. The activity log records who read the list.
#[utoipa::path(get, path = "/api/v1/organiser/export", tag = "organiser", params(ExportQuery),
    responses((status = 200,
        content((ExportAnswer = "application/json"), (String = "text/csv", example = json!(csv(&[])))),
        headers(("Link" = String, description = "The address of the next part. Absent in the last one.")))),
    extensions(("x-problems" = json!(["invalid", "unknown-edition"]))))]
pub async fn export(
    State(app): State<App>,
    SignedIn(member): SignedIn,
    Query(query): Query<ExportQuery>,
) -> Result<Response, Problem> {
    let limit = query.limit.unwrap_or(limits::EXPORT_MAX);
    if !(1..=limits::EXPORT_MAX).contains(&limit) {
        let expected = format!("1 to {}", limits::EXPORT_MAX);
        return Err(Refusal::Invalid { field: "limit", got: limit.to_string(), expected }.into());
    }
    let after = optional::<Cursor>("after", query.after.as_ref())?;
    let edition = match &query.edition {
        Some(slug) => app.editions.get(&parameter::<EditionSlug>("edition", slug)?).await?,
        None => app.editions.current().await?,
    };
    let edition = edition.ok_or(Refusal::UnknownEdition)?;
    let listing = app.exports.part(&edition, query.consent, app.site.origin(), after, limit).await?;
    let photos = listing.photos.len();
    let (consent, format) = (query.consent.as_str(), query.format.as_str());
    let detail = format!("{}, {consent}, {format}: {photos} photos", edition.slug);
    // Written before the answer, so that no list is handed out that is missing from the log.
    app.activity.note(&member, Action::Export, &detail, app.clock.now()).await?;
    tracing::info!(edition = %edition.slug, consent, format, photos, "photos were listed");
    let link = listing.next.as_ref().map(|next| [(header::LINK, link(&edition, &query, limit, next))]);
    Ok(match query.format {
        ExportFormat::Json => {
            let next = listing.next.map(|next| next.to_string());
            let (edition, consent) = (edition.slug.to_string(), query.consent);
            (link, Json(ExportAnswer { edition, consent, photos: listing.photos, next })).into_response()
        }
        ExportFormat::Csv => {
            let file = format!("attachment; filename=\"techognition-{}-{consent}.csv\"", edition.slug);
            let kind = "text/csv; charset=utf-8; header=present".to_owned();
            let headers = [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, file)];
            (link, headers, csv(&listing.photos)).into_response()
        }
    })
}

/// Builds the value of the `Link` header (RFC 8288) that leads to the next part.
fn link(edition: &Edition, query: &ExportQuery, limit: usize, next: &Cursor) -> String {
    let (slug, consent, format) = (&edition.slug, query.consent.as_str(), query.format.as_str());
    let target = format!("edition={slug}&consent={consent}&format={format}&limit={limit}&after={next}");
    format!("</api/v1/organiser/export?{target}>; rel=\"next\"")
}
