//! Reports: anybody says what is wrong with a photo; moderators read what was said.

use axum::extract::State;
use http::{HeaderMap, StatusCode};
use jiff::SignedDuration;
use shared::{
    domain::{
        Lane, Photo, PhotoId, Refusal, limits,
        report::Report,
        text::{self, Field},
        time,
    },
    runtime::{ids, telemetry},
    store::photos::Applied,
    web::{Json, Path, Problem, SignedIn, session::reporter},
};

use crate::{
    App,
    answers::{ReportAnswer, ReportRequest, ReportedAnswer, ReportedPhoto},
    handlers::queue::views,
};

/// Photos of one look at what is reported or locked away.
const AT_ONCE: usize = 48;

/// Reports a photo that should not be public.
///
/// With the reasons `pupil` and `me` the photo is hidden at once, and a moderator decides afterwards. With any other reason it is
/// hidden when a second device reports it. A device has one report of each photo: a repeated one answers the same reference.
///
/// Send the uploader's secret if the client has one: it tells devices apart that share an address.
#[utoipa::path(post, path = "/api/v1/photos/{id}/reports", tag = "reports", params(("id" = String, Path)),
    security((), ("uploader" = [])), request_body = ReportRequest, responses((status = 202, body = ReportAnswer)),
    extensions(("x-problems" = json!(["photo-not-found", "photo-withdrawn", "text-too-long"]))))]
pub async fn report(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Json(request): Json<ReportRequest>,
) -> Result<(StatusCode, Json<ReportAnswer>), Problem> {
    let reference = accept(&app, &headers, &id, &request).await?;
    Ok((StatusCode::ACCEPTED, Json(ReportAnswer { reference })))
}

/// Takes a report; answers with its reference.
pub async fn accept(app: &App, headers: &HeaderMap, id: &str, request: &ReportRequest) -> Result<String, Problem> {
    let id: PhotoId = id.parse().map_err(|_| Refusal::PhotoNotFound)?;
    let now = app.clock.now();
    let report = Report {
        id: id.clone(),
        reference: ids::reference(),
        reason: request.reason,
        text: text::clean(Field::ReportText, request.text.as_deref().unwrap_or_default())?,
        contact: text::clean(Field::Contact, request.contact.as_deref().unwrap_or_default())?,
        at: now,
        ttl: (now + SignedDuration::from_hours(24 * limits::REPORT_DAYS)).as_second(),
    };
    let device = reporter(headers);
    if !app.rates.spend_on(&format!("report#{device}"), 1, limits::REPORTS_PER_HOUR, 3600, now).await? {
        return Err(Refusal::TooManyRequests { retry_after_s: time::seconds_to_next_hour(now) }.into());
    }
    if let Some(kept) = app.reports.by(&device, &id).await? {
        return Ok(kept.reference);
    }
    // The photo first: were we to die between the two, it must not stay public for want of a repetition that nobody hears. What cannot
    // be reported leaves no row, either.
    let rule = |photo: &Photo, now| Ok::<_, Problem>(photo.report(report.reason, &report.reference, now)?);
    match app.photos.apply(&id, &app.clock, rule).await? {
        Applied::Absent => return Err(Refusal::PhotoNotFound.into()),
        Applied::Unchanged(_) => {}
        Applied::Changed(change) => {
            telemetry::about(&change.after);
            app.purger.purge_now([&*change], now).await;
            tracing::info!(reason = %report.reason, "reported");
        }
    }
    Ok(app.reports.add(&device, &report).await?.reference)
}

/// Lists the reported photos that nobody has decided about.
///
/// The one that has waited longest comes first. Nothing is taken out of the queue.
#[utoipa::path(get, path = "/api/v1/moderation/reports", tag = "moderation",
    responses((status = 200, body = ReportedAnswer)), extensions(("x-problems" = json!(["unknown-edition"]))))]
pub async fn reported(State(app): State<App>, SignedIn(_): SignedIn) -> Result<Json<ReportedAnswer>, Problem> {
    let edition = app.editions.current().await?.ok_or(Refusal::UnknownEdition)?;
    let photos = app.queue.look(&edition.slug, Lane::Reported.as_str(), AT_ONCE).await?;
    let seen = views(&app, &photos).await?;
    let mut answer = ReportedAnswer { photos: Vec::with_capacity(photos.len()) };
    for (photo, seen) in photos.iter().zip(seen) {
        let reports = app.reports.of(&photo.id).await?;
        answer.photos.push(ReportedPhoto { photo: seen, reports: reports.iter().map(Into::into).collect() });
    }
    Ok(Json(answer))
}

/// Lists the photos that are locked away.
///
/// It answers no picture and no words: nobody looks at such a photo any more.
#[utoipa::path(get, path = "/api/v1/moderation/quarantine", tag = "moderation",
    responses((status = 200, body = crate::answers::QuarantineAnswer)),
    extensions(("x-problems" = json!(["unknown-edition"]))))]
pub async fn quarantine(
    State(app): State<App>,
    SignedIn(_): SignedIn,
) -> Result<Json<crate::answers::QuarantineAnswer>, Problem> {
    let edition = app.editions.current().await?.ok_or(Refusal::UnknownEdition)?;
    let photos = app.queue.quarantined(&edition.slug, AT_ONCE).await?;
    Ok(Json(crate::answers::QuarantineAnswer { photos: photos.iter().map(Into::into).collect() }))
}
