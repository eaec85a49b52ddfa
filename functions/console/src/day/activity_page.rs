//! `/organiser/activity`: what members did other than deciding about photos, and whether the log is complete.

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

/// The page of the activity log.
#[derive(Clone, Debug, Template)]
#[template(path = "day/activity.html")]
pub struct Activity {
    /// The layout that all pages share.
    pub layout: Layout,
    /// The entries, newest first.
    pub entries: Vec<Line>,
    /// The number of the first entry that does not continue the one before it; `None` if the log is complete.
    pub broken_at: Option<u64>,
}

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The entry's number.
    pub seq: u64,
    /// When it happened.
    pub at: String,
    /// The member's name.
    pub name: String,
    /// What the member did.
    pub action: String,
    /// The person or thing that it was done to.
    pub detail: String,
    /// The first characters of the entry's hash.
    pub hash: String,
}

impl Page for Activity {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Activity {
    /// Builds the page of the log for `member`.
    pub fn new(entries: &[Entry], member: &Member) -> Self {
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
        Self::new(&entries, &sample::organiser())
    }
}

/// `GET /organiser/activity`
pub async fn show(State(app): State<App>, SignedInPerson(member): SignedInPerson) -> Result<Response, Problem> {
    let entries = app.activity.all().await?;
    app.page(&Activity::new(&entries, &member)).await
}
