//! Turns the event of an original into a pending photo. The process may die after any step:
//!
//! | Step | Dies right after | Twice or late |
//! |---|---|---|
//! | the row expects bytes; the object, or each part of a video, has the signed size and hash | nothing written | same bytes, each key is written once |
//! | attempt + 1, or into the isolation lane after three | counts a kill | a caught failure gives it back |
//! | look, decode, scale, encode | nothing written | the same bytes again |
//! | renditions into *review*, in a folder named by their hash and the row's version | a retry overwrites them with the same; the sweep removes what stays | harmless |
//! | commit: `pending` | the message comes back and finds nothing to do | refused by the condition |

mod video;

use std::time::{Duration, Instant};

use bytes::Bytes;
use jiff::Timestamp;
use shared::{
    domain::{
        Photo, State,
        fingerprint::Fingerprint,
        ids::Sha256Hex,
        keys::OriginalKey,
        limits,
        moderation::{Cover, PARTS, RequestedCovers},
        photo::{Rendered, Rendition},
        screening::{Hint, HintKind},
        video::{PartHashes, Video},
    },
    runtime::{
        Clock,
        metrics::{self, Figure},
        telemetry,
    },
    store::{
        Fault, Photos,
        blocklist::{Blocked, Blocklist},
        buckets::{Originals, Review},
        budget::Budget,
        messages::Messages,
        photos::Applied,
        similar_photos::{Found, SimilarPhotos},
        twins::Twins,
    },
};

use pipeline::render::{self, Limits, Unreadable};

/// The actor in the audit for what this function does.
const ACTOR: &str = "renditions";
/// What the uploader reads about a file that killed its worker every time.
const UNPROCESSABLE: &str = "We could not open this photo. Save it again as a JPEG and add that.";
/// What the uploader reads about a file that was removed before, for a reason that they are not told.
const BLOCKED: &str = "The organisers have decided that this photo cannot be shown here.";
/// Longest time to render one file before it is refused; well within the function's time-out.
const RENDER_TIME: Duration = Duration::from_secs(12);
/// Time reserved before the time-out to write and commit a rendered file.
const COMMIT_TIME: Duration = Duration::from_secs(2);

/// The state that the handler works with.
#[derive(Clone, Debug)]
pub struct App {
    pub(crate) blocklist: Blocklist,
    pub(crate) budget: Budget,
    pub(crate) clock: Clock,
    pub(crate) isolation: Messages,
    pub(crate) look_alikes: SimilarPhotos,
    pub(crate) originals: Originals,
    pub(crate) photos: Photos,
    pub(crate) review: Review,
    pub(crate) twins: Twins,
}

/// The outcome of one message about an original.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ingested {
    /// The photo's renditions wait for a decision.
    Pending,
    /// The photo was rejected; its uploader reads why.
    Rejected,
    /// The file has killed its worker too often and was moved to the isolation lane, where it can harm no other photo.
    Isolated,
    /// There was nothing to do: the photo has been processed, is gone, or does not exist.
    Nothing,
}

/// The queue that a message came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The queue of all originals.
    Queue,
    /// The isolation lane: one message at a time, and for the last time.
    Isolation,
}

/// Makes the renditions of one original. Running it again, early, late or twice at once, changes nothing. `deadline` is when this process
/// ends.
///
/// # Errors
/// A fault that may not occur again; the message must return to the queue.
pub async fn ingest(app: &App, key: &OriginalKey, source: Source, deadline: Instant) -> Result<Ingested, Fault> {
    let Some(photo) = app.photos.get(&key.id).await?.filter(|photo| photo.has_original(key)) else {
        return Ok(Ingested::Nothing);
    };
    telemetry::about(&photo);
    if photo.state == State::Deleted {
        // An upload address from before the withdrawal was used after it. The purge after the fence, or the sweep, would find the file,
        // too.
        app.originals.delete(&key.to_string()).await?;
        return Ok(Ingested::Nothing);
    }
    let asked = asked_covers(&photo);
    if !photo.expects_bytes() && asked.is_none() {
        return Ok(Ingested::Nothing);
    }
    let Some((file, stored_at)) = fetch(app, &photo, key).await? else { return Ok(Ingested::Nothing) };
    let given = file.given();
    if (given.0, Some(&given.1)) != (photo.size_bytes, photo.sha256.as_ref()) {
        // The storage checks this on arrival. If it accepted other bytes, the fault is ours, and the photo is not shown.
        tracing::error!(stored_bytes = given.0, "the stored file is not the one that was signed");
        return reject(app, &photo, "The file that arrived is not the one that was announced. Add it again.").await;
    }
    // People decide about a photo that has been ingested before, whatever became of others with the same file.
    if let (Some(asked), File::Photo(bytes)) = (asked, &file) {
        return cover(app, &photo, bytes.clone(), asked, deadline).await;
    }
    let blocked = app.blocklist.find(&given.1, app.clock.now()).await?;
    if blocked == Some(Blocked::ForGood) {
        tracing::warn!("a file that may not come back");
        app.budget.spend(photo.size_bytes, app.clock.now()).await?;
        return reject_file(app, &photo, BLOCKED).await;
    }
    let most = match source {
        Source::Queue => limits::MAX_ATTEMPTS,
        Source::Isolation => limits::MAX_ATTEMPTS_ISOLATED,
    };
    if !app.photos.begin_attempt(&photo, most).await? {
        return give_up(app, key, source).await;
    }
    telemetry::attempt(photo.attempts + 1);
    if let Err(fault) = app.budget.spend(photo.size_bytes, app.clock.now()).await {
        // A table that is overloaded says nothing against the file.
        app.photos.give_attempt_back(&photo).await?;
        return Err(fault);
    }
    let begun = Instant::now();
    let until = (begun + RENDER_TIME).min(deadline.checked_sub(COMMIT_TIME).unwrap_or(deadline));
    let video = photo.video.clone();
    let rendered = tokio::task::spawn_blocking(move || {
        let limits = Limits { deadline: Some(until), ..Limits::default() };
        match file {
            File::Photo(bytes) => Ok(Made { pictures: render::render(&bytes, &limits)?, film: None }),
            File::Video(parts) => video::made(&parts, video.as_ref(), &limits),
        }
    });
    let rendered = match rendered.await {
        Ok(rendered) => rendered,
        Err(panic) => {
            app.photos.give_attempt_back(&photo).await?;
            return Err(Fault::passing("render", panic));
        }
    };
    let rendered_in = begun.elapsed();
    let ingested = match rendered {
        // The file had less time than it may take, which says nothing about it. Next time it may be the first of its batch.
        Err(Unusable { too_slow: true, .. }) if until < begun + RENDER_TIME => {
            Err(Fault::passing("render", "too little time left"))
        }
        Ok(made) => commit(app, &photo, blocked, made, stored_at).await,
        Err(unusable) => reject_file(app, &photo, &unusable.words).await,
    };
    match &ingested {
        Ok(outcome) => {
            let render_ms = u64::try_from(rendered_in.as_millis()).unwrap_or(u64::MAX);
            tracing::info!(?outcome, render_ms, "ingested");
        }
        Err(_) => app.photos.give_attempt_back(&photo).await?,
    }
    ingested
}

/// Handles a photo that may not be attempted again: after the queue it goes to the isolation lane, and after that its uploader reads that
/// it cannot be opened. Does nothing if the photo was processed meanwhile.
async fn give_up(app: &App, key: &OriginalKey, source: Source) -> Result<Ingested, Fault> {
    let Some(photo) = app.photos.get(&key.id).await?.filter(Photo::expects_bytes) else { return Ok(Ingested::Nothing) };
    match source {
        Source::Queue => {
            tracing::warn!(attempts = photo.attempts, "a file that kills its worker is isolated");
            app.isolation.isolate(key, photo.size_bytes, app.clock.now()).await?;
            Ok(Ingested::Isolated)
        }
        Source::Isolation => {
            tracing::warn!(attempts = photo.attempts, "a file that kills its worker is given up");
            reject_file(app, &photo, if photo.is_video() { video::UNPROCESSABLE } else { UNPROCESSABLE }).await
        }
    }
}

/// Returns the covers that a moderator drew if they are not on the renditions yet.
fn asked_covers(photo: &Photo) -> Option<RequestedCovers> {
    photo.moderation.redaction.clone().filter(|_| photo.moderation.covering())
}

/// Makes the renditions anew with the covers that a moderator drew. The original is not changed, so that covers can be drawn differently
/// later.
async fn cover(
    app: &App,
    photo: &Photo,
    bytes: Bytes,
    asked: RequestedCovers,
    deadline: Instant,
) -> Result<Ingested, Fault> {
    let begun = Instant::now();
    let until = (begun + RENDER_TIME).min(deadline.checked_sub(COMMIT_TIME).unwrap_or(deadline));
    let boxes: Vec<_> = asked.covers.iter().copied().map(boxed).collect();
    let rendered = tokio::task::spawn_blocking(move || {
        render::render_covered(&bytes, &boxes, &Limits { deadline: Some(until), ..Limits::default() })
    });
    let rendered = rendered.await.map_err(|panic| Fault::passing("render", panic))?;
    // It was rendered before, so it can be rendered again; if not, the fault is ours.
    let rendered = rendered.map_err(|unreadable| Fault::broken("cover photo", unreadable.to_string()))?;
    let rendered = put(app, photo, Made { pictures: rendered, film: None }).await?;
    let rule = |photo: &Photo, now| Ok::<_, Fault>(photo.redacted(&asked, rendered.clone(), ACTOR, now));
    match app.photos.apply(&photo.id, &app.clock, rule).await? {
        Applied::Changed(_) => {
            // The renditions without the covers are in the outbox: the next sweep erases them.
            tracing::info!(covers = asked.covers.len(), "covered");
            Ok(Ingested::Pending)
        }
        Applied::Absent => Ok(Ingested::Nothing),
        Applied::Unchanged(now) => lost(app, &now, &rendered).await,
    }
}

/// Handles renditions that came too late. If the photo is deleted, they are erased at once, because nothing can name them any more;
/// otherwise they are left to the sweep of objects, which looks again when no worker of now is alive.
async fn lost(app: &App, now: &Photo, rendered: &Rendered) -> Result<Ingested, Fault> {
    if now.state == State::Deleted {
        app.review.erase_folder(&now.id, &rendered.hash).await?;
    }
    Ok(Ingested::Nothing)
}

/// Converts a cover to the pipeline's type. Both count in the same fractions of an edge.
fn boxed(cover: Cover) -> render::Cover {
    const _: () = assert!(PARTS == render::PARTS);
    let Cover { x, y, width, height } = cover;
    render::Cover { x, y, width, height }
}

/// The bytes of an original.
enum File {
    /// A photo's.
    Photo(Bytes),
    /// A video's, in the parts in which they were uploaded.
    Video(Vec<Bytes>),
}

impl File {
    /// Returns the size and the hash, as [`Photo`]'s row has them.
    fn given(&self) -> (u64, Sha256Hex) {
        let length = |bytes: &Bytes| u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        match self {
            Self::Photo(bytes) => (length(bytes), Sha256Hex::digest(bytes)),
            Self::Video(parts) => {
                let hashes: PartHashes = parts.iter().map(|part| Sha256Hex::digest(part)).collect();
                (parts.iter().map(length).sum(), hashes.whole())
            }
        }
    }
}

/// What was made of an original.
struct Made {
    /// The renditions, and what was measured of the picture.
    pictures: render::Rendered,
    /// The files of a video.
    film: Option<video::Files>,
}

/// Why nothing could be made of an original.
struct Unusable {
    /// Whether the deadline passed.
    too_slow: bool,
    /// What the uploader reads.
    words: String,
}

impl From<Unreadable> for Unusable {
    fn from(unreadable: Unreadable) -> Self {
        Self { too_slow: unreadable == Unreadable::TooSlow, words: unreadable.to_string() }
    }
}

/// Everything that is made of a video, for showing what the pipeline does.
#[derive(Clone, Debug)]
pub struct VideoFiles {
    /// The renditions of its poster.
    pub poster: render::Rendered,
    /// The new files: the video, its sheet, and the video without its sound if it has any.
    pub files: Vec<render::Rendition>,
    /// How long it is, in milliseconds.
    pub duration_ms: u32,
}

/// Makes the files of a video of at most [`limits::MAX_VIDEO_SECONDS`], with its sound.
///
/// # Errors
/// Why there are none, in words for the uploader.
pub fn video_files(file: Bytes, limits: &Limits) -> Result<VideoFiles, String> {
    let video = Video {
        limit_s: limits::MAX_VIDEO_SECONDS,
        sound: true,
        transcript: String::new(),
        parts: PartHashes::default(),
    };
    let made = video::made(&[file], Some(&video), limits).map_err(|unusable| unusable.words)?;
    let (kept, files) = made.film.map(video::Files::into_parts).unzip();
    let duration_ms = kept.map_or(0, |film| film.duration_ms);
    Ok(VideoFiles { poster: made.pictures, files: files.unwrap_or_default(), duration_ms })
}

/// Reads the original and the time when it was stored, of a video all parts and the time of the last one. `None` if it is not there, or not
/// all of it.
async fn fetch(app: &App, photo: &Photo, key: &OriginalKey) -> Result<Option<(File, Timestamp)>, Fault> {
    if photo.is_video() {
        let stored = app.originals.stored(photo).await?;
        let Some(last_at) = stored.last_at.filter(|_| stored.is_whole(photo)) else { return Ok(None) };
        let parts = app.originals.get_parts(&stored.keys).await?;
        return Ok(parts.map(|parts| (File::Video(parts), last_at)));
    }
    let Some(head) = app.originals.head(key).await? else { return Ok(None) };
    let bytes = app.originals.get(key, &head.etag).await?;
    Ok(bytes.map(|bytes| (File::Photo(bytes), head.modified_at)))
}

/// Writes renditions to the review bucket.
async fn put(app: &App, photo: &Photo, made: Made) -> Result<Rendered, Fault> {
    let Made { pictures: rendered, film } = made;
    let card = render::card(&rendered).map_err(|unreadable| Fault::broken("make card", unreadable.to_string()))?;
    let written = |made: render::Rendition| {
        let bytes = u64::try_from(made.bytes.len()).unwrap_or(u64::MAX);
        (Rendition { name: made.name, width: made.width, height: made.height, bytes }, made.bytes)
    };
    let renditions: Vec<_> = rendered.renditions.into_iter().chain(card).map(written).collect();
    let hash = film.as_ref().map_or_else(|| rendered.hash.clone(), |film| film.hash(&rendered.hash));
    let folder = format!("{hash}-{}", photo.version);
    let (film, files) = film.map(video::Files::into_parts).unzip();
    let all: Vec<_> = renditions.iter().cloned().chain(files.into_iter().flatten().map(written)).collect();
    app.review.put(&photo.id, &folder, &all).await?;
    Ok(Rendered {
        width: rendered.width,
        height: rendered.height,
        placeholder: rendered.placeholder,
        color: rendered.color,
        fingerprint: rendered.fingerprint.map(Fingerprint::from_bits),
        hash: folder,
        renditions: renditions.into_iter().map(|(rendition, _)| rendition).collect(),
        film,
    })
}

async fn commit(
    app: &App,
    photo: &Photo,
    blocked: Option<Blocked>,
    made: Made,
    stored_at: Timestamp,
) -> Result<Ingested, Fault> {
    let truncated = truncated(&made.pictures);
    let rendered = put(app, photo, made).await?;
    let now = app.clock.now();
    let mut hints = notice(app, photo, blocked, rendered.fingerprint, now).await?;
    hints.extend(truncated);
    let twin = app.twins.of(photo, rendered.fingerprint, now).await?;
    if let Some(fingerprint) = rendered.fingerprint {
        app.look_alikes.note(photo, fingerprint).await?;
    }
    let rule = |photo: &Photo, now| {
        let photo = photo.noticed(&hints);
        let photo = twin.map_or_else(|| photo.clone(), |twin| photo.guarded(twin));
        Ok::<_, Fault>(photo.ingest(rendered.clone(), ACTOR, now))
    };
    match app.photos.apply(&photo.id, &app.clock, rule).await? {
        Applied::Changed(change) => {
            telemetry::about(&change.after);
            metrics::tell(Figure::UploadToPending(change.audit.at.duration_since(stored_at)), change.audit.at);
            Ok(Ingested::Pending)
        }
        Applied::Absent => Ok(Ingested::Nothing),
        Applied::Unchanged(now) => lost(app, &now, &rendered).await,
    }
}

/// Returns a hint that the file ends early or is damaged, which a moderator cannot see if the picture looks whole.
fn truncated(rendered: &render::Rendered) -> Option<Hint> {
    let words = amiss(rendered.truncated, rendered.missing_percent, rendered.damaged_percent)?;
    Some(Hint { kind: HintKind::Truncated, words })
}

/// Says in words what is wrong with a file.
fn amiss(ends_early: bool, missing_percent: u8, damaged_percent: u8) -> Option<String> {
    let early = match (missing_percent, damaged_percent) {
        (0, 0) => "The file ends early. All of the picture seems to be there.".to_owned(),
        (0, _) => "The file ends early.".to_owned(),
        (percent, _) => format!("The file ends early. About {percent} % of the picture is missing and was cut off."),
    };
    let damaged = format!(
        "The file is damaged. Up to {damaged_percent} % of the picture may be grey, shifted, blurred or in the wrong colours."
    );
    match (ends_early, damaged_percent > 0) {
        (false, false) => None,
        (true, false) => Some(early),
        (false, true) => Some(damaged),
        (true, true) => Some(format!("{early} {damaged}")),
    }
}

/// Returns hints from the picture itself: it looks like a photo that was removed, or like one that exists.
async fn notice(
    app: &App,
    photo: &Photo,
    blocked: Option<Blocked>,
    fingerprint: Option<Fingerprint>,
    now: Timestamp,
) -> Result<Vec<Hint>, Fault> {
    let mut hints = Vec::new();
    let found = match fingerprint {
        Some(fingerprint) => app.look_alikes.find(photo, fingerprint, now).await?,
        None => Found::default(),
    };
    if blocked.is_some() || found.removed {
        let words = "It looks like a photo that was removed lately.".to_owned();
        hints.push(Hint { kind: HintKind::Removed, words });
    }
    if !found.photos.is_empty() {
        let words = "It looks like another photo that is with us.".to_owned();
        hints.push(Hint { kind: HintKind::NearDuplicate, words });
    }
    Ok(hints)
}

/// Rejects a photo because of its file. Its bytes count against its device and its network: see [`shared::domain::budget`].
async fn reject_file(app: &App, photo: &Photo, reason: &str) -> Result<Ingested, Fault> {
    let rejected = reject(app, photo, reason).await?;
    if rejected == Ingested::Rejected {
        let noted =
            app.budget.note_unusable(photo.size_bytes, &photo.uploader, photo.network.as_ref(), app.clock.now()).await;
        // Ignored: the message would return to a photo that is rejected already. A flood shows in the files that are counted.
        if let Err(fault) = noted {
            tracing::warn!(fault = fault.chain(), "a file that could not be used is not counted");
        }
    }
    Ok(rejected)
}

async fn reject(app: &App, photo: &Photo, reason: &str) -> Result<Ingested, Fault> {
    let rule = |photo: &Photo, now| Ok::<_, Fault>(photo.unreadable(reason.to_owned(), ACTOR, now));
    match app.photos.apply(&photo.id, &app.clock, rule).await? {
        Applied::Changed(change) => {
            telemetry::about(&change.after);
            Ok(Ingested::Rejected)
        }
        Applied::Absent | Applied::Unchanged(_) => Ok(Ingested::Nothing),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_moderator_reads_how_much_is_missing_and_how_much_is_damaged() {
        let damaged =
            "The file is damaged. Up to 7 % of the picture may be grey, shifted, blurred or in the wrong colours.";
        let cut = "The file ends early. About 12 % of the picture is missing and was cut off.";
        assert_eq!(amiss(false, 0, 0), None);
        assert_eq!(amiss(true, 0, 0).unwrap(), "The file ends early. All of the picture seems to be there.");
        assert_eq!(amiss(true, 12, 0).unwrap(), cut);
        assert_eq!(amiss(false, 0, 7).unwrap(), damaged);
        assert_eq!(amiss(true, 12, 7).unwrap(), format!("{cut} {damaged}"));
        assert_eq!(amiss(true, 0, 7).unwrap(), format!("The file ends early. {damaged}"));
    }
}
