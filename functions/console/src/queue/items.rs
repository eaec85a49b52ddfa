//! Photos of the queue with what moderators are told beside them. The page and the API show the same.

use futures::future::try_join_all;
use jiff::Timestamp;
use shared::{
    domain::{Photo, PhotoId, State, photo::Rendition, sender::Sender},
    pages::tile::nearest,
    store::Fault,
};

use crate::App;

/// The longest edge of the image of a similar photo, in pixels.
const SIMILAR_PX: u32 = 320;
/// Similar photos of one photo; the first few tell.
const SIMILAR: usize = 6;

/// A photo of the queue, with what the table and the storage say beside its row.
#[derive(Clone, Debug)]
pub struct QueueItem {
    /// The row.
    pub photo: Photo,
    /// Signed addresses of its renditions, in their order; empty if it has none yet.
    pub links: Vec<String>,
    /// What its device has sent.
    pub sender: Sender,
    /// Other photos of the edition that are the same or look the same, at most [`SIMILAR`], each with the signed address of a small
    /// image. `None` if nothing of it may be shown any more.
    pub similar: Vec<(Photo, Option<String>)>,
}

/// Reads what stands beside `photos`, in their order.
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
        let similar = app.photos.alike(&photo, now).await?;
        let similar = try_join_all(similar.iter().take(SIMILAR).map(|id| similar_photo(app, id, now))).await?;
        Ok(QueueItem { links, sender, similar: similar.into_iter().flatten().collect(), photo })
    }))
    .await
}

/// A similar photo, with the signed address of a small image of it; `None` if its row is gone.
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
        // Of what is locked away or erased nothing is shown.
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
