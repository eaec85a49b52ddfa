//! `/organiser/activity`: what members did other than deciding about photos, and whether the log is complete.

use askama::Template;
use axum::{extract::State, response::Response};
use shared::{
    domain::{
        activity::{Action, Activity as Entry, first_break},
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

/// Returns what a member did, as a person would say it.
fn done(action: Action) -> &'static str {
    match action {
        Action::Open => "Opened the day",
        Action::Extend => "Extended the day",
        Action::Close => "Closed the day",
        Action::Pause => "Paused uploads",
        Action::Resume => "Ended the pause",
        Action::Reopen => "Opened the day again",
        Action::SetSwitches => "Changed how the site runs",
        Action::SetBanner => "Put up the banner",
        Action::RemoveBanner => "Took the banner down",
        Action::ChangeSettings => "Changed settings",
        Action::SetLogo => "Set a sponsor’s logo",
        Action::RemoveLogo => "Removed a sponsor’s logo",
        Action::Export => "Exported photos",
        Action::RehearseDraw => "Rehearsed a prize draw",
        Action::AnnounceDraw => "Announced a prize draw",
        Action::FreezeDraw => "Closed a prize draw to entries",
        Action::GiveDrawValue => "Gave a prize draw its random value",
        Action::RevealDraw => "Revealed the winners of a prize draw",
        Action::RecordAnswer => "Recorded a winner’s answer",
        Action::RecordDelivery => "Recorded the delivery of a prize",
        Action::DisqualifyEntry => "Disqualified an entry",
        Action::ReadContacts => "Read the contacts of winners",
        Action::SignInByCode => "Signed in with a link",
        Action::SignInByPasskey => "Signed in with a passkey",
        Action::AddPasskey => "Added a passkey",
        Action::RemovePasskey => "Removed a passkey",
        Action::NewCode => "Made a new sign-in link",
        Action::Invite => "Invited",
        Action::ChangeRole => "Changed a role",
        Action::RevokePerson => "Revoked a person’s access",
        Action::MintKey => "Made a key",
        Action::RevokeKey => "Revoked a key",
        Action::EndSession => "Ended a session",
    }
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
            action: Action::named(&entry.action).map_or_else(|| entry.action.clone(), |action| done(action).to_owned()),
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
        for (action, detail) in
            [(Action::SignInByCode, ""), (Action::AddPasskey, "Sample laptop"), (Action::Extend, "by 30 minutes")]
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
