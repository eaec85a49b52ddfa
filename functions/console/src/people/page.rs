//! `/organiser/people`: members and what they may do, keys, sessions, and how each ends.

use askama::Template;
use axum::{extract::State, response::Response};
use shared::{
    domain::{
        access,
        ids::KeyId,
        people::Member,
        states::{Duty, Role},
    },
    pages::{FlashMessage, Page, format, layout::Layout, sample},
    store::members::{Key, Passkey, Person, Session},
    web::{Problem, Query},
};

use crate::{App, form::ProblemQuery, layout::console, signed_in::SignedInPerson};

/// The page of members, keys and sessions.
#[derive(Clone, Debug, Template)]
#[template(path = "people/people.html")]
pub struct PeoplePage {
    /// The layout that all pages share.
    pub layout: Layout,
    /// Why the last form was refused; `None` if there is nothing to say.
    pub told: Option<FlashMessage>,
    /// The members.
    pub people: Vec<PersonRow>,
    /// The keys.
    pub keys: Vec<Row>,
    /// The sessions.
    pub sessions: Vec<Row>,
    /// Roles that the signed-in member can give.
    pub roles: Vec<&'static str>,
    /// All duties, none of them ticked.
    pub duties: Vec<DutyBox>,
    /// Whether the signed-in member has a passkey with which to prove who they are.
    pub proves: bool,
}

/// A member in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonRow {
    /// The person's id.
    pub id: String,
    /// The person's name.
    pub name: String,
    /// The person's role.
    pub role: &'static str,
    /// The person's role and duties, in words.
    pub may: String,
    /// How many passkeys the person has, in words.
    pub passkeys: String,
    /// When the membership began and, if it has, when it ended.
    pub when: String,
    /// Whether this is the signed-in member.
    pub own: bool,
    /// Whether the membership has not ended.
    pub lives: bool,
    /// Whether the signed-in member may make a new link for this person. The holder of the link can sign in as that person.
    pub link: bool,
    /// The duties to tick; `None` if the signed-in member cannot change them, because the membership has ended or the person may do more.
    pub change: Option<Vec<DutyBox>>,
}

/// A checkbox for a duty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DutyBox {
    /// The duty's name in the API.
    pub id: &'static str,
    /// What a person with the duty is called.
    pub name: &'static str,
    /// Whether the person has the duty.
    pub held: bool,
    /// Whether the signed-in member can give the duty.
    pub given: bool,
}

impl DutyBox {
    /// Returns a checkbox for each duty, as `member` can give them to a person who has `held`.
    fn all(member: &Member, held: &[Duty]) -> Vec<Self> {
        let tick = |duty: Duty| Self {
            id: duty.as_str(),
            name: match duty {
                Duty::Safeguarding => "Safeguarding lead",
            },
            held: held.contains(&duty),
            given: access::may_give(member, Role::Viewer, &[duty]).is_ok(),
        };
        Duty::ALL.into_iter().map(tick).collect()
    }

    /// Whether the duty cannot be changed: a member who cannot give a duty cannot take it away.
    pub fn locked(&self) -> bool {
        !self.held && !self.given
    }
}

/// A key, a passkey or a session in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The id that a form names.
    pub id: String,
    /// Its heading in the list.
    pub name: String,
    /// What a key may do, when a passkey was last used, or how a session began.
    pub what: String,
    /// When it was made or last used, or until when it works.
    pub when: String,
    /// Whether it can still be ended.
    pub lives: bool,
}

impl Page for PeoplePage {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl PeoplePage {
    /// Builds the page for `member`.
    pub fn new(
        (people, keys): (&[Person], &[Key]),
        (sessions, passkeys): (&[Session], &[Passkey]),
        member: &Member,
        told: Option<FlashMessage>,
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
            let lives = person.lives();
            let within = lives && access::may_touch(member, person.role).is_ok();
            let link = within && access::may_give(member, person.role, &person.duties).is_ok();
            PersonRow {
                id: person.id.to_string(),
                name: person.name.clone(),
                role: person.role.as_str(),
                may: may(person.role, &person.duties),
                passkeys,
                when: match person.revoked_at {
                    Some(at) => format!("left {}", format::date_and_time(at)),
                    None => format!("since {}", format::date_and_time(person.created_at)),
                },
                own: person.id == member.key,
                lives,
                link,
                change: within.then(|| DutyBox::all(member, &person.duties)),
            }
        };
        let key = |key: &Key| Row {
            id: key.id.to_string(),
            name: key.name.clone(),
            what: match key.maker.clone().and_then(name_of) {
                Some(maker) => format!("{}; made by {maker}", may(key.role, &key.duties)),
                None => may(key.role, &key.duties),
            },
            when: match (key.revoked_at, key.expires_at) {
                (Some(at), _) => format!("revoked {}", format::date_and_time(at)),
                (None, Some(at)) => format!("until {}", format::date_and_time(at)),
                (None, None) => "until it is revoked".to_owned(),
            },
            lives: key.revoked_at.is_none(),
        };
        let session = |session: &Session| Row {
            id: session.id.to_string(),
            name: name_of(session.person.clone()).unwrap_or_default(),
            what: if session.verified_at.is_some() { "by passkey".to_owned() } else { "by code".to_owned() },
            when: format!("last used {}", format::date_and_time(session.seen_at)),
            lives: true,
        };
        Self {
            layout: console("People", member).with_modules(&["js/organiser/people.js"]),
            told,
            people: people.iter().map(person).collect(),
            keys: keys.iter().map(key).collect(),
            sessions: sessions.iter().map(session).collect(),
            roles: Role::ALL
                .into_iter()
                .filter(|role| access::may_give(member, *role, &[]).is_ok())
                .map(Role::as_str)
                .collect(),
            duties: DutyBox::all(member, &[]),
            proves: passkeys.iter().any(|passkey| passkey.person == member.key),
        }
    }

    /// A sample for an owner: the owner, another member, and a former member.
    pub fn sample() -> Self {
        Self::new((&sample_people(), &[]), (&[], &[]), &sample::organiser(), None)
    }
}

fn sample_people() -> [Person; 3] {
    let owner = sample::organiser();
    let person = Person::new(owner.key, &owner.name, owner.role, &owner.duties, sample::morning());
    let other = |bits, name| Person::new(KeyId::from_bits([bits; 10]), name, Role::Moderator, &[], sample::morning());
    [person, other(8, "Sample moderator"), other(9, "Sample helper").left(sample::morning())]
}

/// `GET /organiser/people`
pub async fn show(
    State(app): State<App>,
    SignedInPerson(member): SignedInPerson,
    Query(ProblemQuery { problem }): Query<ProblemQuery>,
) -> Result<Response, Problem> {
    let (people, keys) = (app.members.people().await?, app.members.keys().await?);
    let (sessions, passkeys) = (app.members.sessions(app.clock.now()).await?, app.members.passkeys().await?);
    let told = FlashMessage::new(problem.as_deref());
    let page = PeoplePage::new((&people, &keys), (&sessions, &passkeys), &member, told);
    app.page(&page).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_do_more_and_who_left_cannot_be_changed() {
        let owner = sample::organiser();
        let can = |member: &Member| {
            let page = PeoplePage::new((&sample_people(), &[]), (&[], &[]), member, None);
            page.people.iter().map(|person| person.change.is_some()).collect::<Vec<_>>()
        };
        assert_eq!(can(&owner), [true, true, false]);
        assert_eq!(can(&Member { role: Role::Organiser, ..owner }), [false, true, false]);
    }

    #[test]
    fn a_duty_is_locked_for_those_who_cannot_give_it() {
        let locked = |member: &Member, held: &[Duty]| DutyBox::all(member, held).iter().any(DutyBox::locked);
        let owner = Member { duties: Vec::new(), ..sample::organiser() };
        let organiser = Member { role: Role::Organiser, ..owner.clone() };
        assert!(!locked(&owner, &[]), "the first owner takes it");
        assert!(locked(&organiser, &[]));
        assert!(!locked(&organiser, &[Duty::Safeguarding]), "it can be taken away");
    }
}
