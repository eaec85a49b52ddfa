//! `/moderation/photos/{id}`: all about one photo: where it stands, what may be decided, who did what.

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
        layout::{Layout, PageStyle},
        links, sample,
        tile::{Tray, nearest},
    },
    web::{Path, Problem, Query},
};

use super::facts::{consent, people, reasons, shape};
use crate::{App, form::ProblemQuery, layout::console, signed_in::SignedInPerson};

/// The longest edge of the image, in pixels.
const EDGE_PX: u32 = 1280;
/// Reports that are shown, of 16 kB each at the most: an answer of a function is at most 6 MB.
const REPORTS: i32 = 100;

/// All about one photo.
#[derive(Clone, Debug, Template)]
#[template(path = "photo/photo.html")]
pub struct ModerationPhoto {
    /// What all pages share.
    pub layout: Layout,
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: u64,
    /// Its caption.
    pub caption: String,
    /// Where it stands.
    pub state: &'static str,
    /// Why.
    pub reason: String,
    /// The signed address of its image; none where there is none to show.
    pub src: Option<String>,
    /// Width of the original.
    pub width: u32,
    /// Height of the original.
    pub height: u32,
    /// Its description.
    pub alt: String,
    /// What else is known of it.
    pub facts: Vec<Fact>,
    /// What may be decided now without a reason, and taken back.
    pub decisions: Vec<Choice>,
    /// What may be decided with a reason. It stands in a form of its own: Enter in its field must never show a photo.
    pub reasoned: Vec<Choice>,
    /// What nobody can take back: these buttons are not among the others.
    pub grave: Vec<Choice>,
    /// Who did what, oldest first.
    pub trail: Vec<Entry>,
    /// Whether the trail is a whole chain.
    pub whole: bool,
    /// What a form was refused for.
    pub told: Option<FlashMessage>,
    /// Its caption as it is, to be edited.
    pub words: Option<Words>,
    /// Where covers are drawn; none where nothing can be covered.
    pub cover: Option<String>,
    /// What a machine noticed.
    pub hints: Vec<String>,
    /// What was reported.
    pub reports: Vec<Fact>,
    /// What must be known before anything is decided.
    pub notices: Vec<&'static str>,
    /// Reasons to pick.
    pub reasons: Vec<(&'static str, &'static str)>,
}

/// Words that can be edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// Where the form goes.
    pub action: String,
    /// The caption.
    pub caption: String,
    /// The description.
    pub alt: String,
    /// The credit.
    pub credit: String,
}

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What.
    pub name: &'static str,
    /// How it is.
    pub value: String,
}

/// One decision to choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Its name in the API.
    pub action: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// The look of its button.
    pub style: &'static str,
    /// Whether it shows the photo to everybody.
    pub shows: bool,
}

/// One entry of the trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: String,
    /// What.
    pub what: String,
    /// Why.
    pub reason: String,
    /// Who.
    pub by: String,
}

impl Page for ModerationPhoto {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl ModerationPhoto {
    /// The page of `photo` as `member` sees it; `links` are the signed addresses of its renditions, in their order.
    pub fn of(
        edition: Option<&Edition>,
        photo: &Photo,
        links: &[String],
        entries: &[AuditEntry],
        reports: &[Report],
        member: &Member,
        told: Option<FlashMessage>,
    ) -> Self {
        let renditions: Vec<&Rendition> = photo.rendered.iter().flat_map(|rendered| &rendered.renditions).collect();
        let shown = nearest(&renditions, EDGE_PX).and_then(|near| renditions.iter().position(|one| *one == near));
        let (width, height) = photo.rendered.as_ref().map_or((1, 1), |rendered| (rendered.width, rendered.height));
        let mut layout = console("Photo", member).with_modules(&["js/moderation/photo.js"]);
        layout.page_style = Some(PageStyle { css: shape(1, photo) });
        let editable = matches!(photo.state, PhotoState::Pending | PhotoState::Published | PhotoState::Hidden);
        let [decisions, reasoned, grave] = choices(photo);
        Self {
            told,
            words: editable.then(|| Words {
                action: links::photo_words(&photo.id),
                caption: photo.caption.clone(),
                alt: photo.alt.clone(),
                credit: photo.credit.clone(),
            }),
            cover: (editable && photo.rendered.is_some()).then(|| links::cover(&photo.id)),
            hints: photo.moderation.hints.iter().map(|hint| hint.words.clone()).collect(),
            reports: reports.iter().map(reported).collect(),
            notices: notices(photo),
            reasons: reasons(),
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
            facts: facts(edition, photo),
            decisions,
            reasoned,
            grave,
            trail: entries.iter().map(entry).collect(),
            whole: audit::is_whole(entries),
        }
    }

    /// A photo that waits.
    pub fn sample() -> Self {
        let member = sample::member();
        match sample::pending(1).pop() {
            Some(photo) => Self::of(
                sample::edition().as_ref(),
                &photo,
                &vec![
                    "/m/sample/1280.jpg".into();
                    photo.rendered.as_ref().map_or(0, |rendered| rendered.renditions.len())
                ],
                &sample::trail(),
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
                facts: Vec::new(),
                decisions: Vec::new(),
                reasoned: Vec::new(),
                grave: Vec::new(),
                trail: Vec::new(),
                whole: true,
                told: None,
                words: None,
                cover: None,
                hints: Vec::new(),
                reports: Vec::new(),
                notices: Vec::new(),
                reasons: Vec::new(),
            },
        }
    }
}

fn facts(edition: Option<&Edition>, photo: &Photo) -> Vec<Fact> {
    let fact = |name, value: Option<String>| value.filter(|value| !value.is_empty()).map(|value| Fact { name, value });
    let discipline = photo.discipline.as_ref().map(|slug| Tray::of(edition, slug).name);
    [
        fact("Description", Some(photo.alt.clone())),
        fact("Credit", Some(photo.credit.clone())),
        fact("School", photo.school.as_ref().map(|school| school.name.clone())),
        fact("Discipline", discipline),
        fact("In the picture", Some(people(photo.people).into())),
        fact("May be used", Some(consent(&photo.consent))),
        fact("Lane", (photo.state == PhotoState::Pending).then(|| photo.lane.as_str().to_owned())),
        fact("Registered", Some(format::date_and_time(photo.created_at))),
        fact("Published", photo.published_at.map(format::date_and_time)),
        fact("File", Some(format!("{}, {} kB", photo.content_type, format::grouped(kilobytes(photo.size_bytes))))),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What must be known before anything is decided.
fn notices(photo: &Photo) -> Vec<&'static str> {
    let mut notices = Vec::new();
    if photo.moderation.covering() {
        notices.push("Covers were drawn. The renditions with them are being made; look again in a few seconds.");
    }
    // A photo that was never reported needs two people because of another one: see what a machine noticed.
    let hidden = photo.state == PhotoState::Hidden || photo.moderation.reported > 0;
    if let Some(way) = &photo.moderation.safeguarding {
        notices.push(match (hidden, way.first().is_some()) {
            (true, true) => {
                "It was hidden to protect a child. One person agrees to show it again; somebody else must, too."
            }
            (true, false) => "It was hidden to protect a child. Two people must agree before it is shown again.",
            (false, true) => "One person agrees to show it; somebody else must, too.",
            (false, false) => "Two people must agree before it is shown.",
        });
    }
    notices
}

/// A report in words.
pub fn reported(report: &Report) -> Fact {
    let contact = if report.contact.is_empty() { String::new() } else { format!(" · {}", report.contact) };
    let at = format::date_and_time(report.at);
    let text = if report.text.is_empty() { "no further words".to_owned() } else { report.text.clone() };
    Fact { name: Lang::En.wrong(report.reason), value: format!("{text} · {at} · {}{contact}", report.reference) }
}

fn kilobytes(bytes: u64) -> i64 {
    i64::try_from(bytes / 1000).unwrap_or(i64::MAX)
}

/// The decisions that lead somewhere from where the photo stands: those without a reason, those with one, and those that cannot be
/// taken back.
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
        Decision::Reject => ("Reject", "button-danger"),
        Decision::Unpublish => ("Off the site, back to the queue", "button-quiet"),
        Decision::Hide if state == PhotoState::Hidden => ("Keep hidden", "button"),
        Decision::Hide => ("Hide", "button-danger"),
        Decision::Restore => ("Show again", "button-quiet"),
        Decision::Delete => ("Delete for good", "button-danger"),
        Decision::Quarantine => ("Lock away", "button-danger"),
    };
    let shows = matches!(decision, Decision::Publish | Decision::Restore);
    Choice { action: decision.as_str(), name, style, shows }
}

fn entry(entry: &AuditEntry) -> Entry {
    let moved = entry.from.filter(|from| *from != entry.to).map(|_| format!(" → {}", entry.to)).unwrap_or_default();
    Entry {
        at: format::date_and_time(entry.at),
        what: format!("{}{moved}", entry.action),
        reason: entry.reason.clone().unwrap_or_default(),
        by: entry.by.clone(),
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
    // What is locked away is not looked at any more, and what is deleted is not there.
    let links = match (&photo.rendered, photo.state) {
        (_, PhotoState::Quarantined | PhotoState::Deleted) | (None, _) => Vec::new(),
        (Some(rendered), _) => app.review.links(&id, rendered, app.clock.now()).await?,
    };
    let entries = app.photos.audit(&photo).await?;
    let reports = app.reports.of(&id, REPORTS).await?;
    let told = FlashMessage::of(problem.as_deref());
    let page = ModerationPhoto::of(edition.as_ref(), &photo, &links, &entries, &reports, &member, told);
    app.page(&page).await
}
