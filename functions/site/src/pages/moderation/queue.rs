//! `/moderation/queue`: what waits for a decision, oldest first.

use askama::Template;
use axum::{extract::State, response::Response};
use futures::future::try_join_all;
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use shared::{
    domain::{
        Edition, Lane, Photo, PhotoId, State as PhotoState,
        people::Member,
        photo::{People, Rendition},
    },
    store::{Fault, queue::Waiting},
    web::{Cache, Problem, Query},
};

use super::{Moderator, consent, people, photo::reasons};
use crate::{
    App,
    frame::{Frame, Nav, PageStyle},
    lang::Lang,
    links,
    pages::{Page, Told},
    sample,
    tile::{Tray, nearest},
    words,
};

/// Photos of one page. A moderator decides on so many within the time for which they are theirs alone.
const AT_ONCE: usize = 24;
/// The longest edge of the image that is decided on, in pixels.
const EDGE_PX: u32 = 1280;
/// The longest edge of the image of one that looks like it.
const ALIKE_PX: u32 = 320;
/// Photos that are shown because they look like one; the first few tell.
const ALIKE: usize = 6;

/// One lane of the queue.
#[derive(Clone, Debug, Template)]
#[template(path = "queue.html")]
pub struct Queue {
    /// What all pages share.
    pub frame: Frame,
    /// How much waits, and for how long.
    pub waiting: String,
    /// The lanes.
    pub lanes: Vec<LaneTab>,
    /// This lane's name.
    pub lane: &'static str,
    /// This lane's address.
    pub here: String,
    /// The photos.
    pub cards: Vec<Card>,
    /// What to say where there are none.
    pub empty: Empty,
    /// Reasons to choose from: the name in the API, and for the moderator.
    pub reasons: Vec<(&'static str, &'static str)>,
    /// What a form was refused for.
    pub told: Option<Told>,
    /// What can be decided here, but for rejecting.
    pub choices: Vec<Choice>,
}

/// One decision of a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Its name in the API.
    pub action: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// Its key.
    pub key: &'static str,
    /// The look of its button.
    pub style: &'static str,
    /// The only state of a photo in which it makes sense; empty for all.
    pub state: &'static str,
}

/// A lane to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneTab {
    /// Its address.
    pub href: String,
    /// Its name.
    pub name: &'static str,
    /// Whether it is this one.
    pub current: bool,
}

/// Words for an empty lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Empty {
    /// What is so.
    pub title: &'static str,
    /// What follows.
    pub text: &'static str,
}

/// A photo to decide on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Its id.
    pub id: String,
    /// The version that is shown.
    pub version: u64,
    /// Its page for moderators.
    pub href: String,
    /// The signed address of its image.
    pub src: String,
    /// Width of the original.
    pub width: u32,
    /// Height of the original.
    pub height: u32,
    /// Its caption.
    pub caption: String,
    /// Its description.
    pub alt: String,
    /// Whom it names.
    pub credit: String,
    /// Its school.
    pub school: String,
    /// Its discipline.
    pub tray: Option<Tray>,
    /// Who is in it.
    pub people: &'static str,
    /// Whether pupils might be.
    pub pupils: bool,
    /// What it may be used for.
    pub consent: String,
    /// What else its uploader has sent.
    pub uploader: String,
    /// Since when it waits.
    pub waiting: String,
    /// Other photos that are the same or look the same.
    pub alike: Vec<AlikeCard>,
    /// What a machine noticed, and what was reported.
    pub hints: Vec<String>,
    /// The device that sent it, so that all of its photos here can be published at once.
    pub device: String,
    /// Where it stands.
    pub state: &'static str,
    /// Where covers are drawn.
    pub cover: String,
}

/// A photo with what the table tells beside its row.
#[derive(Clone, Debug)]
pub struct Looked {
    /// The row.
    pub photo: Photo,
    /// Signed addresses of its renditions, in their order.
    pub links: Vec<String>,
    /// Photos that its uploader has sent.
    pub sent: usize,
    /// Those among them that are public.
    pub published: usize,
    /// Those among them that were rejected.
    pub rejected: usize,
    /// Other photos that are the same or look the same, with the signed address of a small image where there is one.
    pub alike: Vec<(Photo, Option<String>)>,
}

/// A photo that looks like the one to decide on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlikeCard {
    /// Its page for moderators.
    pub href: String,
    /// The signed address of its image; none where there is nothing to see any more.
    pub src: Option<String>,
    /// Where it stands.
    pub state: &'static str,
    /// Its caption.
    pub caption: String,
}

impl Page for Queue {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

impl Queue {
    /// The lane as `member` sees it at `now`.
    pub fn of(
        edition: Option<&Edition>,
        lane: Lane,
        looked: &[Looked],
        waiting: Waiting,
        member: &Member,
        told: Option<Told>,
        now: Timestamp,
    ) -> Self {
        let oldest = waiting.oldest_at.map(|at| format!(" The oldest has waited for {}.", words::since(at, now)));
        let count = match waiting.pending {
            0 => "Nothing waits.".to_owned(),
            1 => "1 photo waits.".to_owned(),
            n => format!("{} photos wait.", words::grouped(i64::try_from(n).unwrap_or(i64::MAX))),
        };
        let css: String = (1..).zip(looked).map(|(n, looked)| shape(n, &looked.photo)).collect();
        let mut frame = Frame::private("Queue", Nav::None)
            .with_modules(&["js/moderation/queue.js"])
            .with_styles(&["css/components/moderation.css"]);
        frame.page_style = (!css.is_empty()).then_some(PageStyle { css });
        frame = frame.for_member(member);
        let tab = |lane_of_tab: Lane, name| LaneTab {
            href: links::queue_lane(lane_of_tab),
            name,
            current: lane == lane_of_tab,
        };
        Self {
            frame,
            waiting: format!("{count}{}", oldest.filter(|_| waiting.pending > 0).unwrap_or_default()),
            lanes: [
                (Lane::Normal, "To decide"),
                (Lane::Held, "Held"),
                (Lane::Reported, "Reported"),
                (Lane::Unseen, "Shown by trust"),
            ]
            .into_iter()
            .filter(|(shown, _)| *shown != Lane::Unseen || lane == Lane::Unseen)
            .map(|(lane, name)| tab(lane, name))
            .collect(),
            lane: lane.as_str(),
            here: links::queue_lane(lane),
            cards: looked.iter().map(|looked| Card::of(edition, looked, now)).collect(),
            empty: match (lane, waiting.pending) {
                (Lane::Held, _) => {
                    Empty { title: "Nothing is held.", text: "Photos with a question wait here for a second look." }
                }
                (Lane::Reported, _) => Empty {
                    title: "Nothing is reported.",
                    text: "Photos that somebody reports wait here, hidden where that cannot wait.",
                },
                (Lane::Unseen, _) => Empty {
                    title: "Somebody has looked at them all.",
                    text: "Photos of trusted devices stand here once they are public.",
                },
                (Lane::Normal, 0) => {
                    Empty { title: "The queue is empty.", text: "Every photo has its decision. Time for tea." }
                }
                (Lane::Normal, _) => Empty {
                    title: "Nothing here for you right now.",
                    text: "What waits is held, or another moderator is looking at it.",
                },
            },
            reasons: reasons(),
            told,
            choices: choices(lane),
        }
    }

    /// The same with the way to what was shown by trust: where devices are trusted, or were and nobody has looked at it all.
    #[must_use]
    pub fn with_unseen(mut self) -> Self {
        let href = links::queue_lane(Lane::Unseen);
        if self.lanes.iter().all(|tab| tab.href != href) {
            self.lanes.push(LaneTab { href, name: "Shown by trust", current: false });
        }
        self
    }

    /// A lane with photos, one of them with pupils.
    pub fn sample() -> Self {
        let edition = sample::edition();
        let looked: Vec<Looked> = sample::pending(3)
            .into_iter()
            .zip([People::Adults, People::Pupils, People::None])
            .map(|(photo, people)| Looked {
                links: photo.rendered.iter().flat_map(|rendered| &rendered.renditions).map(sample_link).collect(),
                photo: Photo { people, ..photo },
                sent: 6,
                published: 4,
                rejected: 1,
                alike: sample::pending(5)
                    .into_iter()
                    .skip(3)
                    .map(|other| {
                        let src =
                            other.rendered.iter().flat_map(|rendered| &rendered.renditions).map(sample_link).next();
                        (other, src)
                    })
                    .collect(),
            })
            .collect();
        let waiting = Waiting { pending: 1234, oldest_at: Some(sample::morning() - SignedDuration::from_mins(3)) };
        Self::of(edition.as_ref(), Lane::Normal, &looked, waiting, &sample::member(), None, sample::morning())
    }

    /// The held lane without photos.
    pub fn sample_empty() -> Self {
        let waiting = Waiting { pending: 0, oldest_at: None };
        Self::of(sample::edition().as_ref(), Lane::Held, &[], waiting, &sample::member(), None, sample::morning())
    }
}

impl Card {
    fn of(edition: Option<&Edition>, looked: &Looked, now: Timestamp) -> Self {
        let photo = &looked.photo;
        let renditions: Vec<&Rendition> = photo.rendered.iter().flat_map(|rendered| &rendered.renditions).collect();
        let shown = nearest(&renditions, EDGE_PX).and_then(|near| renditions.iter().position(|one| *one == near));
        let (width, height) = photo.rendered.as_ref().map_or((1, 1), |rendered| (rendered.width, rendered.height));
        Self {
            id: photo.id.to_string(),
            version: photo.version,
            href: links::moderation_photo(&photo.id),
            src: shown.and_then(|i| looked.links.get(i)).cloned().unwrap_or_default(),
            width,
            height,
            caption: if photo.caption.is_empty() { "No caption".into() } else { photo.caption.clone() },
            alt: photo.alt.clone(),
            credit: photo.credit.clone(),
            school: photo.school.as_ref().map(|school| school.name.clone()).unwrap_or_default(),
            tray: photo.discipline.as_ref().map(|slug| Tray::of(edition, slug)),
            people: people(photo.people),
            pupils: photo.people == People::Pupils,
            consent: consent(&photo.consent),
            hints: photo
                .moderation
                .hints
                .iter()
                .map(|hint| hint.words.clone())
                .chain(
                    photo
                        .moderation
                        .reports
                        .iter()
                        .flat_map(|reports| &reports.reasons)
                        .map(|reason| format!("Reported: {}.", Lang::En.wrong(*reason))),
                )
                .chain(photo.moderation.safeguarding.iter().map(|way| match way.first() {
                    Some(_) => "Hidden to protect a child. One person agrees to show it again.".to_owned(),
                    None => "Hidden to protect a child. Two people must agree to show it again.".to_owned(),
                }))
                .collect(),
            device: photo.uploader.to_string(),
            state: photo.state.as_str(),
            cover: links::cover(&photo.id),
            uploader: format!("{} sent, {} published, {} rejected", looked.sent, looked.published, looked.rejected),
            waiting: words::since(photo.created_at, now),
            alike: looked
                .alike
                .iter()
                .map(|(other, src)| AlikeCard {
                    href: links::moderation_photo(&other.id),
                    src: src.clone(),
                    state: other.state.as_str(),
                    caption: if other.caption.is_empty() { "No caption".into() } else { other.caption.clone() },
                })
                .collect(),
        }
    }
}

/// What can be decided in a lane, but for rejecting.
fn choices(lane: Lane) -> Vec<Choice> {
    let choice = |action, name, key, style, state| Choice { action, name, key, style, state };
    match lane {
        Lane::Normal => {
            vec![choice("publish", "Publish", "P", "button-good", ""), choice("hold", "Hold", "H", "button-quiet", "")]
        }
        Lane::Held => vec![
            choice("publish", "Publish", "P", "button-good", ""),
            choice("release", "Release", "H", "button-quiet", ""),
        ],
        Lane::Reported => vec![
            choice("release", "It may stay", "P", "button-good", "published"),
            choice("restore", "Show again", "P", "button-good", "hidden"),
            choice("hide", "Hide", "H", "button-quiet", "published"),
        ],
        Lane::Unseen => vec![
            choice("release", "It may stay", "P", "button-good", "published"),
            choice("hide", "Hide", "H", "button-quiet", "published"),
        ],
    }
}

/// The rule that gives a photo its shape before it is there.
pub(super) fn shape(n: usize, photo: &Photo) -> String {
    let (width, height) =
        photo.rendered.as_ref().map_or((3, 2), |rendered| (rendered.width.max(1), rendered.height.max(1)));
    format!(".p{n}{{--ar:{:.3}}}", f64::from(width) / f64::from(height))
}

fn sample_link(rendition: &Rendition) -> String {
    format!("/m/sample/{}", rendition.name)
}

/// The query of the queue.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Which {
    #[serde(default)]
    lane: Lane,
    #[serde(default)]
    problem: Option<String>,
}

/// `GET /moderation/queue`
pub async fn show(
    State(app): State<App>,
    Moderator(member): Moderator,
    Query(Which { lane, problem }): Query<Which>,
) -> Result<Response, Problem> {
    let now = app.clock.now();
    let edition = app.editions.current().await?;
    let (looked, waiting) = match &edition {
        Some(edition) => {
            let photos = app.queue.take(&edition.slug, lane, &member.key, AT_ONCE, now).await?;
            let looked = try_join_all(photos.into_iter().map(|photo| look(&app, photo, now))).await?;
            (looked, app.queue.waiting(&edition.slug).await?)
        }
        None => (Vec::new(), Waiting { pending: 0, oldest_at: None }),
    };
    let told = Told::of(problem.as_deref());
    let mut page = Queue::of(edition.as_ref(), lane, &looked, waiting, &member, told, now);
    if let Some(edition) = &edition
        && (edition.trust.is_some() || app.counters.total(&edition.slug, Lane::Unseen.as_str()).await? > 0)
    {
        page = page.with_unseen();
    }
    app.page(StatusCode::OK, Cache::Never, &page).await
}

async fn look(app: &App, photo: Photo, now: Timestamp) -> Result<Looked, Fault> {
    let links = match &photo.rendered {
        Some(rendered) => app.review.links(&photo.id, rendered, now).await?,
        None => Vec::new(),
    };
    let own = app.photos.own(&photo.edition, &photo.uploader).await?;
    let alike = app.photos.alike(&photo, now).await?;
    let alike = try_join_all(alike.iter().take(ALIKE).map(|id| look_alike(app, id, now))).await?;
    let count = |state| own.iter().filter(|photo| photo.state == state).count();
    Ok(Looked {
        links,
        sent: own.len(),
        published: count(PhotoState::Published),
        rejected: count(PhotoState::Rejected),
        alike: alike.into_iter().flatten().collect(),
        photo,
    })
}

/// A photo that looks like another, with the signed address of a small image of it.
async fn look_alike(app: &App, id: &PhotoId, now: Timestamp) -> Result<Option<(Photo, Option<String>)>, Fault> {
    let Some(photo) = app.photos.get(id).await? else { return Ok(None) };
    let src = match (&photo.rendered, photo.state) {
        (Some(rendered), PhotoState::Pending | PhotoState::Published | PhotoState::Hidden | PhotoState::Rejected) => {
            let renditions: Vec<&Rendition> = rendered.renditions.iter().collect();
            let small = nearest(&renditions, ALIKE_PX).and_then(|near| renditions.iter().position(|one| *one == near));
            let links = app.review.links(&photo.id, rendered, now).await?;
            small.and_then(|i| links.into_iter().nth(i))
        }
        // Of what is locked away or erased nothing is shown.
        (
            _,
            PhotoState::Reserved
            | PhotoState::Pending
            | PhotoState::Published
            | PhotoState::Hidden
            | PhotoState::Rejected
            | PhotoState::Expired
            | PhotoState::Deleted
            | PhotoState::Quarantined,
        ) => None,
    };
    Ok(Some((photo, src)))
}
