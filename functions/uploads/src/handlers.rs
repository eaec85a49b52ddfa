//! The handlers of the API calls, in the order in which an uploader needs them.

use std::collections::HashMap;

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
    response::IntoResponse,
};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use shared::{
    domain::{
        Edition, Photo, PhotoId, Refusal, UploaderId,
        change::Change,
        ids::{BadId, EditionSlug, NetworkId},
        limits,
        moves::presigned_until,
        request::{EditRequest, PhotoRequest, PhotoSpec, SchoolRequest, UploadRequest},
        school::School,
        states,
        text::shorten,
        uploader_counts::UploaderCounts,
    },
    runtime::{ids::random, telemetry},
    store::{Fault, Outcome, photos::Applied},
    web::{Cache, Json, Path, Problem, Query, Uploader, qr, session::authorization, viewer::network},
};
use utoipa::IntoParams;

use crate::{
    App,
    answers::{ErasureStatus, OwnPhoto, OwnPhotos, PartUpload, Renewed, Reserved, UploadAnswer},
    draws,
};

/// Seconds after which to try again to register photos that found no room: by then some files have arrived.
const ROOM_SECONDS: u32 = 30;

/// The query: which of the uploader's own photos.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OwnQuery {
    /// The edition's slug; without it, the current edition.
    #[param(value_type = Option<String>, example = "2027")]
    edition: Option<EditionSlug>,
    /// Where the page begins: `next` of the page before.
    after: Option<String>,
}

/// Registers 1 to 20 photos, and returns where to send each file.
///
/// Each registered photo has an `upload`: send the file there by `PUT`, with exactly the `headers`, within ten minutes. The storage accepts
/// only the bytes whose size and hash you registered, and only once.
///
/// Photos are registered one by one. A refused photo has a `problem` instead of an `id`, and does not affect the others. The problem can
/// be: `too-large`, `empty-file`, `unsupported-type`, `text-too-long`, `ref-taken`, and every problem of 409 and 429 below.
///
/// A video has `have` and `parts` instead of an `upload`: send each of the `parts` as you send a photo's file, then renew the video's
/// addresses for the next ones, until `parts` is empty. What the storage has decides, so an upload can go on after any break. A video must
/// have an `alt`, and a `transcript` if it keeps its sound; one that shows pupils is refused, since a video cannot be covered.
///
/// An uploader may have at most 200 photos that are registered but not sent. Further photos have the problem `too-many-open`: send some
/// files, then register them again. For an uploader of whom no photo is public yet, there are also limits on what their network registers,
/// and they are refused earlier when the budget of an hour runs out.
///
/// The request may be repeated: the same `ref` with the same file finds the photo that the first request registered. If its file has
/// arrived, `upload` is null.
#[utoipa::path(post, path = "/api/v1/uploads", tag = "uploads", request_body = UploadRequest,
    responses((status = 201, body = UploadAnswer)),
    extensions(("x-problems" = json!([
        "unknown-edition", "edition-not-open", "edition-closed", "edition-paused", "read-only", "wrong-count",
        "ref-repeated", "text-too-long", "consent-outdated", "consent-missing", "invalid", "budget-spent",
        "network-busy", "unusable-files", "too-many-open", "too-many-videos"
    ]))))]
pub async fn request_uploads(
    State(app): State<App>,
    Uploader(uploader): Uploader,
    headers: HeaderMap,
    Json(request): Json<UploadRequest>,
) -> Result<(StatusCode, Json<UploadAnswer>), Problem> {
    let now = app.clock.now();
    let edition = app.editions.current().await?.ok_or(Refusal::UnknownEdition)?;
    request.check(&edition)?;
    let network = app.ids.network(&network(&headers)).await?;
    let (hour, sender) = app.budget.standing(&edition.slug, &uploader, &network, now).await?;
    let budget = edition.within_budget(&hour, &sender, now);
    let mut open = edition.accepts_photos(now).and_then(|()| budget.clone());
    let is_new = open.is_ok() && !sender.is_known();
    if is_new && !app.rates.spend_of_network(&network, request.photos.len(), now).await? {
        let retry_after_s = left_of(limits::NETWORK_SECONDS, now);
        open = Err(Refusal::NetworkBusy { limit: limits::RESERVATIONS_PER_NETWORK, retry_after_s });
    }
    if sender.has_nothing() {
        // A device without photos cannot be repeating an earlier request, so a flood of new devices is refused here, before it costs more.
        open.clone()?;
    }
    spend(&app, &uploader, request.photos.len(), now).await?;
    let batch = Batch {
        edition: &edition,
        uploader: &uploader,
        network: &network,
        request: &request,
        school: find_school(&app, request.school.as_ref()).await?,
        trusted: app.doubts.trusts_sender(&edition, &uploader, &sender).await?,
        sender,
        budget,
        open: open.clone(),
        now,
    };
    let reserved = batch.reserve(&app).await?;
    // A request that comes too late is refused as a whole, unless it repeats one that came in time.
    if let Err(closed) = open
        && reserved.iter().all(Result::is_err)
    {
        return Err(closed.into());
    }
    let mut answer = UploadAnswer { photos: Vec::with_capacity(reserved.len()) };
    for (spec, reserved) in request.photos.iter().zip(reserved) {
        let reference = spec.reference.to_string();
        answer.photos.push(match reserved {
            Ok(photo) => {
                let expected = photo.state == states::State::Reserved;
                let (upload, missing) = match (expected, photo.is_video()) {
                    (false, _) => (None, None),
                    (true, false) => (Some(app.originals.presign(&photo, now).await?), None),
                    (true, true) => (None, Some(missing_parts(&app, &photo, now).await?)),
                };
                let (have, parts) = missing.map(|Missing { have, parts }| (have, parts)).unzip();
                Reserved::Photo { reference, id: photo.id.to_string(), state: photo.state, upload, have, parts }
            }
            Err(problem) if problem.kind.status >= 500 => return Err(problem),
            Err(problem) => Reserved::Problem { reference, problem: problem.body(None) },
        });
    }
    Ok((StatusCode::CREATED, Json(answer)))
}

/// What of a video's file the storage has, and where to send the first of the other parts.
struct Missing {
    have: Vec<u8>,
    parts: Vec<PartUpload>,
}

/// Lists the parts of a reserved video, and presigns the first of those that are missing.
async fn missing_parts(app: &App, photo: &Photo, now: Timestamp) -> Result<Missing, Problem> {
    let have = app.originals.stored(photo).await?.parts();
    let missing = photo.parts().into_iter().filter(|part| !have.contains(&part.number)).take(limits::PARTS_PER_ANSWER);
    let mut parts = Vec::new();
    for part in missing {
        parts.push(PartUpload::new(part.number, app.originals.presign_part(photo, &part, now).await?));
    }
    Ok(Missing { have, parts })
}

/// Counts `n` photos that a device registers or renews in this minute.
///
/// # Errors
/// [`Refusal::TooManyRequests`] if they are too many.
pub(crate) async fn spend(app: &App, uploader: &UploaderId, n: usize, now: Timestamp) -> Result<(), Problem> {
    let within = app.rates.spend(uploader, n, now).await?;
    if within { Ok(()) } else { Err(Refusal::TooManyRequests { retry_after_s: left_of(60, now) }.into()) }
}

/// Returns the seconds that are left of the present interval of `stretch` seconds.
fn left_of(stretch: i64, now: Timestamp) -> u32 {
    u32::try_from(stretch - now.as_second().rem_euclid(stretch)).unwrap_or(u32::MAX)
}

/// What the photos of one request have in common.
struct Batch<'a> {
    edition: &'a Edition,
    uploader: &'a UploaderId,
    network: &'a NetworkId,
    request: &'a UploadRequest,
    school: Option<School>,
    /// Whether the device is trusted.
    trusted: bool,
    /// How much the device has uploaded so far.
    sender: UploaderCounts,
    /// Whether files are accepted from the device in this hour.
    budget: Result<(), Refusal>,
    /// Whether new photos are accepted now.
    open: Result<(), Refusal>,
    now: Timestamp,
}

impl Batch<'_> {
    /// Reserves as many of the photos as there is room for. A repeated request finds the photos that the first one reserved.
    async fn reserve(&self, app: &App) -> Result<Vec<Result<Photo, Problem>>, Problem> {
        let mut asked = Vec::with_capacity(self.request.photos.len());
        let mut videos = 0;
        for (place, spec) in (0..).zip(&self.request.photos) {
            let id = app.ids.of(self.uploader, &spec.reference).await?;
            let room = if spec.is_video() { self.sender.may_add_video(videos) } else { Ok(()) };
            let change = self.open.clone().and(room).and_then(|()| self.change(&id, spec, place));
            videos += usize::from(spec.is_video() && change.is_ok());
            asked.push((id, spec, change));
        }
        let room = self.sender.room();
        let changes: Vec<_> = asked.iter().filter_map(|(.., change)| change.clone().ok()).take(room).collect();
        let mut outcomes = app.photos.reserve(&changes).await?.into_iter();
        if let ([change], [_]) = (changes.as_slice(), asked.as_slice()) {
            telemetry::about(&change.after);
        }
        let asked: Vec<_> = asked
            .into_iter()
            .map(|(id, spec, change)| match change.map(|change| (change, outcomes.next().flatten())) {
                Ok((change, Some(Outcome::Done))) => (id, spec, Ok(change.after)),
                Ok((_, Some(Outcome::Lost(_)))) => (id, spec, Err(Refusal::RefTaken)),
                Ok((_, None)) => (id, spec, Err(self.no_room())),
                Err(refusal) => (id, spec, Err(refusal)),
            })
            .collect();
        let refused: Vec<_> = asked.iter().filter(|(.., one)| one.is_err()).map(|(id, ..)| id.clone()).collect();
        let mut known: HashMap<_, _> =
            app.photos.get_many(&refused).await?.into_iter().map(|photo| (photo.id.clone(), photo)).collect();
        let mut reserved = Vec::with_capacity(asked.len());
        for (id, spec, outcome) in asked {
            reserved.push(match (outcome, known.remove(&id).filter(|known| known.is_for(self.uploader, spec))) {
                (Ok(photo), _) => Ok(photo),
                (Err(_), Some(known)) => self.revive(app, known).await,
                (Err(refusal), None) => Err(refusal.into()),
            });
        }
        Ok(reserved)
    }

    /// Builds the change that reserves one photo. `place` is its place in the request. The photos of one request are registered a
    /// millisecond apart, so that every list has them in the order of the request.
    fn change(&self, id: &PhotoId, spec: &PhotoSpec, place: i64) -> Result<Change, Refusal> {
        let drawn = u64::from_le_bytes(random());
        let trusted = self.trusted && self.edition.trust.is_some_and(|trust| !trust.checks(drawn));
        let plain = self.request.photo(self.uploader, self.school.as_ref(), spec);
        let asked = PhotoRequest { trusted, network: Some(self.network), ..plain };
        Photo::reserve(id.clone(), self.edition, &asked, self.now + SignedDuration::from_millis(place))
    }

    fn no_room(&self) -> Refusal {
        let limit = limits::OPEN_RESERVATIONS;
        let open = limit.saturating_sub(u32::try_from(self.sender.room()).unwrap_or(u32::MAX));
        Refusal::TooManyOpen { limit, open, retry_after_s: ROOM_SECONDS }
    }

    /// Returns a photo that an earlier request registered, with a renewed upload address if its device may have one.
    async fn revive(&self, app: &App, photo: Photo) -> Result<Photo, Problem> {
        let photo = if self.budget.is_ok() { revive(app, photo, self.edition, self.now).await? } else { photo };
        if photo.state != states::State::Reserved || photo.upload_until > self.now {
            return Ok(photo);
        }
        self.budget.clone()?;
        Err(Refusal::NotRenewable { state: states::State::Expired }.into())
    }
}

/// Renews the upload address of a photo that is still reserved.
async fn revive(app: &App, photo: Photo, edition: &Edition, now: Timestamp) -> Result<Photo, Problem> {
    if photo.renewable(edition, now).is_err() {
        return Ok(photo);
    }
    let until = presigned_until(now);
    if app.photos.renew(&photo, until).await? {
        return Ok(Photo { upload_until: until, ..photo });
    }
    Ok(app.photos.get(&photo.id).await?.unwrap_or(photo))
}

async fn find_school(app: &App, request: Option<&SchoolRequest>) -> Result<Option<School>, Problem> {
    match request {
        None => Ok(None),
        Some(SchoolRequest { urn: Some(urn), name }) => {
            let known = urn.len() <= 12 && urn.bytes().all(|b| b.is_ascii_alphanumeric());
            let school = if known { app.schools.get(urn).await? } else { None };
            // The registers may have removed the number since it was chosen: then only the name is kept.
            if let (None, Some(name)) = (&school, name) {
                return Ok(School::named(name)?);
            }
            let expected = "a number in the official register; for any other school, send only its name".to_owned();
            let unknown = Refusal::Invalid { field: "school.urn", got: shorten(urn), expected };
            Ok(Some(school.ok_or(unknown)?))
        }
        Some(SchoolRequest { name, .. }) => Ok(School::named(name.as_deref().unwrap_or_default())?),
    }
}

/// Returns a new upload address for a photo whose file has not arrived.
///
/// For a video, `have` and `parts` say what the storage has and where to send the next parts. It works until the event's `grace_ends_at`.
/// The problem `not-renewable` with the `state` `expired` means that the file came too late:
/// register the photo again with another `ref`. With any other `state` the file has arrived, or the photo was withdrawn.
#[utoipa::path(post, path = "/api/v1/uploads/{id}/renew", tag = "uploads", params(("id" = String, Path)),
    responses((status = 200, body = Renewed)),
    extensions(("x-problems" = json!([
        "photo-not-found", "unknown-edition", "not-renewable", "edition-not-open", "edition-closed", "edition-paused",
        "read-only", "budget-spent", "unusable-files"
    ]))))]
pub async fn renew(
    State(app): State<App>,
    Uploader(uploader): Uploader,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Json<Renewed>, Problem> {
    let now = app.clock.now();
    let photo = own_photo(&app, &uploader, &id).await?;
    let edition = app.editions.get(&photo.edition).await?.ok_or(Refusal::UnknownEdition)?;
    photo.renewable(&edition, now)?;
    spend(&app, &uploader, 1, now).await?;
    let network = app.ids.network(&network(&headers)).await?;
    let (hour, sender) = app.budget.standing(&edition.slug, &uploader, &network, now).await?;
    edition.within_budget(&hour, &sender, now)?;
    let photo = revive(&app, photo, &edition, now).await?;
    photo.renewable(&edition, now)?;
    let (id, state) = (photo.id.to_string(), photo.state);
    if !photo.is_video() {
        let upload = app.originals.presign(&photo, now).await?;
        return Ok(Json(Renewed { id, state, upload, have: None, parts: None }));
    }
    let Missing { have, parts } = missing_parts(&app, &photo, now).await?;
    let next = photo.parts().into_iter().find(|part| !have.contains(&part.number)).or(photo.parts().pop());
    let next = next.ok_or_else(|| Fault::broken("renew video", "its row has no parts"))?;
    let upload = app.originals.presign_part(&photo, &next, now).await?;
    Ok(Json(Renewed { id, state, upload, have: Some(have), parts: Some(parts) }))
}

/// Lists the uploader's own photos, oldest first.
///
/// A page has up to 100 photos. Withdrawn photos are not listed. To read on, repeat the request with `next` as `after`; the last page has
/// no `next`. A page that is shorter than others, or empty, is not necessarily the last.
#[utoipa::path(get, path = "/api/v1/uploads", tag = "uploads", params(OwnQuery),
    responses((status = 200, body = OwnPhotos)),
    extensions(("x-problems" = json!(["unknown-edition", "invalid"]))))]
pub async fn own_photos(
    State(app): State<App>,
    Uploader(uploader): Uploader,
    Query(query): Query<OwnQuery>,
) -> Result<Json<OwnPhotos>, Problem> {
    let edition = match query.edition {
        Some(slug) => app.editions.get(&slug).await?,
        None => app.editions.current().await?,
    };
    let edition = edition.ok_or(Refusal::UnknownEdition)?;
    let after = match &query.after {
        None => None,
        Some(after) => Some(after.parse().map_err(|bad: BadId| Refusal::Invalid {
            field: "after",
            got: shorten(after),
            expected: bad.expected.to_owned(),
        })?),
    };
    let (photos, next) = app.photos.own_page(&edition.slug, &uploader, after.as_ref()).await?;
    let next = next.map(|next| next.to_string());
    Ok(Json(OwnPhotos { photos: photos.iter().map(OwnPhoto::from).collect(), next }))
}

/// Draws a QR code that opens the uploader's photos on another device.
///
/// The code is the address of the page `/mine`, with the uploader's secret after `#`; browsers never send that part to a server. Anybody
/// who sees the code can do what the uploader can do.
#[utoipa::path(get, path = "/api/v1/uploads/recovery", tag = "uploads",
    responses((status = 200, description = "The QR code.", body = String, content_type = "image/svg+xml",
        example = json!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 45 45\">…</svg>"))))]
pub async fn recovery(
    State(app): State<App>,
    Uploader(_): Uploader,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    let secret = authorization(&headers, "Uploader").ok_or(Refusal::NotSignedIn)?;
    let svg = qr::svg(&format!("{}/mine#key={secret}", app.site_origin))?;
    Ok((Cache::Never, [(CONTENT_TYPE, "image/svg+xml")], svg))
}

/// Changes the texts and facts of a photo.
///
/// A field that is absent stays as it is. A published photo leaves the site until a moderator has seen the change.
#[utoipa::path(patch, path = "/api/v1/uploads/{id}", tag = "uploads", params(("id" = String, Path)),
    request_body = EditRequest, responses((status = 200, body = OwnPhoto)),
    extensions(("x-problems" = json!([
        "photo-not-found", "unknown-edition", "not-renewable", "text-too-long", "invalid"
    ]))))]
pub async fn edit(
    State(app): State<App>,
    Uploader(uploader): Uploader,
    Path(id): Path<String>,
    Json(request): Json<EditRequest>,
) -> Result<Json<OwnPhoto>, Problem> {
    let now = app.clock.now();
    let photo = own_photo(&app, &uploader, &id).await?;
    let edition = app.editions.get(&photo.edition).await?.ok_or(Refusal::UnknownEdition)?;
    let school = match &request.school {
        Some(school) => Some(find_school(&app, school.as_ref()).await?),
        None => None,
    };
    let edit = request.check(school, &edition)?;
    match app.photos.apply(&photo.id, &app.clock, |photo, now| photo.edit(&edit, now).map_err(Problem::from)).await? {
        Applied::Absent => Err(Refusal::PhotoNotFound.into()),
        Applied::Unchanged(photo) => Ok(Json(OwnPhoto::from(&*photo))),
        Applied::Changed(change) => {
            telemetry::about(&change.after);
            app.purger.purge_now([&*change], now).await;
            Ok(Json(OwnPhoto::from(&change.after)))
        }
    }
}

/// Withdraws a photo and erases its files and texts.
///
/// The photo has left the site when the answer comes. The answer says when the storage and the caches of the delivery network will follow.
/// The request may be repeated. It cannot be undone. The entries of a device into prize draws
/// go with its last photo.
#[utoipa::path(delete, path = "/api/v1/uploads/{id}", tag = "uploads", params(("id" = String, Path)),
    responses((status = 200, body = ErasureStatus)), extensions(("x-problems" = json!(["photo-not-found"]))))]
pub async fn withdraw(
    State(app): State<App>,
    Uploader(uploader): Uploader,
    Path(id): Path<String>,
) -> Result<Json<ErasureStatus>, Problem> {
    let photo = own_photo(&app, &uploader, &id).await?;
    let rule = |photo: &Photo, now| photo.withdraw(now).map_err(Problem::from);
    let applied = app.photos.apply(&photo.id, &app.clock, rule).await?;
    if let Applied::Changed(change) = &applied {
        telemetry::about(&change.after);
        app.purger.purge_now([&**change], app.clock.now()).await;
    }
    draws::follow(&app, &photo.edition, &uploader).await?;
    erasure_status(&app, &photo.id).await
}

/// Returns how far the erasure of a withdrawn photo is.
///
/// A photo that was not withdrawn is answered with 404.
#[utoipa::path(get, path = "/api/v1/uploads/{id}/removal", tag = "uploads", params(("id" = String, Path)),
    responses((status = 200, body = ErasureStatus)), extensions(("x-problems" = json!(["photo-not-found"]))))]
pub async fn removal(
    State(app): State<App>,
    Uploader(uploader): Uploader,
    Path(id): Path<String>,
) -> Result<Json<ErasureStatus>, Problem> {
    let photo = own_photo(&app, &uploader, &id).await?;
    erasure_status(&app, &photo.id).await
}

/// Reads how far an erasure is from the photo's row, which alone is certain.
async fn erasure_status(app: &App, id: &PhotoId) -> Result<Json<ErasureStatus>, Problem> {
    let photo = app.photos.get(id).await?.ok_or(Refusal::PhotoNotFound)?;
    Ok(Json(ErasureStatus::new(&photo, app.clock.now()).ok_or(Refusal::PhotoNotFound)?))
}

/// Returns the photo with this id if it belongs to the uploader. Uploaders must not learn whether other people's photos exist.
async fn own_photo(app: &App, uploader: &UploaderId, id: &str) -> Result<Photo, Problem> {
    let id: PhotoId = id.parse().map_err(|_| Refusal::PhotoNotFound)?;
    let photo = app.photos.get(&id).await?.filter(|photo| photo.uploader == *uploader);
    let photo = photo.ok_or(Refusal::PhotoNotFound)?;
    telemetry::about(&photo);
    Ok(photo)
}
