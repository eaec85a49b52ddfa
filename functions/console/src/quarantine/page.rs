//! `/moderation/quarantine`: what is locked away. No picture and no words: nobody looks at it any more.

use askama::Template;
use axum::{extract::State, response::Response};
use jiff::SignedDuration;
use shared::{
    domain::{Photo, limits, people::Member},
    pages::{FlashMessage, Page, format, layout::Layout, sample},
    web::{Problem, Query},
};

use crate::{App, form::ProblemQuery, layout::console, signed_in::SignedInPerson};

/// Photos of one look.
const AT_ONCE: usize = 48;

/// What is locked away.
#[derive(Clone, Debug, Template)]
#[template(path = "quarantine/quarantine.html")]
pub struct Quarantine {
    /// What all pages share.
    pub layout: Layout,
    /// What a form was refused for.
    pub told: Option<FlashMessage>,
    /// The photos.
    pub photos: Vec<Locked>,
}

/// A photo that is locked away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locked {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: u64,
    /// Where its original lies.
    pub original: String,
    /// Its original's hash.
    pub sha256: String,
    /// The device that sent it.
    pub uploader: String,
    /// When.
    pub registered: String,
    /// The day on which the storage deletes its original, whoever asks for it then.
    pub ends: String,
}

impl Page for Quarantine {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Quarantine {
    /// The page as `member` sees it.
    pub fn of(photos: &[Photo], member: &Member, told: Option<FlashMessage>) -> Self {
        let locked = |photo: &Photo| Locked {
            id: photo.id.to_string(),
            version: photo.version,
            original: photo.original_key().to_string(),
            sha256: photo.sha256.as_ref().map(ToString::to_string).unwrap_or_default(),
            uploader: photo.uploader.to_string(),
            registered: format::date_and_time(photo.created_at),
            ends: format::date(photo.created_at + SignedDuration::from_hours(24 * limits::ORIGINAL_DAYS)),
        };
        Self { layout: console("Locked away", member), told, photos: photos.iter().map(locked).collect() }
    }

    /// One photo.
    pub fn sample() -> Self {
        Self::of(&sample::pending(1), &sample::organiser(), None)
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
    let told = FlashMessage::of(problem.as_deref());
    app.page(&Quarantine::of(&photos, &member, told)).await
}
