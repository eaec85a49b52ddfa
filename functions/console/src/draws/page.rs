//! `/organiser/draws/{id}`: one prize draw. What can be done now, what follows from it, winners and reserves, and the log.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use serde::Deserialize;
use shared::{
    domain::{
        draw::{
            beacon::CHAIN,
            files::Source,
            next::ByHand,
            steps::{self, ANSWER, Draw, LogEntry, Place, Reason, Standing},
        },
        people::{Actor, Member},
        time::in_words,
    },
    pages::{
        FlashMessage, Page, draw_log, format,
        lang::Lang,
        layout::Layout,
        links, sample,
        sample_draws::{self, SampleDraw},
    },
    store::{draws::DrawRow, members::Person},
    web::{Path, Problem, Query},
};

use super::{
    answers::{RehearsalAnswer, what_next},
    api::{self, Found},
};
use crate::{App, layout::console, people::names as names_of, signed_in::SignedInPerson};

/// A relay at which anybody reads a round.
const RELAY: &str = "https://api.drand.sh";

/// The page of one prize draw.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "draws/draw.html")]
pub struct DrawPage {
    /// The layout that all pages share.
    pub layout: Layout,
    /// Why the last form was refused; `None` if there is nothing to say.
    pub told: Option<FlashMessage>,
    /// What the last form was about, if it was done; `None` if there is nothing to say.
    pub saved: Option<Section>,
    /// The draw's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What happens next, as a sentence.
    pub next: String,
    /// What stands in the way of announcing it.
    pub obstacles: Vec<String>,
    /// What can be done now.
    pub steps: Vec<StepBox>,
    /// Whether the draw can be rehearsed: until it is drawn.
    pub rehearses: bool,
    /// What a rehearsal has just found: what was tried, and what went wrong, or nothing.
    pub rehearsed: Vec<(String, Option<String>)>,
    /// Facts, each with its name.
    pub facts: Vec<(&'static str, String)>,
    /// The digest of the published list of entries; empty until it is published.
    pub digest: String,
    /// Its public page; empty before it is announced.
    pub public: String,
    /// The prizes, in order.
    pub prizes: Vec<String>,
    /// The winners, then the reserves. Empty before the result.
    pub people: Vec<PersonBox>,
    /// The subject of a message to a winner.
    pub subject: String,
    /// The log, oldest first.
    pub log: Vec<LogLine>,
}

/// A step that can be done now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepBox {
    /// The action's name in the API.
    pub action: &'static str,
    /// The button's label.
    pub label: &'static str,
    /// What follows from it and cannot be undone.
    pub consequence: &'static str,
    /// Where any device reads the round that is to be pasted; empty for other steps.
    pub relay: String,
    /// Whether an observer's name and sentence are needed.
    pub observed: bool,
}

/// A winner or a reserve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonBox {
    /// The leaf of the entry.
    pub leaf: String,
    /// The beginning of the leaf, by which people tell it from others.
    pub short: String,
    /// What becomes of them, in words.
    pub standing: String,
    /// How the public reads of them; empty if the public reads no name.
    pub public_name: String,
    /// Whether an answer can be recorded.
    pub answers: bool,
    /// Whether delivery can be recorded.
    pub delivers: bool,
    /// The reasons for which they can be passed over now: value and words.
    pub reasons: Vec<(&'static str, &'static str)>,
    /// What follows if they are passed over.
    pub consequence: String,
}

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Its number.
    pub version: u64,
    /// When it happened.
    pub at: String,
    /// Who did it.
    pub by: String,
    /// What was done, in words.
    pub what: String,
    /// The beginning of its hash.
    pub hash: String,
}

impl Page for DrawPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl DrawPage {
    /// Builds the page for `member` at `now`. `people` are the members whose names the log shows. `told` and `saved` are the outcome of the
    /// last form.
    pub fn new(
        found: &Found,
        log: &[LogEntry],
        people: &[Person],
        member: &Member,
        (told, saved): (Option<FlashMessage>, Option<Section>),
        now: Timestamp,
    ) -> Self {
        let row = found.row.as_ref();
        let settings = row.map_or(&found.settings, |row| &row.settings);
        let draw = row.map(|row| &row.draw);
        let obstacles = if row.is_none() { settings.obstacles(found.edition.opens_at, now) } else { Vec::new() };
        let offered = match draw {
            Some(draw) => draw.by_hand(now),
            None if obstacles.is_empty() => vec![ByHand::Announce],
            None => Vec::new(),
        };
        let title = |prize: usize| settings.prizes.get(prize - 1).map_or("", |prize| prize.title.as_str());
        let names = row.map(|row| row.names.clone()).unwrap_or_default();
        let members = names_of(people);
        Self {
            layout: console(settings.name.clone(), member).with_modules(&["js/organiser/draws.js"]),
            told,
            saved,
            id: settings.id.to_string(),
            name: settings.name.clone(),
            next: what_next(row, &obstacles, now),
            obstacles,
            steps: offered.into_iter().map(|step| StepBox::new(step, draw)).collect(),
            rehearses: draw.is_none_or(|draw| draw.state < steps::State::Revealed),
            rehearsed: Vec::new(),
            facts: facts(found),
            digest: draw
                .and_then(|draw| draw.listed.as_ref())
                .map_or_else(String::new, |listed| listed.sha256.to_string()),
            public: draw
                .filter(|draw| draw.state > steps::State::Announced)
                .map_or_else(String::new, |_| links::draw(&settings.id)),
            prizes: settings
                .prizes
                .iter()
                .map(|prize| match &prize.sponsor {
                    Some(sponsor) => format!("{}, given by {sponsor}", prize.title),
                    None => prize.title.clone(),
                })
                .collect(),
            people: draw.map_or_else(Vec::new, |draw| {
                let name = |place: &Place| names.get(&place.leaf).cloned().flatten().unwrap_or_default();
                draw.places.iter().map(|place| PersonBox::new(draw, place, title, name(place), now)).collect()
            }),
            subject: format!("You have won a prize: {}", settings.name),
            log: log.iter().map(|entry| LogLine::new(entry, &members)).collect(),
        }
    }

    fn sampled(which: usize) -> Self {
        samples().get(which).map_or_else(Self::default, |(found, log, now)| {
            Self::new(found, log, &[], &sample::organiser(), (None, None), *now)
        })
    }

    /// A sample: a draw that cannot be announced yet.
    pub fn sample_incomplete() -> Self {
        Self::sampled(0)
    }

    /// A sample: a draw that takes entries, after a rehearsal.
    pub fn sample_open() -> Self {
        let rehearsed = vec![
            ("it is announced and opens".to_owned(), None),
            (
                "a relay of the beacon gives its latest round".to_owned(),
                Some(
                    "none gives round 37148812; on the day, the round can be given by hand from any device".to_owned(),
                ),
            ),
        ];
        Self { rehearsed, ..Self::sampled(1) }
    }

    /// A sample: a draw whose round is awaited, after a round was refused.
    pub fn sample_awaiting() -> Self {
        let told = FlashMessage {
            title: "The value is not the one that was announced",
            hint: "It is round 1001; expected round 1000, which was announced.".to_owned(),
        };
        Self { told: Some(told), ..Self::sampled(2) }
    }

    /// A sample: a draw that an observer draws.
    pub fn sample_observed() -> Self {
        Self::sampled(3)
    }

    /// A sample: a draw with winners and reserves, after something was recorded about one of them.
    pub fn sample_drawn() -> Self {
        Self { saved: Some(Section::People), ..Self::sampled(4) }
    }

    /// A sample: a draw whose prizes are handed over.
    pub fn sample_settled() -> Self {
        Self::sampled(5)
    }
}

impl StepBox {
    fn new(step: ByHand, draw: Option<&Draw>) -> Self {
        let round = draw.and_then(|draw| match &draw.announcement.source {
            Source::Beacon { round, .. } => Some(*round),
            Source::Observer {} => None,
        });
        let relay = round.filter(|_| step == ByHand::Round);
        Self {
            action: step.as_str(),
            label: step.label(),
            consequence: step.consequence(),
            relay: relay.map_or_else(String::new, |round| format!("{RELAY}/{CHAIN}/public/{round}")),
            observed: step == ByHand::Observe,
        }
    }
}

impl PersonBox {
    fn new<'a>(
        draw: &Draw,
        place: &Place,
        title: impl Fn(usize) -> &'a str,
        public_name: String,
        now: Timestamp,
    ) -> Self {
        // Asked whether it would fit; nothing is moved.
        let by = Actor::Function("console");
        let reserve = draw.places.iter().any(|other| other.standing == Standing::Waits);
        // Once no prize is left, nobody has to be passed over.
        let settled = draw.state == steps::State::Settled;
        let reasons = Reason::ALL
            .into_iter()
            .filter(|_| !settled)
            .filter(|reason| draw.disqualify(&place.leaf, *reason, &by, now).is_ok_and(|step| step.is_some()));
        let (standing, consequence) = match place.standing {
            Standing::Holds { prize, since, answered_at } => {
                let so_far = match answered_at {
                    Some(at) => format!("answered at {}", in_words(at)),
                    None => format!("has until {} to answer", in_words(since + ANSWER)),
                };
                let next = if reserve {
                    format!("Prize {prize} goes to the next reserve, who has seven days to answer.")
                } else {
                    format!("No reserve is left: nobody gets prize {prize}.")
                };
                (format!("Prize {prize}, {}: {so_far}", title(prize)), next)
            }
            Standing::Waits => ("Reserve".to_owned(), "They can no longer get a prize in this draw.".to_owned()),
            Standing::Delivered { prize } => (format!("Has prize {prize}, {}", title(prize)), String::new()),
            Standing::Out { reason } => (format!("Out. {}", reason.words()), String::new()),
        };
        let leaf = place.leaf.to_string();
        Self {
            short: draw_log::beginning(&leaf).to_owned(),
            leaf,
            standing,
            public_name,
            answers: draw.answer(&place.leaf, &by, now).is_ok_and(|step| step.is_some()),
            delivers: draw.deliver(&place.leaf, &by, now).is_ok_and(|step| step.is_some()),
            reasons: reasons.map(|reason| (reason.as_str(), reason.words())).collect(),
            consequence,
        }
    }
}

impl LogLine {
    fn new(entry: &LogEntry, names: &BTreeMap<String, &str>) -> Self {
        let by = match entry.by.as_str() {
            "function:draws" => "the schedule",
            "function:organiser" => "the command",
            other => names.get(other).copied().unwrap_or(other),
        };
        Self {
            version: entry.version,
            at: in_words(entry.at),
            by: by.to_owned(),
            what: draw_log::line(entry, Lang::En),
            hash: draw_log::beginning(&entry.hash).to_owned(),
        }
    }
}

fn facts(found: &Found) -> Vec<(&'static str, String)> {
    let row = found.row.as_ref();
    let settings = row.map_or(&found.settings, |row| &row.settings);
    let draw = row.map(|row| &row.draw);
    vec![
        ("State", state_words(row).to_owned()),
        ("Entries", entries_words(found.entered)),
        ("Entries until", in_words(settings.freezes_at)),
        ("Drawn after", in_words(settings.draws_at)),
        (
            "Value",
            match draw.map(|draw| &draw.announcement.source) {
                Some(Source::Beacon { round, .. }) => format!("Round {round} of the beacon"),
                Some(Source::Observer {}) => "A sentence that an independent person says".to_owned(),
                None => "Is fixed by the announcement".to_owned(),
            },
        ),
        ("Reserves", settings.reserves.to_string()),
        ("Who may win", settings.who.words()),
        ("Edition", found.edition.name.clone()),
    ]
}

/// Returns the state of a draw in words.
pub fn state_words(row: Option<&DrawRow>) -> &'static str {
    match row.map(|row| row.draw.state) {
        None => "Not announced",
        Some(steps::State::Announced) => "Announced, not open yet",
        Some(steps::State::Open) => "Open",
        Some(steps::State::Frozen) => "Closed, not drawn yet",
        Some(steps::State::Revealed) => "Drawn",
        Some(steps::State::Settled) => "Drawn, and all prizes handed over",
    }
}

/// Returns a number of entries in words.
pub fn entries_words(entered: Option<usize>) -> String {
    match entered {
        Some(1) => "1 entry".to_owned(),
        Some(count) => format!("{} entries", format::grouped(i64::try_from(count).unwrap_or(i64::MAX))),
        None => "none yet".to_owned(),
    }
}

/// Returns what happens next in a draw, as a sentence.
pub fn next(found: &Found, now: Timestamp) -> String {
    let obstacles = match &found.row {
        Some(_) => Vec::new(),
        None => found.settings.obstacles(found.edition.opens_at, now),
    };
    what_next(found.row.as_ref(), &obstacles, now)
}

/// What a form of the page is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Section {
    /// The draw itself.
    Draw,
    /// Its winners and reserves.
    People,
}

impl Section {
    /// Returns its name in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draw => "draw",
            Self::People => "people",
        }
    }
}

/// The query of the page.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrawQuery {
    /// The name of the problem because of which a form was refused.
    #[serde(default)]
    problem: Option<String>,
    /// What a form has saved.
    #[serde(default)]
    saved: Option<Section>,
}

/// `GET /organiser/draws/{id}`
pub async fn show(
    State(app): State<App>,
    SignedInPerson(member): SignedInPerson,
    Path(id): Path<String>,
    Query(DrawQuery { problem, saved }): Query<DrawQuery>,
) -> Result<Response, Problem> {
    let told = FlashMessage::new(problem.as_deref());
    app.page(&read(&app, &member, &id, (told, saved)).await?).await
}

/// Answers a refused form with the page, and with what was refused in this case.
pub async fn refused(app: &App, member: &Member, id: &str, problem: Problem) -> Result<Response, Problem> {
    let status = problem.status();
    let told = FlashMessage { title: problem.kind.title, hint: format!("{} {}", problem.detail, problem.hint) };
    let page = read(app, member, id, (Some(told), None)).await?;
    Ok((status, app.page(&page).await?).into_response())
}

/// Answers with the page and with what a rehearsal found.
pub async fn rehearsed(app: &App, member: &Member, id: &str, rehearsal: RehearsalAnswer) -> Result<Response, Problem> {
    let page = read(app, member, id, (None, None)).await?;
    let rehearsed = rehearsal.checks.into_iter().map(|check| (check.what, check.wrong)).collect();
    app.page(&DrawPage { rehearsed, ..page }).await
}

async fn read(
    app: &App,
    member: &Member,
    id: &str,
    outcome: (Option<FlashMessage>, Option<Section>),
) -> Result<DrawPage, Problem> {
    let found = api::find(app, id).await?;
    let log = app.draws.log(&found.edition.slug, &found.settings.id).await?;
    let people = app.members.people().await?;
    Ok(DrawPage::new(&found, &log, &people, member, outcome, app.clock.now()))
}

/// Returns the draws of the samples, each with its log and the instant at which it is looked at.
pub fn samples() -> Vec<(Found, Vec<LogEntry>, Timestamp)> {
    let found = |draw: SampleDraw| {
        let SampleDraw { edition, settings, row, log, now } = draw;
        let entered = row.as_ref().map(|row| row.draw.listed.as_ref().map_or(17, |listed| listed.count));
        (Found { edition, settings, row, entered }, log, now)
    };
    sample_draws::draws().into_iter().map(found).collect()
}
