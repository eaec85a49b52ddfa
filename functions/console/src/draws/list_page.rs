//! `/organiser/draws`: the prize draws of all editions, with what happens next in each.

use askama::Template;
use axum::{extract::State, response::Response};
use jiff::Timestamp;
use shared::{
    domain::{people::Member, time::in_words},
    pages::{FlashMessage, Page, layout::Layout, links, sample},
    web::{Problem, Query},
};

use super::{
    api::{self, Found},
    page,
};
use crate::{App, form::ProblemQuery, layout::console, signed_in::SignedInPerson};

/// The page that lists prize draws.
#[derive(Clone, Debug, Template)]
#[template(path = "draws/list.html")]
pub struct DrawList {
    /// The layout that all pages share.
    pub layout: Layout,
    /// Why the last form was refused; `None` if there is nothing to say.
    pub told: Option<FlashMessage>,
    /// The draws.
    pub draws: Vec<DrawLine>,
}

/// A draw in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrawLine {
    /// Its page.
    pub href: String,
    /// Its name.
    pub name: String,
    /// Its edition.
    pub edition: String,
    /// The state, in words.
    pub state: &'static str,
    /// What happens next, as a sentence.
    pub next: String,
    /// When it freezes and is drawn.
    pub times: [String; 2],
    /// The number of entries, in words.
    pub entries: String,
}

impl Page for DrawList {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl DrawList {
    /// Builds the page for `member` at `now`.
    pub fn new(draws: &[Found], member: &Member, told: Option<FlashMessage>, now: Timestamp) -> Self {
        let line = |found: &Found| {
            let settings = found.row.as_ref().map_or(&found.settings, |row| &row.settings);
            DrawLine {
                href: links::organiser_draw(&settings.id),
                name: settings.name.clone(),
                edition: found.edition.name.clone(),
                state: page::state_words(found.row.as_ref()),
                next: page::next(found, now),
                times: [settings.freezes_at, settings.draws_at].map(in_words),
                entries: page::entries_words(found.entered),
            }
        };
        Self { layout: console("Prize draws", member), told, draws: draws.iter().map(line).collect() }
    }

    /// A sample with a draw in each state.
    pub fn sample() -> Self {
        let draws: Vec<Found> = page::samples().into_iter().map(|(found, ..)| found).collect();
        Self::new(&draws, &sample::organiser(), None, sample::morning())
    }

    /// A sample without draws.
    pub fn sample_empty() -> Self {
        Self::new(&[], &sample::organiser(), None, sample::morning())
    }
}

/// `GET /organiser/draws`
pub async fn show(
    State(app): State<App>,
    SignedInPerson(member): SignedInPerson,
    Query(ProblemQuery { problem }): Query<ProblemQuery>,
) -> Result<Response, Problem> {
    let draws = api::all(&app).await?;
    let told = FlashMessage::new(problem.as_deref());
    app.page(&DrawList::new(&draws, &member, told, app.clock.now())).await
}
