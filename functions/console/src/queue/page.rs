//! `/moderation/queue`: photos that wait for a decision, oldest first.

use askama::Template;
use axum::{extract::State, response::Response};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use shared::{
    domain::{
        Edition, Lane, Photo, PhotoId, State as PhotoState,
        ids::NetworkId,
        moderation::{Moderation, Safeguarding},
        people::Member,
        photo::{People, Rendition},
        report::{OpenReports, Report, ReportReason, Reporter},
        uploader_counts::UploaderCounts,
    },
    pages::{
        FlashMessage, Page, format,
        lang::Lang,
        layout::{Layout, PageStyle},
        links, sample,
        tile::{DisciplineBadge, nearest},
    },
    store::queue::LaneWaiting,
    web::{Problem, Query},
};

use super::items::{self, QueueItem};
use crate::{
    App,
    layout::console,
    photo::facts::{consent, people, reasons, shape},
    signed_in::SignedInPerson,
};

/// The fewest and the most photos that one page leases. The most are what a moderator decides about before the leases expire.
const ON_ONE_SCREEN: (u64, u64) = (12, 24);
/// Longest edge of the image to decide about, in pixels.
const EDGE_PX: u32 = 1280;

/// The page of one lane of the queue.
#[derive(Clone, Debug, Template)]
#[template(path = "queue/queue.html")]
pub struct Queue {
    /// The layout that all pages share.
    pub layout: Layout,
    /// How many photos wait in this lane, and where.
    pub tally: String,
    /// How long the oldest photo has waited; empty if none waits.
    pub oldest: String,
    /// The tabs of all lanes.
    pub lanes: Vec<LaneTab>,
    /// This lane's name in the API.
    pub lane: &'static str,
    /// How many photos of the lane are on other moderators' screens; `None` if they were not counted.
    pub elsewhere: Option<u64>,
    /// This lane's address.
    pub here: String,
    /// The photos.
    pub cards: Vec<Card>,
    /// What to say if there are no photos.
    pub empty: EmptyLane,
    /// Why the last form was refused; `None` if there is nothing to say.
    pub told: Option<FlashMessage>,
    /// The decisions that are possible in this lane, except for rejecting.
    pub choices: Vec<Choice>,
    /// The keyboard shortcuts of these decisions: the key, and what it does.
    pub keys: Vec<(&'static str, &'static str)>,
    /// Until when reports by strangers hide nothing; empty if they do hide photos, and in all lanes but the reported one.
    pub braked_until: String,
}

/// A decision that is possible in a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The decision's name in the API.
    pub action: &'static str,
    /// The decision's name for people.
    pub name: &'static str,
    /// The decision's keyboard shortcut.
    pub key: &'static str,
    /// The button's CSS class.
    pub style: &'static str,
    /// The only state of a photo in which the decision makes sense; empty if it makes sense in all.
    pub state: &'static str,
    /// The decision that undoes it; empty if there is none. None of these makes a photo public.
    pub undo: &'static str,
    /// The swipe that makes the decision, `left` or `right`; empty if there is none.
    pub swipe: &'static str,
}

/// The tab of a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneTab {
    /// The lane's address.
    pub href: String,
    /// The lane's name for people.
    pub name: &'static str,
    /// The lane's name in the API.
    pub lane: &'static str,
    /// Whether this lane is shown.
    pub current: bool,
    /// How many photos are in it.
    pub photos: String,
    /// Whether the tab asks moderators to look there first.
    pub rings: bool,
}

/// The message for an empty lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmptyLane {
    /// The heading.
    pub title: &'static str,
    /// The text below it.
    pub text: &'static str,
}

/// A photo to decide about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// The photo's id.
    pub id: String,
    /// The version that is shown.
    pub version: u64,
    /// The address of the photo's page for moderators.
    pub href: String,
    /// The signed address of the image.
    pub src: String,
    /// Width of the original, in pixels.
    pub width: u32,
    /// Height of the original, in pixels.
    pub height: u32,
    /// The caption.
    pub caption: String,
    /// The alternative text.
    pub alt: String,
    /// The credit line.
    pub credit: String,
    /// The name of the school; empty if none was named.
    pub school: String,
    /// The discipline; `None` if none was chosen.
    pub tray: Option<DisciplineBadge>,
    /// The most important facts, in one line.
    pub summary: String,
    /// Who is in the photo.
    pub people: &'static str,
    /// Whether there may be pupils in it.
    pub pupils: bool,
    /// What the photo may be used for.
    pub consent: String,
    /// What else the uploader has sent.
    pub uploader: String,
    /// Since when the photo has been waiting.
    pub waiting: String,
    /// Other photos that are the same or look similar.
    pub similar: Vec<SimilarCard>,
    /// Hints from machines, and reports.
    pub hints: Vec<String>,
    /// What reporters wrote, each with the time, oldest first.
    pub said: Vec<String>,
    /// The photo's state.
    pub state: &'static str,
    /// Whether the photo can be rejected.
    pub rejectable: bool,
    /// Reasons for rejecting it: the name in the API, and the sentence for moderators.
    pub reasons: Vec<(&'static str, &'static str)>,
    /// The decision that shows a reported photo again, or keeps it public, and can be ticked together with other photos; empty if the photo
    /// needs a decision of its own.
    pub together: &'static str,
    /// The address of the page on which covers are drawn.
    pub cover: String,
    /// How long it is if it is a video, such as `0:34`. A video is decided about on its own page, where it can be watched.
    pub film: Option<String>,
}

/// A photo that looks similar to the one to decide about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimilarCard {
    /// The address of the photo's page for moderators.
    pub href: String,
    /// The signed address of its image; `None` if it must not be shown any more.
    pub src: Option<String>,
    /// The photo's state.
    pub state: &'static str,
    /// The photo's caption.
    pub caption: String,
}

impl Page for Queue {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Queue {
    /// Builds the page of a lane for `member` at `now`. `waiting` describes every lane. The lane `unseen` has a tab only if the edition
    /// trusts devices or photos wait in that lane.
    pub fn new(
        edition: Option<&Edition>,
        lane: Lane,
        items: &[QueueItem],
        waiting: &[LaneWaiting],
        member: &Member,
        told: Option<FlashMessage>,
        now: Timestamp,
    ) -> Self {
        let of = |lane| waiting.iter().find(|waiting| waiting.lane == lane).copied().unwrap_or(LaneWaiting::none(lane));
        let css: String = (1..).zip(items).map(|(n, item)| shape(n, &item.photo)).collect();
        let mut layout = console(title(waiting), member).with_modules(&["js/moderation/queue.js"]);
        layout.page_style = (!css.is_empty()).then_some(PageStyle { css });
        let here = u64::try_from(items.len()).unwrap_or(u64::MAX);
        let current = of(lane);
        let trusting = edition.is_some_and(|edition| edition.trust.is_some()) || of(Lane::Unseen).photos > 0;
        Self {
            layout,
            tally: tally(&current, here),
            oldest: match lane {
                // A photo may be old, and its report new.
                Lane::Reported => items.iter().flat_map(|item| &item.reports).map(|report| report.at).min(),
                Lane::Normal | Lane::Held | Lane::Unseen => current.oldest_at,
            }
            .filter(|_| current.photos > 0)
            .map(|at| format!("The oldest has waited for {}.", format::since(at, now)))
            .unwrap_or_default(),
            lanes: Lane::ALL
                .into_iter()
                .filter(|shown| *shown != Lane::Unseen || lane == Lane::Unseen || trusting)
                .map(|shown| LaneTab {
                    href: links::queue_lane(shown),
                    name: name(shown),
                    lane: shown.as_str(),
                    current: shown == lane,
                    photos: grouped(of(shown).photos),
                    rings: shown == Lane::Reported && of(shown).photos > 0,
                })
                .collect(),
            lane: lane.as_str(),
            elsewhere: current.elsewhere,
            here: links::queue_lane(lane),
            cards: items.iter().map(|item| Card::new(edition, item, now)).collect(),
            empty: EmptyLane::new(&current),
            told,
            choices: choices(lane),
            keys: match lane {
                Lane::Normal => vec![("P", "publish"), ("H", "hold")],
                Lane::Held => vec![("P", "publish"), ("B", "back to the queue")],
                Lane::Reported | Lane::Unseen => vec![("X", "hide or keep hidden"), ("S", "show or keep showing")],
            },
            braked_until: String::new(),
        }
    }

    /// A sample of a lane with photos, one of them with pupils.
    pub fn sample() -> Self {
        let edition = sample::edition();
        let items: Vec<QueueItem> = sample::pending(3)
            .into_iter()
            .zip([People::Adults, People::Pupils, People::None])
            .map(|(photo, people)| QueueItem {
                links: photo.rendered.iter().flat_map(|rendered| &rendered.renditions).map(sample_link).collect(),
                film: None,
                photo: Photo { people, ..photo },
                sender: UploaderCounts { pending: 1, published: 4, rejected: 1, ..UploaderCounts::default() },
                similar: sample::pending(5)
                    .into_iter()
                    .skip(3)
                    .map(|other| {
                        let src =
                            other.rendered.iter().flat_map(|rendered| &rendered.renditions).map(sample_link).next();
                        (other, src)
                    })
                    .collect(),
                reports: Vec::new(),
            })
            .collect();
        let oldest_at = Some(sample::morning() - SignedDuration::from_mins(3));
        let lane = |lane, photos, elsewhere| LaneWaiting { lane, photos, elsewhere, oldest_at };
        let waiting = [lane(Lane::Normal, 1234, None), lane(Lane::Held, 5, Some(2)), lane(Lane::Reported, 1, Some(0))];
        Self::new(edition.as_ref(), Lane::Normal, &items, &waiting, &sample::member(), None, sample::morning())
    }

    /// A sample of the reported lane while the brake is on: one photo is hidden, one is still public, and for one two people must agree.
    pub fn sample_reported() -> Self {
        let way = Safeguarding { agreed: None, since: Some(sample::morning()) };
        let items: Vec<QueueItem> = sample::pending(3)
            .into_iter()
            .zip([(PhotoState::Published, None), (PhotoState::Hidden, None), (PhotoState::Hidden, Some(way))])
            .map(|(photo, (state, safeguarding))| {
                let by = Reporter::new(&NetworkId::from_digest(&[1; 32]), None);
                let reports = Some(OpenReports::with(None, &by, ReportReason::Pupil, sample::morning()));
                let moderation = Moderation { reports, safeguarding, ..photo.moderation.clone() };
                QueueItem {
                    links: photo.rendered.iter().flat_map(|rendered| &rendered.renditions).map(sample_link).collect(),
                    film: None,
                    sender: UploaderCounts { pending: 2, published: 4, ..UploaderCounts::default() },
                    similar: Vec::new(),
                    reports: vec![sample_report(&photo.id)],
                    photo: Photo { state, lane: Lane::Reported, moderation, ..photo },
                }
            })
            .collect();
        let waiting = [LaneWaiting { photos: 3, ..LaneWaiting::none(Lane::Reported) }];
        let (edition, member) = (sample::edition(), sample::member());
        let page = Self::new(edition.as_ref(), Lane::Reported, &items, &waiting, &member, None, sample::morning());
        Self { braked_until: format::time(sample::morning()), ..page }
    }

    /// A sample of the held lane without photos.
    pub fn sample_empty() -> Self {
        Self::new(sample::edition().as_ref(), Lane::Held, &[], &[], &sample::member(), None, sample::morning())
    }
}

impl EmptyLane {
    /// Returns the message for a lane that has no photos on this page.
    fn new(waiting: &LaneWaiting) -> Self {
        match (waiting.lane, waiting.photos) {
            (Lane::Normal, 0) => {
                Self { title: "The queue is empty.", text: "Every photo has been decided. Time for tea." }
            }
            (Lane::Held, 0) => Self { title: "Nothing is on hold.", text: "Photos that need a second look wait here." },
            (Lane::Reported, 0) => Self {
                title: "Nothing is reported.",
                text: "Reported photos wait here. The urgent ones are already hidden.",
            },
            (Lane::Unseen, 0) => Self {
                title: "Every photo here has been checked.",
                text: "Photos from trusted devices appear here once they are public.",
            },
            (Lane::Normal | Lane::Held | Lane::Reported | Lane::Unseen, _) => Self {
                title: "Nothing here for you right now.",
                text: if waiting.elsewhere == Some(0) {
                    "New photos have just arrived. They appear here in a moment."
                } else {
                    "Other moderators have these photos on their screens. Photos that they leave come back within two minutes."
                },
            },
        }
    }
}

impl Card {
    fn new(edition: Option<&Edition>, item: &QueueItem, now: Timestamp) -> Self {
        let photo = &item.photo;
        let renditions: Vec<&Rendition> = photo.rendered.iter().flat_map(|rendered| &rendered.renditions).collect();
        let shown = nearest(&renditions, EDGE_PX).and_then(|near| renditions.iter().position(|one| *one == near));
        let (width, height) = photo.rendered.as_ref().map_or((1, 1), |rendered| (rendered.width, rendered.height));
        Self {
            id: photo.id.to_string(),
            version: photo.version,
            href: links::moderation_photo(&photo.id),
            src: shown.and_then(|i| item.links.get(i)).cloned().unwrap_or_default(),
            width,
            height,
            caption: if photo.caption.is_empty() { "No caption".into() } else { photo.caption.clone() },
            alt: photo.alt.clone(),
            credit: photo.credit.clone(),
            school: photo.school.as_ref().map(|school| school.name.clone()).unwrap_or_default(),
            tray: photo.discipline.as_ref().map(|slug| DisciplineBadge::new(edition, slug, Lang::En)),
            summary: summary(edition, photo),
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
                .chain(photo.is_urgent().then(|| {
                    "Still public: a report like this would normally hide it, but too many reports came at once. Decide now."
                        .to_owned()
                }))
                .chain(two_people(photo))
                .collect(),
            said: item
                .reports
                .iter()
                .filter(|report| !report.text.is_empty())
                .map(|report| format!("{}: “{}”", format::date_and_time(report.at), report.text))
                .collect(),
            state: photo.state.as_str(),
            rejectable: matches!(photo.state, PhotoState::Pending | PhotoState::Hidden),
            reasons: reasons(photo.kind),
            together: together(photo),
            cover: links::cover(&photo.id),
            film: item.film.as_ref().map(|film| format::duration(film.duration_ms)),
            uploader: format!(
                "{} sent, {} published, {} rejected",
                item.sender.photos(),
                item.sender.published(),
                item.sender.rejected()
            ),
            waiting: format::since(photo.created_at, now),
            similar: item
                .similar
                .iter()
                .map(|(other, src)| SimilarCard {
                    href: links::moderation_photo(&other.id),
                    src: src.clone(),
                    state: other.state.as_str(),
                    caption: caption_of_similar(other),
                })
                .collect(),
        }
    }
}

/// Returns the caption of a photo beside one that it looks like. The caption of a quarantined photo is not shown.
fn caption_of_similar(other: &Photo) -> String {
    match other.state {
        PhotoState::Quarantined => "Quarantined".to_owned(),
        PhotoState::Reserved
        | PhotoState::Pending
        | PhotoState::Published
        | PhotoState::Hidden
        | PhotoState::Rejected
        | PhotoState::Expired
        | PhotoState::Deleted => {
            if other.caption.is_empty() {
                "No caption".to_owned()
            } else {
                other.caption.clone()
            }
        }
    }
}

/// Says that two people must agree to show the photo, and whether one has; `None` if two people need not agree.
fn two_people(photo: &Photo) -> Option<String> {
    let way = photo.moderation.safeguarding.as_ref()?;
    let (why, again) = if photo.state == PhotoState::Hidden || photo.moderation.reported > 0 {
        ("Hidden to protect a child. ", " again")
    } else {
        ("", "")
    };
    let who = if way.first().is_some() { "One person has agreed" } else { "Two people must agree" };
    Some(format!("{why}{who} to show it{again}."))
}

/// Returns the decision about a photo that can be made together with others; empty if there is none. A photo that two people must agree to
/// show is decided by itself, and so is a video, which has to be watched.
fn together(photo: &Photo) -> &'static str {
    let alone = photo.lane != Lane::Reported || photo.moderation.safeguarding.is_some() || photo.is_video();
    if alone {
        ""
    } else if photo.state == PhotoState::Hidden {
        "restore"
    } else if photo.state == PhotoState::Published {
        "release"
    } else {
        ""
    }
}

/// Returns the decisions that are possible in a lane, except for rejecting. In the reported lane, the decision that keeps a photo from the
/// public comes first, and no decision has the key of publishing: a moderator who works in a rhythm must not show a photo again by a slip.
fn choices(lane: Lane) -> Vec<Choice> {
    let choice = |action, name, key, style| Choice { action, name, key, style, state: "", undo: "", swipe: "" };
    let publish = Choice { undo: "unpublish", swipe: "right", ..choice("publish", "Publish", "P", "button-good") };
    let hide = Choice { state: "published", ..choice("hide", "Hide", "X", "button") };
    let keep =
        Choice { state: "published", undo: "unpublish", ..choice("release", "Keep showing", "S", "button-quiet") };
    match lane {
        Lane::Normal => {
            vec![publish, Choice { undo: "release", swipe: "left", ..choice("hold", "Hold", "H", "button-quiet") }]
        }
        Lane::Held => {
            vec![publish, Choice { undo: "hold", ..choice("release", "Back to the queue", "B", "button-quiet") }]
        }
        Lane::Reported => vec![
            Choice { state: "hidden", ..choice("hide", "Keep hidden", "X", "button") },
            hide,
            Choice { state: "hidden", undo: "unpublish", ..choice("restore", "Show again", "S", "button-quiet") },
            keep,
        ],
        Lane::Unseen => vec![keep, hide],
    }
}

/// Returns a lane's name for people.
fn name(lane: Lane) -> &'static str {
    match lane {
        Lane::Normal => "To decide",
        Lane::Held => "Held",
        Lane::Reported => "Reported",
        Lane::Unseen => "Shown without a check",
    }
}

/// Returns the page's title. It mentions reports first, so that they are seen in the browser's tab. `lanes.js` has the same rule.
fn title(waiting: &[LaneWaiting]) -> String {
    let of = |lane| waiting.iter().filter(|waiting| waiting.lane == lane).map(|waiting| waiting.photos).sum::<u64>();
    match (of(Lane::Reported), of(Lane::Normal)) {
        (0, 0) => "Queue".to_owned(),
        (0, n) => format!("({}) Queue", grouped(n)),
        (n, _) => format!("({} reported) Queue", grouped(n)),
    }
}

/// Says how many photos wait in a lane, of which `here` are on this page. The numbers add up. `lanes.js` has the same rule.
fn tally(waiting: &LaneWaiting, here: u64) -> String {
    let elsewhere = waiting.elsewhere.unwrap_or_default();
    let photos = waiting.photos.max(here + elsewhere);
    let what = match waiting.lane {
        Lane::Normal => "to decide",
        Lane::Held => "held",
        Lane::Reported => "reported",
        Lane::Unseen => "to check",
    };
    if photos == 0 {
        return "Nothing is waiting here.".to_owned();
    }
    let after = photos - here - elsewhere;
    let parts = [(here, "here"), (elsewhere, "on another moderator’s screen"), (after, "more")];
    let parts: Vec<_> = parts.into_iter().filter(|(n, _)| *n > 0 && (*n < photos || elsewhere == photos)).collect();
    let parts: Vec<_> = parts.into_iter().map(|(n, place)| format!("{} {place}", grouped(n))).collect();
    let colon = if parts.is_empty() { "" } else { ": " };
    format!("{} {what}{colon}{}.", grouped(photos), parts.join(", "))
}

fn grouped(n: u64) -> String {
    format::grouped(i64::try_from(n).unwrap_or(i64::MAX))
}

/// Returns the most important facts of a photo, in one line.
fn summary(edition: Option<&Edition>, photo: &Photo) -> String {
    let discipline = photo.discipline.as_ref().map(|slug| DisciplineBadge::new(edition, slug, Lang::En).name);
    let school = photo.school.as_ref().map(|school| school.name.clone());
    let people = match photo.people {
        People::None => "nobody in it",
        People::Adults => "adults in it, who have agreed",
        People::Pupils => "pupils might be visible",
    };
    let uses = [(photo.consent.web, "site"), (photo.consent.social, "social"), (photo.consent.press, "press")];
    let uses = uses.into_iter().filter_map(|(may, name)| may.then_some(name)).collect::<Vec<_>>().join(", ");
    let facts = [discipline, school, Some(people.to_owned()), Some(format!("for {uses}")).filter(|_| !uses.is_empty())];
    facts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
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

/// Returns a sample of a report.
fn sample_report(id: &PhotoId) -> Report {
    Report {
        id: id.clone(),
        reference: "AAAA-BBBB".into(),
        reason: ReportReason::Pupil,
        text: "A sample of what a reporter wrote: second row, on the left".into(),
        contact: String::new(),
        at: sample::morning() - SignedDuration::from_mins(2),
        ttl: 0,
    }
}

/// Returns how many photos a page leases of a lane in which `waiting` are: half, so that a second moderator is not told that all are on
/// another's screen, as far as [`ON_ONE_SCREEN`] allows.
fn on_one_screen(waiting: u64) -> usize {
    let (fewest, most) = ON_ONE_SCREEN;
    usize::try_from((waiting / 2).clamp(fewest, most)).unwrap_or(usize::MAX)
}

/// `GET /moderation/queue`
pub async fn show(
    State(app): State<App>,
    SignedInPerson(member): SignedInPerson,
    Query(Which { lane, problem }): Query<Which>,
) -> Result<Response, Problem> {
    let now = app.clock.now();
    let edition = app.editions.current().await?;
    let (items, waiting) = match &edition {
        Some(edition) => {
            let lanes = app.queue.lanes(&edition.slug, &member.key, now).await?;
            let here = lanes.iter().find(|waiting| waiting.lane == lane).map_or(0, |waiting| waiting.photos);
            let photos = app.queue.take(&edition.slug, lane, &member.key, on_one_screen(here), now).await?;
            (items::of(&app, photos, now).await?, lanes)
        }
        None => (Vec::new(), Vec::new()),
    };
    let brake = match &edition {
        Some(edition) if lane == Lane::Reported => app.reports.brake(&edition.slug).await?.on_until(now),
        Some(_) | None => None,
    };
    let told = FlashMessage::new(problem.as_deref());
    let page = Queue::new(edition.as_ref(), lane, &items, &waiting, &member, told, now);
    let page = Queue { braked_until: brake.map(format::time).unwrap_or_default(), ..page };
    app.page(&page).await
}

#[cfg(test)]
mod tests {
    use shared::{
        domain::{decision::outcome, states::Decision},
        pages::assets,
    };

    use super::*;

    fn said(photos: u64, here: u64, elsewhere: Option<u64>) -> String {
        tally(&LaneWaiting { photos, elsewhere, ..LaneWaiting::none(Lane::Normal) }, here)
    }

    #[test]
    fn the_numbers_of_a_lane_add_up() {
        assert_eq!(said(0, 0, Some(0)), "Nothing is waiting here.");
        assert_eq!(said(12, 12, Some(0)), "12 to decide.");
        assert_eq!(said(12, 9, Some(3)), "12 to decide: 9 here, 3 on another moderator’s screen.");
        assert_eq!(said(3, 0, Some(3)), "3 to decide: 3 on another moderator’s screen.");
        assert_eq!(said(1234, 24, None), "1,234 to decide: 24 here, 1,210 more.");
        // The counter lags behind the leases.
        assert_eq!(said(11, 9, Some(3)), "12 to decide: 9 here, 3 on another moderator’s screen.");
        assert_eq!(said(2, 0, Some(0)), "2 to decide.");
    }

    #[test]
    fn a_page_leaves_half_of_a_lane_to_other_moderators() {
        assert_eq!([0, 12, 24, 30, 48, 10_000].map(on_one_screen), [12, 12, 12, 15, 24, 24]);
    }

    #[test]
    fn nothing_that_shows_a_reported_photo_comes_first_or_has_the_key_of_publishing() {
        let publish = choices(Lane::Normal)[0];
        for state in ["hidden", "published"] {
            let reported: Vec<_> = choices(Lane::Reported).into_iter().filter(|choice| choice.state == state).collect();
            assert_eq!(reported[0].action, "hide", "{state}");
            assert!(reported.iter().all(|choice| choice.key != publish.key && choice.swipe.is_empty()), "{state}");
        }
    }

    #[test]
    fn every_choice_and_its_undo_are_moves_that_the_domain_allows() {
        for lane in Lane::ALL {
            for choice in choices(lane) {
                let state = match (choice.state, lane) {
                    ("hidden", _) => PhotoState::Hidden,
                    ("published", _) | ("", Lane::Unseen) => PhotoState::Published,
                    _ => PhotoState::Pending,
                };
                let decide = |state, lane, action: &str| {
                    let decision: Decision = serde_json::from_value(action.into()).unwrap();
                    outcome(state, lane, true, decision)
                };
                let decided = decide(state, lane, choice.action);
                let (state, after) = decided.unwrap_or_else(|| panic!("{choice:?} in {lane:?}"));
                assert!(
                    choice.undo.is_empty() || decide(state, after, choice.undo).is_some(),
                    "{choice:?} in {lane:?}"
                );
            }
        }
    }

    #[test]
    fn the_script_expects_of_a_repeated_decision_what_the_domain_does() {
        let script = std::str::from_utf8(assets::find("js/moderation/send.js").unwrap()).unwrap();
        let table = script.split_once("const LEADS_TO").and_then(|(_, rest)| rest.split_once("({")?.1.split_once("})"));
        let rows: Vec<_> = table.unwrap().0.split(',').map(|row| row.trim().split_once(": ").unwrap()).collect();
        assert_eq!(rows.len(), 4, "{rows:?}");
        for (action, state) in rows {
            let decision: Decision = serde_json::from_value(action.into()).unwrap();
            let leads_to: std::collections::BTreeSet<_> = PhotoState::ALL
                .into_iter()
                .flat_map(|from| Lane::ALL.into_iter().filter_map(move |lane| outcome(from, lane, true, decision)))
                .map(|(state, _)| serde_json::to_string(&state).unwrap())
                .collect();
            assert_eq!(leads_to.into_iter().collect::<Vec<_>>(), [state], "{action}");
        }
    }

    #[test]
    fn no_undo_shows_anything() {
        for choice in Lane::ALL.into_iter().flat_map(choices) {
            assert!(["", "unpublish", "hold", "release"].contains(&choice.undo), "{choice:?}");
            // The only `release` that leaves a photo public is that of a photo that is public already, and it is not an undo.
            assert!(choice.undo != "release" || choice.action == "hold", "{choice:?}");
        }
    }
}
