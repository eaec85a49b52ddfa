//! A published photo as the API shows it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{feed::FeedRow, keys::public_path, photo::Kind, school::School, time};

/// A published photo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Photo)]
pub struct PhotoView {
    /// Which photo.
    pub id: String,
    /// Photo or video.
    pub kind: Kind,
    /// Its edition.
    pub edition: String,
    /// What it shows; may be empty.
    pub caption: String,
    /// The same for those who cannot see it; may be empty.
    pub alt: String,
    /// Whom it names; may be empty.
    pub credit: String,
    /// Its school.
    pub school: Option<School>,
    /// Its discipline's slug.
    pub discipline: Option<String>,
    /// When it was first published.
    #[serde(with = "time::iso")]
    #[schema(value_type = String, format = DateTime)]
    pub published_at: Timestamp,
    /// Width of the oriented original in pixels.
    pub width: u32,
    /// Height of the oriented original in pixels.
    pub height: u32,
    /// ThumbHash, base64.
    pub placeholder: String,
    /// Dominant colour, `#rrggbb`.
    pub color: String,
    /// Its files, largest first.
    pub renditions: Vec<RenditionView>,
    /// The picture of its card, for links to it: 1200 × 630, the photo whole or a little cut. Null where the photo is too small.
    pub card: Option<RenditionView>,
    /// Its page on the site.
    pub page: String,
}

/// One file of a published photo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Rendition)]
pub struct RenditionView {
    /// Its content type.
    #[serde(rename = "type")]
    pub content_type: String,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Size in bytes.
    pub bytes: u64,
    /// Where it is, from the root of the site; never signed.
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
        }
    }
}
