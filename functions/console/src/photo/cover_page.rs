//! `/moderation/photos/{id}/cover`: draws covers over what nobody should recognise. The editor is a script; without it, one cover can be
//! given as numbers.

use askama::Template;
use axum::{extract::State, response::Response};
use shared::{
    domain::{Photo, PhotoId, Refusal, State as PhotoState, moderation::PARTS, people::Member, photo::Rendition},
    pages::{Page, layout::Layout, links, sample, tile::nearest},
    web::{Path, Problem},
};

use crate::{App, layout::console, signed_in::SignedInPerson};

/// Longest edge of the image, in pixels.
const EDGE_PX: u32 = 1280;

/// The page on which covers are drawn.
#[derive(Clone, Debug, Template)]
#[template(path = "photo/cover.html")]
pub struct Cover {
    /// The layout that all pages share.
    pub layout: Layout,
    /// The photo's id.
    pub id: String,
    /// The photo's version.
    pub version: u64,
    /// The photo's caption.
    pub caption: String,
    /// The signed address of the image.
    pub src: String,
    /// Width of the original, in pixels.
    pub width: u32,
    /// Height of the original, in pixels.
    pub height: u32,
    /// The photo's present covers, as JSON.
    pub boxes: String,
    /// The address that the form is sent to.
    pub action: String,
    /// The address of the photo's page for moderators.
    pub back: String,
}

impl Page for Cover {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Cover {
    /// Builds the page of `photo`. `links_of` are the signed addresses of its renditions, in their order.
    pub fn new(photo: &Photo, links_of: &[String], member: &Member) -> Self {
        let renditions: Vec<&Rendition> = photo.rendered.iter().flat_map(|rendered| &rendered.renditions).collect();
        let shown = nearest(&renditions, EDGE_PX).and_then(|near| renditions.iter().position(|one| *one == near));
        let (width, height) = photo.rendered.as_ref().map_or((1, 1), |rendered| (rendered.width, rendered.height));
        let covers = photo.moderation.redaction.iter().flat_map(|redaction| &redaction.covers);
        let part = |n: u16| f64::from(n) / f64::from(PARTS);
        let boxes: Vec<String> = covers
            .map(|cover| {
                let (x, y, w, h) = (part(cover.x), part(cover.y), part(cover.width), part(cover.height));
                format!(r#"{{"x":{x},"y":{y},"width":{w},"height":{h}}}"#)
            })
            .collect();
        Self {
            layout: console("Covers", member)
                .with_modules(&["js/moderation/cover.js"])
                .with_styles(&["css/components/cover.css"]),
            id: photo.id.to_string(),
            version: photo.version,
            caption: if photo.caption.is_empty() { "No caption".into() } else { photo.caption.clone() },
            src: shown.and_then(|i| links_of.get(i)).cloned().unwrap_or_default(),
            width,
            height,
            boxes: format!("[{}]", boxes.join(",")),
            action: links::covers(&photo.id),
            back: links::moderation_photo(&photo.id),
        }
    }

    /// A sample: a photo that waits for a decision.
    pub fn sample() -> Self {
        match sample::pending(1).pop() {
            Some(photo) => Self::new(&photo, &vec!["/m/sample/1280.jpg".into(); 4], &sample::member()),
            None => Self {
                layout: Layout::default(),
                id: String::new(),
                version: 0,
                caption: String::new(),
                src: String::new(),
                width: 1,
                height: 1,
                boxes: "[]".into(),
                action: String::new(),
                back: String::new(),
            },
        }
    }
}

/// `GET /moderation/photos/{id}/cover`
pub async fn show(
    State(app): State<App>,
    SignedInPerson(member): SignedInPerson,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id: PhotoId = id.parse().map_err(|_| Refusal::PhotoNotFound)?;
    let photo = app.photos.get(&id).await?.ok_or(Refusal::PhotoNotFound)?;
    let drawable = matches!(photo.state, PhotoState::Pending | PhotoState::Published | PhotoState::Hidden);
    let rendered = photo.rendered.as_ref().filter(|_| drawable).ok_or(Refusal::PhotoNotFound)?;
    let links = app.review.links(&id, rendered, app.clock.now()).await?;
    app.page(&Cover::new(&photo, &links, &member)).await
}
