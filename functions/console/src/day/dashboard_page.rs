//! `/organiser`: the dashboard. The plot is drawn on the server; a script updates the figures every ten seconds.

use askama::Template;
use axum::{extract::State, response::Response};
use jiff::Timestamp;
use shared::{
    domain::{
        Phase,
        dashboard::{Dashboard as Picture, rejected_words},
        people::Member,
        states::Role,
    },
    pages::{Page, format, layout::Layout, sample},
    store::task_runs::{Queues, Run},
    web::Problem,
};

use super::{
    checklist::{self, Task},
    figures::{self, Figures},
    page::phase_words,
};
use crate::{App, layout::console, signed_in::SignedInPerson};

/// Height of the plot's bars, in SVG units.
const PLOT_HEIGHT: i64 = 160;

/// The page of the dashboard.
#[derive(Clone, Debug, Template)]
#[template(path = "day/dashboard.html")]
pub struct Dashboard {
    /// The layout that all pages share.
    pub layout: Layout,
    /// The phase: its name in the API, and its name for people.
    pub phase: (&'static str, &'static str),
    /// What is left to do before the day opens or after it has closed; empty while it is open.
    pub tasks: Vec<Task>,
    /// When the tasks are done, as their heading.
    pub when: &'static str,
    /// The figures: name in the API, name for people, value.
    pub figures: Vec<(&'static str, &'static str, String)>,
    /// The bars of the plot.
    pub bars: Vec<Bar>,
    /// The line of expected photos in the plot, as the points of an SVG polyline.
    pub model: String,
    /// Number of messages that could not be handled.
    pub dead_letters: u64,
    /// Until when reports by strangers hide nothing; empty if they do hide photos.
    pub reports_braked_until: String,
    /// The plot's content as a sentence.
    pub forecast: String,
    /// Number of rejected photos for each reason.
    pub rejected: Vec<(&'static str, String)>,
    /// The last runs of scheduled tasks.
    pub runs: Vec<(String, String, String)>,
}

/// The bar of one part of the day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// The bar's left edge.
    pub x: i64,
    /// The bar's upper edge.
    pub y: i64,
    /// The bar's height.
    pub height: i64,
    /// When the part of the day begins.
    pub from: String,
    /// Number of photos that arrived in it.
    pub received: i64,
    /// Number of photos that the model expects in it.
    pub expected: i64,
}

impl Page for Dashboard {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Dashboard {
    /// Builds the page for `member` at `now`.
    pub fn new(
        phase: Option<Phase>,
        Figures { picture, oldest_at, queues, runs }: &Figures,
        member: &Member,
        now: Timestamp,
    ) -> Self {
        let most = picture.parts.iter().map(|part| part.received.max(part.expected)).max().unwrap_or_default().max(1);
        let height = |n: i64| n * PLOT_HEIGHT / most;
        let bars: Vec<Bar> = (0..)
            .zip(&picture.parts)
            .map(|(i, part)| Bar {
                x: 40 + i * 32,
                y: 10 + PLOT_HEIGHT - height(part.received),
                height: height(part.received),
                from: format::time(part.from),
                received: part.received,
                expected: part.expected,
            })
            .collect();
        let points = bars.iter().map(|bar| format!("{},{}", bar.x + 12, 10 + PLOT_HEIGHT - height(bar.expected)));
        let n = |value: i64| format::grouped(value);
        Self {
            layout: console("Dashboard", member).with_modules(&["js/organiser/dashboard.js"]),
            phase: phase.map_or(("", "not set up"), |phase| (phase.as_str(), phase_words(phase))),
            when: if phase == Some(Phase::Before) { "Before the day" } else { "After the day" },
            tasks: Vec::new(),
            figures: vec![
                ("received", "Received", n(picture.received)),
                ("pending", "Waiting", n(picture.pending)),
                ("held", "of these, on hold", n(picture.held)),
                ("reported", "Reported", n(picture.reported)),
                ("published", "Published", n(picture.published)),
                ("unseen", "Shown without a check", n(picture.unseen)),
                ("hidden", "Hidden", n(picture.hidden)),
                ("deleted", "Removed", n(picture.deleted)),
                ("quarantined", "Quarantined", n(picture.quarantined)),
                ("oldest", "Longest wait now", oldest_at.map_or("–".into(), |at| format::since(at, now))),
                ("wait", "Typical wait", picture.median_wait_seconds.map_or("–".into(), format::span)),
                ("megabytes", "Received, in MB", n(picture.received_bytes / 1_000_000)),
                ("budget", "Upload allowance used this hour, in %", picture.budget_percent().to_string()),
                ("queued", "Being processed", queues.as_ref().map_or("–".into(), |queues| queues.waiting.to_string())),
            ],
            dead_letters: queues.as_ref().map_or(0, |queues| queues.dead_letters),
            reports_braked_until: picture.reports_braked_until.map(format::time).unwrap_or_default(),
            model: points.collect::<Vec<_>>().join(" "),
            bars,
            forecast: match picture.forecast {
                Some(forecast) => {
                    format!("If today goes like earlier days, expect about {} photos.", n(forecast))
                }
                None => "The forecast appears after the first photos.".into(),
            },
            rejected: picture.rejected.iter().map(|(name, count)| (rejected_words(name), n(*count))).collect(),
            runs: runs
                .iter()
                .map(|run| (run.task.clone(), format!("{} ago", format::since(run.at, now)), did(run)))
                .collect(),
        }
    }

    /// A sample day at noon.
    pub fn sample() -> Self {
        let (_, picture) = sample::dashboard();
        let now = sample::morning();
        let picture = Picture { reports_braked_until: Some(now), ..picture };
        let run = Run { task: "sweep".into(), at: now, did: [("resent".to_owned(), 1)].into() };
        let queues = Queues { at: now, waiting: 3, dead_letters: 2 };
        let figures = Figures { picture, oldest_at: Some(now), queues: Some(queues), runs: vec![run] };
        Self::new(Some(Phase::Open), &figures, &sample::organiser(), now)
    }
}

fn did(run: &Run) -> String {
    let done: Vec<String> = run.did.iter().filter(|(_, n)| **n > 0).map(|(name, n)| format!("{n} {name}")).collect();
    if done.is_empty() { "nothing to do".into() } else { done.join(", ") }
}

/// `GET /organiser`
pub async fn show(State(app): State<App>, SignedInPerson(member): SignedInPerson) -> Result<Response, Problem> {
    let now = app.clock.now();
    let edition = app.editions.current().await?;
    let figures = Box::pin(figures::read(&app, edition.as_ref(), now)).await?;
    // Only organisers may open the pages on which these things are done.
    let tasks = if member.role >= Role::Organiser {
        checklist::read(&app, edition.as_ref(), &figures.picture, &member.key, now).await?
    } else {
        Vec::new()
    };
    app.page(&Dashboard { tasks, ..Dashboard::new(edition.map(|edition| edition.phase(now)), &figures, &member, now) })
        .await
}
