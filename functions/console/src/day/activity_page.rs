//! `/organiser/activity`: what members did beside deciding about photos, and whether the log is whole.

use askama::Template;
use axum::{extract::State, response::Response};
use shared::{
    domain::{
        activity::{Activity as Entry, first_break},
        people::Member,
    },
    pages::{Page, format, layout::Layout, sample},
    web::Problem,
};

use crate::{App, layout::console, signed_in::SignedInPerson};

/// The log.
#[derive(Clone, Debug, Template)]
#[template(path = "day/activity.html")]
pub struct Activity {
    /// What all pages share.
    pub layout: Layout,
    /// The entries, the latest first.
    pub entries: Vec<Line>,
    /// Whether each continues the one before; else the number of the first that does not.
    pub broken_at: Option<u64>,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number.
    pub seq: u64,
    /// When.
    pub at: String,
    /// Who.
    pub name: String,
    /// What.
    pub action: String,
    /// To whom or what.
    pub detail: String,
    /// The beginning of its hash.
    pub hash: String,
}

impl Page for Activity {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Activity {
    /// The log as `member` sees it.
    pub fn of(entries: &[Entry], member: &Member) -> Self {
        let line = |entry: &Entry| Line {
            seq: entry.seq,
            at: format::date_and_time(entry.at),
            name: entry.name.clone(),
            action: entry.action.clone(),
            detail: entry.detail.clone(),
            hash: entry.hash.chars().take(12).collect(),
        };
        Self {
            layout: console("Activity", member),
            entries: entries.iter().rev().map(line).collect(),
            broken_at: first_break(entries),
        }
    }

    /// A sample log.
    pub fn sample() -> Self {
        let mut entries: Vec<Entry> = Vec::new();
        for (action, detail) in [("sign in by code", ""), ("add passkey", "Sample laptop"), ("extend", "by 30 minutes")]
        {
            let next =
                Entry::after(entries.last(), "member:sample", "Sample organiser", action, detail, sample::morning());
            entries.push(next);
        }
        Self::of(&entries, &sample::organiser())
    }
}

/// `GET /organiser/activity`
pub async fn show(State(app): State<App>, SignedInPerson(member): SignedInPerson) -> Result<Response, Problem> {
    let entries = app.activity.all().await?;
    app.page(&Activity::of(&entries, &member)).await
}
