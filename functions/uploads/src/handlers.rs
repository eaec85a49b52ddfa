//! One handler per call, in the order in which an uploader meets them.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
    response::IntoResponse,
};
use futures::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use shared::{
    domain::{
        Edition, Photo, PhotoId, Refusal, UploaderId,
        ids::EditionSlug,
        photo::{self, presigned_until},
        request::{EditRequest, PhotoRequest, PhotoSpec, SchoolRequest, UploadRequest, shorten},
        school::School,
    },
    runtime::{ids::random, telemetry},
    store::{Outcome, photos::Applied},
    web::{Cache, Json, Path, Problem, Query, Uploader, qr, session::authorization},
};
use utoipa::IntoParams;

use crate::{
    App,
    answers::{Lights, OwnPhoto, OwnPhotos, Renewed, Reserved, UploadAnswer},
};

/// Photos of one batch that are reserved side by side.
const SIDE_BY_SIDE: usize = 5;

/// Which of one's own photos.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OwnQuery {
    /// The edition; the current one if none is named.
    #[param(value_type = Option<String>, example = "2027")]
    edition: Option<EditionSlug>,
}

/// Registers 1 to 20 photos, and answers where to send each file.
///
/// Each photo that is registered has an `upload`: send the file there by `PUT`, with exactly the `headers`, within ten minutes. The
/// storage takes only the bytes whose size and hash you registered, and only once.
///
/// Photos are registered one by one. A photo that is refused has a `problem` instead of an `id`, and does not affect the others. It
/// can be: `too-large`, `empty-file`, `unsupported-type`, `text-too-long`, `ref-taken`, and every problem of 409 and 429 below.
///
/// The request may be repeated: the same `ref` with the same file finds the photo that the first request registered. If its file
/// has arrived, `upload` is null.
#[utoipa::path(post, path = "/api/v1/uploads", tag = "uploads", request_body = UploadRequest,
    responses((status = 201, body = UploadAnswer)),
    extensions(("x-problems" = json!([
        "unknown-edition", "edition-not-open", "edition-closed", "edition-paused", "read-only", "wrong-count",
        "ref-repeated", "text-too-long", "consent-outdated", "consent-missing", "invalid", "budget-spent"
    ]))))]
pub async fn request_uploads(
    State(app): State<App>,
    Uploader(uploader): Uploader,
    Json(request): Json<UploadRequest>,
) -> Result<(StatusCode, Json<UploadAnswer>), Problem> {
    let now = app.clock.now();
    let edition = app.editions.current().await?.ok_or(Refusal::UnknownEdition)?;
    request.check(&edition)?;
    let open = match edition.accepts_photos(now) {
        Ok(()) => edition.within_budget(app.budget.spent(now).await?, now),
        Err(closed) => Err(closed),
    };
    if !app.rates.spend(&uploader, request.photos.len(), now).await? {
        let retry_after_s = u32::try_from(60 - now.as_second().rem_euclid(60)).unwrap_or(60);
        return Err(Refusal::TooManyRequests { retry_after_s }.into());
    }
    let batch = Batch {
        edition: &edition,
        uploader: &uploader,
        request: &request,
        school: find_school(&app, request.school.as_ref()).await?,
        trusted: app.doubts.trusts(&app.photos, &edition, &uploader).await?,
        open: open.clone(),
        now,
    };
    let each = (0..).zip(&request.photos).map(|(place, spec)| batch.reserve(&app, spec, place));
    let reserved: Vec<_> = stream::iter(each.collect::<Vec<_>>()).buffered(SIDE_BY_SIDE).collect().await;
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
                let upload = if photo.state == photo::State::Reserved {
                    Some(app.originals.presign(&photo, now).await?)
                } else {
                    None
                };
                Reserved::Photo { reference, id: photo.id.to_string(), state: photo.state, upload }
            }
            Err(problem) if problem.kind.status >= 500 => return Err(problem),
            Err(problem) => Reserved::Problem { reference, problem: problem.body(None) },
        });
    }
    Ok((StatusCode::CREATED, Json(answer)))
}

/// What the photos of one request share.
struct Batch<'a> {
    edition: &'a Edition,
    uploader: &'a UploaderId,
    request: &'a UploadRequest,
    school: Option<School>,
    /// Whether their sender has earned trust.
    trusted: bool,
    /// Whether new photos are taken now.
    open: Result<(), Refusal>,
    now: Timestamp,
}

impl Batch<'_> {
    /// Reserves one photo; a repeated request finds the photo that the first one made. `place` is its place in the request: photos
    /// of one request are a millisecond apart, so that all who see them later, in whatever list, see them in their order.
    async fn reserve(&self, app: &App, spec: &PhotoSpec, place: i64) -> Result<Photo, Problem> {
        let Self { edition, uploader, request, school, trusted, open, now } = self;
        let now = *now + SignedDuration::from_millis(place);
        let id = app.ids.of(uploader, &spec.reference).await?;
        let drawn = u64::from_le_bytes(random());
        let trusted = *trusted && edition.trust.is_some_and(|trust| !trust.checks(drawn));
        let asked = PhotoRequest { trusted, ..request.photo(uploader, school.as_ref(), spec) };
        let reserved = open.clone().and_then(|()| Photo::reserve(id.clone(), edition, &asked, now));
        let asked = match reserved {
            Ok(change) => match app.photos.advance(&change).await? {
                Outcome::Done => {
                    if let [_] = request.photos.as_slice() {
                        telemetry::about(&change.after);
                    }
                    return Ok(change.after);
                }
                Outcome::Lost(_) => Ok(()),
            },
            Err(refusal) => Err(refusal),
        };
        match (app.photos.get(&id).await?, asked) {
            (Some(known), _) if known.is_for(uploader, spec) => revive(app, known, edition, now).await,
            (_, Err(refusal)) => Err(refusal.into()),
            (Some(_) | None, Ok(())) => Err(Refusal::RefTaken.into()),
        }
    }
}

/// Gives a photo that is still reserved a fresh life for its upload address.
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
            // The registers may have given the number up since it was chosen: then the name is what is left.
            if let (None, Some(name)) = (&school, name) {
                return Ok(School::named(name)?);
            }
            let expected = "a number of the official register; a school that is not there can be named".to_owned();
            let unknown = Refusal::Invalid { field: "school.urn", got: shorten(urn), expected };
            Ok(Some(school.ok_or(unknown)?))
        }
        Some(SchoolRequest { name, .. }) => Ok(School::named(name.as_deref().unwrap_or_default())?),
    }
}

/// Answers a new upload address for a photo whose file has not arrived.
///
/// It works until the event's `grace_ends_at`. The problem `not-renewable` with the `state` `expired` means that the file came too
/// late: register the photo again with another `ref`. With any other `state` the file has arrived, or the photo was withdrawn.
#[utoipa::path(post, path = "/api/v1/uploads/{id}/renew", tag = "uploads", params(("id" = String, Path)),
    responses((status = 200, body = Renewed)),
    extensions(("x-problems" = json!([
        "photo-not-found", "unknown-edition", "not-renewable", "edition-not-open", "edition-closed", "edition-paused",
        "read-only"
    ]))))]
pub async fn renew(
    State(app): State<App>,
    Uploader(uploader): Uploader,
    Path(id): Path<String>,
) -> Result<Json<Renewed>, Problem> {
    let now = app.clock.now();
    let photo = own_photo(&app, &uploader, &id).await?;
    let edition = app.editions.get(&photo.edition).await?.ok_or(Refusal::UnknownEdition)?;
    photo.renewable(&edition, now)?;
    let photo = revive(&app, photo, &edition, now).await?;
    photo.renewable(&edition, now)?;
    let upload = app.originals.presign(&photo, now).await?;
    Ok(Json(Renewed { id: photo.id.to_string(), state: photo.state, upload }))
}

/// Lists the uploader's own photos with their states, oldest first.
///
/// Withdrawn photos are not listed.
#[utoipa::path(get, path = "/api/v1/uploads", tag = "uploads", params(OwnQuery),
    responses((status = 200, body = OwnPhotos)), extensions(("x-problems" = json!(["unknown-edition"]))))]
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
    let photos = app.photos.own(&edition.slug, &uploader).await?;
    Ok(Json(OwnPhotos { photos: photos.iter().map(OwnPhoto::from).collect() }))
}

/// Draws a QR code by which another device gets at the same photos.
///
/// The code is the address of the page `/mine`, with the uploader's secret after `#`: a browser never sends that part. Whoever sees
/// the code can do what the uploader can do.
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

/// Changes what is said about a photo.
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

/// Withdraws a photo: erases its files and its words.
///
/// The photo is gone from the site when the answer comes. The answer says when the storage and the caches of the network follow.
/// The request may be repeated. It cannot be undone.
#[utoipa::path(delete, path = "/api/v1/uploads/{id}", tag = "uploads", params(("id" = String, Path)),
    responses((status = 200, body = Lights)), extensions(("x-problems" = json!(["photo-not-found"]))))]
pub async fn withdraw(
    State(app): State<App>,
    Uploader(uploader): Uploader,
    Path(id): Path<String>,
) -> Result<Json<Lights>, Problem> {
    let photo = own_photo(&app, &uploader, &id).await?;
    let rule = |photo: &Photo, now| photo.withdraw(now).map_err(Problem::from);
    let applied = app.photos.apply(&photo.id, &app.clock, rule).await?;
    if let Applied::Changed(change) = &applied {
        telemetry::about(&change.after);
        app.purger.purge_now([&**change], app.clock.now()).await;
    }
    lights(&app, &photo.id).await
}

/// Tells where a withdrawn photo is gone from by now.
///
/// A photo that was not withdrawn answers 404.
#[utoipa::path(get, path = "/api/v1/uploads/{id}/removal", tag = "uploads", params(("id" = String, Path)),
    responses((status = 200, body = Lights)), extensions(("x-problems" = json!(["photo-not-found"]))))]
pub async fn removal(
    State(app): State<App>,
    Uploader(uploader): Uploader,
    Path(id): Path<String>,
) -> Result<Json<Lights>, Problem> {
    let photo = own_photo(&app, &uploader, &id).await?;
    lights(&app, &photo.id).await
}

/// What the row says of the erasure: nothing else is known for sure.
async fn lights(app: &App, id: &PhotoId) -> Result<Json<Lights>, Problem> {
    let photo = app.photos.get(id).await?.ok_or(Refusal::PhotoNotFound)?;
    Ok(Json(Lights::of(&photo, app.clock.now()).ok_or(Refusal::PhotoNotFound)?))
}

/// The photo of that id, if it is the uploader's: of others they must not even learn that it is there.
async fn own_photo(app: &App, uploader: &UploaderId, id: &str) -> Result<Photo, Problem> {
    let id: PhotoId = id.parse().map_err(|_| Refusal::PhotoNotFound)?;
    let photo = app.photos.get(&id).await?.filter(|photo| photo.uploader == *uploader);
    let photo = photo.ok_or(Refusal::PhotoNotFound)?;
    telemetry::about(&photo);
    Ok(photo)
}
