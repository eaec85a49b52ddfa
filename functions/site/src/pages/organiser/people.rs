//! `/organiser/people`: members, keys and sessions, and how each ends.

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use shared::{
    domain::people::{Duty, Member, Role},
    store::members::{Key, Passkey, Person, Session},
    web::{Cache, Problem, Query},
};

use super::Asked;
use crate::{
    App,
    frame::{Frame, Nav},
    pages::{Page, Told, moderation::Moderator},
    sample, words,
};

/// Members, keys and sessions.
#[derive(Clone, Debug, Template)]
#[template(path = "people.html")]
pub struct People {
    /// What all pages share.
    pub frame: Frame,
    /// What a form was refused for.
    pub told: Option<Told>,
    /// The members.
    pub people: Vec<Row>,
    /// The keys.
    pub keys: Vec<Row>,
    /// The sessions.
    pub sessions: Vec<Row>,
    /// Roles that this member can give.
    pub roles: Vec<&'static str>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What a form names.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it may do, or whose it is.
    pub what: String,
    /// Since when, until when.
    pub when: String,
    /// Whether it can still be ended.
    pub lives: bool,
}

impl Page for People {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

impl People {
    /// The page as `member` sees it.
    pub fn of(
        (people, keys): (&[Person], &[Key]),
        (sessions, passkeys): (&[Session], &[Passkey]),
        member: &Member,
        told: Option<Told>,
    ) -> Self {
        let name_of = |id| people.iter().find(|person| person.id == id).map(|person| person.name.clone());
        let may = |role: Role, duties: &[Duty]| {
            let all = std::iter::once(role.as_str()).chain(duties.iter().map(|duty| duty.as_str()));
            all.collect::<Vec<_>>().join(", ")
        };
        let person = |person: &Person| {
            let own = passkeys.iter().filter(|passkey| passkey.person == person.id).count();
            let passkeys = match own {
                0 => "no passkey".to_owned(),
                1 => "1 passkey".to_owned(),
                n => format!("{n} passkeys"),
            };
            Row {
                id: person.id.to_string(),
                name: person.name.clone(),
                what: format!("{}; {passkeys}", may(person.role, &person.duties)),
                when: match person.revoked_at {
                    Some(at) => format!("left {}", words::date_and_time(at)),
                    None => format!("since {}", words::date_and_time(person.created_at)),
                },
                lives: person.revoked_at.is_none(),
            }
        };
        let key = |key: &Key| Row {
            id: key.id.to_string(),
            name: key.name.clone(),
            what: may(key.role, &key.duties),
            when: match (key.revoked_at, key.expires_at) {
                (Some(at), _) => format!("revoked {}", words::date_and_time(at)),
                (None, Some(at)) => format!("until {}", words::date_and_time(at)),
                (None, None) => "until it is revoked".to_owned(),
            },
            lives: key.revoked_at.is_none(),
        };
        let session = |session: &Session| Row {
            id: session.id.to_string(),
            name: name_of(session.person.clone()).unwrap_or_default(),
            what: if session.verified_at.is_some() { "by passkey".to_owned() } else { "by code".to_owned() },
            when: format!("last used {}", words::date_and_time(session.seen_at)),
            lives: true,
        };
        Self {
            frame: Frame::private("People", Nav::None)
                .with_modules(&["js/organiser/people.js"])
                .with_styles(&["css/components/moderation.css"])
                .for_member(member),
            told,
            people: people.iter().map(person).collect(),
            keys: keys.iter().map(key).collect(),
            sessions: sessions.iter().map(session).collect(),
            roles: Role::ALL.into_iter().filter(|role| member.role >= *role).map(Role::as_str).collect(),
        }
    }

    /// Sample people.
    pub fn sample() -> Self {
        let organiser = sample::organiser();
        let person = Person {
            id: organiser.key.clone(),
            name: organiser.name.clone(),
            role: organiser.role,
            duties: vec![Duty::Safeguarding],
            created_at: sample::morning(),
            revoked_at: None,
        };
        Self::of((&[person], &[]), (&[], &[]), &organiser, None)
    }
}

/// `GET /organiser/people`
pub async fn show(
    State(app): State<App>,
    Moderator(member): Moderator,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let (people, keys) = (app.members.people().await?, app.members.keys().await?);
    let (sessions, passkeys) = (app.members.sessions(app.clock.now()).await?, app.members.passkeys().await?);
    let told = Told::of(asked.problem.as_deref());
    let page = People::of((&people, &keys), (&sessions, &passkeys), &member, told);
    app.page(StatusCode::OK, Cache::Never, &page).await
}
