//! Reports: anybody can report a photo, and moderators read the reports.

use axum::extract::State;
use http::{HeaderMap, Method, StatusCode};
use jiff::SignedDuration;
use shared::{
    domain::{
        Lane, Photo, PhotoId, Refusal, limits,
        report::{Report, Reporter},
        text::{self, Field},
    },
    runtime::{ids, telemetry},
    web::{Json, Path, Problem, SignedIn, session, viewer::network},
};

use super::answers::{ReportAnswer, ReportRequest, ReportedAnswer, ReportedPhoto};
use crate::{App, queue::items};

/// Largest number of reported photos in one answer.
const AT_ONCE: usize = 48;
/// Largest number of reports for each photo. A report takes at most 16 kB, so the reports of 48 photos stay below the 6 MB that a function
/// may answer.
const OF_EACH: i32 = 5;

/// Reports a photo that should not be public.
///
/// With the reasons `pupil` and `me`, the photo is hidden at once and a moderator decides afterwards. With any other reason, it is hidden
/// when a second, independent reporter reports it, too. A photo is not hidden for a reason for which a moderator has checked it already,
/// nor while many photos are being reported at once: then a moderator looks at it first.
///
/// A reporter is identified by their network address. Send the uploader's secret if the client has one: a device of which a photo has been
/// published is a reporter of its own, distinct from others at the same address. Sending the same report again is answered with the same
/// reference; a report with another reason or other details is a new one.
///
/// An address, and a device, may send 20 reports in an hour. Beyond that, reports for `pupil` and `me` are still taken, but a moderator
/// looks at the photo before it is hidden; all others are answered with `too-many-requests`.
///
/// A request from a page of another site is refused, because that page would report in the name of its visitors.
#[utoipa::path(post, path = "/api/v1/photos/{id}/reports", tag = "reports", params(("id" = String, Path)),
    security((), ("uploader" = [])), request_body = ReportRequest, responses((status = 202, body = ReportAnswer)),
    extensions(("x-problems" = json!(["photo-not-found", "photo-withdrawn", "text-too-long", "cross-site"]))))]
pub async fn report(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Json(request): Json<ReportRequest>,
) -> Result<(StatusCode, Json<ReportAnswer>), Problem> {
    let reference = Box::pin(accept(&app, &headers, &id, &request)).await?;
    Ok((StatusCode::ACCEPTED, Json(ReportAnswer { reference })))
}

/// Stores a report and returns its reference.
pub async fn accept(app: &App, headers: &HeaderMap, id: &str, request: &ReportRequest) -> Result<String, Problem> {
    // Otherwise any website could make its visitors' browsers hide photos, each from an address of its own.
    app.site.same_site(&Method::POST, headers)?;
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
    let photo = app.photos.get(&id).await?.ok_or(Refusal::PhotoNotFound)?;
    let by = reporter(app, headers, &photo).await?;
    let mut within_rate = true;
    for who in by.identities() {
        within_rate &= app.rates.spend_on(&format!("report#{who}"), 1, limits::REPORTS_PER_HOUR, 3600, now).await?;
    }
    let taken = Box::pin(app.reports.take::<Problem>(&report, &by, within_rate, &app.clock)).await?;
    let taken = taken.ok_or(Refusal::PhotoNotFound)?;
    if taken.braked {
        let minutes = limits::BRAKE_SECONDS / 60;
        tracing::error!(
            alarm = "reports-braked",
            edition = %photo.edition,
            "many photos were hidden by reports within minutes; for {minutes} minutes, reports of people without a history hide nothing"
        );
    }
    if let Some(change) = &taken.change {
        telemetry::about(&change.after);
        app.purger.purge_now([&**change], now).await;
        tracing::info!(reason = %report.reason, urgent = change.after.is_urgent(), "reported");
    }
    Ok(taken.reference)
}

/// Identifies the reporter of this photo.
async fn reporter(app: &App, headers: &HeaderMap, photo: &Photo) -> Result<Reporter, Problem> {
    let device = match session::device(headers) {
        Some(device) if app.senders.get(&photo.edition, &device).await?.has_history() => Some(device),
        Some(_) | None => None,
    };
    // A keyed hash: an unkeyed hash of an address could be found out by trying all addresses.
    let network = app.ids.network(&network(headers)).await?;
    Ok(Reporter::new(&network, device.as_ref()))
}

/// Lists the reported photos that nobody has decided about yet.
///
/// Photos that are public although they are reported for `pupil` or `me` come first, then those that have waited longest. No photo is taken
/// out of the queue. Each photo has at most five of its reports.
#[utoipa::path(get, path = "/api/v1/moderation/reports", tag = "moderation",
    responses((status = 200, body = ReportedAnswer)), extensions(("x-problems" = json!(["unknown-edition"]))))]
pub async fn reported(State(app): State<App>, SignedIn(_): SignedIn) -> Result<Json<ReportedAnswer>, Problem> {
    let edition = app.editions.current().await?.ok_or(Refusal::UnknownEdition)?;
    let photos = app.queue.look(&edition.slug, Lane::Reported.as_str(), AT_ONCE).await?;
    let items = items::of(&app, photos, app.clock.now()).await?;
    let mut answer = ReportedAnswer { photos: Vec::with_capacity(items.len()) };
    for item in &items {
        let reports = app.reports.of(&item.photo.id, OF_EACH).await?;
        answer.photos.push(ReportedPhoto { photo: item.into(), reports: reports.iter().map(Into::into).collect() });
    }
    Ok(Json(answer))
}
