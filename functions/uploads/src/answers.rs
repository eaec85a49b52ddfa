//! The answers of this function.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use shared::{
    domain::{
        keys::public_path,
        limits,
        photo::{People, Photo},
        reasons::PickedReason,
        school::School,
        states::{Kind, State},
        time,
    },
    store::buckets::PresignedUpload,
    web::problem::ProblemBody,
};
use utoipa::ToSchema;

/// Longest time between two sweeps, in seconds.
const SWEEP_SECONDS: i64 = 60;

/// The photos of the request, in its order. Each is either registered or has a problem.
#[derive(Serialize, ToSchema)]
pub struct UploadAnswer {
    /// One entry for each photo of the request.
    pub photos: Vec<Reserved>,
}

/// One photo of the request: registered, or refused with a problem.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum Reserved {
    /// The photo was registered.
    Photo {
        /// The client's own name for the photo.
        #[serde(rename = "ref")]
        reference: String,
        /// The id of the photo.
        id: String,
        /// `reserved`, or a later state if an earlier request registered the photo.
        state: State,
        /// Where and how to send the file. Null if the photo is not `reserved`, and for a video.
        upload: Option<PresignedUpload>,
        /// The numbers of the parts of a video that the storage has, from 0, in order. Absent for a photo, and unless `reserved`.
        #[serde(skip_serializing_if = "Option::is_none")]
        have: Option<Vec<u8>>,
        /// Where and how to send the first of the other parts, at most eight; empty if the storage has all. Absent for a photo, and unless
        /// `reserved`.
        #[serde(skip_serializing_if = "Option::is_none")]
        parts: Option<Vec<PartUpload>>,
    },
    /// The photo was refused.
    Problem {
        /// The client's own name for the photo.
        #[serde(rename = "ref")]
        reference: String,
        /// Why it was refused.
        #[schema(value_type = ProblemBody)]
        problem: serde_json::Value,
    },
}

/// Where and how to upload one part of a video's file.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PartUpload {
    /// The number of the part, from 0.
    pub part: u8,
    /// Always `PUT`.
    pub method: String,
    /// The address on the storage's host. If a network blocks that host, send the same path and query to the site's own host.
    pub url: String,
    /// The headers to send, exactly these, as for a photo.
    pub headers: BTreeMap<String, String>,
    /// When the address expires.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

impl PartUpload {
    /// Returns the upload of the part with this number.
    pub fn new(part: u8, upload: PresignedUpload) -> Self {
        let PresignedUpload { method, url, headers, expires_at } = upload;
        Self { part, method, url, headers, expires_at }
    }
}

/// A photo whose file has not arrived yet, with a new upload address.
#[derive(Serialize, ToSchema)]
pub struct Renewed {
    /// The id of the photo.
    pub id: String,
    /// Always `reserved`.
    pub state: State,
    /// Where and how to send the file; for a video, the first part that the storage does not have, or the last part if it has all.
    pub upload: PresignedUpload,
    /// The numbers of the parts of a video that the storage has, from 0, in order. Absent for a photo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub have: Option<Vec<u8>>,
    /// Where and how to send the first of the other parts, at most eight; empty if the storage has all. Absent for a photo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parts: Option<Vec<PartUpload>>,
}

/// An uploader's own photos.
#[derive(Serialize, ToSchema)]
pub struct OwnPhotos {
    /// The photos, oldest first.
    pub photos: Vec<OwnPhoto>,
    /// The value of `after` for the next page. Null on the last page.
    pub next: Option<String>,
}

/// One of an uploader's own photos.
#[derive(Serialize, ToSchema)]
pub struct OwnPhoto {
    /// The id of the photo.
    pub id: String,
    /// The slug of its edition.
    pub edition: String,
    /// Photo or video.
    pub kind: Kind,
    /// The photo's state.
    pub state: State,
    /// Why the photo is not shown, in words for its uploader. Null if there is no reason.
    pub reason: Option<String>,
    /// The name of the reason if a moderator picked it from their list, such as `pupil` or `music`, so that it can be shown in other words
    /// or in another language. Null for any other reason.
    pub reason_name: Option<String>,
    /// The caption; may be empty.
    pub caption: String,
    /// The alternative text; may be empty.
    pub alt: String,
    /// The credit line; may be empty.
    pub credit: String,
    /// Who is in the photo.
    pub people: People,
    /// The school. Null if the photo names none.
    pub school: Option<OwnSchool>,
    /// The slug of the discipline. Null if the photo has none.
    pub discipline: Option<String>,
    /// SHA-256 of the file, as it was registered. Two photos with the same value have the same file.
    pub sha256: Option<String>,
    /// When the photo was registered.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Whether a moderator has picked it as a favourite that everybody is shown.
    pub picked: bool,
    /// The path of its page on the site. Null unless the photo is published.
    pub page: Option<String>,
    /// The path of its smallest rendition. Null unless the photo is published.
    pub thumbnail: Option<String>,
    /// What only a video has. Null for a photo.
    pub video: Option<OwnVideo>,
}

/// What only a video of an uploader's own has.
#[derive(Serialize, ToSchema)]
pub struct OwnVideo {
    /// Whether it keeps its sound. A moderator may have published it without.
    pub sound: bool,
    /// What is heard; empty if it has no sound.
    pub transcript: String,
}

impl From<&Photo> for OwnPhoto {
    fn from(photo: &Photo) -> Self {
        let published = photo.state == State::Published;
        let picked = photo.reason.as_deref().and_then(|reason| PickedReason::named(reason, photo.kind));
        let smallest = photo.rendered.as_ref().and_then(|rendered| rendered.renditions.iter().min_by_key(|r| r.width));
        let thumbnail = photo.revision.as_ref().zip(smallest).filter(|_| published);
        Self {
            id: photo.id.to_string(),
            edition: photo.edition.to_string(),
            kind: photo.kind,
            state: photo.state,
            reason: photo.reason.clone(),
            reason_name: picked.map(|reason| reason.as_str().to_owned()),
            caption: photo.caption.clone(),
            alt: photo.alt.clone(),
            credit: photo.credit.clone(),
            people: photo.people,
            school: photo.school.as_ref().map(OwnSchool::from),
            discipline: photo.discipline.as_ref().map(ToString::to_string),
            sha256: photo.sha256.as_ref().map(ToString::to_string),
            created_at: photo.created_at,
            picked: photo.moderation.picked_at.is_some(),
            page: published.then(|| format!("/p/{}", photo.id)),
            thumbnail: thumbnail.map(|(revision, smallest)| public_path(&photo.id, revision, &smallest.name)),
            video: photo
                .video
                .as_ref()
                .map(|video| OwnVideo { sound: video.sound, transcript: video.transcript.clone() }),
        }
    }
}

/// The school of a photo, as its uploader named it.
#[derive(Serialize, ToSchema)]
pub struct OwnSchool {
    /// Its number in an official register. Null if only its name was given.
    pub urn: Option<String>,
    /// Its name.
    pub name: String,
}

impl From<&School> for OwnSchool {
    fn from(school: &School) -> Self {
        Self { urn: school.urn.clone(), name: school.name.clone() }
    }
}

/// Where a withdrawn photo has been erased so far, and when it will be erased everywhere. `gone` means that it cannot come back.
#[derive(Serialize, ToSchema)]
pub struct ErasureStatus {
    /// The pages, feeds and the API of this site. Always `gone`.
    pub site: ErasureStep,
    /// The storage. It is `gone` once the storage has been searched again after every upload address has expired.
    pub storage: ErasureStep,
    /// The caches of the content delivery network.
    pub edges: ErasureStep,
    /// When the photo left the site.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub site_at: Timestamp,
    /// When its files were first erased. Null if they have not been erased yet.
    #[serde(serialize_with = "time::iso::option::serialize")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub erased_at: Option<Timestamp>,
    /// When `storage` became `gone`, or will be at the latest.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub storage_at: Timestamp,
    /// When `edges` became `gone`, or will be at the latest.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub edges_at: Timestamp,
}

impl ErasureStatus {
    /// Returns how far the erasure of a withdrawn photo is at `now`; `None` if the photo was not withdrawn.
    pub fn new(photo: &Photo, now: Timestamp) -> Option<Self> {
        if photo.state != State::Deleted {
            return None;
        }
        let after = |from: Timestamp, seconds: i64| from + SignedDuration::from_secs(seconds);
        let removed_at = photo.removed_at.unwrap_or(photo.created_at);
        let (storage, storage_at) = match photo.purged_at.filter(|_| photo.purged == Some(photo.version)) {
            Some(purged_at) => (ErasureStep::Gone, purged_at),
            // If it is late, the next sweep that can do it.
            None => (
                ErasureStep::Pending,
                after(removed_at, limits::PURGE_FENCE_SECONDS).max(now) + SignedDuration::from_secs(SWEEP_SECONDS),
            ),
        };
        let ended = photo.erased_at.map(|erased_at| after(erased_at, limits::EDGE_SECONDS));
        let (edges, edges_at) = match (photo.published_at, ended) {
            (None, _) => (ErasureStep::Gone, removed_at),
            (Some(_), Some(ended)) if ended <= now => (ErasureStep::Gone, ended),
            (Some(_), Some(ended)) => (ErasureStep::Pending, ended),
            (Some(_), None) => (ErasureStep::Pending, after(now, limits::EDGE_SECONDS + SWEEP_SECONDS)),
        };
        let erased_at = photo.erased_at;
        Some(Self { site: ErasureStep::Gone, storage, edges, site_at: removed_at, erased_at, storage_at, edges_at })
    }
}

/// Whether a photo has been erased from one of the places where it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ErasureStep {
    /// It has been erased.
    Gone,
    /// It will be erased by the time in the corresponding field.
    Pending,
}
