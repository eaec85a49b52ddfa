//! `/moderation/quarantine`: the quarantined photos, without images and texts: nobody looks at them any more.

use askama::Template;
use axum::{extract::State, response::Response};
use jiff::SignedDuration;
use shared::{
    domain::{Photo, limits, people::Member},
    pages::{FlashMessage, Page, format, layout::Layout, sample},
    web::{Problem, Query},
};

use crate::{App, form::ProblemQuery, layout::console, signed_in::SignedInPerson};

/// Largest number of photos on the page.
const AT_ONCE: usize = 48;

/// The page of quarantined photos.
#[derive(Clone, Debug, Template)]
#[template(path = "quarantine/quarantine.html")]
pub struct Quarantine {
    /// The layout that all pages share.
    pub layout: Layout,
    /// Why the last form was refused; `None` if there is nothing to say.
    pub told: Option<FlashMessage>,
    /// The photos.
    pub photos: Vec<Locked>,
}

/// A quarantined photo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locked {
    /// The photo's id.
    pub id: String,
    /// The photo's version.
    pub version: u64,
    /// The key of its original in the bucket of originals, or the folder of a video's parts.
    pub original: String,
    /// SHA-256 of its original.
    pub sha256: String,
    /// The id of the device that uploaded it.
    pub uploader: String,
    /// When it was registered.
    pub registered: String,
    /// The date on which the storage deletes its original, even if someone still needs it.
    pub ends: String,
}

impl Page for Quarantine {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Quarantine {
    /// Builds the page for `member`. The storage deletes originals after `original_days`.
    pub fn new(photos: &[Photo], original_days: i64, member: &Member, told: Option<FlashMessage>) -> Self {
        let locked = |photo: &Photo| Locked {
            id: photo.id.to_string(),
            version: photo.version,
            original: photo.originals(),
            sha256: photo.sha256.as_ref().map(ToString::to_string).unwrap_or_default(),
            uploader: photo.uploader.to_string(),
            registered: format::date_and_time(photo.created_at),
            ends: format::date(photo.created_at + SignedDuration::from_hours(24 * original_days)),
        };
        Self { layout: console("Quarantine", member), told, photos: photos.iter().map(locked).collect() }
    }

    /// A sample with one photo.
    pub fn sample() -> Self {
        Self::new(&sample::pending(1), limits::ORIGINAL_DAYS, &sample::organiser(), None)
    }
}

/// `GET /moderation/quarantine`
pub async fn show(
    State(app): State<App>,
    SignedInPerson(member): SignedInPerson,
    Query(ProblemQuery { problem }): Query<ProblemQuery>,
) -> Result<Response, Problem> {
    let photos = match app.editions.current().await? {
        Some(edition) => app.queue.quarantined(&edition.slug, AT_ONCE).await?,
        None => Vec::new(),
    };
    let told = FlashMessage::new(problem.as_deref());
    app.page(&Quarantine::new(&photos, app.original_days, &member, told)).await
}
