//! `/moderation/you`: the member's own passkeys and sessions, and proving again who they are.

use askama::Template;
use axum::{extract::State, response::Response};
use jiff::Timestamp;
use shared::{
    domain::people::Member,
    pages::{FlashMessage, Page, format, layout::Layout, sample},
    store::members::{Passkey, Session},
    web::{Problem, Query},
};

use crate::{App, form::ProblemQuery, layout::console, people::page::Row, signed_in::SignedInPerson};

/// The page of the member's own account.
#[derive(Clone, Debug, Template)]
#[template(path = "session/account.html")]
pub struct You {
    /// The layout that all pages share.
    pub layout: Layout,
    /// Why the last form was refused; `None` if there is nothing to say.
    pub told: Option<FlashMessage>,
    /// The member's name.
    pub name: String,
    /// The member's role.
    pub role: &'static str,
    /// The member's passkeys.
    pub passkeys: Vec<Row>,
    /// The member's sessions.
    pub sessions: Vec<Row>,
    /// When the member last used a passkey in this session; `None` if they have not.
    pub verified: Option<String>,
    /// Milliseconds left in which the member can add or remove a passkey without using one again.
    pub proven_for_ms: i64,
    /// The site's origin by its name, for a page that was opened by an IP address: passkeys need a name. `None` if the site is on no
    /// laptop.
    pub named: Option<String>,
}

impl Page for You {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl You {
    /// Builds the page of `member` at `now`. `origin` is the site's origin.
    pub fn new(
        member: &Member,
        (passkeys, sessions): (&[Passkey], &[Session]),
        told: Option<FlashMessage>,
        now: Timestamp,
        origin: &str,
    ) -> Self {
        let passkey = |passkey: &Passkey| Row {
            id: passkey.id.clone(),
            name: passkey.name.clone(),
            what: match passkey.used_at {
                Some(at) => format!("last used {}", format::date_and_time(at)),
                None => "not used yet".to_owned(),
            },
            when: format!("made {}", format::date_and_time(passkey.created_at)),
            lives: true,
        };
        let session = |session: &Session| Row {
            id: session.id.to_string(),
            name: format!("Since {}", format::date_and_time(session.created_at)),
            what: if session.verified_at.is_some() { "by passkey".into() } else { "by code".into() },
            when: format!("last used {}", format::date_and_time(session.seen_at)),
            lives: true,
        };
        let named = origin.starts_with("http://localhost:").then(|| origin.to_owned());
        Self {
            layout: console("You", member).with_modules(&["js/moderation/you.js"]),
            told,
            name: member.name.clone(),
            role: member.role.as_str(),
            passkeys: passkeys.iter().filter(|one| one.person == member.key).map(passkey).collect(),
            sessions: sessions.iter().filter(|one| one.person == member.key).map(session).collect(),
            verified: member.verified_at.map(format::date_and_time),
            proven_for_ms: member
                .proven_until()
                .map_or(0, |until| until.as_millisecond() - now.as_millisecond())
                .max(0),
            named,
        }
    }

    /// A sample of a member without a passkey.
    pub fn sample() -> Self {
        Self::new(&sample::member(), (&[], &[]), None, sample::morning(), "https://photos.example")
    }
}

/// `GET /moderation/you`
pub async fn show(
    State(app): State<App>,
    SignedInPerson(member): SignedInPerson,
    Query(ProblemQuery { problem }): Query<ProblemQuery>,
) -> Result<Response, Problem> {
    let now = app.clock.now();
    let (passkeys, sessions) = (app.members.passkeys().await?, app.members.sessions(now).await?);
    let told = FlashMessage::new(problem.as_deref());
    let page = You::new(&member, (&passkeys, &sessions), told, now, app.site.origin());
    app.page(&page).await
}
