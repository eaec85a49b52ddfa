//! Photos of the queue with what moderators need to know about them. The page and the API show the same.

use futures::future::try_join_all;
use jiff::Timestamp;
use shared::{
    domain::{
        Lane, Photo, PhotoId, State, limits,
        photo::Rendition,
        report::Report,
        uploader_counts::UploaderCounts,
        video::{FILM_NAME, SHEET_NAME},
    },
    pages::tile::nearest,
    store::Fault,
};

use crate::App;

/// Longest edge of the image of a similar photo, in pixels.
const SIMILAR_PX: u32 = 320;
/// Largest number of similar photos that are shown for one photo.
const SIMILAR: usize = 6;
/// Largest number of reports that are shown for one photo. All are on its page.
const REPORTS: i32 = 6;

/// A photo of the queue, with what the table and the storage hold about it beside its row.
#[derive(Clone, Debug)]
pub struct QueueItem {
    /// The photo's row.
    pub photo: Photo,
    /// Signed addresses of its renditions, in their order; empty if it has none yet.
    pub links: Vec<String>,
    /// The signed addresses of a video's files; `None` for a photo, and before they are made.
    pub film: Option<FilmLinks>,
    /// How much its device has uploaded.
    pub sender: UploaderCounts,
    /// Other photos of the edition that are the same or look similar, at most [`SIMILAR`], each with the signed address of a small image.
    /// The address is `None` if the photo must not be shown any more.
    pub similar: Vec<(Photo, Option<String>)>,
    /// The reports about it, oldest first, at most [`REPORTS`]; empty in all lanes but the reported one.
    pub reports: Vec<Report>,
}

/// The signed addresses of a video's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilmLinks {
    /// Of the video.
    pub video: String,
    /// Of the sheet of its pictures.
    pub sheet: String,
    /// How long the video is, in milliseconds.
    pub duration_ms: u32,
}

/// Returns the signed addresses of a video's files; `None` for a photo, and before they are made.
///
/// # Errors
/// A [`Fault`] of the storage.
pub async fn film(app: &App, photo: &Photo, now: Timestamp) -> Result<Option<FilmLinks>, Fault> {
    let Some(rendered) = &photo.rendered else { return Ok(None) };
    let Some(film) = &rendered.film else { return Ok(None) };
    let link = |name, seconds| app.review.link(&photo.id, &rendered.hash, name, seconds, now);
    let (video, sheet) = futures::try_join!(
        link(FILM_NAME, limits::REVIEW_VIDEO_LINK_SECONDS),
        link(SHEET_NAME, limits::REVIEW_LINK_SECONDS),
    )?;
    Ok(Some(FilmLinks { video, sheet, duration_ms: film.duration_ms }))
}

/// Completes `photos` to items, in the same order.
///
/// # Errors
/// A [`Fault`] of the table or the storage.
pub async fn of(app: &App, photos: Vec<Photo>, now: Timestamp) -> Result<Vec<QueueItem>, Fault> {
    let senders = app.senders.of(&photos).await?;
    let sender = |photo: &Photo| senders.get(&photo.uploader).copied().unwrap_or_default();
    try_join_all(photos.into_iter().map(|photo| (sender(&photo), photo)).map(|(sender, photo)| async move {
        let links = match &photo.rendered {
            Some(rendered) => app.review.links(&photo.id, rendered, now).await?,
            None => Vec::new(),
        };
        let film = film(app, &photo, now).await?;
        let similar = app.photos.alike(&photo, now).await?;
        let similar = try_join_all(similar.iter().take(SIMILAR).map(|id| similar_photo(app, id, now))).await?;
        let reports = match photo.lane {
            Lane::Reported => app.reports.of(&photo.id, REPORTS).await?,
            Lane::Normal | Lane::Held | Lane::Unseen => Vec::new(),
        };
        Ok(QueueItem { links, film, sender, similar: similar.into_iter().flatten().collect(), reports, photo })
    }))
    .await
}

/// Returns a similar photo with the signed address of a small image of it; `None` if its row is gone.
async fn similar_photo(app: &App, id: &PhotoId, now: Timestamp) -> Result<Option<(Photo, Option<String>)>, Fault> {
    let Some(photo) = app.photos.get(id).await? else { return Ok(None) };
    let src = match (&photo.rendered, photo.state) {
        (Some(rendered), State::Pending | State::Published | State::Hidden | State::Rejected) => {
            let renditions: Vec<&Rendition> = rendered.renditions.iter().collect();
            let small =
                nearest(&renditions, SIMILAR_PX).and_then(|near| renditions.iter().position(|one| *one == near));
            let links = app.review.links(&photo.id, rendered, now).await?;
            small.and_then(|i| links.into_iter().nth(i))
        }
        // A quarantined or deleted photo is not shown.
        (
            _,
            State::Reserved
            | State::Pending
            | State::Published
            | State::Hidden
            | State::Rejected
            | State::Expired
            | State::Deleted
            | State::Quarantined,
        ) => None,
    };
    Ok(Some((photo, src)))
}
