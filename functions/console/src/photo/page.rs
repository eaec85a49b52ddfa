//! `/moderation/photos/{id}`: everything about one photo: its state, the possible decisions, and its audit.

use std::collections::BTreeMap;

use askama::Template;
use axum::{extract::State, response::Response};
use shared::{
    domain::{
        Edition, Photo, PhotoId, Refusal, State as PhotoState,
        access::may_read,
        audit::{self, AuditEntry},
        decision::outcome,
        people::Member,
        photo::Rendition,
        report::Report,
        states::Decision,
    },
    pages::{
        FlashMessage, Page, format,
        lang::Lang,
        layout::{Layout, PageStyle, Plays},
        links, sample,
        tile::{DisciplineBadge, nearest},
    },
    store::members::Person,
    web::{Path, Problem, Query},
};

use super::facts::{consent, people, reasons, shape};
use crate::{
    App,
    form::ProblemQuery,
    layout::console,
    people::names,
    queue::items::{self, FilmLinks},
    signed_in::SignedInPerson,
};

/// Longest edge of the image, in pixels.
const EDGE_PX: u32 = 1280;
/// Number of reports shown. Each takes at most 16 kB, and a function's answer is limited to 6 MB.
const REPORTS: i32 = 100;

/// The page of one photo.
#[derive(Clone, Debug, Template)]
#[template(path = "photo/photo.html")]
pub struct ModerationPhoto {
    /// The layout that all pages share.
    pub layout: Layout,
    /// The photo's id.
    pub id: String,
    /// The photo's version.
    pub version: u64,
    /// The photo's caption.
    pub caption: String,
    /// The photo's state.
    pub state: &'static str,
    /// The reason for the state; empty if there is none.
    pub reason: String,
    /// The signed address of the image; `None` if there is no image to show.
    pub src: Option<String>,
    /// Width of the original, in pixels.
    pub width: u32,
    /// Height of the original, in pixels.
    pub height: u32,
    /// The alternative text.
    pub alt: String,
    /// The files of a video; `None` for a photo, and if there is nothing to show.
    pub film: Option<Film>,
    /// Further facts about the photo.
    pub facts: Vec<Fact>,
    /// Decisions that need no reason and can be undone.
    pub decisions: Vec<Choice>,
    /// Decisions that need a reason. They have a form of their own: pressing Enter in its field must never publish a photo.
    pub reasoned: Vec<Choice>,
    /// Decisions that cannot be undone. Their buttons are kept apart from the others.
    pub grave: Vec<Choice>,
    /// The audit, oldest entry first.
    pub trail: Vec<Entry>,
    /// Whether the audit is an unbroken chain.
    pub whole: bool,
    /// Why the last form was refused; `None` if there is nothing to say.
    pub told: Option<FlashMessage>,
    /// The present texts, to be edited; `None` if they cannot be changed.
    pub words: Option<EditableTexts>,
    /// Whether the photo is a favourite, or can be one; `None` unless it is published.
    pub pick: Option<Pick>,
    /// The address of the page on which covers are drawn; `None` if nothing can be covered.
    pub cover: Option<String>,
    /// Hints from machines.
    pub hints: Vec<String>,
    /// The reports about the photo.
    pub reports: Vec<Fact>,
    /// What a moderator must know before deciding.
    pub notices: Vec<&'static str>,
    /// Reasons to choose from: the name in the API, and the sentence for moderators.
    pub reasons: Vec<(&'static str, &'static str)>,
}

/// A video on its page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Film {
    /// The signed address of the video.
    pub src: String,
    /// The signed address of the sheet of its pictures.
    pub sheet: String,
    /// How long it is, such as `0:34`.
    pub length: String,
    /// Whether its uploader keeps its sound.
    pub sound: bool,
    /// What is heard, as its uploader says.
    pub transcript: String,
    /// Whether it can be published, and so also without its sound.
    pub publishable: bool,
}

impl Film {
    fn new(photo: &Photo, links: &FilmLinks) -> Self {
        Self {
            src: links.video.clone(),
            sheet: links.sheet.clone(),
            length: format::duration(links.duration_ms),
            sound: photo.has_sound(),
            transcript: photo.video.as_ref().map(|video| video.transcript.clone()).unwrap_or_default(),
            publishable: photo.state == PhotoState::Pending,
        }
    }
}

/// Texts that can be edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditableTexts {
    /// The address that the form is sent to.
    pub action: String,
    /// The caption.
    pub caption: String,
    /// The alternative text.
    pub alt: String,
    /// The credit line.
    pub credit: String,
    /// What is heard in a video; `None` if it has no sound.
    pub transcript: Option<String>,
}

/// Whether a published photo is a favourite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pick {
    /// The address that the form is sent to.
    pub action: String,
    /// When it was picked, such as `11:00`; empty if it was not.
    pub at: String,
}

impl Pick {
    fn new(photo: &Photo) -> Self {
        let at = photo.moderation.picked_at.map(format::time).unwrap_or_default();
        Self { action: links::photo_pick(&photo.id), at }
    }
}

/// A fact about the photo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The fact's label.
    pub name: &'static str,
    /// The fact's value.
    pub value: String,
}

/// A button for one decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The decision's name in the API.
    pub action: &'static str,
    /// The button's label.
    pub name: &'static str,
    /// The button's CSS class.
    pub style: &'static str,
    /// Whether the decision makes the photo public.
    pub shows: bool,
}

/// One entry of the audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When it happened.
    pub at: String,
    /// What was done.
    pub what: String,
    /// The reason that was given.
    pub reason: String,
    /// Who did it.
    pub by: String,
}

impl Page for ModerationPhoto {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl ModerationPhoto {
    /// Builds the page of `photo` for `member`. `links` are the signed addresses of its renditions, in their order, and `film` those of a
    /// video's files.
    pub fn new(
        edition: Option<&Edition>,
        photo: &Photo,
        (links, film): (&[String], Option<&FilmLinks>),
        history: History,
        reports: &[Report],
        member: &Member,
        told: Option<FlashMessage>,
    ) -> Self {
        let renditions: Vec<&Rendition> = photo.rendered.iter().flat_map(|rendered| &rendered.renditions).collect();
        let shown = nearest(&renditions, EDGE_PX).and_then(|near| renditions.iter().position(|one| *one == near));
        let (width, height) = photo.rendered.as_ref().map_or((1, 1), |rendered| (rendered.width, rendered.height));
        let mut layout = console("Photo", member).with_modules(&["js/moderation/photo.js"]);
        layout.page_style = Some(PageStyle { css: shape(1, photo) });
        layout.plays = if film.is_some() { Plays::Ours } else { Plays::Nothing };
        let editable = matches!(photo.state, PhotoState::Pending | PhotoState::Published | PhotoState::Hidden);
        let [decisions, reasoned, grave] = choices(photo);
        Self {
            told,
            words: editable.then(|| EditableTexts {
                action: links::photo_words(&photo.id),
                caption: photo.caption.clone(),
                alt: photo.alt.clone(),
                credit: photo.credit.clone(),
                transcript: photo.video.as_ref().filter(|video| video.sound).map(|video| video.transcript.clone()),
            }),
            pick: (photo.state == PhotoState::Published).then(|| Pick::new(photo)),
            cover: (editable && photo.rendered.is_some() && !photo.is_video()).then(|| links::cover(&photo.id)),
            // Nothing is wrong while covers are drawn, so this is no warning.
            hints: photo
                .moderation
                .covering()
                .then(|| "The covers are being added to the photo. Refresh this page in a few seconds.".to_owned())
                .into_iter()
                .chain(photo.moderation.hints.iter().map(|hint| hint.words.clone()))
                .collect(),
            reports: reports.iter().map(reported).collect(),
            notices: notices(photo),
            reasons: reasons(photo.kind),
            layout,
            id: photo.id.to_string(),
            version: photo.version,
            caption: if photo.caption.is_empty() { "No caption".into() } else { photo.caption.clone() },
            state: photo.state.as_str(),
            reason: photo.reason.clone().unwrap_or_default(),
            src: shown.and_then(|i| links.get(i)).cloned(),
            width,
            height,
            alt: photo.alt.clone(),
            film: film.map(|film| Film::new(photo, film)),
            facts: facts(edition, photo),
            decisions,
            reasoned,
            grave,
            trail: history.trail,
            whole: history.whole,
        }
    }

    /// A sample: a photo that waits for a decision.
    pub fn sample() -> Self {
        let member = sample::member();
        match sample::pending(1).pop() {
            Some(photo) => Self::new(
                sample::edition().as_ref(),
                &photo,
                (&sample_links(&photo), None),
                History::new(&sample::trail(), &[]),
                &[],
                &member,
                None,
            ),
            None => Self {
                layout: Layout::default(),
                id: String::new(),
                version: 0,
                caption: String::new(),
                state: "",
                reason: String::new(),
                src: None,
                width: 1,
                height: 1,
                alt: String::new(),
                film: None,
                facts: Vec::new(),
                decisions: Vec::new(),
                reasoned: Vec::new(),
                grave: Vec::new(),
                trail: Vec::new(),
                whole: true,
                told: None,
                words: None,
                pick: None,
                cover: None,
                hints: Vec::new(),
                reports: Vec::new(),
                notices: Vec::new(),
                reasons: Vec::new(),
            },
        }
    }
}

fn sample_links(photo: &Photo) -> Vec<String> {
    vec!["/m/sample/1280.jpg".into(); photo.rendered.as_ref().map_or(0, |rendered| rendered.renditions.len())]
}

fn facts(edition: Option<&Edition>, photo: &Photo) -> Vec<Fact> {
    let fact = |name, value: Option<String>| value.filter(|value| !value.is_empty()).map(|value| Fact { name, value });
    let discipline = photo.discipline.as_ref().map(|slug| DisciplineBadge::new(edition, slug, Lang::En).name);
    [
        fact("Description", Some(photo.alt.clone())),
        fact("Credit", Some(photo.credit.clone())),
        fact("School", photo.school.as_ref().map(|school| school.name.clone())),
        fact("Discipline", discipline),
        fact("People in it", Some(people(photo.people).into())),
        fact("May be used on", Some(consent(&photo.consent))),
        fact("Lane", (photo.state == PhotoState::Pending).then(|| photo.lane.as_str().to_owned())),
        fact("Registered", Some(format::date_and_time(photo.created_at))),
        fact("Published", photo.published_at.map(format::date_and_time)),
        fact("File", Some(format!("{}, {} kB", photo.content_type, format::grouped(kilobytes(photo.size_bytes))))),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Returns what a moderator must know before deciding.
fn notices(photo: &Photo) -> Vec<&'static str> {
    let mut notices = Vec::new();
    // A photo that was never reported needs two people because of its twin; the hints say so.
    let hidden = photo.state == PhotoState::Hidden || photo.moderation.reported > 0;
    if let Some(way) = &photo.moderation.safeguarding {
        notices.push(match (hidden, way.first().is_some()) {
            (true, true) => {
                "It was hidden to protect a child. One person has agreed to show it again. Someone else must agree, too."
            }
            (true, false) => "It was hidden to protect a child. Two people must agree before it is shown again.",
            (false, true) => "One person has agreed to show it. Someone else must agree, too.",
            (false, false) => "Two people must agree before it is shown.",
        });
    }
    notices
}

/// Describes a report in words.
pub fn reported(report: &Report) -> Fact {
    let contact = if report.contact.is_empty() { String::new() } else { format!(" · {}", report.contact) };
    let at = format::date_and_time(report.at);
    let text = if report.text.is_empty() { "no message".to_owned() } else { report.text.clone() };
    Fact { name: Lang::En.wrong(report.reason), value: format!("{text} · {at} · {}{contact}", report.reference) }
}

fn kilobytes(bytes: u64) -> i64 {
    i64::try_from(bytes / 1000).unwrap_or(i64::MAX)
}

/// Returns the decisions that are possible in the photo's state: those that need no reason, those that need one, and those that cannot be
/// undone.
fn choices(photo: &Photo) -> [Vec<Choice>; 3] {
    let allowed = |decision| outcome(photo.state, photo.lane, photo.rendered.is_some(), decision).is_some();
    let mut kinds = [Vec::new(), Vec::new(), Vec::new()];
    for decision in Decision::ALL.into_iter().filter(|decision| allowed(*decision)) {
        let [plain, reasoned, grave] = &mut kinds;
        let kind = match decision {
            Decision::Publish | Decision::Hold | Decision::Release | Decision::Unpublish | Decision::Restore => plain,
            Decision::Reject | Decision::Hide => reasoned,
            Decision::Delete | Decision::Quarantine => grave,
        };
        kind.push(choice(decision, photo.state));
    }
    kinds
}

fn choice(decision: Decision, state: PhotoState) -> Choice {
    let (name, style) = match decision {
        Decision::Publish => ("Publish", "button-good"),
        Decision::Hold => ("Hold", "button-quiet"),
        Decision::Release if state == PhotoState::Published => ("Keep showing", "button-quiet"),
        Decision::Release => ("Back to the queue", "button-quiet"),
        Decision::Reject => ("Don’t show", "button-danger"),
        Decision::Unpublish => ("Unpublish: back to the queue", "button-quiet"),
        Decision::Hide if state == PhotoState::Hidden => ("Keep hidden", "button"),
        Decision::Hide => ("Hide", "button-danger"),
        Decision::Restore => ("Show again", "button-quiet"),
        Decision::Delete => ("Delete for good", "button-danger"),
        Decision::Quarantine => ("Quarantine", "button-danger"),
    };
    let shows = matches!(decision, Decision::Publish | Decision::Restore);
    Choice { action: decision.as_str(), name, style, shows }
}

/// The history of a photo in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    trail: Vec<Entry>,
    whole: bool,
}

impl History {
    /// Builds the history from the audit of a photo. `people` are the members whose names it shows.
    pub fn new(entries: &[AuditEntry], people: &[Person]) -> Self {
        let names = names(people);
        let trail = entries.iter().map(|one| entry(one, &names)).collect();
        Self { trail, whole: audit::is_whole(entries) }
    }
}

fn entry(entry: &AuditEntry, names: &BTreeMap<String, &str>) -> Entry {
    let moved = entry.from.filter(|from| *from != entry.to).map(|_| format!(" → {}", entry.to)).unwrap_or_default();
    Entry {
        at: format::date_and_time(entry.at),
        what: format!("{}{moved}", action_words(&entry.action)),
        reason: entry.reason.clone().unwrap_or_default(),
        by: match entry.by.split_once(':') {
            Some(("uploader", _)) => "its sender".to_owned(),
            Some(("reporter", reference)) => format!("report {reference}"),
            Some(("function", name)) => format!("by itself ({name})"),
            Some(_) | None => names.get(&entry.by).map_or_else(|| entry.by.clone(), |name| (*name).to_owned()),
        },
    }
}

/// Says an action of the audit in the words of the console. A name that this version does not know stays as it is.
fn action_words(action: &str) -> &str {
    match action {
        audit::RESERVE => "Registered",
        "ingest" => "Arrived",
        "edit" => "Texts changed",
        "redact" => "Faces or names covered",
        "withdraw" => "Withdrawn by its sender",
        "expire" => "Did not arrive",
        "publish" => "Published",
        "hold" => "Held",
        "release" => "Put back",
        "unpublish" => "Publishing undone",
        "reject" => "Not shown",
        "hide" => "Hidden",
        "restore" => "Shown again",
        "delete" => "Deleted for good",
        "quarantine" => "Quarantined",
        "pick" => "Picked as a favourite",
        "unpick" => "Pick taken back",
        other => other,
    }
}

/// `GET /moderation/photos/{id}`
pub async fn show(
    State(app): State<App>,
    SignedInPerson(member): SignedInPerson,
    Path(id): Path<String>,
    Query(ProblemQuery { problem }): Query<ProblemQuery>,
) -> Result<Response, Problem> {
    let id: PhotoId = id.parse().map_err(|_| Refusal::PhotoNotFound)?;
    let photo = app.photos.get(&id).await?.ok_or(Refusal::PhotoNotFound)?;
    may_read(&member, photo.state)?;
    let edition = app.editions.get(&photo.edition).await?;
    // Nobody looks at a quarantined photo any more, and a deleted one has no renditions.
    let (links, film) = match (&photo.rendered, photo.state) {
        (_, PhotoState::Quarantined | PhotoState::Deleted) | (None, _) => (Vec::new(), None),
        (Some(rendered), _) => {
            let now = app.clock.now();
            (app.review.links(&id, rendered, now).await?, items::film(&app, &photo, now).await?)
        }
    };
    let entries = app.photos.audit(&photo).await?;
    let reports = app.reports.of(&id, REPORTS).await?;
    let told = FlashMessage::new(problem.as_deref());
    let history = History::new(&entries, &app.members.people().await?);
    let page =
        ModerationPhoto::new(edition.as_ref(), &photo, (&links, film.as_ref()), history, &reports, &member, told);
    app.page(&page).await
}
