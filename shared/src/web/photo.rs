//! A published photo as the API shows it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{
    feed::FeedRow, keys::public_path, limits::VIDEO_TYPE, school::School, states::Kind, time, video::FILM_NAME,
};

/// A published photo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Photo)]
pub struct PhotoView {
    /// The id of the photo.
    pub id: String,
    /// Whether it is a photo or a video. The renditions of a video are made from one of its pictures.
    pub kind: Kind,
    /// The slug of its edition.
    pub edition: String,
    /// The caption: what the photo shows; may be empty.
    pub caption: String,
    /// The alternative text: what the photo shows, for people who cannot see it; may be empty.
    pub alt: String,
    /// The name under which the photo is shown; may be empty.
    pub credit: String,
    /// The school. Null if the photo names none.
    pub school: Option<School>,
    /// The slug of the discipline. Null if the photo has none.
    pub discipline: Option<String>,
    /// When it was first published.
    #[serde(with = "time::iso")]
    #[schema(value_type = String, format = DateTime)]
    pub published_at: Timestamp,
    /// Width of the oriented original in pixels.
    pub width: u32,
    /// Height of the oriented original in pixels.
    pub height: u32,
    /// A [ThumbHash](https://evanw.github.io/thumbhash/) of the photo in base64, to paint until a rendition has arrived.
    pub placeholder: String,
    /// The dominant colour, `#rrggbb`.
    pub color: String,
    /// The files, largest first. Each size comes as JPEG and as WebP.
    pub renditions: Vec<RenditionView>,
    /// A picture of 1200 × 630 pixels to show beside a link to the photo. Null if the photo is too small.
    pub card: Option<RenditionView>,
    /// The path of the photo's page on the site.
    pub page: String,
    /// The file of a video. Null for a photo.
    #[serde(default)]
    pub video: Option<VideoView>,
    /// When a moderator picked it as a favourite of the day. Null if none has.
    #[serde(with = "time::iso::option", default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub picked_at: Option<Timestamp>,
}

/// The file of a published video.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Video)]
pub struct VideoView {
    /// The content type, always `video/mp4`.
    #[serde(rename = "type")]
    pub content_type: String,
    /// The path on the site. It changes when the video is published again.
    pub url: String,
    /// Size in bytes.
    pub bytes: u64,
    /// How long it is, in milliseconds.
    pub duration_ms: u32,
    /// Whether it has sound.
    pub sound: bool,
    /// What is heard, for people who cannot hear it; empty if it has no sound.
    pub transcript: String,
}

/// One file of a published photo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Rendition)]
pub struct RenditionView {
    /// The content type.
    #[serde(rename = "type")]
    pub content_type: String,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Size in bytes.
    pub bytes: u64,
    /// The path on the site. It changes when the photo is published again.
    pub url: String,
}

impl From<&FeedRow> for PhotoView {
    fn from(row: &FeedRow) -> Self {
        let rendition = |rendition: &crate::domain::photo::Rendition| RenditionView {
            content_type: rendition.content_type().to_owned(),
            width: rendition.width,
            height: rendition.height,
            bytes: rendition.bytes,
            url: public_path(&row.id, &row.revision, &rendition.name),
        };
        Self {
            id: row.id.to_string(),
            kind: row.kind,
            edition: row.edition.to_string(),
            caption: row.caption.clone(),
            alt: row.alt.clone(),
            credit: row.credit.clone(),
            school: row.school.clone(),
            discipline: row.discipline.as_ref().map(ToString::to_string),
            published_at: row.published_at,
            width: row.width,
            height: row.height,
            placeholder: row.placeholder.clone(),
            color: row.color.clone(),
            renditions: row.renditions.iter().filter(|r| r.is_whole()).map(rendition).collect(),
            card: row.renditions.iter().find(|r| !r.is_whole()).map(rendition),
            page: format!("/p/{}", row.id),
            video: row.film.as_ref().map(|film| VideoView {
                content_type: VIDEO_TYPE.to_owned(),
                url: public_path(&row.id, &row.revision, FILM_NAME),
                bytes: film.bytes,
                duration_ms: film.duration_ms,
                sound: film.sound,
                transcript: film.transcript.clone(),
            }),
            picked_at: row.picked_at,
        }
    }
}
