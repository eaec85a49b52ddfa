//! `/organiser`: how the day goes. The plot is drawn on the server; a module brings the figures up to date every ten seconds.

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use jiff::Timestamp;
use shared::{
    domain::{
        Phase,
        dashboard::{Dashboard as Picture, rejected_words},
        people::Member,
    },
    pages::{
        Page, format,
        layout::{Layout, Nav},
        sample,
    },
    store::runs::{Queues, Run},
    web::{Cache, Problem},
};

use crate::{
    App,
    pages::{
        moderation::Moderator,
        organiser::day::phase_words,
        transparency::{sample_picture, span},
    },
};

/// Height of the plot's bars, in units of its picture.
const PLOT_HEIGHT: i64 = 160;

/// How the day goes.
#[derive(Clone, Debug, Template)]
#[template(path = "dashboard.html")]
pub struct Dashboard {
    /// What all pages share.
    pub layout: Layout,
    /// The phase: its name in the API, and in words.
    pub phase: (&'static str, &'static str),
    /// The figures: name in the API, name for people, value.
    pub figures: Vec<(&'static str, &'static str, String)>,
    /// The plot's bars.
    pub bars: Vec<Bar>,
    /// The model's line through the plot.
    pub model: String,
    /// Messages that nobody could handle.
    pub dead_letters: u64,
    /// Until when reports of people who have sent no photos hide nothing; empty if they do.
    pub reports_braked_until: String,
    /// What the plot says, in words.
    pub forecast: String,
    /// Why photos were rejected.
    pub rejected: Vec<(&'static str, String)>,
    /// What the schedule did.
    pub runs: Vec<(String, String, String)>,
}

/// One part of the day in the plot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// Its left edge.
    pub x: i64,
    /// Its upper edge.
    pub y: i64,
    /// Its height.
    pub height: i64,
    /// When it begins.
    pub from: String,
    /// Photos that came.
    pub received: i64,
    /// Photos that the model expects.
    pub expected: i64,
}

impl Page for Dashboard {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Dashboard {
    /// The page as `member` sees it at `now`.
    pub fn of(
        phase: Option<Phase>,
        picture: &Picture,
        oldest_at: Option<Timestamp>,
        queues: Option<&Queues>,
        runs: &[Run],
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
            layout: Layout::private("Dashboard", Nav::None)
                .with_modules(&["js/organiser/dashboard.js"])
                .with_styles(&["css/components/moderation.css"])
                .for_member(member),
            phase: phase.map_or(("", "not set up"), |phase| (phase.as_str(), phase_words(phase))),
            figures: vec![
                ("received", "Received", n(picture.received)),
                ("pending", "Waiting", n(picture.pending)),
                ("held", "of these held", n(picture.held)),
                ("reported", "Reported", n(picture.reported)),
                ("published", "Published", n(picture.published)),
                ("unseen", "of these not looked at", n(picture.unseen)),
                ("hidden", "Hidden", n(picture.hidden)),
                ("deleted", "Removed", n(picture.deleted)),
                ("quarantined", "Locked away", n(picture.quarantined)),
                ("oldest", "Oldest waits", oldest_at.map_or("–".into(), |at| format::since(at, now))),
                ("wait", "Half decided within", picture.median_wait_seconds.map_or("–".into(), span)),
                ("megabytes", "Megabytes received", n(picture.received_bytes / 1_000_000)),
                ("budget", "Per cent of the hour’s budget", picture.budget_percent().to_string()),
                ("queued", "Being made ready", queues.map_or("–".into(), |queues| queues.waiting.to_string())),
            ],
            dead_letters: queues.map_or(0, |queues| queues.dead_letters),
            reports_braked_until: picture.reports_braked_until.map(format::time).unwrap_or_default(),
            model: points.collect::<Vec<_>>().join(" "),
            bars,
            forecast: match picture.forecast {
                Some(forecast) => {
                    format!("If the day goes on like such days do, it will bring about {} photos.", n(forecast))
                }
                None => "The first photos will tell how large the day becomes.".into(),
            },
            rejected: picture.rejected.iter().map(|(name, count)| (rejected_words(name), n(*count))).collect(),
            runs: runs.iter().map(|run| (run.task.clone(), format::since(run.at, now), did(run))).collect(),
        }
    }

    /// A sample day at noon.
    pub fn sample() -> Self {
        let (_, picture) = sample_picture();
        let now = sample::morning();
        let picture = Picture { reports_braked_until: Some(now), ..picture };
        let run = Run { task: "sweep".into(), at: now, did: [("resent".to_owned(), 1)].into() };
        let queues = Queues { at: now, waiting: 3, dead_letters: 2 };
        Self::of(Some(Phase::Open), &picture, Some(now), Some(&queues), &[run], &sample::organiser(), now)
    }
}

fn did(run: &Run) -> String {
    let done: Vec<String> = run.did.iter().filter(|(_, n)| **n > 0).map(|(name, n)| format!("{n} {name}")).collect();
    if done.is_empty() { "nothing to do".into() } else { done.join(", ") }
}

/// `GET /organiser`
pub async fn show(State(app): State<App>, Moderator(member): Moderator) -> Result<Response, Problem> {
    let now = app.clock.now();
    let (runs, queues, hour_bytes) = tokio::try_join!(app.runs.all(), app.runs.queues(), app.budget.spent(now))?;
    let queues = queues.as_ref();
    let page = match app.editions.current().await? {
        Some(edition) => {
            let counters = app.counters.all(&edition.slug).await?;
            let waiting = app.queue.waiting(&edition.slug).await?;
            let reports_braked_until = app.reports.brake(&edition.slug).await?.on_until(now);
            let picture = Picture { hour_bytes, reports_braked_until, ..Picture::of(&edition, &counters, now) };
            Dashboard::of(Some(edition.phase(now)), &picture, waiting.oldest_at, queues, &runs, &member, now)
        }
        None => Dashboard::of(None, &Picture::nothing(), None, queues, &runs, &member, now),
    };
    app.page(StatusCode::OK, Cache::Never, &page).await
}
